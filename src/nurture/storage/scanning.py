"""Every answer of a view, and every rule of a unit, for stores that only keep records. May import the ports.

An adapter for a base of some thousand records need not know what "due" or "in reach" means: it says where the
records of a kind are, and the rest is here. Each answer costs a walk over all records of a kind; a store for more
than that answers from indexes instead, as `nurture.storage.sql` does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from nurture.model import (
    VERSIONED,
    Account,
    AccountId,
    Alias,
    Changes,
    DecisionRecord,
    Effect,
    EffectState,
    InboxRow,
    Lead,
    LeadId,
    Pending,
    Record,
    Standing,
    SubjectId,
    Touchpoint,
    Versioned,
)
from nurture.ports import Backlog, Known

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import R, Unit, View
    from nurture.predicates import Reach

T = TypeVar("T")
Place: TypeAlias = tuple[type[Record], str]

_BY_TIME = attrgetter("at", "id")
_BY_PLAN = attrgetter("planned_at", "id")
_BY_DUE = attrgetter("due_at", "id")
_BY_ID = attrgetter("id")
_ITSELF: tuple[type[Record], ...] = (Lead, Account, Standing)
_OWNED: tuple[type[Record], ...] = (InboxRow, Touchpoint, Effect, DecisionRecord, Alias)


class ScanningView(ABC):
    """Answers every question of `nurture.ports.View` by walking over the records.

    A subclass gives `records`. The promises V2 to V14 are kept here; V1 (what was put is found, and nothing that
    commits later) is the subclass's.

    Example:
        >>> class DictView(ScanningView):
        ...     def __init__(self, held):
        ...         self.held = held
        ...     def records(self, kind):
        ...         return self.held.get(kind, {})
        >>> DictView({Alias: {"a": Alias(id="a", subject=SubjectId("lead_1"))}}).page(Alias, "", 10)
        (Alias(id='a', version=1, subject='lead_1'),)
    """

    @abstractmethod
    def records(self, kind: type[R], /) -> Mapping[str, R]:
        """Every record of a kind in the snapshot, by id."""

    def get(self, kind: type[R], ids: Collection[str], /) -> Mapping[str, R]:
        """The records of this kind with these ids, by id."""
        held = self.records(kind)
        return {one: held[one] for one in ids if one in held}

    def existing(self, subjects: Collection[SubjectId], /) -> frozenset[SubjectId]:
        """Those of the subjects that exist."""
        leads, accounts = self.records(Lead), self.records(Account)
        return frozenset(one for one in subjects if one in leads or one in accounts)

    def due(self, now: datetime, limit: int, /) -> tuple[SubjectId, ...]:
        """The subjects about which something may be decided before `now`."""
        return _first([subject for at, subject in self._agenda() if at < now], limit)

    def claimable(self, now: datetime, limit: int, /) -> tuple[Effect, ...]:
        """The effects that delivery must look at before `now`."""
        found = [one for one in self.records(Effect).values() if one.is_open and one.due_at and one.due_at < now]
        return _first(sorted(found, key=_BY_DUE), limit)

    def about(self, since: Mapping[SubjectId, datetime | None], reach: Reach, /) -> Mapping[SubjectId, Known]:
        """What is known of these subjects."""
        waiting = _by_subject(self.records(InboxRow).values(), since)
        facts = _by_subject(self.records(Touchpoint).values(), since)
        effects = _by_subject((one for one in self.records(Effect).values() if one.is_open), since)
        return {
            subject: _known(facts[subject], waiting[subject], effects[subject], instant, reach)
            for subject, instant in since.items()
        }

    def history(
        self, subject: SubjectId, /, *, before: datetime | None = None, before_id: str = "", limit: int = 1000
    ) -> tuple[Touchpoint, ...]:
        """The subject's facts, newest first."""
        found = [one for one in self.records(Touchpoint).values() if one.subject == subject]
        if before is not None:
            found = [one for one in found if (one.at, one.id) < (before, before_id)]
        return _first(sorted(found, key=_BY_TIME, reverse=True), limit)

    def effects_of(self, subject: SubjectId, /) -> tuple[Effect, ...]:
        """Every effect of the subject, newest planned first."""
        found = [one for one in self.records(Effect).values() if one.subject == subject]
        return tuple(sorted(found, key=_BY_PLAN, reverse=True))

    def decisions_of(self, subject: SubjectId, /, *, limit: int = 100) -> tuple[DecisionRecord, ...]:
        """What was decided about the subject, newest first."""
        found = [one for one in self.records(DecisionRecord).values() if one.subject == subject]
        return _first(sorted(found, key=_BY_TIME, reverse=True), limit)

    def members_of(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, frozenset[LeadId]]:
        """The leads that belong to these accounts."""
        leads = self.records(Lead).values()
        return {account: frozenset(one.id for one in leads if one.account == account) for account in accounts}

    def page(self, kind: type[R], after: str, limit: int, /) -> tuple[R, ...]:
        """The next records of a kind by id."""
        held = self.records(kind)
        return tuple([held[name] for name in _first(sorted(name for name in held if name > after), limit)])

    def next_due_at(self) -> datetime | None:
        """The earliest instant at which something becomes due or claimable."""
        claims = [one.due_at for one in self.records(Effect).values() if one.is_open and one.due_at]
        return min([*claims, *[at for at, _ in self._agenda()]], default=None)

    def backlog(self, now: datetime, upto: int, /) -> Backlog:
        """How much waits as of `now`."""
        upto = max(0, upto)
        due = [at for at, _ in self._agenda() if at < now]
        effects = self.records(Effect).values()
        planned = [one.due_at for one in effects if one.state is EffectState.PLANNED and one.due_at]
        outbox = [at for at in planned if at < now]
        states = [one.state for one in effects]
        troubled = self._troubled()
        dead = sum(one.dead is not None for one in troubled)
        return Backlog(
            due=min(upto, len(due)),
            due_since=min(due, default=None),
            outbox=min(upto, len(outbox)),
            outbox_since=min(outbox, default=None),
            claimed=min(upto, states.count(EffectState.CLAIMED)),
            unknown=min(upto, states.count(EffectState.UNKNOWN)),
            failing=min(upto, len(troubled) - dead),
            dead=min(upto, dead),
        )

    def effects_in(self, state: EffectState, after: str, limit: int, /) -> tuple[Effect, ...]:
        """The next effects in this state by id."""
        found = [one for one in self.records(Effect).values() if one.state is state and one.id > after]
        return _first(sorted(found, key=_BY_ID), limit)

    def troubled(self, after: str, limit: int, /) -> tuple[Standing, ...]:
        """The next dead or failing standings by subject."""
        return _first([one for one in self._troubled() if one.id > after], limit)

    def count(self, kind: type[R], after: str, /) -> int:
        """How many records of a kind have ids that come after `after`."""
        return sum(name > after for name in self.records(kind))

    def _troubled(self) -> list[Standing]:
        found = [one for one in self.records(Standing).values() if one.failures or one.dead is not None]
        return sorted(found, key=_BY_ID)

    def _agenda(self) -> list[tuple[datetime, SubjectId]]:
        """When each subject is due, by its standing or by an inbox row, in order."""
        standings = self.records(Standing)
        due = {one.subject: one.due_at for one in standings.values() if one.due_at is not None and one.dead is None}
        for row in self.records(InboxRow).values():
            standing = standings.get(row.subject)
            if standing is None or not (standing.failures or standing.dead is not None):
                due[row.subject] = min(row.due_at, due.get(row.subject, row.due_at))
        return sorted((at, subject) for subject, at in due.items())


