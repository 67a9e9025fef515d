"""Moving a subject from stage to stage, by a guard or by request; by nothing else. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.decisions.scoring import NO_SCORE
from nurture.model import EMPTY, Fact, FrozenMapping, Touchpoint, Value
from nurture.model.decay import value_at

if TYPE_CHECKING:
    from nurture.decisions.compiling import Gateway
    from nurture.decisions.work import Work

STALE = "stale"


def begin_lifecycle(work: Work) -> None:
    """Put a subject that has no stage yet into the first one."""
    if work.plan.stages and work.stage is None:
        _enter(work, work.plan.stages[0], reason="", request=None)


def serve_stage_requests(work: Work) -> None:
    """Answer every request for another stage: a change, or a refusal with its reason."""
    if not work.requests:
        return
    for request in [one for one in work.requests if one.kind == Fact.STAGE_REQUESTED]:
        work.requests.remove(request)
        target = str(request.properties.get("stage", ""))
        reason = str(request.properties.get("reason", ""))
        refusal = ask_for_stage(work, target, reason, request)
        if refusal is not None:
            work.emit(
                Fact.STAGE_REFUSED,
                target,
                {"stage": target, "reason": refusal, "request": request.id},
                cause=request.id,
            )


def ask_for_stage(work: Work, target: str, reason: str, request: Touchpoint | None = None) -> str | None:
    """Change the stage if the lifecycle allows it; the answer is the reason of a refusal, or None."""
    refusal, gateway = _refusal(work, target, reason)
    if refusal is not None:
        work.note("stage", target, f"refused: {refusal}", gateway.guard.sentence if gateway and gateway.guard else "")
        return refusal
    work.note("stage", target, "moved by request", "", {"from": work.stage, "reason": reason})
    _enter(work, target, reason, request)
    return None


def _refusal(work: Work, target: str, reason: str) -> tuple[str | None, Gateway | None]:
    if not work.plan.stages:
        return "no_lifecycle", None
    if target not in work.plan.stages:
        return "unknown_stage", None
    if target == work.stage:
        return "already_there", None
    ways = [one for one in work.plan.gateways.get(work.stage or "", ()) if one.transition.target == target]
    if not ways:
        return "no_transition", None
    if target in work.held:
        return "already_held_in_this_moment", None
    for gateway in ways:
        if gateway.guard is None or gateway.guard.holds(work.sight, work.moment):
            if gateway.transition.reason_required and not reason:
                return "reason_required", gateway
            return None, gateway
    return "guard", ways[0]


def take_transitions(work: Work) -> None:
    """Take the first transition whose guard holds, and again from there, each stage once in a moment."""
    _walk(work)
    work.dirty -= work.plan.guards  # those of other stages are asked when their stage is entered


def _walk(work: Work) -> None:
    while work.stage is not None:
        taken = False
        for gateway in work.plan.gateways.get(work.stage, ()):
            if gateway.auto is None or not work.asked(gateway.watch):
                continue
            if not gateway.auto.holds(work.sight, work.moment):
                continue
            if gateway.transition.target in work.held:
                work.note(
                    "skipped",
                    gateway.transition.target,
                    "this stage was held in this moment already",
                    gateway.auto.sentence,
                )
                continue
            work.note(
                "stage",
                gateway.transition.target,
                "moved",
                gateway.auto.sentence,
                seen_values(work, gateway.auto.reach.scores),
            )
            _enter(work, gateway.transition.target, reason="", request=None)
            taken = True
            break
        if not taken:
            return


def _enter(work: Work, stage: str, reason: str, request: Touchpoint | None) -> None:
    before = work.stage
    for gateway in work.plan.gateways.get(before or "", ()):
        work.agenda.pop(gateway.watch, None)
    work.stage = work.sight.stage = stage
    work.sight.stage_since = work.moment
    work.held.add(stage)
    work.dirty |= work.plan.by_stage
    for gateway in work.plan.gateways.get(stage, ()):
        if gateway.auto is not None:
            work.dirty.add(gateway.watch)
    stale_after = work.plan.stale_after.get(stage)
    work.schedule(STALE, None if stale_after is None else work.moment + stale_after)
    properties: dict[str, Value] = {"to": stage}
    if before is not None:
        properties["from"] = before
    if reason:
        properties["reason"] = reason
    if request is not None:
        properties["request"] = request.id
    if work.rolling:
        properties["rolled_over"] = True
    work.emit(Fact.STAGE_CHANGED, stage, properties, cause=request.id if request else "")


def stall(work: Work) -> None:
    """Emit `stage.stalled`, once, when the stage has lasted for its stated time."""
    if work.asked(STALE):
        work.touched.discard(STALE)
        work.schedule(STALE, None)
        work.emit(Fact.STAGE_STALLED, work.stage or "", {"stage": work.stage})
        work.note("stage", work.stage or "", "stalled")


def next_guards(work: Work, watch: str) -> None:
    """Put on the agenda when time alone may open a guard of the present stage."""
    for gateway in work.plan.gateways.get(work.stage or "", ()):
        if gateway.watch == watch and gateway.auto is not None:
            work.schedule(watch, gateway.auto.flips(work.sight, work.moment))
            return
    work.schedule(watch, None)


def seen_values(work: Work, scores: frozenset[str]) -> FrozenMapping[Value]:
    """What a decision saw that is not personal: the stage and the scores that it read."""
    seen: dict[str, Value] = {"stage": work.stage} if work.stage else {}
    for name in sorted(scores):
        model = work.plan.models.get(name)
        if model is not None:
            seen[f"score.{name}"] = round(value_at(work.scores.get(name, NO_SCORE), model.scale, work.moment), 6)
    return FrozenMapping(seen) if seen else EMPTY
