"""The step that asks the host to do something of its own."""

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
class Act(Acting):
    """Call an action that the host registered by name, with the effect's key to make it idempotent.

    Attributes:
        action: Name of the action.
        repeat: What to do when nobody knows whether it was done.
    """

    kind: ClassVar[str] = "act"

    action: str
    repeat: Repeat = Repeat.AT_LEAST_ONCE

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The action."""
        return EffectOrder(EffectKind.ACTION, self.action, self.filled(scene), self.repeat)

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The action."""
        return (("action", self.action),)

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"「{self.action}」を実行する" if lang == "ja" else f"do {self.action!r}"


def act(
    action: str,
    *,
    params: Given | None = None,
    repeat: Repeat = Repeat.AT_LEAST_ONCE,
    misfire: Misfire | str = Misfire.SKIP,
    max_lateness: timedelta | None = None,
    if_failed: Sequence[Step] = (),
    if_withheld: Sequence[Step] = (),
) -> Act:
    """Ask the host to carry out an action: `act("crm.create_task", params={"title": "call"})`.

    Args:
        action: Name of an action that the program declares, and that `Nurture(actions={…})` was given.
        params: What to give along. A field such as `q.lead.title` is read on arrival.
        repeat: `at_least_once` (default) does it again when its fate is unknown, with the same key.
        misfire: What becomes of it when it is late; see `send`.
        max_lateness: How much later than planned it may be done; see `send`.
        if_failed: Steps when it was refused for good, or nobody knows what became of it; none means to go on.
        if_withheld: Steps when it came too late; none means to go on.
    """
    values, fields = sorted_out(params, "act.params")
    return Act(
        action,
        repeat,
        params=values,
        fill=fields,
        misfire=misfire,
        max_lateness=max_lateness,
        if_failed=if_failed,
        if_withheld=if_withheld,
    )
