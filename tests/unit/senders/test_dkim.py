"""DKIM: dkimpy believes what we sign, nothing but the signature is added, and nothing goes out half covered."""

import sys
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import DefinitionError
from nurture.ports import Rejected
from nurture.senders.dkim import SIGNED_HEADERS, DkimSigner, covers_unsubscribe, signed
from nurture.testing.sender_contract import an_envelope
from tests.unit.senders.dkim_keys import DOMAIN, SELECTOR, Pair, ed25519_pair, rsa_pair, verifies

UNSUBSCRIBE = b"List-Unsubscribe: <https://example.jp/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
MAIL = UNSUBSCRIBE + b"Date: Wed, 01 Apr 2026 12:00:00 +0900\r\nAuto-Submitted: auto-generated\r\n" + an_envelope().data


def signer(pair: Pair, **options: object) -> DkimSigner:
    return DkimSigner(DOMAIN, SELECTOR, pair.private, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pair",
    [rsa_pair(), rsa_pair(2048, PrivateFormat.TraditionalOpenSSL), ed25519_pair(), ed25519_pair(as_seed=True)],
    ids=["rsa", "rsa-pkcs1", "ed25519", "ed25519-seed"],
)
def test_the_library_believes_what_is_signed(pair: Pair) -> None:
    made = signer(pair).sign(MAIL)
    assert made.endswith(MAIL)
    assert verifies(made, **{SELECTOR: pair.record})


@pytest.mark.parametrize(
    "header",
    ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"],
)
def test_a_header_that_is_changed_on_the_way_is_noticed(header: str) -> None:
    pair = ed25519_pair()
    made = signer(pair).sign(MAIL)
    field = f"\r\n{header}: ".encode()
    assert made.count(field) == 1
    assert not verifies(made.replace(field, field + b"x"), **{SELECTOR: pair.record})


