"""How one fact after another reads as SQL. May import SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, not_, select

from nurture.predicates.sql.dates import earlier
from nurture.predicates.sql.speech import ONE
from nurture.predicates.sql.touches import Clause

if TYPE_CHECKING:
    from nurture.predicates.sequences import Followed
    from nurture.predicates.sql.asking import Asking
    from nurture.predicates.sql.layout import FactRow
    from nurture.predicates.sql.speech import Bool


def followed(asking: Asking, node: Followed) -> Bool:
    """That some fact was followed by another within a time; or was not, and the time is over."""
    then = Clause(asking=asking, node=node.then)

    def extra(row: FactRow) -> list[Bool]:
        other = asking.facts.row()
        after = [
            other.subject == row.subject,
            other.at.value > row.at.value,
            other.at.value <= row.later(node.within),
        ]
        found = exists(
            select(ONE).select_from(other.source).where(*then.tests(other), *after).correlate_except(other.source)
        )
        if not node.absent:
            return [found]
        return [row.at.value <= row.at.literal(earlier(asking.now, node.within)), not_(found)]

    return Clause(asking=asking, node=node.first).some(extra=extra)
