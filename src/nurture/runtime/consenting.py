"""What people allow and refuse: consents, unsubscribes, and the address that may not be written to any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.model import (
    Allowance,
    Consent,
    Effect,
    EffectState,
    Fact,
    Lead,
    Record,
    SubjectId,
    Suppression,
    Touchpoint,
    with_consent,
)
from nurture.predicates import Reach
from nurture.runtime.capturing import consent_properties, not_in_the_future
from nurture.runtime.recording import as_lead, lead_of, written
from nurture.runtime.settling import address_allowance_id, settled

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import Unit
    from nurture.runtime.host import Host


def say(host: Host, lead: SubjectId, consent: Consent) -> Lead:
    """Write down an explicit yes or no about a channel, purpose and topic.

    A no also suppresses the address (unless it is about one topic), withholds what is waiting, and bumps
    what a claim compares, so that a claim that raced it conflicts; all in one unit.
    """

    def change(unit: Unit, now: datetime) -> tuple[Lead, Lead, list[Touchpoint], list[Record]]:
        known = lead_of(unit, lead)
        word = not_in_the_future(host, consent, now)
        kind = Fact.CONSENT_GIVEN if word.given else Fact.CONSENT_WITHDRAWN
        facts = [host.fact(known.id, kind, consent_properties(word), now, at=word.at)]
        records: list[Record] = []
        if not word.given:
            records = _refused(host, unit, known, word, facts, now)
        changed = attrs.evolve(known, version=known.version + 1, consents=with_consent(known.consents, word))
        return known, changed, facts, records

    return as_lead(written(host, lead, change))


def _refused(host: Host, unit: Unit, lead: Lead, word: Consent, facts: list[Touchpoint], now: datetime) -> list[Record]:
    records: list[Record] = []
    address = lead.address(word.channel)
    if address is not None:
        records.append(_bumped(host, unit, word, address, now))
    for effect in unit.about({lead.id: None}, Reach.nothing())[lead.id].effects:
        if effect.state is EffectState.PLANNED and _concerns(effect, word):
            withheld, fact = settled(effect, EffectState.WITHHELD, "unsubscribed", now)
            records.append(withheld)
            facts.append(fact)
    return records


def _concerns(effect: Effect, word: Consent) -> bool:
    return effect.channel == word.channel and effect.purpose is word.purpose and word.topic in ("", effect.topic)


def _bumped(host: Host, unit: Unit, word: Consent, address: str, now: datetime) -> Allowance:
    """The address's allowance, one version on; suppressed, unless only one topic was refused."""
    identity = address_allowance_id(host.tenant, word.channel, address)
    known = unit.get(Allowance, [identity]).get(identity) or Allowance(id=identity, version=0)
    suppressions = known.suppressions
    if not word.topic:
        kept = [one for one in suppressions if (one.purpose, one.reason) != (word.purpose, "unsubscribed")]
        suppressions = (*kept, Suppression(purpose=word.purpose, reason="unsubscribed", at=now))
    return attrs.evolve(known, version=known.version + 1, suppressions=suppressions)
