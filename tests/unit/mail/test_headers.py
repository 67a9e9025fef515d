"""Header values: refused, written, and read again, by us and by the standard library."""

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import SendRefusedError
from nurture.mail.headers import check_value, encode_mailbox, encode_text, read_fields, write_fields

CLEAN = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=400)


@given(CLEAN)
def test_free_text_survives_the_way_out_and_back(value: str) -> None:
    block = write_fields([("Subject", encode_text(value))])
    assert max(map(len, block.split(b"\r\n"))) <= 998
    assert read_fields(block) == [("Subject", value)]
    if "  " not in value and value == value.strip() and value:  # the standard library folds white space
        parsed = email.message_from_bytes(block + b"\r\n", policy=email.policy.default)
        assert parsed["Subject"] == value


@pytest.mark.parametrize(
    "value", ["x " * 300, "あ" * 300, "a" * 900, "=?utf-8?q?x?=", " lead", "trail ", "𠮷" * 100, "e\u0301" * 99]
)
def test_long_and_odd_text_survives(value: str) -> None:
    block = write_fields([("Subject", encode_text(value))])
    assert read_fields(block) == [("Subject", value)]
    parsed = email.message_from_bytes(block + b"\r\n", policy=email.policy.compat32)
    assert str(email.header.make_header(email.header.decode_header(parsed["Subject"]))) == value


@pytest.mark.parametrize(
    "name", ["Plain Inc.", "Comma, Inc.", 'Say "hi" \\ now', "株式会社見本", "a=?b", "x" * 90, "見本 <x@y.z>, b@c.d"]
)
def test_a_mailbox_is_one_mailbox_with_its_name(name: str) -> None:
    block = write_fields([("From", encode_mailbox(name, "info@example.jp"))])
    parsed = email.message_from_bytes(block + b"\r\n", policy=email.policy.default)
    (mailbox,) = parsed["From"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == (name, "info@example.jp")


def test_no_name_leaves_the_address() -> None:
    assert encode_mailbox("", "info@example.jp") == "info@example.jp"


@pytest.mark.parametrize(
    "value",
    [
        "a\r\nBcc: x@example.jp",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\x00b",
        "a\x7fb",
        "a\x85b",
        "a\u2028b",
        "a\u2029b",
        "=?utf-8?q?a=0ABcc:_x?=",
        "=?utf-8?b?YQ0KQmNjOiB4?=",
        "=?iso-8859-1?q?a=85b?=",
        "x =?utf-8?q?=E2=80=A8?= y",
        "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3D0Ab=3F=3D?=",
        "=?utf-8?q?=3D=3Futf-8=3Fq=3F=3D3D=3D3Futf-8=3D3Fq=3D3Fx=3D3F=3D3D=3F=3D?=",
    ],
)
def test_control_signs_are_refused_also_when_encoded(value: str) -> None:
    with pytest.raises(SendRefusedError) as caught:
        check_value(value, "Subject")
    assert caught.value.reason == "unsafe_header"
    assert "Bcc" not in str(caught.value)


@pytest.mark.parametrize("value", ["=?nope?q?a?=", "=?utf-8?b?a?="])
def test_broken_encoded_words_are_refused(value: str) -> None:
    with pytest.raises(SendRefusedError, match="unsafe_header"):
        check_value(value, "Subject")


def test_a_value_has_a_longest_length() -> None:
    assert check_value("x" * 998, "Subject") == "x" * 998
    with pytest.raises(SendRefusedError, match="too_big"):
        check_value("x" * 999, "Subject")


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Subject: a",
        b"Subject: a\r\n\r\n",
        b"Subject: a\r\n\r\nBcc: x\r\n",
        b"Subject: a\nBcc: x\r\n",
        b"Subject: a\rBcc: x\r\n",
        b"no field\r\n",
        b" folded: first\r\n",
        b"Subject: \xff\r\n",
        b"Subject: " + b"x" * 1000 + b"\r\n",
        b"Sub ject: a\r\n",
        b"Subject: =?utf-8?b?/w==?=\r\n",
    ],
)
def test_the_reader_refuses_what_is_no_clean_block(block: bytes) -> None:
    with pytest.raises(SendRefusedError, match="unsafe_header"):
        read_fields(block)


def test_only_the_recipient_may_stand_in_utf8_and_only_where_that_is_allowed() -> None:
    block = write_fields([("To", "花子@example.jp"), ("Subject", "s")], smtputf8=True)
    assert read_fields(block, smtputf8=True) == [("To", "花子@example.jp"), ("Subject", "s")]
    for hostile in ("Subject: 件名\r\n", "To: a@b.c\r\nX-花: x\r\n", "To: a\u2028b@c.d\r\n", "To: a\x85b@c.d\r\n"):
        with pytest.raises(SendRefusedError) as caught:
            read_fields(hostile.encode("utf-8"), smtputf8=True)
        assert caught.value.reason == "unsafe_header"
    with pytest.raises(SendRefusedError):
        read_fields(block)
