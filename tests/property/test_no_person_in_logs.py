"""Nothing about a person gets into logs or into what operators see: canaries through failures of every kind.

Every personal field holds a canary, every failure says all of them in its text, and everything is logged.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from nurture import Attribute, Basis, ContactPolicy, Message, Program, Scenario, hours, minutes, q
from nurture.decisions import Decision, advance
from nurture.errors import StorageError
from nurture.model import Dossier, Effect, EffectState, SubjectId, Touchpoint
from nurture.ports import Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.steps import act, send
from tests.stores import STORES, T0, store_maker
from tests.unit.cli.apps import APP, App, Said, run

CANARIES = (
    "Kanarie", "カナリア", "canary-mail", "+815012345678", "canary-line", "canary-visitor", "canary-external",
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
        email=f"canary-mail{number}@example.com", phone="+815012345678", line=f"canary-line{number}",
        visitor=f"canary-visitor{number}", external_ids={"crm": f"canary-external{number}"},
        family_name="Kanarie", given_name="Kanarie", family_kana="カナリア", given_kana="カナリア",
        company="canary-company", department="canary-department", title="canary-title", source="canary-source",
        account=account.id, tags=["canary-tag"], attributes={"note": "canary-attribute"}, consent=Basis.CONSENT,
    ).id  # fmt: skip


def everything_fails(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole life in which all goes wrong."""
    people = [a_person(app, number) for number in range(4)]
    kinds = ("mail.wanted", "broken.wanted", "act.wanted")
    for kind, subject in zip(kinds, people, strict=False):
        app.crm.record(subject, kind, {"page": "canary-property"})
    for minute in (1, 10, 60):
        app.tick_at(T0 + minutes(minute))  # the sender raises; composing fails; the action raises
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
    the_store_fails(app, monkeypatch)


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


def commands(app: App, capsys: pytest.CaptureFixture[str]) -> list[Said]:
    """Every command that reads or writes, in both forms."""
    asked: list[tuple[str, ...]] = [
        ("status",), ("due",), ("stuck",), ("dead",), ("check",), ("clock",),
        ("retry", "eff_0", "--as", "sent"), ("retry", "canary-mail@example.com"),
        ("run", "--once", "--log-level", "debug"), ("dead", "--all"), ("activate",), ("stuck",), ("status",),
    ]  # fmt: skip
    return [run(capsys, *argv, "--app", APP, *form) for argv in asked for form in ((), ("--json",))]


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
    everything_fails(app, monkeypatch)
    states = {effect.state for effect in every_effect(app)}
    assert states >= {EffectState.UNKNOWN, EffectState.REJECTED}
    said = commands(app, capsys)
    app.crm.close()

    expected = {
        "an observer failed", "a probe failed", "the sender raised", "an action raised", "deciding failed",
        "a tick failed; trying again after the poll interval", "decided", "delivered", "a worker began",
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
