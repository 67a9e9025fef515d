"""The line that mail programs show beside the subject: hidden at the beginning of the HTML. Pure; imports the tags.

Without it, they show the first words of the body, often "View in browser". Blanks that are not seen follow it, so
that the body's first words do not stand behind it.
"""

from __future__ import annotations

from html import escape
from typing import Final

from nurture.mail._tags import tags

OPENING: Final = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">'
"""How the hidden element begins, byte for byte."""

PREVIEWED: Final = 100
"""Mail programs show at most about so many signs; as many are filled."""

_CLOSING: Final = "</div>"
_FILLER: Final = "&zwnj;&nbsp;"
_HEAD: Final = frozenset("html head meta title style link base script noscript".split())


def with_preheader(html: str, preheader: str) -> str:
    """The HTML with this line, hidden, as the first thing in its body; the HTML itself when there is no line.

    Args:
        html: What is sent.
        preheader: Plain text.

    Example:
        >>> with_preheader("<body><p>a</p></body>", "b")[:81]
        '<body><div style="display:none;max-height:0;overflow:hidden;mso-hide:all">b&zwnj;'
    """
    said = " ".join(preheader.split())
    if not said:
        return html
    place = _beginning(html)
    filler = _FILLER * max(0, PREVIEWED - len(said))
    return f"{html[:place]}{OPENING}{escape(said)}{filler}{_CLOSING}{html[place:]}"


def around_preheader(html: str) -> tuple[str, str, str]:
    """What stands before the line that `with_preheader` put there, the line, and what stands behind it.

    Without such a line, all stands behind it.
    """
    start = html.find(OPENING)
    end = html.find(_CLOSING, start)
    if start < 0 or end < 0:
        return "", "", html
    return html[:start], html[start + len(OPENING) : end], html[end + len(_CLOSING) :]


def _beginning(html: str) -> int:
    """Where the body begins, whether or not it says so."""
    place = 0
    for found in tags(html):
        name = found[2].lower()
        if name == "body":
            return found.end()
        if name not in _HEAD:
            return place
        place = found.end()
    return place