ADDED = {
    "From": "boss@example.jp",
    "To": "boss@example.com",
    "Subject": "evil",
    "Date": "Thu, 02 Apr 2026 12:00:00 +0900",
    "Message-ID": "<x@evil.example>",
    "Reply-To": "evil@evil.example",
    "MIME-Version": "1.0",
    "Content-Type": "text/html",
    "List-Unsubscribe": "<https://evil.example/u>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


@pytest.mark.parametrize("header", ADDED)
def test_nobody_can_add_what_a_reader_sees_or_acts_upon(header: str) -> None:
    pair = ed25519_pair()
    made = signer(pair).sign(MAIL)
    # dkimpy is strict by itself about From; others look only for what `h=` names
    listed = made.partition(b"\r\nList-Unsubscribe:")[0].replace(b"\r\n ", b" ").partition(b" h=")[2].split(b";")[0]
    names = [name.strip().decode() for name in listed.split(b":")]
    there = f"\r\n{MAIL.decode()}".lower().count(f"\r\n{header.lower()}:")
    assert names.count(header.lower()) == there + 1
    assert not verifies(f"{header}: {ADDED[header]}\r\n".encode() + made, **{SELECTOR: pair.record})


def test_mail_without_a_way_to_unsubscribe_is_signed_too() -> None:
    pair = ed25519_pair()
    made = signed(an_envelope().data, [signer(pair)])
    assert isinstance(made, bytes)
    assert verifies(made, **{SELECTOR: pair.record})


def test_what_a_relay_adds_does_no_harm() -> None:
    pair = ed25519_pair()
    made = b"Return-Path: <x@example.jp>\r\nReceived: from a by b\r\n" + signer(pair).sign(MAIL)
    assert verifies(made, **{SELECTOR: pair.record})


def test_the_same_mail_gets_the_same_signature_without_a_time() -> None:
    for pair in (rsa_pair(), ed25519_pair()):
        first, second = (signer(pair).sign(MAIL) for _ in range(2))
        assert first == second
        assert b" t=" not in first.partition(b"\r\nList-Unsubscribe:")[0]


def test_an_instant_is_stated_where_there_is_a_clock_anew_for_each_mail() -> None:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    instants = iter([at, at + timedelta(days=30)])
    pair = ed25519_pair()
    one = signer(pair, clock=lambda: next(instants), valid_for=timedelta(days=7))
    for days in (0, 30):  # a signer that lives for long makes no signature that has ended
        head = one.sign(MAIL).replace(b"\r\n ", b" ")
        stamp = int(at.timestamp()) + days * 86_400
        assert f"; t={stamp}; x={stamp + 7 * 86_400};".encode() in head
    assert verifies(signer(pair, clock=lambda: at).sign(MAIL), **{SELECTOR: pair.record})


def test_a_clock_without_a_time_zone_signs_nothing() -> None:
    naive = signer(ed25519_pair(), clock=lambda: datetime(2026, 4, 1))  # noqa: DTZ001 -- that is the point
    assert signed(MAIL, [naive]) == Rejected("dkim_failed")


def test_two_keys_sign_side_by_side() -> None:
    old, new = rsa_pair(), ed25519_pair()
    two = [DkimSigner(DOMAIN, "old", old.private), DkimSigner(DOMAIN, "new", new.private)]
    made = signed(MAIL, two)
    assert isinstance(made, bytes)
    assert made.count(b"DKIM-Signature:") == 2
    assert verifies(made, old=old.record, new=new.record)


def test_a_mail_is_signed_by_those_that_fit_and_by_nobody_else() -> None:
    pair = ed25519_pair()
    ours, other = signer(pair), DkimSigner("example.com", "x", pair.private)
    made = signed(MAIL, [other, ours])
    assert isinstance(made, bytes)
    assert made.count(b"DKIM-Signature:") == 1
    assert b"d=example.jp;" in made
    assert signed(MAIL, [other]) == Rejected("dkim_no_key")
    assert signed(b"Subject: nobody\r\n\r\nx\r\n", [ours]) == Rejected("dkim_no_key")


@pytest.mark.parametrize(
    ("domain", "fits"),
    [("example.jp", True), ("EXAMPLE.jp", True), ("a.b.example.jp", True), ("badexample.jp", False), ("jp", False)],
)
def test_which_domains_fit(domain: str, fits: bool) -> None:
    assert signer(ed25519_pair()).fits(domain) is fits


def test_a_name_in_from_does_not_choose_the_key() -> None:
    mail = b'From: "a@example.jp" <info@example.com>\r\nSubject: x\r\n\r\nx\r\n'
    assert signed(mail, [signer(ed25519_pair())]) == Rejected("dkim_no_key")


def test_unsubscribe_headers_that_are_not_covered_stop_the_mail() -> None:
    for left_out in ("list-unsubscribe", "list-unsubscribe-post"):
        weak = signer(ed25519_pair(), headers=[name for name in SIGNED_HEADERS if name != left_out])
        assert signed(MAIL, [weak]) == Rejected("dkim_incomplete")
        assert isinstance(signed(an_envelope().data, [weak]), bytes)


def test_a_signature_that_was_there_before_covers_nothing() -> None:
    forged = b"DKIM-Signature: v=1; h=from:list-unsubscribe:list-unsubscribe-post; b=x\r\n" + MAIL
    weak = signer(ed25519_pair(), headers=["from"])
    assert signed(forged, [weak]) == Rejected("dkim_incomplete")
    assert isinstance(signed(forged, [signer(ed25519_pair())]), bytes)


@pytest.mark.parametrize(
    ("listed", "covers"),
    [
        (b"from:list-unsubscribe:list-unsubscribe-post", True),
        (b"From : List-Unsubscribe :\r\n List-Unsubscribe-Post", True),
        (b"from:list-unsubscribe", False),
        (b"from:list-unsubscribe-post", False),
        (b"from:list-unsubscribe-posts:list-unsubscribe", False),
        (b"", False),
    ],
)
def test_only_h_says_what_is_covered(listed: bytes, covers: bool) -> None:
    field = b"DKIM-Signature: v=1; bh=x; h=" + listed + b"; b=list-unsubscribe:list-unsubscribe-post\r\n"
    assert covers_unsubscribe(field + MAIL) is covers


def test_two_halves_do_not_cover_together() -> None:
    halves = b"DKIM-Signature: h=list-unsubscribe\r\nDKIM-Signature: h=list-unsubscribe-post\r\n"
    assert not covers_unsubscribe(halves + MAIL)
    assert not covers_unsubscribe(MAIL)


def test_a_second_unsubscribe_header_must_be_covered_too() -> None:
    twice = b"List-Unsubscribe: <https://evil.example/u>\r\n" + MAIL
    assert not covers_unsubscribe(b"DKIM-Signature: h=list-unsubscribe:list-unsubscribe-post\r\n" + twice)
    made = signer(ed25519_pair()).sign(twice)
    assert covers_unsubscribe(made)


def test_a_mail_in_utf_8_is_signed_as_it_is() -> None:
    pair = ed25519_pair()
    mail = MAIL.replace(b"lead1@example.com", "花子@example.com".encode())
    assert verifies(signer(pair).sign(mail), **{SELECTOR: pair.record})


def test_what_is_no_mail_is_refused_with_a_reason() -> None:
    assert signed(b"From: a@example.jp\r\nno field at all\r\n\r\nx\r\n", [signer(ed25519_pair())]) == Rejected(
        "dkim_failed"
    )


SCRAPS = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b"=", b".", b"\0", b"\xff", b"x", "花".encode(), b"\r\n\r\n"),
        *(b"From: a@example.jp", b"from", b"List-Unsubscribe: <x>", b"DKIM-Signature: h=", b"Subject: y"),
    ]
)


