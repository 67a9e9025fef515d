"""The way from a predicate to a condition in SQL. May import SQLAlchemy.

`READERS` has one entry per type of node that SQL can express; `REFUSED` has the others, each with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import attrs
from sqlalchemy import and_, false, not_, or_, true

from nurture.errors import DefinitionError, NotCompilableError
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.inline import require_unfoldable
from nurture.predicates.people import OfAccount, People
from nurture.predicates.sequences import Followed
from nurture.predicates.sql import dates, people, quantifiers, sequences, standing
from nurture.predicates.sql.asking import Asking, Form, Reader
from nurture.predicates.sql.comparisons import compare, compare_fields
from nurture.predicates.sql.zones import WEIGHTS, weigh
from nurture.predicates.standing import (
    Consented,
    InBucket,
    InScenario,
    InSegment,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
)
from nurture.predicates.touches import Touched
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Field, Not, Owner, Predicate, Scaled

if TYPE_CHECKING:
    from collections.abc import Callable

    from nurture.predicates.names import Names
    from nurture.predicates.sql.cells import Cell
    from nurture.predicates.sql.layout import Layout
    from nurture.predicates.sql.speech import Bool

_FACTS = (Touched, Followed, Consented)
_OTHERS = (OfAccount, People)


def compile_sql(predicate: Predicate, layout: Layout, names: Names, now: datetime, *, form: Form = "auto") -> Bool:
    """The predicate as a condition on the rows of a layout's source; true where `match` is true, else false.

    Args:
        predicate: The question.
        layout: Where the values lie.
        names: What the names in it mean.
        now: The instant asked about; everything that depends on it is worked out here.
        form: How facts are looked up. `probe`: subject by subject, leaving off early, which wants an index on
            subject, kind and instant. `join`: for all subjects at once. `auto`: a probe where there is such an
            index and other conditions of the same `&` decide first; else a join.

    Returns:
        A condition for `select(layout.id).select_from(layout.source).where(...)`. It is never NULL, so `~` of it
        is its opposite.

    Raises:
        NotCompilableError: SQL has no words for a node, the layout does not say where something lies, or with its
            segments in place it is too large (`inline.MAX_UNFOLDED`; a clause in everybody's own zone counts as many
            nodes, unless the layout says which zones occur).
        DefinitionError: It names an unknown segment, score or field, or segments go in a circle.
    """
    if now.tzinfo is None:
        raise DefinitionError("now: expected a datetime with a time zone")
    require_unfoldable("sql", predicate, names, weigh(layout), WEIGHTS)
    asking = Asking(layout=layout, names=names, now=now.astimezone(UTC), form=form, readers=READERS)
    return asking.lowered(predicate)


def cost(node: Predicate) -> int:
    """How dear a node is, roughly: 1 for what lies in the row, more for what must be looked up."""
    if isinstance(node, (All, AnyOf, Not)):
        return max((cost(part) for part in node.children()), default=0)
    if isinstance(node, _FACTS):
        return 4
    if isinstance(node, _OTHERS):
        return 5
    if isinstance(node, InSegment):
        return 3
    return 2 if isinstance(node, (Score, InScenario, TimeInSegment)) else 1


def _all(asking: Asking, node: All) -> Bool:
    """Cheap parts first; where there is one, the dear ones are asked of few."""
    parts = sorted(node.parts, key=cost)
    filtered = asking.filtered or (bool(parts) and cost(parts[0]) <= 2 and not isinstance(parts[0], Everyone))
    asked = attrs.evolve(asking, filtered=filtered)
    return and_(true(), *[asked.answer(part) for part in parts])


def _any(asking: Asking, node: AnyOf) -> Bool:
    return or_(false(), *[asking.answer(part) for part in sorted(node.parts, key=cost)])


def _compare(asking: Asking, node: Compare) -> Bool:
    if node.field.owner is Owner.PROP:
        raise DefinitionError(f"{node.field} is asked outside q.touches(...).where(...)")
    speech, other = asking.layout.speech, node.value
    if node.op == "missing":
        return not_(asking.of_fields(node.fields, lambda _, cell_of: cell_of(node.field).known))

    def made(_: Asking, cell_of: Callable[[Field], Cell]) -> Bool:
        if isinstance(other, Scaled):
            return compare_fields(node, cell_of(node.field), cell_of(other.field), other.factor, speech)
        return compare(node, cell_of(node.field), speech)

    return asking.of_fields(node.fields, made)


def _refuse(asking: Asking, node: Predicate) -> NoReturn:
    raise NotCompilableError("sql", type(node).__name__, REFUSED[type(node)])


REFUSED: Mapping[type[Predicate], str] = {
    Held: "it walks back through the changes of a subject, one by one",
    InBucket: "databases lack the hash that the lots are drawn with",
}
"""The nodes that SQL cannot express, and why."""

READERS: Mapping[type[Predicate], Reader] = {
    All: _all,
    AnyOf: _any,
    Not: lambda asking, node: not_(asking.answer(node.part)),
    Everyone: lambda asking, node: true(),
    Compare: _compare,
    InPeriod: dates.in_period,
    Anniversary: dates.anniversary,
    Age: dates.age,
    Elapsed: dates.elapsed,
    Score: standing.score,
    InStage: standing.in_stage,
    TimeInStage: standing.time_in_stage,
    InSegment: standing.in_segment,
    TimeInSegment: standing.time_in_segment,
    InScenario: standing.in_scenario,
    Consented: standing.consented,
    OfAccount: people.of_account,
    People: people.people,
    Touched: quantifiers.touched,
    Followed: sequences.followed,
    **dict.fromkeys(REFUSED, _refuse),
}
"""How each node reads."""
