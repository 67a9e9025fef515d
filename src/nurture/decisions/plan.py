"""What is worked out once from a program, for one kind of subject: compiled questions and who must be asked when.

Pure. A *watch* is a question whose answer matters by itself: a segment, a transition's guard, a score's
threshold. For each it is known which facts and fields can change the answer, so that a fact touches
only the watches that can care, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from nurture.decisions.compiling import (
    CompiledScenario,
    Question,
    Trigger,
    compile_model,
    ending_of,
    gateways_of,
    marks_of,
    triggers_of,
)
from nurture.model import Definition, EnrollmentState, SubjectKind
from nurture.predicates import (
    Names,
    Need,
    Predicate,
    Reach,
    Touched,
    reach_of,
)

if TYPE_CHECKING:
    from datetime import timedelta

    from nurture.program import Program, Scenario


class Plan:
    """Everything about a program that `advance` needs, for one kind of subject."""

    def __init__(self, program: Program, subject: SubjectKind) -> None:
        self.program = program
        self.subject = subject
        self.names = program.names(subject)
        self.fingerprint = program.fingerprint
        self.stages: tuple[str, ...] = self.names.stages
        self.stale_after = _stale_times(program, subject)
        self.models = {one.name: compile_model(one, self.names) for one in program.scores if one.subject is subject}
        self.segments = {
            f"segment:{one.name}": (one.name, Question(one.where, self.names))
            for one in program.segments
            if one.subject is subject
        }
        self.marks = {mark.watch: mark for one in self.models.values() for mark in marks_of(one.model, self.names)}
        self.gateways = gateways_of(program, self.names) if self.stages else {}
        self._scenarios: dict[str, CompiledScenario] = {}
        current = [one for one in program.scenarios if one.subject is subject]
        self.current = {one.name: self._compile(one, program.version_of(one)) for one in current}
        self.versions = frozenset(self._scenarios)
        self._reach_with: dict[frozenset[str], Reach] = {}
        self.triggers = triggers_of(self.current.values())
        self.reach = self._whole_reach()
        self.told_fields = _told_fields(program)
        self._index_watches()
        self._by_kind: dict[str, frozenset[str]] = {}
        self._triggers_of: dict[str, tuple[Trigger, ...]] = {}
        self.messages = {one.name: one for one in program.messages}
        self.order = {name: index for index, name in enumerate((*self.marks, *self.segments))}
        self.mark_watches = frozenset(self.marks)
        self.segment_watches = frozenset(self.segments)

    def scenario(self, version: str, definitions: Mapping[str, Definition]) -> CompiledScenario | None:
        """A pinned version of a scenario: of this program, or of a definition that came with the dossier."""
        found = self._scenarios.get(version)
        if found is None and version in definitions:
            from nurture.program.codec import scenario_from_definition  # it loads cattrs, which few need

            found = self._compile(scenario_from_definition(definitions[version].body), version)
        return found

    def triggers_of(self, kind: str) -> tuple[Trigger, ...]:
        """What a fact of this kind may enroll into."""
        found = self._triggers_of.get(kind)
        if found is None:
            found = self._triggers_of[kind] = (*self.triggers.get(kind, ()), *self.triggers.get(None, ()))
        return found

    def watchers_of_kind(self, kind: str) -> frozenset[str]:
        """The watches whose answer a fact of this kind can change."""
        found = self._by_kind.get(kind)
        if found is None:
            found = frozenset(name for name, reach in self._reaches.items() if reach.touches_kind(kind))
            self._by_kind[kind] = found
        return found

    def question(self, compiled: CompiledScenario, predicate: Predicate) -> Question:
        """A predicate of a scenario's step, compiled once a version."""
        found = compiled.questions.get(predicate)
        if found is None:
            found = compiled.questions[predicate] = Question(predicate, self.names)
        return found

    def _compile(self, scenario: Scenario, version: str) -> CompiledScenario:
        goal, end = ending_of(scenario.goal, self.names), ending_of(scenario.exit, self.names)
        endings = (("goal", goal, EnrollmentState.REACHED_GOAL), ("exit", end, EnrollmentState.EXITED))
        found = CompiledScenario(
            scenario=scenario,
            version=version,
            flow=scenario.flow,
            only_if=Question(scenario.only_if, self.names) if scenario.only_if is not None else None,
            goal=goal,
            exit=end,
            endings=tuple((name, one, state) for name, one, state in endings if one is not None),
            questions={},
            facts={},
            sentences={},
        )
        self._scenarios[version] = found
        return found

    def _whole_reach(self) -> Reach:
        reach = Reach.nothing()
        for _, question in self.segments.values():
            reach = reach | question.reach
        for gateways in self.gateways.values():
            for gateway in gateways:
                for asked in (gateway.auto, gateway.guard):
                    reach = reach if asked is None else reach | asked.reach
        for compiled in self.current.values():
            for place, predicate in compiled.scenario.predicates():
                reach = reach | _reach_for_loading(place, predicate, self.names)
        return reach

    def reach_with(self, versions: Iterable[str], definitions: Mapping[str, Definition]) -> Reach:
        """What must be loaded and kept when enrollments run on these versions, older ones among them."""
        older = frozenset(versions) - self.versions
        if not older:
            return self.reach
        found = self._reach_with.get(older)
        if found is None:
            found = self.reach
            for version in sorted(older):
                compiled = self.scenario(version, definitions)
                for place, predicate in compiled.scenario.predicates() if compiled else ():
                    found = found | _reach_for_loading(place, predicate, self.names)
            self._reach_with[older] = found
        return found

    def _index_watches(self) -> None:
        reaches: dict[str, Reach] = {watch: question.reach for watch, (_, question) in self.segments.items()}
        for mark in self.marks.values():
            reaches[mark.watch] = mark.up.reach
        for gateways in self.gateways.values():
            for gateway in gateways:
                if gateway.auto is not None:
                    reaches[gateway.watch] = gateway.auto.reach
        self._reaches = reaches
        self.static = frozenset(reaches)
        self.guards = frozenset(name for name in reaches if name.startswith("guard:"))
        self.by_stage = frozenset(name for name, reach in reaches.items() if reach.stage)
        self.by_lead_field = _by_field(reaches, "lead_fields")
        self.by_account_field = _by_field(reaches, "account_fields")
        self.asks_any_field = bool(self.by_lead_field or self.by_account_field)


