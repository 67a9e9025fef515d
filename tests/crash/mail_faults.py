"""An SMTP server that fails at a named point of the conversation, in a named way; a sender that tells its receipts."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Any

import attrs
from aiosmtpd.smtp import SMTP, Envelope, Session

from nurture.ports import Envelope as Mail
from nurture.ports import Receipt
from nurture.senders import SmtpSender
from tests.unit.senders.smtp_server import Server


class Point(StrEnum):
    """Where in the conversation."""

    GREETING = "greeting"
    RSET = "rset"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"
    QUIT = "quit"


class How(StrEnum):
    """What goes wrong there; the last two only after the dot, when the mail has been taken over."""

    REFUSED = "refused"
    PUT_OFF = "put off"
    SLOW = "slow"
    CUT = "cut"
    TAKEN_THEN_SLOW = "taken, then slow"
    TAKEN_THEN_CUT = "taken, then cut"

    @property
    def is_slow(self) -> bool:
        return self in (How.SLOW, How.TAKEN_THEN_SLOW)

    @property
    def is_taken(self) -> bool:
        return self in (How.TAKEN_THEN_SLOW, How.TAKEN_THEN_CUT)


ANYWHERE = (How.REFUSED, How.PUT_OFF, How.SLOW, How.CUT)
_REPLIES = {How.REFUSED: "554 5.7.0 never", How.PUT_OFF: "451 4.3.0 later"}


@attrs.frozen
class Trouble:
    """What goes wrong, once."""

    point: Point
    how: How

    def __str__(self) -> str:
        return f"{self.how} at {self.point}"


@attrs.define
class Post:
    """What the server took, and the troubles it is going to make, in order: each at the next chance.

    Attributes:
        troubles: What is going to go wrong.
        taken: How often each Message-ID was taken over.
        struck: The troubles that happened.
        connections: How many there were.
    """

    troubles: deque[Trouble] = attrs.field(factory=deque)
    taken: Counter[str] = attrs.field(factory=Counter)
    struck: list[Trouble] = attrs.field(factory=list)
    connections: int = 0

    def strikes(self, point: Point) -> How | None:
        """Whether something goes wrong here, and what; it does so once."""
        if not self.troubles or self.troubles[0].point is not point:
            return None
        trouble = self.troubles.popleft()
        self.struck.append(trouble)
        return trouble.how

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        how = self.strikes(Point.DOT)
        if how is None or how.is_taken:
            lines = (envelope.original_content or b"").decode("ascii").split("\r\n")
            self.taken[next(one.partition(": ")[2] for one in lines if one.startswith("Message-ID: "))] += 1
        if how is not None:
            if how in _REPLIES:
                return _REPLIES[how]
            await break_off(server, how)
        return "250 2.0.0 taken"


async def break_off(server: SMTP, how: How) -> None:
    """Never answer, or hang up."""
    if how.is_slow:
        await asyncio.Event().wait()
    assert server.transport is not None
    server.transport.abort()


class _Troubled(SMTP):
    """aiosmtpd, failing as its `Post` says."""

    def connection_made(self, transport: Any) -> None:
        self.event_handler.connections += 1
        super().connection_made(transport)

    async def push(self, status: Any) -> None:
        if isinstance(status, str) and status.startswith("220 ") and await self._fails(Point.GREETING):
            return
        await super().push(status)

    async def smtp_RSET(self, arg: str) -> None:
        if not await self._fails(Point.RSET):
            await super().smtp_RSET(arg)

    async def smtp_MAIL(self, arg: str) -> None:
        if not await self._fails(Point.MAIL):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        if not await self._fails(Point.RCPT):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._fails(Point.DATA):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self._fails(Point.QUIT):
            await super().smtp_QUIT(arg)

    async def _fails(self, point: Point) -> bool:
        how = self.event_handler.strikes(point)
        if how is None:
            return False
        if how in _REPLIES:
            await super().push(_REPLIES[how])
        else:
            await break_off(self, how)
        return True


class TroubledServer(Server):
    """That server on a free port of loopback, until `stop`."""

    kind = _Troubled


class ToldSender:
    """An `SmtpSender` that keeps its receipts, by Message-ID."""

    def __init__(self, port: int, *, timeout: timedelta, per_connection: int) -> None:
        self._inner = SmtpSender("127.0.0.1", port, tls="none", timeout=timeout, per_connection=per_connection)
        self.receipts: dict[str, list[Receipt]] = {}

    @property
    def dedup_window(self) -> timedelta:
        return self._inner.dedup_window

    def send(self, envelopes: Collection[Mail], /) -> tuple[Receipt, ...]:
        receipts = self._inner.send(envelopes)
        for envelope, receipt in zip(envelopes, receipts, strict=True):
            self.receipts.setdefault(envelope.message_id, []).append(receipt)
        return receipts

    def close(self) -> None:
        self._inner.close()
