"""The step that asks for another stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from nurture.steps.step import Go, Move, Scene, StageOrder, Step


@attrs.frozen(slots=True)
class ChangeStage(Step):
    """Move the subject to a stage, if the lifecycle allows it from where it is; a refusal is noted.

    Attributes:
        stage: The stage to move to.
        reason: Kept with the change.
    """

    kind: ClassVar[str] = "change_stage"

    stage: str
    reason: str = ""

    def arrive(self, scene: Scene) -> Move:
        """Ask for it and go on."""
        return Go(orders=(StageOrder(self.stage, self.reason),))

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The stage."""
        return (("stage", self.stage),)

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"ステージを「{self.stage}」にする" if lang == "ja" else f"move to stage {self.stage!r}"


def change_stage(stage: str, *, reason: str = "") -> ChangeStage:
    """Move to a stage; the lifecycle has the last word."""
    return ChangeStage(stage, reason)
