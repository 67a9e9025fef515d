"""Runs of scenarios: who enters, what the present step says, when a run ends. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from nurture.decisions.lifecycle import seen_values
from nurture.decisions.orders import obey, planned
from nurture.decisions.run import Run
from nurture.decisions.scene import EnrollmentScene
from nurture.model import EffectState, EnrollmentState, Fact, Touchpoint, Value, Visit, enrollment_id
from nurture.program import Reentry
from nurture.steps import NEXT, Go, Move, Stay

if TYPE_CHECKING:
    from nurture.decisions.compiling import CompiledScenario, Ending
    from nurture.decisions.work import Work
    from nurture.predicates import Reach


def run_enrollments(work: Work, fresh: list[Touchpoint]) -> None:
    """Let facts enroll, serve requests, end the runs that ended, and move on the others."""
    if fresh and not work.rolling:
        for fact in fresh:
            _trigger(work, fact)
    if work.requests:
        _serve_requests(work)
    for run in work.active_runs():
        if run.is_active:  # one that was attended before may have ended it
            _attend(work, run, fresh)


def _trigger(work: Work, fact: Touchpoint) -> None:
    for trigger in work.plan.triggers_of(fact.kind):
        if trigger.matches(fact):
            enroll(work, trigger.scenario, fact, _run_key(trigger.scenario, fact))


def _run_key(compiled: CompiledScenario, fact: Touchpoint) -> str:
    key = compiled.scenario.key
    value = None if key is None else fact.properties.get(key)
    return "" if value is None else str(value)


def _serve_requests(work: Work) -> None:
    for request in work.requests:
        name = str(request.properties.get("scenario", ""))
        key = str(request.properties.get("key", ""))
        if request.kind == Fact.ENROLLMENT_REQUESTED:
            compiled = work.plan.current.get(name)
            refusal = "unknown_scenario" if compiled is None else enroll(work, compiled, request, key, by_hand=True)
            if refusal is not None:
                saw: dict[str, Value] = {"scenario": name, "reason": refusal, "request": request.id}
                work.emit(Fact.ENROLLMENT_REFUSED, name, saw, cause=request.id)
        elif request.kind == Fact.WITHDRAWAL_REQUESTED:
            reason = str(request.properties.get("reason", "")) or "by request"
            for run in work.active_runs():
                if run.scenario == name and (not key or run.run_key == key):
                    leave(work, run, EnrollmentState.WITHDRAWN, reason)
    work.requests = []


def enroll(
    work: Work, compiled: CompiledScenario, cause: Touchpoint, run_key: str, *, by_hand: bool = False
) -> str | None:
    """Begin a run, if the scenario's rules allow it; the answer is the reason of a refusal, or None."""
    scenario = compiled.scenario
    refusal = _entry_refusal(work, compiled, run_key, by_hand=by_hand)
    if refusal is not None:
        work.note("enrolled", scenario.name, f"refused: {refusal}")
        return refusal
    for one in work.active_runs():
        if one.scenario == scenario.name and one.run_key == run_key:
            leave(work, one, EnrollmentState.RESTARTED, "restarted")
    identity = enrollment_id(work.tenant, work.subject_id, scenario.name, run_key, cause.id)
    run = Run(identity, scenario.name, compiled.version, run_key, cause.id, work.moment)
    work.runs.append(run)
    saw: dict[str, Value] = {"scenario": scenario.name, "enrollment": identity, "version": compiled.version}
    if run_key:
        saw["key"] = run_key
    if by_hand:
        saw["request"] = cause.id
    work.emit(Fact.ENROLLMENT_STARTED, identity, saw, cause=cause.id)
    work.note("enrolled", scenario.name, "started", "", {"cause": cause.kind, **({"key": run_key} if run_key else {})})
    for name, ending in (("goal", compiled.goal), ("exit", compiled.exit)):
        if ending is not None and ending.question is not None:
            work.dirty.add(f"{name}:{identity}")
    _walk(work, run, compiled, compiled.flow.start)
    return None


def _entry_refusal(work: Work, compiled: CompiledScenario, run_key: str, *, by_hand: bool) -> str | None:
    scenario = compiled.scenario
    runs = [one for one in work.runs if one.scenario == scenario.name and one.run_key == run_key]
    if any(one.is_active for one in runs) and scenario.reentry is not Reentry.RESTART:
        return "already_active"
    ended = [one.ended_at for one in runs if one.ended_at is not None]
    if ended and scenario.reentry is Reentry.NEVER:
        return "ran_before"
    if ended and scenario.reentry_after is not None and max(ended) + scenario.reentry_after > work.moment:
        return "too_soon"
    if compiled.only_if is not None and not by_hand and not compiled.only_if.holds(work.sight, work.moment):
        return "only_if"
    return None


