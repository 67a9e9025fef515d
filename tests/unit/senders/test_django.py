"""Django's backends and anymail's: the message that they get, and what their answers and exceptions are taken for."""

import smtplib
import sys
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import attrs
import pytest
import requests
import urllib3
from anymail.exceptions import (
    AnymailAPIError,
    AnymailCancelSend,
    AnymailConfigurationError,
    AnymailInvalidAddress,
    AnymailUnsupportedFeature,
)
from anymail.message import AnymailRecipientStatus
from anymail.signals import post_send, pre_send
from django.core import mail
from django.core.mail import BadHeaderError
from django.core.mail.backends.base import BaseEmailBackend

from nurture.errors import DefinitionError
from nurture.ports import Accepted, Deferred, Receipt, Rejected, Unknown
from nurture.senders import DjangoSender
from nurture.senders.django import message_of
from nurture.testing.sender_contract import Fault, an_envelope
from tests.unit.senders.django_host import configure
from tests.unit.senders.http_server import closed_port
from tests.unit.senders.smtp_server import NONSENSE, Post, Server

configure()

LOCAL, SMTP = "django.core.mail.backends.locmem.EmailBackend", "django.core.mail.backends.smtp.EmailBackend"
ANYMAIL = "anymail.backends.test.EmailBackend"
TAKEN = Accepted()


def full_mail() -> EmailMessage:
    made = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    made["From"] = '"Yamada, Hanako (営業)" <info@example.jp>'
    made["To"] = an_envelope().recipient
    made["Subject"] = "ご案内"
    made["Date"] = "Wed, 01 Apr 2026 12:00:00 +0900"
    made["Message-ID"] = an_envelope().message_id
    made["Reply-To"] = "sales@example.jp"
    made["List-Unsubscribe"] = "<https://example.jp/u/abc>, <mailto:u@example.jp>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["List-Id"] = "news.example.jp"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("こんにちは\n")
    made.add_alternative("<p>こんにちは</p>\n", subtype="html")
    made.add_attachment(
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        maintype="text",
        subtype="calendar",
        filename="セミナー.ics",
        params={"method": "PUBLISH"},
    )
    made.add_attachment(bytes(range(256)), maintype="application", subtype="pdf", filename="a.pdf")
    return made


FULL = attrs.evolve(
    an_envelope(),
    sender="b+key@bounces.example.jp",
    subject="ご案内",
    text="こんにちは\n",
    html="<p>こんにちは</p>\n",
    data=full_mail().as_bytes(),
)


@pytest.fixture(autouse=True)
def _outbox() -> Iterator[None]:
    mail.outbox = []
    yield
    mail.outbox = []


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[Server]:
    running = Server(post)
    yield running
    running.stop()


def by_smtp(server: Server, **options: object) -> DjangoSender:
    return DjangoSender(SMTP, options={"host": "127.0.0.1", "port": server.port, "timeout": 2, **options})


def test_the_mail_that_leaves_has_the_same_parts_and_headers(server: Server, post: Post) -> None:
    assert by_smtp(server).send([FULL]) == (TAKEN,)
    ((sender, recipients, content),) = post.taken
    came, meant = BytesParser(policy=policy.default).parsebytes(content), full_mail()
    assert (sender, recipients) == ("b+key@bounces.example.jp", [FULL.recipient])
    assert {name.lower() for name in came.keys()} == {name.lower() for name in meant.keys()}  # noqa: SIM118
    for name, value in meant.items():
        if not name.startswith("Content-"):
            assert came.get_all(name) == [str(value)], name
    assert came["From"].addresses[0].display_name == "Yamada, Hanako (営業)"
    for kind in ("plain", "html"):
        body, expected = came.get_body([kind]), meant.get_body([kind])
        assert body is not None
        assert expected is not None
        assert body.get_content() == expected.get_content()
    calendar, paper = came.iter_attachments()
    assert calendar.get_filename() == "セミナー.ics"
    assert calendar["Content-Type"].params["method"] == "PUBLISH"
    assert calendar.get_payload(decode=True) == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert (paper.get_filename(), paper.get_content()) == ("a.pdf", bytes(range(256)))


