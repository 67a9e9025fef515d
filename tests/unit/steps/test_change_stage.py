"""A step that changes the stage: its reason stands in the fact, in the decision and in the program's JSON."""

from __future__ import annotations

from pathlib import Path

from nurture import Lifecycle, Program, Scenario, Stage, minutes, q
from nurture.program import Transition
from nurture.steps import ChangeStage, change_stage
from tests.stores import T0, House, store_maker


def program_of(step: ChangeStage) -> Program:
    way = Transition("new", "lost", reason_required=True)
    lifecycle = Lifecycle([Stage("new"), Stage("lost")], [way])
    return Program(lifecycle=lifecycle, scenarios=[Scenario("s", q.touches("quote.rejected"), [step])])


def lived(step: ChangeStage, folder: Path) -> tuple[object, str]:
    """The reason in the fact, and what an explanation says in Japanese."""
    house = House(program_of(step), store_maker("memory", folder))
    lead = house.crm.capture(email="a@example.com").id
    house.crm.record(lead, "quote.rejected")
    house.tick_at(T0 + minutes(1))
    (changed,) = [one for one in house.crm.timeline(lead) if one.properties.get("to") == "lost"]
    assert changed.kind == "stage.changed"
    return changed.properties["reason"], str(house.crm.explain(lead, lang="ja"))


def test_its_reason_is_kept_in_the_fact_and_told(tmp_path: Path) -> None:
    reason, told = lived(change_stage("lost", reason="予算なし"), tmp_path)
    assert reason == "予算なし"
    assert "購買段階「lost」：依頼により移行［移行元：new、理由：予算なし］" in told


def test_without_a_reason_the_scenario_is_named(tmp_path: Path) -> None:
    reason, told = lived(change_stage("lost"), tmp_path)
    assert reason == "scenario s"
    assert "［移行元：new、理由：シナリオ「s」の依頼によるものです］" in told


def test_its_reason_goes_to_json_and_back() -> None:
    program = program_of(change_stage("lost", reason="no budget"))
    assert Program.from_json(program.to_json()) == program
    (step,) = program.to_json()["program"]["scenarios"][0]["steps"]  # type: ignore[index]
    assert step == {"step": "change_stage", "stage": "lost", "reason": "no budget"}
    assert "reason" not in program_of(change_stage("lost")).to_json()["program"]["scenarios"][0]["steps"][0]  # type: ignore[index]


def test_its_sentence_tells_the_reason() -> None:
    step = change_stage("lost", reason="no budget")
    assert step.sentence() == "move to stage 'lost' (reason: no budget)"
    assert step.sentence("ja") == "購買段階を「lost」にする（理由: no budget）"
    assert change_stage("lost").sentence() == "move to stage 'lost'"
