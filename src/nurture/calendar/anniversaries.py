"""Birthdays and other anniversaries, and ages in whole years. Pure; imports only `nurture.errors`.

The anniversaries of a day lie in the years after it; the day itself is none. **Who was born on 29 February has
the anniversary on 28 February in common years, and on 29 February in leap years**; ages follow: one turns a
year older on the anniversary, from its first instant on. Nothing here looks past 31 December 9999: what would
happen later happens never, and is None.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, datetime
from typing import Final

from nurture.errors import DefinitionError

LIMIT: Final = 366
"""The most days before or after an anniversary that count as near it."""

_LAST: Final = date.max.toordinal()


def anniversary_in(born: date, year: int) -> date:
    """The day in a year on which the anniversary of a day is kept.

    Args:
        born: The day that it remembers.
        year: Any year, 1 to 9999.

    Raises:
        ValueError: There is no such year.

    Example:
        >>> anniversary_in(date(2000, 2, 29), 2026), anniversary_in(date(2000, 2, 29), 2028)
        (datetime.date(2026, 2, 28), datetime.date(2028, 2, 29))
    """
    day = 28 if born.month == 2 and born.day == 29 and not isleap(year) else born.day
    return date(year, born.month, day)


def is_anniversary(born: date, today: date, before: int = 0, after: int = 0) -> bool:
    """Whether today is an anniversary, or lies near one.

    Args:
        born: The day that is remembered. Only the years after its own have anniversaries.
        today: A local day.
        before: How many days before an anniversary count, too: 0 to 366.
        after: How many days after it count, too: 0 to 366.

    Raises:
        DefinitionError: Such a number is out of bounds; all problems at once.
        TypeError: One of the days is a datetime.

    Example:
        >>> is_anniversary(date(1990, 1, 2), date(2026, 12, 30), before=3)
        True
    """
    _check(born, today, before, after)
    here = today.toordinal()
    return any(near - before <= here <= near + after for near in _around(born, today))


def next_turn(born: date, today: date, before: int = 0, after: int = 0) -> date | None:
    """The first day after today on which `is_anniversary` answers otherwise than today; None when it never does.

    Raises:
        DefinitionError: Such a number is out of bounds; all problems at once.
        TypeError: One of the days is a datetime.

    Example:
        >>> next_turn(date(1990, 1, 2), date(2026, 12, 29), before=3)
        datetime.date(2026, 12, 30)
    """
    _check(born, today, before, after)
    here = today.toordinal()
    if before + after >= 365:  # the days around one anniversary touch those around the next, leap year or not
        opens, closes = _anniversary(born, born.year + 1), _anniversary(born, date.max.year)
        if opens is None or closes is None or here > closes + after:
            return None
        return _on(opens - before if here < opens - before else closes + after + 1)
    turn = None  # the first day after the stretch of near days that holds today
    # Where nearness ends in leap years only, these may lie eight years apart, as around 1900 and 2100.
    for year in range(max(today.year - 1, born.year + 1), max(today.year, born.year) + 11):
        near = _anniversary(born, year)
        if near is None:
            break
        opens, closes = near - before, near + after + 1
        if turn is not None and opens > turn:
            break
        if turn is None and opens > here:
            return _on(opens)
        if closes > here:
            turn = closes
    return None if turn is None else _on(turn)


def completed_years(born: date, today: date) -> int | None:
    """How many anniversaries have come, today's included: the age in whole years. None before the day itself.

    Raises:
        TypeError: One of the days is a datetime.

    Example:
        >>> completed_years(date(2000, 2, 29), date(2026, 2, 28))
        26
    """
    _refuse_datetimes(born, today)
    if today < born:
        return None
    return today.year - born.year - (today < anniversary_in(born, today.year))


def day_of_age(born: date, years: int) -> date | None:
    """The first day on which `completed_years` is at least so many; None when that lies past the year 9999.

    Zero years, and less, are complete on the day of birth.

    Raises:
        TypeError: The day is a datetime.

    Example:
        >>> day_of_age(date(2000, 2, 29), 18)
        datetime.date(2018, 2, 28)
    """
    _refuse_datetimes(born)
    year = born.year + max(years, 0)
    return anniversary_in(born, year) if year <= date.max.year else None


def _check(born: date, today: date, before: int, after: int) -> None:
    _refuse_datetimes(born, today)
    if not (0 <= before <= LIMIT and 0 <= after <= LIMIT):
        raise DefinitionError(
            f"anniversary.{name}: expected 0 to {LIMIT} days"
            for name, number in {"before": before, "after": after}.items()
            if not 0 <= number <= LIMIT
        )


def _refuse_datetimes(*days: date) -> None:
    if any(isinstance(day, datetime) for day in days):  # a date to Python, but which day it is depends on a zone
        raise TypeError("expected a date, found a datetime; take the local day first")


def _around(born: date, today: date) -> list[int]:
    """The anniversaries that can be near a day: its year's, the one before, and the two after.

    366 days before a New Year's Day may lie in the year before last, ahead of the first anniversary.
    """
    years = range(max(today.year - 1, born.year + 1), today.year + 3)
    return [near for year in years if (near := _anniversary(born, year)) is not None]


def _anniversary(born: date, year: int) -> int | None:
    return anniversary_in(born, year).toordinal() if year <= date.max.year else None


def _on(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal <= _LAST else None
