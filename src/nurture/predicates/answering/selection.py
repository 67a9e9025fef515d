"""Which facts a clause selects, and from when until when each of them counts.

May import the tree, the names and the calendar. `match` takes the facts that count now; `flip` walks along the
ends of their spans, those of facts that are still to come included.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

import attrs

from nurture.predicates.answering.dates import PerZone
from nurture.predicates.answering.leaf import TICK, shifted
from nurture.predicates.answering.loops import FactTest, compile_condition, compile_selects
from nurture.predicates.answering.tallies import Span, key_of
from nurture.predicates.answering.zones import zone_reader
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import entry_names

if TYPE_CHECKING:
    from collections.abc import Hashable
    from zoneinfo import ZoneInfo

    from nurture.calendar import Period
    from nurture.model import Sight, Touchpoint
    from nurture.predicates.names import Names

Bounds: TypeAlias = tuple[datetime, datetime]
"""The first and the last instant of a window; both lie inside."""
Life: TypeAlias = "Callable[[datetime], tuple[datetime, datetime | None] | None]"
"""Of when a fact happened: from when on and until when the window holds it; None when it never does."""

_AT = attrgetter("at")
_IN_ORDER = attrgetter("sort_key")
_FIRST = datetime.min.replace(tzinfo=UTC)


def earlier(now: datetime, length: timedelta) -> datetime:
    """The moment minus the length, but not before the first instant that there is."""
    return shifted(now.astimezone(UTC), -length) or _FIRST


class Selected:
    """The facts that a clause selects, and when each of them counts."""

    def __init__(self, node: Touched, names: Names) -> None:
        self._kind = node.exact_kind
        self._prefix = node.prefix or ""
        self._selects = compile_selects(node if node.per is None else attrs.evolve(node, having=None))
        self._having = compile_condition(node.having)
        self._per = node.per
        self._window = _window_of(node, names)
        self.reads_entry = bool(entry_names(node))
        self.turns = node.window is not None or node.older is not None or node.period is not None

    def seen_by(self, sight: Sight) -> Selected:
        """The same, for the run of this sight: conditions that look at what it began with know it."""
        if not self.reads_entry:
            return self
        found = copy(self)
        found._selects = with_entry(self._selects, sight)
        found._having = with_entry(self._having, sight)
        return found

    def lists(self, sight: Sight) -> list[list[Touchpoint]]:
        """The lists of facts of its kinds; none of them is empty."""
        if self._kind is not None:
            facts = sight.touches.get(self._kind)
            return [facts] if facts else []
        return [facts for kind, facts in sight.touches.items() if facts and kind.startswith(self._prefix)]

    def groups(self, sight: Sight, now: datetime, *, oldest: bool = False) -> Iterator[Iterator[Touchpoint]]:
        """The facts that count now, in groups that are ordered in themselves: the newest or the oldest first."""
        low, high = self._window.bounds(sight, now)
        if low > high:
            return
        if self._per is None:
            for facts in self.lists(sight):
                yield filter(self._selects, _between(facts, low, high, oldest=oldest))
        else:
            newest = sorted(self._newest(sight, now, self._per), key=_IN_ORDER)
            inside = _between(newest, low, high, oldest=oldest)
            yield filter(self._having, inside)

    def facts(self, sight: Sight, now: datetime) -> Iterator[Touchpoint]:
        """The facts that count now."""
        return chain.from_iterable(self.groups(sight, now))

    def instants(self, sight: Sight, low: datetime, high: datetime | None) -> list[datetime]:
        """When the facts from one instant to another happened, in order, the window aside."""
        found: list[datetime] = []
        for facts in self.lists(sight):
            start = bisect_left(facts, low, key=_AT)
            end = len(facts) if high is None else bisect_right(facts, high, key=_AT)
            found.extend(fact.at for fact in islice(facts, start, end) if self._selects(fact))
        return sorted(found)

    def spans(self, sight: Sight, now: datetime) -> Iterator[Span[Touchpoint]]:
        """Every fact that counts now or later, and how long; those still to come, too."""
        life = self._window.life(sight)
        for fact, gone in self._all(sight):
            found = life(fact.at)
            if found is None:
                continue
            opens, closes = found
            if closes is not None and closes <= now:
                return  # and so it is for all that are older
            yield opens, gone if closes is None or (gone is not None and gone < closes) else closes, fact

    def _all(self, sight: Sight) -> Iterator[tuple[Touchpoint, datetime | None]]:
        """The selected facts whenever they happened, and since when a newer one stands for each; the newest first."""
        lists = self.lists(sight)
        ordered = lists[0] if len(lists) == 1 else sorted(chain.from_iterable(lists), key=_IN_ORDER)
        if self._per is None:
            yield from ((fact, None) for fact in reversed(ordered) if self._selects(fact))
            return
        newer: dict[Hashable, datetime] = {}
        for fact in reversed(ordered):
            key = key_of(fact.properties.get(self._per))
            if key is not None and self._selects(fact):
                if self._having(fact):
                    yield fact, newer.get(key)
                newer[key] = fact.at

    def _newest(self, sight: Sight, now: datetime, per: str) -> Iterable[Touchpoint]:
        """The newest fact of each value of the property."""
        found: dict[Hashable, Touchpoint] = {}
        for facts in self.lists(sight):
            for fact in filter(self._selects, _between(facts, _FIRST, now, oldest=False)):
                key = key_of(fact.properties.get(per))
                if key is not None and (key not in found or found[key].sort_key < fact.sort_key):
                    found[key] = fact
        return found.values()


def with_entry(test: FactTest, sight: Sight) -> FactTest:
    """The test with what the run of this sight began with."""
    return partial(test, entry=sight.entry)


def _between(facts: Sequence[Touchpoint], low: datetime, high: datetime, *, oldest: bool) -> Iterator[Touchpoint]:
    """The facts from one instant to another, of a list ordered by `at`."""
    if oldest:
        for place in range(bisect_left(facts, low, key=_AT), len(facts)):
            if facts[place].at > high:
                return
            yield facts[place]
        return
    end = len(facts) if not facts or facts[-1].at <= high else bisect_right(facts, high, key=_AT)
    for place in range(end - 1, -1, -1):
        if facts[place].at < low:
            return
        yield facts[place]


# -- windows ----------------------------------------------------------------------------------------


class _Elapsed:
    """The window `(now - window, now - older]`, either end of which may be missing."""

    def __init__(self, window: timedelta | None, older: timedelta | None) -> None:
        self._window = window
        self._older = older

    def bounds(self, sight: Sight, now: datetime) -> Bounds:
        """What lies inside now."""
        del sight
        low = _FIRST if self._window is None else earlier(now, self._window) + TICK
        return low, now if self._older is None else earlier(now, self._older)

    def life(self, sight: Sight) -> Life:
        """When it holds a fact."""
        del sight
        window, older = self._window, self._older

        def life(at: datetime) -> tuple[datetime, datetime | None] | None:
            opens = at if older is None else shifted(at, older)
            return None if opens is None else (opens, None if window is None else shifted(at, window))

        return life


class _During:
    """A period of whole local days, as far as it is over."""

    def __init__(self, period: Period, names: Names) -> None:
        self._period = period
        self._calendar = names.calendar
        self._zone_of = zone_reader(period.zone, names)
        self._bounds = PerZone(self._past)

    def bounds(self, sight: Sight, now: datetime) -> Bounds:
        """What lies inside now."""
        return self._bounds(now, self._zone_of(sight))

    def _past(self, now: datetime, zone: ZoneInfo) -> Bounds:
        first, end = self._period.bounds(now, zone, self._calendar)
        return (first, min(end - TICK, now)) if first < end else (now, _FIRST)

    def life(self, sight: Sight) -> Life:
        """When it holds a fact."""
        zone = self._zone_of(sight)

        def life(at: datetime) -> tuple[datetime, datetime | None] | None:
            found = self._period.open_for(at, zone, self._calendar)
            return None if found is None else (max(found[0], at), found[1])

        return life


def _window_of(node: Touched, names: Names) -> _Elapsed | _During:
    if node.period is not None:
        return _During(node.period, names)
    # A trend looks at this window and at the one before it.
    both = node.quantifier is Quantifier.TREND and node.window is not None
    return _Elapsed(2 * node.window if both and node.window is not None else node.window, node.older)
