"""Fuzz: whatever text stands in the data of a mail, the mail is one mail to one reader, or is refused with a reason.

The corpus of known attacks goes through all doors in `tests/mail`; here Hypothesis looks for others.
"""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail import SenderIdentity
from nurture.mail.compose import compose
from nurture.mail.files import Attachment
from nurture.mail.headers import check_value, encode_mailbox, encode_text, read_fields, write_fields
from nurture.mail.templates import Rendered
from nurture.model import Purpose
from tests.mail import strict

AT = datetime(2026, 4, 1, tzinfo=UTC)
SENDER = SenderIdentity("見本", "info@example.jp", postal_address="東京都", complaint_contact="03-0000-0000")
FIELDS = (
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("MIME-Version", "Content-Type"),
)
signs = st.one_of(
    st.characters(),
    st.sampled_from("\r\n\x00\x85\u2028\u2029\u202e\ud800=?<>@,;:\"'\\()[] \t"),
    st.sampled_from(["=?utf-8?q?=0a?=", "=?utf-8?b?Cg==?=", "\r\n ", "?=", "=?utf-8?q?", "&#10;", "%0a"]),
)
texts = st.lists(signs, max_size=60).map("".join)


@given(texts, texts, texts, texts)
def test_a_mail_is_one_mail_or_none(subject: str, text: str, html: str, local: str) -> None:
    check_mail(subject, text, html, local)


@pytest.mark.stress
@settings(max_examples=10_000)
@given(texts, texts, texts, texts)
def test_a_mail_is_one_mail_or_none_at_length(subject: str, text: str, html: str, local: str) -> None:
    check_mail(subject, text, html, local)


def check_mail(subject: str, text: str, html: str, local: str) -> None:
    try:
        envelope = compose(
            Rendered(subject, text, html),
            key="eff_a",
            message_id="<eff_a@crm.example.jp>",
            recipient=f"taro{local}@example.jp",
            purpose=Purpose.MARKETING,
            identity=SENDER,
            now=AT,
            unsubscribe_url="https://crm.example.jp/unsubscribe/x",
        )
    except SendRefusedError:
        return
    mail = strict.read(envelope.data, smtputf8=envelope.smtputf8)
    assert tuple(name for name, _ in mail.fields) == FIELDS
    assert mail.one("Subject") == subject
    assert mail.one("To") == envelope.recipient
    assert [part.type for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@given(texts)
def test_what_may_stand_in_a_header_is_read_back(value: str) -> None:
    try:
        check_value(value, "Subject")
    except SendRefusedError:
        return
    block = write_fields([("Subject", encode_text(value))])
    assert read_fields(block) == [("Subject", value)]
    parsed = message_from_bytes(block, policy=policy.default)
    assert parsed.keys() == ["Subject"]


@given(texts)
def test_a_name_never_becomes_an_address(name: str) -> None:
    try:
        check_value(name, "name")
    except SendRefusedError:
        return
    parsed = message_from_bytes(write_fields([("From", encode_mailbox(name, "a@example.jp"))]), policy=policy.default)
    assert parsed.keys() == ["From"]
    assert [one.addr_spec for one in parsed["From"].addresses] == ["a@example.jp"]


@given(texts)
def test_a_file_is_called_what_it_is_called(name: str) -> None:
    try:
        file = Attachment(name, b"1", "text/csv")
    except DefinitionError:
        return
    envelope = compose(
        Rendered("a", "b"),
        key="eff_a",
        message_id="<eff_a@crm.example.jp>",
        recipient="taro@example.jp",
        purpose=Purpose.TRANSACTIONAL,
        identity=SENDER,
        now=AT,
        attachments=[file],
    )
    part = strict.read(envelope.data).parts[-1]
    assert (part.file_name, part.data) == (name, b"1")
