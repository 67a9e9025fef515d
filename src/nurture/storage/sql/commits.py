"""Telling somebody after a host's SQLAlchemy transaction was committed, and never otherwise. May import SQLAlchemy.

SQLAlchemy tells its listeners of a commit *before* it asks the database for it. So what is to be told is put
aside then, and told when the commit can no longer have failed: when the connection goes back to its pool, or when
its next transaction begins.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias, cast
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.sql.expression import SavepointClause

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect, ExceptionContext
    from sqlalchemy.pool import ConnectionPoolEntry, Pool

Callback: TypeAlias = Callable[[], None]

_KEY: Final = "nurture after commit"
_log = logging.getLogger("nurture")
_watched: WeakSet[Pool | Dialect] = WeakSet()
_watching: Final = Lock()


def after_commit(connection: Connection, callback: Callback) -> None:
    """Call back once the transaction that is open on this connection was committed; never if it is rolled back."""
    watch = connection.info.get(_KEY)
    if not isinstance(watch, _Watch) or watch.connection is not connection:
        _watch_pool(connection)
        watch = connection.info[_KEY] = _Watch(connection)
    watch.waiting.append((len(watch.savepoints), callback))


def tell(callback: Callback) -> None:
    """Call back; an error there is logged, because what it tells of has happened and stays so."""
    try:
        callback()
    except Exception as error:
        # The error's own words may hold anything.
        _log.error("what was to be told after a commit failed: %s", type(error).__name__)


class _Watch:
    """What waits for the commit of one connection's transaction.

    Attributes:
        connection: Watched from when the first one waits.
        savepoints: Names of those that were opened since, outermost first, and are open.
        waiting: With the number of such savepoints in which each began to wait.
        committed: To be told as soon as it is certain.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.savepoints: list[str] = []
        self.waiting: list[tuple[int, Callback]] = []
        self.committed: list[Callback] = []
        for name, listener in (
            ("begin", self._begin),
            ("commit", self._commit),
            ("rollback", self._rollback),
            ("commit_twophase", self._commit),
            ("rollback_twophase", self._rollback),
            ("before_execute", self._execute),
            ("release_savepoint", self._release),
            ("rollback_savepoint", self._rollback_to),
        ):
            event.listen(connection, name, listener)

    def tell(self) -> None:
        """The commit is certain: tell."""
        told, self.committed = self.committed, []
        for callback in told:
            tell(callback)

    def forget(self) -> None:
        """Nothing was committed."""
        self.savepoints.clear()
        self.waiting.clear()
        self.committed.clear()

    def _begin(self, _: Connection) -> None:
        self.tell()

    def _commit(self, connection: Connection, *_: object) -> None:
        if _is_aborted(connection):
            self.forget()
            return
        self.committed += [callback for _, callback in self.waiting]
        self.savepoints.clear()
        self.waiting.clear()

    def _rollback(self, *_: object) -> None:
        self.forget()

    def _execute(self, _: Connection, statement: object, *__: object) -> None:
        # The event for savepoints comes too early: SQLAlchemy has not named it yet.
        if isinstance(statement, SavepointClause):
            self.savepoints.append(cast("str", statement.ident))

    def _release(self, _: Connection, name: str, __: object) -> None:
        if name in self.savepoints:
            depth = self.savepoints.index(name)
            self.waiting = [(min(deep, depth), callback) for deep, callback in self.waiting]
            del self.savepoints[depth:]

    def _rollback_to(self, _: Connection, name: str, __: object) -> None:
        # One that was open before there was anything to tell holds everything that waits.
        depth = self.savepoints.index(name) if name in self.savepoints else -1
        self.waiting = [(deep, callback) for deep, callback in self.waiting if deep <= depth]
        del self.savepoints[max(depth, 0) :]


def _is_aborted(connection: Connection) -> bool:
    """Whether PostgreSQL will answer the commit with a rollback, and no error, because a statement failed before."""
    driver: object = connection.connection.driver_connection
    status: object = getattr(getattr(driver, "info", None), "transaction_status", None)
    return getattr(status, "name", "") == "INERROR"


def _watch_pool(connection: Connection) -> None:
    """Listen to the pool and to errors, once for each; there is no way to listen for one connection alone."""
    pool, dialect = connection.engine.pool, connection.dialect
    with _watching:
        if pool not in _watched:
            event.listen(pool, "checkin", _given_back)
            _watched.add(pool)
        if dialect not in _watched:
            event.listen(connection.engine, "handle_error", _failed)
            _watched.add(dialect)


def _given_back(_: object, entry: ConnectionPoolEntry) -> None:
    watch = cast("_Watch | None", entry.info.pop(_KEY, None))
    if watch is not None:
        watch.tell()


def _failed(context: ExceptionContext) -> None:
    connection = context.connection
    watch = None if connection is None or connection.invalidated else connection.info.get(_KEY)
    if isinstance(watch, _Watch):
        watch.committed.clear()
