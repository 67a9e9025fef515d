"""How each comparison operator decides. May import `operators` and `_source`.

`TESTS` has one entry per row of `operators.OPERATORS`: a function that writes the test as a Python
expression. It is given the expression that reads the value, the literal, and the source to bind
constants in; `v` is a local name that a test may assign. The rules every test keeps:

- a missing value (`None`) and a value of another type make the test false;
- `True` is not `1`; text is compared exactly, letter case included; `""` is a value, not a missing one;
- numbers are compared as `floor(x * 10**6 + 0.5)`, which engines agree on; whole numbers exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from math import floor, inf, nextafter
from typing import TypeAlias, cast

from nurture.model import Scalar
from nurture.predicates._source import Source

Literal: TypeAlias = Scalar | tuple[Scalar, ...] | None
Test: TypeAlias = Callable[[str, Literal, Source], str]

MILLION = 1_000_000


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
    symbol = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}[op]
    return f"v {symbol} {source.bind(up if op in ('lt', 'ge') else down)}"


def _number_test(op: str, read: str, value: float, source: Source) -> str:
    quantized = quantum(value)
    whole = _whole_test(op, quantized, source)
    scaled = order_test("v", op, quantized, source)
    return f"((v := {read}).__class__ is int and {whole} or v.__class__ is float and {scaled})"


def _compare(op: str) -> Test:
    symbol = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}[op]

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
        return abs(value) < 1e300 and quantum(value) in numbers
    return isinstance(value, int) and not isinstance(value, bool) and quantum(value) in numbers


TESTS: Mapping[str, Test] = {
    "eq": _compare("eq"),
    "ne": _compare("ne"),
    "lt": _compare("lt"),
    "le": _compare("le"),
    "gt": _compare("gt"),
    "ge": _compare("ge"),
    "is_in": _is_in,
    "contains": lambda read, value, source: (
        f"(((v := {read}).__class__ is str or v.__class__ is tuple) and {source.bind(value)} in v)"
    ),
    "starts_with": lambda read, value, source: (
        f"((v := {read}).__class__ is str and v.startswith({source.bind(value)}))"
    ),
    "missing": lambda read, value, source: f"{read} is None",
}
