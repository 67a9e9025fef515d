"""What is asked of selected facts, kept up to date as facts come and go. May import the tree and `comparisons`.

A tally takes what each fact is worth to it: one, an amount, a value, the fact itself. So `match` fills a
tally and asks it once; `flip` walks from instant to instant, takes out what leaves, puts in what comes,
and asks again: every quantifier in time that does not grow with the square of the facts.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from heapq import heapify, heappop
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from nurture.predicates.comparisons import ORDERS, quantum
from nurture.predicates.touches import MAX_AMOUNT

if TYPE_CHECKING:
    from nurture.model import Touchpoint, Value

T = TypeVar("T")
W = TypeVar("W", contravariant=True)
Span: TypeAlias = tuple[datetime, datetime | None, T]
"""From when on something counts, until when (None for ever), and what it is worth."""

_HUGE = 1e300  # what is larger has no millionths that a float can hold
_LOOK = -1
_IN_ORDER = attrgetter("sort_key")


def amount_of(value: Value) -> int | None:
    """A property as an amount, in millionths; None of what is no number or too large to be summed exactly."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return quantum(value) if -MAX_AMOUNT <= value <= MAX_AMOUNT else None


def key_of(value: Value) -> Hashable:
    """A key that two values share when predicates hold them to be equal; None of a missing value.

    Numbers are their millionths, and so are told from booleans, texts, dates and instants.
    """
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, tuple):
        return ("tuple", *(key_of(item) for item in value))
    if isinstance(value, float):
        return quantum(max(-_HUGE, min(value, _HUGE)))
    if isinstance(value, int):
        return quantum(value)
    return value


class Tally(Protocol[W]):
    """Answers a question about all that was put in and not taken out."""

    def add(self, worth: W) -> None:
        """Put in what a fact is worth."""
        ...

    def remove(self, worth: W) -> None:
        """Take it out again."""
        ...

    def answer(self, now: datetime) -> bool:
        """The answer."""
        ...


class Total:
    """A comparison of the sum: of counts, of amounts, of weights."""

    def __init__(self, op: str, goal: int) -> None:
        self._holds = ORDERS[op]
        self._goal = goal
        self._total = 0

    def add(self, worth: int) -> None:
        """A fact came."""
        self._total += worth

    def remove(self, worth: int) -> None:
        """A fact went."""
        self._total -= worth

    def answer(self, now: datetime) -> bool:
        """The answer about the facts that are there."""
        del now
        return self._holds(self._total, self._goal)


class Mean:
    """A comparison of the average, without division: each amount's distance from the goal is summed."""

    def __init__(self, op: str, goal: int) -> None:
        self._holds = ORDERS[op]
        self._goal = goal
        self._total = 0
        self._count = 0

    def add(self, worth: int) -> None:
        """A fact came."""
        self._total += worth - self._goal
        self._count += 1

    def remove(self, worth: int) -> None:
        """A fact went."""
        self._total -= worth - self._goal
        self._count -= 1

    def answer(self, now: datetime) -> bool:
        """The answer about the facts that are there."""
        del now
        return self._count > 0 and self._holds(self._total, 0)


class Extreme:
    """A comparison of the least or the greatest amount: it is enough to know how many lie on each side of the goal."""

    def __init__(self, op: str, goal: int, *, greatest: bool) -> None:
        self._holds = ORDERS[op]
        self._goal = goal
        self._places = (1, 0, -1) if greatest else (-1, 0, 1)
        self._counts = {-1: 0, 0: 0, 1: 0}

    def add(self, worth: int) -> None:
        """A fact came."""
        self._counts[(worth > self._goal) - (worth < self._goal)] += 1

    def remove(self, worth: int) -> None:
        """A fact went."""
        self._counts[(worth > self._goal) - (worth < self._goal)] -= 1

    def answer(self, now: datetime) -> bool:
        """The answer about the facts that are there."""
        del now
        return next((self._holds(place, 0) for place in self._places if self._counts[place]), False)


class Kinds:
    """A comparison of how many different values there are."""

    def __init__(self, op: str, n: int) -> None:
        self._holds = ORDERS[op]
        self._n = n
        self._counts: Counter[Hashable] = Counter()

    def add(self, worth: Hashable) -> None:
        """A fact came."""
        self._counts[worth] += 1

    def remove(self, worth: Hashable) -> None:
        """A fact went."""
        self._counts[worth] -= 1
        if not self._counts[worth]:
            del self._counts[worth]

    def answer(self, now: datetime) -> bool:
        """The answer about the facts that are there."""
        del now
        return self._holds(len(self._counts), self._n)


class Single:
    """What is asked of the oldest or the newest fact; false when there is none."""

    def __init__(self, asks: Callable[[Touchpoint, datetime], bool], *, newest: bool) -> None:
        self._asks = asks
        self._place = -1 if newest else 0
        self._facts: list[Touchpoint] = []

    def add(self, worth: Touchpoint) -> None:
        """A fact came."""
        insort(self._facts, worth, key=_IN_ORDER)

    def remove(self, worth: Touchpoint) -> None:
        """A fact went."""
        del self._facts[bisect_left(self._facts, worth.sort_key, key=_IN_ORDER)]

    def answer(self, now: datetime) -> bool:
        """The answer about the facts that are there."""
        return bool(self._facts) and self._asks(self._facts[self._place], now)


def next_turn(
    spans: Iterable[Span[T]], tally: Tally[T], now: datetime, looks: Iterable[datetime] = ()
) -> datetime | None:
    """The first instant after `now` at which the tally's answer is another one; None for never.

    Args:
        spans: What counts and when; nothing else changes what is in the tally.
        tally: An empty one.
        now: The moment asked about.
        looks: Instants at which it may answer differently though nothing comes or goes.
    """
    moves: list[tuple[Callable[[T], None], T]] = []
    events: list[tuple[datetime, int]] = [(at, _LOOK) for at in looks if at > now]
    for opens, closes, worth in spans:
        if closes is not None and (closes <= now or closes <= opens):
            continue
        if opens <= now:
            tally.add(worth)
        else:
            events.append((opens, len(moves)))
            moves.append((tally.add, worth))
        if closes is not None:
            events.append((closes, len(moves)))
            moves.append((tally.remove, worth))
    before = tally.answer(now)
    heapify(events)  # in order only as far as we go
    while events:
        at = events[0][0]
        while events and events[0][0] == at:
            place = heappop(events)[1]
            if place != _LOOK:
                move, worth = moves[place]
                move(worth)
        if tally.answer(at) is not before:
            return at
    return None
