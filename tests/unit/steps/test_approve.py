"""Asking for an approval: who is asked for what, and which answers count."""

from __future__ import annotations

import attrs
import pytest

from nurture import Message, Program, Scenario, days, hours
from nurture.errors import DefinitionError
from nurture.model import Fact, Touchpoint, digest
from nurture.steps import FactOrder, Go, KeepOrder, Stay, approve, tag
from tests.unit.steps.scenes import NOW, GivenScene, after, fact

STEP = approve("director", deadline=days(3), message="case", then=[tag("a")], refused=[tag("b")], otherwise=[tag("c")])
APPROVAL = digest("appr", "stop_1", "cont_case")


def word(kind: str, approval: str = APPROVAL) -> Touchpoint:
    return attrs.evolve(fact(kind, approval=approval), id=kind)


ASKED = word(Fact.APPROVAL_REQUESTED)


def test_it_asks_once_and_waits() -> None:
    about = {"approval": APPROVAL, "stop": "stop_1", "role": "director", "message": "case", "content": "cont_case"}
    request = FactOrder(Fact.APPROVAL_REQUESTED, about, APPROVAL)
    assert STEP.arrive(GivenScene()) == Stay(until=NOW + days(3), orders=(request,))
    assert STEP.resume(after(hours(1), words=[ASKED])) == Stay(until=NOW + days(3))


def test_a_yes_and_a_no_and_the_deadline_lead_on() -> None:
    yes, no = word(Fact.APPROVAL_GIVEN), word(Fact.APPROVAL_REFUSED)
    kept = (KeepOrder("case", "cont_case"),)
    assert STEP.resume(GivenScene(words=[ASKED, yes])) == Go("approved", kept, {"fact": "approval.given"})
    assert STEP.resume(GivenScene(words=[ASKED, no])) == Go("refused", saw={"fact": "approval.refused"})
    assert STEP.resume(GivenScene(words=[ASKED, yes, no])) == Go("refused", saw={"fact": "approval.refused"})
    assert STEP.resume(after(days(3), words=[ASKED])) == Go("timeout")
    assert STEP.resume(after(days(3), words=[ASKED, yes])) == Go("approved", kept, {"fact": "approval.given"})


def test_an_answer_to_another_content_counts_for_nothing_and_is_asked_for_anew() -> None:
    old = digest("appr", "stop_1", "cont_before")
    move = STEP.resume(after(hours(1), words=[word(Fact.APPROVAL_REQUESTED, old), word(Fact.APPROVAL_GIVEN, old)]))
    assert isinstance(move, Stay)
    (order,) = move.orders
    assert isinstance(order, FactOrder)
    assert order.properties["approval"] == APPROVAL


def test_the_going_on_itself_can_be_approved() -> None:
    step = approve("director", deadline=days(3))
    approval = digest("appr", "stop_1", "")
    move = step.arrive(GivenScene())
    assert isinstance(move, Stay)
    assert move.orders == (
        FactOrder(Fact.APPROVAL_REQUESTED, {"approval": approval, "stop": "stop_1", "role": "director"}, approval),
    )
    yes = word(Fact.APPROVAL_GIVEN, approval)
    assert step.resume(GivenScene(words=[yes])) == Go("approved", saw={"fact": "approval.given"})
    assert step.mentions() == ()
    assert step.sentence() == "wait for the approval by 'director' (at most 3 days)"


def test_what_is_wrong_is_said() -> None:
    assert list(approve(" ", deadline=days(3)).problems())
    assert list(approve("director", deadline=days(-3)).problems())
    step = approve("director", deadline=days(3), message="cse")
    with pytest.raises(DefinitionError, match="unknown message 'cse'; did you mean 'case'"):
        Program(messages=[Message("case", "marketing", "s", "t")], scenarios=[Scenario("s", None, [step])])
