"""`status`, `due`, `stuck` and `dead` show what there is, change nothing, and end as they should."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import attrs
import pytest

from nurture import Program, hours, minutes
from nurture.model import Changes, EffectState
from tests.stores import House
from tests.unit.cli.apps import APP, PROGRAM, T0, App, Said, run

Rows = list[dict[str, object]]


def ask(capsys: pytest.CaptureFixture[str], *argv: str) -> Said:
    return run(capsys, argv[0], "--app", APP, "--json", *argv[1:])


def test_a_fresh_store_is_fine_and_stays_fresh(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, "status")
    assert (said.exit, said.err) == (0, "")
    assert said.document["program"] == {"active": None, "activated_at": None, "here": PROGRAM.fingerprint}
    assert said.document["attention"] == []
    assert ask(capsys, "status").document["program"] == said.document["program"]  # looking activates nothing


def test_status_counts_what_waits(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        app.a_lead(number)
    app.clock.move_to(T0 + minutes(2))
    document = ask(capsys, "status").document
    assert document["backlog"] == {
        "due": 3, "outbox": 0, "claimed": 0, "unknown": 0, "failing": 0, "dead": 0, "counted_up_to": 10_000
    }  # fmt: skip
    assert cast("dict[str, float]", document["lag_seconds"])["due"] == pytest.approx(120, abs=1)
    app.crm.decide()
    app.clock.move_to(T0 + minutes(3))
    document = ask(capsys, "status").document
    assert cast("dict[str, int]", document["backlog"])["outbox"] == 3
    assert cast("dict[str, float]", document["lag_seconds"])["outbox"] == pytest.approx(180, abs=1)


def test_status_stops_counting(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        app.a_lead(number)
    app.clock.move_to(T0 + minutes(2))
    assert "3 or more subjects" in run(capsys, "status", "--app", APP, "--upto", "3").out


def test_lag_beyond_the_limit_needs_attention(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.a_lead()
    app.clock.move_to(T0 + minutes(4))
    assert ask(capsys, "status").exit == 0
    late = ask(capsys, "status", "--max-lag", "3m")
    assert late.exit == 1
    assert late.document["attention"] == ["the oldest of what is due waits for 4m; is a worker running?"]


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ("unknown", lambda app: app.in_doubt()),
        ("failing", lambda app: app.troubled(failures=2)),
        ("dead", lambda app: app.troubled(dead="failed: ValueError")),
    ],
)
def test_each_trouble_needs_attention(
    app: App, capsys: pytest.CaptureFixture[str], state: str, trouble: object
) -> None:
    trouble(app)  # type: ignore[operator]
    said = ask(capsys, "status")
    assert (said.exit, cast("dict[str, int]", said.document["backlog"])[state]) == (1, 1)
    assert len(cast("list[str]", said.document["attention"])) == 1


def test_another_active_program_ends_with_4(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.crm.tick()
    other = House(Program(name="other"), lambda _clock: app.storage)  # another host of the same store
    other.crm.activate()
    said = ask(capsys, "status")
    assert (said.exit, cast("dict[str, str]", said.document["program"])["active"]) == (4, other.crm.program.fingerprint)
    assert said.document["attention"] == ["the app's program is not the active one: its workers do not decide"]


def test_due_lists_subjects_and_effects_earliest_first(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    soon, later = app.a_lead(1), app.a_lead(2, "tips.wanted")
    assert [row["id"] for row in rows(ask(capsys, "due"))] == [soon.id, later.id]
    app.clock.move_to(T0 + minutes(1))
    app.crm.decide()
    found = rows(ask(capsys, "due"))
    effect = app.crm.effects(soon.id)[0]
    assert [(row["kind"], row["id"], row["subject"]) for row in found] == [
        ("message", effect.id, soon.id),
        ("subject", later.id, later.id),
    ]
    assert [datetime.fromisoformat(str(row["due_at"])) for row in found] == [effect.due_at, app.standing(later).due_at]


def test_due_says_what_is_late(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.a_lead()
    app.clock.move_to(T0 + hours(1))
    assert [row["is_due"] for row in rows(ask(capsys, "due"))] == [True]
    assert "1h ago" in run(capsys, "due", "--app", APP).out


def test_due_shows_a_failing_subject_at_its_next_try(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    lead = app.troubled(failures=1)
    app.crm.record(lead.id, "hello.wanted")  # waits in the inbox, and does not make it due
    at = app.standing(lead).due_at
    assert [(row["id"], row["due_at"]) for row in rows(ask(capsys, "due"))] == [(lead.id, at.isoformat() if at else "")]


def test_due_is_cut_to_the_limit(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        app.a_lead(number)
    assert len(rows(ask(capsys, "due", "--limit", "2"))) == 2


def test_nothing_is_due_in_an_empty_store(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "due", "--app", APP).out == "nothing is due, ever\n"


def test_stuck_lists_every_trouble_with_a_reason(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    effect = app.in_doubt(0)
    failing, dead = app.troubled(1, failures=2), app.troubled(2, dead="failed: ValueError")
    said = ask(capsys, "stuck")
    assert said.exit == 1
    assert {(row["what"], row["id"], row["reason"]) for row in rows(said, "stuck")} == {
        ("unknown", effect.id, "lost"),
        ("failing", failing.id, "failed_2_times"),
        ("dead", dead.id, "failed: ValueError"),
    }


def test_stuck_lists_claims_that_ran_out_and_no_others(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    lead = app.a_lead()
    app.clock.move_to(T0 + minutes(1))
    app.crm.decide()
    effect = app.crm.effects(lead.id)[0]
    now = app.clock.now
    claimed = effect.moved(state=EffectState.CLAIMED, claimed_at=now, due_at=now + timedelta(seconds=55), fence=1)
    with app.storage.begin() as unit:
        assert not unit.put({lead.id: Changes(records=(claimed,))})
    assert (ask(capsys, "stuck").exit, rows(ask(capsys, "stuck"), "stuck")) == (0, [])
    app.clock.move_to(now + minutes(1))
    lost = rows(ask(capsys, "stuck"), "stuck")
    assert [(row["what"], row["id"], row["reason"]) for row in lost] == [("lost_claim", effect.id, "lease_ran_out")]


def test_stuck_says_that_there_is_more(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        app.troubled(number, dead="failed: ValueError")
    cut, whole = (ask(capsys, "stuck", "--limit", limit).document for limit in ("2", "3"))
    assert (cut["more"], len(cast("Rows", cut["stuck"]))) == (True, 2)
    assert (whole["more"], len(cast("Rows", whole["stuck"]))) == (False, 3)


def test_dead_lists_the_dead_alone(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "dead").exit == 0
    app.troubled(1, failures=2)
    assert ask(capsys, "dead").exit == 0
    dead = app.troubled(2, dead="failed: ValueError")
    said = ask(capsys, "dead")
    assert (said.exit, [row["id"] for row in rows(said, "dead")]) == (1, [dead.id])


def test_text_and_json_say_the_same(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    dead = app.troubled(2, dead="failed: ValueError")
    text = run(capsys, "dead", "--app", APP).out.splitlines()
    assert text[0].split() == ["WHAT", "ID", "SINCE", "REASON"]
    assert text[1].split()[:2] == ["dead", dead.id]
    assert len(text) == 2


def test_a_reason_that_is_no_word_is_not_shown(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    effect = app.in_doubt()
    worse = attrs.evolve(effect, version=effect.version + 1, reason="no answer from ada@example.com")
    with app.storage.begin() as unit:
        assert not unit.put({effect.subject: Changes(records=(worse,))})
    said = ask(capsys, "stuck")
    assert [row["reason"] for row in rows(said, "stuck")] == ["(not shown: no plain word)"]
    assert "ada@" not in said.out


def rows(said: Said, name: str = "due") -> Rows:
    return cast("Rows", said.document[name])
