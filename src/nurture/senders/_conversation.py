"""One SMTP connection whose every wait ends at a deadline. Imports nothing of ours.

`smtplib` gives each read its own timeout, so that a server which drips one byte at a time holds a
client for ever. Here one deadline bounds a whole exchange.
"""

from __future__ import annotations

import io
import smtplib
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from _typeshed import WriteableBuffer

LONGEST_REPLY = 65_536
"""A server's reply has at most so many bytes; more counts as a broken connection."""


class Deadline:
    """The instant, on the monotonic clock, at which waiting ends."""

    __slots__ = ("_at",)

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def has_passed(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._at

    def left(self) -> float:
        """The seconds that are left, more than zero.

        Raises:
            TimeoutError: None are left.
        """
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _Reading(io.RawIOBase):
    """Reads from a socket, each time with what is left of the deadline, and not for ever."""

    def __init__(self, connection: Callable[[], socket.socket], left: Callable[[], float]) -> None:
        self._connection = connection
        self._left = left
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        connection = self._connection()
        connection.settimeout(self._left())
        taken = connection.recv_into(buffer)
        self.taken += taken
        if self.taken > LONGEST_REPLY:
            raise OSError("the server says too much")
        return taken


class Conversation(smtplib.SMTP):
    """`smtplib.SMTP` under a deadline, which the owner renews for each message.

    Args:
        host: The server.
        port: Its port.
        deadline: Until when connecting and greeting may last.
        implicit: The TLS context when TLS begins at once; None begins in clear text.
        local_hostname: How to say hello; None is this machine's own name.
    """

    def __init__(
        self, host: str, port: int, *, deadline: Deadline, implicit: ssl.SSLContext | None, local_hostname: str | None
    ) -> None:
        self.deadline = deadline
        self.taken = 0
        self._used_at = time.monotonic()
        self._implicit = implicit
        self._reading: _Reading | None = None
        super().__init__(local_hostname=local_hostname or "localhost")  # a name keeps it from asking the DNS
        self._host = host  # what certificates are checked against
        code, _ = self.connect(host, port)
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, b"the server does not greet")
        self.local_hostname = local_hostname or _own_name(self._connected())

    def _get_socket(self, host: str, port: int, timeout: object) -> socket.socket:
        """A connection to the first address that answers, all within the deadline."""
        failure: OSError = OSError("the name has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(self.deadline.left())
                made.connect(address)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot goes out by itself
                made.settimeout(self.deadline.left())
                return made if self._implicit is None else self._implicit.wrap_socket(made, server_hostname=host)
            except OSError as error:
                made.close()
                failure = error
        raise failure

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        """Write it all, or raise by the deadline."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        try:
            self.sock.settimeout(self.deadline.left())
            self.sock.sendall(s.encode("ascii") if isinstance(s, str) else s)
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected("not connected") from error

    def getreply(self) -> tuple[int, bytes]:
        """The server's reply, complete by the deadline."""
        if self.file is None or self._reading is None:
            self._reading = _Reading(self._connected, lambda: self.deadline.left())
            self.file = io.BufferedReader(self._reading)
        self._reading.taken = 0
        return super().getreply()

    def starttls(self, *, context: ssl.SSLContext) -> tuple[int, bytes]:  # type: ignore[override]
        """Begin TLS within the deadline."""
        self._connected().settimeout(self.deadline.left())
        return super().starttls(context=context)

    def touch(self) -> None:
        """Note that a transaction ended just now."""
        self.taken += 1
        self._used_at = time.monotonic()

    def idle_seconds(self) -> float:
        """For how long nothing has been sent."""
        return time.monotonic() - self._used_at

    def _connected(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self.sock


def _own_name(connection: socket.socket) -> str:
    """How this machine says hello: its full name, or its address on this connection (RFC 5321 section 4.1.3)."""
    name = socket.gethostname()
    if "." in name and name.isascii():
        return name
    address = str(connection.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
