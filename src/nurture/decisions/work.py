"""The workbench of one decision: what is known, what has been decided so far, what is still to be asked.

Mutable, and seen by nobody outside this room; `advance` makes one, walks it through the moments and
reads the result off it. Pure: no clock, no I/O, no randomness.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar, cast

import attrs

from nurture.decisions.run import Run
from nurture.model import (
    EMPTY,
    Account,
    DecisionRecord,
    Dossier,
    Effect,
    Enrollment,
    EnrollmentState,
    Fact,
    FrozenMapping,
    Lead,
    Note,
    Origin,
    ScoreState,
    Sight,
    Standing,
    Telling,
    Touchpoint,
    Value,
    account_values,
    fact_id,
    frozen,
)
from nurture.model.dossier import grouped

if TYPE_CHECKING:
    from nurture.decisions.compiling import CompiledScenario
    from nurture.decisions.plan import Plan

V = TypeVar("V")
MICROSECOND = timedelta(microseconds=1)


@attrs.frozen(slots=True, kw_only=True)
class Decision:
    """What was decided about a subject; committed together or not at all.

    Attributes:
        standing: Where the subject stands now; None when there was nothing to decide.
        subject: The changed lead or account; None when it did not change.
        facts: New facts, born seen.
        effects: New effects, and those that were cancelled.
        records: What was decided at each moment, and why.
        folded: The inbox rows that were taken in, by fact.
        moments: How many moments were decided.
        more: Whether it stopped at the stated number of moments, with others still before `now`.
    """

    standing: Standing | None
    subject: Lead | Account | None = None
    facts: tuple[Touchpoint, ...] = ()
    effects: tuple[Effect, ...] = ()
    records: tuple[DecisionRecord, ...] = ()
    folded: tuple[str, ...] = ()
    moments: int = 0
    more: bool = False


class Work:
    """One subject on the workbench.

    Most moments are a timer of one subject and touch little, so nothing is laid out before it is needed.
    """

    stage: str | None = None
    telling: Telling | None = None
    dead: str | None = None
    answers_moved = False
    rolling = False
    _owns_values = False

    def __init__(self, plan: Plan, dossier: Dossier) -> None:
        subject, standing = dossier.subject, dossier.standing
        self.plan = plan
        self.dossier = dossier
        self.tenant = dossier.tenant
        self.subject: Lead | Account = subject
        self.subject_id: str = subject.id
        self.is_lead = isinstance(subject, Lead)
        self.values: Mapping[str, Value] = subject.values if isinstance(subject, Lead) else account_values(subject)
        self.changed_fields: dict[str, Value] = {}
        self.reach = plan.reach
        self.runs: list[Run | Enrollment] = []
        self.is_new = standing is None
        if standing is None:
            self.moment: datetime = subject.created_at
            self.scores: dict[str, ScoreState] = {}
            self.memberships: dict[str, datetime] = {}
            self.agenda: dict[str, datetime] = {}
            self.account: dict[str, Value] = {}
        else:
            self.moment = standing.advanced_to or subject.created_at
            self.scores = dict(standing.scores)
            self.memberships = dict(standing.memberships)
            self.agenda = dict(standing.agenda)
            self.account = dict(standing.account)
            self.stage = standing.stage
            self.telling = standing.telling
            if standing.enrollments:
                self._take_up(standing.enrollments)
        self.sight = Sight(
            lead=self.values if self.is_lead else EMPTY,
            account=self.account if self.is_lead else self.values,
            touches=grouped(dossier.facts) if dossier.facts else {},
            stage=self.stage,
            stage_since=standing.stage_since if standing else None,
            scores=self.scores,
            memberships=self.memberships,
        )
        # what this decision writes
        self.facts: list[Touchpoint] = []
        self.effects: dict[str, Effect] = {}
        self.open_effects: dict[str, Effect] = {effect.id: effect for effect in dossier.effects}
        self.records: list[DecisionRecord] = []
        self.folded: list[str] = []

    def _take_up(self, enrollments: Iterable[Enrollment]) -> None:
        """Make the active runs ready for work; the ended ones stay as they are."""
        plan = self.plan
        for one in enrollments:
            if one.state is not EnrollmentState.ACTIVE:
                self.runs.append(one)
                continue
            self.runs.append(Run.of(one))
            if one.version not in plan.versions:
                active = [run.version for run in self.runs if isinstance(run, Run)]
                self.reach = plan.reach_with(active, self.dossier.definitions)

    def active_runs(self) -> list[Run]:
        """The runs that are under way, in the order in which they began."""
        return [run for run in self.runs if isinstance(run, Run) and run.state is EnrollmentState.ACTIVE]

    def own_values(self) -> dict[str, Value]:
        """The subject's values, to be changed; what predicates see is changed with them."""
        values = self.values
        if not self._owns_values:
            self.values = values = dict(values)
            if self.is_lead:
                self.sight.lead = values
            else:
                self.sight.account = values
            self._owns_values = True
        return cast("dict[str, Value]", values)

    def open_moment(self, moment: datetime) -> None:
        """Begin to decide a moment: whatever time alone may have changed by now must be asked again."""
        self.moment = moment
        self.notes: list[Note] = []
        self.causes: list[str] = []
        self.emitted: list[Touchpoint] = []
        self.fresh: list[Touchpoint] = []
        self.requests: list[Touchpoint] = []
        self.receipts: dict[str, Touchpoint] = {}
        self.dirty: set[str] = set()
        self.touched: set[str] = set()
        self.flipped: set[str] = set()
        self.due_steps: set[str] = set()
        self.held: set[str] = set() if self.stage is None else {self.stage}
        for name, at in self.agenda.items():
            if at <= moment:
                (self.due_steps if name.startswith("step:") else self.dirty).add(name)
        if self.is_new:
            self.dirty |= self.plan.static

    def close_moment(self) -> None:
        """End a moment in which something was decided: keep its record."""
        at = self.moment
        self.records.append(
            DecisionRecord(
                id=f"{self.subject_id}@{at.isoformat()}",
                subject=self.dossier.subject.id,
                at=at,
                causes=tuple(self.causes),
                notes=tuple(self.notes),
            )
        )

    def note(self, what: str, name: str, outcome: str, clause: str = "", saw: Mapping[str, Value] = EMPTY) -> None:
        """Keep what was decided, and why."""
        self.notes.append(Note(what, name, outcome, clause, frozen(saw)))

    def emit(self, kind: Fact, about: str, properties: Mapping[str, Value], cause: str = "") -> Touchpoint:
        """A fact of our own, at this moment; it is folded in the next round and is born seen.

        Args:
            kind: What happened.
            about: What tells it apart from others of its kind at this moment.
            properties: What is known about it.
            cause: The fact that brought it about, if one did; part of its id.
        """
        at = self.moment
        fact = Touchpoint(
            id=fact_id(self.tenant, self.subject_id, f"{kind}:{about}:{cause}:{at.isoformat()}"),
            subject=self.dossier.subject.id,
            kind=kind,
            at=at,
            received_at=at,
            origin=Origin.ENGINE,
            properties=FrozenMapping(properties),
        )
        self.facts.append(fact)
        self.emitted.append(fact)
        return fact

    def asked(self, watch: str) -> bool:
        """Whether a question must be asked now; asking it takes it off the list, and puts it up for its next date."""
        if watch not in self.dirty:
            return False
        self.dirty.discard(watch)
        self.touched.add(watch)
        return True

    def is_step_due(self, watch: str) -> bool:
        """Whether the time of a run's step has come in this moment; told once."""
        if watch in self.due_steps:
            self.due_steps.discard(watch)
            return True
        return False

    def take(self, watches: frozenset[str]) -> Iterable[str]:
        """Those of the watches that must be asked now, in the order of the program; asking takes them off the list."""
        asked = self.dirty & watches
        if not asked:
            return ()
        self.dirty -= asked
        self.touched |= asked
        return sorted(asked, key=self.plan.order.__getitem__) if len(asked) > 1 else asked

    def schedule(self, name: str, at: datetime | None) -> None:
        """Put a question on the agenda, or take it off."""
        if at is None:
            self.agenda.pop(name, None)
        else:
            self.agenda[name] = at

    def compiled(self, run: Run | Enrollment) -> CompiledScenario | None:
        """The version of the scenario that a run is pinned to."""
        return self.plan.scenario(run.version, self.dossier.definitions)

    def set_value(self, name: str, value: Value) -> None:
        """Change a value of the subject as predicates see it, and ask again whoever reads it."""
        values = self.own_values()
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
        if self.is_lead:
            self.dirty |= self.plan.by_lead_field.get(name, frozenset())
        else:
            self.dirty |= self.plan.by_account_field.get(name, frozenset())
            self.answers_moved |= name in self.plan.told_fields

    def result(self, moments: int, *, more: bool = False) -> Decision:
        """What has been decided."""
        return Decision(
            standing=self._standing(),
            subject=self._changed_subject(),
            facts=tuple(self.facts),
            effects=tuple(self.effects.values()),
            records=tuple(self.records),
            folded=tuple(self.folded),
            moments=moments,
            more=more,
        )

    def _standing(self) -> Standing:
        old = self.dossier.standing
        due_at = min(self.agenda.values()) if self.agenda else None
        if self.telling is not None:
            due_at = self.moment if due_at is None else min(due_at, self.moment)
        return Standing(
            subject=self.dossier.subject.id,
            version=old.version + 1 if old else 1,
            program=self.plan.fingerprint,
            stage=self.stage,
            stage_since=self.sight.stage_since,
            scores=_same(old.scores if old else None, self.scores),
            memberships=_same(old.memberships if old else None, self.memberships),
            enrollments=_kept(self.runs),
            account=_same(old.account if old else None, self.account),
            agenda=FrozenMapping(self.agenda),
            advanced_to=self.moment,
            due_at=None if self.dead else due_at,
            telling=self.telling,
            dead=self.dead,
        )

    def _changed_subject(self) -> Lead | Account | None:
        if not self.changed_fields:
            return None
        subject = self.dossier.subject
        attributes = dict(subject.attributes)
        builtin: dict[str, Value] = {}
        for name, value in self.changed_fields.items():
            if name == "tags":
                builtin[name] = value or ()
            elif value is None:
                attributes.pop(name, None)
            else:
                attributes[name] = value
        return attrs.evolve(subject, version=subject.version + 1, attributes=FrozenMapping(attributes), **builtin)  # type: ignore[arg-type]


def _same(old: Mapping[str, V] | None, new: dict[str, V]) -> Mapping[str, V]:
    """The old mapping when nothing in it changed, else the new one, frozen."""
    return old if old is not None and old == new else FrozenMapping(new)


def _kept(runs: Iterable[Run | Enrollment]) -> tuple[Enrollment, ...]:
    """The active runs, and of the ended ones the newest of each scenario and key."""
    kept: list[Enrollment] = []
    ended: dict[tuple[str, str], Enrollment] = {}
    for one in runs:
        if one.state is EnrollmentState.ACTIVE:
            kept.append(one.frozen() if isinstance(one, Run) else one)
        else:
            ended[one.scenario, one.run_key] = one.frozen() if isinstance(one, Run) else one
    if not ended:
        return tuple(kept)
    return (*(ended[key] for key in sorted(ended)), *kept)
