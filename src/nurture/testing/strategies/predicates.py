"""Strategies for predicates about what a program declares, of every node. May import predicates and the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from nurture.model import ANY_CHANNEL, EnrollmentState, Purpose, SubjectKind
from nurture.predicates import (
    Age,
    Anniversary,
    Compare,
    Consented,
    Elapsed,
    Everyone,
    Field,
    FieldType,
    Grade,
    Held,
    InBucket,
    InPeriod,
    InScenario,
    InSegment,
    InStage,
    OfAccount,
    Owner,
    People,
    Predicate,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
    walk,
)
from nurture.testing.strategies.clauses import clauses_for, sequences_for
from nurture.testing.strategies.comparisons import (
    DATED,
    LENGTH_ORDERS,
    LENGTHS,
    ORDERS,
    ZONES,
    Typed,
    compares,
    joined,
    of_type,
    one_of,
    periods,
)

if TYPE_CHECKING:
    from nurture.predicates import Names
    from nurture.program import Program

Leaves = st.SearchStrategy[Predicate]

_WHOLE = frozenset({FieldType.INTEGER})
_BORDERS = (0.0, 10.5, 25.0, 60.0, 100.0)


def predicates_for(
    program: Program, subject: SubjectKind = SubjectKind.LEAD, *, max_leaves: int = 6
) -> st.SearchStrategy[Predicate]:
    """Predicates that the program's checks accept: over its fields, scores, stages, segments, scenarios, and facts.

    Args:
        program: Whose names they use; built-in fields, too.
        subject: About leads or about accounts.
        max_leaves: How large they grow.
    """
    names = program.names(subject)
    alone = list(_leaves(names))
    others = names.about(SubjectKind.ACCOUNT if subject is SubjectKind.LEAD else SubjectKind.LEAD)
    if others is None:
        return joined(one_of(alone), max_leaves)
    return joined(one_of([*alone, *_across(subject, alone, list(_leaves(others)))]), max_leaves)


def _across(subject: SubjectKind, alone: Sequence[Leaves], others: Sequence[Leaves]) -> Iterator[Leaves]:
    """What is asked of the account, and of its people."""
    leads, accounts = (alone, others) if subject is SubjectKind.LEAD else (others, alone)
    people = st.builds(People, joined(one_of(leads), 2), ORDERS, st.integers(0, 3))
    yield people
    yield st.builds(OfAccount, joined(one_of([*accounts, people]), 2))


def _leaves(names: Names) -> Iterator[Leaves]:
    """What is asked of the subject itself; what is asked most often in practice comes more than once."""
    owned = {Owner.ACCOUNT: names.account_fields}
    if names.subject is SubjectKind.LEAD:  # an account has no lead's values of its own
        owned[Owner.LEAD] = names.lead_fields
    fields = [(Field(owner, name), of) for owner, known in owned.items() for name, of in sorted(known.items())]
    clauses = clauses_for(months=of_type(fields, _WHOLE))
    yield from (clauses, clauses, sequences_for())
    yield from (compares(fields), compares(fields), compares(fields), st.just(Everyone()))
    yield from _about_dates(fields)
    # How long an account's values have held, only the account knows.
    yield _held([one for one in fields if one[0].owner is Owner.LEAD or names.subject is SubjectKind.ACCOUNT])
    if names.subject is SubjectKind.LEAD:  # only people say what we may do
        yield st.builds(
            Consented,
            st.sampled_from(Word),
            channel=st.sampled_from(["email", "line"]),
            purpose=st.sampled_from([one for one in Purpose if one is not Purpose.PROFILING]),
            topic=st.sampled_from(["", "news"]),
            entity=st.sampled_from(["", "", "sister"]),
        ) | st.builds(
            Consented, st.sampled_from(Word), channel=st.just(ANY_CHANNEL), purpose=st.just(Purpose.PROFILING)
        )
    yield st.tuples(st.integers(0, 3), st.integers(1, 4)).map(
        lambda pair: InBucket("lots", _BORDERS[min(pair)], _BORDERS[max(pair[1], pair[0] + 1)])
    )
    yield from _about_names(names)


def _about_dates(fields: Sequence[Typed]) -> Iterator[Leaves]:
    dated, months = st.sampled_from(of_type(fields, DATED)), of_type(fields, _WHOLE)
    days = st.sampled_from([0, 1, 7, 366])
    yield st.builds(InPeriod, dated, periods())
    if months:
        yield st.builds(InPeriod, dated, periods(with_start_month=True), st.sampled_from(months))
    yield st.builds(Anniversary, dated, days, days, ZONES)
    yield st.builds(Age, dated, ORDERS, st.integers(0, 3), ZONES)
    yield st.builds(Elapsed, dated, LENGTH_ORDERS, LENGTHS, st.booleans(), ZONES)


def _held(fields: Sequence[Typed]) -> Leaves:
    """A condition on the fields of one owner."""
    by_owner = [[one for one in fields if one[0].owner is owner] for owner in (Owner.LEAD, Owner.ACCOUNT)]
    parts = one_of([joined(compares(some), 2) for some in by_owner if some])
    asks = parts.filter(lambda part: any(isinstance(node, Compare) for node in walk(part)))
    return st.builds(Held, asks, st.sampled_from(["ge", "lt"]), LENGTHS)


def _about_names(names: Names) -> Iterator[Leaves]:
    """What is asked by names that the program declares."""
    if names.scales:
        marks = st.sampled_from([0, 5, 12.5, 9.9999995]) | st.floats(-10, 60)
        yield st.builds(Score, st.sampled_from(sorted(names.scales)), ORDERS, marks)
    if names.grades:
        graded = [(model, grade) for model, grades in sorted(names.grades.items()) for grade, _ in grades]
        yield st.tuples(st.sampled_from(graded), ORDERS).map(lambda one: Grade(one[0][0], one[1], one[0][1]))
    if names.stages:
        yield st.lists(st.sampled_from(names.stages), max_size=2).map(lambda some: InStage(tuple(some)))
        yield st.builds(TimeInStage, LENGTH_ORDERS, LENGTHS)
    if names.segments:
        segments = st.sampled_from(sorted(names.segments))
        yield segments.map(InSegment)
        yield st.builds(TimeInSegment, segments, LENGTH_ORDERS, LENGTHS)
    if names.scenarios:
        states = st.lists(st.sampled_from(EnrollmentState), min_size=1, max_size=2)
        yield st.builds(InScenario, st.sampled_from(sorted(names.scenarios)), states)
