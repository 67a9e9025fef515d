"""The import contracts of `pyproject.toml` hold, and each of them can fail.

Every planted violation goes into a copy of the sources, never into the checkout.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LAYERS = "Imports go down only, and every room is placed"
PURE = "The pure rooms touch no clock, no chance and no world"

LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--config", "pyproject.toml", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> Path:
    """A checkout of its own, in which a test may plant what it likes."""
    shutil.copy(checkout / "pyproject.toml", tmp_path)
    shutil.copytree(checkout / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def plant(module: str, line: str) -> Callable[[Path], None]:
    def write(package: Path) -> None:
        file = package / module
        file.parent.mkdir(exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(f"{line}\n", encoding="utf-8")

    return write


def test_the_checkout_keeps_every_contract(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{LAYERS} KEPT" in result.stdout
    assert f"{PURE} KEPT" in result.stdout


@pytest.mark.parametrize(
    ("violation", "broken"),
    [
        pytest.param(plant("model/planted.py", "import nurture.decisions"), LAYERS, id="import-upward"),
        pytest.param(plant("senders/planted.py", "import nurture.storage"), LAYERS, id="import-sideways"),
        pytest.param(plant("helpers/planted.py", "import nurture.model"), LAYERS, id="room-placed-nowhere"),
        pytest.param(plant("model/planted.py", "import sqlalchemy"), PURE, id="library-in-a-pure-room"),
        pytest.param(plant("decisions/planted.py", "from time import time"), PURE, id="clock-in-a-pure-room"),
        pytest.param(plant("predicates/match.py", "import sqlalchemy"), PURE, id="only-the-sql-reading-knows-sql"),
    ],
)
def test_a_planted_violation_is_caught(copy: Path, violation: Callable[[Path], None], broken: str) -> None:
    violation(copy / "src" / "nurture")
    result = lint(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{broken} BROKEN" in result.stdout


def test_the_sql_reading_of_a_predicate_may_know_sqlalchemy(copy: Path) -> None:
    plant("predicates/sql/planted.py", "import sqlalchemy")(copy / "src" / "nurture")
    result = lint(copy)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_folder_hides_from_the_contracts(checkout: Path) -> None:
    """The import graph holds regular packages only: a folder without `__init__.py` would escape it."""
    sources = checkout / "src" / "nurture"
    folders = {file.parent for file in sources.rglob("*.py")}
    assert [str(f.relative_to(sources)) for f in folders if not (f / "__init__.py").exists()] == []
