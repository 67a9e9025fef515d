"""Invariant 11, its last part: scores are the same whatever the order of arrival, bit for bit."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture import Dossier, Origin, Program, ScoreModel, ScoreRule, Touchpoint, advance, days, hours, minutes, q
from nurture.model import FactId, Pending, ScoreState, Standing
from nurture.model.decay import value_at
from tests.strategies import HORIZON, START, a_lead

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))
points = st.sampled_from([1, 3.3, 10, -4.7, 0.1, 1e6])
rules = st.builds(
    lambda worth, cap, key: ScoreRule(q.touches("page.viewed"), worth, cap=cap, once_per=key),
    points,
    st.sampled_from([None, 1, 2, 3]),
    st.sampled_from([None, None, "path"]),
)
half_lives = st.sampled_from([None, minutes(1), hours(1), days(1), days(21), days(365)])
models = st.builds(
    lambda some, plain, half: ScoreModel("m", [*some, ScoreRule(q.touches("page.viewed"), plain)], half_life=half),
    st.lists(rules, max_size=2),
    points,
    half_lives,
)
spans = st.sampled_from([hours(3), days(3), days(46), days(400)])


def random_facts(dice: Random, span: timedelta) -> list[tuple[str, datetime, str]]:
    """Ids, instants and paths; some share an instant."""
    instants = [START - span * dice.random() for _ in range(dice.randint(1, 8))]
    return [(f"fact_{n}", dice.choice(instants), dice.choice("ab")) for n in range(dice.randint(1, 10))]


def scored(model: ScoreModel, facts: list[tuple[str, datetime, str]], ticks: int) -> ScoreState:
    """The state after the facts arrived in this order, decided in so many goes."""
    program, standing = Program(scores=[model]), None
    arrived = [
        Touchpoint(
            id=FactId(identity), subject=a_lead().id, kind="page.viewed", at=at, origin=Origin.LEAD,
            received_at=START + minutes(place), properties={"path": path},
        )
        for place, (identity, at, path) in enumerate(facts)
    ]  # fmt: skip
    done = 0
    for go in range(ticks):
        upto = len(arrived) if go == ticks - 1 else (go + 1) * len(arrived) // ticks
        inbox = tuple(Pending(one.received_at, one) for one in arrived[done:upto])
        done = upto
        standing = (
            advance(program, Dossier(subject=a_lead(), standing=standing, inbox=inbox), HORIZON).standing or standing
        )
    assert isinstance(standing, Standing)
    return standing.scores["m"]


def check(model: ScoreModel, seed: int, span: timedelta) -> None:
    dice = Random(seed)
    facts = random_facts(dice, span)
    expected = scored(model, facts, 1)
    for ticks in (1, len(facts)):
        dice.shuffle(facts)
        found = scored(model, facts, ticks)
        assert found == expected
        assert value_at(found, model.scale, HORIZON) == value_at(expected, model.scale, HORIZON)


@settings(parent=relaxed, max_examples=1_000)
@given(models, st.integers(0, 2**32), spans)
def test_i11_scores_are_the_same_whatever_the_order_of_arrival(model: ScoreModel, seed: int, span: timedelta) -> None:
    check(model, seed, span)


@pytest.mark.stress
@settings(parent=relaxed, max_examples=10_000)
@given(models, st.integers(0, 2**32), spans)
def test_i11_scores_are_the_same_ten_thousand_times(model: ScoreModel, seed: int, span: timedelta) -> None:
    check(model, seed, span)


@given(st.sampled_from([hours(1), days(1), days(21)]), st.integers(0, 2**32))
def test_a_score_reads_what_the_formula_says(half_life: timedelta, seed: int) -> None:
    facts = random_facts(Random(seed), days(46))
    model = ScoreModel("m", [ScoreRule(q.touches("page.viewed"), 10)], half_life=half_life)
    expected = sum(10 * 2.0 ** -((START - at) / half_life) for _, at, _ in facts)
    assert value_at(scored(model, facts, 1), model.scale, START) == pytest.approx(expected, rel=1e-9, abs=1e-200)


@settings(parent=relaxed, max_examples=200)
@given(st.integers(0, 2**32))
def test_i11_awards_at_the_edge_of_what_floats_hold_commute_too(seed: int) -> None:
    dice = Random(seed)
    model = ScoreModel("m", [ScoreRule(q.touches("page.viewed"), 3.3)], half_life=hours(1))
    old = [(f"old_{n}", START - hours(1200) + hours(300 * dice.random()), "a") for n in range(12)]
    facts = [*old, ("new", START, "a")]
    assert scored(model, facts, 1) == scored(model, facts[::-1], 1)
