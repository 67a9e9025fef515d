"""What leads ask their account and accounts their people, older versions of scenarios included."""

from __future__ import annotations

import pytest

from nurture import Program, Scenario, Segment, days, q
from nurture.decisions import asks_across, plan_of
from nurture.decisions.asking import asked_in
from nurture.model import Definition, SubjectKind
from nurture.predicates import OfAccount, People, Predicate
from nurture.steps import branch, send, tag, wait

VIEWED = q.touches("page.viewed")
PEOPLE = People(q.lead.title == "CTO", "ge", 2)


def a_scenario(condition: Predicate, subject: str = "lead") -> Scenario:
    return Scenario("s", VIEWED, [wait(days(1)), branch(condition, then=[tag("x")])], subject=subject)


def test_segments_scores_stages_and_scenarios_are_asked_for() -> None:
    program = Program(
        segments=[Segment("a", q.account.matches(PEOPLE)), Segment("b", (q.account.industry == "SaaS") & PEOPLE)],
        scenarios=[a_scenario(q.account.matches(VIEWED.count() >= 1))],
    )
    asked = asked_in(program)
    assert asked.fields == {"industry"}
    assert set(asked.of_accounts.values()) == {PEOPLE, VIEWED.count() >= 1}
    assert dict(asked.of_people) == {PEOPLE.told_as: PEOPLE.where}


@pytest.mark.parametrize(
    ("condition", "subject", "asks"),
    [
        (q.account.industry == "SaaS", "lead", True),
        (q.account.matches(VIEWED.count() >= 1), "lead", True),
        (PEOPLE, "lead", True),
        (q.lead.title == "CTO", "lead", False),
        (PEOPLE, "account", True),
        (q.account.industry == "SaaS", "account", False),
    ],
)
def test_a_version_asks_across_or_not(condition: Predicate, subject: str, asks: bool) -> None:
    assert asks_across(Program(), a_scenario(condition, subject)) is asks


def test_a_version_that_needs_a_dropped_name_asks_nothing() -> None:
    steps = [send("gone"), branch(q.account.industry == "SaaS", then=[tag("x")])]
    assert not asks_across(Program(), Scenario("s", VIEWED, steps))


def test_older_versions_are_asked_for_beside_the_program() -> None:
    condition = q.account.matches(PEOPLE)
    old = Program(segments=[Segment("a", condition)], scenarios=[a_scenario(q.segment("a"))])
    (scenario,) = old.scenarios
    older = {old.version_of(scenario): Definition(id="", what="scenario", body=old.definition_of(scenario))}
    program = Program()
    plans = {kind: plan_of(program, kind, older) for kind in SubjectKind}
    assert isinstance(condition, OfAccount)
    assert [name for name, _ in plans[SubjectKind.ACCOUNT].answers.values()] == [condition.told_as]
    assert [name for name, _ in plans[SubjectKind.LEAD].answers.values()] == [PEOPLE.told_as]
    assert plans[SubjectKind.LEAD].older_versions == tuple(older)
    assert plan_of(program, SubjectKind.LEAD, older) is plans[SubjectKind.LEAD]
    assert not plan_of(program, SubjectKind.LEAD).answers
