"""A real SMTP server on loopback that fails on command: aiosmtpd in a thread of its own."""

import asyncio
import ssl
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from nurture.testing.sender_contract import Fault

CUT_IN_DATA = "cut_in_data"
HANG_AT_RCPT = "hang_at_rcpt"
NONSENSE = "nonsense"


class Post:
    """What the server took over, and what it will do next.

    `plan` holds a fault, or a text: the reply to RCPT; `"data "` in front: the reply to the dot.
    """

    def __init__(self) -> None:
        self.plan: deque[str] = deque()
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.connections = 0
        self.commands: list[str] = []
        self.said_of_rcpt: list[str] = []

    @property
    def keys(self) -> list[str]:
        lines = [line for _, _, content in self.taken for line in content.decode("ascii").split("\r\n")]
        return [line.partition("<")[2].partition("@")[0] for line in lines if line.startswith("Message-ID: ")]

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self.plan[0] if self.plan else ""
        if fault == Fault.BREAK_BEFORE:
            self.plan.popleft()
            server.transport.abort()
            return "250 too late"
        if fault == HANG_AT_RCPT:
            self.plan.popleft()
            await asyncio.Event().wait()
        replies = {Fault.REJECT: "550 5.1.1 no such user", Fault.DEFER: "451 4.7.1 come back later"}
        reply = replies.get(fault, fault if fault[:1].isdigit() else "")
        if reply:
            self.plan.popleft()
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        fault = self.plan.popleft() if self.plan else ""
        if fault == Fault.HANG:
            await asyncio.Event().wait()
        if fault.startswith("data "):
            return fault.removeprefix("data ")
        self.taken.append((envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b""))
        if fault == Fault.LOSE_ANSWER:
            server.transport.abort()
        return "whatever" if fault == NONSENSE else "250 2.0.0 queued as 4711"


class Mute(Post):
    """Goes on taking mail, and no longer answers what is said on a connection that was kept: RSET and QUIT."""

    is_mute = False

    async def handle_RSET(self, server: Any, session: Session, envelope: Envelope) -> str:
        return await self._later("250 OK")

    async def handle_QUIT(self, server: Any, session: Session, envelope: Envelope) -> str:
        return await self._later("221 bye")

    async def _later(self, reply: str) -> str:
        if self.is_mute:
            await asyncio.Event().wait()
        return reply


class _Server(SMTP):
    def connection_made(self, transport: Any) -> None:
        self.event_handler.connections += self.transport is None  # STARTTLS comes here again
        super().connection_made(transport)

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        self.event_handler.commands.append(command)
        return await super()._call_handler_hook(command, *args)

    async def smtp_RCPT(self, arg: str) -> None:
        self.event_handler.said_of_rcpt.append(arg)  # as it came over the wire, before anything is unquoted
        await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        plan = self.event_handler.plan
        if plan and plan[0] == CUT_IN_DATA:
            plan.popleft()
            await self.push("354 go on")
            await self._reader.read(10)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class Server:
    """aiosmtpd on a free port of loopback, until `stop`."""

    kind: type[SMTP] = _Server

    def __init__(self, post: Post, *, implicit: ssl.SSLContext | None = None, **options: Any) -> None:
        self.post = post
        self._conversations: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # cut connections are part of the plan
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(implicit, options), self._loop).result(30)
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def _listen(self, implicit: ssl.SSLContext | None, options: dict[str, Any]) -> asyncio.Server:
        def made() -> SMTP:
            one = self.kind(self.post, hostname="mail.example.jp", loop=self._loop, **options)
            self._conversations.append(one)
            return one

        return await self._loop.create_server(made, "127.0.0.1", 0, ssl=implicit)

    def stop(self) -> None:
        async def end() -> None:
            self._server.close()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            for one in self._conversations:
                if one.transport is not None:
                    one.transport.abort()
            await asyncio.sleep(0)  # aborted connections are closed in the next round of the loop

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()


def authenticator(server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Lets `crm` in with the password `open sesame`."""
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"crm", b"open sesame")
    return AuthResult(success=good, handled=good)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's context for a fresh self-signed certificate of `localhost`."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command: Sequence[str] = (
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)),
    )
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl on this machine")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))
