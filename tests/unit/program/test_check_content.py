"""What is wrong with messages, layouts and blocks, short of their templates."""

from datetime import UTC, datetime, timedelta
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


START = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("ends_at", [START, START - timedelta(days=1)])
def test_a_campaign_ends_after_it_starts(ends_at: datetime) -> None:
    found = problems(campaigns=[Campaign(name="spring", starts_at=START, ends_at=ends_at)])
    assert found == ["campaigns.spring.ends_at: expected an instant after starts_at"]
    assert problems(campaigns=[Campaign(name="spring", ends_at=ends_at)]) == []
    assert problems(campaigns=[Campaign(name="spring", starts_at=START, ends_at=START + timedelta(hours=1))]) == []


@pytest.mark.parametrize(
    "url", ["https://a.jp/\r\nX:1", "https://a.jp/\x00", "https://a.jp/a b", "https://a.jp/\u2028"]
)
def test_the_page_of_a_campaign_is_an_address(url: str) -> None:
    found = problems(campaigns=[Campaign(name="spring", url=url)])
    assert found == ["campaigns.spring.url: expected an address without blanks and control signs"]


def test_one_name_and_one_record_are_taken_for_a_list_of_one() -> None:
    english = Translation("en", "s", "t")
    message = letter(attachments="flyer.pdf", translations=english)
    assert (message.attachments, message.translations) == (("flyer.pdf",), (english,))
