"""One SMTP connection whose every wait ends at a deadline. Imports the deadline.

`smtplib` gives each read its own timeout, so that a server which drips one byte at a time holds a
client for ever. Here one deadline bounds a whole exchange.
"""

from __future__ import annotations

import contextlib
import io
import smtplib
import socket
import time
from typing import TYPE_CHECKING

from nurture.senders._deadline import Deadline, Reading, connect

if TYPE_CHECKING:
    import ssl


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
        self._reading: Reading | None = None
        super().__init__(local_hostname=local_hostname or "localhost")  # a name keeps it from asking the DNS
        self._host = host  # what certificates are checked against
        code, _ = self.connect(host, port)
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, b"the server does not greet")
        self.local_hostname = local_hostname or own_name(self._connected().getsockname()[0])

    def _get_socket(self, host: str, port: int, timeout: object) -> socket.socket:
        """A connection to the first address that answers, all within the deadline."""
        return connect(host, port, self.deadline, self._implicit)

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
            self._reading = Reading(self._connected, lambda: self.deadline.left())
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

    def leave(self) -> None:
        """Say goodbye without waiting, neither for room to write nor for the answer; harmless twice."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.settimeout(0)
                self.sock.send(b"QUIT\r\n")
        self.close()

    def idle_seconds(self) -> float:
        """For how long nothing has been sent."""
        return time.monotonic() - self._used_at

    def _connected(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self.sock


def own_name(address: str) -> str:
    """How this machine says hello: its full name, or its address on this connection (RFC 5321 section 4.1.3)."""
    name = socket.gethostname()
    if "." in name and name.isascii():
        return name
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
