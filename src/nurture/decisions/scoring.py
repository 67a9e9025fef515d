"""Points: what a fact earns, what the subject is worth by itself, and which marks were crossed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.model import UNHEARD, Award, Fact, FrozenMapping, ScoreState, Touchpoint, Value
from nurture.model.decay import add, kept_newest, landmark_for, rebased, summed, value_at

if TYPE_CHECKING:
    from nurture.decisions.compiling import CompiledModel, Mark, RuleAboutFacts
    from nurture.decisions.work import Work

NO_SCORE = ScoreState()


def score_fact(work: Work, fact: Touchpoint) -> None:
    """Give the points that a fact earns in every model; none while the person objects to profiling."""
    if work.profiling is not UNHEARD and not work.profiling.counts(fact.at):
        return
    for name, model in work.plan.models.items():
        if model.any_kind or fact.kind in model.by_kind or fact.kind == Fact.SCORE_ADJUSTED:
            before = work.scores.get(name, NO_SCORE)
            after = counted(before, model, fact)
            if after is not before:
                work.scores[name] = after


def counted(state: ScoreState, model: CompiledModel, fact: Touchpoint) -> ScoreState:
    """The state of a score after one more fact, whatever it earns; the same object when it earns nothing."""
    for rule in (*model.by_kind.get(fact.kind, ()), *model.any_kind):
        if rule.matches(fact):
            state = awarded(state, model, rule, fact)
    points = _given(model, fact) if fact.kind == Fact.SCORE_ADJUSTED else None
    return state if points is None else summed(add(state, points, fact.at, model.scale), model.scale)


def _given(model: CompiledModel, fact: Touchpoint) -> float | None:
    """The points that a step gave of this score; None when it gave others."""
    points = fact.properties.get("points")
    if not isinstance(points, (int, float)) or isinstance(points, bool):
        return None
    return float(points) if fact.properties.get("model") == model.model.name else None


def awarded(state: ScoreState, model: CompiledModel, compiled: RuleAboutFacts, fact: Touchpoint) -> ScoreState:
    """The state of a score after one more fact that a rule matches."""
    rule = compiled.rule
    if rule.cap is None and rule.once_per is None:
        return summed(add(state, rule.points, fact.at, model.scale), model.scale)
    awards, keys = _keep(state, compiled, fact)
    kept = attrs.evolve(
        rebased(state, landmark_for(fact.at, model.scale)),
        kept=FrozenMapping({**state.kept, compiled.key: awards}),
        keys=FrozenMapping({**state.keys, compiled.key: keys}),
    )
    return summed(kept, model.scale)


def _keep(state: ScoreState, compiled: RuleAboutFacts, fact: Touchpoint) -> tuple[tuple[Award, ...], tuple[str, ...]]:
    """The awards that still count, oldest first, with the property value of each."""
    rule = compiled.rule
    value = repr(fact.properties.get(rule.once_per)) if rule.once_per is not None else ""
    keyed = dict(zip(state.kept.get(compiled.key, ()), state.keys.get(compiled.key, ()), strict=True))
    keyed[Award(fact.at, fact.id, rule.points)] = value
    if rule.once_per is not None:
        newest: dict[str, Award] = {}
        for award in sorted(keyed, key=lambda one: (one.at, one.fact)):
            newest[keyed[award]] = award
        keyed = {award: key for key, award in newest.items()}
    awards = kept_newest(keyed, rule.cap if rule.cap is not None else len(keyed))
    return awards, tuple(keyed[award] for award in awards)


def score_constants(work: Work) -> None:
    """Give the points for what the subject is; they count as long as it is so, and as nobody objects to profiling."""
    if work.profiling.is_objected:
        return
    for name, model in work.plan.models.items():
        if not model.constants:
            continue
        total = sum(points for question, points in model.constants if question.holds(work.sight, work.moment))
        state = work.scores.get(name, NO_SCORE)
        if state.constant != total:
            work.scores[name] = attrs.evolve(state, constant=total)
            work.dirty |= {mark for mark in work.plan.marks if work.plan.marks[mark].model == name}


def cross_marks(work: Work) -> None:
    """Emit `score.crossed` for every threshold that was reached, or left with its hysteresis."""
    watches = work.take(work.plan.mark_watches)
    for watch in watches if not work.profiling.is_objected else ():
        mark = work.plan.marks[watch]
        state = work.scores.get(mark.model, NO_SCORE)
        name = mark.threshold.name
        is_above = name in state.above
        question = mark.down if is_above else mark.up
        if not question.holds(work.sight, work.moment):
            continue
        above = tuple(one for one in state.above if one != name) if is_above else tuple(sorted((*state.above, name)))
        work.scores[mark.model] = attrs.evolve(state, above=above)
        if work.rolling or work.activating:
            continue
        direction = "down" if is_above else "up"
        value = round(value_at(state, work.plan.models[mark.model].scale, work.moment), 6)
        _tell_crossing(work, mark, direction, value, question.sentence)


def leave_marks(work: Work) -> None:
    """Leave every threshold that was reached, since the scores end."""
    for mark in work.plan.marks.values():
        state = work.scores.get(mark.model, NO_SCORE)
        if mark.threshold.name in state.above:
            _tell_crossing(work, mark, "down", 0.0, "the person objects to profiling")


def _tell_crossing(work: Work, mark: Mark, direction: str, value: float, because: str) -> None:
    name = mark.threshold.name
    saw: FrozenMapping[Value] = FrozenMapping(
        {"model": mark.model, "threshold": name, "direction": direction, "value": value}
    )
    work.emit(Fact.SCORE_CROSSED, f"{mark.model}:{name}:{direction}", saw)
    work.note("score", mark.model, f"crossed {name} {direction}", because, saw)


def next_crossing(work: Work, watch: str) -> None:
    """Put the next crossing of a threshold by decay on the agenda; there is none where nobody is scored."""
    if work.profiling.is_objected:
        work.schedule(watch, None)
        return
    mark = work.plan.marks[watch]
    state = work.scores.get(mark.model, NO_SCORE)
    question = mark.down if mark.threshold.name in state.above else mark.up
    work.schedule(watch, question.flips(work.sight, work.moment))
