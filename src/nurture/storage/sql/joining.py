"""`JoinedStorage`: a store that works inside a transaction of the host's own.

Nothing is begun, committed or rolled back here. A unit is a savepoint. May import what the other modules of
this room import.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from nurture.errors import JoinError
from nurture.ports import Capability
from nurture.storage.sql import versions
from nurture.storage.sql.hosts import Host, HostTransaction, host_of
from nurture.storage.sql.session import Connected, Cursor, Session, understood
from nurture.storage.sql.view import SqlView
from nurture.storage.tenants import checked_tenant

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import Storage
    from nurture.storage.sql.shared import Shared
    from nurture.storage.sql.unit import SqlUnit

_SAVEPOINT: Final = "SAVEPOINT nurture_unit"
_RELEASE: Final = "RELEASE SAVEPOINT nurture_unit"
_UNDO: Final = "ROLLBACK TO SAVEPOINT nurture_unit"


class JoinedStorage:
    """The handle that `SqlStorage.joined` gives; see there. It is of use while the host's transaction is open.

    A view shows what the host's transaction sees, what it has written included; its isolation is the host's. On
    SQLite, a unit holds the write lock from its beginning until the host commits, as any write of the host would.

    Args:
        shared: What the handles on this database share.
        tenant: Whose data this handle reads and writes.
        connection: The host's.

    Raises:
        JoinError: The connection is nothing that can be joined, or of another kind of database.
    """

    def __init__(self, shared: Shared, tenant: str, connection: HostTransaction) -> None:
        with understood(shared.dialect):
            self._host: Host = host_of(connection)
            vendor, expected = self._host.vendor, shared.engine.dialect.name
        if vendor != expected:
            raise JoinError(f"the host's connection is to {vendor!r}, and this store is on {expected!r}")
        self._shared = shared
        self._bind(tenant)

    def _bind(self, tenant: str) -> None:
        self._tenant = checked_tenant(tenant)
        self._instants = self._shared.instants(tenant)

    def for_tenant(self, tenant: str) -> JoinedStorage:
        """Another tenant's handle in the same transaction."""
        other = JoinedStorage.__new__(JoinedStorage)
        other._shared = self._shared
        other._host = self._host
        other._bind(tenant)
        return other

    @property
    def tenant(self) -> str:
        """Whose data this handle reads and writes."""
        return self._tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        """It finds members; for the rest, workers use connections of their own."""
        return frozenset({Capability.FIND})

    def now(self) -> datetime:
        """The present instant: later than every one given before, and than every committed unit."""
        with self._session() as (session, _):
            return self._instants.next(session, self._shared.statements).now

    @contextmanager
    def view(self) -> Generator[SqlView, None, None]:
        """What the host's transaction sees."""
        with self._session() as (session, _):
            yield SqlView(session, self._shared.dialect, self._shared.statements)

    @contextmanager
    def begin(self) -> Generator[SqlUnit, None, None]:
        """A unit of work, within a savepoint; it lasts if the host commits.

        Raises:
            JoinError: On SQLite, another program has written since the host's transaction began to read; or a
                savepoint began that transaction.
        """
        shared, dialect = self._shared, self._shared.dialect
        with self._session() as (session, connection), shared.claim(connection.raw):
            with understood(dialect):
                self._host.check_savepoints()
                dialect.enter_unit(connection, connection.raw)
                _run(connection, _SAVEPOINT)
            try:
                unit = dialect.unit(session, shared.statements, self._instants)
                yield unit
                unit.finish()
            except BaseException:
                with suppress(*dialect.errors):
                    _run(connection, _UNDO)
                    _run(connection, _RELEASE)
                raise
            with understood(dialect):
                _run(connection, _RELEASE)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back once the host has committed, and never if it rolls back.

        In Django, right after the commit. In SQLAlchemy, when the connection is given back to its pool or its next
        transaction begins, whichever comes first. An error in the callback is logged and goes no further.

        Raises:
            JoinError: No transaction is open.
        """
        with understood(self._shared.dialect):
            self._host.after_commit(callback)

    def close(self) -> None:
        """Nothing is held; the connection is the host's."""

    @contextmanager
    def _session(self) -> Generator[tuple[Session, Joined], None, None]:
        shared = self._shared
        shared.reachable()
        with understood(shared.dialect):
            raw = self._host.connection()
            joined = Joined(shared.dialect.enter(raw), raw)
            session = Session(joined, shared.dialect, self._tenant)
            if not shared.is_known(self._host.place):
                versions.look(session, shared.statements, self._host.vendor)
                shared.know(self._host.place)
        yield session, joined


class Joined:
    """A host's connection: as statements are run on it, and as the host has it."""

    __slots__ = ("_connection", "raw")

    def __init__(self, connection: Connected, raw: Hashable) -> None:
        self._connection = connection
        self.raw = raw

    def cursor(self) -> Cursor:
        """A new cursor (PEP 249)."""
        return self._connection.cursor()


def _run(connection: Connected, statement: str) -> None:
    cursor = connection.cursor()
    cursor.execute(statement)
    cursor.close()


if TYPE_CHECKING:
    _fits: type[Storage] = JoinedStorage
