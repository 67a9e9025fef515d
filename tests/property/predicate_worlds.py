"""Random predicates, and random worlds to ask them about; and an oracle that answers them naively.

The oracle is written from the text of the design, clause by clause, with no care for speed. It shares
no code with the compiled `match`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import partial
from math import floor
from typing import TypeVar

import attrs
from hypothesis import strategies as st

from nurture.model import FactId, Origin, ScoreState, Sight, SubjectId, Touchpoint, Value, by_kind
from nurture.model.decay import Scale, add, value_at
from nurture.model.standing import Award
from nurture.predicates import (
    OPERATORS,
    All,
    AnyOf,
    Compare,
    Everyone,
    Field,
    Followed,
    InSegment,
    InStage,
    Names,
    Not,
    Owner,
    Predicate,
    Quantifier,
    Scaled,
    Score,
    TimeInStage,
    Touched,
)
from nurture.predicates.operators import ORDER
from tests.property import fact_worlds

BASE = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1) // TICK
X = TypeVar("X")
KINDS = ("page.viewed", "email.sent", "form.submitted")
SCALES = {
    "warm": Scale(timedelta(days=21)),
    "fast": Scale(timedelta(hours=7), floor=-5.0, ceiling=60.0),
    "flat": Scale(None, floor=0.0),
    "slow": Scale(timedelta(days=36_500)),
}
STAGES = ("new", "mql", "won")

lengths = st.one_of(
    st.sampled_from([timedelta(days=14), timedelta(days=30), timedelta(days=7), timedelta(hours=1), TICK]),
    st.integers(1, 60 * 86_400 * 10**6).map(lambda us: us * TICK),
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
patterns = st.lists(st.sampled_from(["%", "_", "a", "A", "b", "/", "値", "\\%", "\\_", "\\a"]), max_size=4).map("".join)
scalars = st.one_of(texts, numbers, st.booleans(), instants, dates)
SOME_VALUES: tuple[Value, ...] = (
    None, "", "a", "A", "ab", "Ab%", "値段", "/pricing", 0, 1, 3, 50, 0.3, 2.5, 0.0000005, 2**53 + 1, True, False,
    BASE, BASE.date(), ("a", "ab"), (),
)  # fmt: skip
AMOUNTS: tuple[Value, ...] = (1, 2, 50, -1, 0.3, 0.1 + 0.2, 2.5, 10**15, 10**15 + 1, -1e15, 1e16, 2**62, 1e300, -1e300)
names = st.sampled_from(["f", "g", "missing"])
order_ops = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])


@st.composite
def compares(draw: st.DrawFn, owners: tuple[Owner, ...], others: tuple[Owner, ...]) -> Compare:
    field = Field(draw(st.sampled_from(owners)), draw(names))
    op = draw(st.sampled_from([*OPERATORS]))
    if op in ORDER and draw(st.integers(0, 4)) == 4:
        # A property is compared with one of the same fact or of the entry, a value with one that lies in no fact.
        factor = draw(st.sampled_from([1.0, 1.0, 0.8, -2.0, 1e6, 0.0]))
        return Compare(field, op, Scaled(Field(draw(st.sampled_from(others)), draw(names)), factor))
    if op in ("eq", "ne"):
        return Compare(field, op, draw(scalars))
    if op in ("lt", "le", "gt", "ge"):
        return Compare(field, op, draw(st.one_of(numbers, instants, dates)))
    if op == "between":
        low, high = draw(st.one_of(*(st.tuples(one, one) for one in (numbers, instants, dates))))
        return Compare(field, op, (low, high) if low <= high else (high, low))
    if op in ("is_in", "not_in"):
        return Compare(field, op, draw(st.lists(scalars, max_size=4)))
    if op in ("is_in_ci", "has_any", "has_all", "has_none"):
        return Compare(field, op, draw(st.lists(texts, max_size=3)))
    if op in ("like", "like_ci"):
        return Compare(field, op, draw(patterns))
    if op == "matches":
        return Compare(field, op, draw(st.sampled_from(["a", "^a$", "b|値", "", "^[[:upper:]]"])))
    return Compare(field, op) if op == "missing" else Compare(field, op, draw(texts))


def joined(leaves: st.SearchStrategy[Predicate], max_leaves: int) -> st.SearchStrategy[Predicate]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(All),
            st.tuples(inner, inner).map(AnyOf),
            st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=max_leaves,
    )


def seldom(strategy: st.SearchStrategy[X]) -> st.SearchStrategy[X | None]:
    """None three times in four, so that clauses are not filtered until nothing is left."""
    return st.integers(0, 3).flatmap(lambda die: strategy if die == 3 else st.none())


on_fact = joined(compares((Owner.PROP,), (Owner.PROP, Owner.ENTRY)), 3)
_having, _origins = seldom(on_fact), seldom(st.sampled_from(Origin))
_channels, _campaigns = seldom(st.sampled_from(["web", "email"])), seldom(st.just("spring"))
_windows = st.one_of(lengths, lengths, st.none())


@st.composite
def clauses(draw: st.DrawFn) -> Touched:
    last = draw(st.integers(0, 3)) == 3
    return Touched(
        draw(st.sampled_from(["page.viewed", "page.viewed", "email.sent", "form.submitted", None])),
        having=draw(_having),
        window=draw(_windows),
        origin=draw(_origins),
        channel=draw(_channels),
        campaign=draw(_campaigns),
        suspect=draw(st.booleans()),
        quantifier=Quantifier.LAST if last else Quantifier.COUNT,
        op="ge" if last else draw(order_ops),
        n=1 if last else draw(st.integers(0, 4)),
        single_where=draw(on_fact) if last else None,
    )


counts = st.builds(
    Touched,
    st.sampled_from(["page.viewed", "email.sent"]),
    window=st.one_of(st.none(), lengths),
    suspect=st.booleans(),
    op=order_ops,
    n=st.integers(0, 4),
)
scores = st.builds(
    Score,
    st.sampled_from([*SCALES]),
    order_ops,
    st.one_of(st.sampled_from([0, 30, 60, -5, 10.000001, 9.9999995, 1e-6]), st.integers(1, 40), st.floats(-8, 40)),
)
stage_times = st.builds(TimeInStage, st.sampled_from(["lt", "le", "gt", "ge"]), lengths)
stages = st.builds(InStage, st.lists(st.sampled_from(STAGES), max_size=2).map(tuple))
facts = st.one_of(clauses(), fact_worlds.rich_clauses(on_fact), fact_worlds.sequences(on_fact))
movers = st.one_of(clauses(), facts, facts, scores, stage_times)
standing = (Owner.LEAD, Owner.ACCOUNT, Owner.ENTRY)
still = st.one_of(stages, compares(standing, standing), st.just(Everyone()))
plain_leaves = st.integers(0, 5).flatmap(lambda die: still if die == 5 else movers)
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

    def and_others(self, count: int) -> Iterator[World]:
        """This world, and the same predicate in others: one predicate is asked about `count` subjects."""
        yield self
        for number in range(1, count):
            yield _world(self.predicate, self.names, self.seed + number)


def facts_of(dice: random.Random) -> list[Touchpoint]:
    """Up to sixteen facts, most of them within a month; some at the same instant, some still to come."""
    shared = [BASE - timedelta(days=dice.randint(-5, 40)) for _ in range(3)]
    return [
        Touchpoint(
            id=FactId(f"fact_{dice.randint(0, 99):02}_{place}"),
            subject=SubjectId("lead_1"),
            kind=dice.choice(KINDS),
            at=dice.choice(shared) if dice.random() < 0.3 else BASE - dice.randint(-5 * DAY, 40 * DAY) * TICK,
            received_at=BASE,
            origin=dice.choice([Origin.LEAD, Origin.LEAD, Origin.HOST, Origin.ENGINE]),
            channel=dice.choice([None, "web", "web", "email"]),
            campaign=dice.choice([None, "spring", "spring", "fall"]),
            properties=properties_of(dice),
            suspect=dice.random() < 0.15,
        )
        for place in range(dice.choice([0, 1, 2, 5, 8, 12, 16]))
    ]


def properties_of(dice: random.Random) -> dict[str, Value]:
    """What a fact holds; `deal` is one of few, so that facts share it, and some of these are equal."""
    values: dict[str, Value] = {name: dice.choice(SOME_VALUES) for name in ("f", "g") if dice.random() < 0.7}
    if dice.random() < 0.4:
        values["f"] = dice.choice(AMOUNTS)
    if dice.random() < 0.8:
        values["deal"] = dice.choice(["d1", "d1", "d2", 1, 1.0, 1.0000004, True, ("a", 1), ("a", 1.0), (), None])
    return values


def score_state(dice: random.Random, scale: Scale) -> ScoreState:
    state = ScoreState(constant=dice.choice([0.0, 0.0, 10.0, -3.5, 1000.0]))
    awards = [
        (dice.choice([5.0, 20.0, 12.0, 0.25, -8.0]), BASE - dice.randint(-5 * DAY, 40 * DAY) * TICK)
        for _ in range(dice.randint(0, 4))
    ]
    for points, at in awards:
        state = add(state, points, at, scale)
    if dice.random() < 0.25:
        kept = tuple(Award(at, FactId(f"k{place}"), points) for place, (points, at) in enumerate(awards))
        state = attrs.evolve(state, kept={"0": kept})
    return state


def values_of(dice: random.Random) -> dict[str, Value]:
    """What a lead or an account holds: its zone, too, if it is known and there is such a zone."""
    values: dict[str, Value] = {name: dice.choice(SOME_VALUES) for name in ("f", "g") if dice.random() < 0.7}
    if dice.random() < 0.6:
        values["zone"] = dice.choice([*fact_worlds.ZONES, "Nowhere/Else", "", 5, True])
    return values


def sight_of_some(dice: random.Random) -> tuple[Sight, tuple[Touchpoint, ...]]:
    facts = facts_of(dice)
    staged = dice.random() < 0.7
    sight = Sight(
        lead=values_of(dice),
        account=values_of(dice),
        touches=by_kind(facts),
        stage=dice.choice(STAGES) if staged else None,
        stage_since=BASE - dice.randint(-5 * DAY, 40 * DAY) * TICK if staged else None,
        scores={name: score_state(dice, scale) for name, scale in SCALES.items() if dice.random() < 0.8},
        entry=values_of(dice),
    )
    return sight, tuple(facts)


@st.composite
def worlds(draw: st.DrawFn, asked: st.SearchStrategy[Predicate] = predicates) -> World:
    """The predicate is Hypothesis's, and shrinks; what it is asked about comes from a seed, and is dense."""
    names = Names(segments=draw(segments), scales=SCALES, stages=STAGES)
    return _world(draw(asked), names, draw(st.integers(0, 2**32)))


