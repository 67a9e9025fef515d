"""A predicate with the segments it names put in their place. May import the tree.

A pinned version of a scenario carries its segments this way, so that editing a segment does not
change a running enrollment. `TimeInSegment` keeps its name: it asks about the membership that is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

from nurture.errors import DefinitionError, NotCompilableError, UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates.names import Names
from nurture.predicates.people import OfAccount, People
from nurture.predicates.standing import InSegment
from nurture.predicates.tree import All, AnyOf, Not, Predicate, walk

MAX_INLINED: Final = 100_000
"""How many nodes a predicate may have once its segments stand in it."""
MAX_INLINED_DEPTH: Final = 64
"""How deep it may be nested then."""
MAX_UNFOLDED: Final = 2_000
"""How many nodes a predicate may have, segments in their place, for a reading that writes each of them out."""


Weigh: TypeAlias = Callable[[Predicate], int]
"""How many nodes a node counts as."""


def inlined(predicate: Predicate, names: Names) -> Predicate:
    """The predicate with every `InSegment` replaced by the predicate of that segment.

    Raises:
        UnknownNameError: A segment is not declared. Circles are refused when a program is built.
        DefinitionError: It grows beyond all measure, because segments name each other again and again.
    """
    return _Inliner().node(predicate, names, 1)


def unfolded_size(predicate: Predicate, names: Names, weigh: Weigh | None = None) -> int:
    """How many nodes the predicate would have with its segments in place; each segment is counted once.

    With `weigh`, each node counts as much as that says. Segments that are unknown, or stand inside themselves, count
    as one node: whoever reads them refuses them. With more than `MAX_INLINED_DEPTH` segments inside each other, the
    answer is just more than `MAX_UNFOLDED`.
    """
    return _Counter(weigh).size(predicate, names, None, 0)


def require_unfoldable(
    reading: str, predicate: Predicate, names: Names, weigh: Weigh | None = None, weights: str = ""
) -> None:
    """Refuse what a reading would have to write out at too great a length.

    Args:
        reading: Which one.
        predicate: The question.
        names: What the names in it mean.
        weigh: How many nodes one node counts as in this reading; one each when nothing is said.
        weights: The same in words, for people whose predicate is refused.

    Raises:
        NotCompilableError: It has more than `MAX_UNFOLDED` nodes, because segments name each other again and again, or
            because many of its nodes are long to write out.
    """
    if unfolded_size(predicate, names, weigh) > MAX_UNFOLDED:
        reason = f"with its segments in place it has more than {MAX_UNFOLDED} nodes{weights and f' ({weights})'}"
        raise NotCompilableError(reading, "a predicate so large", reason)


class _Counter:
    """Remembers how large each segment is."""

    def __init__(self, weigh: Weigh | None) -> None:
        self._weigh = weigh
        self._sizes: dict[tuple[SubjectKind, str], int] = {}

    def size(self, predicate: Predicate, names: Names, around: Names | None, depth: int) -> int:
        total, waiting = 0, [(predicate, names, around)]
        while waiting:
            node, here, there = waiting.pop()
            total += 1 if self._weigh is None else self._weigh(node)
            if isinstance(node, InSegment):
                total += self._segment(node.name, here, there, depth + 1)
            elif isinstance(node, (OfAccount, People)):
                subject = SubjectKind.ACCOUNT if isinstance(node, OfAccount) else SubjectKind.LEAD
                inside = node.part if isinstance(node, OfAccount) else node.where
                other = here if here.subject is subject else here.other or there
                waiting.append((inside, other or Names(subject=subject), there if other is here else here))
            else:
                waiting.extend((part, here, there) for part in node.children())
        return total

    def _segment(self, name: str, names: Names, around: Names | None, depth: int) -> int:
        key, meaning = (names.subject, name), names.segments.get(name)
        if meaning is None:
            return 0
        if depth > MAX_INLINED_DEPTH:
            return MAX_UNFOLDED + 1
        if key not in self._sizes:
            self._sizes[key] = 0  # in a circle it is met again before it is known
            self._sizes[key] = self.size(meaning, names, around, depth)
        return self._sizes[key]


class _Inliner:
    """Counts what it puts together."""

    def __init__(self) -> None:
        self._nodes = 0

    def node(self, node: Predicate, names: Names, depth: int) -> Predicate:
        if isinstance(node, InSegment):
            meaning = names.segments.get(node.name)
            if meaning is None:
                raise UnknownNameError("segment", node.name, names.segments)
            return self.node(meaning, names, depth)
        self._nodes += 1
        if self._nodes > MAX_INLINED:
            raise DefinitionError(f"with its segments in place it has more than {MAX_INLINED} nodes")
        if depth > MAX_INLINED_DEPTH:
            raise DefinitionError(f"with its segments in place it is nested more than {MAX_INLINED_DEPTH} deep")
        if isinstance(node, (All, AnyOf)):
            return type(node)(tuple(self.node(part, names, depth + 1) for part in node.parts))
        if isinstance(node, Not):
            return Not(self.node(node.part, names, depth + 1))
        if isinstance(node, OfAccount):
            return OfAccount(self.node(node.part, _about(names, SubjectKind.ACCOUNT), depth + 1))
        if isinstance(node, People):
            where = self.node(node.where, _about(names, SubjectKind.LEAD), depth + 1)
            return attrs.evolve(node, where=where)
        self._nodes += sum(1 for _ in walk(node)) - 1  # conditions on facts and values name no segments
        return node


def _about(names: Names, subject: SubjectKind) -> Names:
    """What names mean about such a subject; nothing, when nobody said."""
    return names.about(subject) or Names(subject=subject)
