"""How docstrings are read for the reference: two of our sections in a form that mkdocstrings shows well.

`Example:` is a section of code, and each numbered promise of a port is an item of a list. Used by `mkdocs.yml`
alone; imports griffe and nothing of ours.
"""

from __future__ import annotations

import re

import griffe

_EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)
_PROMISES = re.compile(r"^Promises:\n((?:[ ]{4}.*\n?|\n)+)", re.MULTILINE)
_PROMISE = re.compile(r"^[ ]{4}([A-Z]\d+)\. ", re.MULTILINE)


def readable(docstring: str) -> str:
    """The same text with `Examples:` as griffe knows them, and with promises as a list."""
    return _PROMISES.sub(_listed, _EXAMPLE.sub("Examples:", docstring))


def _listed(found: re.Match[str]) -> str:
    # A promise that goes on in the next line is indented there already, so it stays part of its item.
    return f"Promises:\n{_PROMISE.sub(_item, found[1])}"


def _item(found: re.Match[str]) -> str:
    return f"    - **{found[1]}.** "


class OurSections(griffe.Extension):
    """Makes each docstring readable before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring is not None:
            obj.docstring.value = readable(obj.docstring.value)
