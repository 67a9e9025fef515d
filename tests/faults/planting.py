"""Plants a bug: a copy of the source with one patch applied; `hunters` run the simulator on it.

A patch file begins with a line that names the invariant it breaks and says how, then `seed N`, from which on the
simulator looks for it. Hunks are found by their text, not by line numbers, so they outlive changes around them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path

import attrs

HERE = Path(__file__).resolve().parent
BUGS = tuple(sorted((HERE / "bugs").glob("*.patch")))


@attrs.frozen(slots=True)
class Bug:
    """One planted bug.

    Attributes:
        name: Of its file.
        breaks: What it breaks, in a line that begins with the invariant's number.
        seed: From which seed on it is looked for.
        hunks: For each change the file, the lines that are there, and the lines that shall be there.
    """

    name: str
    breaks: str
    seed: int
    hunks: tuple[tuple[str, str, str], ...]


def read(path: Path) -> Bug:
    """The bug that a patch file describes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return Bug(path.stem, lines[0], int(lines[1].removeprefix("seed ")), tuple(_hunks(lines[2:])))


def _hunks(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    file, before, after = "", [], []  # type: ignore[var-annotated]
    for line in [*lines, "@@"]:
        if line.startswith(("@@", "--- ")) and (before or after):
            yield file, "\n".join(before), "\n".join(after)
            before, after = [], []
        if line.startswith("+++ b/src/"):
            file = line.removeprefix("+++ b/src/")
        elif not line.startswith(("@@", "--- ")):
            if not line.startswith("+"):
                before.append(line[1:])
            if not line.startswith("-"):
                after.append(line[1:])


def plant(bug: Bug, source: Path, target: Path) -> None:
    """Copy the source and apply the patch; what is compiled comes along for the files that stay as they are.

    Raises:
        AssertionError: The patch does not apply: the lines that it changes are not there, or more than once.
    """
    shutil.copytree(source / "nurture", target / "nurture", ignore=shutil.ignore_patterns("__pycache__"))
    changed = {file for file, _, _ in bug.hunks}
    for path in (source / "nurture").rglob("*.py"):
        compiled, file = Path(cache_from_source(path)), path.relative_to(source)
        if compiled.exists() and str(file) not in changed:
            beside = target / file.parent / "__pycache__"
            beside.mkdir(exist_ok=True)
            shutil.copy(compiled, beside)
    for file, before, after in bug.hunks:
        path = target / file
        text = f"\n{path.read_text(encoding='utf-8')}"
        found = text.count(f"\n{before}\n")
        assert found == 1, f"{bug.name}.patch does not apply: {found} places in {file} are\n{before}"
        path.write_text(text.replace(f"\n{before}\n", f"\n{after}\n")[1:], encoding="utf-8")
