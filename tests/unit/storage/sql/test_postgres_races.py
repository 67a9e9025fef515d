"""Units side by side on PostgreSQL: what waits, what conflicts, and that nothing is lost between them."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import attrs
import pytest

from nurture.errors import ConflictError
from nurture.model import Alias, Allowance, Changes, Effect, EffectState, Lead, LeadId, Standing, SubjectId, Touchpoint
from nurture.ports import Unit
from nurture.predicates import Reach
from nurture.storage import SqlStorage
from nurture.storage.sql import postgres_unit
from nurture.testing.storage_groups import ANN, BEN, DAY, NOON, effect, fact, lead, row, save, standing, write
from tests import postgres

TICK = timedelta(microseconds=1)
LONG = 60


@pytest.fixture
def storage() -> Iterator[SqlStorage]:
    made = SqlStorage(postgres.clean_url())
    yield made
    made.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def decide(unit: Unit, subject: SubjectId, version: int = 1, *folded: str, until: timedelta = 2 * DAY) -> bool:
    at = NOON + until
    changes = Changes(records=(standing(subject, version, advanced_to=at),), folded=folded, quiet_until=at)
    return subject not in unit.put({subject: changes})


def is_done(future: "Future[object]") -> bool:
    """Whether it ends by itself within a moment; something that waits does not."""
    try:
        future.result(timeout=0.3)
    except TimeoutError:
        return False
    return True


@contextmanager
def meanwhile(pool: ThreadPoolExecutor, storage: SqlStorage, act: Callable[[Unit], object]) -> Iterator[None]:
    """Somebody has acted and has not committed yet."""
    unit = storage.begin()

    def start() -> None:
        act(unit.__enter__())

    pool_of_one = ThreadPoolExecutor(1)
    pool_of_one.submit(start).result(timeout=LONG)
    try:
        yield
    finally:
        pool_of_one.submit(unit.__exit__, None, None, None).result(timeout=LONG)
        pool_of_one.shutdown()


@pytest.mark.parametrize("known", [True, False], ids=["with a lead", "without"])
def test_a_recorder_that_has_not_committed_holds_no_decider_up(
    storage: SqlStorage, pool: ThreadPoolExecutor, known: bool
) -> None:
    for one in (ANN, BEN):
        save(storage, *([lead(one)] if known else []), fact(f"0{one}", one), row(f"0{one}", one), subject=one)
    with meanwhile(pool, storage, lambda unit: write(unit, ANN, fact("1"), row("1"))), storage.begin() as unit:
        assert not decide(unit, ANN, 1, f"0{ANN}")
        assert decide(unit, BEN, 1, f"0{BEN}")
    with storage.begin() as unit:
        assert not decide(unit, ANN, 1, f"0{ANN}")  # the new fact came before this moment
        assert decide(unit, ANN, 1, f"0{ANN}", "1")


@pytest.mark.parametrize("known", [True, False], ids=["with a lead", "without"])
def test_a_recorder_waits_for_a_decider_and_is_then_too_late(
    storage: SqlStorage, pool: ThreadPoolExecutor, known: bool
) -> None:
    save(storage, *([lead()] if known else []), fact("0"), row("0"))
    with meanwhile(pool, storage, lambda unit: decide(unit, ANN, 1, "0")):
        recording = pool.submit(save, storage, fact("1"), row("1"))
        assert not is_done(recording)
    assert recording.result(timeout=LONG) is False
    assert save(storage, fact("1"), row("1", due_at=NOON + 2 * DAY + TICK))


def test_two_deciders_never_wait_for_each_other(storage: SqlStorage, pool: ThreadPoolExecutor) -> None:
    save(storage, lead(), standing())
    with meanwhile(pool, storage, lambda unit: decide(unit, ANN, 2)), storage.begin() as unit:
        assert not decide(unit, ANN, 2)
    with storage.begin() as unit:
        assert not decide(unit, ANN, 2)
        assert decide(unit, ANN, 3)


def test_a_decider_does_not_wait_for_a_taker(storage: SqlStorage, pool: ThreadPoolExecutor) -> None:
    save(storage, lead(), standing(due_at=NOON))

    def take(unit: Unit) -> None:
        assert isinstance(unit, postgres_unit.PostgresUnit)
        assert unit.take_due(NOON + DAY, 9) == (ANN,)

    with meanwhile(pool, storage, take), storage.begin() as unit:
        assert not decide(unit, ANN, 2)


def test_who_was_seen_to_exist_and_was_erased_meanwhile_is_not_written(
    storage: SqlStorage, pool: ThreadPoolExecutor
) -> None:
    save(storage, lead())
    with storage.begin() as unit:
        assert unit.existing([ANN, BEN]) == {ANN}
        pool.submit(erase, storage, ANN).result(timeout=LONG)
        assert not write(unit, ANN, fact("1"), row("1"))
        assert write(unit, BEN, fact("2", BEN), row("2", BEN))
    with storage.view() as view:
        assert (view.history(ANN), len(view.history(BEN))) == ((), 1)


def test_erasing_waits_for_a_recorder(storage: SqlStorage, pool: ThreadPoolExecutor) -> None:
    save(storage, lead())
    with meanwhile(pool, storage, lambda unit: write(unit, ANN, fact("1"), row("1"))):
        erasing = pool.submit(erase, storage, ANN)
        assert not is_done(erasing)
    erasing.result(timeout=LONG)
    with storage.view() as view:
        assert (view.history(ANN), view.existing([ANN])) == ((), frozenset())


def erase(storage: SqlStorage, subject: SubjectId) -> None:
    with storage.begin() as unit:
        unit.erase(subject)


def test_one_of_two_who_make_the_same_record_conflicts(storage: SqlStorage, pool: ThreadPoolExecutor) -> None:
    """And takes nothing of its group with it, while the others of its batch stand."""
    alias = Alias(id="a", subject=ANN)
    with meanwhile(pool, storage, lambda unit: write(unit, ANN, lead(), alias, fact("1"))):
        groups = {
            BEN: Changes(records=(lead(BEN), attrs.evolve(alias, subject=BEN), Alias(id="b", subject=BEN))),
            SubjectId("lead_c"): Changes(records=(Allowance(id="c"), lead(SubjectId("lead_c")))),
        }
        putting = pool.submit(put, storage, groups)
        assert not is_done(putting)
    assert putting.result(timeout=LONG) == {BEN}
    with storage.view() as view:
        assert view.existing([ANN, BEN, SubjectId("lead_c")]) == {ANN, "lead_c"}
        assert view.get(Alias, ["a", "b"]) == {"a": alias}
        assert view.get(Allowance, ["c"]).keys() == {"c"}


def put(storage: SqlStorage, groups: dict[SubjectId, Changes]) -> frozenset[SubjectId]:
    with storage.begin() as unit:
        return unit.put(groups)


def test_who_loses_every_time_is_told_so(
    storage: SqlStorage, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_unit, "_ATTEMPTS", 1)
    with meanwhile(pool, storage, lambda unit: write(unit, ANN, Alias(id="a", subject=ANN))):
        putting = pool.submit(save, storage, Alias(id="a", subject=BEN), subject=BEN)
        assert not is_done(putting)
    with pytest.raises(ConflictError, match="doing it again is safe"):
        putting.result(timeout=LONG)
    assert not save(storage, Alias(id="a", subject=BEN), subject=BEN)


def test_a_record_that_changes_owners_is_compared_all_the_same(storage: SqlStorage, pool: ThreadPoolExecutor) -> None:
    """A group may write records of other subjects; then they are locked one by one."""
    save(storage, lead(), lead(BEN), effect("e", BEN))
    settled = effect("e", BEN, version=2, state=EffectState.ACCEPTED, due_at=None)
    with meanwhile(pool, storage, lambda unit: write(unit, BEN, settled)):
        putting = pool.submit(save, storage, attrs.evolve(settled, reason="twice"))
        assert not is_done(putting)
    assert putting.result(timeout=LONG) is False
    with storage.view() as view:
        assert view.get(Effect, ["e"])["e"] == settled


CAPS = [f"cap_{letter}" for letter in "abcde"]
CROWD = [SubjectId(f"lead_{number:02}") for number in range(24)]


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_loses_nothing_and_locks_nobody_out(storage: SqlStorage, pool: ThreadPoolExecutor, seed: int) -> None:
    """Recorders, deciders, takers and claimers on the same few subjects and caps: no deadlock, no count lost."""
    save(storage, *[Allowance(id=cap) for cap in CAPS])
    for one in CROWD[::2]:
        save(storage, lead(one), subject=one)
    workers = [pool.submit(work, storage, random.Random(f"{seed}-{number}"), number) for number in range(8)]
    done = [one.result(timeout=4 * LONG) for one in workers]
    with storage.view() as view:
        caps = view.get(Allowance, CAPS)
        standings = view.get(Standing, CROWD)
        facts = view.page(Touchpoint, "", 10_000)
    assert {cap: caps[cap].version - 1 for cap in CAPS} == {cap: sum(one.caps[cap] for one in done) for cap in CAPS}
    assert sum(one.version for one in standings.values()) == sum(one.decided for one in done)
    assert {one.id for one in facts} == {name for one in done for name in one.recorded}
    assert min(sum(one.decided for one in done), sum(len(one.recorded) for one in done)) > 20


@attrs.define
class Done:
    caps: dict[str, int] = attrs.field(factory=lambda: dict.fromkeys(CAPS, 0))
    decided: int = 0
    recorded: list[str] = attrs.field(factory=list)


def work(storage: SqlStorage, draw: random.Random, number: int) -> Done:
    """Twenty-five units of all sorts. A deadlock, or waiting for half a minute, would raise."""
    done = Done()
    for turn in range(25):
        with storage.begin() as unit:
            act = draw.choice([_record, _record, _decide, _claim])
            commit = act(unit, draw, f"{number}_{turn}")
        commit(done)
    return done


def _record(unit: Unit, draw: random.Random, name: str) -> Callable[[Done], None]:
    now = unit.now()
    groups = {
        one: Changes(records=(fact(f"{name}{one}", one), row(f"{name}{one}", one, due_at=now)))
        for one in draw.sample(CROWD, 6)
    }
    late = unit.put(groups)
    return lambda done: done.recorded.extend([f"{name}{one}" for one in groups if one not in late])


def _decide(unit: Unit, draw: random.Random, name: str) -> Callable[[Done], None]:
    assert isinstance(unit, postgres_unit.PostgresUnit)
    now = unit.now()
    chosen = unit.take_due(now, 6) if draw.random() < 0.7 else draw.sample(CROWD, 6)
    known, before = unit.about(dict.fromkeys(chosen), Reach.nothing()), unit.get(Standing, chosen)
    groups = {
        one: Changes(
            records=(standing(one, before[one].version + 1 if one in before else 1, advanced_to=now - TICK),),
            folded=tuple([pending.fact.id for pending in known[one].inbox if pending.due_at < now]),
            quiet_until=now - TICK,
        )
        for one in chosen
    }
    lost = unit.put(groups)
    return lambda done: setattr(done, "decided", done.decided + len(groups) - len(lost))


def _claim(unit: Unit, draw: random.Random, name: str) -> Callable[[Done], None]:
    caps = unit.get(Allowance, CAPS)
    pairs = list(zip(draw.sample(CROWD, 3), [draw.sample(CAPS, 2) for _ in range(3)], strict=True))
    groups = {
        one: Changes(
            records=tuple([attrs.evolve(caps[cap], version=caps[cap].version + 1) for cap in two]),
            quiet_until=NOON if draw.random() < 0.5 else None,
        )
        for one, two in pairs
    }
    lost = unit.put(groups)

    def count(done: Done) -> None:
        for one, two in pairs:
            for cap in two if one not in lost else ():
                done.caps[cap] += 1

    return count


def test_leads_are_found_by_who_captured_them_first(storage: SqlStorage, pool: ThreadPoolExecutor) -> None:
    """Two who capture the same lead at once: one writes it, the other conflicts, and finds it then."""
    made = [
        pool.submit(save, storage, Lead(id=LeadId(ANN), created_at=NOON, phone=f"{number}"), fact(f"{number}"))
        for number in range(8)
    ]
    assert sorted(one.result(timeout=LONG) for one in made) == [False] * 7 + [True]
    with storage.view() as view:
        assert len(view.history(ANN)) == 1
