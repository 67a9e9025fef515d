"""The step that ends the runs of another scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import attrs

from nurture.model import Fact, FrozenMapping, Value
from nurture.steps.about_scenario import AboutScenario, key_given
from nurture.steps.acting import Misfire

if TYPE_CHECKING:
    from nurture.predicates import Predicate
    from nurture.predicates.terms import FieldTerm
    from nurture.steps.step import Scene, Step


@attrs.frozen(slots=True)
class Withdraw(AboutScenario):
    """End the active runs of another scenario; what they asked for and nobody claimed yet is cancelled.

    Without a key all of them end.

    Attributes:
        reason: Kept with the runs; `""` names the scenario that did it.
    """

    kind: ClassVar[str] = "withdraw"
    request: ClassVar[str] = Fact.WITHDRAWAL_REQUESTED

    reason: str = ""

    def said(self, scene: Scene) -> Mapping[str, Value]:
        """What the request says, with the reason."""
        return FrozenMapping({**AboutScenario.said(self, scene), "reason": self.reason or "another scenario"})

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
    return Withdraw(scenario, text, field, reason, people=people, misfire=misfire, if_failed=if_failed)
