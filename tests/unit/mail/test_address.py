"""Addresses on the wire: one mailbox, quoted or refused, never two."""

from email.headerregistry import HeaderRegistry

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import SendRefusedError
from nurture.mail.address import wire_address, wire_domain


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("taro@example.jp", "taro@example.jp"),
        ("  Taro.Y+x@EXAMPLE.jp ", "Taro.Y+x@example.jp"),
        ("da..me.@docomo.ne.jp", '"da..me."@docomo.ne.jp'),
        (".dame@ezweb.ne.jp", '".dame"@ezweb.ne.jp'),
        ('"da..me."@docomo.ne.jp', '"da..me."@docomo.ne.jp'),
        ('"plain"@docomo.ne.jp', "plain@docomo.ne.jp"),
        ("o'brien/x=y@example.com", "o'brien/x=y@example.com"),
        ("info@例え.jp", "info@xn--r8jz45g.jp"),
        ("info@ｅｘａｍｐｌｅ．jp", "info@example.jp"),
        ("a@localhost", "a@localhost"),
    ],
)
def test_what_goes_over_the_wire(address: str, wire: str) -> None:
    assert wire_address(address) == wire
    assert wire_address(wire) == wire


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "bad_address"),
        ("@", "bad_address"),
        ("a@", "bad_address"),
        ("@b", "bad_address"),
        ("nobody", "bad_address"),
        ("a@b.c, d@e.f", "several_recipients"),
        ("a@b.c;d@e.f", "several_recipients"),
        ("a@b.c d@e.f", "several_recipients"),
        ("a@b@c", "several_recipients"),
        ("Taro <a@example.jp>", "bad_address"),
        ("<a@example.jp>", "bad_address"),
        ('"a b"@example.jp', "bad_address"),
        ('"a\\"b"@example.jp', "bad_address"),
        ("a\r\nBcc: x@example.jp", "bad_address"),
        ("a@example.jp\n", "bad_address"),
        ("a@example.jp\u2028", "bad_address"),
        ("a\x00@example.jp", "bad_address"),
        ("花子@example.jp", "needs_smtputf8"),
        ("tаro@example.jp", "needs_smtputf8"),
        ("花\u2028子@example.jp", "bad_address"),
        ("a@[127.0.0.1]", "bad_address"),
        ("a@-x.jp", "bad_address"),
        ("a@x..jp", "bad_address"),
        ("a@.jp", "bad_address"),
        ("a@x_y.jp", "bad_address"),
        ("a@faß.de", "bad_address"),
        ("a@faẞ.de", "bad_address"),
        ("a@" + "x" * 64 + ".jp", "bad_address"),
        ("a@" + "x." * 130 + "jp", "bad_address"),
        ("a" * 65 + "@example.jp", "bad_address"),
    ],
)
def test_what_is_refused(address: str, reason: str) -> None:
    with pytest.raises(SendRefusedError) as caught:
        wire_address(address)
    assert caught.value.reason == reason
    assert "example" not in str(caught.value)


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[\x20-\x7e]{1,12}@[\x20-\x7e]{1,20}", fullmatch=True)))
def test_whatever_passes_is_one_mailbox_to_another_reader(address: str) -> None:
    try:
        wire = wire_address(address)
    except SendRefusedError:
        return
    header = HeaderRegistry()("To", wire)
    assert len(header.addresses) == 1
    assert not header.defects
    assert wire.isascii()
    assert set(wire) & set("\r\n<>,; ") == set()


def test_a_domain_is_lower_case_punycode() -> None:
    assert wire_domain("日本語.JP") == "xn--wgv71a119e.jp"


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("花子@例え.jp", "花子@xn--r8jz45g.jp"),
        ("é.x@example.jp", "é.x@example.jp"),
        ("taro@example.jp", "taro@example.jp"),
    ],
)
def test_a_local_part_beyond_ascii_stands_as_it_is_where_that_is_allowed(address: str, wire: str) -> None:
    assert wire_address(address, smtputf8=True) == wire


@pytest.mark.parametrize(
    "address", ["é..x@a.jp", ".é@a.jp", 'é"@a.jp', "é x@a.jp", "é\u202ex@a.jp", "あ" * 22 + "@a.jp", "é@@a.jp"]
)
def test_what_is_no_address_is_none_there_either(address: str) -> None:
    with pytest.raises(SendRefusedError):
        wire_address(address, smtputf8=True)
