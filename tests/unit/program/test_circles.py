"""Circles that lead from people to companies and back are refused; ways that only lead there and back are not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from nurture import (
    Lifecycle,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Transition,
    days,
    q,
)
from nurture.errors import DefinitionError
from nurture.predicates import Predicate
from nurture.steps import change_stage, wait

VIEWED = q.touches("page.viewed")
FIT = ScoreModel("fit", rules=[ScoreRule(VIEWED, 5)])
STAGES = (Stage("new"), Stage("hot"))


def moving_when(predicate: Predicate, subject: str = "lead") -> Lifecycle:
    return Lifecycle(stages=STAGES, transitions=[Transition("new", "hot", when=predicate)], subject=subject)


def problem_of(**parts: object) -> str:
    with pytest.raises(DefinitionError) as caught:
        Program(**parts)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    return problem


def many(where: Predicate) -> Predicate:
    return q.account.leads.where(where).count() >= 3


CIRCLES: Mapping[str, tuple[dict[str, object], str]] = {
    "a stage that asks for the stages of colleagues": (
        {"lifecycle": moving_when(many(q.stage == "hot"))},
        "lead stage → lead stage",
    ),
    "a stage that asks for a segment of accounts that counts stages": (
        {
            "lifecycle": moving_when(q.account.matches(q.segment("busy"))),
            "segments": [Segment("busy", many(q.stage == "hot"), "account")],
        },
        "account segment 'busy' → lead stage → account segment 'busy'",
    ),
    "a stage that lasts": (
        {"lifecycle": moving_when(many(q.time_in_stage >= days(3)))},
        "lead stage → lead stage",
    ),
    "a stage that a scenario changes": (
        {
            "lifecycle": moving_when(VIEWED.count() >= 2),
            "segments": [
                Segment("busy", many(q.stage == "hot"), "account"),
                Segment("asking", q.account.matches(q.segment("busy"))),
            ],
            "scenarios": [Scenario("s", q.segment("asking"), [change_stage("hot")])],
        },
        "lead scenario 's' → lead segment 'asking'",
    ),
    "a scenario that asks who runs through it": (
        {"scenarios": [Scenario("s", VIEWED, [wait(days(1))], exit=many(q.scenario("s").is_active()))]},
        "lead scenario 's' → lead scenario 's'",
    ),
    "a stage of accounts that counts scenarios which ask for it": (
        {
            "lifecycle": moving_when(many(q.scenario("s").is_active()), "account"),
            "scenarios": [Scenario("s", VIEWED, [wait(days(1))], only_if=q.account.matches(q.stage == "hot"))],
        },
        "lead scenario 's' → account stage → lead scenario 's'",
    ),
    "a score that asks for the scores of colleagues": (
        {"scores": [ScoreModel("fit", rules=[ScoreRule(q.account.matches(many(q.score("fit") >= 5)), 5)])]},
        "lead score 'fit' → lead score 'fit'",
    ),
    "how long a segment has lasted": (
        {"segments": [Segment("old", many(q.time_in_segment("old") >= days(3)))]},
        "lead segment 'old' → lead segment 'old'",
    ),
    "how long a segment has lasted that counts one": (
        {
            "segments": [
                Segment("busy", many(q.time_in_segment("asking") >= days(3)), "account"),
                Segment("asking", q.account.matches(q.time_in_segment("busy") >= days(3))),
            ]
        },
        "account segment 'busy' → lead segment 'asking' → account segment 'busy'",
    ),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_a_circle_over_both_kinds_is_refused_with_its_path(name: str) -> None:
    parts, path = CIRCLES[name]
    problem = problem_of(**parts)
    assert problem.startswith("leads and their accounts go in a circle: ")
    assert path in problem


def test_a_circle_is_told_once() -> None:
    problem_of(
        segments=[
            Segment(
                "busy",
                many(q.time_in_segment("asking") >= days(3)) | many(q.time_in_segment("asking") < days(1)),
                "account",
            ),
            Segment("asking", q.account.matches(q.time_in_segment("busy") >= days(3))),
        ]
    )


def test_segments_that_go_in_a_circle_are_told_as_such() -> None:
    problem = problem_of(segments=[Segment("a", many(q.segment("a")))])
    assert "segments go in a circle: a → a" in problem


def test_there_and_back_is_no_circle() -> None:
    Program(
        scores=[FIT],
        lifecycle=moving_when(q.score(FIT) >= 10),
        segments=[
            Segment("busy", many((q.stage == "hot") & (q.score(FIT) >= 5)), "account"),
            Segment("asking", q.account.matches(q.segment("busy")) & many(q.scenario("s").is_active())),
        ],
        scenarios=[Scenario("s", VIEWED, [wait(days(1))])],
    )


def test_a_circle_within_one_subject_is_left_to_the_moment() -> None:
    Program(
        lifecycle=moving_when(q.segment("warm")),
        segments=[Segment("warm", (q.stage == "new") & (VIEWED.count() >= 1))],
    )


def test_a_stage_of_accounts_and_one_of_leads_are_two_things() -> None:
    Program(
        lifecycle=moving_when(many(VIEWED.count() >= 1), "account"),
        segments=[Segment("asking", q.account.matches(q.stage == "hot"))],
    )
