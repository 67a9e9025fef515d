"""What a step sees when it decides: one enrollment at one moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from nurture import calendar
from nurture.decisions.zones import ZONE, whose_zone
from nurture.errors import InvalidFactError
from nurture.model import Origin, digest, effect_key
from nurture.predicates import Predicate, Touched, compile_fact
from nurture.predicates.tree import Owner
from nurture.program.entry import OnDate
from nurture.steps import NEXT

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.decisions.compiling import CompiledScenario
    from nurture.decisions.run import Run
    from nurture.decisions.work import Work
    from nurture.model import EffectId, Enrollment, Touchpoint, Value
    from nurture.predicates.tree import Field
    from nurture.steps import Duration


MOST_TRIES = 10
"""So many effects a stop on an older version may have asked for, whose step is not at hand any more."""


class EnrollmentScene:
    """The `Scene` of one enrollment at the step where it is."""

    __slots__ = ("arrived_at", "compiled", "now", "outcome", "receipt", "run", "since", "work")

    def __init__(self, work: Work, run: Run, compiled: CompiledScenario, receipt: Touchpoint | None) -> None:
        self.work = work
        self.compiled = compiled
        self.run = run
        self.receipt = receipt
        self.now: datetime = work.moment
        self.arrived_at: datetime = run.path[-1].at if run.path else run.started_at
        self.since: datetime = run.since or self.arrived_at
        self.outcome = None if receipt is None else receipt.kind.rpartition(".")[2]

    @property
    def reason(self) -> str:
        """Why the effect was refused or failed, in a word."""
        return "" if self.receipt is None else str(self.receipt.properties.get("reason", ""))

    @property
    def turns(self) -> int:
        """How many effects this stop has asked for so far."""
        return self.run.turns

    @property
    def visits(self) -> int:
        """How often the enrollment has come to this step, this time included."""
        here = self.run.path[-1].step
        return sum(visit.step == here for visit in self.run.path[self.run.moved :])

    @property
    def stop(self) -> str:
        """The id of this stop."""
        return stop_of(self.work.tenant, self.run)

    @property
    def late(self) -> timedelta:
        """How much later than planned the enrollment came here."""
        return self.run.late

    def holds(self, predicate: Predicate) -> bool:
        """Whether the predicate holds now."""
        with_entry(self.work, self.run)
        return self.work.plan.question(self.compiled, predicate).holds(self.work.sight, self.now)

    def flips(self, predicate: Predicate) -> datetime | None:
        """The earliest later instant at which time alone may change whether it holds."""
        with_entry(self.work, self.run)
        return self.work.plan.question(self.compiled, predicate).flips(self.work.sight, self.now)

    def first_fact(self, clause: Touched, *, whole_run: bool = False, same: Sequence[str] = ()) -> Touchpoint | None:
        """The earliest fact known since `since`, or since the run began, that the clause describes."""
        matches = self.compiled.facts.get(clause)
        if matches is None:
            matches = self.compiled.facts[clause] = compile_fact(clause)
        since = self.run.started_at if whole_run else self.since
        answered = () if whole_run else self.work.answered
        # What was known on arrival was asked then; had it been an answer to this step, the run would not be here.
        asked_before = None if whole_run or self.now == self.arrived_at else self.arrived_at
        found = [
            fact
            for fact in self._since(since, clause.exact_kind)
            if matches(fact, self.run.entry)
            and fact.id != self.run.cause
            and (self.run.id, fact.id) not in answered
            and _moment_of(fact)[0] != asked_before
            and self._concerns(fact)
            and all(self._is_same(fact, name) for name in same)
        ]
        return min(found, key=_moment_of) if found else None

    def word_on(self, kind: str, name: str, value: Value) -> Touchpoint | None:
        """The first fact of that kind since the arrival that has this value under this name."""
        facts = (*self._since(self.arrived_at, kind), *self.work.emitted)  # the latter are folded in the next round
        said = [fact for fact in facts if fact.kind == kind and fact.properties.get(name) == value]
        return min(said, key=_moment_of) if said else None

    def _is_same(self, fact: Touchpoint, name: str) -> bool:
        value = fact.properties.get(name)
        if value is None:
            return False
        return (
            str(value) == self.run.run_key if name == self.compiled.scenario.key else value == self.run.entry.get(name)
        )

    def _concerns(self, fact: Touchpoint) -> bool:
        """Whether a fact that an effect brought about was brought about by one of this run."""
        if fact.cause is None:
            return True
        run, nodes = self.run, self.compiled.flow.nodes
        return any(
            fact.cause == effect_key(self.work.tenant, run.id, turn_of(visit.step, turn), index)
            for index, visit in enumerate(run.path)
            for turn in range(nodes[visit.step].step.tries() if index >= run.moved else MOST_TRIES)
        )

    def _since(self, since: datetime, kind: str | None) -> Iterable[Touchpoint]:
        touches = self.work.sight.touches
        groups = touches.values() if kind is None else (touches.get(kind, ()),)
        return (fact for group in groups for fact in group if fact.at >= since or fact.received_at >= since)

    def value(self, field: Field) -> Value:
        """The value of a field of the lead, of the account, or of the entry, as it is now."""
        if field.owner is Owner.ENTRY:
            return self.run.entry.get(field.name)
        sight = self.work.sight
        return (sight.lead if field.owner is Owner.LEAD else sight.account).get(field.name)

    def own(self, name: str) -> Value:
        """The value of a field or an attribute of the subject itself, as it is now."""
        return self.work.values.get(name)

    def later(self, duration: Duration) -> datetime:
        """The arrival plus the duration; civil ones in the subject's zone, else the program's."""
        return self._after(self.arrived_at, duration)

    def appointment(self, field: Field, offset: Duration | None = None) -> datetime | None:
        """The instant that a field names, plus an offset, moved with the run."""
        value = self.value(field)
        if not isinstance(value, date):
            return None
        try:
            start = value if isinstance(value, datetime) else self._midnight(value)
            meant = start if offset is None else self._after(start, offset)
            return meant + self.run.shift
        except (OverflowError, InvalidFactError):  # beyond the years that can be counted
            return None

    def anniversary(self, field: Field, offset: Duration | None = None) -> datetime | None:
        """The first anniversary of what a field names, plus an offset, after the run was to come here."""
        after = self.arrived_at - self.late
        date_of = OnDate(field=field, offset=offset, yearly=True)
        try:
            near = after - self.run.shift
            found = date_of.appointments(self.value(field), near, self._zone(), self.work.plan.program.calendar)
            return min((at + self.run.shift for at, _ in found if at > near), default=None)
        except OverflowError:  # it was moved beyond the years that can be counted
            return None

    def _midnight(self, day: date) -> datetime:
        return calendar.localize(datetime.combine(day, time(0)), self._zone())

    def next_appointment(self) -> datetime | None:
        """The instant of the next step below that waits until an appointment."""
        nodes = self.compiled.flow.nodes
        address = nodes[self.run.path[-1].step].ways.get(NEXT)
        for _ in range(len(nodes)):
            if address is None:
                return None
            found = nodes[address].step.appointment(self)
            if found is not None:
                return found
            address = nodes[address].ways.get(NEXT)
        return None

    def _after(self, start: datetime, duration: Duration) -> datetime:
        if isinstance(duration, timedelta):
            return start + duration
        return calendar.add(duration, start, self._zone(), self.work.plan.program.calendar)

    def _zone(self) -> ZoneInfo:
        sight = self.work.sight
        found = whose_zone(sight.lead.get(ZONE), sight.account.get(ZONE), self.work.plan.program.zone)
        self.work.located = found
        return found.zone

    def content(self, message: str) -> str:
        """The hash of what a message says now."""
        from nurture.program.codec import content_of  # it loads cattrs, which few need

        return content_of(self.work.plan.program, message)

    def is_under_way(self, message: str) -> bool:
        """Whether a run of this subject waits for this message to settle."""
        open_effects = [run.effect for run in self.work.active_runs() if run.effect is not None]
        return any(one not in self.work.receipts and self._name_of(one) == message for one in open_effects)

    def _name_of(self, effect: EffectId) -> Value:
        """What an effect sends; one that settled in a later moment is known by its receipt alone."""
        work = self.work
        known = work.effects.get(effect) or work.open_effects.get(effect)
        if known is not None:
            return known.name
        receipts = (pending.fact for pending in work.dossier.inbox if pending.fact.cause == effect)
        return next((fact.properties.get("name") for fact in receipts if fact.origin is Origin.ENGINE), None)

    def share(self, name: str) -> float:
        """A number in [0, 1) that depends on subject, scenario and name alone."""
        text = f"{self.work.subject_id}\x1f{self.run.scenario}\x1f{name}"
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def with_entry(work: Work, run: Run) -> None:
    """Let predicates see what began this run, in place of what began another."""
    work.sight.entry = run.entry


def stop_of(tenant: str, run: Run | Enrollment) -> str:
    """The id of the stop at which a run is; it names tasks and approvals."""
    return run.stop or digest("stop", tenant, run.id, run.path[-1].step, str(len(run.path) - 1))


def turn_of(step: str, turn: int) -> str:
    """What stands for the step in the key of the effect that a turn asks for; for the first, the step itself."""
    return f"{step}~{turn}" if turn else step


def zone_of(own: object, default: str, account: object = None) -> str:
    """The name of a lead's zone, else of the one that its account told it, else the default."""
    return whose_zone(own, account, default).name


def _moment_of(fact: Touchpoint) -> tuple[datetime, str]:
    return (max(fact.at, fact.received_at), fact.id)
