"""What operators ask and do: how much waits, what is stuck, and what became of an effect in doubt.

Asking needs a store and no program, and writes nothing: it never makes a program the active one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nurture.decisions import is_counted, uncounted
from nurture.errors import ConflictError, NotFoundError
from nurture.model import Allowance, Changes, Effect, EffectId, EffectState, Lead, Record, Standing, Touchpoint
from nurture.model.ids import shown
from nurture.runtime.host import Host, log, with_inbox
from nurture.runtime.metering import Spent, release, spent_by
from nurture.runtime.results import Reasons
from nurture.runtime.settling import lead_allowance_id, settled

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import Backlog, Storage, Unit

PAGE = 500
ATTEMPTS = 5
BY_OPERATOR = "resolved_by_operator"


def backlog(storage: Storage, upto: int) -> Backlog:
    """How much waits in this store; no count goes beyond `upto`."""
    now = storage.now()
    with storage.view() as view:
        return view.backlog(now, upto)


def stuck(storage: Storage) -> Iterator[Effect | Standing]:
    """Effects in doubt, claims that ran out, and the failing and dead standings, a page at a time."""
    yield from effects_in(storage, EffectState.UNKNOWN)
    now = storage.now()
    for effect in effects_in(storage, EffectState.CLAIMED):
        if effect.due_at is not None and effect.due_at < now:
            yield effect
    yield from troubled(storage)


def effects_in(storage: Storage, state: EffectState) -> Iterator[Effect]:
    """Every effect in this state, in the order of ids."""
    after = ""
    while True:
        with storage.view() as view:
            page = view.effects_in(state, after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id


def reasons(storage: Storage, since: datetime | None) -> Reasons:
    """Why effects wait or were withheld; it walks over both."""
    waiting, withheld = Counter[str](), Counter[str]()
    for effect in effects_in(storage, EffectState.PLANNED):
        if effect.reason:
            waiting[effect.reason] += 1
    for effect in effects_in(storage, EffectState.WITHHELD):
        if since is None or (effect.settled_at is not None and effect.settled_at >= since):
            withheld[effect.reason] += 1
    return Reasons(dict(waiting.most_common()), dict(withheld.most_common()))


def troubled(storage: Storage) -> Iterator[Standing]:
    """The failing and the dead standings, in the order of ids."""
    after = ""
    while True:
        with storage.view() as view:
            page = view.troubled(after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].subject


def resolve(host: Host, effect: EffectId, *, sent: bool, reason: str) -> bool:
    """Settle an effect in doubt as its operator found it; False when it is not in doubt (any more).

    What was sent is accepted, with its receipt. What was not sent is planned again under the same key, as if
    it had never been tried: it passes the gate again, and does not count towards a frequency cap.
    """
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            found = unit.get(Effect, [effect]).get(effect)
            if found is None:
                raise NotFoundError(f"no such effect: {shown(effect, 'eff_…')}")
            if found.state is not EffectState.UNKNOWN:
                return False
            now = unit.now()
            records, facts = _accepted(found, reason, now) if sent else _planned(host, unit, found, reason, now)
            conflicts = unit.put({found.subject: Changes(records=(*records, *with_inbox(facts)))})
        if not conflicts:
            if not sent:
                release(host, _spent(host, found))
            log.info("an effect in doubt was resolved", extra={"nurture_effect": effect, "nurture_sent": sent})
            host.tell(facts)
            return True
    raise ConflictError("the effect is being written by others all the time; try again")


def _spent(host: Host, effect: Effect) -> tuple[Spent, ...]:
    """The slots that an effect took of limits which leads share."""
    with host.storage.view() as view:
        lead = view.get(Lead, [effect.subject]).get(effect.subject)
    return spent_by(host, effect, lead, lead.address(effect.channel) if lead is not None else None)


def _accepted(effect: Effect, reason: str, now: datetime) -> tuple[list[Record], list[Touchpoint]]:
    ended, receipt = settled(effect, EffectState.ACCEPTED, reason or BY_OPERATOR, now)
    return [ended], [receipt]


def _planned(
    host: Host, unit: Unit, effect: Effect, reason: str, now: datetime
) -> tuple[list[Record], list[Touchpoint]]:
    records: list[Record] = [
        effect.moved(state=EffectState.PLANNED, due_at=now, attempts=0, reason=reason or BY_OPERATOR)
    ]
    if effect.claimed_at is not None and is_counted(host.program, effect):
        key = lead_allowance_id(effect.subject)
        known = unit.get(Allowance, [key]).get(key)
        if known is not None:
            records.append(uncounted(known, effect.claimed_at))
    return records, []
