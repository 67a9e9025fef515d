"""Schema 1: the tables of release 0.1, which was for SQLite only.

On PostgreSQL no release wrote it. There it is given the collation that schema 2 wants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import op
from sqlalchemy import BigInteger, Column, Index, MetaData, PrimaryKeyConstraint, SmallInteger, Table, Text
from sqlalchemy.sql.expression import text

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem

revision = "1"
down_revision = None
branch_labels = None
depends_on = None

_metadata = MetaData()
_KEY = Text().with_variant(Text(collation="C"), "postgresql")


def _table(name: str, *columns: SchemaItem, with_rowid: bool = True) -> Table:
    return Table(
        f"nurture_{name}",
        _metadata,
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


def _flag(name: str) -> Column[int]:
    return Column(name, SmallInteger, nullable=False)


def _index(name: str, table: Table, *columns: str, where: str | None = None) -> None:
    condition = None if where is None else text(where)
    Index(
        f"nurture_{name}",
        *[table.c[column] for column in columns],
        sqlite_where=condition,
        postgresql_where=condition,
    )


Table("nurture_meta", _metadata, Column("name", _KEY, primary_key=True), _text("value"))
Table("nurture_clock", _metadata, Column("tenant", _KEY, primary_key=True), _number("last"))
_table("account", _number("version"), _body())
_table("allowance", _number("version"), _body())
_table("definition", _body())
_table("activation", _number("version"), _body())
_lead = _table("lead", _number("version"), _text("account", optional=True), _body())
_touchpoint = _table(
    "touchpoint",
    _text("subject"), _text("kind"), _number("at"), _number("received_at"), _text("origin"), _body(),
)  # fmt: skip
_inbox = _table("inbox", _text("subject"), _number("due_at"), with_rowid=False)
_standing = _table("standing", _number("version"), _number("due_at", optional=True), _flag("dead"), _body())
_effect = _table(
    "effect",
    _number("version"), _text("subject"), _text("state"), _flag("open"), _number("planned_at"),
    _number("due_at", optional=True), _body(),
)  # fmt: skip
_alias = _table("alias", _number("version"), _text("subject"), _body())
_decision = _table("decision", _text("subject"), _number("at"), _body())

_index("touchpoint_by_subject", _touchpoint, "tenant", "subject", "kind", "at", "id")
_index("inbox_by_due", _inbox, "tenant", "due_at", "subject")
_index("inbox_by_subject", _inbox, "tenant", "subject", "due_at")
_index("standing_by_due", _standing, "tenant", "due_at", where="due_at IS NOT NULL AND dead = 0")
_index("standing_dead", _standing, "tenant", "id", where="dead = 1")
_index("effect_by_due", _effect, "tenant", "due_at", where="due_at IS NOT NULL AND open = 1")
_index("effect_by_subject", _effect, "tenant", "subject", "open")
_index("lead_by_account", _lead, "tenant", "account", where="account IS NOT NULL")
_index("alias_by_subject", _alias, "tenant", "subject")
_index("decision_by_subject", _decision, "tenant", "subject", "at")


def upgrade() -> None:
    """Make the tables, in a database that has none."""
    _metadata.create_all(op.get_bind())
    meta = _metadata.tables["nurture_meta"]
    op.execute(meta.insert().values(name="schema", value=revision))
