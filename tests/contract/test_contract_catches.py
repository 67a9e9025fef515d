"""The contract of stores can fail: stores with one planted fault each are caught by the test that names the promise."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

import attrs
import pytest

from nurture.model import Changes, Effect, EffectState, InboxRow, Record, Standing, SubjectId, Touchpoint
from nurture.ports import Backlog, Known, Storage, Unit, View
from nurture.predicates import Reach
from nurture.storage import MemoryStorage
from nurture.testing import StorageContract
from nurture.testing.storage_groups import NOON, Clock


class Passing:
    """A view or a unit that hands everything on; a fault overrides one thing."""

    def __init__(self, inner: View | Unit) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class FaultyStore:
    """A `MemoryStorage` whose views and units pass through a fault."""

    fault: type[Passing] = Passing

    def __init__(self, inner: MemoryStorage) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    @contextmanager
    def view(self) -> Iterator[Passing]:
        with self._inner.view() as inner:
            yield self.fault(inner)

    @contextmanager
    def begin(self) -> Iterator[Passing]:
        with self._inner.begin() as inner:
            yield self.fault(inner)


class DueIncludesNow(Passing):
    def due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        return self._inner.due(now + timedelta(microseconds=1), limit)


class ClaimsLatestFirst(Passing):
    def claimable(self, now: datetime, limit: int) -> tuple[Effect, ...]:
        return tuple(reversed(self._inner.claimable(now, limit)))


class ForgetsTheOldestFact(Passing):
    def about(self, since: Mapping[SubjectId, datetime | None], reach: Reach) -> Mapping[SubjectId, Known]:
        found = self._inner.about(since, reach)
        return {one: attrs.evolve(known, facts=known.facts[1:]) for one, known in found.items()}


class HistoryIncludesBefore(Passing):
    def history(
        self, subject: SubjectId, *, before: datetime | None = None, before_id: str = "", limit: int = 1000
    ) -> tuple[Touchpoint, ...]:
        end = None if before is None else before + timedelta(microseconds=1)
        return self._inner.history(subject, before=end, before_id=before_id, limit=limit)


class IgnoresFolds(Passing):
    """Writes the group although a row that it folds is gone."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        return self._inner.put({one: attrs.evolve(changes, folded=()) for one, changes in groups.items()})


class IgnoresQuiet(Passing):
    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        return self._inner.put({one: attrs.evolve(changes, quiet_until=None) for one, changes in groups.items()})


class WritesInPieces(Passing):
    """Writes each record by itself, so that a conflict leaves half a group."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        left_out: set[SubjectId] = set()
        for subject, changes in groups.items():
            head = attrs.evolve(changes, records=())
            pieces = [head, *[Changes(records=(record,)) for record in changes.records]]
            for piece in pieces:
                left_out |= self._inner.put({subject: piece})
        return frozenset(left_out)


class AllOrNothing(Passing):
    """Lets one conflict leave out every group."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        left_out = self._inner.put(groups)
        return frozenset(groups) if left_out else left_out


class StandsStill(Passing):
    """Gives every unit the clock's instant."""

    def now(self) -> datetime:
        return NOON


class ErasesNothing(Passing):
    def erase(self, subject: SubjectId) -> None:
        pass


class SeesEveryone(Passing):
    def existing(self, subjects: Collection[SubjectId]) -> frozenset[SubjectId]:
        return frozenset(subjects)


class FailingAreDueByRows(Passing):
    """Shows a subject that failed as soon as a fact about it waits."""

    def due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        failing = {one.subject: None for one in self._inner.troubled("", 99) if one.dead is None}
        known = self._inner.about(failing, Reach.nothing())
        hasty = [one for one in failing if any(row.due_at < now for row in known[one].inbox)]
        return tuple(dict.fromkeys([*self._inner.due(now, limit), *hasty]))


class CountsOnAndOn(Passing):
    def backlog(self, now: datetime, upto: int) -> Backlog:
        return self._inner.backlog(now, 99 * upto)


class CountsClaimsAsOutbox(Passing):
    def backlog(self, now: datetime, upto: int) -> Backlog:
        return attrs.evolve(self._inner.backlog(now, upto), outbox=len(self._inner.claimable(now, upto)))


class ForgetsSinceWhen(Passing):
    def backlog(self, now: datetime, upto: int) -> Backlog:
        return attrs.evolve(self._inner.backlog(now, upto), outbox_since=None)


