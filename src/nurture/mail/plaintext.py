"""Plain text made from HTML, for messages that give no text of their own. Pure; imports what is shown.

It reads like the page: paragraphs, headings, lists, tables row by row, links with their target, images by
what stands for them. What is hidden on screen is left out. Whatever it is given, it answers and never raises.
"""

from __future__ import annotations

import re
from typing import Final

from nurture.mail._shown import Tag, shown

LONGEST_TEXT: Final = 1_048_576
"""The text has at most so many characters; what is beyond is left away."""

_PARAGRAPHS: Final = frozenset("p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl table figure".split())
_LINES: Final = frozenset(
    "address article aside body caption center dd details div dt fieldset figcaption footer form header html legend li "
    "main nav section summary tbody tfoot thead tr".split()
)
_BLANKS: Final = re.compile(r"[ \t\n\r\f]+")
_WIDE: Final = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff9f\U00020000-\U0003ffff"
_WIDE_BREAK: Final = re.compile(f"(?<=[{_WIDE}])[ \t\f]*+[\r\n][ \t\r\n\f]*+(?=[{_WIDE}])")
_DEEPEST: Final = 8


def text_from_html(html: str) -> str:
    """What a reader of the HTML sees, as plain text.

    A line break in the source between two Japanese signs is no blank.

    Example:
        >>> print(text_from_html('<h1>春の講座</h1><p>会場は<a href="https://e.jp/m">こちら</a>。<ul><li>一<li>二</ul>'))
        春の講座
        <BLANKLINE>
        会場はこちら (https://e.jp/m)。
        <BLANKLINE>
        - 一
        - 二
        <BLANKLINE>
    """
    writer = _Writer()
    for piece in shown(html):
        if isinstance(piece, str):
            writer.write(piece)
        elif piece.is_end:
            writer.end(piece.name)
        else:
            writer.begin(piece)
    return writer.text()[:LONGEST_TEXT]


class _Writer:
    """Collects lines; a line is put together when something ends it, so that its blanks are seen as a whole."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._run: list[str] = []
        self._has_words = False  # whether anything of the run is seen
        self._wants_blank = False
        self._wants_cell = False
        self._pre = 0
        self._lists: list[int | None] = []
        self._bullet = ""
        self._links: list[tuple[str, int, int]] = []

    def write(self, said: str) -> None:
        """Text between tags."""
        if not self._pre:
            self._say(said)
            return
        *whole, rest = said.replace("\r\n", "\n").split("\n")
        for line in whole:
            self._add(line)
            self._end_line(keep=True)
        self._add(rest)

    def begin(self, tag: Tag) -> None:
        """An element begins."""
        self._break(tag.name)
        if tag.name == "br":
            self._end_line(keep=True)
        elif tag.name == "hr":
            self._rule()
        elif tag.name == "img":
            self._say(tag.attributes.get("alt", ""))
        elif tag.name in ("ul", "ol"):
            self._lists.append(1 if tag.name == "ol" else None)
        elif tag.name == "li":
            self._bullet = self._next_bullet()
        elif tag.name in ("td", "th"):
            self._wants_cell = True
        elif tag.name == "a":
            self._end_link()
            self._links.append((tag.attributes.get("href", "").strip(), len(self._run), len(self._lines)))
        elif tag.name == "area":
            start = len(self._run)
            self._say(tag.attributes.get("alt", ""))
            self._say_target(tag.attributes.get("href", "").strip(), start, " ")
        elif tag.name == "pre":
            self._pre += 1

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "a":
            target, start, lines = self._links.pop()
            self._say_target(target, start if lines == len(self._lines) else 0)
        elif name in ("ul", "ol"):
            self._lists.pop()
        self._break(name)
        if name == "pre":
            self._pre -= 1

    def text(self) -> str:
        """All lines, each ended."""
        self._end_line()
        said = "\n".join(self._lines).strip("\n")
        return f"{said}\n" if said else ""

    def _say(self, said: str) -> None:
        if self._wants_cell and said.strip():
            if self._has_words:
                self._add(" | ")
            self._wants_cell = False
        if said:
            self._add(said)

    def _add(self, said: str) -> None:
        self._run.append(said)
        self._has_words = self._has_words or bool(said.strip())

    def _rule(self) -> None:
        self._end_line()
        self._add("-" * 10)
        self._end_line()

    def _break(self, name: str) -> None:
        """A paragraph or a line of its own ends what stands before it."""
        if name in _PARAGRAPHS:
            self._end_line()
            is_inner_list = name in ("ul", "ol") and bool(self._lists)
            self._wants_blank = self._wants_blank or not is_inner_list
        elif name in _LINES:
            self._end_line()

    def _end_link(self) -> None:
        """A link ends where the next one begins; its end tag, if there is one, says nothing any more."""
        target, start, lines = self._links[-1] if self._links else ("", 0, 0)
        if target:  # those around it have ended before
            self._say_target(target, start if lines == len(self._lines) else 0, " ")
            self._links[-1] = ("", start, lines)

    def _say_target(self, target: str, start: int, behind: str = "") -> None:
        if not target:  # nothing is looked at twice
            return
        said = _BLANKS.sub(" ", "".join(self._run[start:])).strip()
        bare = target.removeprefix("mailto:").removeprefix("tel:")
        if bare and not target.startswith("#") and said not in (target, bare, _without_scheme(bare)):
            self._say((f" ({bare})" if said else bare) + behind)

    def _next_bullet(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _end_line(self, *, keep: bool = False) -> None:
        """Put the line together; an empty one is dropped unless it is kept, as by `<br>`."""
        said = "".join(self._run)
        self._run.clear()
        self._has_words = False
        self._wants_cell = False
        if self._pre:
            line = said.rstrip()
        else:
            line = _BLANKS.sub(" ", _WIDE_BREAK.sub("", said)).replace("\xa0", " ").strip(" ")
        if not line and (not keep or not self._lines or self._wants_blank):
            return
        if self._wants_blank and self._lines and self._lines[-1]:
            self._lines.append("")
        self._wants_blank = False
        if not line:
            self._lines.append("")
            return
        depth = min(len(self._lists), _DEEPEST)
        lead = "  " * (depth - 1) + (self._bullet or "  ") if depth else self._bullet
        self._bullet = ""
        self._lines.append(lead + line)


def _without_scheme(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://")
