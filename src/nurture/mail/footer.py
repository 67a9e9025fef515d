"""What the law wants a reader of marketing mail to see, added where the body does not show it. Pure.

Imports the site. Japan's 特定電子メール法 wants the sender's name, the notice that one can refuse, and where;
CAN-SPAM a postal address. This is an engineering reading and not legal advice.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nurture.mail.site import SenderIdentity

_WORDS: Final = {
    "ja": ("送信者", "所在地", "お問い合わせ・苦情", "配信停止はこちら"),
    "en": ("Sent by", "Address", "Questions and complaints", "Unsubscribe"),
}


def with_text_footer(text: str, identity: SenderIdentity, unsubscribe_url: str, locale: str) -> str:
    """The text with what is missing below it; the text itself when nothing is."""
    shown = zip(_words(locale), (*_disclosed(identity), unsubscribe_url), strict=True)
    lines = [f"{word}: {said}" for word, said in shown if said not in text]
    return "\n".join((text.rstrip("\r\n"), "", "-- ", *lines, "")) if lines else text


def with_html_footer(html: str, identity: SenderIdentity, unsubscribe_url: str, locale: str) -> str:
    """The HTML with what is missing at the end of its body; the HTML itself when nothing is."""
    disclosed, word = _escaped(identity, locale)
    lines = [f"{name}: {said}" for name, said in disclosed if said not in html]
    link = escape(unsubscribe_url)
    if link not in html:
        lines.append(f'<a href="{link}">{word}</a>')
    if not lines:
        return html
    footer = f'<hr><p style="font-size:small">{"<br>".join(lines)}</p>\n'
    end = html.lower().rfind("</body>")
    return html[:end] + footer + html[end:] if end >= 0 and len(html.lower()) == len(html) else html + footer


def _words(locale: str) -> tuple[str, str, str, str]:
    return _WORDS["ja" if locale.startswith("ja") else "en"]


def _disclosed(identity: SenderIdentity) -> tuple[str, str, str]:
    return identity.name, identity.postal_address, identity.complaint_contact


@lru_cache(maxsize=64)
def _escaped(identity: SenderIdentity, locale: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """What every mail of this sender shows as HTML, each with its word; and the word for the link."""
    *words, link = _words(locale)
    return tuple(zip(words, map(escape, _disclosed(identity)), strict=True)), link
