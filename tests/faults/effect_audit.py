"""The life of every effect: planned once, claimed under a fence, handed over under its key, settled once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from nurture.model import (
    Allowance,
    Changes,
    Effect,
    EffectKind,
    EffectState,
    EnrollmentState,
    Lead,
    Purpose,
    Repeat,
    Standing,
)
from tests.faults.mirror import Mirror
from tests.faults.programs import CAP, QUIET
from tests.faults.refusals import Refusals
from tests.faults.verdicts import require

PLANNED, CLAIMED = EffectState.PLANNED, EffectState.CLAIMED
SHORTEST_PAUSE = timedelta(seconds=1)
WAITING = frozenset({"quiet_hours", "frequency_cap"})
SETTLED = frozenset(EffectState) - {PLANNED, CLAIMED}
NEXT = {
    None: {PLANNED, EffectState.CANCELLED},  # a run may begin and end within one decision
    PLANNED: {PLANNED, CLAIMED, EffectState.WITHHELD, EffectState.REJECTED, EffectState.CANCELLED},
    CLAIMED: {PLANNED, CLAIMED, EffectState.ACCEPTED, EffectState.REJECTED, EffectState.UNKNOWN},
}


@attrs.define(eq=False)
class Claimed:
    """One claim: who made it and whether it counts against the cap."""

    process: str
    at: datetime
    lead: str
    is_counted: bool


@attrs.frozen(eq=False)
class Commit:
    """The group in which an effect was written: whose, by which process and when, and with what else."""

    tenant: str
    mirror: Mirror
    process: str
    changes: Changes
    now: datetime | None

    @property
    def standing(self) -> Standing | None:
        """The standing that was decided along with it."""
        return next((one for one in self.changes.records if isinstance(one, Standing)), None)


class EffectAudit:
    """Invariants 1 to 4, 8, 9, 18 and 22, as far as a commit or a hand-over shows them.

    Args:
        mirrors: What the stores must hold, by tenant.
        counts: How often what was checked.
        refusals: Who said no.
        deduplicates: Whether the other side knows keys again.

    Attributes:
        doubts: Effects of which somebody could not tell for a while whether they went out.
    """

    def __init__(
        self, mirrors: Mapping[str, Mirror], counts: Counter[str], refusals: Refusals, *, deduplicates: bool
    ) -> None:
        self.doubts: set[tuple[str, str]] = set()
        self._mirrors = mirrors
        self._counts = counts
        self._refusals = refusals
        self._deduplicates = deduplicates
        self._claims: dict[tuple[str, str, int], Claimed] = {}
        self._message_ids: dict[tuple[str, str], str] = {}

    def take(self, commit: Commit, effect: Effect) -> None:
        """One step of an effect's life."""
        old: Effect | None = commit.mirror.of(Effect).get(effect.id)
        was = old.state if old else None
        require(was not in SETTLED, "2", f"a settled effect moved again: {was} to {effect.state}")
        require(effect.state in NEXT[was], "2, 3", f"an effect went from {was} to {effect.state}")
        self._counts[effect.state.value] += 1
        if old is None:
            require(commit.standing is not None, "2, 5", "an effect that no decision planned")
            return
        require(effect.fence >= old.fence, "8", "a fence went back")
        if effect.state is CLAIMED and effect.fence > old.fence:
            self._claim(commit, old, effect)
        elif was is CLAIMED:
            self._after_claim(commit, old, effect)
        if effect.state in SETTLED:
            self._settled(commit, effect)

    def _claim(self, commit: Commit, old: Effect, effect: Effect) -> None:
        tenant, mirror = commit.tenant, commit.mirror
        at = effect.claimed_at
        require(at is not None and effect.fence == old.fence + 1, "8", "a claim without its fence")
        assert at is not None
        if old.state is CLAIMED:
            self.doubts.add((tenant, effect.id))
            sure = old.repeat is Repeat.AT_LEAST_ONCE or (self._deduplicates and bool(effect.channel))
            require(sure, "3", "a claim in doubt was made again, and the policy says at most once")
        require(old.due_at is not None and old.due_at < at, "8, 22", "an effect was claimed before it was due")
        for row in mirror.inbox_of(effect.subject):
            require(row.due_at > at, "2", "a claim went past a fact that waited")
        if effect.channel:
            require(effect.message_id, "4", "claimed without a Message-ID")
            known = self._message_ids.setdefault((tenant, effect.id), effect.message_id)
            require(known == effect.message_id, "4", "a Message-ID changed")
        lead: Lead | None = mirror.of(Lead).get(effect.subject)
        counted = effect.purpose is Purpose.MARKETING
        if counted:
            assert lead is not None
            self._allowed(tenant, lead, effect, at)
        if effect.kind is EffectKind.MESSAGE:
            require(
                any(isinstance(one, Allowance) for one in commit.changes.records), "13", "a claim bumped no allowance"
            )
        for (whose, name, _), one in self._claims.items():
            if (whose, name) == (tenant, effect.id):
                one.is_counted = False  # it was abandoned, and counts as the one that took it over
        self._claims[tenant, effect.id, effect.fence] = Claimed(commit.process, at, effect.subject, counted)

    def _allowed(self, tenant: str, lead: Lead, effect: Effect, at: datetime) -> None:
        self._refusals.require_free(tenant, lead, effect)
        hour = at.astimezone(ZoneInfo(lead.zone or "Asia/Tokyo")).hour
        require(not (hour >= QUIET[0] or hour < QUIET[1]), "18", f"claimed in quiet hours, at {hour} o'clock")
        times = [
            one.at
            for (whose, name, _), one in self._claims.items()
            if whose == tenant
            and name != effect.id
            and one.lead == lead.id
            and one.is_counted
            and at - CAP.per < one.at <= at
        ]
        require(len(times) < CAP.count, "18", f"the frequency cap was overspent: {len(times) + 1} in a day")

    def _after_claim(self, commit: Commit, old: Effect, effect: Effect) -> None:
        tenant, process, now = commit.tenant, commit.process, commit.now
        claim = self._claims[tenant, old.id, old.fence]
        if effect.state is CLAIMED and effect.due_at != old.due_at:
            return  # an abandoned claim waits for the gate; nobody records anything
        ran_out = effect.state is EffectState.UNKNOWN and effect.reason == "lease_ran_out"
        ran_out = ran_out or effect.reason == "too_many_attempts"
        if ran_out:
            require(old.due_at is not None and now is not None and old.due_at < now, "8", "a living claim was taken")
            self.doubts.add((tenant, old.id))
        elif effect.state is EffectState.UNKNOWN and claim.process != process:
            require(old.due_at is not None and now is not None and old.due_at < now, "8", "a living claim was taken")
        else:
            require(claim.process == process, "8", f"{process} recorded what {claim.process} had claimed")
        if effect.state in (CLAIMED, EffectState.UNKNOWN):
            self.doubts.add((tenant, old.id))
        if effect.state in (PLANNED, EffectState.REJECTED):
            claim.is_counted = False  # nothing was sent
        if effect.state is PLANNED and effect.reason == "greylisted":
            assert now is not None
            assert effect.due_at is not None
            require(effect.due_at >= now + SHORTEST_PAUSE, "12", "the other side said not now, and is asked at once")

    def _settled(self, commit: Commit, effect: Effect) -> None:
        standing = commit.standing
        require(effect.due_at is None, "2", "a settled effect is still due")
        if effect.state is EffectState.CANCELLED:
            runs = {one.id: one.state for one in standing.enrollments} if standing else {}
            require(runs.get(effect.enrollment) is not EnrollmentState.ACTIVE, "2", "cancelled under a running run")
            return
        receipts = [one for one in commit.mirror.new_facts(commit.changes) if one.cause == effect.id]
        require(len(receipts) == 1, "2, 5", f"an effect ended as {effect.state} without its receipt")
        if effect.state is EffectState.WITHHELD:
            lead: Lead = commit.mirror.of(Lead)[effect.subject]
            self._refusals.require_reason(commit.tenant, lead, effect)

    def claims_open(self, tenant: str, until: datetime) -> list[Effect]:
        """The effects that somebody claimed by then and has not settled.

        An abandoned claim that the gate let wait is still claimed, and due later: somebody took it again.
        """
        effects = self._mirrors[tenant].of(Effect).values()
        return [
            one for one in effects if one.state is CLAIMED and one.claimed_at <= until and one.reason not in WAITING
        ]

    def require_taken_again(self, tenant: str, abandoned: Iterable[Effect]) -> None:
        """Each of these was looked at again."""
        for one in abandoned:
            now = self._mirrors[tenant].of(Effect)[one.id]
            require(now.version > one.version, "9", f"a claim is stuck: {now}")

    def handed_over(self, tenant: str, key: str, message_id: str, address: str) -> None:
        """Check what a sender was given, before it goes out."""
        self._counts["handed over"] += 1
        effect: Effect | None = self._mirrors[tenant].of(Effect).get(key)
        require(effect is not None, "4", "something was sent under a key that no committed effect has")
        assert effect is not None
        require(effect.fence > 0, "1, 4", "something was sent before its claim was committed")
        require(message_id == effect.message_id or not effect.channel, "4", "sent with another Message-ID")
        for other, mirror in self._mirrors.items():
            require(other == tenant or key not in mirror.of(Effect), "25", "a key is the same in two tenants")
