"""`run` as a process: it works, logs ids alone, stops when asked to, and refuses to begin in vain."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture import Program, minutes
from nurture.cli.running import Formatter
from tests.stores import House
from tests.unit.cli.apps import APP, T0, App, run

WIRING = """
from nurture import Basis, Message, Nurture, Program, Scenario, SenderIdentity, Site, q
from nurture.senders import MaildirSender
from nurture.steps import send
from nurture.storage import SqlStorage

identity = SenderIdentity("E", "news@example.com", postal_address="1 Street", complaint_contact="help@example.com")
program = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[Scenario("hello", on=q.touches("form.submitted"), steps=[send("hello")])],
)

def make():
    site = Site("https://www.example.com", secret="only-for-tests-0123456789", identity=identity)
    return Nurture(program, SqlStorage("sqlite:///crm.db"), senders={"email": MaildirSender("mail")}, site=site)

def fill():
    crm = make()
    for number in range(3):
        lead = crm.capture(email=f"a{number}@example.com", consent=Basis.CONSENT)
        crm.record(lead.id, "form.submitted")
    crm.close()
"""


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    log = logging.getLogger("nurture")
    level = log.level
    yield
    log.setLevel(level)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a host's wiring lies, with three people who wait for a mail."""
    (tmp_path / "wiring.py").write_text(WIRING, encoding="utf-8")
    subprocess.run([sys.executable, "-c", "import wiring; wiring.fill()"], cwd=tmp_path, check=True)
    return tmp_path


def command(*argv: str) -> list[str]:
    return [sys.executable, "-m", "nurture", *argv, "--app", "wiring:make"]


def test_once_works_until_nothing_is_due(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        app.a_lead(number)
    app.clock.move_to(T0 + minutes(1))
    said = run(capsys, "run", "--once", "--app", APP, "--json")
    assert said.exit == 0
    assert said.document["delivered"] == {
        "accepted": 3, "rejected": 0, "deferred": 0, "withheld": 0, "unknown": 0, "conflicts": 0
    }  # fmt: skip
    assert len(app.sender.delivered) == 3


def test_a_program_that_is_not_active_does_not_begin(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    other = House(Program(name="other"), lambda _clock: app.storage)
    other.crm.activate()
    app.a_lead()
    said = run(capsys, "run", "--once", "--app", APP)
    assert said.exit == 4
    assert "run `nurture activate`" in said.err
    assert app.sender.attempts == []


def test_a_process_works_and_prints_one_document(folder: Path) -> None:
    done = subprocess.run(
        command("run", "--once", "--json"), cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["delivered"]["accepted"] == 3
    assert len(list((folder / "mail/new").iterdir())) == 3
    assert "a worker began nurture_tenant=default" in done.stderr
    assert "example.com" not in done.stdout + done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_stops_cleanly_when_asked_to(folder: Path, number: signal.Signals) -> None:
    worker = subprocess.Popen(
        command("run", "--poll", "100ms", "--log-level", "debug"),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert worker.stderr is not None
        for line in worker.stderr:
            if "delivered" in line:
                break
        worker.send_signal(number)
        out, err = worker.communicate(timeout=60)
    finally:
        worker.kill()
        worker.wait()
    assert worker.returncode == 0
    assert out.endswith("effects: 3 accepted\n")
    assert "a worker ended" in err


def test_a_line_carries_what_the_library_adds() -> None:
    record = logging.LogRecord("nurture", logging.ERROR, __file__, 1, "deciding failed", None, None)
    record.nurture_subject = "lead_1"
    assert Formatter().format(record).endswith("ERROR nurture: deciding failed nurture_subject=lead_1")
