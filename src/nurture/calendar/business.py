"""Business days: which days a company works. Imports only `nurture.errors`.

Which days are holidays is data that the host brings. The library knows none by itself, and a public
holiday is not a closure: a company adds its own days (year end, Obon, working Saturdays).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final, cast

from attrs import evolve, field, frozen

from nurture.calendar.durations import LIMITS
from nurture.calendar.windows import Window
from nurture.errors import DefinitionError

_DAY: Final = timedelta(days=1)


def _weekdays(values: Iterable[int]) -> frozenset[int]:
    return frozenset(values)


def _dates(values: Iterable[date]) -> frozenset[date]:
    return frozenset(values)


def _windows(values: Iterable[Window]) -> tuple[Window, ...]:
    return tuple(values)


NINE_TO_SIX: Final = (Window(time(9), time(18)),)
"""The hours of a calendar that names none."""


@frozen
class BusinessCalendar:
    """The days and hours in which a company works.

    Attributes:
        name: What programs call it.
        weekend: The weekdays that are free, 0 for Monday to 6 for Sunday. At least one weekday must stay open.
        closed: Free days besides: public holidays, year end, company holidays.
        open: Working days that would be free, such as working Saturdays.
        hours: Windows of an open day in which business hours are counted; 09:00 to 18:00 where nothing is said.

    Raises:
        DefinitionError: No weekday stays open (a search for the next open day might never end), a day is both closed
            and open, or no window falls on an open weekday; all problems at once.

    Example:
        >>> year_end = [date(2026, 12, day) for day in (29, 30, 31)] + [date(2027, 1, day) for day in (1, 2, 3)]
        >>> BusinessCalendar("office", closed=year_end).add_days(date(2026, 12, 24), 3)
        datetime.date(2027, 1, 4)
    """

    name: str
    weekend: frozenset[int] = field(default=frozenset({5, 6}), converter=_weekdays)
    closed: frozenset[date] = field(default=frozenset[date](), converter=_dates)
    open: frozenset[date] = field(default=frozenset[date](), converter=_dates)
    hours: tuple[Window, ...] = field(default=NINE_TO_SIX, converter=_windows)

    def __attrs_post_init__(self) -> None:
        where = f"calendar {self.name!r}"
        problems: list[str] = []
        if not self.name:
            problems.append("calendar: expected a name")
        if not self.weekend <= frozenset(range(7)):
            problems.append(f"{where}.weekend: expected weekdays, 0 (Monday) to 6 (Sunday)")
        elif len(self.weekend) == 7:
            problems.append(f"{where}.weekend: expected at least one weekday to stay open")
        if any(type(day) is not date for day in self.closed | self.open):
            problems.append(f"{where}: expected dates in closed and open, not datetimes or other things")
        elif both := sorted(self.closed & self.open):
            problems.append(f"{where}: {', '.join(map(str, both))} cannot be both closed and open")
        problems += self._hour_problems(where)
        if problems:
            raise DefinitionError(problems)

    def _hour_problems(self, where: str) -> list[str]:
        if any(not isinstance(cast("object", one), Window) for one in self.hours):
            return [f"{where}.hours: expected windows such as Window(time(9), time(18))"]
        worked = frozenset(range(7)) - self.weekend
        if not any(one.days is None or one.days & worked for one in self.hours):
            return [f"{where}.hours: expected at least one window on a weekday that is open"]
        return []

    def with_closures(self, days: Iterable[date]) -> BusinessCalendar:
        """The same calendar with these days closed, too, also those that it calls open.

        Args:
            days: The company's own closures, or the dates of `public_holidays`.

        Raises:
            DefinitionError: One of them is no date.

        Example:
            >>> office = BusinessCalendar("office").with_closures(each_day(date(2026, 12, 29), date(2027, 1, 3)))
            >>> office.add_days(date(2026, 12, 24), 3)
            datetime.date(2027, 1, 4)
        """
        more = frozenset(days)
        return evolve(self, closed=self.closed | more, open=self.open - more)

    def with_open_days(self, days: Iterable[date]) -> BusinessCalendar:
        """The same calendar with these days open, whatever closed them: a weekend, a holiday or a closure.

        Args:
            days: Such as working Saturdays, or a holiday on which this company works.

        Raises:
            DefinitionError: One of them is no date.

        Example:
            >>> shop = BusinessCalendar("shop", closed=[date(2026, 5, 5)]).with_open_days([date(2026, 5, 5)])
            >>> shop.is_open(date(2026, 5, 5))
            True
        """
        more = frozenset(days)
        return evolve(self, closed=self.closed - more, open=self.open | more)

    def is_open(self, day: date) -> bool:
        """Whether the company works on that local day."""
        if isinstance(day, datetime):  # it is a date to Python, but never equal to one: holidays would be missed
            raise TypeError("expected a date, found a datetime; take the local day first")
        return day in self.open or (day.weekday() not in self.weekend and day not in self.closed)

    def add_days(self, day: date, n: int) -> date:
        """The open day that lies n open days after a day.

        Args:
            day: Any local day, open or not.
            n: 1 is the next open day, -1 the one before; 0 is the day itself or else the next open one.

        Raises:
            OverflowError: The answer lies outside the years 1 to 9999.
        """
        if n == 0 and not self.is_open(day):
            n = 1
        step = _DAY if n > 0 else -_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_open(day):
                day += step
        return day


MONDAY_TO_FRIDAY: Final = BusinessCalendar("monday-to-friday")
"""Saturdays and Sundays are free, nothing else is."""


def each_day(first: date, last: date) -> tuple[date, ...]:
    """The days from one to another, both included, such as a company's holidays at year end.

    Raises:
        DefinitionError: The last comes before the first, or more than a hundred years lie between them.

    Example:
        >>> len(each_day(date(2026, 12, 29), date(2027, 1, 3)))
        6
    """
    length = (last - first).days
    if not 0 <= length <= LIMITS["days"]:
        raise DefinitionError("each_day.last: expected a day on or after the first, within a hundred years")
    return tuple(first + timedelta(days=n) for n in range(length + 1))
