"""What a command works on: an app or a store, by option or by environment."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex

import pytest
from sqlalchemy import create_engine, inspect

from nurture.storage import SqlStorage
from tests import postgres
from tests.stores import store_maker
from tests.unit.cli.apps import APP, PROGRAM, App, run


@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 'other.db'}"
    store = SqlStorage(found)
    store.upgrade()
    store.close()
    return found


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


@pytest.mark.parametrize("argv", [["run"], ["activate"], ["retry", f"lead_{'0' * 26}"], ["dead", "--all"], ["check"]])
def test_what_needs_the_program_says_so(argv: list[str], url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, *argv, "--url", url)
    assert said.exit == 2
    assert "needs the program: give --app" in said.err


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////nowhere/at/all/crm.db"])
def test_a_store_that_cannot_be_reached_ends_with_3(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "status", "--url", url, "--json")
    assert (said.exit, said.document["exit"]) == (3, 3)
    assert said.err.startswith("nurture: ")


LOOKS = ("status", "due", "stuck", "dead", "clock")
FOUND = "nurture: no tables here: `nurture upgrade` makes them\n"


@pytest.mark.parametrize("argv", [[one] for one in LOOKS] + [["clock", "--allow"]])
def test_looking_makes_no_database(argv: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, *argv, "--url", f"sqlite:///{tmp_path / 'typo.db'}")
    assert (said.exit, said.out, said.err) == (3, "", FOUND)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_looking_makes_no_tables(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    (tmp_path / "empty.db").touch()
    if kind == "postgres":
        name = f"empty_{token_hex(4)}"
        postgres.server().sql(f"CREATE DATABASE {name}")
        url = postgres.server().url(name)
    for command in LOOKS:
        said = run(capsys, command, "--url", url)
        assert (said.exit, said.err) == (3, FOUND)
    engine = create_engine(url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize("argv", [["retry", f"lead_{'0' * 26}"], ["dead", "--all"]])
def test_mending_makes_no_tables(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = App(monkeypatch, store_maker("sqlite", tmp_path))
    said = run(capsys, *argv, "--app", APP)
    assert (said.exit, said.err, list(tmp_path.iterdir())) == (3, FOUND, [])
    app.crm.close()


def test_the_store_is_closed_at_the_end(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[SqlStorage] = []
    monkeypatch.setattr(SqlStorage, "close", lambda storage: closed.append(storage))
    run(capsys, "status", "--url", url)
    assert len(closed) == 1
