"""The reference store: everything in this process's memory. What `simulate` runs on, and what tests compare with.

May import the ports and what lies below them. One lock is held while a view or a unit is open: what
is read is a snapshot, and a unit is as if alone. What a unit did is undone when its block fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from nurture.errors import StorageError
from nurture.model import (
    Account,
    AccountId,
    Activation,
    Alias,
    Allowance,
    Changes,
    DecisionRecord,
    Effect,
    EffectState,
    InboxRow,
    Lead,
    LeadId,
    Record,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.ports import Backlog
from nurture.storage.clock import Clock, ClockLimit, Ticker, limit_for, system_clock
from nurture.storage.codec import decode, encode
from nurture.storage.shelves import Shelves
from nurture.storage.tenants import checked_tenant

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from nurture.ports import Capability, Known, R, Storage
    from nurture.predicates import Reach

Log: TypeAlias = list[tuple[type[Record], str, Record | None]]
"""What was at each place that was written, in the order of writing."""

_NONE: Final[frozenset[str]] = frozenset()
_VERSIONED: Final = frozenset({Lead, Account, Standing, Effect, Alias, Allowance, Activation})


class MemoryView:
    """Reading from a `MemoryStorage`; see `nurture.ports.View`."""

    __slots__ = ("_house", "_shelves")

    def __init__(self, house: _House, shelves: Shelves) -> None:
        self._house = house
        self._shelves = shelves

    def __enter__(self) -> MemoryView:
        self._house.enter(writes=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._house.leave()

    def get(self, kind: type[R], ids: Collection[str], /) -> Mapping[str, R]:
        """The records of this kind with these ids, by id."""
        table = self._shelves.table(kind)
        return {one: table[one] for one in ids if one in table}

    def existing(self, subjects: Collection[SubjectId], /) -> frozenset[SubjectId]:
        """Those of the subjects that exist."""
        leads, accounts = self._shelves.table(Lead), self._shelves.table(Account)
        return frozenset([one for one in subjects if one in leads or one in accounts])

    def due(self, now: datetime, limit: int, /) -> tuple[SubjectId, ...]:
        """The subjects about which something may be decided before `now`."""
        return cast("tuple[SubjectId, ...]", tuple(self._shelves.agenda.before(now, limit)))

    def claimable(self, now: datetime, limit: int, /) -> tuple[Effect, ...]:
        """The effects that delivery must look at before `now`."""
        effects = self._shelves.table(Effect)
        return tuple([effects[one] for one in self._shelves.claims.before(now, limit)])

    def about(self, since: Mapping[SubjectId, datetime | None], reach: Reach, /) -> Mapping[SubjectId, Known]:
        """What is known of these subjects."""
        known, any_kind = self._shelves.known, reach.any_kind
        needs = reach.kinds if any_kind is None else {kind: reach.need(kind) for kind in reach.kinds}
        return {subject: known(subject, instant, needs, any_kind) for subject, instant in since.items()}

    def history(
        self, subject: SubjectId, /, *, before: datetime | None = None, before_id: str = "", limit: int = 1000
    ) -> tuple[Touchpoint, ...]:
        """The subject's facts, newest first."""
        return self._shelves.history(subject, before, before_id, limit)

    def effects_of(self, subject: SubjectId, /) -> tuple[Effect, ...]:
        """Every effect of the subject, newest planned first."""
        return self._shelves.effects(subject)

    def decisions_of(self, subject: SubjectId, /, *, limit: int = 100) -> tuple[DecisionRecord, ...]:
        """What was decided about the subject, newest first."""
        return self._shelves.decisions(subject, limit)

    def members_of(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, frozenset[LeadId]]:
        """The leads that belong to these accounts."""
        return {account: self._shelves.members(account) for account in accounts}

    def page(self, kind: type[R], after: str, limit: int, /) -> tuple[R, ...]:
        """The next records of a kind by id."""
        return self._shelves.page(kind, after, limit)

    def next_due_at(self) -> datetime | None:
        """The earliest instant at which something becomes due or claimable."""
        found = [at for at in (self._shelves.agenda.first(), self._shelves.claims.first()) if at is not None]
        return min(found, default=None)

    def backlog(self, now: datetime, upto: int, /) -> Backlog:
        """How much waits as of `now`."""
        shelves, upto = self._shelves, max(0, upto)
        due, since = shelves.agenda.before(now, upto), shelves.agenda.first()
        every = self.claimable(now, len(shelves.table(Effect)))
        outbox = [one for one in every if one.state is EffectState.PLANNED][:upto]
        troubled = shelves.troubled()
        return Backlog(
            due=len(due),
            due_since=since if due else None,
            outbox=len(outbox),
            outbox_since=outbox[0].due_at if outbox else None,
            claimed=min(upto, len(shelves.effects_in(EffectState.CLAIMED))),
            unknown=min(upto, len(shelves.effects_in(EffectState.UNKNOWN))),
            failing=min(upto, sum(1 for one in troubled if one.dead is None)),
            dead=min(upto, sum(1 for one in troubled if one.dead is not None)),
        )

    def effects_in(self, state: EffectState, after: str, limit: int, /) -> tuple[Effect, ...]:
        """The next effects in this state by id."""
        return tuple([one for one in self._shelves.effects_in(state) if one.id > after][: max(0, limit)])

    def troubled(self, after: str, limit: int, /) -> tuple[Standing, ...]:
        """The next dead or failing standings by subject."""
        return tuple([one for one in self._shelves.troubled() if one.subject > after][: max(0, limit)])

    def count(self, kind: type[R], after: str, /) -> int:
        """How many records of a kind have ids that come after `after`."""
        table = self._shelves.table(kind)
        return sum(name > after for name in table) if after else len(table)


