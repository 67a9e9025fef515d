"""One POST on a connection of its own, whose every wait ends at a deadline. Imports the deadline.

It says not only what broke but where, because only that tells whether the request can have been carried out. No
redirect is followed, no proxy is looked for, and what comes back is bounded.
"""

from __future__ import annotations

import http.client
import io
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

import attrs

from nurture.senders._deadline import LONGEST_REPLY, Deadline, Reading, connect

if TYPE_CHECKING:
    import socket

_LONGEST_WAIT: Final = timedelta(days=1)
_SWITCHING: Final = 101  # which we never asked for; nothing of HTTP follows it
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


@attrs.frozen(slots=True)
class Target:
    """Where to post.

    Attributes:
        host: The server.
        port: Its port.
        path: With the query.
        context: For TLS; None for `http`.
    """

    host: str
    port: int
    path: str
    context: ssl.SSLContext | None

    @classmethod
    def of(cls, url: str, context: ssl.SSLContext | None = None) -> Target:
        """The parts of an `http` or `https` URL."""
        parts = urlsplit(url)
        is_secret = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        port = parts.port or (443 if is_secret else 80)
        return cls(parts.hostname or "", port, path, (context or ssl.create_default_context()) if is_secret else None)


@attrs.frozen(slots=True)
class Answer:
    """What the server answered.

    Attributes:
        code: The status.
        body: As much as is read of it.
        retry_after: What it said of when to come again, if anything.
    """

    code: int
    body: bytes
    retry_after: str | None


@attrs.frozen(slots=True)
class Broken:
    """There is no answer.

    Attributes:
        error: What broke.
        is_connected: Whether there was a connection.
        is_after: Whether the last byte of the request may have gone out.
    """

    error: Exception
    is_connected: bool
    is_after: bool


def post(target: Target, headers: Mapping[str, str], body: bytes, deadline: Deadline) -> Answer | Broken:
    """Post a body that is not empty.

    Args:
        target: Where to.
        headers: Besides `Host`, `Content-Length` and `Connection`.
        body: At least one byte.
        deadline: Until when everything lasts.
    """
    connection = _Bounded(target, deadline)
    is_connected = is_after = False
    try:
        connection.connect()
        is_connected = True
        connection.putrequest("POST", target.path, skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[:-1])
        is_after = True  # from here on the server may have it all
        connection.send(body[-1:])
        answer = connection.getresponse()
        return Answer(answer.status, _start_of(answer), answer.getheader("Retry-After"))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Broken(error, is_connected, is_after)
    finally:
        connection.close()


class _Final(http.client.HTTPResponse):
    """The answer itself: what is said before it (such as 103, Early Hints) is passed over (RFC 9110 section 15.2)."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            said = cast("tuple[str, int, str]", super()._read_status())  # type: ignore[misc]
            if not 100 <= said[1] <= 199 or said[1] == _SWITCHING:
                return said
            http.client.parse_headers(self.fp)


class _Bounded(http.client.HTTPConnection):
    """`http.client`'s connection under one deadline."""

    response_class = _Final

    def __init__(self, target: Target, deadline: Deadline) -> None:
        super().__init__(target.host, target.port)
        if target.context is not None:
            self.default_port = http.client.HTTPS_PORT  # which `Host` does not name
        self._target = target
        self._deadline = deadline
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        """Connect, and agree on TLS where it is wanted."""
        self._raw = connect(self._target.host, self._target.port, self._deadline, self._target.context)
        self.sock = cast("socket.socket", _Line(self._raw, self._deadline))

    def close(self) -> None:
        """Close all; harmless twice."""
        super().close()
        if self._raw is not None:
            self._raw.close()


class _Line:
    """As much of a socket as `http.client` uses, each wait with what is left of the deadline."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._connection.settimeout(self._deadline.left())
        self._connection.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(Reading(lambda: self._connection, self._deadline.left))

    def close(self) -> None:
        """The connection itself is closed by its owner, once the answer is read."""


def _start_of(answer: http.client.HTTPResponse) -> bytes:
    """The beginning of the body. The status is what counts: when the rest is cut or too long, what came is enough."""
    try:
        return answer.read(LONGEST_REPLY // 2)
    except (OSError, http.client.HTTPException):
        return b""


def waiting(said: str | None, now: datetime) -> timedelta | None:
    """How long `Retry-After` asks to wait, at most a day (RFC 9110 section 10.2.3); None when it cannot be read.

    Example:
        >>> noon = datetime(2026, 4, 1, 12, tzinfo=UTC)
        >>> waiting("90", noon), waiting("Wed, 01 Apr 2026 12:05:00 GMT", noon), waiting("soon", noon)
        (datetime.timedelta(seconds=90), datetime.timedelta(seconds=300), None)
    """
    if said is None:
        return None
    if _SECONDS.fullmatch(said.strip()):
        return min(timedelta(seconds=int(said)), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return min(max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta(0)), _LONGEST_WAIT)
