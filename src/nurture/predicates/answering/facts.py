"""Clauses about facts that `loops` does not write out: what they answer, and when they turn.

May import the tree and the names. What a quantifier asks is kept by a tally (see `tallies`), of the facts that
count (see `selection`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from nurture.model import Touchpoint
from nurture.predicates.answering.leaf import TICK, Leaf, shifted
from nurture.predicates.answering.loops import FactTest, compile_condition
from nurture.predicates.answering.selection import Selected, earlier, with_entry
from nurture.predicates.answering.tallies import (
    Extreme,
    Kinds,
    Mean,
    Single,
    Span,
    Tally,
    Total,
    amount_of,
    key_of,
    next_turn,
)
from nurture.predicates.comparisons import MILLION, ORDERS, quantum
from nurture.predicates.touches import SINCE, SINGLE, Quantifier, Touched

if TYPE_CHECKING:
    from nurture.model import Sight
    from nurture.predicates.answering.leaf import Flips, Holds
    from nurture.predicates.names import Names


_IN_ORDER = attrgetter("sort_key")
_WRITTEN = frozenset({Quantifier.COUNT, Quantifier.LAST})
_OLDEST = frozenset({Quantifier.FIRST, Quantifier.SINCE_FIRST})
_NEVER = timedelta(0)


def touched_leaf(node: Touched, names: Names) -> Leaf | None:
    """What a clause answers and when it turns; None of one that `answering.loops` writes out."""
    return None if is_written(node) else Leaf(_holds(node, names), clause_flips(node, names))


def is_written(node: Touched) -> bool:
    """Whether the clause is such as `answering.loops` writes out."""
    plain = node.older is None and node.period is None and node.per is None and node.prefix is None
    return plain and node.quantifier in _WRITTEN


@attrs.frozen(slots=True, eq=False)
class _Asking:
    """A clause with its conditions compiled.

    Attributes:
        node: The clause.
        selected: Which facts it selects.
        satisfies: What the first or the last one must be.
    """

    node: Touched
    selected: Selected
    satisfies: FactTest

    @classmethod
    def of(cls, node: Touched, names: Names) -> _Asking:
        """The clause, compiled."""
        return cls(node, Selected(node, names), compile_condition(node.single_where))

    def seen_by(self, sight: Sight) -> _Asking:
        """The same with what the run of this sight began with."""
        return _Asking(self.node, self.selected.seen_by(sight), with_entry(self.satisfies, sight))


# -- now ----------------------------------------------------------------------------------------------


def _holds(node: Touched, names: Names) -> Holds:
    asking = _Asking.of(node, names)
    if not asking.selected.reads_entry:
        return _holds_for(asking)
    return lambda sight, now: _holds_for(asking.seen_by(sight))(sight, now)


def _holds_for(asking: _Asking) -> Holds:
    node, selected = asking.node, asking.selected
    if node.quantifier is Quantifier.COUNT:
        return _count_holds(node, selected)
    if node.quantifier in SINGLE or node.quantifier in SINCE:
        return _one_holds(asking)
    if node.quantifier is Quantifier.TREND:
        return _trend_holds(node, selected)
    asked = _ASKED[node.quantifier](asking)

    def holds(sight: Sight, now: datetime) -> bool:
        tally = asked.tally()
        for fact in selected.facts(sight, now):
            worth = asked.worth(fact)
            if worth is not None:
                tally.add(worth)
        return tally.answer(now)

    return holds


def _count_holds(node: Touched, selected: Selected) -> Holds:
    order, n = ORDERS[node.op], int(node.n)
    enough = n if node.op in ("ge", "lt") else n + 1  # more of them change nothing

    def holds(sight: Sight, now: datetime) -> bool:
        return order(sum(1 for _ in islice(selected.facts(sight, now), enough)), n)

    return holds


def _one_holds(asking: _Asking) -> Holds:
    asks, oldest, selected = _question(asking), asking.node.quantifier in _OLDEST, asking.selected
    pick = min if oldest else max

    def holds(sight: Sight, now: datetime) -> bool:
        ends = [fact for group in selected.groups(sight, now, oldest=oldest) for fact in islice(group, 1)]
        return bool(ends) and asks(pick(ends, key=_IN_ORDER), now)

    return holds


def _trend_holds(node: Touched, selected: Selected) -> Holds:
    window, order, before = node.window or _NEVER, ORDERS[node.op], quantum(node.n)

    def holds(sight: Sight, now: datetime) -> bool:
        since = earlier(now, window)
        return order(sum(MILLION if fact.at > since else -before for fact in selected.facts(sight, now)), 0)

    return holds


# -- later --------------------------------------------------------------------------------------------


def clause_flips(node: Touched, names: Names) -> Flips:
    """When the clause turns: exact, whatever is asked."""
    asking = _Asking.of(node, names)
    if not asking.selected.reads_entry:
        return _flips_for(asking)
    return lambda sight, now: _flips_for(asking.seen_by(sight))(sight, now)


def _flips_for(asking: _Asking) -> Flips:
    node, selected = asking.node, asking.selected
    asked = _ASKED[node.quantifier](asking)
    turns = selected.turns or node.quantifier in SINCE
    # `ge` and `lt` turn when the length is reached, `gt` and `le` when it is exceeded.
    length = None if node.length is None else node.length if node.op in ("ge", "lt") else node.length + TICK

    def flips(sight: Sight, now: datetime) -> datetime | None:
        if not turns and all(facts[-1].at <= now for facts in selected.lists(sight)):
            return None
        spans = list(selected.spans(sight, now))
        looks: list[datetime] = []
        if length is not None:
            looks = [at for *_, fact in spans if (at := shifted(fact.at, length)) is not None]
        return next_turn(asked.spans(spans), asked.tally(), now, looks)

    return flips


@attrs.frozen(slots=True, eq=False)
class _Asked:
    """What a quantifier makes of the facts.

    Attributes:
        tally: Makes an empty tally.
        worth: What a fact is worth to it; None when it does not count.
    """

    tally: Callable[[], Tally[Any]]
    worth: Callable[[Touchpoint], object]

    def spans(self, spans: Iterable[Span[Touchpoint]]) -> Iterator[Span[object]]:
        """What the facts are worth, and when."""
        for opens, closes, fact in spans:
            worth = self.worth(fact)
            if worth is not None:
                yield opens, closes, worth


def _counted(asking: _Asking) -> _Asked:
    node = asking.node
    return _Asked(lambda: Total(node.op, int(node.n)), lambda fact: 1)


def _different(asking: _Asking) -> _Asked:
    node, name = asking.node, asking.node.of or ""
    return _Asked(lambda: Kinds(node.op, int(node.n)), lambda fact: key_of(fact.properties.get(name)))


def _amount(asking: _Asking) -> _Asked:
    node = asking.node
    name, op, goal = node.of or "", node.op, quantum(node.n)
    make: Mapping[Quantifier, Callable[[], Tally[int]]] = {
        Quantifier.SUM: lambda: Total(op, goal),
        Quantifier.MIN: lambda: Extreme(op, goal, greatest=False),
        Quantifier.MAX: lambda: Extreme(op, goal, greatest=True),
        Quantifier.AVERAGE: lambda: Mean(op, goal),
    }
    return _Asked(make[node.quantifier], lambda fact: amount_of(fact.properties.get(name)))


@attrs.frozen(slots=True, eq=False)
class _Trend(_Asked):
    """A fact counts for the window while it lies there, and then against it, as long again, as often as is asked."""

    window: timedelta
    against: int

    def spans(self, spans: Iterable[Span[Touchpoint]]) -> Iterator[Span[object]]:
        """What the facts are worth, and when."""
        for opens, closes, fact in spans:
            turns = shifted(fact.at, self.window)
            yield opens, closes if turns is None or (closes is not None and closes < turns) else turns, MILLION
            if turns is not None:
                yield turns, closes, -self.against


def _trend(asking: _Asking) -> _Asked:
    node = asking.node
    return _Trend(lambda: Total(node.op, 0), lambda fact: fact, node.window or _NEVER, quantum(node.n))


def _one(asking: _Asking) -> _Asked:
    asks, newest = _question(asking), asking.node.quantifier not in _OLDEST
    return _Asked(lambda: Single(asks, newest=newest), lambda fact: fact)


def _question(asking: _Asking) -> Callable[[Touchpoint, datetime], bool]:
    """What is asked of the one fact, at a moment."""
    node, satisfies = asking.node, asking.satisfies
    if node.length is not None:
        order, length = ORDERS[node.op], node.length
        return lambda fact, now: order(now - fact.at, length)
    return lambda fact, now: satisfies(fact)


_ASKED: Mapping[Quantifier, Callable[[_Asking], _Asked]] = {
    Quantifier.COUNT: _counted,
    Quantifier.DISTINCT: _different,
    Quantifier.SUM: _amount,
    Quantifier.MIN: _amount,
    Quantifier.MAX: _amount,
    Quantifier.AVERAGE: _amount,
    Quantifier.TREND: _trend,
    Quantifier.FIRST: _one,
    Quantifier.LAST: _one,
    Quantifier.SINCE_FIRST: _one,
    Quantifier.SINCE_LAST: _one,
}
