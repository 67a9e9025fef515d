"""The step that adds and removes tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from nurture.steps.declaration import several
from nurture.steps.step import Go, Move, Scene, Step, TagOrder


@attrs.frozen(slots=True)
class Tag(Step):
    """Add tags to the lead and remove others.

    Attributes:
        add: Tags to add.
        remove: Tags to remove.
    """

    kind: ClassVar[str] = "tag"

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def arrive(self, scene: Scene) -> Move:
        """Change the tags and go on."""
        return Go(orders=(TagOrder(self.add, self.remove),))

    def problems(self) -> Iterable[str]:
        """It must do something."""
        if not self.add and not self.remove:
            yield "a tag step needs a tag to add or to remove"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        parts = [f"+{name}" for name in self.add] + [f"-{name}" for name in self.remove]
        return f"タグ: {' '.join(parts)}" if lang == "ja" else f"tag: {' '.join(parts)}"


def tag(*add: str, remove: Iterable[str] = ()) -> Tag:
    """Add tags, and remove others: `tag("attended", remove=["invited"])`."""
    return Tag(add, several(remove))
