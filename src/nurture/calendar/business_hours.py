"""Business hours: the stretches of time in which a company works, and counting in them. Imports only `nurture.errors`.

"Call within four business hours" counts only time in which somebody could call: the calendar's windows, on its open
days, on the wall clocks of one zone. As for windows, the clock on the wall decides; what is counted is time that
passes, so an hour that the clocks show twice counts twice, and one that they skip does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from nurture.calendar.zones import change_between, localize, occurrence, to_local
from nurture.errors import InvalidFactError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.calendar.business import BusinessCalendar

_DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta(0)


def is_open_at(instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> bool:
    """Whether the company works at that instant.

    Raises:
        InvalidFactError: The instant is naive.
    """
    return _shows_open(to_local(instant, zone), calendar)


def next_open(instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> datetime:
    """The first instant at or after the given one at which the company works, in UTC.

    Raises:
        InvalidFactError: The instant is naive, or within days of the years 1 and 10000.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY, zone
        >>> friday_night = datetime.fromisoformat("2026-11-20T22:00+09:00")
        >>> next_open(friday_night, zone("Asia/Tokyo"), MONDAY_TO_FRIDAY).isoformat()
        '2026-11-23T00:00:00+00:00'
    """
    start, _ = next(_stretches(instant, zone, calendar))
    return start


def add_hours(length: timedelta, instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> datetime:
    """The instant by which so much business time has passed, in UTC; at the end of a day it is its closing time.

    Args:
        length: Business time, not negative; nothing leads nowhere.
        instant: From when on; an aware datetime.
        zone: On whose wall clocks the hours stand.
        calendar: Which days and hours are open.

    Raises:
        InvalidFactError: The instant is naive, the length negative, or the answer lies beyond the year 9999.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY, zone
        >>> friday_at_16 = datetime.fromisoformat("2026-11-20T16:00+09:00")
        >>> add_hours(timedelta(hours=4), friday_at_16, zone("Asia/Tokyo"), MONDAY_TO_FRIDAY).isoformat()
        '2026-11-23T02:00:00+00:00'
    """
    if length < _NOTHING:
        raise InvalidFactError("length", "business time that lies ahead")
    if not length:
        return to_local(instant, zone).astimezone(UTC)
    for start, end in _stretches(instant, zone, calendar):
        if length <= end - start:
            return start + length
        length -= end - start
    raise AssertionError("the stretches never end")


def hours_between(start: datetime, end: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> timedelta:
    """How much business time lies between two instants; nothing when the end is not later.

    Raises:
        InvalidFactError: An instant is naive.
    """
    start, end = to_local(start, zone).astimezone(UTC), to_local(end, zone).astimezone(UTC)
    passed = _NOTHING
    if start >= end:
        return passed
    for opens, closes in _stretches(start, zone, calendar):
        if opens >= end:
            break
        passed += min(closes, end) - opens
    return passed


def _stretches(instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> Iterator[tuple[datetime, datetime]]:
    """The open stretches from an instant on, in order; one that never closes comes in pieces."""
    start = to_local(instant, zone).astimezone(UTC)
    for turn in _turns(start, zone, calendar):
        if _shows_open(to_local(start, zone), calendar):
            yield start, turn
        start = turn


def _turns(after: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> Iterator[datetime]:
    """Every instant after the given one at which the answer may change, in order.

    The answer turns where the wall clock shows midnight, or a window's start or end. Where the clocks change, it can
    also turn at the change itself: then such a time lies in the gap or in the fold, and is read in two ways.
    """
    edges = sorted({time(0), *(edge for window in calendar.hours for edge in (window.start, window.end))})
    waiting: list[datetime] = []
    try:
        day = to_local(after, zone).date() - 2 * _DAY
        while True:
            for edge in edges:
                waiting += _readings(datetime.combine(day, edge), zone)
            # The turns of a day lie at most a day away from it, for no change of clocks is longer.
            whole = localize(datetime.combine(day - _DAY, time(0)), zone)
            yield from sorted({turn for turn in waiting if after < turn < whole})
            waiting = [turn for turn in waiting if turn >= whole]
            day += _DAY
    except OverflowError:
        raise InvalidFactError("instant", "a moment some days away from the years 1 and 10000") from None


def _readings(local: datetime, zone: ZoneInfo) -> list[datetime]:
    before, after = occurrence(local, zone, 0), occurrence(local, zone, 1)
    if before == after:
        return [before]
    return [before, after, change_between(min(before, after), max(before, after), zone)]


def _shows_open(local: datetime, calendar: BusinessCalendar) -> bool:
    """Whether the company works when the wall clock shows that time."""
    day, yesterday = local.date(), local.date() - _DAY
    return any(
        window.holds(local)
        and calendar.is_open(yesterday if window.end < window.start and local.time() < window.end else day)
        for window in calendar.hours
    )
