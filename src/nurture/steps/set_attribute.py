"""The step that sets an attribute of the subject."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from nurture.model import Value, clean_value
from nurture.steps.step import Go, Move, Scene, Step, ValueOrder


@attrs.frozen(slots=True)
class SetAttribute(Step):
    """Set a custom attribute; the change is a fact like any other.

    Attributes:
        name: A custom attribute that the program declares.
        value: What to set; None clears it.
    """

    kind: ClassVar[str] = "set_attribute"

    name: str
    value: Value = None

    def arrive(self, scene: Scene) -> Move:
        """Set it and go on."""
        return Go(orders=(ValueOrder(self.name, self.value),))

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The attribute."""
        return (("attribute", self.name),)

    def sets(self) -> Iterable[tuple[str, Value]]:
        """The attribute and its new value."""
        return ((self.name, self.value),)

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"属性「{self.name}」を設定する" if lang == "ja" else f"set {self.name} to {self.value!r}"


def set_attribute(name: str, value: object) -> SetAttribute:
    """Set a custom attribute of the subject."""
    return SetAttribute(name, clean_value(value, f"set_attribute.{name}"))
