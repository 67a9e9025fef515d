"""The harness proves itself: each planted bug is caught, by an audit that names what broke."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from tests.faults.__main__ import CAUGHT
from tests.faults.hunters import Hunters
from tests.faults.planting import BUGS, plant, read

SOURCE = Path(__file__).resolve().parents[2] / "src"


@pytest.fixture(scope="module")
def hunters() -> Iterator[Hunters]:
    with Hunters() as made:
        yield made


def test_there_are_enough_bugs() -> None:
    assert len(BUGS) >= 20


@pytest.mark.parametrize("path", BUGS, ids=lambda path: path.stem)
def test_a_planted_bug_is_caught(path: Path, tmp_path: Path, hunters: Hunters) -> None:
    bug = read(path)
    plant(bug, SOURCE, tmp_path)
    found = hunters.hunt(tmp_path, bug.seed)
    assert found.returncode == CAUGHT, f"{bug.breaks}\n{found.stdout}\n{found.stderr[-2000:]}"
    assert found.stdout.startswith("invariant ")
    assert "again: python -m tests.faults --seed" in found.stdout


def test_without_a_bug_nothing_is_caught(hunters: Hunters, tmp_path: Path) -> None:
    """Nor is a failure of another kind taken for a catch."""
    plant(attrs.evolve(read(BUGS[0]), hunks=()), SOURCE, tmp_path)
    sound = hunters.hunt(tmp_path, 0, worlds=1)
    assert (sound.returncode, sound.stderr) == (0, "")
    (tmp_path / "nurture" / "ports.py").write_text("raise ImportError", encoding="utf-8")
    broken = hunters.hunt(tmp_path, 0, worlds=1)
    assert broken.returncode == 1
    assert "ImportError" in broken.stderr


def test_every_bug_is_told_of(checkout: Path) -> None:
    page = (checkout / "docs" / "explanation" / "reliability.md").read_text(encoding="utf-8")
    assert [path.stem for path in BUGS if f"`{path.stem}`" not in page] == []


def test_a_patch_that_no_longer_applies_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "stale.patch"
    path.write_text(
        "Invariant 1\nseed 0\n--- a/src/nurture/ports.py\n+++ b/src/nurture/ports.py\n@@\n-no such line\n+other\n",
        encoding="utf-8",
    )
    with pytest.raises(AssertionError, match="does not apply: 0 places"):
        plant(read(path), SOURCE, tmp_path / "copy")