def _world(predicate: Predicate, names: Names, seed: int) -> World:
    dice = random.Random(seed)
    sight, facts = sight_of_some(dice)
    return World(predicate, names, sight, BASE - dice.randint(-5 * DAY, 40 * DAY) * TICK, facts, seed)


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
            return _compares(op, _value_of(field, sight), value, lambda other: _value_of(other, sight))
        case InSegment(name):
            return holds(names.segments[name], names, sight, now)
        case InStage(among):
            return sight.stage in among
        case TimeInStage(op, length):
            return sight.stage_since is not None and ordered(op, now - sight.stage_since, length)
        case Score(model, op, value):
            return ordered(op, _millionths(score_of(model, names, sight, now)), _millionths(value))
        case Touched():
            return fact_worlds.touched(node, names, sight, now, partial(_on_fact, sight))
        case Followed():
            return fact_worlds.followed(node, names, sight, now, partial(_on_fact, sight))
    from tests.property import standing_worlds  # it builds on this module

    return standing_worlds.holds_leaf(node, names, sight, now)


def _on_fact(sight: Sight, node: Predicate, fact: Touchpoint) -> bool:
    def other_value(other: Field) -> object:
        return (fact.properties if other.owner is Owner.PROP else sight.entry).get(other.name)

    match node:
        case All(parts):
            return all(_on_fact(sight, part, fact) for part in parts)
        case AnyOf(parts):
            return any(_on_fact(sight, part, fact) for part in parts)
        case Not(part):
            return not _on_fact(sight, part, fact)
        case Compare(field, op, value):
            return _compares(op, fact.properties.get(field.name), value, other_value)
    raise AssertionError(node)


