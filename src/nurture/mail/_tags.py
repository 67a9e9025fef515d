"""Where the tags of an HTML text stand, and the attributes in them, byte for byte. Pure.

Imports nothing of ours. It reads tags as browsers do (HTML Living Standard, section 13.2.5): quotation marks may hold
`>`, comments and the insides of style sheets hold no tags, and what is broken up to the end of the text holds
none either. Each sign is looked at a fixed number of times, whatever is broken: the standard library's
parser takes quadratic time for some broken texts, depending on its release, and does not say where a value stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from itertools import islice
from typing import Final, NamedTuple

_WS: Final = r" \t\n\f\r"
_VALUE: Final = rf"""(?:"[^"]*+"|'[^']*+'|(?!["'])[^{_WS}>]*+)"""
_ATTRIBUTE: Final = rf"[^{_WS}/>][^{_WS}/>=]*+(?:[{_WS}]*+=[{_WS}]*+{_VALUE}|(?![{_WS}]*+=))"
_NEXT: Final = re.compile(  # a tag, or where one or a comment seems to begin
    rf"<(?:(/?+)([A-Za-z][^{_WS}/>]*+)((?:[{_WS}/]++|{_ATTRIBUTE})*+)>|(?=[A-Za-z!?/]))"
)
_NAME_AND_VALUE: Final = re.compile(
    rf"""([^{_WS}/>][^{_WS}/>=]*)(?:[{_WS}]*=[{_WS}]*("[^"]*"|'[^']*'|[^{_WS}>"'][^{_WS}>]*)?)?"""
)
_NAME: Final = re.compile("/?[A-Za-z]")
_PLAIN_VALUE: Final = rf"""(?:"[^"<>]*+"|'[^'<>]*+'|[^{_WS}"'<>=`]++)"""
_PLAIN_ATTRIBUTE: Final = rf"[{_WS}]++[A-Za-z_][\w:.-]*+(?:[{_WS}]*+=[{_WS}]*+{_PLAIN_VALUE})?"
_PLAIN: Final = re.compile(
    rf"[^<>]*+(?:<(?:/[A-Za-z][\w:-]*+[{_WS}]*+|[A-Za-z][\w:-]*+(?:{_PLAIN_ATTRIBUTE})*+[{_WS}]*+/?+)>[^<>]*+)*+",
    re.ASCII,
)
_COMMENT_END: Final = re.compile("--!?>")
_RAW: Final = {
    name: re.compile(rf"</{name}(?=[{_WS}/>])", re.IGNORECASE | re.ASCII)
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
} | {"plaintext": re.compile("(?!)")}  # which nothing ends
_REFERENCE: Final = re.compile("&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z][A-Za-z0-9]{0,40}(?:;|(?![A-Za-z0-9=])))")
_MOST_DIGITS: Final = 7  # of a code point


class Attribute(NamedTuple):
    """One attribute of a tag.

    Attributes:
        name: In lower case.
        value: With its character references read.
        start: Where the value begins as it is written, with its quotation mark.
        end: Where it ends.
    """

    name: str
    value: str
    start: int
    end: int


def tags(html: str) -> Iterator[re.Match[str]]:
    """Every tag in order, as a match of: a slash or nothing, the name, what stands behind the name.

    Example:
        >>> [one[0] for one in tags('<p title=">">a<!-- <a> --><br/></p>')]
        ['<p title=">">', '<br/>', '</p>']
    """
    found = _NEXT.search(html)
    while found is not None:
        if found[2] is not None:
            yield found
            place = _behind(html, found)
        elif _NAME.match(html, found.end()):
            return  # a tag that does not end before the text does
        else:
            place = _behind_comment(html, found.start())
        found = _NEXT.search(html, place) if place >= 0 else None


def is_plain(html: str) -> bool:
    """Whether each `<` begins a tag and each `>` ends one, whoever reads it: such HTML can be searched as a text.

    It may say no to what is well written all the same, such as a comment.

    Example:
        >>> is_plain("<p title='a'>b</p>"), is_plain("<p title='>b</p>"), is_plain("a > b")
        (True, False, False)
    """
    return _PLAIN.fullmatch(html) is not None


def has_more_tags(html: str, most: int) -> bool:
    """Whether there are more tags than that."""
    return html.count("<") > most and next(islice(tags(html), most, None), None) is not None


def _behind(html: str, tag: re.Match[str]) -> int:
    """Where to look on after a tag: behind what holds no tags; -1 when that does not end."""
    raw = None if tag[1] else _RAW.get(tag[2].lower())
    if raw is None:
        return tag.end()
    closing = raw.search(html, tag.end())
    return -1 if closing is None else closing.start()


def _behind_comment(html: str, place: int) -> int:
    """Where a comment ends, or what counts as one; -1 when it does not."""
    if not html.startswith("<!--", place):
        return html.find(">", place)
    if html.startswith((">", "->"), place + 4):
        return place + 5
    closing = _COMMENT_END.search(html, place + 4)
    return -1 if closing is None else closing.end()


def attributes(html: str, tag: re.Match[str]) -> Iterator[Attribute]:
    """The attributes of a tag that have a value, in order."""
    for found in _NAME_AND_VALUE.finditer(html, tag.start(3), tag.end(3)):
        written = found[2]
        if written is not None:
            value = written[1:-1] if written[0] in "\"'" else written
            yield Attribute(found[1].lower(), read_value(value), found.start(2), found.end(2))


def read_value(written: str) -> str:
    """An attribute's value with its character references read as browsers read them: `&copy=1` has none."""
    return _REFERENCE.sub(_read_reference, written) if "&" in written else written


def _read_reference(found: re.Match[str]) -> str:
    said = found[0]
    if said[1] != "#":
        return html5.get(said[1:], said)
    mark = "x" if said[2] in "xX" else ""
    digits = said[2 + len(mark) :].rstrip(";").lstrip("0") or "0"
    return unescape(f"&#{mark}{digits};") if len(digits) <= _MOST_DIGITS else "\ufffd"
