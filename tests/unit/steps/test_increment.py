"""Adding to a number."""

from __future__ import annotations

import pytest

from nurture import Attribute, Program, Scenario, q
from nurture.errors import DefinitionError
from nurture.model import Value
from nurture.steps import Go, Increment, ValueOrder, increment
from tests.unit.steps.scenes import GivenScene


@pytest.mark.parametrize(
    ("known", "by", "after"), [(None, 1, 1), (4, 1, 5), (4, -6, -2), (0.5, 1, 1.5), ("text", 2, 2), (True, 2, 2)]
)
def test_it_adds_to_what_is_there(known: Value, by: float, after: float) -> None:
    move = increment("calls", by).arrive(GivenScene(values={"calls": known}))
    assert move == Go(orders=(ValueOrder("calls", after),))
    assert isinstance(move, Go)
    order = move.orders[0]
    assert isinstance(order, ValueOrder)
    assert type(order.value) is type(after)


def test_a_number_that_no_store_can_hold_is_left_as_it_is() -> None:
    full = GivenScene(values={"calls": 2**62 - 1})
    assert increment("calls").arrive(full) == Go(saw={"refused": "too_large"})


@pytest.mark.parametrize("by", [0, float("nan"), float("inf"), 1e10])
def test_it_adds_something_that_can_be_added(by: float) -> None:
    assert list(Increment("calls", by).problems())


@pytest.mark.parametrize(("of", "by", "is_right"), [("integer", 1, True), ("integer", 0.5, False), ("text", 1, False)])
def test_the_attribute_holds_such_numbers(of: str, by: float, is_right: bool) -> None:
    scenario = Scenario("s", q.touches("form.submitted"), [increment("calls", by)])
    if is_right:
        program = Program(attributes=[Attribute("calls", of)], scenarios=[scenario])
        again = Program.from_json(program.to_json())
        assert again == program
        step = again.scenarios[0].steps[0]
        assert isinstance(step, Increment)
        assert type(step.by) is int
        return
    with pytest.raises(DefinitionError, match=r"lead\.calls"):
        Program(attributes=[Attribute("calls", of)], scenarios=[scenario])


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(DefinitionError, match="expected a number"):
        increment("calls", True)
