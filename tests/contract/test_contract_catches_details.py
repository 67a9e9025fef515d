"""The contract of stores catches what goes wrong only now and then: an order, a second record, a limit, a part."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

import attrs
import pytest

from nurture.model import (
    Alias,
    Changes,
    DecisionRecord,
    Effect,
    EffectState,
    InboxRow,
    Lead,
    Record,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.ports import Backlog, Known
from nurture.predicates import Reach
from nurture.testing.storage_groups import DAY, NOON
from tests.contract.test_contract_catches import Passing, run

T = TypeVar("T")
MANY = 99


class TakesTheRowsTime(Passing):
    """Forgets the standing's own instant while a fact waits."""

    def due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        when: dict[SubjectId, datetime] = {}
        for one in self._inner.page(Standing, "", MANY):
            rows = self._inner.about({one.subject: None}, Reach.nothing())[one.subject].inbox
            at = rows[0].due_at if rows else one.due_at
            if at is not None and at < now:
                when[one.subject] = at
        return tuple(sorted(when, key=lambda subject: when[subject]))[: max(0, limit)]


class FoldsWhatIsThere(Passing):
    """Is content with some of the rows; a conflict only when all are gone."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        return self._inner.put({one: self._with_rows_there(changes) for one, changes in groups.items()})

    def _with_rows_there(self, changes: Changes) -> Changes:
        there = self._inner.get(InboxRow, changes.folded)
        return attrs.evolve(changes, folded=tuple(there) or changes.folded)


class ChecksTheFirstFold(Passing):
    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        return self._inner.put({one: self._with_first(changes) for one, changes in groups.items()})

    def _with_first(self, changes: Changes) -> Changes:
        there = self._inner.get(InboxRow, changes.folded)
        return attrs.evolve(changes, folded=tuple(dict.fromkeys([*changes.folded[:1], *there])))


class _Reorders(Passing):
    def about(self, since: Mapping[SubjectId, datetime | None], reach: Reach) -> Mapping[SubjectId, Known]:
        return {one: self.mixed(known) for one, known in self._inner.about(since, reach).items()}

    def mixed(self, known: Known) -> Known:
        raise NotImplementedError


class OrdersFactsByKind(_Reorders):
    def mixed(self, known: Known) -> Known:
        return attrs.evolve(known, facts=tuple(sorted(known.facts, key=attrgetter("kind", "at", "id"))))


class OrdersFactsByTimeAlone(_Reorders):
    """Leaves those of one instant as they are found, kind by kind."""

    def mixed(self, known: Known) -> Known:
        return attrs.evolve(known, facts=tuple(sorted(known.facts, key=attrgetter("at", "kind"))))


class OrdersEffectsById(_Reorders):
    def mixed(self, known: Known) -> Known:
        return attrs.evolve(known, effects=tuple(sorted(known.effects, key=attrgetter("id"))))


class OrdersRowsByFact(_Reorders):
    """As if rows were due in the order in which things happened."""

    def mixed(self, known: Known) -> Known:
        return attrs.evolve(known, inbox=tuple(sorted(known.inbox, key=lambda one: one.fact.sort_key)))


class KeepsAliases(Passing):
    def erase(self, subject: SubjectId) -> None:
        kept = [attrs.evolve(one, version=1) for one in self._inner.page(Alias, "", MANY) if one.subject == subject]
        self._inner.erase(subject)
        self._inner.put({subject: Changes(records=tuple(kept))})


class CountsUnknownOnAndOn(Passing):
    def backlog(self, now: datetime, upto: int) -> Backlog:
        unknown = len(self._inner.effects_in(EffectState.UNKNOWN, "", MANY))
        return attrs.evolve(self._inner.backlog(now, upto), unknown=unknown)


class CountsTroubleOnAndOn(Passing):
    def backlog(self, now: datetime, upto: int) -> Backlog:
        every = self._inner.backlog(now, MANY)
        return attrs.evolve(self._inner.backlog(now, upto), failing=every.failing, dead=every.dead)


class CountsBelowZero(Passing):
    """Takes the smaller of what there is and what was asked for, whatever that is."""

    def backlog(self, now: datetime, upto: int) -> Backlog:
        found = self._inner.backlog(now, upto)
        return attrs.evolve(found, claimed=min(upto, found.claimed))


class SlicesFromTheEnd(Passing):
    """Cuts lists by whatever limit is given."""

    def due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        return self._inner.due(now, MANY)[:limit]

    def effects_in(self, state: EffectState, after: str, limit: int) -> tuple[Effect, ...]:
        return self._inner.effects_in(state, after, MANY)[:limit]


class SlicesHistoryFromTheEnd(Passing):
    def history(
        self, subject: SubjectId, *, before: datetime | None = None, before_id: str = "", limit: int = 1000
    ) -> tuple[Touchpoint, ...]:
        return self._inner.history(subject, before=before, before_id=before_id)[:limit]


class SlicesDecisionsFromTheEnd(Passing):
    def decisions_of(self, subject: SubjectId, *, limit: int = 100) -> tuple[DecisionRecord, ...]:
        return self._inner.decisions_of(subject)[:limit]


class SlicesClaimableFromTheEnd(Passing):
    def claimable(self, now: datetime, limit: int) -> tuple[Effect, ...]:
        return self._inner.claimable(now, MANY)[:limit]


class SlicesPagesFromTheEnd(Passing):
    def page(self, kind: type[Lead], after: str, limit: int) -> tuple[Lead, ...]:
        return self._inner.page(kind, after, MANY)[:limit]


class SlicesTroubledFromTheEnd(Passing):
    def troubled(self, after: str, limit: int) -> tuple[Standing, ...]:
        return self._inner.troubled(after, MANY)[:limit]


class NeverGetsOn(Passing):
    """Begins each page with the record that it should come after, so that a walk has no end."""

    def page(self, kind: type[Lead], after: str, limit: int) -> tuple[Lead, ...]:
        return from_on(self._inner.page(kind, "", MANY), lambda one: one.id >= after, limit)

    def effects_in(self, state: EffectState, after: str, limit: int) -> tuple[Effect, ...]:
        return from_on(self._inner.effects_in(state, "", MANY), lambda one: one.id >= after, limit)

    def troubled(self, after: str, limit: int) -> tuple[Standing, ...]:
        return from_on(self._inner.troubled("", MANY), lambda one: one.subject >= after, limit)


def from_on(found: Sequence[T], fits: Callable[[T], bool], limit: int) -> tuple[T, ...]:
    return tuple([one for one in found if fits(one)][: max(0, limit)])


class _Chooses(Passing):
    """Of the records of one kind and id in a group, writes those that it chooses."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        return self._inner.put(
            {one: attrs.evolve(group, records=tuple(self.chosen(group.records))) for one, group in groups.items()}
        )

    def chosen(self, records: tuple[Record, ...]) -> Sequence[Record]:
        raise NotImplementedError


