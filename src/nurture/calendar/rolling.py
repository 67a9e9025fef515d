"""What to do with a day on which the company is closed: take the open day after it, or the one before.

A closing day such as "the 20th, or the business day before" names one day a month. So a search asks for the first
*rolled* day on or after another: a day that was rolled forward may have been meant for an earlier one. Pure; imports
only `nurture.errors`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from nurture.errors import UnknownNameError

if TYPE_CHECKING:
    from nurture.calendar.business import BusinessCalendar

_DAY: Final = timedelta(days=1)


class Roll(StrEnum):
    """Where a day goes that is closed."""

    FORWARD = "forward"
    BACK = "back"


def roll_named(name: str | None, where: str) -> Roll | None:
    """The way to roll that a text names; None stays None.

    Raises:
        UnknownNameError: It names none; the message names the place.
    """
    choices = [one.value for one in Roll]
    if name is None:
        return None
    if name not in choices:
        raise UnknownNameError("way to roll", str(name), choices, where=where)
    return Roll(name)


def rolled(day: date, roll: Roll | None, calendar: BusinessCalendar) -> date:
    """The day itself if it is open, else the next open day, or the one before; None leaves a closed day alone.

    Raises:
        OverflowError: The answer lies outside the years 1 to 9999.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY
        >>> sunday = date(2026, 5, 31)
        >>> rolled(sunday, Roll.FORWARD, MONDAY_TO_FRIDAY), rolled(sunday, Roll.BACK, MONDAY_TO_FRIDAY)
        (datetime.date(2026, 6, 1), datetime.date(2026, 5, 29))
    """
    if roll is None or calendar.is_open(day):
        return day
    return calendar.add_days(day, 1 if roll is Roll.FORWARD else -1)


def first_to_ask(day: date, roll: Roll | None, calendar: BusinessCalendar) -> date:
    """From which day on one must ask, lest a day be missed that is rolled onto or past the given one.

    Rolled forward, the closed days right before it may lead there, too.
    """
    while roll is Roll.FORWARD and day > date.min and not calendar.is_open(day - _DAY):
        day -= _DAY
    return day


def first_rolled(day: date, roll: Roll | None, calendar: BusinessCalendar, meant: Callable[[date], date]) -> date:
    """The first day on or after a given one that is meant, after rolling.

    Args:
        day: A local day.
        roll: Where closed days go.
        calendar: Which days are open.
        meant: Gives the first day on or after one that is meant, closed or not.

    Raises:
        OverflowError: The answer lies outside the years 1 to 9999.
    """
    found = meant(first_to_ask(day, roll, calendar))
    while (answer := rolled(found, roll, calendar)) < day:
        found = meant(found + _DAY)
    return answer
