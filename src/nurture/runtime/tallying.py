"""What became of a broadcast, counted; and stopping one, which states the rest.

May import `announcing` and what lies below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from nurture.errors import ConflictError
from nurture.model import (
    Changes,
    Effect,
    EffectId,
    EffectState,
    FrozenMapping,
    InboxRow,
    Touchpoint,
    is_broadcast,
)
from nurture.program.broadcast import message_problem
from nurture.program.codec import content_of
from nurture.runtime.announcing import broadcast_in
from nurture.runtime.audiences import chunks
from nurture.runtime.broadcasting import AWAITS, STOPPED, message_of, number_of
from nurture.runtime.requested import message_key, request_id

if TYPE_CHECKING:
    from nurture.model import LeadId
    from nurture.ports import View
    from nurture.program import Program
    from nurture.runtime.host import Host

ATTEMPTS = 20
PAGE = 100
FIRST = "cast_"
"""Before the id of the first broadcast, in the order of ids."""


class BroadcastState(StrEnum):
    """How a broadcast stands.

    `ended`: it ended before everybody was asked for; the reason says why: `content_changed`, `unknown_message`,
    `too_late`. `done`: all its messages were asked for; they may still wait for their turn.
    """

    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    ENDED = "ended"


@attrs.frozen(slots=True, kw_only=True)
class BroadcastCounts:
    """What became of the messages of a broadcast.

    Attributes:
        undecided: They were asked for, and the lead has not been decided since.
        planned: They wait for their turn.
        deferred: They were put off, by the reason.
        claimed: They are being sent.
        accepted: The other side took them over.
        withheld: The gate said no, by the reason.
        rejected: They were refused for good, by the reason.
        unknown: Nobody knows.
        cancelled: The broadcast was stopped before they were claimed.
        refused: They could not be planned; a fact `message.refused` of the lead says why.
        gone: The lead did not exist any more when it was asked for, or was erased since.
    """

    undecided: int = 0
    planned: int = 0
    deferred: Mapping[str, int] = attrs.field(factory=FrozenMapping[int])
    claimed: int = 0
    accepted: int = 0
    withheld: Mapping[str, int] = attrs.field(factory=FrozenMapping[int])
    rejected: Mapping[str, int] = attrs.field(factory=FrozenMapping[int])
    unknown: int = 0
    cancelled: int = 0
    refused: int = 0
    gone: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        plain = self.undecided + self.planned + self.claimed + self.accepted + self.unknown + self.cancelled
        by_reason = sum(sum(some.values()) for some in (self.deferred, self.withheld, self.rejected))
        return plain + by_reason + self.refused + self.gone


@attrs.frozen(slots=True, kw_only=True)
class BroadcastStatus:
    """How a broadcast stands.

    Attributes:
        id: Its id.
        name: Its name.
        message: The message that it sends.
        state: In a word.
        reason: Why it ended, was stopped, or waits.
        at: When it is due; None where that is as soon as it was approved.
        approval: The role that has to approve it; None means nobody.
        approved_by: Who did; None while nobody has.
        content: Hash of what its message says now: give it to `approve_broadcast` to approve just that.
        asked: How many messages were asked for so far.
        counts: What became of them; None where nobody counted.
    """

    id: EffectId
    name: str
    message: str
    state: BroadcastState
    reason: str = ""
    at: datetime | None = None
    approval: str | None = None
    approved_by: str | None = None
    content: str = ""
    asked: int = 0
    counts: BroadcastCounts | None = None


def statuses(host: Host) -> Iterator[BroadcastStatus]:
    """Every broadcast, in the order of ids."""
    after = FIRST
    while True:
        with host.storage.view() as view:
            page = view.page(Effect, after, PAGE)
        for one in page:
            if not is_broadcast(one.id):
                return
            yield _status(host.program, one)
        if len(page) < PAGE:
            return
        after = page[-1].id


def status(host: Host, identity: EffectId) -> BroadcastStatus:
    """One broadcast, with what became of its messages.

    Raises:
        NotFoundError: There is none of this id.
    """
    with host.storage.view() as view:
        effect = broadcast_in(view, identity)
    tally = _Tally()
    for chunk in chunks(host, identity, number_of(effect, "edition"), number_of(effect, "chunk")):
        with host.storage.view() as view:
            _count(host.tenant, view, effect, chunk.leads, tally)
    plain, counts = _status(host.program, effect), tally.counts
    # Of a chunk in which it was stopped nobody wrote down how many were asked for.
    return attrs.evolve(plain, counts=counts, asked=max(plain.asked, counts.total - counts.gone))


def _status(program: Program, effect: Effect) -> BroadcastStatus:
    params, message = effect.params, message_of(effect)
    at, approval, by = params.get("at"), params.get("approval"), params.get("approved_by")
    known = not any(message_problem(program, message, ""))
    return BroadcastStatus(
        id=effect.id,
        name=effect.name,
        message=message,
        state=_state(effect),
        reason=effect.reason,
        at=at if isinstance(at, datetime) else None,
        approval=approval if isinstance(approval, str) else None,
        approved_by=by if isinstance(by, str) else None,
        content=content_of(program, message) if known else "",
        asked=number_of(effect, "asked"),
    )


def _state(effect: Effect) -> BroadcastState:
    if effect.state is EffectState.PLANNED:
        if effect.reason == AWAITS:
            return BroadcastState.AWAITING_APPROVAL
        return BroadcastState.RUNNING if number_of(effect, "chunk") else BroadcastState.SCHEDULED
    others = {
        EffectState.CLAIMED: BroadcastState.RUNNING,
        EffectState.ACCEPTED: BroadcastState.DONE,
        EffectState.CANCELLED: BroadcastState.STOPPED,
    }
    return others.get(effect.state, BroadcastState.ENDED)


class _Tally:
    """Counts in the making."""

    def __init__(self) -> None:
        self.plain: Counter[str] = Counter()
        self.by_reason: dict[str, Counter[str]] = {}

    def add(self, word: str, reason: str | None = None) -> None:
        if reason is None:
            self.plain[word] += 1
        else:
            self.by_reason.setdefault(word, Counter())[reason] += 1

    @property
    def counts(self) -> BroadcastCounts:
        sorted_out = {word: FrozenMapping(dict(sorted(some.items()))) for word, some in self.by_reason.items()}
        return BroadcastCounts(**self.plain, **sorted_out)  # type: ignore[arg-type]  # the words are its fields


def _count(tenant: str, view: View, broadcast: Effect, leads: Sequence[LeadId], tally: _Tally) -> None:
    """Count what became of one chunk; of a chunk that is being asked for, those that were asked for."""
    keys = {lead: message_key(tenant, lead, broadcast.id) for lead in leads}
    effects = view.get(Effect, list(keys.values()))
    rest = {lead: request_id(tenant, lead, broadcast.id) for lead, key in keys.items() if key not in effects}
    for effect in effects.values():
        word, reason = _word(effect)
        tally.add(word, reason)
    if not rest:
        return
    asked, waiting = view.get(Touchpoint, list(rest.values())), view.get(InboxRow, list(rest.values()))
    there = view.existing(list(rest))
    for lead, fact in rest.items():
        if fact in asked:
            tally.add("undecided" if fact in waiting else "refused")
        elif lead not in there:
            tally.add("gone")


def _word(effect: Effect) -> tuple[str, str | None]:
    if effect.state is EffectState.PLANNED:
        return ("deferred", effect.reason) if effect.reason else ("planned", None)
    by_reason = effect.state in (EffectState.WITHHELD, EffectState.REJECTED)
    return effect.state.value, effect.reason if by_reason else None


def stop(host: Host, identity: EffectId) -> BroadcastStatus:
    """Let a broadcast ask for nothing more, and cancel what nobody has claimed; see `Nurture.stop_broadcast`."""
    known = _closed(host, identity)
    for chunk in chunks(host, identity, number_of(known, "edition"), number_of(known, "chunk")):
        _cancel(host, [message_key(host.tenant, lead, identity) for lead in chunk.leads])
    return status(host, identity)


def _closed(host: Host, identity: EffectId) -> Effect:
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            known = broadcast_in(unit, identity)
            if known.state is EffectState.CANCELLED:
                return known
            ended = known.moved(state=EffectState.CANCELLED, due_at=None, settled_at=unit.now(), reason=STOPPED)
            conflicts = unit.put({known.subject: Changes(records=(ended,))})
        if not conflicts:
            return ended
    raise ConflictError("the broadcast is being written by others all the time; try again")


def _cancel(host: Host, keys: Sequence[EffectId]) -> None:
    """Cancel those that nobody has claimed; a claim that was faster stands."""
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            now = unit.now()
            groups = {
                one.subject: Changes(
                    records=(one.moved(state=EffectState.CANCELLED, due_at=None, settled_at=now, reason=STOPPED),)
                )
                for one in unit.get(Effect, keys).values()
                if one.state is EffectState.PLANNED
            }
            if not groups or not unit.put(groups):
                return
    raise ConflictError("the leads are being written by others all the time; stopping it again is safe")
