"""A browser's tokenizer, one text at a time: from a place in HTML to the places where it may be behind a text. Pure.

Imports nothing of ours. It goes by the HTML Living Standard, section 13.2.5, and can stop anywhere, as in the middle of
an end tag. What a browser may take for plain text, as in `<title>`, is read both ways: inside of `<svg>`, and by
programs that leave the element out, it is markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

RAW: Final = frozenset("iframe noembed noframes plaintext script style textarea title xmp".split())
"""Elements whose inside is text, up to their end tag."""

LEADING: Final = frozenset("href src action formaction background poster cite xlink:href data ping longdesc".split())
"""Attributes that are a link as a whole."""

_HALF_A_SCHEME: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*)?")
_SKIPPED: Final = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]")
_NAME: Final = re.compile(r"[^ \t\n\f\r/>]*")
_ATTRIBUTE: Final = re.compile(r"[^ \t\n\f\r/>=]*")
_UNQUOTED: Final = re.compile(r"[^ \t\n\f\r>]*")
_BLANKS: Final = re.compile(r"[ \t\n\f\r]*")
_BETWEEN: Final = re.compile(r"[ \t\n\f\r/]*")
_LETTER: Final = re.compile(r"[A-Za-z]")
_COMMENT_END: Final = re.compile("--!?>")
_DASHES: Final = re.compile(r"(?:--!|--?)\Z")
_RAW_END: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE | re.ASCII) for name in RAW - {"plaintext"}
} | {"plaintext": re.compile("(?!)")}
_LONGEST_NAME: Final = 40
_FIXED: Final = ":"


class At(NamedTuple):
    """A place in HTML.

    Attributes:
        kind: The state of the tokenizer.
        tag: The name of the element, with a slash before that of an end tag.
        name: That of the attribute.
        said: What decides how it goes on: a quotation mark, dashes, the beginning of an end tag.
        scheme: Of a link, what was said before and may still become a scheme; `:` once nothing can.
        loose: Of a comment, whether what was said depends on what is printed.
    """

    kind: str
    tag: str = ""
    name: str = ""
    said: str = ""
    scheme: str = ""
    loose: bool = False


DATA: Final = At("data")
"""Between tags."""

TORN: Final = At("torn")
"""Behind the end of a comment that what was printed in it could make, or not."""


def behind_printed(at: At, *, is_data: bool = True) -> frozenset[At]:
    """Where it goes on behind something that is printed, which is escaped and may be empty.

    Args:
        at: Where it is printed.
        is_data: Whether others choose what it says; the author answers for what is written out.
    """
    if at.kind == "comment":
        said = ("-", "--", "--!", *((at.said,) if at.said else ()), *(("^-",) if at.said == "^" else ()))
        return frozenset({At("comment"), *(At("comment", said=one, loose=is_data) for one in said)})
    if at.kind == "equals":
        return frozenset({at, at._replace(kind="unquoted")})
    return frozenset({at})


def behind_text(text: str, at: At) -> frozenset[At]:
    """All places where it may be behind a text. No place is left twice, so that it takes linear time."""
    ends: set[At] = set()
    seen: set[tuple[At, int]] = set()
    raw_ends: dict[str, tuple[int, int]] = {}
    waiting = [(at, 0)]
    while waiting:
        at, place = waiting.pop()
        while place < len(text):
            if at.kind == "raw":
                at, place = _in_raw(text, place, at, raw_ends)
                continue
            at, place = _STEPS[at.kind](text, place, at)
            if at.kind == "end":
                at, inside = DATA, at.tag
                if inside in RAW:
                    waiting.append((At("raw", inside), place))
                if (at, place) in seen:
                    break
                seen.add((at, place))
        else:
            ends.add(at)
    return frozenset(ends)


def _in_raw(text: str, place: int, at: At, known: dict[str, tuple[int, int]]) -> tuple[At, int]:
    """Up to the end tag; `known` holds from where on one was looked for, and where it was, -1 for nowhere."""
    closing = f"</{at.tag}"
    if at.said:  # the end tag began before this text
        whole = (at.said + text[: len(closing) + 1]).lower()
        if whole.startswith(closing) and whole[len(closing) : len(closing) + 1] in (*" \t\n\f\r/>",):
            return At("between", f"/{at.tag}"), len(closing) - len(at.said)
        if closing.startswith(whole):
            return at._replace(said=whole), len(text)
    start, found = known.get(at.tag, (len(text), -1))
    if place < start or 0 <= found < place:
        before = start + len(closing) + 1 if place < start else len(text)
        match = _RAW_END[at.tag].search(text, place, before)
        found = match.start() if match is not None else found if place < start else -1
        known[at.tag] = place, found
    if found >= 0:
        return At("between", f"/{at.tag}"), found + len(closing)
    last = text.rfind("<", max(place, len(text) - len(closing)))
    tail = text[last:].lower() if last >= 0 else ""
    return at._replace(said=tail if tail and closing.startswith(tail) else ""), len(text)


_Step = Callable[[str, int, At], tuple[At, int]]


def _data(text: str, place: int, at: At) -> tuple[At, int]:
    found = text.find("<", place)
    return (at, len(text)) if found < 0 else (At("open"), found + 1)


def _open(text: str, place: int, at: At) -> tuple[At, int]:
    """Behind `<` or `</`."""
    if _LETTER.match(text, place):
        return At("name", at.said), place
    sign = text[place]
    if at.said:
        return (DATA, place + 1) if sign == ">" else (At("bogus"), place)
    if sign == "/":
        return At("open", said="/"), place + 1
    if sign == "!":
        return At("declaration"), place + 1
    return (At("bogus"), place + 1) if sign == "?" else (DATA, place)


def _declaration(text: str, place: int, at: At) -> tuple[At, int]:
    """Behind `<!` or `<!-`."""
    if text[place] != "-":
        return At("bogus"), place
    return (At("comment", said="^") if at.said else At("declaration", said="-")), place + 1


def _bogus(text: str, place: int, at: At) -> tuple[At, int]:
    found = text.find(">", place)
    return (at, len(text)) if found < 0 else (DATA, found + 1)


def _comment(text: str, place: int, at: At) -> tuple[At, int]:
    """In a comment. `^` stands for its beginning, where `>` and `->` end it; dashes before this text count."""
    said, loose, closed = at.said, at.loose, TORN if at.loose else DATA
    if said.startswith("^"):
        if text.startswith(">", place):
            return closed, place + 1
        if said == "^" and text.startswith("->", place):
            return closed, place + 2
        if said == "^" and text[place] == "-" and place + 1 == len(text):
            return At("comment", said="^-", loose=loose), len(text)
        said = said[1:]
    ahead = len(text) - place
    if said:  # it was carried over, so this is where the text begins
        text, place = said + text, 0
    found = _COMMENT_END.search(text, place)
    if found is not None:
        return closed if found.start() < len(said) else DATA, found.end() - len(said)
    dashes = _DASHES.search(text, max(place, len(text) - 3))
    last = "" if dashes is None else dashes[0]
    return At("comment", said=last, loose=loose and len(last) > ahead), len(text) - len(said)


def _torn(text: str, place: int, at: At) -> tuple[At, int]:
    return at, len(text)


def _name(text: str, place: int, at: At) -> tuple[At, int]:
    end = _matched(_NAME, text, place)
    tag = (at.tag + text[place:end].lower())[:_LONGEST_NAME]
    return At("name" if end == len(text) else "between", tag), end


def _between(text: str, place: int, at: At) -> tuple[At, int]:
    """In a tag, before an attribute or its end."""
    place = _matched(_BETWEEN, text, place)
    if place == len(text):
        return at, place
    if text[place] == ">":
        return At("end", at.tag), place + 1
    return At("attribute", at.tag, text[place].lower()), place + 1


def _attribute(text: str, place: int, at: At) -> tuple[At, int]:
    end = _matched(_ATTRIBUTE, text, place)
    at = at._replace(name=(at.name + text[place:end].lower())[:_LONGEST_NAME])
    if end == len(text):
        return at, end
    return (at._replace(kind="equals"), end + 1) if text[end] == "=" else (at._replace(kind="named"), end)


def _named(text: str, place: int, at: At) -> tuple[At, int]:
    """Behind the name of an attribute and perhaps blanks."""
    place = _matched(_BLANKS, text, place)
    if place == len(text):
        return at, place
    return (at._replace(kind="equals"), place + 1) if text[place] == "=" else (At("between", at.tag), place)


def _equals(text: str, place: int, at: At) -> tuple[At, int]:
    place = _matched(_BLANKS, text, place)
    if place == len(text):
        return at, place
    if text[place] in "\"'":
        return at._replace(kind="value", said=text[place]), place + 1
    return (At("between", at.tag) if text[place] == ">" else at._replace(kind="unquoted")), place


def _unquoted(text: str, place: int, at: At) -> tuple[At, int]:
    end = _matched(_UNQUOTED, text, place)
    if end == len(text):
        return at._replace(scheme=_scheme(at, text[place:end])), end
    return At("between", at.tag), end


def _value(text: str, place: int, at: At) -> tuple[At, int]:
    end = text.find(at.said, place)
    if end < 0:
        return at._replace(scheme=_scheme(at, text[place:])), len(text)
    return At("between", at.tag), end + 1


def _scheme(at: At, text: str) -> str:
    """What of a link may still become a scheme with what follows."""
    if at.name not in LEADING or at.scheme == _FIXED:
        return at.scheme
    said = _SKIPPED.sub("", at.scheme + text[: 2 * _LONGEST_NAME])
    before, reference, _ = said.partition("&")
    if not _HALF_A_SCHEME.fullmatch(before):
        return _FIXED
    return "&" if reference else said[:_LONGEST_NAME]  # a reference, perhaps half of one, is anything


def _matched(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return place if found is None else found.end()


_STEPS: Final[Mapping[str, _Step]] = {
    "data": _data,
    "open": _open,
    "declaration": _declaration,
    "bogus": _bogus,
    "comment": _comment,
    "torn": _torn,
    "name": _name,
    "between": _between,
    "attribute": _attribute,
    "named": _named,
    "equals": _equals,
    "unquoted": _unquoted,
    "value": _value,
}
