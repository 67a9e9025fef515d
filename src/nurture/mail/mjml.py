"""HTML from MJML, the markup that turns into tables which every mail program shows. Pure.

Imports errors and what is shown. `mjml-python` does the work: the extra `mjml`. It is meant for when a program is
made, not for each mail: what Jinja says in the source stands in the HTML as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from importlib import import_module
from typing import Final, Protocol, cast

from nurture.errors import DefinitionError, unknown_name
from nurture.mail._shown import nesting

LONGEST_SOURCE: Final = 262_144
"""A source has at most so many characters."""

DEEPEST: Final = 100
"""Elements stand in each other at most so deep; beyond, the library might end the process."""

_INCLUDE: Final = re.compile(r"<\s*mj-include\b", re.IGNORECASE)
_ELEMENT: Final = re.compile(r"<\s*(mj-[a-z0-9-]+)", re.IGNORECASE)
_POSITION: Final = re.compile(r"position (\d+):")
_ELEMENTS: Final = frozenset(
    f"mj-{name}"
    for name in (
        "accordion accordion-element accordion-text accordion-title all attributes body breakpoint button carousel "
        "carousel-image class column divider font group head hero html-attribute html-attributes image navbar "
        "navbar-link preview raw section selector social social-element spacer style table text title wrapper"
    ).split()
)


def html_from_mjml(source: str) -> str:
    """The HTML that mail programs show, with the templates of the source in it.

    Args:
        source: MJML, with Jinja where its text or its attributes vary. Loops and conditions around elements stand
            in `<mj-raw>`.

    Raises:
        DefinitionError: It is no MJML, includes another file, is too long, or the extra `mjml` is not installed.

    Example:
        >>> html = html_from_mjml("<mjml><mj-body><mj-text>{{ lead|honorific }}</mj-text></mj-body></mjml>")
        >>> "{{ lead|honorific }}" in html
        True
    """
    if len(source) > LONGEST_SOURCE:
        raise DefinitionError(f"mjml: line 1: a source has at most {LONGEST_SOURCE} characters")
    found = _INCLUDE.search(source)
    if found is not None:
        raise DefinitionError(f"mjml: line {_line(source, found.start())}: nothing can be included")
    for element in _ELEMENT.finditer(source):
        if element[1].lower() not in _ELEMENTS:
            where = f"mjml: line {_line(source, element.start())}"
            raise DefinitionError(unknown_name("element", element[1], sorted(_ELEMENTS), where=where))
    if nesting(source, DEEPEST) > DEEPEST:
        raise DefinitionError(f"mjml: elements stand more than {DEEPEST} deep in each other")
    convert = _converter()
    try:
        return convert(source)
    except ValueError as error:
        raise DefinitionError(f"mjml: {_told(source, str(error))}") from None


def _told(source: str, problem: str) -> str:
    """What is wrong, with its line where the library knows a place."""
    found = _POSITION.search(problem)
    if found is not None:
        line = source.encode("utf-8", "replace")[: int(found[1])].count(b"\n") + 1
        return f"line {line}: {problem[: found.start()].removesuffix(' at ')}"
    last = f"line {_line(source, len(source.rstrip()))}: " if "end of stream" in problem else ""
    return f"{last}{problem}"


def _line(source: str, place: int) -> int:
    return source.count("\n", 0, place) + 1


class _Converter(Protocol):
    def __call__(self, source: str, /, *, fonts: Mapping[str, str]) -> str: ...


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    try:
        convert = cast("_Converter", import_module("mjml").mjml2html)
    except ImportError:
        raise DefinitionError('MJML needs the extra mjml: pip install "nurture-crm[mjml]"') from None
    return partial(convert, fonts={})  # else mails would load web fonts from somebody else's servers
