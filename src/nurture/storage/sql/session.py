"""One transaction at work: runs prepared statements and turns the driver's errors into ours. May import SQLAlchemy.

Statements go straight to the driver (PEP 249): SQLAlchemy has written them, and pools the connections.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, cast

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from nurture.errors import StorageError
from nurture.storage.sql.gate import crowded

if TYPE_CHECKING:
    from nurture.storage.sql.dialect import Dialect
    from nurture.storage.sql.rows import Row
    from nurture.storage.sql.statements import Prepared


class Cursor(Protocol):
    """What is used of a driver's cursor (PEP 249)."""

    def execute(self, operation: str, parameters: object = ..., /) -> object:
        """Carry out a statement."""
        ...

    def executemany(self, operation: str, parameters: Sequence[object], /) -> object:
        """Carry out a statement once for each of the parameters."""
        ...

    def fetchall(self) -> Sequence[Any]:
        """The rows that were found."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class Connected(Protocol):
    """What is used of a connection: a pool's, or a host's own."""

    def cursor(self) -> Cursor:
        """A new cursor."""
        ...


class Session:
    """A connection within a transaction.

    Args:
        connection: Where the transaction runs.
        dialect: What explains its errors.
        tenant: Bound in every statement.
    """

    __slots__ = ("_cursor", "_dialect", "tenant")

    def __init__(self, connection: Connected, dialect: Dialect, tenant: str) -> None:
        self._cursor = connection.cursor()
        self._dialect = dialect
        self.tenant = tenant

    def rows(self, statement: Prepared, values: Mapping[str, object]) -> Sequence[Row]:
        """The rows that a statement finds."""
        return self.rows_of(statement.text, statement.bind({"tenant": self.tenant, **values}))

    def rows_of(self, text: str, parameters: Sequence[object] | Mapping[str, object]) -> Sequence[Row]:
        """The rows that a text of the dialect finds."""
        self._execute(text, parameters)
        return cast("Sequence[Row]", self._cursor.fetchall())

    def run(self, statement: Prepared, values: Mapping[str, object]) -> None:
        """Carry out a statement that finds nothing."""
        self._execute(statement.text, statement.bind({"tenant": self.tenant, **values}))

    def many(self, text: str, rows: Sequence[Row]) -> None:
        """Carry out a statement once for each row of parameters."""
        try:
            self._cursor.executemany(text, rows)
        except UnicodeEncodeError:
            raise _unwritable() from None
        except self._dialect.errors as error:
            raise self._dialect.explain(error) from error

    def _execute(self, text: str, parameters: Sequence[object] | Mapping[str, object]) -> None:
        try:
            self._cursor.execute(text, parameters)
        except UnicodeEncodeError:
            raise _unwritable() from None
        except self._dialect.errors as error:
            raise self._dialect.explain(error) from error


def _unwritable() -> StorageError:
    """For a text that is not Unicode; the driver's error shows it, and it may be personal."""
    return StorageError("a text holds U+0000 or half a character, which the database cannot keep")


@contextmanager
def understood(dialect: Dialect) -> Generator[None, None, None]:
    """Turn an error of the driver or of SQLAlchemy into a `StorageError`.

    SQLAlchemy's own message, which may hold the parameters, goes no further: the cause is the driver's error.
    """
    failure: BaseException
    try:
        yield
        return
    except PoolTimeoutError:
        raise crowded() from None
    except DBAPIError as error:
        failure = error if error.orig is None else error.orig
    except SQLAlchemyError as error:
        failure = error
    except dialect.errors as error:
        failure = error
    raise dialect.explain(failure) from failure
