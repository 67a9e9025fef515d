"""What may not be sent to an address any more: kept under its digest, beyond any lead.

May import the ports and what lies below them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from nurture.errors import ConflictError, InvalidFactError
from nurture.model import (
    REACHED,
    Alias,
    Allowance,
    Changes,
    Lead,
    Suppression,
    address_kind,
    identifier_key,
    identifiers_of,
)
from nurture.model.ids import SubjectId
from nurture.runtime.addresses import Addresses
from nurture.runtime.capturing import alias_id
from nurture.runtime.host import with_inbox
from nurture.runtime.settling import address_allowance_id, withheld

if TYPE_CHECKING:
    from nurture.model import Effect, Purpose, Touchpoint
    from nurture.ports import Unit
    from nurture.runtime.host import Host

ATTEMPTS = 5
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
            ended, facts = _ended(host, unit, lead, identity, word)
            group = SubjectId(identity) if lead is None else lead.id
            conflicts = unit.put({group: Changes(records=(*written, *ended, *with_inbox(facts)))})
        if not conflicts:
            host.tell(facts)
            return written[0].suppressions
    raise ConflictError("this address is being written by others all the time; try again")


def _whose(host: Host, unit: Unit, channel: str, address: str) -> Lead | None:
    """The lead that is found by this address."""
    kind = address_kind(channel)
    identifiers = identifiers_of({kind: address}, {}) if kind in REACHED else identifiers_of({}, {kind: address})
    found = unit.get(Alias, [alias_id(host.tenant, one) for one in identifiers])
    subjects = [alias.subject for alias in found.values()]
    return next(iter(unit.get(Lead, subjects).values()), None)


def _ended(
    host: Host, unit: Unit, lead: Lead | None, identity: str, word: Suppression
) -> tuple[list[Effect], list[Touchpoint]]:
    if lead is None:
        return [], []
    return withheld(unit, lead.id, word.reason, word.at, lambda effect: _concerns(host, effect, lead, identity, word))


def _concerns(host: Host, effect: Effect, lead: Lead, identity: str, word: Suppression) -> bool:
    """Whether a message was going to the address, and is suppressed."""
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
    if not isinstance(cast("object", address), str) or not identifier_key(address_kind(channel), address):
        raise InvalidFactError("address", "an address on this channel, as text", found=type(address).__name__)
    return address_allowance_id(host.tenant, channel, address)
