"""Counting clicks and openings: links that lead over the site, and a pixel. Pure; off unless a host asks for it.

Imports the site, links and the two kinds of rewriting. Links in plain text are not rewritten: there the target
is what the reader reads, and a page of signs in its place would be neither readable nor believed. Nor are
links to unsubscribe, to choose and to confirm: they must work as they are signed, and for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Final

from nurture.errors import SendRefusedError
from nurture.mail._rewriting import rewritten
from nurture.mail.links import (
    CLICK_PATH,
    CONFIRM_PATH,
    OPEN_PATH,
    PREFERENCES_PATH,
    UNSUBSCRIBE_PATH,
    make_click_link,
    make_open_link,
)
from nurture.mail.targets import clean_target
from nurture.mail.utm import utm_adding, with_text_utm, with_utm
from nurture.model import EMPTY

if TYPE_CHECKING:
    from nurture.mail.site import Site, Tracking

__all__ = [
    "own_links",
    "rewritten",
    "tracked_html",
    "tracked_text",
    "with_open_pixel",
    "with_text_utm",
    "with_tracked_links",
    "with_utm",
]

MOST_LINKS: Final = 1_000
"""A mail with more different targets to be tracked is refused: its time and size are bounded."""

_PATHS: Final = (UNSUBSCRIBE_PATH, PREFERENCES_PATH, CONFIRM_PATH, CLICK_PATH, OPEN_PATH)


def own_links(site: Site) -> tuple[str, ...]:
    """How the site's signed links begin; nothing is added to them."""
    return tuple(f"{site.base_url}{path}" for path in _PATHS)


def tracked_html(
    html: str,
    site: Site,
    tenant: str,
    lead: str,
    effect: str,
    *,
    tracking: Tracking,
    utm: Mapping[str, object] = EMPTY,
) -> str:
    """The HTML of one mail as it goes out: with `utm_…`, tracked links and the pixel, in one pass or in none.

    Args:
        html: What the message says.
        site: Where tracked links lead, and which hosts are its own.
        tenant: Whose lead it is.
        lead: To whom it goes.
        effect: The mail's key.
        tracking: What is counted, as `site.tracking_of(purpose)` says.
        utm: What is added to links to the host's own pages.

    Raises:
        SendRefusedError: `too_big`: more than 1,000 different links would be tracked.
    """
    leave = own_links(site)
    adding = utm_adding(utm, site.own_hosts, leave)
    leading = _leading(lambda target: make_click_link(site, tenant, lead, effect, target), leave)
    pixel = _pixel(make_open_link(site, tenant, lead, effect)) if tracking.opens else ""
    if adding is not None and tracking.clicks:
        return rewritten(html, lambda target: leading(adding(target)), at_end=pixel)
    change = leading if tracking.clicks else adding
    return rewritten(html, change or _same, at_end=pixel) if change or pixel else html


def tracked_text(text: str, site: Site, *, utm: Mapping[str, object] = EMPTY) -> str:
    """The plain text of one mail as it goes out: with `utm_…`; its links lead where they say."""
    return with_text_utm(text, utm, site.own_hosts, leave=own_links(site))


def with_tracked_links(html: str, make: Callable[[str], str], *, leave: tuple[str, ...] = ()) -> str:
    """The HTML, whose links to the web are those that `make` makes of them; all else as it was.

    Left as they are: what `clean_target` does not take, and links with `data-track="off"`.

    Args:
        html: What is sent.
        make: From a target to the link that leads there.
        leave: How links begin that are left as they are, such as `own_links(site)`.

    Example:
        >>> with_tracked_links('<a href="https://a.jp">a</a> <a href="#b">b</a>', lambda target: "https://c.jp/1")
        '<a href="https://c.jp/1">a</a> <a href="#b">b</a>'
    """
    return rewritten(html, _leading(make, leave))


def with_open_pixel(html: str, url: str) -> str:
    """The HTML with an image of one pixel at the end of its body, which readers without images do not load."""
    return rewritten(html, _same, at_end=_pixel(url))


def _leading(make: Callable[[str], str], leave: tuple[str, ...]) -> Callable[[str], str]:
    """What makes tracked links, one for each target."""
    made: dict[str, str] = {}

    def leading(target: str) -> str:
        if target in made:
            return made[target]
        if (leave and target.startswith(leave)) or clean_target(target) is None:
            return target
        if len(made) == MOST_LINKS:
            raise SendRefusedError("too_big", f"more than {MOST_LINKS} links to be tracked")
        made[target] = make(target)
        return made[target]

    return leading


def _pixel(url: str) -> str:
    return f'<img src="{escape(url)}" width="1" height="1" alt="" style="border:0">'


def _same(target: str) -> str:
    return target
