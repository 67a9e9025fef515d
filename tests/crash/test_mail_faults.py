"""Invariant 3 against a real SMTP server that fails at every point: the exact receipt, and what it leads to in the end.

Whatever breaks before the end of DATA means that nothing was sent; what breaks after it leaves us in doubt, and
then the step's policy decides. Clocks are virtual: only a server that never answers costs real time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from random import Random

import attrs
import pytest

from nurture import Basis, ContactPolicy, Effect, Message, Program, Scenario, days, q
from nurture.model import EffectState, LeadId, Repeat
from nurture.ports import Accepted, Deferred, Receipt, Rejected, Unknown
from nurture.steps import send
from nurture.storage import MemoryStorage
from tests.crash.mail_faults import ANYWHERE, How, Point, Post, ToldSender, Trouble, TroubledServer
from tests.stores import House

EVERYWHERE = (*ANYWHERE, How.TAKEN_THEN_SLOW, How.TAKEN_THEN_CUT)
PATIENT, IMPATIENT = timedelta(seconds=60), timedelta(seconds=2)
MICROSECOND = timedelta(microseconds=1)


def program(repeat: Repeat) -> Program:
    return Program(
        messages=[Message("hello", "marketing", "Hello", "Hello")],
        scenarios=[Scenario("welcome", q.touches("form.submitted"), [send("hello", repeat=repeat)])],
        policy=ContactPolicy(max_lateness=days(3_000), max_attempts=1_000),
    )


@attrs.frozen
class Street:
    """A house, a post office, and the sender between them."""

    post: Post
    sender: ToldSender
    house: House

    def arrive(self, name: str) -> LeadId:
        """Somebody who gets one mail."""
        lead = self.house.crm.capture(email=f"{name}@example.com", consent=Basis.CONSENT).id
        self.house.crm.record(lead, "form.submitted", key="1")
        return lead

    def tick(self) -> None:
        self.house.tick_at(self.house.clock.now + timedelta(seconds=1))

    def come_to_rest(self) -> None:
        """Tick from due instant to due instant until nothing is."""
        for _ in range(1_000):
            with self.house.storage.view() as view:
                due = view.next_due_at()
            if due is None:
                return
            self.house.tick_at(max(due, self.house.clock.now) + MICROSECOND)
        raise AssertionError("never quiet")

    def effect(self, lead: LeadId) -> Effect:
        (effect,) = self.house.crm.effects(lead)
        return effect


@contextmanager
def street(repeat: Repeat, *, timeout: timedelta, per_connection: int = 100) -> Iterator[Street]:
    post = Post()
    server = TroubledServer(post)  # type: ignore[arg-type]
    sender = ToldSender(server.port, timeout=timeout, per_connection=per_connection)
    house = House(program(repeat), lambda clock: MemoryStorage(clock=clock), senders={"email": sender})
    try:
        yield Street(post, sender, house)
    finally:
        sender.close()
        server.stop()


@attrs.frozen
class Case:
    """One trouble, under one policy, on a fresh connection or on one that has served before."""

    trouble: Trouble
    repeat: Repeat
    is_reused: bool

    def __str__(self) -> str:
        return f"{self.trouble}-{self.repeat}-{'reused' if self.is_reused else 'fresh'}"

    @property
    def receipt(self) -> type[Receipt]:
        """What the sender must say at first."""
        point, how = self.trouble.point, self.trouble.how
        if point in (Point.QUIT, Point.RSET):
            return Accepted  # it does not concern the mail: another connection takes it
        if how is How.REFUSED and point is not Point.GREETING:
            return Rejected
        if point is Point.DOT and how is not How.PUT_OFF:
            return Unknown
        return Deferred

    @property
    def end(self) -> tuple[EffectState, int]:
        """The state in the end, and how often the mail is taken over."""
        if self.receipt is Rejected:
            return EffectState.REJECTED, 0
        lost = int(self.trouble.how.is_taken)
        if self.receipt is Unknown and self.repeat is Repeat.AT_MOST_ONCE:
            return EffectState.UNKNOWN, lost
        return EffectState.ACCEPTED, 1 + lost


def cases() -> Iterator[Case]:
    for repeat in Repeat:
        for is_reused in (False, True):
            for point in Point:
                if point is (Point.GREETING if is_reused else Point.RSET):
                    continue  # it does not come by there
                for how in EVERYWHERE if point is Point.DOT else ANYWHERE:
                    yield Case(Trouble(point, how), repeat, is_reused)


CASES = list(cases())


def play(case: Case) -> tuple[type[Receipt], EffectState, int]:
    """The first receipt, the last state, and how often the mail was taken over."""
    timeout = IMPATIENT if case.trouble.how.is_slow else PATIENT
    per_connection = 1 if case.trouble.point is Point.QUIT else 100
    with street(case.repeat, timeout=timeout, per_connection=per_connection) as there:
        if case.is_reused:
            there.arrive("before")
            there.tick()
        there.post.troubles.append(case.trouble)
        lead = there.arrive("lead")
        there.tick()
        message_id = there.effect(lead).message_id
        first = there.sender.receipts[message_id][0]
        if case.trouble.point is Point.QUIT and not case.is_reused:
            there.sender.close()
        for _ in range(500):  # nobody waits for the answer to QUIT, so the server may come to it later
            if there.post.struck:
                break
            time.sleep(0.01)
        assert there.post.struck == [case.trouble]
        there.come_to_rest()
        effect = there.effect(lead)
        assert effect.message_id == message_id
        assert set(there.post.taken) <= set(there.sender.receipts)
        return type(first), effect.state, there.post.taken[message_id]


@pytest.mark.parametrize("case", [case for case in CASES if not case.trouble.how.is_slow], ids=str)
def test_i3_a_server_that_refuses_or_hangs_up(case: Case) -> None:
    assert play(case) == (case.receipt, *case.end)


def test_i3_a_server_that_never_answers() -> None:
    slow = [case for case in CASES if case.trouble.how.is_slow]
    with ThreadPoolExecutor(len(slow)) as threads:
        found = dict(zip(map(str, slow), threads.map(play, slow), strict=True))
    assert found == {str(case): (case.receipt, *case.end) for case in slow}


def troubles(dice: Random, count: int) -> list[Trouble]:
    """Troubles as they come; a server that never answers is rare, because it costs real time."""
    found: list[Trouble] = []
    while len(found) < count:
        point = dice.choice(list(Point))
        how = dice.choice(EVERYWHERE if point is Point.DOT else ANYWHERE)
        if not how.is_slow or dice.random() < 0.01:
            found.append(Trouble(point, how))
    return found


def play_at_random(seed: int, repeat: Repeat, leads: int) -> list[Trouble]:
    """Many mails, many troubles: the policy holds for each mail."""
    dice = Random(f"{seed} {repeat}")
    with street(repeat, timeout=IMPATIENT, per_connection=dice.randint(1, 4)) as there:
        there.post.troubles.extend(troubles(dice, leads))
        people = [there.arrive(f"a{number}") for number in range(leads)]
        there.come_to_rest()
        for lead in people:
            effect = there.effect(lead)
            receipts = there.sender.receipts[effect.message_id]
            check(effect, receipts, there.post.taken[effect.message_id])
        lost = sum(trouble.how.is_taken for trouble in there.post.struck)
        accepted = sum(isinstance(one, Accepted) for told in there.sender.receipts.values() for one in told)
        assert there.post.taken.total() == accepted + lost
        return there.post.struck


def check(effect: Effect, receipts: list[Receipt], taken: int) -> None:
    """What one mail came to."""
    doubts = sum(isinstance(one, Unknown) for one in receipts)
    assert not any(isinstance(one, (Accepted, Rejected)) for one in receipts[:-1])
    assert effect.attempts == len(receipts)
    if effect.repeat is Repeat.AT_MOST_ONCE:
        assert doubts == (effect.state is EffectState.UNKNOWN)
        assert taken <= 1
    else:
        assert effect.state is not EffectState.UNKNOWN
        assert taken <= 1 + doubts
    if effect.state is EffectState.ACCEPTED:
        assert taken >= 1
    if effect.state is EffectState.REJECTED:
        assert taken <= doubts


@pytest.mark.parametrize("repeat", Repeat)
@pytest.mark.parametrize(
    "count", [pytest.param(200, id="quick"), pytest.param(12_000, id="long", marks=pytest.mark.stress)]
)
def test_i3_a_server_that_fails_at_random(repeat: Repeat, count: int) -> None:
    first = Random().randrange(10**9)
    struck = 0
    for seed in range(first, first + count):
        print(f"seed {seed}: play_at_random({seed}, {repeat!s}, 10), {struck} troubles so far")
        struck += len(play_at_random(seed, repeat, 10))
        if struck >= count:
            return