class CountsTheDeadAsDue(Passing):
    def backlog(self, now: datetime, upto: int) -> Backlog:
        found = self._inner.backlog(now, upto)
        return attrs.evolve(found, due=found.due + found.dead)


class WalksBackwards(Passing):
    def effects_in(self, state: EffectState, after: str, limit: int) -> tuple[Effect, ...]:
        return tuple(reversed(self._inner.effects_in(state, after, limit)))


class WalksEveryState(Passing):
    def effects_in(self, state: EffectState, after: str, limit: int) -> tuple[Effect, ...]:
        return self._inner.page(Effect, after, limit)


class ForgetsTheDead(Passing):
    def troubled(self, after: str, limit: int) -> tuple[Standing, ...]:
        return tuple(one for one in self._inner.troubled(after, 99) if one.dead is None)[:limit]


class ForgetsTheFailing(Passing):
    def troubled(self, after: str, limit: int) -> tuple[Standing, ...]:
        return tuple(one for one in self._inner.troubled(after, 99) if one.dead is not None)[:limit]


class IgnoresLateness(Passing):
    """Takes in facts that come after their moment was decided."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        for changes in groups.values():  # a row whose fact is there already is never late
            self._inner.put({changes.records[0].subject: attrs.evolve(changes, records=facts_of(changes))})
        return self._inner.put(groups)


class LooksAtItsOwnStandingOnly(Passing):
    """Takes in late facts about others than the group's subject."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        for subject, changes in groups.items():
            others = tuple(one for one in facts_of(changes) if one.subject != subject)
            self._inner.put({subject: Changes(records=others)})
        return self._inner.put(groups)


class LateWhateverIsKnown(Passing):
    """Refuses an old row also when its fact was recorded long ago."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        late = {subject for subject, changes in groups.items() if any(self._is_late(one) for one in changes.records)}
        return self._inner.put({one: groups[one] for one in groups if one not in late}) | late

    def _is_late(self, record: Record) -> bool:
        if not isinstance(record, InboxRow):
            return False
        decided = self._inner.get(Standing, [record.subject])
        return any(one.advanced_to is not None and record.due_at <= one.advanced_to for one in decided.values())


def facts_of(changes: Changes) -> tuple[Touchpoint, ...]:
    return tuple(one for one in changes.records if isinstance(one, Touchpoint))


class SeesFailing(Passing):
    """Lets new facts make a failing subject due."""

    def due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        failing = [one.subject for one in self._inner.troubled("", 99) if one.dead is None]
        return (*self._inner.due(now, limit), *failing)[:limit]


class CountsClaimedAsOutbox(Passing):
    def backlog(self, now: datetime, upto: int) -> Backlog:
        found = self._inner.backlog(now, upto)
        return attrs.evolve(found, outbox=min(upto, found.outbox + found.claimed))


class CountsOn(Passing):
    def backlog(self, now: datetime, upto: int) -> Backlog:
        return self._inner.backlog(now, upto + 1)


class RepeatsTheLast(Passing):
    """Begins a page with the last one of the page before."""

    def effects_in(self, state: EffectState, after: str, limit: int) -> tuple[Effect, ...]:
        return self._inner.effects_in(state, after[:-1], limit)

    def troubled(self, after: str, limit: int) -> tuple[Standing, ...]:
        return self._inner.troubled(after[:-1], limit)


class TakesLateRows(Passing):
    """Writes a row that is too late as if it were due now."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        later = NOON + timedelta(microseconds=1)
        return self._inner.put({one: _with_rows_due(changes, later) for one, changes in groups.items()})


def _with_rows_due(changes: Changes, due_at: datetime) -> Changes:
    rows = [attrs.evolve(one, due_at=due_at) if isinstance(one, InboxRow) else one for one in changes.records]
    return attrs.evolve(changes, records=tuple(rows))


class CommitsAnyway(FaultyStore):
    """Keeps what a failed unit wrote."""

    @contextmanager
    def begin(self) -> Iterator[Passing]:
        failure: Exception | None = None
        with self._inner.begin() as inner:
            try:
                yield Passing(inner)
            except Exception as error:
                failure = error
        if failure is not None:
            raise failure


class OneTenant(FaultyStore):
    """Gives every tenant the same records."""


