"""Leaves that answer by a function of their own, and when each turns. May import the nodes and their functions.

The commonest leaves are written out as source by `answering.writer`; a leaf here is called instead. `match` and
`flip` read the same table, so a leaf cannot have the one without the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nurture.predicates.answering.dates import age_leaf, anniversary_leaf, elapsed_leaf, period_leaf
from nurture.predicates.answering.facts import touched_leaf
from nurture.predicates.answering.held import held_leaf
from nurture.predicates.answering.sequences import followed_leaf
from nurture.predicates.answering.standing import (
    bucket_leaf,
    consent_leaf,
    people_leaf,
    scenario_leaf,
    segment_time_leaf,
)
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.people import People
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import Consented, InBucket, InScenario, TimeInSegment
from nurture.predicates.touches import Touched

if TYPE_CHECKING:
    from nurture.predicates.answering.leaf import Leaf
    from nurture.predicates.names import Names
    from nurture.predicates.tree import Predicate


def leaf_of(node: Predicate, names: Names) -> Leaf | None:
    """The leaf's functions; None when `answering.writer` writes it out."""
    make = LEAVES.get(type(node))
    return None if make is None else make(node, names)


LEAVES: Mapping[type[Predicate], Callable[[Any, Names], Leaf | None]] = {
    InPeriod: period_leaf,
    Anniversary: anniversary_leaf,
    Age: age_leaf,
    Elapsed: elapsed_leaf,
    Held: held_leaf,
    TimeInSegment: segment_time_leaf,
    InScenario: scenario_leaf,
    Consented: consent_leaf,
    InBucket: bucket_leaf,
    People: people_leaf,
    Touched: touched_leaf,
    Followed: followed_leaf,
}
"""What makes the functions of a leaf, by its type; None of one that is written out after all."""
