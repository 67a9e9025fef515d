"""What may go over the wire at all, and what is said before the data."""

import attrs
import pytest

from nurture.ports import Envelope, Rejected
from nurture.senders._wire import commands, refused_unseen, stuffed
from nurture.testing.sender_contract import an_envelope

BOTH = {"size": "1000", "8bitmime": "", "smtputf8": ""}
HANAKO = attrs.evolve(
    an_envelope(), recipient="花子@example.com", data="Subject: 花\r\n\r\nこんにちは\r\n".encode(), smtputf8=True
)


def wide(**changes: object) -> Envelope:
    return attrs.evolve(HANAKO, **changes)


def test_an_envelope_that_says_so_may_go_beyond_ascii() -> None:
    assert refused_unseen(HANAKO) is None
    assert refused_unseen(wide(recipient='"花..子."@example.com', sender="送信@example.jp")) is None


def test_no_other_envelope_may() -> None:
    assert refused_unseen(wide(smtputf8=False)) == Rejected("bad_address")
    assert refused_unseen(wide(smtputf8=False, recipient="a@example.com")) == Rejected("bad_mail")
    plain = an_envelope()
    assert refused_unseen(attrs.evolve(plain, sender="送信@example.jp")) == Rejected("bad_sender")


def test_a_sender_that_knows_nothing_of_it_refuses_with_the_reason() -> None:
    assert refused_unseen(HANAKO, takes_smtputf8=False) == Rejected("needs_smtputf8")
    assert refused_unseen(an_envelope(), takes_smtputf8=False) is None


@pytest.mark.parametrize(
    "recipient",
    [
        "花\r\n子@example.com",
        "花子@example.com>",
        "花 子@example.com",
        "花\u3000子@example.com",  # a space, too
        "花\u2028子@example.com",
        "花\u0085子@example.com",
        "花\u00a0子@example.com",
        "花\u202e子@example.com",  # turns what is read around
        "花\ud800@example.com",
        "花子@例え.jp",  # a domain goes as punycode
        "花子@example.com, b@example.com",
        "花子",
        '花"子@example.com',
    ],
)
def test_what_is_not_one_address_is_refused_all_the_same(recipient: str) -> None:
    assert refused_unseen(wide(recipient=recipient)) == Rejected("bad_address")


@pytest.mark.parametrize(
    "data", ["Subject: 花".encode("cp932"), "花\nx\r\n".encode(), "花\rx\r\n".encode(), b"\xff\r\n"]
)
def test_a_mail_that_is_no_utf_8_or_could_be_two_is_refused(data: bytes) -> None:
    assert refused_unseen(wide(data=data)) == Rejected("bad_mail")


def test_smtputf8_is_said_only_to_a_server_that_has_all_of_it() -> None:
    said = commands(HANAKO, 40, BOTH)
    assert not isinstance(said, Rejected)
    mail, rcpt, data = said
    assert mail.line == b"MAIL FROM:<info@example.jp> SIZE=40 BODY=8BITMIME SMTPUTF8"
    assert rcpt.line == "RCPT TO:<花子@example.com>".encode()
    assert (data.line, list(data.expected)) == (b"DATA", [354])
    for missing in ("smtputf8", "8bitmime"):
        offers = {name: value for name, value in BOTH.items() if name != missing}
        assert commands(HANAKO, 40, offers) == Rejected("needs_smtputf8")


def test_a_plain_mail_asks_for_nothing() -> None:
    said = commands(an_envelope(), 40, BOTH)
    assert not isinstance(said, Rejected)
    assert said[0].line == b"MAIL FROM:<info@example.jp> SIZE=40"
    assert commands(an_envelope(), 40, {})[0].line == b"MAIL FROM:<info@example.jp>"  # type: ignore[index, union-attr]


@pytest.mark.parametrize(
    ("offer", "size", "fits"), [("1000", 1000, True), ("1000", 1001, False), ("0", 9999, True), ("many", 9999, True)]
)
def test_the_servers_limit_counts(offer: str, size: int, fits: bool) -> None:
    assert (commands(an_envelope(), size, {"size": offer}) == Rejected("too_big")) is not fits


def test_a_line_has_at_most_998_octets() -> None:
    longest = b"Subject: x\r\n\r\n" + b"x" * 998
    assert refused_unseen(attrs.evolve(an_envelope(), data=longest)) is None
    assert refused_unseen(attrs.evolve(an_envelope(), data=longest + b"x")) == Rejected("bad_mail")
    assert refused_unseen(wide(data="花".encode() * 333)) == Rejected("bad_mail")


@pytest.mark.parametrize(
    ("data", "sent"),
    [(b".", b"..\r\n"), (b"a\r\n.b", b"a\r\n..b\r\n"), (b"a\r\n..\r\n", b"a\r\n...\r\n"), (b"a.\r\n", b"a.\r\n")],
)
def test_dots_are_doubled_only_where_a_line_begins(data: bytes, sent: bytes) -> None:
    assert stuffed(data) == sent
