"""Quarantine, as fresh eyes broke it once: accounts that tell, requests by hand, roll-overs, and operators' typing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nurture import Basis, Nurture, Program, Refused, Scenario, Segment, days, minutes, q
from nurture.decisions import Decision, advance
from nurture.errors import InvalidFactError, NotFoundError
from nurture.model import Dossier, FactId, SubjectId
from nurture.steps import tag, wait
from tests.stores import STORES, T0, House, store_maker

SEEN = Program(
    segments=[Segment("seen", q.touches("page.viewed"))],
    scenarios=[Scenario("s", q.touches("page.viewed"), [tag("seen"), wait(days=9)])],
)


class Flaky:
    """Deciding about these subjects raises, so many times."""

    def __init__(self) -> None:
        self.subjects: set[SubjectId] = set()
        self.times = 0
        self.tried = 0

    def __call__(self, program: Program, dossier: Dossier, now: datetime) -> Decision:
        if dossier.subject.id in self.subjects:
            self.tried += 1
            if self.times:
                self.times -= 1
                raise MemoryError
        return advance(program, dossier, now)


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> Flaky:
    flaky = Flaky()
    monkeypatch.setattr("nurture.runtime.deciding.advance", flaky)
    monkeypatch.setattr("nurture.runtime.activating.advance", flaky)
    return flaky


def memory_house(program: Program = SEEN) -> House:
    return House(program, store_maker("memory", Path()))


def test_an_account_that_fails_while_it_tells_is_tried_again(flaky: Flaky) -> None:
    house = memory_house(Program(segments=[Segment("saas", q.account.industry == "saas")]))
    account = house.crm.capture_account(name="Acme", key="acme").id
    for number in range(501):
        house.crm.capture(email=f"a{number}@example.com", account=account)
    house.tick_at(T0 + minutes(1))
    house.crm.update(account, industry="saas")
    house.clock.move_to(T0 + minutes(2))
    house.crm.decide()  # tells the first 500
    house.crm.record(account, "deal.opened")
    flaky.subjects, flaky.times = {account}, 1
    house.clock.move_to(T0 + minutes(3))
    house.crm.decide()
    for minute in (5, 6):
        house.tick_at(T0 + minutes(minute))
    standing = house.crm.standing(account)
    assert standing is not None
    assert (standing.failures, standing.telling) == (0, None)
    assert len(list(house.crm.members("saas"))) == 501


@pytest.mark.parametrize("store", STORES)
def test_requests_by_hand_keep_to_the_quarantine(flaky: Flaky, store: str, tmp_path: Path) -> None:
    house = House(SEEN, store_maker(store, tmp_path))
    crm = house.crm
    lead = crm.capture(email="a@example.com", consent=Basis.CONSENT).id
    crm.record(lead, "page.viewed")
    house.tick_at(T0 + minutes(1))
    flaky.subjects, flaky.times = {lead}, 99
    assert crm.enroll(lead, "s", key="again") == Refused("failing")
    assert flaky.tried == 1  # once, and not until it is dead
    assert crm.withdraw(lead, "s") == Refused("failing")
    assert flaky.tried == 1
    for minute in (5, 20):
        house.tick_at(T0 + minutes(minute))
    assert [one for one, _ in crm.dead()] == [lead]
    flaky.times = 0
    assert crm.withdraw(lead, "s") == Refused("dead")
    assert crm.enroll(lead, "s") == Refused("dead")
    assert [one for one, _ in crm.dead()] == [lead]  # nothing happens to the dead until they are revived
    assert crm.revive(lead)
    assert crm.withdraw(lead, "s") != Refused("dead")
    crm.close()


def test_what_an_operator_mistypes_is_told(flaky: Flaky) -> None:
    house = memory_house()
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT).id
    flaky.subjects, flaky.times = {lead}, 3
    for minute in (1, 5, 20):
        house.tick_at(T0 + minutes(minute))
    with pytest.raises(NotFoundError, match="fact_typo"):
        house.crm.revive(lead, without=[FactId("fact_typo")])
    with pytest.raises(InvalidFactError, match="without"):
        house.crm.revive(lead, without="fact_typo")  # type: ignore[arg-type]
    assert [one for one, _ in house.crm.dead()] == [lead]


def test_one_lead_that_cannot_be_rolled_over_stops_no_other(flaky: Flaky, monkeypatch: pytest.MonkeyPatch) -> None:
    house = memory_house()
    leads = [house.crm.capture(email=f"a{number}@example.com").id for number in range(9)]
    for lead in leads:
        house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + minutes(1))
    bad = sorted(leads)[0]
    from nurture.runtime import activating

    real = activating.whole_dossiers

    def unreadable(host, view, standings):  # type: ignore[no-untyped-def]
        if bad in standings:
            raise ValueError
        return real(host, view, standings)

    monkeypatch.setattr("nurture.runtime.activating.whole_dossiers", unreadable)
    monkeypatch.setattr("nurture.runtime.sweeping.whole_dossiers", unreadable)
    other = Program(scenarios=[Scenario("s", q.touches("page.viewed"), [tag("seen"), wait(days=8)])])
    assert house.crm.activate(other) == 8
    standing = house.crm.standing(bad)
    assert standing is not None
    assert standing.failures == 1


@pytest.mark.parametrize("store", STORES)
def test_what_came_before_an_activation_is_decided_as_it_was_then(store: str, tmp_path: Path) -> None:
    """A lead that nobody had decided yet does not enroll into what the new program says about its past."""
    make = store_maker(store, tmp_path)
    house = House(Program(scenarios=[Scenario("old", q.touches("page.viewed"), [tag("old")])]), make)
    before = house.crm.capture(email="before@example.com").id
    house.crm.record(before, "page.viewed")
    house.clock.move_to(T0 + minutes(5))
    new = Program(scenarios=[Scenario("new", q.touches("page.viewed"), [tag("new")])])
    house.crm.activate(new)
    after = house.crm.capture(email="after@example.com").id
    house.crm.record(after, "page.viewed")
    house.tick_at(T0 + minutes(9))
    assert (house.crm.lead(before).tags, house.crm.lead(after).tags) == (("old",), ("new",))
    house.crm.close()


def test_a_standing_whose_program_is_lost_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    house = memory_house()
    lead, other = (house.crm.capture(email=f"{name}@example.com").id for name in "ab")
    house.tick_at(T0 + minutes(1))
    from nurture.runtime import activating

    real: Callable[..., object] = activating.catch_up

    def lost(host, legs, subject, commit):  # type: ignore[no-untyped-def]
        if subject == lead:
            raise NotFoundError("the definition is not in the store")
        return real(host, legs, subject, commit)

    monkeypatch.setattr("nurture.runtime.deciding.catch_up", lost)
    later = Program(scenarios=[Scenario("s", q.touches("page.viewed"), [tag("later")])])
    activating.activate(house.crm._host, later)
    crm = Nurture(later, house.storage)
    for one in (lead, other):
        crm.record(one, "page.viewed")
    for hour in (1, 2, 3):
        house.clock.move_to(T0 + days(1) + timedelta(hours=hour))
        crm.tick()
    assert crm.lead(other).tags == ("later",)
    assert [one for one, _ in crm.dead()] == [lead]
