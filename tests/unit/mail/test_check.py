"""What is wrong with messages is said before anybody is written to: all of it, each with its place."""

import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from nurture import Message, Program, q
from nurture.errors import DefinitionError
from nurture.mail import SenderIdentity, Site, stylesheets
from nurture.mail.check import check_messages, content_problems
from nurture.program import Attribute, Block, Campaign, Choice, Layout, Translation

SITE = Site(
    "https://crm.example.jp",
    secret="0123456789abcdef",
    identity=SenderIdentity("見本", "info@example.jp"),
    identities={"branch": SenderIdentity("支店", "branch@example.jp")},
)
SPRING = Campaign(name="spring", starts_at=datetime(2026, 5, 1, tzinfo=UTC))


def problems(*messages: Message, attachments: Any = None, site: Site | None = None, **declared: Any) -> list[str]:
    program = Program(messages=messages, **declared)
    return list(content_problems(program, attachments=attachments, site=site))


def letter(text: str = "t", **fields: Any) -> Message:
    return Message("hello", "transactional", fields.pop("subject", "s"), text, **fields)


def test_what_is_right_has_no_problems() -> None:
    message = letter(
        "{{ lead.plan }} {{ account.name }} {{ owner.signature }} {{ blocks.offer }} {{ campaign.starts_at|date }}",
        html="{{ preferences_url }} {{ confirm_url or '' }}",
        preheader="{{ blocks.offer }}",
        layout="frame",
        translations=[Translation("en", "{{ lead.plan }}", "{{ sender.name }}")],
        attachments=["flyer"],
        invitation="spring",
        entity="branch",
    )
    declared = {
        "attributes": [Attribute("plan")],
        "campaigns": [SPRING],
        "layouts": [
            Layout("frame", "{{ preheader }}{{ content }}{{ blocks.offer }}", "{{ content }}", inline_css=True)
        ],
        "blocks": [Block("offer", "{{ lead.plan }}", choices=[Choice("x", q.everyone, text="{{ params.y }}")])],
    }
    assert problems(message, attachments={"flyer"}, site=SITE, **declared) == []


@pytest.mark.parametrize(
    ("message", "declared", "said"),
    [
        (
            letter("{{ lead.nam }}"),
            {},
            "messages.hello.text: line 1: unknown field of lead 'nam'; did you mean 'name'?",
        ),
        (letter(subject="{{ led.name }}"), {}, "messages.hello.subject: unknown name 'led'; did you mean 'lead'?"),
        (letter(html="{% for %}"), {}, "messages.hello.html: line 1:"),
        (letter(preheader="{{ x() }}"), {}, "messages.hello.preheader: line 1: nothing can be called"),
        (
            letter(translations=[Translation("en", "s", "t\n{{ lead.nam }}")]),
            {},
            "messages.hello.translations.en.text: line 2: unknown field of lead 'nam'",
        ),
        (letter("{{ campaign.title }}"), {}, "messages.hello.text: unknown name 'campaign'"),
        (letter("{{ blocks.offer }}"), {}, "messages.hello.text: unknown name 'blocks'"),
        (
            letter("{{ blocks.ofer }}"),
            {"blocks": [Block("offer", "x")]},
            "messages.hello.text: line 1: unknown field of blocks 'ofer'; did you mean 'offer'?",
        ),
        (letter(), {"layouts": [Layout("frame", "x")]}, "layouts.frame.html: it does not show {{ content }}"),
        (letter(), {"layouts": [Layout("frame", "{{ content }}", "x")]}, "layouts.frame.text: it does not show"),
        (
            letter(),
            {"layouts": [Layout("frame", "{{ content }}{{ contnt }}")]},
            "layouts.frame.html: unknown name 'contnt'",
        ),
        (
            letter(),
            {"blocks": [Block("offer", "{{ lead.nam }}")]},
            "blocks.offer.html: line 1: unknown field of lead 'nam'",
        ),
        (
            letter(),
            {"blocks": [Block("offer", choices=[Choice("x", q.everyone, text="{{ lad }}")])]},
            "blocks.offer.x.text: unknown name 'lad'",
        ),
        (
            letter(),
            {"blocks": [Block("offer", "{{ blocks.other }}"), Block("other", "y")]},
            "blocks.offer.html: a block cannot show blocks",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(message: Message, declared: dict[str, Any], said: str) -> None:
    found = problems(message, **declared)
    assert len(found) == 1
    assert found[0].startswith(said)


def test_files_and_senders_must_be_known_where_they_are_given() -> None:
    message = letter(attachments=["flier"], entity="brunch")
    assert problems(message) == []
    assert problems(message, attachments={"flyer": 1}, site=SITE) == [
        "messages.hello.attachments: unknown attachment 'flier'; did you mean 'flyer'?",
        "messages.hello.entity: unknown identity 'brunch'; did you mean 'branch'?",
    ]


def test_all_problems_come_at_once() -> None:
    program = Program(messages=[letter("{{ a }}", html="{{ b }}")], blocks=[Block("x", "{{ c }}")])
    with pytest.raises(DefinitionError) as caught:
        check_messages(program)
    assert len(caught.value.problems) == 3


def test_missing_extras_are_named_with_who_needs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "css_inline", None)
    monkeypatch.setitem(sys.modules, "icalendar", None)
    stylesheets._inliner.cache_clear()
    try:
        found = problems(
            letter(invitation="spring"),
            campaigns=[SPRING],
            layouts=[Layout("frame", "{{ content }}", inline_css=True)],
        )
    finally:
        stylesheets._inliner.cache_clear()
    assert [one.partition(": ")[0] for one in found] == ["layouts.frame.inline_css", "messages.hello.invitation"]
    assert all("nurture-crm[mail]" in one for one in found)
