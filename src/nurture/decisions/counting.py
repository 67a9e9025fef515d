"""What was counted under a rule, and how the count goes on. Pure; may import the calendar and the model.

A count is a list of instants, each with how many it stands for. A sliding span sees `(now - per, now]`; a period of
the calendar sees what lies in it. Instants that lie close together may be kept as one, the last of them: then all of
them leave the span together, late rather than early, so that nothing is ever overspent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import attrs

from nurture.calendar import MONDAY_TO_FRIDAY, Period, PeriodUnit
from nurture.model import Allowance, Effect, Purpose

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Entries: TypeAlias = Sequence[tuple[datetime, int]]
"""Instants with how many each stands for, oldest first."""

GRAINS: Final = 64
"""So many entries at most are kept of one span, where there is more to count than that."""

_STARTS: Final = {PeriodUnit.WEEK: 0, PeriodUnit.QUARTER: 1, PeriodUnit.YEAR: 1}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TAB: Final = "\t"
T = TypeVar("T")


def period_of(unit: PeriodUnit) -> Period:
    """The present day, week (from Monday), month, quarter or year."""
    return Period(unit=unit, starts=_STARTS.get(unit))


def longest(per: timedelta | PeriodUnit) -> timedelta:
    """How far back a span can look."""
    if isinstance(per, timedelta):
        return per
    return period_of(per).reach_back or timedelta(0)


def free_from(entries: Entries, count: int, per: timedelta | PeriodUnit, at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant, not before the given one, at which fewer than so many are in the span.

    Args:
        entries: What was counted, oldest first.
        count: How many may be; at least one.
        per: The span.
        at: From when on.
        zone: Whose days, weeks, …; for periods of the calendar.
    """
    if isinstance(per, PeriodUnit):
        begins, ends = period_of(per).bounds(at, zone, MONDAY_TO_FRIDAY)
        return at if sum(number for when, number in entries if begins <= when < ends) < count else ends
    inside = [one for one in entries if one[0] + per > at]
    total = sum(number for _, number in inside)
    for when, number in inside:
        if total < count:
            break
        total -= number
        at = max(at, when + per)
    return at


def releases(entries: Entries, count: int, per: timedelta) -> list[tuple[datetime, int]]:
    """When slots become free that are taken now, and how many each time."""
    total = sum(number for _, number in entries)
    found: list[tuple[datetime, int]] = []
    for when, number in entries:
        before, total = total, total - number
        room = max(0, count - total) - max(0, count - before)
        if room:
            found.append((when + per, room))
    return found


def entries_of(allowance: Allowance | None) -> Entries:
    """Everything that was counted."""
    if allowance is None:
        return ()
    return list(zip(allowance.recent, allowance.counts or (1,) * len(allowance.recent), strict=False))


def label_of(effect: Effect) -> str:
    """What a count keeps of a message."""
    return _TAB.join((effect.purpose, effect.channel, effect.scenario))


def labelled(allowance: Allowance | None, purposes: Iterable[Purpose], channel: str, scenario: str) -> Entries:
    """What was counted of messages of these purposes, on this channel, of this scenario; `""` means any."""
    if allowance is None:
        return ()
    if not allowance.labels:  # nobody asked for more than marketing then
        is_meant = Purpose.MARKETING in purposes and not channel and not scenario
        return [(at, 1) for at in allowance.recent] if is_meant else ()
    wanted = frozenset(purposes)
    found: list[tuple[datetime, int]] = []
    for at, label in zip(allowance.recent, allowance.labels, strict=False):
        purpose, on, of = label.split(_TAB, 2) if label else (Purpose.MARKETING, "", "")
        if purpose in wanted and channel in ("", on) and scenario in ("", of):
            found.append((at, 1))
    return found


def counted(allowance: Allowance, now: datetime, keep: timedelta, *, label: str = "", newest: int = 0) -> Allowance:
    """The allowance after one more claim; what no rule can see any more is dropped.

    Args:
        allowance: Before.
        now: The instant of the claim.
        keep: How far back any rule looks.
        label: What it was, where a rule asks for that.
        newest: So many of the newest marketing messages are kept however old they are.
    """
    if not (label or allowance.labels or newest):
        kept_as_they_are = tuple([at for at in allowance.recent if at > now - keep])
        return attrs.evolve(allowance, version=allowance.version + 1, recent=(*kept_as_they_are, now))
    recent, labels = list(allowance.recent), list(allowance.labels)
    if label or labels:
        labels += [""] * (len(recent) - len(labels))
    for place in reversed(range(len(recent))):
        is_marketing = not labels or labels[place].partition(_TAB)[0] in ("", Purpose.MARKETING)
        if recent[place] > now - keep or (is_marketing and newest > 0):
            newest -= is_marketing
            continue
        del recent[place]
        if labels:
            del labels[place]
    kept = (*labels, label) if label or labels else ()
    return attrs.evolve(allowance, version=allowance.version + 1, recent=(*recent, now), labels=kept)


def uncounted(allowance: Allowance, at: datetime) -> Allowance:
    """The allowance after a claim of this instant was taken back, since nothing was sent."""
    version = allowance.version + 1
    if at not in allowance.recent:
        return attrs.evolve(allowance, version=version)
    place = allowance.recent.index(at)
    recent, labels = _without(allowance.recent, place), _without(allowance.labels, place)
    return attrs.evolve(allowance, version=version, recent=recent, labels=labels)


def grain_of(per: timedelta | PeriodUnit, count: int) -> timedelta | None:
    """How far apart instants are kept of a span with so many slots; None keeps each by itself."""
    return None if count <= GRAINS else longest(per) / GRAINS


def with_more(entries: Entries, now: datetime, number: int, keep: timedelta, grain: timedelta | None) -> Entries:
    """The entries after so many more; one that lies in the last one's grain is put together with it."""
    kept = [one for one in entries if one[0] > now - keep]
    if kept and (kept[-1][0] >= now or _is_together(kept[-1][0], now, grain)):
        last, before = kept.pop()
        return [*kept, (max(last, now), before + number)]
    return [*kept, (now, number)]


def with_one_less(entries: Entries, at: datetime, grain: timedelta | None) -> Entries | None:
    """The entries without one of that instant; None when none of them holds it."""
    for place, (when, number) in enumerate(entries):
        if when == at or (when > at and _is_together(at, when, grain)):
            less = [(when, number - 1)] if number > 1 else []
            return [*entries[:place], *less, *entries[place + 1 :]]
    return None


def with_entries(allowance: Allowance, entries: Entries, version: int) -> Allowance:
    """The allowance with these entries in place of its own."""
    numbers = tuple([number for _, number in entries])
    counts = numbers if any(number != 1 for number in numbers) else ()
    return attrs.evolve(allowance, version=version, recent=tuple([at for at, _ in entries]), counts=counts)


def _is_together(one: datetime, other: datetime, grain: timedelta | None) -> bool:
    return grain is not None and (one - _EPOCH) // grain == (other - _EPOCH) // grain


def _without(values: tuple[T, ...], place: int) -> tuple[T, ...]:
    return (*values[:place], *values[place + 1 :])
