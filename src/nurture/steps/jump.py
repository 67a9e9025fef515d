"""The step that leads to a marked place, a bounded number of times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

import attrs

from nurture.steps.declaration import several
from nurture.steps.step import Go, Move, Scene, Step

MOST: Final = 100
"""So often one jump may lead on within a run."""


@attrs.frozen(slots=True)
class Jump(Step):
    """Go on at a mark, back or ahead; after so many times within a run, go on by `otherwise`.

    Attributes:
        to: Name of the mark.
        at_most: How often it leads there within one run, 1 to 100.
        otherwise: Steps when it did so often enough.
    """

    kind: ClassVar[str] = "jump"

    to: str
    at_most: int
    otherwise: tuple[Step, ...] = ()

    def arrive(self, scene: Scene) -> Move:
        """Jump, unless it was done often enough."""
        return Go("again" if scene.visits <= self.at_most else "otherwise", saw={"visits": scene.visits})

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Otherwise; the way to the mark is none of its own."""
        return {"otherwise": self.otherwise}

    def leads_to(self) -> Mapping[str, str]:
        """The mark."""
        return {"again": self.to}

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The mark."""
        return (("mark", self.to),)

    def problems(self) -> Iterable[str]:
        """It is bounded, so that every run comes to an end."""
        if not 1 <= self.at_most <= MOST:
            yield f"at_most: expected a whole number from 1 to {MOST}"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            return f"「{self.to}」へ移る（最大{self.at_most}回）"
        return f"go on at {self.to!r} (at most {self.at_most} times)"


def jump(to: str, *, at_most: int, otherwise: Sequence[Step] = ()) -> Jump:
    """Go on at a mark: `jump("call", at_most=3, otherwise=[send("we tried to call")])`.

    Args:
        to: Name of a mark of the same scenario.
        at_most: How often within one run, 1 to 100.
        otherwise: Steps when it led there so often.
    """
    return Jump(to, at_most, several(otherwise))
