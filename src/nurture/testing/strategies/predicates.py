"""Strategies for predicates about what a program declares. May import predicates and the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

from nurture.model import Origin, Scalar, SubjectKind
from nurture.predicates import (
    OPERATORS,
    All,
    AnyOf,
    Compare,
    Everyone,
    Field,
    FieldType,
    InSegment,
    InStage,
    Not,
    Operand,
    Owner,
    Predicate,
    Quantifier,
    Score,
    TimeInStage,
    Touched,
)
from nurture.predicates.operators import ORDER

if TYPE_CHECKING:
    from nurture.program import Program

T = TypeVar("T")

_KINDS = ("form.submitted", "page.viewed", "email.clicked", "purchase.made")
_BY_TYPE: Mapping[FieldType, st.SearchStrategy[Scalar]] = {
    FieldType.TEXT: st.sampled_from(["", "a", "A", "ab", "/pricing", "値段", "𠮷"]),
    FieldType.INTEGER: st.integers(-5, 5) | st.just(2**53 + 1),
    FieldType.NUMBER: st.sampled_from([0, 1, -2, 50, 0.1 + 0.2, 0.3, 2.5, 1e-7, -0.0]) | st.floats(-100, 100),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.INSTANT: st.datetimes(datetime(2026, 2, 1), datetime(2026, 5, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    FieldType.DATE: st.dates(date(2026, 2, 1), date(2026, 5, 1)),
    FieldType.TEXTS: st.sampled_from(["a", "x", "春"]),
}
_LENGTHS = st.one_of(
    st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=14), timedelta(microseconds=1)]),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=60)),
)
_MANY = 3


def clauses_for(kinds: Iterable[str] = _KINDS, *, plain: bool = False) -> st.SearchStrategy[Touched]:
    """Clauses about facts: any quantifier, window, count and condition.

    Args:
        kinds: The kinds that they ask about; some clauses ask about every kind.
        plain: Only clauses about each single fact, as triggers and score rules need them.
    """
    return _clauses(tuple(kinds), plain)


@st.composite
def _clauses(draw: st.DrawFn, kinds: tuple[str, ...], plain: bool) -> Touched:
    about = draw(st.sampled_from(kinds) if plain else st.sampled_from([*kinds, *kinds, None]))
    last = not plain and draw(st.integers(0, 3)) == 0
    counted = not plain and not last
    return Touched(
        about,
        having=draw(_seldom(_joined(_on_fact(), 2))),
        window=None if plain else draw(st.none() | _LENGTHS),
        origin=draw(_seldom(st.sampled_from(Origin))),
        channel=draw(_seldom(st.sampled_from(["web", "email"]))),
        campaign=draw(_seldom(st.just("spring"))),
        suspect=draw(st.booleans()),
        quantifier=Quantifier.LAST if last else Quantifier.COUNT,
        op=draw(st.sampled_from(sorted(ORDER))) if counted else "ge",
        n=draw(st.integers(0, 4)) if counted else 1,
        last_where=draw(_joined(_on_fact(), 2)) if last else None,
    )


def predicates_for(
    program: Program, subject: SubjectKind = SubjectKind.LEAD, *, max_leaves: int = 6
) -> st.SearchStrategy[Predicate]:
    """Predicates that the program's checks accept: over its fields, scores, stages, segments, and facts.

    Args:
        program: Whose names they use; built-in fields, too.
        subject: About leads or about accounts.
        max_leaves: How large they grow.
    """
    names = program.names(subject)
    owned = {Owner.LEAD: names.lead_fields, Owner.ACCOUNT: names.account_fields}
    fields = [(Field(owner, name), of) for owner, known in owned.items() for name, of in sorted(known.items())]
    leaves: list[st.SearchStrategy[Predicate]] = [
        clauses_for(),
        clauses_for(),
        st.sampled_from(fields).flatmap(lambda one: _compares(*one)),
        st.just(Everyone()),
    ]
    if names.scales:
        marks = st.sampled_from([0, 5, 12.5, 9.9999995]) | st.floats(-10, 60)
        leaves.append(st.builds(Score, st.sampled_from(sorted(names.scales)), st.sampled_from(sorted(ORDER)), marks))
    if names.stages:
        leaves.append(st.lists(st.sampled_from(names.stages), max_size=2).map(lambda some: InStage(tuple(some))))
        leaves.append(st.builds(TimeInStage, st.sampled_from(["lt", "le", "gt", "ge"]), _LENGTHS))
    if names.segments:
        leaves.append(st.sampled_from(sorted(names.segments)).map(InSegment))
    return _joined(st.one_of(leaves), max_leaves)


@st.composite
def _compares(draw: st.DrawFn, field: Field, of: FieldType) -> Compare:
    """A comparison with any operator that fits the field's type; a new operator is drawn without a change here."""
    row = draw(st.sampled_from([one for one in OPERATORS.values() if of in one.fits]))
    if row.operand is Operand.NOTHING:
        return Compare(field, row.name)
    given = _BY_TYPE[of]
    return Compare(field, row.name, draw(st.lists(given, max_size=_MANY) if row.operand is Operand.MANY else given))  # type: ignore[arg-type]


@st.composite
def _on_fact(draw: st.DrawFn) -> Predicate:
    """A comparison of a property, which may hold anything."""
    field = Field(Owner.PROP, draw(st.sampled_from(["path", "f", "値"])))
    return draw(st.sampled_from(FieldType).flatmap(lambda of: _compares(field, of)))


def _joined(leaves: st.SearchStrategy[Predicate], max_leaves: int) -> st.SearchStrategy[Predicate]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=_MANY).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=_MANY).map(lambda parts: AnyOf(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=max_leaves,
    )


def _seldom(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """None three times in four, so that clauses are not filtered until nothing is left."""
    return st.integers(0, 3).flatmap(lambda die: strategy if die == 3 else st.none())
