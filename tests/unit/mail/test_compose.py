"""The bytes of one mail, read by the standard library's parser; marketing is compliant or refused."""

import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import SendRefusedError
from nurture.mail import Rendered, SenderIdentity
from nurture.mail.compose import compose
from nurture.mail.files import Attachment
from nurture.mail.owner import Owner
from nurture.model import Purpose
from nurture.ports import Envelope

IDENTITY = SenderIdentity(
    "株式会社見本", "info@example.jp", "reply@example.jp", "東京都千代田区1-1", "https://example.jp/complaints"
)
URL = "https://crm.example.jp/unsubscribe/token"
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
BODY = Rendered("山田 様", "こんにちは\n", "<p>こんにちは</p>")
PROSE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], include_characters="\n"), max_size=500)


def composed(rendered: Rendered = BODY, **changes: object) -> Envelope:
    options: dict[str, object] = {
        "key": "eff_a",
        "message_id": "<eff_a@crm.example.jp>",
        "recipient": "taro@example.jp",
        "purpose": Purpose.MARKETING,
        "identity": IDENTITY,
        "now": NOW,
        "unsubscribe_url": URL,
    }
    return compose(rendered, **options | changes)  # type: ignore[arg-type]


def parsed(envelope: Envelope) -> EmailMessage:
    message = email.message_from_bytes(envelope.data, policy=email.policy.SMTP)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


def test_a_marketing_mail_has_everything_that_the_rules_ask_for() -> None:
    envelope = composed(list_id="news.example.jp", unsubscribe_mailto="stop@example.jp")
    message = parsed(envelope)
    assert message.keys() == [
        *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Auto-Submitted", "List-Id"),
        *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
    ]
    assert [(box.display_name, box.addr_spec) for box in message["From"].addresses] == [
        ("株式会社見本", "info@example.jp")
    ]
    assert [box.addr_spec for box in message["To"].addresses] == ["taro@example.jp"]
    assert message["Subject"] == "山田 様"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == "<eff_a@crm.example.jp>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == f"<{URL}>, <mailto:stop@example.jp>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for shown in ("株式会社見本", "東京都千代田区1-1", "https://example.jp/complaints", URL):
        assert shown in part(message, "plain")
        assert shown in part(message, "html")
    assert dict(envelope.headers) | {"From": ""} == {name: str(message[name]) for name in message} | {"From": ""}


def test_text_comes_before_html() -> None:
    message = parsed(composed())
    assert message.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]
    assert parsed(composed(Rendered("s", "t"))).get_content_type() == "text/plain"


def test_the_same_input_gives_the_same_bytes() -> None:
    assert composed().data == composed().data
    assert composed().data == composed(now=NOW.astimezone(timezone(timedelta(hours=9)))).data
    assert composed().data != composed(key="eff_b").data


@given(PROSE, PROSE, st.sampled_from(["ja", "en"]))
def test_bodies_survive_and_lines_are_short(text: str, html: str, locale: str) -> None:
    rendered = Rendered("s", f"x{text}", f"<p>{html}")
    envelope = composed(rendered, purpose=Purpose.TRANSACTIONAL, unsubscribe_url=None, locale=locale)
    message = parsed(envelope)
    assert part(message, "plain") == rendered.text
    assert part(message, "html") == rendered.html
    assert max(map(len, envelope.data.split(b"\r\n"))) <= 200
    assert b"\n" not in envelope.data.replace(b"\r\n", b"")
    assert b"\r" not in envelope.data.replace(b"\r\n", b"")
    assert envelope.data.isascii()


@given(PROSE.filter(lambda text: "\n" not in text and text.strip() != ""))
def test_marketing_is_compliant_whatever_it_says(subject: str) -> None:
    try:
        message = parsed(composed(Rendered(subject, subject, subject)))
    except SendRefusedError:
        return
    assert message.keys().count("List-Unsubscribe") == 1
    assert message["List-Unsubscribe"] == f"<{URL}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert len(message["To"].addresses) == 1
    assert URL in part(message, "plain")


def test_a_body_with_lone_line_breaks_is_made_whole() -> None:
    message = parsed(composed(Rendered("s", "a\rb\nc\r\nd"), purpose=Purpose.TRANSACTIONAL))
    assert part(message, "plain") == "a\nb\nc\nd"


