"""Claiming effects: the gate, the fence and the counts, committed before anything is sent.

One short write; everything was loaded and judged before it, and versions are compared in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

import attrs

from nurture.decisions import (
    Allow,
    Defer,
    Request,
    Verdict,
    Withhold,
    choose,
    counted_for_lead,
    gate,
    uncounted,
)
from nurture.decisions.zones import told_zone
from nurture.mail.site import message_id
from nurture.model import (
    Account,
    Allowance,
    Changes,
    DecisionRecord,
    Effect,
    EffectKind,
    EffectState,
    FrozenMapping,
    Lead,
    Note,
    Record,
    Repeat,
    SubjectId,
    Switch,
    Touchpoint,
    digest,
    is_broadcast,
)
from nurture.ports import Capability
from nurture.runtime.candidates import Candidate, candidates_of, chooses
from nurture.runtime.host import Host, report, with_inbox
from nurture.runtime.legs import Legs, legs_of
from nurture.runtime.metering import Meters, Spent
from nurture.runtime.quarantine import halved, is_held, leave_effects_for_now
from nurture.runtime.results import Delivered
from nurture.runtime.settling import settled

if TYPE_CHECKING:
    from nurture.ports import TakingUnit, Unit, View
    from nurture.program import Message, Program

_NO_CAP = timedelta(0)
ELSEWHERE = timedelta(minutes=1)
"""Effects that this process cannot carry out wait so long for one that can."""
PAUSE_LOOK = timedelta(hours=1)
"""What a paused scenario asked for is looked at again so often; it is let go at once when that is resumed."""
DEAD_WAITS = timedelta(hours=1)
"""Effects of a subject that cannot be decided wait so long before they are looked at again."""


@attrs.frozen(slots=True)
class Claim:
    """An effect that is ours until its lease runs out, with what is needed to carry it out.

    Attributes:
        effect: What is carried out.
        lead: To whom, or about whom.
        account: Of which company.
        address: Where it goes.
        lead_key: Under which id it was counted with its lead.
        fallback: Why its mail does not come from the lead's owner, once that is composed; see `Envelope`.
        spent: The slots that it took of limits which leads share.
    """

    effect: Effect
    lead: Lead | None
    account: Account | None
    address: str | None
    lead_key: str = ""
    fallback: str = ""
    spent: tuple[Spent, ...] = ()


@attrs.frozen(slots=True)
class Claims:
    """What one round of claiming brought, and what it settled on the way."""

    claims: tuple[Claim, ...] = ()
    settled: Delivered = attrs.field(factory=Delivered)

    def __add__(self, other: Claims) -> Claims:
        return Claims(self.claims + other.claims, self.settled + other.settled)


def claim_due(host: Host, limit: int, size: int, look: int = 0) -> Claims:
    """Claim effects that are due, one a subject and address in a round.

    Args:
        host: The parts.
        limit: Among how many that are due to look; some may have to wait for a decision.
        size: How many to claim at most.
        look: How many to judge, when that is more: most of them may have to wait.
    """
    look = max(size, look)
    effects: Sequence[Effect] = ()
    try:
        if Capability.SKIP_LOCKED in host.storage.capabilities:
            with host.storage.begin() as unit:
                now = host.storage.now()
                most = limit + len(host.unreadable) + len(host.held)
                effects = cast("TakingUnit", unit).take_claimable(now, most)
                effects = [one for one in effects if not is_held(host, one.subject, now)][:limit]
                if not effects:
                    return Claims()
                with host.storage.view() as view:
                    judged = _judged_all(host, view, effects, look, size)
                beaten, held = _put(host, unit, judged)
            leave_effects_for_now(host, held, now)
            return _told(host, judged, beaten | held)
        with host.storage.view() as view:
            effects = view.claimable(host.storage.now(), limit)
            if not effects:
                return Claims()
            judged = _judged_all(host, view, effects, look, size)
        return _written(host, judged)
    except Exception as error:
        if not effects:
            raise
        return halved(effects[:look], partial(_claim_these, host), partial(_leave_alone, host), error)


def _claim_these(host: Host, effects: Sequence[Effect]) -> Claims:
    with host.storage.view() as view:
        judged = _judged_all(host, view, effects, len(effects), len(effects))
    return _written(host, judged)


def _leave_alone(host: Host, effect: Effect, error: Exception) -> Claims:
    """An effect whose subject cannot be read waits, and stops nobody else."""
    report("an effect is put aside", error, nurture_effect=effect.id)
    later = effect.moved(due_at=host.storage.now() + DEAD_WAITS, reason="subject_unreadable")
    with host.storage.begin() as unit:
        unit.put({effect.subject: Changes(records=(later,))})
    return Claims(settled=Delivered(deferred=1))


@attrs.frozen(slots=True, eq=False)
class _Judged:
    """What one round wants to write, by subject: the changes, what to call it, the new facts, and the claim."""

    groups: dict[SubjectId, Changes]
    outcome: dict[SubjectId, tuple[str, list[Touchpoint]]]
    claimed: dict[SubjectId, Claim]
    reasons: dict[SubjectId, str]
    legs: Legs
    meters: Meters
    now: datetime


def _judged_all(host: Host, view: View, effects: Sequence[Effect], look: int, size: int) -> _Judged:
    legs = legs_of(host, view)  # another program's worker must not judge by its own rules
    round_ = candidates_of(host, view, effects, look, legs)
    now = host.storage.now()
    judged = _Judged({}, {}, {}, {}, legs, Meters(host, round_.candidates, round_.known), now)
    for one in round_.candidates:
        verdict = _verdict(host, one, judged, now)
        if not isinstance(verdict, Allow) and judged.meters.is_contested(one, now):
            continue  # it waits for slots that claims of this very round took: judged again once they are committed
        if isinstance(verdict, Allow) and len(judged.claimed) >= size:
            continue  # it may go, in the next round
        subject = one.effect.subject
        records, facts, word, claim = _apply(host, one, verdict, judged.meters, now)
        if is_broadcast(subject):
            facts = []  # it is nobody, about whom something could be decided
        if facts:
            records += with_inbox(facts)
        judged.groups[subject] = Changes(records=tuple(records), quiet_until=None if one.is_stuck else now)
        judged.outcome[subject] = (word, facts)
        if isinstance(verdict, (Defer, Withhold)):
            judged.reasons[subject] = verdict.reason
        if claim is not None:
            judged.claimed[subject] = claim
    return judged


def _verdict(host: Host, one: Candidate, judged: _Judged, now: datetime) -> Verdict | EffectState:
    """What to do with an effect, as its scenario is switched. An abandoned claim is settled in a pause, too."""
    held = _switched(judged.legs, one.effect, now)
    if held is not None and one.effect.state is not EffectState.CLAIMED:
        return held
    verdict = _judged(host, one, judged.meters, now)
    if held is None or not isinstance(verdict, (Allow, Defer)):
        return verdict
    return EffectState.UNKNOWN if isinstance(held, Withhold) else held  # it may have gone out


def _switched(legs: Legs, effect: Effect, now: datetime) -> Defer | Withhold | None:
    """What becomes of an effect whose scenario is paused or stopped, whether its subject has heard of that or not."""
    switch = legs.switches.get(effect.scenario) if legs.switches else None
    if switch is None or switch not in (Switch.PAUSED, Switch.STOPPED):
        return None
    until = now + PAUSE_LOOK
    if effect.expires_at is not None and until > effect.expires_at:
        return (
            Withhold(f"too_late_{switch.value}") if now >= effect.expires_at else Defer(effect.expires_at, switch.value)
        )
    return Defer(until, switch.value)


def _written(host: Host, judged: _Judged) -> Claims:
    if not judged.groups:
        return Claims()
    with host.storage.begin() as unit:
        beaten, held = _put(host, unit, judged)
    return _told(host, judged, beaten | held)


_NOBODY: frozenset[SubjectId] = frozenset()


def _put(host: Host, unit: Unit, judged: _Judged) -> tuple[frozenset[SubjectId], frozenset[SubjectId]]:
    """Write the round. Left out are those whose limits somebody else has written, and those who conflict themselves."""
    if not judged.groups:
        return _NOBODY, _NOBODY
    if legs_of(host, unit) != judged.legs:  # nothing is claimed under a program that has been replaced meanwhile
        return _NOBODY, frozenset(judged.groups)
    beaten = judged.meters.reserve(unit, judged.now)
    groups = {one: changes for one, changes in judged.groups.items() if one not in beaten} if beaten else judged.groups
    held = unit.put(groups) if groups else _NOBODY
    if beaten or held:
        judged.meters.give_back(unit, beaten | held, judged.now)
    return beaten, held


def _told(host: Host, judged: _Judged, conflicts: frozenset[SubjectId]) -> Claims:
    tally: dict[str, int] = {"conflicts": len(conflicts)}
    reasons: Counter[tuple[str, str]] = Counter()
    for subject, (word, facts) in judged.outcome.items():
        if subject in conflicts:
            continue
        host.tell(facts)
        if word:
            tally[word] = tally.get(word, 0) + 1
        if subject in judged.reasons:
            reasons[word, judged.reasons[subject]] += 1
    for (word, reason), number in reasons.items():
        host.count("reasons", number, outcome=word, reason=reason)
    claims = tuple([claim for subject, claim in judged.claimed.items() if subject not in conflicts])
    return Claims(claims, Delivered(**tally))


def _judged(host: Host, one: Candidate, meters: Meters, now: datetime) -> Verdict | EffectState:
    """What to do with an effect; one that cannot even be judged waits, and stops nobody else."""
    try:
        verdict = _judge(host, one, meters, now)
        if isinstance(verdict, Allow):
            _choose(host.program, one, now)
    except Exception as error:
        report("judging an effect failed", error, nurture_effect=one.effect.id)
        verdict = Defer(now + DEAD_WAITS, "judging_failed")
    expires_at = one.effect.expires_at
    if isinstance(verdict, Defer) and expires_at is not None and verdict.until > expires_at:
        return Withhold(f"too_late_{verdict.reason}")
    return verdict


def _choose(program: Program, one: Candidate, now: datetime) -> None:
    message = program.message(one.effect.name) if one.dossier is not None else None
    if one.dossier is not None and message is not None and chooses(program, one.effect, message):
        one.choices = choose(program, one.dossier, message, now)


def _judge(host: Host, one: Candidate, meters: Meters, now: datetime) -> Verdict | EffectState:
    effect = one.effect
    if one.stuck is not None:
        return Defer(one.stuck_until or now + DEAD_WAITS, one.stuck)
    if effect.state is EffectState.CLAIMED:
        return _judge_abandoned(host, one, meters, now)
    objection = _objection(host.program, one) if effect.is_message else None
    if objection is not None:
        return Withhold(objection)
    missing = _missing_here(host, effect)
    if missing is not None:
        return Defer(now + ELSEWHERE, missing)
    if effect.attempts >= host.program.policy.max_attempts:
        return EffectState.REJECTED
    if one.is_behind:  # its account may not have told it yet what the new program asks
        return Defer(now + ELSEWHERE, "subject_behind")
    request = Request(
        effect=effect,
        lead=one.lead,
        address=one.address,
        of_address=one.of_address,
        of_lead=one.of_lead,
        dossier=one.dossier,
        meters=meters.of(one),
        ahead=meters.ahead(one, now),
        rivals=one.rivals,
        told_zone=told_zone(one.standing),
    )
    return gate(host.program, request, now)


def _objection(program: Program, one: Candidate) -> str | None:
    """Why a message is not what was decided any more, in a word; None when it is."""
    effect = one.effect
    message = program.message(effect.name)
    if one.is_stopped:
        return "broadcast_stopped"
    if message is None:
        return "no_message"
    if _is_another(message, effect):
        return "message_changed"
    if effect.content and effect.content != _said_now(program, effect.name):
        return "not_approved"
    return None


def _is_another(message: Message, effect: Effect) -> bool:
    """Whether the program has given the name to a message of another purpose, sender, topic or channel meanwhile.

    What was decided for the one must not be judged, nor sent, as the other.
    """
    decided = (effect.purpose, effect.topic, effect.entity, effect.channel)
    return decided != (message.purpose, message.topic, message.entity, message.channel)


def _said_now(program: Program, message: str) -> str:
    from nurture.program.codec import content_of  # it loads cattrs, which few need

    return content_of(program, message)


def _missing_here(host: Host, effect: Effect) -> str | None:
    """What this process lacks to carry the effect out; another process may have it."""
    if effect.kind is EffectKind.ACTION:
        return None if effect.name in host.actions else "no_action"
    if effect.kind is EffectKind.RELAY:
        return None
    if effect.channel not in host.senders:
        return "no_sender"
    return "no_site" if effect.channel == "email" and host.site is None else None


def _judge_abandoned(host: Host, one: Candidate, meters: Meters, now: datetime) -> Verdict | EffectState:
    """A claim that ran out: try again where that cannot double, else as the step's policy says.

    What the gate refuses by now is not tried again; whether it went the first time, nobody knows.
    """
    effect = one.effect
    sender = host.senders.get(effect.channel)
    window = sender.dedup_window if sender is not None else _NO_CAP
    age = now - (effect.claimed_at or now)
    repeatable = window >= age and window > _NO_CAP
    if not repeatable and effect.repeat is Repeat.AT_MOST_ONCE:
        return EffectState.UNKNOWN
    known = one.of_lead
    if known is not None and effect.claimed_at is not None:
        # it does not stand in its own way, nor counts twice; nothing is written, so the version stays
        one.of_lead = attrs.evolve(uncounted(known, effect.claimed_at), version=known.version)
    verdict = _judge(host, attrs.evolve(one, effect=attrs.evolve(effect, state=EffectState.PLANNED)), meters, now)
    if effect.kind is EffectKind.RELAY:
        return verdict  # it can be done again, so nothing about it is in doubt
    return verdict if isinstance(verdict, (Allow, Defer)) else EffectState.UNKNOWN


def _apply(
    host: Host, one: Candidate, verdict: Verdict | EffectState, meters: Meters, now: datetime
) -> tuple[list[Record], list[Touchpoint], str, Claim | None]:
    effect = one.effect
    if isinstance(verdict, EffectState):
        reason = "lease_ran_out" if verdict is EffectState.UNKNOWN else "too_many_attempts"
        ended, fact = settled(effect, verdict, reason, now)
        return [ended], [fact], verdict.value, None
    if isinstance(verdict, Withhold):
        ended, fact = settled(effect, EffectState.WITHHELD, verdict.reason, now)
        return [ended], [fact], "withheld", None
    if isinstance(verdict, Defer):
        meters.queue(one, now)
        later = attrs.evolve(effect, version=effect.version + 1, due_at=verdict.until, reason=verdict.reason)
        noted = [_noted(effect, verdict, now)] if effect.reason != verdict.reason else []
        return [later, *noted], [], "deferred", None
    return _claimed(host, one, meters, now)


def _noted(effect: Effect, verdict: Defer, now: datetime) -> DecisionRecord:
    """That an effect was put off for a reason: kept once for each effect and reason, however often it is looked at."""
    note = Note("deferred", effect.name, verdict.reason, saw=FrozenMapping({"until": verdict.until}))
    name = digest("decn", "deferred", effect.id, verdict.reason)
    return DecisionRecord(id=name, subject=effect.subject, at=now, notes=(note,))


def _claimed(
    host: Host, one: Candidate, meters: Meters, now: datetime
) -> tuple[list[Record], list[Touchpoint], str, Claim | None]:
    effect = one.effect
    claimed = effect.moved(
        state=EffectState.CLAIMED,
        fence=effect.fence + 1,
        attempts=effect.attempts + 1,
        claimed_at=now,
        due_at=now + host.lease,
        reason="",
        message_id=effect.message_id or (message_id(effect.id, host.site) if host.site and effect.channel else ""),
        choices=effect.choices if one.choices is None else one.choices,
    )
    records: list[Record] = [claimed]
    key = one.address_key
    if key:
        known = one.of_address
        records.append(attrs.evolve(known, version=known.version + 1) if known else Allowance(id=key))
    key = one.lead_key
    if key:
        of_lead = one.of_lead or Allowance(id=key, version=0)
        records.append(counted_for_lead(host.program, of_lead, effect, now))
    spent = meters.spend(one, now)
    return records, [], "", Claim(claimed, one.lead, one.account, one.address, one.lead_key, spent=spent)
