"""Nobody slips through: who has nothing ahead, and whom nobody has touched, on every store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from nurture import (
    Basis,
    Lifecycle,
    Message,
    Program,
    Scenario,
    Segment,
    Stage,
    Transition,
    civil,
    days,
    hours,
    q,
)
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Changes, LeadId, Standing, SubjectId
from nurture.runtime import overlooked
from nurture.runtime.overlooked import Because, Overlooked
from nurture.steps import send, task, wait
from tests.stores import STORES, T0, House, store_maker

PROGRAM = Program(
    lifecycle=Lifecycle(
        [Stage("lead"), Stage("mql"), Stage("customer"), Stage("lost")],
        [Transition("lead", "mql"), Transition("mql", "customer"), Transition("mql", "lost")],
    ),
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    segments=[Segment("fresh", q.touches("fair.visited").within(days=30))],
    scenarios=[
        Scenario("slow", q.touches("form.submitted"), [wait(days(20)), send("hello")]),
        Scenario("call", q.touches("call.wanted"), [task("Call", due=days(2))]),
    ],
    zone="Asia/Tokyo",
)


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    house = House(PROGRAM, store_maker(request.param, tmp_path))
    yield house
    house.crm.close()


def a_lead(house: House, number: int, *kinds: str) -> LeadId:
    lead = house.crm.capture(email=f"{number}@example.com", consent=Basis.CONSENT).id
    for kind in kinds:
        house.crm.record(lead, kind)
    return lead


def listed(house: House, **given: object) -> dict[str, list[str]]:
    return {one.subject: [*one.because] for one in house.crm.no_next_step(**given)}  # type: ignore[arg-type]


def test_those_with_nothing_ahead_are_listed_and_no_others(house: House) -> None:
    idle = a_lead(house, 1)
    a_lead(house, 2, "form.submitted")  # a run
    called = a_lead(house, 3, "call.wanted")  # a task
    a_lead(house, 4, "fair.visited")  # leaves a segment by itself
    customer = a_lead(house, 5)
    house.tick_at(T0 + hours(1))
    for stage in ("mql", "customer"):
        assert house.crm.move(customer, stage)
    assert listed(house) == {idle: ["nothing_ahead"]}
    assert listed(house, stages=["customer"]) == {customer: ["nothing_ahead"]}
    assert listed(house, stages=["lead", "customer"]) == {idle: ["nothing_ahead"], customer: ["nothing_ahead"]}
    (open_task,) = house.crm.tasks(called)
    house.crm.close_task(called, open_task.id)
    house.tick_at(T0 + hours(2))
    assert sorted(listed(house)) == sorted([idle, called])


def test_a_withdrawn_run_leaves_somebody_behind(house: House) -> None:
    lead = a_lead(house, 1, "form.submitted")
    house.tick_at(T0 + hours(1))
    assert listed(house) == {}
    assert house.crm.withdraw(lead, "slow")
    (one,) = house.crm.no_next_step()
    assert (one.stage, one.because, one.sentence()) == (
        "lead",
        (Because.NOTHING_AHEAD,),
        "no run, no task and nothing else is ahead",
    )
    assert one.sentence("ja") == "進行中のシナリオもタスクも今後の予定もない"


def test_untouched_counts_business_days(house: House) -> None:
    """The first of April 2026 is a Wednesday; three business days later it is Monday."""
    old = a_lead(house, 1, "form.submitted")
    house.clock.move_to(T0 + days(2))
    new = a_lead(house, 2, "form.submitted")
    house.tick_at(T0 + days(4))
    three = civil(business_days=3)
    assert listed(house, untouched=three) == {}
    house.tick_at(T0 + days(5) + hours(1))
    assert listed(house, untouched=three) == {old: ["untouched"]}
    (one,) = house.crm.no_next_step(untouched=three)
    assert (one.touched_at, one.sentence()) == (T0, "nobody has touched it since 2026-04-01") or (
        one.touched_at is not None and one.touched_at - T0 < hours(1)
    )
    house.crm.record(old, "page.viewed")
    assert listed(house, untouched=three) == {}
    house.tick_at(T0 + days(40))
    assert listed(house, untouched=three) == {old: ["nothing_ahead", "untouched"], new: ["nothing_ahead", "untouched"]}


def test_what_the_library_sends_is_no_touch(house: House) -> None:
    lead = a_lead(house, 1, "form.submitted")
    house.tick_at(T0 + hours(1))
    house.tick_at(T0 + days(20) + hours(1))
    assert [one.name for one in house.crm.effects(lead)] == ["hello"]
    assert listed(house, untouched=days(19)) == {lead: ["nothing_ahead", "untouched"]}
    assert listed(house, untouched=days(21)) == {lead: ["nothing_ahead"]}


def test_somebody_who_is_dead_is_not_forgotten(house: House) -> None:
    lead = a_lead(house, 1, "form.submitted")
    house.tick_at(T0 + hours(1))
    standing = house.crm.standing(lead)
    assert standing is not None
    worse = attrs.evolve(standing, version=standing.version + 1, dead="failed: ValueError", due_at=None)
    with house.storage.begin() as unit:
        assert not unit.put({lead: Changes(records=(worse,))})
    (one,) = house.crm.no_next_step()
    assert (one.because, one.sentence()) == ((Because.DEAD,), "nothing is decided about it any more")


def test_pages_leave_nobody_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlooked, "PAGE", 3)
    leads = sorted(a_lead(house, number) for number in range(8))
    house.tick_at(T0 + hours(1))
    found = [one.subject for one in house.crm.no_next_step()]
    assert found == leads
    assert [one.subject for one in house.crm.no_next_step(after=leads[4])] == leads[5:]


def test_without_a_lifecycle_everybody_is_asked_about(tmp_path: Path) -> None:
    house = House(attrs.evolve(PROGRAM, lifecycle=None), store_maker("memory", tmp_path))
    lead = a_lead(house, 1)
    firm = house.crm.capture_account(name="Example").id
    house.tick_at(T0 + hours(1))
    assert listed(house) == {lead: ["nothing_ahead"], firm: ["nothing_ahead"]}


def test_a_stage_that_does_not_exist_is_refused_at_once(house: House) -> None:
    with pytest.raises(UnknownNameError, match="mql"):
        house.crm.no_next_step(stages=["mq"])


@pytest.mark.parametrize("wrong", [timedelta(0), days(-1), civil(business_days=-2), 5])
def test_untouched_is_a_length_of_time(house: House, wrong: object) -> None:
    with pytest.raises(DefinitionError, match="civil"):
        house.crm.no_next_step(untouched=wrong)  # type: ignore[arg-type]


def test_a_standing_that_was_never_decided_is_no_case(house: House) -> None:
    a_lead(house, 1)
    with house.storage.view() as view:
        assert not view.page(Standing, "", 10)
    assert listed(house, untouched=days(1)) == {}


def test_a_sentence_tells_the_day_by_the_programs_clocks() -> None:
    late = T0.replace(hour=16, minute=30)
    one = Overlooked(
        subject=SubjectId("lead_1"),
        stage=None,
        stage_since=None,
        because=(Because.UNTOUCHED,),
        touched_at=late,
        zone="Asia/Tokyo",
    )
    assert one.sentence("ja") == "2026-04-02から接触がない"
