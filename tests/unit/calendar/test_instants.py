"""Dates and instants become instants, and offsets lead from them either way."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from nurture.calendar import (
    MONDAY_TO_FRIDAY,
    BusinessCalendar,
    Duration,
    civil,
    days,
    instant_of,
    offset_from,
    to_local,
    zone,
)
from nurture.errors import InvalidFactError

TOKYO, NEW_YORK, SAO_PAULO = zone("Asia/Tokyo"), zone("America/New_York"), zone("America/Sao_Paulo")
SKIPPED = date(2018, 11, 4)
"""The day whose first hour São Paulo skipped."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("value", "clock", "expected"),
    [
        (date(2026, 4, 1), None, "2026-04-01T00:00+09:00"),
        (date(2026, 4, 1), time(10), "2026-04-01T10:00+09:00"),
        (at("2026-04-01T12:34"), None, "2026-04-01T12:34+09:00"),  # what the wall clock shows
        (at("2026-04-01T12:34"), time(10), "2026-04-01T10:00+09:00"),
        (at("2026-03-31T16:00Z"), None, "2026-04-01T01:00+09:00"),
        (at("2026-03-31T16:00Z"), time(10), "2026-04-01T10:00+09:00"),  # 1 April in Tokyo already
    ],
)
def test_a_value_stands_for_an_instant(value: date, clock: time | None, expected: str) -> None:
    found = instant_of(value, TOKYO, clock)
    assert found == at(expected)
    assert found.tzinfo is UTC


def test_a_day_without_midnight_begins_with_its_first_instant() -> None:
    assert to_local(instant_of(SKIPPED, SAO_PAULO), SAO_PAULO).isoformat() == "2018-11-04T01:00:00-02:00"
    assert instant_of(SKIPPED, SAO_PAULO, time(0, 30)) == at("2018-11-04T03:30Z")  # forward by the gap


@pytest.mark.parametrize(
    ("value", "found"),
    [(None, "nothing"), ("2026-04-01", "str"), (20260401, "int"), (True, "bool"), (time(10), "time"), ((), "tuple")],
)
def test_what_is_no_date_is_refused_by_its_name(value: object, found: str) -> None:
    with pytest.raises(InvalidFactError, match=rf"^lead\.renewal: expected a date or an instant, found {found}$"):
        instant_of(value, TOKYO, field="lead.renewal")


@pytest.mark.parametrize(
    ("value", "offset", "expected"),
    [
        (date(2026, 11, 24), civil(business_days=-3, at="10:00"), "2026-11-19T10:00+09:00"),
        (date(2026, 11, 24), civil(days=-1, at="10:00"), "2026-11-23T10:00+09:00"),
        (date(2026, 11, 24), civil(at="10:00"), "2026-11-24T10:00+09:00"),
        (date(2026, 11, 24), civil(weekday=1, at="10:00"), "2026-11-24T10:00+09:00"),  # a Tuesday, so that day
        (date(2026, 11, 24), civil(months=-1), "2026-10-24T00:00+09:00"),
        (date(2026, 11, 24), civil(day_of_month=31, roll="back", at="17:00"), "2026-11-30T17:00+09:00"),
        (date(2026, 11, 24), civil(business_hours=-4), "2026-11-23T14:00+09:00"),
        (date(2026, 11, 24), days(-2), "2026-11-22T00:00+09:00"),
        (at("2026-11-24T15:00+09:00"), civil(days=-1), "2026-11-23T15:00+09:00"),
        (at("2026-11-24T15:00+09:00"), civil(days=-1, at="10:00"), "2026-11-23T10:00+09:00"),
        (at("2026-11-24T15:00+09:00"), civil(business_hours=4), "2026-11-25T10:00+09:00"),
        (at("2026-11-24T15:00"), days(1), "2026-11-25T15:00+09:00"),
    ],
)
def test_an_offset_leads_either_way(value: date, offset: Duration, expected: str) -> None:
    found = offset_from(value, offset, TOKYO, MONDAY_TO_FRIDAY)
    assert found == at(expected)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("offset", "shown"),
    [
        (civil(days=-1), "2018-11-03T00:00:00-03:00"),  # not 01:00, though the day itself began then
        (civil(days=1), "2018-11-05T00:00:00-02:00"),
        (civil(days=1, at="00:30"), "2018-11-05T00:30:00-02:00"),
        (civil(weekday=6), "2018-11-04T01:00:00-02:00"),  # the day itself
    ],
)
def test_a_change_of_clocks_at_midnight_moves_no_other_day(offset: Duration, shown: str) -> None:
    found = offset_from(SKIPPED, offset, SAO_PAULO, MONDAY_TO_FRIDAY)
    assert to_local(found, SAO_PAULO).isoformat() == shown


def test_a_whole_day_begins_with_its_first_instant_wherever_an_offset_leads() -> None:
    toronto = zone("America/Toronto")  # where the clocks went from 23:30 to 00:30
    found = offset_from(date(1919, 3, 30), civil(days=1), toronto, MONDAY_TO_FRIDAY)
    assert to_local(found, toronto).isoformat() == "1919-03-31T00:30:00-04:00"
    assert found == instant_of(date(1919, 3, 31), toronto)


def test_a_closure_counts() -> None:
    office = BusinessCalendar("office", closed=[date(2026, 11, 23)])
    found = offset_from(date(2026, 11, 24), civil(business_days=-3, at="10:00"), TOKYO, office)
    assert found == at("2026-11-18T10:00+09:00")


@pytest.mark.parametrize("offset", [timedelta.max, civil(years=100)])
def test_an_offset_past_the_calendar_is_a_typed_error(offset: Duration) -> None:
    with pytest.raises(InvalidFactError, match="years 1 to 9999"):
        offset_from(date(9999, 1, 1), offset, NEW_YORK, MONDAY_TO_FRIDAY)
