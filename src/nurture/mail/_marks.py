"""Where a template prints, with Jinja's own eyes, and whether what it prints is the author's or data. Pure.

Imports Jinja's lexer only. The source comes out as HTML with a mark for each thing that is printed, so that the tags
of a template are read like those of a page.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

import attrs
from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError

MARK: Final = "\ue000"
"""Stands for what is printed. It is for private use: no template has it."""

_Token: TypeAlias = tuple[str, str]  # its kind and its text

_LEXER: Final = Environment(  # it reads and never renders; set up like the sandbox
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=True,
)
_BEGINS: Final = frozenset({"variable_begin", "block_begin"})
_ENDS: Final = frozenset({"variable_end", "block_end"})
_LEFT_OUT: Final = frozenset({"whitespace", "comment_begin", "comment", "comment_end", "raw_begin", "raw_end"})
_WORDS: Final = frozenset("and or not in is if else true false none True False None".split())


@attrs.frozen(slots=True)
class Marked:
    """A template as HTML with marks.

    Attributes:
        html: The text of the template, a mark for each thing that is printed, and nothing for statements.
        printed: For each mark, the names that what is printed is made from.
        targets: Names that `set` and `for` give something, with all names that it is made from.
        statements: Where in `html` statements and comments stood, in order.
    """

    html: str
    printed: tuple[frozenset[str], ...]
    targets: Mapping[str, frozenset[str]]
    statements: tuple[int, ...]

    def printed_in(self, start: int, end: int) -> tuple[frozenset[str], ...]:
        """The names behind each mark in a stretch of the HTML."""
        before = self.html.count(MARK, 0, start)
        return self.printed[before : before + self.html.count(MARK, start, end)]

    def has_statement(self, start: int, end: int) -> bool:
        """Whether a statement stands in a stretch of the HTML, its two ends included."""
        place = bisect_left(self.statements, start)
        return place < len(self.statements) and self.statements[place] <= end

    def is_made_of(self, names: frozenset[str], given: Collection[str]) -> bool:
        """Whether all names, and what `set` and `for` made them from, are among those that are given.

        A name that is given and is also a target is what the target is made from: it may be either.
        """
        known = {*given, *self.targets}
        foreign = {name for name, made_from in self.targets.items() if not made_from <= known}
        found = True
        while found:
            found = False
            for name, made_from in self.targets.items():
                if name not in foreign and not foreign.isdisjoint(made_from):
                    foreign.add(name)
                    found = True
        return names <= known - foreign


def marked(source: str) -> Marked | None:
    """The template with marks; None where it is no template, and refused as such."""
    pieces: list[str] = []
    printed: list[frozenset[str]] = []
    targets: dict[str, frozenset[str]] = {}
    statements: list[int] = []
    size = 0
    lines = 1
    said: list[_Token] = []
    try:
        for line, kind, text in _LEXER.lex(source.replace(MARK, "")):
            if kind == "data":
                piece = "\n" * max(0, line - lines) + text
            elif kind in _BEGINS:
                said = []
                continue
            elif kind in _ENDS:
                is_printed = kind == "variable_end" or said[:1] == [("name", "print")]
                if is_printed:
                    printed.append(_names(said if kind == "variable_end" else said[1:]))
                    piece = MARK
                else:
                    statements.append(size)
                    _put_target(said, targets)
                    continue
            else:
                if kind not in _LEFT_OUT:
                    said.append((kind, text))
                continue
            pieces.append(piece)
            size += len(piece)
            lines += piece.count("\n")
    except TemplateSyntaxError:
        return None
    return Marked("".join(pieces), tuple(printed), targets, tuple(statements))


def _names(said: list[_Token]) -> frozenset[str]:
    """The names that an expression is made from: no fields, filters, tests, or names of arguments."""
    found: set[str] = set()
    before: tuple[str, ...] = ("", "")
    for place, (kind, text) in enumerate(said):
        if kind == "name" and text not in _WORDS:
            follows = said[place + 1] if place + 1 < len(said) else ("", "")
            is_test = before[-1] == "is" or before == ("is", "not")
            if before[-1] not in (".", "|") and not is_test and follows != ("operator", "="):
                found.add(text)
        before = (before[-1], text)
    return frozenset(found)


def _put_target(said: list[_Token], targets: dict[str, frozenset[str]]) -> None:
    """Note what a statement gives to a name; several things given to one name are taken together."""
    head = said[0][1] if said else ""
    middle = {"set": ("operator", "="), "for": ("name", "in")}.get(head)
    if middle is None or middle not in said:
        return
    place = said.index(middle)
    for name in _names(said[1:place]):
        targets[name] = targets.get(name, frozenset()) | _names(said[place + 1 :])
