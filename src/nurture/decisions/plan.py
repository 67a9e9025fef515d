"""What is worked out once from a program, for one kind of subject: compiled questions and who must be asked when.

Pure. A *watch* is a question whose answer matters by itself: a segment, a transition's guard, a score's
threshold. For each it is known which facts and fields can change the answer, so that a fact touches
only the watches that can care, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from nurture.decisions.arriving import reach_at_entry, watch_of
from nurture.decisions.asking import asked_in
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
from nurture.model import Definition, EnrollmentState, FrozenMapping, SubjectKind
from nurture.predicates import (
    Names,
    Need,
    Not,
    Predicate,
    Reach,
    Touched,
    compile_fact,
    reach_of,
)
from nurture.predicates.tree import entry_names
from nurture.program.entry import OnDate, OnSchedule

if TYPE_CHECKING:
    from datetime import timedelta

    from nurture.calendar import Duration
    from nurture.decisions.run import Run
    from nurture.model import Enrollment
    from nurture.program import Hold, Program, Scenario


EMPTY_DEFINITIONS: FrozenMapping[Definition] = FrozenMapping()


class Plan:
    """Everything about a program that `advance` needs, for one kind of subject."""

    def __init__(
        self, program: Program, subject: SubjectKind, older: Mapping[str, Definition] = EMPTY_DEFINITIONS
    ) -> None:
        self.program = program
        self.older = older
        self.older_versions = tuple(sorted(older))
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
        self.asked = asked_in(program, [_scenario_of(older[version]) for version in self.older_versions])
        word = "asked" if subject is SubjectKind.ACCOUNT else "people"
        self.answers = {
            f"{word}:{name}": (name, Question(part, self.names)) for name, part in self.asked.of(subject).items()
        }
        is_lead = subject is SubjectKind.LEAD
        self.choices: Mapping[str, tuple[tuple[str, Question], ...]] = {
            block.name: tuple((one.name, Question(one.where, self.names)) for one in block.choices)
            for block in (program.blocks if is_lead else ())
            if block.choices
        }
        self.holds: tuple[tuple[Hold, Question], ...] = tuple(
            (one, Question(one.where, self.names)) for one in (program.policy.holds if is_lead else ())
        )
        spacing = program.policy.spacing if is_lead else None
        self.longer: tuple[tuple[Duration, Question], ...] = tuple(
            (one.least, Question(one.where, self.names)) for one in (spacing.grows if spacing is not None else ())
        )
        self.claim_reach = self._reach_at_claims()
        self._scenarios: dict[str, CompiledScenario] = {}
        current = [one for one in program.scenarios if one.subject is subject]
        self.current = {one.name: self._compile(one, program.version_of(one)) for one in current}
        self.versions = frozenset(self._scenarios)
        self._reach_with: dict[frozenset[str], Reach] = {}
        self.triggers = triggers_of(self.current.values())
        self.entries = self._ways_in()
        self.scheduled = {name for name, one in self.current.items() if isinstance(one.scenario.on, OnSchedule)}
        self.late_goals = {name: one for name, one in self.current.items() if one.scenario.goal_within is not None}
        self.reach = self._whole_reach()
        self.told_fields = self.asked.fields
        self.tells = bool(self.told_fields or self.asked.of_accounts)
        self._index_watches()
        self._by_kind: dict[str, frozenset[str]] = {}
        self._triggers_of: dict[str, tuple[Trigger, ...]] = {}
        self.messages = {one.name: one for one in program.messages}
        self.order = {name: index for index, name in enumerate(self._in_order())}
        self.mark_watches = frozenset(self.marks)
        self.segment_watches = frozenset(self.segments)
        self.answer_watches = frozenset(self.answers)
        self.entry_watches = frozenset(self.entries)

    def _in_order(self) -> Iterable[str]:
        return (*self.marks, *self.segments, *self.answers, *self.entries)

    def line_of(self, run: Run | Enrollment) -> tuple[str, str]:
        """Which ended runs stand for one another, so that only the newest is kept: those of a scenario and key.

        A schedule never comes to the same day twice, so that all of its runs are one line.
        """
        return self.line(run.scenario, run.run_key)

    def line(self, scenario: str, run_key: str) -> tuple[str, str]:
        """The same, where there is no run yet."""
        return (scenario, "" if scenario in self.scheduled else run_key)

    def _ways_in(self) -> dict[str, tuple[CompiledScenario, Question]]:
        """What may bring somebody into a scenario without a single fact: a predicate, a date, a schedule."""
        found: dict[str, tuple[CompiledScenario, Question]] = {}
        for name, compiled in self.current.items():
            on = compiled.scenario.on
            if isinstance(on, (OnDate, OnSchedule)):
                ((_, asked),) = on.predicates()
            elif compiled.scenario.begins is not None:
                asked = compiled.scenario.begins
            else:
                continue
            found[watch_of(name)] = (compiled, self.question(compiled, asked))
        return found

    def scenario(self, version: str, definitions: Mapping[str, Definition]) -> CompiledScenario | None:
        """A pinned version of a scenario: of this program, or of a definition that came with the dossier."""
        found = self._scenarios.get(version)
        if found is None and version in definitions:
            found = self._compile(_scenario_of(definitions[version]), version)
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
        state = scenario.state if scenario.while_entered else None
        gone = None if state is None else ending_of(Not(state), self.names)
        endings = (
            ("goal", goal, EnrollmentState.REACHED_GOAL),
            ("exit", end, EnrollmentState.EXITED),
            ("while", gone, EnrollmentState.EXITED),
        )
        found = CompiledScenario(
            scenario=scenario,
            version=version,
            flow=scenario.flow,
            only_if=Question(scenario.only_if, self.names) if scenario.only_if is not None else None,
            endings=tuple((name, one, state) for name, one, state in endings if one is not None),
            questions={},
            facts={},
            sentences={},
            entry=tuple(sorted(self._entry_of(scenario))),
            moved_by=compile_fact(scenario.moved_by) if isinstance(scenario.moved_by, Touched) else None,
        )
        self._scenarios[version] = found
        return found

    def _entry_of(self, scenario: Scenario) -> set[str]:
        asked = {name for _, predicate in scenario.predicates() for name in entry_names(predicate)}
        return asked | {name for node in scenario.flow.nodes.values() for name in node.step.compares()}

    def _reach_at_claims(self) -> Reach:
        """What is loaded when a message is claimed; deciding needs none of it."""
        reach = Reach.nothing()
        for _, question in (*self.holds, *self.longer):
            reach = reach | question.reach
        for choices in self.choices.values():
            for _, question in choices:
                reach = reach | question.reach
        return reach

    def _whole_reach(self) -> Reach:
        reach = Reach.nothing()
        for _, question in (*self.segments.values(), *self.answers.values()):
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
        asked = {**self.segments, **self.answers}
        reaches: dict[str, Reach] = {watch: question.reach for watch, (_, question) in asked.items()}
        for mark in self.marks.values():
            reaches[mark.watch] = mark.up.reach
        for gateways in self.gateways.values():
            for gateway in gateways:
                if gateway.auto is not None:
                    reaches[gateway.watch] = gateway.auto.reach
        for watch, (compiled, question) in self.entries.items():
            reaches[watch] = reach_at_entry(compiled.scenario, question)
        self._reaches = reaches
        self.static = frozenset(reaches)
        self.guards = frozenset(name for name in reaches if name.startswith("guard:"))
        self.by_score = frozenset(name for name, reach in reaches.items() if reach.scores)
        self.by_stage = frozenset(name for name, reach in reaches.items() if reach.stage)
        self.by_lead_field = _by_name(reaches, "lead_fields")
        self.by_account_field = _by_name(reaches, "account_fields")
        self.by_people = _by_name(reaches, "people")
        self.asks_any_field = bool(self.by_lead_field or self.by_account_field)


def plan_of(program: Program, subject: SubjectKind, older: Mapping[str, Definition] = EMPTY_DEFINITIONS) -> Plan:
    """The plan of a program, worked out once and kept with it.

    Args:
        program: What should follow from facts.
        subject: The kind of subjects.
        older: Versions of scenarios that the program does not hold and that may still run: what they ask of another
            subject is answered, too.
    """
    key = f"plan:{subject}:{'+'.join(sorted(older))}" if older else f"plan:{subject}"
    found = program.memo.get(key)
    if not isinstance(found, Plan):
        found = program.memo[key] = Plan(program, subject, older)
    return found


def _scenario_of(definition: Definition) -> Scenario:
    from nurture.program.codec import scenario_from_definition  # it loads cattrs, which few need

    return scenario_from_definition(definition.body)


def _by_name(reaches: Mapping[str, Reach], what: str) -> dict[str, frozenset[str]]:
    """The watches by the names of a sort that they look at."""
    found: dict[str, set[str]] = {}
    for watch, reach in reaches.items():
        names: frozenset[str] = getattr(reach, what)
        for name in names:
            found.setdefault(name, set()).add(watch)
    return {name: frozenset(watches) for name, watches in found.items()}


def _stale_times(program: Program, subject: SubjectKind) -> dict[str, timedelta]:
    lifecycle = program.lifecycle
    if lifecycle is None or lifecycle.subject is not subject:
        return {}
    return {stage.name: stage.stale_after for stage in lifecycle.stages if stage.stale_after is not None}


def _reach_for_loading(place: str, predicate: Predicate, names: Names) -> Reach:
    """What a scenario's predicate needs of old facts: a plain trigger, goal or exit needs none."""
    reach = reach_of(predicate, names)
    if place in ("on", "goal", "exit", "moved_by") and isinstance(predicate, Touched) and predicate.is_plain:
        return reach.unloaded()
    if place.endswith("on") and isinstance(predicate, Touched):
        return _recent(predicate)
    return reach


def _recent(clause: Touched) -> Reach:
    """A `wait_for` looks back to the claim of the send before it, which may be long ago."""
    need, kind = Need(None, None), clause.exact_kind
    return (
        Reach(any_kind=need, prefixes=frozenset({clause.prefix or ""})) if kind is None else Reach(kinds={kind: need})
    )
