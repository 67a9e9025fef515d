"""A broadcast as data: what it takes, what is wrong with it, what it looks like as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nurture import Attribute, Broadcast, Lead, Message, Program, Scenario, Segment, days, q
from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import LeadId, SubjectId
from nurture.program.broadcast import broadcast_problems, broadcast_to_json
from nurture.steps import send

AT = datetime(2026, 4, 7, 1, tzinfo=UTC)
PROGRAM = Program(
    messages=[Message("news", "marketing", "News", "News"), Message("owner", "internal", "Look", "Look")],
    attributes=[Attribute("role")],
    segments=[Segment("it", q.lead.role == "IT"), Segment("firms", q.account.industry == "SaaS", subject="account")],
    scenarios=[Scenario("welcome", q.touches("form.submitted"), [send("news")])],
)


def test_it_takes_a_segment_a_predicate_or_leads() -> None:
    lead = Lead(id=LeadId(SubjectId("lead_2")), email="a@example.com", created_at=AT)
    assert Broadcast("n", "news", PROGRAM.segments[0]).to == "it"
    assert Broadcast("n", "news", q.lead.role == "IT").to == (q.lead.role == "IT")
    assert Broadcast("n", "news", ["lead_3", lead, "lead_2"]).to == ("lead_2", "lead_3")
    assert [Broadcast("n", "news", to).is_frozen for to in ("it", ["lead_1"])] == [False, True]
    assert Broadcast("n", "news", "it", frozen=True).is_frozen


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": ""}, "1 to 100"),
        ({"name": "n" * 101}, "1 to 100"),
        ({"name": 7}, "broadcast.name: expected text, found int"),
        ({"message": None}, "broadcast.message"),
        ({"to": []}, "at least one lead"),
        ({"to": ["acct_1"]}, "ids of leads"),
        ({"to": [7]}, "ids of leads"),
        ({"to": 7}, "a segment, a predicate or ids"),
        ({"approval": ""}, "name of a role"),
        ({"max_lateness": timedelta(0)}, "positive time"),
        ({"max_lateness": 7}, "max_lateness: expected a timedelta, found int"),
        ({"priority": 1.5}, "whole number"),
        ({"priority": True}, "whole number"),
    ],
)
def test_what_is_wrong_with_it_by_itself_is_told(given: dict[str, object], problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        Broadcast(**{"name": "n", "message": "news", "to": "it", **given})  # type: ignore[arg-type]


def test_several_problems_come_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        Broadcast("", "news", [], approval="")
    assert len(caught.value.problems) == 3


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(InvalidFactError, match=r"broadcast\.at"):
        Broadcast("n", "news", "it", at=datetime(2026, 4, 7))  # noqa: DTZ001
    with pytest.raises(InvalidFactError, match=r"broadcast\.params"):
        Broadcast("n", "news", "it", params={"x": object()})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("broadcast", "problem"),
    [
        (Broadcast("n", "nws", "it"), "did you mean 'news'"),
        (Broadcast("n", "owner", "it"), "internal"),
        (Broadcast("n", "news", "itt"), "did you mean 'it'"),
        (Broadcast("n", "news", "firms"), "about accounts"),
        (Broadcast("n", "news", q.lead.rol == "IT"), "did you mean 'role'"),
        (Broadcast("n", "news", q.lead.role == q.entry.role), "inside a run"),
        (Broadcast("welcome", "news", "it"), "a scenario has this name"),
    ],
)
def test_what_a_program_does_not_know_is_a_problem(broadcast: Broadcast, problem: str) -> None:
    (found,) = broadcast_problems(PROGRAM, broadcast)
    assert problem in found


def test_what_is_right_has_no_problem() -> None:
    for to in ("it", q.touches("page.viewed").within(days=9).count() >= 2, ["lead_1"]):
        assert broadcast_problems(PROGRAM, Broadcast("n", "news", to)) == []


def test_json_says_all_that_was_said() -> None:
    whole = Broadcast(
        "n", "news", q.lead.role == "IT", AT, True, "boss", {"no": 7, "on": AT}, max_lateness=days(1), priority=2
    )
    assert broadcast_to_json(whole) == {
        "name": "n",
        "message": "news",
        "to": {"where": {"node": "compare", "of": "lead", "field": "role", "op": "eq", "value": "IT"}},
        "at": "2026-04-07T01:00:00+00:00",
        "max_lateness": 86400.0,
        "params": {"no": 7, "on": {"$instant": "2026-04-07T01:00:00+00:00"}},
        "frozen": True,
        "approval": "boss",
        "priority": 2,
    }
    assert broadcast_to_json(Broadcast("n", "news", "it"))["to"] == {"segment": "it"}
    assert broadcast_to_json(Broadcast("n", "news", ["lead_1"]))["to"] == {"leads": ["lead_1"]}
