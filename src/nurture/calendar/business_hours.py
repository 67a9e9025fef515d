"""Business hours: the stretches of time in which a company works, and counting in them. Imports only `nurture.errors`.

"Call within four business hours" counts only time in which somebody could call: the calendar's windows, on its open
days, on the wall clocks of one zone. As for windows, the clock on the wall decides; what is counted is time that
passes, so an hour that the clocks show twice counts twice, and one that they skip does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from nurture.calendar.zones import change_between, localize, occurrence, to_local
from nurture.errors import InvalidFactError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.calendar.business import BusinessCalendar

LONGEST_SEARCH: Final = timedelta(days=36_525)
"""So far is looked for business time either way; beyond a hundred years there is a mistake, not a plan."""
_DAY: Final = timedelta(days=1)
_WHOLE: Final = timedelta(days=3)
"""So far past a limit a stretch has ended that began before it: it ends at midnight at the latest."""
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
        InvalidFactError: The instant is naive, within days of the years 1 and 10000, or a hundred years before any
            open moment.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY, zone
        >>> friday_night = datetime.fromisoformat("2026-11-20T22:00+09:00")
        >>> next_open(friday_night, zone("Asia/Tokyo"), MONDAY_TO_FRIDAY).isoformat()
        '2026-11-23T00:00:00+00:00'
    """
    for start, _ in _stretches(instant, zone, calendar):
        return start
    raise _nothing_in_reach()


def add_hours(length: timedelta, instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> datetime:
    """The instant by which so much business time has passed, in UTC; at the end of a day it is its closing time.

    A negative length leads back to the instant from which on so much business time passes until the given one; at the
    beginning of a day it is its opening time.

    Args:
        length: Business time; nothing leads nowhere.
        instant: From when on, or until when; an aware datetime.
        zone: On whose wall clocks the hours stand.
        calendar: Which days and hours are open.

    Raises:
        InvalidFactError: The instant is naive, or a hundred years hold less business time, or the answer lies outside
            the years 1 to 9999.

    Example:
        >>> from nurture.calendar import MONDAY_TO_FRIDAY, zone
        >>> friday_at_16 = datetime.fromisoformat("2026-11-20T16:00+09:00")
        >>> add_hours(timedelta(hours=4), friday_at_16, zone("Asia/Tokyo"), MONDAY_TO_FRIDAY).isoformat()
        '2026-11-23T02:00:00+00:00'
        >>> add_hours(-timedelta(hours=9), friday_at_16, zone("Asia/Tokyo"), MONDAY_TO_FRIDAY).isoformat()
        '2026-11-19T07:00:00+00:00'
    """
    if not length:
        return to_local(instant, zone).astimezone(UTC)
    back, left = length < _NOTHING, abs(length)
    for start, end in (_stretches_back if back else _stretches)(instant, zone, calendar):
        if left <= end - start:
            return end - left if back else start + left
        left -= end - start
    raise _nothing_in_reach()


def hours_between(start: datetime, end: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> timedelta:
    """How much business time lies between two instants; nothing when the end is not later.

    Raises:
        InvalidFactError: An instant is naive.
    """
    start, end = to_local(start, zone).astimezone(UTC), to_local(end, zone).astimezone(UTC)
    passed = _NOTHING
    if start >= end:
        return passed
    for opens, closes in _stretches(start, zone, calendar, end):
        if opens >= end:
            break
        passed += min(closes, end) - opens
    return passed


def _nothing_in_reach() -> InvalidFactError:
    return InvalidFactError("instant", "so much business time within a hundred years of it")


def _stretches(
    instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar, until: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """The open stretches from an instant on, in order, a hundred years ahead; one that never closes comes in pieces."""
    start = to_local(instant, zone).astimezone(UTC)
    limit = _far_from(start, LONGEST_SEARCH + _WHOLE) if until is None else _far_from(until, _WHOLE)
    for turn in _turns(start, limit, zone, calendar):
        if _shows_open(to_local(start, zone), calendar):
            yield start, turn
        start = turn


def _stretches_back(
    instant: datetime, zone: ZoneInfo, calendar: BusinessCalendar
) -> Iterator[tuple[datetime, datetime]]:
    """The open stretches before an instant, the last one first, a hundred years back."""
    end = to_local(instant, zone).astimezone(UTC)
    for turn in _turns_back(end, _far_from(end, -LONGEST_SEARCH - _WHOLE), zone, calendar):
        if _shows_open(to_local(turn, zone), calendar):  # as at the turn, so until the next one
            yield turn, end
        end = turn


def _far_from(instant: datetime, length: timedelta) -> datetime:
    try:
        return instant + length
    except OverflowError:  # the walk will meet the end of the calendar, and say so
        return datetime.max.replace(tzinfo=UTC) if length > _NOTHING else datetime.min.replace(tzinfo=UTC)


def _turns(after: datetime, limit: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> Iterator[datetime]:
    """Every instant after the given one at which the answer may change, in order, at least up to the limit.

    The answer turns where the wall clock shows midnight, or a window's start or end. Where the clocks change, it can
    also turn at the change itself: then such a time lies in the gap or in the fold, and is read in two ways.
    """
    waiting = set[datetime]()
    try:
        day = to_local(after, zone).date() - 2 * _DAY
        whole = after
        while whole <= limit:
            waiting |= _turns_on(day, zone, calendar)
            # The turns of a day lie at most a day away from it, for no change of clocks is longer.
            whole = localize(datetime.combine(day - _DAY, time(0)), zone)
            yield from sorted(turn for turn in waiting if after < turn < whole)
            waiting = {turn for turn in waiting if turn >= whole}
            day += _DAY
    except OverflowError:
        raise _at_an_end() from None


def _turns_back(before: datetime, limit: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> Iterator[datetime]:
    """Every instant before the given one at which the answer may change, the last one first."""
    waiting = set[datetime]()
    try:
        day = to_local(before, zone).date() + 2 * _DAY
        whole = before
        while whole >= limit:
            waiting |= _turns_on(day, zone, calendar)
            whole = localize(datetime.combine(day + 2 * _DAY, time(0)), zone)
            yield from sorted((turn for turn in waiting if whole <= turn < before), reverse=True)
            waiting = {turn for turn in waiting if turn < whole}
            day -= _DAY
    except OverflowError:
        raise _at_an_end() from None


def _turns_on(day: date, zone: ZoneInfo, calendar: BusinessCalendar) -> set[datetime]:
    """When the wall clock shows on a day that the answer may change; never, where nothing is open on it."""
    if not calendar.is_open(day) and not calendar.is_open(day - _DAY):  # whose night may end on it
        return set()
    edges = {time(0), *(edge for window in calendar.hours for edge in (window.start, window.end))}
    return {turn for edge in edges for turn in _readings(datetime.combine(day, edge), zone)}


def _at_an_end() -> InvalidFactError:
    return InvalidFactError("instant", "a moment some days away from the years 1 and 10000")


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
