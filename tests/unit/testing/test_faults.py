"""`FaultStorage` goes wrong where the plan says, and nowhere else; a sweep misses no operation."""

import inspect
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from nurture.errors import ConflictError, StorageError
from nurture.model import Allowance, EffectState
from nurture.ports import Capability, FindingView, Search, Storage, TakingUnit, Unit, View
from nurture.predicates import Names, Reach, q
from nurture.storage import MemoryStorage
from nurture.testing import (
    CRASHES,
    FAILURES,
    Crash,
    FaultStorage,
    Lost,
    Meanwhile,
    Plan,
    ProcessCrash,
    StorageCrash,
    VirtualClock,
    sweep,
)
from nurture.testing.fault_storage import FaultUnit, FaultView
from nurture.testing.storage_groups import ANN, NOON, write

SEARCH = Search(where=q.everyone, names=Names(), now=NOON)
START = datetime(2026, 3, 2, tzinfo=UTC)


def count_once(storage: Storage) -> None:
    """Add one to a count: four operations."""
    with storage.begin() as unit:
        seen = unit.get(Allowance, ["count"]).get("count")
        write(unit, ANN, Allowance(id="count", version=1 if seen is None else seen.version + 1))


def counted(storage: Storage) -> int:
    with storage.view() as view:
        found = view.get(Allowance, ["count"])
    return found["count"].version if found else 0


@pytest.mark.parametrize(
    ("number", "fault", "error", "committed"),
    [
        (1, Crash(delivered=False), StorageCrash, 0),
        (1, Crash(delivered=True), StorageCrash, 0),
        (2, Lost(delivered=False), StorageError, 0),
        (3, Crash(delivered=True), StorageCrash, 0),
        (4, Crash(delivered=False), StorageCrash, 0),
        (4, Lost(delivered=False), StorageError, 0),
        (4, Crash(delivered=True), StorageCrash, 1),
        (4, Lost(delivered=True), StorageError, 1),
        (4, ConflictError("busy"), ConflictError, 0),
    ],
)
def test_a_unit_is_there_only_when_its_commit_was_done(number: int, fault: object, error: type, committed: int) -> None:
    inner = MemoryStorage()
    storage = FaultStorage(inner, Plan({number: fault}))
    with pytest.raises(error):
        count_once(storage)
    assert counted(inner) == committed
    assert storage.plan.operations == ["begin", "get", "put", "commit"][:number]
    assert storage.plan.fired == [(storage.plan.operations[-1], number)]


def write_and_fail(storage: Storage) -> None:
    with storage.begin() as unit:
        write(unit, ANN, Allowance(id="count"))
        raise ZeroDivisionError


def test_a_unit_that_fails_by_itself_commits_nothing_and_is_no_commit() -> None:
    storage = FaultStorage(MemoryStorage())
    with pytest.raises(ZeroDivisionError):
        write_and_fail(storage)
    assert storage.plan.operations == ["begin", "put"]
    assert counted(storage.inner) == 0


def write_and_swallow(storage: Storage) -> None:
    """Code that catches what it must not catch, and goes on."""
    with storage.begin() as unit, suppress(BaseException):
        write(unit, ANN, Allowance(id="count"))


def test_a_dead_process_does_nothing_more() -> None:
    storage = FaultStorage(MemoryStorage(), Plan({2: Crash(delivered=True)}))
    with pytest.raises(StorageCrash, match="dead: commit"):
        write_and_swallow(storage)
    with pytest.raises(StorageCrash, match="dead: now"):
        storage.now()
    assert storage.dead
    assert storage.plan.operations == ["begin", "put"]
    assert counted(storage.inner) == 0


def test_a_crash_is_no_ordinary_error() -> None:
    assert not issubclass(StorageCrash, Exception)
    assert issubclass(StorageCrash, ProcessCrash)


def test_a_plan_counts_over_several_lives() -> None:
    inner, plan = MemoryStorage(), Plan({2: Crash(delivered=False), 4: Lost(delivered=False)})
    first = FaultStorage(inner, plan)
    first.now()
    with pytest.raises(StorageCrash):
        first.now()
    second = FaultStorage(inner, plan)
    second.now()
    with pytest.raises(StorageError):
        second.now()
    second.now()


def test_a_plan_may_be_a_function() -> None:
    storage = FaultStorage(MemoryStorage(), Plan(lambda _, name: Lost(delivered=False) if name == "put" else None))
    storage.now()
    with pytest.raises(StorageError, match="operation 4, put"):
        count_once(storage)


def test_something_happens_meanwhile() -> None:
    clock = VirtualClock(START)
    storage = FaultStorage(
        MemoryStorage(clock=clock), Plan({2: Meanwhile(lambda: clock.move_to(START + timedelta(days=1)))})
    )
    assert [storage.now(), storage.now()] == [START, START + timedelta(days=1)]


def test_another_worker_acts_meanwhile() -> None:
    inner = MemoryStorage()
    storage = FaultStorage(inner, Plan({3: Meanwhile(lambda: count_once(inner))}))
    version = counted(storage) + 1
    with storage.begin() as unit:  # the third operation
        assert not write(unit, ANN, Allowance(id="count", version=version))
    assert counted(inner) == 1


# -- everything that a store can do goes through ------------------------------------------------------


