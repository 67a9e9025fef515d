"""The clauses about facts, as sets of subjects. May import the nodes.

Every quantifier becomes a set: the subjects of which the clause holds, or, where nothing at all satisfies it, those
of which it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from nurture.predicates.comparisons import ORDERS, quantum
from nurture.predicates.frame.amounts import Amounts
from nurture.predicates.frame.cells import NUMBERS, Cell, length_in_micros, micros
from nurture.predicates.frame.dates import by_zone
from nurture.predicates.frame.facts import AT, SAYS, VALUE, Facts, Order, Span, extreme, passing, per_key, span_of
from nurture.predicates.frame.reader import KEY, Members
from nurture.predicates.frame.tables import OURS
from nurture.predicates.frame.truth import Truth, all_of, any_of
from nurture.predicates.frame.values import number_order, ordered
from nurture.predicates.operators import FieldType
from nurture.predicates.touches import AMOUNTS, MAX_AMOUNT, Quantifier, Touched

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.predicates.frame.reader import Reader
    from nurture.predicates.frame.tables import Frame

Bounds = tuple[int, int]
_OPPOSITE: Mapping[str, str] = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "le": "gt", "gt": "le"}


def touched(node: Touched, reader: Reader) -> Truth | Members:
    """The clause as a set; as an expression, when its period begins elsewhere for subjects in other zones."""
    if node.period is None:
        return _members(node, reader, None)
    period, now, calendar = node.period, reader.now, reader.names.calendar

    def bounds(zone: ZoneInfo) -> Bounds:
        opens, closes = period.bounds(now, zone, calendar)
        return micros(opens), micros(closes)

    groups = by_zone(reader, period.zone, bounds)
    if len(groups) == 1:
        return _members(node, reader, groups[0][1])
    parts: list[Truth] = []
    for condition, one in groups:
        found = _members(node, reader, one)
        parts.append(all_of((condition, reader.flag(found) if isinstance(found, Members) else found)))
    return any_of(parts)


def _members(node: Touched, reader: Reader, bounds: Bounds | None) -> Truth | Members:
    return QUANTIFIERS[node.quantifier](node, reader, bounds)


def _counted(frame: Callable[[], Frame], op: str, n: float) -> Truth | Members:
    """Who has so many rows; rows are counted by `KEY`."""
    if (op, n) == ("ge", 0):
        return True
    if (op, n) == ("lt", 0):
        return False
    but = ORDERS[op](0, n)  # those without a row are among them: then the others are looked for
    if but:
        op = _OPPOSITE[op]
    if (op, n) in (("ge", 1), ("gt", 0), ("ne", 0)):
        return Members(frame().select(KEY), once=False, but=but)
    counts = frame().group_by(KEY).agg(nw.len().alias(_COUNT)).filter(ordered(nw.col(_COUNT), op, n))
    return Members(counts.select(KEY), once=True, but=but)


_COUNT = f"{OURS}count"


def counted(frame: Frame, op: str, n: float) -> Truth | Members:
    """Who has so many rows of a frame, counted by `KEY`."""
    return _counted(lambda: frame, op, n)


def _count(node: Touched, reader: Reader, bounds: Bounds | None) -> Truth | Members:
    return _counted(lambda: Facts(reader, node, bounds).selected(span=span_of(node, reader.micros)), node.op, node.n)


def _distinct(node: Touched, reader: Reader, bounds: Bounds | None) -> Truth | Members:
    def frame() -> Frame:
        chosen, cell = _with_value(node, reader, bounds)
        known = cell.known
        if isinstance(known, bool):
            return chosen.head(0)
        key = per_key(cell, f"touches({node.kind or ''}).distinct")
        return chosen.filter(known).select(KEY, key.alias(VALUE)).unique()

    return _counted(frame, node.op, node.n)


def _with_value(node: Touched, reader: Reader, bounds: Bounds | None) -> tuple[Frame, Cell]:
    """The selected facts with the property that is asked about, and that property there."""
    assert node.of is not None  # noqa: S101  # the node checks it
    cell = reader.prop(node.of)
    chosen = Facts(reader, node, bounds).selected(span=span_of(node, reader.micros), of=node.of)
    return chosen, cell.under(VALUE)


def _total(node: Touched, reader: Reader, bounds: Bounds | None) -> Truth | Members:
    """Sums, averages, extremes."""
    assert node.of is not None  # noqa: S101  # the node checks it
    quantized = quantum(node.n)
    is_sum = node.quantifier is Quantifier.SUM
    but = is_sum and ORDERS[node.op](0, quantized)  # the sum of nothing is zero
    op = _OPPOSITE[node.op] if but else node.op
    if reader.prop(node.of).type not in NUMBERS:
        return but  # no amounts at all
    chosen, cell = _with_value(node, reader, bounds)
    taken = chosen.filter(_taken(cell))
    if node.quantifier in (Quantifier.MIN, Quantifier.MAX):
        edge = nw.col(VALUE).min() if node.quantifier is Quantifier.MIN else nw.col(VALUE).max()
        holds = number_order(cell, op, quantized)
        found = taken.group_by(KEY).agg(edge)
        return Members(passing(found, holds).select(KEY), once=True)
    amounts = Amounts(taken, KEY, VALUE, whole=cell.type is FieldType.INTEGER)
    return Members(amounts.compared(op, quantized, each=not is_sum).select(KEY), once=True, but=but)


def _taken(cell: Cell) -> nw.Expr:
    if cell.type is FieldType.INTEGER:
        return cell.expr.is_between(-int(MAX_AMOUNT), int(MAX_AMOUNT)).fill_null(False)
    return cell.expr.is_between(-MAX_AMOUNT, MAX_AMOUNT).fill_null(False)


def _trend(node: Touched, reader: Reader, bounds: Bounds | None) -> Truth | Members:
    assert node.window is not None  # noqa: S101  # the node checks it
    length, now = length_in_micros(node.window), reader.micros
    but = ORDERS[node.op](0, 0)
    op = _OPPOSITE[node.op] if but else node.op
    both = Facts(reader, node, bounds).selected(span=Span(now - 2 * length, now), ats=True)
    is_new = nw.col(AT) > now - length
    split = both.select(
        KEY,
        nw.when(is_new).then(nw.lit(1)).otherwise(nw.lit(0)).alias(_NEW),
        nw.when(is_new).then(nw.lit(0)).otherwise(nw.lit(1)).alias(_OLD),
    )
    sums = split.group_by(KEY).agg(nw.col(_NEW).sum(), nw.col(_OLD).sum())
    left, right = nw.col(_NEW).cast(nw.Int64) * 1_000_000, nw.col(_OLD).cast(nw.Int64) * quantum(node.n)
    return Members(sums.filter(ordered(left, op, right)).select(KEY), once=True, but=but)


_NEW, _OLD = f"{OURS}new", f"{OURS}old"


def _single(node: Touched, reader: Reader, bounds: Bounds | None) -> Truth | Members:
    """What the first or the last fact is like."""
    assert node.single_where is not None  # noqa: S101  # the node checks it
    facts = Facts(reader, node, bounds)
    facts.keep(SAYS, facts.on_fact(node.single_where))
    chosen = facts.selected(span=span_of(node, reader.micros), ids=True, ats=True)
    order: Order = ("max", "max") if node.quantifier is Quantifier.LAST else ("min", "min")
    return Members(extreme(chosen, [KEY], order).filter(nw.col(SAYS)).select(KEY), once=False)


def _since(node: Touched, reader: Reader, bounds: Bounds | None) -> Truth | Members:
    """How long ago the first or the last fact was."""
    assert node.length is not None  # noqa: S101  # the node checks it
    chosen = Facts(reader, node, bounds).selected(span=span_of(node, reader.micros), ats=True)
    edge = nw.col(AT).max() if node.quantifier is Quantifier.SINCE_LAST else nw.col(AT).min()
    mirrored = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}[node.op]  # long ago is a small instant
    found = chosen.group_by(KEY).agg(edge)
    holds = ordered(nw.col(AT), mirrored, reader.micros - length_in_micros(node.length))
    return Members(found.filter(holds).select(KEY), once=True)


QUANTIFIERS: Mapping[Quantifier, Callable[[Touched, Reader, Bounds | None], Truth | Members]] = {
    Quantifier.COUNT: _count,
    Quantifier.DISTINCT: _distinct,
    **dict.fromkeys(AMOUNTS, _total),
    Quantifier.TREND: _trend,
    Quantifier.FIRST: _single,
    Quantifier.LAST: _single,
    Quantifier.SINCE_FIRST: _since,
    Quantifier.SINCE_LAST: _since,
}
"""How each quantifier reads."""
