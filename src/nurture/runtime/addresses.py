"""Addresses by their identities: their allowances within one unit, and what tells whether they are still the same.

May import the ports and what lies below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.model import Allowance, digest
from nurture.runtime.settling import address_allowance_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nurture.model import Lead, Purpose, Suppression
    from nurture.ports import Unit
    from nurture.runtime.host import Host


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
        """Let nothing go there any more; of the same word only the newest is kept."""
        known = self.bump(channel, address)
        same = [one for one in known.suppressions if _about(one) == _about(word)]
        kept = [one for one in known.suppressions if _about(one) != _about(word)]
        newest = max((*same, word), key=lambda one: one.at)
        self._bumped[known.id] = attrs.evolve(known, suppressions=(*kept, newest))

    def records(self) -> Iterable[Allowance]:
        """What is to be written."""
        return self._bumped.values()


def places_of(tenant: str, lead: Lead | None, channels: Iterable[str]) -> str:
    """What tells whether a person is reached where they were before, on these channels; opaque.

    The same address written in another way is the same; one that was added, taken away or changed is not.
    """
    identities: list[str] = []
    for channel in channels:
        address = None if lead is None else lead.address(channel)
        identities.append("" if address is None else address_allowance_id(tenant, channel, address))
    return digest("places", *identities)


def _about(word: Suppression) -> tuple[Purpose | None, str | None, str, str]:
    return word.purpose, word.entity, word.topic, word.reason
