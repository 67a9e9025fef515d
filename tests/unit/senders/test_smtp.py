"""SMTP as real servers speak it: refusals, deferrals, cuts at every point, slowness, TLS, pooling."""

import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import attrs
import pytest

from nurture.errors import DefinitionError
from nurture.ports import Accepted, Deferred, Receipt, Rejected, Unknown
from nurture.senders import DkimSigner, SmtpSender
from nurture.senders._deadline import LONGEST_REPLY, Deadline, Reading
from nurture.testing.sender_contract import Fault, an_envelope
from tests.unit.senders.dkim_keys import DOMAIN, ed25519_pair, verifies
from tests.unit.senders.smtp_server import (
    CUT_IN_DATA,
    HANG_AT_RCPT,
    NONSENSE,
    Mute,
    Post,
    Server,
    authenticator,
    certificate,
)

SHORT = timedelta(seconds=1.5)  # long enough for a busy machine to get through a conversation


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[Server]:
    running = Server(post)
    yield running
    running.stop()


def sender_to(server: Server, **options: object) -> SmtpSender:
    return SmtpSender("127.0.0.1", server.port, tls="none", **options)  # type: ignore[arg-type]


def one(server: Server, post: Post, *plan: str, **options: object) -> Receipt:
    post.plan.extend(plan)
    sender = sender_to(server, **options)
    try:
        (receipt,) = sender.send([an_envelope()])
    finally:
        sender.close()
    return receipt


def test_a_mail_arrives_as_it_was_composed(server: Server, post: Post) -> None:
    assert one(server, post) == Accepted("2.0.0 queued as 4711")
    ((sender, recipients, content),) = post.taken
    assert (sender, recipients) == ("info@example.jp", [an_envelope().recipient])
    assert content == an_envelope().data  # the line that is a lone dot is still there, and once


@pytest.mark.parametrize(
    ("reply", "receipt"),
    [
        ("550 5.1.1 no such user", Rejected("no_such_mailbox", "550 5.1.1", permanent_address=True)),
        ("550 no such user here", Rejected("no_such_mailbox", "550", permanent_address=True)),
        ("553 bad mailbox name", Rejected("no_such_mailbox", "553", permanent_address=True)),
        ("550 5.7.1 blocked", Rejected("policy", "550 5.7.1")),
        ("552 5.2.2 over quota", Rejected("mailbox_full", "552 5.2.2")),
        ("554 no", Rejected("rcpt_refused", "554")),
        ("450 4.2.1 greylisted", Deferred("mailbox_disabled", "450 4.2.1")),
        ("451 later", Deferred("rcpt_deferred", "451")),
        ("data 554 5.7.1 spam", Rejected("policy", "554 5.7.1")),
        ("data 550 5.1.1 nobody", Rejected("no_such_mailbox", "550 5.1.1", permanent_address=True)),
        ("data 550 nobody", Rejected("data_refused", "550")),
        ("data 452 4.3.1 disk full", Deferred("data_deferred", "452 4.3.1")),
        ("data 421 going down", Deferred("data_deferred", "421")),
    ],
)
def test_a_reply_that_is_not_a_yes(server: Server, post: Post, reply: str, receipt: Receipt) -> None:
    assert one(server, post, reply) == receipt
    assert post.taken == []


@pytest.mark.parametrize(
    ("fault", "receipt"),
    [
        (Fault.BREAK_BEFORE, Deferred("broken_before_end_disconnected")),
        (CUT_IN_DATA, Deferred("broken_before_end_disconnected")),
        (Fault.LOSE_ANSWER, Unknown("broken_after_end_disconnected")),
    ],
)
def test_a_connection_that_is_cut(server: Server, post: Post, fault: str, receipt: Receipt) -> None:
    if fault == CUT_IN_DATA:  # enough data that the cut is felt before the dot
        long = attrs.evolve(an_envelope(), data=an_envelope().data + b"x" * 70 + b"\r\n" + b"y\r\n" * 2_000_000)
        post.plan.append(fault)
        sender = sender_to(server)
        assert sender.send([long, an_envelope(2)]) == (receipt, Accepted("2.0.0 queued as 4711"))
        sender.close()
        assert post.keys == [an_envelope(2).key]
    else:
        assert one(server, post, fault) == receipt
        assert post.keys == ([an_envelope().key] if fault == Fault.LOSE_ANSWER else [])


def test_a_reply_after_the_dot_that_makes_no_sense_is_unknown(server: Server, post: Post) -> None:
    assert one(server, post, NONSENSE) == Unknown("reply_makes_no_sense")


