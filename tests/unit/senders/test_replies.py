"""The table of refusals: what a code says, and that no word of a reply gets into a receipt."""

import pytest

from nurture.ports import Deferred, Rejected
from nurture.senders._replies import enhanced_code, is_lenient, refusal


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"5.1.1 no such user", "5.1.1"),
        (b"5.1.1", "5.1.1"),
        (b"4.7.123 slow down", "4.7.123"),
        (b"no such user 5.1.1", ""),
        (b"5.1.1234 x", ""),
        (b"3.1.1 x", ""),
        (b"", ""),
    ],
)
def test_enhanced_code(reply: bytes, code: str) -> None:
    assert enhanced_code(reply) == code


@pytest.mark.parametrize(
    ("code", "reply", "at", "dead"),
    [
        (550, b"5.1.1 x", "rcpt", True),
        (550, b"5.1.2 x", "rcpt", True),
        (556, b"5.1.10 null MX", "rcpt", True),
        (550, b"5.1.8 bad sender domain", "rcpt", False),
        (550, b"5.1.7 bad sender", "rcpt", False),
        (550, b"5.7.1 policy", "rcpt", False),
        (550, b"5.2.1 disabled", "rcpt", False),
        (550, b"x", "rcpt", True),
        (553, b"x", "rcpt", True),
        (551, b"x", "rcpt", False),
        (554, b"x", "rcpt", False),
        (550, b"x", "data", False),
        (550, b"x", "mail", False),
        (550, b"5.1.1 x", "mail", False),
        (550, b"5.1.1 x", "data", True),
    ],
)
def test_which_refusals_condemn_the_address(code: int, reply: bytes, at: str, dead: bool) -> None:
    receipt = refusal(code, reply, at=at, domain="example.com")
    assert isinstance(receipt, Rejected)
    assert receipt.permanent_address is dead


@pytest.mark.parametrize("code", [-1, 0, 25, 199, 250, 354, 400, 421, 499, 600, 999])
def test_anything_but_a_5yz_is_deferred(code: int) -> None:
    assert isinstance(refusal(code, b"whatever", at="rcpt"), Deferred)


def test_a_missing_login_can_be_mended() -> None:
    assert isinstance(refusal(530, b"5.7.0 Authentication required", at="mail"), Deferred)


def test_no_word_of_the_reply_is_kept() -> None:
    receipt = refusal(550, b"5.1.1 <hanako@example.com> is secret", at="rcpt", domain="example.com")
    assert "hanako" not in repr(receipt)
    assert "secret" not in repr(receipt)


@pytest.mark.parametrize(
    ("domain", "lenient"),
    [("docomo.ne.jp", True), ("x.docomo.ne.jp", True), ("notdocomo.ne.jp", False), ("ne.jp", False), ("", False)],
)
def test_a_domain_on_the_list_speaks_for_those_below_it(domain: str, lenient: bool) -> None:
    assert is_lenient(domain, {"docomo.ne.jp"}) is lenient
