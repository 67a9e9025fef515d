"""What is particular to PostgreSQL 13 and newer, through psycopg 3. May import SQLAlchemy and psycopg.

A view is one snapshot (REPEATABLE READ, READ ONLY). Units run side by side at READ COMMITTED; what keeps
them apart is in `postgres_unit`. Nothing waits longer than half a minute for a lock or an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

import psycopg
from psycopg.rows import tuple_row
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import insert

from nurture.errors import JoinError, StorageError
from nurture.ports import Capability
from nurture.storage.sql.arrays import numbers, texts
from nurture.storage.sql.postgres_errors import explained
from nurture.storage.sql.postgres_unit import PostgresUnit
from nurture.storage.sql.rows import FACT

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql.dml import Insert
    from sqlalchemy.sql.elements import ColumnElement

    from nurture.storage.sql.dialect import Statement
    from nurture.storage.sql.instants import Instants
    from nurture.storage.sql.session import Connected, Cursor, Session
    from nurture.storage.sql.statements import Statements

PATIENCE: Final = 30
"""Seconds to wait for a lock or for an answer before giving up."""

IDLE: Final = 60
"""Seconds after which the server ends a transaction in which nothing happens: its process is frozen, or lost."""

_OLDEST: Final = 130_000
_KEY: Final = "nurture"  # under which a pooled connection keeps how it came to us
# Every statement here is made for the indexes. A planner that knows nothing of a table yet, as after an import,
# thinks that there is next to nothing in it, and would rather read all of it.
_PLANS: Final = ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin")
_LIMITS: Final = "; ".join(
    [
        *[f"SET LOCAL {name} = '{PATIENCE}s'" for name in ("lock_timeout", "statement_timeout")],
        f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE}s'",
        *[f"SET LOCAL enable_{name} = off" for name in _PLANS],
        "SET LOCAL jit = off",
    ]
)
_FACT = ", ".join([f"t.{column}" for column in FACT])

_SUBJECTS: Final = "unnest(%s::text[], %s::bigint[]) AS s (subject, since)"
_KINDS: Final = "unnest(%s::text[], %s::bigint[]) AS k (kind, reach)"


class PostgresDialect:
    """PostgreSQL through psycopg 3, with or without asyncio.

    Args:
        engine: For a database in UTF-8.
    """

    errors: tuple[type[Exception], ...] = (psycopg.Error, UnicodeEncodeError)
    capabilities: frozenset[Capability] = frozenset({Capability.SKIP_LOCKED, Capability.NOTIFY, Capability.FIND})
    instant: ColumnElement[int] = literal_column(
        "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)", BigInteger
    )

    # A subquery that has its own LIMIT or OFFSET is planned by itself: once for each subject and kind, along the
    # index. Without, a planner that knows too little might read all the facts there are.
    facts = f"""SELECT f.* FROM {_SUBJECTS} CROSS JOIN {_KINDS} CROSS JOIN (SELECT %s::text AS tenant) AS x
CROSS JOIN LATERAL (
    SELECT {_FACT} FROM nurture_touchpoint AS t
    WHERE t.tenant = x.tenant AND t.subject = s.subject AND t.kind = k.kind AND t.at > s.since - k.reach OFFSET 0
) AS f"""  # noqa: S608

    newest_facts = f"""SELECT f.* FROM {_SUBJECTS} CROSS JOIN {_KINDS} CROSS JOIN (SELECT %s::text AS tenant) AS x
