"""Who may not be written to: what people said and what their addresses did, kept by the audit's own count."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from nurture.model import (
    Allowance,
    Changes,
    Effect,
    EffectState,
    Fact,
    Lead,
    Purpose,
    SubjectId,
)
from nurture.runtime.settling import address_allowance_id
from tests.faults.mirror import Mirror
from tests.faults.verdicts import require


class Refusals:
    """Invariants 13 and 14.

    Args:
        counts: How often what was checked.
    """

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._refused: dict[tuple[str, str], datetime] = {}
        self._topics: dict[tuple[str, str, str], datetime] = {}
        self._ever: set[tuple[str, ...]] = set()
        self._bounced: set[tuple[str, str]] = set()

    def take(self, tenant: str, mirror: Mirror, subject: SubjectId, changes: Changes) -> None:
        """What a group says about consent, and what it must do for that."""
        for one in mirror.new_facts(changes):
            topic = str(one.properties.get("topic", ""))
            if one.kind == Fact.CONSENT_WITHDRAWN:
                self._counts["unsubscribes"] += 1
                (self._topics if topic else self._refused)[_key(tenant, subject, topic)] = one.at  # type: ignore[index]
                self._ever.add(_key(tenant, subject, topic))
                self._withdrawn(tenant, mirror, subject, topic, changes)
            elif one.kind == Fact.CONSENT_GIVEN and one.properties.get("explicit"):
                said = self._refused.get((tenant, subject))
                if said is not None and one.at > said:
                    del self._refused[tenant, subject]
                for key in [key for key in self._topics if key[:2] == (tenant, subject)]:
                    if one.at > self._topics[key] and topic in ("", key[2]):
                        del self._topics[key]

    def _withdrawn(self, tenant: str, mirror: Mirror, subject: SubjectId, topic: str, changes: Changes) -> None:
        written = {one.id: one for one in changes.records if isinstance(one, Effect)}
        for effect in mirror.of(Effect).values():
            is_meant = effect.purpose is Purpose.MARKETING and topic in ("", effect.topic)
            if is_meant and effect.subject == subject and effect.state is EffectState.PLANNED:
                ended = written.get(effect.id)
                is_withheld = ended is not None and ended.state is EffectState.WITHHELD
                require(is_withheld, "13", "an open effect was left open")
        lead: Lead = mirror.of(Lead)[subject]
        if lead.email is not None:
            address = address_allowance_id(tenant, "email", lead.email)
            found = next((one for one in changes.records if isinstance(one, Allowance) and one.id == address), None)
            require(found is not None, "13", "the address was not told of a refusal: a racing claim cannot see it")
            assert found is not None
            reasons = {one.reason for one in found.suppressions}
            require(topic or "unsubscribed" in reasons, "13, 14", "an unsubscribe did not suppress the address")

    def allowance(self, tenant: str, mirror: Mirror, allowance: Allowance) -> None:
        """What an address refuses only grows."""
        before = mirror.of(Allowance).get(allowance.id)
        was = {(one.purpose, one.reason) for one in before.suppressions} if before else set()
        now = {(one.purpose, one.reason) for one in allowance.suppressions}
        require(was <= now, "14", "a suppression went away")
        if (None, "bounced") in now:
            self._bounced.add((tenant, allowance.id))

    def require_free(self, tenant: str, lead: Lead, effect: Effect) -> None:
        """Nobody said no to this."""
        require(lead.email is not None, "13", "claimed without an address")
        require((tenant, lead.id) not in self._refused, "13", "claimed after an unsubscribe")
        topic = effect.topic
        require(not topic or (tenant, lead.id, topic) not in self._topics, "13", "claimed after a refused topic")
        address = address_allowance_id(tenant, "email", lead.email or "")
        require((tenant, address) not in self._bounced, "13, 14", "claimed for an address that bounced")

    def require_reason(self, tenant: str, lead: Lead, effect: Effect) -> None:
        """A message is withheld for a reason of its own tenant only."""
        address = address_allowance_id(tenant, "email", lead.email or "")
        justified = {
            # a yes that comes while a worker refuses is too late for that mail: so whoever ever said no
            "unsubscribed": {(tenant, lead.id), (tenant, lead.id, effect.topic)} & self._ever,
            "bounced": (tenant, address) in self._bounced,
            "no_address": lead.email is None,
            "no_consent": int(lead.external_ids["crm"]) % 3 == 2,
        }
        reason = effect.reason
        require(justified.get(reason, reason.startswith("too_late")), "2, 25", f"withheld for no reason: {reason}")


def _key(tenant: str, subject: str, topic: str) -> tuple[str, ...]:
    return (tenant, subject, topic) if topic else (tenant, subject)
