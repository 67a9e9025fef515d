"""Invariant 24: what a host, an owner, an event or a link brings along stays text, or is refused with a reason."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache

import pytest

from nurture import Message, Program, SenderIdentity, Site
from nurture.errors import SendRefusedError
from nurture.mail import Tracking, make_click_link, read_click_token, read_open_token, read_unsubscribe_token
from nurture.mail.files import Attachment
from nurture.mail.links import read_confirm_token, read_preferences_token
from nurture.mail.owner import Owner
from nurture.mail.return_path import make_return_path, read_return_path
from nurture.mail.targets import clean_target
from nurture.model import Effect, Purpose
from nurture.ports import Envelope
from nurture.program import Campaign
from tests.mail import strict
from tests.mail.corpus import FAMILIES, THIEF, everything
from tests.mail.house import AT, IDENTITY, SITE, MailHouse, Refused, a_lead, tried
from tests.mail.letters import SCHEMES, assert_same_frame, lines, page_of, scheme, text_of

NAMES = ("headers", "people", "looks", "markup", "jinja", "smtp")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

OWNED = Program(
    messages=[
        Message(
            "letter",
            "transactional",
            "Hello",
            "Hello {{ owner.name }} {{ owner.phone }}",
            '<p title="{{ owner.name }}">{{ owner.phone }}</p>',
            from_owner=True,
        )
    ]
)


@cache
def owned() -> MailHouse:
    return MailHouse(OWNED, owners={"o": Owner("Hanako", "hanako@example.jp", signature="s", phone="1")})


def mail_of_owner(house: MailHouse) -> Envelope:
    return house.mail(a_lead(owner="o", name="Taro"))


def owner_saying(payload: str) -> MailHouse:
    owner = Owner(payload, "hanako@example.jp", signature=payload, phone=payload)
    return MailHouse(OWNED, owners={"o": owner})


@pytest.mark.parametrize("family", NAMES)
def test_an_owner_is_a_name_and_nothing_more(family: str) -> None:
    harmless = strict.read(mail_of_owner(owned()).data)
    for payload in FAMILIES[family]:
        house = tried(payload, owner_saying, payload)
        if isinstance(house, Refused):
            assert house.reason == "definition"
            assert CONTROL.search(payload) or "=?" in payload or not payload.strip() or not payload.isprintable()
            continue
        envelope = tried(payload, mail_of_owner, house)
        if isinstance(envelope, Refused):
            assert envelope.reason in {"unsafe_header"}, repr(payload)
            continue
        mail = strict.read(envelope.data)
        assert [name for name, _ in mail.fields] == [name for name, _ in harmless.fields]
        sender = mail.one("From")
        assert sender.endswith("<hanako@example.jp>"), repr(payload)
        assert read_display_name(sender) == payload.strip(), repr(payload)
        assert lines(payload).strip("\n") in text_of(mail)
        page = page_of(mail)
        assert [tag for tag in page.skeleton if tag[0] not in ("br",)] == [
            tag for tag in page_of(harmless).skeleton if tag[0] not in ("br",)
        ]


def read_display_name(sender: str) -> str:
    """The name before the address, out of its quotation marks."""
    name = sender.removesuffix("<hanako@example.jp>").strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1]).strip()
    return name


@pytest.mark.parametrize("field", ["name", "postal_address", "complaint_contact"])
def test_an_identity_is_shown_as_text(field: str) -> None:
    house = MailHouse(Program(messages=[Message("letter", "marketing", "Hello", "Hello", "<p>Hello</p>")]))
    harmless = page_of(strict.read(house.mail(a_lead(locale="ja")).data))
    for payload in everything("sizes", "addresses", "targets", "files"):
        given = {"name": "見本", "postal_address": "東京都", "complaint_contact": "03", field: payload}
        identity = tried(payload, SenderIdentity, address="news@example.jp", **given)
        if isinstance(identity, Refused):
            assert identity.reason == "definition"
            continue
        site = Site("https://crm.example.jp", secret=b"s" * 32, identity=identity)
        envelope = tried(payload, _mail_from, house, site)
        if isinstance(envelope, Refused):
            assert envelope.reason in {"no_sender_identity", "unsafe_header", "unsafe_text"}, repr(payload)
            continue
        mail = strict.read(envelope.data)
        page = page_of(mail)
        assert page.skeleton == harmless.skeleton
        assert " ".join(payload.split()) in page.text
        assert "news@example.jp" in mail.one("From")
        assert THIEF not in envelope.sender + envelope.recipient


def _mail_from(house: MailHouse, site: Site) -> Envelope:
    house.crm._host.site = site
    return house.mail(a_lead(locale="ja"))


def test_addresses_of_hosts_are_one_each_or_refused() -> None:
    for payload in FAMILIES["addresses"] + FAMILIES["people"]:
        identity = tried(payload, SenderIdentity, "A", payload)
        reply = tried(payload, SenderIdentity, "A", "a@example.jp", reply_to=payload)
        owner = tried(payload, Owner, "A", payload)
        site = tried(payload, _site_with_return_path, payload)
        if isinstance(identity, Refused):
            assert isinstance(reply, Refused)
            assert isinstance(owner, Refused)
            assert isinstance(site, Refused)
            continue
        assert payload.count("@") == 1
        assert payload.strip(" ").rpartition("@")[0].isascii()
        assert not set(payload) & set(",;<>()\r\n\t\x00"), repr(payload)
        if isinstance(site, Site):
            made = make_return_path(site, "t", "eff_" + "0" * 26)
            assert made is not None
            assert re.fullmatch(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+", made)


def _site_with_return_path(address: str) -> Site:
    return Site("https://crm.example.jp", secret=b"s" * 32, identity=IDENTITY, return_path=address)


def test_an_event_and_its_parameters_stay_text() -> None:
    payloads = [one for name in NAMES for one in FAMILIES[name][:: 6 if name == "headers" else 1]]
    kept = [one for one in payloads if "\x00" not in one and not re.search("[\ud800-\udfff]", one)]
    program = Program(
        campaigns=[
            Campaign(name=f"c{number}", title=one, place=one, starts_at=AT, ends_at=AT + timedelta(hours=1))
            for number, one in enumerate(["Fair", *kept])
        ],
        messages=[
            Message(
                f"m{number}",
                "transactional",
                "Hello",
                "https://shop.example.jp/x {{ campaign.title }}",
                '<a href="https://shop.example.jp/x" title="{{ campaign.place }}">{{ campaign.title }}</a>',
                invitation=f"c{number}",
                utm={"campaign": one},
            )
            for number, one in enumerate(["Fair", *kept])
        ],
    )
    house = MailHouse(program)
    harmless = house.mail(a_lead(), "m0")
    frame = calendar_of(strict.read(harmless.data))
    for number, payload in enumerate(kept, 1):
        envelope = tried(payload, house.mail, a_lead(), f"m{number}")
        if isinstance(envelope, Refused):
            assert envelope.reason in {"template_error", "bad_invitation", "unsafe_header"}, repr(payload)
            continue
        mail = assert_same_frame(envelope, harmless)
        calendar = calendar_of(mail)
        assert [name for name, _ in calendar] == [name for name, _ in frame], repr(payload)
        assert dict(calendar)["SUMMARY"] == dict(calendar)["LOCATION"]
        (target,) = page_of(mail).links
        assert re.fullmatch(r"https://shop\.example\.jp/x(\?utm_campaign=[A-Za-z0-9%_.~-]+)?", target), repr(payload)


def calendar_of(mail: strict.Part) -> list[tuple[str, str]]:
    """The lines of the calendar file (RFC 5545 section 3.1), unfolded: names and values as they are written."""
    (part,) = [one for one in mail.walk() if not one.parts and one.type == "text/calendar"]
    data = part.data
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    unfolded = data.replace(b"\r\n ", b"").decode("utf-8").removesuffix("\r\n").split("\r\n")
    pairs = [re.fullmatch(r"([A-Z-]+)((?:;[^:]+)?:.*)", line, re.DOTALL) for line in unfolded]
    assert all(pairs), "a line of the calendar that is none"
    return [(one[1], one[2].rpartition(":")[2] if one[1] == "X" else one[2]) for one in pairs if one]


FILED = Program(messages=[Message("letter", "transactional", "Hello", "Hello", attachments=["file"])])


def test_a_file_has_a_name_and_no_path() -> None:
    names = FAMILIES["files"] + FAMILIES["headers"] + FAMILIES["markup"] + FAMILIES["looks"]
    made: dict[str, Attachment] = {}
    for payload in names:
        file = tried(payload, Attachment, payload, b"data", "application/pdf")
        if isinstance(file, Refused):
            assert file.reason == "definition"
        else:
            made[payload] = file

    def choose(effect: Effect) -> Attachment:
        return made[str(effect.params["name"])]

    house = MailHouse(FILED, attachments={"file": choose})
    for payload in made:
        mail = strict.read(house.mail(a_lead(), params={"name": payload}).data)
        (part,) = [one for one in mail.walk() if not one.parts and one.type == "application/pdf"]
        assert part.file_name == payload
        assert part.data == b"data"
        assert re.fullmatch(r"[A-Za-z0-9._ +-]+", strict.parameters(part.one("Content-Type"))["name"])
        assert [name for name, _ in part.fields] == ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]
        assert not re.search(r'[/\\:*?"<>|]', payload)
        assert not CONTROL.search(payload)
        assert "\u202e" not in payload
        assert payload.strip(" .")
    assert "講座のご案内.pdf" in made
    assert len(made) > 40


@pytest.mark.parametrize("content_type", [*FAMILIES["headers"][:60], *FAMILIES["markup"], "a", "a/b/c"])
def test_a_media_type_is_one_or_refused(content_type: str) -> None:
    assert isinstance(tried(content_type, Attachment, "a.pdf", b"", content_type), Refused)


def test_nothing_leads_to_a_target_that_is_none() -> None:
    for payload in FAMILIES["targets"] + FAMILIES["headers"] + FAMILIES["markup"] + FAMILIES["addresses"]:
        link = tried(payload, make_click_link, SITE, "t", "lead_1", "eff_1", payload)
        if isinstance(link, Refused):
            assert link.reason == "bad_target", repr(payload)
            continue
        assert re.fullmatch(r"https://crm\.example\.jp/c/[A-Za-z0-9_.-]+", link)
        said = read_click_token(SITE, "t", link.rpartition("/")[2])
        assert said is not None
        assert re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?([/?#][!-~]*)?", said.target), repr(payload)
        assert clean_target(said.target) == said.target
        host = re.split("[/?#:]", said.target.split("://")[1])[0]
        assert host in payload.lower() or not payload.isascii()


@pytest.mark.parametrize("purpose", [Purpose.MARKETING, Purpose.TRANSACTIONAL])
def test_tracked_links_are_ours_or_as_they_were(purpose: Purpose) -> None:
    site = Site(
        "https://crm.example.jp", secret=b"s" * 32, identity=IDENTITY,
        tracking={purpose: Tracking(clicks=True, opens=True)},
    )  # fmt: skip
    program = Program(
        messages=[
            Message("letter", purpose, "Hello", "Hello", '<p><a href="{{ params.to }}">a</a></p>', utm={"a": "b"})
        ]
    )
    house = MailHouse(program, site=site)
    for payload in FAMILIES["targets"]:
        envelope = tried(payload, house.mail, a_lead(), params={"to": payload})
        if isinstance(envelope, Refused):
            assert envelope.reason in {"template_error", "bad_link", "bad_target", "unsafe_text"}
            continue
        link = page_of(strict.read(envelope.data)).links[0]
        if link.startswith("https://crm.example.jp/c/"):
            said = read_click_token(site, house.crm._host.tenant, link.rpartition("/")[2])
            assert said is not None
            assert said.target.startswith(("https://", "http://"))
        else:
            assert clean_target(payload.strip()) is None
            assert scheme(link) in SCHEMES, repr(payload)


def test_no_token_and_no_return_path_is_read_out_of_anything() -> None:
    house = MailHouse(Program())
    for payload in everything("sizes") + FAMILIES["sizes"]:
        assert read_unsubscribe_token(SITE, "t", payload) is None
        assert read_preferences_token(SITE, "t", payload) is None
        assert read_confirm_token(SITE, "t", payload, AT) is None
        assert read_click_token(SITE, "t", payload) is None
        assert read_open_token(SITE, "t", payload) is None
        assert read_return_path(SITE, "t", payload) is None
        assert read_return_path(SITE, "t", f"bounces+{payload}@mail.example.jp") is None
        assert house.crm.confirm(payload) is None


def test_a_suppression_takes_any_address_and_raises_nothing_untyped() -> None:
    house = MailHouse(Program())
    for payload in everything("sizes"):
        done = tried(payload, house.crm.suppress, payload)
        if isinstance(done, Refused):
            assert done.reason == "invalid"
        else:
            assert house.crm.suppression(payload) == done


def test_errors_of_refusals_tell_their_reason() -> None:
    with pytest.raises(SendRefusedError) as caught:
        make_click_link(SITE, "t", "lead_1", "eff_1", "javascript:pwn()")
    assert caught.value.reason == "bad_target"
    assert "pwn" not in str(caught.value)
