"""Windows of the local day, such as quiet hours from 22:00 to 06:00. Imports only `nurture.errors`.

The clock on the wall decides: an instant is inside when the local time is. So an hour that the zone shows
twice counts twice, and a window that falls wholly into a skipped hour does not happen that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from nurture.calendar.durations import clock_problem
from nurture.calendar.zones import change_between, occurrence, to_local
from nurture.errors import DefinitionError, InvalidFactError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)


def _weekdays(values: Iterable[int] | None) -> frozenset[int] | None:
    return None if values is None else frozenset(values)


@frozen
class Window:
    """A half-open stretch of the local day; it may span midnight.

    `Window(time(22), time(6))` holds 22:00 and 05:59, not 06:00. For a whole free day take two windows that
    meet: 00:00 to 12:00 and 12:00 to 00:00.

    Attributes:
        start: The first time of day inside.
        end: The first time of day outside; earlier than the start when the window spans midnight.
        days: The weekdays on which the window *starts*, 0 for Monday to 6 for Sunday; None for every day.

    Raises:
        DefinitionError: Start equals end (is it empty, or the whole day?), or the days are no weekdays; all
            problems at once.

    Example:
        >>> from nurture.calendar import zone
        >>> quiet = Window(time(22), time(6))
        >>> quiet.next_outside(datetime.fromisoformat("2026-11-21T23:15+09:00"), zone("Asia/Tokyo")).isoformat()
        '2026-11-21T21:00:00+00:00'
    """

    start: time
    end: time
    days: frozenset[int] | None = field(default=None, converter=_weekdays)

    def __attrs_post_init__(self) -> None:
        problems = [clock_problem(self.start, "window.start"), clock_problem(self.end, "window.end")]
        if not any(problems) and self.start == self.end:
            problems.append("window.end: expected another time than the start; it could mean nothing or the whole day")
        if self.days is not None and not (self.days and self.days <= frozenset(range(7))):
            problems.append("window.days: expected at least one weekday, 0 (Monday) to 6 (Sunday)")
        if any(problems):
            raise DefinitionError(filter(None, problems))

    def contains(self, instant: datetime, zone: ZoneInfo) -> bool:
        """Whether the wall clocks of the zone show a time inside the window at that instant."""
        return self.holds(to_local(instant, zone))

    def holds(self, local: datetime) -> bool:
        """Whether a wall-clock time lies inside the window."""
        shown, starts_on = local.time(), local.weekday()
        if self.start < self.end:
            inside = self.start <= shown < self.end
        elif shown < self.end:
            inside, starts_on = True, (starts_on - 1) % 7  # after midnight, in the window of the day before
        else:
            inside = shown >= self.start
        return inside and (self.days is None or starts_on in self.days)

    def next_outside(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The first instant at or after the given one that lies outside the window, in UTC.

        Raises:
            InvalidFactError: The instant is naive, or within weeks of the years 1 or 10000.
        """
        return self._next(instant, zone, inside=False)

    def next_inside(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The first instant at or after the given one that lies inside the window, in UTC.

        Raises:
            InvalidFactError: The instant is naive, or within weeks of the years 1 or 10000.
        """
        return self._next(instant, zone, inside=True)

    def _next(self, instant: datetime, zone: ZoneInfo, *, inside: bool) -> datetime:
        local = to_local(instant, zone)
        if self.holds(local) is inside:
            return instant.astimezone(UTC)
        # Whole weeks, because of `days`; three, because the clocks may skip a window (or all but a window) once.
        horizon = 4 if self.days is None else 22
        try:
            return min(
                moment
                for moment in self._turns(local.date(), horizon, zone)
                if moment > instant and self.contains(moment, zone) is inside
            )
        except OverflowError:
            raise InvalidFactError("instant", "a moment some weeks away from the years 1 and 10000") from None

    def _turns(self, around: date, horizon: int, zone: ZoneInfo) -> Iterator[datetime]:
        """Every instant near a day at which the answer may change.

        The answer turns where the wall clock shows start or end. Where the clocks change, it can also turn
        at the change itself: then start or end lies in the gap or in the fold, and is read in two ways.
        """
        for offset in range(-1, horizon):  # from the day before: a fold at 00:01 leads back to it
            for edge in (self.start, self.end):
                local = datetime.combine(around + offset * _DAY, edge)
                before, after = occurrence(local, zone, 0), occurrence(local, zone, 1)
                yield before
                if before != after:
                    yield after
                    yield change_between(min(before, after), max(before, after), zone)
