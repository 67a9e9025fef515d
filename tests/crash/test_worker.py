"""Invariants 1, 2, 3, 5 and 9: one worker that dies at every operation, and is started again."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from random import Random

import attrs
import pytest

from nurture import (
    Basis,
    ContactPolicy,
    Effect,
    Lifecycle,
    Message,
    Nurture,
    Program,
    Scenario,
    Segment,
    Stage,
    Standing,
    Transition,
    days,
    hours,
    q,
)
from nurture.errors import StorageError
from nurture.model import EffectState, LeadId, Repeat
from nurture.simulation import VirtualClock
from nurture.steps import act, change_stage, send, tag, wait, wait_for
from tests.crash.fuses import Crash, Fuse, FusedSender, FusedStorage, World
from tests.stores import SITE, T0, MakeStore, store_maker

OFTEN = Repeat.AT_LEAST_ONCE
PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello"), Message("tips", "transactional", "Tips", "Tips")],
    actions=["task"],
    lifecycle=Lifecycle([Stage("new"), Stage("mql")], [Transition("new", "mql")]),
    segments=[Segment("seen", q.touches("page.viewed"))],
    scenarios=[
        Scenario(
            "welcome",
            q.touches("form.submitted"),
            [send("hello"), tag("greeted"), wait(hours(1)), send("tips", repeat=OFTEN), change_stage("mql")],
        ),
        Scenario(
            "visit", q.segment("seen"), [act("task"), wait_for(q.touches("email.clicked"), days(1)), send("tips")]
        ),
    ],
    policy=ContactPolicy(max_attempts=1000, max_lateness=days(3000)),
)
LEADS = 3
FINAL = set(EffectState) - {EffectState.PLANNED, EffectState.CLAIMED}


@attrs.define
class Trial:
    """One worker on one store, started again whenever it dies."""

    make: MakeStore
    world: World
    fuse: Fuse
    clock: VirtualClock = attrs.field(factory=lambda: VirtualClock(T0))
    store: object = None
    crm: Nurture | None = None
    leads: tuple[LeadId, ...] = ()

    def start(self) -> Nurture:
        """A fresh process on the same store."""
        if self.store is None or self.fuse.blown:
            self.store = self.make(self.clock) if self.store is None else self.store
        sender = FusedSender(self.world, self.fuse)
        self.crm = Nurture(
            PROGRAM,
            FusedStorage(self.store, self.fuse),
            senders={"email": sender},
            site=SITE,
            actions={"task": sender.act},
        )
        return self.crm

    def arrive(self) -> None:
        """People arrive while nothing fails."""
        points, self.fuse.points = self.fuse.points, set()
        crm = self.start()
        found = []
        for number in range(LEADS):
            lead = crm.capture(email=f"a{number}@example.com", consent=Basis.CONSENT).id
            crm.record(lead, "form.submitted", key="1")
            crm.record(lead, "page.viewed", key="2")
            found.append(lead)
        self.leads, self.fuse.points, self.fuse.count = tuple(found), points, 0

    def work(self) -> None:
        """Tick from due instant to due instant until all is quiet, whatever happens."""
        crm = self.start()
        self.clock.move_to(T0 + timedelta(seconds=1))
        for _ in range(3_000):
            try:
                crm.tick()
                with crm.storage.view() as view:
                    due = view.next_due_at()
            except StorageError:
                continue
            except Crash:
                crm = self.start()
                check_consistent(self)
                continue
            if due is None:
                return
            self.clock.move_to(due + timedelta(microseconds=1))
        raise AssertionError("never quiet")

    def effects(self) -> dict[str, Effect]:
        """Every effect of every lead."""
        assert self.crm is not None
        self.fuse.points = set()
        return {one.id: one for lead in self.leads for one in self.crm.effects(lead)}


def check_consistent(trial: Trial) -> None:
    """Invariant 5: of each decision, standing, facts, effects and records are all there or none."""
    with trial.store.view() as view:  # type: ignore[attr-defined]
        for lead in trial.leads:
            standing = view.get(Standing, [lead]).get(lead)
            facts = view.history(lead)
            effects = {(one.enrollment, one.step) for one in view.effects_of(lead)}
            runs = standing.enrollments if standing else ()
            assert {run.id for run in runs} == {
                fact.properties["enrollment"] for fact in facts if fact.kind == "enrollment.started"
            }
            asked = {(run.id, visit.step) for run in runs for visit in run.path if visit.step in SENDS[run.scenario]}
            assert asked == effects
            stages = [fact.properties["to"] for fact in facts if fact.kind == "stage.changed"]
            assert (stages[0] if stages else None) == (standing.stage if standing else None)
            entered = [fact for fact in facts if fact.kind == "segment.entered"]
            assert len(entered) == (len(standing.memberships) if standing else 0)
            assert bool(view.decisions_of(lead)) == (standing is not None)


SENDS = {"welcome": {"0", "3"}, "visit": {"0", "2"}}


def check_quiet(trial: Trial, expected: Iterable[str]) -> None:
    """Invariants 1, 2 and 3, once all is quiet."""
    effects = trial.effects()
    crashes = len(trial.fuse.blown)
    check_consistent(trial)
    assert set(effects) == set(expected)  # none vanished, none was made twice under another key
    for key, effect in effects.items():
        times = trial.world.carried_out[key]
        assert effect.state in FINAL
        assert effect.due_at is None
        if trial.world.window and effect.channel:
            assert times == 1
            assert effect.state is EffectState.ACCEPTED
        elif effect.repeat is Repeat.AT_MOST_ONCE:
            assert times <= 1
            assert effect.state is (EffectState.ACCEPTED if not crashes else effect.state)
            assert times == 1 or effect.state is EffectState.UNKNOWN
        else:
            assert 1 <= times <= 1 + crashes
        assert len(trial.world.message_ids.get(key, {""})) == 1
    assert all(run.state == "completed" for lead in trial.leads for run in trial.crm.standing(lead).enrollments)  # type: ignore[union-attr]


def run(make: MakeStore, fuse: Fuse, *, deduplicates: bool) -> Trial:
    trial = Trial(make, World(deduplicates=deduplicates), fuse)
    trial.arrive()
    trial.work()
    return trial


def untroubled(make: MakeStore) -> tuple[set[str], int]:
    """The effects of a run in which nothing fails, and how many operations it takes."""
    trial = run(make, Fuse(), deduplicates=True)
    operations = trial.fuse.count
    return set(trial.effects()), operations


@pytest.mark.parametrize("deduplicates", [True, False])
@pytest.mark.parametrize("lost", [False, True])
def test_i1_a_worker_may_die_once_at_any_operation(deduplicates: bool, lost: bool, tmp_path: Path) -> None:
    make = store_maker("memory", tmp_path)
    expected, operations = untroubled(make)
    assert operations > 100
    for point in range(1, operations + 1):
        fuse = Fuse([point], lost=lost)
        check_quiet(run(make, fuse, deduplicates=deduplicates), expected)
        assert len(fuse.blown) == 1


@pytest.mark.parametrize("deduplicates", [True, False])
def test_i1_a_worker_on_sqlite_may_die_once_at_any_operation(deduplicates: bool, tmp_path: Path) -> None:
    folders = (tmp_path / str(number) for number in itertools.count())

    def make(clock: VirtualClock) -> object:
        folder = next(folders)
        folder.mkdir()
        return store_maker("sqlite", folder)(clock)

    expected, operations = untroubled(make)  # type: ignore[arg-type]
    for point in range(1 + int(deduplicates), operations + 1, 6):
        trial = run(make, Fuse([point]), deduplicates=deduplicates)  # type: ignore[arg-type]
        check_quiet(trial, expected)
        trial.store.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("deduplicates", [True, False])
def test_i1_a_worker_may_die_again_and_again(deduplicates: bool, tmp_path: Path) -> None:
    make = store_maker("memory", tmp_path)
    expected, _ = untroubled(make)
    blown, seed = 0, 0
    while blown < 4_500:
        dice, seed = Random(seed), seed + 1
        points = itertools.islice(itertools.accumulate(dice.randint(1, 14) for _ in itertools.count()), 100)
        fuse = Fuse(list(points))
        check_quiet(run(make, fuse, deduplicates=deduplicates), expected)
        blown += len(fuse.blown)
    assert blown >= 4_500, f"the last seed was {seed - 1}"
