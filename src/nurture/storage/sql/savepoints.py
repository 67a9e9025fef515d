"""Savepoints of a host on SQLite, where a savepoint can be a transaction by mistake. May import SQLAlchemy.

Python's driver says BEGIN before the first write, and not before a SAVEPOINT. A savepoint that comes first begins the
transaction then, and its release is a commit: a later rollback of the host undoes nothing. Whether that happened
cannot be asked afterwards. So it is noted when a savepoint is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast
from weakref import ReferenceType, ref

from sqlalchemy import event

from nurture.errors import JoinError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import Transaction

_KEY: Final = "nurture savepoints"


def watch(engine: Engine) -> None:
    """Note from now on which of this engine's transactions were begun by a savepoint; SQLite only."""
    if engine.dialect.name == "sqlite" and not event.contains(engine, "savepoint", _opened):
        event.listen(engine, "savepoint", _opened)


def check(connection: Connection) -> None:
    """See that the savepoints that are open now are within a transaction.

    Raises:
        JoinError: They are not; or they were opened unseen, and nothing says that the host begins by itself.
    """
    if connection.dialect.name != "sqlite" or not connection.in_nested_transaction():
        return
    is_within = _noted(connection)
    if is_within is None:
        is_within = _presumed(connection)
    if not is_within:
        raise JoinError(
            "a savepoint began the host's transaction, because Python's SQLite driver says no BEGIN before one: its"
            " release would commit, and a rollback undo nothing; add the event listeners that say BEGIN IMMEDIATE"
            " (see the guide on joining a transaction), or write something before begin_nested()"
        )


def _opened(connection: Connection, _: str | None) -> None:
    root = connection.get_transaction()
    if root is None or _noted(connection) is False:
        return  # one that is inside such a savepoint is no better
    if connection.in_nested_transaction():
        is_within = _noted(connection) or _presumed(connection)
    else:
        raw: object = connection.connection.dbapi_connection
        driver: object = getattr(raw, "driver_connection", raw)
        is_within = bool(getattr(driver, "in_transaction", False))
    connection.info[_KEY] = (ref(root), is_within)


def _presumed(connection: Connection) -> bool:
    """Of savepoints that nobody saw being opened: whether the host has listeners that may say BEGIN."""
    return bool(connection.dispatch.begin)


def _noted(connection: Connection) -> bool | None:
    """Whether the savepoints of the transaction that is open are within it; None when nobody saw."""
    noted = cast("tuple[ReferenceType[Transaction], bool] | None", connection.info.get(_KEY))
    root = connection.get_transaction()
    return noted[1] if noted is not None and root is not None and noted[0]() is root else None
