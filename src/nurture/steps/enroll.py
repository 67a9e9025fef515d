"""The step that begins a run of another scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import attrs

from nurture.model import Fact
from nurture.steps.about_scenario import AboutScenario, key_given
from nurture.steps.acting import Misfire

if TYPE_CHECKING:
    from nurture.predicates import Predicate
    from nurture.predicates.terms import FieldTerm
    from nurture.steps.step import Step


@attrs.frozen(slots=True)
class Enroll(AboutScenario):
    """Ask for a run of another scenario; its rules of entry have the last word."""

    kind: ClassVar[str] = "enroll"
    request: ClassVar[str] = Fact.ENROLLMENT_REQUESTED

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            whom = "" if self.people is None else f"{self.who(lang)}を"
            return f"{whom}シナリオ「{self.scenario}」に登録する"
        return f"enroll{'' if self.people is None else f' {self.who()}'} in {self.scenario!r}"


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
    return Enroll(scenario, text, field, people=people, misfire=misfire, if_failed=if_failed)