def test_an_old_carriers_quoted_local_part_is_refused_as_django_would_unquote_it(server: Server, post: Post) -> None:
    dame = attrs.evolve(an_envelope(1), recipient='"da..me."@docomo.ne.jp')
    assert by_smtp(server).send([dame, an_envelope(2)]) == (Rejected("needs_quoted_address"), TAKEN)
    assert post.keys == [an_envelope(2).key]


@pytest.mark.parametrize(
    ("fault", "receipt"),
    [
        (Fault.REJECT, Rejected("no_such_mailbox", "550 5.1.1", permanent_address=True)),
        (Fault.DEFER, Deferred("policy", "451 4.7.1")),
        ("data 554 5.7.1 spam", Rejected("policy", "554 5.7.1")),
        ("data 452 4.3.1 disk full", Deferred("data_deferred", "452 4.3.1")),
        (Fault.LOSE_ANSWER, Unknown("failed_SMTPServerDisconnected")),
        (Fault.BREAK_BEFORE, Unknown("failed_SMTPServerDisconnected")),  # Django hides the place: nobody may claim it
    ],
)
def test_what_an_smtp_server_says(server: Server, post: Post, fault: str, receipt: Receipt) -> None:
    post.plan.append(fault)
    assert by_smtp(server).send([an_envelope(1), an_envelope(2)]) == (receipt, TAKEN)
    assert post.keys[-1] == an_envelope(2).key


@pytest.mark.parametrize(
    ("reply", "receipt"),
    [
        (NONSENSE, Unknown("reply_makes_no_sense")),
        ("data 354 go on", Unknown("reply_makes_no_sense")),
        ("data 251 2.0.0 queued as 4711", Accepted("2.0.0 queued as 4711")),
        ("data 200 for lead1@example.com", Accepted("for")),
    ],
)
def test_a_reply_behind_the_dot_that_is_neither_a_no_nor_250(
    server: Server, post: Post, reply: str, receipt: Receipt
) -> None:
    post.plan.append(reply)
    assert by_smtp(server).send([an_envelope(1), an_envelope(2)]) == (receipt, TAKEN)


def test_a_250_before_the_data_says_that_nothing_was_sent() -> None:
    error = smtplib.SMTPDataError(250, b"out of step")
    sender = DjangoSender(f"{__name__}.Failing", options={"error": error})
    assert sender.send([an_envelope()]) == (Deferred("data_deferred", "250"),)


def test_a_silent_server_holds_up_a_call_once(server: Server, post: Post) -> None:
    post.plan.append(Fault.HANG)
    receipts = by_smtp(server, timeout=1).send([an_envelope(1), an_envelope(2)])
    assert receipts == (Unknown("failed_SMTPServerDisconnected"), Deferred("not_tried"))


def test_nobody_listens() -> None:
    sender = DjangoSender(SMTP, options={"host": "127.0.0.1", "port": closed_port()})
    hostile = attrs.evolve(an_envelope(), recipient="a@b.example, c@d.example")
    assert sender.send([an_envelope(1), hostile, an_envelope(2)]) == (
        Deferred("not_connected_ConnectionRefusedError"),
        Rejected("bad_address"),
        Deferred("not_tried"),
    )


def test_a_wrong_password_is_deferred(post: Post) -> None:
    from tests.unit.senders.smtp_server import authenticator

    server = Server(post, authenticator=authenticator, auth_require_tls=False)
    receipts = by_smtp(server, username="crm", password="wrong").send([an_envelope(1), an_envelope(2)])
    server.stop()
    assert receipts == (Deferred("not_authenticated", "535"), Deferred("not_tried"))


