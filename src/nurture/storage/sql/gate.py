"""Who may hold connections of the pool at a time. May import SQLAlchemy.

A worker reads in a view while its unit is open, and asks for the time besides: it holds up to three connections. If
too many began at once, each could hold one, and all would wait for their second. So they are let in one after the
other: those inside always find what they still need.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Hashable
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy.util import await_only

from nurture.errors import StorageError
from nurture.storage.sql.greenlets import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

PATIENCE: Final = 60.0
"""Seconds to wait outside before giving up."""
MOST_AT_ONCE: Final = 3
"""So many connections one place may hold: a unit, a view beside it, and a look at the clock."""


class Gate:
    """Lets in as many places, threads or tasks, as can all have the connections that they may want.

    Args:
        engine: Whose pool it guards. A pool without a limit needs no gate.
    """

    __slots__ = ("_doors", "_held", "_size")

    def __init__(self, engine: Engine) -> None:
        self._size = _size(engine)
        self._held: dict[Hashable, int] = {}
        self._doors: threading.Semaphore | asyncio.Semaphore | None = None
        if self._size is not None:
            places = _places(self._size)
            self._doors = asyncio.Semaphore(places) if engine.dialect.is_async else threading.Semaphore(places)

    def enter(self) -> Hashable:
        """Come in, after a while if need be; the answer must be given to `leave`. Who is inside already just goes on.

        Raises:
            StorageError: Nobody left for long; or the whole pool is less than one place needs.
        """
        doors = self._doors
        if doors is None or self._size is None:
            return None
        place = here()
        held = self._held.get(place, 0)
        if held:
            if held >= self._size < MOST_AT_ONCE:  # it would wait for itself
                raise StorageError(
                    f"one call needs up to {MOST_AT_ONCE} connections at once, and the engine's pool has only"
                    f" {self._size}: give the engine a larger pool (pool_size, max_overflow)"
                )
            self._held[place] = held + 1
            return place
        if isinstance(doors, threading.Semaphore):
            came_in = doors.acquire(timeout=PATIENCE)
        else:
            came_in = await_only(_acquired(doors))
        if not came_in:
            raise crowded()
        self._held[place] = 1
        return place

    def leave(self, place: Hashable) -> None:
        """Go; `place` is what `enter` answered."""
        if place is None or self._doors is None:
            return
        self._held[place] -= 1
        if not self._held[place]:
            del self._held[place]
            self._doors.release()


def crowded() -> StorageError:
    """For who waited in vain."""
    return StorageError(
        "every connection of the pool has been in use for too long: give the engine a larger pool"
        " (pool_size, max_overflow), or let fewer threads or tasks work at once"
    )


async def _acquired(doors: asyncio.Semaphore) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await doors.acquire()
    except TimeoutError:
        return False


def _size(engine: Engine) -> int | None:
    """How many connections the pool may hand out; None when it has no limit."""
    size = cast("Callable[[], int] | None", getattr(engine.pool, "size", None))
    overflow = cast("int", getattr(engine.pool, "_max_overflow", -1))
    if size is None or overflow < 0 or size() == 0:
        return None
    return size() + overflow


def _places(size: int) -> int:
    """How many may be inside.

    If each inside held all but one of what it may want, there must be one more connection: so one of them goes on.
    """
    return max(1, (size - 1) // (MOST_AT_ONCE - 1))
