"""The step that ends the runs of another scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

import attrs

from nurture.model import Fact, FrozenMapping, Value
from nurture.predicates.tree import Compare, Field
from nurture.steps.acting import Misfire
from nurture.steps.enroll import key_given, key_of
from nurture.steps.relaying import Relaying, relay
from nurture.steps.step import EffectOrder, FactOrder, Go, Move, Scene, Step

if TYPE_CHECKING:
    from nurture.predicates import Predicate
    from nurture.predicates.terms import FieldTerm


@attrs.frozen(slots=True)
class Withdraw(Relaying):
    """End the active runs of another scenario; what they asked for and nobody claimed yet is cancelled.

    Attributes:
        scenario: Which one.
        key: Only the run with this key; `""` is all of them.
        key_from: The field that holds the key instead.
        reason: Kept with the runs; `""` names the scenario that did it.
    """

    kind: ClassVar[str] = "withdraw"

    scenario: str
    key: str = ""
    key_from: Field | None = None
    reason: str = ""

    def arrive(self, scene: Scene) -> Move:
        """End those of the subject itself, or of people of the account."""
        if self.people is not None:
            return Relaying.arrive(self, scene)
        asked = FactOrder(Fact.WITHDRAWAL_REQUESTED, self._asked(scene), about=self.scenario)
        return Go(orders=(asked,))

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The request, about people."""
        return relay(Fact.WITHDRAWAL_REQUESTED, self._asked(scene), people=self.people)

    def _asked(self, scene: Scene) -> FrozenMapping[Value]:
        key = key_of(scene, self.key, self.key_from)
        return FrozenMapping({"scenario": self.scenario, "key": key, "reason": self.reason or "another scenario"})

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
            return f"{whom}シナリオ「{self.scenario}」から外す"
        return f"withdraw{'' if self.people is None else f' {self.who()}'} from {self.scenario!r}"


def withdraw(
    scenario: str,
    *,
    key: FieldTerm | str = "",
    reason: str = "",
    people: Predicate | None = None,
    if_failed: Sequence[Step] = (),
) -> Withdraw:
    """End the active runs of another scenario, and go on.

    Args:
        scenario: Its name.
        key: Only the run with this key, or a field that holds it; `""` is all of them.
        reason: Kept with the runs.
        people: On an account's run: those of these of its people, such as `q.lead.role == "IT"`, or `q.everyone`.
        if_failed: With `people`: steps when nobody could be asked; none means to go on.
    """
    text, field = key_given(key)
    misfire = Misfire.SKIP if people is None else Misfire.NOW
    return Withdraw(scenario, text, field, reason, people=people, misfire=misfire, if_failed=tuple(if_failed))
