"""Scenarios that answer one another in a circle come to rest: nobody gets mail without end."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import attrs
import pytest

from nurture import Basis, Cap, ContactPolicy, Message, Program, Scenario, days, hours, q
from nurture.decisions.hops import HOPS, MOST_HOPS
from nurture.model import Fact, Origin, Value
from nurture.ports import Accepted
from nurture.program import Reentry, on_date
from nurture.program.attribute import Attribute
from nurture.steps import Step, act, send, send_to_people, tag, tell, wait
from nurture.testing import FakeSender
from tests.property.ledger import Ledger, fact_of
from tests.stores import STORES, T0, House, store_maker
from tests.strategies import START, a_lead

MESSAGES = [Message(name, "transactional", name.title(), f"{name.title()}\n") for name in ("hello", "tips", "notice")]
BEGIN = Scenario("begin", q.touches("form.submitted"), [send("hello")])
FEW = 6
"""So many mails get out: one to begin with, and one for each answer of four hops up to twenty."""


def answering(name: str, of: str, *steps: Step, reentry: Reentry = Reentry.ALWAYS) -> Scenario:
    """A scenario that answers each mail of a message."""
    return Scenario(name, q.touches("email.sent").where(q.prop("name") == of), steps, reentry=reentry)


CIRCLES = {
    "ping and pong": [answering("a", "hello", send("tips")), answering("b", "tips", send("hello"))],
    "itself": [Scenario("a", q.touches("email.sent"), [send("tips")], reentry="restart")],
    "after less than a breath": [
        answering("a", "hello", wait(timedelta(microseconds=1)), send("tips")),
        answering("b", "tips", wait(timedelta(seconds=20)), send("hello")),
    ],
    "by a segment": [
        answering("a", "hello", tag("x"), send("tips")),
        answering("b", "tips", tag("y"), send("hello")),
        Scenario("c", q.lead.tags.includes("y"), [tag(remove=["y"])], reentry="always"),
    ],
}


def lived(program: Program, kind: str, folder: Path) -> tuple[House, FakeSender]:
    """A person who submits a form, and everything that follows at once."""
    sender = FakeSender()
    house = House(
        program, store_maker(kind, folder), senders={"email": sender}, actions={"note": lambda *_: Accepted()}
    )
    firm = house.crm.capture_account(name="Mihon", key="m").id
    lead = house.crm.capture(email="a@example.com", account=firm, consent=Basis.CONSENT).id
    house.crm.record(lead, "form.submitted")
    for seconds in range(0, 200, 10):  # somewhere in these a wait for less than a breath is over
        house.tick_at(T0 + hours(1) + timedelta(seconds=seconds))
    return house, sender


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("circle", CIRCLES)
def test_a_circle_of_mails_comes_to_rest(circle: str, kind: str, tmp_path: Path) -> None:
    program = Program(messages=MESSAGES, scenarios=[BEGIN, *CIRCLES[circle]], actions=["note"])
    house, sender = lived(program, kind, tmp_path)
    assert len(sender.delivered) == FEW
    house.tick_at(T0 + hours(100))
    assert len(sender.delivered) == FEW
    (lead,) = [one.subject for one in house.crm.members(q.everyone)]
    assert "too_many_hops" in str(house.crm.explain(lead))
    house.crm.record(lead, "form.submitted")  # what happens anew is answered anew: here nobody enters twice
    house.tick_at(T0 + hours(200))
    assert len(sender.delivered) == FEW
    house.crm.close()


def test_a_circle_over_the_company_comes_to_rest(tmp_path: Path) -> None:
    program = Program(
        messages=MESSAGES,
        scenarios=[
            BEGIN,
            Scenario("a", q.touches("email.sent"), [tell("mail.went", to="account")], reentry="always"),
            Scenario("b", q.touches("mail.went"), [send_to_people("notice")], reentry="always", subject="account"),
        ],
        actions=["note"],
    )
    house, sender = lived(program, "memory", tmp_path)
    assert len(sender.delivered) in range(3, FEW)
    house.crm.close()


def test_a_circle_over_a_question_about_people_comes_to_rest(tmp_path: Path) -> None:
    tagged = q.account.leads.where(q.lead.tags.includes("x")).count() >= 1
    program = Program(
        messages=MESSAGES,
        scenarios=[
            answering("a", "notice", tag("x")),
            answering("b", "hello", tag(remove=["x"])),
            Scenario("p", tagged, [send_to_people("hello")], reentry="always", subject="account"),
            Scenario("n", ~tagged, [send_to_people("notice")], reentry="always", subject="account"),
        ],
        actions=["note"],
    )
    house, sender = lived(program, "memory", tmp_path)
    assert len(sender.delivered) in range(3, FEW)
    house.crm.close()


def test_a_circle_whose_entry_turns_back_in_one_moment_comes_to_rest(tmp_path: Path) -> None:
    is_tagged = q.lead.tags.includes("x")
    program = Program(
        messages=MESSAGES,
        scenarios=[
            Scenario("a", q.touches("email.sent"), [tag(remove=["x"])], reentry="always"),
            Scenario("b", is_tagged, [send("tips")], reentry="always"),
            Scenario("c", ~is_tagged, [tag("x")], reentry="always"),
        ],
        actions=["note"],
    )
    house, sender = lived(program, "memory", tmp_path)
    assert len(sender.delivered) in range(3, 2 * FEW)
    house.crm.close()


def test_who_waits_at_the_gate_has_waited(tmp_path: Path) -> None:
    names = [f"part{number}" for number in range(8)]
    program = Program(
        messages=[*MESSAGES, *(Message(name, "marketing", name, name) for name in names)],
        scenarios=[
            Scenario("begin", q.touches("form.submitted"), [send(names[0])]),
            *(answering(name, before, send(name)) for before, name in pairwise(names)),
        ],
        policy=ContactPolicy(caps=Cap(1, days(1)), max_lateness=days(3)),
        actions=["note"],
    )
    house, sender = lived(program, "memory", tmp_path)
    for hour in range(2, 24 * 12):
        house.tick_at(T0 + hours(hour))
    assert len(sender.delivered) == len(names)
    house.crm.close()


def test_a_circle_of_actions_comes_to_rest(tmp_path: Path) -> None:
    done = q.touches("action.done")
    program = Program(
        messages=MESSAGES,
        scenarios=[
            Scenario("begin", q.touches("form.submitted"), [act("note")]),
            Scenario("again", done, [act("note")], reentry="restart"),
        ],
        actions=["note"],
    )
    house, _ = lived(program, "memory", tmp_path)
    (lead,) = [one.subject for one in house.crm.members(q.everyone)]
    assert len(house.crm.effects(lead)) == MOST_HOPS + 1
    house.crm.close()


def test_who_waits_goes_on_for_ever(tmp_path: Path) -> None:
    circle = [
        answering("a", "hello", wait(hours(1)), send("tips")),
        answering("b", "tips", wait(hours(1)), send("hello")),
    ]
    house, sender = lived(Program(messages=MESSAGES, scenarios=[BEGIN, *circle], actions=["note"]), "memory", tmp_path)
    for hour in range(2, 60):
        house.tick_at(T0 + hours(hour))
    assert len(sender.delivered) > 3 * FEW
    house.crm.close()


def test_one_run_may_send_as_often_as_it_says(tmp_path: Path) -> None:
    many = Scenario("many", q.touches("form.submitted"), [send("hello") for _ in range(12)])
    _, sender = lived(Program(messages=MESSAGES, scenarios=[many], actions=["note"]), "memory", tmp_path)
    assert len(sender.delivered) == 12


@pytest.mark.parametrize("hops", [MOST_HOPS, MOST_HOPS + 1])
def test_in_the_moment_of_a_circle_only_answers_are_refused(hops: int) -> None:
    at = START + hours(30)
    program = Program(
        scenarios=[
            Scenario("echo", q.touches("action.done"), [tag("echo")]),
            Scenario("further", q.lead.tags.includes("echo"), [tag("further")]),
            Scenario("form", q.touches("form.submitted"), [tag("form")]),
            Scenario("asked", None, [tag("asked")]),
            Scenario("met", on_date(q.lead.meets), [tag("met")]),
        ],
        attributes=[Attribute("meets", "instant")],
    )
    ledger = Ledger(program, attrs.evolve(a_lead(), attributes={"meets": at}))
    asked: dict[str, Value] = {"scenario": "asked", "key": ""}
    ledger.receive(fact_of("a", "action.done", at, at, {HOPS: hops}, Origin.ENGINE))
    ledger.receive(fact_of("b", "form.submitted", at, at, {}, Origin.LEAD))
    ledger.receive(fact_of("c", Fact.ENROLLMENT_REQUESTED, at, at, asked, Origin.HOST))
    ledger.tick(at + hours(1))
    answers = {"echo", "further"} if hops <= MOST_HOPS else set[str]()
    assert set(ledger.lead.tags) == {"form", "asked", "met"} | answers
