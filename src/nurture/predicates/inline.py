"""A predicate with the segments it names put in their place. May import the tree.

A pinned version of a scenario carries its segments this way, so that editing a segment does not
change a running enrollment. `TimeInSegment` keeps its name: it asks about the membership that is kept.
"""

from __future__ import annotations

from typing import Final

import attrs

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates.names import Names
from nurture.predicates.people import OfAccount, People
from nurture.predicates.standing import InSegment
from nurture.predicates.tree import All, AnyOf, Not, Predicate, walk

MAX_INLINED: Final = 100_000
"""How many nodes a predicate may have once its segments stand in it."""
MAX_INLINED_DEPTH: Final = 64
"""How deep it may be nested then."""


def inlined(predicate: Predicate, names: Names) -> Predicate:
    """The predicate with every `InSegment` replaced by the predicate of that segment.

    Raises:
        UnknownNameError: A segment is not declared. Circles are refused when a program is built.
        DefinitionError: It grows beyond all measure, because segments name each other again and again.
    """
    return _Inliner().node(predicate, names, 1)


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