def plan_of(program: Program, subject: SubjectKind) -> Plan:
    """The plan of a program, worked out once and kept with it."""
    key = f"plan:{subject}"
    found = program.memo.get(key)
    if not isinstance(found, Plan):
        found = program.memo[key] = Plan(program, subject)
    return found


def _by_field(reaches: Mapping[str, Reach], what: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, reach in reaches.items():
        fields: frozenset[str] = getattr(reach, what)
        for field in fields:
            found.setdefault(field, set()).add(name)
    return {field: frozenset(watches) for field, watches in found.items()}


def _stale_times(program: Program, subject: SubjectKind) -> dict[str, timedelta]:
    lifecycle = program.lifecycle
    if lifecycle is None or lifecycle.subject is not subject:
        return {}
    return {stage.name: stage.stale_after for stage in lifecycle.stages if stage.stale_after is not None}


def _reach_for_loading(place: str, predicate: Predicate, names: Names) -> Reach:
    """What a scenario's predicate needs of old facts: a plain trigger, goal or exit needs none."""
    reach = reach_of(predicate, names)
    if place in ("on", "goal", "exit") and isinstance(predicate, Touched) and predicate.is_plain:
        return reach.unloaded()
    if place.endswith(".on") and isinstance(predicate, Touched):
        return _recent(predicate)
    return reach


def _recent(clause: Touched) -> Reach:
    """A `wait_for` looks back to the claim of the send before it, which may be long ago."""
    need = Need(None, None)
    return Reach(any_kind=need) if clause.kind is None else Reach(kinds={clause.kind: need})


def _told_fields(program: Program) -> frozenset[str]:
    """The account's fields that some predicate about leads reads."""
    names = program.names(SubjectKind.LEAD)
    reach = Reach.nothing()
    for model in program.scores:
        if model.subject is SubjectKind.LEAD:
            reach = reach | names.score_reach[model.name]
    predicates: list[Predicate] = [one.where for one in program.segments if one.subject is SubjectKind.LEAD]
    for scenario in program.scenarios:
        if scenario.subject is SubjectKind.LEAD:
            predicates += [predicate for _, predicate in scenario.predicates()]
    if program.lifecycle and program.lifecycle.subject is SubjectKind.LEAD:
        for transition in program.lifecycle.transitions:
            predicates += [part for part in (transition.when, transition.guard) if part is not None]
    for predicate in predicates:
        reach = reach | reach_of(predicate, names)
    return reach.account_fields
