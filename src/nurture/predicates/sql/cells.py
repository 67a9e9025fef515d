"""Where a value lies, and how it is read as a value of one type. May import SQLAlchemy.

A cell of a declared type is a column, or an expression that is as good as one. A cell of JSON holds a value of
any type, and what it is shows row by row. Either is asked for a reading of one type; tests are made of readings,
and each test says by itself whether the value is there, so that none of them is ever NULL.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, cast

import attrs
from sqlalchemy import ARRAY, Date, DateTime, Float, Numeric, and_, case, false, func, literal, not_
from sqlalchemy.types import DOUBLE_PRECISION

from nurture.predicates.operators import FieldType
from nurture.predicates.sql.speech import Bool, Expr, Path, Speech, real, text, whole

if TYPE_CHECKING:
    from nurture.model import Scalar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 1e300


class InstantForm(StrEnum):
    """How an instant is written down.

    `micros`: whole microseconds since 1970 in UTC. `aware`: a timestamp with time zone. `naive`: a timestamp
    without one, which is taken to be UTC. `text`: ISO 8601 in UTC, as `datetime.isoformat` writes it.
    """

    MICROS = "micros"
    AWARE = "aware"
    NAIVE = "naive"
    TEXT = "text"


def micros_of(instant: datetime) -> int:
    """Whole microseconds since 1970 in UTC."""
    return (instant - EPOCH) // _MICROSECOND


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Reading:
    """A value, read as one of a type.

    Attributes:
        kind: Of which type.
        there: Whether there is a value of this type; never NULL.
        value: The value; only where it is there does it mean anything.
        guarded: Whether nothing may be done with the value before it is known to be there.
        form: How an instant is written; for a date `text` or None.
    """

    kind: FieldType
    there: Bool
    value: Expr
    guarded: bool = False
    form: InstantForm | None = None

    def holds(self, test: Bool) -> Bool:
        """That the value is there and the test of it holds; an index on a column is of use."""
        return case((self.there, test), else_=false()) if self.guarded else and_(test, self.there)

    def literal(self, value: Scalar) -> Expr:
        """A date or an instant, written as the value is."""
        if isinstance(value, datetime):
            return instant_literal(value, self.form)
        day = cast("date", value)
        return text(day.isoformat()) if self.form is InstantForm.TEXT else literal(day, Date())


def instant_literal(value: datetime, form: InstantForm | None) -> Expr:
    """An instant in one of the forms."""
    moment = value.astimezone(UTC)
    if form is InstantForm.MICROS:
        return whole(micros_of(moment))
    if form is InstantForm.TEXT:
        return text(moment.isoformat())
    if form is InstantForm.AWARE:
        return literal(moment, DateTime(timezone=True))
    return literal(moment.replace(tzinfo=None), DateTime())


class Cell(Protocol):
    """A place that may hold a value."""

    @property
    def known(self) -> Bool:
        """Whether there is a value; never NULL."""
        ...

    @property
    def kinds(self) -> tuple[FieldType, ...]:
        """Of which types the value may be."""
        ...

    def read(self, kind: FieldType) -> Reading | None:
        """The value as one of this type; None when it never is."""
        ...

    def key(self) -> Expr:
        """What equal values share and others do not; NULL where there is none."""
        ...


@attrs.frozen(slots=True, kw_only=True, eq=False)
class TypedCell:
    """A column, or an expression that is as good as one, of a declared type.

    Attributes:
        value: The column.
        kind: Of which type its values are.
        speech: How the database speaks.
        nullable: Whether it may be NULL.
        form: Of an instant: how it is written; of a date: `text` when it is ISO text.
        none_when_empty: Of several texts: whether none at all counts as missing.
    """

    value: Expr
    kind: FieldType
    speech: Speech
    nullable: bool = True
    form: InstantForm | None = None
    none_when_empty: bool = False

    @property
    def known(self) -> Bool:
        """Whether there is a value."""
        if self.kind is FieldType.TEXTS and self.none_when_empty:
            return func.coalesce(self._size(), 0) > 0
        return self._there(self.value)

    @property
    def kinds(self) -> tuple[FieldType, ...]:
        """The one type."""
        return (self.kind,)

    def read(self, kind: FieldType) -> Reading | None:
        """The value, if it is of this type."""
        if kind is not self.kind:
            return None
        value = self._comparable()
        return Reading(kind=kind, there=self._there_as(kind), value=value, form=self.form)

    def key(self) -> Expr:
        """What equal values share."""
        if self.kind is FieldType.NUMBER:
            return self.speech.real_key(self.value)
        return self.speech.bytewise(self.value) if self.kind is FieldType.TEXT else self.value

    def _there(self, value: Expr) -> Bool:
        from sqlalchemy import true

        return value.is_not(None) if self.nullable else true()

    def _there_as(self, kind: FieldType) -> Bool:
        if kind is FieldType.NUMBER and self.speech.name == "postgresql" and _may_be_odd(self.value):
            return and_(self.known, self.value <= real(_LARGEST))  # NaN stands above all numbers there
        return self.known

    def _comparable(self) -> Expr:
        """The value, without what the column's own collation would change."""
        if self.kind is FieldType.TEXT:
            declared: object = getattr(self.value.type, "collation", None)
            return self.value if declared in (None, "BINARY", "C", "POSIX") else self.speech.bytewise(self.value)
        if self.form is InstantForm.TEXT:
            return self.speech.bytewise(self.value)
        if self.kind is FieldType.TEXTS and not isinstance(self.value.type, ARRAY):
            return self.speech.document(self.value)
        return self.value

    def _size(self) -> Expr:
        if isinstance(self.value.type, ARRAY):
            return func.cardinality(self.value)
        return func.json_array_length(self.speech.document(self.value))


def _may_be_odd(value: Expr) -> bool:
    return isinstance(value.type, (Float, DOUBLE_PRECISION)) or not isinstance(value.type, Numeric)


_JSON_KINDS = (
    FieldType.TEXT,
    FieldType.INTEGER,
    FieldType.NUMBER,
    FieldType.BOOLEAN,
    FieldType.INSTANT,
    FieldType.DATE,
    FieldType.TEXTS,
)


@attrs.frozen(slots=True, kw_only=True, eq=False)
class JsonCell:
    """A value inside JSON, of whatever type it shows to be.

    Text, numbers and booleans are JSON's own. An instant is `{"at": "<ISO 8601, UTC>"}`, a date is
    `{"on": "<ISO 8601>"}`, several values are an array.

    Attributes:
        document: The JSON, as `Speech.document` gives it.
        path: The names that lead to the value.
        speech: How the database speaks.
    """

    document: Expr
    path: Path
    speech: Speech

    @property
    def known(self) -> Bool:
        """Whether there is a value."""
        return func.coalesce(self.speech.json_known(self.document, self.path), false())

    @property
    def kinds(self) -> tuple[FieldType, ...]:
        """Any type."""
        return _JSON_KINDS

    def read(self, kind: FieldType) -> Reading | None:
        """The value as one of this type."""
        value = self.speech.json_value(self.document, self.path, kind)
        dated = kind in (FieldType.INSTANT, FieldType.DATE)
        return Reading(
            kind=kind,
            there=func.coalesce(self.speech.json_is(self.document, self.path, kind), false()),
            value=self.speech.bytewise(value) if dated else value,
            guarded=True,
            form=InstantForm.TEXT if dated else None,
        )

    def key(self) -> Expr:
        """What equal values share."""
        return self.speech.json_key(self.document, self.path)


def is_missing(cell: Cell) -> Bool:
    """Whether there is no value."""
    return not_(cell.known)
