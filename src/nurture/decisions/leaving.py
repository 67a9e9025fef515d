"""How a run ends: a goal, an exit, a withdrawal; and when time alone may end it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.decisions.lifecycle import seen_values
from nurture.decisions.run import Run
from nurture.decisions.scene import with_entry
from nurture.model import EffectState, EnrollmentState, Fact, Touchpoint, Value

if TYPE_CHECKING:
    from nurture.decisions.compiling import CompiledScenario, Ending
    from nurture.decisions.work import Work
    from nurture.predicates import Reach

ENDINGS = ("goal", "exit", "while")
"""What may end a run by itself: its names on the agenda, before the run's id."""
LATE_GOAL = "goal_after_end"
_REASONS = {"while": "no_longer_entered"}


def has_ended(work: Work, run: Run, compiled: CompiledScenario, fresh: list[Touchpoint]) -> bool:
    """Whether its goal or its exit ended a run in this moment; the run is left then."""
    for name, ending, state in compiled.endings:
        if _holds(work, f"{name}:{run.id}", ending, run, fresh):
            work.note("left", run.scenario, state.value, ending.sentence)
            leave(work, run, state, _REASONS.get(name, name), noted=True)
            return True
    return False


def _holds(work: Work, watch: str, ending: Ending, run: Run, fresh: list[Touchpoint]) -> bool:
    matches, question = ending.fact, ending.question
    if matches is not None:
        kind = ending.kind
        others = [fact for fact in fresh if (kind is None or fact.kind == kind) and fact.id != run.cause]
        return any(matches(fact, run.entry) for fact in others)
    if question is None:
        return False
    concerned = any(question.reach.touches_kind(fact.kind) for fact in fresh) or _reads_values(question.reach)
    if not work.asked(watch) and not concerned:
        return False
    work.touched.add(watch)
    with_entry(work, run)
    return question.holds(work.sight, work.moment)


def _reads_values(reach: Reach) -> bool:
    """Whether a question reads fields or the stage; such endings are few, so they are simply asked again."""
    return bool(reach.entry or reach.lead_fields or reach.account_fields or reach.stage or reach.people)


def leave(work: Work, run: Run, state: EnrollmentState, reason: str, *, noted: bool = False) -> None:
    """End a run; what it asked for and nobody claimed yet is cancelled."""
    _cancel(work, run)
    run.touch()
    run.state = state
    run.ended_at = work.moment
    run.reason = reason
    run.until = run.effect = run.since = None
    work.keep_newest(run)
    work.agenda.pop(run.watch, None)
    work.due_steps.discard(run.watch)
    for name in ENDINGS:
        watch = f"{name}:{run.id}"
        work.agenda.pop(watch, None)
        work.dirty.discard(watch)
        work.touched.discard(watch)
    properties: dict[str, Value] = {
        "scenario": run.scenario,
        "enrollment": run.id,
        "state": state.value,
        "reason": reason,
    }
    work.emit(Fact.ENROLLMENT_ENDED, run.id, properties, cause=run.cause)
    if not noted:
        work.note("left", run.scenario, state.value, "", {"reason": reason, **seen_values(work, frozenset())})


def _cancel(work: Work, run: Run) -> None:
    key = run.effect
    if key is None or key in work.receipts:  # a receipt of this very moment: somebody claimed it
        return
    is_new = key in work.effects
    effect = work.effects[key] if is_new else work.open_effects.get(key)
    if effect is not None and effect.state is EffectState.PLANNED:
        work.effects[key] = attrs.evolve(
            effect,
            version=effect.version if is_new else effect.version + 1,
            state=EffectState.CANCELLED,
            due_at=None,
            settled_at=work.moment,
            reason="left",
        )


def next_turn(work: Work, watch: str) -> None:
    """Put on the agenda when time alone may end a run: a goal, an exit, or what enrolled, that is a question."""
    name, _, identity = watch.partition(":")
    for run in work.active_runs():
        if run.id == identity:
            compiled = work.compiled(run)
            ending = None if compiled is None else compiled.ending(name)
            if ending is not None and ending.question is not None:
                with_entry(work, run)
                work.schedule(watch, ending.question.flips(work.sight, work.moment))
            return


def reach_late_goals(work: Work, fresh: list[Touchpoint]) -> None:
    """Let facts after the end of a run still count as its goal, within the time that the scenario states; once."""
    for index, one in enumerate(work.runs):
        if one.is_active or one.ended_at is None or one.state is EnrollmentState.REACHED_GOAL:
            continue
        compiled = work.plan.late_goals.get(one.scenario)
        if compiled is None or one.reason == LATE_GOAL:
            continue
        goal, within = compiled.ending("goal"), compiled.scenario.goal_within
        if goal is None or goal.fact is None or within is None:
            continue
        if not one.ended_at < work.moment <= one.ended_at + within:
            continue
        found = next((fact for fact in fresh if goal.fact(fact, one.entry)), None)
        if found is None:
            continue
        ended = one.frozen() if isinstance(one, Run) else one
        work.runs[index] = attrs.evolve(ended, reason=LATE_GOAL)
        said: dict[str, Value] = {"scenario": one.scenario, "enrollment": one.id, "fact": found.id}
        work.emit(Fact.GOAL_REACHED, one.id, said, cause=found.id)
        work.note("goal", one.scenario, "reached after the end", goal.sentence)