def test_what_django_would_write_wrongly_is_refused(server: Server, post: Post) -> None:
    hanako = attrs.evolve(an_envelope(), recipient="花子@example.com", smtputf8=True)
    assert by_smtp(server).send([hanako, an_envelope(2)]) == (Rejected("needs_smtputf8"), TAKEN)


def test_the_settings_choose_the_backend_when_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "EMAIL_BACKEND", LOCAL, raising=False)
    assert DjangoSender().send([FULL]) == (TAKEN,)
    assert [message.subject for message in mail.outbox] == ["ご案内"]


def test_anymail_gets_a_return_path_of_its_own_and_every_header() -> None:
    (receipt,) = DjangoSender(ANYMAIL).send([FULL])
    assert receipt == Accepted("0")
    params = mail.outbox[0].anymail_test_params
    assert "envelope_sender" not in params
    assert params["from"].addr_spec == "info@example.jp"
    assert [one.addr_spec for one in params["to"]] == [FULL.recipient]
    assert [one.addr_spec for one in params["reply_to"]] == ["sales@example.jp"]
    assert params["extra_headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert {"message-id", "list-unsubscribe", "list-id", "auto-submitted", "date"} <= {
        name.lower() for name in params["extra_headers"]
    }
    assert (params["text_body"], params["html_body"]) == ("こんにちは\n", "<p>こんにちは</p>\n")
    assert [one.name for one in params["attachments"]] == ["セミナー.ics", "a.pdf"]


def anymail_says(monkeypatch: pytest.MonkeyPatch, response: object) -> Receipt:
    def marked(*args: object, **options: object) -> object:
        made = message_of(*args, **options)  # type: ignore[arg-type]
        made.anymail_test_response = response
        return made

    monkeypatch.setattr("nurture.senders.django.message_of", marked)
    (receipt,) = DjangoSender(ANYMAIL).send([an_envelope()])
    return receipt


@pytest.mark.parametrize(
    ("status", "receipt"),
    [
        ("sent", Accepted("m-1")),
        ("queued", Accepted("m-1")),
        ("invalid", Rejected("bad_address")),
        ("rejected", Rejected("refused_by_service")),
        ("failed", Deferred("failed_at_service")),
        ("unknown", Unknown("status_unknown")),
        (None, Unknown("status_unknown")),
    ],
)
def test_what_anymail_says_of_the_recipient(
    monkeypatch: pytest.MonkeyPatch, status: str | None, receipt: Receipt
) -> None:
    told = {"recipient_status": {an_envelope().recipient: AnymailRecipientStatus("m-1", status)}}
    assert anymail_says(monkeypatch, told) == receipt


@pytest.mark.parametrize(
    ("status", "receipt"),
    [
        (400, Rejected("refused", "400")),
        (422, Rejected("refused", "422")),
        (401, Deferred("not_authorized", "401")),
        (402, Deferred("not_authorized", "402")),
        (408, Deferred("not_read", "408")),
        (425, Deferred("not_read", "425")),
        (429, Deferred("throttled", "429")),
        (500, Unknown("answered_500")),
        (None, Unknown("failed_AnymailAPIError")),
    ],
)
def test_a_service_that_answers_with_an_error(
    monkeypatch: pytest.MonkeyPatch, status: int | None, receipt: Receipt
) -> None:
    assert anymail_says(monkeypatch, AnymailAPIError("no", status_code=status)) == receipt


def raised_from(cause: Exception) -> Exception:
    """As anymail raises it: of both kinds at once, the request's own error being the cause."""
    kind = type("AnymailRequestsAPIError", (AnymailAPIError, type(cause)), {})
    error: Exception = kind("Error posting")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "receipt"),
    [
        (requests.ConnectTimeout(), Deferred("not_connected")),
        (
            requests.ConnectionError(
                urllib3.exceptions.MaxRetryError(
                    None,
                    "/",
                    urllib3.exceptions.NewConnectionError(None, "refused"),  # type: ignore[arg-type]
                )
            ),
            Deferred("not_connected"),
        ),
        (requests.ReadTimeout(), Unknown("failed_AnymailRequestsAPIError")),
        (requests.ConnectionError("reset"), Unknown("failed_AnymailRequestsAPIError")),
    ],
)
def test_a_service_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, cause: Exception, receipt: Receipt) -> None:
    assert anymail_says(monkeypatch, raised_from(cause)) == receipt


