"""Style sheets written into the elements, for mail programs that drop them. Pure.

Imports errors and what is shown. `css-inline` does the work: the extra `mail`. It is given no way to the network or
to files, and what elements cannot carry (`@media`, `:hover`) stays in the sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Final, Protocol, cast

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail._shown import nesting

DEEPEST: Final = 200
"""Elements stand in each other at most so deep; beyond, the library would end the process (tried: at some 500 in a
thread with a small stack)."""


def inlined(html: str) -> str:
    """The HTML with its style sheets written into the elements; at-rules stay in their sheet.

    Raises:
        DefinitionError: The extra `mail` is not installed.
        SendRefusedError: `bad_stylesheet`: it cannot be read; or elements stand too deep in each other.

    Example:
        >>> inlined("<style>p { color: red }</style><p>a</p>")
        '<html><head></head><body><p style="color: red;">a</p></body></html>'
    """
    inline = _inliner()
    if nesting(html, DEEPEST) > DEEPEST:
        raise SendRefusedError("bad_stylesheet", f"elements stand more than {DEEPEST} deep in each other")
    try:
        return inline(html)
    except ValueError:  # its own error is one; the text may quote what is in the mail, so it is left out
        raise SendRefusedError("bad_stylesheet", "the style sheet cannot be read") from None


def require_inliner() -> None:
    """Look for the library before anybody is written to.

    Raises:
        DefinitionError: The extra `mail` is not installed.
    """
    _inliner()


class _Inliner(Protocol):
    def inline(self, html: str, /) -> str: ...


class _Library(Protocol):
    def CSSInliner(self, *, keep_at_rules: bool, load_remote_stylesheets: bool) -> _Inliner: ...


@lru_cache(maxsize=1)
def _inliner() -> Callable[[str], str]:
    try:
        library = cast("_Library", import_module("css_inline"))
    except ImportError:
        raise DefinitionError('inlining style sheets needs the extra mail: pip install "nurture-crm[mail]"') from None
    return library.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline
