"""Strategies for what a host records, aimed at a program's questions; and for clocks. May import the runtime.

Every instant lies between `START` and `HORIZON`, half of them on whole hours and often on the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs
from hypothesis import strategies as st

from nurture.model import EMPTY, FrozenMapping, Origin, SubjectId, Value
from nurture.predicates import Compare, Owner, Predicate, Scaled, Touched, walk
from nurture.runtime import NewFact
from nurture.runtime.recording import RESERVED
from nurture.testing.strategies.programs import KINDS
from nurture.testing.strategies.values import companies, emails, people, phones, properties, subjects

if TYPE_CHECKING:
    from nurture.program import Program

START: Final = datetime(2026, 3, 1, 9, tzinfo=UTC)
"""When histories begin."""
HORIZON: Final = START + timedelta(days=45)
"""When they end."""

_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_DAYS = (HORIZON - START).days


def new_facts(
    subject: st.SearchStrategy[SubjectId] | None = None, kinds: Sequence[str] = KINDS
) -> st.SearchStrategy[NewFact]:
    """Facts for `Nurture.record_many`: some with a key that comes twice, some by machines, some without a time."""
    return st.builds(
        NewFact,
        subject=subjects() if subject is None else subject,
        kind=st.sampled_from(kinds),
        properties=st.one_of(_paths(), properties(max_size=2)),
        key=st.none() | st.integers(0, 30).map(str),
        at=st.none() | _instants(),
        origin=st.sampled_from([Origin.LEAD, Origin.LEAD, Origin.HOST]),
        channel=st.sampled_from([None, "web", "email"]),
        campaign=st.sampled_from([None, "spring"]),
        suspect=st.sampled_from([False, False, False, True]),
    )


def facts_for(
    program: Program, subject: SubjectId, *, min_size: int = 0, max_size: int = 20
) -> st.SearchStrategy[list[NewFact]]:
    """What happens to one subject, in order: facts of the kinds that the program asks about, with matching properties.

    Args:
        program: Its predicates say which kinds, properties and values matter.
        subject: Whom it happens to.
        min_size: At least so many facts.
        max_size: At most so many.

    Returns:
        Facts with a key and an instant each; record one when a virtual clock has come to its `at`.
    """
    asked = [node for predicate in _predicates_of(program) for node in walk(predicate)]
    named = {_kind_for(node) for node in asked if isinstance(node, Touched) and node.kind is not None}
    kinds = sorted(named - RESERVED)  # nobody records what only the library writes
    held: dict[str, list[Value]] = {}
    for node in asked:
        if isinstance(node, Compare) and node.field.owner is Owner.PROP and not isinstance(node.value, Scaled):
            given = node.value if isinstance(node.value, tuple) else (node.value,)
            held.setdefault(node.field.name, [None]).extend(given)
    matching = {name: st.sampled_from(some) for name, some in sorted(held.items())}
    likely = st.fixed_dictionaries({}, optional=matching).map(FrozenMapping)
    one = st.builds(
        NewFact,
        subject=st.just(subject),
        kind=st.sampled_from(kinds or KINDS),
        properties=st.one_of(likely, _paths()),
        at=_instants(),
        channel=st.sampled_from([None, "web", "email"]),
        campaign=st.sampled_from([None, "spring"]),
    )
    return st.lists(one, min_size=min_size, max_size=max_size).map(_in_order)


def lead_fields() -> st.SearchStrategy[dict[str, str]]:
    """Arguments for `Nurture.capture`: an address or a phone number, and a name, a company and a title now and then."""
    known = people().map(
        lambda one: {
            "family_name": one.family_name,
            "given_name": one.given_name,
            "family_kana": one.family_kana,
            "given_kana": one.given_kana,
        }
    )
    way = st.one_of(emails().map(lambda one: {"email": one}), phones().map(lambda one: {"phone": one}))
    nobody: dict[str, str] = {}
    rest = st.fixed_dictionaries({}, optional={"company": companies(), "title": st.sampled_from(["a", "b", "部長"])})
    return st.tuples(way, known | st.just(nobody), rest).map(lambda parts: parts[0] | parts[1] | parts[2])


def clock_readings(
    start: datetime = START, *, back: bool = True, max_size: int = 20
) -> st.SearchStrategy[list[datetime]]:
    """What a clock says at each look: it goes on, stands still, leaps, and goes back if it may.

    Args:
        start: What it says first.
        back: Whether it may go back, as clocks do that are set by hand or by a server.
        max_size: At most so many looks after the first.
    """
    forward = [timedelta(0), _MICROSECOND, timedelta(milliseconds=3), _HOUR, timedelta(days=1), timedelta(days=30)]
    backward = [-_MICROSECOND, timedelta(seconds=-2), -_HOUR] if back else []
    leaps = st.sampled_from([*forward, *backward])
    return st.lists(leaps, max_size=max_size).map(lambda some: list(_added_up(start, some)))


def _added_up(start: datetime, leaps: Sequence[timedelta]) -> Iterator[datetime]:
    yield start
    for leap in leaps:
        start += leap
        yield start


def _kind_for(clause: Touched) -> str:
    """A kind that the clause sees."""
    return clause.exact_kind or f"{clause.prefix or 'page.'}seen"


def _paths() -> st.SearchStrategy[FrozenMapping[Value]]:
    return st.sampled_from([EMPTY, FrozenMapping({"path": "/a"}), FrozenMapping({"path": "/b"})])


def _instants() -> st.SearchStrategy[datetime]:
    seldom = st.integers(0, _DAYS * 24 * _HOUR // _MICROSECOND - 1).map(lambda some: START + some * _MICROSECOND)
    whole = st.integers(0, _DAYS * 24 - 1).map(lambda some: START + some * _HOUR)
    often = st.integers(0, _DAYS - 1).map(lambda some: START + some * 24 * _HOUR)
    return st.one_of(seldom, seldom, whole, often)


def _in_order(facts: list[NewFact]) -> list[NewFact]:
    ordered = sorted(facts, key=lambda one: one.at or START)
    return [attrs.evolve(one, key=f"fact {place}") for place, one in enumerate(ordered)]


def _predicates_of(program: Program) -> Iterator[Predicate]:
    for model in program.scores:
        yield from (rule.when for rule in model.rules)
    for segment in program.segments:
        yield segment.where
    for transition in program.lifecycle.transitions if program.lifecycle else ():
        yield from (one for one in (transition.when, transition.guard) if one is not None)
    for scenario in program.scenarios:
        yield from (predicate for _, predicate in scenario.predicates())
    yield from (choice.where for block in program.blocks for choice in block.choices)
    yield from (hold.where for hold in program.policy.holds)
