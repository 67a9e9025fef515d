"""Nothing about a person gets into logs, reasons or what operators see: canaries through failures of every kind.

Every personal field holds a canary, every failure says all of them in its text, and everything is logged. What is
kept as a reason is searched, too. Old reasons that hold canaries are put into the store, and must not be shown.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Collection, Iterator
from pathlib import Path

import attrs
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from sqlalchemy import create_engine

from nurture import Attribute, Basis, ContactPolicy, Message, Program, Scenario, days, hours, minutes, q
from nurture.decisions import Decision, advance
from nurture.errors import StorageError
from nurture.model import Changes, Dossier, Effect, EffectState, SubjectId, Touchpoint
from nurture.ports import Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.runtime import operating
from nurture.steps import act, send
from nurture.storage.sql.commits import after_commit
from nurture.telemetry import OpenTelemetry
from tests.stores import STORES, T0, store_maker
from tests.unit.cli.apps import APP, App, Said, run

CANARIES = (
    "Kanarie", "カナリア", "canary-mail", "+8150123456", "canary-line", "canary-visitor", "canary-external",
    "canary-company", "canary-department", "canary-title", "canary-source", "canary-attribute", "canary-property",
    "canary-tag", "canary-template", "canary-account", "canary-error",
)  # fmt: skip
FAILURE = " ".join(CANARIES)
PROGRAM = Program(
    attributes=[Attribute("note", "text")],
    messages=[
        Message("hello", "marketing", "canary-template", "canary-template {{ lead.family_name }}"),
        Message("broken", "marketing", "canary-template", "canary-template {{ lead.name / 2 }}"),
    ],
    scenarios=[
        Scenario("mail", q.touches("mail.wanted"), [send("hello")], reentry="always"),
        Scenario("broken", q.touches("broken.wanted"), [send("broken")], reentry="always"),
        Scenario(
            "act", q.touches("act.wanted"), [act("host.act", params={"note": "canary-property"})], reentry="always"
        ),
    ],
    actions=["host.act"],
    policy=ContactPolicy(max_attempts=2),
)


class Hostile:
    """A sender that says the address, and more, in everything that it answers or raises."""

    def __init__(self) -> None:
        self.answers: list[type[Rejected] | type[Deferred] | type[Unknown]] = []

    dedup_window = hours(0)

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        if not self.answers:
            raise OSError(FAILURE + "".join(one.recipient for one in envelopes))
        answer = self.answers.pop(0)
        return tuple([answer(f"{FAILURE} {one.recipient}") for one in envelopes])

    def close(self) -> None:
        pass


class Records(logging.Handler):
    """Everything that was logged, and all that could be read from it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.messages: set[str] = set()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.add(record.getMessage().partition(":")[0])
        self.texts += [record.getMessage(), repr(record.args), repr(vars(record)), record.exc_text or ""]
        if record.exc_info and record.exc_info[1]:
            self.texts.append("".join(traceback.format_exception(record.exc_info[1])))


@pytest.fixture
def records() -> Iterator[Records]:
    root, log, handler = logging.getLogger(), logging.getLogger("nurture"), Records()
    levels = root.level, log.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    log.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(levels[0])
    log.setLevel(levels[1])


class Nosy:
    """A probe that fails, and says why."""

    def span(self, name: str, /) -> object:
        raise ValueError(f"{FAILURE} {name}")

    def count(self, name: str, number: int, /, **labels: str) -> None:
        raise ValueError(f"{FAILURE} {name}")


def a_person(app: App, number: int) -> SubjectId:
    account = app.crm.capture_account(name=f"canary-account {number}", domain=f"canary-company{number}.example")
    return app.crm.capture(
        email=f"canary-mail{number}@example.com", phone=f"+8150123456{number:02}", line=f"canary-line{number}",
        visitor=f"canary-visitor{number}", external_ids={"crm": f"canary-external{number}"},
        family_name="Kanarie", given_name="Kanarie", family_kana="カナリア", given_kana="カナリア",
        company="canary-company", department="canary-department", title="canary-title", source="canary-source",
        account=account.id, tags=["canary-tag"], attributes={"note": "canary-attribute"}, consent=Basis.CONSENT,
    ).id  # fmt: skip


