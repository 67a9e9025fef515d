"""Business days against real Japanese dates; the public holidays are data of the test."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest

from nurture.calendar import MONDAY_TO_FRIDAY, BusinessCalendar, Window, each_day, public_holidays
from nurture.errors import DefinitionError

PUBLIC_HOLIDAYS = [
    date.fromisoformat(day)
    for day in """
    2026-01-01 2026-01-12 2026-02-11 2026-02-23 2026-03-20 2026-04-29 2026-05-03 2026-05-04 2026-05-05 2026-05-06
    2026-07-20 2026-08-11 2026-09-21 2026-09-22 2026-09-23 2026-10-12 2026-11-03 2026-11-23 2027-01-01 2027-01-11
    """.split()
]
YEAR_END = [date(2026, 12, day) for day in (29, 30, 31)] + [date(2027, 1, day) for day in (1, 2, 3)]
PUBLIC = BusinessCalendar("public holidays", closed=PUBLIC_HOLIDAYS)
COMPANY = BusinessCalendar("company", closed=[*PUBLIC_HOLIDAYS, *YEAR_END], open=[date(2026, 9, 26)])


@pytest.mark.parametrize(
    ("calendar", "day", "n", "expected"),
    [
        (COMPANY, "2026-12-24", 3, "2027-01-04"),
        (PUBLIC, "2026-12-24", 3, "2026-12-29"),  # public holidays are not closures
        (PUBLIC, "2026-09-18", 1, "2026-09-24"),  # three holidays behind a weekend
        (PUBLIC, "2026-09-24", -1, "2026-09-18"),
        (COMPANY, "2026-09-25", 1, "2026-09-26"),  # a working Saturday
        (PUBLIC, "2026-09-25", 1, "2026-09-28"),
        (PUBLIC, "2026-09-19", 0, "2026-09-24"),  # on or after
        (PUBLIC, "2026-09-18", 0, "2026-09-18"),
        (PUBLIC, "2026-09-19", 1, "2026-09-24"),  # from a free day the next open day is one day away
        (MONDAY_TO_FRIDAY, "2026-11-20", 1, "2026-11-23"),
    ],
)
def test_business_days(calendar: BusinessCalendar, day: str, n: int, expected: str) -> None:
    assert calendar.add_days(date.fromisoformat(day), n) == date.fromisoformat(expected)


def test_a_weekend_may_lie_elsewhere() -> None:
    gulf = BusinessCalendar("gulf", weekend=frozenset({4, 5}))
    assert gulf.is_open(date(2026, 11, 22))  # a Sunday
    assert not gulf.is_open(date(2026, 11, 20))


def test_an_endless_calendar_is_refused_when_built() -> None:
    with pytest.raises(DefinitionError, match="at least one weekday"):
        BusinessCalendar("never", weekend=frozenset(range(7)))
    with pytest.raises(DefinitionError, match="at least one weekday"):  # the search could run past the last open day
        BusinessCalendar("once", weekend=frozenset(range(7)), open=[date(2026, 1, 1)])


def test_all_problems_are_told_at_once() -> None:
    day = date(2026, 1, 1)
    with pytest.raises(DefinitionError) as caught:
        BusinessCalendar("", weekend=frozenset({7}), closed=[day], open=[day])
    assert len(caught.value.problems) == 3


def test_a_datetime_is_no_day() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with pytest.raises(DefinitionError, match="not datetimes"):
        BusinessCalendar("x", closed=[noon])
    with pytest.raises(TypeError, match="found a datetime"):
        PUBLIC.is_open(noon)
    with pytest.raises(TypeError, match="found a datetime"):
        PUBLIC.add_days(noon, 0)


def test_the_companys_own_days_lie_over_the_public_ones() -> None:
    office = (
        BusinessCalendar("office", hours=[Window(time(10), time(19))])
        .with_closures(public_holidays("JP", [2026, 2027]))
        .with_closures(each_day(date(2026, 12, 29), date(2027, 1, 3)))
        .with_open_days([date(2026, 11, 23), date(2026, 12, 30), date(2026, 9, 26)])
    )
    assert office.hours == (Window(time(10), time(19)),)
    assert office.is_open(date(2026, 11, 23))  # a holiday on which they work
    assert office.is_open(date(2026, 9, 26))  # a working Saturday
    assert office.add_days(date(2026, 12, 24), 3) == date(2026, 12, 30)
    assert office.add_days(date(2026, 12, 30), 1) == date(2027, 1, 4)
    assert not office.with_closures([date(2026, 9, 26)]).is_open(date(2026, 9, 26))  # the later word counts


@pytest.mark.parametrize("lay", [BusinessCalendar.with_closures, BusinessCalendar.with_open_days])
def test_what_is_laid_over_is_checked_too(lay: Callable[[BusinessCalendar, list[date]], BusinessCalendar]) -> None:
    with pytest.raises(DefinitionError, match="expected dates in closed and open"):
        lay(COMPANY, [datetime(2026, 1, 1, tzinfo=UTC)])
    assert lay(COMPANY, []) == COMPANY


def test_each_day_from_one_to_another() -> None:
    assert each_day(date(2026, 2, 28), date(2026, 3, 1)) == (date(2026, 2, 28), date(2026, 3, 1))
    assert each_day(date(2026, 2, 28), date(2026, 2, 28)) == (date(2026, 2, 28),)


@pytest.mark.parametrize("last", [date(2026, 2, 27), date(2226, 2, 28)])
def test_days_that_are_none_or_too_many(last: date) -> None:
    with pytest.raises(DefinitionError, match=r"^each_day\.last:"):
        each_day(date(2026, 2, 28), last)
