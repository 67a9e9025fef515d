"""`storage.scanning`: a store that only keeps records answers like the reference, and follows every rule."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from nurture.model import Changes, EffectState, InboxRow, Standing, SubjectId
from nurture.ports import Backlog, Storage
from nurture.storage import MemoryStorage
from nurture.storage.clock import Clock, Ticker
from nurture.storage.scanning import ScanningUnit, ScanningView
from nurture.testing import StorageContract
from nurture.testing.storage_groups import ANN, BEN, DAY, effect, fact, row, save, standing, write
from tests.unit.storage.test_parity import histories

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class ListView(ScanningView):
    def __init__(self, held):
        self.held = held

    def records(self, kind, /):
        return self.held.get(kind, {})


class ListUnit(ListView, ScanningUnit):
    def __init__(self, held, now):
        super().__init__(held)
        self._now = now

    def now(self):
        return self._now

    def write(self, record, /):
        self.held.setdefault(type(record), {})[record.id] = record

    def remove(self, kind, name, /):
        del self.held[kind][name]


class ListStorage:
    """The least there is: records in dicts, copied for each unit; for one thread."""

    tenant = "default"
    capabilities = frozenset()

    def __init__(self, clock: Clock) -> None:
        self._held: dict[type, dict[str, object]] = {}
        self._ticker = Ticker(clock)

    def now(self) -> datetime:
        return self._ticker.tick()

    @contextmanager
    def view(self) -> Generator[ListView]:
        yield ListView(self._held)

    @contextmanager
    def begin(self) -> Generator[ListUnit]:
        held = {kind: dict(some) for kind, some in self._held.items()}
        yield ListUnit(held, self.now())
        self._held = held

    def close(self) -> None:
        pass


@pytest.fixture
def storage() -> Storage:
    return ListStorage(lambda: NOON)


@pytest.mark.parametrize("seed", range(15))
def test_it_answers_like_the_reference(seed: int) -> None:
    assert histories(ListStorage(lambda: NOON), seed) == histories(MemoryStorage(clock=lambda: NOON), seed)


def test_a_row_that_comes_too_late_conflicts(storage: Storage) -> None:
    assert save(storage, standing(advanced_to=NOON))
    assert not save(storage, fact("1"), row("1", due_at=NOON))
    assert save(storage, fact("2"), row("2", due_at=NOON + timedelta(microseconds=1)))
    with storage.view() as view:
        assert view.get(InboxRow, ["1", "2"]).keys() == {"2"}


def test_a_failing_subject_is_due_by_its_standing_alone(storage: Storage) -> None:
    assert save(storage, standing(failures=2, due_at=NOON + DAY), fact("1"), row("1"))
    with storage.view() as view:
        assert view.due(NOON + DAY, 9) == ()
        assert view.due(NOON + 2 * DAY, 9) == (ANN,)
        assert [one.subject for one in view.troubled("", 9)] == [ANN]


def test_claims_that_ran_out_do_not_hide_the_outbox(storage: Storage) -> None:
    early = [effect(f"c{number}", due_at=NOON - DAY, state=EffectState.CLAIMED) for number in range(3)]
    save(storage, *early, effect("p"), effect("u", due_at=None, state=EffectState.UNKNOWN))
    save(storage, standing(BEN, due_at=NOON - DAY), subject=BEN)
    with storage.view() as view:
        assert view.backlog(NOON + DAY, 2) == Backlog(
            due=1, due_since=NOON - DAY, outbox=1, outbox_since=NOON, claimed=2, unknown=1
        )
        assert [one.id for one in view.effects_in(EffectState.CLAIMED, "c0", 1)] == ["c1"]


def test_a_group_that_conflicts_writes_and_folds_nothing(storage: Storage) -> None:
    save(storage, fact("1"), row("1"))
    with storage.begin() as unit:
        assert unit.put({ANN: Changes(records=(standing(version=3),), folded=("1",))}) == {ANN}
        assert unit.get(InboxRow, ["1"])
        assert write(unit, ANN, standing(), folded=["1"])
        assert unit.get(InboxRow, ["1"]) == {}
    with storage.view() as view:
        assert view.get(Standing, [SubjectId(ANN)])[ANN].version == 1


def test_a_version_may_follow_another_of_the_same_group(storage: Storage) -> None:
    assert save(storage, standing(), standing(version=2, stage="mql"))
    assert not save(storage, standing(version=3), standing(version=3))
    with storage.view() as view:
        assert view.get(Standing, [ANN])[ANN].version == 2


class TestContract(StorageContract):
    """The whole core profile that can be asked of one thread and one tenant."""

    first: ListStorage | None = None

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.first = self.first or ListStorage(clock)
        return self.first

    test_u1_nobody_sees_half_a_unit = None
    test_s2_tenants_never_see_each_other = None
    test_s3_each_unit_is_as_if_alone = None
    test_s1_now_increases_strictly = None
