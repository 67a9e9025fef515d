"""Messages that show a lead's data in every place of a mail in which it can stand, and checks for what comes out."""

from __future__ import annotations

import re
from email import policy
from email.parser import BytesHeaderParser
from functools import cache
from urllib.parse import unquote

from nurture import Attribute, Message, Program, q
from nurture.ports import Envelope
from nurture.program import Block, Choice, Layout
from tests.mail import strict
from tests.mail.seen import Page

SCHEMES = frozenset({"http", "https", "mailto", "tel", ""})

TEXT = """[name[{{ lead.name }}]name]
[company[{{ lead.company or '' }}]company]
[note[{{ lead.note or '' }}]note]
[word[{{ params.word or '' }}]word]
{{ blocks.offer }}
"""
HTML = """<h1 title="{{ lead.note or '' }}">[name[{{ lead.name }}]name]</h1>
<p lang='{{ lead.note or '' }}'>[company[{{ lead.company or '' }}]company]</p>
<p>[note[{{ lead.note or '' }}]note] [word[{{ params.word or '' }}]word]</p>
<a href="https://shop.example.jp/?n={{ (lead.note or '')|urlencode }}">shop</a>
<img src="https://shop.example.jp/x.png" alt="{{ lead.note or '' }}">
{% if lead.note %}<b>{{ lead.note }}</b>{% else %}<b></b>{% endif %}
{% set joined = lead.name ~ '/' ~ (lead.note or '') %}<i>{{ joined }}</i>
{{ blocks.offer }}
"""
LAYOUT = """<html><head><title>{{ lead.name }}</title><style>p { color: red }</style></head>
<body><!-- {{ lead.note or '' }} --><table><tr><td>{{ content }}</td></tr></table>{{ lead.department or '' }}</body>
</html>
"""

PROGRAM = Program(
    attributes=[Attribute("note"), Attribute("page")],
    layouts=[Layout("frame", LAYOUT, "{{ content }}\n[dept[{{ lead.department or '' }}]dept]\n")],
    blocks=[
        Block(
            "offer",
            "<u>{{ lead.title or '' }}</u>",
            "[title[{{ lead.title or '' }}]title]",
            choices=[Choice("gold", q.lead.note == "gold", "<u>gold {{ lead.title or '' }}</u>")],
        )
    ],
    messages=[
        Message("letter", "marketing", "Hello", TEXT, HTML, layout="frame", preheader="Before: {{ lead.name }}"),
        Message("html_only", "marketing", "Hello", None, HTML, layout="frame"),
        Message("subject", "marketing", "{{ lead.name }}", "Hello", "<p>Hello</p>", preheader="{{ lead.name }}"),
        Message("subject_part", "transactional", "Dear {{ lead.name }}, hello", "Hello"),
        Message("page", "transactional", "Hello", "Hello", '<p><a href="{{ lead.page }}">page</a></p>'),
    ],
)


@cache
def _read(data: bytes) -> strict.Part:
    return strict.read(data)


@cache
def _page(data: bytes) -> Page:
    return page_of(_read(data))


def page_of(mail: strict.Part) -> Page:
    """The HTML of a mail."""
    (html,) = [part.text for part in mail.walk() if not part.parts and part.type == "text/html"]
    return Page(html)


def text_of(mail: strict.Part) -> str:
    """The plain text of a mail."""
    (text,) = [part.text for part in mail.walk() if not part.parts and part.type == "text/plain"]
    return text


def lines(text: str) -> str:
    """The text with its line ends as mail carries them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def between(text: str, mark: str) -> str:
    """What stands between two marks."""
    _, _, rest = text.partition(f"[{mark}[")
    said, end, _ = rest.rpartition(f"]{mark}]")
    assert end, f"the mark {mark} is gone"
    return said


def assert_same_frame(envelope: Envelope, harmless: Envelope, *, to: str = "taro@example.jp") -> strict.Part:
    """Nothing but text differs from the mail to somebody harmless: fields, parts, elements, attributes, links."""
    mail = strict.read(envelope.data, smtputf8=envelope.smtputf8)
    other = _read(harmless.data)
    assert [name for name, _ in mail.fields] == [name for name, _ in other.fields]
    for name, _ in other.fields:
        if name not in ("Subject", "To", "Content-Type"):
            assert mail.one(name) == other.one(name), name
    assert mail.one("To") == to == envelope.recipient
    assert envelope.sender == harmless.sender
    assert [part.type for part in mail.walk()] == [part.type for part in other.walk()]
    old_reader = BytesHeaderParser(policy=policy.compat32).parsebytes(envelope.data)
    assert old_reader.keys() == [name for name, _ in mail.fields]
    assert not old_reader.defects
    if envelope.html is not None:
        assert_same_elements(page_of(mail), _page(harmless.data))
    assert len(envelope.data) < 8_000_000
    return mail


def assert_same_elements(page: Page, other: Page) -> None:
    """No element, attribute, comment or scheme more or less than on the other page."""
    assert page.skeleton == other.skeleton
    assert page.comments == other.comments
    assert len(page.links) == len(other.links)
    for target in page.links:
        assert scheme(target) in SCHEMES, "a link with a scheme of the attacker's"
    assert [host(one) for one in page.links] == [host(one) for one in other.links]


def scheme(target: str) -> str:
    """The scheme as a browser takes it: control signs and blanks do not count."""
    said = re.sub(r"[\x00-\x20]", "", target)
    found = re.match(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)", said)
    return found[0].lower() if found else ""


def host(target: str) -> str:
    """The host, as far as anybody could take it for one."""
    found = re.match(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]{2}([^/\\?#]*)", target.strip())
    return unquote(found[1]).lower() if found else ""