@pytest.mark.parametrize(
    ("fault", "receipt"),
    [
        (HANG_AT_RCPT, Deferred("broken_before_end_timeout")),
        (Fault.HANG, Unknown("broken_after_end_timeout")),
    ],
)
def test_a_silent_server(server: Server, post: Post, fault: str, receipt: Receipt) -> None:
    post.plan.append(fault)
    sender = sender_to(server, timeout=SHORT)
    assert sender.send([an_envelope(1), an_envelope(2)]) == (receipt, Deferred("not_tried"))
    sender.close()
    assert one(server, post) == Accepted("2.0.0 queued as 4711")


class Dripping:
    """A server that says its greeting one byte at a time, for ever, or says one line again and again."""

    def __init__(self, greeting: bytes, *, endless: bool) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._drip, args=(greeting, endless), daemon=True)
        self._thread.start()

    def _drip(self, greeting: bytes, endless: bool) -> None:
        connection, _ = self._listening.accept()
        with connection:
            connection.settimeout(5)
            while not self._stop.wait(0 if endless else 0.02):
                try:
                    connection.sendall(greeting)
                except OSError:
                    return

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)
        self._listening.close()


@pytest.mark.parametrize(("greeting", "endless"), [(b"2", False), (b"220-hello\r\n" * 500, True)])
def test_a_server_that_talks_for_ever_is_left(greeting: bytes, endless: bool) -> None:
    dripping = Dripping(greeting, endless=endless)
    sender = SmtpSender("127.0.0.1", dripping.port, tls="none", timeout=SHORT)
    receipts = sender.send([an_envelope(1), an_envelope(2)])
    dripping.stop()
    assert receipts == (Deferred("not_connected_SMTPServerDisconnected"), Deferred("not_tried"))


def test_a_reply_without_end_is_not_kept_in_memory() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Reading(lambda: ours, lambda: 10.0) as reading:
        for _ in range(LONGEST_REPLY // 4096):
            theirs.sendall(b"x" * 4096)
            assert len(reading.read(4096) or b"") == 4096
        theirs.sendall(b"x")
        with pytest.raises(OSError, match="too much"):
            reading.read(1)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    sender = SmtpSender("127.0.0.1", port, tls="none")
    assert sender.send([an_envelope(1), an_envelope(2)]) == (
        Deferred("not_connected_ConnectionRefusedError"),
        Deferred("not_tried"),
    )


@pytest.mark.parametrize("recipient", ["lead@docomo.ne.jp", "lead@mail.docomo.ne.jp", "lead@EZWEB.ne.jp"])
def test_a_carrier_does_not_condemn_an_address_for_good(server: Server, post: Post, recipient: str) -> None:
    post.plan.append("550 5.1.1 unknown user")
    sender = sender_to(server)
    (receipt,) = sender.send([attrs.evolve(an_envelope(), recipient=recipient)])
    sender.close()
    assert receipt == Rejected("no_such_mailbox", "550 5.1.1", permanent_address=False)


def test_lenient_domains_are_the_hosts_choice(server: Server, post: Post) -> None:
    receipt = one(server, post, "550 5.1.1 no", lenient_domains={"example.com"})
    assert receipt == Rejected("no_such_mailbox", "550 5.1.1", permanent_address=False)


def test_a_quoted_local_part_is_sent_quoted(server: Server, post: Post) -> None:
    sender = sender_to(server)
    sender.send([attrs.evolve(an_envelope(), recipient='"da..me."@docomo.ne.jp')])
    sender.close()
    assert post.said_of_rcpt == ['TO:<"da..me."@docomo.ne.jp>']
    assert len(post.taken) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"recipient": "a@example.com> <b@example.com"}, "bad_address"),
        ({"recipient": "a@example.com\r\nRCPT TO:<b@example.com>"}, "bad_address"),
        ({"recipient": "a@example.com, b@example.com"}, "bad_address"),
        ({"recipient": "a@example.com\n"}, "bad_address"),
        ({"recipient": "花@example.com"}, "bad_address"),
        ({"recipient": ""}, "bad_address"),
        ({"sender": "a@example.com> BODY=8BITMIME"}, "bad_sender"),
        ({"data": b""}, "no_mail"),
        ({"data": b"Subject: x\r\n\r\nhi\n.\r\nMAIL FROM:<a@example.com>\r\n"}, "bad_mail"),
        ({"data": b"Subject: x\r\n\r\nhi\r.\r\n"}, "bad_mail"),
        ({"data": b"Subject: x\r\n\r\nhi\0\r\n"}, "bad_mail"),
        ({"data": b"Subject: x\r\n\r\n" + b"x" * 999 + b"\r\n"}, "bad_mail"),
        ({"data": "Subject: ü\r\n\r\nhi\r\n".encode()}, "bad_mail"),
    ],
)
def test_a_hostile_envelope_never_reaches_the_server(server: Server, post: Post, change: dict, reason: str) -> None:
    sender = sender_to(server)
    receipts = sender.send([attrs.evolve(an_envelope(1), **change), an_envelope(2)])
    sender.close()
    assert receipts == (Rejected(reason), Accepted("2.0.0 queued as 4711"))
    assert post.keys == [an_envelope(2).key]
    assert post.commands.count("MAIL") == 1


