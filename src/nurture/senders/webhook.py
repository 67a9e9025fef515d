"""Hands each message to a web endpoint of the host's own, as signed JSON. Imports the ports."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from nurture.senders._signed import Secret, SignedEndpoint
from nurture.senders._turns import in_turn

if TYPE_CHECKING:
    import ssl

    from nurture.ports import Envelope, Receipt

VERSION: Final = 1
"""Of the body's schema; it grows when a field changes its meaning or goes."""


class WebhookSender:
    """Posts each message to one URL, for channels that have no sender of their own.

    The body is a JSON object: `type` is `message.send`, `version` is 1, and `data` has the key, the channel, who
    sends, to whom, the subject, the text, the HTML (or null) and the headers. With `raw` it has the whole mail in
    base64, too. Tries of one message differ only in their timestamp and their signature.

    | answer | receipt |
    | --- | --- |
    | 2xx | accepted, with the `id` of the answer's JSON object |
    | 409, with a `dedup_window`: the key was seen before | with an `id`: accepted. With `Retry-After`: deferred. |
    | | Else unknown: the first request may still be at work, or it failed |
    | 409 without a `dedup_window` | rejected: it is another conflict |
    | 429; 503 with `Retry-After`; 301, 307, 308; 401, 403, 407; 408, 421, 425 | deferred |
    | any other 4xx | rejected |
    | 5xx, or the answer is lost | unknown; a 5xx is deferred when the endpoint is `atomic` |

    A redirect is never followed: the message goes to whom the host named, or to nobody.

    Args:
        url: Where to; `https`, or `http` on this machine.
        secret: Signs: `whsec_` and base64, or the bytes themselves; at least 24. Several, while one replaces another.
        timeout: The longest time for one message, looking up the host's name excepted.
        dedup_window: For how long the endpoint knows a `webhook-id` again; zero when it does not.
        atomic: Whether a 5xx of this endpoint means that nothing was done. In general it does not: it may have passed
            the message on before it failed.
        raw: Whether the whole mail is in the body.
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
        timeout: timedelta = timedelta(seconds=15),
        dedup_window: timedelta = timedelta(0),
        atomic: bool = False,
        raw: bool = False,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._endpoint = SignedEndpoint(
            url, secret, timeout=timeout, dedup_window=dedup_window, atomic=atomic, context=context, clock=clock
        )
        self._raw = raw

    def __repr__(self) -> str:
        return f"WebhookSender({self._endpoint.host!r})"  # a path or a query may be a secret

    @property
    def dedup_window(self) -> timedelta:
        """What the host said of its endpoint."""
        return self._endpoint.dedup_window

    @property
    def timeout(self) -> timedelta:
        """The longest time for one message."""
        return self._endpoint.timeout

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Post each message and say what became of it; the rest of a call is deferred when nobody answers."""
        return in_turn(envelopes, self._settle)

    def close(self) -> None:
        """Nothing is held: a connection that was kept could die just when a message is on it."""

    def _settle(self, envelope: Envelope) -> tuple[Receipt, bool]:
        return self._endpoint.post(envelope.key, partial(_page, envelope, raw=self._raw))


def _page(envelope: Envelope, *, raw: bool) -> dict[str, object]:
    data: dict[str, object] = {
        "key": envelope.key,
        "channel": envelope.channel,
        "message_id": envelope.message_id,
        "sender": envelope.sender,
        "recipient": envelope.recipient,
        "subject": envelope.subject,
        "text": envelope.text,
        "html": envelope.html,
        "headers": dict(envelope.headers),
    }
    if raw:
        data["raw"] = base64.b64encode(envelope.data).decode("ascii")
    return {"type": "message.send", "version": VERSION, "data": data}


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = WebhookSender