FAULTS: list[tuple[type, str, tuple[object, ...]]] = [
    (DueIncludesNow, "test_v2_due_names_each_due_subject_once", ()),
    (ClaimsLatestFirst, "test_v3_claimable_gives_open_effects_that_are_due", ()),
    (ForgetsTheOldestFact, "test_v4_about_gives_decided_facts_in_reach", ()),
    (HistoryIncludesBefore, "test_v5_history_gives_facts_newest_first", ()),
    (SeesEveryone, "test_v10_existing_names_leads_and_accounts", ()),
    (SeesFailing, "test_v2_failing_standings_are_due_by_their_own_instant", ()),
    (CountsClaimedAsOutbox, "test_v11_backlog_counts_what_waits", ()),
    (CountsOn, "test_v11_counts_stop_at_the_asked_number", ()),
    (RepeatsTheLast, "test_v12_effects_in_walks_a_state_by_id", (EffectState.PLANNED,)),
    (RepeatsTheLast, "test_v13_troubled_walks_the_dead_and_the_failing_by_id", ()),
    (TakesLateRows, "test_u11_a_row_that_is_due_before_what_was_decided_conflicts", (NOON, False)),
    (TakesLateRows, "test_u11_a_late_row_about_somebody_else_conflicts", ()),
    (CommitsAnyway, "test_u2_an_error_leaves_everything_as_it_was", ()),
    (WritesInPieces, "test_u5_a_group_is_written_whole_or_not_at_all", ()),
    (AllOrNothing, "test_u5_a_group_is_written_whole_or_not_at_all", ()),
    (IgnoresFolds, "test_u6_folding_a_row_that_is_gone_conflicts", ()),
    (IgnoresQuiet, "test_u7_an_unfolded_row_due_by_then_conflicts", (NOON, (), False)),
    (StandsStill, "test_u8_now_is_later_than_every_committed_unit", ()),
    (ErasesNothing, "test_u9_erase_removes_all_but_allowances", ()),
    (FailingAreDueByRows, "test_v2_failing_standings_are_due_by_their_own_instant", ()),
    (CountsOnAndOn, "test_v11_counts_stop_at_the_asked_number", ()),
    (CountsClaimsAsOutbox, "test_v11_counts_stop_at_the_asked_number", ()),
    (CountsClaimsAsOutbox, "test_v11_backlog_counts_what_waits", ()),
    (ForgetsSinceWhen, "test_v11_backlog_counts_what_waits", ()),
    (CountsTheDeadAsDue, "test_v11_backlog_counts_what_waits", ()),
    (WalksBackwards, "test_v12_effects_in_walks_a_state_by_id", (EffectState.CLAIMED,)),
    (WalksEveryState, "test_v12_effects_in_walks_a_state_by_id", (EffectState.UNKNOWN,)),
    (ForgetsTheDead, "test_v13_troubled_walks_the_dead_and_the_failing_by_id", ()),
    (ForgetsTheFailing, "test_v13_troubled_walks_the_dead_and_the_failing_by_id", ()),
    (IgnoresLateness, "test_u11_a_row_that_is_due_before_what_was_decided_conflicts", (NOON, False)),
    (LooksAtItsOwnStandingOnly, "test_u11_a_late_row_about_somebody_else_conflicts", ()),
    (LateWhateverIsKnown, "test_u11_a_row_of_a_known_fact_is_never_late", ()),
    (OneTenant, "test_s2_tenants_never_see_each_other", ()),
]


class Contract(StorageContract):
    """The contract, over a store with a fault."""

    def __init__(self, fault: type) -> None:
        self.fault = fault
        self.first: MemoryStorage | None = None

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        if self.first is None:
            self.first = MemoryStorage(tenant, clock=clock)
        inner = self.first if self.fault is OneTenant else self.first.for_tenant(tenant)
        store = self.fault(inner) if issubclass(self.fault, FaultyStore) else FaultyStore(inner)
        if issubclass(self.fault, Passing):
            store.fault = self.fault
        return cast("Storage", store)


def run(fault: type, test: str, arguments: tuple[object, ...]) -> None:
    contract = Contract(fault)
    getattr(contract, test)(contract.make_storage("default", lambda: NOON), *arguments)


@pytest.mark.parametrize(("fault", "test", "arguments"), FAULTS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_fault_is_caught_by_the_test_of_its_promise(fault: type, test: str, arguments: tuple[object, ...]) -> None:
    run(Passing, test, arguments)  # the doubles by themselves break nothing
    with pytest.raises(AssertionError):
        run(fault, test, arguments)
