"""Sums of amounts, exact. Imports Narwhals only.

An amount is a whole number of millionths and may need more than 64 bits; so may a sum. Both are kept in two parts,
`high * 2**31 + low`, which engines add exactly in whatever order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from nurture.predicates.frame.cells import millionths
from nurture.predicates.frame.tables import OURS
from nurture.predicates.frame.values import ordered

if TYPE_CHECKING:
    from nurture.predicates.frame.tables import Frame

_BASE = 2**31
_UP = 2**30
_HIGH, _LOW, _COUNT = f"{OURS}high", f"{OURS}low", f"{OURS}count"


class Amounts:
    """The sum and the number of the amounts of each key.

    Args:
        rows: One row an amount, none of them missing and none beyond 10**15 either way.
        key: The column of keys.
        value: The column of amounts.
        whole: Whether they are whole numbers.
    """

    def __init__(self, rows: Frame, key: str, value: str, *, whole: bool) -> None:
        high, low = _of_whole(nw.col(value)) if whole else _of_float(nw.col(value))
        parts = rows.select(key, high.alias(_HIGH), low.alias(_LOW))
        sums = parts.group_by(key).agg(nw.col(_HIGH).sum(), nw.col(_LOW).sum(), nw.len().alias(_COUNT))
        self._sums = sums.with_columns(*(nw.col(one).cast(nw.Int64) for one in (_HIGH, _LOW, _COUNT)))

    def compared(self, op: str, quantized: int, *, each: bool) -> Frame:
        """The keys whose sum compares so with a number of millionths.

        Args:
            op: One of the six comparisons.
            quantized: The number.
            each: Whether it is taken once for each amount, which compares the average.
        """
        goal_high, goal_low = divmod(quantized, _BASE)
        high, low = nw.col(_HIGH), nw.col(_LOW)
        high = high - nw.col(_COUNT) * goal_high if each else high - goal_high
        low = low - nw.col(_COUNT) * goal_low if each else low - goal_low
        carry = _floored(low)
        rest = self._sums.with_columns((high + carry).alias(_HIGH), (low - carry * _BASE).alias(_LOW))
        return rest.filter(_sign(op))


def _sign(op: str) -> nw.Expr:
    """The comparison of `high * base + low`, with a low part from zero to below the base, with zero."""
    high, low = nw.col(_HIGH), nw.col(_LOW)
    if op in ("eq", "ne"):
        is_zero = (high == 0) & (low == 0)
        return is_zero if op == "eq" else ~is_zero
    if op in ("lt", "ge"):
        return ordered(high, op, 0)
    above = (high > 0) | ((high == 0) & (low > 0))
    return above if op == "gt" else ~above


def _of_whole(value: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    high = _floored(value)
    low = (value - high * _BASE) * 1_000_000
    carry = low // _BASE
    return high * 1_000_000 + carry, low - carry * _BASE


def _of_float(value: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    quantized = millionths(value)
    high = (quantized / float(_BASE)).floor()  # a power of two divides floats exactly
    return high.cast(nw.Int64), (quantized - high * float(_BASE)).cast(nw.Int64)


def _floored(number: nw.Expr) -> nw.Expr:
    """Divided by the base and rounded down, of numbers that may be negative; engines disagree about those."""
    return (number + _UP * _BASE) // _BASE - _UP
