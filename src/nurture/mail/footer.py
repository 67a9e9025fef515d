"""What the law wants a reader of marketing mail to see, added where the body does not show it. Pure.

Imports what is shown, and the site. Japan's 特定電子メール法 wants the sender's name, the notice that one can
refuse, and where; CAN-SPAM a postal address. This is an engineering reading and not legal advice.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from nurture.errors import SendRefusedError
from nurture.mail._shown import INLINE, may_hide, shown
from nurture.mail._tags import tags
from nurture.mail.preheader import without_preheader

if TYPE_CHECKING:
    from nurture.mail.site import SenderIdentity

_WORDS: Final = {
    "ja": ("送信者", "所在地", "お問い合わせ・苦情", "配信停止はこちら"),
    "en": ("Sent by", "Address", "Questions and complaints", "Unsubscribe"),
}


_BEFORE_BODY: Final = frozenset("html head meta title style link base script".split())
_LOOKS: Final = 100  # beyond, it is looked at as a whole
_IN_LINE: Final = INLINE - {"br"}
_NAME: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_LINK: Final = re.compile(r"<a(?:\s+[A-Za-z-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))*\s+href=[\"']", re.IGNORECASE)
_BLANK_SIGNS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters that look like nothing


class Seen(NamedTuple):
    """What a reader sees of a body.

    Attributes:
        text: All text, in lines.
        links: The targets of links with something to click on.
    """

    text: str
    links: frozenset[str] = frozenset()

    def says(self, said: str) -> bool:
        """Whether it stands there by itself, and not as a part of another word, number or address."""
        return _alone(said).search(self.text) is not None

    def links_to(self, url: str) -> bool:
        """Whether there is a link to click on, or to copy."""
        return url in self.links or url in self.text


def with_text_footer(text: str, identity: SenderIdentity, unsubscribe_url: str, locale: str) -> str:
    """The text with what is missing below it; the text itself when nothing is."""
    seen = Seen(text)
    disclosed = [
        (word, said, seen.says(said)) for word, said in zip(_words(locale), _disclosed(identity), strict=False)
    ]
    every = (*disclosed, (_words(locale)[-1], unsubscribe_url, seen.links_to(unsubscribe_url)))
    lines = [f"{word}: {said}" for word, said, is_there in every if not is_there]
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
    footer = f'<hr><p style="font-size:small;padding:8px">{"<br>".join(missing)}</p>\n'
    end = max((tag.start() for tag in tags(html) if tag[1] and tag[2].lower() == "body"), default=len(html))
    whole = html[:end] + footer + html[end:]
    if may_hide(html) and _missing(whole, identity, unsubscribe_url, locale):
        raise SendRefusedError("hidden_footer", "the end of the HTML is hidden: an element or a comment has no end")
    return whole


def seen_in(html: str) -> Seen:
    """The text that is seen, and the targets of links with something to click on."""
    texts: list[str] = []
    links: set[str] = set()
    target = ""
    for piece in shown(html):
        if isinstance(piece, str):
            texts.append(piece)
            if target and any(map(_is_seen, piece)):
                links.add(target)
            continue
        if piece.name == "a":
            target = "" if piece.is_end else piece.attributes.get("href", "").strip()
        elif piece.name == "img" and target and piece.attributes.get("src", "").strip():
            links.add(target)
        if piece.name not in _IN_LINE:
            texts.append("\n")
    return Seen("".join(texts), frozenset(links))


def _is_seen(sign: str) -> bool:
    return sign.isprintable() and not sign.isspace() and sign not in _BLANK_SIGNS


@lru_cache(maxsize=256)
def _alone(said: str) -> re.Pattern[str]:
    """Finds it where no letter, digit, or sign that goes on with an address or a number stands next to it."""
    before = r"(?<!\w)(?<!\w[.@+-])" if said[:1].isalnum() else ""
    behind = r"(?![.@+-]?\w)" if said[-1:].isalnum() else ""
    return re.compile(before + r"\s+".join(map(re.escape, said.split())) + behind)


def _missing(html: str, identity: SenderIdentity, unsubscribe_url: str, locale: str) -> list[str]:
    """The lines that a reader does not see."""
    disclosed, word = _escaped(identity, locale)
    link = escape(unsubscribe_url)
    body = _behind_head(without_preheader(html))
    is_plain = not may_hide(body)
    there = [_quick_look(body, said) if is_plain else None for _, _, said in disclosed]
    is_linked = _is_linked(body, link) if is_plain else None
    if None in there or is_linked is None:
        seen = seen_in(html)
        there = [seen.says(said) for _, said, _ in disclosed]
        is_linked = seen.links_to(unsubscribe_url)
    lines = [line for (line, _, _), is_there in zip(disclosed, there, strict=True) if not is_there]
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


def _quick_look(html: str, said: str) -> bool | None:
    """Whether it stands by itself between tags, as far as a quick look tells; nothing in the HTML is hidden."""
    if said not in html:
        return False
    for count, found in enumerate(_alone(said).finditer(html)):
        if count >= _LOOKS:
            break
        start, end = found.span()
        is_in_tag = html.rfind("<", 0, start) > html.rfind(">", 0, start)
        if (
            not is_in_tag
            and not _goes_on(html, html.rfind("<", 0, start), ">", start - 1)
            and not _goes_on(html, end, "<", end)
        ):
            return True
    return None


def _goes_on(html: str, tag: int, sign: str, place: int) -> bool:
    """Whether what stands next to a text may be the same word: an element in the line, or a character reference."""
    if not 0 <= place < len(html):
        return False
    if html[place] != sign:
        return html[place] in ";&"
    found = _NAME.match(html, tag)
    return found is None or found[1].lower() in _IN_LINE


def _is_linked(html: str, link: str) -> bool | None:
    """Whether there is a link with a word in it, as far as a quick look tells; nothing in the HTML is hidden."""
    place = html.find(link)
    if place < 0:
        return False
    tag = html.rfind("<", 0, place)
    end = html.find(">", place)
    is_link = tag >= 0 and _LINK.fullmatch(html, tag, place) is not None and html[place + len(link)] in "\"'"
    inside = html[end + 1 : end + 200].lstrip() if end >= 0 else ""
    return True if is_link and inside[:1] not in "<&" and _is_seen(inside[0]) else None


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
