"""The instants that a store gives out: each later than the one before. Imports the standard library only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, TypeAlias

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


class Ticker:
    """Turns a clock that may stand still or go back into instants that strictly increase. Thread-safe.

    Args:
        clock: What time it is.
    """

    __slots__ = ("_clock", "_last", "_lock")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = EPOCH
        self._lock = Lock()

    def tick(self, after: datetime | None = None) -> datetime:
        """The next instant: the clock's, or one microsecond after the last one, whichever is later.

        Args:
            after: An instant that the answer must also be later than.
        """
        with self._lock:
            now = self._clock()
            if now.tzinfo is None:
                raise ValueError("the store's clock must give aware datetimes")
            last = self._last if after is None or after < self._last else after
            self._last = now.astimezone(UTC) if now > last else last + _TICK
            return self._last
