"""What is known about each unit, and how far a search for open days can lead."""

from datetime import date, timedelta

import pytest

from nurture.calendar import MONDAY_TO_FRIDAY, BusinessCalendar, PeriodUnit
from nurture.calendar.period_units import LAST_ORDINAL, clamped, longest_search, mirror_of, parts_of

DAY = timedelta(days=1)
GOLDEN_WEEK = [date(2026, 5, day) for day in range(1, 11)]


def test_every_unit_is_known_and_mirrors_are_mutual() -> None:
    for unit in PeriodUnit:
        assert parts_of(unit)
        assert mirror_of(mirror_of(unit)) is unit
        assert parts_of(mirror_of(unit)) == parts_of(unit)


def test_ordinals_past_the_calendar_become_its_ends() -> None:
    assert clamped(-5, 0) == (date.min, date.min)
    assert clamped(1, LAST_ORDINAL + 9) == (date.min, date.max)


@pytest.mark.parametrize(
    ("n", "calendar", "days"),
    [
        (5, MONDAY_TO_FRIDAY, 7),
        (6, MONDAY_TO_FRIDAY, 14),
        (1, BusinessCalendar("every day", weekend=frozenset()), 7),
        # Ten closed days, of which six are no weekend: 1 + 6 open days are needed, hence two weeks.
        (1, BusinessCalendar("long", closed=GOLDEN_WEEK), 14),
        # Closures years apart never meet: the three of one year count, not the thirty.
        (5, BusinessCalendar("old", closed=[date(y, 3, d) for y in range(2000, 2010) for d in (2, 3, 4)]), 14),
    ],
)
def test_a_search_for_open_days_is_bounded(n: int, calendar: BusinessCalendar, days: int) -> None:
    assert longest_search(n, calendar) == days
    start = date(2000, 1, 1)
    for step in range(0, 365 * 27):
        today = start + step * DAY
        assert today - calendar.add_days(today, -n) <= days * DAY
