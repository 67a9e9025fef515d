"""What people allow and refuse: consents, unsubscribes, objections, questions; each a fact, and one unit.

May import `refusing` and what it may. A refusal suppresses the address and withholds what is waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

from nurture.model import Consent, Fact, Lead, Record, SubjectId, Touchpoint, with_consent
from nurture.runtime.capturing import consent_properties, not_in_the_future
from nurture.runtime.recording import as_lead, lead_of, written
from nurture.runtime.refusing import refused
from nurture.runtime.word_names import channels_of, entities_of, refuse_unknown_names

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import Unit
    from nurture.program.double_opt_in import Asked
    from nurture.runtime.host import Host


def say(host: Host, lead: SubjectId, consent: Consent) -> Lead:
    """Write down an explicit yes or no about a sender, channel, purpose and topic.

    A no also suppresses the address, withholds what is waiting, and bumps what a claim compares, so that a claim that
    raced it conflicts; all in one unit.

    Raises:
        UnknownNameError: Nothing declares the sender, the topic or the channel.
    """

    def words_of(unit: Unit, known: Lead) -> Sequence[Consent]:
        refuse_unknown_names(host, unit, known, consent)
        return (consent,)

    return _said(host, lead, words_of)


def refuse_everything(host: Host, lead: SubjectId, word: Consent) -> Lead:
    """Write down a refusal towards every sender and on every channel.

    Each sender and channel that is known gets a word of its own; the addresses are suppressed for all senders, so
    that one that the program names later may not write either.
    """
    return _said(host, lead, lambda _, known: _everywhere(host, known, word), everybody=True)


def ask(host: Host, lead: SubjectId, asked: Asked) -> Lead:
    """Write down that a person is to be asked; it is no consent. A `double_opt_in` scenario sends the question.

    Raises:
        UnknownNameError: Nothing declares the sender, the topic or the channel.
    """

    def change(unit: Unit, now: datetime) -> tuple[Lead, Lead, list[Touchpoint], list[Record]]:
        known = lead_of(unit, lead)
        refuse_unknown_names(host, unit, known, asked)
        return known, known, [host.fact(known.id, Fact.CONSENT_ASKED, asked.properties(), now)], []

    return as_lead(written(host, lead, change))


def _said(
    host: Host, lead: SubjectId, words_of: Callable[[Unit, Lead], Sequence[Consent]], *, everybody: bool = False
) -> Lead:
    def change(unit: Unit, now: datetime) -> tuple[Lead, Lead, list[Touchpoint], list[Record]]:
        known = lead_of(unit, lead)
        words = [not_in_the_future(host, one, now) for one in words_of(unit, known)]
        facts = [_fact(host, known, one, now) for one in words]
        consents = known.consents
        for word in words:
            consents = with_consent(consents, word)
        changed = attrs.evolve(known, version=known.version + 1, consents=consents)
        records = refused(host, unit, changed, words, facts, now, everybody=everybody)
        return known, changed, facts, records

    return as_lead(written(host, lead, change))


def _fact(host: Host, lead: Lead, word: Consent, now: datetime) -> Touchpoint:
    kind = Fact.CONSENT_GIVEN if word.given else Fact.CONSENT_WITHDRAWN
    return host.fact(lead.id, kind, consent_properties(word), now, at=word.at)


def _everywhere(host: Host, lead: Lead, word: Consent) -> tuple[Consent, ...]:
    """The word towards every sender that is known, on every channel that is known."""
    return tuple(
        attrs.evolve(word, entity=entity, channel=channel)
        for entity in sorted(entities_of(host, lead))
        for channel in sorted(channels_of(host, lead))
    )
