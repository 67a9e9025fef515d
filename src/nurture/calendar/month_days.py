"""Days of a month by their number or their weekday: the 20th, the last day, the second Tuesday. Pure; imports nothing.

A number that a month does not have means its last day, so 31 is the end of every month. There is no fifth Monday
every month, so weekdays are counted to the fourth, or from the end.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

NUMBERS: Final = range(1, 32)
"""The days of a month; 31 is its last one, whatever its number."""
ORDINALS: Final = (1, 2, 3, 4, -1)
"""Which weekdays of a month can be asked for; -1 is the last one."""


def day_in_month(year: int, month: int, number: int) -> date:
    """The day of that number, or else the last one of the month.

    Example:
        >>> day_in_month(2026, 2, 20), day_in_month(2026, 2, 31)
        (datetime.date(2026, 2, 20), datetime.date(2026, 2, 28))
    """
    return date(year, month, min(number, monthrange(year, month)[1]))


def weekday_in_month(year: int, month: int, weekday: int, nth: int) -> date:
    """The first to fourth such weekday of a month, or the last (-1).

    Args:
        year: 1 to 9999.
        month: 1 to 12.
        weekday: 0 for Monday to 6 for Sunday.
        nth: One of `ORDINALS`.

    Example:
        >>> weekday_in_month(2026, 6, 1, 2), weekday_in_month(2026, 6, 1, -1)
        (datetime.date(2026, 6, 9), datetime.date(2026, 6, 30))
    """
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = day_in_month(year, month, 31)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def month_after(year: int, month: int) -> tuple[int, int]:
    """The month after a month.

    Raises:
        OverflowError: It lies past the year 9999.
    """
    if month < 12:
        return year, month + 1
    if year == date.max.year:
        raise OverflowError("no month follows")
    return year + 1, 1
