"""Runs of scenarios: who enters, what the present step says, when a run ends. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from nurture.decisions.folding import changed_properties
from nurture.decisions.lifecycle import ask_for_stage, seen_values
from nurture.decisions.scene import EnrollmentScene
from nurture.decisions.scoring import score_constants
from nurture.model import (
    Effect,
    EffectKind,
    EffectState,
    Enrollment,
    EnrollmentState,
    Fact,
    Lead,
    Purpose,
    Touchpoint,
    Value,
    Visit,
    effect_key,
    enrollment_id,
)
from nurture.program import Reentry
from nurture.steps import EffectOrder, Go, Leave, Move, Order, StageOrder, Stay, ValueOrder

if TYPE_CHECKING:
    from nurture.decisions.plan import CompiledScenario, Ending
    from nurture.decisions.work import Work


def run_enrollments(work: Work, fresh: list[Touchpoint]) -> None:
    """Let facts enroll, serve requests, end the runs that ended, and move on the others."""
    for fact in fresh:
        _trigger(work, fact)
    _serve_requests(work)
    for enrollment in list(work.enrollments):
        if enrollment.is_active:
            _attend(work, enrollment, fresh)


def _trigger(work: Work, fact: Touchpoint) -> None:
    if work.rolling:
        return
    triggers = work.plan.triggers
    for trigger in (*triggers.get(fact.kind, ()), *triggers.get(None, ())):
        if trigger.matches(fact):
            enroll(work, trigger.scenario, fact, _run_key(trigger.scenario, fact))


def _run_key(compiled: CompiledScenario, fact: Touchpoint) -> str:
    key = compiled.scenario.key
    return "" if key is None else str(fact.properties.get(key, ""))


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
            for one in list(work.enrollments):
                if one.is_active and one.scenario == name and (not key or one.run_key == key):
                    leave(work, one, EnrollmentState.WITHDRAWN, reason)
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
    for one in list(work.enrollments):
        if one.is_active and one.scenario == scenario.name and one.run_key == run_key:
            leave(work, one, EnrollmentState.RESTARTED, "restarted")
    identity = enrollment_id(work.tenant, work.subject_id, scenario.name, run_key, cause.id)
    started = Enrollment(
        id=identity,
        scenario=scenario.name,
        version=compiled.version,
        run_key=run_key,
        cause=cause.id,
        started_at=work.moment,
    )
    work.enrollments.append(started)
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
    _walk(work, started, compiled, compiled.flow.start)
    return None


def _entry_refusal(work: Work, compiled: CompiledScenario, run_key: str, *, by_hand: bool) -> str | None:
    scenario = compiled.scenario
    runs = [one for one in work.enrollments if one.scenario == scenario.name and one.run_key == run_key]
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


def _attend(work: Work, enrollment: Enrollment, fresh: list[Touchpoint]) -> None:
    compiled = work.compiled(enrollment)
    if compiled is None:
        return  # its version was not loaded; the store keeps it, and the runtime loads it before deciding
    for name, state in (("goal", EnrollmentState.REACHED_GOAL), ("exit", EnrollmentState.EXITED)):
        ending: Ending | None = getattr(compiled, name)
        if ending is not None and _has_ended(work, f"{name}:{enrollment.id}", ending, enrollment, fresh):
            work.note("left", enrollment.scenario, state.value, ending.sentence)
            leave(work, enrollment, state, name, noted=True)
            return
    _resume(work, enrollment, compiled, fresh)


def _has_ended(work: Work, watch: str, ending: Ending, enrollment: Enrollment, fresh: list[Touchpoint]) -> bool:
    if ending.fact is not None:
        matches = ending.fact
        return any(
            (ending.kind is None or fact.kind == ending.kind) and fact.id != enrollment.cause and matches(fact)
            for fact in fresh
        )
    question = ending.question
    if question is None:
        return False
    concerned = any(question.reach.touches_kind(fact.kind) for fact in fresh) or _reads_what_changed(
        work, question.reach
    )
    if not work.asked(watch) and not concerned:
        return False
    work.touched.add(watch)
    return question.holds(work.sight, work.moment)


def _reads_what_changed(work: Work, reach: object) -> bool:
    """Whether a question reads fields or the stage; those are few, so it is simply asked again."""
    return bool(
        getattr(reach, "lead_fields", None) or getattr(reach, "account_fields", None) or getattr(reach, "stage", False)
    )


def _resume(work: Work, enrollment: Enrollment, compiled: CompiledScenario, fresh: list[Touchpoint]) -> None:
    node = compiled.flow.nodes.get(enrollment.step or "")
    if node is None:
        return
    receipt = work.receipts.get(enrollment.effect) if enrollment.effect is not None else None
    time_has_come = work.asked(f"step:{enrollment.id}")
    if receipt is None and not time_has_come and not (node.step.listens and fresh):
        return
    outcome = receipt.kind.rpartition(".")[2] if receipt is not None else None
    scene = EnrollmentScene(work, enrollment, compiled, outcome)
    if receipt is not None:
        claimed_at = receipt.properties.get("claimed_at")
        since = claimed_at if isinstance(claimed_at, datetime) else work.moment
        enrollment = _replace(work, enrollment, attrs.evolve(enrollment, effect=None, since=since))
        scene.since = since
    elif enrollment.effect is not None:
        return  # the effect has not settled; time alone moves nothing here
    _carry_out(work, enrollment, compiled, node.step.resume(scene))


def _walk(work: Work, enrollment: Enrollment, compiled: CompiledScenario, address: str | None) -> None:
    """Arrive at a step; steps that do not stay lead on to the next within the same moment."""
    if address is None:
        leave(work, enrollment, EnrollmentState.COMPLETED, "end")
        return
    enrollment = _replace(
        work, enrollment, attrs.evolve(enrollment, path=(*enrollment.path, Visit(address, work.moment)), until=None)
    )
    work.agenda.pop(f"step:{enrollment.id}", None)
    scene = EnrollmentScene(work, enrollment, compiled, None)
    _carry_out(work, enrollment, compiled, compiled.flow.nodes[address].step.arrive(scene))


def _carry_out(work: Work, enrollment: Enrollment, compiled: CompiledScenario, move: Move) -> None:
    if isinstance(move, Stay):
        _stay(work, enrollment, move)
    elif isinstance(move, Leave):
        leave(work, enrollment, move.state, move.reason)
    else:
        _go(work, enrollment, compiled, move)


def _stay(work: Work, enrollment: Enrollment, move: Stay) -> None:
    changed = attrs.evolve(enrollment, until=move.until)
    if move.effect is not None:
        effect = _planned(work, enrollment, move.effect)
        work.effects[effect.id] = effect
        work.note("effect", effect.name, "planned", "", {"key": effect.id, "step": effect.step})
        changed = attrs.evolve(changed, effect=effect.id)
    _replace(work, enrollment, changed)
    work.schedule(f"step:{enrollment.id}", move.until)


def _go(work: Work, enrollment: Enrollment, compiled: CompiledScenario, move: Go) -> None:
    visit = enrollment.path[-1]
    enrollment = _replace(
        work, enrollment, attrs.evolve(enrollment, path=(*enrollment.path[:-1], attrs.evolve(visit, edge=move.edge)))
    )
    node = compiled.flow.nodes[visit.step]
    if move.edge != "next" or move.saw:
        work.note("step", enrollment.scenario, f"{visit.step} → {move.edge}", node.step.sentence(), move.saw)
    for order in move.orders:
        _obey(work, enrollment, order)
    if node.step.listens:
        enrollment = _replace(work, enrollment, attrs.evolve(enrollment, since=None))
    _walk(work, enrollment, compiled, node.ways[move.edge])


def _planned(work: Work, enrollment: Enrollment, order: EffectOrder) -> Effect:
    step = enrollment.path[-1].step
    program = work.plan.program
    message = program.message(order.name) if order.kind is not EffectKind.ACTION else None
    return Effect(
        id=effect_key(work.tenant, enrollment.id, step, len(enrollment.path) - 1),
        subject=work.dossier.subject.id,
        enrollment=enrollment.id,
        scenario=enrollment.scenario,
        step=step,
        kind=order.kind,
        name=order.name,
        channel=message.channel if message else "",
        purpose=message.purpose if message else Purpose.INTERNAL,
        topic=message.topic if message else "",
        params=order.params,
        repeat=order.repeat,
        planned_at=work.moment,
        due_at=work.moment,
        expires_at=work.moment + (order.max_lateness or program.policy.max_lateness),
    )


def _obey(work: Work, enrollment: Enrollment, order: Order) -> None:
    if isinstance(order, StageOrder):
        ask_for_stage(work, order.stage, order.reason or f"scenario {enrollment.scenario}")
    elif isinstance(order, ValueOrder):
        change_values(work, {order.name: order.value}, enrollment)
    elif isinstance(work.subject, Lead):
        tags = work.values.get("tags") or ()
        kept = {str(tag) for tag in (tags if isinstance(tags, tuple) else ())}
        change_values(work, {"tags": tuple(sorted((kept | set(order.add)) - set(order.remove)))}, enrollment)


def change_values(work: Work, wanted: Mapping[str, Value], enrollment: Enrollment) -> None:
    """Change values of the subject by our own hand; the change is a fact, and the projection follows."""
    after = {name: value or None if name == "tags" else value for name, value in wanted.items()}
    after = {name: value for name, value in after.items() if work.values.get(name) != value}
    if not after:
        return
    before = {name: work.values.get(name) for name in after}
    revision = work.subject.version + 1
    is_lead = isinstance(work.subject, Lead)
    work.emit(
        Fact.LEAD_CHANGED if is_lead else Fact.ACCOUNT_CHANGED,
        f"{enrollment.id}:{','.join(sorted(after))}:{len(enrollment.path)}",
        changed_properties(revision, before, after),
        cause=enrollment.id,
    )
    for name, value in after.items():
        work.set_value(name, value)
        work.changed_fields[name] = value
    score_constants(work)


def leave(work: Work, enrollment: Enrollment, state: EnrollmentState, reason: str, *, noted: bool = False) -> None:
    """End a run; what it asked for and nobody claimed yet is cancelled."""
    _cancel(work, enrollment)
    ended = attrs.evolve(
        enrollment, state=state, ended_at=work.moment, reason=reason, until=None, effect=None, since=None
    )
    _replace(work, enrollment, ended)
    for name in ("step", "goal", "exit"):
        watch = f"{name}:{enrollment.id}"
        work.agenda.pop(watch, None)
        work.dirty.discard(watch)
        work.touched.discard(watch)
    properties: dict[str, Value] = {
        "scenario": enrollment.scenario,
        "enrollment": enrollment.id,
        "state": state.value,
        "reason": reason,
    }
    work.emit(Fact.ENROLLMENT_ENDED, enrollment.id, properties, cause=enrollment.cause)
    if not noted:
        work.note("left", enrollment.scenario, state.value, "", {"reason": reason, **seen_values(work, frozenset())})


def _cancel(work: Work, enrollment: Enrollment) -> None:
    key = enrollment.effect
    if key is None:
        return
    if key in work.effects:
        work.effects[key] = attrs.evolve(
            work.effects[key], state=EffectState.CANCELLED, due_at=None, settled_at=work.moment, reason="left"
        )
        return
    effect = work.open_effects.get(key)
    if effect is not None and effect.state is EffectState.PLANNED:
        work.effects[key] = attrs.evolve(
            effect,
            version=effect.version + 1,
            state=EffectState.CANCELLED,
            due_at=None,
            settled_at=work.moment,
            reason="left",
        )


def _replace(work: Work, old: Enrollment, new: Enrollment) -> Enrollment:
    for index, one in enumerate(work.enrollments):
        if one.id == old.id and one.started_at == old.started_at:
            work.enrollments[index] = new
            return new
    return new


def next_turn(work: Work, watch: str) -> None:
    """Put on the agenda when time alone may end a run: a goal or an exit that is a question."""
    name, _, identity = watch.partition(":")
    for one in work.enrollments:
        if one.id == identity and one.is_active:
            compiled = work.compiled(one)
            ending: Ending | None = getattr(compiled, name, None) if compiled else None
            if ending is not None and ending.question is not None:
                work.schedule(watch, ending.question.flips(work.sight, work.moment))
            return
