"""Steps about others: what they order, of whom, and what is wrong with them."""

from __future__ import annotations

import json

import pytest

from nurture import Attribute, Message, Program, Scenario, q
from nurture.errors import DefinitionError
from nurture.model import EffectKind, Repeat
from nurture.predicates import from_json
from nurture.steps import EffectOrder, FactOrder, Go, Stay, Step, enroll, send_to_people, tag, tell, wait, withdraw
from nurture.steps.relaying import relay
from tests.unit.steps.scenes import GivenScene

IT = q.lead.role == "IT"


def order_of(step: Step, scene: GivenScene | None = None) -> EffectOrder:
    move = step.arrive(scene or GivenScene())
    assert isinstance(move, Stay)
    assert move.effect is not None
    return move.effect


def test_a_relay_names_one_subject_or_people() -> None:
    one = relay("a.told", {"x": 1}, to="lead_1")
    assert (one.kind, one.name, one.repeat) == (EffectKind.RELAY, "a.told", Repeat.AT_LEAST_ONCE)
    assert one.params == {"said.x": 1, "to": "lead_1"}
    assert relay("a.told", {}, people=q.everyone).params == {"people": ""}
    assert from_json(json.loads(str(relay("a.told", {}, people=IT).params["people"]))) == IT


@pytest.mark.parametrize("value", [None, 7, True])
def test_what_is_no_id_names_nobody(value: object) -> None:
    assert relay("a.told", {}, to=value).params["to"] == ""  # type: ignore[arg-type]


def test_tell_reads_whom_and_what_on_arrival() -> None:
    step = tell("referral.arrived", to=q.entry.referrer, properties={"plan": "pro", "title": q.lead.title})
    scene = GivenScene(values={"referrer": "lead_9", "title": "CTO"})
    assert order_of(step, scene).params == {"said.plan": "pro", "said.title": "CTO", "to": "lead_9"}
    assert order_of(step).params == {"said.plan": "pro", "to": ""}
    assert {place for place, _ in step.predicates()} == {"to", "params.title"}


def test_tell_goes_on_once_the_fact_stands() -> None:
    step = tell("a.told", to="account", if_failed=[tag("alone")])
    assert step.resume(GivenScene()) == Stay()
    assert step.resume(GivenScene(outcome="done")) == Go(saw={"outcome": "done"})
    failed = step.resume(GivenScene(outcome="failed", reason="no_such_subject"))
    assert failed == Go("failed", saw={"outcome": "failed", "reason": "no_such_subject"})


@pytest.mark.parametrize(
    "step",
    [
        tell("a.told"),
        tell("a.told", to="account", people=IT),
        tell("told", to="account"),
        tell("email.sent", to="account"),
        tell("enrollment.requested", to="account"),
        tell("ticket.failed", to="account"),
        enroll("drip", key="a", people=None).__class__("drip", "a", tell("a.b", to=q.entry.x).to),
        withdraw("drip").__class__("drip", "a", tell("a.b", to=q.entry.x).to),
        send_to_people("hello").__class__("hello"),
    ],
)
def test_what_cannot_be_meant_is_a_problem(step: Step) -> None:
    assert list(step.problems())


def test_tell_takes_a_field_or_the_account() -> None:
    with pytest.raises(DefinitionError, match="or 'account'"):
        tell("a.told", to="lead_1")
    with pytest.raises(DefinitionError, match=r"tell\.to"):
        tell("a.told", to=7)  # type: ignore[arg-type]


def test_enroll_and_withdraw_ask_about_the_subject_itself() -> None:
    scene = GivenScene(values={"seminar": "s7"})
    asked = enroll("drip", key=q.entry.seminar).arrive(scene)
    assert asked == Go(orders=(FactOrder("enrollment.requested", {"scenario": "drip", "key": "s7"}, "drip"),))
    left = withdraw("drip", reason="won").arrive(scene)
    said = {"scenario": "drip", "key": "", "reason": "won"}
    assert left == Go(orders=(FactOrder("withdrawal.requested", said, "drip"),))


def test_enroll_and_withdraw_ask_about_people_by_a_relay() -> None:
    asked = order_of(enroll("drip", key="spring", people=IT))
    assert (asked.kind, asked.name) == (EffectKind.RELAY, "enrollment.requested")
    assert asked.params["said.scenario"] == "drip"
    assert asked.params["said.key"] == "spring"
    assert order_of(withdraw("drip", people=q.everyone)).name == "withdrawal.requested"


def test_sending_to_people_asks_for_the_message() -> None:
    step = send_to_people("security", IT, params={"no": 7, "firm": q.account.name}, repeat=Repeat.AT_LEAST_ONCE)
    order = order_of(step, GivenScene(values={"name": "Mihon"}))
    assert order.name == "message.requested"
    said = {name: value for name, value in order.params.items() if name != "people"}
    assert said == {
        "said.message": "security",
        "said.repeat": "at_least_once",
        "said.params.no": 7,
        "said.params.firm": "Mihon",
    }


PARTS: tuple[Step, ...] = (
    send_to_people("hello", IT),
    send_to_people("hello"),
    enroll("y", people=q.everyone),
    withdraw("y", people=IT),
    tell("a.told", people=q.lead.title == "CTO", properties={"x": 1}, if_failed=[wait(days=1)]),
)


def program(steps: list[Step], subject: str = "account") -> Program:
    return Program(
        messages=[Message("hello", "marketing", "Hello", "Hello"), Message("own", "internal", "Own", "Own")],
        attributes=[Attribute("role")],
        scenarios=[Scenario("x", None, steps, subject=subject), Scenario("y", None, [wait(days=1)], key="k")],
    )


def test_a_program_with_them_survives_json() -> None:
    built = program([*PARTS, tell("b.told", to=q.entry.owner)])
    assert Program.from_json(built.to_json()) == built
    own = program([enroll("y", key=q.entry.k), withdraw("y"), tell("a.told", to="account")], "lead")
    assert Program.from_json(own.to_json()) == own


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (send_to_people("helo", IT), "did you mean 'hello'"),
        (send_to_people("own", IT), "is internal"),
        (enroll("yy", people=IT), "unknown scenario 'yy'"),
        (enroll("y"), "unknown scenario 'y'"),
        (send_to_people("hello", q.lead.rol == "IT"), "did you mean 'role'"),
        (send_to_people("hello", q.touches("a.seen").never()), "expected a predicate about the fields of leads"),
        (send_to_people("hello", q.account.industry == "x"), "expected a predicate about the fields of leads"),
        (send_to_people("hello", q.scenario("y").is_active()), "fields of leads"),
        (send_to_people("hello", q.lead.role == q.entry.role), "people"),
        (tell("a.told", to="account"), "an account has no lead"),
    ],
)
def test_a_program_checks_what_they_say(step: Step, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        program([step])


@pytest.mark.parametrize("step", PARTS, ids=lambda step: step.kind)
def test_only_an_account_has_people(step: Step) -> None:
    with pytest.raises(DefinitionError, match="only an account has people"):
        program([step], "lead")
