"""What the steps share that ask for something about another scenario: to begin a run of it, or to end its runs.

May import predicates, model, errors and what steps that concern others are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

import attrs

from nurture.model import FrozenMapping, Value
from nurture.predicates.terms import field_of
from nurture.predicates.tree import Compare, Field
from nurture.steps.relaying import Relaying, relay
from nurture.steps.step import EffectOrder, FactOrder, Go, Move, Scene

if TYPE_CHECKING:
    from nurture.predicates import Predicate
    from nurture.predicates.terms import FieldTerm


@attrs.frozen(slots=True)
class AboutScenario(Relaying):
    """A step that asks for something about another scenario, of the subject itself or of people of the account.

    Attributes:
        scenario: Which one.
        key: The run's key.
        key_from: The field that holds the key instead.
    """

    request: ClassVar[str] = ""
    """The kind of the fact by which it asks."""

    scenario: str
    key: str = ""
    key_from: Field | None = None

    def arrive(self, scene: Scene) -> Move:
        """Ask for it about the subject itself, or about people of the account."""
        if self.people is not None:
            return Relaying.arrive(self, scene)
        return Go(orders=(FactOrder(self.request, self.said(scene), about=self.scenario),))

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The request, about people."""
        return relay(self.request, self.said(scene), people=self.people)

    def said(self, scene: Scene) -> Mapping[str, Value]:
        """What the request says."""
        value = self.key if self.key_from is None else scene.value(self.key_from)
        return FrozenMapping({"scenario": self.scenario, "key": "" if value is None else str(value)})

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The scenario."""
        return (("scenario" if self.people is None else "lead_scenario", self.scenario),)

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The field that holds the key."""
        return () if self.key_from is None else (("key", Compare(self.key_from, "missing")),)

    def problems(self) -> Iterable[str]:
        """The key is given in one way."""
        yield from Relaying.problems(self)
        if self.key and self.key_from is not None:
            yield "key: is given, and read from a field; expected one of them"


def key_given(key: FieldTerm | str) -> tuple[str, Field | None]:
    """The key as text, or the field that holds it.

    Raises:
        DefinitionError: It is neither.
    """
    return (key, None) if isinstance(key, str) else ("", field_of(key, "key"))