@given(st.lists(SCRAPS, max_size=20).map(b"".join))
def test_no_mail_makes_it_raise_or_change_the_mail(scraps: bytes) -> None:
    mail = b"From: a@example.jp\r\n" + scraps
    made = signed(mail, [signer(ed25519_pair())])
    assert isinstance(made, Rejected) or made.endswith(mail)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"domain": "example.jp; s=x"}, "domain"),
        ({"domain": ""}, "domain"),
        ({"selector": "a b"}, "selector"),
        ({"headers": ["to"]}, "from"),
        ({"headers": ["from", "x: y"]}, "headers"),
        ({"headers": ["from", "DKIM-Signature"]}, "headers"),
        ({"valid_for": timedelta(days=1)}, "valid_for"),
        ({"clock": lambda: datetime(2026, 4, 1, tzinfo=UTC), "valid_for": timedelta(0)}, "valid_for"),
        ({"private_key": "nothing of the kind!"}, "private_key"),
        ({"private_key": "c2hvcnQ="}, "private_key"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nc2hvcnQ=\n-----END PRIVATE KEY-----\n"}, "private_key"),
        ({"private_key": rsa_pair(1024).private}, "2048"),
    ],
)
def test_wrong_arguments_are_named(change: dict, named: str) -> None:
    right = {"domain": DOMAIN, "selector": SELECTOR, "private_key": ed25519_pair().private}
    with pytest.raises(DefinitionError, match=named) as caught:
        DkimSigner(**{**right, **change})
    assert "BEGIN" not in str(caught.value)


def test_a_key_is_never_shown() -> None:
    pair = rsa_pair()
    middle = pair.private.splitlines()[5]
    assert middle not in repr(signer(pair)) + repr(vars(signer(pair)))


def test_the_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nurture.senders._dkimpy", raising=False)
    monkeypatch.setitem(sys.modules, "dkim", None)
    with pytest.raises(ImportError, match=r"nurture-crm\[dkim\]"):
        signer(ed25519_pair())


def test_a_sender_signs_what_it_hands_over() -> None:
    envelope = attrs.evolve(an_envelope(), data=MAIL)
    from nurture.senders._relay import ready, signers_of

    pair = ed25519_pair()
    made = ready(envelope, signers_of(signer(pair)))
    assert isinstance(made, bytes)
    assert verifies(made, **{SELECTOR: pair.record})
    assert ready(envelope, ()) == MAIL
