"""What a refusal brings about, whoever wrote it down: a suppressed address, and messages that do not go.

May import the ports and what lies below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.model import ANY_CHANNEL, ANY_ENTITY, REACHED, Purpose, Suppression, word_on
from nurture.runtime.addresses import Addresses
from nurture.runtime.settling import withheld

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from nurture.model import Consent, Effect, Lead, Record, Touchpoint
    from nurture.ports import Unit
    from nurture.runtime.host import Host


def refused(
    host: Host,
    unit: Unit,
    lead: Lead,
    words: Iterable[Consent],
    facts: list[Touchpoint],
    now: datetime,
    *,
    is_new: bool = False,
) -> list[Record]:
    """What the refusals among some words bring about, to be written in the unit that writes the words down.

    The address is suppressed since the word was said, so that a newer explicit consent stays one; every address of the
    person, when the word is about every channel. What waits is withheld where the person refuses it now.

    Args:
        host: The parts.
        unit: Where it will be written.
        lead: Who said so, with the words among its consents.
        words: What was said.
        facts: Where facts about what is withheld are added.
        now: The present.
        is_new: Whether the lead is not in the store yet, so that nothing can wait for it.
    """
    refusals = [one for one in words if not one.given and one.purpose is not Purpose.PROFILING]
    if not refusals:
        return []
    addresses = Addresses(host, unit)
    for word in refusals:
        for channel in _channels(lead, word):
            address = lead.address(channel)
            if address is not None:
                addresses.suppress(channel, address, suppression_by(word))
    if is_new:
        return [*addresses.records()]
    ended, said = withheld(unit, lead.id, "unsubscribed", now, lambda effect: _is_refused(effect, lead, refusals))
    facts += said
    return [*addresses.records(), *ended]


def _channels(lead: Lead, word: Consent) -> Iterable[str]:
    """The channels whose addresses a refusal is about; any system in which the person has an id may become one."""
    return (*REACHED, *lead.external_ids) if word.channel == ANY_CHANNEL else (word.channel,)


def suppression_by(word: Consent) -> Suppression:
    """What a refusal suppresses about the address: it outlives the lead."""
    entity = None if word.entity == ANY_ENTITY else word.entity
    return Suppression(purpose=word.purpose, reason="unsubscribed", at=word.at, entity=entity, topic=word.topic)


def _is_refused(effect: Effect, lead: Lead, refusals: Sequence[Consent]) -> bool:
    about = (effect.channel, effect.purpose, effect.topic, effect.entity)
    if not any(one.covers(*about) for one in refusals):
        return False
    word = word_on(lead.consents, *about)
    return word is not None and not word.given
