"""The workbench of one decision: what is known, what has been decided so far, what is still to be asked.

Mutable, and seen by nobody outside this room; `advance` makes one, walks it through the moments and
reads the result off it. Pure: no clock, no I/O, no randomness.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import attrs

from nurture.decisions.run import Run
from nurture.model import (
    EMPTY,
    Account,
    DecisionRecord,
    Dossier,
    Effect,
    Enrollment,
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
    lead_values,
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
    """One subject on the workbench."""

    def __init__(self, plan: Plan, dossier: Dossier) -> None:
        standing = dossier.standing
        self.plan = plan
        self.dossier = dossier
        self.tenant = dossier.tenant
        self.subject: Lead | Account = dossier.subject
        self.subject_id: str = dossier.subject.id
        self.values: dict[str, Value] = (
            lead_values(dossier.subject) if isinstance(dossier.subject, Lead) else account_values(dossier.subject)
        )
        self.changed_fields: dict[str, Value] = {}
        self.moment: datetime = standing.advanced_to if standing and standing.advanced_to else _before(dossier)
        self.scores: dict[str, ScoreState] = dict(standing.scores) if standing else {}
        self.memberships: dict[str, datetime] = dict(standing.memberships) if standing else {}
        self.runs: list[Run] = [Run.of(one) for one in standing.enrollments] if standing else []
        self.reach = plan.reach_with((run.version for run in self.runs if run.is_active), dossier.definitions)
        self.agenda: dict[str, datetime] = dict(standing.agenda) if standing else {}
        self.account: dict[str, Value] = dict(standing.account) if standing else {}
        self.stage: str | None = standing.stage if standing else None
        self.telling: Telling | None = standing.telling if standing else None
        self.dead: str | None = None
        self.answers_moved = False
        self.is_new = standing is None
        self.rolling = False
        self.sight = self._sight(standing)
        # what this decision writes
        self.facts: list[Touchpoint] = []
        self.effects: dict[str, Effect] = {}
        self.open_effects: dict[str, Effect] = {effect.id: effect for effect in dossier.effects}
        self.records: list[DecisionRecord] = []
        self.folded: list[str] = []
        self._clear()

    def _sight(self, standing: Standing | None) -> Sight:
        is_lead = isinstance(self.subject, Lead)
        return Sight(
            lead=self.values if is_lead else EMPTY,
            account=self.account if is_lead else self.values,
            touches=grouped(self.dossier.facts),
            stage=self.stage,
            stage_since=standing.stage_since if standing else None,
            scores=self.scores,
            memberships=self.memberships,
        )

    def open_moment(self, moment: datetime) -> None:
        """Begin to decide a moment: whatever time alone may have changed by now must be asked again."""
        self.moment = moment
        self._clear()
        self.dirty.update([name for name, at in self.agenda.items() if at <= moment])
        if self.is_new:
            self.dirty |= self.plan.static

    def _clear(self) -> None:
        """Forget what concerned the moment before."""
        self.notes: list[Note] = []
        self.causes: list[str] = []
        self.emitted: list[Touchpoint] = []
        self.fresh: list[Touchpoint] = []
        self.requests: list[Touchpoint] = []
        self.dirty: set[str] = set()
        self.touched: set[str] = set()
        self.held: set[str] = {self.stage} if self.stage is not None else set()
        self.flipped: set[str] = set()
        self.receipts: dict[str, Touchpoint] = {}

    def close_moment(self) -> None:
        """End a moment: keep its record, if anything was decided."""
        if self.notes:
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

    def compiled(self, run: Run) -> CompiledScenario | None:
        """The version of the scenario that a run is pinned to."""
        return self.plan.scenario(run.version, self.dossier.definitions)

    def set_value(self, name: str, value: Value) -> None:
        """Change a value of the subject as predicates see it, and ask again whoever reads it."""
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value
        if isinstance(self.subject, Lead):
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


def _before(dossier: Dossier) -> datetime:
    return dossier.subject.created_at


def _kept(runs: Iterable[Run]) -> tuple[Enrollment, ...]:
    """The active runs, and of the ended ones the newest of each scenario and key."""
    kept: list[Enrollment] = []
    ended: dict[tuple[str, str], Enrollment] = {}
    for one in runs:
        if one.is_active:
            kept.append(one.frozen())
        else:
            ended[one.scenario, one.run_key] = one.frozen()
    return (*(ended[key] for key in sorted(ended)), *kept)
