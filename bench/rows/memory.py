"""Row `memory`: a worker's memory over a million steps.

One process sends round after round to the same leads, its clock set forward from mail to mail, with the history in an
SQLite file. What is resident is read after every round: what grows with the steps sent would show.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.harness import SUBJECT, Document, NotTheSameWorkError, Report, Scale, UnavailableError, versions

EACH = 8  # mails a lead and round
# The first tenth warms up what is loaded and kept once.
SHARES = (0.1, 0.5, 1.0)
BOUND = 1.1
UNIT = "KiB resident"


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report."""
    leads, rounds = scale.pick(40, 5_000), scale.pick(10, 25)
    goal = scale.goal("<=", BOUND)
    used = versions("sqlalchemy", "psutil")
    try:
        found = _rounds(scratch / "steps.db", leads, rounds)
    except UnavailableError as error:
        against = f"{SHARES[0]:.0%} of the steps"
        missing = Document(
            name="memory", ratio=None, against=against, n=0, versions=used, goal=str(goal), binding=goal.binding,
            measure="value", unit=UNIT, note=str(error),
        )  # fmt: skip
        yield Report(title="memory", documents=(missing,), notes=(str(error),))
        return
    total = leads * rounds * EACH
    at = [next(one for one in found if one[0] >= total * share) for share in SHARES]
    documents: list[Document] = []
    for steps, kilobytes in at[1:]:
        ratio = kilobytes / at[0][1]
        documents.append(
            Document(
                name=f"memory/{steps}",
                ratio=round(ratio, 4),
                subject=SUBJECT,
                against=f"{at[0][0]:,} steps",
                n=steps,
                versions=used,
                goal=str(goal),
                met=goal.is_met(ratio),
                binding=goal.binding,
                measure="value",
                unit=UNIT,
                subject_value=kilobytes,
                against_value=at[0][1],
                repeats=1,
            )
        )
    yield Report(
        title=f"memory: {total:,} steps by one worker, {leads:,} leads",
        documents=tuple(documents),
        lines=(("steps", UNIT), *((f"{steps:,}", f"{kilobytes:,}") for steps, kilobytes in at)),
    )


def _rounds(database: Path, leads: int, rounds: int) -> list[tuple[int, int]]:
    """Steps and KiB after each round."""
    command = [sys.executable, "-m", "bench.workers", "steps", str(leads), str(EACH), str(rounds), str(database)]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if child.returncode:
        raise UnavailableError("the worker failed, see its error above")
    found = [(int(steps), int(kilobytes)) for steps, kilobytes in map(str.split, child.stdout.splitlines())]
    if not found or found[-1][0] != leads * rounds * EACH:
        raise NotTheSameWorkError(f"only {found[-1][0] if found else 0} of {leads * rounds * EACH} mails were sent")
    return found
