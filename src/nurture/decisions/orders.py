"""Carrying out what a step orders: another stage, a value, a tag, something to be done in the world. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.decisions.folding import changed_properties
from nurture.decisions.hops import hops_after
from nurture.decisions.lifecycle import ask_for_stage
from nurture.decisions.scene import turn_of
from nurture.decisions.scoring import score_constants
from nurture.model import EMPTY, Effect, EffectKind, Fact, FrozenMapping, Lead, Purpose, Value, effect_key
from nurture.model.standing import NOTHING
from nurture.program.double_opt_in import ASKED
from nurture.steps import (
    Acting,
    EffectOrder,
    FactOrder,
    KeepOrder,
    Order,
    ShiftOrder,
    StageOrder,
    ValueOrder,
    WaitUntil,
)
from nurture.steps.relaying import SAID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from nurture.decisions.run import Run
    from nurture.decisions.work import Work

MESSAGES = frozenset({EffectKind.MESSAGE, EffectKind.NOTICE})


def obey(work: Work, run: Run, order: Order) -> None:
    """Carry out an order of the step at which a run is."""
    if isinstance(order, StageOrder):
        ask_for_stage(work, order.stage, order.reason or f"scenario {run.scenario}")
    elif isinstance(order, ValueOrder):
        change_values(work, {order.name: order.value}, run)
    elif isinstance(order, FactOrder):
        work.emit(order.kind, f"{order.about}:{len(run.path)}", order.properties, cause=run.id)
    elif isinstance(order, ShiftOrder):
        run.shift += order.by
    elif isinstance(order, KeepOrder):
        run.touch()
        run.approved = FrozenMapping({**run.approved, order.message: order.content})
    elif isinstance(work.subject, Lead):
        tags = work.values.get("tags")
        kept = {str(tag) for tag in tags} if isinstance(tags, tuple) else set[str]()
        change_values(work, {"tags": tuple(sorted((kept | set(order.add)) - set(order.remove)))}, run)


def change_values(work: Work, wanted: Mapping[str, Value], run: Run) -> None:
    """Change values of the subject by our own hand; the change is a fact, and the projection follows."""
    after = {name: value or None if name == "tags" else value for name, value in wanted.items()}
    after = {name: value for name, value in after.items() if work.values.get(name) != value}
    if not after:
        return
    before = {name: work.values.get(name) for name in after}
    work.emit(
        Fact.LEAD_CHANGED if isinstance(work.subject, Lead) else Fact.ACCOUNT_CHANGED,
        f"{','.join(sorted(after))}:{len(run.path)}",
        changed_properties(work.subject.version + 1, before, after),
        cause=run.id,
    )
    for name, value in after.items():
        work.set_value(name, value)
        work.changed_fields[name] = value
    score_constants(work)


def _params(work: Work, run: Run, order: EffectOrder) -> Mapping[str, Value]:
    """What the step gives along.

    A message of a double opt-in also says what the person is asked for; a request for an approved message says what was
    approved, so that it binds those for whom it is sent.
    """
    if order.kind is EffectKind.RELAY:
        approved = run.approved.get(str(order.params.get(f"{SAID}message")))
        bound: Mapping[str, Value] = EMPTY if approved is None else {f"{SAID}content": approved}
        return FrozenMapping({**order.params, **bound}) if bound else order.params
    compiled = work.compiled(run) if order.kind is EffectKind.MESSAGE and run.run_key else None
    if compiled is None or compiled.scenario.key != ASKED:
        return order.params
    return FrozenMapping({**order.params, ASKED: run.run_key})


def planned(work: Work, run: Run, order: EffectOrder) -> Effect:
    """The effect that a step asks for; its key is determined by run, step and occurrence alone."""
    step = run.path[-1].step
    message = work.plan.messages.get(order.name) if order.kind in MESSAGES else None
    at = work.moment
    last = run.path[-1].at - _lateness(work, run) + (order.max_lateness or work.plan.program.policy.max_lateness)
    return Effect(
        id=effect_key(work.tenant, run.id, turn_of(step, run.turns), len(run.path) - 1),
        subject=work.dossier.subject.id,
        enrollment=run.id,
        scenario=run.scenario,
        step=step,
        kind=order.kind,
        name=order.name,
        channel=message.channel if message else "",
        purpose=message.purpose if message else Purpose.INTERNAL,
        topic=message.topic if message else "",
        entity=message.entity if message else "",
        params=_params(work, run, order),
        repeat=order.repeat,
        planned_at=at,
        due_at=at,
        expires_at=last if order.not_after is None else min(last, order.not_after),
        content=str(run.approved.get(order.name, "")) if message else "",
        priority=_priority(work, run),
        hops=hops_after(run.hops, order.kind),
    )


def _lateness(work: Work, run: Run) -> timedelta:
    """How much later than planned the run came here; what follows something that was sent counts from when it was."""
    compiled = work.compiled(run) if run.late else None
    if compiled is None:
        return run.late
    following = run.path[-1]
    for visit in reversed(run.path[run.moved : -1]):
        step = compiled.flow.nodes[visit.step].step
        if isinstance(step, Acting):
            return NOTHING
        if visit.at < following.at or isinstance(step, WaitUntil):  # it was planned for when that wait was over
            break
        following = visit
    return run.late


def _priority(work: Work, run: Run) -> int:
    """Of the version of the scenario on which a run goes."""
    compiled = work.compiled(run)
    return compiled.scenario.priority if compiled is not None else 0