class TakingStorage:
    """A store that says it can do everything, and remembers what it was asked."""

    tenant = "acme"
    capabilities = frozenset(Capability)

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = 0

    def now(self) -> datetime:
        return NOON

    def view(self) -> "Recording":
        return Recording(self.asked)

    begin = view

    def wait(self, seconds: float) -> bool:
        self.asked.append("wait")
        return seconds > 1

    def close(self) -> None:
        self.closed += 1

    def upgrade(self) -> str:
        return "upgraded"


class Recording:
    def __init__(self, asked: list[str]) -> None:
        self._asked = asked

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self._asked.append("left")

    def __getattr__(self, name: str) -> object:
        return lambda *given, **named: (name, given, named)


CALLS = {
    "get": (Allowance, ["a"]),
    "existing": ([ANN],),
    "due": (NOON, 3),
    "claimable": (NOON, 3),
    "about": ({ANN: None}, Reach.nothing()),
    "history": (ANN,),
    "effects_of": (ANN,),
    "decisions_of": (ANN,),
    "members_of": ([],),
    "page": (Allowance, "", 5),
    "next_due_at": (),
    "backlog": (NOON, 10),
    "effects_in": (EffectState.CLAIMED, "", 5),
    "troubled": ("", 5),
    "count": (Allowance, ""),
    "find": (SEARCH, "", 5),
    "tally": (SEARCH,),
    "best": (SEARCH, q.lead.name.asc(), None, 5),
    "now": (),
    "put": ({},),
    "erase": (ANN,),
    "take_due": (NOON, 3),
    "take_claimable": (NOON, 3),
}


def methods(*kinds: type) -> set[str]:
    return {name for kind in kinds for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"}


def test_every_promise_of_the_ports_is_an_operation() -> None:
    assert methods(FaultView) == methods(View, FindingView)
    assert methods(FaultUnit) == methods(Unit, TakingUnit, FindingView) == CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_an_operation_is_handed_on_counted_and_broken(name: str) -> None:
    storage = FaultStorage(TakingStorage(), Plan({3: Lost(delivered=False)}))
    with storage.begin() as unit:
        answer = getattr(unit, name)(*CALLS[name])
        assert name == "erase" or answer[:2] == (name, CALLS[name])
        with pytest.raises(StorageError, match=f"operation 3, {name}"):
            getattr(unit, name)(*CALLS[name])
    assert storage.plan.operations == ["begin", name, name, "commit"]


def test_named_arguments_are_handed_on() -> None:
    storage = FaultStorage(TakingStorage())
    with storage.view() as view:
        assert view.history(ANN, before=NOON, before_id="x", limit=2)[2] == {
            "before": NOON,
            "before_id": "x",
            "limit": 2,
        }
        assert view.decisions_of(ANN, limit=7)[2] == {"limit": 7}


def test_what_is_no_operation_goes_through() -> None:
    inner = TakingStorage()
    storage = FaultStorage(inner, Plan({1: Crash(delivered=False)}))
    assert (storage.tenant, storage.capabilities, storage.upgrade()) == ("acme", frozenset(Capability), "upgraded")
    assert storage.plan.operations == []
    with pytest.raises(StorageCrash):
        storage.wait(2)
    storage.close()
    assert (inner.closed, inner.asked) == (0, [])
    alive = FaultStorage(inner)
    assert alive.wait(2) is True
    alive.close()
    assert (inner.closed, inner.asked) == (1, ["wait"])


# -- the sweep --------------------------------------------------------------------------------------------


def restarting(plan: Plan) -> None:
    """A worker that is started again until its count was written; the answer of the commit may be lost."""
    inner = MemoryStorage()
    for _ in range(3):
        storage = FaultStorage(inner, plan)
        try:
            if counted(storage) == 0:
                count_once(storage)
        except (StorageCrash, StorageError):
            continue
        break
    assert counted(inner) == 1


def careless(plan: Plan) -> None:
    """The same worker, which does not look first."""
    inner = MemoryStorage()
    for _ in range(3):
        try:
            count_once(FaultStorage(inner, plan))
        except (StorageCrash, StorageError):
            continue
        break
    assert counted(inner) == 1


def test_a_sweep_goes_through_every_operation_and_fault() -> None:
    assert sweep(restarting) == 4 * 7  # six operations, and one run to the end
    assert sweep(restarting, faults=CRASHES) == 2 * 7
    assert sweep(restarting, faults=FAILURES, first=6) == 2 * 2


@pytest.mark.parametrize("fault", [Crash(delivered=True), Lost(delivered=True)])
def test_a_sweep_finds_the_fault_and_names_it(fault: Crash | Lost) -> None:
    with pytest.raises(AssertionError) as caught:
        sweep(careless, faults=[fault])
    assert caught.value.__notes__ == [f"sweep: {fault!r} at operation 4, the last of: begin get put commit"]


def test_a_sweep_over_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing was tested"):
        sweep(lambda _: None)


def test_a_sweep_without_an_end_is_refused() -> None:
    def endless(plan: Plan) -> None:
        for _ in range(9):
            with suppress(StorageError):
                FaultStorage(MemoryStorage(), plan).now()

    with pytest.raises(ValueError, match="within 5 operations"):
        sweep(endless, faults=[Lost(delivered=False)], limit=5)
