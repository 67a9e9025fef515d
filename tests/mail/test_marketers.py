"""Invariant 24: a template cannot leave its box, and costs no more than a mail may cost, wherever it stands."""

from __future__ import annotations

import re

import pytest

from nurture import Attribute, Message, Program, q
from nurture.mail.templates import LONGEST_OUTPUT
from nurture.ports import Envelope
from nurture.program import Block, Choice, Layout, Translation
from tests.mail.house import MailHouse, Refused, a_lead, tried
from tests.mail.sources import BOMBS, ESCAPES

TAGS = ("alpha", "beta", "gamma", "delta", "epsilon")
LEAKED = re.compile(r"<class |object at 0x|built-in|__\w+__|Undefined|FrozenMapping|Context|\bmethod\b")
REFUSALS = {"definition", "template_error", "too_big", "unsafe_header", "unsafe_text", "empty_subject", "empty_body"}
DOORS = ("subject", "preheader", "text", "html", "layout", "block", "choice", "translation")


def mail_of(source: str, door: str) -> Envelope:
    """A mail of a program in which the source stands in one place."""
    at = dict.fromkeys(DOORS, "x") | {door: source}
    message = Message(
        "letter",
        "transactional",
        at["subject"],
        f"{at['text']} {{{{ blocks.offer }}}}",
        f"<p>{at['html']}</p>{{{{ blocks.offer }}}}",
        preheader=at["preheader"],
        layout="frame",
        translations=[Translation("en", "Hello", at["translation"])] if door == "translation" else [],
    )
    program = Program(
        attributes=[Attribute("note")],
        layouts=[Layout("frame", f"{at['layout']}{{{{ content }}}}")],
        blocks=[Block("offer", at["block"], choices=[Choice("gold", q.lead.note == "gold", at["choice"])])],
        messages=[message],
    )
    locale = "en" if door == "translation" else "ja"
    lead = a_lead({"note": "n" * 1_000}, name="Taro", company="A", tags=TAGS, locale=locale)
    choices = {"offer": "gold"} if door == "choice" else {}
    return MailHouse(program).mail(lead, params={"word": "name"}, choices=choices)


@pytest.mark.parametrize("door", DOORS)
def test_nothing_leaves_the_box(door: str) -> None:
    for source in ESCAPES if door == "html" else ESCAPES[DOORS.index(door) :: 4]:
        outcome = tried("", mail_of, source, door)
        assert isinstance(outcome, Refused), source
        assert outcome.reason in REFUSALS, source


@pytest.mark.parametrize("door", DOORS)
def test_no_template_costs_more_than_a_mail_may(door: str) -> None:
    for source in BOMBS if door == "html" else BOMBS[DOORS.index(door) :: 23]:
        outcome = tried("", mail_of, source, door)
        if isinstance(outcome, Refused):
            assert outcome.reason in REFUSALS, source[:60]
            continue
        assert len(outcome.text) <= LONGEST_OUTPUT + 1_000
        assert len(outcome.html or "") <= LONGEST_OUTPUT + 1_000
        assert len(outcome.data) <= 12 * LONGEST_OUTPUT
        assert not LEAKED.search(outcome.text)


PLACES = (
    "<p title={{ lead.name }}>x</p>",
    "<p title=a{{ lead.name }}>x</p>",
    "<p {{ lead.name }}>x</p>",
    "<{{ lead.name }}>x",
    "<p {{ lead.name }}='x'>x</p>",
    "<a href={{ lead.note }}>x</a>",
    '<p onclick="{{ lead.name }}">x</p>',
    "<p onclick='a(\"{{ lead.name }}\")'>x</p>",
    '<iframe srcdoc="{{ lead.name }}"></iframe>',
    '<p style="{{ lead.note }}">x</p>',
    '<p style="color: {{ lead.note }}">x</p>',
    "<script>{{ lead.name }}</script>",
    "<SCRIPT type='a'>var a = '{{ lead.name }}';</SCRIPT>",
    "<style>p { color: {{ lead.note }} }</style>",
    "{% if lead.name %}<p title={{ lead.name }}>{% endif %}x</p>",
    "<p\n title={{\n lead.name }}>x</p>",
)


@pytest.mark.parametrize("source", PLACES)
@pytest.mark.parametrize("door", ["html", "layout", "block", "choice"])
def test_nothing_is_printed_where_escaping_does_not_help(source: str, door: str) -> None:
    assert tried("", mail_of, source, door) == Refused("definition")


@pytest.mark.parametrize(
    "source",
    [
        '<p title="{{ lead.name }}">x</p>',
        "<p title='a {{ lead.name }} b' class=plain>{{ lead.name }}</p>",
        '<p style="color: {{ sender.name }}">x</p>',
        "<p{% if lead.name %} class='a'{% endif %}>x</p>",
        "<!-- {{ lead.name }} -->x",
        "{{ lead.name }} < 5 & > 3",
        "<style>p { color: red }</style>{{ lead.name }}",
    ],
)
def test_what_is_safe_is_allowed(source: str) -> None:
    assert isinstance(tried("", mail_of, source, "html"), Envelope)


HOSTILE = (
    *("javascript:pwn()", " JaVa\tScript:pwn()", "java\nscript:pwn()", "data:text/html,x", "vbscript:x"),
    "\x01javascript:x",
)
LINKS = (
    '<a href="{{ lead.note }}">x</a>',
    "<a href='{{ lead.note }}'>x</a>",
    '<a href=" {{ lead.note }}">x</a>',
    '<a href="{{ lead.note or unsubscribe_url }}">x</a>',
    '{% set to = lead.note %}<a href="{{ to }}">x</a>',
    '<a href="{% if lead.note %}{{ lead.note }}{% endif %}">x</a>',
    '<img src="{{ lead.note }}" alt="">',
    '<form action="{{ lead.note }}"></form>',
)


@pytest.mark.parametrize("source", LINKS)
@pytest.mark.parametrize("door", ["html", "layout", "block"])
def test_data_never_makes_a_link_that_runs(source: str, door: str) -> None:
    house = MailHouse(
        Program(
            attributes=[Attribute("note")],
            layouts=[Layout("frame", f"{source if door == 'layout' else ''}{{{{ content }}}}")],
            blocks=[Block("offer", source if door == "block" else "x")],
            messages=[
                Message(
                    "letter",
                    "transactional",
                    "Hello",
                    "Hello",
                    f"{source if door == 'html' else ''}{{{{ blocks.offer }}}}",
                    layout="frame",
                )
            ],
        )
    )
    for hostile in HOSTILE:
        assert tried(hostile, house.mail, a_lead({"note": hostile})) == Refused("bad_link"), hostile
    for fine in ("https://a.jp/x", "mailto:a@b.jp", "tel:+81", "/x", "#x", "x/y"):
        assert isinstance(tried(fine, house.mail, a_lead({"note": fine})), Envelope)
