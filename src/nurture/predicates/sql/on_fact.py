"""Conditions on the properties of one fact, as SQL. May import SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, false, not_, or_, true

from nurture.errors import DefinitionError
from nurture.predicates.rows import require_in_rows
from nurture.predicates.sql.comparisons import compare, compare_fields
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Not, Owner, Predicate, Scaled

if TYPE_CHECKING:
    from nurture.predicates.sql.layout import FactRow
    from nurture.predicates.sql.speech import Bool, Speech


def on_fact(node: Predicate, row: FactRow, speech: Speech) -> Bool:
    """The condition on a row's properties.

    Raises:
        DefinitionError: It asks about something else.
        NotCompilableError: SQL has no words for it.
    """
    require_in_rows("sql", node.fields)
    if isinstance(node, Compare) and node.field.owner is Owner.PROP:
        cell = row.prop(node.field.name)
        if isinstance(node.value, Scaled):
            return compare_fields(node, cell, row.prop(node.value.field.name), node.value.factor, speech)
        return compare(node, cell, speech)
    if isinstance(node, Not):
        return not_(on_fact(node.part, row, speech))
    if isinstance(node, All):
        return and_(true(), *[on_fact(part, row, speech) for part in node.parts])
    if isinstance(node, AnyOf):
        return or_(false(), *[on_fact(part, row, speech) for part in node.parts])
    if isinstance(node, Everyone):
        return true()
    raise DefinitionError(f"expected comparisons of q.prop(...), found {type(node).__name__}")