def score_of(model: str, names: Names, sight: Sight, now: datetime) -> float:
    """What a score reads."""
    return value_at(sight.scores.get(model), names.scales[model], now)


def _value_of(field: Field, sight: Sight) -> object:
    values = {Owner.LEAD: sight.lead, Owner.ACCOUNT: sight.account, Owner.ENTRY: sight.entry}
    return values[field.owner].get(field.name)


def _compares(op: str, found: object, given: object, read: Callable[[Field], object] = lambda _: None) -> bool:
    if op == "missing":
        return found is None
    if found is None:
        return False
    if isinstance(given, Scaled):
        return _compares_scaled(op, found, read(given.field), given.factor)
    if op.endswith("_ci"):
        return isinstance(found, str) and _compares(op[:-3], _small(found), _small(given))
    if op in ("is_in", "not_in"):
        assert isinstance(given, tuple)
        return any(_compares("eq", found, one) for one in given) is (op == "is_in")
    if op == "between":
        assert isinstance(given, tuple)
        return _compares("ge", found, given[0]) and _compares("le", found, given[1])
    if op == "contains":
        return isinstance(found, (str, tuple)) and given in found
    if op in _OF_TEXT:
        return isinstance(found, str) and _OF_TEXT[op](found, str(given))
    if op in _OF_MANY:
        assert isinstance(given, tuple)
        return isinstance(found, tuple) and _OF_MANY[op](one in found for one in given)
    if _kind(found) != _kind(given) or isinstance(found, tuple):
        return False
    if _kind(found) == "number":
        return ordered(op, _millionths(found), _millionths(given))
    return ordered(op, found, given)


