"""Where in HTML a template may print: escaping keeps data text in text and in quoted attributes, nowhere else. Pure.

Imports errors and the tags. What stands in a script, in a style sheet, in an event attribute or in an attribute without
quotation marks would be read as more than text, so a program with such a template is refused. A link that begins with
what is printed is checked in each mail: data must not turn it into `javascript:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nurture.errors import SendRefusedError
from nurture.mail._tags import attributes, tags

_MARK: Final = "\ue000"  # for private use: no template has it
_ENDS: Final = {"{{": "}}", "{%": "%}", "{#": "#}"}
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_RAW: Final = frozenset({"script", "style"})
_NAMELESS: Final = re.compile(f"</?{_MARK}")
_VALUE: Final = re.compile(r"=[ \t\n\f\r]*(?:\"[^\"]*\"|'[^']*')")
_LEADING: Final = frozenset({"href", "src", "action", "formaction", "background", "poster", "cite", "xlink:href"})
_OURS: Final = frozenset({"unsubscribe_url", "preferences_url", "confirm_url"})
_AUTHORS: Final = frozenset({"params", "sender", "campaign", "owner"})
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid", "line"})
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SKIPPED: Final = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]")


def place_problems(source: str, where: str) -> Iterator[str]:
    """What a template prints where escaping does not help, one sentence each.

    Args:
        source: HTML, a template.
        where: Names it in the sentences.

    Example:
        >>> list(place_problems("<p title={{ lead.name }}>", "hello.html"))
        ["hello.html: line 1: the value of 'title' needs quotation marks round what is printed"]
    """
    if "{{" not in source or "<" not in source:
        return
    marked, printed = _marked(source)
    for found in _NAMELESS.finditer(marked):
        yield _told(where, marked, found.start(), "the name of an element cannot be printed")
    before: re.Match[str] | None = None
    for tag in tags(marked):
        if before is not None and before[2].lower() in _RAW and not before[1]:
            yield from _raw_problems(before, marked, tag.start(), where)
        before = tag
        if _MARK in tag[0]:
            yield from _tag_problems(tag, marked, printed, where)
    if before is not None and before[2].lower() in _RAW and not before[1]:
        yield from _raw_problems(before, marked, len(marked), where)


def _raw_problems(tag: re.Match[str], marked: str, end: int, where: str) -> Iterator[str]:
    place = marked.find(_MARK, tag.end(), end)
    if place >= 0:
        yield _told(where, marked, place, f"nothing can be printed in a {tag[2].lower()} element")


def _tag_problems(tag: re.Match[str], marked: str, printed: list[str], where: str) -> Iterator[str]:
    unquoted = False
    for one in attributes(marked, tag):
        if _MARK not in marked[one.start : one.end]:
            continue
        if marked[one.start] not in "\"'":
            unquoted = True
            yield _told(
                where, marked, one.start, f"the value of {one.name!r} needs quotation marks round what is printed"
            )
        elif one.name.startswith("on") or one.name == "srcdoc":
            yield _told(where, marked, one.start, f"nothing can be printed in {one.name!r}")
        elif one.name == "style":
            before = marked.count(_MARK, 0, one.start)
            inside = printed[before : before + marked.count(_MARK, one.start, one.end)]
            if not all(_first_name(said) in _AUTHORS for said in inside):
                yield _told(where, marked, one.start, "a lead's data cannot be printed in 'style'")
    if not unquoted and _MARK in _VALUE.sub("", tag[0]):
        yield _told(where, marked, tag.start(), "nothing can be printed in a tag but values in quotation marks")


def links_vary(source: str) -> bool:
    """Whether a link of the template begins with what is printed, other than with a link of ours."""
    if "{{" not in source:
        return False
    marked, printed = _marked(source)
    count = 0
    for tag in tags(marked):
        for one in attributes(marked, tag):
            if one.name in _LEADING and one.value.lstrip().startswith(_MARK):
                count = marked.count(_MARK, 0, one.start)
                if printed[count].strip() not in _OURS:
                    return True
    return False


def check_links(html: str) -> None:
    """Refuse HTML with a link of a scheme that runs something or reads files.

    Raises:
        SendRefusedError: `bad_link`.
    """
    for tag in tags(html):
        for one in attributes(html, tag):
            if one.name in _LEADING:
                found = _SCHEME.match(_SKIPPED.sub("", one.value))
                if found is not None and found[1].lower() not in _SCHEMES:
                    raise SendRefusedError("bad_link", "a link is none to the web, a mailbox or a telephone")


def _marked(source: str) -> tuple[str, list[str]]:
    """The source with a mark for each thing that is printed and nothing for statements; and what is printed."""
    printed: list[str] = []
    pieces: list[str] = []
    place = 0
    source = source.replace(_MARK, "")
    while (start := source.find("{", place)) >= 0:
        closing = _ENDS.get(source[start : start + 2])
        end = -1 if closing is None else source.find(closing, start + 2)
        if end < 0:
            if closing is not None:
                break  # it does not end: no template, and refused as such
            pieces.append(source[place : start + 1])
            place = start + 1
            continue
        said = source[start + 2 : end]
        pieces.append(source[place:start])
        if closing == "}}":
            printed.append(said.strip("-+ \t\r\n"))
            pieces.append(_MARK)
        pieces.append("\n" * said.count("\n"))
        place = end + 2
    return "".join((*pieces, source[place:])), printed


def _first_name(said: str) -> str:
    found = _NAME.search(said)
    return found[0] if found is not None else ""


def _told(where: str, marked: str, place: int, problem: str) -> str:
    return f"{where}: line {marked.count(chr(10), 0, place) + 1}: {problem}"
