"""`check` finds every problem of a program at once, and tells what a valid one is."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import cast

import pytest

from nurture import Lifecycle, Message, Program, Scenario, Stage, q
from nurture.steps import send
from tests.unit.cli.apps import APP, MODULE, PROGRAM, App, run

LIVELY = Program(
    name="lively",
    zone="Asia/Tokyo",
    lifecycle=Lifecycle([Stage("new"), Stage("hot")]),
    messages=[Message("hello", "marketing", "Hello", "Hello"), Message("unused", "marketing", "x", "x")],
    scenarios=[Scenario("s", q.touches("page.viewed"), [send("hello")])],
)


def written(folder: Path, data: object) -> str:
    path = folder / "program.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(path)


def test_a_valid_file_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "check", written(tmp_path, LIVELY.to_json()), "--json")
    assert (said.exit, said.err) == (0, "")
    document = said.document
    assert (document["valid"], document["hash"], document["stages"]) == (True, LIVELY.hash, ["new", "hot"])
    assert document["scenarios"] == {"s": LIVELY.version_of(LIVELY.scenarios[0])}
    assert document["warnings"] == ["messages.unused: no scenario sends it"]


def test_text_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "check", written(tmp_path, LIVELY.to_json())).out.splitlines()
    assert lines == [
        "lively: valid",
        f"hash {LIVELY.hash}",
        "stages: new → hot",
        "2 messages, 1 scenarios",
        "warning: messages.unused: no scenario sends it",
    ]


def test_every_problem_is_told_with_its_place_and_near_misses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads(json.dumps(LIVELY.to_json()).replace('"hello"', '"hallo"', 1))
    data["program"]["zone"] = "Asia/Tokio"
    said = run(capsys, "check", written(tmp_path, data), "--json")
    zone_first = cast("list[str]", said.document["problems"])
    assert (said.exit, said.document["valid"]) == (4, False)
    assert any("Asia/Tokio" in one for one in zone_first)
    del data["program"]["zone"]
    text = run(capsys, "check", written(tmp_path, data)).out
    assert "did you mean 'hallo'?" in text
    assert text.splitlines()[-1] == "1 problem"


def test_a_broken_template_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = Program(
        messages=[Message("hello", "marketing", "{{ lead.nam }}", "{% if %}")],
        scenarios=[Scenario("s", q.touches("page.viewed"), [send("hello")])],
    )
    said = run(capsys, "check", written(tmp_path, broken.to_json()), "--json")
    problems = cast("list[str]", said.document["problems"])
    assert (said.exit, [one.split(":")[0] for one in problems]) == (
        4,
        ["messages.hello.subject", "messages.hello.text"],
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "else"}'])
def test_what_is_no_program_ends_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert run(capsys, "check", written(tmp_path, text)).exit == 4


def test_a_file_that_is_no_text_ends_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "program.json").write_bytes(b"\xff\xfe\x00")
    assert run(capsys, "check", str(tmp_path / "program.json")).exit == 4


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "check", str(tmp_path / "nowhere.json"))
    assert said.exit == 2
    assert "cannot be read" in said.err


def test_stdin_is_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(LIVELY.to_json())))
    assert run(capsys, "check", "-", "--json").document["hash"] == LIVELY.hash


def test_a_program_is_found_by_name(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.module.program = LIVELY  # type: ignore[attr-defined]
    assert run(capsys, "check", f"{MODULE}:program", "--json").document["hash"] == LIVELY.hash


def test_the_apps_program_is_checked_when_none_is_named(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", "--json", environment={"NURTURE_APP": APP}).document["hash"] == PROGRAM.hash
