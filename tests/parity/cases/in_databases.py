"""The cases in a database: in the tables of our own store, and in plain tables such as a host has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    select,
)

from nurture.model import Account, Lead, SubjectKind, Touchpoint
from nurture.model.decay import value_at
from nurture.model.dossier import account_values
from nurture.predicates import FieldType
from nurture.predicates.sql import Layout, columns_layout, compile_sql, enrollments_in, facts_in, memberships_in
from nurture.storage.clock import to_micros
from nurture.storage.codec import encode_values
from nurture.storage.sql import schema
from nurture.storage.sql.rows import ROWS
from nurture.storage.sql.segments import store_layout
from tests.parity.cases.records import ACCOUNT_NAMES, LEAD_NAMES, Known, records_of
from tests.parity.cases.said import SCALES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nurture.predicates.sql.asking import Form
    from tests.parity.cases.batches import Batch
    from tests.parity.cases.said import Case

TENANT = "cases"
ZONES = ("America/Chicago", "America/New_York", "Asia/Tokyo", "UTC")
"""The only zones that occur; it keeps conditions short."""
_STORED = (schema.lead, schema.account, schema.standing, schema.touchpoint)


class Asked:
    """A database that is asked by SQL.

    Args:
        connection: To a database that holds the cases.
        layouts: What makes the layout of leads, and of accounts.
        form: How facts are looked up.
    """

    def __init__(self, connection: Connection, layouts: Callable[[SubjectKind], Layout], form: Form = "auto") -> None:
        self._connection = connection
        self._layouts = layouts
        self._form: Form = form

    def answers(self, batch: Batch) -> Mapping[str, bool]:
        """The answers by case; one statement for the batch."""
        layout = self._layouts(batch.subject)
        holds = compile_sql(batch.asked, layout, batch.names, batch.now, form=self._form)
        ids = {records.asked.id: records.case.id for records in batch.records}
        wanted = select(layout.id, holds.label("answer")).select_from(layout.source).where(layout.id.in_(ids))
        if layout.where is not None:
            wanted = wanted.where(layout.where)
        answers = {ids[id_]: answer for id_, answer in self._connection.execute(wanted)}
        assert not any(answer is None for answer in answers.values()), "an answer is NULL"
        assert len(answers) == len(batch.cases), "somebody is not found"
        return {name: bool(answer) for name, answer in answers.items()}


def everybody(cases: Iterable[Case]) -> Iterator[tuple[Case, Known]]:
    """All subjects of all cases, each once."""
    seen: set[str] = set()
    for case in cases:
        for one in records_of(case).everybody:
            if one.id not in seen:
                seen.add(one.id)
                yield case, one


# -- our own store ----------------------------------------------------------------------------------------------


def stored(connection: Connection, cases: Iterable[Case]) -> Callable[[SubjectKind], Layout]:
    """Write the cases into the tables of our own store; gives its layouts."""
    for table in _STORED:
        connection.execute(delete(table).where(table.c.tenant == TENANT))
    rows: dict[Table, list[tuple[object, ...]]] = {table: [] for table in _STORED}
    for _, one in everybody(cases):
        table = schema.lead if isinstance(one.record, Lead) else schema.account
        rows[table].append(ROWS[type(one.record)](TENANT, one.record))
        rows[schema.standing].append(ROWS[type(one.standing)](TENANT, one.standing))
        rows[schema.touchpoint] += [ROWS[Touchpoint](TENANT, fact) for fact in one.facts]
    for table, some in rows.items():
        names = [column.name for column in table.c]
        if some:
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in some])
    return store_layouts(connection.dialect.name)


def store_layouts(dialect: str) -> Callable[[SubjectKind], Layout]:
    """The layouts of our own store."""
    return lambda subject: store_layout(dialect, TENANT, subject, zones=ZONES)


# -- plain tables ------------------------------------------------------------------------------------------------

_TYPES: Mapping[FieldType, Any] = {
    FieldType.TEXT: Text,
    FieldType.INTEGER: BigInteger,
    FieldType.NUMBER: Double,
    FieldType.BOOLEAN: Boolean,
    FieldType.INSTANT: BigInteger,
    FieldType.DATE: Date,
    FieldType.TEXTS: JSON(none_as_null=True),
}
_PLAIN = MetaData()


def _columns(fields: Mapping[str, FieldType]) -> list[Column[Any]]:
    return [Column(name, _TYPES[of]) for name, of in fields.items()]


_SCORES = [Column(f"score {model}", Double) for model in SCALES]
_LEADS = Table(
    "case_lead",
    _PLAIN,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, index=True),
    Column("stage_name", Text),
    Column("stage_since", BigInteger),
    *_columns(LEAD_NAMES.lead_fields),
    *_SCORES,
)
_ACCOUNTS = Table(
    "case_account",
    _PLAIN,
    Column("id", Text, primary_key=True),
    Column("stage_name", Text),
    Column("stage_since", BigInteger),
    *_columns(ACCOUNT_NAMES.account_fields),
    *[Column(column.name, Double) for column in _SCORES],
)
_FACTS = Table(
    "case_fact",
    _PLAIN,
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("origin", Text),
    Column("channel", Text),
    Column("campaign", Text),
    Column("suspect", Boolean, nullable=False),
    Column("properties", JSON),
)
_MEMBERS = Table("case_member", _PLAIN, Column("subject", Text), Column("segment", Text), Column("since", BigInteger))
_RUNS = Table("case_run", _PLAIN, Column("subject", Text), Column("scenario", Text), Column("state", Text))


def plain(connection: Connection, cases: Iterable[Case]) -> Callable[[SubjectKind], Layout]:
    """Write the cases into plain tables; gives the layouts of these."""
    _PLAIN.drop_all(connection)
    _PLAIN.create_all(connection)
    rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in _PLAIN.sorted_tables}
    for case, one in everybody(cases):
        is_lead = isinstance(one.record, Lead)
        rows[_LEADS if is_lead else _ACCOUNTS].append(_subject_row(case, one))
        rows[_FACTS] += [_fact_row(fact) for fact in one.facts]
        members = one.standing.memberships.items()
        rows[_MEMBERS] += [{"subject": one.id, "segment": name, "since": to_micros(at)} for name, at in members]
        runs = one.standing.run_states
        rows[_RUNS] += [{"subject": one.id, "scenario": name, "state": state.value} for name, state in runs]
    for table, some in rows.items():
        if some:
            connection.execute(insert(table), some)
    return plain_layouts(connection.dialect.name)


def _subject_row(case: Case, one: Known) -> dict[str, Any]:
    record, standing = one.record, one.standing
    values = account_values(record) if isinstance(record, Account) else dict(record.values)
    fields = LEAD_NAMES.lead_fields if isinstance(record, Lead) else ACCOUNT_NAMES.account_fields
    row: dict[str, Any] = {name: _cell(values.get(name), of) for name, of in fields.items()}
    row |= {"id": one.id, "stage_name": standing.stage, "stage_since": _cell(standing.stage_since, FieldType.INSTANT)}
    if isinstance(record, Lead):
        row["company_id"] = record.account
    for model, scale in SCALES.items():
        known = standing.scores.get(model)
        row[f"score {model}"] = None if known is None else value_at(known, scale, case.now)
    return row


def _cell(value: Any, of: FieldType) -> Any:
    if value is None:
        return None
    if of is FieldType.INSTANT:
        return to_micros(value)
    return list(value) if of is FieldType.TEXTS else value


def _fact_row(fact: Touchpoint) -> dict[str, Any]:
    return {
        "id": fact.id,
        "subject": fact.subject,
        "kind": fact.kind,
        "at": to_micros(fact.at),
        "origin": fact.origin.value,
        "channel": fact.channel,
        "campaign": fact.campaign,
        "suspect": fact.suspect,
        "properties": encode_values(fact.properties),
    }


def plain_layouts(dialect: str) -> Callable[[SubjectKind], Layout]:
    """The layouts of the plain tables; of the facts of accounts nobody says who made them, on which channel and why."""
    facts = facts_in(
        dialect, _FACTS, origin="origin", channel="channel", campaign="campaign", suspect="suspect",
        properties="properties",
    )  # fmt: skip
    bare = facts_in(dialect, _FACTS, properties="properties")

    def layout(subject: SubjectKind, *, aliased: bool = True) -> Layout:
        of_lead = subject is SubjectKind.LEAD
        table = _LEADS if of_lead else _ACCOUNTS
        fields = LEAD_NAMES.lead_fields if of_lead else ACCOUNT_NAMES.account_fields
        other = SubjectKind.ACCOUNT if of_lead else SubjectKind.LEAD
        return columns_layout(
            dialect,
            table.alias() if aliased else table,
            subject=subject,
            fields={name: name for name in fields},
            types=fields,
            facts=facts if of_lead else bare,
            account_id="company_id" if of_lead else None,
            account=(lambda: layout(other)) if of_lead else None,
            people=None if of_lead else lambda: layout(other),
            stage="stage_name",
            stage_since="stage_since",
            scores={model: f"score {model}" for model in SCALES},
            memberships=memberships_in(_MEMBERS, since="since"),
            enrollments=enrollments_in(_RUNS),
            zones=ZONES,
        )

    return layout
