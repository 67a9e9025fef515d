"""Giving a colleague something to do: what the task says, how it ends, what is wrong with it."""

from __future__ import annotations

import pytest

from nurture import days, hours, q
from nurture.errors import DefinitionError
from nurture.model import Value
from nurture.steps import FactOrder, Go, Stay, exit_, send, task
from tests.unit.steps.scenes import NOW, GivenScene, after, fact

STEP = task("Call", due=days(2), deadline=days(5), outcomes={"商談化": [exit_()], "不在": []}, overdue=[send("mail")])
TOLD = {"task": "stop_1", "title": "Call", "due_at": NOW + days(2), "outcomes": ("商談化", "不在")}


def closed(outcome: Value, name: str = "stop_1") -> GivenScene:
    return after(hours(1), words=[fact("task.closed", NOW + hours(1), task=name, outcome=outcome)])


def test_it_creates_a_task_and_waits() -> None:
    assert STEP.arrive(GivenScene()) == Stay(NOW + days(5), orders=(FactOrder("task.created", TOLD, "stop_1"),))
    assert STEP.resume(after(days(3))) == Stay(NOW + days(5))


def test_it_goes_on_by_the_outcome_or_when_nobody_closed_it() -> None:
    assert STEP.resume(closed("不在")) == Go("不在", saw={"fact": "fact_1"})
    assert STEP.resume(after(days(5))) == Go("overdue")
    assert STEP.resume(closed("不在", "stop_2")) == Stay(NOW + days(5))
    assert STEP.resume(closed("unheard of")) == Stay(NOW + days(5))


def test_without_a_deadline_it_waits_as_long_as_the_task_is_due() -> None:
    assert task("Call", due=days(2)).resume(after(days(2))) == Go("overdue")
    assert task("Call", due=days(2)).resume(closed("done")) == Go("done", saw={"fact": "fact_1"})


def test_without_outcomes_it_goes_on_at_once() -> None:
    step = task("Call", due=days(2), outcomes={})
    order = FactOrder("task.created", {**TOLD, "outcomes": ("done",)}, "stop_1")
    assert step.arrive(GivenScene()) == Go(orders=(order,), saw={"task": "stop_1"})
    assert step.edges() == {}
    assert not list(step.predicates())


@pytest.mark.parametrize(
    ("step", "owner"),
    [
        (task("Call", due=days(2)), "suzuki"),
        (task("Call", due=days(2), owner="tanaka"), "tanaka"),
        (task("Call", due=days(2), owner=q.account.owner), "suzuki"),
        (task("Call", due=days(2), owner=q.lead.seller), None),
    ],
)
def test_it_is_somebodys(step: object, owner: str | None) -> None:
    move = step.arrive(GivenScene(values={"owner": "suzuki"}))  # type: ignore[attr-defined]
    assert move.orders[0].properties.get("owner") == owner


def test_its_parameters_are_values_and_fields() -> None:
    step = task("Call", due=days(2), params={"why": "fair", "rank": q.lead.rank, "booth": q.entry.booth})
    move = step.arrive(GivenScene(values={"rank": "A"}))
    assert isinstance(move, Stay)
    order = move.orders[0]
    assert isinstance(order, FactOrder)
    found = {name: value for name, value in order.properties.items() if name.startswith("params.")}
    assert found == {"params.why": "fair", "params.rank": "A"}
    assert [name for name, _ in step.predicates()] == ["closed_on", "params.rank", "params.booth"]


@pytest.mark.parametrize(
    "wrong",
    [
        task("", due=days(1)),
        task("x" * 201, due=days(1)),
        task("Call", due=days(-1)),
        task("Call", due=days(1), deadline=days(-1)),
        task("Call", due=days(1), outcomes={"overdue": []}),
        task("Call", due=days(1), outcomes={"a b": []}),
        task("Call", due=days(1), outcomes={}, overdue=[exit_()]),
        task("Call", due=days(1), outcomes={}, deadline=days(1)),
        task("Call", due=days(1), owner=""),
    ],
)
def test_what_cannot_be_meant_is_a_problem(wrong: object) -> None:
    assert len(list(wrong.problems())) == 1  # type: ignore[attr-defined]


def test_outcomes_and_owner_are_of_their_types() -> None:
    with pytest.raises(DefinitionError, match=r"task\.outcomes"):
        task("Call", due=days(1), outcomes=["done"])  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match=r"task\.owner"):
        task("Call", due=days(1), owner=3)  # type: ignore[arg-type]
