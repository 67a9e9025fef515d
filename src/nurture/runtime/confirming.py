"""Confirming: the link of a double opt-in becomes a consent, if the question still stands. One unit.

May import `consenting` and what it may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.errors import DefinitionError, NotFoundError
from nurture.mail.links import read_confirm_token
from nurture.model import (
    DOUBLE_OPT_IN,
    Allowance,
    Consent,
    Effect,
    Fact,
    Touchpoint,
    fact_id,
    with_consent,
)
from nurture.program.double_opt_in import LINK_LIFE, asked_in
from nurture.runtime.addresses import Addresses, places_of
from nurture.runtime.capturing import consent_properties
from nurture.runtime.recording import as_lead, lead_of, written
from nurture.runtime.settling import address_allowance_id

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.mail.link_records import Confirm
    from nurture.model import Lead, Record
    from nurture.ports import Unit
    from nurture.runtime.host import Host


class _NothingAskedError(Exception):
    """The question of a link does not stand any more."""


def confirm(host: Host, token: str) -> Lead | None:
    """Write down the consent that a confirmation link asks for; None when the token says nothing here.

    A link counts only while its question stands:

    - the message that asked is in the store, was for this lead, and asked just this; so that nothing is left of it
      once the lead was erased;
    - neither the lead nor the address has refused since, so that an old link lifts no newer refusal;
    - the person is reached where the mail went, and on the channel that was asked about where it would have been
      then: both are in the link, as the mail was written. An address that is only written in another way is the same.

    A link that was used before changes nothing, also when the person has unsubscribed since.

    Raises:
        DefinitionError: There is no `Site`, so no link can be read.
    """
    if host.site is None:
        raise DefinitionError("site: needed to read a confirmation link, as it signs them")
    asked = read_confirm_token(host.site, host.tenant, token, host.storage.now(), max_age=LINK_LIFE)
    if asked is None:
        return None

    def change(unit: Unit, now: datetime) -> tuple[Lead, Lead, list[Touchpoint], list[Record]]:
        known = lead_of(unit, asked.lead)
        effect = unit.get(Effect, [asked.effect]).get(asked.effect)
        if effect is None or not _has_asked(effect, asked):
            raise _NothingAskedError
        key = f"confirmed:{asked.effect}"
        if unit.get(Touchpoint, [fact_id(host.tenant, known.id, f"{Fact.CONSENT_GIVEN}:{key}")]):
            return known, known, [], []
        places = places_of(host.tenant, known, (effect.channel, asked.channel))
        if places != asked.places or _is_refused_since(host, unit, known, asked):
            raise _NothingAskedError
        word = _consent(asked, now)
        fact = host.fact(known.id, Fact.CONSENT_GIVEN, consent_properties(word), now, key=key, at=now)
        changed = attrs.evolve(known, version=known.version + 1, consents=with_consent(known.consents, word))
        return known, changed, [attrs.evolve(fact, cause=effect.id)], _bumped(host, unit, known, asked)

    try:
        return as_lead(written(host, asked.lead, change))
    except (NotFoundError, _NothingAskedError):
        return None


def _consent(asked: Confirm, now: datetime) -> Consent:
    return Consent(
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


def _has_asked(effect: Effect, asked: Confirm) -> bool:
    about = asked_in(effect)
    if about is None or effect.subject != asked.lead:
        return False
    mine = (about.channel, about.purpose, about.topic, about.entity, about.text_version)
    return mine == (asked.channel, asked.purpose, asked.topic, asked.entity, asked.text_version)


def _is_refused_since(host: Host, unit: Unit, lead: Lead, asked: Confirm) -> bool:
    about = (asked.channel, asked.purpose, asked.topic, asked.entity)
    if any(not one.given and one.covers(*about) and one.at >= asked.asked_at for one in lead.consents):
        return True
    address = lead.address(asked.channel)
    if address is None:
        return False
    identity = address_allowance_id(host.tenant, asked.channel, address)
    known = unit.get(Allowance, [identity]).get(identity)
    return known is not None and any(
        one.concerns(asked.purpose, asked.entity, asked.topic) and one.at >= asked.asked_at
        for one in known.suppressions
    )


def _bumped(host: Host, unit: Unit, lead: Lead, asked: Confirm) -> list[Record]:
    """The allowance of the address, one version on: a suppression that commits meanwhile is not overlooked."""
    address = lead.address(asked.channel)
    if address is None:
        return []
    addresses = Addresses(host, unit)
    addresses.bump(asked.channel, address)
    return [*addresses.records()]
