"""Which facts a clause selects, as rows of the frame of touchpoints. May import the tables.

Facts are narrowed first, by kind and window, to the columns that are needed; ids and instants get names of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs
import narwhals.stable.v2 as nw

from nurture.errors import DefinitionError, NotCompilableError
from nurture.model import Origin
from nurture.predicates.frame.cells import Cell, length_in_micros, millionths
from nurture.predicates.frame.reader import KEY, alike, planned
from nurture.predicates.frame.tables import OURS, Table, subject_column
from nurture.predicates.frame.truth import Truth, all_of, any_of, at_leaf, negated
from nurture.predicates.frame.values import compare
from nurture.predicates.operators import FieldType
from nurture.predicates.rows import require_in_rows
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Not, Owner, Predicate, Scaled

if TYPE_CHECKING:
    from nurture.predicates.frame.reader import Reader
    from nurture.predicates.frame.tables import Frame
    from nurture.predicates.touches import Touched

AT = f"{OURS}at"
"""When a fact happened, in epoch microseconds."""
ID = f"{OURS}id"
"""The id of a fact."""
SAYS = f"{OURS}says"
"""What was kept about a fact with `Facts.keep`."""
VALUE = f"{OURS}value"
"""The property that is counted or summed."""


@attrs.frozen(slots=True)
class Span:
    """From after which instant until when facts are seen, or from which instant until before which."""

    after: int | None
    until: int


def span_of(node: Touched, now: int) -> Span:
    """The elapsed window of a clause, in microseconds; nothing that has not happened yet is seen."""
    until = now if node.older is None else now - length_in_micros(node.older)
    return Span(None if node.window is None else now - length_in_micros(node.window), until)


class Facts:
    """The facts that a clause is about, of one kind of subject.

    Args:
        reader: Who asks.
        node: The clause.
        bounds: The instants between which facts lie, half-open, when the clause names a period.
    """

    def __init__(self, reader: Reader, node: Touched, bounds: tuple[int, int] | None = None) -> None:
        self._reader = reader
        self._node = node
        self._bounds = bounds
        self._where = f"touches({node.kind or ''})"
        self._facts: Table = reader.tables.of("touchpoints", self._where)
        self._columns: dict[str, nw.Expr] = {}
        self._needed: set[str] = set()

    def selected(self, *, span: Span, ids: bool = False, ats: bool = False, of: str | None = None) -> Frame:
        """The facts that the clause selects, with `KEY` and what else is asked for: `ID`, `AT`, `VALUE`."""
        node, facts = self._node, self._facts
        subject = subject_column(facts, self._reader.subject, self._where)
        key, source = self._reader.key_of(facts, subject)
        self._take(KEY, key, (source,))
        at = self._cell("at", FieldType.INSTANT)
        newest_first = node.per is not None
        if ats or newest_first:
            self._take(AT, at.expr, at.columns)
        if ids or newest_first:
            self._take_id()
        if of is not None:
            cell = self._reader.prop(of)
            self._take(VALUE, cell.expr, cell.columns)
        plain = self._plain_tests(at)
        window = self._window_tests(at, span)
        having = [] if node.having is None else [self.on_fact(node.having)]
        if node.per is None:
            return self._narrowed([*plain, *window, *having], [])
        per = self._reader.prop(node.per)
        self._take(f"{OURS}per", per_key(per, self._where), per.columns)
        seen = self._narrowed([*plain, at_leaf(at.expr <= self._reader.micros), per.known], [*window, *having])
        return seen

    def condition(self) -> Truth:
        """Which facts of the frame the clause is about, the window aside; over the columns of the frame itself."""
        having = [] if self._node.having is None else [self.on_fact(self._node.having)]
        return all_of([*self._plain_tests(self._cell("at", FieldType.INSTANT)), *having])

    @property
    def needed(self) -> frozenset[str]:
        """The columns of the frame that were asked for."""
        return frozenset(self._needed)

    def on_fact(self, node: Predicate) -> Truth:
        """A condition on the properties of a fact."""
        if isinstance(node, Not):
            return negated(self.on_fact(node.part))
        if isinstance(node, All):
            return all_of(self.on_fact(part) for part in node.parts)
        if isinstance(node, AnyOf):
            return any_of(self.on_fact(part) for part in node.parts)
        if isinstance(node, Everyone):
            return True
        require_in_rows("frame", node.fields)
        if not isinstance(node, Compare) or node.field.owner is not Owner.PROP:
            raise DefinitionError(f"{self._where}: only comparisons of q.prop(...) and & | ~ of them")
        other = self._property(node.value.field.name) if isinstance(node.value, Scaled) else None
        return compare(node, self._property(node.field.name), other)

    def keep(self, alias: str, what: Truth, *columns: str) -> None:
        """Keep something about each fact as a column of the selected facts, read from some columns of the frame."""
        self._columns[alias] = nw.lit(what) if isinstance(what, bool) else what
        self._needed.update(columns)

    # -- parts ------------------------------------------------------------------------------------

    def _property(self, name: str) -> Cell:
        cell = self._reader.prop(name)
        self._needed.update(cell.columns)
        return cell

    def _take(self, alias: str, expr: nw.Expr, columns: tuple[str, ...]) -> None:
        self._columns[alias] = expr
        self._needed.update(columns)

    def _cell(self, name: str, declared: FieldType) -> Cell:
        asked = f"touchpoint.{name}"
        cell = self._facts.cell(self._facts.need(name, asked=asked), declared, asked=asked)
        self._needed.update(cell.columns)
        return cell

    def _take_id(self) -> None:
        facts = self._facts
        column = facts.find("id")
        if column is not None:
            key = facts.key(column)
            self._take(ID, key, (facts.key_source(column),))
            return
        if not facts.in_memory:
            facts.need("id", asked=f"{self._where}: which of several facts at one instant is newer")
        alias = f"{OURS}row_of_fact"
        if alias not in facts.frame.columns:
            facts.add_row_numbers(alias)  # of facts without ids, the one that stands later is newer
        self._take(ID, nw.col(alias).cast(nw.Int64), (alias,))

    def _plain_tests(self, at: Cell) -> list[Truth]:
        """Subject, kind, origin, suspicion, channel, campaign."""
        node, facts = self._node, self._facts
        tests: list[Truth] = [at.known if at.type is None else True]
        if node.kind is not None:
            tests.append(self._of_kind(node))
        if node.seen_origin is not None:
            tests.append(self._of_origin(node.seen_origin))
        if not node.suspect and (column := facts.find("suspect")) is not None:
            suspect = facts.cell(column, FieldType.BOOLEAN, asked="touchpoint.suspect")
            self._needed.update(suspect.columns)
            tests.append(True if suspect.type is None else negated(at_leaf(suspect.expr == True)))  # noqa: E712
        for name, value in (("channel", node.channel), ("campaign", node.campaign)):
            if value is not None:
                cell = self._cell(name, FieldType.TEXT)
                tests.append(False if cell.type is None else at_leaf(cell.expr == value))
        return tests

    def _of_kind(self, node: Touched) -> Truth:
        facts = self._facts
        column = facts.need("kind", asked="touchpoint.kind")
        self._needed.add(column)
        prefix, dtype = node.prefix, facts.schema[column]
        if prefix is None and isinstance(dtype, nw.Categorical):
            return at_leaf(nw.col(column) == node.kind)  # engines compare the codes
        if prefix is None and isinstance(dtype, nw.Enum):
            return at_leaf(nw.col(column) == node.kind) if node.kind in dtype.categories else False
        cell = self._cell("kind", FieldType.TEXT)
        if cell.type is None:
            return False
        return at_leaf(cell.expr == node.kind if prefix is None else cell.expr.str.starts_with(prefix))

    def _of_origin(self, origin: Origin) -> Truth:
        column = self._facts.find("origin")
        if column is None:
            return origin is Origin.LEAD  # who keeps no origins keeps what people did
        cell = self._cell("origin", FieldType.TEXT)
        lead = origin is Origin.LEAD
        if cell.type is None:
            return lead
        found = at_leaf(cell.expr == origin.value)
        return any_of((found, cell.missing)) if lead else found

    def _window_tests(self, at: Cell, span: Span) -> list[Truth]:
        tests: list[Truth] = [at_leaf(at.expr <= span.until)]
        if span.after is not None:
            tests.append(at_leaf(at.expr > span.after))
        if self._bounds is not None:
            opens, closes = self._bounds
            tests += [at_leaf(at.expr >= opens), at_leaf(at.expr < closes)] if opens < closes else [False]
        return tests

    def _narrowed(self, tests: list[Truth], later: list[Truth]) -> Frame:
        """The facts that pass, as the columns that were taken; of those that share a value the newest, if asked."""
        first, second = all_of(tests), all_of(later)
        frame = planned(self._facts.frame)
        if isinstance(frame, nw.DataFrame):
            frame = frame.select(*sorted(self._needed))
        columns = [expr.alias(alias) for alias, expr in self._columns.items()]
        if self._node.per is not None:
            kept = nw.lit(second) if isinstance(second, bool) else second
            columns.append(kept.alias(f"{OURS}kept"))
        chosen = passing(frame, first).select(*columns).filter(~nw.col(KEY).is_null())
        if self._node.per is None:
            return chosen
        return extreme(chosen, [KEY, f"{OURS}per"], NEWEST).filter(nw.col(f"{OURS}kept"))


def per_key(cell: Cell, where: str) -> nw.Expr:
    """A value such that equal ones, as predicates see them, are equal.

    Raises:
        NotCompilableError: It is a list.
    """
    if cell.type is FieldType.TEXTS:
        raise NotCompilableError("frame", where, "the property holds lists, which engines do not tell apart")
    return millionths(cell.expr) if cell.type is FieldType.NUMBER else cell.expr


def passing(frame: Frame, truth: Truth) -> Frame:
    """The rows of which it is true."""
    if isinstance(truth, bool):
        return frame if truth else frame.head(0)
    return frame.filter(truth)


Order: TypeAlias = 'tuple[Literal["max", "min"], Literal["max", "min"]]'
"""Which instant comes first, and which of the ids at that instant."""
NEWEST: Order = ("max", "max")


def extreme(facts: Frame, keys: list[str], order: Order) -> Frame:
    """Of the facts that share keys one, by `AT` and then by `ID`."""
    for column, which in zip((AT, ID), order, strict=True):
        edge = nw.col(column).max() if which == "max" else nw.col(column).min()
        facts = _at_the_edge(facts, facts.group_by(keys).agg(edge), [*keys, column])
    return facts


def _at_the_edge(facts: Frame, edges: Frame, on: list[str]) -> Frame:
    return alike(facts, edges, lambda left, right: left.join(right, on=on, how="semi"))
