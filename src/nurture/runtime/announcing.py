"""Giving a broadcast, and approving it: what is kept until its instant comes.

May import `broadcasting` and what lies below it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nurture.decisions.requested import PARAMS
from nurture.errors import ConflictError, DefinitionError, NotFoundError
from nurture.model import (
    Changes,
    Definition,
    Effect,
    EffectId,
    EffectKind,
    EffectState,
    EnrollmentId,
    FrozenMapping,
    Repeat,
    SubjectId,
    Value,
    broadcast_id,
    digest,
    is_broadcast,
)
from nurture.model.ids import shown
from nurture.program.broadcast import Broadcast, broadcast_problems, broadcast_to_json, message_problem
from nurture.program.codec import content_of
from nurture.program.program import canonical
from nurture.runtime.audiences import AT_ONCE, freeze
from nurture.runtime.broadcasting import AWAITS, CHANGED, message_of, number_of
from nurture.runtime.results import Refused

if TYPE_CHECKING:
    from nurture.ports import View
    from nurture.program import Program
    from nurture.runtime.host import Host

ATTEMPTS = 5


def keep(host: Host, given: object) -> EffectId:
    """Keep a broadcast until its instant comes; see `Nurture.broadcast`."""
    if not isinstance(given, Broadcast):
        raise DefinitionError(f"broadcast: expected a Broadcast, found {type(given).__name__}")
    problems = broadcast_problems(host.program, given)
    if problems:
        raise DefinitionError(problems)
    body = canonical(broadcast_to_json(given))
    definition = Definition(id=digest("bdef", body), what="broadcast", body=body)
    identity = broadcast_id(host.tenant, given.name)
    for _ in range(ATTEMPTS):
        with host.storage.view() as view:
            known = view.get(Effect, [identity]).get(identity)
            if known is not None and known.params.get("definition") == definition.id:
                return identity
            _refuse_begun(known, given)
            _refuse_strangers(view, given)
        edition = 1 if known is None else number_of(known, "edition") + 1
        if given.is_frozen:
            freeze(host, given.to, identity, edition)
        with host.storage.begin() as unit:
            effect = _effect(host, given, identity, definition.id, edition, known, unit.now())
            conflicts = unit.put({SubjectId(identity): Changes(records=(definition, effect))})
        if not conflicts:
            return identity
    raise ConflictError(f"the broadcast {given.name!r} is being written by others all the time; try again")


def _refuse_begun(known: Effect | None, given: Broadcast) -> None:
    if known is None:
        return
    if known.fence or known.state is EffectState.ACCEPTED:  # whoever claimed it may have asked for messages
        raise DefinitionError(
            f"broadcast {given.name!r}: one of this name has begun, with another content; give this one another name"
        )


def _refuse_strangers(view: View, given: Broadcast) -> None:
    if not isinstance(given.to, tuple):
        return
    missing: list[str] = []
    for first in range(0, len(given.to), AT_ONCE):
        some = given.to[first : first + AT_ONCE]
        there = view.existing(some)
        missing += [one for one in some if one not in there]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise NotFoundError(f"no such lead: {', '.join(map(shown, missing[:3]))}{more}; nothing was kept")


def _effect(
    host: Host, given: Broadcast, identity: EffectId, definition: str, edition: int, known: Effect | None, now: datetime
) -> Effect:
    start = given.at or now
    late = given.max_lateness or host.program.policy.max_lateness
    params: dict[str, Value] = {
        "definition": definition,
        "edition": edition,
        "message": given.message,
        "priority": given.priority,
        "lateness": late.total_seconds(),
        "chunk": 0,
        **({"approval": given.approval} if given.approval else {}),
        **({"at": given.at} if given.at else {}),
        **{f"{PARAMS}{name}": value for name, value in given.params.items()},
    }
    return Effect(
        id=identity,
        version=1 if known is None else known.version + 1,
        subject=SubjectId(identity),
        enrollment=EnrollmentId(identity),
        scenario="",
        step="",
        kind=EffectKind.RELAY,
        name=given.name,
        params=FrozenMapping(params),
        repeat=Repeat.AT_LEAST_ONCE,
        planned_at=now,
        due_at=None if given.approval else start,
        expires_at=start + late if given.at or not given.approval else None,
        reason=AWAITS if given.approval else "",
    )


def approve(host: Host, identity: EffectId, *, by: str, role: str, content: str | None) -> Refused | None:
    """Approve a broadcast as its message reads now; see `Nurture.approve_broadcast`."""
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            known, now = broadcast_in(unit, identity), unit.now()
            refusal = _refusal(host.program, known, role, content, now)
            if refusal is not None:
                return Refused(refusal)
            conflicts = unit.put({known.subject: Changes(records=(_approved(host.program, known, by, now),))})
        if not conflicts:
            return None
    raise ConflictError("the broadcast is being written by others all the time; try again")


def _refusal(program: Program, known: Effect, role: str, content: str | None, now: datetime) -> str | None:
    waits = known.state is EffectState.PLANNED and known.reason == AWAITS
    if not waits and not (known.state is EffectState.REJECTED and known.reason == CHANGED):
        return "not_asked_for"
    if known.params.get("approval") != role:
        return "wrong_role"
    if any(message_problem(program, message_of(known), "")):
        return "unknown_message"
    if content is not None and content != content_of(program, message_of(known)):
        return CHANGED
    return "too_late" if known.expires_at is not None and known.expires_at < now else None


def _approved(program: Program, known: Effect, by: str, now: datetime) -> Effect:
    at, lateness = known.params.get("at"), known.params.get("lateness")
    start = at if isinstance(at, datetime) and at > now else now
    late = timedelta(seconds=lateness if isinstance(lateness, (int, float)) else 0.0)
    said: dict[str, Value] = {
        "approved": content_of(program, message_of(known)),
        "approved_by": by,
        "approved_at": now,
    }
    return known.moved(
        state=EffectState.PLANNED,
        due_at=start,
        expires_at=known.expires_at or start + late,
        settled_at=None,
        attempts=0,
        reason="",
        params=FrozenMapping({**known.params, **said}),
    )


def broadcast_in(view: View, identity: EffectId) -> Effect:
    """The effect that keeps a broadcast.

    Raises:
        NotFoundError: There is none of this id.
    """
    found = view.get(Effect, [identity]).get(identity)
    if found is None or not is_broadcast(found.id):
        raise NotFoundError(f"no such broadcast: {shown(identity, 'cast_…')}")
    return found
