"""Where in HTML a template may print: escaping keeps data text in text and in quoted attributes, nowhere else. Pure.

Imports errors, marks and the tags. What stands in a script, in a style sheet, in an event attribute or in an attribute
without quotation marks would be read as more than text, so a program with such a template is refused. A link whose
scheme could come from what is printed is checked in each mail: data must not turn it into `javascript:`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from nurture.errors import SendRefusedError
from nurture.mail._marks import MARK, Marked, marked
from nurture.mail._tags import Attribute, attributes, tags

_RAW: Final = frozenset({"script", "style"})
_NAMELESS: Final = re.compile(f"</?{MARK}")
_VALUE: Final = re.compile(r"=[ \t\n\f\r]*(?:\"[^\"]*\"|'[^']*')")
_LEADING: Final = frozenset("href src action formaction background poster cite xlink:href data ping longdesc".split())
_LISTS: Final = frozenset({"srcset", "imagesrcset"})
_OURS: Final = frozenset({"unsubscribe_url", "preferences_url", "confirm_url"})
_AUTHORS: Final = frozenset({"params", "sender", "campaign", "owner", "loop"})
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid", "line", "webcal"})
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HALF_A_SCHEME: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*)?")
_SKIPPED: Final = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]")
_REFRESH: Final = re.compile(r"[0-9.\s]*[;,\s]\s*(?:url\s*=\s*)?[\"']?", re.IGNORECASE)
_CANDIDATES: Final = re.compile(r"[\s,]+")


def place_problems(source: str, where: str) -> Iterator[str]:
    """What a template prints where escaping does not help, one sentence each.

    Args:
        source: HTML, a template.
        where: Names it in the sentences.

    Example:
        >>> list(place_problems("<p title={{ lead.name }}>", "hello.html"))
        ["hello.html: line 1: the value of 'title' needs quotation marks round what is printed"]
    """
    one = _template(source)
    if one is None or "<" not in source:
        return
    for found in _NAMELESS.finditer(one.html):
        yield _told(where, one, found.start(), "the name of an element cannot be printed")
    before: re.Match[str] | None = None
    for tag in tags(one.html):
        if before is not None and before[2].lower() in _RAW and not before[1]:
            yield from _raw_problems(before, one, tag.start(), where)
        before = tag
        if MARK in tag[0]:
            yield from _tag_problems(tag, one, where)
    if before is not None and before[2].lower() in _RAW and not before[1]:
        yield from _raw_problems(before, one, len(one.html), where)


def _template(source: str) -> Marked | None:
    """The template with marks, if it prints anything."""
    one = marked(source) if "{{" in source or "{%" in source else None
    return one if one is not None and one.printed else None


def _raw_problems(tag: re.Match[str], one: Marked, end: int, where: str) -> Iterator[str]:
    place = one.html.find(MARK, tag.end(), end)
    if place >= 0:
        yield _told(where, one, place, f"nothing can be printed in a {tag[2].lower()} element")


def _tag_problems(tag: re.Match[str], one: Marked, where: str) -> Iterator[str]:
    unquoted = False
    for value in attributes(one.html, tag):
        if MARK not in one.html[value.start : value.end]:
            continue
        if one.html[value.start] not in "\"'" or one.has_statement(value.start, value.start):
            unquoted = True
            yield _told(
                where, one, value.start, f"the value of {value.name!r} needs quotation marks round what is printed"
            )
        elif value.name.startswith("on") or value.name == "srcdoc":
            yield _told(where, one, value.start, f"nothing can be printed in {value.name!r}")
        elif value.name == "style":
            inside = one.printed_in(value.start, value.end)
            if not all(one.is_made_of(names, _AUTHORS) for names in inside):
                yield _told(where, one, value.start, "a lead's data cannot be printed in 'style'")
    if not unquoted and MARK in _VALUE.sub("", tag[0]):
        yield _told(where, one, tag.start(), "nothing can be printed in a tag but values in quotation marks")


def links_vary(source: str) -> bool:
    """Whether what is printed could be, or could choose, the scheme of a link, other than with a link of ours."""
    one = _template(source)
    return one is not None and any(
        _varies(one, value) for tag in tags(one.html) if MARK in tag[0] for value in _link_values(one.html, tag)
    )


def _varies(one: Marked, value: Attribute) -> bool:
    if MARK not in value.value:
        return False
    if value.name not in _LEADING or one.has_statement(value.start, value.end):
        return True
    if _HALF_A_SCHEME.fullmatch(_SKIPPED.sub("", value.value.partition(MARK)[0])) is None:
        return False
    inside = one.printed_in(value.start, value.end)
    return not all(names <= _OURS and one.is_made_of(names, _OURS) for names in inside)


def own_links(source: str) -> tuple[str, ...]:
    """The links that the author wrote out, whatever their scheme: they are no data, and `check_links` lets them be."""
    one = marked(source) if "<" in source else None
    if one is None:
        return ()
    return tuple(
        value.value
        for tag in tags(one.html)
        for value in _link_values(one.html, tag)
        if MARK not in value.value and not one.has_statement(value.start, value.end)
    )


def check_links(html: str, own: Collection[str] = ()) -> None:
    """Refuse HTML with a link of a scheme that runs something or reads files.

    Args:
        html: As it is sent.
        own: Links that the author wrote out; see `own_links`.

    Raises:
        SendRefusedError: `bad_link`.
    """
    for tag in tags(html):
        for value in _link_values(html, tag):
            if value.value not in own and not all(_is_harmless(target) for target in _targets(value)):
                raise SendRefusedError("bad_link", "a link is none to the web, a mailbox or a telephone")


def _link_values(html: str, tag: re.Match[str]) -> Iterator[Attribute]:
    """The attributes of a tag that say where something is."""
    is_refresh = tag[2].lower() == "meta" and any(
        value.name == "http-equiv" and (MARK in value.value or value.value.strip().lower() == "refresh")
        for value in attributes(html, tag)
    )
    for value in attributes(html, tag):
        if value.name in _LEADING or value.name in _LISTS or (is_refresh and value.name == "content"):
            yield value


def _targets(value: Attribute) -> list[str]:
    """Where the attribute leads: one place, or those of a list of images."""
    if value.name in _LEADING:
        return [value.value]
    if value.name in _LISTS:
        return _CANDIDATES.split(value.value)
    found = _REFRESH.match(value.value)
    return [] if found is None else [value.value[found.end() :]]


def _is_harmless(target: str) -> bool:
    found = _SCHEME.match(_SKIPPED.sub("", target))
    return found is None or found[1].lower() in _SCHEMES


def _told(where: str, one: Marked, place: int, problem: str) -> str:
    return f"{where}: line {one.html.count(chr(10), 0, place) + 1}: {problem}"
