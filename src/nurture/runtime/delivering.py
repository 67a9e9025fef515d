"""Delivering: claim, render and send, record. Sending happens outside any transaction.

Effects settle one by one: a template that fails for one lead, or an address that cannot be carried,
ends that one message with a typed reason, and all others go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from nurture.decisions import uncounted
from nurture.errors import SendRefusedError, StorageError
from nurture.model import (
    Allowance,
    Changes,
    Effect,
    EffectKind,
    EffectState,
    Record,
    Repeat,
    SubjectId,
    Suppression,
    Touchpoint,
    is_broadcast,
)
from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.runtime.claiming import Claim, claim_due
from nurture.runtime.host import Host, report, with_inbox
from nurture.runtime.metering import release
from nurture.runtime.relaying import Outcome, Went, relayed, went_on
from nurture.runtime.results import Delivered
from nurture.runtime.settling import address_allowance_id, settled

if TYPE_CHECKING:
    from threading import Event

    from nurture.ports import Unit

LARGEST_SLICE = 512
SHORT, LONG = timedelta(milliseconds=250), timedelta(seconds=1)
"""Slices grow while one takes less than the first to send and write down, and shrink when it takes more."""
NOT_SENT = (Deferred, Rejected)
"""The receipts that say that nothing was sent: no cap counts it."""
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,80}")
RECORD_ATTEMPTS = 5
LEAVE_OUT = datetime.min.replace(tzinfo=UTC)
"""As `Changes.quiet_until`: nothing is due by then; it says only that a subject in use is left out, not waited for."""
FIRST_BACKOFF = timedelta(minutes=5)
LONGEST_BACKOFF = timedelta(hours=6)
SHORTEST_RETRY = timedelta(seconds=1)
LONGEST_RETRY = timedelta(days=30)


def deliver_due(host: Host, limit: int, stop: Event | None = None) -> Delivered:
    """Carry out effects that are due, at most `limit`.

    They are claimed, sent and written down in slices. A crash leaves one slice in doubt, so it is no larger than what
    takes about a second to send; how many that are is learned by sending. What cannot be sent within the lease,
    or before the worker ends, is given back.
    """
    done = Delivered()
    left, look = limit, 0
    while left > 0 and not (stop is not None and stop.is_set()):
        size = min(left, host.slice)
        round_ = claim_due(host, left, size, look)
        done += round_.settled
        if not round_.claims and not round_.settled.moved:
            break
        left -= max(size, round_.settled.moved)
        # Where most have to wait, as for a limit, it looks at more of them at a time.
        look = min(left, LARGEST_SLICE, 4 * max(size, look)) if not round_.claims else 0
        done += _send_slice(host, round_.claims, stop)
    return done


def _send_slice(host: Host, claims: Sequence[Claim], stop: Event | None) -> Delivered:
    if not claims:
        return Delivered()
    began = host.storage.now()
    if (stop is not None and stop.is_set()) or _runs_out(claims[0], began, host.lease):
        return _give_back(host, claims)
    done = _record(host, list(_carry_out(host, claims)))
    took = host.storage.now() - began
    if took > min(LONG, host.lease / 8):
        host.slice = max(1, host.slice // 2)
    elif took < min(SHORT, host.lease / 32) and len(claims) >= host.slice:
        host.slice = min(LARGEST_SLICE, host.slice * 4)
    return done


def _runs_out(claim: Claim, now: datetime, lease: timedelta) -> bool:
    """Whether so little of the lease is left that the next batch might outlast it."""
    return claim.effect.due_at is None or now + lease / 4 >= claim.effect.due_at


def _give_back(host: Host, claims: Sequence[Claim]) -> Delivered:
    """Claims that nothing was done about become due again; one that somebody else took meanwhile is theirs."""

    def write(some: Sequence[Claim], unit: Unit, quiet_until: datetime | None) -> frozenset[SubjectId]:
        counts = _counts(unit, some)
        groups: dict[SubjectId, Changes] = {}
        for claim in some:
            effect = claim.effect
            planned = effect.moved(state=EffectState.PLANNED, attempts=effect.attempts - 1, due_at=effect.planned_at)
            records = (planned, *_taken_back(claim, counts))
            groups[effect.subject] = Changes(records=records, quiet_until=quiet_until)
        return unit.put(groups)

    left = list(claims)
    for attempt in range(RECORD_ATTEMPTS):
        with host.storage.begin() as unit:
            conflicts = write(left, unit, _patience(attempt))
        release(host, [spent for one in left if one.effect.subject not in conflicts for spent in one.spent])
        left = _still_ours(host, left, conflicts)
        if not left:
            break
    return Delivered()


def _patience(attempt: int) -> datetime | None:
    """First a subject that another transaction holds is left out, so that it holds up no other; at last we wait."""
    return LEAVE_OUT if attempt + 1 < RECORD_ATTEMPTS else None


def _still_ours(host: Host, claims: Sequence[Claim], conflicts: frozenset[SubjectId]) -> list[Claim]:
    """Of the claims that conflicted, those that nobody else took: they conflicted otherwise, and are written again."""
    left_out = [claim for claim in claims if claim.effect.subject in conflicts]
    if not left_out:
        return []
    with host.storage.view() as view:
        stored = view.get(Effect, [claim.effect.id for claim in left_out])
    return [claim for claim in left_out if stored.get(claim.effect.id) == claim.effect]


def _counts(unit: Unit, claims: Sequence[Claim]) -> Mapping[str, Allowance]:
    keys = [claim.lead_key for claim in claims if claim.lead_key]
    return unit.get(Allowance, keys) if keys else {}


def _taken_back(claim: Claim, counts: Mapping[str, Allowance]) -> tuple[Record, ...]:
    """What is counted with the lead without this claim, which sent nothing."""
    known = counts.get(claim.lead_key)
    claimed_at = claim.effect.claimed_at
    return () if known is None or claimed_at is None else (uncounted(known, claimed_at),)


def _carry_out(host: Host, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Outcome]]:
    from nurture.runtime.composing import envelope_for  # it loads Jinja, which only those who send need

    by_channel: dict[str, list[tuple[Claim, Envelope]]] = {}
    now = host.storage.now()
    for claim in claims:
        if claim.effect.kind is EffectKind.ACTION:
            yield claim, _act(host, claim)
            continue
        if claim.effect.kind is EffectKind.RELAY:
            yield claim, relayed(host, claim.effect)
            continue
        try:
            envelope = envelope_for(host, claim, now)
        except SendRefusedError as error:
            yield claim, Rejected(error.reason)
        except Exception as error:
            report("composing failed", error, nurture_effect=claim.effect.id)
            yield claim, Rejected(f"compose_failed_{type(error).__name__}")
        else:
            told = attrs.evolve(claim, fallback=envelope.fallback) if envelope.fallback else claim
            by_channel.setdefault(claim.effect.channel, []).append((told, envelope))
    for channel, pairs in by_channel.items():
        receipts = handed_over(host, channel, [envelope for _, envelope in pairs])
        yield from zip((claim for claim, _ in pairs), receipts, strict=True)


def handed_over(host: Host, channel: str, envelopes: Sequence[Envelope]) -> Sequence[Receipt]:
    """What the sender of a channel says of each envelope; whatever it does, there is one receipt for each."""
    try:
        receipts = tuple(host.senders[channel].send(envelopes))
    except Exception as error:
        report("the sender raised", error, nurture_channel=channel)
        return [Unknown(f"sender_raised_{type(error).__name__}")] * len(envelopes)
    if len(receipts) != len(envelopes):
        return [Unknown("sender_miscounted")] * len(envelopes)
    return [_checked(one) for one in receipts]


def _checked(receipt: object) -> Receipt:
    """The receipt, its reason in a word; anything else that came back leaves us in doubt.

    A reason that is more than a word may hold an address, and reasons are kept and shown: it is left out.
    """
    if isinstance(receipt, Accepted):
        return receipt
    if isinstance(receipt, (Rejected, Deferred, Unknown)):
        return receipt if _WORD.fullmatch(receipt.reason) else attrs.evolve(receipt, reason="no_word_given")
    return Unknown(f"no_receipt_but_{type(receipt).__name__}")


def _act(host: Host, claim: Claim) -> Receipt:
    effect = claim.effect
    try:
        answer: object = host.actions[effect.name](effect.id, effect.subject, effect.params)
        return Accepted() if answer is None else _checked(answer)
    except Exception as error:
        report("an action raised", error, nurture_effect=effect.id)
        return Unknown(f"action_raised_{type(error).__name__}")


def _record(host: Host, results: Sequence[tuple[Claim, Outcome]]) -> Delivered:
    """Write down what became of each, and again if the store was busy: it compares before it writes.

    A claim that somebody else took meanwhile is left to them. One that is ours still conflicted otherwise (its
    subject was held, or was decided beyond this unit's instant), and is written by another unit.
    """
    done = Delivered()
    for attempt in range(RECORD_ATTEMPTS):
        try:
            some, conflicts = _write_down(host, results, _patience(attempt))
            ours = {claim.effect.id for claim in _still_ours(host, [claim for claim, _ in results], conflicts)}
        except StorageError as error:
            if attempt + 1 == RECORD_ATTEMPTS:
                raise
            report("receipts could not be written; trying again", error)
        else:
            results = [one for one in results if one[0].effect.id in ours]
            done += some + Delivered(conflicts=len(conflicts) - len(results))
            if not results:
                return done
        host.stop.wait(0.05 * 2**attempt)
    return done + Delivered(conflicts=len(results))


def _write_down(
    host: Host, results: Sequence[tuple[Claim, Outcome]], quiet_until: datetime | None
) -> tuple[Delivered, frozenset[SubjectId]]:
    """Write down what became of each in one unit; the answer names the subjects that conflicted."""
    tally: dict[str, int] = {}
    with host.storage.begin() as unit:
        now = unit.now()
        dead = [claim for claim, receipt in results if _kills_address(claim, receipt)]
        keys = [address_allowance_id(host.tenant, claim.effect.channel, claim.address or "") for claim in dead]
        allowances: Mapping[str, Allowance] = unit.get(Allowance, keys) if keys else {}
        counts = _counts(unit, [claim for claim, receipt in results if isinstance(receipt, NOT_SENT)])
        groups: dict[SubjectId, Changes] = {}
        words: dict[SubjectId, tuple[str, list[Touchpoint]]] = {}
        for claim, receipt in results:
            records, facts, word = _outcome(host, claim, receipt, now)
            if is_broadcast(claim.effect.subject):
                facts = []  # it is nobody, about whom something could be decided
            if _kills_address(claim, receipt):
                key = address_allowance_id(host.tenant, claim.effect.channel, claim.address or "")
                records.append(_bounced(allowances.get(key), key, now))
            if isinstance(receipt, NOT_SENT):
                records += _taken_back(claim, counts)
            groups[claim.effect.subject] = Changes(records=(*records, *with_inbox(facts)), quiet_until=quiet_until)
            words[claim.effect.subject] = (word, facts)
        conflicts = unit.put(groups) if groups else frozenset[SubjectId]()
    for subject, (word, facts) in words.items():
        if subject not in conflicts:
            host.tell(facts)
            tally[word] = tally.get(word, 0) + 1
    unsent = [one for one, said in results if isinstance(said, NOT_SENT) and one.effect.subject not in conflicts]
    release(host, [spent for one in unsent for spent in one.spent if not spent.is_of_attempts])
    return Delivered(**tally), conflicts


def _kills_address(claim: Claim, receipt: Outcome) -> bool:
    return isinstance(receipt, Rejected) and receipt.permanent_address and claim.address is not None


def _bounced(known: Allowance | None, key: str, now: datetime) -> Allowance:
    suppression = Suppression(purpose=None, reason="bounced", at=now)
    if known is None:
        return Allowance(id=key, suppressions=(suppression,))
    return attrs.evolve(known, version=known.version + 1, suppressions=(*known.suppressions, suppression))


def _outcome(host: Host, claim: Claim, receipt: Outcome, now: datetime) -> tuple[list[Record], list[Touchpoint], str]:
    effect = claim.effect
    if isinstance(receipt, Went):
        return [went_on(effect, receipt, now)], [], "accepted" if receipt.is_done else "deferred"
    if isinstance(receipt, Accepted):
        ended, fact = settled(effect, EffectState.ACCEPTED, "", now, receipt=receipt.receipt, fallback=claim.fallback)
        return [ended], [fact], "accepted"
    if isinstance(receipt, Rejected):
        ended, fact = settled(effect, EffectState.REJECTED, receipt.reason, now, fallback=claim.fallback)
        return [ended], [fact], "rejected"
    if isinstance(receipt, Deferred):
        backoff = min(FIRST_BACKOFF * 2 ** min(effect.attempts - 1, 10), LONGEST_BACKOFF)
        wait = backoff if receipt.retry_after is None else max(SHORTEST_RETRY, min(receipt.retry_after, LONGEST_RETRY))
        return _tried_again(host, claim, receipt.reason, now + wait, now)
    sender = host.senders.get(effect.channel)
    can_tell = sender is not None and sender.dedup_window > timedelta(0)
    if can_tell or effect.repeat is Repeat.AT_LEAST_ONCE:
        # still claimed: when its lease runs out it is tried again under the same key
        return [effect.moved(reason=receipt.reason)], [], "deferred"
    ended, fact = settled(effect, EffectState.UNKNOWN, receipt.reason, now, fallback=claim.fallback)
    return [ended], [fact], "unknown"


def _tried_again(
    host: Host, claim: Claim, reason: str, at: datetime, now: datetime
) -> tuple[list[Record], list[Touchpoint], str]:
    effect = claim.effect
    if effect.attempts >= host.program.policy.max_attempts or (
        effect.expires_at is not None and at > effect.expires_at
    ):
        ended, fact = settled(effect, EffectState.REJECTED, f"gave_up_{reason}", now, fallback=claim.fallback)
        return [ended], [fact], "rejected"
    later = effect.moved(state=EffectState.PLANNED, due_at=at, reason=reason)
    return [later], [], "deferred"
