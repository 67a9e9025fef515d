"""The one gate: whether a message may go now, later, or not at all. Pure.

It runs at the claim, and only there with authority. Every refusal is a value with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from nurture import calendar
from nurture.decisions.scene import zone_of
from nurture.model import Allowance, Consent, Effect, EffectKind, Lead, Purpose, Suppression, word_on
from nurture.program import ConsentRule, ContactPolicy, Program


@attrs.frozen(slots=True)
class Allow:
    """It may go now."""


@attrs.frozen(slots=True)
class Defer:
    """Not now, but perhaps at this instant.

    Attributes:
        until: When to look again.
        reason: In a word, such as `quiet_hours`.
    """

    until: datetime
    reason: str


@attrs.frozen(slots=True)
class Withhold:
    """Not at all.

    Attributes:
        reason: In a word, such as `no_consent`.
    """

    reason: str


Verdict: TypeAlias = Allow | Defer | Withhold

ALLOW = Allow()


@attrs.frozen(slots=True, kw_only=True)
class Request:
    """What the gate looks at.

    Attributes:
        effect: What wants to go.
        lead: To whom; None for an account or a lead that is gone.
        address: Where to; None when it is not known.
        of_address: What the address allows.
        of_lead: What the caps per lead have counted.
    """

    effect: Effect
    lead: Lead | None
    address: str | None
    of_address: Allowance | None
    of_lead: Allowance | None


def gate(program: Program, request: Request, now: datetime) -> Verdict:
    """Whether an effect may be carried out now.

    In this order: lateness, address, suppression, consent, quiet hours, frequency cap. A deferral that
    would end after the effect's last instant is withheld instead, as too late.

    Args:
        program: Its contact policy holds.
        request: What wants to go, and what counts for and against it.
        now: The present.
    """
    effect = request.effect
    if effect.expires_at is not None and now > effect.expires_at:
        return Withhold("too_late")
    if effect.kind is EffectKind.ACTION:
        return ALLOW
    if request.address is None:
        return Withhold("no_owner" if effect.kind is EffectKind.NOTICE else "no_address")
    if effect.purpose is Purpose.INTERNAL:
        return ALLOW
    refused = _refusal(program.policy, request, now)
    if refused is not None:
        return Withhold(refused)
    deferral = _deferral(program, request, now)
    if deferral is not None and effect.expires_at is not None and deferral.until > effect.expires_at:
        return Withhold(f"too_late_{deferral.reason}")
    return deferral or ALLOW


def _refusal(policy: ContactPolicy, request: Request, now: datetime) -> str | None:
    effect = request.effect
    consents = request.lead.consents if request.lead else ()
    suppressions = request.of_address.suppressions if request.of_address else ()
    for suppression in suppressions:
        if suppression.purpose in (None, effect.purpose) and not _is_lifted(suppression, consents, effect, now):
            return suppression.reason
    if effect.purpose is not Purpose.MARKETING:
        return None
    consent = word_on(consents, effect.channel, effect.purpose, effect.topic)
    if consent is None:
        return "no_consent" if policy.consent is ConsentRule.REQUIRED else None
    if not consent.given:
        return "unsubscribed"
    return None if consent.is_live(now) else "consent_expired"


def _is_lifted(suppression: Suppression, consents: Iterable[Consent], effect: Effect, now: datetime) -> bool:
    """Only a newer explicit consent lifts a suppression, and only one that follows an unsubscribe."""
    if suppression.purpose is None:
        return False
    return any(
        one.explicit
        and one.covers(effect.channel, effect.purpose, effect.topic)
        and one.is_live(now)
        and one.at > suppression.at
        for one in consents
    )


def _deferral(program: Program, request: Request, now: datetime) -> Defer | None:
    policy = program.policy
    if policy.quiet is not None and request.effect.purpose is Purpose.MARKETING:
        own = request.lead.zone if request.lead else None
        free = policy.quiet.next_outside(now, calendar.zone(zone_of(own, program.zone)))
        if free > now:
            return Defer(free, "quiet_hours")
    return _capped(policy, request, now)


def _capped(policy: ContactPolicy, request: Request, now: datetime) -> Defer | None:
    cap = policy.cap
    if cap is None or request.effect.purpose is not Purpose.MARKETING or request.of_lead is None:
        return None
    counted = sorted(at for at in request.of_lead.recent if now - cap.per < at <= now)
    if len(counted) < cap.count:
        return None
    return Defer(counted[len(counted) - cap.count] + cap.per, "frequency_cap")


def is_capped(program: Program, effect: Effect) -> bool:
    """Whether a claim of this effect counts against the cap per lead."""
    return program.policy.cap is not None and effect.purpose is Purpose.MARKETING


def uncounted(allowance: Allowance, at: datetime) -> Allowance:
    """The allowance after a claim of this instant was taken back, since nothing was sent."""
    recent = tuple(one for one in allowance.recent if one != at)
    return attrs.evolve(allowance, version=allowance.version + 1, recent=recent)


def counted(allowance: Allowance, now: datetime, keep: timedelta) -> Allowance:
    """The allowance after one more claim; what no cap can see any more is dropped."""
    recent = (*(at for at in allowance.recent if at > now - keep), now)
    return attrs.evolve(allowance, version=allowance.version + 1, recent=recent)
