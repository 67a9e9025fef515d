"""The one gate: whether a message may go now, later, or not at all. Pure.

It runs at the claim, and only there with authority. Every refusal is a value with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from nurture.decisions.holding import HOLD
from nurture.decisions.lawful import refusal_by_consent, suppression_on
from nurture.decisions.limits import Meter
from nurture.decisions.pacing import Plain, first_slot, is_held_out, lead_rules, rules_of
from nurture.model import Allowance, Dossier, Effect, EffectKind, EffectState, Lead, Purpose, Value

if TYPE_CHECKING:
    from nurture.program import Program


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
PRIORITY: Final = "priority"
AGAIN: Final = timedelta(minutes=1)
"""A message that lets another go first is looked at again after so long, where that one is due already."""


@attrs.frozen(slots=True, kw_only=True)
class Request:
    """What the gate looks at.

    Attributes:
        effect: What wants to go.
        lead: To whom; None for an account or a lead that is gone.
        address: Where to; None when it is not known.
        of_address: What the address allows.
        of_lead: What was counted of messages to the lead.
        dossier: What is known about the lead, with the facts that the policy's holds and its spacing look at; it may
            be None where the policy asks nothing of such a message.
        meters: The limits that concern it and other leads, with what they have counted.
        ahead: How many messages wait already, for each of these limits; none where nothing is said.
        rivals: The lead's other open messages of a higher priority.
        told_zone: The zone that the lead's account told it, for a lead without one of its own.
    """

    effect: Effect
    lead: Lead | None
    address: str | None
    of_address: Allowance | None
    of_lead: Allowance | None
    dossier: Dossier | None = None
    meters: Sequence[Meter] = ()
    ahead: Sequence[int] = ()
    rivals: Sequence[Effect] = ()
    told_zone: Value = None


def gate(program: Program, request: Request, now: datetime) -> Verdict:
    """Whether an effect may be carried out now.

    In this order, and the first no wins:

    1. `too_late`: its last instant has passed. Actions are asked nothing else.
    2. `no_address` or `no_owner`. Internal notices are asked nothing else.
    3. `profiling_purpose`: profiling is what people object to, not why a message is sent.
    4. The reason of a suppression of the address: for this purpose, sender and topic, or for all of them.
    5. `unsubscribed`: a refusal holds, for this sender, channel, purpose and topic.
    6. Marketing only: `no_consent`, `basis_not_allowed`, `consent_expired` (by itself or by law), `not_confirmed`.
    7. Marketing only: `holdout`.
    8. It waits for the first instant at which all of these allow it: holds (`hold_<name>`), quiet hours, hours and open
       days, caps and spacing of the lead, limits that it shares with others. The reason is that of the rule that
       moved it last.
    9. `priority`: it would take the last slot of a cap before a message that is more important.

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
    if effect.kind not in (EffectKind.MESSAGE, EffectKind.NOTICE):
        return ALLOW
    if request.address is None:
        return Withhold("no_owner" if effect.kind is EffectKind.NOTICE else "no_address")
    if effect.purpose is Purpose.INTERNAL:
        return ALLOW
    refused = _refusal(program, request, now)
    if refused is not None:
        return Withhold(refused)
    deferral = _deferral(program, request, now) or _yielding(program, request, now)
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
    refused = refusal_by_consent(program, effect, request.lead, now, suppressions)
    if refused is None and effect.purpose is Purpose.MARKETING and is_held_out(program, effect.subject):
        return "holdout"
    return refused


def _deferral(program: Program, request: Request, now: datetime) -> Defer | None:
    last = request.effect.expires_at
    rules = rules_of(program, request)
    if request.meters:
        rules += [Plain(one.reason, one.next_free) for one in request.meters]
    slot = first_slot(rules, now, last)
    if slot.at <= now:
        return None
    if not any(request.ahead) or (last is not None and slot.at > last):
        return Defer(slot.at, slot.reason)
    queued = rules_of(program, request)  # made anew: holds are asked once
    for meter, ahead in zip(request.meters, request.ahead, strict=True):
        queued.append(Plain(meter.reason, partial(meter.next_free, ahead=ahead)))
    later = first_slot(queued, now, last).at
    return Defer(later if last is None else min(later, last), slot.reason)


def _yielding(program: Program, request: Request, now: datetime) -> Defer | None:
    """Whether a message lets another of its lead go first, which is more important and would have to wait for it."""
    effect = request.effect
    if not request.rivals:
        return None
    for rival in sorted(request.rivals, key=lambda one: (one.due_at or now, one.id)):
        if rival.priority <= effect.priority or rival.state is not EffectState.PLANNED or rival.due_at is None:
            continue
        at = max(now, rival.due_at)
        for rule in lead_rules(program, request, rival, room=1):
            if rule.counts(effect) and rule.next_free(at) <= at < rule.after(now).next_free(at):
                return Defer(max(at, now + AGAIN), PRIORITY)
    return None