class MemoryUnit(MemoryView):
    """Reading and writing in a `MemoryStorage`; see `nurture.ports.Unit`."""

    __slots__ = ("_done", "_now", "_through_codec")

    def __init__(self, house: _House, shelves: Shelves, through_codec: bool) -> None:
        super().__init__(house, shelves)
        self._through_codec = through_codec
        self._now: datetime | None = None
        self._done: Log | None = None

    def __enter__(self) -> MemoryUnit:
        self._house.enter(writes=True)
        self._done = []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        done, self._done = self._done or [], None
        if kind is not None:
            self._undo(done)
        self._house.leave()

    def now(self) -> datetime:
        """The instant of this unit."""
        if self._now is None:
            self._now = self._house.ticker.tick()
        return self._now

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        """Write the groups; the answer names those that conflicted and were left out."""
        done = self._open_log()
        left_out = [subject for subject, changes in groups.items() if not self._put(subject, changes, done)]
        return frozenset(left_out)

    def erase(self, subject: SubjectId, /) -> None:
        """Remove every record of the subject but allowances."""
        done = self._open_log()
        for kind, name in list(self._shelves.belongings(subject)):
            done.append((kind, name, self._shelves.table(kind).get(name)))
            self._shelves.write(kind, name, None)

    def _open_log(self) -> Log:
        if self._done is None:
            raise StorageError("this unit is not open: write inside its `with` block")
        return self._done

    def _put(self, subject: SubjectId, changes: Changes, done: Log) -> bool:
        """Write one group, or nothing of it."""
        shelves, records, folded = self._shelves, changes.records, changes.folded
        rows = shelves.table(InboxRow)
        for fact in folded:
            if fact not in rows:
                return False
        if changes.quiet_until is not None:
            waiting = shelves.rows_of(subject)
            for fact in waiting:
                if waiting[fact].due_at <= changes.quiet_until and fact not in folded:
                    return False
        arriving = [one for one in records if one.__class__ is InboxRow]
        if arriving and _is_late(arriving, shelves):
            return False
        begun = len(done)
        for fact in folded:
            done.append((InboxRow, fact, rows[fact]))
            shelves.write(InboxRow, fact, None)
        if self._put_records(records, done, _known(arriving, shelves) if arriving else _NONE):
            return True
        self._undo(done[begun:])
        del done[begun:]
        return False

    def _put_records(self, records: tuple[Record, ...], done: Log, seen: frozenset[str]) -> bool:
        tables, place = self._shelves.tables, self._shelves.place
        for record in records:
            kind, name = record.__class__, record.id
            table = tables[kind]
            old = table.get(name)
            if kind in _VERSIONED:
                if record.version != (1 if old is None else old.version + 1):  # type: ignore[union-attr]
                    return False
            elif old is not None or (kind is InboxRow and name in seen):
                continue
            place(kind, table, name, old, decode(kind, encode(record)) if self._through_codec else record)
            done.append((kind, name, old))
        return True

    def _undo(self, done: Log) -> None:
        for kind, name, before in reversed(done):
            self._shelves.write(kind, name, before)


