"""The console: readable, harmless to the terminal, honest when the stream fails."""

import io
from datetime import timedelta

import attrs
import pytest

from nurture.ports import Accepted, Unknown
from nurture.senders import ConsoleSender
from nurture.testing.sender_contract import an_envelope


def printed(**changes: object) -> str:
    stream = io.StringIO()
    assert ConsoleSender(stream).send([attrs.evolve(an_envelope(), **changes)]) == (Accepted(),)
    return stream.getvalue()


def test_a_message_reads_well() -> None:
    page = printed(text="こんにちは\r\n山田 様\r\n", html="<p>x</p>")
    assert "subject: Hello 1\n" in page
    assert "to: lead1@example.com (email)\n" in page
    assert "\nこんにちは\n山田 様\n" in page
    assert "(and 8 characters of HTML)" in page


def test_no_message_steers_the_terminal() -> None:
    page = printed(subject="a\x1b[2J\nkey: forged", text="b\x1b]0;title\x07\x9b31m\u2028c\rd")
    assert set(page) & set("\x1b\x07\x9b\u2028\r") == set()
    assert page.count("\nkey: ") == 1


def test_a_narrow_encoding_shows_escapes() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp932")
    assert ConsoleSender(stream).send([attrs.evolve(an_envelope(), text="𠮷野家")]) == (Accepted(),)
    assert "\\U00020bb7野家" in raw.getvalue().decode("cp932")


def test_a_stream_that_fails_leaves_doubt_and_stops_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    receipts = ConsoleSender(stream).send([an_envelope(1), an_envelope(2)])
    assert receipts == (Unknown("stream_failed_ValueError"),) * 2


def test_standard_output_is_looked_up_late(capsys: pytest.CaptureFixture[str]) -> None:
    sender = ConsoleSender()
    sender.send([an_envelope()])
    sender.close()
    assert "Hello 1" in capsys.readouterr().out
    assert sender.dedup_window == timedelta(0)
