"""Leading to a marked place, a bounded number of times."""

from __future__ import annotations

import pytest

from nurture.steps import Go, jump, lay_out, mark, tag
from tests.unit.steps.scenes import GivenScene

STEP = jump("call", at_most=2, otherwise=[tag("enough")])


@pytest.mark.parametrize(("visits", "edge"), [(1, "again"), (2, "again"), (3, "otherwise"), (4, "otherwise")])
def test_it_leads_there_so_often_and_no_more(visits: int, edge: str) -> None:
    assert STEP.arrive(GivenScene(visits=visits)) == Go(edge, saw={"visits": visits})


def test_its_edge_leads_to_the_mark() -> None:
    flow = lay_out([tag("a"), mark("call"), tag("b"), STEP, tag("c")])
    assert dict(flow.nodes["3"].ways) == {"otherwise": "3.otherwise.0", "again": "1"}
    around = [("0", "next"), ("1", "next"), ("2", "next"), ("3", "again"), ("1", "next")]
    assert flow.is_path(around)
    assert not flow.is_path([*around, ("3", None)])


@pytest.mark.parametrize("at_most", [0, -1, 101])
def test_it_is_bounded(at_most: int) -> None:
    assert list(jump("call", at_most=at_most).problems())
    assert not list(jump("call", at_most=100).problems())
