"""Asking for messages without a run, and stating facts about many: written so that doing it again changes nothing.

May import the ports and what lies below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.decisions.requested import PARAMS
from nurture.errors import ConflictError, InvalidFactError, NotFoundError, UnknownNameError
from nurture.model import (
    Changes,
    EffectId,
    Fact,
    FrozenMapping,
    Origin,
    Purpose,
    Repeat,
    SubjectId,
    Touchpoint,
    clean_values,
    digest,
    effect_key,
    fact_id,
    is_account,
)
from nurture.model.ids import shown
from nurture.runtime.host import Host, with_inbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nurture.model import FactId, LeadId, Value

ATTEMPTS = 20


def send(
    host: Host, lead: LeadId, message: str, *, params: Mapping[str, Value] | None, key: str | None, repeat: Repeat
) -> EffectId:
    """Ask for one message to one lead, by hand; see `Nurture.send`."""
    found = host.program.message(message)
    if found is None:
        raise UnknownNameError("message", message, [one.name for one in host.program.messages])
    if found.purpose is Purpose.INTERNAL:
        raise InvalidFactError("send.message", "a message that goes to leads", found="one with purpose 'internal'")
    if is_account(lead):
        raise InvalidFactError("lead", "the id of a lead", found="an account")
    occasion = digest("send", host.tenant, message, host.new_key() if key is None else key)
    asked: dict[str, Value] = {"message": message, "occasion": occasion}
    if repeat is not Repeat.AT_MOST_ONCE:
        asked["repeat"] = repeat.value
    asked |= {f"{PARAMS}{name}": value for name, value in clean_values(params, "send.params").items()}
    if not state(host, [lead], Fact.MESSAGE_REQUESTED, asked, key=occasion, origin=Origin.HOST):
        raise NotFoundError(f"no such lead: {shown(lead)}")
    return message_key(host.tenant, lead, occasion)


def request_id(tenant: str, lead: str, occasion: str) -> FactId:
    """The id of the fact that asks for a message to a lead on an occasion."""
    return fact_id(tenant, lead, f"{Fact.MESSAGE_REQUESTED}:{occasion}")


def message_key(tenant: str, lead: str, occasion: str) -> EffectId:
    """The key of the message that a lead gets on an occasion."""
    return effect_key(tenant, request_id(tenant, lead, occasion), "", 0)


def state(
    host: Host,
    subjects: Sequence[SubjectId],
    kind: str,
    properties: Mapping[str, Value],
    *,
    key: str,
    origin: Origin = Origin.ENGINE,
) -> int:
    """State the same fact about each of these subjects, once; the answer is how many of them there are.

    Args:
        host: The parts.
        subjects: About whom; those that do not exist are left out.
        kind: What happened.
        properties: What is known about it.
        key: Makes stating it again harmless.
        origin: Who says so.

    Raises:
        ConflictError: Others write the subjects all the time.
    """
    left, there, said = list(subjects), 0, FrozenMapping(properties)
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            now = unit.now()
            known = unit.existing(left)
            facts = {one: host.fact(one, kind, said, now, key=key, origin=origin) for one in left if one in known}
            old: Mapping[str, Touchpoint] = {}
            if host.observers:
                old = unit.get(Touchpoint, [fact.id for fact in facts.values()])
            groups = {one: Changes(records=with_inbox([fact])) for one, fact in facts.items()}
            conflicts = unit.put(groups) if groups else frozenset[SubjectId]()
        host.tell([fact for one, fact in facts.items() if one not in conflicts and fact.id not in old])
        there += len(facts) - len(conflicts)
        left = [one for one in left if one in conflicts]
        if not left:
            return there
    raise ConflictError("these subjects are being written by others all the time; doing it again is safe")
