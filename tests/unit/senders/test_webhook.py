"""The webhook: what is posted, who could verify it, and what each answer, or none, is taken for."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from nurture.errors import DefinitionError
from nurture.ports import Accepted, Deferred, Receipt, Rejected, Unknown
from nurture.senders import WebhookSender
from nurture.testing.sender_contract import Fault, an_envelope
from tests.unit.senders.http_server import Endpoint, Said, closed_port, cut
from tests.unit.senders.smtp_server import certificate

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
SHORT = timedelta(seconds=1.5)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    running = Endpoint(Said(200, {}, b'{"id": "4711"}'), Said(422), Said(503))
    yield running
    running.stop()


def sender_to(endpoint: Endpoint, path: str = "/in?room=1", **options: object) -> WebhookSender:
    return WebhookSender(endpoint.url + path, SECRET, clock=lambda: NOON, **options)  # type: ignore[arg-type]


def one(endpoint: Endpoint, *plan: Fault | Said, **options: object) -> Receipt:
    endpoint.plan.extend(plan)
    (receipt,) = sender_to(endpoint, **options).send([an_envelope()])
    return receipt


def test_the_body_is_the_documented_one(endpoint: Endpoint) -> None:
    assert one(endpoint) == Accepted("4711")
    (asked,) = endpoint.asked
    assert asked.path == "/in?room=1"
    assert asked.json() == {
        "type": "message.send",
        "version": 1,
        "data": {
            "key": an_envelope().key,
            "channel": "email",
            "message_id": an_envelope().message_id,
            "sender": "info@example.jp",
            "recipient": "lead1@example.com",
            "subject": "Hello 1",
            "text": "Text 1\n.\nend",
            "html": None,
            "headers": dict(an_envelope().headers),
        },
    }


def test_the_whole_mail_goes_along_where_it_is_wanted(endpoint: Endpoint) -> None:
    one(endpoint, raw=True)
    assert base64.b64decode(endpoint.asked[0].json()["data"]["raw"]) == an_envelope().data


def test_any_library_for_standard_webhooks_verifies_it(endpoint: Endpoint) -> None:
    WebhookSender(endpoint.url, [SECRET, b"the old one, of 24 bytes or more"], clock=lambda: NOON).send([an_envelope()])
    (asked,) = endpoint.asked
    stamp = str(int(NOON.timestamp()))
    signed = f"{an_envelope().key}.{stamp}.".encode() + asked.body
    expected = [
        "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        for key in (b"k" * 32, b"the old one, of 24 bytes or more")
    ]
    assert asked.headers["webhook-id"] == an_envelope().key
    assert asked.headers["webhook-timestamp"] == stamp
    assert asked.headers["webhook-signature"].split(" ") == expected
    assert asked.headers["Idempotency-Key"] == f'"{an_envelope().key}"'
    assert asked.headers["Content-Type"] == "application/json"


def test_tries_of_one_message_have_the_same_body(endpoint: Endpoint) -> None:
    sender_to(endpoint).send([an_envelope()])
    WebhookSender(endpoint.url, SECRET).send([an_envelope()])
    first, second = endpoint.asked
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


@pytest.mark.parametrize(
    ("said", "receipt"),
    [
        (Said(200, {}, b"not json"), Accepted()),
        (Said(202, {}, b""), Accepted()),
        (Said(201, {}, b'{"id": 7}'), Accepted()),
        (Said(200, {}, b'["id"]'), Accepted()),
        (Said(200, {}, b"[" * 30_000), Accepted()),
        (Said(200, {}, json.dumps({"id": "a\r\nb" + "x" * 999}).encode()), Accepted("a b" + "x" * 197)),
        (Said(409, {}, b'{"id": "first"}'), Rejected("conflict", "409")),
        (Said(400), Rejected("refused", "400")),
        (Said(404), Rejected("refused", "404")),
        (Said(410), Rejected("refused", "410")),
        (Said(401), Deferred("not_authorized", "401")),
        (Said(403), Deferred("not_authorized", "403")),
        (Said(408), Deferred("not_read", "408")),
        (Said(429), Deferred("throttled", "429")),
        (Said(429, {"Retry-After": "90"}), Deferred("throttled", "429", timedelta(seconds=90))),
        (
            Said(503, {"Retry-After": "Wed, 01 Apr 2026 12:05:00 GMT"}),
            Deferred("overloaded", "503", timedelta(minutes=5)),
        ),
        (Said(503, {"Retry-After": "Wed, 01 Apr 2020 12:05:00 GMT"}), Deferred("overloaded", "503", timedelta(0))),
        (Said(503, {"Retry-After": "999999999"}), Deferred("overloaded", "503", timedelta(days=1))),
        (Said(503, {"Retry-After": "soon"}), Unknown("answered_503")),
        (Said(503), Unknown("answered_503")),
        (Said(500), Unknown("answered_500")),
        (Said(502), Unknown("answered_502")),
        (Said(302, {"Location": "/elsewhere"}), Unknown("answered_302")),
        (Said(303, {"Location": "/done"}), Unknown("answered_303")),
        (Said(301, {"Location": "/elsewhere"}), Deferred("redirected", "301")),
        (Said(308, {"Location": "/elsewhere"}), Deferred("redirected", "308")),
        (Said(799), Unknown("answered_799")),
    ],
)
def test_what_an_answer_means(endpoint: Endpoint, said: Said, receipt: Receipt) -> None:
    assert one(endpoint, said) == receipt
    assert endpoint.asked == []  # a redirect was not followed


@pytest.mark.parametrize(
    ("said", "receipt"),
    [
        (Said(409, {}, b'{"id": "first"}'), Accepted("first")),
        (Said(409, {"Retry-After": "5"}, b'{"id": "first"}'), Accepted("first")),
        (Said(409, {"Retry-After": "5"}), Deferred("in_progress", "409", timedelta(seconds=5))),
        (Said(409), Unknown("in_progress")),
        (Said(409, {}, b'{"id": ""}'), Unknown("in_progress")),
        (Said(409, {}, b"still at work"), Unknown("in_progress")),
    ],
)
def test_a_409_of_an_endpoint_that_knows_keys_is_a_yes_only_with_an_id(
    endpoint: Endpoint, said: Said, receipt: Receipt
) -> None:
    assert one(endpoint, said, dedup_window=timedelta(days=1)) == receipt


def test_what_comes_before_the_answer_is_passed_over() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    rough = Rough(hints * 2 + b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"id": "47"}')
    receipts = WebhookSender(rough.url, SECRET).send([an_envelope()])
    rough.stop()
    assert receipts == (Accepted("47"),)


def test_a_5xx_is_deferred_only_where_the_host_says_that_nothing_was_done(endpoint: Endpoint) -> None:
    assert one(endpoint, Said(500), atomic=True) == Deferred("failed", "500")
    assert one(endpoint, Fault.LOSE_ANSWER, atomic=True) == Unknown("broken_after_end_disconnected")


def test_one_refusal_stops_no_other(endpoint: Endpoint) -> None:
    endpoint.plan.append(Said(400))
    receipts = sender_to(endpoint).send([an_envelope(1), an_envelope(2)])
    assert receipts == (Rejected("refused", "400"), Accepted("4711"))


def test_a_silent_endpoint(endpoint: Endpoint) -> None:
    endpoint.plan.append(Fault.HANG)
    receipts = sender_to(endpoint, timeout=SHORT).send([an_envelope(1), an_envelope(2)])
    assert receipts == (Unknown("broken_after_end_timeout"), Deferred("not_tried"))


def test_nobody_listens() -> None:
    sender = WebhookSender(f"http://127.0.0.1:{closed_port()}", SECRET)
    assert sender.send([an_envelope(1), an_envelope(2)]) == (
        Deferred("not_connected_ConnectionRefusedError"),
        Deferred("not_tried"),
    )


class Rough:
    """A server that does or says one thing to the first connection, whatever is said on it."""

    def __init__(self, act: str | bytes) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(act,), daemon=True)
        self._thread.start()

    def _serve(self, act: str | bytes) -> None:
        connection, _ = self._listening.accept()
        with connection:
            connection.recv(100)
            if isinstance(act, bytes):
                connection.sendall(act)
                self._done.wait(30)
                return
            if act == "cut":
                cut(connection)
                return
            endless = {"drip": b"H", "flood": b"X-More: " + b"x" * 4000 + b"\r\n"}[act]
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\n" if act == "flood" else b"")
                while not self._done.wait(0 if act == "flood" else 0.02):
                    connection.sendall(endless)
            except OSError:
                return

    def stop(self) -> None:
        self._done.set()
        self._thread.join(30)
        self._listening.close()


def test_a_cut_before_the_last_byte_means_that_nothing_was_taken() -> None:
    rough = Rough("cut")
    long = attrs.evolve(an_envelope(), text="x" * 20_000_000)
    receipts = WebhookSender(rough.url, SECRET).send([long])
    rough.stop()
    assert receipts == (Deferred("broken_before_end_disconnected"),)


@pytest.mark.parametrize(("act", "word"), [("drip", "timeout"), ("flood", "disconnected")])
def test_an_endpoint_that_answers_for_ever_is_left(act: str, word: str) -> None:
    rough = Rough(act)
    receipts = WebhookSender(rough.url, SECRET, timeout=SHORT).send([an_envelope()])
    rough.stop()
    assert receipts == (Unknown(f"broken_after_end_{word}"),)


def test_a_body_without_end_is_read_only_so_far(endpoint: Endpoint) -> None:
    assert one(endpoint, Said(200, {}, b" " * 5_000_000)) == Accepted()


def test_tls_is_checked(tmp_path: Path) -> None:
    theirs, ours = certificate(tmp_path)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def serve() -> None:
        for _ in range(2):
            connection, _ = listening.accept()
            try:
                with theirs.wrap_socket(connection, server_side=True) as line:
                    asked = b""
                    while not asked.endswith(b"}}}"):
                        asked += line.recv(65_536)
                    line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n" if b"Host: localhost:" in asked else b"?")
            except (ssl.SSLError, OSError):
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"https://localhost:{port}/"
    assert WebhookSender(url, SECRET).send([an_envelope()]) == (Deferred("not_connected_SSLCertVerificationError"),)
    assert WebhookSender(url, SECRET, context=ours).send([an_envelope()]) == (Accepted(),)
    thread.join(30)
    listening.close()


@pytest.mark.parametrize("key", ["", "a.b", "a\r\nX-Admin: 1", "鍵", "x" * 256])
def test_a_key_that_is_no_header_is_not_sent(endpoint: Endpoint, key: str) -> None:
    receipts = sender_to(endpoint).send([attrs.evolve(an_envelope(1), key=key), an_envelope(2)])
    assert receipts == (Rejected("bad_key"), Accepted("4711"))
    assert len(endpoint.asked) == 1


def test_text_that_is_none_is_not_sent(endpoint: Endpoint) -> None:
    assert sender_to(endpoint).send([attrs.evolve(an_envelope(), text="\ud800")]) == (Rejected("bad_text"),)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"url": "http://example.jp/in"}, "url"),
        ({"url": "ftp://example.jp/in"}, "url"),
        ({"url": "https:///in"}, "url"),
        ({"url": "https://example.jp:port/"}, "url"),
        ({"url": "https://example.jp/a b"}, "url"),
        ({"url": "https://example.jp/\r\nX: 1"}, "url"),
        ({"url": "https://me:secret@example.jp/"}, "password"),
        ({"url": "https://example.jp:0/"}, "port"),
        ({"secret": b"short"}, "secret"),
        ({"secret": "text that does not say whether it is base64"}, "whsec_"),
        ({"secret": base64.b64encode(b"k" * 32).decode()}, "whsec_"),
        ({"secret": "whsec_!!!"}, "secret"),
        ({"secret": []}, "secret"),
        ({"timeout": timedelta(0)}, "timeout"),
        ({"dedup_window": timedelta(-1)}, "dedup_window"),
    ],
)
def test_wrong_arguments_are_named(change: dict, named: str) -> None:
    with pytest.raises(DefinitionError, match=named) as caught:
        WebhookSender(**{"url": "https://example.jp/in", "secret": SECRET, **change})
    assert "me:secret" not in str(caught.value)


def test_neither_the_secret_nor_the_path_is_shown() -> None:
    shown = repr(WebhookSender("https://example.jp/T0/B1/xyz?token=abc", SECRET))
    assert shown == "WebhookSender('example.jp')"
