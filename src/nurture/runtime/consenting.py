"""What people allow and refuse: consents, unsubscribes, objections, questions; each a fact, and one unit.

May import `refusing` and what it may. A refusal suppresses the address and withholds what is waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.errors import DefinitionError, NotFoundError
from nurture.mail.links import read_unsubscribe_token
from nurture.model import ANY_CHANNEL, ANY_ENTITY, Consent, Fact, Lead, Record, SubjectId, Touchpoint, with_consent
from nurture.runtime.capturing import consent_properties, not_in_the_future
from nurture.runtime.recording import as_lead, lead_of, written
from nurture.runtime.refusing import refused
from nurture.runtime.word_names import refuse_unknown_names

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import Unit
    from nurture.program.double_opt_in import Asked
    from nurture.runtime.host import Host


def say(host: Host, lead: SubjectId, word: Consent, *, is_signed: bool = False) -> Lead:
    """Write down an explicit yes or no about a sender, channel, purpose and topic.

    A no also suppresses the address, withholds what is waiting, and bumps what a claim compares, so that a claim that
    raced it conflicts; all in one unit.

    Args:
        host: The parts.
        lead: Who said so.
        word: What was said.
        is_signed: Whether the names come from a link that we signed. They were ours when it was made, so they are
            not looked up: the link of an old mail works whatever the program has forgotten since.

    Raises:
        UnknownNameError: Nothing declares the sender, the topic or the channel.
    """

    def change(unit: Unit, now: datetime) -> tuple[Lead, Lead, list[Touchpoint], list[Record]]:
        known = lead_of(unit, lead)
        if not is_signed:
            refuse_unknown_names(host, unit, known, word)
        said = not_in_the_future(host, word, now)
        kind = Fact.CONSENT_GIVEN if said.given else Fact.CONSENT_WITHDRAWN
        facts = [host.fact(known.id, kind, consent_properties(said), now, at=said.at)]
        changed = attrs.evolve(known, version=known.version + 1, consents=with_consent(known.consents, said))
        records = refused(host, unit, changed, [said], facts, now)
        return known, changed, facts, records

    return as_lead(written(host, lead, change))


def leave(host: Host, token: str, source: str, *, everything: bool) -> Lead | None:
    """Write down the refusal that the link of a mail says; None when the token says nothing here.

    Raises:
        DefinitionError: There is no `Site`, so no link can be read.
    """
    if host.site is None:
        raise DefinitionError("site: needed to read an unsubscribe link, as it signs them")
    said = read_unsubscribe_token(host.site, host.tenant, token)
    if said is None:
        return None
    word = Consent(
        entity=ANY_ENTITY if everything else said.entity,
        channel=ANY_CHANNEL if everything else said.channel,
        purpose=said.purpose,
        topic="" if everything else said.topic,
        given=False,
        at=host.storage.now(),
        source=source,
        explicit=True,
    )
    try:
        return say(host, said.lead, word, is_signed=True)
    except NotFoundError:
        return None


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
