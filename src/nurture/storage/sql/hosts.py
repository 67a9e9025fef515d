"""A host's own transaction, by whichever library the host holds it. May import SQLAlchemy.

Django is not imported: its connection is known by what it has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from sqlalchemy import Connection
from sqlalchemy.orm import Session, scoped_session

from nurture.errors import JoinError
from nurture.storage.sql import commits, savepoints

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession


class DjangoConnection(Protocol):
    """What is used of Django's `django.db.connection`."""

    vendor: str
    in_atomic_block: bool
    needs_rollback: bool

    @property
    def connection(self) -> Hashable:
        """The driver's own connection."""
        ...

    def on_commit(self, func: Callable[[], None], /) -> None:
        """Call this after the transaction was committed."""
        ...


HostTransaction: TypeAlias = (
    "Connection | Session | scoped_session[Session] | AsyncConnection | AsyncSession | DjangoConnection"
)
"""What a store can join."""

_ACCEPTED = "a SQLAlchemy Connection or Session, or Django's django.db.connection"


class Host(Protocol):
    """A transaction that somebody else begins and ends.

    Attributes:
        vendor: The kind of database, as SQLAlchemy and Django name it.
    """

    @property
    def vendor(self) -> str:
        """The kind of database, as SQLAlchemy and Django name it."""
        ...

    @property
    def place(self) -> object:
        """Something that stays while the host talks to the same database."""
        ...

    def connection(self) -> Hashable:
        """The driver's connection, or SQLAlchemy's adapter of an asynchronous one.

        Raises:
            JoinError: No transaction is open there.
        """
        ...

    def check_savepoints(self) -> None:
        """See that what is written now goes when the host rolls back.

        Raises:
            JoinError: A savepoint began the transaction, and its end would commit.
        """
        ...

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back when the host has committed; never when it rolled back."""
        ...


def host_of(given: object) -> Host:
    """What was given, as a host.

    Raises:
        JoinError: It is nothing that can be joined.
    """
    inner = _inner(given)
    if isinstance(inner, (Connection, Session)):
        return _SqlAlchemyHost(inner)
    if all(hasattr(given, name) for name in ("vendor", "in_atomic_block", "on_commit")):
        return _DjangoHost(cast("DjangoConnection", given))
    raise JoinError(f"cannot join the transaction of {type(given).__name__}: expected {_ACCEPTED}")


def _inner(given: object) -> object:
    """What an asynchronous connection or session, or a registry of sessions, stands for."""
    if isinstance(given, scoped_session):
        return cast("Callable[[], Session]", given)()
    asynchronous = sys.modules.get("sqlalchemy.ext.asyncio")
    if asynchronous is None:
        return given
    if isinstance(given, asynchronous.AsyncConnection):
        inner: object = cast("AsyncConnection", given).sync_connection
        if inner is None:
            raise JoinError("this AsyncConnection is not connected: use it within `async with engine.begin()`")
        return inner
    if isinstance(given, asynchronous.AsyncSession):
        return cast("AsyncSession", given).sync_session
    return given


class _SqlAlchemyHost:
    """A `Connection`, or a `Session` of the ORM with its present connection."""

    def __init__(self, given: Connection | Session) -> None:
        self._given = given
        savepoints.watch(self._connection().engine)

    @property
    def vendor(self) -> str:
        return self._connection().dialect.name

    @property
    def place(self) -> object:
        return self._connection().engine

    def connection(self) -> Hashable:
        connection = self._connection()
        if connection.closed:
            raise JoinError("the host's connection is closed")
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            raise JoinError(
                "the host's connection is in AUTOCOMMIT: nothing could be undone with it; use one that is not"
            )
        if not connection.in_transaction():
            raise JoinError("no transaction is open: begin it first, as `with engine.begin() as connection:` does")
        return cast("Hashable", connection.connection.dbapi_connection)

    def check_savepoints(self) -> None:
        savepoints.check(self._connection())

    def after_commit(self, callback: Callable[[], None]) -> None:
        self.connection()
        commits.after_commit(self._connection(), callback)

    def _connection(self) -> Connection:
        # A session begins its transaction when it is asked for its connection; it is the host that ends it.
        return self._given.connection() if isinstance(self._given, Session) else self._given


class _DjangoHost:
    """Django's connection, within `atomic`."""

    def __init__(self, given: DjangoConnection) -> None:
        self._given = given

    @property
    def vendor(self) -> str:
        return self._given.vendor

    @property
    def place(self) -> object:
        return self._given

    def connection(self) -> Hashable:
        if not self._given.in_atomic_block:
            raise JoinError("no transaction is open: work within `with django.db.transaction.atomic():`")
        if self._given.needs_rollback:
            raise JoinError("Django has marked this transaction for rollback after an error: leave the atomic block")
        return self._given.connection

    def check_savepoints(self) -> None:
        """`atomic` says BEGIN by itself."""

    def after_commit(self, callback: Callable[[], None]) -> None:
        self.connection()
        self._given.on_commit(partial(commits.tell, callback))
