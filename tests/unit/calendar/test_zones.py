"""Zones by name, and the gap and fold policy on known changes of the clocks."""

from datetime import UTC, datetime

import pytest

from nurture.calendar import localize, to_local, tz_version, zone, zone_names
from nurture.errors import InvalidFactError, UnknownNameError


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_zone_is_read_once() -> None:
    assert zone("Asia/Tokyo") is zone("Asia/Tokyo")


@pytest.mark.parametrize("name", ["Asia/Tokio", "asia/tokyo"])
def test_an_unknown_zone_names_near_misses(name: str) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Asia/Tokyo'"):
        zone(name)


@pytest.mark.parametrize(
    "name", ["", "America", "../etc/passwd", "/etc/localtime", "localtime", "right/UTC", "a\0b", "\ud800"]
)
def test_what_is_no_place_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError):
        zone(name)


def test_the_names_are_those_of_the_database() -> None:
    assert {"Asia/Tokyo", "UTC", "America/Argentina/Buenos_Aires"} <= zone_names()


def test_the_version_is_one_of_the_iana_database() -> None:
    year, letter = int(tz_version()[:4]), tz_version()[4:]
    assert year >= 2024
    assert letter.isalpha()


@pytest.mark.parametrize(
    ("name", "local", "instant"),
    [
        ("Asia/Tokyo", "2026-11-21T10:00", "2026-11-21T01:00Z"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30Z"),  # gap: 03:30 daylight time
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z"),  # fold: the first, in daylight time
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45Z"),  # a gap of half an hour: 02:45
        ("America/Nuuk", "2026-03-28T23:30", "2026-03-29T01:30Z"),  # a gap that ends at midnight: 00:30 the next day
        ("Pacific/Apia", "2011-12-30T10:00", "2011-12-30T20:00Z"),  # a day that never was: 10:00 on the 31st
        ("Europe/Dublin", "2026-10-25T01:30", "2026-10-25T00:30Z"),  # winter time is "daylight saving" there
    ],
)
def test_gaps_move_forward_and_folds_take_the_first(name: str, local: str, instant: str) -> None:
    assert localize(at(local), zone(name)) == at(instant)
    assert localize(at(local), zone(name)).tzinfo is UTC


def test_a_fold_bit_does_not_choose_the_second() -> None:
    local = at("2026-11-01T01:30")
    assert localize(local.replace(fold=1), zone("America/New_York")) == localize(local, zone("America/New_York"))


def test_localize_refuses_what_has_a_zone() -> None:
    with pytest.raises(InvalidFactError, match=r"^local:"):
        localize(at("2026-01-01T00:00Z"), zone("UTC"))


def test_to_local_refuses_what_has_none() -> None:
    with pytest.raises(InvalidFactError, match=r"^instant:"):
        to_local(at("2026-01-01T00:00"), zone("UTC"))


def test_the_ends_of_the_calendar_are_typed_errors() -> None:
    with pytest.raises(InvalidFactError, match="years 1 to 9999"):
        localize(at("0001-01-01T00:00"), zone("Asia/Tokyo"))
    with pytest.raises(InvalidFactError, match="years 1 to 9999"):
        to_local(at("9999-12-31T23:00Z"), zone("Asia/Tokyo"))
