"""The contracts of capabilities can fail: doubles that take and wake, with one planted fault each, are caught.

A unit of the double writes at once, since a `MemoryStorage` has one unit at a time: enough for these promises.
"""

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Condition
from typing import cast

import pytest

from nurture.errors import StorageError
from nurture.model import Changes, Effect, SubjectId
from nurture.ports import Capability, Storage
from nurture.storage import MemoryStorage
from nurture.testing import TakingContract, WakingContract
from nurture.testing.storage_groups import NOON, Clock

MOST_PATIENCE_SECONDS = 0.2
"""A double that sleeps through what it should hear is not waited for any longer."""


class TakingUnit:
    """A unit that takes subjects until it ends."""

    def __init__(self, inner: MemoryStorage, taken: dict[SubjectId, object]) -> None:
        self._inner, self._taken = inner, taken

    def __getattr__(self, name: str) -> Callable[..., object]:
        def ask(*given: object, **named: object) -> object:
            with self._inner.view() as view:
                return getattr(view, name)(*given, **named)

        return ask

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        with self._inner.begin() as unit:
            return unit.put(groups)

    def take_due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        return self.take([one for one in self.due(now, 99) if self.is_free(one)][:limit])

    def take_claimable(self, now: datetime, limit: int) -> tuple[Effect, ...]:
        found = [one for one in self.claimable(now, 99) if self.is_free(one.subject)][:limit]
        self.take([one.subject for one in found])
        return tuple(found)

    def take(self, subjects: Collection[SubjectId]) -> tuple[SubjectId, ...]:
        self._taken.update(dict.fromkeys(subjects, self))
        return tuple(subjects)

    def is_free(self, subject: SubjectId) -> bool:
        return self._taken.get(subject, self) is self

    def give_back(self) -> None:
        for subject in [one for one, owner in self._taken.items() if owner is self]:
            del self._taken[subject]


class TakingStorage:
    """A store whose units take, and can be open side by side."""

    capabilities = frozenset({Capability.SKIP_LOCKED})

    def __init__(self, inner: MemoryStorage, unit: type[TakingUnit] = TakingUnit) -> None:
        self._inner, self._unit = inner, unit
        self._taken: dict[SubjectId, object] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    @contextmanager
    def begin(self) -> Generator[TakingUnit]:
        unit = self._unit(self._inner, self._taken)
        try:
            yield unit
        finally:
            unit.give_back()


class TakesNothing(TakingUnit):
    """Answers, and lets others have the same."""

    def take(self, subjects: Collection[SubjectId]) -> tuple[SubjectId, ...]:
        return tuple(subjects)


class TakesTooMany(TakingUnit):
    """Answers as many as asked for, and keeps all that are due."""

    def take_due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        return self.take([one for one in self.due(now, 99) if self.is_free(one)])[:limit]


class TakesWhatIsNotDue(TakingUnit):
    def take_due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        return super().take_due(datetime.max.replace(tzinfo=now.tzinfo), limit)


class HidesWhatIsTaken(TakingUnit):
    def due(self, now: datetime, limit: int) -> tuple[SubjectId, ...]:
        with self._inner.view() as view:
            return tuple(one for one in view.due(now, limit) if self.is_free(one))


class NeverGivesBack(TakingUnit):
    def give_back(self) -> None:
        pass


class TakesEffectsAlone(TakingUnit):
    """Takes the effects and not their subjects."""

    def take_claimable(self, now: datetime, limit: int) -> tuple[Effect, ...]:
        free = [one for one in self.claimable(now, 99) if self.is_free(SubjectId(one.id))][:limit]
        self.take([SubjectId(one.id) for one in free])
        return tuple(free)


class LocksOutRecorders(TakingUnit):
    """Refuses what others write about a subject that is taken."""

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        held = frozenset(one for one in groups if not self.is_free(one))
        return super().put({one: changes for one, changes in groups.items() if one not in held}) | held


class SaysNothingOfTaking(TakingStorage):
    capabilities = frozenset()


class Bell:
    """What the handles of a store share: how often each tenant got something that may be due."""

    def __init__(self) -> None:
        self.rung: dict[str, int] = {}
        self.heard = Condition()


class WakingStorage:
    """A store on which one can wait for what others commit."""

    capabilities = frozenset({Capability.NOTIFY})

    def __init__(self, inner: MemoryStorage, bell: Bell) -> None:
        self._inner, self._bell = inner, bell
        self._seen = bell.rung.get(self.line, 0)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    @property
    def line(self) -> str:
        return self._inner.tenant

    @contextmanager
    def begin(self) -> Generator[TakingUnit]:
        yield TakingUnit(self._inner, {})
        self.ring()

    def ring(self) -> None:
        with self._bell.heard:
            self._bell.rung[self.line] = self._bell.rung.get(self.line, 0) + 1
            self._bell.heard.notify_all()

    def wait(self, seconds: float) -> bool:
        with self._bell.heard:
            woken = self._bell.heard.wait_for(self.has_rung, seconds)
            self._seen = self._bell.rung.get(self.line, 0)
            return woken

    def has_rung(self) -> bool:
        return self._bell.rung.get(self.line, 0) > self._seen


