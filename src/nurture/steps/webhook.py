"""The step that posts something to a web endpoint of the host's choice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

import attrs

from nurture.model import EffectKind, Repeat
from nurture.steps.acting import Acting, Given, Misfire, sorted_out
from nurture.steps.step import EffectOrder, Scene, Step

if TYPE_CHECKING:
    from datetime import timedelta


@attrs.frozen(slots=True)
class Webhook(Acting):
    """Post to an endpoint that the host named; a program holds no address and no secret.

    The endpoint is an action like any other: the program declares its name, and the host gives what posts, such as
    `nurture.senders.WebhookAction`.

    Attributes:
        endpoint: Name of the endpoint.
        repeat: What to do when nobody knows whether it was posted.
    """

    kind: ClassVar[str] = "webhook"

    endpoint: str
    repeat: Repeat = Repeat.AT_LEAST_ONCE

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The post."""
        return EffectOrder(EffectKind.ACTION, self.endpoint, self.filled(scene), self.repeat)

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The endpoint, an action."""
        return (("action", self.endpoint),)

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"「{self.endpoint}」に通知を送信する" if lang == "ja" else f"post to {self.endpoint!r}"


def webhook(
    endpoint: str,
    payload: Given | None = None,
    *,
    repeat: Repeat = Repeat.AT_LEAST_ONCE,
    misfire: Misfire | str = Misfire.SKIP,
    max_lateness: timedelta | None = None,
    if_failed: Sequence[Step] = (),
    if_withheld: Sequence[Step] = (),
) -> Webhook:
    """Post to an endpoint: `webhook("erp", {"event": "mql", "industry": q.account.industry})`.

    Args:
        endpoint: One of the program's `actions`; `Nurture(actions={"erp": WebhookAction(url, secret)})` says where.
        payload: What the body says, beside the key and the subject's id. A field is read on arrival.
        repeat: `at_least_once` (default) posts again when the answer is lost; the endpoint knows the key again.
        misfire: What becomes of it when it is late; see `send`.
        max_lateness: How much later than planned it may be posted; see `send`.
        if_failed: Steps when the endpoint refused it, or nobody knows what became of it; none means to go on.
        if_withheld: Steps when it came too late; none means to go on.
    """
    values, fields = sorted_out(payload, "webhook.payload")
    return Webhook(
        endpoint,
        repeat,
        params=values,
        fill=fields,
        misfire=misfire,
        max_lateness=max_lateness,
        if_failed=if_failed,
        if_withheld=if_withheld,
    )
