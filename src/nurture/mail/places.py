"""Where in HTML a template may print: escaping keeps data text in text and in quoted attributes, nowhere else. Pure.

Imports errors, the context's names, marks, paths, states and the tags. What stands in a script, in a style sheet, in an
event attribute or in an attribute without quotation marks would be read as more than text, so a program with such a
template is refused; so it is where that holds on one way through its statements. A link whose scheme could come from
what is printed is checked in each mail: data must not turn it into `javascript:`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from nurture.errors import SendRefusedError
from nurture.mail._marks import MARK, Printed, TooManyWaysError, marked
from nurture.mail._paths import paths
from nurture.mail._states import LEADING, TORN, At
from nurture.mail._tags import Attribute, attributes, tags
from nurture.mail.context import known_names

_LISTS: Final = frozenset({"srcset", "imagesrcset"})
_OURS: Final = frozenset({"unsubscribe_url", "preferences_url", "confirm_url"})
_AUTHORS: Final = frozenset({"sender", "campaign", "owner", "loop"})  # `params` may be filled with what people said
_KNOWN: Final = frozenset(
    {*(name for name in known_names() if "." not in name), "blocks", "content", "loop", "preheader"}
)
_ACTIVE: Final = frozenset({"script", "style"})
_MARKUP: Final = frozenset("open declaration name".split())
_FIXED: Final = ":"
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid", "line", "webcal"})
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
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
    place = source.find(MARK)
    if place >= 0:
        yield f"{where}: line {source.count(chr(10), 0, place) + 1}: the sign U+E000 is for private use: leave it out"
        return
    if "<" not in source:
        return
    try:
        one = marked(source)
        found = None if one is None else paths(one)
    except TooManyWaysError:
        yield f"{where}: its statements stand in each other too deeply, or in the middle of tags in too many ways"
        return
    if one is None or found is None:
        return
    authors = one.made_of(_AUTHORS, _KNOWN)
    is_fine = True
    for printed, places in zip(one.printed, found.prints, strict=True):
        problems = sorted({problem for at in places if (problem := _problem(printed, at, authors))})
        if problems:
            is_fine = False
            yield f"{where}: line {printed.line}: {problems[0]}"
    kinds = {at.kind for at in found.ends}
    if TORN.kind in kinds:
        yield f"{where}: what is printed in a comment could end it: leave a space on both sides of it"
    elif is_fine and kinds - {"data"}:
        yield f"{where}: it ends in the middle of a tag, a comment or an element that holds text only"


def _problem(printed: Printed, at: At, authors: Collection[str]) -> str:
    """What is wrong with printing this there, or `""`."""
    if at.kind in _MARKUP or (at.kind == "raw" and at.said):
        return "the name of an element cannot be printed"
    if at.kind == "raw" and at.tag in _ACTIVE:
        return f"nothing can be printed in a {at.tag} element"
    if printed.is_html and at.kind != "data":
        return "what may hold HTML can be printed between tags only"
    if at.kind in ("equals", "unquoted"):
        return f"the value of {at.name!r} needs quotation marks round what is printed"
    if at.kind in ("between", "attribute", "named"):
        return "nothing can be printed in a tag but values in quotation marks"
    if at.kind == "value":
        return _value_problem(printed, at.name, authors)
    return ""


def _value_problem(printed: Printed, name: str, authors: Collection[str]) -> str:
    if name.startswith("on") or name == "srcdoc":
        return f"nothing can be printed in {name!r}"
    if name == "style" and not printed.names.issubset(authors):
        return "data of a lead, or given along, cannot be printed in 'style'"
    return ""


def links_vary(source: str) -> bool:
    """Whether what is printed could be, or could choose, the scheme of a link, other than with a link of ours."""
    if MARK in source:
        return True
    if "{" not in source or "<" not in source:
        return False
    try:
        one = marked(source)
        found = None if one is None else paths(one)
    except TooManyWaysError:
        return True
    if one is None or found is None:
        return False
    ours = one.made_of(_OURS, _KNOWN)
    refreshes = "http-equiv" in source.lower()
    return any(
        _varies(printed, at, ours, refreshes)
        for printed, places in zip(one.printed, found.prints, strict=True)
        for at in places
    )


def _varies(printed: Printed, at: At, ours: Collection[str], refreshes: bool) -> bool:
    if at.kind not in ("value", "unquoted", "equals"):
        return False
    if at.name in LEADING:
        return at.scheme != _FIXED and not printed.names.issubset(ours)
    return at.name in _LISTS or (refreshes and at.tag == "meta" and at.name == "content")


def own_links(source: str) -> tuple[str, ...]:
    """The links that the author wrote out, whatever their scheme: they are no data, and `check_links` lets them be."""
    try:
        one = marked(source) if "<" in source else None
    except TooManyWaysError:
        return ()
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
        if value.name in LEADING or value.name in _LISTS or (is_refresh and value.name == "content"):
            yield value


def _targets(value: Attribute) -> list[str]:
    """Where the attribute leads: one place, or those of a list of images."""
    if value.name in LEADING:
        return [value.value]
    if value.name in _LISTS:
        return _CANDIDATES.split(value.value)
    found = _REFRESH.match(value.value)
    return [] if found is None else [value.value[found.end() :]]


def _is_harmless(target: str) -> bool:
    found = _SCHEME.match(_SKIPPED.sub("", target))
    return found is None or found[1].lower() in _SCHEMES
