"""Invariants 1 to 4 for what is asked for without a run: broadcasts and relays, with a worker that dies anywhere.

Whoever gives the broadcast and whoever carries it out may die at every operation. Afterwards everybody got the message
once, or it is known that nobody knows; nobody who was meant is left out, and nobody else got it.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import attrs
import pytest

from nurture import Attribute, Basis, Broadcast, ContactPolicy, Message, Nurture, Program, Scenario, days, hours, q
from nurture.errors import StorageError
from nurture.model import Effect, EffectId, EffectState, Fact, LeadId
from nurture.ports import Storage
from nurture.runtime import BroadcastState, audiences, relaying, selecting
from nurture.simulation import VirtualClock
from nurture.steps import enroll, send, send_to_people, tell
from tests.crash.fuses import Crash, Fuse, FusedSender, FusedStorage, World
from tests.crash.places import PLACES, url_of
from tests.stores import SITE, T0, MakeStore, store_maker

NOON = T0 + hours(12)
LEADS = 3  # one more than a chunk
PROGRAM = Program(
    messages=[Message("news", "marketing", "News", "News"), Message("tips", "transactional", "Tips", "Tips")],
    attributes=[Attribute("role")],
    scenarios=[
        Scenario("drip", None, [send("tips"), tell("lead.dripped", to="account")]),
        Scenario(
            "buying",
            q.touches("deal.opened"),
            [send_to_people("tips", q.lead.role == "IT"), enroll("drip", people=q.everyone)],
            subject="account",
        ),
    ],
    policy=ContactPolicy(max_attempts=1000, max_lateness=days(3000)),
)
GIVEN = {
    "live": Broadcast("live", "news", q.lead.role == "IT", NOON),
    "frozen": Broadcast("frozen", "news", q.lead.role == "IT", NOON, frozen=True),
}
FINAL = {EffectState.ACCEPTED, EffectState.UNKNOWN}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and pages of two people."""
    monkeypatch.setattr(audiences, "AT_ONCE", 2)
    monkeypatch.setattr(selecting, "PAGE", 2)
    monkeypatch.setattr(relaying, "PAGE", 2)


@attrs.define
class Trial:
    """One host and worker on one store, started again whenever it dies."""

    make: MakeStore
    world: World
    fuse: Fuse
    clock: VirtualClock = attrs.field(factory=lambda: VirtualClock(T0))
    store: Storage | None = None
    leads: tuple[LeadId, ...] = ()
    others: tuple[LeadId, ...] = ()

    def start(self) -> Nurture:
        """A fresh process on the same store."""
        if self.store is None:
            self.store = self.make(self.clock)
        sender = FusedSender(self.world, self.fuse)
        return Nurture(PROGRAM, FusedStorage(self.store, self.fuse), senders={"email": sender}, site=SITE)

    def arrive(self) -> None:
        """People arrive while nothing fails."""
        points, self.fuse.points = self.fuse.points, set()
        crm = self.start()
        firm = crm.capture_account(name="Mihon", key="m").id
        found = [
            crm.capture(
                email=f"a{number}@example.com", account=firm, attributes={"role": role}, consent=Basis.CONSENT
            ).id
            for number, role in enumerate(["IT"] * LEADS + ["HR"])
        ]
        crm.record(firm, "deal.opened", key="1")
        self.leads, self.others = tuple(found[:LEADS]), tuple(found[LEADS:])
        self.fuse.points, self.fuse.count = points, 0

    def insist(self, do: Callable[[Nurture], object]) -> None:
        """Do something until it is done, whatever happens."""
        crm = self.start()
        for _ in range(3_000):
            try:
                do(crm)
            except StorageError:
                continue
            except Crash:
                crm = self.start()
                continue
            return
        raise AssertionError("never done")

    def give(self) -> None:
        for broadcast in GIVEN.values():
            self.insist(lambda crm, one=broadcast: crm.broadcast(one))  # type: ignore[misc]

    def work(self) -> None:
        """Tick from due instant to due instant until all is quiet."""
        self.clock.move_to(T0 + timedelta(seconds=1))
        quiet = False
        while not quiet:

            def tick(crm: Nurture) -> None:
                nonlocal quiet
                crm.tick()
                with crm.storage.view() as view:
                    due = view.next_due_at()
                quiet = due is None
                if due is not None:
                    self.clock.move_to(due + timedelta(microseconds=1))

            self.insist(tick)

    def effects(self) -> dict[str, Effect]:
        """Every message of every lead."""
        self.fuse.points = set()
        crm = self.start()
        return {one.id: one for lead in (*self.leads, *self.others) for one in crm.effects(lead)}


def run(make: MakeStore, fuse: Fuse, *, deduplicates: bool) -> Trial:
    trial = Trial(make, World(deduplicates=deduplicates), fuse)
    trial.arrive()
    trial.give()
    trial.work()
    return trial