@pytest.mark.parametrize("line", [".", "From me", "--=_", "trailing   ", "\t", "=", "a" * 3000])
def test_odd_lines_survive(line: str) -> None:
    rendered = Rendered("s", f"a\n{line}\nb\n", f"<p>\n{line}\n")
    message = parsed(composed(rendered, purpose=Purpose.TRANSACTIONAL))
    assert part(message, "plain") == rendered.text
    assert part(message, "html") == rendered.html


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unsubscribe_url": None}, "no_unsubscribe"),
        ({"unsubscribe_url": ""}, "no_unsubscribe"),
        ({"unsubscribe_url": "http://crm.example.jp/x"}, "no_unsubscribe"),
        ({"unsubscribe_url": "mailto:x@example.jp"}, "no_unsubscribe"),
        ({"unsubscribe_url": "https://crm.example.jp/a>, <https://evil.example"}, "no_unsubscribe"),
        ({"unsubscribe_url": "https://crm.example.jp/\r\nBcc: x"}, "no_unsubscribe"),
        ({"unsubscribe_url": "https://crm.example.jp/" + "x" * 1000}, "no_unsubscribe"),
        ({"identity": SenderIdentity("見本", "info@example.jp")}, "no_sender_identity"),
        ({"identity": SenderIdentity("見本", "info@example.jp", postal_address="x")}, "no_sender_identity"),
        ({"identity": SenderIdentity("見本", "info@example.jp", complaint_contact="x")}, "no_sender_identity"),
        ({"recipient": "a@b.c, d@e.f"}, "several_recipients"),
        ({"recipient": "花 子@example.jp"}, "bad_address"),
        ({"recipient": "花子\u2028@example.jp"}, "bad_address"),
        ({"recipient": "花子\r\nBcc: x@example.jp"}, "bad_address"),
        ({"attachments": [Attachment("a", b"x" * 10_000_001)]}, "attachment_too_large"),
        ({"rendered": Rendered("s", "t", "<p>h</p><!-- ")}, "hidden_footer"),
        ({"rendered": Rendered("s", "t", "<p>h</p><div style='display:none'>")}, "hidden_footer"),
        ({"rendered": Rendered("s", "t", "<p>h</p><style>")}, "hidden_footer"),
        ({"rendered": Rendered("s", "t", "<p>h</p><a href='https://a.jp/x>read on</a>")}, "hidden_footer"),
        ({"rendered": Rendered("s", "t", "<b>" * 12_501 + "h" + "</b>" * 12_501)}, "too_big"),
        ({"recipient": "a@b.c\r\nBcc: d"}, "bad_address"),
        ({"message_id": "<a@b>\r\nBcc: x"}, "unsafe_header"),
        ({"message_id": "no brackets"}, "unsafe_header"),
        ({"list_id": "a.b\r\nBcc: x"}, "unsafe_header"),
        ({"list_id": "nodots"}, "unsafe_header"),
        ({"unsubscribe_mailto": "a@b.c?subject=x"}, "bad_address"),
        ({"unsubscribe_mailto": "a?b@b.c"}, "bad_address"),
        ({"return_path": "a@b.c, d@e.f"}, "several_recipients"),
        ({"rendered": Rendered("", "t")}, "empty_subject"),
        ({"rendered": Rendered(" ", "t")}, "empty_subject"),
        ({"rendered": Rendered("s", " \n")}, "empty_body"),
        ({"rendered": Rendered("s\nBcc: x", "t")}, "unsafe_header"),
        ({"rendered": Rendered("s" * 999, "t")}, "too_big"),
        ({"rendered": Rendered("s", "t" * 1_048_577)}, "too_big"),
        ({"rendered": Rendered("s", "t", "h" * 1_048_577)}, "too_big"),
    ],
)
def test_what_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(SendRefusedError) as caught:
        composed(**changes)
    assert caught.value.reason == reason


def test_a_transactional_mail_needs_no_link_and_gets_no_footer() -> None:
    plain = SenderIdentity("Example", "info@example.jp")
    envelope = composed(Rendered("s", "t\n"), purpose=Purpose.TRANSACTIONAL, unsubscribe_url=None, identity=plain)
    message = parsed(envelope)
    assert "List-Unsubscribe" not in message
    assert "Reply-To" not in message
    assert part(message, "plain") == "t\n"
    assert composed(purpose=Purpose.TRANSACTIONAL).headers["List-Unsubscribe"] == f"<{URL}>"


def test_the_envelope_carries_wire_addresses() -> None:
    envelope = composed(recipient="da..me.@docomo.ne.jp", return_path="bounce@例え.jp")
    assert envelope.recipient == '"da..me."@docomo.ne.jp'
    assert envelope.sender == "bounce@xn--r8jz45g.jp"
    assert b'\r\nTo: "da..me."@docomo.ne.jp\r\n' in envelope.data
    assert composed().sender == "info@example.jp"
    local = composed(unsubscribe_url="http://localhost:8000/unsubscribe/x")
    assert local.headers["List-Unsubscribe"] == "<http://localhost:8000/unsubscribe/x>"


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        composed(now=NOW.replace(tzinfo=None))


OWNER = Owner("見本 花子", "hanako@example.jp")


