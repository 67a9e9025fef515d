"""The folder that a run leaves: whole, or not at all, and never in the place of somebody's. Standard library only."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

OURS = frozenset(
    {
        "nurture.db",
        "nurture.db-shm",
        "nurture.db-wal",
        "mail",
        "summary.txt",
        "report.html",
        "tasks.csv",
        "rejected.csv",
        "rejected-deals.csv",
        "columns.txt",
    }
)
"""What a run leaves in its folder. A folder that holds anything else is somebody's, and is left alone."""


def refuse_foreign(out: Path) -> None:
    """Never replace a folder that the demo did not make."""
    if out.is_dir() and (others := sorted(one.name for one in out.iterdir() if one.name not in OURS)):
        raise FileExistsError(
            f"{out} holds {others[0]!r}, which the demo did not write; give another folder with --out"
        )
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is a file; give another folder with --out")


@contextmanager
def draft_of(out: Path) -> Generator[Path]:
    """A folder beside `out` that takes its place at the end of the block, or vanishes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        yield draft
        _publish(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(draft: Path, out: Path) -> None:
    """Put the finished folder in its place; an earlier run's folder goes only now."""
    draft.chmod(0o755)
    if out.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{out.name}.old.", dir=out.parent))
        out.rename(old / out.name)
        draft.rename(out)
        shutil.rmtree(old)
    else:
        draft.rename(out)


def where(out: Path, seconds: float) -> str:
    """What was written, for people."""
    said = {
        "report.html": "open it in a browser; it needs no network",
        "summary.txt": "the text above",
        "nurture.db": "the store, a SQLite file",
        "mail": "every mail, as a maildir",
        "tasks.csv": "tasks for sales",
        "columns.txt": "how the columns were understood",
        "rejected.csv": "what was wrong in the file of leads",
        "rejected-deals.csv": "what was wrong in the file of deals",
    }
    lines = [f"  {out / name!s:<36}{words}" for name, words in said.items() if (out / name).exists()]
    return "\n".join((f"Written in {seconds:.0f} s:", *lines))
