"""Invariant 23: a fact and a deadline that race end in exactly one branch, and the choice names what it saw.

A fact comes around the deadline: before it, at its very instant, a microsecond later; and it is committed between two
ticks, or between a worker's reading and its commit, or while mail is handed over. What is right follows from when
the fact was known and when the run arrived, whoever looks when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, cast

import pytest

from nurture import Basis, Message, Nurture, Program, Scenario, days, hours, q
from nurture.model import Lead, LeadId, Note, Standing, Touchpoint
from nurture.ports import Accepted, Envelope, Receipt, Storage
from nurture.simulation import VirtualClock
from nurture.steps import send, tag, wait_for, wait_for_any
from tests.interrupted import Interrupted
from tests.stores import SITE, T0, MakeStore, store_maker

if TYPE_CHECKING:
    from collections.abc import Callable

MICROSECOND = timedelta(microseconds=1)
BEGAN, CLICK, REPLY, VISIT = "form.submitted", "email.clicked", "email.replied", "page.viewed"
PLAIN, FIRST = hours(24), hours(36)
PROGRAM = Program(
    messages=[Message(name, "marketing", name, name) for name in ("yes", "no", "clicked", "replied", "neither")],
    scenarios=[
        Scenario("one", q.touches(BEGAN), [wait_for(q.touches(CLICK), PLAIN, [tag("yes"), send("yes")], [send("no")])]),
        Scenario(
            "first",
            q.touches(BEGAN),
            [
                wait_for_any(
                    FIRST,
                    clicked=(q.touches(CLICK), [send("clicked")]),
                    replied=(q.touches(REPLY), [send("replied")]),
                    otherwise=[send("neither")],
                )
            ],
        ),
        Scenario(
            "same",
            q.touches(BEGAN),
            [wait_for(q.touches(VISIT), PLAIN, [tag("came")], [tag("stayed away")], same="seminar")],
        ),
    ],
)
EDGES = {
    "one": {"seen", "timeout"},
    "first": {"clicked", "replied", "timeout"},
    "same": {"seen", "timeout"},
}
AROUND = (-hours(5), *(number * MICROSECOND for number in range(-6, 3)), hours(5))
"""How far from a deadline. The store's clock moves on by a microsecond with each use, so some of these hit it."""


