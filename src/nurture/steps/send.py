"""The step that sends a message to the lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import ClassVar

import attrs

from nurture.model import EMPTY, EffectKind, Repeat, Value, clean_values
from nurture.steps.step import EffectOrder, Go, Move, Scene, Stay, Step, length_problems


@attrs.frozen(slots=True)
class Send(Step):
    """Send a message, and go on once it has settled: accepted, refused, withheld, or in doubt.

    Attributes:
        message: Name of the message.
        params: Extra values for its body, as `params.name`.
        repeat: What to do when nobody knows whether it was sent.
        max_lateness: After this time it is withheld instead; None means the policy's.
    """

    kind: ClassVar[str] = "send"

    message: str
    params: Mapping[str, Value] = EMPTY
    repeat: Repeat = Repeat.AT_MOST_ONCE
    max_lateness: timedelta | None = None

    def arrive(self, scene: Scene) -> Move:
        """Ask for the message, and wait until it settles."""
        order = EffectOrder(EffectKind.MESSAGE, self.message, self.params, self.repeat, self.max_lateness)
        return Stay(effect=order)

    def resume(self, scene: Scene) -> Move:
        """Go on when the receipt is there."""
        return Stay() if scene.outcome is None else Go(saw={"outcome": scene.outcome})

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The message."""
        return (("message", self.message),)

    def problems(self) -> Iterable[str]:
        """Lateness is a time that lies ahead."""
        return length_problems(self.max_lateness, "max_lateness")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"「{self.message}」を送る" if lang == "ja" else f"send {self.message!r}"


def send(
    message: str,
    *,
    params: Mapping[str, Value] | None = None,
    repeat: Repeat = Repeat.AT_MOST_ONCE,
    max_lateness: timedelta | None = None,
) -> Send:
    """Send a message by its name; a wait after it starts when it was really sent.

    Args:
        message: Name of a message of the program.
        params: Extra values for its body, as `params.name`.
        repeat: `at_most_once` (default) parks a message whose fate is unknown; `at_least_once` sends it again.
        max_lateness: After this time it is withheld; None means the contact policy's.
    """
    return Send(message, clean_values(params, "send.params"), Repeat(repeat), max_lateness)
