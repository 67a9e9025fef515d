"""Tasks that steps gave: listed while they are open, closed once, and refused when that makes no sense."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nurture import Program, Scenario, civil, days, hours, q
from nurture.errors import InvalidFactError, NotFoundError, UnknownNameError
from nurture.model import Fact, LeadId, SubjectId
from nurture.steps import jump, mark, tag, task, wait
from tests.stores import STORES, T0, House, store_maker

CALL = task(
    "Call",
    due=civil(business_days=2, at="18:00"),
    outcomes={"met": [tag("met")], "absent": [jump("call", at_most=1)]},
    overdue=[tag("overdue")],
    params={"why": "fair", "rank": q.entry.rank},
)
LATER = task("Thank them", due=days(20), owner="sato", outcomes={})
PROGRAM = Program(
    scenarios=[
        Scenario("s", q.touches("card.exchanged"), [mark("call"), CALL]),
        Scenario("later", q.touches("card.exchanged"), [LATER]),
        Scenario("firm", q.touches("deal.opened"), [task("Name the buyer", due=days(5))], subject="account"),
    ],
    zone="Asia/Tokyo",
)


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    return House(PROGRAM, store_maker(request.param, tmp_path))


def met(house: House, owner: str | None = "tanaka") -> LeadId:
    lead = house.crm.capture(email="a@example.com", owner=owner).id
    house.crm.record(lead, "card.exchanged", {"rank": "A"})
    house.tick_at(house.clock.now + hours(1))
    return lead


def test_open_tasks_are_listed_with_all_that_they_say(house: House) -> None:
    lead = met(house)
    call, later = house.crm.tasks(lead)
    assert (call.title, call.subject, call.owner, call.outcomes) == ("Call", lead, "tanaka", ("met", "absent"))
    assert call.params == {"why": "fair", "rank": "A"}
    assert call.due_at == T0 + timedelta(days=2, hours=9)  # Friday at 18:00 in Tokyo
    assert (later.title, later.owner, later.outcomes) == ("Thank them", "sato", ("done",))


def test_closing_a_task_leads_on_by_its_outcome(house: House) -> None:
    lead = met(house)
    call = next(iter(house.crm.tasks(lead)))
    fact = house.crm.close_task(lead, call.id, "met", by="tanaka", params={"next": "demo"})
    house.tick_at(house.clock.now + hours(1))
    assert house.crm.lead(lead).tags == ("met",)
    assert [one.title for one in house.crm.tasks(lead)] == ["Thank them"]
    told = next(one for one in house.crm.timeline(lead) if one.id == fact)
    assert told.kind == Fact.TASK_CLOSED
    assert told.properties == {"task": call.id, "outcome": "met", "by": "tanaka", "params.next": "demo"}


def test_closing_it_twice_is_harmless_and_with_another_outcome_refused(house: House) -> None:
    lead = met(house)
    call = next(iter(house.crm.tasks(lead)))
    fact = house.crm.close_task(lead, call.id, "met")
    assert house.crm.close_task(lead, call.id, "met") == fact
    house.tick_at(house.clock.now + hours(1))
    assert house.crm.close_task(lead, call.id, "met") == fact
    with pytest.raises(NotFoundError, match="not open any more"):
        house.crm.close_task(lead, call.id, "absent")
    house.tick_at(house.clock.now + hours(1))
    closed = [one for one in house.crm.timeline(lead) if one.kind == Fact.TASK_CLOSED]
    assert [one.id for one in closed] == [fact]


def test_each_round_has_a_task_of_its_own(house: House) -> None:
    lead = met(house)
    first = next(iter(house.crm.tasks(lead)))
    house.crm.close_task(lead, first.id, "absent")
    house.tick_at(house.clock.now + hours(1))
    second = next(iter(house.crm.tasks(lead)))
    assert second.title == "Call"
    assert second.id != first.id


def test_a_task_that_nobody_closes_stays_open_and_the_run_goes_on(house: House) -> None:
    lead = met(house)
    house.tick_at(T0 + days(4))
    assert house.crm.lead(lead).tags == ("overdue",)
    call = next(iter(house.crm.tasks(lead)))
    house.crm.close_task(lead, call.id, "met")
    house.tick_at(house.clock.now + hours(1))
    assert house.crm.lead(lead).tags == ("overdue",)
    assert [one.title for one in house.crm.tasks(lead)] == ["Thank them"]


def test_what_cannot_be_closed_is_refused_with_a_hint(house: House) -> None:
    lead = met(house)
    call = next(iter(house.crm.tasks(lead)))
    with pytest.raises(UnknownNameError, match="did you mean 'absent'"):
        house.crm.close_task(lead, call.id, "absnt")
    with pytest.raises(NotFoundError, match="no such task"):
        house.crm.close_task(lead, "stop_unheard_of", "met")
    with pytest.raises(NotFoundError, match="no such lead or account"):
        house.crm.close_task(LeadId(SubjectId("lead_unheard_of")), call.id, "met")
    with pytest.raises(NotFoundError, match="no such lead or account"):
        house.crm.tasks(LeadId(SubjectId("lead_unheard_of")))
    with pytest.raises(InvalidFactError, match="params"):
        house.crm.close_task(lead, call.id, "met", params={"x": object()})
    assert len(list(house.crm.tasks(lead))) == 2


def test_tasks_of_everybody_are_walked_over(house: House) -> None:
    firm = house.crm.capture_account(name="Example", owner="suzuki").id
    house.crm.record(firm, "deal.opened")
    lead = met(house)
    found = [(one.subject, one.title, one.owner) for one in house.crm.tasks()]
    assert found == [
        (firm, "Name the buyer", "suzuki"),
        (lead, "Call", "tanaka"),
        (lead, "Thank them", "sato"),
    ]


def test_a_task_of_somebody_without_an_owner_is_nobodys(house: House) -> None:
    assert next(iter(house.crm.tasks(met(house, owner=None)))).owner is None


def test_a_task_is_only_what_the_library_made() -> None:
    house = House(Program(scenarios=[Scenario("s", None, [wait(days=1)])]), store_maker("memory", Path()))
    lead = house.crm.capture(email="a@example.com").id
    for kind in (Fact.TASK_CREATED, Fact.TASK_CLOSED, Fact.SCORE_ADJUSTED):
        with pytest.raises(InvalidFactError, match="written by the library alone"):
            house.crm.record(lead, kind)
