"""Invariants 4, 16 and 24 on the bytes: generated mails are read by two independent readers, by the letter of the RFCs.

One is the standard library's parser, the other `tests.mail.strict`, which forgives nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from nurture.errors import SendRefusedError
from nurture.mail import read_unsubscribe_token
from nurture.model import Purpose
from nurture.ports import Envelope
from tests.mail import strict
from tests.mail.letters import lines, page_of, scheme, text_of
from tests.mail.worlds import FILES, MAILS, World, world

REASONS = {"unsafe_header", "empty_subject", "empty_body", "template_error", "hidden_footer", "too_big"}
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")
UNSUBSCRIBE = {"List-Unsubscribe", "List-Unsubscribe-Post"}
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
WORLDS = 340
"""Of three mails each: a thousand, but those that are refused."""


@settings(max_examples=WORLDS)
@given(st.integers(0, 2**48))
def test_every_generated_mail_is_one_by_the_letter(seed: int) -> None:
    check_world(seed)


@pytest.mark.stress
@settings(max_examples=10 * WORLDS)
@given(st.integers(0, 2**48))
def test_every_generated_mail_is_one_by_the_letter_at_length(seed: int) -> None:
    check_world(seed)


def check_world(seed: int) -> None:
    some = world(seed)
    for number in range(MAILS):
        try:
            envelope = some.mail(number)
        except SendRefusedError as refused:
            reason = refused.reason
        else:
            reason = "sent"
            check_mail(some, envelope, number)
        assert reason in REASONS | {"sent"}
        event(f"{some.message.purpose}: {reason}")


def check_mail(some: World, envelope: Envelope, number: int) -> None:
    mail = strict.read(envelope.data, smtputf8=envelope.smtputf8)
    check_fields(some, envelope, mail)
    check_parts(some, envelope, mail)
    check_unsubscribing(some, mail, some.recipients[number].lead.id)
    if some.message.purpose is Purpose.MARKETING:
        check_disclosed(some, mail)
    check_by_the_standard_library(envelope, mail)


def check_fields(some: World, envelope: Envelope, mail: strict.Part) -> None:
    for name in ONCE:
        assert len(mail.all(name)) == 1, name
    known = {*ONCE, "Reply-To", "Content-Transfer-Encoding", "List-Id", *UNSUBSCRIBE}
    assert {name for name, _ in mail.fields} <= known
    assert mail.one("To") == envelope.recipient
    assert mail.one("To").count("@") == 1
    assert mail.one("Subject") == envelope.subject
    assert mail.one("Message-ID") == envelope.message_id
    assert re.fullmatch(r"<[!-;=?-~]+@crm\.example\.jp>", mail.one("Message-ID"))
    assert DATE.fullmatch(mail.one("Date"))
    assert mail.one("Auto-Submitted") == "auto-generated"
    assert mail.one("MIME-Version") == "1.0"
    for value in mail.all("List-Id"):
        assert re.fullmatch(r"<[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+>", value)
    sites = {one.domain for one in (some.house.site.identity, *some.house.site.identities.values())}
    assert mail.one("From").rpartition("@")[2].rstrip(">") in sites  # never from a domain that was not verified
    if some.house.site.return_path is not None:
        assert re.fullmatch(r"bounces\+[a-z0-9]+@mail\.example\.jp", envelope.sender)


def check_parts(some: World, envelope: Envelope, mail: strict.Part) -> None:
    leaves = [part for part in mail.walk() if not part.parts]
    words = [part for part in leaves if not part.all("Content-Disposition")]
    assert [part.type for part in words] == (["text/plain"] if envelope.html is None else ["text/plain", "text/html"])
    assert words[0].text == lines(envelope.text)
    if envelope.html is not None:
        assert words[1].text == lines(envelope.html)
        assert mail.parts
    sent = {part.file_name: part.data for part in leaves if part.all("Content-Disposition")}
    named = {one.name: one.data for one in FILES if one.name in some.message.attachments}
    assert {name: data for name, data in sent.items() if name != "invite.ics"} == named
    assert ("invite.ics" in sent) == (some.message.invitation is not None)
    alone = "text/plain" if envelope.html is None else "multipart/alternative"
    assert mail.type == ("multipart/mixed" if sent else alone)


def check_unsubscribing(some: World, mail: strict.Part, lead: str) -> None:
    names = {name for name, _ in mail.fields}
    if some.message.purpose is not Purpose.MARKETING:
        assert not names & UNSUBSCRIBE
        return
    assert names >= UNSUBSCRIBE
    assert mail.one("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    link = r"<https://crm\.example\.jp/nurture/unsubscribe/([A-Za-z0-9_.-]+)>"
    found = re.fullmatch(link, mail.one("List-Unsubscribe"))
    assert found, "one https link, and nothing else"
    said = read_unsubscribe_token(some.house.site, some.house.crm._host.tenant, found[1])
    assert said is not None
    assert (said.lead, said.purpose, said.entity) == (lead, Purpose.MARKETING, some.message.entity)
    assert said.topic == some.message.topic


def check_disclosed(some: World, mail: strict.Part) -> None:
    """What the law wants is seen: in the text, and in the HTML outside of what is hidden."""
    identity = some.identity
    url = mail.one("List-Unsubscribe")[1:-1]
    text = text_of(mail)
    for said in (identity.name, identity.postal_address, identity.complaint_contact):
        assert said in text
    assert url in text
    if not any(part.type == "text/html" for part in mail.walk()):
        return
    page = page_of(mail)
    for said in (identity.name, identity.postal_address, identity.complaint_contact):
        assert " ".join(said.split()) in page.text, "what the law wants is not seen"
    assert url in page.links, "no link to unsubscribe is seen"
    assert page.said_by(url), "nothing to click on"
    assert all(scheme(target) in ("https", "http", "mailto", "tel", "") for target in page.links)


def check_by_the_standard_library(envelope: Envelope, mail: strict.Part) -> None:
    parsed = message_from_bytes(envelope.data, policy=policy.default)
    assert not [part.defects for part in parsed.walk() if part.defects]
    assert parsed.keys() == [name for name, _ in mail.fields]
    assert len(parsed["From"].addresses) == 1
    if not envelope.smtputf8:
        # the standard library's reader drops the quotation marks that a Japanese carrier's address needs
        assert [one.addr_spec for one in parsed["To"].addresses] == [envelope.recipient.replace('"', "")]
    assert [part.get_content_type() for part in parsed.walk()] == [part.type for part in mail.walk()]
    body = parsed.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == lines(envelope.text)


def digest_of(seeds: range) -> str:
    """What many mails are, byte for byte."""
    whole = sha256()
    for seed in seeds:
        some = world(seed)
        for number in range(MAILS):
            try:
                envelope = some.mail(number)
                whole.update(envelope.data + envelope.sender.encode() + envelope.message_id.encode())
            except SendRefusedError as refused:
                whole.update(refused.reason.encode())
    return whole.hexdigest()


def test_the_same_mail_has_the_same_bytes_in_every_process(checkout: Path) -> None:
    seeds = range(7_000, 7_012)
    program = f"from tests.property.test_mail_bytes import digest_of; print(digest_of({seeds!r}))"
    for hash_seed in ("1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=checkout,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(checkout), "TZ": "Asia/Tokyo", "LC_ALL": "C"},
            capture_output=True,
            check=True,
            timeout=120,
        )
        assert done.stdout.decode().strip() == digest_of(seeds)
