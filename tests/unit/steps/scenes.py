"""A scene of which every part is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import attrs

from nurture.calendar import Civil
from nurture.predicates import Predicate, Touched
from nurture.steps import Duration

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@attrs.frozen
class GivenScene:
    """What a step sees, as the test gives it."""

    now: datetime = NOW
    arrived_at: datetime = NOW
    since: datetime = NOW
    outcome: str | None = None
    answers: Mapping[Predicate, bool] = attrs.field(factory=dict)
    fact: str | None = None
    drawn: float = 0.0

    def holds(self, predicate: Predicate) -> bool:
        return self.answers[predicate]

    def first_fact(self, clause: Touched) -> str | None:
        return self.fact

    def later(self, duration: Duration) -> datetime:
        assert not isinstance(duration, Civil)
        return self.arrived_at + duration

    def share(self, name: str) -> float:
        return self.drawn


def after(length: timedelta, **given: object) -> GivenScene:
    """The same scene some time after the arrival."""
    return GivenScene(now=NOW + length, **given)  # type: ignore[arg-type]
