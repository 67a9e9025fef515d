"""One SMTP connection on an event loop, by aiosmtplib. Imports the names of this machine; needs the extra `mail`.

It has no timeouts of its own: who calls bounds each wait. Whatever breaks is an `OSError` or a `ValueError`, as it is
in the synchronous twin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import aiosmtplib

from nurture.senders._conversation import own_name

if TYPE_CHECKING:
    import ssl

    from nurture.senders._relay import Tls


class RefusedError(Exception):
    """The server does not let us in.

    Attributes:
        at: `auth`, or `hello` for everything before it.
        code: What it said.
    """

    def __init__(self, at: str, code: int) -> None:
        super().__init__(at, code)
        self.at = at
        self.code = code


class UnsupportedError(Exception):
    """The server cannot do what we were told to insist on."""


class AsyncConversation:
    """A connection that has said hello.

    Args:
        client: aiosmtplib's, connected.
    """

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client
        self._loop = asyncio.get_running_loop()
        transport, protocol = client.transport, client.protocol
        if transport is None or protocol is None:
            raise ConnectionResetError("not connected")
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one by shape only
        self._transport.set_write_buffer_limits(high=1, low=0)
        # aiosmtplib's protocol is made for this helper of asyncio's streams, and has no other way to wait for a write.
        self._writer = asyncio.StreamWriter(self._transport, protocol, None, self._loop)
        self.taken = 0
        self._used_at = self._loop.time()

    @classmethod
    async def begin(
        cls,
        host: str,
        port: int,
        tls: Tls,
        context: ssl.SSLContext | None,
        login: tuple[str, str] | None,
        local_hostname: str | None,
    ) -> AsyncConversation:
        """Connect, agree on TLS, say hello, and authenticate.

        Raises:
            RefusedError: The server says no.
            UnsupportedError: It has no STARTTLS, or takes no password.
            OSError: The connection cannot be made.
        """
        client = aiosmtplib.SMTP(
            hostname=host,
            port=port,
            use_tls=tls == "implicit",
            start_tls=False,  # below, when our own name is known without asking the DNS
            tls_context=context,
            local_hostname=local_hostname or "localhost",
            timeout=None,
        )
        at = "hello"
        try:
            await client.connect()
            if local_hostname is None:
                client.local_hostname = own_name(client.get_transport_info("sockname")[0])
            await _hello(client)
            if tls == "starttls":
                if not client.supports_extension("starttls"):
                    raise UnsupportedError
                await client.starttls()
                await _hello(client)
            if login is not None:
                at = "auth"
                if not client.supported_auth_methods:
                    raise UnsupportedError
                await client.login(*login)
        except aiosmtplib.SMTPResponseException as error:
            _abort(client.transport)
            raise RefusedError(at, error.code) from error
        except aiosmtplib.SMTPException as error:
            _abort(client.transport)
            raise _plain_error(error) from error
        except BaseException:
            _abort(client.transport)
            raise
        return cls(client)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Where it lives."""
        return self._loop

    @property
    def offers(self) -> Mapping[str, str]:
        """The server's extensions by their names in lower case."""
        return self._client.esmtp_extensions

    @property
    def is_open(self) -> bool:
        """Whether another transaction can be tried."""
        return self._client.is_connected

    async def say(self, line: bytes) -> tuple[int, bytes]:
        """Say one line; the server's answer."""
        try:
            answer = await self._client.execute_command(line)
        except aiosmtplib.SMTPResponseException as error:  # what came is no answer
            raise ValueError("the server makes no sense") from error
        except aiosmtplib.SMTPException as error:
            raise _plain_error(error) from error
        return answer.code, answer.message.encode("utf-8", "surrogateescape")

    async def pour(self, data: bytes) -> None:
        """Write it all; back when nothing of it waits here any more, so that what breaks later broke after it.

        Under TLS up to 64 KiB may still wait below the encryption. A break is then felt only after the dot, and the
        receipt says that nobody knows, which is never wrong.
        """
        if not self.is_open:
            raise ConnectionResetError("not connected")
        self._writer.write(data)
        await self._writer.drain()
        if not self.is_open:
            raise ConnectionResetError("cut while the data went out")

    def touch(self) -> None:
        """Note that a transaction ended just now."""
        self.taken += 1
        self._used_at = self._loop.time()

    def idle_seconds(self) -> float:
        """For how long nothing has been sent."""
        return self._loop.time() - self._used_at

    def leave(self) -> None:
        """Say goodbye without waiting, neither for room to write nor for the answer; harmless twice."""
        if self.is_open and not self._transport.is_closing():
            self._transport.write(b"QUIT\r\n")
        self.cut()

    def cut(self) -> None:
        """End it at once; harmless twice."""
        _abort(self._transport)
        self._client.close()


async def _hello(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()


def _abort(transport: asyncio.BaseTransport | None) -> None:
    """Close without writing what may still wait: a mail that is cut must not go on behind our back."""
    if transport is not None:
        cast("asyncio.WriteTransport", transport).abort()


def _plain_error(error: aiosmtplib.SMTPException) -> OSError:
    """The same trouble in the words of the system: what lies behind it, or a connection that is gone."""
    if isinstance(error, TimeoutError):
        return TimeoutError("the server is silent")
    cause = error.__cause__ or error.__context__
    return cause if isinstance(cause, OSError) else ConnectionError("the connection is gone")
