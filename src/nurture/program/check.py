"""What can be wrong with a program, all found at once, each with its place and the nearest names. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Protocol

import attrs

from nurture.calendar import zone
from nurture.errors import DefinitionError, unknown_name
from nurture.model import Fact, SubjectKind
from nurture.predicates import (
    ACCOUNT_FIELDS,
    LEAD_FIELDS,
    Age,
    All,
    Anniversary,
    Elapsed,
    InPeriod,
    Names,
    Need,
    Predicate,
    Reach,
    Score,
    check,
    reach_of,
    walk,
)
from nurture.program.check_content import message_problems
from nurture.program.check_defaults import default_warnings
from nurture.program.check_pacing import pacing_warnings
from nurture.program.check_policy import LONGEST, is_length, policy_problems
from nurture.program.check_scenarios import scenario_problems
from nurture.program.check_texts import text_problems
from nurture.program.circles import circles_across
from nurture.program.scenario import all_steps

if TYPE_CHECKING:
    from nurture.program.lifecycle import Lifecycle, Transition
    from nurture.program.program import Program
    from nurture.program.score import ScoreModel, ScoreRule


class Named(Protocol):
    """Anything that is found by its name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


def names_for(program: Program, subject: SubjectKind) -> Names:
    """What the names in predicates about such a subject mean, as plain data."""
    both = {kind: _names_for(program, kind) for kind in SubjectKind}
    for kind, other in ((SubjectKind.LEAD, SubjectKind.ACCOUNT), (SubjectKind.ACCOUNT, SubjectKind.LEAD)):
        object.__setattr__(both[kind], "other", both[other])  # a question may lead there and back again
    return both[subject]


def _names_for(program: Program, subject: SubjectKind) -> Names:
    fields = {kind: {one.name: one.type for one in program.attributes if one.subject is kind} for kind in SubjectKind}
    models = [model for model in program.scores if model.subject is subject]
    bare = Names(
        segments={one.name: one.where for one in program.segments if one.subject is subject},
        scales={model.name: model.scale for model in models},
        stages=program.lifecycle.names if program.lifecycle and program.lifecycle.subject is subject else (),
        lead_fields={**LEAD_FIELDS, **fields[SubjectKind.LEAD]},
        account_fields={**ACCOUNT_FIELDS, **fields[SubjectKind.ACCOUNT]},
        subject=subject,
        grades={model.name: tuple((one.name, one.score) for one in model.grades) for model in models if model.grades},
        scenarios=tuple(one.name for one in program.scenarios if one.subject is subject),
        zone=program.zone,
        calendar=program.calendar,
    )
    return attrs.evolve(bare, score_reach={model.name: _reach_of_model(model, bare) for model in models})


def _reach_of_model(model: ScoreModel, names: Names) -> Reach:
    reach = Reach(kinds={Fact.SCORE_ADJUSTED.value: Need()})
    for rule in model.rules:
        reach = reach | reach_of(rule.when, names)
    return reach


def problems_of(program: Program) -> list[str]:
    """Every problem of the program, one sentence each."""
    problems = [*_name_problems(program), *_setting_problems(program)]
    if problems:
        return problems  # names that stand twice would make everything below misleading
    for part in (
        _attribute_problems,
        _lifecycle_problems,
        _score_problems,
        _segment_problems,
        message_problems,
        policy_problems,
        scenario_problems,
    ):
        problems += part(program)
    return problems or [*text_problems(program)] or list(circles_across(program))


def _name_problems(program: Program) -> Iterator[str]:
    groups: dict[str, Iterable[Named]] = {
        "segments": program.segments,
        "scores": program.scores,
        "messages": program.messages,
        "layouts": program.layouts,
        "blocks": program.blocks,
        "scenarios": program.scenarios,
        "campaigns": program.campaigns,
        "lifecycle.stages": program.lifecycle.stages if program.lifecycle else (),
    }
    for place, group in groups.items():
        for name, count in Counter(one.name for one in group).items():
            if count > 1:
                yield f"{place}: the name {name!r} stands {count} times"
            if not name or len(name) > 100:
                yield f"{place}: expected a name of 1 to 100 characters, found {len(name)}"
    for (subject, name), count in Counter((one.subject, one.name) for one in program.attributes).items():
        if count > 1:
            yield f"attributes: {subject}.{name} stands {count} times"


def _setting_problems(program: Program) -> Iterator[str]:
    try:
        zone(program.zone)
    except DefinitionError as error:
        yield f"zone: {error}"


def _attribute_problems(program: Program) -> Iterator[str]:
    builtin = {SubjectKind.LEAD: LEAD_FIELDS, SubjectKind.ACCOUNT: ACCOUNT_FIELDS}
    for one in program.attributes:
        if one.name in builtin[one.subject]:
            yield f"attributes: {one.subject}.{one.name} is a built-in field already"
        if not all(part.isidentifier() for part in one.name.split(".")):
            yield (
                f"attributes: {one.name!r} is no name that q.{one.subject}.… can use: letters, digits and _, "
                "and a dot between the parts of a path"
            )


def _lifecycle_problems(program: Program) -> Iterator[str]:
    lifecycle = program.lifecycle
    if lifecycle is None:
        return
    if not lifecycle.stages:
        yield "lifecycle.stages: expected at least one stage"
        return
    for stage in lifecycle.stages:
        if not is_length(stage.stale_after):
            yield f"lifecycle.{stage.name}.stale_after: expected a positive time"
    yield from _transition_problems(lifecycle, program.names(lifecycle.subject))


