"""The command: run the rows, print a table and then one JSON document a line.

`python -m bench.run [--only NAME ...] [--quick]`. Leaves with 1 when a binding goal was missed.
May import everything in `bench`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.harness import Document, NotTheSameWorkError, Report, Scale, show, versions, write
from bench.rows import ROWS

OUT = Path(__file__).parent / "out"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that were asked for; 0 when no binding goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=sorted(ROWS),
        metavar="NAME",
        help=f"run this row only (may be repeated): {', '.join(ROWS)}",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, few repeats: shows that all of it works")
    parser.add_argument(
        "--scratch", type=Path, default=None, help="where to put the databases; a disk, not a memory file system"
    )
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default=None, help="on this database only")
    options = parser.parse_args(arguments)
    scale = Scale(quick=options.quick, database=options.on)
    reports: list[Report] = []
    # Beside the results, not in the system's temporary folder: that may be kept in memory,
    # where a synchronous commit costs nothing.
    OUT.mkdir(parents=True, exist_ok=True)
    for name in options.only or ROWS:
        with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=options.scratch or OUT) as scratch:
            for report in _run(name, scale, Path(scratch)):
                reports.append(report)
                print(show(report), end="\n\n", flush=True)
    path = write(reports, OUT)
    print(path.read_text(encoding="utf-8"), end="")
    failed = [document for report in reports for document in report.documents if document.has_failed]
    for document in failed:
        print(f"missed: {document.name} against {document.against}", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str, scale: Scale, scratch: Path) -> Iterator[Report]:
    """One row; a row whose sides did different work fails, and the next one runs."""
    try:
        yield from ROWS[name](scale, scratch)
    except NotTheSameWorkError as error:
        why = f"not the same work: {error}"
        failed = Document(name=name, ratio=None, against="-", n=0, versions=versions(), binding=True, note=why)
        yield Report(title=name, documents=(failed,), notes=(why,))


if __name__ == "__main__":
    sys.exit(main())
