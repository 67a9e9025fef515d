"""Limits that several leads share: caps of an account, a domain, a channel, a scenario or all; rates; warm-up. Pure.

A large limit is kept in *slices*: each is an allowance of its own with a part of the slots, so that workers side by
side spend from different ones. The parts sum up to the limit, so whoever spends where never overspends it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

import attrs

from nurture import calendar
from nurture.calendar import PeriodUnit
from nurture.decisions.counting import (
    Entries,
    entries_of,
    free_from,
    grain_of,
    longest,
    releases,
    with_more,
    with_one_less,
)
from nurture.model import Allowance, Effect, EffectKind, Lead, Purpose, address_kind, digest, identifier_key
from nurture.program.pacing import EVERY, Cap, CapScope, Rate, Span, WarmUp

if TYPE_CHECKING:
    from nurture.program import ContactPolicy, Program

MOST_SLICES: Final = 8
LEAST_IN_A_SLICE: Final = 32
"""A slice holds at least so many slots: a small limit is not worth sharing out."""
HORIZON: Final = timedelta(days=1)
"""So far ahead a message is put off behind others; those that it waits for may be cancelled meanwhile."""
_REASONS: Final = {
    CapScope.ACCOUNT: "account_cap",
    CapScope.DOMAIN: "domain_cap",
    CapScope.CHANNEL: "channel_cap",
    CapScope.SCENARIO: "scenario_cap",
    CapScope.ALL: "program_cap",
}


@attrs.frozen(kw_only=True)
class Limit:
    """A rule that counts the messages to several leads together.

    Attributes:
        reason: Why a message waits for it, in a word.
        scope: What is counted together.
        count: How many; the most of any day for a warm-up.
        per: In which span.
        purposes: Which messages.
        channel: Only on this channel; `""` means any.
        scenario: Only of this scenario; `""` means any.
        domain: Only to this domain; `""` and `"*"` mean any.
        entity: Only from this sender; None means any.
        warm_up: How many on which day, in place of `count`.
        is_of_attempts: Whether what the other side refused counts, too.
    """

    reason: str
    scope: CapScope
    count: int
    per: Span
    purposes: tuple[Purpose, ...]
    channel: str = ""
    scenario: str = ""
    domain: str = ""
    entity: str | None = None
    warm_up: WarmUp | None = None
    is_of_attempts: bool = False

    @cached_property
    def slices(self) -> int:
        """In how many allowances it is kept."""
        if self.scope is CapScope.ACCOUNT:
            return 1
        return max(1, min(MOST_SLICES, self.count // LEAST_IN_A_SLICE))

    @cached_property
    def grain(self) -> timedelta | None:
        """How far apart instants are kept."""
        return grain_of(self.per, -(-self.count // self.slices))

    @cached_property
    def keep(self) -> timedelta:
        """How far back it looks."""
        return longest(self.per)

    def bucket(self, effect: Effect, lead: Lead | None, address: str | None) -> str | None:
        """Together with what it counts a message: an account, a domain, …; None when it does not concern it."""
        if effect.kind is not EffectKind.MESSAGE or effect.purpose not in self.purposes:
            return None
        if self.channel not in ("", effect.channel) or self.scenario not in ("", effect.scenario):
            return None
        if self.entity not in (None, effect.entity):
            return None
        match self.scope:
            case CapScope.ACCOUNT:
                return str(lead.account) if lead is not None and lead.account else None
            case CapScope.DOMAIN:
                found = domain_of(effect.channel, address)
                return found if found and self.domain in ("", EVERY, found) else None
            case CapScope.CHANNEL:
                return effect.channel
            case CapScope.SCENARIO:
                return effect.scenario
            case _:
                return ""

    def keys(self, tenant: str, bucket: str) -> tuple[str, ...]:
        """The ids of the allowances in which it is kept; they show neither address nor domain."""
        about = (self.reason, self.scope, bucket, self.channel, self.scenario, self.domain, self.entity or "")
        since = self.warm_up.starts.isoformat() if self.warm_up is not None else ""
        purposes = " ".join(self.purposes)
        stem = digest("limit", tenant, *about, str(self.entity is None), str(self.per), purposes, since)
        return tuple([f"{stem}_{place}" for place in range(self.slices)])

    def share(self, place: int, at: datetime, zone: ZoneInfo) -> int | None:
        """How many slots a slice has; None when there is no limit on that day."""
        count = self.count if self.warm_up is None else self.warm_up.on(calendar.day_of(at, zone))
        return None if count is None else count // self.slices + (place < count % self.slices)


@attrs.frozen(kw_only=True, eq=False)
class Meter:
    """A limit with what was counted under it.

    Attributes:
        limit: The limit.
        keys: The ids of its allowances.
        slices: What each of them has counted.
        zone: The program's.
    """

    limit: Limit
    keys: tuple[str, ...]
    slices: tuple[Entries, ...]
    zone: ZoneInfo

    @property
    def reason(self) -> str:
        """Why a message waits for it."""
        return self.limit.reason

    def next_free(self, at: datetime, ahead: int = 0) -> datetime:
        """The first instant, not before the given one, at which it has a slot.

        Args:
            at: From when on.
            ahead: How many others wait already: each takes a slot before this one, of this span and of those after
                it, up to a day ahead. So whoever waits is looked at once a day, or once a span.
        """
        first = min(self._free(place, at) for place in range(len(self.slices)))
        times, sums = self._releases if ahead and first > at else ([], [])
        if not times or not isinstance(self.limit.per, timedelta):
            return first
        begun = bisect_right(times, at)
        before = sums[begun - 1] if begun else 0
        spans, place = divmod(before + ahead, sums[-1])
        found = times[bisect_right(sums, place)] + min(spans, HORIZON // self.limit.per + 1) * self.limit.per
        return max(first, min(found, max(first + HORIZON, times[-1])))

    def place_at(self, at: datetime, prefers: int) -> int | None:
        """The first slice with a slot, beginning with the preferred one; None when there is none."""
        number = len(self.slices)
        return next(
            (one % number for one in range(prefers, prefers + number) if self._free(one % number, at) == at), None
        )

    def spent(self, place: int, at: datetime) -> Meter:
        """The meter after one slot of a slice was taken."""
        more = with_more(self.slices[place], at, 1, self.limit.keep, self.limit.grain)
        return self._with(place, more)

    def without(self, at: datetime | None) -> Meter:
        """The meter without what was counted at that instant, wherever that was; itself when nothing was."""
        for place, entries in enumerate(self.slices if at is not None and not self.limit.is_of_attempts else ()):
            less = with_one_less(entries, at, self.limit.grain) if at is not None else None
            if less is not None:
                return self._with(place, less)
        return self

    def _with(self, place: int, entries: Entries) -> Meter:
        return attrs.evolve(self, slices=(*self.slices[:place], entries, *self.slices[place + 1 :]))

    def _free(self, place: int, at: datetime) -> datetime:
        share = self.limit.share(place, at, self.zone)
        if share is None:
            return at
        if not share:  # a first day with fewer slots than slices
            return period_end(at, self.zone)
        return free_from(self.slices[place], share, self.limit.per, at, self.zone)

    @cached_property
    def _releases(self) -> tuple[list[datetime], list[int]]:
        """When slots become free, and how many have by then."""
        per = self.limit.per
        if isinstance(per, PeriodUnit):
            return [], []
        found = [
            one
            for place, entries in enumerate(self.slices)
            if entries
            for one in releases(entries, self.limit.share(place, entries[-1][0], self.zone) or 1, per)
        ]
        times: list[datetime] = []
        sums: list[int] = []
        for when, number in sorted(found):
            times.append(when)
            sums.append((sums[-1] if sums else 0) + number)
        return times, sums


def period_end(at: datetime, zone: ZoneInfo) -> datetime:
    """When the local day ends."""
    return calendar.start_of_day(calendar.day_of(at, zone) + timedelta(days=1), zone)


def domain_of(channel: str, address: str | None) -> str:
    """The mail domain of an address, folded; `""` when it has none."""
    return identifier_key(address_kind(channel), address).rpartition("@")[2] if address and "@" in address else ""


def limits_of(program: Program) -> tuple[Limit, ...]:
    """The limits of the program's policy that several leads share, worked out once."""
    found = cast("tuple[Limit, ...] | None", program.memo.get("limits"))
    if found is None:
        program.memo["limits"] = found = tuple(_limits(program.policy))
    return found


