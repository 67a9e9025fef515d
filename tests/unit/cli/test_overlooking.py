"""`overlooked` lists who slips through, and `migrate` shows before it writes."""

from __future__ import annotations

import pytest

from nurture import days, hours
from tests.unit.cli.apps import APP, App, run


def test_nobody_is_overlooked_and_then_somebody_is(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    lead = app.a_lead(kind="tips.wanted")
    app.tick_at(app.clock.now + hours(0.1))
    assert run(capsys, "overlooked", "--app", APP).out == "nobody is overlooked\n"
    app.tick_at(app.clock.now + hours(2))
    said = run(capsys, "overlooked", "--app", APP, "--json")
    assert (said.exit, said.document["more"]) == (1, False)
    (one,) = said.document["overlooked"]  # type: ignore[misc]
    assert (one["subject"], one["because"], one["touched"]) == (lead.id, ["nothing_ahead"], None)
    app.tick_at(app.clock.now + days(9))
    assert "nobody has touched it since" in run(capsys, "overlooked", "--untouched", "3", "--app", APP).out


def test_a_stage_that_does_not_exist_is_refused(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.a_lead()
    assert run(capsys, "overlooked", "--stage", "mql", "--app", APP).exit == 4


def test_only_so_many_are_listed(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        app.a_lead(number)
    app.tick_at(app.clock.now + hours(2))
    said = run(capsys, "overlooked", "--limit", "2", "--app", APP)
    assert said.out.splitlines()[-1] == "and more than these 2"
    assert len(said.out.splitlines()) == 4


def test_migrate_shows_what_it_would_do_and_does_it_when_asked(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.a_lead(kind="tips.wanted")
    app.tick_at(app.clock.now + hours(0.1))
    said = run(capsys, "migrate", "slow", "--app", APP)
    assert (said.exit, said.out) == (0, "slow: nothing to migrate (preview)\n")
    assert run(capsys, "migrate", "slow", "--write", "--app", APP).exit == 0
    assert run(capsys, "migrate", "slo", "--app", APP).exit == 2
    assert run(capsys, "migrate", "slow", "--map", "0", "--app", APP).exit == 2
