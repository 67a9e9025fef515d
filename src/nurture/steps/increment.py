"""The step that adds to a number that is kept about the subject."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, ClassVar, Final, cast

import attrs

from nurture.errors import DefinitionError
from nurture.steps.step import Go, Move, Scene, Step, ValueOrder

if TYPE_CHECKING:
    from nurture.model import Value

MOST: Final = 1e9


@attrs.frozen(slots=True)
class Increment(Step):
    """Add to a custom attribute that holds a number; one without a value counts as zero.

    Attributes:
        name: A custom attribute that the program declares, of type `integer` or `number`.
        by: How much; negative to take away. An attribute of whole numbers takes whole numbers.
    """

    kind: ClassVar[str] = "increment"

    name: str
    by: int | float = 1

    def arrive(self, scene: Scene) -> Move:
        """Add, and go on."""
        known = scene.own(self.name)
        before = known if isinstance(known, (int, float)) and not isinstance(known, bool) else 0
        after = before + self.by
        if not abs(after) < 2**62:
            return Go(saw={"refused": "too_large"})
        return Go(orders=(ValueOrder(self.name, after),))

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The attribute."""
        return (("attribute", self.name),)

    def sets(self) -> Iterable[tuple[str, Value]]:
        """The attribute, with a value of the type that it will have."""
        return ((self.name, self.by),)

    def problems(self) -> Iterable[str]:
        """It adds something."""
        if self.by == 0 or not isfinite(self.by) or abs(self.by) > MOST:
            yield f"by: expected a number other than 0, of at most {MOST:g} either way"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"「{self.name}」に{self.by:+g}を加える" if lang == "ja" else f"add {self.by:+g} to {self.name}"


def increment(name: str, by: int | float = 1) -> Increment:
    """Add to a number: `increment("calls")`, `increment("credit", by=-2.5)`.

    Raises:
        DefinitionError: `by` is no number.
    """
    if isinstance(by, bool) or not isinstance(cast("object", by), (int, float)):
        raise DefinitionError(f"increment.{name}: expected a number, found {type(by).__name__}")
    return Increment(name, by)
