"""Row `import`: `import nurture`, in milliseconds over the bare interpreter.

Each repeat starts new interpreters, in isolated mode, interleaved. No optional library may be
loaded by it: that is checked, too. Names are loaded when they are asked for; what all of them cost is shown beside it.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.harness import Document, Goal, NotTheSameWorkError, Report, Scale, versions

GOAL = Goal("<=", 150)
UNIT = "ms over the bare interpreter"
BARE = "bare interpreter"
OPTIONAL = ("sqlalchemy", "narwhals", "pandas", "polars", "numpy", "psycopg", "django", "yaml", "smtplib")
BODY = "import nurture, sys; print(*[name for name in {names!r} if name in sys.modules])"


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report."""
    del scratch
    used = versions("attrs", "cattrs", "jinja2", "python-dateutil")
    if importlib.util.find_spec("nurture") is None:
        missing = Document(
            name="import",
            ratio=None,
            against=BARE,
            n=0,
            versions=used,
            goal=str(GOAL),
            binding=True,
            measure="value",
            unit=UNIT,
            note="nurture: not installed",
        )
        yield Report(title="import nurture", documents=(missing,), notes=("nurture: not installed",))
        return
    loaded = _run(BODY.format(names=OPTIONAL)).stdout.split()
    if loaded:
        raise NotTheSameWorkError(f"import nurture loads what is optional: {', '.join(loaded)}")
    bare: list[float] = []
    whole: list[float] = []
    names: list[float] = []
    repeats = scale.pick(5, 31)
    for _ in range(repeats):
        bare.append(_milliseconds("pass"))
        whole.append(_milliseconds("import nurture"))
        names.append(_milliseconds("from nurture import *"))
    over = [mine - other for mine, other in zip(whole, bare, strict=True)]
    middle = statistics.median(over)
    every = statistics.median(mine - other for mine, other in zip(names, bare, strict=True))
    yield Report(
        title="import nurture",
        documents=(
            Document(
                name="import",
                ratio=round(middle, 2),
                against=BARE,
                n=1,
                versions=used,
                goal=str(GOAL),
                met=GOAL.is_met(middle),
                binding=True,
                spread=(round(min(over), 2), round(max(over), 2)),
                measure="value",
                unit=UNIT,
                subject_value=round(statistics.median(whole), 2),
                against_value=round(statistics.median(bare), 2),
                repeats=repeats,
                note="ratio is the difference in ms",
            ),
            Document(
                name="import/names",
                ratio=round(every, 2),
                against=BARE,
                n=1,
                versions=used,
                measure="value",
                unit=UNIT,
                subject_value=round(statistics.median(names), 2),
                against_value=round(statistics.median(bare), 2),
                repeats=repeats,
                note="from nurture import *; ratio is the difference in ms",
            ),
        ),
        lines=(
            ("side", "median ms"),
            (BARE, f"{statistics.median(bare):.1f}"),
            ("import nurture", f"{statistics.median(whole):.1f}"),
            ("over", f"{middle:.1f}"),
            ("over, every public name", f"{every:.1f}"),
        ),
    )


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, cwd=tempfile.gettempdir()
    )


def _milliseconds(code: str) -> float:
    start = time.perf_counter()
    _run(code)
    return (time.perf_counter() - start) * 1_000
