"""The step that names a place, so that a `jump` can lead there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from nurture.steps.step import GO, Move, Scene, Step


@attrs.frozen(slots=True)
class Mark(Step):
    """A place in the scenario that other steps can lead to; it does nothing itself.

    Attributes:
        name: Names the place; it stands once in a scenario.
    """

    kind: ClassVar[str] = "mark"

    name: str

    def arrive(self, scene: Scene) -> Move:
        """Go on."""
        return GO

    def label(self) -> str:
        """The name."""
        return self.name

    def problems(self) -> Iterable[str]:
        """It needs a name."""
        if not 1 <= len(self.name) <= 100:
            yield f"mark: expected a name of 1 to 100 characters, found {len(self.name)}"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"目印「{self.name}」" if lang == "ja" else f"mark {self.name!r}"


def mark(name: str) -> Mark:
    """Name a place: `mark("call")`, to which `jump("call", at_most=3)` leads back."""
    return Mark(name)
