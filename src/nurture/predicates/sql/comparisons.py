"""How each comparison operator decides, as SQL. May import SQLAlchemy.

`TESTS` has one entry per operator that SQL can express; the others are in `REFUSED` with a reason. A test is true
only where the value is there and of a fitting type, false everywhere else, and never NULL. Numbers are compared with
the borders that `match` compares them with, so that a column is not calculated with and its index is of use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias, cast

from sqlalchemy import and_, false, not_, or_, true

from nurture.errors import NotCompilableError
from nurture.predicates.comparisons import MILLION, least, quantum
from nurture.predicates.operators import FieldType
from nurture.predicates.patterns import folded, runs
from nurture.predicates.sql.speech import Bool, Expr, Speech, order, real, text, whole

if TYPE_CHECKING:
    from nurture.model import Scalar
    from nurture.predicates.sql.cells import Cell, Reading
    from nurture.predicates.tree import Compare

Given: TypeAlias = "Scalar | tuple[Scalar, ...] | None"
Test: TypeAlias = "Callable[[Cell, Given, Speech], Bool]"

LARGEST = 1e300
_MOST = 2**63
_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)
_NEITHER = "is compared with a value of another type"


def compare(node: Compare, cell: Cell, speech: Speech) -> Bool:
    """The comparison of the value in a cell with what the node gives.

    Raises:
        NotCompilableError: SQL has no such operator.
    """
    test = TESTS.get(node.op)
    if test is None:
        raise NotCompilableError("sql", f"{node.field} {node.op}", REFUSED.get(node.op, ""))
    return test(cell, cast("Given", node.value), speech)


# -- numbers, booleans, dates, instants ---------------------------------------------------------------


def whole_order(value: Expr, op: str, quantized: int) -> Bool:
    """The comparison of a whole number with a limit in millionths."""
    down, rest = divmod(quantized, MILLION)
    if rest and op in ("eq", "ne"):
        return false() if op == "eq" else true()
    limit = down + 1 if rest and op in ("lt", "ge") else down
    if not -_MOST <= limit < _MOST:  # the number has 64 bits: it lies on one side for sure
        return true() if op == "ne" or ((op in ("lt", "le")) is (limit > 0) and op != "eq") else false()
    return order(value, op, whole(limit))


def real_order(value: Expr, op: str, quantized: int) -> Bool:
    """The comparison of a float with a limit in millionths."""
    if op in ("eq", "ne"):
        same = and_(value >= real(least(quantized)), value < real(least(quantized + 1)))
        return same if op == "eq" else not_(same)
    if op in ("lt", "ge"):
        return order(value, op, real(least(quantized)))
    return order(value, "lt" if op == "le" else "ge", real(least(quantized + 1)))


def number_holds(cell: Cell, test: Callable[[Reading], Bool]) -> Bool:
    """That the cell holds a number of which the test holds."""
    return or_(false(), *[found.holds(test(found)) for found in _readings(cell, _NUMBERS)])


def number_order(reading: Reading, op: str, quantized: int) -> Bool:
    """The comparison of a number that is there with a limit in millionths."""
    compares = whole_order if reading.kind is FieldType.INTEGER else real_order
    return compares(reading.value, op, quantized)


def _readings(cell: Cell, kinds: Iterable[FieldType]) -> list[Reading]:
    return [found for kind in kinds if (found := cell.read(kind)) is not None]


def _order(op: str) -> Test:
    def test(cell: Cell, value: Given, speech: Speech) -> Bool:
        if isinstance(value, bool):
            return _on(cell, FieldType.BOOLEAN, lambda found: found.value if value is (op == "eq") else ~found.value)
        if isinstance(value, (int, float)):
            quantized = quantum(value)
            return number_holds(cell, lambda found: number_order(found, op, quantized))
        if isinstance(value, str):
            return _on(cell, FieldType.TEXT, lambda found: order(found.value, op, text(value)))
        kind = FieldType.INSTANT if isinstance(value, datetime) else FieldType.DATE
        return _on(cell, kind, lambda found: order(found.value, op, found.literal(cast("date", value))))

    return test


def _on(cell: Cell, kind: FieldType, test: Callable[[Reading], Bool]) -> Bool:
    found = cell.read(kind)
    return false() if found is None else found.holds(test(found))


def _between(cell: Cell, value: Given, speech: Speech) -> Bool:
    low, high = cast("tuple[Scalar, Scalar]", value)
    return and_(_order("ge")(cell, low, speech), _order("le")(cell, high, speech))


def _is_in(cell: Cell, value: Given, speech: Speech) -> Bool:
    given = cast("tuple[Scalar, ...]", value)
    texts = [one for one in given if isinstance(one, str)]
    tests = [_order("eq")(cell, one, speech) for one in given if not isinstance(one, (str, date))]
    if texts:
        tests.append(_on(cell, FieldType.TEXT, lambda found: found.value.in_([text(one) for one in texts])))
    instants = [one for one in given if isinstance(one, datetime)]
    days = [one for one in given if isinstance(one, date) and not isinstance(one, datetime)]
    tests += [_among_dates(cell, kind, some) for kind, some in ((FieldType.INSTANT, instants), (FieldType.DATE, days))]
    return or_(false(), *tests)


def _among_dates(cell: Cell, kind: FieldType, days: Sequence[date]) -> Bool:
    if not days:
        return false()
    return _on(cell, kind, lambda found: found.value.in_([found.literal(one) for one in days]))


def _not_in(cell: Cell, value: Given, speech: Speech) -> Bool:
    return and_(cell.known, not_(_is_in(cell, value, speech)))


# -- texts --------------------------------------------------------------------------------------------

TextTest: TypeAlias = "Callable[[Expr, Given, Speech], Bool]"


def _of_text(test: TextTest) -> Test:
    return lambda cell, value, speech: _on(cell, FieldType.TEXT, lambda found: test(found.value, value, speech))


def _of_folded(test: TextTest) -> Test:
    def made(cell: Cell, value: Given, speech: Speech) -> Bool:
        small: Given = (
            tuple(folded(cast("str", one)) for one in value) if isinstance(value, tuple) else folded(cast("str", value))
        )
        return _on(cell, FieldType.TEXT, lambda found: test(speech.folded(found.value), small, speech))

    return made


def _unless_empty(test: Callable[[Expr, str, Speech], Bool]) -> TextTest:
    """Every text holds, begins and ends with the empty one."""
    return lambda value, part, speech: test(value, cast("str", part), speech) if part else true()


def _equals(value: Expr, given: Given, speech: Speech) -> Bool:
    return value == text(cast("str", given))


def _among(value: Expr, given: Given, speech: Speech) -> Bool:
    return value.in_([text(one) for one in cast("tuple[str, ...]", given)])


def _like(value: Expr, given: Given, speech: Speech) -> Bool:
    return speech.like(value, runs(cast("str", given)))


_holds_text = _unless_empty(lambda value, part, speech: speech.contains(value, part))
_begins = _unless_empty(lambda value, part, speech: speech.starts_with(value, part))
_ends = _unless_empty(lambda value, part, speech: speech.ends_with(value, part))


def _contains(cell: Cell, value: Given, speech: Speech) -> Bool:
    several = _on(cell, FieldType.TEXTS, lambda found: speech.has_text(found.value, [cast("str", value)]))
    return or_(_of_text(_holds_text)(cell, value, speech), several)


def _has_any(cell: Cell, value: Given, speech: Speech) -> Bool:
    given = cast("tuple[str, ...]", value)
    return _on(cell, FieldType.TEXTS, lambda found: speech.has_text(found.value, given) if given else false())


def _has_all(cell: Cell, value: Given, speech: Speech) -> Bool:
    given = cast("tuple[str, ...]", value)
    return _on(
        cell, FieldType.TEXTS, lambda found: and_(true(), *[speech.has_text(found.value, [one]) for one in given])
    )


def _has_none(cell: Cell, value: Given, speech: Speech) -> Bool:
    given = cast("tuple[str, ...]", value)
    return _on(cell, FieldType.TEXTS, lambda found: not_(speech.has_text(found.value, given)) if given else true())


TESTS: Mapping[str, Test] = {
    **{op: _order(op) for op in ("eq", "ne", "lt", "le", "gt", "ge")},
    "between": _between,
    "is_in": _is_in,
    "not_in": _not_in,
    "contains": _contains,
    "starts_with": _of_text(_begins),
    "ends_with": _of_text(_ends),
    "like": _of_text(_like),
    "eq_ci": _of_folded(_equals),
    "is_in_ci": _of_folded(_among),
    "contains_ci": _of_folded(_holds_text),
    "starts_with_ci": _of_folded(_begins),
    "ends_with_ci": _of_folded(_ends),
    "like_ci": _of_folded(_like),
    "has_any": _has_any,
    "has_all": _has_all,
    "has_none": _has_none,
    "missing": lambda cell, value, speech: not_(cell.known),
}
"""The operators that SQL can express."""

REFUSED: Mapping[str, str] = {
    "matches": "databases have regular expressions of their own, which mean other things and may backtrack",
}
"""The operators that it cannot, and why."""


# -- one field with another ---------------------------------------------------------------------------


def compare_fields(node: Compare, cell: Cell, other: Cell, factor: float, speech: Speech) -> Bool:
    """The comparison of one value with another one times a factor.

    Raises:
        NotCompilableError: Both are instants or dates, and each is written in another way.
    """
    tests: list[Bool] = []
    for one in _readings(cell, _NUMBERS):
        for two in _readings(other, _NUMBERS):
            tests.append(one.holds(two.holds(_scaled_order(one, two, node.op, factor, speech))))
    if factor == 1.0:
        kinds: Sequence[FieldType] = (FieldType.INSTANT, FieldType.DATE)
        if node.op in ("eq", "ne"):
            kinds = (*kinds, FieldType.TEXT, FieldType.BOOLEAN)
        for kind in kinds:
            one_read, two_read = cell.read(kind), other.read(kind)
            if one_read is not None and two_read is not None:
                tests.append(one_read.holds(two_read.holds(_same_kind(node, one_read, two_read))))
    return or_(false(), *tests)


def _scaled_order(one: Reading, two: Reading, op: str, factor: float, speech: Speech) -> Bool:
    if factor == 1.0 and one.kind is two.kind is FieldType.INTEGER:
        return order(one.value, op, two.value)
    return order(_millionths(one, 1.0, speech), op, _millionths(two, factor, speech))


def _millionths(reading: Reading, factor: float, speech: Speech) -> Expr:
    value = speech.as_float(reading.value) if reading.kind is FieldType.INTEGER else reading.value
    scaled = value if factor == 1.0 else value * real(factor)
    return speech.floor(speech.within(scaled, LARGEST) * real(1e6) + real(0.5))


def _same_kind(node: Compare, one: Reading, two: Reading) -> Bool:
    if one.kind is FieldType.BOOLEAN:
        same = or_(and_(one.value, two.value), and_(not_(one.value), not_(two.value)))
        return same if node.op == "eq" else not_(same)
    if one.form is not two.form:
        raise NotCompilableError("sql", str(node.field), f"it is written in another way than {node.value}")
    return order(one.value, node.op, two.value)
