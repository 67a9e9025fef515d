"""What people allow and refuse: consents, confirmations, unsubscribes, objections; each a fact, and one unit.

May import `suppressing` and what it may. A refusal suppresses the address and withholds what is waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from nurture.errors import DefinitionError, NotFoundError
from nurture.mail.links import read_confirm_token
from nurture.model import (
    ANY_CHANNEL,
    DOUBLE_OPT_IN,
    Consent,
    Effect,
    EffectId,
    EffectState,
    Fact,
    Lead,
    Purpose,
    Record,
    SubjectId,
    Suppression,
    Touchpoint,
    fact_id,
    with_consent,
)
from nurture.predicates import Reach
from nurture.runtime.addresses import Addresses
from nurture.runtime.capturing import consent_properties, not_in_the_future
from nurture.runtime.recording import as_lead, lead_of, written
from nurture.runtime.settling import settled

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import Unit
    from nurture.program.double_opt_in import Asked
    from nurture.runtime.host import Host

CHANNELS = frozenset({"email", "sms", "call", "line"})
"""Channels on which a person may be reached although no message of the program goes there yet."""


def say(host: Host, lead: SubjectId, consent: Consent) -> Lead:
    """Write down an explicit yes or no about a sender, channel, purpose and topic.

    A no also suppresses the address (unless it is about one topic), withholds what is waiting, and bumps
    what a claim compares, so that a claim that raced it conflicts; all in one unit.
    """
    return _said(host, lead, lambda _: (consent,))


def refuse_everything(host: Host, lead: SubjectId, word: Consent) -> Lead:
    """Write down a refusal towards every sender and on every channel.

    Each sender and channel that is known gets a word of its own; the addresses are suppressed for all senders, so
    that one that the program names later may not write either.
    """
    return _said(host, lead, lambda known: _everywhere(host, known, word), everybody=True)


def confirm(host: Host, token: str) -> Lead | None:
    """Write down the consent that a confirmation link asks for; None when the token says nothing here.

    A link that was used before changes nothing, also when the person has unsubscribed since.

    Raises:
        DefinitionError: There is no `Site`, so no link can be read.
    """
    if host.site is None:
        raise DefinitionError("site: needed to read a confirmation link, as it signs them")
    now = host.storage.now()
    asked = read_confirm_token(host.site, host.tenant, token, now)
    if asked is None:
        return None
    word = Consent(
        entity=asked.entity,
        channel=asked.channel,
        purpose=asked.purpose,
        topic=asked.topic,
        at=now,
        source=DOUBLE_OPT_IN,
        text_version=asked.text_version,
        proof=asked.effect,
        explicit=True,
    )
    effect = EffectId(asked.effect)
    try:
        return _said(host, asked.lead, lambda _: (word,), once=f"confirmed:{effect}", cause=effect)
    except NotFoundError:
        return None


def ask(host: Host, lead: SubjectId, asked: Asked) -> Lead:
    """Write down that a person is to be asked; it is no consent. A `double_opt_in` scenario sends the question."""

    def change(unit: Unit, now: datetime) -> tuple[Lead, Lead, list[Touchpoint], list[Record]]:
        known = lead_of(unit, lead)
        return known, known, [host.fact(known.id, Fact.CONSENT_ASKED, asked.properties(), now)], []

    return as_lead(written(host, lead, change))


def _said(
    host: Host,
    lead: SubjectId,
    words_of: Callable[[Lead], Sequence[Consent]],
    *,
    everybody: bool = False,
    once: str | None = None,
    cause: EffectId | None = None,
) -> Lead:
    def change(unit: Unit, now: datetime) -> tuple[Lead, Lead, list[Touchpoint], list[Record]]:
        known = lead_of(unit, lead)
        if once is not None and _was_recorded(host, unit, known, once):
            return known, known, [], []
        words = [not_in_the_future(host, one, now) for one in words_of(known)]
        facts = [_fact(host, known, one, now, once, cause) for one in words]
        records = _refused(host, unit, known, words, facts, now, everybody=everybody)
        consents = known.consents
        for word in words:
            consents = with_consent(consents, word)
        return known, attrs.evolve(known, version=known.version + 1, consents=consents), facts, records

    return as_lead(written(host, lead, change))


def _was_recorded(host: Host, unit: Unit, lead: Lead, key: str) -> bool:
    identity = fact_id(host.tenant, lead.id, f"{Fact.CONSENT_GIVEN}:{key}")
    return bool(unit.get(Touchpoint, [identity]))


def _fact(host: Host, lead: Lead, word: Consent, now: datetime, key: str | None, cause: EffectId | None) -> Touchpoint:
    kind = Fact.CONSENT_GIVEN if word.given else Fact.CONSENT_WITHDRAWN
    fact = host.fact(lead.id, kind, consent_properties(word), now, key=key, at=word.at)
    return fact if cause is None else attrs.evolve(fact, cause=cause)


def _everywhere(host: Host, lead: Lead, word: Consent) -> tuple[Consent, ...]:
    """The word towards every sender that is known, on every channel that is known."""
    program = host.program
    entities = {"", *(one.entity for one in program.messages), *(one.entity for one in program.topics)}
    entities |= {end for one in program.policy.sharing for end in (one.giver, one.taker)}
    entities |= {one.entity for one in lead.consents}
    if host.site is not None:
        entities |= set(host.site.identities)
    channels = {*CHANNELS, *(one.channel for one in program.messages), *(one.channel for one in lead.consents)}
    return tuple(
        attrs.evolve(word, entity=entity, channel=channel)
        for entity in sorted(entities)
        for channel in sorted(channels - {ANY_CHANNEL})
    )


def _refused(
    host: Host,
    unit: Unit,
    lead: Lead,
    words: Iterable[Consent],
    facts: list[Touchpoint],
    now: datetime,
    *,
    everybody: bool,
) -> list[Record]:
    """What the refusals among the words bring about: suppressed addresses, and messages that do not go."""
    refusals = [one for one in words if not one.given and one.purpose is not Purpose.PROFILING]
    if not refusals:
        return []
    addresses = Addresses(host, unit)
    for word in refusals:
        address = lead.address(word.channel)
        if address is not None and word.topic:
            addresses.bump(word.channel, address)
        elif address is not None:
            entity = None if everybody else word.entity
            suppression = Suppression(purpose=word.purpose, reason="unsubscribed", at=now, entity=entity)
            addresses.suppress(word.channel, address, suppression)
    records: list[Record] = [*addresses.records()]
    for effect in unit.about({lead.id: None}, Reach.nothing())[lead.id].effects:
        if effect.state is EffectState.PLANNED and any(_concerns(effect, one) for one in refusals):
            withheld, fact = settled(effect, EffectState.WITHHELD, "unsubscribed", now)
            records.append(withheld)
            facts.append(fact)
    return records


def _concerns(effect: Effect, word: Consent) -> bool:
    is_about = effect.channel == word.channel and effect.purpose is word.purpose and effect.entity == word.entity
    return is_about and word.topic in ("", effect.topic)
