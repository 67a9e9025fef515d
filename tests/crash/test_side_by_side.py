"""Others come in at the worst moment, one at a time: each test forces one interleaving that races seldom find.

The store calls the test at a seam, and the test lets another worker, an application's open transaction, an operator
or the server's end in just there.
"""

from __future__ import annotations

import logging
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from nurture import Basis, ContactPolicy, Enrolled, Message, Nurture, Program, Scenario, Segment, Withdrawn, days, q
from nurture.errors import ProgramMismatchError
from nurture.model import Effect, EffectState, LeadId, Repeat, Touchpoint
from nurture.ports import Accepted, Envelope, Receipt, Sender
from nurture.runtime import NewFact
from nurture.simulation import NullSender, VirtualClock
from nurture.steps import send, wait
from nurture.storage import SqlStorage
from tests import postgres
from tests.crash.seams import Aside, Seams, has_activation, has_fact, has_standing, until
from tests.stores import SITE, STORES, T0, House, store_maker

OFTEN = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[
        Scenario("welcome", q.touches("form.submitted"), [send("hello", repeat=Repeat.AT_LEAST_ONCE)]),
        Scenario("stay", q.touches("trial.started"), [wait(days(3))]),
    ],
    policy=ContactPolicy(max_lateness=days(30)),
)
OLD = Program(segments=[Segment("hot", q.touches("page.viewed"))])
NEW = Program(segments=[Segment("hot", q.touches("form.submitted"))])
SECOND = timedelta(seconds=1)


class Counting:
    """Takes every mail, recognises none again, and counts; after the first handful it lets the test in."""

    dedup_window = timedelta(0)

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.after_send: Callable[[], object] | None = None

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        self.sent.update([one.key for one in envelopes])
        call, self.after_send = self.after_send, None
        if call is not None:
            call()
        return tuple([Accepted() for _ in envelopes])

    def close(self) -> None:
        """Nothing is held."""


class Town:
    """Several runtimes on one database, each with a handle of its own, and one clock that the test moves.

    Args:
        url: The database.
        is_served: Whether the server's own clock counts instead: who is given a clock writes each unit's instant
            down, and then waits for an application's open transaction in which that was done.
    """

    def __init__(self, url: str, *, is_served: bool = False) -> None:
        self.url = url
        self.clock = VirtualClock(T0)
        self.is_served = is_served
        self.opened: list[Nurture] = []

    def open(self, program: Program = OFTEN, sender: Sender | None = None, **given: object) -> tuple[Nurture, Seams]:
        seams = Seams(SqlStorage(self.url, clock=None if self.is_served else self.clock))
        senders = {"email": sender or NullSender()}
        crm = Nurture(program, seams, senders=senders, site=SITE, **given)  # type: ignore[arg-type]
        self.opened.append(crm)
        return crm, seams

    def pass_by(self, time: timedelta) -> None:
        self.clock.move_to(self.clock.now + time)

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        return postgres.server().sql(statement, self.url.rpartition("/")[2])

    def is_waiting(self) -> bool:
        """Whether somebody waits for somebody's lock."""
        return bool(
            self.sql(
                "SELECT 1 FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
                " WHERE NOT granted AND datname = current_database()"
            )
        )


@pytest.fixture
def town() -> Iterator[Town]:
    """On PostgreSQL, where units run side by side."""
    made = Town(postgres.fresh_url())
    yield made
    for crm in made.opened:
        crm.close()


@pytest.fixture
def served() -> Iterator[Town]:
    """The same on the server's clock."""
    made = Town(postgres.fresh_url(), is_served=True)
    yield made
    for crm in made.opened:
        crm.close()


def arrive(crm: Nurture, count: int) -> list[LeadId]:
    """People with a mail planned for each."""
    leads = [crm.capture(email=f"a{number}@example.jp", consent=Basis.CONSENT).id for number in range(count)]
    for lead in leads:
        crm.record(lead, "form.submitted")
    while crm.decide().subjects:
        pass
    return leads


def the_effect(crm: Nurture, lead: LeadId) -> Effect:
    (effect,) = crm.effects(lead)
    return effect


# --- receipts ---------------------------------------------------------------------------------------------------------