def _transition_problems(lifecycle: Lifecycle, names: Names) -> Iterator[str]:
    for index, transition in enumerate(lifecycle.transitions):
        where = f"lifecycle.transitions[{index}]"
        for end in (transition.source, transition.target):
            if end not in lifecycle.names:
                yield unknown_name("stage", end, lifecycle.names, where=where)
        if transition.source == transition.target:
            yield f"{where}: source and target are the same stage"
        for field, predicate in (("when", transition.when), ("guard", transition.guard)):
            if predicate is not None:
                yield from check(predicate, names, f"{where}.{field}")


def _score_problems(program: Program) -> Iterator[str]:
    for model in program.scores:
        names = program.names(model.subject)
        if model.half_life is not None and not timedelta(minutes=1) <= model.half_life <= LONGEST:
            yield f"scores.{model.name}.half_life: expected between a minute and 100 years"
        if not model.rules:
            yield f"scores.{model.name}.rules: expected at least one rule"
        if None not in (model.floor, model.ceiling) and model.floor > model.ceiling:  # type: ignore[operator]
            yield f"scores.{model.name}: the floor lies above the ceiling"
        for index, rule in enumerate(model.rules):
            where = f"scores.{model.name}.rules[{index}]"
            yield from check(rule.when, names, f"{where}.when")
            yield from _rule_problems(rule, reach_of(rule.when, names), where)
        yield from _threshold_problems(model)
        yield from _grade_problems(model)


def _threshold_problems(model: ScoreModel) -> Iterator[str]:
    for name, count in Counter(one.name for one in model.thresholds).items():
        if count > 1:
            yield f"scores.{model.name}.thresholds: the name {name!r} stands {count} times"
    for threshold in model.thresholds:
        if not isfinite(threshold.up) or not isfinite(threshold.lower):
            yield f"scores.{model.name}.{threshold.name}: expected finite numbers"
        if threshold.lower > threshold.up:
            yield f"scores.{model.name}.{threshold.name}: 'down' lies above 'up'"


def _grade_problems(model: ScoreModel) -> Iterator[str]:
    where = f"scores.{model.name}.grades"
    for name, count in Counter(one.name for one in model.grades).items():
        if not name:
            yield f"{where}: expected names, found an empty one"
        if count > 1:
            yield f"{where}: the name {name!r} stands {count} times"
    scores = [one.score for one in model.grades]
    if not all(isfinite(score) for score in scores):
        yield f"{where}: expected finite numbers"
    elif any(better <= worse for better, worse in pairwise(scores)):
        yield f"{where}: expected the best grade first, each from a lower score than the one before"


def _rule_problems(rule: ScoreRule, reach: Reach, where: str) -> Iterator[str]:
    if rule.cap is not None and rule.cap < 1:
        yield f"{where}.cap: expected at least 1"
    if not isfinite(rule.points):
        yield f"{where}.points: expected a finite number"
    if rule.is_about_facts:
        return
    if rule.cap is not None or rule.once_per is not None:
        yield f"{where}: cap and once_per are for rules about facts, such as q.touches('page.viewed')"
    moves = any(isinstance(node, (InPeriod, Anniversary, Age, Elapsed)) for node in walk(rule.when))
    if moves or reach.kinds or reach.any_kind is not None or reach.stage or reach.scores or reach.people:
        yield (
            f"{where}.when: expected either one clause about a fact without count or window, or a predicate about "
            "attributes alone; points for counts and windows would make the score jump with the clock"
        )


def _segment_problems(program: Program) -> Iterator[str]:
    for segment in program.segments:
        yield from check(segment.where, program.names(segment.subject), f"segments.{segment.name}.where")


def warnings_of(program: Program) -> Iterator[str]:
    """What is allowed but probably not meant: guards that can both hold, a law or zone by default, unused messages."""
    lifecycle = program.lifecycle
    if lifecycle is not None:
        for index, one in enumerate(lifecycle.transitions):
            for other in lifecycle.transitions[index + 1 :]:
                if one.source == other.target and one.target == other.source and _may_both_hold(one, other):
                    yield (
                        f"lifecycle: {one.source} → {one.target} and {other.source} → {other.target} can both hold; "
                        "the second is skipped within a moment, but leads will go back and forth"
                    )
    yield from default_warnings(program)
    yield from pacing_warnings(program)
    yield from _unused(program)


def _unused(program: Program) -> Iterator[str]:
    sent = {name for one in program.scenarios for _, step in all_steps(one.steps) for _, name in step.mentions()}
    for message in program.messages:
        if message.name not in sent:
            yield f"messages.{message.name}: no scenario sends it"


def _may_both_hold(one: Transition, other: Transition) -> bool:
    if one.when is None or other.when is None:
        return False
    if one.when == other.when:
        return True
    low, high = _score_bounds(one.when), _score_bounds(other.when)
    shared = [name for name in low if name in high]
    return any(max(low[name][0], high[name][0]) < min(low[name][1], high[name][1]) for name in shared)


def _score_bounds(predicate: Predicate) -> dict[str, tuple[float, float]]:
    parts = predicate.parts if isinstance(predicate, All) else (predicate,)
    bounds: dict[str, tuple[float, float]] = {}
    for part in parts:
        if not isinstance(part, Score):
            continue
        low, high = bounds.get(part.model, (float("-inf"), float("inf")))
        if part.op in ("ge", "gt"):
            low = max(low, float(part.value))
        elif part.op in ("le", "lt"):
            high = min(high, float(part.value))
        bounds[part.model] = (low, high)
    return bounds