def test_an_owner_writes_in_their_own_name_where_the_site_may() -> None:
    envelope = composed(owner=OWNER, is_verified=True, return_path="b@mail.example.jp")
    message = parsed(envelope)
    assert [(box.display_name, box.addr_spec) for box in message["From"].addresses] == [
        ("見本 花子", "hanako@example.jp")
    ]
    assert "Reply-To" not in message
    assert (envelope.sender, envelope.fallback) == ("b@mail.example.jp", "")
    assert composed(owner=OWNER, is_verified=True).sender == "info@example.jp"
    for shown in ("株式会社見本", "東京都千代田区1-1"):  # the law asks who sends, not who writes
        assert shown in part(message, "plain")


def test_where_the_site_may_not_answers_go_to_the_owner_and_that_is_said() -> None:
    envelope = composed(owner=OWNER)
    message = parsed(envelope)
    assert message["From"].addresses[0].addr_spec == "info@example.jp"
    assert message["Reply-To"].addresses[0].addr_spec == "hanako@example.jp"
    assert envelope.fallback == "owner_not_verified"


def test_an_owner_without_a_name_shows_the_address() -> None:
    envelope = composed(owner=Owner("", "hanako@example.jp"), is_verified=True)
    assert envelope.headers["From"] == "hanako@example.jp"
    assert parsed(envelope)["From"].addresses[0].addr_spec == "hanako@example.jp"


def test_an_address_beyond_ascii_is_composed_and_marked() -> None:
    envelope = composed(recipient="花子.é@例え.jp")
    assert envelope.smtputf8
    assert envelope.recipient == "花子.é@xn--r8jz45g.jp"
    head = envelope.data.partition(b"\r\n\r\n")[0].decode("utf-8")
    assert [line for line in head.split("\r\n") if not line.isascii()] == ["To: 花子.é@xn--r8jz45g.jp"]
    assert envelope.data.partition(b"\r\n\r\n")[2].isascii()
    assert not composed().smtputf8
    other = composed(recipient="taro@example.jp").data
    assert envelope.data.replace("花子.é@xn--r8jz45g.jp".encode(), b"taro@example.jp") == other


FILES = (
    Attachment("講座のご案内.pdf", bytes(range(256)) * 9, "application/pdf"),
    Attachment("a.txt", b"--=_\r\nFrom x\r\n.\r\n", "text/plain"),
)


@pytest.mark.parametrize("html", ["<p>h</p>", None])
def test_files_stand_beside_what_is_said(html: str | None) -> None:
    envelope = composed(Rendered("s", "t", html), attachments=FILES)
    message = parsed(envelope)
    assert message.get_content_type() == "multipart/mixed"
    body, *files = message.iter_parts()
    assert body.get_content_type() == ("text/plain" if html is None else "multipart/alternative")
    assert [(one.get_filename(), one.get_content_type()) for one in files] == [
        ("講座のご案内.pdf", "application/pdf"),
        ("a.txt", "text/plain"),
    ]
    assert files[0].get_content() == FILES[0].data
    assert files[1].get_payload(decode=True) == FILES[1].data
    assert part(message, "plain").startswith("t")
    assert URL in part(message, "plain")
    assert envelope.data == composed(Rendered("s", "t", html), attachments=FILES).data
    assert envelope.data.isascii()
    assert max(map(len, envelope.data.split(b"\r\n"))) <= 200


def test_the_two_boundaries_differ() -> None:
    message = parsed(composed(attachments=FILES))
    inner = next(message.iter_parts())
    assert message.get_boundary() != inner.get_boundary()


def test_marketing_shows_what_it_must_behind_a_layout_with_hidden_parts() -> None:
    said = f"株式会社見本 東京都千代田区1-1 https://example.jp/complaints {URL}"
    hidden = f"<!-- {URL} --><div style='display:none'>{said}</div>"
    message = parsed(composed(Rendered("s", "t", f"<html><body>{hidden}<p>h</p></body></html>")))
    html = part(message, "html")
    assert html.count(URL) == 3
    assert html.rstrip().endswith(f'<a href="{URL}">配信停止はこちら</a></p>\n</body></html>')


@pytest.mark.parametrize("blank", [" ", "\t"])
@pytest.mark.parametrize("length", range(60, 90))
def test_a_blank_at_the_end_of_a_full_line_makes_it_no_longer_than_it_may_be(blank: str, length: int) -> None:
    text = f"{'x' * length}é{blank}\n" + "plain words\n" * 90
    envelope = composed(Rendered("Hello", text, ""))
    assert max(len(line) for line in envelope.data.partition(b"\r\n\r\n")[2].split(b"\r\n")) <= 76
    assert part(parsed(envelope), "plain").startswith(text)
