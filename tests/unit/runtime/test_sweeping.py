"""A changed program rolls over the base in batches, with progress; only those who differ get facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nurture import Lifecycle, Nurture, Program, Scenario, ScoreModel, ScoreRule, Segment, Stage, Threshold, days, q
from nurture.errors import StorageError
from nurture.model import Fact, LeadId
from nurture.runtime import RolledOver, sweeping
from nurture.steps import tag, wait
from nurture.testing import FaultStorage, Plan
from tests.stores import T0, House
from tests.unit.runtime.audience import STORES, maker

OLD = Program(
    segments=[Segment("titled", q.lead.title == "CTO"), Segment("seen", q.touches("page.viewed"))],
    scenarios=[Scenario("greet", q.segment("titled"), [tag("greeted")], reentry="always")],
)
WIDER = Program(
    segments=[
        Segment("titled", q.lead.title.is_in(["CTO", "CEO"])),
        Segment("seen", q.touches("page.viewed")),
        Segment("new", q.lead.source == "fair"),
    ],
    scenarios=[
        Scenario("greet", q.segment("titled"), [tag("greeted")], reentry="always"),
        Scenario("welcome", q.segment("new"), [tag("welcomed"), wait(days(3)), tag("again")]),
    ],
)
TITLES = ("CTO", "CEO", None, "CTO", "CEO", None, "CFO")


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    house = House(OLD, maker(request.param, tmp_path))
    yield house
    house.crm.close()


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 3)


def base(house: House) -> list[LeadId]:
    """Seven leads with titles, decided under the old program."""
    leads = []
    for number, title in enumerate(TITLES):
        source = "fair" if number == 5 else None
        leads.append(house.crm.capture(email=f"{number}@example.com", title=title, source=source).id)
        house.crm.record(leads[-1], "page.viewed", key="one")
    house.tick_at(T0 + days(1))
    house.clock.move_to(T0 + days(2))
    return leads


def facts_since(house: House, lead: LeadId, day: int) -> list[tuple[str, object, object]]:
    return [
        (one.kind, one.properties.get("segment"), one.properties.get("rolled_over"))
        for one in reversed(house.crm.timeline(lead))
        if one.at >= T0 + days(day)
    ]


def test_only_those_who_differ_get_facts_and_nobody_is_enrolled(house: House) -> None:
    leads = base(house)
    before = {one: house.crm.standing(one) for one in leads}
    assert house.crm.activate(WIDER) == 7
    house.tick_at(T0 + days(9))
    came = {one: facts_since(house, one, 2) for one in leads}
    titled, new = (Fact.SEGMENT_ENTERED, "titled", True), (Fact.SEGMENT_ENTERED, "new", True)
    expected = {1: [titled], 4: [titled], 5: [new]}
    assert [came[one] for one in leads] == [expected.get(number, []) for number in range(7)]
    assert [house.crm.lead(one).tags for one in leads] == [("greeted",) if t == "CTO" else () for t in TITLES]
    for one in leads:  # what stayed was neither deleted nor built anew: it began when it began
        kept, now = before[one], house.crm.standing(one)
        assert kept is not None
        assert now is not None
        assert {name: now.memberships[name] for name in kept.memberships} == kept.memberships
        assert now.version == kept.version + 1
        assert now.enrollments == kept.enrollments


def test_those_who_come_in_are_enrolled_when_asked(house: House) -> None:
    leads = base(house)
    house.crm.activate(WIDER, enroll=True)
    house.tick_at(T0 + days(9))
    tags = [house.crm.lead(one).tags for one in leads]
    assert tags == [("greeted",), ("greeted",), (), ("greeted",), ("greeted",), ("again", "welcomed"), ()]
    started = [kind for kind, _, _ in facts_since(house, leads[0], 2)]
    assert started == []  # who was in before did not come in
    assert (Fact.SEGMENT_ENTERED, "titled", None) in facts_since(house, leads[1], 2)
    once = [house.crm.standing(one).enrollments for one in leads]  # type: ignore[union-attr]
    assert [len(runs) for runs in once] == [1, 1, 0, 1, 1, 1, 0]


def test_a_later_worker_enrolls_as_the_activation_says(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is due follows by itself, before the sweep comes by."""
    leads = base(house)
    with monkeypatch.context() as patch:
        patch.setattr("nurture.runtime.nurture.sweep", lambda *_, **__: 0)
        house.crm.activate(WIDER, enroll=True)
    house.crm.record(leads[4], "page.viewed", key="two")
    house.tick_at(T0 + days(3))
    assert house.crm.lead(leads[4]).tags == ("greeted",)
    assert house.crm.lead(leads[1]).tags == ()
    assert house.crm.rollover_progress() == RolledOver(0, 7)
    assert house.crm.activate() == 6
    house.tick_at(T0 + days(4))
    assert house.crm.lead(leads[1]).tags == ("greeted",)
    assert len(house.crm.standing(leads[4]).enrollments) == 1  # type: ignore[union-attr]


