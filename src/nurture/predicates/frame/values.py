"""How each comparison operator reads over columns. May import the operators, patterns and comparisons.

`TESTS` has one entry per row of `operators.OPERATORS`, or a reason in `DECLINED`. The rules are those of
`nurture.predicates.comparisons`. A column has one type, so a comparison with a value of another type is known
beforehand: it is false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias, cast

import narwhals.stable.v2 as nw

from nurture.errors import NotCompilableError
from nurture.predicates.comparisons import MILLION, least, quantum
from nurture.predicates.frame.cells import MOST, NUMBERS, Cell, day_number, micros, millionths
from nurture.predicates.frame.texts import is_like, is_one_folded, with_folded
from nurture.predicates.frame.truth import Truth, all_of, any_of, at_leaf, negated
from nurture.predicates.literals import type_of
from nurture.predicates.operators import FieldType
from nurture.predicates.tree import Compare, Scaled

if TYPE_CHECKING:
    from nurture.model import Scalar

Given: TypeAlias = "Scalar | tuple[Scalar, ...] | None"
Test: TypeAlias = Callable[[Cell, Given], Truth]

_LONGEST_WHOLE = 2**63


def ordered(left: nw.Expr, op: str, right: object) -> nw.Expr:
    """The comparison of an expression with a value or with another one."""
    return {
        "eq": lambda: left == right,
        "ne": lambda: left != right,
        "lt": lambda: left < right,
        "le": lambda: left <= right,
        "gt": lambda: left > right,
        "ge": lambda: left >= right,
    }[op]()


def number_order(cell: Cell, op: str, quantized: int) -> Truth:
    """The comparison of a number with a limit in millionths; needs no arithmetic."""
    if cell.type is FieldType.INTEGER:
        return _whole_order(cell, op, quantized)
    x, low, high = cell.expr, least(quantized), least(quantized + 1)
    if op == "eq":
        return at_leaf((x >= low) & (x < high))
    if op == "ne":
        return at_leaf((x < low) & (x >= -MOST) | (x >= high) & (x <= MOST))
    if op in ("lt", "le"):
        return at_leaf((x < (low if op == "lt" else high)) & (x >= -MOST))
    return at_leaf((x >= (low if op == "ge" else high)) & (x <= MOST))  # NaN is above all numbers to some engines


def _whole_order(cell: Cell, op: str, quantized: int) -> Truth:
    down, rest = divmod(quantized, MILLION)
    if rest and op in ("eq", "ne"):
        return False if op == "eq" else cell.known
    limit = down + 1 if rest and op in ("lt", "ge") else down
    if not -_LONGEST_WHOLE <= limit < _LONGEST_WHOLE:
        is_below = limit > 0  # every whole number of 64 bits lies below the limit
        return cell.known if op == "ne" or ((op in ("lt", "le")) is is_below and op != "eq") else False
    test = at_leaf(ordered(cell.expr, op, limit))
    return all_of((cell.known, test)) if op == "ne" else test


def _compare(op: str) -> Test:
    def made(cell: Cell, value: Given) -> Truth:
        if not _fits(cell, value):
            return False
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return number_order(cell, op, quantum(value))
        test = at_leaf(ordered(cell.expr, op, stored(value)))
        return all_of((cell.known, test)) if op == "ne" else test  # pandas holds a missing number unequal to all

    return made


def stored(value: Given) -> object:
    """A value as columns hold it here."""
    if isinstance(value, datetime):
        return micros(value)
    return day_number(value) if isinstance(value, date) else value


def _fits(cell: Cell, value: Given) -> bool:
    kind = type_of(value)
    return cell.type is kind or (cell.type in NUMBERS and kind in NUMBERS)


def _is_in(cell: Cell, values: Given) -> Truth:
    given = [one for one in cast("tuple[Scalar, ...]", values) if _fits(cell, one)]
    if not given or cell.type is FieldType.TEXTS:
        return False
    if cell.type is FieldType.INTEGER:
        wholes = [quantum(cast("float", one)) for one in given]
        return _among(cell, [one // MILLION for one in wholes if one % MILLION == 0 and abs(one // MILLION) < 2**63])
    if cell.type is FieldType.NUMBER:
        wanted = {quantum(cast("float", one)) for one in given}
        marks = [float(one) for one in wanted if int(float(one)) == one]  # no float has the others
        return all_of((cell.known, at_leaf(millionths(cell.expr).is_in(marks)))) if marks else False
    return _among(cell, [stored(one) for one in given])


def _among(cell: Cell, values: list[object] | list[int]) -> Truth:
    if len(values) == 1:
        return at_leaf(cell.expr == values[0])
    return at_leaf(cell.expr.is_in(values)) if values else False


def _between(cell: Cell, values: Given) -> Truth:
    low, high = cast("tuple[Scalar, Scalar]", values)
    return all_of((_compare("ge")(cell, low), _compare("le")(cell, high)))


def _contains(cell: Cell, value: Given) -> Truth:
    if cell.type is FieldType.TEXTS:
        return _has(cell, cast("str", value))
    return _of_text(lambda text, one: text.str.contains(one, literal=True))(cell, value)


def _of_text(test: Callable[[nw.Expr, str], nw.Expr]) -> Test:
    def made(cell: Cell, value: Given) -> Truth:
        return at_leaf(test(cell.expr, cast("str", value))) if cell.type is FieldType.TEXT else False

    return made


def _if_text(test: Callable[[Cell, str], Truth]) -> Test:
    return lambda cell, value: test(cell, cast("str", value)) if cell.type is FieldType.TEXT else False


def _has(cell: Cell, value: str) -> Truth:
    return at_leaf(cell.expr.list.contains(value)) if cell.type is FieldType.TEXTS else False


def _has_each(cell: Cell, values: Given) -> list[Truth]:
    return [_has(cell, value) for value in cast("tuple[str, ...]", values)]


def _known_texts(cell: Cell) -> Truth:
    return cell.known if cell.type is FieldType.TEXTS else False


TESTS: Mapping[str, Test] = {
    "eq": _compare("eq"),
    "ne": _compare("ne"),
    "lt": _compare("lt"),
    "le": _compare("le"),
    "gt": _compare("gt"),
    "ge": _compare("ge"),
    "between": _between,
    "is_in": _is_in,
    "not_in": lambda cell, values: all_of((cell.known, negated(_is_in(cell, values)))),
    "contains": _contains,
    "starts_with": _of_text(lambda text, one: text.str.starts_with(one)),
    "ends_with": _of_text(lambda text, one: text.str.ends_with(one)),
    "like": _if_text(lambda cell, pattern: is_like(cell, pattern, fold=False)),
    "eq_ci": _if_text(lambda cell, value: is_one_folded(cell, (value,))),
    "is_in_ci": lambda cell, values: (
        is_one_folded(cell, cast("tuple[str, ...]", values)) if cell.type is FieldType.TEXT else False
    ),
    "contains_ci": _if_text(lambda cell, value: with_folded(cell, value, at_start=False, at_end=False)),
    "starts_with_ci": _if_text(lambda cell, value: with_folded(cell, value, at_start=True, at_end=False)),
    "ends_with_ci": _if_text(lambda cell, value: with_folded(cell, value, at_start=False, at_end=True)),
    "like_ci": _if_text(lambda cell, pattern: is_like(cell, pattern, fold=True)),
    "has_any": lambda cell, values: any_of(_has_each(cell, values)),
    "has_all": lambda cell, values: all_of((_known_texts(cell), *_has_each(cell, values))),
    "has_none": lambda cell, values: all_of((_known_texts(cell), negated(any_of(_has_each(cell, values))))),
    "missing": lambda cell, _: cell.missing,
}
"""How each operator reads; what it is given was checked by the node."""

DECLINED: Mapping[str, str] = {
    "matches": "engines have regular expressions of their own, which differ; use .like(...) or .contains(...)",
}
"""The operators that cannot be read over frames, and why."""


def compare(node: Compare, cell: Cell, other: Cell | None) -> Truth:
    """The comparison of a cell with a given value, or with the other cell.

    Raises:
        NotCompilableError: The operator is one of those in `DECLINED`.
    """
    if isinstance(node.value, Scaled):
        return False if other is None else _scaled(cell, node.op, other, node.value.factor)
    test = TESTS.get(node.op)
    if test is None:
        raise NotCompilableError("frame", f"{node.field} {node.op}", DECLINED[node.op])
    return test(cell, node.value)


def _scaled(cell: Cell, op: str, other: Cell, factor: float) -> Truth:
    if cell.type in NUMBERS and other.type in NUMBERS:
        if factor == 1.0 and cell.type is other.type is FieldType.INTEGER:
            return at_leaf(ordered(cell.expr, op, other.expr))
        both = (cell.known, other.known)
        x, y = _as_float(cell), (_as_float(other) * factor).clip(-MOST, MOST)
        return all_of((*both, at_leaf(ordered(millionths(x), op, millionths(y)))))
    if factor != 1.0 or cell.type is not other.type or cell.type in (None, FieldType.TEXTS):
        return False
    if cell.type in (FieldType.TEXT, FieldType.BOOLEAN) and op not in ("eq", "ne"):
        return False
    return all_of((cell.known, other.known, at_leaf(ordered(cell.expr, op, other.expr))))


def _as_float(cell: Cell) -> nw.Expr:
    """A number as a float; whole ones in two parts that need no rounding, which some engines refuse."""
    if cell.type is FieldType.NUMBER:
        return cell.expr
    high = cell.expr // 2**32
    return high.cast(nw.Float64) * 2.0**32 + (cell.expr - high * 2**32).cast(nw.Float64)