def meter_of(limit: Limit, keys: Sequence[str], known: Sequence[Allowance | None], zone: ZoneInfo) -> Meter:
    """A limit with what its allowances have counted."""
    return Meter(limit=limit, keys=tuple(keys), slices=tuple(map(entries_of, known)), zone=zone)


def _limits(policy: ContactPolicy) -> Iterator[Limit]:
    for cap in policy.caps:
        if cap.scope is not CapScope.LEAD:
            yield _of_cap(cap)
    for rate in policy.rates:
        yield _of_rate(rate)
    for one in policy.warm_ups:
        yield Limit(
            reason="warm_up", scope=CapScope.CHANNEL, count=max(one.a_day), per=PeriodUnit.DAY, purposes=one.purposes,
            channel=one.channel, entity=one.entity, warm_up=one, is_of_attempts=True,
        )  # fmt: skip


def _of_cap(cap: Cap) -> Limit:
    return Limit(
        reason=_REASONS[cap.scope], scope=cap.scope, count=cap.count, per=cap.per, purposes=cap.purposes,
        channel=cap.channel, scenario=cap.scenario,
    )  # fmt: skip


def _of_rate(rate: Rate) -> Limit:
    domain = rate.domain.casefold()
    return Limit(
        reason="domain_rate" if domain else "rate", scope=CapScope.DOMAIN if domain else CapScope.CHANNEL,
        count=rate.count, per=rate.per, purposes=rate.purposes, channel=rate.channel, domain=domain,
        entity=rate.entity, is_of_attempts=True,
    )  # fmt: skip
