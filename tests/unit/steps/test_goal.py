"""Ending a run as successful."""

from __future__ import annotations

from nurture.model import EnrollmentState
from nurture.steps import Leave, goal
from tests.unit.steps.scenes import GivenScene


def test_it_ends_the_run_with_the_goal_as_its_reason() -> None:
    assert goal("booked").arrive(GivenScene()) == Leave(EnrollmentState.REACHED_GOAL, "booked")
    assert goal().arrive(GivenScene()) == Leave(EnrollmentState.REACHED_GOAL, "goal")


def test_its_sentence_names_the_goal_if_it_has_a_name() -> None:
    assert [goal(name).sentence() for name in ("booked", "")] == [
        "end with the goal 'booked' reached",
        "end with the goal reached",
    ]
    assert goal("booked").sentence("ja") != goal().sentence("ja")
