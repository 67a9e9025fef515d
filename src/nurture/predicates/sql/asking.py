"""A question on its way to SQL: of whom it is asked, when, and what the names in it mean. May import SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs
from sqlalchemy import and_, exists, select, true

from nurture.errors import NotCompilableError
from nurture.model import SubjectKind
from nurture.predicates.lower import lowered
from nurture.predicates.names import Names
from nurture.predicates.rows import require_in_rows
from nurture.predicates.sql.layout import Layout
from nurture.predicates.sql.speech import ONE
from nurture.predicates.tree import All, AnyOf, Field, Not, Owner, Predicate

if TYPE_CHECKING:
    from nurture.predicates.sql.cells import Cell
    from nurture.predicates.sql.layout import Facts
    from nurture.predicates.sql.speech import Bool

Form: TypeAlias = Literal["auto", "probe", "join"]
"""How facts are looked up; see `compile_sql`."""
Reader: TypeAlias = "Callable[[Asking, Any], Bool]"


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Asking:
    """What the readings of all nodes need to know.

    Attributes:
        layout: Where values lie.
        names: What names mean.
        now: The instant asked about.
        form: How facts are looked up.
        readers: How each type of node is read.
        filtered: Whether other conditions, which are cheap, decide first about most subjects.
        around: What names mean where the question comes from, about the other sort of subject.
        account: While a lead is asked about its account: the alias of the account at hand.
        path: The segments that the question stands in.
    """

    layout: Layout
    names: Names
    now: datetime
    form: Form
    readers: Mapping[type[Predicate], Reader]
    filtered: bool = False
    around: Names | None = None
    account: Layout | None = None
    path: tuple[tuple[SubjectKind, str], ...] = ()

    def answer(self, node: Predicate) -> Bool:
        """The condition for a node.

        Raises:
            NotCompilableError: SQL has no words for it, or the layout does not say where something lies.
        """
        reader = self.readers.get(type(node))
        if reader is None:
            raise NotCompilableError("sql", type(node).__name__)
        return reader(self, node)

    def lowered(self, node: Predicate) -> Bool:
        """The condition for a whole predicate, such as a segment's."""
        return self.answer(flattened(lowered(node, self.names, told=False)))

    def needed(self, found: object, node: str) -> NotCompilableError:
        """What to raise when the layout lacks something."""
        del found
        return NotCompilableError("sql", node, "the layout does not say where that lies")

    @property
    def facts(self) -> Facts:
        """Where the facts are."""
        if self.layout.facts is None:
            raise self.needed(None, "q.touches(...)")
        return self.layout.facts

    def about(self, layout: Layout, *, filtered: bool) -> Asking:
        """The same, asked of other subjects.

        Raises:
            NotCompilableError: Nobody said what names mean there.
        """
        names = self.names.about(layout.subject) or (None if self.around is None else self.around.about(layout.subject))
        if names is None:
            raise NotCompilableError("sql", f"a question about the {layout.subject}", "nothing is known about it")
        return attrs.evolve(self, layout=layout, names=names, around=self.names, filtered=filtered, account=None)

    def of_fields(self, fields: Sequence[Field], make: Callable[[Asking, Callable[[Field], Cell]], Bool]) -> Bool:
        """A condition on fields; those of a lead's account are looked up there, and missing where there is none.

        Raises:
            NotCompilableError: A field lies in no row, or the layout does not say where.
        """
        require_in_rows("sql", fields)
        here = {field: self.layout.field(field) for field in fields}
        if self.layout.subject is SubjectKind.ACCOUNT or not any(
            cell is None and field.owner is Owner.ACCOUNT for field, cell in here.items()
        ):
            return make(self, lambda field: _found(field, here[field]))
        if self.layout.account is None or self.layout.account_id is None:
            raise self.needed(None, str(fields[0]))
        account = self.layout.account()

        def cell_of(field: Field) -> Cell:
            found = here[field]
            return _found(field, account.field(field) if found is None and field.owner is Owner.ACCOUNT else found)

        inner = make(attrs.evolve(self, account=account), cell_of)
        return exists(
            select(ONE)
            .select_from(account.source)
            .where(account.id == self.layout.account_id, also(account), inner)
            .correlate_except(account.source)
        )


def flattened(node: Predicate, *, negated: bool = False) -> Predicate:
    """The same with `~` at the leaves only, and no `&` right inside `&`: SQLite's parser takes only so much nesting."""
    if isinstance(node, Not):
        return flattened(node.part, negated=not negated)
    if not isinstance(node, (All, AnyOf)):
        return Not(node) if negated else node
    kind = type(node) if not negated else AnyOf if isinstance(node, All) else All
    parts: list[Predicate] = []
    for part in node.parts:
        flat = flattened(part, negated=negated)
        parts.extend(flat.parts if isinstance(flat, kind) else (flat,))
    return kind(tuple(parts))


def also(layout: Layout) -> Bool:
    """What else each row of a layout must be."""
    return and_(true(), layout.where) if layout.where is not None else true()


def _found(field: Field, cell: Cell | None) -> Cell:
    if cell is None:
        raise NotCompilableError("sql", str(field), "the layout does not say where it lies")
    return cell
