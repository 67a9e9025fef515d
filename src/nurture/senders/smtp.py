"""Sends mail over SMTP, a receipt for each message. Imports the ports.

What a receipt says rests on RFC 5321 section 4.1.1.4: until the dot that ends the data has gone out, nothing
was sent, whatever breaks. After the dot only the server's reply tells; when that is lost, nobody knows.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import threading
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from nurture.ports import Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.senders._conversation import Conversation
from nurture.senders._deadline import Deadline
from nurture.senders._relay import IDLE_SECONDS, JAPANESE_CARRIERS, PORTS, RESET_SHARE, Tls, check, ready, signers_of
from nurture.senders._replies import refused_at, verdict
from nurture.senders._turns import in_turn
from nurture.senders._wire import commands, refused_unseen, stuffed
from nurture.senders._words import word

if TYPE_CHECKING:
    from nurture.senders.dkim import DkimSigner


class SmtpSender:
    """Hands mails to an SMTP server and keeps its connections for the next ones.

    Each thread that sends has a connection of its own while it does; connections wait in a pool in between. SMTP does
    not know a key again, so `dedup_window` is zero.

    When a connection cannot be made, or a message runs into the timeout, the rest of that call is deferred
    untried: a call for n envelopes ends within one timeout of the last message that went through.

    Args:
        host: The server.
        port: Its port; None means 587, 465 or 25 as `tls` says.
        tls: `starttls` (refused when the server has none), `implicit`, or `none`.
        username: For authentication; only with TLS, or to this machine.
        password: For authentication; never shown.
        timeout: The longest time for one envelope, connecting included (looking up the host's name excepted).
        pool: At most so many idle connections are kept.
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
        pool: int = 8,
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
            counts=(("pool", pool, 0), ("per_connection", per_connection, 1)),
        )
        self._host = host
        self._port = PORTS[tls] if port is None else port
        self._tls = tls
        self._login = None if username is None else (username, password or "")
        self._timeout = timeout
        self._pool = pool
        self._per_connection = per_connection
        self._context = None if tls == "none" else context or ssl.create_default_context()
        self._local_hostname = local_hostname
        self._lenient = frozenset(domain.lower() for domain in lenient_domains)
        self._dkim = signers_of(dkim)
        self._idle: list[Conversation] = []
        self._lock = threading.Lock()
        self._closed = False

    def __repr__(self) -> str:
        return f"SmtpSender({self._host!r}, {self._port}, tls={self._tls!r})"

    @property
    def dedup_window(self) -> timedelta:
        """Zero: an SMTP server takes the same message as often as it is sent."""
        return timedelta(0)

    @property
    def timeout(self) -> timedelta:
        """The longest time for one envelope."""
        return self._timeout

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Send each mail and say what became of it."""
        return in_turn(envelopes, self._settle)

    def close(self) -> None:
        """Say goodbye on every idle connection; a connection at work is closed when it is done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for conversation in idle:
            conversation.leave()

    def _settle(self, envelope: Envelope) -> tuple[Receipt, bool]:
        """The receipt, and whether trying further messages in this call is without hope."""
        problem = refused_unseen(envelope)
        if problem is not None:
            return problem, False
        data = ready(envelope, self._dkim)
        if isinstance(data, Rejected):
            return data, False
        deadline = Deadline(self._timeout.total_seconds())
        try:
            conversation = self._take(deadline)
        except smtplib.SMTPAuthenticationError as error:
            return Deferred("not_authenticated", str(error.smtp_code)), True
        except smtplib.SMTPResponseException as error:
            return Deferred("not_connected", str(error.smtp_code)), True
        except smtplib.SMTPNotSupportedError:
            return Deferred("not_supported"), True
        except (OSError, ValueError, smtplib.SMTPException) as error:
            return Deferred(f"not_connected_{type(error).__name__}"), True
        try:
            receipt = self._transact(conversation, envelope, data)
        except BaseException:
            conversation.close()  # in the middle of who knows what
            raise
        self._give_back(conversation)
        return receipt, deadline.has_passed()

    def _transact(self, conversation: Conversation, envelope: Envelope, data: bytes) -> Receipt:
        """One mail transaction: MAIL, RCPT, DATA, the dot, the reply."""
        try:
            said_no = self._before_dot(conversation, envelope, data)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            conversation.close()
            return Deferred(f"broken_before_end_{word(error)}")  # without its dot the server drops the data
        if said_no is not None:
            return said_no
        try:
            conversation.send(b".\r\n")
            code, reply = conversation.getreply()
        except (OSError, ValueError, smtplib.SMTPException) as error:
            conversation.close()
            return Unknown(f"broken_after_end_{word(error)}")
        receipt = verdict(envelope, code, reply, self._lenient)
        if isinstance(receipt, Unknown):
            conversation.close()
        return receipt

    def _before_dot(self, conversation: Conversation, envelope: Envelope, data: bytes) -> Receipt | None:
        """Everything but the dot; a receipt when the server said no on the way."""
        said = commands(envelope, len(data), conversation.esmtp_features)
        if isinstance(said, Rejected):
            return said
        for at, line, expected in said:
            conversation.send(line + b"\r\n")
            code, reply = conversation.getreply()
            if code not in expected:
                if not 400 <= code <= 599:
                    conversation.close()  # out of step
                return refused_at(envelope, code, reply, at, self._lenient)
        conversation.send(stuffed(data))
        return None

    def _take(self, deadline: Deadline) -> Conversation:
        """A connection that is ready for a new transaction.

        Kept ones that have died silently must not use up the time of the mail: they get a share of it, all together.
        """
        share = Deadline(self._timeout.total_seconds() * RESET_SHARE)
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            if kept is None:
                return self._connect(deadline)
            if kept.idle_seconds() >= IDLE_SECONDS or kept.taken >= self._per_connection or share.has_passed():
                kept.leave()
                continue
            kept.deadline = share
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if kept.docmd("RSET")[0] == 250:
                    kept.deadline = deadline
                    return kept
            kept.close()

    def _give_back(self, conversation: Conversation) -> None:
        if conversation.sock is None:
            return
        conversation.touch()
        with self._lock:
            if not self._closed and len(self._idle) < self._pool:
                self._idle.append(conversation)
                return
        conversation.leave()

    def _connect(self, deadline: Deadline) -> Conversation:
        made = Conversation(
            self._host,
            self._port,
            deadline=deadline,
            implicit=self._context if self._tls == "implicit" else None,
            local_hostname=self._local_hostname,
        )
        try:
            if self._tls == "starttls" and self._context is not None:
                made.starttls(context=self._context)
            made.ehlo_or_helo_if_needed()
            if self._login is not None:
                made.login(*self._login)
        except BaseException:
            made.close()
            raise
        return made


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = SmtpSender
