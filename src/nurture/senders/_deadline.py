"""Waiting on a socket that ends at one instant, however the other side drips. Imports nothing of ours."""

from __future__ import annotations

import io
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


class Reading(io.RawIOBase):
    """Reads from a socket, each time with what is left of the deadline, and not for ever."""

    def __init__(self, connection: Callable[[], socket.socket], left: Callable[[], float]) -> None:
        self._connection = connection
        self._left = left
        self.taken = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """As much as has come, or wait for it by the deadline."""
        connection = self._connection()
        connection.settimeout(self._left())
        taken = connection.recv_into(buffer)
        self.taken += taken
        if self.taken > LONGEST_REPLY:
            raise OSError("the server says too much")
        return taken


def connect(host: str, port: int, deadline: Deadline, implicit: ssl.SSLContext | None) -> socket.socket:
    """A connection to the first address that answers, all within the deadline.

    Args:
        host: The server's name or address, which a certificate is checked against.
        port: Its port.
        deadline: Until when it may last.
        implicit: The TLS context when TLS begins at once; None begins in clear text.

    Raises:
        OSError: No address answers, or TLS cannot be agreed upon.
    """
    failure: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(deadline.left())
            made.connect(address)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the last byte goes out by itself
            made.settimeout(deadline.left())
            return made if implicit is None else implicit.wrap_socket(made, server_hostname=host)
        except OSError as error:
            made.close()
            failure = error
    raise failure