def test_progress_is_told_batch_by_batch(house: House) -> None:
    base(house)
    assert house.crm.rollover_progress() == RolledOver(7, 7)
    told: list[RolledOver] = []
    house.crm.activate(WIDER, progress=told.append)
    assert told == [RolledOver(0, 7), RolledOver(3, 7), RolledOver(6, 7), RolledOver(7, 7)]
    assert [one.is_done for one in told] == [False, False, False, True]
    told.clear()
    assert house.crm.activate(WIDER, progress=told.append) == 0
    assert told == [RolledOver(7, 7)]


def test_it_goes_on_where_it_was_interrupted(house: House) -> None:
    leads = base(house)

    class StopError(Exception):
        pass

    def stop(at: RolledOver) -> None:
        if at.done == 3:
            raise StopError

    with pytest.raises(StopError):
        house.crm.activate(WIDER, progress=stop)
    assert house.crm.rollover_progress() == RolledOver(3, 7)
    told: list[RolledOver] = []
    assert house.crm.activate(progress=told.append) == 4
    assert told[0] == RolledOver(3, 7)
    assert house.crm.rollover_progress().is_done
    assert len([one for one in house.crm.members("titled")]) == 4
    assert [len(facts_since(house, one, 2)) for one in leads] == [0, 1, 0, 0, 1, 1, 0]


def test_a_batch_is_one_unit() -> None:
    """A million standings take two thousand commits, not a million."""
    house = House(OLD, maker("memory", Path()))
    base(house)
    storage = FaultStorage(house.storage, Plan())
    crm = Nurture(OLD, storage)
    crm.activate(WIDER)
    assert storage.plan.operations.count("put") <= 3 * 2 + 1  # a batch and its cursor, and the activation


def test_one_that_fails_or_conflicts_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(OLD, maker("memory", Path()))
    leads = base(house)
    real = sweeping.step_of

    def step(old, new, dossier, leg):  # type: ignore[no-untyped-def]
        if dossier.subject.id == leads[2]:
            raise ValueError
        return real(old, new, dossier, leg)

    monkeypatch.setattr(sweeping, "step_of", step)
    assert house.crm.activate(WIDER) == 7  # by itself it went well
    assert {house.crm.standing(one).program for one in leads} == {WIDER.fingerprint}  # type: ignore[union-attr]


def test_a_store_that_is_away_stops_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(OLD, maker("memory", Path()))
    base(house)

    def away(*_: object) -> None:
        raise StorageError("away")

    monkeypatch.setattr(sweeping, "whole_dossiers", away)
    with pytest.raises(StorageError, match="away"):
        house.crm.activate(WIDER)
    assert house.crm.rollover_progress() == RolledOver(0, 7)


def test_marks_that_were_crossed_before_are_not_crossed_again_by_enrolling() -> None:
    """A model that changed is counted anew; who stood above its mark did not come to it by that."""

    def program(points: float) -> Program:
        rule = ScoreRule(q.touches("page.viewed"), points)
        return Program(
            scores=[ScoreModel("warmth", [rule], thresholds=[Threshold("hot", 4)])],
            lifecycle=Lifecycle([Stage("new")], []),
        )

    house = House(program(5), maker("memory", Path()))
    lead = house.crm.capture(email="a@example.com").id
    house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + days(1))
    house.crm.activate(program(6), enroll=True)
    house.tick_at(T0 + timedelta(days=2))
    kinds = [one.kind for one in house.crm.timeline(lead)]
    assert kinds.count(Fact.SCORE_CROSSED) == 1
