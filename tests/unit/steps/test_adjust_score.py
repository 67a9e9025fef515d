"""Giving points of a score."""

from __future__ import annotations

import pytest

from nurture import Program, Scenario, ScoreModel, ScoreRule, q
from nurture.errors import DefinitionError
from nurture.steps import FactOrder, Go, adjust_score
from tests.unit.steps.scenes import GivenScene


def test_it_states_a_fact() -> None:
    told = {"model": "fit", "points": -20.0}
    assert adjust_score("fit", -20).arrive(GivenScene()) == Go(orders=(FactOrder("score.adjusted", told, "fit"),))


@pytest.mark.parametrize("points", [0, float("nan"), float("-inf"), 1e7])
def test_it_gives_points_that_can_be_counted(points: float) -> None:
    assert list(adjust_score("fit", points).problems())


@pytest.mark.parametrize("subject", ["lead", "account"])
def test_the_model_is_one_of_the_subject(subject: str) -> None:
    models = [ScoreModel("engagement", [ScoreRule(q.touches("page.viewed"), 1)], subject="account")]
    scenario = Scenario("s", q.touches("form.submitted"), [adjust_score("engagment", 5)], subject=subject)
    hint = "did you mean 'engagement'" if subject == "account" else "no score is declared"
    with pytest.raises(DefinitionError, match=hint):
        Program(scores=models, scenarios=[scenario])
