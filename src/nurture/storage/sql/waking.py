"""Sleeping until something new may be due, on PostgreSQL. May import SQLAlchemy and psycopg.

Who commits something that may be due tells the sleepers (`NOTIFY`), but only when there is one: telling
makes PostgreSQL commit one transaction after the other. Who sleeps holds an advisory lock, the bed, alone;
who writes tries it shared, until its commit. So either the writer finds the bed taken, and tells; or the sleeper
does not get the bed before the writer has committed, and sees what was written when it looks again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, cast

import attrs
import psycopg
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import await_only

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LONGEST: Final = 0.5
"""Seconds after which a sleeper without a bed looks again, at the latest."""
_SHORTEST: Final = 0.005


def bed_of(tenant: str) -> int:
    """The number of the advisory lock that a tenant's sleeper holds."""
    return int.from_bytes(_digest(tenant), "big", signed=True)


def channel_of(tenant: str) -> str:
    """Where a tenant's sleepers listen."""
    return f"nurture_{_digest(tenant).hex()}"


def _digest(tenant: str) -> bytes:
    return blake2b(tenant.encode("utf-8", "surrogatepass"), digest_size=8, person=b"nurture").digest()


@attrs.frozen(slots=True, eq=False)
class _Line:
    """A connection that listens: as the pool gave it, and as the driver knows it."""

    pooled: PoolProxiedConnection
    driver: psycopg.Connection | psycopg.AsyncConnection

    def run(self, statement: str) -> object:
        """The one value that a statement finds; None when it finds nothing."""
        cursor = self.pooled.cursor()
        try:
            cursor.execute(statement)
            found = cursor.fetchone() if cursor.description else None
            return None if found is None else found[0]
        finally:
            cursor.close()

    def listen(self, seconds: float) -> None:
        """Until somebody tells something, or so long."""
        if isinstance(self.driver, psycopg.AsyncConnection):
            await_only(_hear(self.driver, seconds))
            return
        for _ in self.driver.notifies(timeout=seconds, stop_after=1):
            pass

    def close(self) -> None:
        """Close it by itself: of psycopg's asynchronous driver SQLAlchemy closes no connection that left its pool."""
        with suppress(psycopg.Error):
            cast("psycopg.Connection", self.pooled.dbapi_connection).close()


async def _hear(driver: psycopg.AsyncConnection, seconds: float) -> None:
    async for _ in driver.notifies(timeout=seconds, stop_after=1):
        pass


class Sleeper:
    """Sleeps on a connection of its own, which it keeps for the next time.

    Args:
        engine: Where to connect.
        tenant: About whose work to be told.
        first_due: Given a connection that has no transaction open: in how many seconds the first thing is due that
            waits in the store, negative when it is due already; None when nothing waits.
    """

    def __init__(self, engine: Engine, tenant: str, first_due: Callable[[PoolProxiedConnection], float | None]) -> None:
        self._engine = engine
        self._first_due = first_due
        self._bed = bed_of(tenant)
        self._channel = channel_of(tenant)
        self._idle: list[_Line] = []

    def sleep(self, seconds: float) -> bool:
        """Sleep until something new may be due, or so long; whether it was woken."""
        deadline = time.monotonic() + seconds
        line = self._idle.pop() if self._idle else self._connect()
        try:
            woken = self._sleep(line, deadline)
            line.run("SELECT pg_advisory_unlock_all()")
        except BaseException:
            line.close()
            raise
        self._idle.append(line)
        return woken

    def close(self) -> None:
        """Close the connections of those who do not sleep now."""
        while self._idle:
            self._idle.pop().close()

    def _connect(self) -> _Line:
        pooled = self._engine.raw_connection()
        line = _Line(pooled, cast("psycopg.Connection", pooled.driver_connection))
        pooled.detach()  # the pool does not count it, and closing it closes it
        cast("psycopg.Connection", pooled.dbapi_connection).autocommit = True
        line.run(f"LISTEN {self._channel}")
        return line

    def _sleep(self, line: _Line, deadline: float) -> bool:
        slice_ = _SHORTEST
        has_bed = False
        known: float | None = None
        while True:
            has_bed = has_bed or bool(line.run(f"SELECT pg_try_advisory_lock({self._bed})"))
            due_in = self._first_due(line.pooled)  # looked up after lying down: what comes from now on is told
            now = time.monotonic()
            due_at = math.inf if due_in is None else now + due_in
            if due_at <= now or (known is not None and due_at < known - _SHORTEST):
                return True
            known = due_at if known is None else known
            if now >= deadline:
                return False
            slice_ = math.inf if has_bed else min(_LONGEST, slice_ * 2)
            line.listen(min(deadline - now, max(due_at - now, _SHORTEST), slice_))
