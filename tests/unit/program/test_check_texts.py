"""Texts that no store could hold are refused where they stand in the program."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nurture import Program, Scenario, days, q
from nurture.errors import DefinitionError
from nurture.program.check_texts import text_problems
from nurture.steps import Step, assign, exit_, tag, task
from nurture.testing.strategies import programs


@pytest.mark.parametrize(
    ("step", "place"),
    [
        (tag("a\0b"), "add[0]"),
        (assign("a\0b"), "owner"),
        (task("a\0b", due=days(1)), "title"),
        (exit_("\ud800"), "reason"),
    ],
)
def test_a_step_with_such_a_text_is_refused_when_the_program_is_built(step: Step, place: str) -> None:
    with pytest.raises(DefinitionError, match=r"expected text without") as caught:
        Program(scenarios=[Scenario("s", q.touches("a.b"), [step])])
    assert place in str(caught.value)
    assert "\0" not in str(caught.value)


@settings(max_examples=50, deadline=None)
@given(programs())
def test_honest_programs_have_no_such_text(program: Program) -> None:
    assert list(text_problems(program)) == []