HANAKO = attrs.evolve(
    an_envelope(), recipient="花子@example.com", data=an_envelope().data + "こんにちは\r\n".encode(), smtputf8=True
)


def test_a_local_part_in_japanese_goes_to_a_server_that_takes_it(post: Post) -> None:
    server = Server(post, enable_SMTPUTF8=True)
    sender = sender_to(server)
    receipts = sender.send([HANAKO])
    sender.close()
    server.stop()
    assert receipts == (Accepted("2.0.0 queued as 4711"),)
    assert post.taken == [("info@example.jp", ["花子@example.com"], HANAKO.data)]


def test_another_server_sees_nothing_of_it_and_all_others_go(server: Server, post: Post) -> None:
    sender = sender_to(server)
    receipts = sender.send([HANAKO, an_envelope(2)])
    sender.close()
    assert receipts == (Rejected("needs_smtputf8"), Accepted("2.0.0 queued as 4711"))
    assert post.commands.count("MAIL") == 1


def test_a_mail_is_signed_on_its_way(server: Server, post: Post) -> None:
    pair = ed25519_pair()
    sender = sender_to(server, dkim=DkimSigner(DOMAIN, "s1", pair.private))
    sender.send([an_envelope()])
    sender.close()
    ((_, _, content),) = post.taken
    assert content.endswith(an_envelope().data)
    assert verifies(content, s1=pair.record)


def test_a_mail_that_no_key_fits_stops_nobody_else(server: Server, post: Post) -> None:
    foreign = attrs.evolve(an_envelope(1), data=an_envelope(1).data.replace(b"info@example.jp", b"info@example.com"))
    sender = sender_to(server, dkim=[DkimSigner(DOMAIN, "s1", ed25519_pair().private)])
    receipts = sender.send([foreign, an_envelope(2)])
    sender.close()
    assert receipts == (Rejected("dkim_no_key"), Accepted("2.0.0 queued as 4711"))


def test_dots_at_the_start_of_lines_survive(server: Server, post: Post) -> None:
    data = b".first: line\r\n\r\n.\r\n..\r\n...x\r\n.\r\nend"
    sender = sender_to(server)
    sender.send([attrs.evolve(an_envelope(), data=data)])
    sender.close()
    assert post.taken[0][2] == data + b"\r\n"


def test_a_message_beyond_the_servers_size_is_rejected(post: Post) -> None:
    server = Server(post, data_size_limit=10)
    receipt = one(server, post)
    server.stop()
    assert receipt == Rejected("too_big")
    assert "MAIL" not in post.commands


def test_one_connection_serves_many_messages_with_rset_between(server: Server, post: Post) -> None:
    sender = sender_to(server)
    sender.send([an_envelope(number) for number in range(5)])
    sender.send([an_envelope(number) for number in range(5, 9)])
    assert post.connections == 1
    assert post.commands.count("RSET") == 8
    sender.close()
    assert post.keys == [an_envelope(number).key for number in range(9)]


def test_a_connection_is_replaced_after_so_many_messages(server: Server, post: Post) -> None:
    sender = sender_to(server, per_connection=2)
    sender.send([an_envelope(number) for number in range(5)])
    sender.close()
    assert post.connections == 3


def test_a_kept_connection_that_has_died_is_replaced(server: Server, post: Post) -> None:
    sender = sender_to(server)
    post.plan.extend(["", "data 421 4.3.2 going down"])
    sender.send([an_envelope(1), an_envelope(2)])
    (kept,) = sender._idle
    kept.sock.shutdown(socket.SHUT_RDWR)
    assert sender.send([an_envelope(3)]) == (Accepted("2.0.0 queued as 4711"),)
    assert post.connections == 2
    sender.close()


