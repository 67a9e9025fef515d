"""When days begin, on days on which a zone did something odd around midnight."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import day_of, start_of_day, zone
from nurture.errors import InvalidFactError

MICROSECOND = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("name", "day", "start"),
    [
        ("Asia/Tokyo", "2026-11-21", "2026-11-20T15:00Z"),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00Z"),  # the clocks change later that day
        ("America/New_York", "2026-03-09", "2026-03-09T04:00Z"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z"),  # 00:00 to 01:00 is skipped: it begins at 01:00
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30Z"),  # 23:30 to 00:30 is skipped: it begins at 00:30
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00Z"),  # 23:00 to 24:00 of the day before comes twice
        ("America/Havana", "2025-11-02", "2025-11-02T04:00Z"),  # 00:00 to 01:00 comes twice: the first
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30Z"),  # at 00:01 back to 23:01: the first midnight
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z"),  # a day that never was
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z"),
        ("Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00Z"),  # neither was this one
        ("Pacific/Kwajalein", "1993-08-22", "1993-08-21T12:00Z"),
        ("Africa/Casablanca", "2026-02-15", "2026-02-14T23:00Z"),  # Ramadan: an hour back at 03:00
        ("Africa/Casablanca", "2026-02-16", "2026-02-16T00:00Z"),
    ],
)
def test_a_day_begins_at_its_first_instant(name: str, day: str, start: str) -> None:
    found = start_of_day(date.fromisoformat(day), zone(name))
    assert found == at(start)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "instant", "day"),
    [
        ("Asia/Tokyo", "2026-11-21T14:59:59.999999Z", "2026-11-21"),
        ("Asia/Tokyo", "2026-11-21T15:00Z", "2026-11-22"),
        ("Asia/Tokyo", "2026-11-21T23:00+09:00", "2026-11-21"),
        ("Pacific/Apia", "2011-12-30T09:59:59.999999Z", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00Z", "2011-12-31"),
        ("America/St_Johns", "2010-11-07T02:30Z", "2010-11-07"),
        ("America/St_Johns", "2010-11-07T02:31Z", "2010-11-07"),  # the wall shows 23:01 of the 6th, which has ended
        ("America/St_Johns", "2010-11-07T03:31Z", "2010-11-07"),
        (
            "America/Juneau",
            "1867-10-19T20:00Z",
            "1867-10-19",
        ),  # from Russia to America: the 18th once more, to the wall
    ],
)
def test_an_instant_lies_in_the_day_that_has_begun(name: str, instant: str, day: str) -> None:
    assert day_of(at(instant), zone(name)) == date.fromisoformat(day)


@pytest.mark.parametrize("name", ["Asia/Tokyo", "America/New_York", "UTC", "Pacific/Kiritimati"])
def test_the_ends_of_the_calendar_belong_to_the_first_and_the_last_day(name: str) -> None:
    place, first, last = zone(name), datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert start_of_day(date.min, place) == first
    assert day_of(first, place) == date.min
    second = start_of_day(date(1, 1, 2), place)
    assert (day_of(second - MICROSECOND, place), day_of(second, place)) == (date.min, date(1, 1, 2))
    assert start_of_day(date.max, place) <= last
    assert day_of(last, place) == date.max
    assert day_of(start_of_day(date.max, place) - MICROSECOND, place) == date(9999, 12, 30)


def test_a_naive_instant_lies_nowhere() -> None:
    with pytest.raises(InvalidFactError, match=r"^instant: expected a datetime with a time zone"):
        day_of(at("2026-11-21T10:00"), zone("UTC"))
