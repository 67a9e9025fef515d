"""`MemoryStorage`, beyond the contract: one lock, undone units, handles that share a store."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.errors import StorageError
from nurture.model import Alias, Changes, Record, SubjectId
from nurture.storage import MemoryStorage
from nurture.testing.records import SAMPLES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = SubjectId("lead_ann")


def save(storage: MemoryStorage, *records: Record) -> None:
    with storage.begin() as unit:
        assert not unit.put({ANN: Changes(records=records)})


def test_a_unit_within_a_unit_is_refused_and_leaves_the_outer_one_open() -> None:
    storage = MemoryStorage()
    with storage.begin() as unit:
        with pytest.raises(StorageError, match="no unit begins inside one"):
            save(storage)
        with pytest.raises(StorageError, match="no view inside a unit"), storage.view():
            pass
        unit.put({ANN: Changes(records=(Alias(id="a", subject=ANN),))})
    with storage.view() as view:
        assert len(view.page(Alias, "", 9)) == 1


def test_a_unit_within_a_view_is_refused_for_it_would_change_the_snapshot() -> None:
    storage = MemoryStorage()
    with storage.view(), storage.for_tenant("other").view(), pytest.raises(StorageError, match="view or unit is open"):
        save(storage)
    save(storage)


def test_writing_after_the_end_of_a_unit_is_refused() -> None:
    storage = MemoryStorage()
    with storage.begin() as unit:
        pass
    with pytest.raises(StorageError, match="not open"):
        unit.put({})
    with pytest.raises(StorageError, match="not open"):
        unit.erase(ANN)


def test_records_are_kept_as_they_are_unless_they_go_through_the_codec() -> None:
    for through_codec in (False, True):
        storage = MemoryStorage(through_codec=through_codec)
        save(storage, *SAMPLES)
        with storage.view() as view:
            kept = [view.get(type(one), [one.id])[one.id] for one in SAMPLES]
        assert kept == list(SAMPLES)
        assert all((back is one) is not through_codec for back, one in zip(kept, SAMPLES, strict=True))


def test_tenants_share_the_clock() -> None:
    storage = MemoryStorage("one", clock=lambda: NOON)
    other = storage.for_tenant("two")
    assert (storage.tenant, other.tenant) == ("one", "two")
    assert [storage.now(), other.now(), storage.now()] == [NOON + timedelta(microseconds=one) for one in range(3)]


def test_closing_keeps_what_is_there() -> None:
    storage = MemoryStorage()
    save(storage, Alias(id="a", subject=ANN))
    storage.close()
    storage.close()
    with storage.view() as view:
        assert len(view.page(Alias, "", 9)) == 1


def test_a_page_sees_what_came_since_the_last_one() -> None:
    storage = MemoryStorage()
    save(storage, Alias(id="b", subject=ANN))
    with storage.view() as view:
        assert [one.id for one in view.page(Alias, "", 9)] == ["b"]
    save(storage, Alias(id="a", subject=ANN))
    with storage.view() as view:
        assert [one.id for one in view.page(Alias, "", 9)] == ["a", "b"]