class ScanningUnit(ScanningView):
    """Keeps the rules of `nurture.ports.Unit` over what a subclass writes and removes.

    A subclass gives `records`, `write`, `remove` and `now`. The promises U3 to U7 and U9 to U11 are kept here; that
    a unit is all or nothing (U1, U2), alone (S3), and later than those before (U8) is the subclass's.
    """

    @abstractmethod
    def now(self) -> datetime:
        """The instant of this unit; the same at every call."""

    @abstractmethod
    def write(self, record: Record, /) -> None:
        """Put a record in the place of the one with its kind and id; from now on `records` gives it."""

    @abstractmethod
    def remove(self, kind: type[Record], name: str, /) -> None:
        """Remove the record of this kind and id; from now on `records` is without it."""

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        """Write the groups; the answer names those that conflicted and were left out."""
        left_out: set[SubjectId] = set()
        for subject, changes in groups.items():
            writes = None if self._comes_between(subject, changes) else self._writes(changes.records)
            if writes is None:
                left_out.add(subject)
                continue
            for fact in changes.folded:
                self.remove(InboxRow, fact)
            for record in writes.values():
                self.write(record)
        return frozenset(left_out)

    def erase(self, subject: SubjectId, /) -> None:
        """Remove every record of the subject but allowances."""
        for kind in _ITSELF:
            if subject in self._held(kind):
                self.remove(kind, subject)
        for kind in _OWNED:
            owned = cast("Iterable[Touchpoint]", self._held(kind).values())
            for name in [one.id for one in owned if one.subject == subject]:
                self.remove(kind, name)

    def _comes_between(self, subject: SubjectId, changes: Changes) -> bool:
        """Whether somebody else was quicker: folded a row, brought one, or decided beyond one that comes now."""
        rows, folded, quiet = self.records(InboxRow), frozenset(changes.folded), changes.quiet_until
        if not folded <= rows.keys():
            return True
        if quiet is not None:
            late = [one for one in rows.values() if one.subject == subject and one.due_at <= quiet]
            if any(one.fact not in folded for one in late):
                return True
        return any(isinstance(one, InboxRow) and self._is_late(one) for one in changes.records)

    def _is_late(self, row: InboxRow) -> bool:
        standing = self.records(Standing).get(row.subject)
        decided = None if standing is None else standing.advanced_to
        return decided is not None and row.due_at <= decided and row.fact not in self.records(Touchpoint)

    def _writes(self, records: Iterable[Record]) -> dict[Place, Record] | None:
        """What is to be written of a group's records; None when a version does not follow the stored one."""
        writes: dict[Place, Record] = {}
        known = self.records(Touchpoint)
        for record in records:
            place = (type(record), str(record.id))
            stored = writes.get(place) or self._held(type(record)).get(record.id)
            if isinstance(record, VERSIONED):
                if record.version != (1 if stored is None else cast("Versioned", stored).version + 1):
                    return None
            elif stored is not None or (isinstance(record, InboxRow) and record.fact in known):
                continue
            writes[place] = record
        return writes

    def _held(self, kind: type[Record]) -> Mapping[str, Record]:
        return self.records(cast("type[Touchpoint]", kind))