CROSS JOIN LATERAL (
    SELECT {_FACT} FROM nurture_touchpoint AS t
    WHERE t.tenant = x.tenant AND t.subject = s.subject AND t.kind = k.kind AND t.at > s.since - k.reach
      AND NOT EXISTS (SELECT FROM nurture_inbox AS i WHERE i.tenant = x.tenant AND i.id = t.id)
    ORDER BY t.at DESC, t.id DESC LIMIT %s
) AS f"""  # noqa: S608

    other_facts = f"""SELECT f.* FROM {_SUBJECTS} CROSS JOIN LATERAL (
    SELECT {_FACT} FROM nurture_touchpoint AS t
    WHERE t.tenant = %s AND t.subject = s.subject AND t.at > s.since - %s::bigint AND t.kind <> ALL (%s::text[])
    OFFSET 0
) AS f"""  # noqa: S608

    # From each kind to the next along the index: one step for each kind that is there, however many facts there are.
    seen_kinds = f"""WITH RECURSIVE s AS MATERIALIZED (
    SELECT s.subject, x.tenant FROM {_SUBJECTS} CROSS JOIN (SELECT %s::text AS tenant) AS x
), seen AS (
    SELECT s.subject, s.tenant, (
        SELECT t.kind FROM nurture_touchpoint AS t
        WHERE t.tenant = s.tenant AND t.subject = s.subject ORDER BY t.kind LIMIT 1
    ) AS kind FROM s
    UNION ALL
    SELECT seen.subject, seen.tenant, (
        SELECT t.kind FROM nurture_touchpoint AS t
        WHERE t.tenant = seen.tenant AND t.subject = seen.subject AND t.kind > seen.kind ORDER BY t.kind LIMIT 1
    ) FROM seen WHERE seen.kind IS NOT NULL
)
SELECT DISTINCT kind FROM seen WHERE kind IS NOT NULL"""  # noqa: S608

    def __init__(self, engine: Engine) -> None:
        if not engine.driver.startswith("psycopg") or engine.driver == "psycopg2":
            raise StorageError(
                f"SqlStorage does not speak to PostgreSQL through {engine.driver!r}: write 'postgresql+psycopg://…'"
            )

    def check(self, session: Session) -> None:
        """Refuse a server that is too old, and a database that is not in UTF-8."""
        asked = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), version()"
        found = cast("tuple[int, str, str]", session.rows_of(asked, ())[0])
        if not found[2].startswith("PostgreSQL "):
            raise StorageError(f"SqlStorage does not speak to {found[2].split(' ')[0]}; known: PostgreSQL, SQLite")
        if found[0] < _OLDEST:
            raise StorageError(f"PostgreSQL {found[0] // 10_000} is too old: 13 or newer is needed")
        if found[1] != "UTF8":
            raise StorageError(f"the database is in {found[1]}: make one with CREATE DATABASE … ENCODING 'UTF8'")

    def prepare(self, connection: PoolProxiedConnection) -> None:
        """See that the driver begins no transaction by itself."""
        raw = cast("psycopg.Connection", connection.dbapi_connection)
        connection.info[_KEY] = raw.autocommit
        raw.autocommit = True

    def begin_view(self, connection: PoolProxiedConnection) -> None:
        """Begin, and read something: a snapshot is taken by the first read."""
        _run(connection, f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_LIMITS}; SELECT 1")

    def begin_nothing(self, connection: PoolProxiedConnection) -> None:
        """That is how the connection was prepared."""

    def begin_unit(self, connection: PoolProxiedConnection) -> None:
        """Begin; others may write, too."""
        _run(connection, f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {_LIMITS}")

    def begin_at_once(self, connection: PoolProxiedConnection) -> None:
        """Begin; nobody is waited for."""
        self.begin_unit(connection)

    def undo(self, connection: PoolProxiedConnection) -> None:
        """Roll back, if a transaction is open."""
        raw = cast("psycopg.Connection", connection.dbapi_connection)
        if raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            _run(connection, "ROLLBACK")

    def commit(self, connection: PoolProxiedConnection) -> None:
        """Commit."""
        _run(connection, "COMMIT")

    def enter(self, raw: object) -> Connected:
        """A host's connection, if it is psycopg 3's and something can be undone with it."""
        driver = getattr(raw, "driver_connection", raw)
        if not isinstance(driver, (psycopg.Connection, psycopg.AsyncConnection)):
            raise JoinError(f"the host's connection is {type(driver).__module__}'s, expected one of psycopg 3")
        if driver.autocommit:
            raise JoinError("the host's connection is in autocommit: nothing could be undone with it")
        if driver.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            raise JoinError("the host's transaction was given up after an error: roll it back")
        return cast("Connected", raw) if isinstance(driver, psycopg.AsyncConnection) else _Plain(raw)

    def enter_unit(self, connection: Connected, raw: object) -> None:
        """See that each statement sees what was committed before it: what a unit compares must be of now."""
        cursor = connection.cursor()
        try:
            cursor.execute("SELECT current_setting('transaction_isolation')")
            found = cursor.fetchall()[0][0]
        finally:
            cursor.close()
        if found != "read committed":
            raise JoinError(f"the host's transaction is {found.upper()}: begin it as READ COMMITTED, the usual one")

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """Roll back, if a transaction is open; a connection that is of no use leaves the pool."""
        with suppress(*self.errors):
            raw = cast("psycopg.Connection", connection.dbapi_connection)
            if not raw.closed:
                self.undo(connection)
                raw.autocommit = bool(connection.info.get(_KEY, False))
        if self.is_gone(connection):
            connection.invalidate()

    def is_gone(self, connection: PoolProxiedConnection) -> bool:
        """Whether the server has closed it, or it broke in the middle."""
        raw = cast("psycopg.Connection | None", connection.dbapi_connection)
        return raw is not None and raw.closed

    def unit(self, session: Session, statements: Statements, instants: Instants) -> PostgresUnit:
        """Units run side by side."""
        return PostgresUnit(session, self, statements, instants)

    def each(self, statement: Statement, column: ColumnElement[str], name: str) -> Statement:
        """One look-up for each text, by a subquery that is planned by itself."""
        wanted = (
            func.unnest(sql_cast(bindparam(name, type_=Text), ARRAY(Text)))
            .table_valued("key", name="w")
            .render_derived()
        )
        found = self.fenced(statement.where(column == wanted.c.key)).lateral("f")
        return select(*found.c).select_from(wanted.join(found, true()))

    def fenced(self, statement: Statement) -> Statement:
        """With an OFFSET it is planned by itself."""
        return statement.offset(literal_column("0", Integer))

    def among(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """`column = ANY (…)`."""
        return column == any_(sql_cast(bindparam(name, type_=Text), ARRAY(Text)))

    def insert_new(self, table: Table) -> Insert:
        """`INSERT … ON CONFLICT DO NOTHING`; it names no key, so that a host may partition."""
        return insert(table).on_conflict_do_nothing()

    def pack(self, values: Iterable[str]) -> str:
        """An array, as PostgreSQL writes one; the driver's own way takes ten times as long."""
        return texts(values if isinstance(values, Collection) else list(values))

    def pack_rows(self, rows: Iterable[tuple[str, int]]) -> Sequence[object]:
        """Two arrays."""
        firsts: list[str] = []
        seconds: list[int] = []
        for first, second in rows:
            firsts.append(first)
            seconds.append(second)
        return texts(firsts), numbers(seconds)

    def explain(self, error: BaseException) -> StorageError:
        """What the code means."""
        return explained(error)


class _Plain:
    """A host's connection without what the host has set on it: rows are tuples, parameters go to the server apart."""

    def __init__(self, driver: object) -> None:
        self._driver = cast("psycopg.Connection[object]", driver)

    def cursor(self) -> Cursor:
        return cast("Cursor", psycopg.Cursor(self._driver, row_factory=tuple_row))


def _run(connection: PoolProxiedConnection, statements: str) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(statements)
    finally:
        cursor.close()
