"""What a database must say about itself; one module for each database answers. May import SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql.dml import Insert
    from sqlalchemy.sql.elements import ColumnElement

    from nurture.errors import StorageError

FOREVER: Final = 2**61
"""Microseconds; more than any instant or window has."""


class Dialect(Protocol):
    """One database's way of doing what databases do differently.

    Attributes:
        errors: The driver's own errors, which may come without SQLAlchemy around them.
        facts: SQL for the facts of named kinds in their windows, as rows of the columns `rows.FACT`. Bound, in
            order: the subjects as packed rows `(subject, since)`, the kinds as packed rows
            `(kind, window)`, the tenant. All times are microseconds.
        newest_facts: The same, but only the newest so many decided ones of each subject and kind; bound
            besides, at the end: how many.
        other_facts: The same for kinds that are *not* named. Bound, in order: the subjects as packed
            rows, the tenant, the window, the named kinds as packed values.
    """

    errors: tuple[type[Exception], ...]
    facts: str
    newest_facts: str
    other_facts: str

    def prepare(self, connection: PoolProxiedConnection) -> None:
        """Set up a connection that may never have been used here before."""
        ...

    def begin_view(self, connection: PoolProxiedConnection) -> None:
        """Begin a transaction that reads one snapshot, taken now."""
        ...

    def begin_unit(self, connection: PoolProxiedConnection) -> None:
        """Begin a transaction that writes, as if alone."""
        ...

    def commit(self, connection: PoolProxiedConnection) -> None:
        """Make it last."""
        ...

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """Undo what was not committed, and leave the connection as it came; does not raise."""
        ...

    def among(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """That the column holds one of the texts that are bound, packed, under this name."""
        ...

    def insert_new(self, table: Table) -> Insert:
        """An insert that leaves alone what is there already."""
        ...

    def pack(self, values: Iterable[object]) -> object:
        """Many values, or many rows, as one parameter."""
        ...

    def explain(self, error: BaseException) -> StorageError:
        """The driver's error as ours, in words that hold no personal data."""
        ...


def dialect_of(engine: Engine) -> Dialect:
    """The module's answer for this engine's database.

    Raises:
        StorageError: The database is not one that this release speaks to.
    """
    if engine.dialect.name == "sqlite":
        from nurture.storage.sql.sqlite import SqliteDialect

        return SqliteDialect(engine)
    from nurture.errors import StorageError

    raise StorageError(f"SqlStorage does not speak {engine.dialect.name!r}; known: 'sqlite'")
