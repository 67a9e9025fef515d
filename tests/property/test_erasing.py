"""Invariant 20, deleting: an erased lead gets nothing more, whatever was under way, and nobody else notices."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import cast

import pytest

from nurture import Basis, Message, Nurture, Program, Scenario, Segment, days, hours, q
from nurture.errors import NotFoundError
from nurture.model import EffectState, LeadId, Standing
from nurture.ports import Accepted, Envelope, Receipt, Storage
from nurture.simulation import VirtualClock
from nurture.steps import send, tag, wait, wait_for
from nurture.storage import MemoryStorage, SqlStorage
from tests.interrupted import Interrupted
from tests.stores import SITE, T0, store_maker

MESSAGES = [Message(name, "marketing", name, name) for name in ("hello", "tips", "last")]
PROGRAM = Program(
    messages=MESSAGES,
    segments=[Segment("seen", q.touches("page.viewed").within(days=3))],
    scenarios=[
        Scenario("greet", q.touches("form.submitted"), [send("hello"), wait(days(1)), send("tips")], reentry="always"),
        Scenario("watch", q.segment("seen"), [wait_for(q.touches("email.clicked"), hours(6)), tag("x"), send("last")]),
    ],
)


class Post:
    """A sender that writes down to whom it sent, and calls back in the middle."""

    dedup_window = timedelta(0)

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.during: Callable[[Collection[Envelope]], None] = lambda _: None

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        self.during(envelopes)
        self.sent += [one.recipient for one in envelopes]
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing is held."""


class Story:
    """Two leads, of whom one is erased somewhere: between two acts, before a unit of a worker, or while it sends."""

    def __init__(self, inner: Callable[[VirtualClock], Storage], seed: int) -> None:
        self.dice = Random(seed)
        self.clock = VirtualClock(T0)
        self.storage = Interrupted(inner(self.clock))
        self.post = Post()
        self.crm = Nurture(PROGRAM, cast("Storage", self.storage), senders={"email": self.post}, site=SITE)
        self.gone, self.stays = (
            self.crm.capture(email=f"{name}@example.com", consent=Basis.CONSENT).id for name in ("gone", "stays")
        )
        self.erased_after: int | None = None
        self.units = 0
        self.where = self.dice.choice(["between", "unit", "unit", "sending"])
        self.when = self.dice.randint(0, 11)
        self.storage.before = self._before_a_unit
        self.post.during = self._while_sending

    def play(self) -> None:
        for act in range(12):
            if self.where == "between" and act == self.when:
                self.erase()
            self._act()
        self.erase()
        for day in range(1, 20):
            self.clock.move_to(T0 + days(3) + days(day))
            self.crm.tick()

    def erase(self) -> None:
        if self.erased_after is None:
            self.erased_after = self.post.sent.count("gone@example.com")
            with self.storage.inner.begin() as unit:
                unit.erase(self.gone)

    def _before_a_unit(self) -> None:
        self.units += 1
        if self.where == "unit" and self.units > 4 + 2 * self.when:
            self.erase()

    def _while_sending(self, envelopes: Collection[Envelope]) -> None:
        if self.where == "sending" and self.erased_after is None:
            self.erase()
            assert self.erased_after is not None
            self.erased_after += sum(one.recipient == "gone@example.com" for one in envelopes)  # these are handed over

    def _act(self) -> None:
        self.clock.move_to(self.clock.now + self.dice.choice([hours(0.1), hours(1), hours(7)]))
        kind = self.dice.choice(["form.submitted", "form.submitted", "page.viewed", "email.clicked", "", ""])
        for lead in (self.gone, self.stays):
            if kind:
                self._record(lead, kind)
        self.dice.choice([self.crm.tick, self.crm.decide, self.crm.deliver])()

    def _record(self, lead: LeadId, kind: str) -> None:
        try:
            self.crm.record(lead, kind)
        except NotFoundError:
            assert lead == self.gone
            assert self.erased_after is not None


def check(inner: Callable[[VirtualClock], Storage], seed: int) -> str:
    story = Story(inner, seed)
    story.play()
    sent = story.post.sent
    assert story.erased_after is not None
    assert sent.count("gone@example.com") == story.erased_after
    with story.storage.inner.view() as view:
        assert not view.effects_of(story.gone)
        assert view.get(Standing, [story.gone]) == {}
        assert not view.history(story.gone)
        assert view.backlog(story.clock.now, 100).due == 0
        stuck = [one for one in view.effects_of(story.stays) if one.state in (EffectState.CLAIMED, EffectState.UNKNOWN)]
    assert not stuck
    assert not list(story.crm.stuck())
    assert "stays@example.com" in sent or not story.crm.effects(story.stays)
    story.crm.close()
    return story.where


def memory(clock: VirtualClock) -> Storage:
    return MemoryStorage(clock=clock)


@pytest.mark.parametrize("block", range(10))
def test_i20_an_erased_lead_gets_nothing_more(block: int) -> None:
    kinds = {check(memory, seed) for seed in range(block * 100, block * 100 + 100)}
    assert kinds == {"between", "unit", "sending"}


def test_i20_nor_on_a_database(tmp_path: Path) -> None:
    for seed in range(10):
        check(lambda clock, seed=seed: SqlStorage(f"sqlite:///{tmp_path / f'{seed}.db'}", clock=clock), seed)  # type: ignore[misc]


@pytest.mark.parametrize("seed", range(6))
def test_i20_nor_on_postgresql(seed: int, tmp_path: Path) -> None:
    check(store_maker("postgres", tmp_path), seed)


@pytest.mark.stress
def test_i20_an_erased_lead_gets_nothing_more_in_ten_thousand_stories() -> None:
    for seed in range(10_000):
        check(memory, seed)
