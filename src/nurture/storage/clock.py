"""The instants that a store gives out: each later than the one before, from a clock that is believed within limits.

May import `nurture.errors`, and the standard library otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, TypeAlias

import attrs

from nurture.errors import ClockJumpError, StorageError

Clock: TypeAlias = Callable[[], datetime]
"""Says what time it is, as an aware datetime."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def system_clock() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


def to_micros(instant: datetime) -> int:
    """Whole microseconds since 1970 in UTC.

    Example:
        >>> to_micros(EPOCH + timedelta(days=1, microseconds=7))
        86400000007
    """
    gone = instant - EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def from_micros(micros: int) -> datetime:
    """The instant so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=micros)


@attrs.frozen(slots=True, kw_only=True)
class ClockLimit:
    """How far a clock may lie from the last committed instant and still be believed.

    Within the limit, a clock that went back makes time stand still: instants go on in steps of a
    microsecond until the clock has caught up. Beyond it, the store refuses with `ClockJumpError`
    until an operator accepts the clock (`storage.allow_clock()`).

    Attributes:
        back: How far it may lie before; None for any length.
        ahead: How far it may lie after, counted from the newest instant of any tenant; None for any
            length. A program that runs, as an idle worker does, writes the time down once a day. A store
            that nobody used for longer than this wants its clock accepted, too: nobody can tell a long
            rest from a wrong clock.

    Raises:
        StorageError: One of them is no length of time, or negative.
    """

    back: timedelta | None = timedelta(hours=1)
    ahead: timedelta | None = timedelta(days=31)

    def __attrs_post_init__(self) -> None:
        for name, length in (("back", self.back), ("ahead", self.ahead)):
            kind: type[object] = type(length)
            if length is not None and not issubclass(kind, timedelta):
                raise StorageError(f"ClockLimit.{name}: expected a timedelta or None, found {kind.__name__}")
            if length is not None and length < timedelta(0):
                raise StorageError(f"ClockLimit.{name}: expected no negative length of time")


def limit_for(clock: Clock | None, limit: ClockLimit | None) -> ClockLimit | None:
    """The limit that was given; else the usual one for a real clock, and none for a clock of the caller's.

    Raises:
        StorageError: It is no `ClockLimit`.
    """
    kind: type[object] = type(limit)
    if limit is not None and not issubclass(kind, ClockLimit):
        raise StorageError(f"clock_limit: expected a ClockLimit or None, found {kind.__name__}")
    return ClockLimit() if limit is None and clock is None else limit


@attrs.frozen(slots=True)
class Accepted:
    """A clock that lies behind the last instant, and that an operator accepted as it is.

    It holds only until time has passed that last instant; later jumps are judged afresh.

    Attributes:
        floor: What the clock said. Further back than the limit before this is refused again.
        until: The last instant then.
    """

    floor: datetime
    until: datetime


class Ticker:
    """Turns a clock that may stand still or go back into instants that strictly increase. Thread-safe.

    Args:
        clock: What time it is.
        limit: How far the clock is believed; None for a clock that is always right.
    """

    __slots__ = ("_accepted", "_clock", "_last", "_limit", "_lock")

    def __init__(self, clock: Clock, limit: ClockLimit | None = None) -> None:
        self._clock = clock
        self._limit = limit
        self._last = EPOCH
        self._accepted: Accepted | None = None
        self._lock = Lock()

    def tick(
        self, after: datetime | None = None, *, present: datetime | None = None, seen: datetime | None = None
    ) -> datetime:
        """The next instant: the clock's, or one microsecond after the last one, whichever is later.

        Args:
            after: The last committed instant, if it is known; the answer is later.
            present: What time it is, if somebody else than the clock says it.
            seen: An instant that was seen elsewhere, if one was: a clock that is ahead may lie as far after that.

        Raises:
            ClockJumpError: The clock lies too far from the last instant.
        """
        with self._lock:
            now = self._read(present)
            if self._limit is not None:
                self._judge(now, after, self._limit, seen)
            last = self._last if after is None or after < self._last else after
            self._last = now if now > last else last + _TICK
            return self._last

    def allow(self, after: datetime | None = None, *, present: datetime | None = None) -> Accepted:
        """Accept the clock as it is now, once.

        A clock that is ahead counts from here on. For one that is behind, time stands still until it
        has caught up.

        Args:
            after: The last committed instant, if it is known.
            present: What time it is, if somebody else than the clock says it.
        """
        with self._lock:
            now = self._read(present)
            self._accepted = Accepted(floor=now, until=max(self._last if after is None else after, EPOCH))
            self._last = max(self._last, now)
            return self._accepted

    def accept(self, accepted: Accepted) -> None:
        """Take over what was accepted elsewhere."""
        with self._lock:
            self._accepted = accepted

    def _read(self, present: datetime | None) -> datetime:
        now = self._clock() if present is None else present
        if now.tzinfo is None:
            raise ValueError("the store's clock must give aware datetimes")
        return now.astimezone(UTC)

    def _judge(self, now: datetime, after: datetime | None, limit: ClockLimit, elsewhere: datetime | None) -> None:
        committed = self._last if after is None else after
        if committed == EPOCH:
            return  # nothing was ever written: there is nothing to compare with
        floor = committed
        accepted = self._accepted
        # While time stands still it goes on by microseconds only; so this is not yet passed, or just now.
        if accepted is not None and committed <= accepted.until + (limit.back or timedelta(0)):
            floor = min(committed, accepted.floor)
        if limit.back is not None and now < floor - limit.back:
            raise ClockJumpError(now - committed, limit.back)
        # Whoever has seen the clock go on all the time, as an idle worker has, need not be afraid.
        seen = max(committed, self._last, elsewhere or EPOCH)
        if limit.ahead is not None and now > seen + limit.ahead:
            raise ClockJumpError(now - committed, limit.ahead)
