"""What is asked about the facts of a clause, as SQL. May import SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, not_, true

from nurture.errors import NotCompilableError
from nurture.predicates.comparisons import MILLION, quantum
from nurture.predicates.operators import FieldType
from nurture.predicates.sql.comparisons import number_holds, number_order
from nurture.predicates.sql.dates import earlier
from nurture.predicates.sql.on_fact import on_fact
from nurture.predicates.sql.speech import ONE, Bool, Expr, order, real, whole
from nurture.predicates.sql.touches import Clause
from nurture.predicates.touches import MAX_AMOUNT, Quantifier, Touched

if TYPE_CHECKING:
    from datetime import timedelta

    from nurture.predicates.sql.asking import Asking
    from nurture.predicates.sql.cells import Cell, Reading
    from nurture.predicates.sql.layout import FactRow

_PAST = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


def touched(asking: Asking, node: Touched) -> Bool:
    """A clause about facts."""
    return QUANTIFIERS[node.quantifier](Clause(asking=asking, node=node))


def compare_number(op: str, n: int, at_least: Callable[[int], Bool]) -> Bool:
    """The comparison of a number of rows, given the condition that there are at least so many."""
    if op in ("lt", "le", "ne"):
        return not_(compare_number({"lt": "ge", "le": "gt", "ne": "eq"}[op], n, at_least))
    if op == "gt":
        op, n = "ge", n + 1
    enough = true() if n == 0 else at_least(n)
    return enough if op == "ge" else and_(enough, not_(at_least(n + 1)))


def _count(clause: Clause) -> Bool:
    return compare_number(clause.node.op, int(clause.node.n), clause.some)


def _single(clause: Clause) -> Bool:
    condition = clause.node.single_where
    assert condition is not None  # noqa: S101  # the node checks it
    speech = clause.asking.layout.speech
    return clause.single(lambda row: on_fact(condition, row, speech), newest=clause.node.quantifier is Quantifier.LAST)


def _since(clause: Clause) -> Bool:
    """How long ago the first or the last fact was: whether there are facts on this side of an instant."""
    node = clause.node
    length: timedelta | None = node.length
    assert length is not None  # noqa: S101  # the node checks it
    goal, op = earlier(clause.asking.now, length), node.op

    def some(side: str) -> Bool:
        return clause.some(extra=lambda row: [order(row.at.value, side, row.at.literal(goal))])

    if (op in ("lt", "le")) is (node.quantifier is Quantifier.SINCE_LAST):
        return some(_PAST[op])
    opposite = {"lt": "le", "le": "lt", "gt": "ge", "ge": "gt"}[op]
    return and_(clause.some(), not_(some(opposite)))


def _trend(clause: Clause) -> Bool:
    node = clause.node
    window = node.window
    assert window is not None  # noqa: S101  # the node checks it
    since, goal = earlier(clause.asking.now, window), quantum(node.n)

    def holds(row: FactRow) -> Bool:
        late = row.at.value > row.at.literal(since)
        now = func.count(case((late, ONE)))
        before = func.count(case((not_(late), ONE)))
        return order(now * whole(MILLION), node.op, before * whole(goal))

    return clause.whole(holds, of_none=node.op in ("eq", "le", "ge"))


def _distinct(clause: Clause) -> Bool:
    node = clause.node

    def holds(row: FactRow) -> Bool:
        return order(func.count(row.prop(node.of or "").key().distinct()), node.op, whole(int(node.n)))

    of_none = {"eq": node.n == 0, "ne": node.n != 0, "lt": node.n > 0, "le": True, "gt": False, "ge": node.n <= 0}
    return clause.whole(holds, of_none=of_none[node.op])


def _amounts(cell: Cell) -> list[tuple[Bool, Expr, bool]]:
    """Where numbers may be that are not too large to be summed."""
    found: list[tuple[Bool, Expr, bool]] = []
    for kind in (FieldType.INTEGER, FieldType.NUMBER):
        reading = cell.read(kind)
        if reading is not None:
            found.append((reading.holds(_summable(reading)), reading.value, kind is FieldType.INTEGER))
    return found


def _summable(reading: Reading) -> Bool:
    if reading.kind is FieldType.INTEGER:
        return and_(reading.value >= whole(-int(MAX_AMOUNT)), reading.value <= whole(int(MAX_AMOUNT)))
    return and_(reading.value >= real(-MAX_AMOUNT), reading.value <= real(MAX_AMOUNT))


def _sum(clause: Clause) -> Bool:
    node, goal = clause.node, quantum(clause.node.n)
    mean = node.quantifier is Quantifier.AVERAGE
    speech = clause.asking.layout.speech

    def holds(row: FactRow) -> Bool:
        values = _amounts(row.prop(node.of or ""))
        if not values:
            raise NotCompilableError("sql", f"{node.quantifier}({node.of!r})", "the property holds no numbers")
        return speech.sum_holds(values, node.op, goal, mean=mean)

    zero = {"eq": goal == 0, "ne": goal != 0, "lt": goal > 0, "le": goal >= 0, "gt": goal < 0, "ge": goal <= 0}
    return clause.whole(holds, of_none=not mean and zero[node.op])


def _extreme(clause: Clause) -> Bool:
    """The least or the greatest amount: it is enough to know whether there are amounts on each side of the goal."""
    node, goal = clause.node, quantum(clause.node.n)
    greatest = node.quantifier is Quantifier.MAX

    def some(op: str | None) -> Bool:
        def extra(row: FactRow) -> list[Bool]:
            def test(found: Reading) -> Bool:
                inside = _summable(found)
                return inside if op is None else and_(inside, number_order(found, op, goal))

            return [number_holds(row.prop(node.of or ""), test)]

        return clause.some(extra=extra)

    if node.op in ("eq", "ne"):
        same = and_(some("eq"), not_(some("gt" if greatest else "lt")))
        return same if node.op == "eq" else and_(some(None), not_(same))
    if (node.op in ("gt", "ge")) is greatest:
        return some(node.op)
    return and_(some(None), not_(some({"lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}[node.op])))


QUANTIFIERS: Mapping[Quantifier, Callable[[Clause], Bool]] = {
    Quantifier.COUNT: _count,
    Quantifier.DISTINCT: _distinct,
    Quantifier.SUM: _sum,
    Quantifier.MIN: _extreme,
    Quantifier.MAX: _extreme,
    Quantifier.AVERAGE: _sum,
    Quantifier.TREND: _trend,
    Quantifier.FIRST: _single,
    Quantifier.LAST: _single,
    Quantifier.SINCE_FIRST: _since,
    Quantifier.SINCE_LAST: _since,
}
"""How what is asked about facts reads."""