@pytest.mark.parametrize("idle_for", [0.0, 60.0], ids=["reset", "goodbye"])
def test_kept_connections_that_are_silent_do_not_use_up_the_time_of_a_mail(idle_for: float) -> None:
    mute = Mute()
    server = Server(mute)
    sender = sender_to(server, timeout=timedelta(seconds=4))
    for kept in [sender._take(Deadline(30)) for _ in range(8)]:
        sender._give_back(kept)
        kept._used_at -= idle_for
    mute.is_mute = True
    assert sender.send([an_envelope()]) == (Accepted("2.0.0 queued as 4711"),)
    assert len(sender._idle) == 1  # the one that was made for it
    sender.close()
    server.stop()


def test_threads_send_side_by_side_and_share_the_pool(server: Server, post: Post) -> None:
    sender = sender_to(server, pool=2)
    with ThreadPoolExecutor(4) as threads:
        batches = [[an_envelope(10 * batch + number) for number in range(10)] for batch in range(8)]
        receipts = [receipt for answer in threads.map(sender.send, batches) for receipt in answer]
    assert receipts == [Accepted("2.0.0 queued as 4711")] * 80
    assert sorted(post.keys) == sorted(an_envelope(number).key for number in range(80))
    assert len(sender._idle) <= 2
    sender.close()


def test_a_closed_sender_still_sends_but_keeps_nothing(server: Server, post: Post) -> None:
    sender = sender_to(server)
    sender.close()
    assert sender.send([an_envelope()]) == (Accepted("2.0.0 queued as 4711"),)
    assert sender._idle == []


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


def test_starttls_with_a_password(post: Post, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, ours = contexts
    server = Server(post, tls_context=theirs, require_starttls=True, authenticator=authenticator, auth_required=True)
    good = SmtpSender("localhost", server.port, username="crm", password="open sesame", context=ours)
    bad = SmtpSender("localhost", server.port, username="crm", password="wrong", context=ours)
    receipts = (*good.send([an_envelope(1)]), *bad.send([an_envelope(2), an_envelope(3)]))
    good.close()
    server.stop()
    assert receipts == (Accepted("2.0.0 queued as 4711"), Deferred("not_authenticated", "535"), Deferred("not_tried"))


def test_implicit_tls(post: Post, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, ours = contexts
    server = Server(post, implicit=theirs)
    sender = SmtpSender("localhost", server.port, tls="implicit", context=ours)
    receipts = sender.send([an_envelope(1), an_envelope(2)])
    sender.close()
    server.stop()
    assert receipts == (Accepted("2.0.0 queued as 4711"),) * 2


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    post: Post, contexts: tuple[ssl.SSLContext, ssl.SSLContext], tls: str
) -> None:
    server = Server(post, implicit=contexts[0]) if tls == "implicit" else Server(post, tls_context=contexts[0])
    sender = SmtpSender("localhost", server.port, tls=tls)  # type: ignore[arg-type]
    receipts = sender.send([an_envelope()])
    server.stop()
    assert receipts == (Deferred("not_connected_SSLCertVerificationError"),)


def test_starttls_is_never_given_up_silently(server: Server, post: Post) -> None:
    sender = SmtpSender("localhost", server.port, tls="starttls")
    assert sender.send([an_envelope()]) == (Deferred("not_supported"),)
    assert "MAIL" not in post.commands


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"host": ""}, "host"),
        ({"tls": "perhaps"}, "tls"),
        ({"tls": "none", "username": "u", "password": "p"}, "username"),
        ({"username": "u"}, "password"),
        ({"timeout": timedelta(0)}, "timeout"),
        ({"pool": -1}, "pool"),
        ({"port": 0}, "port"),
        ({"port": 65_536}, "port"),
        ({"local_hostname": "a\r\nMAIL FROM:<x@example.jp>"}, "local_hostname"),
        ({"local_hostname": "例え.jp"}, "local_hostname"),
        ({"per_connection": 0}, "per_connection"),
    ],
)
def test_wrong_arguments_are_named(options: dict, named: str) -> None:
    with pytest.raises(DefinitionError, match=named):
        SmtpSender(**{"host": "mail.example.jp", **options})


def test_a_password_in_clear_text_stays_on_this_machine(server: Server, post: Post) -> None:
    sender = SmtpSender("127.0.0.1", server.port, tls="none", username="crm", password="open sesame")
    assert sender.send([an_envelope()])[0] == Deferred("not_supported")
    assert "open sesame" not in repr(sender)


def test_a_deadline_raises_when_it_has_passed() -> None:
    deadline = Deadline(0.0)
    assert deadline.has_passed()
    with pytest.raises(TimeoutError):
        deadline.left()