class HearsNothing(WakingStorage):
    def wait(self, seconds: float) -> bool:
        return False


class AlwaysAwake(WakingStorage):
    def wait(self, seconds: float) -> bool:
        return True


class WakesOne(WakingStorage):
    """Rings for one sleeper, who does not tell the others."""

    def ring(self) -> None:
        with self._bell.heard:
            self._bell.rung[self.line] = 1

    def wait(self, seconds: float) -> bool:
        with self._bell.heard:
            woken = self._bell.heard.wait_for(self.has_rung, min(seconds, MOST_PATIENCE_SECONDS))
            self._bell.rung[self.line] = 0
            return woken


class HearsOnlyWhatComesLater(WakingStorage):
    """Sleeps through what was committed just before it went to sleep."""

    def wait(self, seconds: float) -> bool:
        self._seen = self._bell.rung.get(self.line, 0)
        return super().wait(min(seconds, MOST_PATIENCE_SECONDS))


class HearsEveryTenant(WakingStorage):
    line = "everybody"  # type: ignore[assignment]


class SaysNothingOfWaking(WakingStorage):
    capabilities = frozenset()


class Taking(TakingContract):
    def __init__(self, fault: type) -> None:
        self.inner: MemoryStorage | None = None
        self.fault = fault

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        inner = self.inner = self.inner or MemoryStorage(tenant, clock=clock)
        if issubclass(self.fault, TakingUnit):
            return cast("Storage", TakingStorage(inner, self.fault))
        return cast("Storage", self.fault(inner))


class Waking(WakingContract):
    def __init__(self, fault: type[WakingStorage]) -> None:
        self.inner: MemoryStorage | None = None
        self.bell = Bell()
        self.fault = fault

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.inner = self.inner or MemoryStorage(tenant, clock=clock)
        return cast("Storage", self.fault(self.inner.for_tenant(tenant), self.bell))


TAKING: list[tuple[type, str, tuple[object, ...]]] = [
    (SaysNothingOfTaking, "test_k_the_capability_is_declared", ()),
    (TakesNothing, "test_k1_takers_take_different_subjects", (True,)),
    (TakesTooMany, "test_k1_takers_take_different_subjects", (False,)),
    (TakesWhatIsNotDue, "test_k1_takers_take_different_subjects", (True,)),
    (HidesWhatIsTaken, "test_k1_takers_take_different_subjects", (True,)),
    (TakesNothing, "test_k1_a_subject_is_taken_whole", ()),
    (NeverGivesBack, "test_k1_what_was_taken_is_free_when_the_unit_ends", ()),
    (TakesNothing, "test_k2_takers_take_different_effects", (False,)),
    (TakesEffectsAlone, "test_k2_takers_take_different_effects", (True,)),
    (LocksOutRecorders, "test_k3_taking_hinders_no_recorder", ()),
]
WAKING: list[tuple[type[WakingStorage], str]] = [
    (SaysNothingOfWaking, "test_n_the_capability_is_declared"),
    (AlwaysAwake, "test_n1_waiting_ends_when_the_time_is_up"),
    (HearsNothing, "test_n1_another_handles_commit_wakes"),
    (WakesOne, "test_n1_every_sleeper_is_woken"),
    (HearsOnlyWhatComesLater, "test_n1_a_commit_is_never_slept_through"),
    (HearsEveryTenant, "test_n1_other_tenants_wake_nobody"),
]


def run(contract: Taking | Waking, test: str, arguments: tuple[object, ...] = ()) -> None:
    getattr(contract, test)(contract.make_storage("default", lambda: NOON), *arguments)


@pytest.mark.parametrize(("fault", "test", "arguments"), TAKING, ids=lambda one: getattr(one, "__name__", ""))
def test_a_fault_of_taking_is_caught(fault: type, test: str, arguments: tuple[object, ...]) -> None:
    run(Taking(TakingUnit), test, arguments)  # the double by itself breaks nothing
    with pytest.raises((AssertionError, StorageError)):
        run(Taking(fault), test, arguments)


@pytest.mark.parametrize(("fault", "test"), WAKING, ids=lambda one: getattr(one, "__name__", ""))
def test_a_fault_of_waking_is_caught(fault: type[WakingStorage], test: str) -> None:
    run(Waking(WakingStorage), test)
    with pytest.raises(AssertionError):
        run(Waking(fault), test)
