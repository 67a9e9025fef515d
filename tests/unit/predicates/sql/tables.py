"""A small table with plain columns, and what asks it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    select,
)

from nurture.model.decay import Scale
from nurture.predicates import LEAD_FIELDS, FieldType, Names, Predicate
from nurture.predicates.sql import Layout, columns_layout, compile_sql, facts_in
from nurture.predicates.sql.asking import Form

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
METADATA = MetaData()
LEADS = Table(
    "leads", METADATA,
    Column("id", Text, primary_key=True), Column("source", Text), Column("seats", BigInteger), Column("rate", Double),
    Column("vip", Boolean), Column("created_at", DateTime), Column("seen", BigInteger), Column("born", Date),
    Column("tags", JSON), Column("score", Double), Column("zone", Text),
)  # fmt: skip
FACTS = Table(
    "facts", METADATA,
    Column("id", BigInteger, primary_key=True), Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False), Column("at", BigInteger, nullable=False), Column("path", Text),
    Column("amount", Double), Column("more", Text),
)  # fmt: skip
NAMES = Names(
    scales={"engagement": Scale(None, floor=0.0, ceiling=100.0)},
    lead_fields={
        **LEAD_FIELDS,
        "seats": FieldType.INTEGER,
        "rate": FieldType.NUMBER,
        "vip": FieldType.BOOLEAN,
        "seen": FieldType.INSTANT,
        "born": FieldType.DATE,
    },
)


def layout(dialect: str = "sqlite", *, indexed: bool = True, **more: Any) -> Layout:
    facts = facts_in(dialect, FACTS, props={"path": "path", "amount": "amount"}, properties="more", indexed=indexed)
    fields = ("source", "seats", "rate", "vip", "created_at", "seen", "born", "tags", "zone")
    return columns_layout(
        dialect,
        LEADS,
        fields={name: name for name in fields},
        types={"seen": FieldType.INSTANT},
        facts=facts,
        scores={"engagement": "score"},
        **more,
    )


def sql(predicate: Predicate, form: Form = "auto", **more: Any) -> str:
    """The condition as text, in one line."""
    condition = compile_sql(predicate, layout(**more), NAMES, NOW, form=form)
    return " ".join(str(condition.compile(compile_kwargs={"literal_binds": True})).split())


def matching(
    predicate: Predicate,
    leads: list[dict[str, Any]],
    facts: list[dict[str, Any]] | None = None,
    form: Form = "auto",
    now: datetime = NOW,
) -> set[str]:
    """The ids of the leads for which SQLite says yes."""
    if facts is None:
        facts = []
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        METADATA.create_all(connection)
        for lead in leads:
            connection.execute(insert(LEADS), lead)
        for number, fact in enumerate(facts):
            connection.execute(insert(FACTS), {"id": number, **fact})
        condition = compile_sql(predicate, layout(), NAMES, now, form=form)
        return set(connection.execute(select(LEADS.c.id).where(condition)).scalars())
