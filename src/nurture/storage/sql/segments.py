"""Where the values of predicates lie in the tables of this store. May import SQLAlchemy and `nurture.predicates.sql`.

Records are JSON in `body`; so a condition made with this layout reads most values out of JSON, and only subject, kind,
instant, origin and the account of a lead are columns. A lead's account is looked at itself: what it has told its
leads so far does not matter here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from math import ldexp
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, and_, case, cast, false, func, or_
from sqlalchemy.sql.expression import literal_column

from nurture.model import EnrollmentState, SubjectKind
from nurture.model.account import ACCOUNT_TEXT_FIELDS
from nurture.model.decay import Scale, grid
from nurture.model.lead import TEXT_FIELDS
from nurture.predicates import Field, FieldType, Owner
from nurture.predicates.sql import Cell, FactRow, Facts, InstantForm, JsonCell, Layout, TypedCell
from nurture.predicates.sql.speech import DOUBLE, Bool, Expr, Speech, real, speech_of, text, whole
from nurture.storage.sql import schema

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.sql.elements import ColumnElement

_GRID: Final = 256  # the landmarks of scores lie so many half-lives apart
_TINY: Final = 1e-100  # what is smaller, in units of a landmark, is nothing by now
_MOVED: Final = {SubjectKind.LEAD: ("tags", "lists"), SubjectKind.ACCOUNT: ("employees",)}


def store_layout(
    dialect: str, tenant: str, subject: SubjectKind = SubjectKind.LEAD, *, zones: Collection[str] | None = None
) -> Layout:
    """Where this store keeps the leads, or the accounts, of a tenant.

    Its `source` joins their standings, and its `where` is the tenant: a statement needs both.

    Args:
        dialect: `sqlite` or `postgresql`.
        tenant: Whose data.
        subject: Whether leads or accounts are asked about.
        zones: The only zones that occur; None for any.

    Example:
        >>> from datetime import UTC, datetime
        >>> from sqlalchemy import select
        >>> from nurture.predicates import Names, q
        >>> from nurture.predicates.sql import compile_sql
        >>> layout = store_layout("sqlite", "default")
        >>> now = datetime(2026, 4, 1, tzinfo=UTC)
        >>> condition = compile_sql(q.lead.source == "fair", layout, Names(), now)
        >>> statement = select(layout.id).select_from(layout.source).where(layout.where, condition)
    """
    return _layout(speech_of(dialect), tenant, subject, zones)


def _layout(speech: Speech, tenant: str, subject: SubjectKind, zones: Collection[str] | None) -> Layout:
    of_lead = subject is SubjectKind.LEAD
    table = (schema.lead if of_lead else schema.account).alias()
    standing = schema.standing.alias()
    stands = and_(standing.c.tenant == table.c.tenant, standing.c.id == table.c.id)
    place = speech.document(standing.c.body)
    account: ColumnElement[str | None] | None = table.c.account if of_lead else None
    other = SubjectKind.ACCOUNT if of_lead else SubjectKind.LEAD

    def layout_of_other() -> Layout:
        return _layout(speech, tenant, other, zones)

    return Layout(
        speech=speech,
        subject=subject,
        source=table.outerjoin(standing, stands),
        id=table.c.id,
        field=_fields(speech, subject, speech.document(table.c.body), account),
        where=table.c.tenant == text(tenant),
        facts=Facts(row=lambda: _fact(speech, tenant)),
        account_id=account,
        account=layout_of_other if of_lead else None,
        people=None if of_lead else layout_of_other,
        stage=_text(speech, place, "stage"),
        stage_since=_instant(speech, place, "stage_since"),
        score=lambda model, scale, now: _score(speech, place, model, scale, now),
        since=lambda name: _instant(speech, place, "memberships", name),
        runs=lambda scenario, states: _runs(speech, place, scenario, states),
        zones=zones,
    )


def _fields(
    speech: Speech, subject: SubjectKind, body: Expr, account: ColumnElement[str | None] | None
) -> Callable[[Field], Cell | None]:
    """Where the fields of a lead or an account lie; those that every record has are not among the attributes."""
    owner, texts = (Owner.LEAD, TEXT_FIELDS) if subject is SubjectKind.LEAD else (Owner.ACCOUNT, ACCOUNT_TEXT_FIELDS)

    def field(wanted: Field) -> Cell | None:
        name = wanted.name
        if wanted.owner is not owner:
            return None
        if name == "account" and account is not None:
            return TypedCell(value=account, kind=FieldType.TEXT, speech=speech)
        if name in texts:
            return _text(speech, body, name)
        if name == "created_at":
            return _instant(speech, body, name)
        path = (name,) if name in _MOVED[subject] else ("attributes", name)
        return JsonCell(document=body, path=path, speech=speech)

    return field


def _fact(speech: Speech, tenant: str) -> FactRow:
    fact = schema.touchpoint.alias()
    body = speech.document(fact.c.body)
    at = TypedCell(
        value=fact.c.at, kind=FieldType.INSTANT, speech=speech, nullable=False, form=InstantForm.MICROS
    ).read(FieldType.INSTANT)
    assert at is not None  # noqa: S101  # it was asked for as an instant
    return FactRow(
        speech=speech,
        source=fact,
        subject=fact.c.subject,
        kind=fact.c.kind,
        at=at,
        id=fact.c.id,
        origin=fact.c.origin,
        channel=speech.json_value(body, ("channel",), FieldType.TEXT),
        campaign=speech.json_value(body, ("campaign",), FieldType.TEXT),
        suspect=func.coalesce(speech.json_known(body, ("suspect",)), false()),
        prop=lambda name: JsonCell(document=body, path=("properties", name), speech=speech),
        where=fact.c.tenant == text(tenant),
    )


def _text(speech: Speech, document: Expr, *path: str) -> TypedCell:
    return TypedCell(value=speech.json_value(document, path, FieldType.TEXT), kind=FieldType.TEXT, speech=speech)


def _instant(speech: Speech, document: Expr, *path: str) -> TypedCell:
    """An instant that a record holds as a field of its own: ISO text without a tag."""
    value = speech.json_value(document, path, FieldType.TEXT)
    return TypedCell(value=value, kind=FieldType.INSTANT, speech=speech, form=InstantForm.TEXT)


def _runs(speech: Speech, standing: Expr, scenario: str, states: Sequence[str]) -> Bool:
    """Whether a kept run is in one of these states; a run that is active does not say so."""

    def is_one(run: Expr) -> Bool:
        state = speech.json_value(run, ("state",), FieldType.TEXT)
        known = [one for one in states if one != EnrollmentState.ACTIVE]
        is_active = or_(state.is_(None), state == text(EnrollmentState.ACTIVE.value))
        tests: list[Bool] = [is_active] if len(known) < len(states) else []
        if known:
            tests.append(state.in_([text(one) for one in known]))
        return and_(speech.json_value(run, ("scenario",), FieldType.TEXT) == text(scenario), or_(false(), *tests))

    ended = [("past", scenario, one) for one in states if one != EnrollmentState.ACTIVE]
    past = [speech.json_value(standing, path, FieldType.TEXT).is_not(None) for path in ended]
    return or_(speech.some_item(standing, ("enrollments",), is_one), *past)


# -- scores -------------------------------------------------------------------------------------------


def _score(speech: Speech, standing: Expr, model: str, scale: Scale, now: datetime) -> Expr:
    """What `nurture.model.decay.value_at` gives, floor and ceiling aside: the same operations on the same floats.

    SQLite reads decimals from text with an error in the last bit at times; PostgreSQL never does.
    """

    def number(*path: str | int) -> Expr:
        return cast(speech.json_value(standing, ("scores", model, *path), FieldType.TEXT), DOUBLE)

    total = func.coalesce(number("total"), number("partials", 0), real(0.0))
    constant = func.coalesce(number("constant"), real(0.0))
    if scale.half_life is None:
        return total + constant
    whole_lives, fraction = grid(now, scale.half_life)
    factor = 2.0**-fraction
    present = whole_lives // _GRID * _GRID
    landmark = func.coalesce(
        cast(speech.json_value(standing, ("scores", model, "landmark"), FieldType.TEXT), BigInteger()), whole(0)
    )
    # What was earned longer ago has faded to nothing; a standing that was decided after `now` is one step ahead.
    steps = [present + step * _GRID for step in (0, -1, 1)]
    faded = case(
        (func.abs(total) < real(_TINY), real(0.0)),
        *[(landmark == literal_column(str(one)), total * real(ldexp(factor, one - whole_lives))) for one in steps],
        else_=real(0.0),
    )
    return faded + constant