def test_a_receipt_that_came_too_late_to_be_decided_in_order_is_written_again(town: Town) -> None:
    sender = Counting()
    (crm, seams), (other, _) = town.open(sender=sender), town.open(sender=sender)
    (lead,) = arrive(crm, 1)
    overtaken: list[int] = []

    def overtake() -> None:
        town.pass_by(SECOND)
        other.record(lead, "page.viewed")
        town.pass_by(SECOND)
        overtaken.append(other.decide().subjects)

    seams.wants, seams.before_put = has_fact("email.sent"), lambda: Aside(overtake).answer()
    assert crm.deliver().accepted == 1
    assert overtaken == [1]
    assert the_effect(crm, lead).state is EffectState.ACCEPTED
    town.pass_by(crm._host.lease + SECOND)
    crm.tick()
    other.tick()
    assert sender.sent == {the_effect(crm, lead).id: 1}


def test_an_open_transaction_of_the_hosts_holds_up_the_receipt_of_its_own_subject_alone(served: Town) -> None:
    sender = Counting()
    (crm, _), (other, _) = served.open(sender=sender), served.open(sender=sender)
    crm._host.lease, crm._host.slice = timedelta(seconds=1.5), 100
    first, *others = arrive(crm, 6)
    engine = create_engine(served.url)
    try:
        with engine.begin() as connection:
            sender.after_send = lambda: crm.using(connection).record(first, "page.viewed")
            delivering = Aside(crm.deliver)
            until("the others' receipts", lambda: all(not the_effect(crm, one).is_open for one in others))
            assert delivering.is_alive  # it has one receipt left, and patience
            runs_out = the_effect(crm, first).due_at
            assert runs_out is not None
            until("the lease ran out", lambda: crm.storage.now() > runs_out)
            other.tick()
            assert the_effect(crm, first).state is EffectState.CLAIMED
        assert delivering.answer().accepted == 6
    finally:
        engine.dispose()
    other.tick()
    assert {the_effect(crm, one).state for one in (first, *others)} == {EffectState.ACCEPTED}
    assert sender.sent == {the_effect(crm, one).id: 1 for one in (first, *others)}


# --- activations ------------------------------------------------------------------------------------------------------


def test_an_activation_waits_for_who_decides(town: Town) -> None:
    (old, seams), (new, _) = town.open(OLD), town.open(NEW)
    old.tick()
    lead = old.capture(email="a@example.jp").id
    old.record(lead, "form.submitted")
    town.pass_by(SECOND)
    activating: list[Aside[int]] = []

    def activate() -> None:
        town.pass_by(SECOND)
        activating.append(Aside(new.activate))
        until("the activation waits, or is over", lambda: town.is_waiting() or not activating[0].is_alive)
        assert activating[0].is_alive

    seams.wants, seams.before_put = has_standing, activate
    assert old.decide().subjects == 1
    assert activating[0].answer() == 1
    standing = new.standing(lead)
    assert standing is not None
    assert standing.program == NEW.fingerprint
    new.tick()
    assert [one.subject for one in new.members("hot")] == [lead]


def test_who_decides_waits_for_an_activation(town: Town) -> None:
    (old, _), (new, seams) = town.open(OLD), town.open(NEW)
    old.tick()
    lead = old.capture(email="a@example.jp").id
    old.record(lead, "form.submitted")
    town.pass_by(SECOND)
    deciding: list[Aside[object]] = []

    def decide() -> None:
        deciding.append(Aside(old.decide))
        until("the decision waits, or is over", lambda: town.is_waiting() or not deciding[0].is_alive)
        assert deciding[0].is_alive

    seams.wants, seams.after_put = has_activation, decide
    new.activate()
    with pytest.raises(ProgramMismatchError):
        deciding[0].answer()
    town.pass_by(SECOND)
    new.tick()
    standing = new.standing(lead)
    assert standing is not None
    assert standing.program == NEW.fingerprint
    assert [one.subject for one in new.members("hot")] == [lead]


@pytest.mark.parametrize("kind", STORES)
def test_an_activation_beside_a_worker_of_the_same_object_leaves_nobody_behind(kind: str, tmp_path: Path) -> None:
    make, made = store_maker(kind, tmp_path), list[Seams]()

    def seamed(clock: VirtualClock) -> Seams:
        made.append(Seams(make(clock)))
        return made[0]

    house = House(OLD, seamed)
    crm, (seams,) = house.crm, made
    lead = crm.capture(email="a@example.jp").id
    crm.record(lead, "form.submitted")
    house.tick_at(T0 + SECOND)
    crm.record(lead, "link.clicked")
    house.clock.move_to(T0 + 2 * SECOND)
    is_active, is_decided = threading.Event(), threading.Event()
    activating: list[Aside[int]] = []

    def pause() -> None:
        is_active.set()
        assert is_decided.wait(20)

    def await_sweep() -> None:
        seams.before_view = pause  # the sweep's first: the activation is committed, and the object has the new program

    def activate() -> None:
        seams.wants, seams.after_put = has_activation, await_sweep
        activating.append(Aside(lambda: crm.activate(NEW)))
        assert is_active.wait(20)

    seams.after_load = activate  # the worker has read, and now decides by what it has read
    decided = crm.decide()
    is_decided.set()
    assert (decided.subjects, decided.conflicts) == (0, 1)
    assert activating[0].answer() == 1
    house.tick_at(T0 + 3 * SECOND)
    standing = crm.standing(lead)
    assert standing is not None
    assert standing.program == NEW.fingerprint
    assert [one.subject for one in crm.members("hot")] == [lead]
    house.storage.close()


