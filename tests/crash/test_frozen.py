"""Invariant 8 with real processes: a worker is stopped (SIGSTOP) past its lease, another one takes over, it goes on.

It stops itself at the exact place; nobody sleeps, because whoever takes over has a clock that is an hour ahead.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import attrs
import pytest

from nurture import Basis, ContactPolicy, Effect, Message, Nurture, Program, Scenario, Ticked, days, q
from nurture.model import EffectState, LeadId, Repeat
from nurture.ports import Capability, Envelope, Receipt, Sender, Storage, Unit, View
from nurture.steps import send
from nurture.storage import SqlStorage
from tests.crash.crew import FORKS, PATIENCE_SECONDS, Place
from tests.crash.mail_house import MailHouse, copies
from tests.crash.places import PLACES, url_of
from tests.stores import SITE

LEADS = 5
BEFORE_SEND, AFTER_SEND, AMID_SEND = "before send", "after send", "amid send"


def program(repeat: Repeat) -> Program:
    return Program(
        messages=[Message("hello", "marketing", "Hello", "Hello")],
        scenarios=[Scenario("welcome", q.touches("form.submitted"), [send("hello", repeat=repeat)])],
        policy=ContactPolicy(max_lateness=days(30)),
    )


def freeze(told: Connection) -> None:
    """Say so, and stop as SIGSTOP stops: at once, and knowing nothing of it afterwards."""
    told.send("frozen")
    os.kill(os.getpid(), signal.SIGSTOP)


class FreezingSender:
    """Stops its process once, around sending."""

    def __init__(self, inner: Sender, point: str, told: Connection) -> None:
        self._inner, self._point, self._told = inner, point, told

    @property
    def dedup_window(self) -> timedelta:
        return self._inner.dedup_window

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        receipts: list[Receipt] = []
        for number, one in enumerate(envelopes):
            self._pass(BEFORE_SEND if number == 0 else AMID_SEND)
            receipts += self._inner.send([one])
        self._pass(AFTER_SEND)
        return tuple(receipts)

    def close(self) -> None:
        self._inner.close()

    def _pass(self, point: str) -> None:
        if point == self._point:
            self._point = ""
            freeze(self._told)


@attrs.define
class FreezingStorage:
    """Stops its process once, between what it read and what it writes."""

    inner: Storage
    told: Connection
    is_armed: bool = True

    @property
    def tenant(self) -> str:
        return self.inner.tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset()

    def now(self) -> datetime:
        return self.inner.now()

    def view(self) -> AbstractContextManager[View]:
        return self.inner.view()

    @contextmanager
    def begin(self) -> Iterator[Unit]:
        if self.is_armed:
            self.is_armed = False
            freeze(self.told)
        with self.inner.begin() as unit:
            yield unit

    def close(self) -> None:
        self.inner.close()


def deliver(place: Place, repeat: Repeat, point: str, told: Connection) -> None:
    """The worker that freezes while it delivers."""
    told.send(place.open(program(repeat), sender=FreezingSender(place.sender(), point, told)).tick())


def decide(place: Place, repeat: Repeat, told: Connection) -> None:
    """The worker that freezes between reading and committing."""
    storage = FreezingStorage(place.storage(), told)
    told.send(Nurture(program(repeat), storage, senders={"email": place.sender()}, site=SITE).tick())


class Frozen:
    """A process that has stopped itself; `thaw` lets it go on and tells what it believes to have done."""

    def __init__(self, target: object, *given: object) -> None:
        self._ours, theirs = FORKS.Pipe(duplex=False)
        self.process = FORKS.Process(target=target, args=(*given, theirs), daemon=True)  # type: ignore[arg-type]
        self.process.start()
        theirs.close()
        assert self._heard() == "frozen"

    def thaw(self) -> Ticked:
        assert self.process.pid is not None
        answer: object = None
        while answer is None:  # it stops just after it said so
            os.kill(self.process.pid, signal.SIGCONT)
            answer = self._ours.recv() if self._ours.poll(0.05) else None
        self.process.join(PATIENCE_SECONDS)
        assert self.process.exitcode == 0
        assert isinstance(answer, Ticked)
        return answer

    def _heard(self) -> object:
        assert self._ours.poll(PATIENCE_SECONDS), "the worker did not come so far"
        return self._ours.recv()


def successor(place: Place, repeat: Repeat) -> Nurture:
    """A worker an hour later, when every lease has run out."""
    storage = SqlStorage(place.url, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    return Nurture(program(repeat), storage, senders={"email": place.sender()}, site=SITE)


def arrive(place: Place, repeat: Repeat) -> list[LeadId]:
    crm = place.open(program(repeat))
    leads = [crm.capture(email=f"a{number}@example.jp", consent=Basis.CONSENT).id for number in range(LEADS)]
    for lead in leads:
        crm.record(lead, "form.submitted", key="1")
    crm.close()
    return leads


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailHouse]:
    house = MailHouse(tmp_path)
    yield house
    house.close()


def state_of(crm: Nurture, leads: list[LeadId]) -> list[Effect]:
    return [effect for lead in leads for effect in crm.effects(lead)]


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("repeat", Repeat)
@pytest.mark.parametrize("point", [BEFORE_SEND, AMID_SEND, AFTER_SEND])
def test_i8_a_thawed_worker_does_not_record(
    kind: str, repeat: Repeat, point: str, tmp_path: Path, post: MailHouse
) -> None:
    place = Place(url_of(kind, tmp_path), tmp_path, post.port)
    leads = arrive(place, repeat)
    frozen = Frozen(deliver, place, repeat, point)
    other = successor(place, repeat)
    took_over = other.tick().delivered
    before = state_of(other, leads)
    thawed = frozen.thaw()
    assert state_of(other, leads) == before
    other.close()
    often = repeat is Repeat.AT_LEAST_ONCE
    assert (took_over.accepted, took_over.unknown) == ((LEADS, 0) if often else (0, LEADS))
    assert (thawed.delivered.settled, thawed.delivered.conflicts) == (0, LEADS)
    assert {effect.fence for effect in before} == ({2} if often else {1})
    taken = Counter((copy.key, copy.message_id) for copy in copies(tmp_path))
    assert taken == {(one.id, one.message_id): 2 if often else 1 for one in before}  # it sends what it had begun


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("point", [BEFORE_SEND, AMID_SEND, AFTER_SEND])
def test_i8_where_the_sender_knows_keys_a_thawed_worker_doubles_nothing(kind: str, point: str, tmp_path: Path) -> None:
    repeat = Repeat.AT_MOST_ONCE
    place = Place(url_of(kind, tmp_path), tmp_path)
    leads = arrive(place, repeat)
    frozen = Frozen(deliver, place, repeat, point)
    other = successor(place, repeat)
    other.tick()
    before = state_of(other, leads)
    thawed = frozen.thaw()
    assert state_of(other, leads) == before
    other.close()
    assert {effect.state for effect in before} == {EffectState.ACCEPTED}
    assert (thawed.delivered.settled, thawed.delivered.conflicts) == (0, LEADS)
    assert len(list((tmp_path / "maildir" / "new").iterdir())) == LEADS


@pytest.mark.parametrize("kind", PLACES)
def test_i8_a_thawed_worker_does_not_advance(kind: str, tmp_path: Path) -> None:
    repeat = Repeat.AT_MOST_ONCE
    place = Place(url_of(kind, tmp_path), tmp_path)
    leads = arrive(place, repeat)
    frozen = Frozen(decide, place, repeat)
    other = successor(place, repeat)
    other.tick()
    standings = [other.standing(lead) for lead in leads]
    thawed = frozen.thaw()
    assert [other.standing(lead) for lead in leads] == standings
    other.close()
    assert thawed.decided.subjects == 0
    assert thawed.decided.conflicts == LEADS
    assert thawed.delivered.settled == 0
