"""Each name makes the period that it says."""

from collections.abc import Callable
from datetime import date

import pytest

from nurture import calendar
from nurture.calendar import MONDAY_TO_FRIDAY, Period, PeriodUnit, last_week, named_periods, next_week, this_week
from nurture.errors import DefinitionError, UnknownNameError

TODAY = date(2026, 11, 18)  # a Wednesday


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        (calendar.today(), "2026-11-18", "2026-11-19"),
        (calendar.yesterday(), "2026-11-17", "2026-11-18"),
        (calendar.tomorrow(), "2026-11-19", "2026-11-20"),
        (this_week(), "2026-11-16", "2026-11-23"),
        (last_week(), "2026-11-09", "2026-11-16"),
        (next_week(), "2026-11-23", "2026-11-30"),
        (this_week("sunday"), "2026-11-15", "2026-11-22"),
        (last_week(6), "2026-11-08", "2026-11-15"),
        (next_week("thursday"), "2026-11-19", "2026-11-26"),
        (calendar.this_month(), "2026-11-01", "2026-12-01"),
        (calendar.last_month(), "2026-10-01", "2026-11-01"),
        (calendar.next_month(), "2026-12-01", "2027-01-01"),
        (calendar.this_quarter(), "2026-10-01", "2027-01-01"),
        (calendar.last_quarter(), "2026-07-01", "2026-10-01"),
        (calendar.next_quarter(), "2027-01-01", "2027-04-01"),
        (calendar.this_quarter(2), "2026-11-01", "2027-02-01"),
        (calendar.this_year(), "2026-01-01", "2027-01-01"),
        (calendar.last_year(), "2025-01-01", "2026-01-01"),
        (calendar.next_year(), "2027-01-01", "2028-01-01"),
        (calendar.this_fiscal_year(), "2026-04-01", "2027-04-01"),
        (calendar.last_fiscal_year(), "2025-04-01", "2026-04-01"),
        (calendar.next_fiscal_year(10), "2027-10-01", "2028-10-01"),
        (calendar.on_day(date(2026, 12, 24)), "2026-12-24", "2026-12-25"),
        (calendar.last_days(7), "2026-11-12", "2026-11-19"),
        (calendar.next_days(7), "2026-11-18", "2026-11-25"),
        (calendar.last_business_days(3), "2026-11-13", "2026-11-19"),
        (calendar.next_business_days(3), "2026-11-18", "2026-11-24"),
    ],
)
def test_a_name_says_which_days(period: Period, first: str, end: str) -> None:
    assert period.days(TODAY, MONDAY_TO_FRIDAY) == (date.fromisoformat(first), date.fromisoformat(end))


ARGUMENTS: dict[str, tuple[object, ...]] = {
    "on_day": (TODAY,),
    "last_days": (3,),
    "next_days": (3,),
    "last_business_days": (3,),
    "next_business_days": (3,),
}
NAMES = sorted(
    name for name in calendar.__all__ if getattr(getattr(calendar, name), "__module__", "") == named_periods.__name__
)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_takes_a_zone(name: str) -> None:
    build: Callable[..., Period] = getattr(calendar, name)
    assert build(*ARGUMENTS.get(name, ())).zone is None
    assert build(*ARGUMENTS.get(name, ()), zone="account").zone == "account"


def test_there_are_names_for_every_unit() -> None:
    built = {getattr(calendar, name)(*ARGUMENTS.get(name, ())).unit for name in NAMES}
    assert built == set(PeriodUnit)


def test_an_unknown_weekday_names_near_misses() -> None:
    with pytest.raises(UnknownNameError, match=r"period.starts: unknown weekday 'Sunday'; did you mean 'sunday'"):
        this_week("Sunday")
    with pytest.raises(DefinitionError, match=r"period.starts: expected a weekday"):
        next_week(7)
