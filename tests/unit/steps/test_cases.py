"""Choosing one of many ways."""

from __future__ import annotations

import pytest

from nurture import q
from nurture.errors import DefinitionError
from nurture.steps import Go, cases, send
from tests.unit.steps.scenes import GivenScene

DEAL = q.stage == "deal"
CUSTOMER = q.stage == "customer"
STEP = cases(deal=(DEAL, [send("a")]), 顧客=(CUSTOMER, []), otherwise=[send("b")])


@pytest.mark.parametrize(
    ("deal", "customer", "way"),
    [(True, True, "deal"), (True, False, "deal"), (False, True, "顧客"), (False, False, "otherwise")],
)
def test_the_first_that_holds_is_taken(deal: bool, customer: bool, way: str) -> None:
    assert STEP.arrive(GivenScene(answers={DEAL: deal, CUSTOMER: customer})) == Go(way)


def test_each_case_has_an_edge() -> None:
    assert {edge: len(steps) for edge, steps in STEP.edges().items()} == {"deal": 1, "顧客": 0, "otherwise": 1}
    assert [name for name, _ in STEP.predicates()] == ["ways.deal.where", "ways.顧客.where"]


def test_cases_need_one_and_what_it_asks() -> None:
    assert list(cases(otherwise=[send("a")]).problems())
    with pytest.raises(DefinitionError, match=r"cases\.deal"):
        cases(deal=[send("a")])  # type: ignore[arg-type]
