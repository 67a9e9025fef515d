"""`SqlStorage`: the store on an SQL database. May import what the other modules of this room import."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock, local
from typing import TYPE_CHECKING

from sqlalchemy import Engine, create_engine, insert, inspect, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from nurture.errors import StorageError
from nurture.storage.clock import Clock, Ticker, system_clock
from nurture.storage.sql import schema
from nurture.storage.sql.dialect import Dialect, dialect_of
from nurture.storage.sql.session import Session, understood
from nurture.storage.sql.statements import Statements
from nurture.storage.sql.unit import SqlUnit, last_instant
from nurture.storage.sql.view import SqlView

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from nurture.ports import Capability, Storage


class SqlStorage:
    """Keeps everything in an SQL database; in this release, SQLite in a file.

    The tables are made at the first use of a database that has none. Connections are pooled, one for
    each thread that has a view or a unit open. `sqlite:///crm.db` is a file in the present folder,
    `sqlite:////srv/crm.db` one with an absolute path.

    Args:
        url_or_engine: A SQLAlchemy URL; or an engine of the host's, which is then never disposed of here.
        tenant: Whose data this handle reads and writes.
        clock: What time it is; the machine's clock when None.

    Raises:
        StorageError: The URL is wrong, or its database is not supported.

    Example:
        >>> from nurture.model import Alias, Changes, SubjectId
        >>> store = SqlStorage("sqlite:///crm.db")
        >>> with store.begin() as unit:
        ...     alias = Alias(id="a", subject=SubjectId("lead_1"))
        ...     left_out = unit.put({alias.subject: Changes(records=(alias,))})
        >>> store.close()
    """

    def __init__(self, url_or_engine: str | Engine, tenant: str = "default", clock: Clock | None = None) -> None:
        self._owns_engine = not isinstance(url_or_engine, Engine)
        engine = url_or_engine if isinstance(url_or_engine, Engine) else _engine(url_or_engine)
        self._shared = _Shared(engine, clock or system_clock)
        self._bind(tenant)

    def _bind(self, tenant: str) -> None:
        self._tenant = tenant
        self._ticker = self._shared.ticker(tenant)

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
        """None beyond the core profile."""
        return frozenset()

    def now(self) -> datetime:
        """The present instant: later than every one given before, and than every committed unit."""
        with self._session(writes=False) as session:
            last = last_instant(session, self._shared.statements)
        return self._ticker.tick(after=last)

    @contextmanager
    def view(self) -> Generator[SqlView, None, None]:
        """A snapshot to read from; it holds nobody up."""
        with self._session(writes=False) as session:
            yield SqlView(session, self._shared.dialect, self._shared.statements)

    @contextmanager
    def begin(self) -> Generator[SqlUnit, None, None]:
        """A unit of work; waits until it is alone."""
        with self._session(writes=True) as session:
            unit = SqlUnit(session, self._shared.dialect, self._shared.statements, self._ticker)
            yield unit
            unit.finish()

    def upgrade(self) -> None:
        """Make the tables if the database has none; harmless when there is nothing to do.

        Raises:
            StorageError: The database belongs to another release.
        """
        self._shared.upgrade()

    def close(self) -> None:
        """Close the pool's connections, if the pool is ours."""
        if self._owns_engine:
            self._shared.engine.dispose()

    @contextmanager
    def _session(self, *, writes: bool) -> Generator[Session, None, None]:
        """A transaction: committed at the end, undone by an error."""
        shared = self._shared
        dialect = shared.dialect
        shared.claim_thread(writes=writes)
        try:
            shared.make_ready()
            with understood(dialect):
                connection = shared.engine.raw_connection()
            try:
                with understood(dialect):
                    dialect.prepare(connection)
                    (dialect.begin_unit if writes else dialect.begin_view)(connection)
                yield Session(connection, dialect, self._tenant)
                with understood(dialect):
                    dialect.commit(connection)
            finally:
                dialect.give_back(connection)
                connection.close()
        finally:
            shared.free_thread(writes=writes)


class _Shared:
    """What the handles of all tenants share: the engine, its statements and the clock."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.dialect: Dialect = dialect_of(engine)
        self.statements = Statements(self.dialect, engine)
        self._clock = clock
        self._tickers: dict[str, Ticker] = {}
        self._lock = Lock()
        self._ready = False
        self._thread = _Thread()

    def ticker(self, tenant: str) -> Ticker:
        return self._tickers.setdefault(tenant, Ticker(self._clock))

    def claim_thread(self, *, writes: bool) -> None:
        """Refuse a unit within a unit of the same thread, which would wait for itself for ever."""
        if writes:
            if self._thread.writes:
                raise StorageError("a unit is open in this thread already: another one would wait for itself")
            self._thread.writes = True

    def free_thread(self, *, writes: bool) -> None:
        if writes:
            self._thread.writes = False

    def make_ready(self) -> None:
        if not self._ready:
            self.upgrade()

    def upgrade(self) -> None:
        with self._lock, understood(self.dialect):
            # The dialect begins and ends transactions itself.
            engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                raw = connection.connection
                self.dialect.prepare(raw)
                try:
                    if _version(connection) is None:
                        self.dialect.begin_unit(raw)
                        _create(connection)
                        self.dialect.commit(raw)
                finally:
                    self.dialect.give_back(raw)
            self._ready = True


class _Thread(local):
    writes = False


def _create(connection: Connection) -> None:
    """Make the tables, unless somebody else was quicker."""
    if _version(connection) is None:
        schema.metadata.create_all(connection)
        connection.execute(insert(schema.meta).values(name="schema", value=str(schema.VERSION)))


def _version(connection: Connection) -> int | None:
    """The version of the schema that the database has; None when it has none.

    Raises:
        StorageError: It is not the version that this release reads.
    """
    if not inspect(connection).has_table(schema.meta.name):
        return None
    found = connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == "schema")).scalar()
    if found == str(schema.VERSION):
        return schema.VERSION
    raise StorageError(
        f"the database has schema {found!r}, and this release of nurture reads {str(schema.VERSION)!r}:"
        " use the release that wrote it, or a newer one"
    )


def _engine(url: str) -> Engine:
    """An engine for the URL; its errors do not show parameters, which are personal data."""
    try:
        return create_engine(url, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StorageError("the database URL is not understood; expected something like 'sqlite:///crm.db'") from error
    except ModuleNotFoundError as error:
        message = f"the driver {error.name!r} of this URL is missing; pip install 'nurture-crm[sql]' brings SQLite's"
        raise StorageError(message) from error


if TYPE_CHECKING:
    _fits: type[Storage] = SqlStorage