def everything_fails(app: App, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A whole life in which all goes wrong; the reasons that were kept meanwhile."""
    reasons: list[str] = []
    people = [a_person(app, number) for number in range(4)]
    kinds = ("mail.wanted", "broken.wanted", "act.wanted")
    for kind, subject in zip(kinds, people, strict=False):
        app.crm.record(subject, kind, {"page": "canary-property"})
    for minute in (1, 10, 60):
        app.tick_at(T0 + minutes(minute))  # the sender raises; composing fails; the action raises
        reasons += kept(app)
    for answer in (Rejected, Deferred, Deferred, Unknown):
        app.hostile.answers.append(answer)  # type: ignore[attr-defined]
        app.crm.record(people[0], "mail.wanted")
        app.tick_at(app.clock.now + hours(1))

    def poisoned(program: Program, dossier: Dossier, now: object) -> Decision:
        if dossier.subject.id == people[3]:
            raise ValueError(FAILURE + repr(dossier))
        return advance(program, dossier, now)  # type: ignore[arg-type]

    monkeypatch.setattr("nurture.runtime.deciding.advance", poisoned)
    app.crm.record(people[3], "mail.wanted", {"page": "canary-property"})
    for hour in range(1, 8):
        app.tick_at(app.clock.now + hours(hour))
    everything_inside_fails(app, monkeypatch)
    the_metrics_fail(app, monkeypatch)
    a_commit_is_told_of()
    the_store_fails(app, monkeypatch)
    return reasons + kept(app)


def everything_inside_fails(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no host's code makes fail, such as a broken record: each for a while, with a person to write to."""
    places = (
        ("composing.bodies_for", ValueError(FAILURE)),
        ("claiming._judge", ValueError(FAILURE)),
        ("claiming._judged_all", ValueError(FAILURE)),
        ("delivering._write_down", StorageError(FAILURE)),
        ("deciding.load", ValueError(FAILURE)),
    )
    for number, (place, error) in enumerate(places, 10):
        name = f"nurture.runtime.{place}"
        module, _, attribute = name.rpartition(".")
        real = getattr(sys.modules[module], attribute)
        failed: list[object] = []
        is_brief = isinstance(error, StorageError)  # what is tried again goes well then

        def fails(*given: object, **more: object) -> object:
            if is_brief and failed:  # noqa: B023
                return real(*given, **more)  # noqa: B023
            failed.append(1)  # noqa: B023
            raise error  # noqa: B023

        app.crm.record(a_person(app, number), "mail.wanted", {"page": "canary-property"})
        with monkeypatch.context() as patched:
            patched.setattr(name, fails)
            for _ in range(4):  # at some hours nobody is written to
                app.tick_at(app.clock.now + hours(6))
        assert failed, place
        app.tick_at(app.clock.now + days(2))


def the_metrics_fail(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection of metrics while the store is gone."""
    reader = InMemoryMetricReader()
    OpenTelemetry(meters=MeterProvider([reader])).watch(app.crm)
    app.crm.attach(Nosy())  # type: ignore[arg-type]

    def gone(_storage: object) -> object:
        raise StorageError(FAILURE) from ValueError(FAILURE)

    with monkeypatch.context() as patched:
        patched.setattr(type(app.storage), "now", gone)
        reader.collect()


def a_commit_is_told_of() -> None:
    """Who is told after a host's commit fails."""

    def fail() -> None:
        raise ValueError(FAILURE)

    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        after_commit(connection, fail)
    engine.dispose()


def kept(app: App) -> list[str]:
    """Every reason that the store keeps, and all of each receipt."""
    effects = every_effect(app)
    found = [effect.reason for effect in effects]
    found += [one.dead for one in operating.troubled(app.storage) if one.dead is not None]
    for subject in {effect.subject for effect in effects}:
        found += [repr(fact) for fact in app.crm.timeline(subject) if "effect" in fact.properties]
    return found


def old_reasons(app: App) -> Effect:
    """An effect and a standing with reasons such as an older release, or another program, may have written."""
    effect = next(one for one in every_effect(app) if one.state is EffectState.UNKNOWN)
    standing = next(one for one in operating.troubled(app.storage) if one.dead is not None)
    worse = attrs.evolve(standing, version=standing.version + 1, dead=f"failed: {FAILURE}")
    for subject, record in ((effect.subject, effect.moved(reason=FAILURE)), (standing.subject, worse)):
        with app.storage.begin() as unit:
            assert not unit.put({subject: Changes(records=(record,))})
    return effect


def the_store_fails(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker goes on when its store is gone for one tick."""
    calls: list[object] = []

    def gone(_storage: object) -> object:
        calls.append(1)
        if len(calls) > 1:
            app.crm.stop()
        raise StorageError(FAILURE) from ValueError(FAILURE)

    with monkeypatch.context() as patched:
        patched.setattr(type(app.storage), "view", gone)
        worker = threading.Thread(target=app.crm.run, kwargs={"poll": minutes(0)})
        worker.start()
        worker.join(30)
    assert not worker.is_alive()


def commands(app: App, capsys: pytest.CaptureFixture[str], unknown: Effect) -> list[Said]:
    """Every command that reads or writes, in both forms."""
    asked: list[tuple[str, ...]] = [
        ("status",), ("due",), ("stuck",), ("dead",), ("check",), ("clock",),
        ("retry", unknown.id, "--as", "sent"), ("retry", "canary-mail@example.com"),
        ("retry", "lead_canary-mail@example.com"), ("dead", "--revive", "canary-mail@example.com"),
        ("dead", "canary-mail@example.com"), ("canary-mail@example.com",),
        ("run", "--once", "--log-level", "debug"), ("dead", "--all"), ("activate",), ("stuck",), ("status",),
    ]  # fmt: skip
    return [run(capsys, *argv, "--app", APP, *form) for argv in asked for form in ((), ("--json",))]


def a_faulty_command(app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[Said]:
    """Commands in which code of the host's, or ours, raises."""

    def fault(_storage: object) -> object:
        raise ValueError(FAILURE)

    with monkeypatch.context() as patched:
        patched.setattr(type(app.storage), "view", fault)
        return [run(capsys, "due", "--app", APP, *form) for form in ((), ("--json",))]


@pytest.mark.parametrize("store", STORES)
def test_no_canary_is_seen_anywhere(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], records: Records
) -> None:
    hostile = Hostile()

    def fail(*_given: object, **_more: object) -> None:
        raise ValueError(FAILURE)

    def observe(fact: Touchpoint) -> None:
        raise ValueError(FAILURE + repr(fact))

    app = App(
        monkeypatch,
        store_maker(store, tmp_path),
        PROGRAM,
        senders={"email": hostile},
        actions={"host.act": fail},
        observers=[observe],
        probe=Nosy(),
    )
    app.hostile = hostile  # type: ignore[attr-defined]
    reasons = everything_fails(app, monkeypatch)
    states = {effect.state for effect in every_effect(app)}
    assert states >= {EffectState.UNKNOWN, EffectState.REJECTED}
    assert set(reasons) >= {
        "no_word_given", "sender_raised_OSError", "action_raised_ValueError", "compose_failed_ValueError",
        "failed: ValueError",
    }  # fmt: skip
    assert [canary for canary in CANARIES if canary in "\n".join(reasons)] == []
    said = commands(app, capsys, old_reasons(app)) + a_faulty_command(app, capsys, monkeypatch)
    assert {one.exit for one in said} >= {0, 1, 2, 5}
    assert sum(one.out.count("(not shown: no plain word)") for one in said) >= 4  # both, in both forms
    app.crm.close()

    expected = {
        "an observer failed", "a probe failed", "the sender raised", "an action raised", "deciding failed",
        "a tick failed; trying again after the poll interval", "decided", "delivered", "a worker began",
        "composing failed", "judging an effect failed", "a subject is put aside", "an effect is put aside",
        "receipts could not be written; trying again", "the backlog could not be read",
        "an effect in doubt was resolved", "what was to be told after a commit failed", "recorded", "a worker ended",
    }  # fmt: skip
    assert records.messages >= expected
    seen = "\n".join([*records.texts, *(one.out + one.err for one in said)])
    assert [canary for canary in CANARIES if canary in seen] == []
    assert app.crm.storage.tenant in seen  # and it is not empty


def every_effect(app: App) -> list[Effect]:
    with app.storage.view() as view:
        return list(view.page(Effect, "", 1000))


def test_the_canaries_would_be_seen(records: Records) -> None:
    """The search can fail: a log call that holds a value is found, in its text, its arguments and its traceback."""
    log = logging.getLogger("nurture")
    log.info("about %s", "Kanarie")
    try:
        raise ValueError("canary-error")
    except ValueError:
        log.exception("failed", extra={"nurture_lead": "canary-mail"})
    seen = "\n".join(records.texts)
    assert all(canary in seen for canary in ("Kanarie", "canary-error", "canary-mail"))
