"""Periods by name: `today()`, `last_week()`, `next_business_days(5)`. Pure; imports only `nurture.errors`.

Nothing here knows which day it is: each name makes a `Period`, which is told the day when it is read.
Everywhere, `zone` says whose days are meant: None for those of whom the question is about, `lead`, `account`, or
the name of a time zone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nurture.calendar.period_units import PeriodUnit
from nurture.calendar.periods import Period
from nurture.errors import UnknownNameError

if TYPE_CHECKING:
    from datetime import date

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The weekdays on which a week may begin, by name, in order of their numbers."""


def today(*, zone: str | None = None) -> Period:
    """The present day."""
    return Period(unit=PeriodUnit.DAY, zone=zone)


def yesterday(*, zone: str | None = None) -> Period:
    """The day before today."""
    return Period(unit=PeriodUnit.DAY, offset=-1, zone=zone)


def tomorrow(*, zone: str | None = None) -> Period:
    """The day after today."""
    return Period(unit=PeriodUnit.DAY, offset=1, zone=zone)


def this_week(starts: int | str = "monday", *, zone: str | None = None) -> Period:
    """The week that holds today.

    Args:
        starts: The weekday on which weeks begin: a name such as `sunday`, or 0 for Monday to 6 for Sunday.
        zone: Whose days.

    Raises:
        UnknownNameError: No weekday has that name.
        DefinitionError: No weekday has that number, or the zone is unknown.

    Example:
        >>> from datetime import date
        >>> from nurture.calendar import MONDAY_TO_FRIDAY
        >>> this_week("sunday").days(date(2026, 11, 21), MONDAY_TO_FRIDAY)  # a Saturday
        (datetime.date(2026, 11, 15), datetime.date(2026, 11, 22))
    """
    return _week(0, starts, zone)


def last_week(starts: int | str = "monday", *, zone: str | None = None) -> Period:
    """The week before this one; `this_week` tells the arguments."""
    return _week(-1, starts, zone)


def next_week(starts: int | str = "monday", *, zone: str | None = None) -> Period:
    """The week after this one; `this_week` tells the arguments."""
    return _week(1, starts, zone)


def this_month(*, zone: str | None = None) -> Period:
    """The calendar month that holds today."""
    return Period(unit=PeriodUnit.MONTH, zone=zone)


def last_month(*, zone: str | None = None) -> Period:
    """The calendar month before this one."""
    return Period(unit=PeriodUnit.MONTH, offset=-1, zone=zone)


def next_month(*, zone: str | None = None) -> Period:
    """The calendar month after this one."""
    return Period(unit=PeriodUnit.MONTH, offset=1, zone=zone)


def this_quarter(starts: int = 1, *, zone: str | None = None) -> Period:
    """The three months that hold today, counted from the beginning of the year.

    Args:
        starts: The month in which the year begins, 1 to 12: 4 where fiscal years begin in April.
        zone: Whose days.

    Raises:
        DefinitionError: The month or the zone is unknown.
    """
    return Period(unit=PeriodUnit.QUARTER, starts=starts, zone=zone)


def last_quarter(starts: int = 1, *, zone: str | None = None) -> Period:
    """The quarter before this one; `this_quarter` tells the arguments."""
    return Period(unit=PeriodUnit.QUARTER, offset=-1, starts=starts, zone=zone)


def next_quarter(starts: int = 1, *, zone: str | None = None) -> Period:
    """The quarter after this one; `this_quarter` tells the arguments."""
    return Period(unit=PeriodUnit.QUARTER, offset=1, starts=starts, zone=zone)


def this_year(*, zone: str | None = None) -> Period:
    """The calendar year that holds today."""
    return this_fiscal_year(1, zone=zone)


def last_year(*, zone: str | None = None) -> Period:
    """The calendar year before this one."""
    return last_fiscal_year(1, zone=zone)


def next_year(*, zone: str | None = None) -> Period:
    """The calendar year after this one."""
    return next_fiscal_year(1, zone=zone)


