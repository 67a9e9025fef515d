"""Layouts for tables with plain columns, such as those of a host application. May import SQLAlchemy.

Types are taken from the columns: text, whole numbers, floats and decimals, booleans, dates, timestamps. A whole number
that is an instant (microseconds since 1970 in UTC), and JSON or an array that holds several texts, are said by `types`.
Numbers are finite. A timestamp without time zone is taken to be UTC. Text that is an instant is refused, unless `forms`
says that it has the one form that sorts as instants do: what `datetime.isoformat` writes in UTC, with `+00:00`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, JSON, Boolean, Date, DateTime, Float, Integer, Numeric, String, exists, func, or_, select
from sqlalchemy.sql.expression import literal_column

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates.operators import FieldType
from nurture.predicates.sql.cells import Cell, InstantForm, JsonCell, TypedCell
from nurture.predicates.sql.layout import FactRow, Facts, Layout
from nurture.predicates.sql.speech import ONE, Bool, Expr, Speech, real, speech_of, text
from nurture.predicates.tree import Field, Owner

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    from sqlalchemy.sql.selectable import FromClause

    from nurture.model.decay import Scale

    Types: TypeAlias = Mapping[str, FieldType]
    Runs: TypeAlias = Callable[[Expr, str, Sequence[str]], Bool]
    Since: TypeAlias = Callable[[Expr, str, Speech], Cell]

_TYPES: tuple[tuple[type[object], FieldType], ...] = (
    (Boolean, FieldType.BOOLEAN),
    (Integer, FieldType.INTEGER),
    (Float, FieldType.NUMBER),
    (Numeric, FieldType.NUMBER),
    (DateTime, FieldType.INSTANT),
    (Date, FieldType.DATE),
    (JSON, FieldType.TEXTS),
    (ARRAY, FieldType.TEXTS),
    (String, FieldType.TEXT),
)
_NONE_WHEN_EMPTY = frozenset({"tags", "lists"})  # a lead without tags has no tags, and not a list of none


def columns_layout(
    dialect: str,
    table: FromClause,
    *,
    subject: SubjectKind = SubjectKind.LEAD,
    id: str = "id",  # it is what the column is called
    fields: Mapping[str, str] | None = None,
    types: Mapping[str, FieldType] | None = None,
    forms: Mapping[str, InstantForm] | None = None,
    attributes: str | None = None,
    where: Bool | None = None,
    facts: Facts | None = None,
    account_id: str | None = None,
    account: Callable[[], Layout] | None = None,
    people: Callable[[], Layout] | None = None,
    stage: str | None = None,
    stage_since: str | None = None,
    scores: Mapping[str, str] | None = None,
    memberships: Since | None = None,
    enrollments: Runs | None = None,
    zones: Collection[str] | None = None,
) -> Layout:
    """A layout of a table, or of an alias of one, with a row for each lead or account.

    Args:
        dialect: `sqlite` or `postgresql`.
        table: The table that the condition is for; or an alias of it, within `account` and `people`.
        subject: Whether it holds leads or accounts.
        id: The column that facts and memberships refer to.
        fields: The column of each field; every column under its own name when it is left out. A lead's table may
            hold fields of the account, too, under names such as `account.industry`.
        types: The types of fields of which the column does not say it.
        forms: Columns of text that hold instants: `InstantForm.TEXT` for each, by the name of the column. All their
            values must be as `datetime.isoformat` writes them in UTC, such as `2026-04-01T12:00:00+00:00`.
        attributes: A column of JSON in which all other fields lie.
        where: What else each row must be, such as its tenant.
        facts: Made by `facts_in`.
        account_id: Of leads: the column that holds the account's id.
        account: Of leads: makes the layout of accounts, each time of a fresh alias.
        people: Of accounts: makes the layout of leads, each time of a fresh alias.
        stage: The column of the stage.
        stage_since: The column that says since when.
        scores: The column of each score, as it reads at the instant that is asked about.
        memberships: Made by `memberships_in`.
        enrollments: Made by `enrollments_in`.
        zones: The only zones that occur; None for any.

    Raises:
        DefinitionError: The dialect, a column or its type is not known; near misses are listed.

    Example:
        >>> from datetime import UTC, datetime
        >>> from sqlalchemy import Column, Integer, MetaData, Table, Text, select
        >>> from nurture.predicates import Names, q
        >>> from nurture.predicates.sql import compile_sql
        >>> leads = Table("leads", MetaData(), Column("id", Integer), Column("source", Text))
        >>> layout = columns_layout("sqlite", leads)
        >>> condition = compile_sql(q.lead.source == "fair", layout, Names(), datetime(2026, 4, 1, tzinfo=UTC))
        >>> print(select(leads.c.id).where(condition))
        SELECT leads.id
        FROM leads
        WHERE leads.source = :param_1 AND leads.source IS NOT NULL
    """
    speech = speech_of(dialect)
    known = types or {}
    owner = Owner.LEAD if subject is SubjectKind.LEAD else Owner.ACCOUNT
    named = {name: name for name in table.c.keys()} if fields is None else fields  # noqa: SIM118
    cells: dict[Field, Cell] = {}
    for name, column in named.items():
        place = Field(Owner.ACCOUNT, name[8:]) if name.startswith("account.") else Field(owner, name)
        if fields is not None or _type_of(table.c[column]) is not None:
            empty = name in _NONE_WHEN_EMPTY
            cells[place] = _cell(table, column, speech, known.get(name), forms, none_when_empty=empty)
    document = None if attributes is None else speech.document(_column(table, attributes))

    def field(wanted: Field) -> Cell | None:
        found = cells.get(wanted)
        if found is None and document is not None and wanted.owner is owner:
            return JsonCell(document=document, path=(wanted.name,), speech=speech)
        return found

    def score(model: str, scale: Scale, now: datetime) -> Expr:
        del scale, now
        if scores is None or model not in scores:
            raise UnknownNameError("score column", model, scores or {}, where="layout")
        return func.coalesce(_column(table, scores[model]), real(0.0))

    key = _column(table, id)
    return Layout(
        speech=speech,
        subject=subject,
        source=table,
        id=key,
        field=field,
        where=where,
        facts=facts,
        account_id=None if account_id is None else _column(table, account_id),
        account=account,
        people=people,
        stage=None if stage is None else _cell(table, stage, speech, FieldType.TEXT),
        stage_since=None if stage_since is None else _cell(table, stage_since, speech, FieldType.INSTANT, forms),
        score=None if scores is None else score,
        since=None if memberships is None else lambda name: memberships(key, name, speech),
        runs=None if enrollments is None else lambda scenario, states: enrollments(key, scenario, states),
        zones=zones,
    )


def facts_in(
    dialect: str,
    table: FromClause,
    *,
    subject: str = "subject",
    kind: str = "kind",
    at: str = "at",
    id: str = "id",  # it is what the column is called
    origin: str | None = None,
    channel: str | None = None,
    campaign: str | None = None,
    suspect: str | None = None,
    properties: str | None = None,
    props: Mapping[str, str] | None = None,
    types: Mapping[str, FieldType] | None = None,
    forms: Mapping[str, InstantForm] | None = None,
    where: Callable[[FromClause], Bool] | None = None,
    indexed: bool = True,
) -> Facts:
    """A table with a row for each fact.

    Args:
        dialect: `sqlite` or `postgresql`.
        table: The table.
        subject: The column that holds whom the fact is about; never NULL.
        kind: The column of the kind.
        at: When it happened: whole microseconds since 1970 in UTC, or a timestamp.
        id: What tells facts of one instant apart.
        origin: The column that says who made it; without one all facts are the person's own.
        channel: The column of the channel, if there is one.
        campaign: The column of the campaign, if there is one.
        suspect: The column that says whether a machine may have done it; without one no fact is suspect.
        properties: A column of JSON that holds the properties.
        props: The columns of properties that have one each.
        types: The types of these, where the column does not say it.
        forms: Columns of text that hold instants, as for `columns_layout`.
        where: What else each row must be.
        indexed: Whether there is an index on subject, kind and instant, in this order.

    Raises:
        DefinitionError: A column or its type is not known.
    """
    speech = speech_of(dialect)
    for name in (subject, kind, id):
        _column(table, name)
    _cell(table, at, speech, FieldType.INSTANT, forms)
    for name, column in (props or {}).items():
        _cell(table, column, speech, (types or {}).get(name), forms)

    def optional(source: FromClause, name: str | None) -> Expr | None:
        return None if name is None else _column(source, name)

    def row() -> FactRow:
        source = table.alias()
        document = None if properties is None else speech.document(_column(source, properties))
        happened = _cell(source, at, speech, FieldType.INSTANT, forms).read(FieldType.INSTANT)
        doubt = optional(source, suspect)

        def prop(name: str) -> Cell:
            if props is not None and name in props:
                return _cell(source, props[name], speech, (types or {}).get(name), forms)
            if document is None:
                raise UnknownNameError("property", name, props or {}, where="layout")
            return JsonCell(document=document, path=(name,), speech=speech)

        assert happened is not None  # noqa: S101  # it was asked for as an instant
        key = _column(source, id)
        return FactRow(
            speech=speech,
            source=source,
            subject=_column(source, subject),
            kind=_column(source, kind),
            at=happened,
            id=speech.bytewise(key) if isinstance(key.type, String) else key,
            origin=optional(source, origin),
            channel=optional(source, channel),
            campaign=optional(source, campaign),
            suspect=None if doubt is None else func.coalesce(doubt, literal_column("false", Boolean())),
            prop=prop,
            where=None if where is None else where(source),
        )

    return Facts(row=row, indexed=indexed)


def memberships_in(
    table: FromClause,
    *,
    subject: str = "subject",
    segment: str = "segment",
    since: str,
    forms: Mapping[str, InstantForm] | None = None,
) -> Since:
    """Where memberships lie: a table with a row for each subject and segment, and since when.

    Args:
        table: The table.
        subject: The column that holds who belongs.
        segment: The column that holds the name of the segment.
        since: The column that says since when: whole microseconds since 1970 in UTC, or a timestamp.
        forms: Columns of text that hold instants, as for `columns_layout`.

    Raises:
        DefinitionError: A column is not known, or holds instants in another form.
    """
    form = _form(_column(table, since), forms)

    def cell(key: Expr, name: str, speech: Speech) -> Cell:
        source = table.alias()
        value = select(_column(source, since)).where(
            _column(source, subject) == key, _column(source, segment) == text(name)
        )
        value = value.select_from(source).correlate_except(source)
        return TypedCell(value=value.scalar_subquery(), kind=FieldType.INSTANT, speech=speech, form=form)

    return cell


def enrollments_in(
    table: FromClause, *, subject: str = "subject", scenario: str = "scenario", state: str = "state"
) -> Runs:
    """Where runs of scenarios lie: a table with a row for each kept run, and its state."""

    def runs(key: Expr, name: str, states: Sequence[str]) -> Bool:
        source = table.alias()
        found = select(ONE).select_from(source)
        found = found.where(
            _column(source, subject) == key,
            _column(source, scenario) == text(name),
            or_(*[_column(source, state) == text(one) for one in states]),
        )
        return exists(found.correlate_except(source))

    return runs


def _column(table: FromClause, name: str) -> Expr:
    if name not in table.c:
        raise UnknownNameError("column", name, list(table.c.keys()), where="layout")
    return table.c[name]


def _cell(
    table: FromClause,
    name: str,
    speech: Speech,
    kind: FieldType | None,
    forms: Mapping[str, InstantForm] | None = None,
    *,
    none_when_empty: bool = False,
) -> TypedCell:
    column = _column(table, name)
    found = kind or _type_of(column)
    if found is None:
        raise DefinitionError(f"layout: nobody said of which type the column {name!r} is")
    return TypedCell(
        value=column,
        kind=found,
        speech=speech,
        nullable=getattr(column, "nullable", True) is not False,
        form=_form_of(column, found, forms),
        none_when_empty=none_when_empty,
    )


def _type_of(column: Expr) -> FieldType | None:
    return next((kind for of_type, kind in _TYPES if isinstance(column.type, of_type)), None)


def _form(column: Expr, forms: Mapping[str, InstantForm] | None) -> InstantForm:
    if isinstance(column.type, Integer):
        return InstantForm.MICROS
    if isinstance(column.type, DateTime):
        return InstantForm.AWARE if column.type.timezone else InstantForm.NAIVE
    name = str(column.key)
    if isinstance(column.type, String) and (forms or {}).get(name) is InstantForm.TEXT:
        return InstantForm.TEXT
    raise DefinitionError(
        f"layout: the column {name!r} cannot be read as instants; expected whole microseconds since 1970 in UTC, or "
        "timestamps; text only when forms says InstantForm.TEXT"
    )


def _form_of(column: Expr, kind: FieldType, forms: Mapping[str, InstantForm] | None) -> InstantForm | None:
    if kind is FieldType.INSTANT:
        return _form(column, forms)
    return InstantForm.TEXT if kind is FieldType.DATE and isinstance(column.type, String) else None
