"""Errors become exit codes and one line each; what comes from elsewhere shows its type and place alone."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from nurture import hours
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


def test_a_process_ends_with_the_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nurture", "status", "--app", "nowhere_at_all:crm"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "nurture: importing nowhere_at_all: there is no module 'nowhere_at_all' here\n"