_OF_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "starts_with": lambda found, given: found[: len(given)] == given,
    "ends_with": lambda found, given: found[len(found) - len(given) :] == given if len(found) >= len(given) else False,
    "like": lambda found, given: _like(found, given),
    "matches": lambda found, given: re.search(given.replace("[[:upper:]]", "[A-Z]"), found) is not None,
}
_OF_MANY: Mapping[str, Callable[[Iterable[bool]], bool]] = {
    "has_any": any,
    "has_all": all,
    "has_none": lambda each: not any(each),
}


def _compares_scaled(op: str, found: object, other: object, factor: float) -> bool:
    if other is None or _kind(found) != _kind(other) or isinstance(found, tuple):
        return False
    if _kind(found) == "number":
        if factor == 1.0 and isinstance(found, int) and isinstance(other, int):
            return ordered(op, found, other)
        assert isinstance(found, (int, float))
        assert isinstance(other, (int, float))
        return ordered(op, _millionths(float(found)), _millionths(float(other) * factor))
    if factor != 1.0 or (_kind(found) in ("str", "boolean") and op not in ("eq", "ne")):
        return False
    return ordered(op, found, other)


def _small(value: object) -> object:
    """With A to Z as a to z, letter by letter."""
    if isinstance(value, tuple):
        return tuple(_small(one) for one in value)
    return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in str(value))


def _like(text: str, pattern: str) -> bool:
    """Whether a text has the form of a pattern, by trying everything."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(_like(text[start:], pattern[1:]) for start in range(len(text) + 1))
    if pattern[0] == "\\":
        return text[:1] == pattern[1] and _like(text[1:], pattern[2:])
    return bool(text) and pattern[0] in ("_", text[0]) and _like(text[1:], pattern[1:])


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return (
        "number"
        if isinstance(value, (int, float))
        else "instant"
        if isinstance(value, datetime)
        else type(value).__name__
    )


def _millionths(number: object) -> int:
    if isinstance(number, int):
        return number * 10**6
    assert isinstance(number, float)
    scaled = number * 1e6 + 0.5  # as the design writes it: this rounding is part of the meaning
    return floor(Fraction(scaled))


def ordered(op: str, left: object, right: object) -> bool:
    return {
        "eq": left == right,
        "ne": left != right,
        "lt": op == "lt" and left < right,  # type: ignore[operator]
        "le": op == "le" and left <= right,  # type: ignore[operator]
        "gt": op == "gt" and left > right,  # type: ignore[operator]
        "ge": op == "ge" and left >= right,  # type: ignore[operator]
    }[op]
