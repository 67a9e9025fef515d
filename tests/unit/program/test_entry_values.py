"""Where a program's predicates may look at what a run began with."""

from datetime import timedelta

import pytest

from nurture import Program, Scenario, Segment, q
from nurture.errors import DefinitionError
from nurture.steps import branch, wait, wait_for

ATTENDED = q.touches("seminar.attended").where(q.prop("seminar") == q.entry.seminar)
RANKED = q.entry.rank == "A"
ONLY_INSIDE = r"q\.entry\.(seminar|rank): q\.entry is known only inside a run"


def scenario(**more) -> Scenario:
    return Scenario("seminar", **{"on": q.touches("seminar.invited"), "steps": [wait(days=1)], **more})


@pytest.mark.parametrize(
    "inside",
    [
        {"only_if": RANKED},
        {"goal": ATTENDED},
        {"exit": RANKED & ATTENDED},
        {"steps": [branch(RANKED, [wait(days=1)])]},
        {"steps": [wait_for(ATTENDED, timedelta(days=3))]},
    ],
)
def test_a_run_knows_what_it_began_with(inside) -> None:
    assert Program(scenarios=[scenario(**inside)]).scenarios


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        ("scenarios.seminar.on", {"scenarios": [scenario(on=ATTENDED)]}),
        ("segments.a.where", {"segments": [Segment("a", RANKED)]}),
    ],
)
def test_nothing_else_does(place: str, parts) -> None:
    with pytest.raises(DefinitionError, match=rf"{place}: {ONLY_INSIDE}"):
        Program(**parts)
