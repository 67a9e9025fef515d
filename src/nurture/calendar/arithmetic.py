"""Taking a civil step: on the wall clock, and from instant to instant. Imports only `nurture.errors`.

What repeats (every month on the 31st, every day at 23:30) should be counted from what was *intended*: keep
the local time and the anchor day, take the step with `shift`, and derive each instant with `localize`.
An instant that a gap or a short month has moved is not what was meant.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from dateutil.relativedelta import relativedelta

from nurture.calendar.business_hours import add_hours, next_open
from nurture.calendar.month_days import day_in_month, month_after, weekday_in_month
from nurture.calendar.rolling import first_rolled, rolled
from nurture.calendar.zones import localize, to_local
from nurture.errors import DefinitionError, InvalidFactError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.calendar.business import BusinessCalendar
    from nurture.calendar.durations import Civil

_DAY: Final = timedelta(days=1)


def add(
    step: Civil, instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar, *, anchor_day: int | None = None
) -> datetime:
    """The instant to which a civil step leads, in UTC.

    A step that does not lead back never answers an earlier instant: where its time of day has passed,
    the search starts on the next day. "Monday at 10:00", asked on a Monday at 15:00, is next Monday.

    Business hours count forward to the first instant by which so much has passed, which may be closing time, and
    back to the last one from which on so much passes, which may be opening time.

    Args:
        step: The civil duration.
        instant: Where it starts; an aware datetime.
        zone: Whose wall clock and calendar days count.
        calendar: Which days are business days, and which hours count.
        anchor_day: The day of the month that a monthly repeat means, 1 to 31, where months differ in length.

    Raises:
        DefinitionError: The anchor is no day of a month.
        InvalidFactError: The instant is naive, or the answer lies outside the years 1 to 9999.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY, civil, zone
        >>> friday = datetime(2026, 11, 20, 6, tzinfo=UTC)
        >>> add(civil(business_days=1, at="10:00"), friday, zone("Asia/Tokyo"), MONDAY_TO_FRIDAY).isoformat()
        '2026-11-23T01:00:00+00:00'
    """
    if step.business_hours is not None:
        if not step.business_hours:
            return next_open(instant, zone, calendar)
        return add_hours(step.business_hours, instant, zone, calendar)
    local = to_local(instant, zone).replace(tzinfo=None, fold=0)
    intended = shift(step, local, calendar, anchor_day=anchor_day)
    if intended == local:  # nothing moves; localizing again could lead back to the first half of a fold
        return instant.astimezone(UTC)
    found = localize(intended, zone)
    if found < instant and not step.reaches_back:  # the second half of a fold: that time of day was in the first
        found = localize(shift(step, _midnight_after(local), calendar), zone)
    return found


def shift(step: Civil, local: datetime, calendar: BusinessCalendar, *, anchor_day: int | None = None) -> datetime:
    """Where a civil step leads on the wall clock, whether or not the zone ever shows that time.

    Args:
        step: The civil duration.
        local: What the wall clock shows: a datetime without zone.
        calendar: Which days are business days.
        anchor_day: The day of the month that a monthly repeat means, 1 to 31.

    Raises:
        DefinitionError: The anchor is no day of a month, or the step counts business hours: how long they last depends
            on the zone, so only `add` can take it.
        InvalidFactError: The datetime has a zone, or the answer lies outside the years 1 to 9999.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY, civil
        >>> february = datetime.fromisoformat("2026-02-28T09:00")
        >>> shift(civil(months=1), february, MONDAY_TO_FRIDAY, anchor_day=31).isoformat()
        '2026-03-31T09:00:00'
    """
    if local.tzinfo is not None:
        raise InvalidFactError("local", "a datetime without a time zone")
    if anchor_day is not None and not 1 <= anchor_day <= 31:
        raise DefinitionError("anchor_day: expected a day of the month, 1 to 31")
    if step.business_hours is not None:
        raise DefinitionError("step: business hours lead from instant to instant; use nurture.calendar.add")
    at = local.time() if step.at is None else step.at
    day = local.date()
    try:
        found = datetime.combine(_day(step, day, calendar, anchor_day), at)
        while found < local and not step.reaches_back:
            day += _DAY
            found = datetime.combine(_day(step, day, calendar, anchor_day), at)
    except (OverflowError, ValueError):  # datetime raises the one, relativedelta the other
        raise InvalidFactError("local", "a step that ends in the years 1 to 9999") from None
    return found


def _day(step: Civil, day: date, calendar: BusinessCalendar, anchor_day: int | None) -> date:
    if step.years or step.months:
        # relativedelta clamps to the month's last day, also the absolute day that an anchor asks for.
        day += relativedelta(years=step.years, months=step.months, day=anchor_day)
        if step.is_in_month:
            day = _within(day.year, day.month, step)
            return _after(day, step.business_days, calendar) if step.roll is None else rolled(day, step.roll, calendar)
    if step.is_in_month:
        found = first_rolled(day, step.roll, calendar, lambda first: _in_some_month(first, step))
        return _after(found, step.business_days, calendar)
    day = _after(day + timedelta(weeks=step.weeks, days=step.days), step.business_days, calendar)
    if step.weekday is None:
        return rolled(day, step.roll, calendar)
    weekday = step.weekday
    return first_rolled(day, step.roll, calendar, lambda first: first + timedelta(days=(weekday - first.weekday()) % 7))


def _after(day: date, business_days: int | None, calendar: BusinessCalendar) -> date:
    return day if business_days is None else calendar.add_days(day, business_days)


def _within(year: int, month: int, step: Civil) -> date:
    """The day that a step names in a month, by its number or as its nth weekday."""
    if step.nth is not None and step.weekday is not None:
        return weekday_in_month(year, month, step.weekday, step.nth)
    return day_in_month(year, month, step.day_of_month or 1)


def _in_some_month(first: date, step: Civil) -> date:
    """The first day on or after another that a step names in its month."""
    found = _within(first.year, first.month, step)
    return found if found >= first else _within(*month_after(first.year, first.month), step)


def _midnight_after(local: datetime) -> datetime:
    return datetime.combine(local.date() + _DAY, time())
