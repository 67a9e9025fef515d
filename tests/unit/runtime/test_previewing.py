"""A mail that is looked at, and one that goes to a colleague: as it would be, and without a trace."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Collection
from datetime import timedelta
from html import unescape
from typing import Any

import attrs
import pytest

from nurture import (
    AsyncNurture,
    Attribute,
    Block,
    Choice,
    Layout,
    Message,
    Owner,
    Program,
    Scenario,
    Translation,
    days,
    q,
)
from nurture.errors import DefinitionError, NotFoundError, SendRefusedError, UnknownNameError
from nurture.mail import TEST_LEAD, read_confirm_token, read_unsubscribe_token
from nurture.model import Allowance, Effect, InboxRow, LeadId, SubjectId, Touchpoint
from nurture.ports import Accepted, Envelope, Receipt, Rejected, Storage, Unknown
from nurture.program import Cap, ContactPolicy
from nurture.simulation import VirtualClock
from nurture.steps import send
from nurture.storage import MemoryStorage
from nurture.testing import FakeSender, Raised
from tests.stores import SITE, T0, House, store_maker

OFFER = Block(
    "offer",
    "own",
    choices=[
        Choice("gold", q.lead.plan == "gold", text="gold"),
        Choice("keen", q.touches("page.viewed"), text="keen"),
    ],
)
LETTER = Message(
    "hello",
    "marketing",
    "{{ lead|honorific }}へ",
    "{{ lead.plan or '-' }} {{ lead.seats or 0 }} {{ account.name or '-' }} {{ blocks.offer }}\n{{ unsubscribe_url }}",
    "<p>{{ blocks.offer }}</p><img src='https://e.jp/a.png'>",
    preheader="p",
    translations=[Translation("en", "To {{ lead|honorific }}", "{{ params.x or '' }}")],
)
PROGRAM = Program(
    locale="ja",
    messages=[
        LETTER,
        Message("confirm", "transactional", "s", "{{ confirm_url }}"),
        Message("sms", "transactional", "s", "t", channel="sms"),
    ],
    blocks=[OFFER],
    attributes=[Attribute("plan"), Attribute("seats", "integer"), Attribute("tier", "text", "account")],
    scenarios=[Scenario("hello", q.touches("hello.wanted"), [send("hello")], reentry="always")],
    policy=ContactPolicy(caps=Cap(1, days(1))),
)


def house(program: Program = PROGRAM, sender: FakeSender | None = None, **given: Any) -> House:
    maker = store_maker("memory", None)  # type: ignore[arg-type]
    return House(program, maker, senders={"email": sender or FakeSender()}, **given)


def everything(storage: Storage) -> list[object]:
    with storage.view() as view:
        return [one for kind in (Touchpoint, InboxRow, Effect, Allowance) for one in view.page(kind, "", 1_000)]


def test_a_sample_reads_what_a_person_would() -> None:
    seen = house().crm.preview("hello")
    assert (seen.subject, seen.preheader, seen.locale) == ("見本 様へ", "p", "ja")
    assert seen.text.startswith("〈plan〉 10 株式会社見本 own\n")
    assert (seen.sender, seen.fallback) == ("Example <news@example.com>", "")
    assert [one.code for one in seen.findings] == ["image_without_alt"]
    message = email.message_from_bytes(seen.source, policy=email.policy.SMTP)
    assert str(message["Subject"]) == seen.subject
    assert seen.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_person_sees_their_own_and_why() -> None:
    here = house()
    keen = here.crm.capture(email="a@example.jp", family_name="山田")
    gold = here.crm.capture(email="b@example.jp", attributes={"plan": "gold"}, locale="en-GB")
    here.crm.record(keen.id, "page.viewed")
    here.tick_at(T0 + timedelta(minutes=1))
    seen = here.crm.preview("hello", keen.id)
    assert seen.subject == "山田 様へ"
    assert [(one.block, one.choice) for one in seen.choices] == [("offer", "keen")]
    assert "page.viewed" in seen.choices[0].why
    english = here.crm.preview("hello", gold.id, params={"x": "given"})
    assert (english.locale, english.text.splitlines()[0]) == ("en", "given")
    assert [
        (one.choice, one.why)
        for one in here.crm.preview("hello", gold.id, choices={"offer": ""}, params={"x": 1}).choices
    ] == [("", "as asked for")]
    assert here.crm.preview("hello", choices={"offer": "keen"}).text.startswith("〈plan〉 10 株式会社見本 keen")
    assert here.crm.preview("hello", keen.id, locale="en", params={"x": "y"}).locale == "en"


def test_links_name_nobody() -> None:
    crm = house().crm
    lead = crm.capture(email="a@example.jp", consent="consent")
    seen = crm.preview("hello", lead.id)
    said = read_unsubscribe_token(SITE, "default", seen.text.splitlines()[1].rpartition("/")[2])
    assert said is not None
    assert said.lead == TEST_LEAD
    confirm = house().crm.preview("confirm").text.strip().rpartition("/")[2]
    asked = read_confirm_token(SITE, "default", confirm, T0)
    assert asked is not None
    assert asked.lead == TEST_LEAD


def test_an_instant_can_be_given() -> None:
    message = Message("hello", "transactional", "s", "{{ blocks.offer }}")
    recent = Block("offer", "no", choices=[Choice("yes", q.touches("page.viewed").within(days=7), text="yes")])
    here = house(Program(messages=[message], blocks=[recent]))
    lead = here.crm.capture(email="a@example.jp")
    here.crm.record(lead.id, "page.viewed")
    here.tick_at(T0 + timedelta(minutes=1))
    assert here.crm.preview("hello", lead.id).text == "yes"
    assert here.crm.preview("hello", lead.id, at=T0 + timedelta(days=30)).text == "no"


def test_a_message_that_is_not_declared_yet_can_be_looked_at() -> None:
    draft = Message("draft", "transactional", "s", "{{ lead|honorific }}")
    assert house().crm.preview(draft).text == "見本 様"


def test_another_channel_has_no_source() -> None:
    seen = house().crm.preview("sms")
    assert (seen.text, seen.source, seen.sender) == ("t", b"", "")


def test_a_sample_is_looked_after_by_an_owner() -> None:
    message = Message("hello", "transactional", "s", "t", from_owner=True)
    seen = house(Program(messages=[message]), owners={"o": Owner("Hanako", "hanako@example.com", "sig")}).crm.preview(
        "hello"
    )
    assert seen.sender == "Hanako <hanako@example.com>"
    assert "sig" in seen.text


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"message": "helo"}, UnknownNameError),
        ({"message": "hello", "lead": LeadId(SubjectId("lead_x"))}, NotFoundError),
        ({"message": "hello", "choices": {"ofer": ""}}, UnknownNameError),
        ({"message": "hello", "choices": {"offer": "golden"}}, UnknownNameError),
        ({"message": Message("x", "marketing", "{{ lead.nothing }}", "t")}, SendRefusedError),
    ],
)
def test_what_cannot_be_shown_says_why(asked: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        house().crm.preview(**asked)


def test_a_notebook_shows_it_in_a_frame_that_does_nothing() -> None:
    message = Message(
        "x", "transactional", "<script>1</script>", "t", '<p title="a">"quoted" &amp;</p><script>alert(1)</script>'
    )
    seen = house(Program(messages=[message])).crm.preview("x")
    shown = seen._repr_html_()
    assert "<script" not in shown
    assert 'sandbox=""' in shown
    frame = shown.partition('srcdoc="')[2].partition('"')[0]
    assert unescape(frame) == seen.html
    text_only = attrs.evolve(seen, html=None, text="<b>")
    assert "&lt;pre&gt;&amp;lt;b&amp;gt;" in text_only._repr_html_()


def test_nothing_is_recorded() -> None:
    sender = FakeSender()
    here = house(sender=sender)
    lead = here.crm.capture(email="a@example.jp", consent="consent")
    here.crm.tick()
    before = everything(here.storage)
    for _ in range(3):
        here.crm.preview("hello", lead.id)
        assert here.crm.test_send("hello", "hanako@example.com", lead.id) == Accepted("fake")
    assert everything(here.storage) == before
    here.crm.record(lead.id, "hello.wanted")
    here.tick_at(T0 + timedelta(minutes=5))
    assert [one.recipient for one in sender.delivered][3:] == ["a@example.jp"]  # the cap of one a day counted no test


def test_a_test_is_marked_and_has_keys_of_its_own() -> None:
    sender = FakeSender()
    crm = house(sender=sender).crm
    lead = crm.capture(email="a@example.jp", family_name="見本")
    for _ in range(2):
        crm.test_send("hello", "hanako@example.com", lead.id)
    first, second = sender.delivered
    assert first.subject == "[Test] 見本 様へ"
    assert first.headers["Subject"] == first.subject
    assert first.key.startswith("test_")
    assert first.message_id == f"<{first.key}@crm.example.com>"
    assert first.key != second.key
    said = read_unsubscribe_token(SITE, "default", first.text.splitlines()[1].rpartition("/")[2])
    assert said is not None
    assert said.lead == TEST_LEAD


def test_an_address_that_must_not_be_written_to_gets_no_test() -> None:
    sender = FakeSender()
    crm = house(sender=sender).crm
    gone = crm.capture(email="gone@example.jp", consent="consent")
    crm.unsubscribe(gone.id)
    assert crm.test_send("hello", "Gone@example.jp") == Rejected("suppressed")
    assert crm.test_send("confirm", "gone@example.jp") == Accepted("fake")  # she refused advertising only
    crm.suppress("dead@example.jp")
    assert crm.test_send("confirm", "dead@example.jp") == Rejected("suppressed")
    assert len(sender.delivered) == 1


def test_a_refusal_of_one_topic_stops_tests_about_that_topic() -> None:
    sender = FakeSender()
    crm = house(sender=sender).crm
    gone = crm.capture(email="gone@example.jp", consent="consent")
    crm.unsubscribe(gone.id, topic="events")
    about = Message("about", "marketing", "s", "t", topic="events")
    assert crm.test_send(about, "gone@example.jp") == Rejected("suppressed")
    assert crm.test_send("hello", "gone@example.jp") == Accepted("fake")


def test_what_a_sender_says_is_checked_as_in_delivery() -> None:
    crm = house(sender=_Babbler()).crm
    assert crm.test_send("hello", "a@example.jp") == Rejected("no_word_given")


class _Babbler(FakeSender):
    """Says whom it refuses."""

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        return tuple(Rejected(f"no such user: {one.recipient}") for one in envelopes)


@pytest.mark.parametrize(
    ("to", "message", "reason"),
    [
        ("no address", "hello", "bad_address"),
        ("a@b.c, d@e.f", "hello", "several_recipients"),
        ("a@b.c", Message("x", "transactional", "{{ lead.nothing }}", "t"), "template_error"),
    ],
)
def test_what_cannot_be_composed_is_rejected(to: str, message: Any, reason: str) -> None:
    assert house().crm.test_send(message, to) == Rejected(reason)


def test_a_sender_that_raises_leaves_doubt() -> None:
    receipt = house(sender=FakeSender(outcomes=[Raised(OSError("taro@example.jp"))])).crm.test_send("hello", "a@b.c")
    assert isinstance(receipt, Unknown)
    assert "taro" not in receipt.reason


def test_a_channel_without_a_sender_is_said() -> None:
    with pytest.raises(DefinitionError, match="no sender for the channel 'sms'"):
        house().crm.test_send("sms", "090")


def test_on_an_event_loop() -> None:
    sender = FakeSender()

    async def main() -> tuple[str, object]:
        storage = MemoryStorage(clock=VirtualClock(T0))
        async with AsyncNurture(PROGRAM, storage, senders={"email": sender}, site=SITE) as crm:
            seen = await crm.preview("hello")
            return seen.subject, await crm.test_send("hello", "hanako@example.com")

    assert asyncio.run(main()) == ("見本 様へ", Accepted("fake"))
    assert len(sender.delivered) == 1


def test_a_layout_with_style_sheets_is_linted_as_it_goes_out() -> None:
    style = "<html><head><style>p{color:red}</style></head><body>{{ content }}</body></html>"
    message = Message("x", "transactional", "s", "t", "<p>a</p>", layout="frame", preheader="p")
    for inline, codes in ((False, ["style_not_inlined"]), (True, [])):
        program = Program(messages=[message], layouts=[Layout("frame", style, inline_css=inline)])
        assert [one.code for one in house(program).crm.preview("x").findings] == codes


@pytest.mark.parametrize("to", [None, 5, b"a@b.c"])
def test_a_test_mail_goes_to_an_address(to: Any) -> None:
    with pytest.raises(DefinitionError, match="test_send: expected an address"):
        house().crm.test_send("hello", to)


def test_a_mail_without_translations_is_in_the_language_of_its_words() -> None:
    seen = house().crm.preview(Message("x", "marketing", "s", "t"), locale="en")
    assert seen.locale == "ja"
    assert "配信停止はこちら" in seen.text
