"""What operators ask and do: backlog, what is stuck, and effects in doubt that are resolved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from nurture import Basis, Cap, ContactPolicy, Message, Program, Scenario, Touchpoint, days, hours, minutes, q
from nurture.errors import ConflictError, NotFoundError
from nurture.model import Activation, Changes, Effect, EffectId, EffectState, LeadId, Standing, SubjectId
from nurture.ports import Backlog
from nurture.runtime import operating
from nurture.steps import send
from nurture.testing import FakeSender, Lost
from tests.stores import STORES, T0, House, store_maker

PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[Scenario("hello", q.touches("hello.wanted"), [send("hello")], reentry="always")],
    policy=ContactPolicy(caps=Cap(2, days(7))),
)


class Bench:
    """A house with one effect in doubt."""

    def __init__(self, store: str, folder: Path) -> None:
        self.sender = FakeSender(outcomes=[Lost(delivered=False)])
        self.told: list[Touchpoint] = []
        self.house = House(
            PROGRAM, store_maker(store, folder), senders={"email": self.sender}, observers=[self.told.append]
        )
        self.crm = self.house.crm
        self.lead = self.wants_hello("a@example.com")
        self.house.tick_at(T0 + minutes(1))
        self.effect = self.crm.effects(self.lead)[0]
        assert self.effect.state is EffectState.UNKNOWN

    def wants_hello(self, email: str) -> LeadId:
        lead = self.crm.capture(email=email, consent=Basis.CONSENT).id
        self.crm.record(lead, "hello.wanted")
        return lead

    def tick_later(self, by: timedelta = timedelta(minutes=1)) -> None:
        self.house.tick_at(self.house.clock.now + by)


@pytest.fixture(params=STORES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(request.param, tmp_path)
    yield made
    made.crm.close()


def test_the_backlog_is_the_stores(bench: Bench) -> None:
    assert bench.crm.backlog() == Backlog(unknown=1)
    bench.wants_hello("b@example.com")
    bench.wants_hello("c@example.com")
    assert (bench.crm.backlog().due, bench.crm.backlog(upto=1).due) == (2, 1)


@pytest.mark.parametrize("store", STORES)
def test_asking_makes_no_program_active(store: str, tmp_path: Path) -> None:
    house = House(PROGRAM, store_maker(store, tmp_path))
    assert (house.crm.backlog(), list(house.crm.stuck())) == (Backlog(), [])
    with house.storage.view() as view:
        assert view.page(Activation, "", 10) == ()
    house.crm.close()


def test_what_is_stuck_is_found_over_several_pages(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operating, "PAGE", 2)
    leads = [bench.wants_hello(f"{name}@example.com") for name in "bcdef"]
    bench.tick_later()
    with bench.house.storage.begin() as unit:
        standings = [attrs.evolve(one, version=one.version + 1, dead="failed: ValueError") for one in
                     unit.get(Standing, leads).values()]  # fmt: skip
        assert not unit.put({one.subject: Changes(records=(one,)) for one in standings})
    found = list(bench.crm.stuck())
    assert [one.id for one in found if isinstance(one, Effect)] == [bench.effect.id]
    assert sorted(one.subject for one in found if isinstance(one, Standing)) == sorted(leads)


def test_observers_are_told_of_a_resolution(bench: Bench) -> None:
    bench.told.clear()
    assert bench.crm.resolve(bench.effect.id, sent=True)
    assert [(fact.kind, fact.subject, fact.cause) for fact in bench.told] == [
        ("email.sent", bench.lead, bench.effect.id)
    ]


def test_the_receipt_of_a_resolution_is_decided_like_any_other(bench: Bench) -> None:
    assert bench.crm.resolve(bench.effect.id, sent=True)
    bench.tick_later()
    receipt = bench.crm.timeline(bench.lead)[0]
    standing = bench.crm.standing(bench.lead)
    assert receipt.kind == "email.sent"
    assert standing is not None
    assert standing.advanced_to is not None
    assert standing.advanced_to >= receipt.at


def test_what_was_not_sent_does_not_count_towards_the_cap(bench: Bench) -> None:
    assert bench.crm.resolve(bench.effect.id, sent=False)
    bench.crm.record(bench.lead, "hello.wanted")
    bench.tick_later()
    bench.tick_later()
    states = [effect.state for effect in bench.crm.effects(bench.lead)]
    assert states == [
        EffectState.ACCEPTED,
        EffectState.ACCEPTED,
    ]  # within a cap of two


def test_what_was_not_sent_passes_the_gate_again(bench: Bench) -> None:
    bench.crm.unsubscribe(bench.lead)
    assert bench.crm.resolve(bench.effect.id, sent=False)
    bench.tick_later()
    (effect,) = bench.crm.effects(bench.lead)
    assert (effect.state, len(bench.sender.attempts)) == (EffectState.WITHHELD, 1)


def test_a_worker_that_comes_back_late_cannot_settle_it(bench: Bench) -> None:
    """Its claim is an older version than what the operator wrote."""
    assert bench.crm.resolve(bench.effect.id, sent=True)
    late = bench.effect.moved(state=EffectState.REJECTED)
    with bench.house.storage.begin() as unit:
        assert unit.put({bench.lead: Changes(records=(late,))}) == {bench.lead}
    assert bench.crm.effects(bench.lead)[0].state is EffectState.ACCEPTED


def test_only_what_is_in_doubt_is_resolved(bench: Bench) -> None:
    assert bench.crm.resolve(bench.effect.id, sent=True)
    before = bench.crm.effects(bench.lead)
    assert not bench.crm.resolve(bench.effect.id, sent=False)
    assert not bench.crm.resolve(bench.effect.id, sent=True)
    assert bench.crm.effects(bench.lead) == before


def test_an_effect_that_is_not_there_is_named(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="no such effect: eff_0"):
        bench.crm.resolve(EffectId("eff_0"), sent=True)


def test_a_race_is_tried_again_and_then_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [3]
    with bench.house.storage.begin() as unit:
        unit_type = type(unit)
    put = unit_type.put

    def contended(unit: object, groups: dict[SubjectId, Changes], /) -> frozenset[SubjectId]:
        if left[0]:
            left[0] -= 1
            return frozenset(groups)
        return put(unit, groups)  # type: ignore[arg-type]

    monkeypatch.setattr(unit_type, "put", contended)
    assert bench.crm.resolve(bench.effect.id, sent=False)
    bench.sender.then(Lost(delivered=False))
    bench.tick_later(hours(1))
    left[0] = 100
    with pytest.raises(ConflictError):
        bench.crm.resolve(bench.effect.id, sent=True)
