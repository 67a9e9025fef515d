"""The reading of a predicate that says when time alone can change its answer. May import the tree and `nurture.model`.

Given what is known and `now`, it is the earliest later instant at which `match` can answer differently
if nothing new happens. It is never late. It is exact for a single clause, but for two cases in which
it may be early: a score whose half-life is longer than 31 years (by some microseconds); and a tree,
since sides are not asked again at each other's instants (`&` waits for the latest flip of its false
sides; another side may have turned by then). Early costs one look more.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from nurture.errors import DefinitionError, UnknownNameError
from nurture.predicates.answering.crossing import score_flip
from nurture.predicates.answering.facts import clause_flips
from nurture.predicates.answering.leaf import TICK, shifted
from nurture.predicates.answering.leaves import leaf_of
from nurture.predicates.answering.loops import compile_selects
from nurture.predicates.answering.selection import earlier
from nurture.predicates.lower import lowered
from nurture.predicates.match import compile_match
from nurture.predicates.standing import InSegment, Score, TimeInStage
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import All, AnyOf, Not, Predicate

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Sight, Touchpoint, Value
    from nurture.predicates.answering.leaf import Flips
    from nurture.predicates.names import Names


def compile_flip(predicate: Predicate, names: Names) -> Flips:
    """When the answer can change by itself, as a function of what is seen and the moment.

    Args:
        predicate: The question.
        names: What the segments and scores it names mean.

    Returns:
        A pure function. It gives an instant after the moment asked about, or None for never: until that
        instant `match` answers as it does now, if no fact comes and no value changes.

    Raises:
        DefinitionError: It names an unknown segment or score, or segments go in a circle.
    """
    side = _Builder(names).side(lowered(predicate, names))
    return never if side is None else side.flips


def never(sight: Sight, now: datetime) -> datetime | None:
    """The flip of what time cannot change."""
    del sight, now
    return None


class _Side:
    """A part of a tree: its answer, compiled when first asked, and its flip."""

    def __init__(self, node: Predicate, names: Names) -> None:
        self._node = node
        self._names = names

    @cached_property
    def holds(self) -> Callable[[Sight, datetime], bool]:
        """The answer."""
        return compile_match(self._node, self._names)

    def flips(self, sight: Sight, now: datetime) -> datetime | None:
        """When time changes it: never, unless a kind of side says otherwise."""
        del sight, now
        return None


class _Leaf(_Side):
    """A clause that flips by itself."""

    def __init__(self, node: Predicate, names: Names, flips: Flips) -> None:
        super().__init__(node, names)
        self._flips = flips

    def flips(self, sight: Sight, now: datetime) -> datetime | None:
        return self._flips(sight, now)


class _Joint(_Side):
    """Parts joined by `&` (`rests` is False) or by `|` (`rests` is True).

    One side that answers `rests` keeps the whole at `rests`. So the whole changes only when the last of
    those has turned; and when there is none, as soon as any side turns.
    """

    def __init__(
        self, node: Predicate, names: Names, sides: Sequence[_Side], still: Predicate | None, *, rests: bool
    ) -> None:
        super().__init__(node, names)
        self._sides = sides
        self._still = None if still is None else _Side(still, names)
        self._rests = rests

    def flips(self, sight: Sight, now: datetime) -> datetime | None:
        rests = self._rests
        if self._still is not None and self._still.holds(sight, now) is rests:
            return None
        holding = [side for side in self._sides if side.holds(sight, now) is rests]
        return joint_flip([side.flips(sight, now) for side in holding or self._sides], resting=bool(holding))


def joint_flip(instants: Sequence[datetime | None], *, resting: bool) -> datetime | None:
    """When parts that are joined turn as a whole.

    Args:
        instants: When each of the parts turns that keep the whole as it is; of all parts, when none does.
        resting: Whether there are parts that keep the whole as it is.
    """
    known = [instant for instant in instants if instant is not None]
    if resting:
        return max(known) if len(known) == len(instants) else None
    return min(known, default=None)


class _Builder:
    """Makes the sides of a tree; None stands for a part that time cannot change."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._segments: dict[str, _Side | None] = {}
        self._path: list[str] = []

    def side(self, node: Predicate) -> _Side | None:
        if isinstance(node, Not):
            part = self.side(node.part)
            return None if part is None else _Leaf(node, self._names, part.flips)
        if isinstance(node, (All, AnyOf)):
            return self._joint(node)
        if isinstance(node, InSegment):
            return self._segment(node.name)
        flips = self._leaf(node)
        return None if flips is None else _Leaf(node, self._names, flips)

    def _joint(self, node: All | AnyOf) -> _Side | None:
        moving: list[_Side] = []
        still: list[Predicate] = []
        for part in node.parts:
            side = self.side(part)
            if side is None:
                still.append(part)
            else:
                moving.append(side)
        if not moving:
            return None
        rest = type(node)(tuple(still)) if still else None
        return _Joint(node, self._names, moving, rest, rests=isinstance(node, AnyOf))

    def _segment(self, name: str) -> _Side | None:
        if name in self._path:
            raise DefinitionError(f"segments go in a circle: {' → '.join([*self._path, name])}")
        if name not in self._segments:
            meaning = self._names.segments.get(name)
            if meaning is None:
                raise UnknownNameError("segment", name, self._names.segments)
            self._path.append(name)
            self._segments[name] = self.side(lowered(meaning, self._names))
            self._path.pop()
        return self._segments[name]

    def _leaf(self, node: Predicate) -> Flips | None:
        leaf = leaf_of(node, self._names)
        if leaf is not None:
            return leaf.flips
        if isinstance(node, Touched):
            return _Clause(node, self._names).flips
        if isinstance(node, Score):
            scale = self._names.scales.get(node.model)
            if scale is None:
                raise UnknownNameError("score model", node.model, self._names.scales)
            return score_flip(node, scale)
        return _stage_time_flip(node) if isinstance(node, TimeInStage) else None


