"""What may not be sent to an address any more: kept under its digest, beyond any lead.

May import the ports and what lies below them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from nurture.errors import ConflictError, InvalidFactError
from nurture.model import (
    Alias,
    Allowance,
    Changes,
    EffectKind,
    EffectState,
    Lead,
    Suppression,
    identifier_key,
    identifiers_of,
)
from nurture.model.ids import SubjectId
from nurture.predicates import Reach
from nurture.runtime.addresses import Addresses
from nurture.runtime.capturing import alias_id
from nurture.runtime.host import with_inbox
from nurture.runtime.settling import address_allowance_id, settled

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Effect, Purpose, Touchpoint
    from nurture.ports import Unit
    from nurture.runtime.host import Host

ATTEMPTS = 5
_KINDS = {"sms": "phone", "call": "phone"}
"""Which identifier a channel's address is, where it has another name."""
_WORD = re.compile(r"[a-z][a-z0-9_]{0,79}")


def suppress(
    host: Host, channel: str, address: str, *, reason: str, purpose: Purpose | None, entity: str | None
) -> tuple[Suppression, ...]:
    """Suppress an address, whether or not a lead has it; the answer is all that is suppressed about it.

    What waits for a lead of that address is withheld in the same unit.
    """
    identity = _identity(host, channel, address)
    if _WORD.fullmatch(reason) is None:
        raise InvalidFactError("suppression.reason", "a word such as 'imported' or 'complained': a-z, digits and _")
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            addresses = Addresses(host, unit)
            word = Suppression(purpose=purpose, reason=reason, at=unit.now(), entity=entity)
            addresses.suppress(channel, address, word)
            written = tuple(addresses.records())
            lead = _whose(host, unit, channel, address)
            withheld, facts = _withheld(host, unit, lead, identity, word)
            group = SubjectId(identity) if lead is None else lead.id
            conflicts = unit.put({group: Changes(records=(*written, *withheld, *with_inbox(facts)))})
        if not conflicts:
            host.tell(facts)
            return written[0].suppressions
    raise ConflictError("this address is being written by others all the time; try again")


def _whose(host: Host, unit: Unit, channel: str, address: str) -> Lead | None:
    """The lead that is found by this address."""
    identifiers = identifiers_of({_KINDS.get(channel, channel): address}, {})
    found = unit.get(Alias, [alias_id(host.tenant, one) for one in identifiers])
    subjects = [alias.subject for alias in found.values()]
    return next(iter(unit.get(Lead, subjects).values()), None)


def _withheld(
    host: Host, unit: Unit, lead: Lead | None, identity: str, word: Suppression
) -> tuple[list[Effect], list[Touchpoint]]:
    """What was planned for the address and does not go now; and the facts that say so."""
    effects: list[Effect] = []
    facts: list[Touchpoint] = []
    now: datetime = word.at
    for effect in () if lead is None else unit.about({lead.id: None}, Reach.nothing())[lead.id].effects:
        if effect.state is EffectState.PLANNED and _concerns(host, effect, lead, identity, word):
            ended, fact = settled(effect, EffectState.WITHHELD, word.reason, now)
            effects.append(ended)
            facts.append(fact)
    return effects, facts


def _concerns(host: Host, effect: Effect, lead: Lead | None, identity: str, word: Suppression) -> bool:
    if effect.kind is not EffectKind.MESSAGE or lead is None:
        return False
    if not word.concerns(effect.purpose, effect.entity, effect.topic):
        return False
    address = lead.address(effect.channel)
    return address is not None and address_allowance_id(host.tenant, effect.channel, address) == identity


def suppression(host: Host, channel: str, address: str) -> tuple[Suppression, ...]:
    """All that is suppressed about an address."""
    identity = _identity(host, channel, address)
    with host.storage.view() as view:
        known = view.get(Allowance, [identity]).get(identity)
    return known.suppressions if known is not None else ()


def _identity(host: Host, channel: str, address: str) -> str:
    if not isinstance(cast("object", address), str) or not identifier_key(channel, address):
        raise InvalidFactError("address", "an address on this channel, as text", found=type(address).__name__)
    return address_allowance_id(host.tenant, channel, address)
