"""The step that asks the host to do something of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs

from nurture.model import EMPTY, EffectKind, Repeat, Value, clean_values
from nurture.steps.step import EffectOrder, Go, Move, Scene, Stay, Step


@attrs.frozen(slots=True)
class Act(Step):
    """Call an action that the host registered by name, with the effect's key to make it idempotent.

    Attributes:
        action: Name of the action.
        params: What to give along.
        repeat: What to do when nobody knows whether it was done.
    """

    kind: ClassVar[str] = "act"

    action: str
    params: Mapping[str, Value] = EMPTY
    repeat: Repeat = Repeat.AT_LEAST_ONCE

    def arrive(self, scene: Scene) -> Move:
        """Ask for it, and wait until it settles."""
        return Stay(effect=EffectOrder(EffectKind.ACTION, self.action, self.params, self.repeat))

    def resume(self, scene: Scene) -> Move:
        """Go on when it settled."""
        return Stay() if scene.outcome is None else Go(saw={"outcome": scene.outcome})

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The action."""
        return (("action", self.action),)

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"「{self.action}」を実行する" if lang == "ja" else f"do {self.action!r}"


def act(action: str, *, params: Mapping[str, Value] | None = None, repeat: Repeat = Repeat.AT_LEAST_ONCE) -> Act:
    """Ask the host to carry out an action: `act("crm.create_task", params={"title": "call"})`."""
    return Act(action, clean_values(params, "act.params"), Repeat(repeat))
