"""What may not be sent to an address any more: kept under its digest, beyond any lead.

May import the ports and what lies below them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import attrs

from nurture.errors import ConflictError, InvalidFactError
from nurture.model import Allowance, Changes, Suppression, identifier_key
from nurture.model.ids import SubjectId
from nurture.runtime.settling import address_allowance_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nurture.model import Purpose
    from nurture.ports import Unit
    from nurture.runtime.host import Host

ATTEMPTS = 5
_WORD = re.compile(r"[a-z][a-z0-9_]{0,79}")


class Addresses:
    """The allowances of some addresses, each read once and written once in a unit, one version on.

    Whatever is refused bumps the version that a claim compares, so that a claim that raced it conflicts.
    """

    def __init__(self, host: Host, unit: Unit) -> None:
        self._host = host
        self._unit = unit
        self._bumped: dict[str, Allowance] = {}

    def bump(self, channel: str, address: str) -> Allowance:
        """The allowance of an address, one version on."""
        identity = address_allowance_id(self._host.tenant, channel, address)
        found = self._bumped.get(identity)
        if found is None:
            known = self._unit.get(Allowance, [identity]).get(identity)
            found = attrs.evolve(known, version=known.version + 1) if known is not None else Allowance(id=identity)
            self._bumped[identity] = found
        return found

    def suppress(self, channel: str, address: str, word: Suppression) -> None:
        """Let nothing go there any more; of the same word only this one is kept, as it is the newest."""
        known = self.bump(channel, address)
        said = (word.purpose, word.entity, word.reason)
        kept = [one for one in known.suppressions if (one.purpose, one.entity, one.reason) != said]
        self._bumped[known.id] = attrs.evolve(known, suppressions=(*kept, word))

    def records(self) -> Iterable[Allowance]:
        """What is to be written."""
        return self._bumped.values()


def suppress(
    host: Host, channel: str, address: str, *, reason: str, purpose: Purpose | None, entity: str | None
) -> tuple[Suppression, ...]:
    """Suppress an address, whether or not a lead has it; the answer is all that is suppressed about it."""
    identity = _identity(host, channel, address)
    if _WORD.fullmatch(reason) is None:
        raise InvalidFactError("suppression.reason", "a word such as 'imported' or 'complained': a-z, digits and _")
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            addresses = Addresses(host, unit)
            word = Suppression(purpose=purpose, reason=reason, at=unit.now(), entity=entity)
            addresses.suppress(channel, address, word)
            written = tuple(addresses.records())
            conflicts = unit.put({SubjectId(identity): Changes(records=written)})
        if not conflicts:
            return written[0].suppressions
    raise ConflictError("this address is being written by others all the time; try again")


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
