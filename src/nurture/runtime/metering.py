"""Spending from limits that several leads share, so that workers side by side never overspend one.

A round of claiming judges its effects one after the other, each against what those before it have spent. What the
round spent of a limit is written once, in a group of its own, before the claims: where somebody else has written that
limit meanwhile, the claims that spent from it are not made. Claims that are left out give back what they spent, in
the same unit. May import the ports and what lies below them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from nurture.calendar import zone
from nurture.decisions import Limit, Meter, entries_of, limits_of, meter_of, with_entries, with_one_less
from nurture.errors import StorageError
from nurture.model import Allowance, Changes, Effect, Lead, SubjectId
from nurture.runtime.host import report
from nurture.runtime.queue import Keys

if TYPE_CHECKING:
    from nurture.ports import Unit
    from nurture.runtime.candidates import Candidate
    from nurture.runtime.host import Host

ATTEMPTS = 5


@attrs.frozen(slots=True)
class Spent:
    """A slot that a claim took.

    Attributes:
        keys: In which allowance; the first of them that holds it.
        at: When.
        grain: How far apart that allowance keeps instants.
        is_of_attempts: Whether the slot is gone as soon as the message was handed over.
    """

    keys: Keys
    at: datetime
    grain: timedelta | None
    is_of_attempts: bool


@attrs.frozen(slots=True)
class _Spend:
    """What one claim of the round does to a limit."""

    subject: SubjectId
    limit: Keys
    place: int
    at: datetime
    counted_at: datetime | None

    def done_to(self, meter: Meter) -> Meter:
        """The limit afterwards; an abandoned claim that is made again counts once."""
        return meter.without(self.counted_at).spent(self.place, self.at)


@attrs.frozen(slots=True)
class Metered:
    """A limit that concerns a message, before it is known what was counted.

    Attributes:
        limit: The limit.
        keys: The ids of its allowances.
    """

    limit: Limit
    keys: Keys


def metered(host: Host, effect: Effect, lead: Lead | None, address: str | None) -> tuple[Metered, ...]:
    """The limits of the policy that concern a message and other leads."""
    found: list[Metered] = []
    for limit in limits_of(host.program):
        bucket = limit.bucket(effect, lead, address)
        if bucket is not None:
            found.append(Metered(limit, limit.keys(host.tenant, bucket)))
    return tuple(found)


class Meters:
    """The limits within one round of claiming.

    Args:
        host: The parts.
        candidates: The effects of the round.
        known: Their allowances, as loaded.
    """

    def __init__(self, host: Host, candidates: Iterable[Candidate], known: Mapping[str, Allowance]) -> None:
        self._known = known
        self._prefers = host.salt[0]
        where = zone(host.program.zone)
        self._before: dict[Keys, Meter] = {}
        for candidate in candidates:
            for one in candidate.metered:
                if one.keys not in self._before:
                    self._before[one.keys] = meter_of(one.limit, one.keys, [known.get(key) for key in one.keys], where)
        self._after = dict(self._before)
        self._spends: list[_Spend] = []
        self._queue = host.queue
        self._written: dict[str, Allowance] = {}

    def of(self, candidate: Candidate) -> tuple[Meter, ...]:
        """The limits of a candidate after the claims before it, and without an abandoned claim of its own."""
        return tuple([self._after[one.keys].without(candidate.counted_at) for one in candidate.metered])

    def ahead(self, candidate: Candidate, now: datetime) -> tuple[int, ...]:
        """How many wait before it already, for each of its limits."""
        return tuple([self._queue.ahead(one.keys, candidate.effect.priority, now) for one in candidate.metered])

    def is_contested(self, candidate: Candidate, now: datetime) -> bool:
        """Whether claims of this round took the last slots: before they are committed nobody need wait for them."""
        return any(
            self._after[one.keys] is not self._before[one.keys] and self._after[one.keys].next_free(now) > now
            for one in candidate.metered
        )

    def queue(self, candidate: Candidate, now: datetime) -> None:
        """It waits; whoever comes after it waits for a later slot."""
        for one in candidate.metered:
            if self._after[one.keys].next_free(now) > now:
                self._queue.add(one.keys, candidate.effect.priority, now)

    def spend(self, candidate: Candidate, now: datetime) -> tuple[Spent, ...]:
        """Take a slot of each of its limits, which the gate has found free."""
        spent: list[Spent] = []
        for one in candidate.metered:
            meter = self._after[one.keys]
            place = meter.without(candidate.counted_at).place_at(now, self._prefers)
            if place is None:
                raise RuntimeError(f"a message was allowed beyond {one.limit.reason}")
            spend = _Spend(candidate.effect.subject, one.keys, place, now, candidate.counted_at)
            self._spends.append(spend)
            self._after[one.keys] = spend.done_to(meter)
            spent.append(Spent((one.keys[place],), now, one.limit.grain, one.limit.is_of_attempts))
        return tuple(spent)

    def reserve(self, unit: Unit, now: datetime) -> frozenset[SubjectId]:
        """Write what the round spends; the answer names those whose slots somebody else may have taken."""
        if not self._spends:
            return frozenset()
        refused = self._put(unit, self._after, now, self._known.get)
        return frozenset([one.subject for one in self._spends if one.limit[one.place] in refused])

    def give_back(self, unit: Unit, subjects: Collection[SubjectId], now: datetime) -> None:
        """Write what the round spends without these, whose claims were not made."""
        if not any(one.subject in subjects for one in self._spends):
            return
        kept = dict(self._before)
        for spend in self._spends:
            if spend.subject not in subjects:
                kept[spend.limit] = spend.done_to(kept[spend.limit])
        self._put(unit, kept, now, self._written.get, only=frozenset(self._written))

    def _put(
        self,
        unit: Unit,
        meters: Mapping[Keys, Meter],
        now: datetime,
        stored: Callable[[str], Allowance | None],
        *,
        only: Collection[str] | None = None,
    ) -> frozenset[str]:
        """Write what differs, one group for each allowance; the answer names those that were refused."""
        records: dict[str, Allowance] = {}
        for keys, meter in meters.items():
            for key, entries in zip(keys, meter.slices, strict=True):
                old = stored(key)
                if (only is None or key in only) and list(entries_of(old)) != list(entries):
                    base = Allowance(id=key, version=0) if old is None else old
                    records[key] = with_entries(base, entries, base.version + 1)
        groups = {SubjectId(key): Changes(records=(one,), quiet_until=now) for key, one in records.items()}
        refused = unit.put(groups) if groups else frozenset[SubjectId]()
        self._written.update({key: one for key, one in records.items() if key not in refused})
        return frozenset(refused)


def spent_by(host: Host, effect: Effect, lead: Lead | None, address: str | None) -> tuple[Spent, ...]:
    """The slots that the last claim of an effect took, as far as that can still be told."""
    if effect.claimed_at is None:
        return ()
    found = metered(host, effect, lead, address)
    return tuple([Spent(one.keys, effect.claimed_at, one.limit.grain, one.limit.is_of_attempts) for one in found])


def release(host: Host, spent: Sequence[Spent]) -> None:
    """Give slots back, in a unit of their own: if that fails they count until they leave their spans, and no harm."""
    left = list(spent)
    try:
        for _ in range(ATTEMPTS):
            if not left:
                return
            with host.storage.begin() as unit:
                left = _release(unit, left)
    except StorageError as error:
        report("slots of a limit could not be given back", error)


def _release(unit: Unit, spent: Sequence[Spent]) -> list[Spent]:
    """Those that somebody else was faster with."""
    known = unit.get(Allowance, list(dict.fromkeys(key for one in spent for key in one.keys)))
    entries = {key: entries_of(one) for key, one in known.items()}
    places: dict[int, str] = {}
    for number, one in enumerate(spent):
        for key in one.keys:
            less = with_one_less(entries[key], one.at, one.grain) if key in entries else None
            if less is not None:
                entries[key], places[number] = less, key
                break
    changed = set(places.values())
    groups = {
        SubjectId(key): Changes(records=(with_entries(known[key], entries[key], known[key].version + 1),))
        for key in changed
    }
    refused = unit.put(groups) if groups else frozenset[SubjectId]()
    return [one for number, one in enumerate(spent) if places.get(number) in refused]
