"""What is particular to SQLite. May import SQLAlchemy and `sqlite3`.

Durable and fair: write-ahead log, `synchronous=FULL`, and a write lock that is asked for every two
milliseconds with jitter. A thread that writes back to back pauses for five milliseconds after each
fifty that it held the lock; else it would starve the others, because SQLite's lock has no queue.
"""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.sqlite import insert

from nurture.errors import StorageError
from nurture.storage.sql.rows import FACT

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql.dml import Insert
    from sqlalchemy.sql.elements import ColumnElement

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


_FACT = ", ".join([f"t.{column}" for column in FACT])


class SqliteDialect:
    """SQLite through `sqlite3`.

    Args:
        engine: For a database in a file; memory has `MemoryStorage`.
    """

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

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

    def __init__(self, engine: Engine) -> None:
        if engine.url.database in (None, "", ":memory:") or engine.url.query.get("mode") == "memory":
            raise StorageError("an SQLite database in memory is lost with its connection: use MemoryStorage, or a file")
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StorageError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed")
        self._held = _Held()

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

    def begin_unit(self, connection: PoolProxiedConnection) -> None:
        """Take the write lock, after a pause if this thread has had it for long."""
        driver = _driver(connection)
        self._held.pause()
        driver.execute(_IMPATIENT)
        try:
            _until_free(lambda: driver.execute("BEGIN IMMEDIATE"))
        finally:
            driver.execute(_PATIENT)
        self._held.since = time.monotonic()

    def commit(self, connection: PoolProxiedConnection) -> None:
        """Commit, and give the lock back."""
        _driver(connection).execute("COMMIT")
        self._held.release()

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """Roll back, if a transaction is open."""
        with suppress(sqlite3.Error):
            driver = _driver(connection)
            if driver.in_transaction:
                driver.execute("ROLLBACK")
            driver.isolation_level = connection.info.get(_KEY, "")
        self._held.release()

    def among(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """`column IN (SELECT value FROM json_each(?))`."""
        values = func.json_each(bindparam(name)).table_valued("value")
        return column.in_(select(values.c.value))

    def insert_new(self, table: Table) -> Insert:
        """`INSERT … ON CONFLICT DO NOTHING`."""
        return insert(table).on_conflict_do_nothing()

    def pack(self, values: Iterable[object]) -> str:
        """A JSON array."""
        return json.dumps(list(values), ensure_ascii=False)

    def explain(self, error: BaseException) -> StorageError:
        """What the result code means."""
        name = getattr(error, "sqlite_errorname", "") or ""
        for prefix, meaning in _MEANINGS.items():
            if name.startswith(prefix):
                return StorageError(f"{meaning} ({name})")
        return StorageError(f"the database refused: {name or type(error).__name__}")


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
            time.sleep(_PAUSE - idle)
        self.total = 0.0


def _driver(connection: PoolProxiedConnection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.driver_connection)


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
        time.sleep(_POLL * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter, not a secret