def check(trial: Trial, expected: set[str]) -> None:
    effects = trial.effects()
    assert set(effects) == expected  # nobody was left out, and nobody was asked for twice under another key
    crm = trial.start()
    for key, effect in effects.items():
        if not effect.is_message:
            assert effect.state is EffectState.ACCEPTED
            continue
        times = trial.world.carried_out[key]
        assert effect.state in FINAL
        assert len(trial.world.message_ids.get(key, {""})) == 1
        assert times == 1 if trial.world.window else times <= 1
        assert times == 1 or effect.state is EffectState.UNKNOWN
    for lead in trial.leads:
        kinds = Counter(
            str(fact.properties.get("scenario")) for fact in crm.timeline(lead) if fact.kind == Fact.MESSAGE_REQUESTED
        )
        assert kinds == {"live": 1, "frozen": 1, "buying": 1}
    for one in crm.broadcasts():
        counts = crm.broadcast_status(one.id).counts
        assert counts is not None
        assert (one.state, one.asked, counts.total) == (BroadcastState.DONE, LEADS, LEADS)
        assert counts.accepted + counts.unknown == LEADS


def untroubled(make: MakeStore) -> tuple[set[str], int]:
    """The effects of a run in which nothing fails, and how many operations it takes."""
    trial = run(make, Fuse(), deduplicates=True)
    operations = trial.fuse.count
    effects = trial.effects()
    check(trial, set(effects))
    return set(effects), operations


EVERY = pytest.param(1, id="every", marks=pytest.mark.stress)


@pytest.mark.parametrize("step", [pytest.param(4, id="quick"), EVERY])
@pytest.mark.parametrize("deduplicates", [True, False])
@pytest.mark.parametrize("lost", [False, True])
def test_i1_a_worker_may_die_once_at_any_operation(step: int, deduplicates: bool, lost: bool, tmp_path: Path) -> None:
    make = store_maker("memory", tmp_path)
    expected, operations = untroubled(make)
    assert operations > 100
    first = 1 + 2 * int(lost) + int(deduplicates)  # together the quick sizes come by every operation
    for point in range(min(first, step), operations + 1, step):
        fuse = Fuse([point], lost=lost)
        check(run(make, fuse, deduplicates=deduplicates), expected)
        assert len(fuse.blown) == 1


@pytest.mark.parametrize("step", [pytest.param(30, id="quick"), EVERY])
def test_i1_a_worker_on_sqlite_may_die_once_at_any_operation(step: int, tmp_path: Path) -> None:
    folders = (tmp_path / str(number) for number in itertools.count())

    def make(clock: VirtualClock) -> Storage:
        folder = next(folders)
        folder.mkdir()
        return store_maker("sqlite", folder)(clock)

    expected, operations = untroubled(make)
    for point in range(1, operations + 1, step):
        trial = run(make, Fuse([point]), deduplicates=True)
        check(trial, expected)
        assert trial.store is not None
        trial.store.close()


@pytest.mark.parametrize(
    "crashes", [pytest.param(300, id="quick"), pytest.param(20_000, id="long", marks=pytest.mark.stress)]
)
def test_i1_a_worker_may_die_again_and_again(crashes: int, tmp_path: Path) -> None:
    make = store_maker("memory", tmp_path)
    expected, _ = untroubled(make)
    blown = 0
    for seed in itertools.count():
        dice = Random(seed)
        points = itertools.islice(itertools.accumulate(dice.randint(1, 40) for _ in itertools.count()), 60)
        fuse = Fuse(list(points), lost=bool(seed % 2))
        check(run(make, fuse, deduplicates=True), expected)
        blown += len(fuse.blown)
        if blown >= crashes:
            return


@pytest.mark.parametrize("kind", PLACES)
def test_workers_side_by_side_begin_the_same_broadcast_once(kind: str, tmp_path: Path) -> None:
    """Two real threads, each with a store handle of its own, tick the same broadcast at the same time."""
    from nurture.storage import SqlStorage

    url, world = url_of(kind, tmp_path), World(deduplicates=True)

    def open_() -> Nurture:
        sender = FusedSender(world, Fuse())
        return Nurture(PROGRAM, SqlStorage(url), senders={"email": sender}, site=SITE)

    first = open_()
    leads = [
        first.capture(email=f"a{number}@example.com", attributes={"role": "IT"}, consent=Basis.CONSENT).id
        for number in range(12)
    ]
    ids: list[EffectId] = []
    barrier = threading.Barrier(3)

    def work() -> None:
        crm = open_()
        barrier.wait(20)
        ids.append(crm.broadcast(Broadcast("now", "news", q.lead.role == "IT")))
        crm.run(once=True)
        crm.close()

    workers = [threading.Thread(target=work, daemon=True) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive(), "stuck"
    first.run(once=True)
    status = first.broadcast_status(ids[0])
    assert len(set(ids)) == 1
    assert status.counts is not None
    assert (status.state, status.asked, status.counts.accepted) == (BroadcastState.DONE, 12, 12)
    assert [[one.kind for one in first.timeline(lead)].count(Fact.EMAIL_SENT) for lead in leads] == [1] * 12
    assert set(world.carried_out.values()) == {1}
    first.close()
