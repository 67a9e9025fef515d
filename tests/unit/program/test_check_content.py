"""What is wrong with messages, layouts and blocks, short of their templates."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nurture import Message, Program, Topic, q
from nurture.errors import DefinitionError
from nurture.program import Block, Campaign, Choice, Layout, Translation


def letter(text: str | None = "t", **fields: Any) -> Message:
    return Message("hello", fields.pop("purpose", "marketing"), fields.pop("subject", "s"), text, **fields)


def problems(**declared: Any) -> list[str]:
    try:
        Program(**declared)
    except DefinitionError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (letter(subject=" "), "messages.hello.subject: expected a subject line"),
        (letter(None), "messages.hello: expected a text or an html body"),
        (letter("", html=" "), "messages.hello: expected a text or an html body"),
        (
            letter(translations=[Translation("en", "", "t")]),
            "messages.hello.translations.en.subject: expected a subject line",
        ),
        (
            letter(translations=[Translation("en", "s")]),
            "messages.hello.translations.en: expected a text or an html body",
        ),
        (
            letter(translations=[Translation("en", "s", "t"), Translation("en", "s", "u")]),
            "messages.hello.translations: the locale 'en' stands 2 times",
        ),
        (
            letter(translations=[Translation("English!", "s", "t")]),
            "messages.hello.translations: expected a language tag such as 'en' or 'zh-Hant', found 'English!'",
        ),
        (letter(purpose="profiling"), "messages.hello.purpose: profiling is what people object to"),
        (letter(layout="fram"), "messages.hello.layout: unknown layout 'fram'; did you mean 'frame'?"),
        (letter(topic="nws"), "messages.hello.topic: unknown topic 'nws'; did you mean 'news'?"),
        (letter(topic="bills"), "messages.hello.topic: unknown topic 'bills'"),
        (letter(invitation="sprin"), "messages.hello.invitation: unknown campaign 'sprin'; did you mean 'spring'?"),
        (letter(invitation="undated"), "messages.hello.invitation: campaign 'undated' does not say when it starts"),
    ],
)
def test_messages(message: Message, said: str) -> None:
    found = problems(
        messages=[message],
        layouts=[Layout("frame", "{{ content }}")],
        topics=[Topic("news"), Topic("bills", purpose="transactional")],
        campaigns=[Campaign(name="spring", starts_at=datetime(2026, 5, 1, tzinfo=UTC)), Campaign(name="undated")],
    )
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"blocks": [Block("of-fer", "x")]}, "blocks.of-fer: expected a name that templates can say"),
        (
            {"blocks": [Block("offer", choices=[Choice("a", q.everyone), Choice("a", q.everyone)])]},
            "blocks.offer.choices: the name 'a' stands 2 times",
        ),
        ({"blocks": [Block("offer", choices=[Choice("a", q.lead.nothing == 1)])]}, "blocks.offer.a.where: "),
        ({"layouts": [Layout("frame", " ")]}, "layouts.frame: expected html or text around {{ content }}"),
    ],
)
def test_layouts_and_blocks(declared: dict[str, Any], said: str) -> None:
    found = problems(**declared)
    assert len(found) == 1
    assert found[0].startswith(said)


def test_what_is_right_has_no_problems() -> None:
    message = letter(
        translations=[Translation("zh-Hant", "s", None, "<p>"), Translation("pt_BR", "s", "t")], layout="frame"
    )
    assert problems(messages=[message], layouts=[Layout("frame", text="{{ content }}")], blocks=[Block("offer")]) == []
