"""What is decided at one moment, and at the next: the order of facts, timers, receipts and stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nurture import (
    Attribute,
    Dossier,
    Lead,
    Message,
    Program,
    Scenario,
    Segment,
    advance,
    civil,
    days,
    hours,
    minutes,
    q,
)
from nurture.model import Fact, LeadId, Origin, Pending, SubjectId
from nurture.steps import Step, branch, increment, send, tag, wait, wait_for
from tests.property.ledger import Ledger, fact_of, receipt_of
from tests.stores import STORES, T0, House, store_maker
from tests.strategies import MICROSECOND, START

CLICK = q.touches("email.clicked")
MESSAGES = [Message("hello", "transactional", "Hello", "Hello")]
WAITING = wait_for(CLICK, hours(1), then=[tag("seen")], otherwise=[tag("timeout")])


def begun(*steps: Step, **given: object) -> Ledger:
    """A lead who submitted a form at the start, decided up to then."""
    scenario = Scenario("s", q.touches("form.submitted"), steps)
    ledger = Ledger(Program(messages=MESSAGES, scenarios=[scenario], **given))  # type: ignore[arg-type]
    hears(ledger, "form.submitted", START)
    ledger.tick(START + MICROSECOND)
    return ledger


def hears(ledger: Ledger, kind: str, at: datetime, happened: datetime | None = None) -> None:
    ledger.receive(fact_of(f"{kind}{at}", kind, happened or at, at, {}, Origin.LEAD))


def tags_after(ledger: Ledger) -> tuple[str, ...]:
    ledger.tick(START + days(60))
    return ledger.lead.tags


def test_before_the_first_fact_there_is_nothing_to_decide() -> None:
    lead = Lead(id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=START)
    assert advance(Program(), Dossier(subject=lead), START + days(1)).standing is None


def test_a_fact_at_now_is_not_decided_yet() -> None:
    ledger = Ledger(Program())
    ledger.tick(START)
    assert ledger.standing is None
    ledger.tick(START + MICROSECOND)
    assert ledger.standing is not None
    assert ledger.standing.advanced_to == START


@pytest.mark.parametrize(("late", "tags"), [(timedelta(0), ("seen",)), (MICROSECOND, ("timeout",))])
def test_a_fact_at_the_instant_of_the_deadline_wins(late: timedelta, tags: tuple[str, ...]) -> None:
    ledger = begun(WAITING)
    hears(ledger, "email.clicked", START + hours(1) + late)
    assert tags_after(ledger) == tags


def test_a_click_that_outran_the_receipt_is_seen() -> None:
    ledger = begun(send("hello"), WAITING)
    (effect,) = ledger.effects.values()
    claimed, receipt = START + minutes(5), receipt_of(effect)
    hears(ledger, "email.clicked", claimed + minutes(1))
    sent = {"effect": effect.id, "claimed_at": claimed}
    ledger.settle(
        type(receipt)(
            id=receipt.id, subject=effect.subject, kind="email.sent", at=claimed + minutes(2), properties=sent,
            received_at=claimed + minutes(2), origin=Origin.ENGINE, cause=effect.id,
        )
    )  # fmt: skip
    assert tags_after(ledger) == ("seen",)


def test_a_click_before_the_claim_is_not() -> None:
    ledger = begun(send("hello"), WAITING)
    (effect,) = ledger.effects.values()
    hears(ledger, "email.clicked", START + MICROSECOND)
    ledger.tick(START + minutes(1))
    receipt = receipt_of(effect)
    late = START + minutes(20)
    ledger.settle(
        type(receipt)(
            id=receipt.id, subject=effect.subject, kind="email.sent", at=late, properties={"claimed_at": late},
            received_at=late, origin=Origin.ENGINE, cause=effect.id,
        )
    )  # fmt: skip
    assert tags_after(ledger) == ("timeout",)


def test_a_wait_after_a_send_starts_when_the_send_settled() -> None:
    ledger = begun(send("hello"), wait(hours(1)), tag("end"))
    ledger.tick(START + days(9))
    assert ledger.lead.tags == ()
    (effect,) = ledger.effects.values()
    receipt = receipt_of(effect)
    ledger.settle(receipt)
    ledger.tick(receipt.at + hours(1) + MICROSECOND)
    assert ledger.lead.tags == ("end",)


@pytest.mark.parametrize(("zone", "ends"), [("Asia/Tokyo", datetime(2026, 3, 2, 1, tzinfo=UTC)), ("UTC", None)])
def test_a_civil_wait_ends_by_the_clock_of_the_zone(zone: str, ends: datetime | None) -> None:
    ledger = begun(wait(civil(days=1, at="10:00")), zone=zone)
    assert ledger.standing is not None
    assert ledger.standing.due_at == (ends or datetime(2026, 3, 2, 10, tzinfo=UTC))


def test_a_branch_is_decided_once() -> None:
    ledger = begun(branch(q.segment("a"), then=[wait(days(1)), tag("yes")]), segments=[Segment("a", ~CLICK)])
    hears(ledger, "email.clicked", START + hours(1))
    assert tags_after(ledger) == ("yes",)


def test_a_step_sees_what_a_step_before_it_did_in_the_same_moment() -> None:
    ledger = begun(tag("x"), branch(q.lead.tags.contains("x"), then=[tag("y")]))
    assert ledger.lead.tags == ("x", "y")


def test_it_may_stop_after_so_many_moments_and_is_due_at_the_next() -> None:
    program = Program(segments=[Segment("a", CLICK.within(hours=1))])
    facts = [fact_of(str(n), "email.clicked", START + hours(n), START + hours(n), {}, Origin.LEAD) for n in range(9)]
    inbox = tuple(Pending(one.received_at, one) for one in facts)
    lead = Lead(id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=START)
    decision = advance(program, Dossier(subject=lead, inbox=inbox), START + days(1), max_moments=3)
    assert decision.moments == 3
    assert len(decision.folded) == 3


@pytest.mark.parametrize("count", [10, 60, 200])
def test_runs_that_began_side_by_side_go_on_side_by_side(count: int) -> None:
    """As where the machine's clock stood still: their timers are a microsecond apart, and nothing chases its tail."""
    program = Program(
        attributes=[Attribute("sent", "number")],
        scenarios=[Scenario("order", q.touches("order.placed"), [wait(days=1), increment("sent")], key="order")],
    )
    ledger = Ledger(program)
    for number in range(count):
        at = START + number * MICROSECOND
        ledger.receive(fact_of(str(number), "order.placed", at, at, {"order": str(number)}, Origin.LEAD))
    ledger.tick(START + hours(1))
    ledger.tick(START + days(2))
    assert ledger.standing is not None
    assert ledger.standing.dead is None
    assert ledger.lead.attributes["sent"] == count
    assert all(run.ended_at is not None for run in ledger.standing.enrollments)


