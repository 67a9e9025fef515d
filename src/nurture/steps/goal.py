"""The step that ends the enrollment as successful."""

from __future__ import annotations

from typing import ClassVar

import attrs

from nurture.model import EnrollmentState
from nurture.steps.step import Leave, Move, Scene, Step


@attrs.frozen(slots=True)
class Goal(Step):
    """End this run here, as one that reached its goal.

    Attributes:
        name: Which goal; kept with the enrollment as the reason of its end.
    """

    kind: ClassVar[str] = "goal"

    name: str = ""

    def arrive(self, scene: Scene) -> Move:
        """Leave."""
        return Leave(EnrollmentState.REACHED_GOAL, self.name or "goal")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            return f"目標「{self.name}」を達成して終了する" if self.name else "目標を達成して終了する"
        return f"end with the goal {self.name!r} reached" if self.name else "end with the goal reached"


def goal(name: str = "") -> Goal:
    """End the run as successful: `goal("meeting booked")`."""
    return Goal(name)
