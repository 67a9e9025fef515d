"""`pause`, `resume`, `stop` and `reopen` do what they say, and tell how the scenario is switched now."""

from __future__ import annotations

import pytest

from nurture import hours
from nurture.model import Switch
from tests.unit.cli.apps import APP, App, run


def test_a_scenario_is_paused_and_resumed(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    lead = app.a_lead(kind="tips.wanted")
    app.tick_at(app.clock.now + hours(0.25))
    said = run(capsys, "pause", "slow", "--app", APP, "--json")
    assert (said.exit, said.document) == (0, {"scenario": "slow", "switch": "paused", "subjects": 1})
    app.tick_at(app.clock.now + hours(1))
    assert not app.crm.effects(lead.id)
    said = run(capsys, "resume", "slow", "--app", APP)
    assert (said.exit, said.out) == (0, "slow is open\n1 subjects were brought to that\n")
    app.tick_at(app.clock.now + hours(1))
    assert [one.name for one in app.crm.effects(lead.id)] == ["tips"]


@pytest.mark.parametrize(("fate", "word"), [("finish", "closed"), ("withdraw", "stopped"), ("hold", "paused")])
def test_a_scenario_is_stopped_with_a_fate(app: App, capsys: pytest.CaptureFixture[str], fate: str, word: str) -> None:
    assert run(capsys, "stop", "slow", "--fate", fate, "--app", APP, "--json").document["switch"] == word
    assert dict(app.crm.switches()) == {"slow": Switch(word)}
    assert run(capsys, "reopen", "slow", "--app", APP, "--json").document["switch"] == "open"
    assert not app.crm.switches()


def test_an_unknown_scenario_is_refused_with_near_misses(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert not app.crm.switches()
    for argv in (["pause", "slo"], ["resume", "slo"], ["reopen", "slo"], ["stop", "slo", "--fate", "hold"]):
        said = run(capsys, *argv, "--app", APP)
        assert said.exit == 2
        assert "'slow'" in said.err
        assert "'slo'" not in said.err


def test_stopping_takes_a_fate(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "stop", "slow", "--app", APP).exit == 2
    assert run(capsys, "stop", "slow", "--fate", "perhaps", "--app", APP).exit == 2
    assert not app.crm.switches()
