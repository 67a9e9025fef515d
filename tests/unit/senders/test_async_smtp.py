"""The asynchronous sender at every point where a conversation can fail, held to what the synchronous one says there."""

import asyncio
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import attrs
import pytest

from nurture.errors import DefinitionError
from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.senders import AsyncSmtpSender, DkimSigner
from nurture.senders._async_conversation import AsyncConversation
from nurture.testing.sender_contract import Fault, an_envelope
from tests.unit.senders.dkim_keys import DOMAIN, ed25519_pair, verifies
from tests.unit.senders.http_server import closed_port
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

TAKEN = Accepted("2.0.0 queued as 4711")
SHORT = timedelta(seconds=1.5)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[Server]:
    running = Server(post)
    yield running
    running.stop()


def using(
    act: Callable[[AsyncSmtpSender], Awaitable[None]], server: Server, host: str = "127.0.0.1", **options: object
) -> None:
    """Do something with a sender, and close it on the same loop."""

    async def done() -> None:
        sender = AsyncSmtpSender(host, server.port, **{"tls": "none", **options})  # type: ignore[arg-type]
        try:
            await act(sender)
        finally:
            await sender.close()
            await sender.close()

    asyncio.run(done())


def sent(server: Server, *envelopes: Envelope, host: str = "127.0.0.1", **options: object) -> tuple[Receipt, ...]:
    receipts: list[Receipt] = []

    async def send(sender: AsyncSmtpSender) -> None:
        receipts.extend(await sender.send(envelopes))

    using(send, server, host, **options)
    return tuple(receipts)


def test_a_mail_arrives_as_it_was_composed(server: Server, post: Post) -> None:
    assert sent(server, an_envelope()) == (TAKEN,)
    assert post.taken == [("info@example.jp", [an_envelope().recipient], an_envelope().data)]


@pytest.mark.parametrize(
    ("fault", "receipt"),
    [
        ("550 5.1.1 no such user", Rejected("no_such_mailbox", "550 5.1.1", permanent_address=True)),
        ("450 4.2.1 greylisted", Deferred("mailbox_disabled", "450 4.2.1")),
        ("data 554 5.7.1 spam", Rejected("policy", "554 5.7.1")),
        ("data 421 going down", Deferred("data_deferred", "421")),
        (Fault.BREAK_BEFORE, Deferred("broken_before_end_disconnected")),
        (Fault.LOSE_ANSWER, Unknown("broken_after_end_disconnected")),
        (NONSENSE, Unknown("reply_makes_no_sense")),
    ],
)
def test_the_place_decides_and_the_next_mail_goes(server: Server, post: Post, fault: str, receipt: Receipt) -> None:
    post.plan.append(fault)
    assert sent(server, an_envelope(1), an_envelope(2)) == (receipt, TAKEN)
    assert post.keys[-1] == an_envelope(2).key


def test_a_cut_in_the_middle_of_the_data_is_felt_before_the_dot(server: Server, post: Post) -> None:
    long = attrs.evolve(an_envelope(), data=an_envelope().data + b"x" * 70 + b"\r\n" + b"y\r\n" * 2_000_000)
    post.plan.append(CUT_IN_DATA)
    assert sent(server, long, an_envelope(2)) == (Deferred("broken_before_end_disconnected"), TAKEN)
    assert post.keys == [an_envelope(2).key]


@pytest.mark.parametrize(
    ("fault", "receipt"),
    [(HANG_AT_RCPT, Deferred("broken_before_end_timeout")), (Fault.HANG, Unknown("broken_after_end_timeout"))],
)
def test_a_silent_server(server: Server, post: Post, fault: str, receipt: Receipt) -> None:
    post.plan.append(fault)
    assert sent(server, an_envelope(1), an_envelope(2), timeout=SHORT) == (receipt, Deferred("not_tried"))


def test_nobody_listens() -> None:
    async def send() -> tuple[Receipt, ...]:
        return await AsyncSmtpSender("127.0.0.1", closed_port(), tls="none").send([an_envelope(1), an_envelope(2)])

    assert asyncio.run(send()) == (Deferred("not_connected_ConnectionRefusedError"), Deferred("not_tried"))


