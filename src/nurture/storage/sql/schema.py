"""The tables, and how a database comes to have them. May import SQLAlchemy.

Every table is keyed by tenant and id. A record is a JSON text in `body`; the columns beside it are what
the store searches by. Instants are whole microseconds since 1970 in UTC. Texts that are searched by are
ordered by code point: on PostgreSQL their collation is "C".

A host whose touchpoints outgrow one table on PostgreSQL makes that table itself, before the first use, with
the same columns and indexes, `PARTITION BY HASH (subject)` and the key `(tenant, id, subject)`. PostgreSQL wants
the partition's column in every key; as a fact's id is made of its subject, that key means the same. No
statement here names the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Column, Index, MetaData, PrimaryKeyConstraint, SmallInteger, Table, Text
from sqlalchemy.sql.expression import text

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem
    from sqlalchemy.sql.elements import TextClause

VERSION: Final = 2
"""Of the schema that this release reads and writes."""

metadata: Final = MetaData()

_KEY: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""A text that is searched by: compared byte by byte, whatever the language of the database."""


def _table(name: str, *columns: SchemaItem, with_rowid: bool = True) -> Table:
    return Table(
        f"nurture_{name}",
        metadata,
        Column("tenant", _KEY, nullable=False),
        Column("id", _KEY, nullable=False),
        *columns,
        PrimaryKeyConstraint("tenant", "id", name=f"nurture_{name}_pk"),
        sqlite_with_rowid=with_rowid,
    )


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, _KEY, nullable=optional)


def _body() -> Column[str]:
    return Column("body", Text, nullable=False)


def _number(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


def _small(name: str, *, default: str | None = None) -> Column[int]:
    return Column(name, SmallInteger, nullable=False, server_default=default)


meta: Final = Table("nurture_meta", metadata, Column("name", _KEY, primary_key=True), _text("value"))
clock: Final = Table("nurture_clock", metadata, Column("tenant", _KEY, primary_key=True), _number("last"))

lead: Final = _table("lead", _number("version"), _text("account", optional=True), _body())
account: Final = _table("account", _number("version"), _body())
touchpoint: Final = _table(
    "touchpoint",
    _text("subject"), _text("kind"), _number("at"), _number("received_at"), _text("origin"), _body(),
)  # fmt: skip
inbox: Final = _table("inbox", _text("subject"), _number("due_at"), with_rowid=False)
standing: Final = _table(
    "standing",
    _number("version"), _number("due_at", optional=True), _small("dead"), _body(),
    _number("advanced_to", optional=True), _small("failures", default="0"),
)  # fmt: skip
effect: Final = _table(
    "effect",
    _number("version"), _text("subject"), _text("state"), _small("open"), _number("planned_at"),
    _number("due_at", optional=True), _body(),
)  # fmt: skip
alias: Final = _table("alias", _number("version"), _text("subject"), _body())
allowance: Final = _table("allowance", _number("version"), _body())
definition: Final = _table("definition", _body())
activation: Final = _table("activation", _number("version"), _body())
decision: Final = _table("decision", _text("subject"), _number("at"), _body())


def _index(name: str, table: Table, *columns: str, where: str | None = None) -> None:
    condition: TextClause | None = None if where is None else text(where)
    Index(
        f"nurture_{name}",
        *[table.c[column] for column in columns],
        sqlite_where=condition,
        postgresql_where=condition,
    )


TROUBLED: Final = "(dead = 1 OR failures > 0)"
"""Of a standing: new facts do not make it due."""
IN_DOUBT: Final = "state IN ('claimed', 'unknown')"
"""Of an effect: somebody is sending it, or nobody knows whether it was sent."""

_index("touchpoint_by_subject", touchpoint, "tenant", "subject", "kind", "at", "id")
_index("inbox_by_due", inbox, "tenant", "due_at", "subject")
_index("inbox_by_subject", inbox, "tenant", "subject", "due_at")
_index("standing_by_due", standing, "tenant", "due_at", "id", where="due_at IS NOT NULL AND dead = 0")
_index("standing_troubled", standing, "tenant", "id", where=TROUBLED)
_index("effect_by_due", effect, "tenant", "due_at", "id", where="due_at IS NOT NULL AND open = 1")
_index("effect_by_subject", effect, "tenant", "subject", "open")
_index("effect_in_doubt", effect, "tenant", "state", "id", where=IN_DOUBT)
_index("lead_by_account", lead, "tenant", "account", where="account IS NOT NULL")
_index("alias_by_subject", alias, "tenant", "subject")
_index("decision_by_subject", decision, "tenant", "subject", "at")