# --- workers ----------------------------------------------------------------------------------------------------------


def test_a_worker_outlives_the_connection_it_sleeps_on(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    (crm, seams), (other, _) = town.open(), town.open()
    crm.tick()
    running = Aside(lambda: crm.run(poll=timedelta(milliseconds=50)))
    sleepers = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    try:
        until("it sleeps", lambda: seams.naps)
        with caplog.at_level(logging.ERROR, "nurture"):
            town.sql(f"SELECT pg_terminate_backend(pid) {sleepers}")
            until("it noticed, or ended", lambda: caplog.records or not running.is_alive)
        assert running.is_alive
        lead = other.capture(email="a@example.jp", consent=Basis.CONSENT).id
        other.record(lead, "form.submitted")
        town.pass_by(SECOND)
        until("it works again", lambda: crm.effects(lead) and not the_effect(crm, lead).is_open)
    finally:
        crm.stop()
    assert running.answer().delivered.accepted == 1


def test_a_subject_in_an_open_transaction_of_the_hosts_starves_nobody(served: Town) -> None:
    (crm, _), (worker, _) = served.open(), served.open()
    account = crm.capture_account(name="Acme").id
    crm.tick()
    crm.record(account, "contract.signed")
    leads = [crm.capture(email=f"b{number}@example.jp", consent=Basis.CONSENT).id for number in range(20)]
    for lead in leads:
        crm.record(lead, "form.submitted")
    engine = create_engine(served.url)
    try:
        with engine.begin() as connection:
            worker.using(connection).record(account, "page.viewed")
            for _ in range(5):
                worker.tick()  # accounts come first, and this one cannot be had
            with worker.storage.view() as view:
                assert view.due(worker.storage.now(), 100) == (account,)
            assert {the_effect(worker, lead).state for lead in leads} == {EffectState.ACCEPTED}
    finally:
        engine.dispose()

    def is_quiet() -> bool:
        worker.tick()
        with worker.storage.view() as view:
            return not view.due(worker.storage.now(), 100)

    until("the account is decided, too", is_quiet)


class Impatient(threading.Event):
    """Notes how long it should be waited for, waits no moment, and is set once everybody has slept so often."""

    def __init__(self, seams: Seams, often: int) -> None:
        super().__init__()
        self.naps: list[float] = []
        self._seams = seams
        self._often = often

    def is_set(self) -> bool:
        return super().is_set() or len(self.naps) + len(self._seams.naps) >= self._often

    def wait(self, timeout: float | None = None) -> bool:
        self.naps.append(timeout or 0)
        return self.is_set()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_worker_sleeps_when_a_subject_cannot_be_read(kind: str, tmp_path: Path) -> None:
    town = Town(postgres.fresh_url() if kind == "postgres" else f"sqlite:///{tmp_path / 'crm.db'}")
    crm, _ = town.open()
    lead = crm.capture(email="a@example.jp").id
    for _ in range(2):
        crm.record(lead, "page.viewed")
        town.pass_by(SECOND)
        if crm.standing(lead) is None:
            crm.tick()
    broken = "UPDATE nurture_standing SET body = '{broken'"
    if kind == "postgres":
        town.sql(broken)
    else:
        with sqlite3.connect(tmp_path / "crm.db") as connection:
            connection.execute(broken)
        connection.close()
    worker, seams = town.open()
    worker.tick()
    assert set(worker._host.unreadable) == {lead}
    stop = worker._host.stop = Impatient(seams, 10)
    seams.units = 0
    try:
        worker.run(poll=timedelta(seconds=5))
        assert not any(seams.naps)  # what waits would wake it at once, each time
        assert all(seconds >= 0.2 for seconds in stop.naps)
        assert len(stop.naps) + len(seams.naps) == 10
        assert seams.units <= 3 * 10
    finally:
        for one in town.opened:
            one.close()


def test_a_signal_that_comes_while_the_worker_holds_the_events_lock_ends_it() -> None:
    sender, ends = Counting(), list[bool]()
    crm = House(OFTEN, store_maker("memory", Path()), senders={"email": sender}).crm
    before = signal.getsignal(signal.SIGTERM)

    def signalled() -> None:
        handler = signal.getsignal(signal.SIGTERM)
        if callable(handler) and handler != before:
            with crm._host.stop._cond:  # type: ignore[attr-defined]  # as in the middle of `wait`
                ends.append(Aside(lambda: handler(signal.SIGTERM, None)).ends(5))
        else:
            crm.stop()

    sender.after_send = signalled
    arrive(crm, 1)
    crm.run(poll=timedelta(milliseconds=10))
    assert ends == [True]  # else it waits for the lock of the very thread that it interrupts
    assert signal.getsignal(signal.SIGTERM) == before


# --- the host's calls -------------------------------------------------------------------------------------------------

CALLS: dict[str, Callable[[Nurture, LeadId], object]] = {
    "record": lambda crm, lead: crm.record(lead, "form.submitted", key="1"),
    "record_many": lambda crm, lead: crm.record_many(
        [NewFact(subject=lead, kind="form.submitted"), NewFact(subject=lead, kind="page.viewed")]
    ),
    "enroll": lambda crm, lead: isinstance(crm.enroll(lead, "welcome"), Enrolled),
    "withdraw": lambda crm, lead: crm.withdraw(lead, "stay") == Withdrawn("stay", 1),
    "capture": lambda crm, _: crm.capture(email="a@example.jp", tags=["x"]).tags,
    "update": lambda crm, lead: crm.update(lead, name="A"),
    "unsubscribe": lambda crm, lead: crm.unsubscribe(lead),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_a_decider_overtook_succeeds(name: str, town: Town) -> None:
    (crm, seams), (other, _) = town.open(), town.open()
    lead = crm.capture(email="a@example.jp", consent=Basis.CONSENT).id
    crm.enroll(lead, "stay")
    crm.tick()
    overtaken: list[int] = []

    def overtake() -> None:
        town.pass_by(SECOND)
        other.record(lead, "page.viewed")
        town.pass_by(SECOND)
        overtaken.append(other.decide().subjects)

    seams.wants = lambda groups: not has_standing(groups)  # what the call itself says, not what is decided of it
    seams.before_put = lambda: Aside(overtake).answer()
    assert CALLS[name](crm, lead)
    assert overtaken == [1]
    town.pass_by(SECOND)
    crm.tick()
    with crm.storage.view() as view:
        assert not view.due(crm.storage.now(), 10)


@pytest.mark.parametrize("kind", STORES)
def test_an_answer_is_found_behind_many_later_facts(kind: str, tmp_path: Path) -> None:
    house = House(OFTEN, store_maker(kind, tmp_path))
    crm = house.crm
    lead = crm.capture(email="a@example.jp", consent=Basis.CONSENT).id
    house.tick_at(T0 + SECOND)

    def rush(fact: Touchpoint) -> None:
        if fact.kind == "enrollment.started":
            house.clock.move_to(T0 + 2 * SECOND)
            crm.record_many([NewFact(subject=lead, kind="page.viewed", key=str(number)) for number in range(450)])

    crm._host.observers = (rush,)
    assert isinstance(crm.enroll(lead, "welcome"), Enrolled)
    assert sum(fact.kind == "page.viewed" for fact in crm.timeline(lead, limit=1000)) == 450
    house.storage.close()


def test_the_first_use_within_an_open_transaction_of_the_hosts_blocks_nobody(served: Town) -> None:
    (crm, _), (other, _) = served.open(), served.open()
    engine = create_engine(served.url)
    try:
        with engine.connect() as connection:
            transaction = connection.begin()
            crm.using(connection).capture(email="x@example.jp")
            capturing = Aside(lambda: other.capture(email="y@example.jp"))
            try:
                assert capturing.ends(5), "it waits for the host's commit"
            finally:
                transaction.rollback()
        assert capturing.answer().email == "y@example.jp"
    finally:
        engine.dispose()
    assert crm.capture(email="z@example.jp").email == "z@example.jp"
    crm.tick()
    with crm.storage.view() as view:
        assert not view.due(crm.storage.now(), 10)
