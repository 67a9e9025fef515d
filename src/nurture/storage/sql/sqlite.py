"""What is particular to SQLite. May import SQLAlchemy and `sqlite3`.

Durable and fair: write-ahead log, `synchronous=FULL`, and a write lock that is asked for every two
milliseconds with jitter. A thread that writes back to back pauses for five milliseconds after each
fifty that it held the lock; else it would starve the others, because SQLite's lock has no queue.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import BigInteger, bindparam, func, null, select, type_coerce
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.util import await_only

from nurture.errors import JoinError, StorageError
from nurture.ports import Capability
from nurture.storage.sql.greenlets import in_task
from nurture.storage.sql.rows import FACT
from nurture.storage.sql.unit import SqlUnit

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql.dml import Insert
    from sqlalchemy.sql.elements import ColumnElement

    from nurture.storage.sql.dialect import Statement
    from nurture.storage.sql.instants import Instants
    from nurture.storage.sql.session import Connected, Session
    from nurture.storage.sql.statements import Statements

LOCK_TIMEOUT: Final = 30.0
"""Seconds to wait for the write lock before giving up."""

_POLL = 0.002
_HELD_AT_MOST = 0.050
_PAUSE = 0.005
_OLDEST = (3, 35)

_KEY: Final = "nurture"  # under which a pooled connection keeps how it came to us
_PATIENT: Final = f"PRAGMA busy_timeout = {int(LOCK_TIMEOUT * 1000)}"
_IMPATIENT: Final = "PRAGMA busy_timeout = 0"
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)

_SUBJECTS = """s (subject, since) AS MATERIALIZED (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?1)
)"""
_KINDS = """k (kind, reach) AS MATERIALIZED (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?2)
)"""

_MEANINGS: Final = {
    "SQLITE_BUSY": "the database is locked by someone else",
    "SQLITE_LOCKED": "the database is locked by someone else",
    "SQLITE_READONLY": "the database cannot be written: file or folder is read-only",
    "SQLITE_FULL": "the database cannot grow: the disk is full",
    "SQLITE_NOTADB": "the file is not an SQLite database",
    "SQLITE_CANTOPEN": "the database file cannot be opened: is the folder there, and may it be written?",
    "SQLITE_CORRUPT": "the database file is damaged",
    "SQLITE_IOERR": "the disk did not obey",
    "SQLITE_PERM": "the database file may not be accessed",
    "SQLITE_NOMEM": "out of memory",
    "SQLITE_INTERRUPT": "the statement was interrupted",
}


_BEGIN_IMMEDIATE: Final = (
    "somebody else is writing, or has written since the host's transaction began to read: roll it back and"
    " do it again; and begin it with BEGIN IMMEDIATE (in Django, OPTIONS = {'transaction_mode': 'IMMEDIATE'}; in"
    " SQLAlchemy, an event listener for 'begin' that says BEGIN IMMEDIATE), so that it waits instead"
)

_FACT = ", ".join([f"t.{column}" for column in FACT])


class SqliteDialect:
    """SQLite through `sqlite3`.

    Args:
        engine: For a database in a file; memory has `MemoryStorage`.
    """

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)
    capabilities: frozenset[Capability] = frozenset({Capability.FIND})
    instant: ColumnElement[int] = type_coerce(null(), BigInteger)

    # CROSS JOIN keeps SQLite from reading the facts first: it has no statistics to know better.
    facts = f"""WITH {_SUBJECTS}, {_KINDS}
SELECT {_FACT} FROM s CROSS JOIN k CROSS JOIN nurture_touchpoint AS t
WHERE t.tenant = ?3 AND t.subject = s.subject AND t.kind = k.kind AND t.at > s.since - k.reach"""  # noqa: S608

    newest_facts = f"""WITH {_SUBJECTS}, {_KINDS}
SELECT {_FACT} FROM s CROSS JOIN k CROSS JOIN nurture_touchpoint AS t
WHERE t.rowid IN (
    SELECT n.rowid FROM nurture_touchpoint AS n
    WHERE n.tenant = ?3 AND n.subject = s.subject AND n.kind = k.kind AND n.at > s.since - k.reach
      AND NOT EXISTS (SELECT 1 FROM nurture_inbox AS i WHERE i.tenant = ?3 AND i.id = n.id)
    ORDER BY n.at DESC, n.id DESC LIMIT ?4
)"""  # noqa: S608

    other_facts = f"""WITH {_SUBJECTS}