def test_a_program_that_chases_its_own_tail_is_given_up_with_a_reason() -> None:
    program = Program(
        scenarios=[
            Scenario(
                "s",
                q.touches(Fact.LEAD_CHANGED),
                [branch(q.lead.tags.contains("x"), [tag(remove=["x"])], [tag("x")])],
                reentry="always",
            ),
            Scenario("go", q.touches("form.submitted"), [tag("x")]),
        ]
    )
    ledger = Ledger(program)
    hears(ledger, "form.submitted", START)
    ledger.tick(START + days(1))
    assert ledger.standing is not None
    assert ledger.standing.dead
    assert ledger.standing.due_at is None


@pytest.mark.parametrize("kind", STORES)
def test_what_is_decided_is_explained(kind: str, tmp_path: Path) -> None:
    program = Program(
        segments=[Segment("a", CLICK.within(days=1))], scenarios=[Scenario("s", q.segment("a"), [WAITING])]
    )
    house = House(program, store_maker(kind, tmp_path))
    lead = house.crm.capture(email="secret@example.com", name="Hana").id
    house.crm.record(lead, "email.clicked")
    house.tick_at(T0 + minutes(1))
    told = house.crm.explain(lead)
    assert told.segments[0].belongs
    assert told.segments[0].flips_at is not None
    assert "secret" not in str(told)
    assert "Hana" not in str(told)
    house.crm.close()