class Failing(BaseEmailBackend):
    """Raises what it is made with."""

    def __init__(self, error: Exception, **_: object) -> None:
        super().__init__()
        self._error = error

    def send_messages(self, email_messages: object) -> int:
        raise self._error


@pytest.mark.parametrize(
    ("error", "receipt"),
    [
        (BadHeaderError("x"), Rejected("unsafe_header")),
        (AnymailInvalidAddress("x"), Rejected("bad_address")),
        (AnymailUnsupportedFeature("x"), Rejected("not_supported")),
        (smtplib.SMTPNotSupportedError("x"), Rejected("not_supported")),
        (AnymailConfigurationError("x"), Deferred("not_configured")),
        (smtplib.SMTPSenderRefused(550, b"5.7.1 no", "x"), Rejected("policy", "550 5.7.1")),
        (RuntimeError("lead1@example.com"), Unknown("failed_RuntimeError")),
        (TimeoutError(), Unknown("failed_TimeoutError")),
    ],
)
def test_what_a_backend_may_raise(error: Exception, receipt: Receipt) -> None:
    sender = DjangoSender(f"{__name__}.Failing", options={"error": error})
    assert sender.send([an_envelope()]) == (receipt,)


@pytest.fixture
def connected() -> Iterator[Callable[..., None]]:
    """Connects receivers to signals until the test ends."""
    made: list[tuple[object, object]] = []

    def connect(signal: object, receiver: object) -> None:
        signal.connect(receiver)  # type: ignore[attr-defined]
        made.append((signal, receiver))

    yield connect
    for signal, receiver in made:
        signal.disconnect(receiver)  # type: ignore[attr-defined]


def test_a_receiver_that_calls_it_off_is_obeyed(connected: Callable[..., None]) -> None:
    def stop(**_: object) -> None:
        raise AnymailCancelSend

    connected(pre_send, stop)
    assert DjangoSender(ANYMAIL).send([an_envelope()]) == (Rejected("cancelled"),)


class Queueing(BaseEmailBackend):
    """Keeps what it is given for another process, and counts what it sent itself."""

    def __init__(self, counted: int | None, **_: object) -> None:
        super().__init__()
        self._counted = counted

    def send_messages(self, email_messages: object) -> int | None:
        return self._counted


@pytest.mark.parametrize("counted", [0, None])
def test_a_backend_that_counts_nothing_may_send_it_all_the_same(counted: int | None) -> None:
    sender = DjangoSender(f"{__name__}.Queueing", options={"counted": counted})
    assert sender.send([an_envelope()]) == (Unknown("not_counted"),)


@pytest.mark.parametrize("backend", ["nowhere.EmailBackend", "django.core.mail.backends.smtp.Nothing", "smtp"])
def test_a_backend_that_is_not_there_is_named_at_once(backend: str) -> None:
    with pytest.raises(DefinitionError, match="backend"):
        DjangoSender(backend)


def test_a_receiver_that_fails_afterwards_does_not_undo_what_was_sent(connected: Callable[..., None]) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError

    connected(post_send, fail)
    assert DjangoSender(ANYMAIL).send([an_envelope()]) == (Accepted("0"),)


def test_the_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import nurture.senders

    monkeypatch.delitem(sys.modules, "nurture.senders.django")
    monkeypatch.setitem(sys.modules, "django.core.mail", None)
    with pytest.raises(ImportError, match=r"nurture-crm\[django\]"):
        nurture.senders.DjangoSender  # noqa: B018 -- looking it up loads it
