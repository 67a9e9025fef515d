"""Finding members in the database: predicates as statements, as far as SQL has words for them.

What a predicate asks is compiled by `nurture.predicates.sql`, over the layout that `segments` describes; what SQL
cannot say is left to the caller. May import SQLAlchemy and what the other modules of this room import.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs
from sqlalchemy import BigInteger, Boolean, and_, bindparam, case, func, literal, not_, or_, select, true

from nurture.errors import NotCompilableError
from nurture.predicates import Everyone, Field, FieldType, Predicate
from nurture.predicates.comparisons import quantum
from nurture.predicates.sql import Layout, compile_sql, split
from nurture.predicates.sql.speech import Bool, Expr, Speech, real, text, whole
from nurture.storage.sql.segments import store_layout
from nurture.storage.sql.statements import Prepared

if TYPE_CHECKING:
    from sqlalchemy import CTE, Select
    from sqlalchemy.engine import Dialect as Grammar
    from sqlalchemy.sql.elements import ClauseElement

    from nurture.model import Scalar
    from nurture.model.decay import Scale
    from nurture.ports import Place, Search
    from nurture.predicates import Order
    from nurture.predicates.sql.cells import Cell, Reading

_KEPT: Final = 64
"""So many questions are remembered; each page of an answer asks the same one."""
_Key: TypeAlias = tuple[str, "Search"]


@attrs.frozen(slots=True, eq=False)
class Plan:
    """How a question is asked of this database.

    Attributes:
        find: The next ids after an id.
        tally: How many there are.
        rest: What is left to the caller; None when nothing is.
    """

    find: Prepared
    tally: Prepared
    rest: Predicate | None


class Searches:
    """The questions of engines that speak alike, compiled when they are first asked. Safe to share between threads."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._lock = Lock()
        self._plans: OrderedDict[_Key, Plan] = OrderedDict()

    def plan(self, tenant: str, search: Search) -> Plan:
        """How the question is asked."""
        key = (tenant, search)
        with self._lock:
            if key in self._plans:
                self._plans.move_to_end(key)
                return self._plans[key]
        made = self._planned(tenant, search)
        with self._lock:
            self._plans[key] = made
            while len(self._plans) > _KEPT:
                self._plans.popitem(last=False)
        return made

    def best(self, tenant: str, search: Search, order: Order, after: Place | None) -> Prepared | None:
        """The first ids in an order; None when SQL has no words for the question or for the order."""
        if self.plan(tenant, search).rest is not None:
            return None
        layout = self._layout(tenant, search)
        try:
            known, value = _value(order, layout, search)
        except NotCompilableError:
            return None
        valued = (
            select(layout.id.label("id"), known.label("known"), value.label("value"))
            .select_from(layout.source)
            .where(self._condition(layout, search, search.where))
            .cte("valued")
            .prefix_with("MATERIALIZED")  # the value is dear, and is looked at several times
        )
        rank = _rank(order, layout.speech, search, valued.c.value)
        chosen = select(valued.c.id)
        if after is not None:
            chosen = chosen.where(_later(order, layout, valued, rank, after))
        ranked = chosen.order_by(
            case((valued.c.known, 0), else_=1), rank.desc() if order.descending else rank, valued.c.id
        )
        return self._prepared(ranked.limit(_limit()))

    def _planned(self, tenant: str, search: Search) -> Plan:
        layout = self._layout(tenant, search)
        mine, rest = split(search.where, layout, search.names)
        chosen = self._chosen(layout, search, mine)
        after: Bool = layout.id > bindparam("after")
        return Plan(
            self._prepared(chosen.where(after).order_by(layout.id).limit(_limit())),
            self._prepared(select(func.count()).select_from(chosen.subquery())),
            None if isinstance(rest, Everyone) else rest,
        )

    def _layout(self, tenant: str, search: Search) -> Layout:
        return store_layout(self._grammar.name, tenant, search.names.subject)

    def _chosen(self, layout: Layout, search: Search, where: Predicate) -> Select[tuple[str]]:
        return select(layout.id).select_from(layout.source).where(self._condition(layout, search, where))

    def _condition(self, layout: Layout, search: Search, where: Predicate) -> Bool:
        condition = compile_sql(where, layout, search.names, search.now)
        return condition if layout.where is None else and_(layout.where, condition)

    def _prepared(self, statement: ClauseElement) -> Prepared:
        return Prepared(statement, self._grammar)


