"""Carrying out relays: a fact for another subject, for the people of an account, or for those whom a broadcast names.

Each fact has the relay's key, so that a worker that dies between stating it and writing that down does no harm: the
next one states it again, and nothing changes. Many are told some at a time; the effect remembers how far it came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import attrs

from nurture.decisions.hops import HOPS, MOST_HOPS
from nurture.errors import StorageError
from nurture.model import (
    AccountId,
    Effect,
    EffectState,
    Fact,
    FrozenMapping,
    Lead,
    LeadId,
    Sight,
    SubjectId,
    SubjectKind,
    Value,
    is_broadcast,
)
from nurture.ports import Accepted, Deferred, Receipt, Rejected
from nurture.predicates import compile_match, from_json
from nurture.runtime.broadcasting import carried_on
from nurture.runtime.host import Host, report
from nurture.runtime.requested import state
from nurture.steps.relaying import PEOPLE, SAID, TO

if TYPE_CHECKING:
    from datetime import datetime

PAGE = 500
"""So many people are looked at in one go."""
AFTER = "after"
"""The parameter that says which of the people was reached last."""
TOLD = "told"
"""The parameter that counts those who were told."""
SOON = timedelta(seconds=5)


@attrs.frozen(slots=True)
class Went:
    """How far a relay came that settles without a receipt, or is to go on.

    Attributes:
        params: What the effect is to remember.
        is_done: Whether nobody is left.
    """

    params: Mapping[str, Value]
    is_done: bool = False


Outcome: TypeAlias = Receipt | Went
"""What became of something that was carried out."""


def relayed(host: Host, effect: Effect) -> Outcome:
    """Carry out a relay, or the next part of it; whatever goes wrong is no other effect's trouble."""
    try:
        if not is_broadcast(effect.subject):
            return _told(host, effect)
        reached = carried_on(host, effect)
        return Rejected(reached) if isinstance(reached, str) else Went(reached.params, reached.is_done)
    except StorageError as error:
        report("the store failed a relay; trying again", error, nurture_effect=effect.id)
        return Deferred("store_failed", retry_after=SOON)
    except Exception as error:
        report("a relay failed", error, nurture_effect=effect.id)
        return Deferred("relay_failed")


def went_on(effect: Effect, went: Went, now: datetime) -> Effect:
    """The effect of a relay that came so far: due again at once, or done."""
    if went.is_done:
        return effect.moved(state=EffectState.ACCEPTED, due_at=None, settled_at=now, reason="", params=went.params)
    return effect.moved(state=EffectState.PLANNED, due_at=now, attempts=0, reason="", params=went.params)


def _told(host: Host, effect: Effect) -> Outcome:
    if effect.hops > MOST_HOPS:
        return Rejected("too_many_hops")
    properties = _properties(effect)
    where = effect.params.get(PEOPLE)
    if not isinstance(where, str):
        to = effect.params.get(TO)
        there = state(host, [SubjectId(str(to))], effect.name, properties, key=effect.id) if to else 0
        return Accepted() if there else Rejected("no_such_subject")
    some, last = _people(host, effect, where)
    told = effect.params.get(TOLD)
    count = (told if isinstance(told, int) else 0) + state(host, some, effect.name, properties, key=effect.id)
    if last is not None:
        return Went(FrozenMapping({**effect.params, AFTER: last, TOLD: count}))
    return Accepted() if count else Rejected("nobody")


def _properties(effect: Effect) -> Mapping[str, Value]:
    """What the fact says: what the step gave along, and who told it."""
    size = len(SAID)
    said = {name[size:]: value for name, value in effect.params.items() if name.startswith(SAID)}
    if effect.name == Fact.MESSAGE_REQUESTED:
        said |= {"occasion": effect.id, "scenario": effect.scenario, "step": effect.step, "priority": effect.priority}
    return FrozenMapping({**said, "told_by": effect.subject, "relay": effect.id, HOPS: effect.hops})


def _people(host: Host, effect: Effect, where: str) -> tuple[Sequence[LeadId], str | None]:
    """The next people of the account who are meant, and after whom to go on; None when these were the last."""
    account, after = AccountId(effect.subject), str(effect.params.get(AFTER, ""))
    with host.storage.view() as view:
        everybody = view.members_of([account]).get(account, frozenset[LeadId]())
        following = sorted(lead for lead in everybody if lead > after)
        some = following[:PAGE]
        leads = view.get(Lead, some)
    last = some[-1] if len(following) > PAGE else None
    if not where:
        return some, last
    holds = compile_match(from_json(json.loads(where)), host.program.names(SubjectKind.LEAD))
    now = host.storage.now()
    return [one for one in some if one in leads and holds(Sight(lead=leads[one].values, subject=one), now)], last
