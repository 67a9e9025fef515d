"""Naming a place in a scenario."""

from __future__ import annotations

import pytest

from nurture import Program, Scenario, q
from nurture.errors import DefinitionError
from nurture.steps import Go, jump, lay_out, mark, tag
from tests.unit.steps.scenes import GivenScene


def test_it_goes_on_and_is_found_by_its_name() -> None:
    assert mark("call").arrive(GivenScene()) == Go()
    assert lay_out([tag("a"), mark("call")]).marks == ("call",)


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_it_needs_a_name(name: str) -> None:
    assert list(mark(name).problems())


def test_a_name_that_stands_twice_or_nowhere_is_found_when_the_program_is_built() -> None:
    steps = [mark("call"), mark("call"), mark("post"), jump("cal", at_most=1)]
    with pytest.raises(DefinitionError) as caught:
        Program(scenarios=[Scenario("s", q.touches("form.submitted"), steps)])
    assert caught.value.problems == (
        "scenarios.s.steps: the mark 'call' stands 2 times",
        "scenarios.s.steps.3: unknown mark 'cal'; did you mean 'call'?",
    )
