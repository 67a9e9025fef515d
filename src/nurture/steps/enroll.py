"""The step that begins a run of another scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

import attrs

from nurture.model import Fact, FrozenMapping, Value
from nurture.predicates.tree import Compare, Field
from nurture.steps.acting import Misfire
from nurture.steps.relaying import Relaying, relay
from nurture.steps.step import EffectOrder, FactOrder, Go, Move, Scene, Step

if TYPE_CHECKING:
    from nurture.predicates import Predicate
    from nurture.predicates.terms import FieldTerm


@attrs.frozen(slots=True)
class Enroll(Relaying):
    """Ask for a run of another scenario; its rules of entry have the last word.

    Attributes:
        scenario: Which one.
        key: The run's key; `""` for a scenario without one.
        key_from: The field that holds the key instead.
    """

    kind: ClassVar[str] = "enroll"

    scenario: str
    key: str = ""
    key_from: Field | None = None

    def arrive(self, scene: Scene) -> Move:
        """Ask for it about the subject itself, or about people of the account."""
        if self.people is not None:
            return Relaying.arrive(self, scene)
        asked = FactOrder(Fact.ENROLLMENT_REQUESTED, self._asked(scene), about=self.scenario)
        return Go(orders=(asked,))

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The request, about people."""
        return relay(Fact.ENROLLMENT_REQUESTED, self._asked(scene), people=self.people)

    def _asked(self, scene: Scene) -> FrozenMapping[Value]:
        return FrozenMapping({"scenario": self.scenario, "key": key_of(scene, self.key, self.key_from)})

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

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            whom = "" if self.people is None else f"{self.who(lang)}を"
            return f"{whom}シナリオ「{self.scenario}」に登録する"
        return f"enroll{'' if self.people is None else f' {self.who()}'} in {self.scenario!r}"


def key_of(scene: Scene, key: str, field: Field | None) -> str:
    """The run's key: as it was given, or as the field says."""
    value = key if field is None else scene.value(field)
    return "" if value is None else str(value)


def key_given(key: FieldTerm | str) -> tuple[str, Field | None]:
    """The key as text, or the field that holds it."""
    return (key, None) if isinstance(key, str) else ("", key.field_)


def enroll(
    scenario: str,
    *,
    key: FieldTerm | str = "",
    people: Predicate | None = None,
    if_failed: Sequence[Step] = (),
) -> Enroll:
    """Begin a run of another scenario, and go on; both run side by side.

    Args:
        scenario: Its name.
        key: Its key, or a field that holds it, such as `q.entry.seminar`.
        people: On an account's run: enroll these of its people into a scenario of leads, such as
            `q.lead.role == "IT"`, or `q.everyone`.
        if_failed: With `people`: steps when nobody could be asked; none means to go on.
    """
    text, field = key_given(key)
    misfire = Misfire.SKIP if people is None else Misfire.NOW
    return Enroll(scenario, text, field, people=people, misfire=misfire, if_failed=tuple(if_failed))
