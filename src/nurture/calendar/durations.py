"""Lengths of time, of two types that never mix. Imports only `nurture.errors`.

An *elapsed* duration is a `timedelta`: so many seconds, wherever one is. A *civil* duration is a step on
the calendar and the wall clock of some place: "the next business day at 10:00". How long it lasts is known
only when it starts, so adding the two is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from typing import TYPE_CHECKING, Final, Never, TypeAlias, cast

from attrs import field, frozen

from nurture.calendar.month_days import NUMBERS, ORDINALS
from nurture.calendar.rolling import Roll, roll_named
from nurture.errors import DefinitionError

# A hundred years of each: beyond it lies a mistake, not a plan, and a search for business days ends soon.
LIMITS: Final = {"years": 100, "months": 1_200, "weeks": 5_218, "days": 36_525, "business_days": 36_525}
MAX_BUSINESS_HOURS: Final = 1_000
"""So many business hours a step may count either way: about half a year of work. They are counted day by day."""
_NOTHING: Final = timedelta(0)
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


def _roll(name: str | None) -> Roll | None:
    return roll_named(name, "civil.roll")


@frozen(kw_only=True)
class Civil:
    """A step on the calendar and the wall clock, made by `civil()`.

    It is taken in this order: years and months, day of the month or nth weekday, weeks and days, business days,
    weekday, roll, time of day. All numbers point the same way; negative ones lead back.

    Attributes:
        years: Calendar years.
        months: Calendar months; the 31st becomes the last day of a shorter month.
        weeks: Weeks of seven calendar days.
        days: Calendar days.
        business_days: Days that a business calendar calls open; 0 is the first open day on or after;
            None asks no calendar.
        business_hours: Time that counts only while a business calendar is open; nothing (0) is the first open moment
            from then on. It goes with no other part. None asks no calendar.
        day_of_month: The day of that number, 1 to 31, or else the last of the month, so 31 is the month's end. After
            years or months it is that day of the month they lead to, else the first such day on or after.
        weekday: The first such weekday on or after, 0 for Monday to 6 for Sunday.
        nth: Makes it the first to fourth such weekday of a month, or the last (-1); of which one, as for
            `day_of_month`.
        roll: Where to go when the day is closed: to the open day after it, or the one before. A day that can be in
            several months or weeks is the first one on or after, *after* rolling.
        at: The time on the wall clock; None keeps the time of day.

    Raises:
        DefinitionError: It asks for nothing, a number is too large, signs are mixed, or parts exclude each other; all
            problems at once.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    business_days: int | None = None
    business_hours: timedelta | None = None
    day_of_month: int | None = None
    weekday: int | None = None
    nth: int | None = None
    roll: Roll | None = field(default=None, converter=_roll)
    at: time | None = None

    def __attrs_post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            raise DefinitionError(problems)

    @property
    def reaches_back(self) -> bool:
        """Whether it leads to an earlier day, or to earlier business hours."""
        return any(number < 0 for number in _numbers(self).values()) or (self.business_hours or _NOTHING) < _NOTHING

    @property
    def is_in_month(self) -> bool:
        """Whether it names a day within a month, by number or by weekday."""
        return self.day_of_month is not None or self.nth is not None

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
    business_hours: float | timedelta | None = None,
    day_of_month: int | None = None,
    weekday: int | None = None,
    nth: int | None = None,
    roll: Roll | str | None = None,
    at: str | time | None = None,
) -> Civil:
    """A step on the calendar and the wall clock; `Civil` tells what each part means.

    Args:
        years: Calendar years.
        months: Calendar months.
        weeks: Calendar weeks.
        days: Calendar days.
        business_days: Open days of a business calendar; 0 is the first one on or after.
        business_hours: Hours of business time; 0 is the first open moment. It goes with no other part.
        day_of_month: Such as 20, or 31 for the month's end.
        weekday: The first such weekday on or after, 0 for Monday to 6 for Sunday.
        nth: With a weekday: the first to fourth of a month, or the last (-1).
        roll: `"forward"` or `"back"` when that day is closed.
        at: The time on the wall clock, as `time` or as text such as `"10:00"`.

    Raises:
        DefinitionError: The step makes no sense; all problems at once.

    Example:
        >>> civil(business_days=1, at="10:00").at
        datetime.time(10, 0)
        >>> month_end = civil(day_of_month=31, roll="back", at="17:00")
        >>> first_monday_of_next_month = civil(months=1, weekday=0, nth=1, at="09:00")
    """
    return Civil(
        years=years,
        months=months,
        weeks=weeks,
        days=days,
        business_days=business_days,
        business_hours=business_hours_of(business_hours, "civil.business_hours"),
        day_of_month=day_of_month,
        weekday=weekday,
        nth=nth,
        roll=roll_named(roll, "civil.roll"),
        at=clock(at, "civil.at") if isinstance(at, str) else at,
    )


