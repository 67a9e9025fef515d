"""Sends mail over SMTP from an event loop, a receipt for each message. Imports the ports; needs the extra `mail`.

The rules are those of `SmtpSender`: until the dot that ends the data has gone out, nothing was sent; after it only
the server's reply tells. What is said, and what the answers mean, is in the parts that both share.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from nurture.ports import Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.senders._relay import IDLE_SECONDS, JAPANESE_CARRIERS, PORTS, RESET_SHARE, Tls, check, ready, signers_of
from nurture.senders._replies import refused_at, verdict
from nurture.senders._turns import NOT_TRIED
from nurture.senders._wire import commands, refused_unseen, stuffed
from nurture.senders._words import word

try:
    from nurture.senders._async_conversation import AsyncConversation, RefusedError, UnsupportedError
except ImportError as error:
    raise ImportError('AsyncSmtpSender needs aiosmtplib: pip install "nurture-crm[mail]"') from error

if TYPE_CHECKING:
    from nurture.senders.dkim import DkimSigner


class AsyncSmtpSender:
    """Hands mails to an SMTP server without holding up the event loop, and keeps its connections for the next ones.

    Each call works through its mails one after the other, on a connection of its own; calls that wait at the same time
    go side by side, up to `connections`. On another loop than before it begins with no connections. SMTP does not know
    a key again, so `dedup_window` is zero. A call that is cancelled cuts its connection: no half of a transaction is
    left for another.

    When a connection cannot be made, or a message runs into the timeout, the rest of that call is deferred untried.

    Args:
        host: The server.
        port: Its port; None means 587, 465 or 25 as `tls` says.
        tls: `starttls` (refused when the server has none), `implicit`, or `none`.
        username: For authentication; only with TLS, or to this machine.
        password: For authentication; never shown.
        timeout: The longest time for one envelope, connecting included; waiting for a free connection excepted.
        connections: At most so many at a time; idle ones are kept.
        per_connection: After so many messages a connection is replaced.
        context: TLS settings; None means the machine's trusted authorities.
        local_hostname: How to say hello; None means this machine's name.
        lenient_domains: Domains whose "no such mailbox" does not condemn an address for good.
        dkim: Who signs, when the server does not. A mail is signed by each whose domain fits its sender.

    Raises:
        DefinitionError: An argument is out of range, or a password would go out in clear text.
    """

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        tls: Tls = "starttls",
        username: str | None = None,
        password: str | None = None,
        timeout: timedelta = timedelta(seconds=30),
        connections: int = 8,
        per_connection: int = 100,
        context: ssl.SSLContext | None = None,
        local_hostname: str | None = None,
        lenient_domains: Collection[str] = JAPANESE_CARRIERS,
        dkim: DkimSigner | Sequence[DkimSigner] = (),
    ) -> None:
        check(
            host=host,
            tls=tls,
            username=username,
            password=password,
            timeout=timeout,
            port=port,
            local_hostname=local_hostname,
            counts=(("connections", connections, 1), ("per_connection", per_connection, 1)),
        )
        self._host = host
        self._port = PORTS[tls] if port is None else port
        self._tls: Tls = tls
        self._login = None if username is None else (username, password or "")
        self._timeout = timeout
        self._connections = connections
        self._per_connection = per_connection
        self._context = None if tls == "none" else context or ssl.create_default_context()
        self._local_hostname = local_hostname
        self._lenient = frozenset(domain.lower() for domain in lenient_domains)
        self._dkim = signers_of(dkim)
        self._idle: list[AsyncConversation] = []
        self._free = asyncio.Semaphore(connections)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"AsyncSmtpSender({self._host!r}, {self._port}, tls={self._tls!r})"

    @property
    def dedup_window(self) -> timedelta:
        """Zero: an SMTP server takes the same message as often as it is sent."""
        return timedelta(0)

    @property
    def timeout(self) -> timedelta:
        """The longest time for one envelope."""
        return self._timeout

    async def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Send each mail and say what became of it."""
        self._settle_in()
        receipts: list[Receipt] = []
        for envelope in envelopes:
            receipt, is_hopeless = await self._settle(envelope)
            receipts.append(receipt)
            if is_hopeless:
                break
        return (*receipts, *[NOT_TRIED] * (len(envelopes) - len(receipts)))

    async def close(self) -> None:
        """Say goodbye on every idle connection; a connection at work is closed when it is done."""
        self._closed = True
        self._settle_in()
        idle, self._idle = self._idle, []
        for conversation in idle:
            conversation.leave()

    def _settle_in(self) -> None:
        """Begin anew on another loop: connections live on the one that made them, and nowhere else."""
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        left, self._idle = self._idle, []
        self._free = asyncio.Semaphore(self._connections)
        self._loop = loop
        for conversation in left:
            with contextlib.suppress(RuntimeError):  # that loop is closed, and its connections with it
                conversation.loop.call_soon_threadsafe(conversation.cut)

    async def _settle(self, envelope: Envelope) -> tuple[Receipt, bool]:
        """The receipt, and whether trying further messages in this call is without hope."""
        problem = refused_unseen(envelope)
        if problem is not None:
            return problem, False
        # A signature with RSA takes milliseconds of pure arithmetic, which the loop must not wait for.
        data = await asyncio.to_thread(ready, envelope, self._dkim) if self._dkim else envelope.data
        if isinstance(data, Rejected):
            return data, False
        async with self._free:
            return await self._settle_by(
                asyncio.get_running_loop().time() + self._timeout.total_seconds(), envelope, data
            )

    async def _settle_by(self, deadline: float, envelope: Envelope, data: bytes) -> tuple[Receipt, bool]:
        try:
            async with asyncio.timeout_at(deadline):
                conversation = await self._take()
        except RefusedError as error:
            return Deferred("not_authenticated" if error.at == "auth" else "not_connected", str(error.code)), True
        except UnsupportedError:
            return Deferred("not_supported"), True
        except (OSError, ValueError) as error:
            return Deferred(f"not_connected_{type(error).__name__}"), True
        try:
            receipt = await self._transact(conversation, envelope, data, deadline)
        except BaseException:
            conversation.cut()  # cancelled, in the middle of who knows what
            raise
        self._give_back(conversation)
        return receipt, asyncio.get_running_loop().time() >= deadline

    async def _transact(
        self, conversation: AsyncConversation, envelope: Envelope, data: bytes, deadline: float
    ) -> Receipt:
        """One mail transaction: MAIL, RCPT, DATA, the dot, the reply."""
        try:
            async with asyncio.timeout_at(deadline):
                said_no = await self._before_dot(conversation, envelope, data)
        except (OSError, ValueError) as error:
            conversation.cut()
            return Deferred(f"broken_before_end_{word(error)}")  # without its dot the server drops the data
        if said_no is not None:
            return said_no
        try:
            async with asyncio.timeout_at(deadline):
                code, reply = await conversation.say(b".")
        except ValueError:
            conversation.cut()
            return Unknown("reply_makes_no_sense")
        except OSError as error:
            conversation.cut()
            return Unknown(f"broken_after_end_{word(error)}")
        receipt = verdict(envelope, code, reply, self._lenient)
        if isinstance(receipt, Unknown):
            conversation.cut()
        return receipt

    async def _before_dot(self, conversation: AsyncConversation, envelope: Envelope, data: bytes) -> Receipt | None:
        """Everything but the dot; a receipt when the server said no on the way."""
        said = commands(envelope, len(data), conversation.offers)
        if isinstance(said, Rejected):
            return said
        for at, line, expected in said:
            code, reply = await conversation.say(line)
            if code not in expected:
                if not 400 <= code <= 599:
                    conversation.cut()  # out of step
                return refused_at(envelope, code, reply, at, self._lenient)
        await conversation.pour(stuffed(data))
        return None

    async def _take(self) -> AsyncConversation:
        """A connection that is ready for a new transaction.

        Kept ones that have died silently must not use up the time of the mail: they get a share of it, all together.
        """
        share = asyncio.get_running_loop().time() + self._timeout.total_seconds() * RESET_SHARE
        while self._idle:
            kept = self._idle.pop()
            is_late = asyncio.get_running_loop().time() >= share
            if kept.idle_seconds() >= IDLE_SECONDS or kept.taken >= self._per_connection or is_late:
                kept.leave()
                continue
            try:
                async with asyncio.timeout_at(share):
                    if (await kept.say(b"RSET"))[0] == 250:
                        return kept
            except (OSError, ValueError):
                pass  # it has died meanwhile; nothing of a mail was said on it
            except BaseException:
                kept.cut()
                raise
            kept.cut()
        return await AsyncConversation.begin(
            self._host, self._port, self._tls, self._context, self._login, self._local_hostname
        )

    def _give_back(self, conversation: AsyncConversation) -> None:
        if not conversation.is_open:
            return
        conversation.touch()
        if self._closed or conversation.loop is not self._loop:
            conversation.leave()
        else:
            self._idle.append(conversation)


if TYPE_CHECKING:
    from nurture.ports import AsyncSender

    _fits: type[AsyncSender] = AsyncSmtpSender
