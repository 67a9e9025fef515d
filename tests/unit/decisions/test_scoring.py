"""Points that steps give: they fade, are counted again, cross thresholds, and end with an objection to profiling."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from nurture import Program, Scenario, ScoreModel, ScoreRule, Threshold, days, hours, q
from nurture.model import Fact, LeadId, SubjectId, Value
from nurture.model.decay import value_at
from nurture.steps import adjust_score, tag, wait, wait_for_any
from tests.stores import T0, House, store_maker

MODEL = ScoreModel("fit", [ScoreRule(q.touches("page.viewed"), 5)], half_life=days(10), thresholds=[Threshold("A", 20)])
OTHER = ScoreModel("other", [ScoreRule(q.touches("page.viewed"), 5)])
GIVES = Scenario(
    "gives", q.touches("card.exchanged"), [adjust_score("fit", 30), wait(days(1)), adjust_score("fit", -8)]
)
PROGRAM = Program(scores=[MODEL, OTHER], scenarios=[GIVES])


def house_of(program: Program = PROGRAM) -> tuple[House, LeadId]:
    house = House(program, store_maker("memory", Path()))
    lead = house.crm.capture(email="a@example.com").id
    house.tick_at(T0 + hours(1))
    return house, lead


def score_of(house: House, lead: SubjectId, model: str = "fit") -> float:
    standing = house.crm.standing(lead)
    assert standing is not None
    found = house.crm.program.score(model)
    assert found is not None
    return value_at(standing.scores.get(model), found.scale, house.clock.now)


def live(house: House, lead: SubjectId, until: timedelta) -> None:
    house.crm.record(lead, "card.exchanged")
    house.tick_at(T0 + hours(2))
    house.tick_at(T0 + until)


def test_points_are_given_and_fade() -> None:
    house, lead = house_of()
    live(house, lead, hours(2) + timedelta(minutes=1))
    assert score_of(house, lead) == pytest.approx(30, abs=0.1)
    assert score_of(house, lead, "other") == 0
    house.clock.move_to(T0 + hours(1) + days(10))
    assert score_of(house, lead) == pytest.approx(15, abs=0.1)
    house.tick_at(house.clock.now)
    assert score_of(house, lead) == pytest.approx(15 - 8 / 2**0.9, abs=0.1)


def test_the_facts_say_which_and_how_many() -> None:
    house, lead = house_of()
    live(house, lead, days(2))
    told = [fact.properties for fact in house.crm.timeline(lead) if fact.kind == Fact.SCORE_ADJUSTED]
    assert told == [{"model": "fit", "points": -8.0}, {"model": "fit", "points": 30.0}]


def test_thresholds_are_crossed_and_left_by_them() -> None:
    house, lead = house_of()
    live(house, lead, days(9))
    crossed = [fact for fact in house.crm.timeline(lead) if fact.kind == Fact.SCORE_CROSSED]
    assert [fact.properties["direction"] for fact in crossed] == ["down", "up"]


def test_who_waits_for_a_score_hears_of_them() -> None:
    hot = wait_for_any(days(9), hot=(q.score("fit") >= 25, [tag("hot")]), otherwise=[tag("cold")])
    waits = Scenario("waits", q.touches("lead.created"), [hot])
    house, lead = house_of(attrs.evolve(PROGRAM, scenarios=[GIVES, waits]))
    live(house, lead, hours(3))
    assert house.crm.lead(lead).tags == ("hot",)


def test_a_score_that_is_counted_again_has_them() -> None:
    house, lead = house_of()
    live(house, lead, days(3))
    before = score_of(house, lead)
    house.crm.activate(attrs.evolve(PROGRAM, scores=[attrs.evolve(MODEL, thresholds=[]), OTHER]))
    house.tick_at(house.clock.now + timedelta(seconds=1))
    assert score_of(house, lead) == pytest.approx(before, rel=1e-4)


def test_they_are_known_as_they_were_then() -> None:
    house, lead = house_of()
    live(house, lead, days(3))
    hot = q.score("fit") >= 25
    assert [one.subject for one in house.crm.members(hot, at=T0 + hours(3))] == [lead]
    assert list(house.crm.members(hot, at=T0 + hours(1))) == []
    assert list(house.crm.members(hot, at=T0 + days(2))) == []


def test_nobody_is_given_points_who_objects_to_profiling() -> None:
    house, lead = house_of()
    house.crm.object_to_profiling(lead)
    live(house, lead, days(3))
    assert [fact.kind for fact in house.crm.timeline(lead)].count(Fact.SCORE_ADJUSTED) == 2
    assert score_of(house, lead) == 0


@pytest.mark.parametrize("points", ["many", None, True])
def test_what_is_no_number_gives_nothing(points: Value) -> None:
    from nurture.decisions import plan_of
    from nurture.decisions.scoring import NO_SCORE, counted
    from nurture.model import SubjectKind
    from tests.unit.steps.scenes import fact

    model = plan_of(PROGRAM, SubjectKind.LEAD).models["fit"]
    given = fact("score.adjusted", T0, model="fit", points=points)
    assert counted(NO_SCORE, model, given) is NO_SCORE
