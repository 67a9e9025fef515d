"""Texts in whatever case, and texts that are like a pattern, over columns. May import the patterns.

Engines fold more letters than A to Z, and know `like` in different ways. So both become regular expressions
that name each letter twice, which engines without backtracking read alike. Pandas-like frames have Python's
engine, which does backtrack: there the texts, each once, are asked by the reference functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from nurture.predicates.frame.truth import Truth, at_leaf
from nurture.predicates.patterns import Piece, compile_like, folded, runs

if TYPE_CHECKING:
    from nurture.predicates.frame.cells import Cell

_SPECIAL = frozenset("\\.+*?()|[]{}^$#&-~")
_ANY = r"[\s\S]"


def is_one_folded(cell: Cell, values: tuple[str, ...]) -> Truth:
    """Whether the text is one of these, the case of A to Z aside."""
    if not values:
        return False
    if cell.texts is not None:
        among = frozenset(map(folded, values))
        return _those(cell, lambda text: folded(text) in among)
    return at_leaf(cell.expr.str.contains(f"^(?:{'|'.join(_either_case(value) for value in values)})\\z"))


def with_folded(cell: Cell, value: str, *, at_start: bool, at_end: bool) -> Truth:
    """Whether the text contains this, begins or ends with it, the case of A to Z aside."""
    if cell.texts is not None:
        small = folded(value)
        if at_start:
            return _those(cell, lambda text: folded(text).startswith(small))
        return _those(cell, lambda text: folded(text).endswith(small) if at_end else small in folded(text))
    pattern = f"{'^' if at_start else ''}{_either_case(value)}{chr(92) + 'z' if at_end else ''}"
    return cell.known if not value else at_leaf(cell.expr.str.contains(pattern))


def is_like(cell: Cell, pattern: str, *, fold: bool) -> Truth:
    """Whether the whole text is like the pattern."""
    if cell.texts is not None:
        test = compile_like(folded(pattern) if fold else pattern)
        return _those(cell, (lambda text: test(folded(text))) if fold else test)
    every = f"{_ANY}*?".join("".join(_piece(piece, fold) for piece in run) for run in runs(pattern))
    return at_leaf(cell.expr.str.contains(f"^{every}\\z"))


def _those(cell: Cell, test: Callable[[str], bool]) -> Truth:
    found = [text for text in (cell.texts() if cell.texts is not None else ()) if test(text)]
    return at_leaf(cell.expr.is_in(found)) if found else False


def _either_case(text: Iterable[str]) -> str:
    return "".join(_piece(character, fold=True) for character in text)


def _piece(piece: Piece, fold: bool) -> str:
    if piece is None:
        return _ANY
    if fold and piece.isascii() and piece.isalpha():
        return f"[{piece.lower()}{piece.upper()}]"
    return f"\\{piece}" if piece in _SPECIAL else piece
