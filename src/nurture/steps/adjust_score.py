"""The step that gives points, or takes some away."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from nurture.model import Fact
from nurture.steps.step import FactOrder, Go, Move, Scene, Step

if TYPE_CHECKING:
    from nurture.model import Value

MOST: Final = 1e6


@attrs.frozen(slots=True)
class AdjustScore(Step):
    """Give points of a score, beside those that its rules give; they fade like any other.

    It states a fact, so that the score can be counted again. Nobody is given points who objects to profiling.

    Attributes:
        model: Name of the score model.
        points: How many; negative to take away.
    """

    kind: ClassVar[str] = "adjust_score"

    model: str
    points: float

    def arrive(self, scene: Scene) -> Move:
        """Give them, and go on."""
        told: dict[str, Value] = {"model": self.model, "points": self.points}
        return Go(orders=(FactOrder(Fact.SCORE_ADJUSTED, told, self.model),))

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The score model."""
        return (("score", self.model),)

    def problems(self) -> Iterable[str]:
        """It changes something."""
        if not isfinite(self.points) or self.points == 0 or abs(self.points) > MOST:
            yield f"points: expected a number other than 0, of at most {MOST:g} either way"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            return f"スコア「{self.model}」に{self.points:+g}点を加える"
        return f"give {self.points:+g} points of score {self.model!r}"


def adjust_score(model: str, points: float) -> AdjustScore:
    """Give points: `adjust_score("engagement", 20)`, `adjust_score("fit", -20)`."""
    return AdjustScore(model, points)
