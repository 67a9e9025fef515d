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
        reason: Kept with the change, in the fact and in the decision; `""` names the scenario that did it. A transition
            that needs a reason is content with either.
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
        if lang == "ja":
            said = f"購買段階を「{self.stage}」にする"
            return f"{said}（理由: {self.reason}）" if self.reason else said
        said = f"move to stage {self.stage!r}"
        return f"{said} (reason: {self.reason})" if self.reason else said


def change_stage(stage: str, *, reason: str = "") -> ChangeStage:
    """Move to a stage; the lifecycle has the last word: `change_stage("lost", reason="no budget")`.

    Args:
        stage: The stage to move to.
        reason: Kept with the change; nothing that names a person, since the program says it of everybody.
    """
    return ChangeStage(stage, reason)
