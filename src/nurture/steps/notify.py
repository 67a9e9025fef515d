"""The step that tells the owner something."""

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
class Notify(Acting):
    """Send a message to the subject's owner; it is for a colleague, so marketing's rules do not apply.

    Attributes:
        message: Name of a message with purpose `internal`.
    """

    kind: ClassVar[str] = "notify"

    message: str

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The notice."""
        return EffectOrder(EffectKind.NOTICE, self.message, self.filled(scene), Repeat.AT_LEAST_ONCE)

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The message."""
        return (("notice", self.message),)

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"担当者に「{self.message}」を知らせる" if lang == "ja" else f"tell the owner: {self.message!r}"


def notify(
    message: str,
    *,
    params: Given | None = None,
    misfire: Misfire | str = Misfire.SKIP,
    max_lateness: timedelta | None = None,
    if_failed: Sequence[Step] = (),
    if_withheld: Sequence[Step] = (),
) -> Notify:
    """Tell the owner of the lead; without an owner it is withheld with the reason `no_owner`.

    Args:
        message: Name of a message of the program whose purpose is `internal`.
        params: Extra values for its body, as `params.name`. A field such as `q.lead.title` is read on arrival.
        misfire: What becomes of it when it is late; see `send`.
        max_lateness: How much later than planned it may be sent; see `send`.
        if_failed: Steps when it was refused for good, or nobody knows what became of it; none means to go on.
        if_withheld: Steps when there is no owner, or it came too late; none means to go on.
    """
    values, fields = sorted_out(params, "notify.params")
    return Notify(
        message,
        params=values,
        fill=fields,
        misfire=misfire,
        max_lateness=max_lateness,
        if_failed=if_failed,
        if_withheld=if_withheld,
    )
