"""Worlds in SQL: each is stored twice in a database, in tables with plain columns and in the store's own tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    Engine,
    Index,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    null,
    select,
    true,
)
from sqlalchemy.pool import StaticPool

from nurture.model import Account, Lead, SubjectKind, Touchpoint, Value, account_values
from nurture.model.decay import value_at
from nurture.predicates import FieldType, Predicate
from nurture.predicates.sql import (
    Layout,
    columns_layout,
    compile_sql,
    enrollments_in,
    facts_in,
    memberships_in,
)
from nurture.predicates.sql.asking import Form
from nurture.predicates.sql.cells import micros_of
from nurture.storage.codec import encode_values
from nurture.storage.sql import schema
from nurture.storage.sql.rows import SHAPES
from nurture.storage.sql.segments import store_layout
from tests.parity.worlds import (
    ACCOUNT_ATTRIBUTES,
    ACCOUNT_TEXTS,
    LEAD_ATTRIBUTES,
    LEAD_TEXTS,
    SCALES,
    ZONES,
    World,
    random_world,
)

TENANT = "t"
_TYPES: Mapping[FieldType, Callable[[], Any]] = {
    FieldType.TEXT: Text,
    FieldType.INTEGER: BigInteger,
    FieldType.NUMBER: Double,
    FieldType.BOOLEAN: Boolean,
    FieldType.INSTANT: lambda: DateTime(timezone=True),
    FieldType.DATE: Date,
    FieldType.TEXTS: JSON,
}
_LEAD = {**dict.fromkeys(LEAD_TEXTS, FieldType.TEXT), "created_at": FieldType.INSTANT, **LEAD_ATTRIBUTES}
_ACCOUNT = {
    **dict.fromkeys((*ACCOUNT_TEXTS, "name"), FieldType.TEXT),
    "created_at": FieldType.INSTANT,
    "employees": FieldType.INTEGER,
    **ACCOUNT_ATTRIBUTES,
}


class Tables:
    """Plain tables, as a host application might have them.

    On PostgreSQL tags are an array and instants have a time zone; on SQLite tags are JSON, and instants are text.
    """

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.metadata = MetaData()
        tags = ARRAY(Text) if dialect == "postgresql" else JSON
        self.leads = self._subjects(
            "w_leads", _LEAD, Column("account", Text), Column("tags", tags), Column("lists", tags)
        )
        self.accounts = self._subjects("w_accounts", _ACCOUNT)
        self.facts = Table(
            "w_facts", self.metadata,
            Column("id", Text, primary_key=True), Column("subject", Text, nullable=False),
            Column("kind", Text, nullable=False), Column("at", BigInteger, nullable=False), Column("origin", Text),
            Column("channel", Text), Column("campaign", Text), Column("suspect", Boolean), Column("properties", Text),
        )  # fmt: skip
        Index("w_facts_by_subject", self.facts.c.subject, self.facts.c.kind, self.facts.c.at)
        self.members = Table(
            "w_members", self.metadata, Column("subject", Text), Column("segment", Text), Column("since", BigInteger)
        )
        self.runs = Table(
            "w_runs", self.metadata, Column("subject", Text), Column("scenario", Text), Column("state", Text)
        )

    def _subjects(self, name: str, fields: Mapping[str, FieldType], *more: Column[Any]) -> Table:
        return Table(
            name,
            self.metadata,
            Column("id", Text, primary_key=True),
            *[Column(one, _TYPES[kind]()) for one, kind in fields.items()],
            *[Column(f"score_{model}", Double) for model in SCALES],
            Column("stage", Text),
            Column("stage_since", DateTime(timezone=True)),
            *more,
        )

    def layout(self, subject: SubjectKind = SubjectKind.LEAD, *, aliased: bool = False) -> Layout:
        of_lead = subject is SubjectKind.LEAD
        table = self.leads if of_lead else self.accounts
        fields = [*_LEAD, "account", "tags", "lists"] if of_lead else [*_ACCOUNT]
        other = SubjectKind.ACCOUNT if of_lead else SubjectKind.LEAD

        def layout_of_other() -> Layout:
            return self.layout(other, aliased=True)

        return columns_layout(
            self.dialect,
            table.alias() if aliased else table,
            subject=subject,
            fields={name: name for name in fields},
            facts=facts_in(
                self.dialect, self.facts, origin="origin", channel="channel", campaign="campaign", suspect="suspect",
                properties="properties",
            ),
            account_id="account" if of_lead else None,
            account=layout_of_other if of_lead else None,
            people=None if of_lead else layout_of_other,
            stage="stage",
            stage_since="stage_since",
            scores={model: f"score_{model}" for model in SCALES},
            memberships=memberships_in(self.members, since="since"),
            enrollments=enrollments_in(self.runs),
            zones=ZONES,
        )  # fmt: skip

    def fill(self, connection: Connection, world: World) -> None:
        """Put a world in place of what was there."""
        for table in self.metadata.tables.values():
            connection.execute(table.delete())
        values = [(lead.id, lead.values, {"account": lead.account}) for lead in world.leads]
        self._insert(connection, self.leads, [self._row(world, *one, _LEAD) for one in values])
        companies = [self._row(world, one.id, account_values(one), {}, _ACCOUNT) for one in world.accounts]
        self._insert(connection, self.accounts, companies)
        self._insert(connection, self.facts, [self._fact(fact) for fact in world.facts])
        standings = world.standings.values()
        self._insert(
            connection,
            self.members,
            [
                {"subject": one.subject, "segment": name, "since": micros_of(since)}
                for one in standings
                for name, since in one.memberships.items()
            ],
        )
        self._insert(
            connection,
            self.runs,
            [
                {"subject": one.subject, "scenario": name, "state": state.value}
                for one in standings
                for name, state in one.run_states
            ],
        )

    def _insert(self, connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            connection.execute(insert(table), rows)

    def _row(
        self, world: World, subject: str, values: Mapping[str, Value], more: Mapping[str, Any], fields: Iterable[str]
    ) -> dict[str, Any]:
        standing = world.standings.get(subject)
        row: dict[str, Any] = {name: values.get(name) for name in fields}
        if fields is _LEAD:
            row |= {name: list(values.get(name, ())) for name in ("tags", "lists")}  # type: ignore[arg-type]
            row["langs"] = null() if row["langs"] is None else list(row["langs"])
        scores = {} if standing is None else standing.scores
        row |= {
            f"score_{model}": value_at(scores[model], scale, world.now) if model in scores else None
            for model, scale in SCALES.items()
        }
        stage, since = (None, None) if standing is None else (standing.stage, standing.stage_since)
        return {"id": subject, **row, "stage": stage, "stage_since": since, **more}

    @staticmethod
    def _fact(fact: Touchpoint) -> dict[str, Any]:
        return {
            "id": fact.id,
            "subject": fact.subject,
            "kind": fact.kind,
            "at": micros_of(fact.at),
            "origin": fact.origin.value,
            "channel": fact.channel,
            "campaign": fact.campaign,
            "suspect": fact.suspect,
            "properties": json.dumps(encode_values(fact.properties)) if fact.properties else None,
        }


class Database:
    """A database that holds one world at a time, in both sorts of tables."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url, poolclass=StaticPool, query_cache_size=0)
        self.dialect = self.engine.dialect.name
        self.tables = Tables(self.dialect)
        self.tables.metadata.create_all(self.engine)
        schema.metadata.create_all(self.engine)
        self.connection = self.engine.connect()

    def fill(self, world: World) -> None:
        """Put a world in place of what was there; beside it, in the store, another tenant's."""
        self.tables.fill(self.connection, world)
        for kind in (Lead, Account, Touchpoint):
            self.connection.execute(SHAPES[kind].table.delete())
        self.connection.execute(schema.standing.delete())
        for tenant, one in ((TENANT, world), ("noise", random_world(world.seed + 1))):
            for records in (one.leads, one.accounts, one.facts, tuple(one.standings.values())):
                shape = SHAPES[type(records[0])]
                rows = [dict(zip(shape.columns, shape.row(tenant, record), strict=True)) for record in records]
                self.connection.execute(insert(shape.table), rows)
        self.connection.commit()
        if self.dialect == "postgresql":
            self.connection.exec_driver_sql("ANALYZE")
            self.connection.commit()

    def layouts(self, subject: SubjectKind) -> dict[str, Layout]:
        """The layouts of both sorts of tables."""
        return {
            f"{self.dialect} columns": self.tables.layout(subject),
            f"{self.dialect} store": store_layout(self.dialect, TENANT, subject, zones=ZONES),
        }

    def ask(self, layout: Layout, predicate: Predicate, world: World, form: Form = "auto") -> dict[str, bool]:
        """What the database says of each subject; NULL, which must not be, is an error."""
        condition = compile_sql(predicate, layout, world.names_about(layout.subject), world.now, form=form)
        where = true() if layout.where is None else layout.where
        found = self.connection.execute(
            select(layout.id, condition.label("answer")).select_from(layout.source).where(where)
        ).all()
        assert all(answer is not None for _, answer in found), "a condition is NULL"
        return {subject: bool(answer) for subject, answer in found}

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()
