"""The one gate: whether a message may go now, later, or not at all. Pure.

It runs at the claim, and only there with authority. Every refusal is a value with its reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import attrs

from nurture import calendar
from nurture.decisions.holding import hold_on
from nurture.decisions.lawful import refusal_by_consent, suppression_on
from nurture.decisions.scene import zone_of
from nurture.model import Allowance, Dossier, Effect, EffectKind, Lead, Purpose

if TYPE_CHECKING:
    from nurture.program import ContactPolicy, Program


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
HOLD = "hold_"
"""How the reason of a message begins that waits for a hold to end."""


@attrs.frozen(slots=True, kw_only=True)
class Request:
    """What the gate looks at.

    Attributes:
        effect: What wants to go.
        lead: To whom; None for an account or a lead that is gone.
        address: Where to; None when it is not known.
        of_address: What the address allows.
        of_lead: What the caps per lead have counted.
        dossier: What is known about the lead, with the facts that the policy's holds look at; it may be None where
            the policy has no hold for such a message.
    """

    effect: Effect
    lead: Lead | None
    address: str | None
    of_address: Allowance | None
    of_lead: Allowance | None
    dossier: Dossier | None = None


def gate(program: Program, request: Request, now: datetime) -> Verdict:
    """Whether an effect may be carried out now.

    In this order, and the first no wins:

    1. `too_late`: its last instant has passed. Actions are asked nothing else.
    2. `no_address` or `no_owner`. Internal notices are asked nothing else.
    3. `profiling_purpose`: profiling is what people object to, not why a message is sent.
    4. The reason of a suppression of the address: for this purpose, sender and topic, or for all of them.
    5. `unsubscribed`: a refusal holds, for this sender, channel, purpose and topic.
    6. Marketing only: `no_consent`, `basis_not_allowed`, `consent_expired` (by itself or by law), `not_confirmed`.
    7. `hold_<name>`: it waits while a hold of the policy holds.
    8. Marketing only: `quiet_hours`, then `frequency_cap`: it waits.

    A deferral that would end after the effect's last instant is withheld instead, as `too_late_<reason>`; a message
    that is held is looked at once more at that instant.

    Args:
        program: Its contact policy holds.
        request: What wants to go, and what counts for and against it.
        now: The present.
    """
    effect = request.effect
    if effect.expires_at is not None and now > effect.expires_at:
        return Withhold(f"too_late_{effect.reason}" if effect.reason.startswith(HOLD) else "too_late")
    if effect.kind is EffectKind.ACTION:
        return ALLOW
    if request.address is None:
        return Withhold("no_owner" if effect.kind is EffectKind.NOTICE else "no_address")
    if effect.purpose is Purpose.INTERNAL:
        return ALLOW
    refused = _refusal(program, request, now)
    if refused is not None:
        return Withhold(refused)
    deferral = _deferral(program, request, now)
    if deferral is not None and effect.expires_at is not None and deferral.until > effect.expires_at:
        return Withhold(f"too_late_{deferral.reason}")
    return deferral or ALLOW


def _refusal(program: Program, request: Request, now: datetime) -> str | None:
    effect = request.effect
    if effect.purpose is Purpose.PROFILING:
        return "profiling_purpose"
    consents = request.lead.consents if request.lead else ()
    suppressions = request.of_address.suppressions if request.of_address else ()
    stopped = suppression_on(suppressions, consents, effect, effect.entity, now)
    if stopped is not None:
        return stopped.reason
    return refusal_by_consent(program, effect, request.lead, now, suppressions)


def _deferral(program: Program, request: Request, now: datetime) -> Defer | None:
    policy = program.policy
    held = _held(program, request, now) if policy.holds else None
    if held is not None:
        return held
    if policy.quiet is not None and request.effect.purpose is Purpose.MARKETING:
        own = request.lead.zone if request.lead else None
        free = policy.quiet.next_outside(now, calendar.zone(zone_of(own, program.zone)))
        if free > now:
            return Defer(free, "quiet_hours")
    return _capped(policy, request, now)


def _held(program: Program, request: Request, now: datetime) -> Defer | None:
    effect = request.effect
    found = hold_on(program, request.dossier, effect.purpose, now) if request.dossier is not None else None
    if found is None:
        return None
    name, until = found
    return Defer(until if effect.expires_at is None else min(until, effect.expires_at), f"{HOLD}{name}")


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
