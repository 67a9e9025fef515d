"""Changing where links lead, and nothing else of an HTML text. Pure; imports the tags only."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Final

from nurture.mail._tags import Attribute, attributes, tags

if TYPE_CHECKING:
    import re

_LINKS: Final = frozenset({"a", "area"})
_BLANKS: Final = " \t\n\f\r"


def rewritten(html: str, change: Callable[[str], str], *, at_end: str = "") -> str:
    """The HTML with other targets in its links; all else byte for byte as it was.

    Asked are all `href`s of `<a>` and `<area>` but those whose element has `data-track="off"`, in any case; that
    attribute stays. Comments are left as they are, also those that Outlook reads, and style sheets.

    Args:
        html: Any text; what cannot be read as HTML stays as it is.
        change: From a target to a target. Character references are read before and written after.
        at_end: HTML that is put at the end of the body, as it is.

    Example:
        >>> rewritten('<a class=x href="/a?b&amp;c">/a</a>', lambda href: f"{href}&d")
        '<a class=x href="/a?b&amp;c&amp;d">/a</a>'
    """
    edits: list[tuple[int, int, str]] = []
    end = len(html)
    for tag in tags(html):
        name = tag[2].lower()
        if name == "body" and tag[1]:
            end = tag.start()
        elif name in _LINKS and not tag[1]:
            edits += _edit(html, tag, change)
    if at_end:
        insort(edits, (end, end, at_end))
    return _edited(html, edits)


def _edit(html: str, tag: re.Match[str], change: Callable[[str], str]) -> tuple[tuple[int, int, str], ...]:
    """From where to where a tag is replaced by what, if it is."""
    href: Attribute | None = None
    for one in attributes(html, tag):
        if one.name == "href" and href is None:  # of two the first counts
            href = one
        elif one.name == "data-track" and one.value.lower() == "off":
            return ()
    if href is None:
        return ()
    target = href.value.strip(_BLANKS)
    new = change(target)
    return () if new == target else ((href.start, href.end, f'"{escape(new)}"'),)


def _edited(html: str, edits: list[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end, new in edits:
        pieces += (html[done:start], new)
        done = end
    return html if not edits else "".join((*pieces, html[done:]))
