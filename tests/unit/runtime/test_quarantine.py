"""What cannot be decided, read or written is put aside alone; an operator gets it back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import attrs
import pytest

from nurture import Basis, Message, NewFact, Nurture, Program, Scenario, Segment, minutes, q
from nurture.decisions import Decision, advance
from nurture.errors import RecordRefusedError, StorageError
from nurture.model import Changes, Dossier, Effect, EffectState, Lead, LeadId, SubjectId
from nurture.ports import R, Storage, Unit, View
from nurture.runtime.quarantine import halved
from nurture.simulation import NullSender, VirtualClock
from nurture.steps import send, tag
from nurture.storage import MemoryStorage
from tests.stores import SITE, STORES, T0, House, store_maker

SEEN = Program(
    segments=[Segment("seen", q.touches("page.viewed"))],
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[Scenario("s", q.touches("page.viewed"), [tag("seen"), send("hello")])],
)


def memory(clock: VirtualClock) -> Storage:
    return MemoryStorage(clock=clock, through_codec=True)


def lead_of(house: House, number: int) -> LeadId:
    return house.crm.capture(email=f"lead{number}@example.com", consent=Basis.CONSENT).id


@pytest.fixture
def bad_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deciding fails as soon as a fact about the path `/poison` is to be taken in."""

    def fails(program: Program, dossier: Dossier, now: datetime) -> Decision:
        if any(one.fact.properties.get("path") == "/poison" and one.due_at < now for one in dossier.inbox):
            raise ZeroDivisionError
        return advance(program, dossier, now)

    monkeypatch.setattr("nurture.runtime.deciding.advance", fails)
    monkeypatch.setattr("nurture.runtime.quarantine.advance", fails)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.usefixtures("bad_fact")
def test_every_worker_sees_how_often_it_failed(store: str, tmp_path: Path) -> None:
    house = House(SEEN, store_maker(store, tmp_path))
    lead, other = lead_of(house, 1), lead_of(house, 2)
    house.crm.record(lead, "page.viewed", {"path": "/poison"})
    house.crm.record(other, "page.viewed", {"path": "/"})
    for number, minute in enumerate((1, 5, 20), start=1):
        house.clock.move_to(T0 + minutes(minute))
        # each time another worker, as after a restart
        Nurture(SEEN, house.storage, senders={"email": NullSender()}, site=SITE).tick()
        standing = house.crm.standing(lead)
        assert standing is not None
        assert standing.failures == number
    assert house.crm.lead(other).tags == ("seen",)
    assert standing.dead is not None
    house.crm.close()


@pytest.mark.parametrize("store", STORES)
@pytest.mark.usefixtures("bad_fact")
def test_the_reason_names_the_fact_and_without_it_the_subject_goes_on(store: str, tmp_path: Path) -> None:
    house = House(SEEN, store_maker(store, tmp_path))
    lead = lead_of(house, 1)
    paths = ["/", "/a", "/poison", "/b"]
    given = [NewFact(subject=lead, kind="page.viewed", properties={"path": path}, key=path) for path in paths]
    facts = house.crm.record_many(given)
    for minute in (1, 5, 20):
        house.tick_at(T0 + minutes(minute))
    assert list(house.crm.dead()) == [(lead, f"failed: ZeroDivisionError at {facts[2]}")]
    assert house.crm.revive(lead, without=[facts[2]])
    house.tick_at(T0 + minutes(30))
    assert (list(house.crm.dead()), house.crm.lead(lead).tags) == ([], ("seen",))
    assert len(house.crm.timeline(lead, limit=99)) > 4  # the fact stays in the history
    house.crm.close()


