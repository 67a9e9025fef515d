"""Periods of the calendar, such as today, last week or this fiscal year. Pure; imports only `nurture.errors`.

A period is a stretch of whole local days that is named from today. It is read both ways: which days it holds
on a given day, and on which days it holds a given one. The second is what tells when an answer turns.

All ranges are half-open. The last day that Python knows, 31 December 9999, lies in no period and sees none: a
half-open range could not end behind it. Ranges that would reach past either end of the calendar stop there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from nurture.calendar.durations import LIMITS
from nurture.calendar.local_days import day_of, start_of_day
from nurture.calendar.period_units import (
    MAX_BUSINESS_DAYS,
    PeriodUnit,
    calendar_unit,
    clamped,
    is_business,
    longest,
    longest_search,
    mirror_of,
    parts_of,
    rolling,
)
from nurture.calendar.zones import zone_names
from nurture.errors import DefinitionError, unknown_name

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.calendar.business import BusinessCalendar

OWN_ZONES: Final = ("account", "lead")
"""What a period may name instead of a zone of the IANA database."""

_DAY: Final = timedelta(days=1)
_SLACK: Final = timedelta(days=3)  # the part of today that has gone, and days that changes of the clocks made longer


@frozen(kw_only=True)
class Period:
    """A stretch of whole local days, relative to today or fixed; made by `today()`, `last_week()` and their like.

    Attributes:
        unit: What it is made of. Each unit needs its own parts of what follows, and takes no others.
        offset: For days, weeks, months, quarters and years: 0 is the one that holds today, -1 the one before.
        starts: The weekday on which weeks begin, 0 for Monday to 6 for Sunday; or the month, 1 to 12, in which
            years begin, and from which quarters are counted.
        n: How many days. `LAST_DAYS` ends with today and `NEXT_DAYS` begins with it, and today counts.
            `LAST_BUSINESS_DAYS` begins with the n-th open day before today and ends with today, open or not;
            `NEXT_BUSINESS_DAYS` begins with today, open or not, and ends with the n-th open day after it.
            Closed days in between lie inside. Of business days there are at most 1,000.
        day: The day, for `DATE`; it must lie before 31 December 9999.
        zone: Whose days: None for the zone of whom the question is about, `lead`, `account`, or the name of a
            zone. It is only kept here: who asks hands in the zone.

    Raises:
        DefinitionError: A part is missing, too many, out of bounds or unknown; all problems at once.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY
        >>> last_week = Period(unit=PeriodUnit.WEEK, offset=-1, starts=0)
        >>> last_week.days(date(2026, 11, 21), MONDAY_TO_FRIDAY)
        (datetime.date(2026, 11, 9), datetime.date(2026, 11, 16))
    """

    unit: PeriodUnit
    offset: int = 0
    starts: int | None = None
    n: int | None = None
    day: date | None = None
    zone: str | None = None

    def __attrs_post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise DefinitionError(problems)

    @property
    def has_start_month(self) -> bool:
        """Whether it depends on the month in which years begin."""
        return self.unit in (PeriodUnit.QUARTER, PeriodUnit.YEAR)

    def starting(self, month: int) -> Period:
        """The same period, of years that begin in this month.

        Raises:
            DefinitionError: It has no years, or the month is none.
        """
        return evolve(self, starts=month)

    def days(self, today: date, calendar: BusinessCalendar) -> tuple[date, date]:
        """The first day inside, and the first day after it that is outside; equal when no day is inside.

        Raises:
            TypeError: Today is a datetime.
        """
        _refuse_datetime(today)
        if self.day is not None and today < date.max:
            return self.day, self.day + _DAY
        return self._stretch(self.unit, self.offset, today, calendar)

    def seen_from(self, day: date, calendar: BusinessCalendar) -> tuple[date, date] | None:
        """The days from which a day lies inside: the first, and the first after it from which it does not.

        It is the exact inverse of `days`, and always one range, because each stretch has a mirror: a day lies
        in last week for those who live in its next week, and in the last n business days for those who live on
        it, or after it through the n-th open day after it.

        Returns:
            None when it lies inside from nowhere.

        Raises:
            TypeError: The day is a datetime.
        """
        _refuse_datetime(day)
        if self.day is not None:
            return (date.min, date.max) if self.day == day else None
        first, end = self._stretch(mirror_of(self.unit), -self.offset, day, calendar)
        return (first, end) if first < end else None

    def bounds(self, now: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> tuple[datetime, datetime]:
        """The first instant inside, and the first one after it that is outside, in UTC; equal when none is inside.

        `start_of_day` says when days begin where the clocks change. A day that the zone skipped holds nothing.

        Args:
            now: The present.
            zone: Whose days they are.
            calendar: Which days are open.

        Raises:
            InvalidFactError: Now has no zone.
        """
        first, end = self.days(day_of(now, zone), calendar)
        return start_of_day(first, zone), start_of_day(end, zone)

    def open_for(
        self, instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar
    ) -> tuple[datetime, datetime] | None:
        """The present instants for which an instant lies inside; the exact inverse of `bounds`, half-open, in UTC.

        Returns:
            None when it lies inside at no time; also when it would on no day but one that the zone skipped.

        Raises:
            InvalidFactError: The instant has no zone.
        """
        seen = self.seen_from(day_of(instant, zone), calendar)
        if seen is None:
            return None
        opens, closes = start_of_day(seen[0], zone), start_of_day(seen[1], zone)
        return (opens, closes) if opens < closes else None

    @property
    def reach_back(self) -> timedelta | None:
        """How far before now it can begin, at most, in all zones; a few days generous.

        None when there is no bound: a fixed day may lie anywhere, and the last business days may lie behind a
        long closure, about which `reach_back_on` knows.
        """
        if self.unit in (PeriodUnit.DATE, PeriodUnit.LAST_BUSINESS_DAYS):
            return None
        if self.n is None:
            return _SLACK + max(0, 1 - self.offset) * longest(self.unit) * _DAY
        return _SLACK + self.n * _DAY if self.unit is PeriodUnit.LAST_DAYS else _SLACK

    def reach_back_on(self, calendar: BusinessCalendar) -> timedelta | None:
        """As `reach_back`, with a business calendar at hand: None for a fixed day only."""
        if self.n is not None and self.unit is PeriodUnit.LAST_BUSINESS_DAYS:
            return _SLACK + longest_search(self.n, calendar) * _DAY
        return self.reach_back

    def _stretch(self, unit: PeriodUnit, offset: int, day: date, calendar: BusinessCalendar) -> tuple[date, date]:
        if day == date.max:
            return day, day
        if self.n is None:
            # A month has no start of its own; it begins where a year does.
            return clamped(*calendar_unit(unit, day, offset, 1 if self.starts is None else self.starts))
        return clamped(*rolling(unit, day, self.n, calendar))


def _refuse_datetime(day: date) -> None:
    if isinstance(day, datetime):  # it is a date to Python, but which day it is depends on a zone
        raise TypeError("expected a date, found a datetime; take the local day first")


def _problems(period: Period) -> Iterator[str]:
    if problem := _unit_problem(period.unit):
        yield problem
        return
    needed = parts_of(period.unit)
    most = LIMITS["months"]
    checks = {
        "offset": _whole(period.offset, f"{-most} to {most}", range(-most, most + 1)),
        "starts": _whole(period.starts, "a weekday, 0 (Monday) to 6 (Sunday)", range(7))
        if period.unit is PeriodUnit.WEEK
        else _whole(period.starts, "a month, 1 to 12", range(1, 13)),
        "n": _days_problem(period),
        "day": _date(period.day),
    }
    for part, problem in checks.items():
        if part in needed:
            if problem:
                yield f"period.{part}: {problem}"
        elif getattr(period, part) != (0 if part == "offset" else None):
            yield f"period.{part}: expected none with the unit {period.unit.value!r}, which takes {', '.join(needed)}"
    if problem := _zone_problem(period.zone):
        yield problem


def _unit_problem(unit: object) -> str:
    if isinstance(unit, PeriodUnit):
        return ""
    if isinstance(unit, str):
        return unknown_name("unit", unit, [known.value for known in PeriodUnit], where="period.unit")
    return f"period.unit: expected a PeriodUnit, found {type(unit).__name__}"


def _zone_problem(zone: object) -> str:
    if zone is None or zone in OWN_ZONES:
        return ""
    if not isinstance(zone, str):
        return f"period.zone: expected the name of a time zone, found {type(zone).__name__}"
    if zone in zone_names():
        return ""
    return unknown_name("time zone", zone, sorted({*zone_names(), *OWN_ZONES}), where="period.zone")


def _whole(value: object, expected: str, allowed: range) -> str:
    if type(value) is not int:
        return f"expected {expected}, found {'nothing' if value is None else type(value).__name__}"
    return "" if value in allowed else f"expected {expected}"


def _days_problem(period: Period) -> str:
    if not is_business(period.unit):
        return _whole(period.n, f"1 to {LIMITS['days']}", range(1, LIMITS["days"] + 1))
    return _whole(period.n, f"1 to {MAX_BUSINESS_DAYS} business days", range(1, MAX_BUSINESS_DAYS + 1))


def _date(value: object) -> str:
    if type(value) is not date:
        return f"expected a date, found {'nothing' if value is None else type(value).__name__}"
    return "" if value < date.max else "expected a day before 9999-12-31"
