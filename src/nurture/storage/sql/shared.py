"""What the handles of all tenants on one database share. May import what the other modules of this room import.

No lock of a thread is held while the database is asked: on an asynchronous driver many tasks share a thread, and
one that waits for such a lock would keep the one that holds it from ever going on.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast
from weakref import WeakSet

from nurture.errors import StorageError
from nurture.ports import Capability
from nurture.storage.clock import Clock, ClockLimit, Ticker, limit_for, system_clock
from nurture.storage.sql import versions
from nurture.storage.sql.dialect import Dialect, dialect_of
from nurture.storage.sql.gate import Gate
from nurture.storage.sql.greenlets import in_task
from nurture.storage.sql.instants import Instants
from nurture.storage.sql.session import Session, understood
from nurture.storage.sql.statements import statements_of
from nurture.storage.sql.view import SqlView

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.pool import PoolProxiedConnection

    from nurture.storage.sql.session import Connected
    from nurture.storage.sql.waking import Sleeper


class Shared:
    """The engine, its statements, the clock, and whether the tables are there.

    Args:
        engine: Where to connect.
        clock: What time it is; the server's or the machine's clock when None.
        limit: How far the clock is believed; the usual limit when None and no clock is given.
    """

    def __init__(self, engine: Engine, clock: Clock | None, limit: ClockLimit | None) -> None:
        self.engine = engine
        self.dialect: Dialect = dialect_of(engine)
        self.gate = Gate(engine)
        self.statements = statements_of(self.dialect, engine)
        self._own_clock = clock
        self._limit = limit_for(clock, limit)
        self._instants: dict[str, Instants] = {}
        self._sleepers: dict[str, Sleeper] = {}
        self._ready = False
        self._claimed: set[Hashable] = set()
        self._known: WeakSet[object] = WeakSet()

    def instants(self, tenant: str) -> Instants:
        """The one source of a tenant's instants in this process; the server's clock, if nothing else was given."""
        ticker = Ticker(self._own_clock or system_clock, self._limit)
        of_server = self._own_clock is None and self.engine.dialect.name != "sqlite"
        return self._instants.setdefault(tenant, Instants(ticker, of_server=of_server))

    def is_known(self, place: object) -> bool:
        """Whether the tables of this host's database were looked at."""
        return place in self._known

    def know(self, place: object) -> None:
        """Note that this host's database has our tables."""
        self._known.add(place)

    def sleeper(self, tenant: str) -> Sleeper:
        """What sleeps until something of this tenant is due.

        Raises:
            StorageError: The database tells nobody what was committed.
        """
        if Capability.NOTIFY not in self.dialect.capabilities:
            raise StorageError(f"{self.engine.dialect.name} tells nobody what was committed: poll it")
        from nurture.storage.sql.waking import Sleeper

        if tenant not in self._sleepers:
            self._sleepers.setdefault(tenant, Sleeper(self.engine, tenant, partial(self._due_in, tenant)))
        return self._sleepers[tenant]

    def _due_in(self, tenant: str, connection: PoolProxiedConnection) -> float | None:
        session = Session(cast("Connected", connection), self.dialect, tenant)
        due = SqlView(session, self.dialect, self.statements).next_due_at()
        if due is None:
            return None
        return (due - self.instants(tenant).next(session, self.statements).now).total_seconds()

    def wake_up(self) -> None:
        """Close the connections of those who do not sleep now."""
        for sleeper in self._sleepers.values():
            sleeper.close()

    @contextmanager
    def claim(self, place: Hashable) -> Generator[None, None, None]:
        """Refuse a unit where another one is open, which it would wait for for ever."""
        if place in self._claimed:
            raise StorageError("a unit is open in this thread already: another one would wait for itself")
        self._claimed.add(place)
        try:
            yield
        finally:
            self._claimed.discard(place)

    def reachable(self) -> None:
        """Refuse to run an asynchronous driver where nothing can wait for it."""
        if self.engine.dialect.is_async and not in_task():
            raise StorageError(
                "this store is on an asynchronous driver: use it through AsyncNurture, or within"
                " SQLAlchemy's greenlet_spawn or run_sync"
            )

    def has_tables(self) -> bool:
        """Whether the tables are there, of any release. Only looks: connecting to SQLite would make the file."""
        self.reachable()
        file = self.engine.url.database or ""
        is_file = self.engine.dialect.name == "sqlite" and not file.startswith(("file:", ":memory:"))
        if is_file and file and not Path(file).exists():
            return False
        with understood(self.dialect), self.engine.connect() as connection:
            return versions.found_version(connection) is not None

    def make_ready(self) -> None:
        """See that the tables are there, and of this release; make them where there are none."""
        if not self._ready:
            self.bring_up(upgrades=False)

    def bring_up(self, *, upgrades: bool) -> None:
        """Make the tables, or upgrade older ones when that is wanted."""
        self.reachable()
        dialect = self.dialect
        with understood(dialect):
            found = self._look()
            if found is None or upgrades:
                found = self._make(upgrades=upgrades)
        versions.check(found or "")
        self._ready = True

    def _look(self) -> str | None:
        """Which schema the database has; asked past SQLAlchemy, whose listeners might begin a transaction."""
        dialect = self.dialect
        raw = self.engine.raw_connection()
        try:
            dialect.prepare(raw)
            session = Session(cast("Connected", raw), dialect, "")
            dialect.check(session)
            return versions.probe(session, self.statements, self.engine.dialect.name)
        finally:
            dialect.give_back(raw)
            raw.close()

    def _make(self, *, upgrades: bool) -> str | None:
        """Make the tables, or upgrade them; the schema then."""
        dialect = self.dialect
        # The dialect begins and ends transactions itself.
        with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            raw = connection.connection
            dialect.prepare(raw)
            try:
                # SQLAlchemy tells its listeners of one beginning, now. If the host's began a transaction of its
                # own kind, such as BEGIN IMMEDIATE, it is not the one that is wanted.
                connection.begin()
                dialect.undo(raw)
                dialect.begin_unit(raw)
                versions.lock(connection)
                found = versions.found_version(connection)  # somebody may have been quicker
                if found is None:
                    versions.create(connection)
                elif upgrades:
                    versions.upgrade(connection, found)
                found = versions.found_version(connection)
                dialect.commit(raw)
                return found
            finally:
                dialect.give_back(raw)
