"""What may go wrong with a mail on its way and in front of the reader, found before it is sent. Pure.

Imports what is shown, the footer, targets and the model. Findings are data: nothing is refused because of them. What
the law or the protocol forbids is refused elsewhere, by `compose`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from nurture.mail._shown import has_attribute, shown
from nurture.mail._styles import CSS_COMMENT
from nurture.mail._tags import attributes, tags
from nurture.mail.footer import Seen, seen_in
from nurture.mail.targets import clean_target
from nurture.model import Purpose

if TYPE_CHECKING:
    from nurture.mail.site import SenderIdentity
    from nurture.mail.templates import Rendered

LARGEST_HTML: Final = 102 * 1024
"""Gmail shows no more bytes of HTML, and with them goes the link to unsubscribe."""

WIDEST_SUBJECT: Final = 70
"""Columns that most mail programs show of a subject; a Japanese sign takes two."""

_ACTIVE: Final = frozenset("script form iframe object embed applet input button select textarea video audio".split())
_FINE_SCHEMES: Final = frozenset({"mailto", "tel", "sms", "line", "webcal"})
_CSS_SIGNS: Final = re.compile(r"[^{};]*([{};])")
_SAID: Final = {
    "active_element": (
        "mail programs drop this element",
        "メールソフトはこの要素を取り除きます",
    ),
    "broken_link": ("the link leads nowhere", "リンク先が正しくありません"),
    "data_image": (
        "Gmail and Outlook do not show images that stand in the HTML",
        "埋め込み画像は表示されないことがあります",
    ),
    "empty_link": ("the link has no target", "リンク先がありません"),
    "image_without_alt": ('the image has no alt text: write alt="" if it says nothing', "画像に alt がありません"),
    "insecure_link": ("the link is http: expected https", "リンクが https ではありません"),
    "left_over": ("signs of a template are left", "テンプレートの記号が残っています"),
    "long_subject": (
        f"the subject is wider than {WIDEST_SUBJECT} columns",
        f"件名が全角 {WIDEST_SUBJECT // 2} 字を超えています",
    ),
    "no_contact": ("the address for complaints is not shown", "苦情・問い合わせ先が表示されていません"),
    "no_postal_address": ("the postal address is not shown", "住所が表示されていません"),
    "no_preheader": (
        "there is no preheader: the body's first words stand for it",
        "プリヘッダーがありません",
    ),
    "no_sender_name": ("the sender's name is not shown", "送信者の名称が表示されていません"),
    "no_subject": ("there is no subject", "件名がありません"),
    "no_text": ("there is no plain text", "テキスト形式の本文がありません"),
    "no_unsubscribe": ("the link to unsubscribe is not shown", "配信停止のリンクが表示されていません"),
    "relative_link": ("the link is relative: mail has no page that it starts from", "リンクが相対パスです"),
    "style_not_inlined": (
        "rules stand in a style sheet: some mail programs drop it (Layout.inline_css)",
        "スタイルがインライン化されていません",
    ),
    "too_large": (
        f"Gmail clips HTML above {LARGEST_HTML // 1024} KB",
        "Gmail では途中までしか表示されません",
    ),
}


@attrs.frozen(slots=True)
class Finding:
    """Something about a mail that its author may want to mend.

    Attributes:
        code: In a word, such as `image_without_alt`.
        where: `subject`, `preheader`, `text` or `html`, and what stands there.
        said: A sentence in English.
        said_ja: The same in Japanese.
    """

    code: str
    where: str
    said: str
    said_ja: str


def lint(
    rendered: Rendered,
    *,
    purpose: Purpose = Purpose.TRANSACTIONAL,
    identity: SenderIdentity | None = None,
    unsubscribe_url: str | None = None,
    own_hosts: Collection[str] = (),
) -> tuple[Finding, ...]:
    """What may go wrong with a mail, in the order of its parts; nothing when all is well.

    Args:
        rendered: As it is sent, with its footer.
        purpose: Why it is sent; marketing mail must show who sends it, and a way out.
        identity: Who sends; None when that is not known.
        unsubscribe_url: The link by which this reader unsubscribes.
        own_hosts: Hosts that answer on `https`, so that a link by `http` is a mistake.

    Example:
        >>> from nurture.mail import Rendered
        >>> [one.code for one in lint(Rendered("春の講座", "本文", "<img src='https://a.jp/1.png'>", "残り10席"))]
        ['image_without_alt']
    """
    found = [*_subject_findings(rendered), *_text_findings(rendered.text)]
    if rendered.html is not None:
        if not rendered.preheader:
            found.append(_finding("no_preheader", "preheader"))
        found += _html_findings(rendered.html, frozenset(own_hosts))
    if purpose is Purpose.MARKETING:
        found += _disclosure_findings(rendered, identity, unsubscribe_url)
    return tuple(dict.fromkeys(found))


def _finding(code: str, where: str) -> Finding:
    return Finding(code, where, *_SAID[code])


def _subject_findings(rendered: Rendered) -> Iterator[Finding]:
    if not rendered.subject.strip():
        yield _finding("no_subject", "subject")
    if sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in rendered.subject) > WIDEST_SUBJECT:
        yield _finding("long_subject", "subject")
    for part, said in (("subject", rendered.subject), ("preheader", rendered.preheader)):
        if _has_left_over(said):
            yield _finding("left_over", part)


def _text_findings(text: str) -> Iterator[Finding]:
    if not text.strip():
        yield _finding("no_text", "text")
    if _has_left_over(text):
        yield _finding("left_over", "text")


def _has_left_over(text: str) -> bool:
    return "{{" in text or "}}" in text or "{%" in text


def _html_findings(html: str, own_hosts: frozenset[str]) -> Iterator[Finding]:
    if len(html.encode("utf-8", "replace")) > LARGEST_HTML:
        yield _finding("too_large", "html")
    if _has_left_over("".join(one for one in shown(html) if isinstance(one, str))):
        yield _finding("left_over", "html")
    for tag in tags(html):
        name = tag[2].lower()
        if tag[1]:
            continue
        given = {one.name: one.value for one in reversed(tuple(attributes(html, tag)))}
        if name in _ACTIVE:
            yield _finding("active_element", f"html: <{name}>")
        elif name == "style":
            yield from _style_findings(html, tag.end())
        elif name == "img":
            yield from _image_findings(given, tag[3])
        elif name in ("a", "area") and has_attribute(tag[3], "href"):
            yield from _link_findings(given.get("href", "").strip(), own_hosts)


def _style_findings(html: str, start: int) -> Iterator[Finding]:
    """Rules that could stand in the elements; those that cannot are as they must be."""
    end = html.lower().find("</style", start)
    sheet = html[start : end if end >= 0 else len(html)]
    if _has_plain_rule(CSS_COMMENT.sub(" ", sheet)):
        yield _finding("style_not_inlined", "html: <style>")


def _has_plain_rule(sheet: str) -> bool:
    """Whether a rule stands outside of at-rules and is for elements as such, not for `a:hover`."""
    depth = 0
    for found in _CSS_SIGNS.finditer(sheet):
        if found[1] == "{":
            head = found[0].lstrip()
            if not depth and not head.startswith("@") and any(":" not in one for one in head[:-1].split(",")):
                return True
            depth += 1
        elif found[1] == "}":
            depth = max(0, depth - 1)
    return False


def _image_findings(given: dict[str, str], written: str) -> Iterator[Finding]:
    source = given.get("src", "")
    shown_as = source if len(source) <= 80 else f"{source[:80]}…"
    if not has_attribute(written, "alt"):
        yield _finding("image_without_alt", f"html: <img> {shown_as}".rstrip())
    if source.lstrip().lower().startswith("data:"):
        yield _finding("data_image", "html: <img> data:")


def _link_findings(target: str, own_hosts: frozenset[str]) -> Iterator[Finding]:
    where = f"html: <a> {target if len(target) <= 80 else target[:80] + '…'}".rstrip()
    scheme = target.partition(":")[0].lower() if ":" in target else ""
    if not target or target == "#":
        yield _finding("empty_link", where)
    elif target.startswith("#") or scheme in _FINE_SCHEMES:
        return
    elif _has_left_over(target):
        yield _finding("left_over", where)
    elif scheme not in ("http", "https"):
        is_relative = not scheme or "/" in scheme or target.startswith(("/", "?"))
        yield _finding("relative_link" if is_relative else "broken_link", where)
    elif clean_target(target) is None:
        yield _finding("broken_link", where)
    elif scheme == "http" and urlsplit(target).hostname in own_hosts:
        yield _finding("insecure_link", where)


def _disclosure_findings(
    rendered: Rendered, identity: SenderIdentity | None, unsubscribe_url: str | None
) -> Iterator[Finding]:
    parts = {"text": Seen(rendered.text)}
    if rendered.html is not None:
        parts["html"] = seen_in(rendered.html)
    wanted: list[tuple[str, str]] = []
    if identity is not None:
        wanted += [
            ("no_sender_name", identity.name),
            ("no_postal_address", identity.postal_address),
            ("no_contact", identity.complaint_contact),
        ]
    for part, seen in parts.items():
        if not unsubscribe_url or not seen.links_to(unsubscribe_url):
            yield _finding("no_unsubscribe", part)
        yield from (_finding(code, part) for code, needed in wanted if not needed or not seen.says(needed))
