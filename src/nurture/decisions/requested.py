"""Messages that were asked for without a run: by hand, by a broadcast, by a run of the subject's account. Pure.

A fact `message.requested` in a lead's inbox plans one message. The fact's id says whose it is and on what occasion,
and the message's key is made of it: what is asked for twice on one occasion is sent once.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from nurture.decisions.hops import hops_after, hops_of
from nurture.model import (
    EMPTY,
    Effect,
    EffectKind,
    EnrollmentId,
    Fact,
    FrozenMapping,
    Purpose,
    Repeat,
    Value,
    effect_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nurture.decisions.work import Work
    from nurture.model import Touchpoint

PARAMS = "params."
"""What stands before the names of a message's parameters in the fact that asks for it."""


def plan_requested(work: Work, request: Touchpoint) -> None:
    """Plan the message that a fact asks for, or say by another fact why it is not sent."""
    name = _text(request, "message")
    refusal = _refusal(work, name)
    if refusal is not None:
        told: dict[str, Value] = {"message": name, "reason": refusal, "request": request.id}
        told |= {key: value for key in ("occasion", "scenario") if (value := _text(request, key))}
        work.emit(Fact.MESSAGE_REFUSED, name, told, cause=request.id)
        work.note("effect", name, f"refused: {refusal}", "", {"request": request.id})
        return
    effect = _planned(work, request, name)
    work.effects[effect.id] = effect
    work.note("effect", name, "planned", "", {"key": effect.id, "request": request.id})


def _refusal(work: Work, name: str) -> str | None:
    """Why it cannot be planned, in a word."""
    message = work.plan.messages.get(name)
    if not work.is_lead:
        return "not_a_lead"
    if message is None:
        return "unknown_message"
    return "internal_message" if message.purpose is Purpose.INTERNAL else None


def _planned(work: Work, request: Touchpoint, name: str) -> Effect:
    message, at = work.plan.messages[name], work.moment
    not_after = request.properties.get("not_after")
    priority = request.properties.get("priority")
    return Effect(
        id=effect_key(work.tenant, request.id, "", 0),
        subject=request.subject,
        enrollment=EnrollmentId(_text(request, "occasion")),
        scenario=_text(request, "scenario"),
        step=_text(request, "step"),
        kind=EffectKind.MESSAGE,
        name=name,
        channel=message.channel,
        purpose=message.purpose,
        topic=message.topic,
        entity=message.entity,
        params=params_of(request),
        repeat=Repeat.AT_LEAST_ONCE if _text(request, "repeat") == Repeat.AT_LEAST_ONCE else Repeat.AT_MOST_ONCE,
        planned_at=at,
        due_at=at,
        expires_at=not_after if isinstance(not_after, datetime) else at + work.plan.program.policy.max_lateness,
        priority=priority if isinstance(priority, int) else 0,
        content=_text(request, "content"),
        hops=hops_after(hops_of(request), EffectKind.MESSAGE),
    )


def params_of(request: Touchpoint) -> Mapping[str, Value]:
    """The parameters that go along with the message."""
    size = len(PARAMS)
    found = {name[size:]: value for name, value in request.properties.items() if name.startswith(PARAMS)}
    return FrozenMapping(found) if found else EMPTY


def _text(request: Touchpoint, name: str) -> str:
    value = request.properties.get(name)
    return value if isinstance(value, str) else ""
