"""A scene of which every part is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import attrs

from nurture.calendar import Civil
from nurture.model import FactId, SubjectId, Touchpoint, Value
from nurture.predicates import Predicate, Touched
from nurture.predicates.tree import Field
from nurture.steps import Duration

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@attrs.frozen
class GivenScene:
    """What a step sees, as the test gives it."""

    now: datetime = NOW
    arrived_at: datetime = NOW
    since: datetime = NOW
    outcome: str | None = None
    reason: str = ""
    turns: int = 0
    visits: int = 1
    stop: str = "stop_1"
    late: timedelta = timedelta(0)
    answers: Mapping[Predicate, bool] = attrs.field(factory=dict)
    turning: Mapping[Predicate, datetime] = attrs.field(factory=dict)
    facts: Mapping[Touched, Touchpoint] = attrs.field(factory=dict)
    words: Sequence[Touchpoint] = ()
    values: Mapping[str, Value] = attrs.field(factory=dict)
    following: datetime | None = None
    under_way: Sequence[str] = ()
    drawn: float = 0.0

    def holds(self, predicate: Predicate) -> bool:
        return self.answers[predicate]

    def flips(self, predicate: Predicate) -> datetime | None:
        return self.turning.get(predicate)

    def first_fact(self, clause: Touched, *, whole_run: bool = False, same: Sequence[str] = ()) -> Touchpoint | None:
        return self.facts.get(clause)

    def word_on(self, kind: str, name: str, value: Value) -> Touchpoint | None:
        said = [one for one in self.words if one.kind == kind and one.properties.get(name) == value]
        return said[0] if said else None

    def value(self, field: Field) -> Value:
        return self.values.get(field.name)

    def own(self, name: str) -> Value:
        return self.values.get(name)

    def later(self, duration: Duration) -> datetime:
        assert not isinstance(duration, Civil)
        return self.arrived_at + duration

    def appointment(self, field: Field, offset: Duration | None = None) -> datetime | None:
        assert not isinstance(offset, Civil)
        value = self.values.get(field.name)
        return value + (offset or timedelta(0)) if isinstance(value, datetime) else None

    def anniversary(self, field: Field, offset: Duration | None = None) -> datetime | None:
        assert not isinstance(offset, Civil)
        value = self.values.get(field.name)
        if not isinstance(value, datetime):
            return None
        kept = (value.replace(year=year) + (offset or timedelta(0)) for year in range(value.year + 1, 2100))
        return next((at for at in kept if at > self.arrived_at - self.late), None)

    def next_appointment(self) -> datetime | None:
        return self.following

    def is_under_way(self, message: str) -> bool:
        return message in self.under_way

    def share(self, name: str) -> float:
        return self.drawn

    def content(self, message: str) -> str:
        return f"cont_{message}"


def after(length: timedelta, **given: object) -> GivenScene:
    """The same scene some time after the arrival."""
    return GivenScene(now=NOW + length, **given)  # type: ignore[arg-type]


def fact(kind: str, at: datetime = NOW, **properties: Value) -> Touchpoint:
    """A fact about somebody."""
    about = SubjectId("lead_1")
    return Touchpoint(id=FactId("fact_1"), subject=about, kind=kind, at=at, received_at=at, properties=properties)
