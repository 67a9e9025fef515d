"""The clause about order: what it answers, and when it turns. May import the tree and the names.

Each first fact decides for itself: it was followed from the instant of the next one on, or it was not, from the
end of the time on. So it counts for a span, like a fact of any other clause.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nurture.predicates.answering.leaf import Leaf, shifted
from nurture.predicates.answering.selection import Selected
from nurture.predicates.answering.tallies import Span, Total, next_turn

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Sight
    from nurture.predicates.answering.leaf import Flips, Holds
    from nurture.predicates.names import Names
    from nurture.predicates.sequences import Followed


def followed_leaf(node: Followed, names: Names) -> Leaf:
    """What the clause answers and when it turns."""
    first, then = Selected(node.first, names), Selected(node.then, names)
    if not (first.reads_entry or then.reads_entry):
        return Leaf(*_functions(node, first, then))

    def of(sight: Sight) -> tuple[Holds, Flips]:
        return _functions(node, first.seen_by(sight), then.seen_by(sight))

    return Leaf(lambda sight, now: of(sight)[0](sight, now), lambda sight, now: of(sight)[1](sight, now))


def _functions(node: Followed, first: Selected, then: Selected) -> tuple[Holds, Flips]:
    within, absent = node.within, node.absent

    def holds(sight: Sight, now: datetime) -> bool:
        begun = sorted(fact.at for fact in first.facts(sight, now))
        if not begun:
            return False
        came = then.instants(sight, begun[0], now)
        for at in begun:
            place = bisect_right(came, at)
            followed = place < len(came) and came[place] - at <= within
            if (now - at >= within and not followed) if absent else followed:
                return True
        return False

    def spans(sight: Sight, now: datetime) -> Iterator[Span[int]]:
        begun = list(first.spans(sight, now))
        came = then.instants(sight, begun[-1][-1].at, None) if begun else []
        for opens, closes, fact in begun:
            place = bisect_right(came, fact.at)
            followed = place < len(came) and came[place] - fact.at <= within
            known = came[place] if followed else shifted(fact.at, within)
            if followed is not absent and known is not None:
                yield max(opens, known), closes, 1

    def flips(sight: Sight, now: datetime) -> datetime | None:
        return next_turn(spans(sight, now), Total("ge", 1), now)

    return holds, flips
