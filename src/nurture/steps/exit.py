"""The step that ends the enrollment."""

from __future__ import annotations

from typing import ClassVar

import attrs

from nurture.model import EnrollmentState
from nurture.steps.step import Leave, Move, Scene, Step


@attrs.frozen(slots=True)
class Exit(Step):
    """End this run here.

    Attributes:
        reason: Kept with the enrollment.
    """

    kind: ClassVar[str] = "exit"

    reason: str = ""

    def arrive(self, scene: Scene) -> Move:
        """Leave."""
        return Leave(EnrollmentState.EXITED, self.reason or "exit")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return "終了する" if lang == "ja" else "exit"


def exit_(reason: str = "") -> Exit:
    """End the run; `exit` is Python's own, hence the underscore."""
    return Exit(reason)
