"""What we hand over comes out of a real mail server as it was: Debian's Postfix on loopback, by both SMTP senders."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import attrs
import pytest

from nurture.ports import Accepted, Envelope, Receipt, Rejected
from nurture.senders import AsyncSmtpSender, DkimSigner, SmtpSender
from nurture.testing.sender_contract import an_envelope
from tests.unit.senders import postfix_server
from tests.unit.senders.dkim_keys import DOMAIN, ed25519_pair, rsa_pair, verifies
from tests.unit.senders.postfix_server import Postfix

Sending = Callable[..., tuple[Receipt, ...]]
PATIENCE = timedelta(seconds=60)


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    running = postfix_server.server()
    yield running
    running.stop()


@pytest.fixture(params=["sync", "async"])
def sending(request: pytest.FixtureRequest, postfix: Postfix) -> Sending:
    def sync(*envelopes: Envelope, dkim: list[DkimSigner]) -> tuple[Receipt, ...]:
        sender = SmtpSender("127.0.0.1", postfix.port, tls="none", timeout=PATIENCE, dkim=dkim)
        try:
            return sender.send(envelopes)
        finally:
            sender.close()

    async def on_loop(*envelopes: Envelope, dkim: list[DkimSigner]) -> tuple[Receipt, ...]:
        sender = AsyncSmtpSender("127.0.0.1", postfix.port, tls="none", timeout=PATIENCE, dkim=dkim)
        try:
            return await sender.send(envelopes)
        finally:
            await sender.close()

    def send(*envelopes: Envelope, dkim: list[DkimSigner] | None = None) -> tuple[Receipt, ...]:
        if request.param == "sync":
            return sync(*envelopes, dkim=dkim or [])
        return asyncio.run(on_loop(*envelopes, dkim=dkim or []))

    return send


def mail_to(recipient: str, head: bytes = b"", body: bytes = b"Hello\r\n", **changes: object) -> Envelope:
    front = an_envelope().data.partition(b"\r\n\r\n")[0]
    date = b"\r\nDate: Wed, 01 Apr 2026 12:00:00 +0900"
    data = front + date + head + b"\r\n\r\n" + body
    return attrs.evolve(an_envelope(), recipient=recipient, data=data, **changes)


def parts(mail: bytes) -> tuple[bytes, bytes]:
    """Header fields and body as they are on the wire; a maildir has the machine's own line ends."""
    head, _, body = mail.replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
    return head, body


def test_headers_and_body_arrive_as_they_were(postfix: Postfix, sending: Sending) -> None:
    head = (
        b"\r\nList-Unsubscribe: <https://example.jp/u/abc>,\r\n <mailto:u@example.jp>\r\nAuto-Submitted: auto-generated"
    )
    body = b".\r\n..\r\n.x\r\n\r\n" + b"y" * 998 + b"\r\n. \r\n...\r\nlast line without its end"
    sent = mail_to("taro@example.com", head, body)
    (receipt,) = sending(sent)
    assert isinstance(receipt, Accepted)
    assert receipt.receipt.startswith("2.0.0 Ok: queued as ")
    came_head, came_body = parts(postfix.mail("taro"))
    assert came_body == body + b"\r\n"
    assert came_head.endswith(sent.data.partition(b"\r\n\r\n")[0])
    assert came_head.startswith(b"Return-Path: <info@example.jp>\r\n")


def test_a_signature_is_good_after_transit(postfix: Postfix, sending: Sending) -> None:
    old, new = rsa_pair(), ed25519_pair()
    head = b"\r\nList-Unsubscribe: <https://example.jp/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click"
    signers = [DkimSigner(DOMAIN, "old", old.private), DkimSigner(DOMAIN, "new", new.private)]
    (receipt,) = sending(mail_to("taro@example.com", head, b"..\r\n.\r\nend\r\n"), dkim=signers)
    assert isinstance(receipt, Accepted)
    came = postfix.mail("taro").replace(b"\n", b"\r\n")
    assert verifies(came, old=old.record, new=new.record)
    assert not verifies(came.replace(b"One-Click", b"Two-Clicks"), old=old.record, new=new.record)


def test_an_unknown_user_is_told_for_good_and_stops_nobody_else(postfix: Postfix, sending: Sending) -> None:
    receipts = sending(mail_to("nobody@example.com"), mail_to("taro@example.com"))
    assert receipts[0] == Rejected("no_such_mailbox", "550 5.1.1", permanent_address=True)
    assert isinstance(receipts[1], Accepted)
    assert parts(postfix.mail("taro"))[1] == b"Hello\r\n"


def test_a_carriers_unknown_user_is_not_believed_for_good(postfix: Postfix, sending: Sending) -> None:
    assert sending(mail_to("nobody@docomo.ne.jp")) == (Rejected("no_such_mailbox", "550 5.1.1"),)


def test_a_foreign_domain_is_not_relayed(postfix: Postfix, sending: Sending) -> None:
    (receipt,) = sending(mail_to("taro@elsewhere.example"))
    assert receipt == Rejected("policy", "554 5.7.1")


def test_a_local_part_in_japanese_goes_through(postfix: Postfix, sending: Sending) -> None:
    pair = ed25519_pair()
    head = "\r\nReply-To: 営業 <eigyou@example.jp>".encode()
    sent = mail_to("花子@example.com", head, "こんにちは\r\n".encode(), smtputf8=True)
    (receipt,) = sending(sent, dkim=[DkimSigner(DOMAIN, "new", pair.private)])
    assert isinstance(receipt, Accepted)
    came = postfix.mail("hanako").replace(b"\n", b"\r\n")
    assert parts(came.replace(b"\r\n", b"\n"))[1] == "こんにちは\r\n".encode()
    assert b"Received: " in came
    assert b"with UTF8SMTP" in came
    assert verifies(came, new=pair.record)


def test_an_old_carriers_quoted_local_part_goes_through(postfix: Postfix, sending: Sending) -> None:
    (receipt,) = sending(mail_to('"da..me."@docomo.ne.jp'))
    assert isinstance(receipt, Accepted)
    assert b'Delivered-To: "da..me."@docomo.ne.jp\r\n' in parts(postfix.mail("dame"))[0] + b"\r\n"


def test_a_mail_beyond_the_servers_size_is_refused_before_it_is_sent(postfix: Postfix, sending: Sending) -> None:
    assert sending(mail_to("taro@example.com", body=b"x\r\n" * 400_000)) == (Rejected("too_big"),)