def test_a_local_part_in_japanese_takes_a_server_that_has_it(server: Server, post: Post) -> None:
    hanako = attrs.evolve(an_envelope(), recipient="花子@example.com", smtputf8=True)
    assert sent(server, hanako) == (Rejected("needs_smtputf8"),)
    able = Server(post, enable_SMTPUTF8=True)
    assert sent(able, hanako) == (TAKEN,)
    able.stop()
    assert [recipients for _, recipients, _ in post.taken] == [["花子@example.com"]]


def test_a_hostile_envelope_never_reaches_the_server(server: Server, post: Post) -> None:
    hostile = attrs.evolve(an_envelope(), recipient="a@example.com\r\nRCPT TO:<b@example.com>")
    assert sent(server, hostile, an_envelope(2)) == (Rejected("bad_address"), TAKEN)
    assert post.commands.count("RCPT") == 1


def test_one_connection_serves_a_call_with_rset_between(server: Server, post: Post) -> None:
    assert sent(server, *[an_envelope(number) for number in range(5)]) == (TAKEN,) * 5
    assert (post.connections, post.commands.count("RSET")) == (1, 4)


def test_a_connection_is_replaced_after_so_many_messages(server: Server, post: Post) -> None:
    assert sent(server, *[an_envelope(number) for number in range(5)], per_connection=2) == (TAKEN,) * 5
    assert post.connections == 3


def test_calls_side_by_side_share_a_bounded_pool(server: Server, post: Post) -> None:
    async def send(sender: AsyncSmtpSender) -> None:
        batches = [[an_envelope(10 * batch + number) for number in range(5)] for batch in range(12)]
        answers = await asyncio.gather(*[sender.send(batch) for batch in batches])
        assert [receipt for answer in answers for receipt in answer] == [TAKEN] * 60

    using(send, server, connections=3)
    assert post.connections <= 3
    assert len(set(post.keys)) == 60


def test_a_call_that_is_cancelled_leaves_no_half_transaction(server: Server, post: Post) -> None:
    async def cancel_one(sender: AsyncSmtpSender) -> None:
        assert await sender.send([an_envelope(1)]) == (TAKEN,)
        post.plan.append(HANG_AT_RCPT)
        call = asyncio.create_task(sender.send([an_envelope(2)]))
        while post.plan:  # until the server has the recipient and is silent
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert sender._idle == []
        assert await sender.send([an_envelope(3)]) == (TAKEN,)

    using(cancel_one, server, connections=1)
    assert post.keys == [an_envelope(1).key, an_envelope(3).key]


def test_a_kept_connection_that_has_died_is_replaced(server: Server, post: Post) -> None:
    async def twice(sender: AsyncSmtpSender) -> None:
        assert await sender.send([an_envelope(1)]) == (TAKEN,)
        (kept,) = sender._idle
        assert isinstance(kept, AsyncConversation)
        kept.cut()
        assert await sender.send([an_envelope(2)]) == (TAKEN,)

    using(twice, server)
    assert post.connections == 2


@pytest.mark.parametrize("idle_for", [0.0, 60.0], ids=["reset", "goodbye"])
def test_kept_connections_that_are_silent_do_not_use_up_the_time_of_a_mail(idle_for: float) -> None:
    mute = Mute()
    server = Server(mute)

    async def send(sender: AsyncSmtpSender) -> None:
        assert {await sender.send([an_envelope()])} == {(TAKEN,)}
        made = [await AsyncConversation.begin("127.0.0.1", server.port, "none", None, None, None) for _ in range(8)]
        sender._idle += made
        for kept in sender._idle:
            kept._used_at -= idle_for
        mute.is_mute = True
        assert await sender.send([an_envelope()]) == (TAKEN,)
        assert len(sender._idle) == 1
        assert sender._idle[0] not in made

    using(send, server, timeout=timedelta(seconds=4))
    server.stop()


