"""The step that tells the owner something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs

from nurture.model import EMPTY, EffectKind, Repeat, Value, clean_values
from nurture.steps.step import EffectOrder, Go, Move, Scene, Stay, Step


@attrs.frozen(slots=True)
class Notify(Step):
    """Send a message to the subject's owner; it is for a colleague, so marketing's rules do not apply.

    Attributes:
        message: Name of a message with purpose `internal`.
        params: Extra values for its body.
    """

    kind: ClassVar[str] = "notify"

    message: str
    params: Mapping[str, Value] = EMPTY

    def arrive(self, scene: Scene) -> Move:
        """Ask for the notice, and wait until it settles."""
        return Stay(effect=EffectOrder(EffectKind.NOTICE, self.message, self.params, Repeat.AT_LEAST_ONCE))

    def resume(self, scene: Scene) -> Move:
        """Go on when it settled."""
        return Stay() if scene.outcome is None else Go(saw={"outcome": scene.outcome})

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The message."""
        return (("notice", self.message),)

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"担当者に「{self.message}」を知らせる" if lang == "ja" else f"tell the owner: {self.message!r}"


def notify(message: str, *, params: Mapping[str, Value] | None = None) -> Notify:
    """Tell the owner of the lead; without an owner it is withheld with the reason `no_owner`."""
    return Notify(message, clean_values(params, "notify.params"))