def _attend(work: Work, run: Run, fresh: list[Touchpoint]) -> None:
    compiled = work.compiled(run)
    if compiled is None:
        return  # its version was not loaded; the store keeps it, and the runtime loads it before deciding
    for name, ending, state in compiled.endings:
        if _has_ended(work, f"{name}:{run.id}", ending, run, fresh):
            work.note("left", run.scenario, state.value, ending.sentence)
            leave(work, run, state, name, noted=True)
            return
    _resume(work, run, compiled, fresh)


def _has_ended(work: Work, watch: str, ending: Ending, run: Run, fresh: list[Touchpoint]) -> bool:
    matches, question = ending.fact, ending.question
    if matches is not None:
        kind = ending.kind
        return any((kind is None or fact.kind == kind) and fact.id != run.cause and matches(fact) for fact in fresh)
    if question is None:
        return False
    concerned = any(question.reach.touches_kind(fact.kind) for fact in fresh) or _reads_values(question.reach)
    if not work.asked(watch) and not concerned:
        return False
    work.touched.add(watch)
    return question.holds(work.sight, work.moment)


def _reads_values(reach: Reach) -> bool:
    """Whether a question reads fields or the stage; such endings are few, so they are simply asked again."""
    return bool(reach.lead_fields or reach.account_fields or reach.stage or reach.people)


def _resume(work: Work, run: Run, compiled: CompiledScenario, fresh: list[Touchpoint]) -> None:
    node = compiled.flow.nodes.get(run.path[-1].step if run.path else "")
    if node is None:
        return
    receipt = work.receipts.get(run.effect) if run.effect is not None else None
    time_has_come = work.is_step_due(run.watch)
    if receipt is None and not time_has_come and not (fresh and node.step.listens):
        return
    outcome = None
    if receipt is not None:
        claimed_at = receipt.properties.get("claimed_at")
        run.touch()
        run.effect = None
        run.since = claimed_at if isinstance(claimed_at, datetime) else work.moment
        outcome = receipt.kind.rpartition(".")[2]
    elif run.effect is not None:
        return  # the effect has not settled; time alone moves nothing here
    _carry_out(work, run, compiled, node.step.resume(EnrollmentScene(work, run, compiled, outcome)))


def _walk(work: Work, run: Run, compiled: CompiledScenario, address: str | None) -> None:
    """Arrive at a step; steps that do not stay lead on to the next within the same moment."""
    move = _arrived(work, run, compiled, address)
    if move is not None:
        _carry_out(work, run, compiled, move)


def _carry_out(work: Work, run: Run, compiled: CompiledScenario, move: Move | None) -> None:
    while move is not None:
        if isinstance(move, Go):
            _leave_step(work, run, compiled, move)
            if not run.is_active:
                return
            move = _arrived(work, run, compiled, compiled.flow.nodes[run.path[-1].step].ways[move.edge])
        elif isinstance(move, Stay):
            _stay(work, run, move)
            return
        else:
            leave(work, run, move.state, move.reason)
            return


def _arrived(work: Work, run: Run, compiled: CompiledScenario, address: str | None) -> Move | None:
    """Come to a step and ask it; there is nothing to ask after the last one."""
    if address is None:
        leave(work, run, EnrollmentState.COMPLETED, "end")
        return None
    run.was = None
    run.path = (*run.path, Visit(address, work.moment))
    run.until = None
    work.agenda.pop(run.watch, None)
    return compiled.flow.nodes[address].step.arrive(EnrollmentScene(work, run, compiled, None))


def _stay(work: Work, run: Run, move: Stay) -> None:
    if run.until != move.until:
        run.touch()
        run.until = move.until
    if move.effect is not None:
        effect = planned(work, run, move.effect)
        work.effects[effect.id] = effect
        work.note("effect", effect.name, "planned", "", {"key": effect.id, "step": effect.step})
        run.touch()
        run.effect = effect.id
    work.schedule(run.watch, move.until)


def _leave_step(work: Work, run: Run, compiled: CompiledScenario, move: Go) -> None:
    """Leave the present step by an edge, after what it orders was done."""
    visit = run.path[-1]
    run.touch()
    run.path = (*run.path[:-1], Visit(visit.step, visit.at, move.edge))
    if move.edge != NEXT or move.saw:
        work.note("step", run.scenario, f"{visit.step} → {move.edge}", compiled.sentence(visit.step), move.saw)
    for order in move.orders:
        obey(work, run, order)
    if compiled.flow.nodes[visit.step].step.listens:
        run.since = None


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
    for name in ("goal", "exit"):
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
    """Put on the agenda when time alone may end a run: a goal or an exit that is a question."""
    name, _, identity = watch.partition(":")
    for run in work.active_runs():
        if run.id == identity:
            compiled = work.compiled(run)
            ending = None if compiled is None else compiled.goal if name == "goal" else compiled.exit
            if ending is not None and ending.question is not None:
                work.schedule(watch, ending.question.flips(work.sight, work.moment))
            return
