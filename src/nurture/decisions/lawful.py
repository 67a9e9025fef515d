"""Whether what a person said allows a message: the word itself, and the law under which it is read. Pure.

An engineering reading, not legal advice: what the laws ask stands in `nurture.program.jurisdiction`, as data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nurture import calendar
from nurture.decisions.scene import zone_of
from nurture.errors import InvalidFactError
from nurture.model import Basis, Consent, Effect, Lead, Purpose, Suppression, grounds_on, word_on
from nurture.program import ConsentRule, Jurisdiction, Program

if TYPE_CHECKING:
    from nurture.calendar import Civil
    from nurture.program import ContactPolicy


def suppression_on(
    suppressions: Iterable[Suppression], consents: Sequence[Consent], effect: Effect, entity: str, now: datetime
) -> Suppression | None:
    """What suppresses an address for a message, were it sent by this sender; None when nothing does.

    Only a newer explicit consent lifts a suppression, and only one that follows a refusal.
    """
    about = (effect.channel, effect.purpose, effect.topic, entity)
    for one in suppressions:
        if one.concerns(effect.purpose, entity, effect.topic) and not any(
            word.covers(*about) and word.is_live(now) and one.is_lifted_by(word) for word in consents
        ):
            return one
    return None


def refusal_by_consent(
    program: Program, effect: Effect, lead: Lead | None, now: datetime, suppressions: Sequence[Suppression] = ()
) -> str | None:
    """Why consent forbids a message, in a word; None when it does not.

    A refusal towards the sender beats every ground. Then marketing needs one good ground: a word that was said to the
    sender, or to another whose consents it shares and whom neither the person nor the address refuses. Each ground
    stands by itself, so that a purchase long ago does not spoil an agreement. Where the policy knows laws, a word is
    read under the law of its reader and under the one that it names, and both must accept it.

    Args:
        program: Its contact policy holds.
        effect: The message.
        lead: Who reads it.
        now: The present.
        suppressions: What the address refuses; of those who share their consents it is asked here.
    """
    consents = lead.consents if lead is not None else ()
    about = (effect.channel, effect.purpose, effect.topic)
    own = word_on(consents, *about, effect.entity)
    if own is not None and not own.given:
        return "unsubscribed"
    if effect.purpose is not Purpose.MARKETING:
        return None
    policy = program.policy
    if not policy.jurisdictions and not policy.sharing:  # as most have it, and every claim comes by here
        if own is None:
            return "no_consent" if policy.consent is ConsentRule.REQUIRED else None
        return None if own.is_live(now) else "consent_expired"
    law = _speaking(policy.law_for(lead), effect.channel)
    if own is None and not _must_ask(policy, law):
        return None
    reason: str | None = None
    for word in _words(policy, consents, effect, suppressions, now):
        laws = [one for one in (law, _speaking(policy.law(word.jurisdiction), effect.channel)) if one is not None]
        refused = _refusal_of(program, word, laws, lead, now)
        if refused is None:
            return None
        reason = reason or refused
    return reason or "no_consent"


def _must_ask(policy: ContactPolicy, law: Jurisdiction | None) -> bool:
    return policy.consent is ConsentRule.REQUIRED if law is None else not law.opt_out


def _speaking(law: Jurisdiction | None, channel: str) -> Jurisdiction | None:
    return law if law is not None and law.holds_on(channel) else None


def _words(
    policy: ContactPolicy,
    consents: Sequence[Consent],
    effect: Effect,
    suppressions: Sequence[Suppression],
    now: datetime,
) -> Iterator[Consent]:
    """The grounds in the order in which their reasons count: one's own first, then what others share."""
    about = (effect.channel, effect.purpose, effect.topic)
    yield from grounds_on(consents, *about, effect.entity)
    for sharing in policy.sharing:
        if sharing.taker == effect.entity and not suppression_on(suppressions, consents, effect, sharing.giver, now):
            yield from grounds_on(consents, *about, sharing.giver)


def _refusal_of(
    program: Program, word: Consent, laws: Sequence[Jurisdiction], lead: Lead | None, now: datetime
) -> str | None:
    """Why a yes is no good ground now."""
    asking = [law for law in laws if not law.opt_out]
    grounds = [law.ground(word.basis) for law in asking]
    if any(ground is None for ground in grounds):
        return "basis_not_allowed"
    if not word.is_live(now):
        return "consent_expired"
    for ground in grounds:
        lasts = ground.lasts if ground is not None else None
        ends_at = lasting_until(program, lead, word.at, lasts) if lasts is not None else None
        if ends_at is not None and ends_at <= now:
            return "consent_expired"
    if word.basis is Basis.CONSENT and not word.is_confirmed and any(law.confirmed for law in asking):
        return "not_confirmed"
    return None


def lasting_until(program: Program, lead: Lead | None, start: datetime, length: timedelta | Civil) -> datetime | None:
    """When a time that a law names is over, on the calendar of the person, else of the program.

    None when no calendar reaches so far.
    """
    try:
        if isinstance(length, timedelta):
            return start + length
        zone = calendar.zone(zone_of(lead.zone if lead is not None else None, program.zone))
        return calendar.add(length, start, zone, program.calendar)
    except (InvalidFactError, OverflowError):
        return None