class BrokenReads:
    """A memory store that cannot read some leads, or cannot write some groups."""

    def __init__(self, inner: Storage) -> None:
        self.inner = inner
        self.unreadable: set[str] = set()
        self.unwritable: set[str] = set()
        self.whole = 0  # how many units ended well

    tenant = property(lambda self: self.inner.tenant)
    capabilities = property(lambda self: self.inner.capabilities)

    def now(self) -> datetime:
        return self.inner.now()

    @contextmanager
    def view(self) -> Iterator[View]:
        with self.inner.view() as view:
            yield _Reading(view, self)  # type: ignore[misc]

    @contextmanager
    def begin(self) -> Iterator[Unit]:
        with self.inner.begin() as unit:
            yield _Reading(unit, self)  # type: ignore[misc]
        self.whole += 1

    def close(self) -> None:
        self.inner.close()


class _Reading:
    def __init__(self, inner: View, store: BrokenReads) -> None:
        self._inner, self._store = inner, store

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def get(self, kind: type[R], ids: Collection[str], /) -> Mapping[str, R]:
        if kind is Lead and self._store.unreadable & set(ids):
            raise ValueError("secret@example.com cannot be read")
        return self._inner.get(kind, ids)

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        bad = [one for one in groups if one in self._store.unwritable and len(groups[one].records) > 1]
        if bad:
            raise RecordRefusedError("the database refused")
        return self._inner.put(groups)  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def broken() -> tuple[House, BrokenReads]:
    store: list[BrokenReads] = []

    def make(clock: VirtualClock) -> Storage:
        store.append(BrokenReads(memory(clock)))
        return store[0]

    house = House(SEEN, make)
    return house, store[0]


@pytest.mark.parametrize("what", ["unreadable", "unwritable"])
def test_one_lead_that_cannot_be_read_or_written_stops_nobody_else(
    broken: tuple[House, BrokenReads], what: str, caplog: pytest.LogCaptureFixture
) -> None:
    house, store = broken
    leads = [lead_of(house, number) for number in range(37)]
    for lead in leads:
        house.crm.record(lead, "page.viewed")
    getattr(store, what).add(leads[17])
    for minute in (1, 5, 20):
        house.tick_at(T0 + minutes(minute))
    (found,) = house.crm.dead()
    assert found[0] == leads[17]
    assert {one.subject for one in house.crm.members("seen")} == set(leads) - {leads[17]}
    assert "secret@example.com" not in caplog.text


def test_the_effects_of_an_unreadable_lead_wait_and_stop_nobody(broken: tuple[House, BrokenReads]) -> None:
    house, store = broken
    leads = [lead_of(house, number) for number in range(9)]
    for lead in leads:
        house.crm.record(lead, "page.viewed")
    house.clock.move_to(T0 + minutes(1))
    house.crm.decide()
    store.unreadable.add(leads[4])
    delivered = house.crm.deliver()
    assert (delivered.accepted, delivered.deferred) == (8, 1)
    assert [one.state for one in effects(house, leads[4])] == [EffectState.PLANNED]


def effects(house: House, lead: LeadId) -> tuple[Effect, ...]:
    return house.crm.effects(lead)


@attrs.frozen
class Sum:
    number: int

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.number + other.number)


def work_on(bad: Collection[int], done: list[int]) -> Callable[[Collection[int]], Sum]:
    def work(items: Collection[int]) -> Sum:
        if set(items) & set(bad):
            raise ValueError
        done.extend(items)
        return Sum(len(items))

    return work


@pytest.mark.parametrize("bad", [(0,), (99,), (3, 4, 50), tuple(range(100))])
def test_halving_does_everything_but_the_culprits(bad: tuple[int, ...]) -> None:
    done: list[int] = []
    alone: list[int] = []

    def put_aside(item: int, error: Exception) -> Sum:
        alone.append(item)
        return Sum(0)

    total = halved(range(100), work_on(bad, done), put_aside, ValueError())
    assert (sorted(done), sorted(alone), total) == (
        [one for one in range(100) if one not in bad],
        list(bad),
        Sum(100 - len(bad)),
    )


def test_a_store_that_is_away_is_nobodys_fault() -> None:
    tried: list[int] = []

    def work(items: Collection[int]) -> Sum:
        tried.append(len(items))
        raise StorageError("gone")

    with pytest.raises(StorageError):
        halved(range(8), work, lambda _item, _error: Sum(0), ValueError())
    assert tried == [4]
