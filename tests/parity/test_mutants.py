"""The cases notice bugs: every mutant of every reading turns one red, or is known to mean the same.

The quick size looks at a few of them. The long size looks at all; `tests/parity/mutation` tells how they are made.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.parity.mutation.databases import filled
from tests.parity.mutation.equivalent import EQUIVALENT
from tests.parity.mutation.hunting import SOURCE
from tests.parity.mutation.mutants import Mutant, mutants_of, mutated
from tests.parity.mutation.readings import READINGS

MODULES = tuple((name, path) for name, reading in READINGS.items() for path in reading.modules)
FEW: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "match": (
        ("predicates/answering/dates.py", "return opens <= value < closes", "moments"),
        ("predicates/answering/standing.py", "return since is not None and order(now - since, length)", "standing"),
    ),
    "sql": (("predicates/sql/sequences.py", "other.at.value > row.at.value,", "sequences"),),
    "frame": (("predicates/frame/truth.py", "fill_null", "single"),),
}
"""What the quick size looks at: lines, by reading and module, and the module of cases that is asked."""


def hunted(reading: str, module: str, numbers: list[str], **environment: str) -> str:
    """What a hunt reports; in a process that has loaded nothing of ours."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.parity.mutation", reading, module, *numbers],
        cwd=SOURCE.parents[1],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def lines_of(reading: str, module: str, line: str) -> list[Mutant]:
    """The mutants of a line, but those that mean the same."""
    same = EQUIVALENT.get(reading, {})
    return [one for one in mutants_of(SOURCE, module) if line in one.what and one.key not in same]


@pytest.mark.parametrize("reading", FEW)
def test_a_few_mutants_are_noticed(reading: str, tmp_path: Path) -> None:
    environment = {"NURTURE_CASES": filled(f"sqlite:///{tmp_path}/cases.db")} if reading == "sql" else {}
    for module, line, cases in FEW[reading]:
        mutants = lines_of(reading, module, line)
        assert mutants, f"{module} has no such line any more: {line}"
        report = hunted(reading, module, [str(one.number) for one in mutants], NURTURE_ONLY=cases, **environment)
        assert "SURVIVED" not in report, report
        assert report.count("red ") == len(mutants), report


def test_mutants_are_made_where_bugs_are_likely(tmp_path: Path) -> None:
    source = tmp_path / "some.py"
    source.write_text(
        "def inside(now: int | None, low, high):\n"
        "    if low is None:\n"
        "        raise ValueError('low < high')\n"
        "    return low <= now < high and not now + 1 == high\n",
        encoding="utf-8",
    )
    found = [one.what.partition(":")[0] for one in mutants_of(tmp_path, "some.py")]
    assert found == [
        "And for Or", "LtE for Lt", "Lt for LtE", "not dropped", "Eq for NotEq", "Add for Sub",
    ]  # fmt: skip
    texts = [ast.unparse(mutated(tmp_path, one)).splitlines()[-1] for one in mutants_of(tmp_path, "some.py")]
    assert texts[1] == "    return low < now < high and (not now + 1 == high)"
    assert texts[3] == "    return low <= now < high and (not not now + 1 == high)"
    assert len(set(texts)) == len(texts)


def test_what_means_the_same_is_still_there() -> None:
    for reading, same in EQUIVALENT.items():
        keys = {one.key for path in READINGS[reading].modules for one in mutants_of(SOURCE, path)}
        assert sorted(set(same) - keys) == []


@pytest.mark.stress
@pytest.mark.parametrize(("reading", "module"), MODULES)
def test_every_mutant_is_noticed(reading: str, module: str) -> None:
    report = hunted(reading, module, [])
    known = {str(one): one.key for one in mutants_of(SOURCE, module)}
    left = [line.removeprefix("SURVIVED ").rstrip() for line in report.splitlines() if line.startswith("SURVIVED")]
    assert [one for one in left if known[one] not in EQUIVALENT.get(reading, {})] == []