def _known(
    facts: list[Touchpoint], rows: list[InboxRow], effects: list[Effect], since: datetime | None, reach: Reach
) -> Known:
    """What is known of one subject."""
    by_id = {one.id: one for one in facts}
    waiting = {row.fact for row in rows}
    return Known(
        facts=_in_reach([one for one in facts if one.id not in waiting], since, reach),
        inbox=tuple(Pending(row.due_at, by_id[row.fact]) for row in sorted(rows, key=_BY_DUE) if row.fact in by_id),
        effects=tuple(sorted(effects, key=_BY_PLAN)),
    )


def _in_reach(facts: list[Touchpoint], since: datetime | None, reach: Reach) -> tuple[Touchpoint, ...]:
    """Of each kind what the reach needs, all of it oldest first."""
    kinds: dict[str, list[Touchpoint]] = {}
    for fact in sorted(facts, key=_BY_TIME):
        need = reach.need(fact.kind)
        if need is not None and (need.window is None or since is None or fact.at > since - need.window):
            kinds.setdefault(fact.kind, []).append(fact)
    for kind, found in kinds.items():
        need = reach.need(kind)
        if need is not None and need.newest is not None:
            kinds[kind] = found[-need.newest :]
    return tuple(sorted((one for found in kinds.values() for one in found), key=_BY_TIME))


def _by_subject(records: Iterable[T], subjects: Iterable[SubjectId]) -> dict[SubjectId, list[T]]:
    found: dict[SubjectId, list[T]] = {subject: [] for subject in subjects}
    for record in records:
        subject = cast("Touchpoint", record).subject
        if subject in found:
            found[subject].append(record)
    return found


def _first(found: list[T], limit: int) -> tuple[T, ...]:
    return tuple(found[: max(0, limit)])


if TYPE_CHECKING:
    _fits: tuple[Callable[[ScanningView], View], Callable[[ScanningUnit], Unit]] = (lambda one: one, lambda one: one)
