"""Invariant 22: a clock that jumps fires nothing early, and nothing twice; what is too far is refused."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Protocol, cast

import pytest

from nurture import Basis, Message, Nurture, Program, Scenario, days, hours, q
from nurture.errors import ClockJumpError
from nurture.model import EffectState
from nurture.ports import Storage
from nurture.simulation import NullSender, VirtualClock
from nurture.steps import send, wait
from nurture.storage import ClockLimit, MemoryStorage, SqlStorage
from tests import postgres
from tests.stores import SITE, T0, MakeStore

JUMPS = tuple(
    sign * length for length in (timedelta(seconds=1), hours(1), days(1), timedelta(days=3653)) for sign in (1, -1)
)
"""Plus and minus a second, an hour, a day, ten years."""
LIMIT = ClockLimit(back=hours(1), ahead=days(31))
FIRST, SECOND = days(1), days(2)
PROGRAM = Program(
    messages=[Message(name, "marketing", name, name) for name in ("hello", "tips")],
    scenarios=[Scenario("s", q.touches("form.submitted"), [wait(FIRST), send("hello"), wait(SECOND), send("tips")])],
)


class Limited(Storage, Protocol):
    """A store whose clock can be allowed."""

    def allow_clock(self) -> None: ...


def in_memory(clock: VirtualClock) -> Storage:
    return MemoryStorage(clock=clock, clock_limit=LIMIT)


def check(seed: int, jump: timedelta, make: MakeStore = in_memory) -> bool:
    """One lead, and one jump somewhere; whether it was refused."""
    dice = Random(seed)
    clock = VirtualClock(T0)
    storage = cast("Limited", make(clock))
    crm = Nurture(PROGRAM, storage, senders={"email": NullSender()}, site=SITE)
    lead = crm.capture(email="a@example.com", consent=Basis.CONSENT).id
    crm.record(lead, "form.submitted")
    entered = storage.now()
    jumps_at, refused, seen = dice.randint(1, 30), False, T0
    for step in range(1, 60):
        clock.now += timedelta(hours=dice.choice([1, 3, 5]))
        if step == jumps_at:
            clock.now += jump
        try:
            crm.tick()
        except ClockJumpError:
            refused = True
            storage.allow_clock()
            crm.tick()
        assert storage.now() > seen, "time ran backwards"
        seen = storage.now()
    sent = sorted((one for one in crm.effects(lead) if one.claimed_at is not None), key=lambda one: one.planned_at)
    assert all(one.state is EffectState.ACCEPTED for one in sent)
    assert max(Counter(one.name for one in sent).values(), default=0) <= 1
    crm.close()
    before = entered
    for one, length in zip(sent, (FIRST, SECOND), strict=False):
        assert one.claimed_at is not None
        assert one.claimed_at >= before + length, f"{one.name} went early"
        before = one.claimed_at
    return refused


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_i22_a_clock_that_jumps_fires_nothing_early_or_twice(jump: timedelta) -> None:
    refused = {check(seed, jump) for seed in range(100)}
    assert refused == {abs(jump) > (LIMIT.ahead or jump) if jump > timedelta(0) else -jump > (LIMIT.back or jump)}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_i22_on_a_database(kind: str, jump: timedelta, tmp_path: Path) -> None:
    url = postgres.clean_url() if kind == "postgres" else f"sqlite:///{tmp_path / 'crm.db'}"
    check(7, jump, lambda clock: SqlStorage(url, clock=clock, clock_limit=LIMIT))


@pytest.mark.stress
@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_i22_a_thousand_times(jump: timedelta) -> None:
    for seed in range(1_000):
        check(seed, jump)