def _limit() -> Expr:
    return bindparam("limit", type_=BigInteger)


# --- orders --------------------------------------------------------------------------------------------------------


def _value(order: Order, layout: Layout, search: Search) -> tuple[Bool, Expr]:
    """Whether there is a value to order by, and the value.

    Raises:
        NotCompilableError: It does not lie with the subject.
    """
    speech = layout.speech
    if not isinstance(order.by, Field):
        if layout.score is None:
            raise NotCompilableError("sql", f"score {order.by}")
        return true(), layout.score(order.by, search.names.scales[order.by], search.now)
    cell = layout.field(order.by)
    if cell is None:
        raise NotCompilableError("sql", str(order.by), "it lies with the account")
    declared = search.names.fields_of(order.by.owner)[order.by.name]
    found = _reading(cell, declared)
    ways = [(found.there, found.value)]
    if declared is FieldType.NUMBER and (also := cell.read(FieldType.INTEGER)) is not None:
        ways.append((also.there, speech.as_float(also.value)))  # it was declared to be whole when it was written
    return or_(*[there for there, _ in ways]), case(*ways)


def _rank(order: Order, speech: Speech, search: Search, value: Expr) -> Expr:
    """By what a value is compared with others: scores within their bounds, numbers by their millionths."""
    if not isinstance(order.by, Field):
        scale = search.names.scales[order.by]
        return _millionths(speech, _bounded(value, scale))
    declared = search.names.fields_of(order.by.owner)[order.by.name]
    if declared is FieldType.NUMBER:
        return _millionths(speech, value)
    is_text = declared in (FieldType.TEXT, FieldType.DATE, FieldType.INSTANT)
    return speech.bytewise(value) if is_text else value


def _reading(cell: Cell, declared: FieldType) -> Reading:
    found = cell.read(declared)
    if found is None:
        raise NotCompilableError("sql", f"an order by {declared}")
    return found


def _later(order: Order, layout: Layout, valued: CTE, rank: Expr, after: Place) -> Bool:
    """That a row comes after a place."""
    known, follows = valued.c.known, valued.c.id > text(after.subject)
    if after.value is None:
        return and_(not_(known), follows)
    place = _written(order, layout, after.value)
    beyond = rank < place if order.descending else rank > place
    return or_(not_(known), and_(known, or_(beyond, and_(rank == place, follows))))


def _written(order: Order, layout: Layout, value: Scalar) -> Expr:
    """A value as `_rank` ranks it."""
    if isinstance(value, bool):
        return literal(value, Boolean())
    if isinstance(value, float):
        return real(float(quantum(value)))
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, str):
        return text(value)
    cell = layout.field(cast("Field", order.by))
    kind = FieldType.INSTANT if isinstance(value, datetime) else FieldType.DATE
    if cell is None:
        raise NotCompilableError("sql", str(order.by))
    return _reading(cell, kind).literal(value)


def _bounded(value: Expr, scale: Scale) -> Expr:
    """A score within its floor and ceiling."""
    ways: list[tuple[Bool, Expr]] = []
    if scale.floor is not None:
        ways.append((value < real(scale.floor), real(scale.floor)))
    if scale.ceiling is not None:
        ways.append((value > real(scale.ceiling), real(scale.ceiling)))
    return case(*ways, else_=value) if ways else value


def _millionths(speech: Speech, value: Expr) -> Expr:
    return speech.floor(value * real(1e6) + real(0.5))