class WritesTheFirstOfTwo(_Chooses):
    def chosen(self, records: tuple[Record, ...]) -> Sequence[Record]:
        return list({(type(one), one.id): one for one in reversed(records)}.values())[::-1]


class WritesTheLastOfTwo(_Chooses):
    def chosen(self, records: tuple[Record, ...]) -> Sequence[Record]:
        return list({(type(one), one.id): one for one in records}.values())


class ComparesWithStoredAlone(Passing):
    """Takes each version of a group for the next one, if it is next to the one before the group."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        late = {subject for subject, group in groups.items() if any(self._is_far(one) for one in group.records)}
        return self._inner.put({one: groups[one] for one in groups if one not in late}) | late

    def _is_far(self, record: Record) -> bool:
        if not isinstance(record, Standing):
            return False
        stored = self._inner.get(Standing, [record.subject]).get(record.subject)
        return record.version != (1 if stored is None else stored.version + 1)


ROWS_COUNT = "test_v2_the_earlier_of_standing_and_row_counts"
NO_LIMIT = "test_v2_to_v9_a_limit_below_one_asks_for_nothing"
NO_COUNT = "test_v11_to_v13_a_limit_below_one_asks_for_nothing"
FAULTS: list[tuple[type[Passing], str, tuple[object, ...]]] = [
    (TakesTheRowsTime, ROWS_COUNT, (NOON - DAY,)),
    (TakesTheRowsTime, ROWS_COUNT, (NOON + DAY,)),
    (FoldsWhatIsThere, "test_u6_folding_some_rows_that_are_gone_conflicts", (("1", "2"),)),
    (FoldsWhatIsThere, "test_u6_folding_some_rows_that_are_gone_conflicts", (("2", "absent"),)),
    (ChecksTheFirstFold, "test_u6_folding_some_rows_that_are_gone_conflicts", (("2", "1"),)),
    (OrdersFactsByKind, "test_v4_about_orders_facts_across_kinds", ()),
    (OrdersFactsByTimeAlone, "test_v4_about_orders_facts_across_kinds", ()),
    (OrdersEffectsById, "test_v4_about_orders_rows_and_effects", ()),
    (OrdersRowsByFact, "test_v4_about_orders_rows_and_effects", ()),
    (KeepsAliases, "test_u9_erase_removes_all_but_allowances", ()),
    (CountsUnknownOnAndOn, "test_v11_counts_stop_at_the_asked_number", ()),
    (CountsTroubleOnAndOn, "test_v11_counts_stop_at_the_asked_number", ()),
    (CountsBelowZero, NO_COUNT, (-1,)),
    (SlicesFromTheEnd, NO_COUNT, (-1,)),
    (SlicesTroubledFromTheEnd, NO_COUNT, (-1,)),
    (SlicesFromTheEnd, NO_LIMIT, (-1,)),
    (SlicesHistoryFromTheEnd, NO_LIMIT, (-1,)),
    (SlicesDecisionsFromTheEnd, NO_LIMIT, (-1,)),
    (SlicesClaimableFromTheEnd, NO_LIMIT, (-1,)),
    (SlicesPagesFromTheEnd, NO_LIMIT, (-1,)),
    (NeverGetsOn, "test_v6_page_walks_all_records_by_id", ()),
    (NeverGetsOn, "test_v12_effects_in_walks_a_state_by_id", (EffectState.PLANNED,)),
    (NeverGetsOn, "test_v13_troubled_walks_the_dead_and_the_failing_by_id", ()),
    (WritesTheFirstOfTwo, "test_u3_a_record_may_come_twice_in_a_group", ()),
    (WritesTheLastOfTwo, "test_u3_a_record_may_come_twice_in_a_group", ()),
    (ComparesWithStoredAlone, "test_u3_a_record_may_come_twice_in_a_group", ()),
    (WritesTheLastOfTwo, "test_u4_of_two_in_one_group_the_first_wins", ()),
]


@pytest.mark.parametrize(("fault", "test", "arguments"), FAULTS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_detail_that_is_wrong_is_caught(fault: type[Passing], test: str, arguments: tuple[object, ...]) -> None:
    run(Passing, test, arguments)
    with pytest.raises(AssertionError):
        run(fault, test, arguments)
