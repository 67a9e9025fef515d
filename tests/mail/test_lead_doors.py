"""Invariant 24: whatever a lead's data says stays text in every place of a mail, or that one mail is refused."""

from __future__ import annotations

import re
from functools import cache

import pytest

from nurture.mail.filters import LONGEST_TEXT
from nurture.ports import Envelope
from tests.mail import strict
from tests.mail.corpus import FAMILIES, THIEF, everything
from tests.mail.house import MailHouse, Refused, a_lead, tried
from tests.mail.letters import PROGRAM, assert_same_frame, between, lines, page_of, text_of

LEAD_FAMILIES = [name for name in FAMILIES if name not in ("addresses", "targets", "files")]
STEP = {"headers": 7}
"""Of line ends with many fields behind them, one in seven goes through bodies, where a line end is only one."""
BODY_REASONS = {"invalid", "too_big", "template_error"}


@cache
def house() -> MailHouse:
    return MailHouse(PROGRAM)


@cache
def harmless(message: str) -> Envelope:
    return mail_saying("Taro", message)


def mail_saying(payload: str, message: str) -> Envelope:
    """A mail to somebody whose every field says the same."""
    lead = a_lead(
        {"note": payload},
        name=payload, given_name=payload, company=payload, department=payload, title=payload,
    )  # fmt: skip
    return house().mail(lead, message, params={"word": payload})


def mail_to(address: str) -> Envelope:
    return house().mail(a_lead({"note": "n"}, email=address, name="Taro", title="t"), params={"word": "w"})


def mail_with_link(target: str) -> Envelope:
    return house().mail(a_lead({"page": target}, name="Taro"), "page")


def test_the_corpus_has_its_size() -> None:
    assert len(everything()) >= 500
    assert all(len(some) >= 18 for some in FAMILIES.values())


@pytest.mark.parametrize("family", LEAD_FAMILIES)
def test_data_in_bodies_stays_text(family: str) -> None:
    for payload in FAMILIES[family][:: STEP.get(family, 1)]:
        envelope = tried(payload, mail_saying, payload, "letter")
        if isinstance(envelope, Refused):
            assert envelope.reason in BODY_REASONS
            # nothing but size, or what no text is, refuses a body
            assert len(payload) > LONGEST_TEXT / 6 or re.search("[\x00\ud800-\udfff]", payload), repr(payload[:50])
            continue
        mail = assert_same_frame(envelope, harmless("letter"))
        text, page = text_of(mail), page_of(mail)
        for mark in ("name", "company", "note", "word", "title", "dept"):
            assert between(text, mark) == lines(payload), mark
        said = "".join(page.texts)
        for mark in ("name", "company", "note", "word"):
            assert between(said, mark) == lines(payload), mark
        for place in ("h1.title", "p.lang", "img.alt"):
            assert page.values[place][0] == lines(payload), place
        assert " ".join(payload.split()) in " ".join("".join(page.hidden).split())  # in the title, and before the body


@pytest.mark.parametrize("family", LEAD_FAMILIES)
def test_text_made_from_html_says_what_is_seen_and_no_more(family: str) -> None:
    for payload in FAMILIES[family][:: STEP.get(family, 1)]:
        envelope = tried(payload, mail_saying, payload, "html_only")
        if isinstance(envelope, Refused):
            assert envelope.reason in BODY_REASONS
            continue
        mail = assert_same_frame(envelope, harmless("html_only"))
        text, page = text_of(mail), page_of(mail)
        for mark in ("name", "company", "note", "word"):
            assert _solid(between(text, mark)) == _solid(between("".join(page.texts), mark))


def _solid(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("message", ["subject", "subject_part"])
@pytest.mark.parametrize("family", LEAD_FAMILIES)
def test_data_in_a_subject_stays_in_it(family: str, message: str) -> None:
    passed = 0
    for payload in FAMILIES[family]:
        envelope = tried(payload, mail_saying, payload, message)
        if isinstance(envelope, Refused):
            assert envelope.reason in BODY_REASONS | {"unsafe_header", "empty_subject"}, repr(payload[:50])
            continue
        passed += 1
        mail = assert_same_frame(envelope, harmless(message))
        subject = mail.one("Subject")
        assert subject == (payload.strip(" \t\r\n") if message == "subject" else f"Dear {payload}, hello")
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", subject)
    assert passed >= {"headers": 10, "smtp": 3, "sizes": 0}.get(family, 10)


@pytest.mark.parametrize("payload", FAMILIES["headers"][:40] + FAMILIES["smtp"][:12])
def test_plain_line_ends_never_reach_a_subject(payload: str) -> None:
    if payload.strip(" \t\r\n").isprintable():
        return  # signs whose low bytes are line ends, and nothing worse
    assert isinstance(tried(payload, mail_saying, payload, "subject_part"), Refused)


@pytest.mark.parametrize("family", ["people", "looks", "addresses"])
def test_an_address_gets_a_mail_alone_or_none_goes(family: str) -> None:
    reasons: set[str] = set()
    for payload in FAMILIES[family]:
        envelope = tried(payload, mail_to, payload)
        if isinstance(envelope, Refused):
            reasons.add(envelope.reason)
            continue
        wire = envelope.recipient
        mail = strict.read(envelope.data, smtputf8=envelope.smtputf8)
        assert mail.one("To") == wire
        assert envelope.smtputf8 == (not wire.isascii())
        assert len(wire.encode()) <= 254
        local, at, domain = wire.rpartition("@")
        assert at
        assert re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", domain)
        assert re.fullmatch(r"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f-\x9f]+|\"[^\s\"(),:;<>@\[\\\]]+\"", local), repr(
            payload
        )
        assert THIEF not in wire or payload.strip(" ") == THIEF
        if domain == "evil.example":  # the address says so itself, as everybody reads it
            assert payload.strip(" ").endswith("@evil.example")
        assert_same_frame(envelope, mail_to("taro@example.jp"), to=wire)
    if family == "addresses":
        assert (
            {"bad_address", "several_recipients"}
            <= reasons
            <= {"bad_address", "several_recipients", "invalid", "no_address"}
        )


def test_a_link_made_of_data_leads_to_the_web_or_nowhere() -> None:
    for payload in FAMILIES["targets"] + FAMILIES["markup"]:
        envelope = tried(payload, mail_with_link, payload)
        if isinstance(envelope, Refused):
            assert envelope.reason in {"invalid", "template_error", "bad_link", "bad_target"}
            continue
        page = page_of(strict.read(envelope.data))
        assert [tag[0] for tag in page.skeleton] == ["p", "a", "/a", "/p"]
        assert page.skeleton[1] == ("a", "href")
