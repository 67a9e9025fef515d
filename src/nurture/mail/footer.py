"""What the law wants a reader of marketing mail to see, added where the body does not show it. Pure.

Imports what is shown, and the site. Japan's 特定電子メール法 wants the sender's name, the notice that one can
refuse, and where; CAN-SPAM a postal address. This is an engineering reading and not legal advice.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final

from nurture.errors import SendRefusedError
from nurture.mail._shown import may_hide, shown
from nurture.mail._tags import tags
from nurture.mail.preheader import without_preheader

if TYPE_CHECKING:
    from nurture.mail.site import SenderIdentity

_WORDS: Final = {
    "ja": ("送信者", "所在地", "お問い合わせ・苦情", "配信停止はこちら"),
    "en": ("Sent by", "Address", "Questions and complaints", "Unsubscribe"),
}


_BEFORE_BODY: Final = frozenset("html head meta title style link base script".split())
_LOOKS: Final = 100  # beyond, what the law wants is added once more


def with_text_footer(text: str, identity: SenderIdentity, unsubscribe_url: str, locale: str) -> str:
    """The text with what is missing below it; the text itself when nothing is."""
    shown = zip(_words(locale), (*_disclosed(identity), unsubscribe_url), strict=True)
    lines = [f"{word}: {said}" for word, said in shown if said not in text]
    return "\n".join((text.rstrip("\r\n"), "", "-- ", *lines, "")) if lines else text


def with_html_footer(html: str, identity: SenderIdentity, unsubscribe_url: str, locale: str) -> str:
    """The HTML with what is missing at the end of its body; the HTML itself when nothing is.

    What stands in a comment or in a hidden element is missing, and so is a link without a word or an image to click.
    Style sheets that hide by class are not understood; inline them.

    Raises:
        SendRefusedError: `hidden_footer`: whatever is put at the end is hidden, too.
    """
    missing = _missing(html, identity, unsubscribe_url, locale)
    if not missing:
        return html
    footer = f'<hr><p style="font-size:small">{"<br>".join(missing)}</p>\n'
    end = max((tag.start() for tag in tags(html) if tag[1] and tag[2].lower() == "body"), default=len(html))
    whole = html[:end] + footer + html[end:]
    if may_hide(html) and _missing(whole, identity, unsubscribe_url, locale):
        raise SendRefusedError("hidden_footer", "the end of the HTML is hidden: an element or a comment has no end")
    return whole


def _missing(html: str, identity: SenderIdentity, unsubscribe_url: str, locale: str) -> list[str]:
    """The lines that a reader does not see."""
    disclosed, word = _escaped(identity, locale)
    link = escape(unsubscribe_url)
    body = _behind_head(without_preheader(html))
    if may_hide(body):
        seen, links = _seen(html)
        lines = [line for line, said, _ in disclosed if said not in seen]
        is_linked = unsubscribe_url in links or unsubscribe_url in seen
    else:
        lines = [line for line, _, said in disclosed if not _stands_in_text(body, said)]
        is_linked = _is_linked(body, link)
    return lines if is_linked else [*lines, f'<a href="{link}">{word}</a>']


def _behind_head(html: str) -> str:
    """What stands behind the head, in which titles and style sheets are no matter; all of it where there is no head."""
    for tag in tags(html):  # which knows a `</head>` in a comment, or in a style sheet without an end, to be none
        name = tag[2].lower()
        if name == "head" and tag[1]:
            return html[tag.end() :]
        if name not in _BEFORE_BODY:
            break
    return html


def _stands_in_text(html: str, said: str) -> bool:
    """Whether it stands between tags, and not only in an attribute; nothing in the HTML is hidden."""
    place = -1
    for _ in range(_LOOKS):
        place = html.find(said, place + 1)
        if place < 0:
            return False
        if html.rfind("<", 0, place) <= html.rfind(">", 0, place):
            return True
    return False


def _is_linked(html: str, link: str) -> bool:
    """Whether the link is there with something to click on; nothing in the HTML is hidden."""
    place = html.find(link)
    while place >= 0:
        inside = html.find(">", place) + 1
        if not inside or not html[inside : inside + 200].lstrip().lower().startswith("</a"):
            return True
        place = html.find(link, inside)
    return False


def _seen(html: str) -> tuple[str, frozenset[str]]:
    """The text that is seen, and the targets of links with something to click on."""
    texts: list[str] = []
    links: set[str] = set()
    target = ""
    for piece in shown(html):
        if isinstance(piece, str):
            texts.append(piece)
            if target and piece.strip():
                links.add(target)
        elif piece.name == "a":
            target = "" if piece.is_end else piece.attributes.get("href", "").strip()
        elif piece.name == "img" and target:
            links.add(target)
    return "".join(texts), frozenset(links)


def _words(locale: str) -> tuple[str, str, str, str]:
    return _WORDS["ja" if locale.startswith("ja") else "en"]


def _disclosed(identity: SenderIdentity) -> tuple[str, str, str]:
    return identity.name, identity.postal_address, identity.complaint_contact


@lru_cache(maxsize=64)
def _escaped(identity: SenderIdentity, locale: str) -> tuple[tuple[tuple[str, str, str], ...], str]:
    """What every mail of this sender shows, each as a line of HTML, as text and as HTML; and the word for the link."""
    *words, link = _words(locale)
    pairs = zip(words, _disclosed(identity), strict=True)
    return tuple((f"{word}: {escape(said)}", said, escape(said)) for word, said in pairs), link