class Post:
    """A sender during whose work somebody may commit."""

    dedup_window = timedelta.max

    def __init__(self) -> None:
        self.during: Callable[[], None] = lambda: None

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        self.during()
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing is held."""


class Race:
    """One lead in three runs, facts around their deadlines, and two workers who look now and then."""

    def __init__(self, make: MakeStore, seed: int) -> None:
        self.dice = dice = Random(seed)
        self.clock = VirtualClock(T0)
        self.raced = Interrupted(make(self.clock))
        self.post = Post()
        store = cast("Storage", self.raced)
        self.workers = [Nurture(PROGRAM, store, senders={"email": self.post}, site=SITE) for _ in range(2)]
        crm = self.workers[0]
        self.lead: LeadId = crm.capture(email="a@example.com", consent=Basis.CONSENT).id
        crm.record(self.lead, BEGAN, {"seminar": "s1"})
        self.began = next(fact.received_at for fact in crm.timeline(self.lead) if fact.kind == BEGAN)
        self.coming: list[tuple[datetime, str, str]] = sorted(
            (self.began + length + dice.choice(AROUND), kind, dice.choice(["s1", "s1", "s2"]))
            for kind, length in ((CLICK, PLAIN), (CLICK, FIRST), (REPLY, FIRST), (VISIT, PLAIN), (VISIT, PLAIN))
            if dice.random() < 0.7
        )
        self.raced.before = self.post.during = self._perhaps
        self.is_inside = False

    def run(self) -> None:
        """Look at the deadlines and around them, and late enough after them."""
        looks = {
            self.began + length + around for length in (PLAIN, FIRST) for around in AROUND if self.dice.random() < 0.6
        }
        looks.add(T0)
        for instant in sorted(looks | {at for at, _, _ in self.coming} | {T0 + days(3)}):
            self.clock.move_to(instant)
            for _ in range(2):
                self._perhaps()
                if instant in looks and self.dice.random() < 0.8:
                    crm = self.dice.choice(self.workers)
                    self.dice.choice([crm.tick, crm.decide, crm.decide])()
        while self.coming:
            self._commit()
        self.raced.before = self.post.during = lambda: None
        self.clock.move_to(T0 + days(4))
        for _ in range(3):  # decide and hand over, read the receipt, nothing
            self.workers[0].tick()

    def _perhaps(self) -> None:
        """Commit the next fact, now or a little later."""
        due = bool(self.coming) and self.coming[0][0] <= self.clock.now
        if due and not self.is_inside and self.dice.random() < 0.5:
            self._commit()

    def _commit(self) -> None:
        self.is_inside = True
        _, kind, seminar = self.coming.pop(0)
        self.workers[1].record(self.lead, kind, {"seminar": seminar})
        self.is_inside = False


def right_edges(facts: list[Touchpoint], began: datetime) -> dict[str, tuple[str, str | None]]:
    """For each scenario the edge that is right, and the fact that chose it."""

    def first(kind: str, length: timedelta, seminar: str | None = None) -> Touchpoint | None:
        fits = [
            fact
            for fact in facts
            if fact.kind == kind
            and fact.received_at <= began + length
            and (seminar is None or fact.properties["seminar"] == seminar)
        ]
        return min(fits, key=lambda fact: fact.received_at, default=None)

    def seen(fact: Touchpoint | None) -> tuple[str, str | None]:
        return ("timeout", None) if fact is None else ("seen", fact.id)

    ways = [
        (fact.received_at, index, edge, fact.id)
        for index, (edge, fact) in enumerate((("clicked", first(CLICK, FIRST)), ("replied", first(REPLY, FIRST))))
        if fact is not None
    ]
    return {
        "one": seen(first(CLICK, PLAIN)),
        "first": (min(ways)[2], min(ways)[3]) if ways else ("timeout", None),
        "same": seen(first(VISIT, PLAIN, "s1")),
    }


def check(make: MakeStore, seed: int) -> Counter[str]:
    """One race; which edges were taken."""
    race = Race(make, seed)
    race.run()
    crm = race.workers[0]
    with race.raced.inner.view() as view:
        facts, decisions = list(view.history(race.lead)), list(view.decisions_of(race.lead, limit=1_000))
        standing = view.get(Standing, [race.lead])[race.lead]
        tags = view.get(Lead, [race.lead])[race.lead].tags
    assert standing.dead is None
    assert all(run.ended_at is not None for run in standing.enrollments)
    right = right_edges(facts, race.began)
    notes: list[Note] = [note for one in decisions for note in one.notes if note.what == "step"]
    for name, (edge, fact) in right.items():
        chosen = [note for note in notes if note.name == name and note.outcome.rpartition(" → ")[2] in EDGES[name]]
        assert [note.outcome.rpartition(" → ")[2] for note in chosen] == [edge], f"seed {seed}: {name}"
        assert chosen[0].saw.get("fact") == fact, f"seed {seed}: {name} names another fact"
        assert chosen[0].clause, "the choice says what was waited for"
    assert sorted(one.name for one in crm.effects(race.lead)) == sorted(
        ("yes" if right["one"][0] == "seen" else "no", right["first"][0].replace("timeout", "neither"))
    )
    expected = {"yes": right["one"][0] == "seen", "came": right["same"][0] == "seen"}
    expected["stayed away"] = not expected["came"]
    assert set(tags) == {name for name, is_there in expected.items() if is_there}
    for one in race.workers:
        one.close()
    return Counter(f"{name} {edge}" for name, (edge, _) in right.items())


def check_many(kind: str, folder: Path, seeds: range) -> None:
    taken: Counter[str] = Counter()
    for seed in seeds:
        place = folder / str(seed) if kind == "sqlite" else folder
        place.mkdir(exist_ok=True)
        taken += check(store_maker(kind, place), seed)
    if len(seeds) >= 100:
        assert set(taken) == {f"{name} {edge}" for name, edges in EDGES.items() for edge in edges}, taken


@pytest.mark.parametrize("block", range(10))
def test_i23_a_fact_and_a_deadline_that_race_choose_one_way(block: int, tmp_path: Path) -> None:
    check_many("memory", tmp_path, range(block * 100, block * 100 + 100))


def test_i23_on_sqlite(tmp_path: Path) -> None:
    check_many("sqlite", tmp_path, range(20))


@pytest.mark.parametrize("seed", range(5))
def test_i23_on_postgresql(seed: int, tmp_path: Path) -> None:
    check_many("postgres", tmp_path, range(seed, seed + 1))


@pytest.mark.stress
def test_i23_ten_thousand_times(tmp_path: Path) -> None:
    check_many("memory", tmp_path, range(10_000))
