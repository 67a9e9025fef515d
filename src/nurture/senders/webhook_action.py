"""Posts what a scenario asks for to a web endpoint, as signed JSON: an action, ready made. Imports model and ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from nurture.senders._signed import Secret, SignedEndpoint

if TYPE_CHECKING:
    import ssl

    from nurture.model import SubjectId
    from nurture.ports import Receipt

VERSION: Final = 1
"""Of the body's schema; it grows when a field changes its meaning or goes."""


class WebhookAction:
    """What `Nurture(actions={"erp": WebhookAction(url, secret)})` is given for the step `webhook("erp", {…})`.

    The body is a JSON object: `type` is `action.requested`, `version` is 1, and `data` has the `key`, the id of the
    `subject` and its `payload`, in which instants and dates are texts (ISO 8601, instants in UTC). The key is the
    effect's, the same for every try; it stands in `webhook-id` and in `Idempotency-Key`, too. Signing, answers and
    receipts are those of `WebhookSender`: a redirect is never followed, and an answer that is lost is unknown, so that
    the step's `repeat` decides whether it is posted again.

    Args:
        url: Where to; `https`, or `http` on this machine.
        secret: Signs: `whsec_` and base64, or the bytes themselves; at least 24. Several, while one replaces another.
        timeout: The longest time for one post, looking up the host's name excepted.
        dedup_window: For how long the endpoint knows a `webhook-id` again; zero when it does not. It says what a 409 is
            taken for.
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
        timeout: timedelta = timedelta(seconds=15),
        dedup_window: timedelta = timedelta(0),
        atomic: bool = False,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._endpoint = SignedEndpoint(
            url, secret, timeout=timeout, dedup_window=dedup_window, atomic=atomic, context=context, clock=clock
        )

    def __repr__(self) -> str:
        return f"WebhookAction({self._endpoint.host!r})"  # a path or a query may be a secret

    def __call__(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt:
        """Post it, and say what became of it."""
        receipt, _ = self._endpoint.post(key, lambda: _page(key, subject, params))
        return receipt


def _page(key: str, subject: str, params: Mapping[str, object]) -> dict[str, object]:
    payload = {name: _plain(value) for name, value in params.items()}
    data = {"key": key, "subject": subject, "payload": payload}
    return {"type": "action.requested", "version": VERSION, "data": data}


def _plain(value: object) -> object:
    """The value as JSON says it to others: they know no tags for instants and dates."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return [_plain(one) for one in cast("tuple[object, ...]", value)] if isinstance(value, tuple) else value


if TYPE_CHECKING:
    from nurture.ports import Action

    _fits: type[Action] = WebhookAction
