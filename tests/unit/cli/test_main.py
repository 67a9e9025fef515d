"""Errors become exit codes and one line each; what comes from elsewhere shows its type and place alone."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nurture import Program, hours
from nurture.cli import main
from nurture.errors import (
    ClockJumpError,
    ConflictError,
    DefinitionError,
    InvalidFactError,
    NotFoundError,
    ProgramMismatchError,
    StorageError,
)
from tests.unit.cli.apps import APP, App, run


@pytest.mark.parametrize(
    ("error", "exit_"),
    [
        (NotFoundError("no such lead: lead_1"), 2),
        (InvalidFactError("field", "something"), 2),
        (StorageError("the server is gone"), 3),
        (ConflictError("somebody was faster"), 3),
        (ClockJumpError(hours(-2), hours(1)), 3),
        (DefinitionError(["one", "two"]), 4),
        (ProgramMismatchError("another one"), 4),
        (ValueError("ada@example.com"), 5),
    ],
)
def test_each_error_has_its_exit_code(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception, exit_: int
) -> None:
    def fail(_storage: object) -> object:
        raise error

    monkeypatch.setattr(type(app.storage), "view", fail)
    said = run(capsys, "due", "--app", APP, "--json")
    assert (said.exit, said.document["exit"], said.document["type"]) == (exit_, exit_, type(error).__name__)
    assert "ada@" not in said.out + said.err
    assert ("ValueError at " in said.err) == (exit_ == 5)


def test_a_clock_that_jumped_is_told_by_the_clock_command(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def jumped(_storage: object) -> object:
        raise ClockJumpError(hours(-2), hours(1))

    monkeypatch.setattr(type(app.storage), "now", jumped)
    said = run(capsys, "clock", "--app", APP)
    assert said.exit == 1
    assert "2:00:00 behind the last committed instant" in said.out
    assert "nurture clock --allow" in said.out


def test_control_c_ends_with_130(app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_storage: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(app.storage), "view", interrupted)
    assert run(capsys, "due", "--app", APP).exit == 130


def test_a_reader_that_has_seen_enough_is_no_fault(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with io.TextIOWrapper(io.FileIO(writer, "w"), write_through=True) as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["status", "--app", APP], {}) == 0


@pytest.mark.parametrize("form", ["--json", "--js"])
def test_a_command_line_that_makes_no_sense_is_a_document_too(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "retry", form)
    assert (said.exit, said.document["exit"], said.document["type"]) == (2, 2, "UsageError")
    assert str(said.document["error"]) in said.err
    assert run(capsys, "retry").out == ""


def test_what_the_host_prints_does_not_spoil_the_document(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = app.storage.view

    def talking() -> object:
        print("looking")
        return view()

    monkeypatch.setattr(app.storage, "view", talking)
    said = run(capsys, "due", "--app", APP, "--json")
    assert (said.exit, said.document["due"], said.err) == (0, [], "looking\n")


def test_a_host_that_ends_the_process_is_a_fault(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(_storage: object) -> object:
        sys.exit(0)

    monkeypatch.setattr(type(app.storage), "view", ended)
    assert run(capsys, "due", "--app", APP).exit == 5


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_letters_that_the_terminal_lacks_are_no_fault(
    form: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "program.json").write_text(json.dumps(Program(name="café 山").to_json()), encoding="utf-8")
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding) as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["check", str(tmp_path / "program.json"), *form], {}) == 0
        said = raw.getvalue().decode(encoding)
    if form:
        assert json.loads(said)["name"] == "café 山"
    else:
        assert said.startswith({"ascii": "caf\\xe9 \\u5c71", "latin-1": "café \\u5c71", "utf-8": "café 山"}[encoding])


def test_a_process_ends_with_the_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nurture", "status", "--app", "nowhere_at_all:crm"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "nurture: importing nowhere_at_all: there is no module 'nowhere_at_all' here\n"
