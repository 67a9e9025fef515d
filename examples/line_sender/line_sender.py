"""Sends text to LINE users by the Messaging API, as an outsider would write it: public names of `nurture` alone.

A LINE user id goes into `Envelope.recipient`. Three things of that service shape the code:

- A retry key must be a UUID. It is made of the effect's key, so every try of one message has the same one, and LINE
  answers 409 when it took that message before. It remembers for 24 hours.
- It answers 200 even when the reader has blocked the account: accepted is no proof that anybody can read it.
- Push messages have a monthly quota. Once it is used up the answer is 429, and nothing was sent.
"""

from __future__ import annotations

import http.client
import io
import json
import re
import socket
import ssl
import time
import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Unknown

PUSH = "/v2/bot/message/push"
LONGEST_TEXT = 5_000
"""What LINE takes, counted in UTF-16 as LINE counts."""

_NAMESPACE = uuid.UUID("6a8a1c2e-51c8-5c43-9f1a-3a0b7f0c7d11")
"""Chosen once. Another one would make other retry keys, and send again what was sent."""

_TOKEN = re.compile(r"[!-~]+")
_USER = re.compile(r"[UCR][0-9a-f]{32}")
_LONGEST_ANSWER = 65_536


def retry_key(key: str) -> str:
    """The UUID that stands for an effect's key, the same in every process."""
    return str(uuid.uuid5(_NAMESPACE, key))


class LineSender:
    """Pushes each message's text to one LINE user.

    Args:
        token: The channel access token.
        api: Where the API is; another address is for tests.
        timeout: The longest time for one message, looking up the host's name excepted. When one runs into it, or
            nobody answers, the rest of that call is deferred untried.

    Raises:
        ValueError: The token cannot be one, such as one with a line break at its end. It is not shown.
    """

    def __init__(
        self, token: str, *, api: str = "https://api.line.me", timeout: timedelta = timedelta(seconds=10)
    ) -> None:
        if not _TOKEN.fullmatch(token):
            raise ValueError("token: expected visible ASCII signs, without a blank or a line break")
        self._token = token
        self._api = urlsplit(api)
        self._seconds = timeout.total_seconds()

    @property
    def dedup_window(self) -> timedelta:
        """For so long LINE knows a retry key again."""
        return timedelta(hours=24)

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Push each message and say what became of it."""
        receipts: list[Receipt] = []
        given_up: Deferred | None = None
        for envelope in envelopes:
            if given_up is not None:
                receipts.append(given_up)
                continue
            receipt, is_hopeless = self._settle(envelope)
            receipts.append(receipt)
            if is_hopeless:
                given_up = Deferred("not_tried")
        return tuple(receipts)

    def close(self) -> None:
        """Nothing is held."""

    def _settle(self, envelope: Envelope) -> tuple[Receipt, bool]:
        """The receipt, and whether trying further messages in this call is without hope."""
        if not _USER.fullmatch(envelope.recipient):
            return Rejected("bad_address"), False
        if not 0 < len(envelope.text.encode("utf-16-le", "surrogatepass")) // 2 <= LONGEST_TEXT:
            return Rejected("too_big" if envelope.text else "empty_body"), False
        page = {"to": envelope.recipient, "messages": [{"type": "text", "text": envelope.text}]}
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "X-Line-Retry-Key": retry_key(envelope.key),
        }
        ends_at = time.monotonic() + self._seconds
        try:
            line = self._connect(ends_at)
        except (OSError, ValueError) as error:
            return Deferred(f"not_connected_{type(error).__name__}"), True
        with line:
            connection = http.client.HTTPConnection(self._api.hostname or "")
            connection.sock = _Bounded(line, ends_at)
            try:
                connection.request("POST", PUSH, json.dumps(page).encode("ascii"), headers)
                answer = connection.getresponse()
                return _meaning(answer.status, answer.read(_LONGEST_ANSWER)), False
            except (OSError, ValueError, http.client.HTTPException) as error:
                # Sending it again is safe: the retry key is the same.
                return Unknown(f"broken_{type(error).__name__}"), isinstance(error, TimeoutError)

    def _connect(self, ends_at: float) -> socket.socket:
        """A connection to the first address of LINE's that answers."""
        host, is_secret = self._api.hostname or "", self._api.scheme == "https"
        failure = OSError("the name has no address")
        port = self._api.port or (443 if is_secret else 80)
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            line = socket.socket(family, kind)
            try:
                line.settimeout(_left(ends_at))
                line.connect(address)
                line.settimeout(_left(ends_at))
                return ssl.create_default_context().wrap_socket(line, server_hostname=host) if is_secret else line
            except OSError as error:
                line.close()
                failure = error
        raise failure


class _Bounded:
    """As much of a socket as `http.client` uses. Every wait ends at one instant, however slowly LINE's bytes drip."""

    def __init__(self, line: socket.socket, ends_at: float) -> None:
        self._line = line
        self._ends_at = ends_at

    def sendall(self, data: bytes) -> None:
        self._line.settimeout(_left(self._ends_at))
        self._line.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._line, self._ends_at))

    def close(self) -> None:
        """The connection itself is closed once the answer is read."""


class _Reading(io.RawIOBase):
    def __init__(self, line: socket.socket, ends_at: float) -> None:
        self._line = line
        self._ends_at = ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        self._line.settimeout(_left(self._ends_at))
        return self._line.recv_into(buffer)


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for this message is over")
    return left


def _meaning(status: int, body: bytes) -> Receipt:
    """What an answer means. 409 says that a message with this retry key was taken before."""
    if status in (200, 409):
        return Accepted(_message_id(body))
    if status == 429:
        is_quota = b"monthly limit" in body
        return Deferred("quota" if is_quota else "throttled", "429", timedelta(hours=6) if is_quota else None)
    if status in (401, 403):
        return Deferred("not_authorized", str(status))  # the token can be mended
    if status == 400 and b"'to'" in body:
        return Rejected("bad_address", "400", permanent_address=True)
    return Rejected("refused", str(status)) if 400 <= status <= 499 else Unknown(f"answered_{status}")


def _message_id(body: bytes) -> str:
    try:
        return str(json.loads(body)["sentMessages"][0]["id"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = LineSender
