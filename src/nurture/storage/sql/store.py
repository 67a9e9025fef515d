"""`SqlStorage`: the store on an SQL database. May import what the other modules of this room import."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, cast

from nurture.errors import StorageError
from nurture.storage.sql import savepoints, schema
from nurture.storage.sql.engines import engine_of
from nurture.storage.sql.greenlets import here
from nurture.storage.sql.session import Session, understood
from nurture.storage.sql.shared import Shared
from nurture.storage.sql.view import SqlView
from nurture.storage.tenants import checked_tenant

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.pool import PoolProxiedConnection

    from nurture.ports import Capability, Storage
    from nurture.storage.clock import Clock, ClockLimit
    from nurture.storage.sql.hosts import HostTransaction
    from nurture.storage.sql.joining import JoinedStorage
    from nurture.storage.sql.session import Connected
    from nurture.storage.sql.unit import SqlUnit

_DEAD_AT_MOST: Final = 100
"""So many connections of a pool may be dead, as after a restart of the server."""


class SqlStorage:
    """Keeps everything in an SQL database: SQLite in a file, or PostgreSQL.

    The tables are made at the first use of a database that has none. Connections are pooled, one for
    each thread that has a view or a unit open. `sqlite:///crm.db` is a file in the present folder,
    `sqlite:////srv/crm.db` one with an absolute path.

    On an asynchronous driver (`sqlite+aiosqlite`, `postgresql+psycopg_async`, or an `AsyncEngine`) the same store
    is used through `AsyncNurture`.

    Args:
        url_or_engine: A SQLAlchemy URL; or an engine of the host's, which is then never disposed of here.
        tenant: Whose data this handle reads and writes.
        clock: What time it is; when None, the clock of PostgreSQL's server, or of this machine.
        clock_limit: How far the clock is believed. When None, the usual limit, or none for a clock that was given.

    Raises:
        StorageError: The URL is wrong, or its database is not supported; or the tenant is no text that it can keep.

    Example:
        >>> from nurture.model import Alias, Changes, SubjectId
        >>> store = SqlStorage("sqlite:///crm.db")
        >>> with store.begin() as unit:
        ...     alias = Alias(id="a", subject=SubjectId("lead_1"))
        ...     left_out = unit.put({alias.subject: Changes(records=(alias,))})
        >>> store.close()
    """

    def __init__(
        self,
        url_or_engine: str | Engine | AsyncEngine,
        tenant: str = "default",
        clock: Clock | None = None,
        clock_limit: ClockLimit | None = None,
    ) -> None:
        engine, self._owns_engine = engine_of(url_or_engine)
        self._shared = Shared(engine, clock, clock_limit)
        if not self._owns_engine:
            savepoints.watch(engine)  # its transactions may be joined
        self._bind(tenant)

    def _bind(self, tenant: str) -> None:
        self._tenant = checked_tenant(tenant)
        self._instants = self._shared.instants(tenant)

    def for_tenant(self, tenant: str) -> SqlStorage:
        """Another tenant's handle on the same database, pool and clock; closing it closes nothing."""
        other = SqlStorage.__new__(SqlStorage)
        other._owns_engine = False
        other._shared = self._shared
        other._bind(tenant)
        return other

    @property
    def tenant(self) -> str:
        """Whose data this handle reads and writes."""
        return self._tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this database can do beyond the core profile."""
        return self._shared.dialect.capabilities

    def now(self) -> datetime:
        """The present instant: later than every one given before, and than every committed unit.

        Raises:
            ClockJumpError: The clock lies too far from the last committed instant.
        """
        dialect, statements = self._shared.dialect, self._shared.statements
        with self._session(dialect.begin_nothing) as session:
            instant = self._instants.next(session, statements)
        if self._instants.must_note(instant):
            # Who must be waited for may be this very thread, with a unit open; then the next hour will do.
            with suppress(StorageError), self._session(dialect.begin_at_once) as session:
                self._instants.note(session, statements, instant)
        return instant.now

    @contextmanager
    def view(self) -> Generator[SqlView, None, None]:
        """A snapshot to read from; it holds nobody up."""
        with self._session(self._shared.dialect.begin_view) as session:
            yield SqlView(session, self._shared.dialect, self._shared.statements)

    @contextmanager
    def begin(self) -> Generator[SqlUnit, None, None]:
        """A unit of work; waits until it is alone."""
        with self._shared.claim(here()), self._session(self._shared.dialect.begin_unit) as session:
            unit = self._shared.dialect.unit(session, self._shared.statements, self._instants)
            yield unit
            unit.finish()

    def joined(self, connection: HostTransaction) -> JoinedStorage:
        """A handle that works inside a transaction of the host's own.

        Views and units use the host's connection, and nothing is begun, committed or rolled back here: what was
        recorded lasts when the host commits, and goes when it rolls back. A unit is a savepoint, so an error
        inside it undoes the unit alone. The tables must be there already (`upgrade`).

        Args:
            connection: A SQLAlchemy `Connection` or ORM `Session` (also the asynchronous ones), or Django's
                `django.db.connection`; with a transaction open.

        Raises:
            JoinError: It is none of these, or of another kind of database, or no transaction is open.
        """
        from nurture.storage.sql.joining import JoinedStorage

        return JoinedStorage(self._shared, self._tenant, connection)

    @property
    def is_asynchronous(self) -> bool:
        """Whether it is on an asynchronous driver, and so for `AsyncNurture`."""
        return self._shared.engine.dialect.is_async

    @property
    def schema_version(self) -> int:
        """The version of the tables that this release reads and writes; any other is refused."""
        return schema.VERSION

    def has_tables(self) -> bool:
        """Whether the database has the tables, of any release. Nothing is made, not even SQLite's file.

        Raises:
            StorageError: The database cannot be reached.
        """
        return self._shared.has_tables()

    def upgrade(self) -> None:
        """Make the tables if the database has none, and bring those of an earlier release to this one.

        All of it, or nothing, in one transaction. Harmless when there is nothing to do, and when two programs do
        it at once: the second waits. Stop other programs that use the database before.

        Raises:
            SchemaError: The database belongs to a later release.
            StorageError: The database cannot be reached or written.
        """
        self._shared.bring_up(upgrades=True)

    def allow_clock(self) -> None:
        """Accept the clock as it is now, once, after `ClockJumpError`; for every process on this database.

        A clock that is ahead counts from here on, for good. One that is behind cannot be followed back, because
        instants never repeat: time stands still at the last instant until the clock has caught up. Nothing becomes
        due meanwhile, and what is recorded is dated there. Later jumps are judged afresh.
        """
        with self._shared.claim(here()), self._session(self._shared.dialect.begin_unit) as session:
            self._instants.allow(session, self._shared.statements)

    def wait(self, seconds: float, /) -> bool:
        """Sleep until something new may be due, or so long; on PostgreSQL only. Whether it was woken.

        Raises:
            StorageError: The database tells nobody what was committed.
        """
        shared = self._shared
        shared.reachable()
        shared.make_ready()
        with understood(shared.dialect):
            return shared.sleeper(self._tenant).sleep(seconds)

    def close(self) -> None:
        """Close the connections that sleep, and the pool's, if the pool is ours."""
        self._shared.wake_up()
        if self._owns_engine:
            with understood(self._shared.dialect):
                self._shared.engine.dispose()

    @contextmanager
    def _session(self, begin: Callable[[PoolProxiedConnection], None]) -> Generator[Session, None, None]:
        """A transaction: committed at the end, undone by an error; or one statement that needs none."""
        shared = self._shared
        dialect = shared.dialect
        shared.reachable()
        place = shared.gate.enter()
        try:
            shared.make_ready()
            connection = self._connect(begin)
            try:
                yield Session(cast("Connected", connection), dialect, self._tenant)
                if begin != dialect.begin_nothing:
                    with understood(dialect):
                        dialect.commit(connection)
            finally:
                dialect.give_back(connection)
                connection.close()
        finally:
            shared.gate.leave(place)

    def _connect(self, begin: Callable[[PoolProxiedConnection], None]) -> PoolProxiedConnection:
        """A connection on which a transaction has begun; connections that died in the pool are thrown away."""
        dialect = self._shared.dialect
        for attempt in range(_DEAD_AT_MOST):
            with understood(dialect):
                connection = self._shared.engine.raw_connection()
            try:
                with understood(dialect):
                    dialect.prepare(connection)
                    begin(connection)
            except BaseException:
                was_dead = dialect.is_gone(connection)
                dialect.give_back(connection)
                connection.close()
                if not was_dead or attempt == _DEAD_AT_MOST - 1:
                    raise
            else:
                return connection
        raise AssertionError("unreachable")


if TYPE_CHECKING:
    _fits: type[Storage] = SqlStorage
