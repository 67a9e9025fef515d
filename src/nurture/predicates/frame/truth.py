"""Answers that are either known beforehand or an expression. Imports Narwhals only.

An expression here is two-valued: it is never missing. What is known beforehand is folded away, so that no engine
is asked about a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

Truth: TypeAlias = "bool | nw.Expr"


def at_leaf(test: nw.Expr) -> nw.Expr:
    """A comparison whose missing answers are no."""
    return test.fill_null(False)


def negated(truth: Truth) -> Truth:
    """The other answer."""
    return not truth if isinstance(truth, bool) else ~truth


def all_of(parts: Iterable[Truth]) -> Truth:
    """Whether every part holds."""
    return _joined(parts, True, lambda left, right: left & right)


def any_of(parts: Iterable[Truth]) -> Truth:
    """Whether at least one part holds."""
    return _joined(parts, False, lambda left, right: left | right)


def _joined(parts: Iterable[Truth], neutral: bool, join: Callable[[nw.Expr, nw.Expr], nw.Expr]) -> Truth:
    rest: list[nw.Expr] = []
    for part in parts:
        if not isinstance(part, bool):
            rest.append(part)
        elif part is not neutral:
            return part
    if not rest:
        return neutral
    # Joined like a tree, not like a chain: engines walk expressions by recursion.
    while len(rest) > 1:
        paired = [join(rest[place], rest[place + 1]) for place in range(0, len(rest) - 1, 2)]
        rest = paired + rest[len(rest) // 2 * 2 :]
    return rest[0]
