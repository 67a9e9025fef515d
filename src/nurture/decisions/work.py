"""The workbench of one decision: what is known, what has been decided so far, what is still to be asked.

Mutable, and seen by nobody outside this room; `advance` makes one, walks it through the moments and
reads the result off it. Pure: no clock, no I/O, no randomness.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from nurture.decisions.hops import hops_left
from nurture.decisions.past import put_by
from nurture.decisions.run import Run
from nurture.model import (
    EMPTY,
    UNHEARD,
    Account,
    DecisionRecord,
    Dossier,
    Echo,
    Effect,
    Enrollment,
    EnrollmentState,
    FrozenMapping,
    Lead,
    Note,
    Origin,
    PastRuns,
    Profiling,
    Said,
    ScoreState,
    Sight,
    Switch,
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
    from nurture.decisions.zones import Whose

MICROSECOND = timedelta(microseconds=1)
_NO_PAST: PastRuns = FrozenMapping()
_NO_WATCHES: frozenset[str] = frozenset()


class Work:
    """One subject on the workbench.

    Most moments are a timer of one subject and touch little, so nothing is laid out before it is needed.
    """

    stage: str | None = None
    echo: Echo | None = None
    hops = 0
    telling: Telling | None = None
    dead: str | None = None
    anew = 0
    rolling = False
    activating = False
    is_turn = False
    """Whether a program is activated or a scenario switched in this moment, after what else it holds was decided."""
    located: Whose | None = None
    """The zone in which the step that is being asked has read a civil time."""
    brought: frozenset[str] = frozenset()
    woken: frozenset[str] = frozenset()
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
        self.covered: dict[str, Value] = dict(standing.covered) if standing is not None and standing.covered else {}
        self.reach = plan.reach
        self.runs: list[Run | Enrollment] = []
        self.is_new = dossier.is_new
        self.switches: Mapping[str, Switch] = dossier.switches if standing is None or self.is_new else standing.switches
        if standing is None:
            self.moment: datetime = subject.created_at
            self.scores: dict[str, ScoreState] = {}
            self.profiling: Profiling = UNHEARD
            self.memberships: dict[str, datetime] = {}
            self.entered: set[str] = set()
            self.agenda: dict[str, datetime] = {}
            self.account: dict[str, Value] = {}
            self.people: dict[str, frozenset[str]] = {}
            self.said: Said | None = None
            self.past: PastRuns = _NO_PAST
        else:
            self.moment = standing.advanced_to or subject.created_at
            self.scores = dict(standing.scores)
            self.profiling = standing.profiling or UNHEARD
            self.memberships = dict(standing.memberships)
            self.entered = set(standing.entered)
            self.agenda = dict(standing.agenda)
            self.account = dict(standing.account)
            self.people = dict(standing.people)
            self.said = standing.said
            self.past = standing.past
            self.stage = standing.stage
            self.telling = standing.telling
            self.echo = standing.echo
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
            enrollments=cast("list[Enrollment]", self.runs),  # a run on the workbench reads like an enrollment
            past=self.past,
            people=self.people,
            subject=subject.id,
        )
        self.yes = self._answers()
        self.turned: set[str] = set()
        self.rolled: set[str] = set()
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

    def _answers(self) -> set[str]:
        """The questions of others to which the answer was yes when this subject was decided last."""
        if not self.plan.answers:
            return set()
        told = self.account
        if self.is_lead:
            yes = self.said.yes if self.said is not None else ()
            told = dict.fromkeys(yes, True) if self.telling is None else dict(self.telling.values)
        return {name for name, _ in self.plan.answers.values() if told.get(name) is True}

    @property
    def has_listeners(self) -> bool:
        """Whether there can be anybody to be told this subject's answers."""
        return not self.is_lead or "account" in self.values

    def hear(self, hops: int) -> None:
        """Something came over so many steps; for a breath whatever follows goes on counting from there."""
        if hops and hops >= self.hops:
            self.hops, self.echo = hops, Echo(hops, self.moment)

    def turn(self, name: str) -> None:
        """Mark that what is told under a name is no longer so; `rolled` are those that only a new program turned."""
        if self.rolling:
            self.rolled.add(name)
        else:
            self.turned.add(name)
            self.rolled.discard(name)

    def active_runs(self) -> list[Run]:
        """The runs that are under way, in the order in which they began."""
        return [run for run in self.runs if isinstance(run, Run) and run.state is EnrollmentState.ACTIVE]

    def keep_newest(self, ended: Run) -> None:
        """Of the ended runs of a scenario and key only the newest stays, and of many keys the newest stay whole."""
        self.past = self.sight.past = put_by(self.plan, self.runs, self.past, ended, self.moment)

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
        self.answered: set[tuple[str, str]] = set()
        self.dirty: set[str] = set()
        self.touched: set[str] = set()
        self.flipped: set[str] = set()
        self.anew = 0
        self.hops = hops_left(self.echo, moment)
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
                id=f"{self.subject_id}@{at.isoformat()}{'+' if self.is_turn else ''}",
                subject=self.dossier.subject.id,
                at=at,
                causes=tuple(self.causes),
                notes=tuple(self.notes),
            )
        )

    def note(self, what: str, name: str, outcome: str, clause: str = "", saw: Mapping[str, Value] = EMPTY) -> None:
        """Keep what was decided, and why."""
        self.notes.append(Note(what, name, outcome, clause, frozen(saw)))

    def emit(self, kind: str, about: str, properties: Mapping[str, Value], cause: str = "") -> Touchpoint:
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

    def is_paused(self, scenario: str) -> bool:
        """Whether the runs of a scenario stand still."""
        return bool(self.switches) and self.switches.get(scenario) is Switch.PAUSED

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
        plan = self.plan
        if self.is_lead:
            self.dirty |= plan.by_lead_field.get(name, _NO_WATCHES)
            if name == "account":
                self.dirty |= plan.answer_watches  # another account asks, or none any more
        else:
            self.dirty |= plan.by_account_field.get(name, _NO_WATCHES)
            if name in plan.told_fields:
                self.turn(name)