SELECT {_FACT} FROM s CROSS JOIN nurture_touchpoint AS t
WHERE t.tenant = ?2 AND t.subject = s.subject AND t.at > s.since - ?3
  AND t.kind NOT IN (SELECT value FROM json_each(?4))"""  # noqa: S608

    # From each kind to the next along the index: one step for each kind that is there, however many facts there are.
    seen_kinds = f"""WITH RECURSIVE {_SUBJECTS}, seen (subject, kind) AS (
    SELECT s.subject, (SELECT min(t.kind) FROM nurture_touchpoint AS t WHERE t.tenant = ?2 AND t.subject = s.subject)
    FROM s
    UNION ALL
    SELECT seen.subject, (
        SELECT min(t.kind) FROM nurture_touchpoint AS t
        WHERE t.tenant = ?2 AND t.subject = seen.subject AND t.kind > seen.kind
    ) FROM seen WHERE seen.kind IS NOT NULL
)
SELECT DISTINCT kind FROM seen WHERE kind IS NOT NULL"""  # noqa: S608

    def __init__(self, engine: Engine) -> None:
        if engine.url.database in (None, "", ":memory:") or engine.url.query.get("mode") == "memory":
            raise StorageError("an SQLite database in memory is lost with its connection: use MemoryStorage, or a file")
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StorageError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed")
        self._held = _Held()

    def check(self, session: Session) -> None:
        """Nothing more: the library is part of this process, and was looked at above."""

    def prepare(self, connection: PoolProxiedConnection) -> None:
        """Set the pragmas, once for each connection of the pool; no transaction begins by itself."""
        driver, info = _driver(connection), connection.info
        if _KEY not in info:
            driver.execute(_PATIENT)
            for pragma in _PRAGMAS:
                driver.execute(pragma)
            # Turning the write-ahead log on does not wait for the lock by itself.
            _until_free(lambda: driver.execute("PRAGMA journal_mode = WAL"))
        info[_KEY] = driver.isolation_level
        driver.isolation_level = None

    def begin_view(self, connection: PoolProxiedConnection) -> None:
        """Begin, and read something: a snapshot is taken by the first read."""
        driver = _driver(connection)
        driver.execute("BEGIN")
        driver.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()

    def begin_nothing(self, connection: PoolProxiedConnection) -> None:
        """That is how the connection was prepared."""

    def begin_unit(self, connection: PoolProxiedConnection) -> None:
        """Take the write lock, after a pause if this thread has had it for long."""
        self._held.pause()
        _until_free(lambda: self.begin_at_once(connection))
        self._held.since = time.monotonic()

    def begin_at_once(self, connection: PoolProxiedConnection) -> None:
        """Take the write lock, or fail if somebody holds it."""
        driver = _driver(connection)
        driver.execute(_IMPATIENT)
        try:
            driver.execute("BEGIN IMMEDIATE")
        finally:
            driver.execute(_PATIENT)

    def undo(self, connection: PoolProxiedConnection) -> None:
        """Roll back, if a transaction is open."""
        driver = _driver(connection)
        if _in_transaction(driver):
            driver.execute("ROLLBACK")

    def commit(self, connection: PoolProxiedConnection) -> None:
        """Commit, and give the lock back."""
        _driver(connection).execute("COMMIT")
        self._held.release()

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """Roll back, if a transaction is open."""
        with suppress(sqlite3.Error):
            self.undo(connection)
            _driver(connection).isolation_level = connection.info.get(_KEY, "")
        self._held.release()

    def enter(self, raw: object) -> Connected:
        """A host's connection, if it is `sqlite3`'s and something can be undone with it."""
        driver = getattr(raw, "driver_connection", raw)
        if not hasattr(driver, "isolation_level") or not hasattr(driver, "in_transaction"):
            raise JoinError(
                f"the host's connection is {type(driver).__module__}'s, expected one of sqlite3 or aiosqlite"
            )
        if not _begins(driver):
            raise JoinError(
                "the host's connection is in autocommit, and no transaction is open: begin one, with BEGIN IMMEDIATE"
            )
        return cast("Connected", raw)

    def enter_unit(self, connection: Connected, raw: object) -> None:
        """Take the write lock, as the first write would; nothing can be decided on what was read too early."""
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA secure_delete = ON")
            if not _in_transaction(raw):
                cursor.execute("BEGIN IMMEDIATE")  # the driver would begin by itself at the first write
            cursor.execute("UPDATE nurture_meta SET value = value WHERE 0")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise JoinError(_BEGIN_IMMEDIATE) from error
        finally:
            cursor.close()

    def unit(self, session: Session, statements: Statements, instants: Instants) -> SqlUnit:
        """Units are serial."""
        return SqlUnit(session, self, statements, instants)

    def each(self, statement: Statement, column: ColumnElement[str], name: str) -> Statement:
        """The statement with `among`: SQLite looks up each by the index."""
        return statement.where(self.among(column, name))

    def fenced(self, statement: Statement) -> Statement:
        """As it is: SQLite does it that way by itself."""
        return statement

    def among(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """`column IN (SELECT value FROM json_each(?))`."""
        values = func.json_each(bindparam(name)).table_valued("value")
        return column.in_(select(values.c.value))

    def insert_new(self, table: Table) -> Insert:
        """`INSERT … ON CONFLICT DO NOTHING`."""
        return insert(table).on_conflict_do_nothing()

    def pack(self, values: Iterable[str]) -> str:
        """A JSON array."""
        return json.dumps(list(values), ensure_ascii=False)

    def pack_rows(self, rows: Iterable[tuple[str, int]]) -> Sequence[object]:
        """A JSON array of arrays."""
        return (json.dumps(list(rows), ensure_ascii=False),)

    def explain(self, error: BaseException) -> StorageError:
        """What the result code means."""
        name = getattr(error, "sqlite_errorname", "") or ""
        for prefix, meaning in _MEANINGS.items():
            if name.startswith(prefix):
                return StorageError(f"{meaning} ({name})")
        return StorageError(f"the database refused: {name or type(error).__name__}")

    def is_gone(self, connection: PoolProxiedConnection) -> bool:
        """Never: a file does not hang up."""
        return False


class _Held(threading.local):
    """How long this thread has held the write lock since its last pause."""

    def __init__(self) -> None:
        self.since: float | None = None
        self.total = 0.0
        self.until = 0.0

    def release(self) -> None:
        if self.since is not None:
            self.until = time.monotonic()
            self.total += self.until - self.since
            self.since = None

    def pause(self) -> None:
        idle = time.monotonic() - self.until
        if idle < _PAUSE:
            if self.total < _HELD_AT_MOST:
                return
            _sleep(_PAUSE - idle)
        self.total = 0.0


def _driver(connection: PoolProxiedConnection) -> sqlite3.Connection:
    """The driver's connection; of an asynchronous one, SQLAlchemy's adapter, which is used alike."""
    return cast("sqlite3.Connection", connection.dbapi_connection)


def _in_transaction(driver: object) -> bool:
    return bool(getattr(getattr(driver, "driver_connection", driver), "in_transaction", False))


def _begins(driver: object) -> bool:
    """Whether a transaction is open, or the driver will begin one by itself at the first write."""
    if getattr(driver, "in_transaction", False):
        return True
    # From Python 3.12 on, `autocommit` says it where it is a truth value; else the older attribute does.
    autocommit: object = getattr(driver, "autocommit", None)
    if isinstance(autocommit, bool):
        return not autocommit
    return getattr(driver, "isolation_level", None) is not None


def _sleep(seconds: float) -> None:
    """Sleep; in a task of an event loop, let the others run meanwhile."""
    if in_task():
        await_only(asyncio.sleep(seconds))
    else:
        time.sleep(seconds)


def _until_free(act: Callable[[], object]) -> None:
    """Do it as soon as nobody else holds the lock."""
    deadline = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            act()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        else:
            return
        _sleep(_POLL * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter, not a secret
