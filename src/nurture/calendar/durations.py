"""Lengths of time, of two types that never mix. Imports only `nurture.errors`.

An *elapsed* duration is a `timedelta`: so many seconds, wherever one is. A *civil* duration is a step on
the calendar and the wall clock of some place: "the next business day at 10:00". How long it lasts is known
only when it starts, so adding the two is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from typing import TYPE_CHECKING, Final, Never, TypeAlias

from attrs import frozen

from nurture.errors import DefinitionError

# A hundred years of each: beyond it lies a mistake, not a plan, and a search for business days ends soon.
LIMITS: Final = {"years": 100, "months": 1_200, "weeks": 5_218, "days": 36_525, "business_days": 36_525}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{6})?)?", re.ASCII)


def minutes(n: float) -> timedelta:
    """So many minutes of elapsed time."""
    return timedelta(minutes=n)


def hours(n: float) -> timedelta:
    """So many hours of elapsed time."""
    return timedelta(hours=n)


def days(n: float) -> timedelta:
    """So many times 24 hours of elapsed time; `civil(days=n)` counts days of the calendar."""
    return timedelta(days=n)


def weeks(n: float) -> timedelta:
    """So many times 168 hours of elapsed time; `civil(weeks=n)` counts weeks of the calendar."""
    return timedelta(weeks=n)


@frozen(kw_only=True)
class Civil:
    """A step on the calendar and the wall clock, made by `civil()`.

    It is taken in this order: years and months, weeks and days, business days, weekday, time of day.
    All numbers point the same way; negative ones lead back.

    Attributes:
        years: Calendar years.
        months: Calendar months; the 31st becomes the last day of a shorter month.
        weeks: Weeks of seven calendar days.
        days: Calendar days.
        business_days: Days that a business calendar calls open; 0 is the first open day on or after;
            None asks no calendar.
        weekday: The first such weekday on or after, 0 for Monday to 6 for Sunday.
        at: The time on the wall clock; None keeps the time of day.

    Raises:
        DefinitionError: It asks for nothing, a number is too large, or signs are mixed; all problems at once.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    business_days: int | None = None
    weekday: int | None = None
    at: time | None = None

    def __attrs_post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            raise DefinitionError(problems)

    @property
    def reaches_back(self) -> bool:
        """Whether it leads to an earlier day."""
        return any(number < 0 for number in _numbers(self).values())

    if not TYPE_CHECKING:  # a checker reports these sums as errors by itself; this is the hint for everybody else

        def _refuse(self, other: object) -> Never:
            raise TypeError(
                f"a civil duration and a {type(other).__name__} cannot be added or subtracted: elapsed time and civil "
                "steps never mix, and where a step leads depends on the zone; name all parts of a step in one "
                "civil(...), and apply it with nurture.calendar.add(step, instant, zone, calendar)"
            )

        __add__ = __radd__ = __sub__ = __rsub__ = _refuse


Duration: TypeAlias = timedelta | Civil


def civil(
    *,
    years: int = 0,
    months: int = 0,
    weeks: int = 0,
    days: int = 0,
    business_days: int | None = None,
    weekday: int | None = None,
    at: str | time | None = None,
) -> Civil:
    """A step on the calendar and the wall clock; `Civil` tells what each part means.

    Args:
        years: Calendar years.
        months: Calendar months.
        weeks: Calendar weeks.
        days: Calendar days.
        business_days: Open days of a business calendar; 0 is the first one on or after.
        weekday: The first such weekday on or after, 0 for Monday to 6 for Sunday.
        at: The time on the wall clock, as `time` or as text such as `"10:00"`.

    Raises:
        DefinitionError: The step makes no sense; all problems at once.

    Example:
        >>> civil(business_days=1, at="10:00").at
        datetime.time(10, 0)
    """
    return Civil(
        years=years,
        months=months,
        weeks=weeks,
        days=days,
        business_days=business_days,
        weekday=weekday,
        at=clock(at, "civil.at") if isinstance(at, str) else at,
    )


def clock(text: str, field: str) -> time:
    """The time of day that a text such as `10:00` or `10:00:30` names.

    Raises:
        DefinitionError: It names none; the message names the field.
    """
    if _CLOCK.fullmatch(text) is None:
        raise DefinitionError(f"{field}: expected a time of day such as '10:00'")
    return time.fromisoformat(text)


def clock_problem(at: time, field: str) -> str:
    """What is wrong with a time on the wall clock; empty when nothing is."""
    if at.tzinfo is not None:
        return f"{field}: expected a time of day without a zone; the zone is given where it is used"
    return f"{field}: expected a time of day without fold" if at.fold else ""


def _numbers(step: Civil) -> dict[str, int]:
    return {name: getattr(step, name) or 0 for name in LIMITS}


def _problems(step: Civil) -> Iterator[str]:
    numbers = _numbers(step)
    for name, number in numbers.items():
        if type(number) is not int:
            yield f"civil.{name}: expected a whole number, found {type(number).__name__}"
            return
        if abs(number) > LIMITS[name]:
            yield f"civil.{name}: expected at most {LIMITS[name]} either way (a hundred years)"
    if min(numbers.values()) < 0 < max(numbers.values()):
        yield "civil: expected numbers of one sign; a step leads forward or back, not both"
    if step.weekday is not None and step.weekday not in range(7):
        yield "civil.weekday: expected 0 (Monday) to 6 (Sunday)"
    if step.at is not None and (problem := clock_problem(step.at, "civil.at")):
        yield problem
    if not any(numbers.values()) and step.business_days is None and step.weekday is None and step.at is None:
        yield f"civil: expected at least one of {', '.join(LIMITS)}, weekday, at"
