"""What a step sees when it decides: one enrollment at one moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from nurture import calendar
from nurture.model import effect_key
from nurture.predicates import Predicate, Touched, compile_fact

if TYPE_CHECKING:
    from nurture.decisions.compiling import CompiledScenario
    from nurture.decisions.run import Run
    from nurture.decisions.work import Work
    from nurture.model import Touchpoint
    from nurture.steps import Duration


class EnrollmentScene:
    """The `Scene` of one enrollment at the step where it is."""

    __slots__ = ("arrived_at", "compiled", "now", "outcome", "run", "since", "work")

    def __init__(self, work: Work, run: Run, compiled: CompiledScenario, outcome: str | None) -> None:
        self.work = work
        self.compiled = compiled
        self.run = run
        self.now: datetime = work.moment
        self.arrived_at: datetime = run.path[-1].at if run.path else run.started_at
        self.since: datetime = run.since or self.arrived_at
        self.outcome = outcome

    def holds(self, predicate: Predicate) -> bool:
        """Whether the predicate holds now."""
        return self.work.plan.question(self.compiled, predicate).holds(self.work.sight, self.now)

    def first_fact(self, clause: Touched) -> str | None:
        """The earliest fact known since `since` that the clause describes."""
        matches = self.compiled.facts.get(clause)
        if matches is None:
            matches = self.compiled.facts[clause] = compile_fact(clause)
        found = [fact for fact in self._since(clause.exact_kind) if matches(fact) and self._concerns(fact)]
        return min(found, key=_moment_of).id if found else None

    def _concerns(self, fact: Touchpoint) -> bool:
        """Whether a fact that an effect brought about was brought about by one of this run."""
        if fact.cause is None:
            return True
        run = self.run
        return any(
            fact.cause == effect_key(self.work.tenant, run.id, visit.step, index)
            for index, visit in enumerate(run.path)
        )

    def _since(self, kind: str | None) -> Iterable[Touchpoint]:
        touches = self.work.sight.touches
        groups = touches.values() if kind is None else (touches.get(kind, ()),)
        since = self.since
        return (fact for group in groups for fact in group if fact.at >= since or fact.received_at >= since)

    def later(self, duration: Duration) -> datetime:
        """The arrival plus the duration; civil ones in the subject's zone, else the program's."""
        if isinstance(duration, timedelta):
            return self.arrived_at + duration
        program = self.work.plan.program
        zone = calendar.zone(zone_of(self.work.values.get("zone"), program.zone))
        return calendar.add(duration, self.arrived_at, zone, program.calendar)

    def share(self, name: str) -> float:
        """A number in [0, 1) that depends on subject, scenario and name alone."""
        text = f"{self.work.subject_id}\x1f{self.run.scenario}\x1f{name}"
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def zone_of(own: object, default: str) -> str:
    """The subject's zone if it has a known one, else the default."""
    if isinstance(own, str) and own in calendar.zone_names():
        return own
    return default


def _moment_of(fact: Touchpoint) -> tuple[datetime, str]:
    return (max(fact.at, fact.received_at), fact.id)
