"""What steps change about the subject itself: the owner of leads and accounts, numbers, in the record and its facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture import Attribute, Program, Scenario, hours, q
from nurture.model import Fact, SubjectId
from nurture.steps import Step, assign, increment, tag, wait_for_any
from tests.stores import T0, House, store_maker


def ran(*steps: Step, subject: str = "lead", owner: str | None = None) -> tuple[House, SubjectId]:
    program = Program(
        scenarios=[Scenario("s", q.touches("form.submitted"), steps, subject=subject, reentry="always")],
        attributes=[Attribute("calls", "integer", subject)],
    )
    house = House(program, store_maker("memory", Path()))
    one: SubjectId
    if subject == "lead":
        one = house.crm.capture(email="a@example.com", owner=owner).id
    else:
        one = house.crm.capture_account(name="Example", owner=owner).id
    house.crm.record(one, "form.submitted")
    house.tick_at(T0 + hours(1))
    return house, one


@pytest.mark.parametrize("subject", ["lead", "account"])
@pytest.mark.parametrize("before", [None, "sato"])
def test_an_owner_is_a_field_of_the_subject_and_its_change_a_fact(subject: str, before: str | None) -> None:
    house, one = ran(assign("tanaka"), subject=subject, owner=before)
    record = house.crm.lead(one) if subject == "lead" else house.crm.account(one)  # type: ignore[arg-type]
    assert record.owner == "tanaka"
    assert record.attributes == {}
    changes = [fact for fact in house.crm.timeline(one) if fact.kind == f"{subject}.changed"]
    told = changes[0].properties
    assert (told["fields"], told["after.owner"], told.get("before.owner")) == (("owner",), "tanaka", before)


def test_who_has_the_owner_already_is_not_changed() -> None:
    house, one = ran(assign("tanaka"), owner="tanaka")
    assert Fact.LEAD_CHANGED not in [fact.kind for fact in house.crm.timeline(one)]


def test_whoever_asks_for_the_owner_hears_of_it_in_the_same_run() -> None:
    waits = wait_for_any(hours(5), owned=(q.lead.owner == "tanaka", [tag("owned")]), otherwise=[tag("nobody")])
    house, one = ran(assign("tanaka"), waits)
    assert house.crm.lead(one).tags == ("owned",)  # type: ignore[arg-type]


@pytest.mark.parametrize("subject", ["lead", "account"])
def test_numbers_are_added_up(subject: str) -> None:
    house, one = ran(increment("calls"), increment("calls", 4), subject=subject)
    house.crm.record(one, "form.submitted")
    house.tick_at(T0 + hours(2))
    record = house.crm.lead(one) if subject == "lead" else house.crm.account(one)  # type: ignore[arg-type]
    assert record.attributes == {"calls": 10}
