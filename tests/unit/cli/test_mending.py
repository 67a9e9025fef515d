"""`upgrade`, `activate`, `retry`, `dead --revive` and `clock` do what they say, once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nurture import Message, Program, Scenario, hours, minutes, q
from nurture.errors import ConflictError, RecordRefusedError, StorageError
from nurture.model import Alias, Changes, EffectState, FactId, SubjectId
from nurture.steps import send
from nurture.storage import MemoryStorage, SqlStorage
from nurture.storage.sql.schema import VERSION
from tests.stores import House
from tests.unit.cli.apps import APP, T0, App, Said, run

EFFECT, LEAD, FACT = (f"{kind}_{'0' * 26}" for kind in ("eff", "lead", "fact"))


def tell(capsys: pytest.CaptureFixture[str], *argv: str) -> Said:
    return run(capsys, argv[0], "--app", APP, "--json", *argv[1:])


def test_sent_is_recorded_as_accepted_with_a_receipt(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    effect = app.in_doubt(delivered=True)
    said = tell(capsys, "retry", effect.id, "--as", "sent", "--reason", "asked_the_provider")
    assert (said.exit, said.document) == (0, {"retried": [{"id": effect.id, "answer": "done"}]})
    (now,) = app.crm.effects(effect.subject)
    assert (now.state, now.reason) == (EffectState.ACCEPTED, "asked_the_provider")
    kinds = [fact.kind for fact in app.crm.timeline(effect.subject)]
    assert (kinds.count("email.unknown"), kinds.count("email.sent")) == (1, 1)
    app.tick_at(app.clock.now + hours(1))
    assert len(app.sender.attempts) == 1


def test_not_sent_is_sent_again_under_the_same_key(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    effect = app.in_doubt()
    assert tell(capsys, "retry", effect.id, "--as", "not-sent").exit == 0
    app.tick_at(app.clock.now + minutes(1))
    assert [one.key for one in app.sender.attempts] == [effect.id, effect.id]
    assert len({one.message_id for one in app.sender.attempts}) == 1
    assert [one.key for one in app.sender.delivered] == [effect.id]
    (now,) = app.crm.effects(effect.subject)
    assert (now.state, now.attempts) == (EffectState.ACCEPTED, 1)
    kinds = [fact.kind for fact in app.crm.timeline(effect.subject)]
    assert (kinds.count("email.unknown"), kinds.count("email.sent")) == (1, 1)  # each outcome has its receipt


def test_an_effect_can_be_in_doubt_again_and_again(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    from nurture.testing import Lost

    effect = app.in_doubt()
    for _ in range(3):
        app.sender.then(Lost(delivered=False))
        assert tell(capsys, "retry", effect.id, "--as", "not-sent").exit == 0
        app.tick_at(app.clock.now + minutes(1))
    kinds = [fact.kind for fact in app.crm.timeline(effect.subject)]
    assert kinds.count("email.unknown") == 4


def test_an_effect_that_is_not_in_doubt_is_left_alone(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    effect = app.in_doubt()
    assert tell(capsys, "retry", effect.id, "--as", "sent").exit == 0
    said = tell(capsys, "retry", effect.id, "--as", "not-sent")
    assert (said.exit, said.document) == (1, {"retried": [{"id": effect.id, "answer": "not_in_doubt"}]})
    app.tick_at(app.clock.now + hours(1))
    assert len(app.sender.attempts) == 1


@pytest.mark.parametrize("name", [f"{kind}_{'0' * 26}" for kind in ("eff", "lead", "acct")])
def test_an_id_that_nothing_has_is_told(app: App, capsys: pytest.CaptureFixture[str], name: str) -> None:
    argv = ["--as", "sent"] if name.startswith("eff_") else []
    said = tell(capsys, "retry", name, *argv)
    assert (said.exit, said.document) == (1, {"retried": [{"id": name, "answer": "not_found"}]})


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([EFFECT], "say what became of the effects"),
        ([LEAD, "--as", "sent"], "--as is about effects"),
        (["ada@example.com"], "expected ids of effects, leads or accounts"),
        (["lead_ada@example.com"], "expected ids of effects, leads or accounts"),
        ([EFFECT, "--as", "sent", "--reason", "ada@example.com said so"], "expected one word"),
        ([EFFECT, "--as", "sent", "--reason", "failed: Ada"], "expected one word"),
    ],
)
def test_what_makes_no_sense_ends_with_2_and_is_not_repeated(
    app: App, capsys: pytest.CaptureFixture[str], argv: list[str], message: str
) -> None:
    said = tell(capsys, "retry", *argv)
    assert said.exit == 2
    assert message in said.err
    assert "ada@" not in said.out + said.err


@pytest.mark.parametrize("trouble", [{"dead": "failed: ValueError"}, {"failures": 2}])
def test_a_dead_or_failing_subject_is_decided_again(
    app: App, capsys: pytest.CaptureFixture[str], trouble: dict[str, object]
) -> None:
    lead = app.troubled(**trouble)  # type: ignore[arg-type]
    app.crm.record(lead.id, "hello.wanted")
    app.clock.move_to(app.clock.now + minutes(1))
    app.crm.tick()
    assert len(app.crm.effects(lead.id)) == 1  # not by itself, so soon
    assert tell(capsys, "retry", lead.id).exit == 0
    app.tick_at(app.clock.now + minutes(1))
    standing = app.standing(lead)
    assert (standing.dead, standing.failures, len(app.crm.effects(lead.id))) == (None, 0, 2)
    assert tell(capsys, "retry", lead.id).document == {"retried": [{"id": lead.id, "answer": "not_failing"}]}


def test_one_or_all_of_the_dead_are_revived(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    leads = [app.troubled(number, dead="failed: ValueError") for number in range(3)]
    assert tell(capsys, "dead", "--revive", leads[0].id).exit == 0
    assert {subject for subject, _ in app.crm.dead()} == {leads[1].id, leads[2].id}
    assert tell(capsys, "dead", "--all").exit == 0
    assert list(app.crm.dead()) == []
    assert tell(capsys, "dead", "--all").document == {"revived": []}


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--revive", "ada@example.com"], "--revive: expected the id of a lead or an account"),
        (["--revive", "lead_ada@example.com"], "--revive: expected the id of a lead or an account"),
        (["--revive", EFFECT], "--revive: expected the id of a lead or an account"),
        (["--revive", LEAD, "--without", "fact_ada@example.com"], "--without: expected the id of a fact"),
        (["--revive", LEAD, "--revive", LEAD, "--without", FACT], "give one --revive"),
        (["--all", "--without", FACT], "give one --revive"),
        (["--without", FACT], "--without goes with --revive"),
    ],
)
def test_what_cannot_be_revived_ends_with_2_and_is_not_repeated(
    app: App, capsys: pytest.CaptureFixture[str], argv: list[str], message: str
) -> None:
    said = tell(capsys, "dead", *argv)
    assert (said.exit, message in said.err) == (2, True)
    assert "ada@" not in said.out + said.err


def test_a_subject_is_revived_without_facts(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    lead = app.troubled(dead="failed: ValueError")
    facts = [app.crm.record(lead.id, "hello.wanted") for _ in range(3)]
    said = tell(capsys, "dead", "--revive", lead.id, "--without", facts[0], "--without", facts[2])
    assert (said.exit, said.document) == (0, {"revived": [{"id": lead.id, "answer": "done"}]})
    before = len(app.crm.effects(lead.id))
    app.tick_at(app.clock.now + minutes(1))
    assert len(app.crm.effects(lead.id)) == before + 1
    assert {fact.id for fact in app.crm.timeline(lead.id)} >= set(facts)


def test_a_fact_that_does_not_wait_is_told(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    lead = app.troubled(dead="failed: ValueError")
    said = tell(capsys, "dead", "--revive", lead.id, "--without", FACT)
    assert (said.exit, said.document) == (1, {"revived": [{"id": lead.id, "answer": "fact_not_waiting"}]})
    assert app.standing(lead).dead is not None


@pytest.mark.parametrize("error", [ValueError("ada@example.com"), ConflictError("busy"), RecordRefusedError("odd")])
def test_one_that_cannot_be_revived_stops_no_other(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    leads = sorted(app.troubled(number, dead="failed: ValueError").id for number in range(3))
    revive = app.crm.revive

    def failing(subject: SubjectId, *, without: Collection[FactId] = ()) -> bool:
        if subject == leads[1]:
            raise error
        return revive(subject, without=without)

    monkeypatch.setattr(app.crm, "revive", failing)
    said = tell(capsys, "dead", "--all")
    answers = [{"id": one, "answer": "failed" if one == leads[1] else "done"} for one in leads]
    assert (said.exit, said.document) == (1, {"revived": answers})
    assert f"nurture: {leads[1]}: {type(error).__name__} at " in said.err
    assert "ada@" not in said.out + said.err
    assert [subject for subject, _ in app.crm.dead()] == [leads[1]]


def test_a_store_that_is_away_ends_it(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.troubled(dead="failed: ValueError")

    def away(*_given: object, **_more: object) -> bool:
        raise StorageError("the server is gone")

    monkeypatch.setattr(app.crm, "revive", away)
    assert tell(capsys, "dead", "--all").exit == 3


@pytest.mark.parametrize("argv", [["retry", EFFECT, "--as", "sent"], ["retry", LEAD], ["dead", "--revive", LEAD]])
def test_mending_nothing_activates_nothing(app: App, capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert tell(capsys, *argv).exit == 1
    assert tell(capsys, "status").document["program"]["active"] is None  # type: ignore[index]


def test_activate_rolls_everything_over(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    before = House(Program(name="before"), lambda _clock: app.storage)
    lead = before.crm.capture(email="ada@example.com")
    before.crm.record(lead.id, "hello.wanted")
    app.clock.move_to(T0 + minutes(1))
    before.crm.tick()
    said = tell(capsys, "activate")
    assert (said.exit, said.document) == (0, {"program": app.crm.program.fingerprint, "rolled_over": 1})
    assert app.standing(lead).program == app.crm.program.fingerprint
    assert tell(capsys, "status").exit == 0


def test_activating_what_drops_needed_names_ends_with_4(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.a_lead(kind="tips.wanted")
    app.clock.move_to(T0 + minutes(1))
    app.crm.tick()  # waits now, to send `tips`
    only_hello = Program(
        messages=[Message("hello", "marketing", "Hello", "Hello")],
        scenarios=[Scenario("hello", q.touches("hello.wanted"), [send("hello")])],
    )
    app.module.crm = House(only_hello, lambda _clock: app.storage).crm  # type: ignore[attr-defined]
    said = tell(capsys, "activate")
    assert said.exit == 4
    assert "unknown message 'tips'" in said.err


def test_upgrade_makes_the_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    said = run(capsys, "upgrade", "--url", url, "--json")
    assert said.exit == 0
    assert (tmp_path / "new.db").stat().st_size > 0
    assert run(capsys, "upgrade", "--url", url, "--json").document == said.document  # harmless twice


def test_a_store_without_tables_has_nothing_to_upgrade(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    App(monkeypatch, lambda clock: MemoryStorage(clock=clock))
    assert tell(capsys, "upgrade").exit == 0


def test_clock_tells_how_far_the_clocks_are_apart(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.clock.move_to(datetime.now(UTC) + hours(2))
    said = tell(capsys, "clock")
    assert said.exit == 1
    assert float(str(said.document["difference_seconds"])) == pytest.approx(7_200, abs=60)
    assert tell(capsys, "clock", "--max-difference", "3h").exit == 0
    assert "ahead of this machine's" in run(capsys, "clock", "--app", APP).out


def test_the_machines_clock_is_near_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}").upgrade()
    assert run(capsys, "clock", "--url", f"sqlite:///{tmp_path / 'crm.db'}").exit == 0


def test_a_clock_that_jumped_is_allowed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    ahead = SqlStorage(url, clock=lambda: datetime.now(UTC) + hours(2))
    with ahead.begin() as unit:
        assert not unit.put({SubjectId("lead_1"): Changes(records=(Alias(id="a", subject=SubjectId("lead_1")),))})
    ahead.close()
    assert run(capsys, "status", "--url", url).exit == 3
    said = run(capsys, "clock", "--url", url)
    assert said.exit == 1
    assert "`nurture clock --allow`" in said.out
    allowed = run(capsys, "clock", "--allow", "--url", url, "--json")
    assert (allowed.exit, allowed.document["allowed"]) == (0, True)
    assert run(capsys, "status", "--url", url).exit == 0


def test_a_store_that_does_not_watch_its_clock_has_nothing_to_allow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = App(monkeypatch, lambda clock: MemoryStorage(clock=clock))
    monkeypatch.delattr(type(app.storage), "allow_clock", raising=False)
    said = tell(capsys, "clock", "--allow")
    assert said.exit == 2
    assert "nothing to allow" in said.err


def test_status_tells_the_version_of_the_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    upgraded = run(capsys, "upgrade", "--url", url, "--json").document
    assert upgraded["schema"] == run(capsys, "status", "--url", url, "--json").document["schema"] == VERSION
