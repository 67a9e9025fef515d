"""What may go wrong with a mail on its way and in front of the reader, found before it is sent. Pure.

Imports what is shown, targets and the model. Findings are data: nothing is refused because of them. What the law or
the protocol forbids is refused elsewhere, by `compose`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from nurture.mail._shown import shown
from nurture.mail._tags import attributes, tags
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
_KEPT_RULES: Final = ("@media", "@font-face", "@import", ":hover", "@supports")
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
        elif name in ("a", "area") and ("href" in given or "href" in tag[3].lower()):
            yield from _link_findings(given.get("href", "").strip(), own_hosts)


def _style_findings(html: str, start: int) -> Iterator[Finding]:
    """Rules that could stand in the elements; those that cannot are as they must be."""
    end = html.lower().find("</style", start)
    sheet = html[start : end if end >= 0 else len(html)]
    plain = sheet
    for rule in _KEPT_RULES:
        plain = plain.partition(rule)[0]
    if "{" in plain:
        yield _finding("style_not_inlined", "html: <style>")


def _image_findings(given: dict[str, str], written: str) -> Iterator[Finding]:
    source = given.get("src", "")
    shown_as = source if len(source) <= 80 else f"{source[:80]}…"
    if "alt" not in given and "alt" not in written.lower().split():
        yield _finding("image_without_alt", f"html: <img> {shown_as}".rstrip())
    if source.lstrip().lower().startswith("data:"):
        yield _finding("data_image", "html: <img> data:")


def _link_findings(target: str, own_hosts: frozenset[str]) -> Iterator[Finding]:
    where = f"html: <a> {target if len(target) <= 80 else target[:80] + '…'}".rstrip()
    scheme = target.partition(":")[0].lower() if ":" in target else ""
    if not target or target == "#":
        yield _finding("empty_link", where)
    elif target.startswith("#") or scheme in ("mailto", "tel", "sms"):
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
    parts = {"text": rendered.text}
    if rendered.html is not None:
        pieces = [one if isinstance(one, str) else one.attributes.get("href", "") for one in shown(rendered.html)]
        parts["html"] = "\n".join(pieces)
    wanted = [("no_unsubscribe", unsubscribe_url or "")]
    if identity is not None:
        wanted += [
            ("no_sender_name", identity.name),
            ("no_postal_address", identity.postal_address),
            ("no_contact", identity.complaint_contact),
        ]
    for part, said in parts.items():
        yield from (_finding(code, part) for code, needed in wanted if not needed or needed not in said)
