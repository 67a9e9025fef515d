"""What a database must say about itself; one module for each database answers. May import SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select, Table
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql.dml import Insert
    from sqlalchemy.sql.elements import ColumnElement

    from nurture.errors import StorageError
    from nurture.ports import Capability
    from nurture.storage.sql.instants import Instants
    from nurture.storage.sql.session import Connected, Session
    from nurture.storage.sql.statements import Statements
    from nurture.storage.sql.unit import SqlUnit

Statement: TypeAlias = "Select[*tuple[Any, ...]]"
"""A statement that finds rows of whatever columns."""
FOREVER: Final = 2**61
"""Microseconds; more than any instant or window has."""


class Dialect(Protocol):
    """One database's way of doing what databases do differently.

    Attributes:
        errors: The driver's own errors, which may come without SQLAlchemy around them.
        capabilities: What a store on this database can do beyond the core profile.
        instant: The database's own clock, in microseconds; NULL for one that has none of its own.
        facts: SQL for the facts of named kinds in their windows, as rows of the columns `rows.FACT`. Bound, in
            order: the subjects as packed rows `(subject, since)`, the kinds as packed rows
            `(kind, window)`, the tenant. All times are microseconds.
        newest_facts: The same, but only the newest so many decided ones of each subject and kind; bound
            besides, at the end: how many.
        other_facts: The same for kinds that are *not* named. Bound, in order: the subjects as packed
            rows, the tenant, the window, the named kinds as packed values.
        seen_kinds: SQL for the kinds of which at least one of the subjects has a fact. Bound, in order: the
            subjects as packed rows, the tenant.
    """

    errors: tuple[type[Exception], ...]
    capabilities: frozenset[Capability]
    instant: ColumnElement[int]
    facts: str
    newest_facts: str
    other_facts: str
    seen_kinds: str

    def check(self, session: Session) -> None:
        """Refuse a server that is too old, or set up in a way that cannot work.

        Raises:
            StorageError: With what is needed.
        """
        ...

    def prepare(self, connection: PoolProxiedConnection) -> None:
        """Set up a connection that may never have been used here before."""
        ...

    def begin_view(self, connection: PoolProxiedConnection) -> None:
        """Begin a transaction that reads one snapshot, taken now."""
        ...

    def begin_nothing(self, connection: PoolProxiedConnection) -> None:
        """Begin no transaction: each statement is one by itself."""
        ...

    def begin_unit(self, connection: PoolProxiedConnection) -> None:
        """Begin a transaction that writes."""
        ...

    def begin_at_once(self, connection: PoolProxiedConnection) -> None:
        """Begin a transaction that writes, or fail if somebody must be waited for."""
        ...

    def undo(self, connection: PoolProxiedConnection) -> None:
        """Roll back, if a transaction is open."""
        ...

    def commit(self, connection: PoolProxiedConnection) -> None:
        """Make it last."""
        ...

    def enter(self, raw: object) -> Connected:
        """A host's own connection, as statements are run on it.

        Args:
            raw: The driver's, or SQLAlchemy's adapter of an asynchronous one.

        Raises:
            JoinError: It is another driver's, or in autocommit.
        """
        ...

    def enter_unit(self, connection: Connected, raw: object) -> None:
        """Within a host's transaction: see to it that a unit can keep its promises there.

        Raises:
            JoinError: It cannot; with what to do.
        """
        ...

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """Undo what was not committed, and leave the connection as it came; does not raise."""
        ...

    def unit(self, session: Session, statements: Statements, instants: Instants) -> SqlUnit:
        """What writes within a transaction of this database."""
        ...

    def each(self, statement: Statement, column: ColumnElement[str], name: str) -> Statement:
        """The statement, for rows whose column holds one of the texts that are bound, packed, under this name.

        What it costs follows the number of texts, whatever the database believes about its tables.
        """
        ...

    def fenced(self, statement: Statement) -> Statement:
        """The statement as one that is looked up for each row that needs it, and not joined."""
        ...

    def among(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """That the column holds one of the texts that are bound, packed, under this name."""
        ...

    def insert_new(self, table: Table) -> Insert:
        """An insert that leaves alone what is there already."""
        ...

    def pack(self, values: Iterable[str]) -> object:
        """Many texts as one parameter."""
        ...

    def pack_rows(self, rows: Iterable[tuple[str, int]]) -> Sequence[object]:
        """Many rows as the parameters of a text of this dialect."""
        ...

    def explain(self, error: BaseException) -> StorageError:
        """The driver's error as ours, in words that hold no personal data."""
        ...

    def is_gone(self, connection: PoolProxiedConnection) -> bool:
        """Whether the other side has hung up, so that this connection is of no use any more."""
        ...


def dialect_of(engine: Engine) -> Dialect:
    """The module's answer for this engine's database.

    Raises:
        StorageError: The database is not one that this release speaks to.
    """
    if engine.dialect.name == "sqlite":
        from nurture.storage.sql.sqlite import SqliteDialect

        return SqliteDialect(engine)
    if engine.dialect.name == "postgresql":
        from nurture.storage.sql.postgres import PostgresDialect

        return PostgresDialect(engine)
    from nurture.errors import StorageError

    raise StorageError(f"SqlStorage does not speak {engine.dialect.name!r}; known: 'postgresql', 'sqlite'")
