"""The step that chooses a way by a predicate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import attrs

from nurture.predicates import Predicate, describe
from nurture.steps.declaration import several
from nurture.steps.step import Go, Move, Scene, Step


@attrs.frozen(slots=True)
class Branch(Step):
    """Go one of two ways, decided once and stored.

    Attributes:
        condition: What decides.
        then: Steps when it holds.
        otherwise: Steps when it does not.
    """

    kind: ClassVar[str] = "branch"

    condition: Predicate
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()

    def arrive(self, scene: Scene) -> Move:
        """Choose now; the choice is kept in the enrollment's path."""
        return Go("then" if scene.holds(self.condition) else "otherwise")

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Then and otherwise."""
        return {"then": self.then, "otherwise": self.otherwise}

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The condition."""
        return (("condition", self.condition),)

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return (
            f"分岐: {describe(self.condition, lang)}" if lang == "ja" else f"branch: {describe(self.condition, lang)}"
        )


def branch(condition: Predicate, then: Sequence[Step] = (), otherwise: Sequence[Step] = ()) -> Branch:
    """Choose by a predicate: `branch(q.stage == "mql", then=[…], otherwise=[…])`."""
    return Branch(condition, several(then), several(otherwise))
