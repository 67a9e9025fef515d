"""Waiting for a fact of the same key, and facts that come after the deadline of a run that was held up."""

from __future__ import annotations

from collections.abc import Sequence

from nurture import days, hours, q
from nurture.model import Touchpoint
from nurture.predicates import Touched
from nurture.steps import Go, wait_for
from tests.unit.steps.scenes import NOW, GivenScene, after, fact

CAME = q.touches("seminar.attended")


def test_the_properties_that_must_be_the_same_are_asked_for() -> None:
    asked: list[Sequence[str]] = []

    class Listening(GivenScene):
        def first_fact(
            self, clause: Touched, *, whole_run: bool = False, same: Sequence[str] = ()
        ) -> Touchpoint | None:
            asked.append(same)
            return None

    wait_for(CAME, days(1), same="seminar").arrive(Listening())
    assert asked == [("seminar",)]


def test_a_fact_after_the_deadline_comes_too_late_for_a_run_that_was_held_up() -> None:
    step = wait_for(CAME, days(1))
    late = after(days(3), facts={CAME: fact("seminar.attended", NOW + days(2))})
    assert step.resume(late) == Go("timeout", due=NOW + days(1))
    in_time = after(days(3), facts={CAME: fact("seminar.attended", NOW + hours(24))})
    assert step.resume(in_time) == Go("seen", saw={"fact": "fact_1"}, due=NOW + days(1))


def test_a_property_has_a_name_and_stands_once() -> None:
    assert list(wait_for(CAME, days(1), same=("seminar", "seminar")).problems())
    assert list(wait_for(CAME, days(1), same="").problems())