def this_fiscal_year(starts: int = 4, *, zone: str | None = None) -> Period:
    """The fiscal year that holds today.

    Args:
        starts: The month in which fiscal years begin, 1 to 12; with 1 it is the calendar year.
        zone: Whose days.

    Raises:
        DefinitionError: The month or the zone is unknown.

    Example:
        >>> from datetime import date
        >>> from nurture.calendar import MONDAY_TO_FRIDAY
        >>> this_fiscal_year().days(date(2027, 3, 31), MONDAY_TO_FRIDAY)
        (datetime.date(2026, 4, 1), datetime.date(2027, 4, 1))
    """
    return Period(unit=PeriodUnit.YEAR, starts=starts, zone=zone)


def last_fiscal_year(starts: int = 4, *, zone: str | None = None) -> Period:
    """The fiscal year before this one; `this_fiscal_year` tells the arguments."""
    return Period(unit=PeriodUnit.YEAR, offset=-1, starts=starts, zone=zone)


def next_fiscal_year(starts: int = 4, *, zone: str | None = None) -> Period:
    """The fiscal year after this one; `this_fiscal_year` tells the arguments."""
    return Period(unit=PeriodUnit.YEAR, offset=1, starts=starts, zone=zone)


def on_day(day: date, *, zone: str | None = None) -> Period:
    """One given day.

    Raises:
        DefinitionError: It is a datetime or the last day of the calendar, or the zone is unknown.
    """
    return Period(unit=PeriodUnit.DATE, day=day, zone=zone)


def last_days(n: int, *, zone: str | None = None) -> Period:
    """The n days of the calendar that end with today; today is one of them.

    Raises:
        DefinitionError: The number is not 1 to 36,525, or the zone is unknown.
    """
    return Period(unit=PeriodUnit.LAST_DAYS, n=n, zone=zone)


def next_days(n: int, *, zone: str | None = None) -> Period:
    """The n days of the calendar that begin with today; today is one of them.

    Raises:
        DefinitionError: The number is not 1 to 36,525, or the zone is unknown.
    """
    return Period(unit=PeriodUnit.NEXT_DAYS, n=n, zone=zone)


def last_business_days(n: int, *, zone: str | None = None) -> Period:
    """All days from the n-th open day before today through today.

    Today lies inside, open or not, and is not counted. So do the closed days in between: what somebody did on
    Sunday is within the last business day on Monday.

    Raises:
        DefinitionError: The number is not 1 to 1,000, or the zone is unknown.

    Example:
        >>> from datetime import date
        >>> from nurture.calendar import MONDAY_TO_FRIDAY
        >>> last_business_days(1).days(date(2026, 11, 23), MONDAY_TO_FRIDAY)  # a Monday: from Friday
        (datetime.date(2026, 11, 20), datetime.date(2026, 11, 24))
    """
    return Period(unit=PeriodUnit.LAST_BUSINESS_DAYS, n=n, zone=zone)


def next_business_days(n: int, *, zone: str | None = None) -> Period:
    """All days from today through the n-th open day after today.

    Today lies inside, open or not, and is not counted. So do the closed days in between.

    Raises:
        DefinitionError: The number is not 1 to 1,000, or the zone is unknown.

    Example:
        >>> from datetime import date
        >>> from nurture.calendar import MONDAY_TO_FRIDAY
        >>> next_business_days(1).days(date(2026, 11, 20), MONDAY_TO_FRIDAY)  # a Friday: through Monday
        (datetime.date(2026, 11, 20), datetime.date(2026, 11, 24))
    """
    return Period(unit=PeriodUnit.NEXT_BUSINESS_DAYS, n=n, zone=zone)


def _week(offset: int, starts: int | str, zone: str | None) -> Period:
    if isinstance(starts, str):
        if starts not in WEEKDAYS:
            raise UnknownNameError("weekday", starts, WEEKDAYS, where="period.starts")
        starts = WEEKDAYS.index(starts)
    return Period(unit=PeriodUnit.WEEK, offset=offset, starts=starts, zone=zone)
