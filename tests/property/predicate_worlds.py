"""Random predicates, and random worlds to ask them about; and an oracle that answers them naively.

The oracle is written from the text of the design, clause by clause, with no care for speed. It shares
no code with the compiled `match`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor

import attrs
from hypothesis import strategies as st

from nurture.model import FactId, Origin, ScoreState, Sight, SubjectId, Touchpoint, by_kind
from nurture.model.decay import Scale, add, value_at
from nurture.model.standing import Award
from nurture.predicates import (
    All,
    AnyOf,
    Compare,
    Everyone,
    Field,
    InSegment,
    InStage,
    Names,
    Not,
    Owner,
    Predicate,
    Quantifier,
    Score,
    TimeInStage,
    Touched,
)

BASE = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
KINDS = ("page.viewed", "email.sent", "form.submitted")
SCALES = {
    "warm": Scale(timedelta(days=21)),
    "fast": Scale(timedelta(hours=7), floor=-5.0, ceiling=60.0),
    "flat": Scale(None, floor=0.0),
    "slow": Scale(timedelta(days=36_500)),
}
STAGES = ("new", "mql", "won")

lengths = st.one_of(
    st.sampled_from([timedelta(days=1), timedelta(days=14), timedelta(hours=1), TICK]),
    st.timedeltas(min_value=TICK, max_value=timedelta(days=60)),
)
instants = st.one_of(
    st.integers(-40, 5).map(lambda days: BASE + timedelta(days=days)),
    st.integers(-40 * 86_400 * 10**6, 5 * 86_400 * 10**6).map(lambda us: BASE + us * TICK),
)
texts = st.sampled_from(["", "a", "A", "ab", "/pricing", "値段"])
numbers = st.one_of(
    st.sampled_from([0, 1, 3, -2, 50, 0.1 + 0.2, 0.3, 2.5, 1e-7, 0.0000005, -0.0000005, 2**53 + 1, -0.0]),
    st.integers(-100, 100),
    st.floats(-100, 100),
)
dates = st.dates(date(2026, 2, 25), date(2026, 3, 4))
scalars = st.one_of(texts, numbers, st.booleans(), instants, dates)
values = st.one_of(st.none(), scalars, st.lists(texts, max_size=3).map(tuple))
names = st.sampled_from(["f", "g", "missing"])
order_ops = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])


@st.composite
def compares(draw: st.DrawFn, owners: tuple[Owner, ...]) -> Compare:
    field = Field(draw(st.sampled_from(owners)), draw(names))
    op = draw(
        st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge", "is_in", "contains", "starts_with", "missing"])
    )
    if op in ("eq", "ne"):
        return Compare(field, op, draw(scalars))
    if op in ("lt", "le", "gt", "ge"):
        return Compare(field, op, draw(st.one_of(numbers, instants, dates)))
    if op == "is_in":
        return Compare(field, op, draw(st.lists(scalars, max_size=4)))
    return Compare(field, op) if op == "missing" else Compare(field, op, draw(texts))


def joined(leaves: st.SearchStrategy[Predicate], max_leaves: int) -> st.SearchStrategy[Predicate]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=max_leaves,
    )


on_fact = joined(compares((Owner.PROP,)), 3)


@st.composite
def clauses(draw: st.DrawFn) -> Touched:
    last = draw(st.booleans()) and draw(st.booleans())
    some = st.none() | st.none()
    return Touched(
        draw(st.sampled_from([*KINDS, "page.viewed", None])),
        having=draw(some | on_fact),
        window=draw(st.none() | lengths),
        origin=draw(some | st.sampled_from(Origin)),
        channel=draw(some | st.sampled_from(["web", "email"])),
        campaign=draw(some | st.just("spring")),
        suspect=draw(st.booleans()),
        quantifier=Quantifier.LAST if last else Quantifier.COUNT,
        op="ge" if last else draw(order_ops),
        n=1 if last else draw(st.integers(0, 5)),
        last_where=draw(on_fact) if last else None,
    )


scores = st.builds(
    Score,
    st.sampled_from([*SCALES]),
    order_ops,
    st.one_of(st.sampled_from([0, 30, 60, -5, 10.000001, 9.9999995, 1e-6]), st.floats(-80, 80)),
)
stage_times = st.builds(TimeInStage, st.sampled_from(["lt", "le", "gt", "ge"]), lengths)
stages = st.builds(InStage, st.lists(st.sampled_from(STAGES), max_size=2).map(tuple))
movers = st.one_of(clauses(), clauses(), scores, stage_times)
plain_leaves = st.one_of(movers, movers, stages, compares((Owner.LEAD, Owner.ACCOUNT)), st.just(Everyone()))
segments = st.fixed_dictionaries({"s1": joined(plain_leaves, 3), "s2": joined(plain_leaves, 2)})
predicates = joined(st.one_of(plain_leaves, plain_leaves, st.sampled_from([InSegment("s1"), InSegment("s2")])), 6)


@attrs.frozen
class World:
    """A predicate, what its names mean, what is seen, and a moment."""

    predicate: Predicate
    names: Names
    sight: Sight
    now: datetime
    facts: tuple[Touchpoint, ...]
    seed: int


@st.composite
def facts_of(draw: st.DrawFn) -> list[Touchpoint]:
    count = draw(st.integers(0, 10))
    return [
        Touchpoint(
            id=FactId(f"fact_{draw(st.integers(0, 99)):02}_{place}"),
            subject=SubjectId("lead_1"),
            kind=draw(st.sampled_from(KINDS)),
            at=draw(instants),
            received_at=BASE,
            origin=draw(st.sampled_from([Origin.LEAD, Origin.LEAD, Origin.HOST, Origin.ENGINE])),
            channel=draw(st.sampled_from([None, "web", "email"])),
            campaign=draw(st.sampled_from([None, "spring", "fall"])),
            properties=draw(st.dictionaries(st.sampled_from(["f", "g"]), values, max_size=2)),
            suspect=draw(st.integers(0, 4)) == 0,
        )
        for place in range(count)
    ]


@st.composite
def score_states(draw: st.DrawFn, scale: Scale) -> ScoreState:
    state = ScoreState(constant=draw(st.sampled_from([0.0, 10.0, -3.5, 1000.0])))
    awards = draw(st.lists(st.tuples(st.sampled_from([5.0, 20.0, -8.0, 0.25]), instants), max_size=4))
    for points, at in awards:
        state = add(state, points, at, scale)
    if draw(st.integers(0, 3)) == 0:
        kept = tuple(Award(at, FactId(f"k{place}"), points) for place, (points, at) in enumerate(awards))
        state = attrs.evolve(state, kept={"0": kept})
    return state


@st.composite
def worlds(draw: st.DrawFn, asked: st.SearchStrategy[Predicate] = predicates) -> World:
    facts = draw(facts_of())
    staged = draw(st.booleans())
    sight = Sight(
        lead=draw(st.dictionaries(st.sampled_from(["f", "g"]), values)),
        account=draw(st.dictionaries(st.sampled_from(["f", "g"]), values)),
        touches=by_kind(facts),
        stage=draw(st.sampled_from(STAGES)) if staged else None,
        stage_since=draw(instants) if staged else None,
        scores={name: draw(score_states(scale)) for name, scale in SCALES.items() if draw(st.booleans())},
    )
    return World(
        draw(asked),
        Names(segments=draw(segments), scales=SCALES, stages=STAGES),
        sight,
        draw(instants),
        tuple(facts),
        draw(st.integers(0, 2**32)),
    )


# -- the oracle -------------------------------------------------------------------------------------


def holds(node: Predicate, names: Names, sight: Sight, now: datetime) -> bool:
    """What the design says the answer is."""
    match node:
        case Everyone():
            return True
        case All(parts):
            return all(holds(part, names, sight, now) for part in parts)
        case AnyOf(parts):
            return any(holds(part, names, sight, now) for part in parts)
        case Not(part):
            return not holds(part, names, sight, now)
        case Compare(field, op, value):
            found = (sight.lead if field.owner is Owner.LEAD else sight.account).get(field.name)
            return _compares(op, found, value)
        case InSegment(name):
            return holds(names.segments[name], names, sight, now)
        case InStage(among):
            return sight.stage in among
        case TimeInStage(op, length):
            return sight.stage_since is not None and _ordered(op, now - sight.stage_since, length)
        case Score(model, op, value):
            read = value_at(sight.scores.get(model), names.scales[model], now)
            return _ordered(op, _millionths(read), _millionths(value))
        case Touched():
            return _touched(node, sight, now)
    raise AssertionError(node)


def _touched(node: Touched, sight: Sight, now: datetime) -> bool:
    chosen = [
        fact for facts in sight.touches.values() for fact in facts
        if (node.kind is None or fact.kind == node.kind)
        and fact.at <= now
        and (node.window is None or fact.at > now - node.window)
        and (node.suspect or not fact.suspect)
        and (node.channel is None or fact.channel == node.channel)
        and (node.campaign is None or fact.campaign == node.campaign)
        and (fact.origin is node.origin if node.origin is not None else node.kind is not None or fact.origin is Origin.LEAD)
        and (node.having is None or _on_fact(node.having, fact))
    ]  # fmt: skip
    if node.quantifier is Quantifier.COUNT:
        return _ordered(node.op, len(chosen), node.n)
    newest = max(chosen, key=lambda fact: (fact.at, fact.id), default=None)
    assert node.last_where is not None
    return newest is not None and _on_fact(node.last_where, newest)


def _on_fact(node: Predicate, fact: Touchpoint) -> bool:
    match node:
        case All(parts):
            return all(_on_fact(part, fact) for part in parts)
        case AnyOf(parts):
            return any(_on_fact(part, fact) for part in parts)
        case Not(part):
            return not _on_fact(part, fact)
        case Compare(field, op, value):
            return _compares(op, fact.properties.get(field.name), value)
    raise AssertionError(node)


def _compares(op: str, found: object, given: object) -> bool:
    if op == "missing":
        return found is None
    if found is None:
        return False
    if op == "is_in":
        assert isinstance(given, tuple)
        return any(_compares("eq", found, one) for one in given)
    if op == "contains":
        return isinstance(found, (str, tuple)) and given in found
    if op == "starts_with":
        return isinstance(found, str) and found[: len(str(given))] == given
    if _kind(found) != _kind(given) or isinstance(found, tuple):
        return False
    if _kind(found) == "number":
        return _ordered(op, _millionths(found), _millionths(given))
    return _ordered(op, found, given)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "instant" if isinstance(value, datetime) else type(value).__name__


def _millionths(number: object) -> int:
    if isinstance(number, int):
        return number * 10**6
    assert isinstance(number, float)
    scaled = number * 1e6 + 0.5  # as the design writes it: this rounding is part of the meaning
    return floor(Fraction(scaled))


def _ordered(op: str, left: object, right: object) -> bool:
    return {
        "eq": left == right,
        "ne": left != right,
        "lt": op == "lt" and left < right,  # type: ignore[operator]
        "le": op == "le" and left <= right,  # type: ignore[operator]
        "gt": op == "gt" and left > right,  # type: ignore[operator]
        "ge": op == "ge" and left >= right,  # type: ignore[operator]
    }[op]
