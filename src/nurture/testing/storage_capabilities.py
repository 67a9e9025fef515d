"""What stores do beyond the core profile: a class of tests for each `nurture.ports.Capability`.

An adapter's author subclasses the classes of the capabilities that the store declares, and says how a store
is made, as for `StorageContract`. May import the ports and pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import TYPE_CHECKING, cast

import pytest

from nurture.model import EffectState, Standing, SubjectId
from nurture.ports import Capability
from nurture.testing.storage_groups import (
    ANN,
    BEN,
    DAY,
    NOON,
    Clock,
    effect,
    fact,
    lead,
    row,
    save,
    standing,
    write,
)

if TYPE_CHECKING:
    from concurrent.futures import Future

    from nurture.ports import Storage, TakingUnit, Waking

_LONG = 60.0
"""Seconds after which a test gives up on what should be at hand."""
_SUBJECTS = [SubjectId(f"lead_{number}") for number in range(6)]
NOW = NOON + DAY


class _Capable:
    """Every test gets a fresh store whose clock stands still at noon."""

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        """A handle on the store under test; within one test every call reaches the same store."""
        raise NotImplementedError("define make_storage(tenant, clock), which returns a handle on the store under test")

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """A handle on an empty store."""
        made = self.make_storage("default", lambda: NOON)
        yield made
        made.close()


class TakingContract(_Capable):
    """`Capability.SKIP_LOCKED`: workers side by side take different work."""

    def test_k_the_capability_is_declared(self, storage: Storage) -> None:
        """Else nobody would use it."""
        assert Capability.SKIP_LOCKED in storage.capabilities

    @pytest.mark.parametrize("known", [True, False], ids=["by standing", "by row"])
    def test_k1_takers_take_different_subjects(self, storage: Storage, known: bool) -> None:
        """K1: earliest first, at most so many; what one has, the next leaves out without waiting."""
        for number, subject in enumerate(_SUBJECTS):
            at = NOON - (6 - number) * DAY
            waiting = (
                [standing(subject, due_at=at)] if known else [fact(subject, subject), row(subject, subject, due_at=at)]
            )
            save(storage, lead(subject), *waiting, subject=subject)
        with _taking(storage) as first:
            assert first.take_due(NOW, 2) == tuple(_SUBJECTS[:2])
            with _elsewhere(storage) as (second, third):
                assert second.take_due(NOW, 3) == tuple(_SUBJECTS[2:5])
                assert third.take_due(NOW, 9) == (_SUBJECTS[5],)
                assert third.due(NOW, 9) == tuple(_SUBJECTS)
                assert third.take_due(NOON - 6 * DAY, 9) == ()

    def test_k1_a_subject_is_taken_whole(self, storage: Storage) -> None:
        """K1: by whatever it is due, a standing or one of many rows."""
        rows = [one for name in "123" for one in (fact(name), row(name))]
        save(storage, lead(), standing(due_at=NOON), *rows)
        save(storage, lead(BEN), *[one for name in "45" for one in (fact(name, BEN), row(name, BEN))], subject=BEN)
        with _taking(storage) as first:
            assert first.take_due(NOW, 9) == (ANN, BEN)
            with _elsewhere(storage) as (second, _):
                assert second.take_due(NOW, 9) == ()

    def test_k1_what_was_taken_is_free_when_the_unit_ends(self, storage: Storage) -> None:
        """K1: decided or not; and a unit may decide what it took."""
        save(storage, lead(), standing(due_at=NOON))
        save(storage, lead(BEN), standing(BEN, due_at=NOON), subject=BEN)
        with _taking(storage) as first:
            assert first.take_due(NOW, 9) == (ANN, BEN)
            assert write(first, ANN, standing(version=2))
        with _taking(storage) as second:
            assert second.take_due(NOW, 9) == (BEN,)

    def test_k1_taking_shows_a_snapshot_taken_later(self, storage: Storage) -> None:
        """K1: a worker takes, then reads in a view, then writes in the unit that took."""
        save(storage, lead(), standing(due_at=NOON), fact("1"), row("1"))
        with _taking(storage) as unit:
            assert unit.take_due(NOW, 9) == (ANN,)
            with storage.view() as view:
                assert view.get(Standing, [ANN])[ANN].version == 1
            assert write(unit, ANN, standing(version=2), folded=["1"])
        with storage.view() as view:
            assert view.due(NOW, 9) == ()

    @pytest.mark.parametrize("known", [True, False], ids=["with standing", "without"])
    def test_k2_takers_take_different_effects(self, storage: Storage, known: bool) -> None:
        """K2: an effect is taken with its subject, also from who asks for due subjects."""
        for number, subject in enumerate(_SUBJECTS[:3]):
            own = [effect(f"{kind}{number}", subject, due_at=NOON + number * DAY) for kind in "ab"]
            save(storage, lead(subject), *own, *([standing(subject, due_at=NOON)] if known else []), subject=subject)
        with _taking(storage) as first:
            assert [one.id for one in first.take_claimable(NOW + 9 * DAY, 2)] == ["a0", "b0"]
            with _elsewhere(storage) as (second, third):
                assert [one.id for one in second.take_claimable(NOW + 9 * DAY, 1)] == ["a1"]
                assert [one.id for one in third.take_claimable(NOW + 9 * DAY, 9)] == ["a2", "b2"]
                assert len(third.claimable(NOW + 9 * DAY, 9)) == 6
                assert second.take_due(NOW, 9) == ((_SUBJECTS[1],) if known else ())

    def test_k3_taking_hinders_no_recorder(self, storage: Storage) -> None:
        """K3: a fact about a taken subject goes in meanwhile, and a change of its lead, and a receipt."""
        save(storage, lead(), standing(due_at=NOON), effect("e", state=EffectState.CLAIMED))
        with _taking(storage) as unit:
            assert unit.take_due(NOW, 9) == (ANN,)
            with ThreadPoolExecutor(1) as pool:
                settled = effect("e", version=2, state=EffectState.ACCEPTED, due_at=None)
                records = (fact("1"), row("1"), lead(version=2), settled)
                recording = pool.submit(save, storage, *records)
                assert recording.result(timeout=_LONG)
            assert not write(unit, ANN, standing(version=2), folded=["2"])
            assert write(unit, ANN, standing(version=2), folded=["1"])


class WakingContract(_Capable):
    """`Capability.NOTIFY`: whoever waits is woken by what others commit."""

    def test_n_the_capability_is_declared(self, storage: Storage) -> None:
        """Else nobody would use it."""
        assert Capability.NOTIFY in storage.capabilities

    def test_n1_waiting_ends_when_the_time_is_up(self, storage: Storage) -> None:
        """N1: nothing came."""
        assert not _waking(storage).wait(0.01)

    def test_n1_another_handles_commit_wakes(self, storage: Storage) -> None:
        """N1: whether it comes before or after the waiting has begun; twice in a row."""
        other = self.make_storage("default", lambda: NOON)
        with ThreadPoolExecutor(1) as pool:
            for number in "12":
                waiting = pool.submit(_waking(storage).wait, _LONG)
                assert save(other, fact(number), row(number, due_at=NOON - DAY))
                assert waiting.result(timeout=2 * _LONG)
                assert save(other, standing(version=int(number)), folded=[number])

    def test_n1_every_sleeper_is_woken(self, storage: Storage) -> None:
        """N1: several workers wait at a time."""
        handles = [storage, *[self.make_storage("default", lambda: NOON) for _ in range(3)]]
        with ThreadPoolExecutor(len(handles)) as pool:
            waiting = [pool.submit(_waking(one).wait, _LONG) for one in handles]
            assert save(storage, lead(), standing(due_at=NOON - DAY))
            assert all(one.result(timeout=2 * _LONG) for one in waiting)

    def test_n1_a_commit_is_never_slept_through(self, storage: Storage) -> None:
        """N1: also one that was under way when the waiting began."""
        other = self.make_storage("default", lambda: NOON)
        with ThreadPoolExecutor(1) as pool:
            for number in range(1, 9):
                with other.begin() as unit:
                    assert write(unit, ANN, fact(f"{number}"), row(f"{number}", due_at=NOON - DAY))
                    waiting: Future[bool] = pool.submit(_waking(storage).wait, _LONG)
                    Event().wait(0.01 * (number % 3))
                assert waiting.result(timeout=2 * _LONG)
                assert save(other, standing(version=number), folded=[f"{number}"])

    def test_n1_other_tenants_wake_nobody(self, storage: Storage) -> None:
        """N1, S2: work of another tenant is not ours."""
        assert save(self.make_storage("other", lambda: NOON), fact("1"), row("1", due_at=NOON - DAY))
        assert not _waking(storage).wait(0.01)


@contextmanager
def _taking(storage: Storage) -> Generator[TakingUnit, None, None]:
    with storage.begin() as unit:
        yield cast("TakingUnit", unit)


@contextmanager
def _elsewhere(storage: Storage) -> Generator[tuple[TakingUnit, TakingUnit], None, None]:
    """Two more units, each in a thread of its own."""
    with ExitStack() as stack:
        found = [stack.enter_context(_in_thread(storage)) for _ in range(2)]
        yield found[0], found[1]


class _Remote:
    """A unit in another thread: every call of a method is made there."""

    def __init__(self, unit: TakingUnit, pool: ThreadPoolExecutor) -> None:
        self._unit = unit
        self._pool = pool

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = cast("Callable[..., object]", getattr(self._unit, name))

        def call(*given: object) -> object:
            return self._pool.submit(method, *given).result(timeout=_LONG)

        return call


@contextmanager
def _in_thread(storage: Storage) -> Generator[TakingUnit, None, None]:
    with ThreadPoolExecutor(1) as pool:
        block = _taking(storage)
        unit = pool.submit(block.__enter__).result(timeout=_LONG)
        try:
            yield cast("TakingUnit", _Remote(unit, pool))
        finally:
            pool.submit(block.__exit__, None, None, None).result(timeout=_LONG)


def _waking(storage: Storage) -> Waking:
    return cast("Waking", storage)