def _known(arriving: Iterable[Record], shelves: Shelves) -> frozenset[str]:
    """Facts that were stored before and have rows among these: they wait already, or were decided."""
    stored = shelves.table(Touchpoint)
    known = [one.id for one in arriving if one.id in stored]
    return frozenset(known) if known else _NONE


def _is_late(arriving: Iterable[Record], shelves: Shelves) -> bool:
    """Whether a new row comes too late: its subject was decided beyond the row's instant."""
    standings, facts = shelves.table(Standing), shelves.table(Touchpoint)
    for row in cast("Iterable[InboxRow]", arriving):
        standing = standings.get(row.subject)
        reached = None if standing is None else standing.advanced_to
        if reached is not None and row.due_at <= reached and row.fact not in facts:
            return True
    return False


class _House:
    """What the handles of all tenants share: the lock, the clock and the shelves."""

    __slots__ = ("_depth", "_lock", "_writing", "shelves", "ticker")

    def __init__(self, clock: Clock | None, limit: ClockLimit | None) -> None:
        self._lock = RLock()
        self._depth = 0
        self._writing = False
        self.shelves: dict[str, Shelves] = {}
        self.ticker = Ticker(clock or system_clock, limit_for(clock, limit))

    def enter(self, *, writes: bool) -> None:
        """Begin a block; the lock can be taken again by the same thread, so a block within a block is refused here."""
        self._lock.acquire()
        if self._writing or (writes and self._depth):
            self._lock.release()
            raise StorageError(
                "a view or unit is open in this thread: no unit begins inside one, no view inside a unit"
            )
        self._depth += 1
        self._writing = writes

    def leave(self) -> None:
        self._depth -= 1
        self._writing = False
        self._lock.release()


class MemoryStorage:
    """Keeps everything in memory; gone when the process ends.

    Args:
        tenant: Whose data this handle reads and writes.
        clock: What time it is; the machine's clock when None.
        through_codec: Send every record that is written through JSON and back, as stores that keep
            text do; for tests.
        clock_limit: How far the clock is believed. When None, the usual limit, or none for a clock that was given.

    Example:
        >>> from nurture.model import Alias, Changes, SubjectId
        >>> store = MemoryStorage()
        >>> with store.begin() as unit:
        ...     alias = Alias(id="a", subject=SubjectId("lead_1"))
        ...     left_out = unit.put({alias.subject: Changes(records=(alias,))})
        >>> with store.view() as view:
        ...     view.get(Alias, ["a", "b"]).keys()
        dict_keys(['a'])
    """

    def __init__(
        self,
        tenant: str = "default",
        clock: Clock | None = None,
        through_codec: bool = False,
        clock_limit: ClockLimit | None = None,
    ) -> None:
        self._tenant = checked_tenant(tenant)
        self._through_codec = through_codec
        self._house = _House(clock, clock_limit)
        self._shelves = self._house.shelves.setdefault(tenant, Shelves())

    def for_tenant(self, tenant: str) -> MemoryStorage:
        """Another tenant's handle on the same store and the same clock."""
        other = MemoryStorage.__new__(MemoryStorage)
        other._tenant = checked_tenant(tenant)
        other._through_codec = self._through_codec
        other._house = self._house
        other._shelves = self._house.shelves.setdefault(tenant, Shelves())
        return other

    @property
    def tenant(self) -> str:
        """Whose data this handle reads and writes."""
        return self._tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        """None beyond the core profile."""
        return frozenset()

    def now(self) -> datetime:
        """The present instant; later than every one given before."""
        return self._house.ticker.tick()

    def view(self) -> MemoryView:
        """A snapshot to read from; writers wait while it is open."""
        return MemoryView(self._house, self._shelves)

    def begin(self) -> MemoryUnit:
        """A unit of work."""
        return MemoryUnit(self._house, self._shelves, self._through_codec)

    def allow_clock(self) -> None:
        """Accept the clock as it is now, once, after `ClockJumpError`; see `SqlStorage.allow_clock`."""
        self._house.ticker.allow()

    def close(self) -> None:
        """Nothing is held that must be given back."""


if TYPE_CHECKING:
    _fits: type[Storage] = MemoryStorage
