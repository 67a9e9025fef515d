"""What goes out when a message is due: links, author, files; one mail that cannot be written stops nobody."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import attrs
import pytest

from nurture import (
    Attachment,
    Block,
    Choice,
    Layout,
    Message,
    Owner,
    Program,
    Purpose,
    Scenario,
    Tracking,
    Translation,
    q,
)
from nurture.errors import DefinitionError
from nurture.mail import (
    read_click_token,
    read_confirm_token,
    read_preferences_token,
    read_return_path,
    read_unsubscribe_token,
)
from nurture.model import Effect, LeadId
from nurture.ports import Accepted, Envelope, Receipt, Rejected, Unknown
from nurture.program import Attribute, Campaign, double_opt_in
from nurture.steps import notify, send
from nurture.testing import FakeSender
from tests.stores import GROUP_SITE, SITE, T0, House, store_maker

MINUTE = timedelta(minutes=1)
HELLO = Scenario("hello", q.touches("hello.wanted"), [send("hello")], reentry="always")


class Post:
    """A house with one message, and what left it."""

    def __init__(
        self, message: Message, *, scenario: Scenario = HELLO, site: Any = SITE, given: Any = None, **declared: Any
    ) -> None:
        self.sender = FakeSender()
        program = Program(messages=[message], scenarios=[scenario], **declared)
        maker = store_maker("memory", None)  # type: ignore[arg-type]
        self.house = House(program, maker, senders={"email": self.sender}, site=site, **(given or {}))
        self.crm = self.house.crm

    def sent(self, *people: dict[str, Any]) -> list[Envelope]:
        for one in people or ({},):
            lead = self.crm.capture(**{"email": "taro@example.jp", "consent": "consent", **one})
            self.crm.record(lead.id, "hello.wanted")
        self.house.tick_at(self.house.clock.now + MINUTE)
        return list(self.sender.delivered)

    def only(self, **person: Any) -> Envelope:
        (envelope,) = self.sent(person)
        return envelope

    def effect(self, lead: LeadId) -> Effect:
        return self.crm.effects(lead)[0]


def letter(text: str | None = "t", purpose: str = "marketing", **fields: Any) -> Message:
    return Message("hello", purpose, fields.pop("subject", "s"), text, **fields)


def parsed(envelope: Envelope) -> EmailMessage:
    message = email.message_from_bytes(envelope.data, policy=email.policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message


def token(url: str) -> str:
    return url.strip().rpartition("/")[2]


def test_links_name_the_lead_the_mail_and_the_sender() -> None:
    post = Post(letter("{{ unsubscribe_url }}\n{{ preferences_url }}"))
    envelope = post.only()
    first, second = envelope.text.splitlines()[:2]
    said = read_unsubscribe_token(SITE, "default", token(first))
    chosen = read_preferences_token(SITE, "default", token(second))
    assert said is not None
    assert chosen is not None
    assert (said.effect, said.purpose, said.channel) == (envelope.key, Purpose.MARKETING, "email")
    assert said.lead == chosen.lead
    assert chosen.effect == envelope.key
    assert f"<{first}>" == envelope.headers["List-Unsubscribe"]


def test_a_double_opt_in_carries_what_it_asks_for() -> None:
    message = Message("confirm", "transactional", "s", "{{ confirm_url }}")
    post = Post(message, scenario=double_opt_in("confirm"))
    lead = post.crm.capture(email="taro@example.jp")
    post.crm.ask_consent(lead.id, topic="news", text_version="v2")
    post.house.tick_at(T0 + MINUTE)
    (envelope,) = post.sender.delivered
    asked = read_confirm_token(SITE, "default", token(envelope.text), T0 + MINUTE)
    assert asked is not None
    assert (asked.lead, asked.effect, asked.topic, asked.text_version) == (lead.id, envelope.key, "news", "v2")


def test_nothing_is_counted_unless_the_site_says_so() -> None:
    message = letter(None, html='<a href="https://crm.example.com/x">a</a>', utm={"campaign": "spring"})
    plain = Post(attrs.evolve(message, utm={})).only()
    assert '<a href="https://crm.example.com/x">a</a>' in (plain.html or "")
    with_utm = Post(message).only()
    assert 'href="https://crm.example.com/x?utm_campaign=spring"' in (with_utm.html or "")
    assert "https://crm.example.com/x?utm_campaign=spring" in with_utm.text
    site = attrs.evolve(SITE, tracking={Purpose.MARKETING: Tracking(clicks=True, opens=True)})
    counted = Post(message, site=site).only()
    href = (counted.html or "").partition('href="')[2].partition('"')[0]
    click = read_click_token(site, "default", token(href))
    assert click is not None
    assert click.target == "https://crm.example.com/x?utm_campaign=spring"
    assert "/o/" in (counted.html or "")


def test_notices_to_colleagues_are_not_counted() -> None:
    site = attrs.evolve(SITE, tracking={one: Tracking(clicks=True, opens=True) for one in Purpose})
    message = letter(None, "internal", html='<a href="https://crm.example.com/x">a</a>')
    scenario = Scenario("hello", q.touches("hello.wanted"), [notify("hello")])
    envelope = Post(message, scenario=scenario, site=site).only(owner="hanako@example.jp")
    assert envelope.recipient == "hanako@example.jp"
    assert envelope.html == '<a href="https://crm.example.com/x">a</a>'


def test_bounces_come_back_to_an_address_that_names_the_mail() -> None:
    site = attrs.evolve(SITE, return_path="bounces@mail.example.com")
    envelope = Post(letter(), site=site).only()
    assert read_return_path(site, "default", envelope.sender) == envelope.key
    assert Post(letter()).only().sender == "news@example.com"


OWNERS = {
    "hanako": Owner("見本 花子", "hanako@example.com", "営業部 花子"),
    "jiro": Owner("Jiro", "jiro@elsewhere.example"),
    "saburo": "saburo@example.com",
}


@pytest.mark.parametrize(
    ("owner", "author", "answers", "fallback"),
    [
        ("hanako", "見本 花子 <hanako@example.com>", None, ""),
        ("saburo", "saburo@example.com", None, ""),
        ("shiro@example.com", "shiro@example.com", None, ""),
        ("jiro", "Example <news@example.com>", "jiro@elsewhere.example", "owner_not_verified"),
        ("nobody", "Example <news@example.com>", None, "no_owner"),
        ("bad address@", "Example <news@example.com>", None, "no_owner"),
        (None, "Example <news@example.com>", None, "no_owner"),
    ],
)
def test_mail_of_an_owner(owner: str | None, author: str, answers: str | None, fallback: str) -> None:
    envelope = Post(letter(from_owner=True), given={"owners": OWNERS}).only(owner=owner)
    assert envelope.headers["From"] == author
    assert envelope.headers.get("Reply-To") == answers
    assert envelope.fallback == fallback
    assert ("営業部 花子" in envelope.text) == (owner == "hanako")


@pytest.mark.parametrize(
    ("owner", "fallback"), [("hanako", None), ("jiro", "owner_not_verified"), ("nobody", "no_owner")]
)
@pytest.mark.parametrize(
    ("said", "kind"),
    [(Accepted(), "email.sent"), (Rejected("policy"), "email.failed"), (Unknown("lost"), "email.unknown")],
)
def test_the_receipt_says_why_a_mail_was_not_the_owners(
    owner: str, fallback: str | None, said: Receipt, kind: str
) -> None:
    post = Post(letter(from_owner=True), given={"owners": OWNERS})
    post.sender.then(said)
    post.sent({"owner": owner})
    (fact,) = (one for one in post.crm.timeline(post.crm.capture(email="taro@example.jp").id) if one.kind == kind)
    assert fact.properties.get("fallback") == fallback


def test_a_message_that_is_not_the_owners_comes_from_the_entity() -> None:
    envelope = Post(letter("{{ owner.name }}"), given={"owners": OWNERS}).only(owner="hanako")
    assert (envelope.headers["From"], envelope.fallback) == ("Example <news@example.com>", "")
    assert envelope.text.startswith("見本 花子")


def test_an_owner_that_cannot_be_written_to_is_refused_when_built() -> None:
    with pytest.raises(DefinitionError) as caught:
        Post(letter(), given={"owners": {"a": "no address", "b": "x@y.z", "c": "d@e, f@g"}})
    assert [one.partition(":")[0] for one in caught.value.problems] == ["owners['a']", "owners['c']"]


def test_files_and_a_date_go_along() -> None:
    spring = Campaign(name="spring", title="春", starts_at=datetime(2026, 5, 1, tzinfo=UTC))
    attachments = {
        "flyer": Attachment("案内.pdf", b"%PDF", "application/pdf"),
        "ticket": lambda effect: Attachment(f"{effect.id}.txt", b"x", "text/plain"),
    }
    message = letter("{{ campaign.starts_at|date }}", attachments=["flyer", "ticket"], invitation="spring")
    post = Post(message, campaigns=[spring], given={"attachments": attachments}, locale="ja", zone="Asia/Tokyo")
    envelope = post.only()
    names = [one.get_filename() for one in parsed(envelope).iter_attachments()]
    assert names == ["案内.pdf", f"{envelope.key}.txt", "invite.ics"]
    assert envelope.text.startswith("2026年5月1日(金)")
    ics = next(one for one in parsed(envelope).iter_attachments() if one.get_filename() == "invite.ics")
    assert ics.get_content_type() == "text/calendar"
    assert f"DTSTAMP:{T0:%Y%m%d}T" in ics.get_content()


def test_an_unknown_file_is_refused_when_built() -> None:
    with pytest.raises(DefinitionError, match="unknown attachment 'flier'"):
        Post(letter(attachments=["flier"]), given={"attachments": {"flyer": Attachment("a", b"")}})


def test_what_was_chosen_at_the_claim_is_what_is_said() -> None:
    offer = Block("offer", "own", choices=[Choice("gold", q.lead.plan == "gold", html="<b>gold</b>")])
    post = Post(letter("{{ blocks.offer }}"), blocks=[offer], attributes=[Attribute("plan")])
    people = [{"email": "a@example.jp", "attributes": {"plan": "gold"}}, {"email": "b@example.jp"}]
    assert sorted(one.text.splitlines()[0] for one in post.sent(*people)) == ["gold", "own"]


def test_each_reads_their_own_language() -> None:
    message = letter(
        "日本語 {{ lead|honorific }}", translations=[Translation("en", "s", "English {{ lead|honorific }}")]
    )
    post = Post(message, locale="ja")
    people = [
        {"email": "a@example.jp", "family_name": "山田"},
        {"email": "b@example.jp", "family_name": "Lovelace", "given_name": "Ada", "locale": "en-GB"},
        {"email": "c@example.jp", "family_name": "Curie", "locale": "fr"},
    ]
    said = {one.recipient[0]: one.text.splitlines() for one in post.sent(*people)}
    assert [said[one][0] for one in "abc"] == ["日本語 山田 様", "English Ada Lovelace", "日本語 Curie 様"]
    assert any(line.startswith("Sent by: Example") for line in said["b"])
    assert any(line.startswith("送信者: Example") for line in said["c"])


def test_one_mail_that_cannot_be_written_ends_with_its_reason_and_all_others_go() -> None:
    big = Attachment("a", b"x" * 10_000_001)
    attachments = {"file": lambda effect: big if effect.params.get("big") else Attachment("b", b"b")}
    layout = Layout(
        "frame", "<style>p{}</style>{% for one in lead.tags %}{{ one }}<div>{% endfor %}{{ content }}", inline_css=True
    )
    message = letter("{{ lead.note|upper }}", html="<p>{{ lead.note }}</p>", layout="frame", attachments=["file"])
    post = Post(message, layouts=[layout], attributes=[Attribute("note")], given={"attachments": attachments})
    people = [{"email": f"a{number}@example.jp", "attributes": {"note": "n"}} for number in range(20)]
    people[3]["attributes"] = {}
    people[7]["attributes"] = {"note": "x" * 20_000}
    people[9]["email"] = "花子@example.jp"
    envelopes = post.sent(*people)
    assert len(envelopes) == 18
    assert [one.recipient for one in envelopes if one.smtputf8] == ["花子@example.jp"]
    page = post.crm.members(q.everyone)
    reasons = [post.effect(LeadId(one.subject)).reason for one in page]
    assert sorted(reason for reason in reasons if reason) == ["template_error", "template_error"]


def test_templates_are_checked_when_the_object_is_built() -> None:
    with pytest.raises(DefinitionError, match=r"layouts\.frame\.html: it does not show"):
        Post(letter(layout="frame"), layouts=[Layout("frame", "x")])
    with pytest.raises(DefinitionError, match="unknown identity 'brnd'; did you mean 'brand'"):
        Post(letter(entity="brnd"), site=GROUP_SITE)
