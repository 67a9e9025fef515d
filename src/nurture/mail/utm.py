"""`utm_…` parameters on links to the host's own pages, so that its web analysis knows the mail. Pure.

Imports the targets and `tracking`. Nothing personal belongs in them: they end in other people's logs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final
from urllib.parse import quote, unquote_plus, urlsplit

from nurture.mail._rewriting import rewritten
from nurture.mail.targets import clean_target

_PREFIX: Final = "utm_"
_TEXT_LINK: Final = re.compile(r"(?<![A-Za-z0-9])https?://[!#-;=?-Z\[\]_a-z~]+", re.IGNORECASE | re.ASCII)
_TRAILING: Final = ".,;:!?'"


def with_utm(html: str, utm: Mapping[str, object], own_hosts: Collection[str], *, leave: tuple[str, ...] = ()) -> str:
    """The HTML, whose links to the host's own pages carry the parameters; all else as it was.

    A link with `data-track="off"` is left as it is.

    Args:
        html: What is sent.
        utm: Such as `{"campaign": "spring"}` for `utm_campaign=spring`.
        own_hosts: Hosts in lower case, as punycode; ports do not matter.
        leave: How links begin that are left as they are, such as those to unsubscribe.

    Example:
        >>> with_utm('<a href="https://a.jp/x?y#z">', {"source": "mail"}, {"a.jp"})
        '<a href="https://a.jp/x?y&amp;utm_source=mail#z">'
    """
    adding = utm_adding(utm, own_hosts, leave)
    return html if adding is None else rewritten(html, adding)


def with_text_utm(
    text: str, utm: Mapping[str, object], own_hosts: Collection[str], *, leave: tuple[str, ...] = ()
) -> str:
    """The plain text, whose links to the host's own pages carry the parameters; arguments as in `with_utm`.

    Example:
        >>> with_text_utm("資料はhttps://a.jp/xをご覧ください。", {"source": "mail"}, {"a.jp"})
        '資料はhttps://a.jp/x?utm_source=mailをご覧ください。'
    """
    adding = utm_adding(utm, own_hosts, leave)
    if adding is None or "://" not in text:
        return text

    def changed(found: re.Match[str]) -> str:
        link = _without_punctuation(found[0])
        return adding(link) + found[0][len(link) :]

    return _TEXT_LINK.sub(changed, text)


def utm_adding(
    utm: Mapping[str, object], own_hosts: Collection[str], leave: tuple[str, ...]
) -> Callable[[str], str] | None:
    """What adds the parameters to one link; None when there is nothing to add."""
    wanted = {
        name if name.startswith(_PREFIX) else f"{_PREFIX}{name}": str(value)
        for name, value in utm.items()
        if value is not None and value != ""
    }
    if not wanted or not own_hosts:
        return None

    def adding(link: str) -> str:
        if leave and link.startswith(leave):
            return link
        where = clean_target(link)
        return link if where is None or urlsplit(where).hostname not in own_hosts else _added(link, wanted)

    return adding


def _added(link: str, wanted: Mapping[str, str]) -> str:
    """The link with the parameters that it does not have yet, behind its own and before its fragment."""
    before, hash_sign, fragment = link.partition("#")
    _, question, query = before.partition("?")
    known = {unquote_plus(one.partition("=")[0]) for one in query.split("&")}
    new = [f"{quote(name, safe='')}={quote(said, safe='')}" for name, said in wanted.items() if name not in known]
    if not new:
        return link
    joint = "?" if not question else "" if before.endswith(("?", "&")) else "&"
    return f"{before}{joint}{'&'.join(new)}{hash_sign}{fragment}"


def _without_punctuation(link: str) -> str:
    """The link without the signs behind it that belong to the sentence, and without a bracket that it did not open."""
    depth = 0
    for place, sign in enumerate(link):
        depth += (sign in "([") - (sign in ")]")
        if depth < 0:
            link = link[:place]
            break
    return link.rstrip(_TRAILING)
