"""Which parts of a predicate SQL can answer, so that a store filters by them and leaves the rest to `match`.

May import this room.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nurture.errors import NotCompilableError
from nurture.predicates.inline import MAX_UNFOLDED, unfolded_size
from nurture.predicates.sql.compiling import compile_sql
from nurture.predicates.sql.zones import weigh
from nurture.predicates.standing import InSegment
from nurture.predicates.tree import All, Everyone, Predicate

if TYPE_CHECKING:
    from nurture.predicates.names import Names
    from nurture.predicates.sql.layout import Layout

_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # whether it can be said does not depend on when


def compiles(predicate: Predicate, layout: Layout, names: Names) -> bool:
    """Whether `compile_sql` has words for all of it.

    Raises:
        DefinitionError: It names something unknown.
    """
    try:
        compile_sql(predicate, layout, names, _SOME_DAY)
    except NotCompilableError:
        return False
    return True


def split(predicate: Predicate, layout: Layout, names: Names) -> tuple[Predicate, Predicate]:
    """The predicate as two: what SQL can answer, and what is left; it holds where both do.

    Only parts that are joined by `&` are told apart, also within a segment that is such a part. Each side is
    `Everyone()` when nothing falls to it. What would make the first side too large to be written out is left.

    Raises:
        DefinitionError: It names something unknown.
    """
    mine: list[Predicate] = []
    rest: list[Predicate] = []
    waiting, room = [predicate], MAX_UNFOLDED - 1  # the parts will stand inside one `&`
    while waiting:
        node = waiting.pop()
        if isinstance(node, All):
            waiting.extend(reversed(node.parts))
        elif (size := unfolded_size(node, names, weigh(layout))) > room:
            rest.append(node)
        elif compiles(node, layout, names):
            mine.append(node)
            room -= size
        elif isinstance(node, InSegment):
            waiting.append(names.segments[node.name])
        else:
            rest.append(node)
    return _joined(mine), _joined(rest)


def _joined(parts: list[Predicate]) -> Predicate:
    if not parts:
        return Everyone()
    return parts[0] if len(parts) == 1 else All(tuple(parts))
