"""From a date or an instant to an instant: when a value of a lead, an account or a fact happens. Imports only errors.

A date alone begins in each zone at another instant. `instant_of` says when; `offset_from` says when something happens
that is meant for three business days before it, at 10:00.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from nurture.calendar.arithmetic import add, shift
from nurture.calendar.local_days import start_of_day
from nurture.calendar.zones import localize, to_local
from nurture.errors import InvalidFactError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.calendar.business import BusinessCalendar
    from nurture.calendar.durations import Duration


def instant_of(value: object, zone: ZoneInfo, at: time | None = None, *, field: str = "value") -> datetime:
    """The instant that a date or an instant stands for, in UTC.

    Args:
        value: A date begins with its first instant in the zone. An aware datetime is an instant already; one without
            a zone is what the wall clock of the zone shows. Anything else is refused, texts that look like a date too.
        zone: Whose days and wall clock count.
        at: A time of day: then it is that time on the day, which for an instant is the local day of it.
        field: What error messages call the value.

    Raises:
        InvalidFactError: The value is no date and no instant, or the answer lies outside the years 1 to 9999.

    Example:
        >>> from nurture.calendar import zone
        >>> instant_of(date(2026, 4, 1), zone("Asia/Tokyo")).isoformat()
        '2026-03-31T15:00:00+00:00'
        >>> instant_of(date(2026, 4, 1), zone("Asia/Tokyo"), time(10)).isoformat()
        '2026-04-01T01:00:00+00:00'
    """
    day = _checked(value, field)
    if at is not None:
        return localize(datetime.combine(_local(day, zone), at), zone)
    if not isinstance(day, datetime):
        return start_of_day(day, zone)
    return localize(day, zone) if day.tzinfo is None else day.astimezone(UTC)


def offset_from(
    value: object, offset: Duration, zone: ZoneInfo, calendar: BusinessCalendar, *, field: str = "value"
) -> datetime:
    """The instant that lies an offset from a date or an instant, either way, in UTC.

    A civil offset from a date starts at its midnight on the wall clock, whether or not the zone shows that time, so a
    change of the clocks at midnight moves no time of day. An offset that keeps the time of day leads to a whole day,
    which begins with its first instant.

    Args:
        value: As for `instant_of`.
        offset: Elapsed or civil; negative ones lead back.
        zone: Whose days and wall clock count.
        calendar: Which days and hours are open.
        field: What error messages call the value.

    Raises:
        InvalidFactError: The value is no date and no instant, or the answer lies outside the years 1 to 9999.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY, civil, zone
        >>> ends_on, before = date(2026, 11, 24), civil(business_days=-3, at="10:00")
        >>> offset_from(ends_on, before, zone("Asia/Tokyo"), MONDAY_TO_FRIDAY).isoformat()
        '2026-11-19T01:00:00+00:00'
    """
    start = instant_of(value, zone, field=field)
    if isinstance(offset, timedelta):
        try:
            return start + offset
        except OverflowError:
            raise InvalidFactError(field, "a moment whose offset ends in the years 1 to 9999") from None
    if isinstance(value, datetime) or not isinstance(value, date) or offset.business_hours is not None:
        return add(offset, start, zone, calendar)
    found = shift(offset, datetime.combine(value, time(0)), calendar)
    return start_of_day(found.date(), zone) if offset.at is None else localize(found, zone)


def _checked(value: object, field: str) -> date:
    if isinstance(value, date):
        return value
    raise InvalidFactError(field, "a date or an instant", found="nothing" if value is None else type(value).__name__)


def _local(day: date, zone: ZoneInfo) -> date:
    """The local day: of a date and of a wall-clock time their own, of an instant the one that the zone shows."""
    if not isinstance(day, datetime):
        return day
    return day.date() if day.tzinfo is None else to_local(day, zone).date()
