"""A web endpoint that takes signed JSON: what is posted, and what its answer is taken for. Imports errors and ports.

The headers are those of Standard Webhooks (standardwebhooks.com), so that any of its libraries verifies the request,
and `Idempotency-Key`. What a receipt says rests on RFC 9112 section 8: a request is whole only with the last byte of
its body. Until that byte has gone out nothing was taken, whatever breaks; after it only the answer tells.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from nurture.errors import DefinitionError
from nurture.ports import Accepted, Deferred, Receipt, Rejected, Unknown
from nurture.senders._deadline import Deadline
from nurture.senders._post import Answer, Target, post, waiting
from nurture.senders._words import is_this_machine, plain, word

if TYPE_CHECKING:
    import ssl

Secret: TypeAlias = str | bytes

_KEY: Final = re.compile(r"[A-Za-z0-9_:-]{1,255}")  # no dot: dots separate what is signed
_LEAST_SECRET: Final = 24
_NOT_NOW: Final = {
    **{401: "not_authorized", 403: "not_authorized", 407: "not_authorized"},
    **{301: "redirected", 307: "redirected", 308: "redirected"},
    **{408: "not_read", 421: "not_read", 425: "not_read", 429: "throttled"},
}
"""Answers that say that the request was not carried out, and that can be mended."""


class SignedEndpoint:
    """One URL, and the secret with which what goes there is signed.

    Args:
        url: Where to; `https`, or `http` on this machine.
        secret: Signs: `whsec_` and base64, or the bytes themselves; at least 24. Several, while one replaces another.
        timeout: The longest time for one request, looking up the host's name excepted.
        dedup_window: For how long the endpoint knows a `webhook-id` again; zero when it does not.
        atomic: Whether a 5xx of this endpoint means that nothing was done.
        context: TLS settings; None means the machine's trusted authorities.
        clock: The present, for the timestamp.

    Raises:
        DefinitionError: An argument cannot work.
    """

    def __init__(
        self,
        url: str,
        secret: Secret | Sequence[Secret],
        *,
        timeout: timedelta,
        dedup_window: timedelta,
        atomic: bool,
        context: ssl.SSLContext | None,
        clock: Callable[[], datetime],
    ) -> None:
        secrets: Sequence[Secret] = (secret,) if isinstance(secret, (str, bytes)) else secret
        keys = [_key(one) for one in secrets]
        _check(url, keys, timeout, dedup_window)
        self._target = Target.of(url, context)
        self._keys = [key for key in keys if key is not None]
        self._window = dedup_window
        self._atomic = atomic
        self._clock = clock
        self.timeout = timeout

    @property
    def host(self) -> str:
        """The server; the path or the query may be a secret."""
        return self._target.host

    @property
    def dedup_window(self) -> timedelta:
        """What the host said of it."""
        return self._window

    def post(self, key: str, page: Callable[[], object]) -> tuple[Receipt, bool]:
        """The receipt for one post, and whether trying further ones in this call is without hope.

        Args:
            key: Tells it from others, the same for every try.
            page: Makes what is posted, as JSON can hold it.
        """
        if not _KEY.fullmatch(key):
            return Rejected("bad_key"), False
        try:
            body = json.dumps(page(), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        except ValueError:  # a lone surrogate: no text
            return Rejected("bad_text"), False
        deadline = Deadline(self.timeout.total_seconds())
        posted = post(self._target, self.headers(key, body), body, deadline)
        if isinstance(posted, Answer):
            return self._meaning(posted), False
        if posted.is_after:
            return Unknown(f"broken_after_end_{word(posted.error)}"), deadline.has_passed()
        if posted.is_connected:
            return Deferred(f"broken_before_end_{word(posted.error)}"), deadline.has_passed()
        return Deferred(f"not_connected_{type(posted.error).__name__}"), True

    def headers(self, key: str, body: bytes) -> dict[str, str]:
        """Standard Webhooks: the signature covers id, timestamp and body, separated by dots."""
        stamp = str(int(self._clock().timestamp()))
        covered = b".".join((key.encode("ascii"), stamp.encode("ascii"), body))
        marks = (hmac.digest(secret, covered, hashlib.sha256) for secret in self._keys)
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "nurture",
            "Idempotency-Key": f'"{key}"',
            "webhook-id": key,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(f"v1,{base64.b64encode(mark).decode('ascii')}" for mark in marks),
        }

    def _meaning(self, answer: Answer) -> Receipt:
        code, wait = str(answer.code), waiting(answer.retry_after, self._clock())
        if 200 <= answer.code <= 299:
            return Accepted(_receipt_id(answer.body))
        if answer.code == 409:
            return self._conflict(_receipt_id(answer.body), wait)
        if answer.code in _NOT_NOW:
            return Deferred(_NOT_NOW[answer.code], code, wait)
        if 400 <= answer.code <= 499:
            return Rejected("refused", code)
        if answer.code == 503 and wait is not None:
            return Deferred("overloaded", code, wait)
        if 500 <= answer.code <= 599 and self._atomic:
            return Deferred("failed", code, wait)
        return Unknown(f"answered_{code}")

    def _conflict(self, receipt: str, wait: timedelta | None) -> Receipt:
        """409 from an endpoint that knows keys again may mean "taken" or "still at work"; only an id tells them apart.

        When it is neither clear, trying the same key again is harmless and settles it.
        """
        if not self._window:
            return Rejected("conflict", "409")
        if receipt:
            return Accepted(receipt)
        return Unknown("in_progress") if wait is None else Deferred("in_progress", "409", wait)


def _receipt_id(body: bytes) -> str:
    """The `id` of a JSON object, if it is one."""
    try:
        page: object = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    found: object = page.get("id") if isinstance(page, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return plain(found.encode("ascii", "replace")) if isinstance(found, str) else ""


def _key(secret: Secret) -> bytes | None:
    """What signs; None when it is no good.

    Text must say what it is: libraries for Standard Webhooks read it as base64, others take its letters, and a
    signature made in one way never fits the other.
    """
    if isinstance(secret, bytes):
        key = secret
    elif not secret.startswith("whsec_"):
        return None
    else:
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            return None
    return key if len(key) >= _LEAST_SECRET else None


def _check(url: str, keys: Sequence[bytes | None], timeout: timedelta, dedup_window: timedelta) -> None:
    problems: list[str] = []
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        problems.append("url: cannot be read")
    else:
        is_secret = parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))
        if not (host and is_secret and url.isascii() and url.isprintable() and " " not in url):
            problems.append("url: expected https, or http on this machine")
        if port == 0:
            problems.append("url: expected a port from 1 to 65535")
        if parts.username is not None:
            problems.append("url: a password in it is not sent; the signature says who asks")
    if not keys or None in keys:
        problems.append(f"secret: expected 'whsec_' and base64, or bytes; at least {_LEAST_SECRET} bytes once decoded")
    if timeout <= timedelta(0):
        problems.append("timeout: expected more than zero")
    if dedup_window < timedelta(0):
        problems.append("dedup_window: expected zero or more")
    if problems:
        raise DefinitionError(problems)
