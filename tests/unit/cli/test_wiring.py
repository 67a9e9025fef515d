"""What a command works on: an app or a store, by option or by environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.storage import SqlStorage
from tests.unit.cli.apps import APP, PROGRAM, App, run


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'other.db'}"


def here(document: dict[str, object]) -> object:
    return document["program"]["here"]  # type: ignore[index]


def test_the_environment_stands_for_the_options(app: App, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    by_app = run(capsys, "status", "--json", environment={"NURTURE_APP": APP, "NURTURE_URL": url})
    by_url = run(capsys, "status", "--json", environment={"NURTURE_URL": url})
    assert (here(by_app.document), here(by_url.document)) == (PROGRAM.fingerprint, None)


def test_an_option_beats_the_environment(app: App, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "status", "--url", url, "--json", environment={"NURTURE_APP": APP})
    assert (said.exit, here(said.document)) == (0, None)


def test_a_tenant_is_named_with_the_url(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "status", "--url", url, "--tenant", "north", "--json").document["tenant"] == "north"
    assert run(capsys, "status", "--url", url, "--json").document["tenant"] == "default"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "give --app module:name or --url"),
        (["--app", APP, "--url", "sqlite:///x.db"], "not both"),
        (["--app", APP, "--tenant", "north"], "--tenant goes with --url"),
        (["--app", "nowhere_at_all:crm"], "there is no module 'nowhere_at_all' here"),
    ],
)
def test_wrong_wiring_ends_with_2(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "status", *argv)
    assert (said.exit, said.out) == (2, "")
    assert message in said.err


@pytest.mark.parametrize("argv", [["run"], ["activate"], ["retry", "lead_1"], ["dead", "--all"], ["check"]])
def test_what_needs_the_program_says_so(argv: list[str], url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, *argv, "--url", url)
    assert said.exit == 2
    assert "needs the program: give --app" in said.err


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////nowhere/at/all/crm.db"])
def test_a_store_that_cannot_be_reached_ends_with_3(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "status", "--url", url, "--json")
    assert (said.exit, said.document["exit"]) == (3, 3)
    assert said.err.startswith("nurture: ")


def test_the_store_is_closed_at_the_end(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[SqlStorage] = []
    monkeypatch.setattr(SqlStorage, "close", lambda storage: closed.append(storage))
    run(capsys, "status", "--url", url)
    assert len(closed) == 1