def test_another_loop_begins_with_connections_of_its_own(server: Server, post: Post) -> None:
    sender = AsyncSmtpSender("127.0.0.1", server.port, tls="none", connections=1)
    with asyncio.Runner() as first, asyncio.Runner() as second:
        for runner, made in ((first, 1), (first, 1), (second, 2), (first, 3)):
            assert runner.run(sender.send([an_envelope()])) == (TAKEN,)
            assert post.connections == made
        first.run(sender.close())
        second.run(asyncio.sleep(0))  # what it left behind there is cut when that loop next runs
    assert len(post.taken) == 4


def test_a_closed_sender_still_sends_but_keeps_nothing(server: Server) -> None:
    async def late(sender: AsyncSmtpSender) -> None:
        await sender.close()
        assert await sender.send([an_envelope()]) == (TAKEN,)
        assert sender._idle == []

    using(late, server)


def test_a_mail_is_signed_on_its_way(server: Server, post: Post) -> None:
    pair = ed25519_pair()
    assert sent(server, an_envelope(), dkim=DkimSigner(DOMAIN, "s1", pair.private)) == (TAKEN,)
    assert verifies(post.taken[0][2], s1=pair.record)
    assert sent(server, an_envelope(), dkim=DkimSigner("example.com", "s1", pair.private)) == (Rejected("dkim_no_key"),)


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


def test_starttls_with_a_password(post: Post, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, ours = contexts
    server = Server(post, tls_context=theirs, require_starttls=True, authenticator=authenticator, auth_required=True)
    options = {"host": "localhost", "tls": "starttls", "username": "crm", "context": ours}
    good = sent(server, an_envelope(1), password="open sesame", **options)  # type: ignore[arg-type]
    bad = sent(server, an_envelope(2), an_envelope(3), password="wrong", **options)  # type: ignore[arg-type]
    server.stop()
    assert good == (TAKEN,)
    assert bad == (Deferred("not_authenticated", "535"), Deferred("not_tried"))


def test_a_long_mail_under_implicit_tls(post: Post, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, ours = contexts
    server = Server(post, implicit=theirs)
    long = attrs.evolve(an_envelope(1), data=an_envelope(1).data + b"y\r\n" * 100_000)
    receipts = sent(server, long, an_envelope(2), host="localhost", tls="implicit", context=ours)
    server.stop()
    assert receipts == (TAKEN, TAKEN)
    assert post.taken[0][2] == long.data


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    post: Post, contexts: tuple[ssl.SSLContext, ssl.SSLContext], tls: str
) -> None:
    server = Server(post, implicit=contexts[0]) if tls == "implicit" else Server(post, tls_context=contexts[0])
    receipts = sent(server, an_envelope(), host="localhost", tls=tls)
    server.stop()
    assert receipts == (Deferred("not_connected_SSLCertVerificationError"),)


def test_starttls_is_never_given_up_silently(server: Server, post: Post) -> None:
    assert sent(server, an_envelope(), tls="starttls") == (Deferred("not_supported"),)
    assert "MAIL" not in post.commands


def test_a_password_is_not_shown_and_not_sent_in_clear_text(server: Server) -> None:
    assert sent(server, an_envelope(), username="crm", password="open sesame") == (Deferred("not_supported"),)
    assert "sesame" not in repr(AsyncSmtpSender("localhost", tls="none", username="crm", password="open sesame"))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"host": ""}, "host"),
        ({"tls": "perhaps"}, "tls"),
        ({"tls": "none", "username": "u", "password": "p"}, "username"),
        ({"timeout": timedelta(0)}, "timeout"),
        ({"connections": 0}, "connections"),
        ({"port": 65_536}, "port"),
        ({"local_hostname": "a b"}, "local_hostname"),
        ({"per_connection": 0}, "per_connection"),
    ],
)
def test_wrong_arguments_are_named(options: dict, named: str) -> None:
    with pytest.raises(DefinitionError, match=named):
        AsyncSmtpSender(**{"host": "mail.example.jp", **options})


def test_the_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import nurture.senders

    for name in ("async_smtp", "_async_conversation"):
        monkeypatch.delitem(sys.modules, f"nurture.senders.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "aiosmtplib", None)
    with pytest.raises(ImportError, match=r"nurture-crm\[mail\]"):
        nurture.senders.AsyncSmtpSender  # noqa: B018 -- looking it up loads it
