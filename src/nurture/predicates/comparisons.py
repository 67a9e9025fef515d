"""How each comparison operator decides. May import the tree and `answering.source`.

`TESTS` has one entry per row of `operators.OPERATORS`: a function that writes the test as a Python
expression. It is given the expression that reads the value, the literal, and the source to bind
constants in; `v` is a local name that a test may assign. A field that is compared with another field
is decided by `compares_fields`. `value_test` writes a whole tree of comparisons. The rules every test keeps:

- a missing value (`None`) and a value of another type make the test false;
- `True` is not `1`; text is compared exactly, letter case included; `""` is a value, not a missing one;
- numbers are compared as `floor(x * 10**6 + 0.5)`, which engines agree on; whole numbers exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from math import floor, inf, nextafter
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias, cast

from nurture.errors import DefinitionError
from nurture.model import Scalar, Value
from nurture.predicates.answering.source import Source
from nurture.predicates.patterns import compile_like, compile_regex, folded
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Field, Not, Predicate, Scaled

Literal: TypeAlias = Scalar | tuple[Scalar, ...] | None
Test: TypeAlias = Callable[[str, Literal, Source], str]

MILLION = 1_000_000
ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge}
"""The six comparisons that order, by name."""
_SYMBOLS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_LARGEST = 1e300  # no number of the library is larger; products are kept within it, so that none is infinite


def quantum(number: float) -> int:
    """The number as predicates compare it: in millionths, halves rounded up.

    Example:
        >>> quantum(0.1 + 0.2) == quantum(0.3)
        True
    """
    return number * MILLION if isinstance(number, int) else floor(number * 1e6 + 0.5)


def least(quantized: int) -> float:
    """The smallest float that compares as at least so many millionths, so that reading needs no arithmetic.

    `x * 1e6 + 0.5` never falls as x rises, rounding included, so there is exactly one such border.
    """
    x = (quantized - 0.5) / 1e6
    while x * 1e6 + 0.5 >= quantized:
        x = nextafter(x, -inf)
    while x * 1e6 + 0.5 < quantized:
        x = nextafter(x, inf)
    return x


def order_test(read: str, op: str, quantized: int, source: Source) -> str:
    """The comparison of a float that `read` gives with a limit in millionths."""
    low, high = source.bind(least(quantized)), source.bind(least(quantized + 1))
    return {
        "eq": f"{low} <= {read} < {high}",
        "ne": f"not {low} <= {read} < {high}",
        "lt": f"{read} < {low}",
        "le": f"{read} < {high}",
        "gt": f"{read} >= {high}",
        "ge": f"{read} >= {low}",
    }[op]


def _whole_test(op: str, quantized: int, source: Source) -> str:
    """The comparison of the whole number `v` with a limit in millionths, with no arithmetic left to do."""
    down, rest = divmod(quantized, MILLION)
    up = down + 1 if rest else down
    if rest and op in ("eq", "ne"):
        return "False" if op == "eq" else "True"
    return f"v {_SYMBOLS[op]} {source.bind(up if op in ('lt', 'ge') else down)}"


def _number_test(op: str, read: str, value: float, source: Source) -> str:
    quantized = quantum(value)
    whole = _whole_test(op, quantized, source)
    scaled = order_test("v", op, quantized, source)
    return f"((v := {read}).__class__ is int and {whole} or v.__class__ is float and {scaled})"


def _compare(op: str) -> Test:
    symbol = _SYMBOLS[op]

    def test(read: str, value: Literal, source: Source) -> str:
        if isinstance(value, bool):
            return f"{read} is {value}" if op == "eq" else f"((v := {read}).__class__ is bool and v is not {value})"
        if isinstance(value, (int, float)):
            return _number_test(op, read, value, source)
        limit = source.bind(value)
        if op == "eq":
            return f"{read} == {limit}"  # text equals text only, instants equal instants only, and so on
        if isinstance(value, datetime):
            return f"(isinstance(v := {read}, {source.bind(datetime)}) and v {symbol} {limit})"
        return f"((v := {read}).__class__ is {source.bind(type(value))} and v {symbol} {limit})"

    return test


def _is_in(read: str, values: Literal, source: Source) -> str:
    given = cast("tuple[Scalar, ...]", values)
    numbers = frozenset(quantum(one) for one in given if isinstance(one, (int, float)) and not isinstance(one, bool))
    others = frozenset(one for one in given if isinstance(one, (str, date)))
    tests = [f"v is {one}" for one in given if isinstance(one, bool)]
    if numbers:
        tests.append(f"{source.bind(_among)}(v, {source.bind(numbers)})")
    if others or not tests:
        if not tests:
            return f"{read} in {source.bind(others)}"
        tests.append(f"v in {source.bind(others)}")
    # A list of one binds `v` without a test of its own.
    return f"((v := {read}) is not None and ({' or '.join(tests)}))"


def _among(value: object, numbers: frozenset[int]) -> bool:
    if isinstance(value, float):
        return abs(value) <= _LARGEST and quantum(value) in numbers
    return isinstance(value, int) and not isinstance(value, bool) and quantum(value) in numbers


def _not_in(read: str, values: Literal, source: Source) -> str:
    # A list of nothing but texts, dates and instants reads the value once more; reading is cheap.
    return f"({read} is not None and not {_is_in(read, values, source)})"


def _between(read: str, values: Literal, source: Source) -> str:
    low, high = cast("tuple[Scalar, Scalar]", values)
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        least_q, most_q = quantum(low), quantum(high)
        whole = f"{_whole_test('ge', least_q, source)} and {_whole_test('le', most_q, source)}"
        scaled = f"{source.bind(least(least_q))} <= v < {source.bind(least(most_q + 1))}"
        return f"((v := {read}).__class__ is int and {whole} or v.__class__ is float and {scaled})"
    inside = f"{source.bind(low)} <= v <= {source.bind(high)}"
    if isinstance(low, datetime):
        return f"(isinstance(v := {read}, {source.bind(datetime)}) and {inside})"
    return f"((v := {read}).__class__ is {source.bind(type(low))} and {inside})"


def _of_text(test: Callable[[Literal, Source], str]) -> Test:
    """A test of the text `v`."""
    return lambda read, value, source: f"((v := {read}).__class__ is str and {test(value, source)})"


def _of_folded(test: Callable[[Literal, Source], str]) -> Test:
    """A test of the text `v` once its letters A to Z are small; it is given the value likewise."""

    def made(read: str, value: Literal, source: Source) -> str:
        small = tuple(map(folded, value)) if isinstance(value, tuple) else folded(cast("str", value))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # texts, as the table of operators says
        fold = f"(v := {source.bind(folded)}(v)) is not None"  # it never is: this assigns, and goes on
        return f"((v := {read}).__class__ is str and {fold} and {test(small, source)})"

    return made


def _of_many(method: str) -> Test:
    """A test of the several values `v`, by a method of the set of those given."""

    def made(read: str, values: Literal, source: Source) -> str:
        given = source.bind(frozenset(cast("tuple[str, ...]", values)))
        return f"((v := {read}).__class__ is tuple and {method.format(given)}(v))"

    return made


def _equals(value: Literal, source: Source) -> str:
    return f"v == {source.bind(value)}"


def _among_texts(values: Literal, source: Source) -> str:
    return f"v in {source.bind(frozenset(cast('tuple[str, ...]', values)))}"


def _contains(value: Literal, source: Source) -> str:
    return f"{source.bind(value)} in v"


def _starts_with(value: Literal, source: Source) -> str:
    return f"v.startswith({source.bind(value)})"


def _ends_with(value: Literal, source: Source) -> str:
    return f"v.endswith({source.bind(value)})"


def _is_like(pattern: Literal, source: Source) -> str:
    return f"{source.bind(compile_like(cast('str', pattern)))}(v)"


def _matches(pattern: Literal, source: Source) -> str:
    return f"{source.bind(compile_regex(cast('str', pattern)))}(v)"


TESTS: Mapping[str, Test] = {
    "eq": _compare("eq"),
    "ne": _compare("ne"),
    "lt": _compare("lt"),
    "le": _compare("le"),
    "gt": _compare("gt"),
    "ge": _compare("ge"),
    "between": _between,
    "is_in": _is_in,
    "not_in": _not_in,
    "contains": lambda read, value, source: (
        f"(((v := {read}).__class__ is str or v.__class__ is tuple) and {source.bind(value)} in v)"
    ),
    "starts_with": _of_text(_starts_with),
    "ends_with": _of_text(_ends_with),
    "like": _of_text(_is_like),
    "eq_ci": _of_folded(_equals),
    "is_in_ci": _of_folded(_among_texts),
    "contains_ci": _of_folded(_contains),
    "starts_with_ci": _of_folded(_starts_with),
    "ends_with_ci": _of_folded(_ends_with),
    "like_ci": _of_folded(_is_like),
    "matches": _of_text(_matches),
    "has_any": _of_many("not {}.isdisjoint"),
    "has_all": _of_many("{}.issubset"),
    "has_none": _of_many("{}.isdisjoint"),
    "missing": lambda read, value, source: f"{read} is None",
}


def compares_fields(op: str, factor: float) -> Callable[[Value, Value], bool]:
    """Whether a value compares so with another one times a factor.

    Two numbers compare in millionths, two whole ones that are not multiplied exactly. Other values are
    compared only as they are, and only with one of the same type: texts and booleans for equality alone.
    """
    order = ORDERS[op]

    def holds(value: Value, other: Value) -> bool:
        one, two = value.__class__, other.__class__
        if one in _NUMBERS and two in _NUMBERS:
            if factor == 1.0 and one is int and two is int:
                return order(value, other)
            left, right = float(cast("float", value)), float(cast("float", other)) * factor
            if not (-_LARGEST <= left <= _LARGEST and -_LARGEST <= right <= _LARGEST):
                left, right = (max(-_LARGEST, min(side, _LARGEST)) for side in (left, right))
            return order(floor(left * 1e6 + 0.5), floor(right * 1e6 + 0.5))
        if factor != 1.0 or value is None or one is not two or one is tuple:
            return False
        return (op in ("eq", "ne") or one not in (str, bool)) and order(value, other)

    return holds


_NUMBERS = frozenset({int, float})


def compare_test(node: Compare, reads: Callable[[Field], str], source: Source) -> str:
    """An expression for a comparison.

    Args:
        node: The comparison.
        reads: Gives the expression that reads a field; it refuses a field that cannot be read here.
        source: Where constants are bound.
    """
    read = reads(node.field)
    if isinstance(node.value, Scaled):
        compares = source.bind(compares_fields(node.op, node.value.factor))
        return f"{compares}({read}, {reads(node.value.field)})"
    return TESTS[node.op](read, node.value, source)


def value_test(node: Predicate, reads: Callable[[Field], str], source: Source) -> str:
    """An expression for comparisons joined with `& | ~`; the arguments are those of `compare_test`.

    Raises:
        DefinitionError: Something else is among them.
    """
    if isinstance(node, Compare):
        return f"({compare_test(node, reads, source)})"
    if isinstance(node, Not):
        return f"(not {value_test(node.part, reads, source)})"
    if isinstance(node, Everyone):
        return "True"
    if not isinstance(node, (All, AnyOf)):
        raise DefinitionError(f"expected comparisons of values, found {type(node).__name__}")
    if not node.parts:
        return str(isinstance(node, All))
    word = " and " if isinstance(node, All) else " or "
    return f"({word.join(value_test(part, reads, source) for part in node.parts)})"
