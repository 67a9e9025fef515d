"""What the law wants a reader of marketing mail to see, added where the body does not show it. Pure.

Imports what is shown, what stands alone, and the site. Japan's 特定電子メール法 wants the sender's name, the notice
that one can refuse, and where; CAN-SPAM a postal address. This is an engineering reading and not legal advice.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from nurture.errors import SendRefusedError
from nurture.mail._alone import alone
from nurture.mail._shown import IN_LINE, Tag, may_hide, shown
from nurture.mail._tags import is_plain, tags
from nurture.mail.preheader import around_preheader

if TYPE_CHECKING:
    from nurture.mail.site import SenderIdentity

_WORDS: Final = {
    "ja": ("送信者", "所在地", "お問い合わせ・苦情", "配信停止はこちら"),
    "en": ("Sent by", "Address", "Questions and complaints", "Unsubscribe"),
}


_BEFORE_BODY: Final = frozenset("html head meta title style link base script".split())
_AROUND: Final = frozenset({"html", "head"})
_DOCTYPE: Final = re.compile(r"\s*+<!doctype\b[^<>]*+>", re.IGNORECASE)
_LOOKS: Final = 100  # beyond, it is looked at as a whole
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
        return alone(said).search(self.text) is not None

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
    Style sheets that hide by class are not understood; inline them. Colors are not looked at: white on white is seen.

    Raises:
        SendRefusedError: `hidden_footer`: whatever is put at the end is hidden, too.
    """
    missing = _missing(html, identity, unsubscribe_url, locale)
    if not missing:
        return html
    footer = f'<hr><p style="font-size:small;padding:8px">{"<br>".join(missing)}</p>\n'
    end = max((tag.start() for tag in tags(html) if tag[1] and tag[2].lower() == "body"), default=len(html))
    whole = html[:end] + footer + html[end:]
    if _missing(whole, identity, unsubscribe_url, locale):
        why = "a tag, an attribute, an element or a comment has no end, or there are too many tags"
        raise SendRefusedError("hidden_footer", f"the end of the HTML is hidden: {why}")
    return whole


def seen_in(html: str) -> Seen:
    """The text that is seen, and the targets of links with something to click on.

    What is folded away in `<details>` that are not open is not seen. Nor is what stands behind 25,000 tags.
    """
    eyes = _Eyes()
    for piece in shown(html):
        if isinstance(piece, str):
            eyes.text(piece)
        else:
            eyes.tag(piece)
    return Seen("".join(eyes.texts), frozenset(eyes.links))


class _Eyes:
    """What was seen so far."""

    __slots__ = ("_folded", "_target", "links", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.links: set[str] = set()
        self._target = ""
        self._folded = 0

    def text(self, said: str) -> None:
        if self._folded:
            return
        self.texts.append(said)
        if self._target and any(map(_is_seen, said)):
            self.links.add(self._target)

    def tag(self, tag: Tag) -> None:
        if tag.name == "details" and (self._folded or not (tag.is_end or tag.has("open"))):
            self._folded += -1 if tag.is_end else 1
        elif tag.name == "a":
            self._target = "" if tag.is_end else tag.attributes.get("href", "").strip()
        elif tag.name == "img" and self._target and not self._folded and tag.attributes.get("src", "").strip():
            self.links.add(self._target)
        if tag.name not in IN_LINE:
            self.texts.append("\n")


def _is_seen(sign: str) -> bool:
    return sign.isprintable() and not sign.isspace() and sign not in _BLANK_SIGNS


def _missing(html: str, identity: SenderIdentity, unsubscribe_url: str, locale: str) -> list[str]:
    """The lines that a reader does not see."""
    disclosed, word = _escaped(identity, locale)
    link = escape(unsubscribe_url)
    body = _searchable(html)
    there = [None if body is None else _quick_look(body, said) for _, _, said in disclosed]
    is_linked = None if body is None else _is_linked(body, link)
    if None in there or is_linked is None:
        seen = seen_in(html)
        there = [seen.says(said) for _, said, _ in disclosed]
        is_linked = seen.links_to(unsubscribe_url)
    lines = [line for (line, _, _), is_there in zip(disclosed, there, strict=True) if not is_there]
    return lines if is_linked else [*lines, f'<a href="{link}">{word}</a>']


def _searchable(html: str) -> str | None:
    """The body without its hidden line, where all in it is seen and all its tags are plain; else None."""
    body = _behind_head(html)
    before, hidden, behind = around_preheader(body)
    if "<" in hidden or ">" in hidden or not (is_plain(before) and is_plain(behind)):
        return None
    body = before + behind
    return None if may_hide(body) else body


def _behind_head(html: str) -> str:
    """What stands behind the head, in which titles and style sheets are no matter; all of it where there is no head."""
    for tag in tags(html):  # which knows a `</head>` in a comment, or in a style sheet without an end, to be none
        name = tag[2].lower()
        if name == "head" and tag[1]:
            return html[tag.end() :]
        if name not in _BEFORE_BODY or (name in _AROUND and may_hide(tag[0])):
            break
    declared = _DOCTYPE.match(html)
    return html if declared is None else html[declared.end() :]


def _quick_look(html: str, said: str) -> bool | None:
    """Whether it stands by itself between tags, as far as a quick look tells; nothing in the HTML is hidden."""
    if said not in html:
        return False
    for count, found in enumerate(alone(said).finditer(html)):
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
    return found is None or found[1].lower() in IN_LINE


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
