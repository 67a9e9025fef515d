"""What a template prints and where, with Jinja's own eyes, and whether that is the author's or data. Pure.

Imports Jinja's lexer only. The source comes out as HTML with a mark for each thing that is printed, so that the tags
of a template are read like those of a page; and as parts, so that each way through its statements can be followed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple, TypeAlias

import attrs
from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError

MARK: Final = "\ue000"
"""Stands for what is printed. It is for private use, and no source may have it."""

DEEPEST: Final = 30
"""Statements stand in each other at most so deep."""

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
_GIVES: Final[Mapping[str, _Token]] = {"set": ("operator", "="), "for": ("name", "in")}
_HTML: Final = frozenset({"content", "blocks", "signature_html"})


class Printed(NamedTuple):
    """One thing that is printed.

    Attributes:
        line: Where, in the source.
        names: The names that it is made from.
        is_html: Whether it may be HTML of another template, which is not escaped.
    """

    line: int
    names: frozenset[str]
    is_html: bool


class Branch(NamedTuple):
    """An `if` or a `for`.

    Attributes:
        is_loop: Whether the first arm may come many times, or never.
        arms: What may come; of a `for`, its body and what comes when there is nothing to walk over.
    """

    is_loop: bool
    arms: tuple[tuple[Part, ...], ...]


Part: TypeAlias = str | int | Branch
"""Text, the number of something that is printed, or a statement."""


@attrs.frozen(slots=True)
class Marked:
    """A template as HTML with marks.

    Attributes:
        html: The text of the template, a mark for each thing that is printed, and nothing for statements.
        printed: What is printed, in order.
        targets: Names that `set` and `for` give something, with all names that it is made from.
        statements: Where in `html` statements stood, in order.
        parts: The template in parts.
    """

    html: str
    printed: tuple[Printed, ...]
    targets: Mapping[str, frozenset[str]]
    statements: tuple[int, ...]
    parts: tuple[Part, ...]

    def has_statement(self, start: int, end: int) -> bool:
        """Whether a statement stands in a stretch of the HTML, its two ends included."""
        place = bisect_left(self.statements, start)
        return place < len(self.statements) and self.statements[place] <= end

    def made_of(self, given: Collection[str], known: Collection[str]) -> frozenset[str]:
        """The names that are made from what is given, and from nothing else.

        Args:
            given: Names that are so themselves.
            known: All names that a mail has from the beginning. Such a name stays what it is where no `set` or `for`
                has come by, so giving it something makes it no better, but may make it worse.
        """
        fine = {*given, *(name for name in self.targets if name not in known)}
        makes: dict[str, list[str]] = {}
        for name, made_from in self.targets.items():
            for source in made_from:
                makes.setdefault(source, []).append(name)
        waiting = [name for name in makes if name not in fine]
        foreign: set[str] = set()
        while waiting:
            for name in makes.get(waiting.pop(), ()):
                if name not in foreign:
                    foreign.add(name)
                    waiting.append(name)
        return frozenset(fine - foreign)


class TooManyWaysError(Exception):
    """The ways through a template's statements are not followed: they are too many, or too deep."""


def marked(source: str) -> Marked | None:
    """The template with marks; None where it is no template, and refused as such.

    Raises:
        TooManyWaysError: Its statements stand in each other too deeply.
    """
    reader = _Reader()
    try:
        for line, kind, text in _LEXER.lex(source.replace(MARK, "")):
            reader.take(line, kind, text)
        return reader.marked()
    except (TemplateSyntaxError, _NoTemplateError):
        return None


class _NoTemplateError(Exception):
    """Statements do not end, or end what did not begin."""


class _Open:
    """A statement whose end has not come."""

    __slots__ = ("arms", "has_else", "head")

    def __init__(self, head: str) -> None:
        self.head = head
        self.arms: list[list[Part]] = [[]]
        self.has_else = False

    def closed(self) -> Branch:
        if not self.has_else:
            self.arms.append([])
        return Branch(self.head == "for", tuple(map(tuple, self.arms)))


class _Reader:
    """Takes the lexer's tokens and puts the parts together."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._printed: list[Printed] = []
        self._targets: dict[str, set[str]] = {}
        self._statements: list[int] = []
        self._size = 0
        self._said: list[_Token] = []
        self._open = [_Open("")]

    def take(self, line: int, kind: str, text: str) -> None:
        if kind == "data":
            self._put(text)
            self._open[-1].arms[-1].append(text)
        elif kind in _BEGINS:
            self._said = []
        elif kind not in _ENDS:
            if kind not in _LEFT_OUT:
                self._said.append((kind, text))
        elif kind == "variable_end":
            self._print(line, self._said)
        elif self._said[:1] == [("name", "print")]:
            self._print(line, self._said[1:])
        else:
            self._statements.append(self._size)
            self._statement(self._said)

    def marked(self) -> Marked:
        if len(self._open) > 1:
            raise _NoTemplateError
        targets = {name: frozenset(made_from) for name, made_from in self._targets.items()}
        parts = tuple(self._open[0].arms[0])
        return Marked("".join(self._pieces), tuple(self._printed), targets, tuple(self._statements), parts)

    def _print(self, line: int, said: list[_Token]) -> None:
        self._open[-1].arms[-1].append(len(self._printed))
        is_html = any(kind == "name" and text in _HTML for kind, text in said)
        self._printed.append(Printed(line, _names(said), is_html))
        self._put(MARK)

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._size += len(piece)

    def _statement(self, said: list[_Token]) -> None:
        head = said[0][1] if said else ""
        self._put_target(head, said)
        if head in ("if", "for"):
            self._open.append(_Open(head))
            if len(self._open) > DEEPEST + 1:
                raise TooManyWaysError
        elif head in ("elif", "else", "endif", "endfor"):
            self._go_on(head)

    def _go_on(self, head: str) -> None:
        """The next arm of the innermost statement, or its end."""
        inner = self._open[-1]
        if inner.head not in {"elif": ("if",), "endif": ("if",), "endfor": ("for",)}.get(head, ("if", "for")):
            raise _NoTemplateError
        if head.startswith("end"):
            self._open.pop()
            self._open[-1].arms[-1].append(inner.closed())
        elif inner.has_else:
            raise _NoTemplateError
        else:
            inner.arms.append([])
            inner.has_else = head == "else"

    def _put_target(self, head: str, said: list[_Token]) -> None:
        """Note what a statement gives to a name; several things given to one name are taken together."""
        middle = _GIVES.get(head)
        if middle is None or middle not in said:
            return
        place = said.index(middle)
        made_from = _names(said[place + 1 :])
        for name in _names(said[1:place]):
            self._targets.setdefault(name, set()).update(made_from)


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
