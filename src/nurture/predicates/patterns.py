"""Patterns that text is held against: `like`, and regular expressions without backtracking. Imports only errors.

In a `like` pattern `%` stands for any run of characters, `_` for any one, and a backslash takes the next
character as it is. It is matched here in time proportional to text times pattern, whatever the pattern.
Regular expressions need the engine RE2, which does not backtrack either (the extra `regex`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol, TypeAlias, cast

from nurture.errors import DefinitionError, NotCompilableError

PATTERNS: Final = frozenset({"like", "like_ci", "matches"})
"""The operators whose values are patterns."""

_FOLD: Final = {ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
Piece: TypeAlias = str | None
"""One character, or None for any one."""


def folded(text: str) -> str:
    """The text with A to Z as a to z, and nothing else changed: what "in whatever case" means in every reading."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def require_pattern(op: str, values: Iterable[object], where: str) -> None:
    """Refuse a pattern that ends in the middle of something.

    Raises:
        DefinitionError: A `like` pattern ends in a lone backslash, or a regular expression cannot be read by
            the engine (which is asked only where it is installed).
    """
    for value in values:
        if op != "matches":
            runs(cast("str", value), where)
        elif (engine := _engine()) is not None:
            try:
                _compiled(engine, cast("str", value))
            except engine.error:
                raise DefinitionError(
                    f"{where}: not a regular expression that RE2 takes (no look-around, no back-references)"
                ) from None


def runs(pattern: str, where: str = "like") -> tuple[tuple[Piece, ...], ...]:
    """The runs of characters between the `%` of a `like` pattern; one run when there is no `%`.

    Example:
        >>> runs("a_%b")
        (('a', None), ('b',))
    """
    found: list[list[Piece]] = [[]]
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            found.append([])
        elif character == "\\":
            literal = next(characters, None)
            if literal is None:
                raise DefinitionError(f"{where}: the pattern ends in a lone backslash")
            found[-1].append(literal)
        else:
            found[-1].append(None if character == "_" else character)
    return tuple(tuple(run) for run in found)


def compile_like(pattern: str) -> Callable[[str], bool]:
    """Whether a whole text is like the pattern."""
    first, *middle = runs(pattern)
    if not middle:
        return lambda text: len(text) == len(first) and _fits(first, text, 0)
    last = middle.pop()
    middle = [run for run in middle if run]

    def is_like(text: str) -> bool:
        end = len(text) - len(last)
        if end < len(first) or not _fits(first, text, 0) or not _fits(last, text, end):
            return False
        place = len(first)
        for run in middle:  # the leftmost fit leaves the most room for the rest
            found = next(_places(run, text, place, end), None)
            if found is None:
                return False
            place = found + len(run)
        return True

    return is_like


def _fits(run: tuple[Piece, ...], text: str, at: int) -> bool:
    return all(piece is None or text[at + place] == piece for place, piece in enumerate(run))


def _places(run: tuple[Piece, ...], text: str, start: int, end: int) -> Iterator[int]:
    return (place for place in range(start, end - len(run) + 1) if _fits(run, text, place))


def compile_regex(pattern: str) -> Callable[[str], bool]:
    """Whether a regular expression is found anywhere in a text.

    Raises:
        NotCompilableError: The engine is not installed; the extra is named.
    """
    engine = _engine()
    if engine is None:
        raise NotCompilableError(
            "match", "matches", 'it needs an engine that does not backtrack: pip install "nurture-crm[regex]"'
        )
    search = _compiled(engine, pattern).search
    return lambda text: search(text) is not None


def _compiled(engine: _Engine, pattern: str) -> _Pattern:
    options = engine.Options()
    options.log_errors = False  # it would write the pattern to the standard error stream
    return engine.compile(pattern, options)


class _Pattern(Protocol):
    def search(self, text: str, /) -> object: ...


class _Options(Protocol):
    log_errors: bool


class _Engine(Protocol):
    error: type[Exception]
    Options: Callable[[], _Options]

    def compile(self, pattern: str, options: _Options, /) -> _Pattern: ...


def _engine() -> _Engine | None:
    try:
        import re2  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ModuleNotFoundError:
        return None
    return cast("_Engine", re2)
