"""A predicate with the segments it names put in their place. May import the tree.

A pinned version of a scenario carries its segments this way, so that editing a segment does not
change a running enrollment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.errors import UnknownNameError
from nurture.predicates.tree import All, AnyOf, InSegment, Not, Predicate

if TYPE_CHECKING:
    from nurture.predicates.names import Names


def inlined(predicate: Predicate, names: Names) -> Predicate:
    """The predicate with every `InSegment` replaced by the predicate of that segment.

    Raises:
        UnknownNameError: A segment is not declared. Circles are refused when a program is built.
    """
    if isinstance(predicate, InSegment):
        meaning = names.segments.get(predicate.name)
        if meaning is None:
            raise UnknownNameError("segment", predicate.name, names.segments)
        return inlined(meaning, names)
    if isinstance(predicate, All):
        return All(tuple(inlined(part, names) for part in predicate.parts))
    if isinstance(predicate, AnyOf):
        return AnyOf(tuple(inlined(part, names) for part in predicate.parts))
    if isinstance(predicate, Not):
        return Not(inlined(predicate.part, names))
    return predicate