def _stage_time_flip(node: TimeInStage) -> Flips:
    # `ge` and `lt` turn when the length is reached, `gt` and `le` when it is exceeded.
    length = node.length if node.op in ("ge", "lt") else node.length + TICK

    def flips(sight: Sight, now: datetime) -> datetime | None:
        if sight.stage_since is None:
            return None
        instant = shifted(sight.stage_since, length)
        return instant if instant is not None and instant > now else None

    return flips


class _Clause(_Side):
    """A clause that counts, or asks about the last: the deciding fact tells at once, when none is still to come."""

    def __init__(self, node: Touched, names: Names) -> None:
        super().__init__(node, names)
        self._touched = node
        self._selects = compile_selects(node)
        self._walk = clause_flips(node, names)
        op, n = node.op, int(node.n)
        # The count falls as time goes by, so the answer turns when the count falls below this.
        self._least = n if op in ("ge", "lt") else 1 if (n, op) in ((0, "eq"), (0, "ne")) else n + 1
        self._falls = op not in ("eq", "ne") or n == 0

    def flips(self, sight: Sight, now: datetime) -> datetime | None:
        lists = self._lists(sight)
        if any(facts[-1].at > now for facts in lists):
            return self._walk(sight, now)
        window = self._touched.window
        if window is None:
            return None
        if self._touched.quantifier is Quantifier.LAST:
            newest = self._newest(lists, earlier(now, window), 1, sight.entry)
            return shifted(newest[0], window) if newest and self.holds(sight, now) else None
        if not self._falls:
            return self._walk(sight, now)
        if self._least == 0:
            return None
        newest = self._newest(lists, earlier(now, window), self._least, sight.entry)
        return shifted(newest[-1], window) if len(newest) == self._least else None

    def _lists(self, sight: Sight) -> list[list[Touchpoint]]:
        if self._touched.kind is None:
            return [facts for facts in sight.touches.values() if facts]
        facts = sight.touches.get(self._touched.kind)
        return [facts] if facts else []

    def _since(self, facts: list[Touchpoint], since: datetime, entry: Mapping[str, Value]) -> Iterator[datetime]:
        for fact in reversed(facts):
            if fact.at <= since:
                return
            if self._selects(fact, entry):
                yield fact.at

    def _newest(
        self, lists: list[list[Touchpoint]], since: datetime, n: int, entry: Mapping[str, Value]
    ) -> list[datetime]:
        """The instants of the n newest selected facts after `since`, newest first."""
        if len(lists) == 1:
            return list(islice(self._since(lists[0], since, entry), n))
        return heapq.nlargest(n, (at for facts in lists for at in islice(self._since(facts, since, entry), n)))
