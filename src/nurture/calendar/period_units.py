"""What periods of the calendar are made of, and which days that is. Pure; imports only `nurture.errors`.

Days are counted here by their proleptic ordinals, so that a stretch may reach past either end of the calendar;
`clamped` brings it back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from nurture.calendar.business import BusinessCalendar

LAST_ORDINAL: Final = date.max.toordinal()
MAX_BUSINESS_DAYS: Final = 1_000
"""So many business days a period may count: they are counted day by day, each time it is read."""


class PeriodUnit(StrEnum):
    """What a period is made of."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    LAST_DAYS = "last_days"
    NEXT_DAYS = "next_days"
    LAST_BUSINESS_DAYS = "last_business_days"
    NEXT_BUSINESS_DAYS = "next_business_days"
    DATE = "date"


@frozen
class _Kind:
    """What is to be known about a unit: the parts it needs, its mirror, and the most days that it may hold."""

    parts: tuple[str, ...]
    mirror: PeriodUnit
    longest: int = 0
    months: int = 0  # of those that are whole months


_KINDS: Final[Mapping[PeriodUnit, _Kind]] = MappingProxyType(
    {
        PeriodUnit.DAY: _Kind(("offset",), PeriodUnit.DAY, 1),
        PeriodUnit.WEEK: _Kind(("offset", "starts"), PeriodUnit.WEEK, 7),
        PeriodUnit.MONTH: _Kind(("offset",), PeriodUnit.MONTH, 31, months=1),
        PeriodUnit.QUARTER: _Kind(("offset", "starts"), PeriodUnit.QUARTER, 92, months=3),
        PeriodUnit.YEAR: _Kind(("offset", "starts"), PeriodUnit.YEAR, 366, months=12),
        PeriodUnit.LAST_DAYS: _Kind(("n",), PeriodUnit.NEXT_DAYS),
        PeriodUnit.NEXT_DAYS: _Kind(("n",), PeriodUnit.LAST_DAYS),
        PeriodUnit.LAST_BUSINESS_DAYS: _Kind(("n",), PeriodUnit.NEXT_BUSINESS_DAYS),
        PeriodUnit.NEXT_BUSINESS_DAYS: _Kind(("n",), PeriodUnit.LAST_BUSINESS_DAYS),
        PeriodUnit.DATE: _Kind(("day",), PeriodUnit.DATE, 1),
    }
)


def parts_of(unit: PeriodUnit) -> tuple[str, ...]:
    """The attributes of a period that a unit needs, beside the zone; the others are left alone."""
    return _KINDS[unit].parts


def mirror_of(unit: PeriodUnit) -> PeriodUnit:
    """The unit that looks the other way: what is last for one day is next for the other."""
    return _KINDS[unit].mirror


def is_business(unit: PeriodUnit) -> bool:
    """Whether it counts open days."""
    return unit in (PeriodUnit.LAST_BUSINESS_DAYS, PeriodUnit.NEXT_BUSINESS_DAYS)


def longest(unit: PeriodUnit) -> int:
    """The most days that one day, week, month, quarter or year can hold."""
    return _KINDS[unit].longest


def calendar_unit(unit: PeriodUnit, day: date, offset: int, starts: int) -> tuple[int, int]:
    """The day, week, month, quarter or year so many after the one that holds a day, as ordinals, half-open.

    Args:
        unit: One of these five.
        day: A local day.
        offset: How many later; negative ones are earlier.
        starts: The weekday, 0 to 6, or the month, 1 to 12, in which the unit begins.
    """
    if unit is PeriodUnit.DAY:
        first = day.toordinal() + offset
        return first, first + 1
    if unit is PeriodUnit.WEEK:
        first = day.toordinal() - (day.weekday() - starts) % 7 + 7 * offset
        return first, first + 7
    size, months = _KINDS[unit].months, day.year * 12 + day.month - 1
    begins = months - (months - starts + 1) % size + size * offset
    return _first_of(begins), _first_of(begins + size)


def rolling(unit: PeriodUnit, day: date, n: int, calendar: BusinessCalendar) -> tuple[int, int]:
    """The last or next n days or business days, as ordinals, half-open; the day itself lies inside.

    Args:
        unit: One of these four.
        day: A local day.
        n: How many.
        calendar: Which days are open.
    """
    here = day.toordinal()
    if unit is PeriodUnit.LAST_DAYS:
        return here - n + 1, here + 1
    if unit is PeriodUnit.NEXT_DAYS:
        return here, here + n
    if unit is PeriodUnit.LAST_BUSINESS_DAYS:
        return _open_day(day, -n, calendar), here + 1
    return here, _open_day(day, n, calendar) + 1


def clamped(first: int, end: int) -> tuple[date, date]:
    """The days of two ordinals; one past an end of the calendar becomes that end."""
    return date.fromordinal(min(max(first, 1), LAST_ORDINAL)), date.fromordinal(min(max(end, 1), LAST_ORDINAL))


def longest_search(n: int, calendar: BusinessCalendar) -> int:
    """A number of days such that any so many days in a row hold n open ones, whatever the day."""
    weekdays = 7 - len(calendar.weekend)
    closed = sorted(day.toordinal() for day in calendar.closed if day.weekday() not in calendar.weekend)
    closures = 0
    while True:  # more closures make it longer, and a longer one may hold more closures: until that comes to rest
        length = 7 * -(-(n + closures) // weekdays)
        found = max((bisect_left(closed, day + length) - nth for nth, day in enumerate(closed)), default=0)
        if found <= closures:
            return length
        closures = found


def _first_of(months: int) -> int:
    """The ordinal of the first day of a month; months are counted from the beginning of year 0."""
    year, month = divmod(months, 12)
    if year < 1:
        return 0
    return date(year, month + 1, 1).toordinal() if year <= 9999 else LAST_ORDINAL


def _open_day(day: date, n: int, calendar: BusinessCalendar) -> int:
    try:
        return calendar.add_days(day, n).toordinal()
    except OverflowError:
        return 0 if n < 0 else LAST_ORDINAL
