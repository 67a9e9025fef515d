"""Which schema a database has, how an empty one gets the tables, and how an older one is upgraded.

May import SQLAlchemy. Alembic is loaded only when there are steps to take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, insert, inspect, select, text

from nurture.errors import JoinError, SchemaError, StorageError
from nurture.storage.sql import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nurture.storage.sql.session import Session
    from nurture.storage.sql.statements import Statements

_version: Final = Table(
    "nurture_version",
    MetaData(),  # of its own: Alembic takes care of this table, and compares the others
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="nurture_version_pkc"),
)
_PROBES: Final = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'nurture_meta'",
    "postgresql": "SELECT count(to_regclass('nurture_meta'))",
}
_LOCK: Final = 0x6E_75_72_74_75_72_65  # "nurture", as PostgreSQL's advisory locks are named by numbers


def found_version(connection: Connection) -> str | None:
    """The schema that the database has, as it is written there; None when it has none."""
    if not inspect(connection).has_table(schema.meta.name):
        return None
    found = connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == "schema")).scalar()
    return "" if found is None else str(found)


def probe(session: Session, statements: Statements, vendor: str) -> str | None:
    """The same, straight from the driver: begins nothing, and lets no statement fail."""
    if not session.rows_of(_PROBES[vendor], ())[0][0]:
        return None
    found = session.rows(statements.noted, {"name": "schema"})
    return str(found[0][0]) if found else ""


def look(session: Session, statements: Statements, vendor: str) -> None:
    """See that a host's database has the tables of this release; changes nothing, and lets no statement fail.

    Raises:
        JoinError: It has none.
        SchemaError: It has others.
    """
    found = probe(session, statements, vendor)
    if found is None:
        raise JoinError("the host's database has no tables of nurture: call storage.upgrade() once, before")
    check(found)


def check(found: str) -> None:
    """Refuse a schema that this release does not read.

    Raises:
        SchemaError: It is older or newer.
    """
    if found != str(schema.VERSION):
        raise SchemaError(found, schema.VERSION)


def lock(connection: Connection) -> None:
    """Wait until nobody else makes or upgrades tables here; to be called within a transaction, which holds the lock.

    On SQLite the transaction itself is the lock. An upgrade may take long, so others wait for it long.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '15min'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text("SET LOCAL lock_timeout = '30s'"))


def create(connection: Connection) -> None:
    """Make the tables in a database that has none."""
    schema.metadata.create_all(connection)
    _version.create(connection)
    connection.execute(insert(schema.meta).values(name="schema", value=str(schema.VERSION)))
    connection.execute(insert(_version).values(version_num=str(schema.VERSION)))


def upgrade(connection: Connection, found: str) -> None:
    """Bring the tables of an earlier release to this one.

    Raises:
        SchemaError: They are of no earlier release.
        StorageError: The database contradicts itself about where it stands.
    """
    if not SchemaError(found, schema.VERSION).is_older:
        check(found)
        return
    from nurture.storage.sql.migrations import migrate

    migrate(connection, found)
    reached = found_version(connection)
    if reached != str(schema.VERSION):
        raise StorageError(
            f"the database contradicts itself: nurture_meta says schema {reached!r}, and nurture_version says that"
            " every step was taken. One of the two was changed by hand; restore a copy"
        )
