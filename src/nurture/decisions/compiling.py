"""The parts of a program, compiled once: questions, score rules, thresholds, transitions, scenarios. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import attrs

from nurture.model import EnrollmentState, Fact, Sight, Touchpoint
from nurture.model.decay import Scale
from nurture.predicates import (
    All,
    InSegment,
    InStage,
    Names,
    Predicate,
    Reach,
    Score,
    Touched,
    compile_fact,
    compile_flip,
    compile_match,
    describe,
    reach_of,
)
from nurture.predicates.answering.loops import FactTest
from nurture.program import Program, Scenario, ScoreModel, ScoreRule, Threshold, Transition
from nurture.steps import Flow

Holds = Callable[[Sight, datetime], bool]
Flips = Callable[[Sight, datetime], datetime | None]
Matches = Callable[[Touchpoint], bool]


class Question:
    """A predicate, compiled: does it hold, when can that change, what can change it."""

    __slots__ = ("flips", "holds", "predicate", "reach", "sentence_")

    def __init__(self, predicate: Predicate, names: Names) -> None:
        self.predicate = predicate
        self.holds: Holds = compile_match(predicate, names)
        self.flips: Flips = compile_flip(predicate, names)
        self.reach: Reach = reach_of(predicate, names)
        self.sentence_: str | None = None

    @property
    def sentence(self) -> str:
        """The predicate in words."""
        if self.sentence_ is None:
            self.sentence_ = describe(self.predicate)
        return self.sentence_


@attrs.frozen(slots=True, eq=False)
class RuleAboutFacts:
    """A score rule that gives points for each fact, with its place in the model."""

    key: str
    rule: ScoreRule
    matches: Matches


@attrs.frozen(slots=True, eq=False)
class Mark:
    """A threshold of a score as two questions: reached on the way up, left on the way down."""

    watch: str
    model: str
    threshold: Threshold
    up: Question
    down: Question


@attrs.frozen(slots=True, eq=False)
class CompiledModel:
    """A score model, ready to take facts: rules by the kind that they name, and those that name a prefix or none."""

    model: ScoreModel
    scale: Scale
    by_kind: Mapping[str, tuple[RuleAboutFacts, ...]]
    any_kind: tuple[RuleAboutFacts, ...]
    constants: tuple[tuple[Question, float], ...]
    fields: frozenset[str]


@attrs.frozen(slots=True, eq=False)
class Gateway:
    """A transition with its guard: `watch` is its name on the agenda when it is taken by itself."""

    watch: str
    transition: Transition
    auto: Question | None
    guard: Question | None


@attrs.frozen(slots=True, eq=False)
class Ending:
    """What ends an enrollment: a fact after its start, or a question that holds."""

    fact: FactTest | None
    kind: str | None
    question: Question | None
    sentence: str


@attrs.frozen(slots=True, eq=False)
class CompiledScenario:
    """One version of a scenario, ready to run; `entry` names what it asks about the fact that begins a run."""

    scenario: Scenario
    version: str
    flow: Flow
    only_if: Question | None
    endings: tuple[tuple[str, Ending, EnrollmentState], ...]
    questions: dict[Predicate, Question]
    facts: dict[Predicate, FactTest]
    sentences: dict[str, str]
    entry: tuple[str, ...] = ()
    moved_by: FactTest | None = None

    def ending(self, name: str) -> Ending | None:
        """What ends a run under this name: `goal`, `exit` or `while`."""
        return next((ending for one, ending, _ in self.endings if one == name), None)

    def sentence(self, address: str) -> str:
        """What the step at this address does, in words."""
        found = self.sentences.get(address)
        if found is None:
            found = self.sentences[address] = self.flow.nodes[address].step.sentence()
        return found


@attrs.frozen(slots=True, eq=False)
class Trigger:
    """What enrolls: a fact of a kind that matches."""

    scenario: CompiledScenario
    matches: Matches


def compile_model(model: ScoreModel, names: Names) -> CompiledModel:
    """A score model, its rules sorted by what they are about."""
    by_kind: dict[str, list[RuleAboutFacts]] = {}
    any_kind: list[RuleAboutFacts] = []
    constants: list[tuple[Question, float]] = []
    fields: set[str] = set()
    for index, rule in enumerate(model.rules):
        if isinstance(rule.when, Touched) and rule.is_about_facts:
            compiled = RuleAboutFacts(str(index), rule, compile_fact(rule.when))
            kind = rule.when.exact_kind
            (any_kind if kind is None else by_kind.setdefault(kind, [])).append(compiled)
        else:
            question = Question(rule.when, names)
            constants.append((question, rule.points))
            fields |= question.reach.lead_fields | question.reach.account_fields
    return CompiledModel(
        model,
        model.scale,
        {kind: tuple(some) for kind, some in by_kind.items()},
        tuple(any_kind),
        tuple(constants),
        frozenset(fields),
    )


def marks_of(model: ScoreModel, names: Names) -> Iterable[Mark]:
    """The thresholds of a model, as questions."""
    for threshold in model.thresholds:
        yield Mark(
            watch=f"score:{model.name}:{threshold.name}",
            model=model.name,
            threshold=threshold,
            up=Question(Score(model.name, "ge", threshold.up), names),
            down=Question(Score(model.name, "lt", threshold.lower), names),
        )


def gateways_of(program: Program, names: Names) -> dict[str, tuple[Gateway, ...]]:
    """The transitions of the lifecycle by the stage they leave."""
    found: dict[str, list[Gateway]] = {}
    lifecycle = program.lifecycle
    for index, one in enumerate(lifecycle.transitions if lifecycle else ()):
        auto = (
            Question(one.when if one.guard is None else All((one.when, one.guard)), names)
            if one.when is not None
            else None
        )
        guard = Question(one.guard, names) if one.guard is not None else None
        found.setdefault(one.source, []).append(Gateway(f"guard:{index}", one, auto, guard))
    return {source: tuple(some) for source, some in found.items()}


def ending_of(predicate: Predicate | None, names: Names) -> Ending | None:
    """What ends an enrollment, compiled; None when nothing was declared."""
    if predicate is None:
        return None
    if isinstance(predicate, Touched) and predicate.is_plain:
        return Ending(compile_fact(predicate), predicate.exact_kind, None, describe(predicate))
    return Ending(None, None, Question(predicate, names), describe(predicate))


def triggers_of(scenarios: Iterable[CompiledScenario]) -> dict[str | None, tuple[Trigger, ...]]:
    """What enrolls, by the kind of the fact; under None stands what names a prefix or no kind at all."""
    found: dict[str | None, list[Trigger]] = {}
    for compiled in sorted(scenarios, key=lambda one: -one.scenario.priority):
        on = compiled.scenario.on
        if isinstance(on, Touched) and on.is_plain:
            found.setdefault(on.exact_kind, []).append(Trigger(compiled, compile_fact(on)))
        elif isinstance(on, InSegment):
            found.setdefault(Fact.SEGMENT_ENTERED, []).append(Trigger(compiled, _says("segment", (on.name,))))
        elif isinstance(on, InStage):
            found.setdefault(Fact.STAGE_CHANGED, []).append(Trigger(compiled, _says("to", on.names)))
    return {kind: tuple(some) for kind, some in found.items()}


def _says(name: str, values: tuple[str, ...]) -> Matches:
    def matches(fact: Touchpoint) -> bool:
        return fact.properties.get(name) in values and not fact.properties.get("rolled_over")

    return matches