def business_hours_of(number: float | timedelta | None, field: str) -> timedelta | None:
    """The business time of so many hours; a length stays one.

    Raises:
        DefinitionError: It is no number, or too large; the message names the field.
    """
    if number is None or isinstance(number, timedelta):
        return number
    if isinstance(cast("object", number), bool) or not isinstance(cast("object", number), (int, float)):
        raise DefinitionError(f"{field}: expected a number of hours, found {type(number).__name__}")
    if not abs(number) <= MAX_BUSINESS_HOURS:  # false of what is not a number, too
        raise DefinitionError(f"{field}: {_HOURS_EXPECTED}")
    return timedelta(hours=number)


_HOURS_EXPECTED: Final = f"expected at most {MAX_BUSINESS_HOURS} hours either way"


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
    yield from _day_problems(step)
    if step.at is not None and (problem := clock_problem(step.at, "civil.at")):
        yield problem
    asks = (step.business_days, step.business_hours, step.day_of_month, step.weekday, step.nth, step.at)
    if not any(numbers.values()) and all(part is None for part in asks):
        yield f"civil: expected at least one of {', '.join(LIMITS)}, business_hours, day_of_month, weekday, at"
    yield from _exclusions(step)


def _day_problems(step: Civil) -> Iterator[str]:
    if step.weekday is not None and step.weekday not in range(7):
        yield "civil.weekday: expected 0 (Monday) to 6 (Sunday)"
    if step.day_of_month is not None and (type(step.day_of_month) is not int or step.day_of_month not in NUMBERS):
        yield "civil.day_of_month: expected 1 to 31; 31 is the last day of every month"
    if step.nth is not None and (type(step.nth) is not int or step.nth not in ORDINALS):
        yield "civil.nth: expected 1 to 4, or -1 for the last one; there is no fifth every month"
    if step.business_hours is not None:
        if not isinstance(cast("object", step.business_hours), timedelta):
            yield f"civil.business_hours: expected a timedelta, found {type(step.business_hours).__name__}"
        elif abs(step.business_hours) > timedelta(hours=MAX_BUSINESS_HOURS):
            yield f"civil.business_hours: {_HOURS_EXPECTED}"


def _exclusions(step: Civil) -> Iterator[str]:
    """Parts that would mean two things when they stand together."""
    moves = [name for name in ("years", "months", "weeks", "days") if getattr(step, name)]
    given = [*moves, *(name for name in _OPTIONAL if getattr(step, name) is not None)]
    if step.business_hours is not None and len(given) > 1:
        others = ", ".join(name for name in given if name != "business_hours")
        yield f"civil.business_hours: expected no other part beside it, found {others}"
    if step.nth is not None and step.weekday is None:
        yield "civil.nth: expected a weekday to count"
    if step.day_of_month is not None and step.weekday is not None:
        yield "civil.day_of_month: expected no weekday beside it"
    if step.is_in_month and (step.weeks or step.days):
        yield "civil: expected no weeks and days beside a day of the month; which of them would come first?"
    if step.roll is not None and step.business_days is not None:
        yield "civil.roll: expected no business_days beside it; they lead to an open day"
    elif step.roll is not None and not {*moves, "day_of_month", "weekday"} & {*given}:
        yield "civil.roll: expected a day that may be closed, such as day_of_month=20"


_OPTIONAL: Final = ("business_days", "business_hours", "day_of_month", "weekday", "nth", "roll", "at")
