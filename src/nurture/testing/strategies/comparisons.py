"""Strategies for what predicates are made of: comparisons of any field, lengths of time, periods, joints.

May import predicates and the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from hypothesis import strategies as st

from nurture.calendar import Period, PeriodUnit
from nurture.predicates import OPERATORS, All, AnyOf, Compare, Field, FieldType, Not, Operand, Owner, Predicate, Scaled
from nurture.predicates.operators import ORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nurture.model import Scalar

T = TypeVar("T")
Typed: TypeAlias = tuple[Field, FieldType]
"""A field and what it holds."""

LENGTHS = st.one_of(
    st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=14), timedelta(microseconds=1)]),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=60)),
)
"""Lengths of time, some of them alike."""
ORDERS = st.sampled_from(sorted(ORDER))
"""The six comparisons that order."""
LENGTH_ORDERS = st.sampled_from(["lt", "le", "gt", "ge"])
"""The four that compare lengths of time."""
DATED = frozenset({FieldType.DATE, FieldType.INSTANT})
"""The types of fields that lie somewhere in the calendar."""
ZONES = st.sampled_from([None, None, "account", "Asia/Tokyo", "America/New_York"])
"""Whose day it is."""

_BY_TYPE: Mapping[FieldType, st.SearchStrategy[Scalar]] = {
    FieldType.TEXT: st.sampled_from(["", "a", "A", "ab", "/pricing", "値段", "𠮷"]),
    FieldType.INTEGER: st.integers(-5, 5) | st.just(2**53 + 1),
    FieldType.NUMBER: st.sampled_from([0, 1, -2, 50, 0.1 + 0.2, 0.3, 2.5, 1e-7, -0.0]) | st.floats(-100, 100),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.INSTANT: st.datetimes(datetime(2026, 2, 1), datetime(2026, 5, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    FieldType.DATE: st.dates(date(2026, 2, 1), date(2026, 5, 1)),
    FieldType.TEXTS: st.sampled_from(["a", "x", "春"]),
}
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER})
_STARTS: Mapping[PeriodUnit, st.SearchStrategy[int | None]] = {
    PeriodUnit.WEEK: st.integers(0, 6),
    PeriodUnit.QUARTER: st.integers(1, 12),
    PeriodUnit.YEAR: st.integers(1, 12),
}
_CALENDAR_UNITS = (PeriodUnit.DAY, PeriodUnit.WEEK, PeriodUnit.MONTH, PeriodUnit.QUARTER, PeriodUnit.YEAR)
_MANY = 3


def compares(fields: Sequence[Typed]) -> st.SearchStrategy[Compare]:
    """Comparisons of these fields, with values and with each other.

    A new operator is drawn without a change here, and each as often as any other that fits the field.
    """
    return st.sampled_from(fields).flatmap(lambda one: _compares(*one, fields))


@st.composite
def _compares(draw: st.DrawFn, field: Field, of: FieldType, others: Sequence[Typed]) -> Compare:
    row = draw(st.sampled_from([one for one in OPERATORS.values() if of in one.fits]))
    given = _BY_TYPE[of]
    if row.operand is Operand.NOTHING:
        return Compare(field, row.name)
    if row.operand is Operand.RANGE:
        return Compare(field, row.name, tuple(sorted((draw(given), draw(given)))))  # pyright: ignore
    if row.operand is Operand.MANY:
        return Compare(field, row.name, tuple(draw(st.lists(given, max_size=_MANY))))
    if row.name in ORDER and draw(st.integers(0, 3)) == 0:
        return Compare(field, row.name, draw(_scaled(of, others)))
    return Compare(field, row.name, draw(given))


@st.composite
def _scaled(draw: st.DrawFn, of: FieldType, others: Sequence[Typed]) -> Scaled:
    """Another field that the first one can be compared with; itself, if there is no other."""
    number = of in _NUMBERS
    fitting = [field for field, its in others if its is of or (number and its in _NUMBERS)]
    return Scaled(draw(st.sampled_from(fitting)), draw(st.sampled_from([1.0, 0.8, -2.0])) if number else 1.0)


@cache
def on_fact() -> st.SearchStrategy[Predicate]:
    """A condition on properties, which may hold anything."""
    fields = [(Field(Owner.PROP, name), of) for name in ("path", "f", "値") for of in FieldType]
    return joined(compares(fields), 2)


def periods(*, with_start_month: bool = False) -> st.SearchStrategy[Period]:
    """Periods of every unit.

    Args:
        with_start_month: Only quarters and years, which begin in a month that may be read from a field.
    """
    return _periods(with_start_month)


@cache
def _periods(with_start_month: bool) -> st.SearchStrategy[Period]:
    small = st.integers(-2, 2)
    calendar = {
        unit: st.builds(partial(Period, unit=unit), offset=small, starts=_STARTS.get(unit, st.none()), zone=ZONES)
        for unit in _CALENDAR_UNITS
    }
    if with_start_month:
        return calendar[PeriodUnit.QUARTER] | calendar[PeriodUnit.YEAR]
    rolling = [unit for unit in PeriodUnit if unit not in _CALENDAR_UNITS and unit is not PeriodUnit.DATE]
    day = st.dates(date(2026, 2, 1), date(2026, 5, 1))
    return st.one_of(
        *calendar.values(),
        st.builds(Period, unit=st.sampled_from(rolling), n=st.integers(1, 12), zone=ZONES),
        st.builds(partial(Period, unit=PeriodUnit.DATE), day=day, zone=ZONES),
    )


def one_of(leaves: Sequence[st.SearchStrategy[T]]) -> st.SearchStrategy[T]:
    """One of these, each as often; it prints in few words, however large they are."""
    return st.integers(0, len(leaves) - 1).flatmap(lambda place: leaves[place])


def joined(leaves: st.SearchStrategy[Predicate], max_leaves: int) -> st.SearchStrategy[Predicate]:
    """Leaves joined with `& | ~`, joints of none and of one included."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=_MANY).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=_MANY).map(lambda parts: AnyOf(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=max_leaves,
    )


def seldom(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """None three times in four, so that clauses are not filtered until nothing is left."""
    return st.integers(0, 3).flatmap(lambda die: strategy if die == 3 else st.none())


def of_type(fields: Iterable[Typed], types: frozenset[FieldType]) -> list[Field]:
    """The fields that hold one of these."""
    return [field for field, of in fields if of in types]
