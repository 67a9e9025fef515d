"""Row `segments`: facts decided a second under 5, 50 and 500 segments, of which one asks about the facts' kind.

Every round records a page view of each lead and then decides; only deciding is timed, by the processor. In memory what
deciding itself costs is seen; on SQLite the store's part is in it, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from bench import ours_segments
from bench.harness import Goal, Reading, Report, Scale, Side, compare, race, table, versions
from nurture.ports import Storage

COUNTS = (5, 50, 500)
GOAL = Goal("<=", 1.5)
UNIT = "facts/s"


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report in memory, one on SQLite."""
    if scale.database != "postgresql":
        yield _report(scale, "memory", lambda _, clock: _memory(clock))
        yield _report(scale, "sqlite", lambda count, clock: _sqlite(scratch / f"segments-{count}.db", clock))


def _memory(clock: Callable[[], datetime]) -> Storage:
    from nurture.storage import MemoryStorage

    return MemoryStorage(clock=clock)


def _sqlite(path: Path, clock: Callable[[], datetime]) -> Storage:
    from nurture.storage import SqlStorage

    return SqlStorage(f"sqlite:///{path}", clock=clock)


def _report(scale: Scale, where: str, store: Callable[[int, Callable[[], datetime]], Storage]) -> Report:
    leads = scale.pick(200, 1_000)
    sides = [
        Side(_called(count), partial(_timed, ours_segments.deciding(count, leads, partial(store, count))))
        for count in COUNTS
    ]
    done = race(sides, scale.pick(5, 9))
    name = f"segments/{where}"
    fewest = _called(COUNTS[0])
    return Report(
        title=f"{name}: a page view of each of {leads:,} leads, one segment in question",
        documents=tuple(
            compare(
                f"{name}/{count}",
                done,
                fewest,
                measure="time",
                unit=UNIT,
                used=versions("sqlalchemy"),
                goal=GOAL,
                subject=_called(count),
            )
            for count in COUNTS[1:]
        ),
        lines=table(done, sides, fewest, UNIT),
    )


def _called(count: int) -> str:
    return f"{count} segments"


def _timed(rounds: Iterator[Callable[[], int]]) -> Callable[[], Reading]:
    """One round is one repeat; the first is thrown away, in which much is compiled and cached."""
    next(rounds)()

    def run() -> Reading:
        decide = next(rounds)
        start = time.process_time()
        facts = decide()
        return Reading(facts, time.process_time() - start)

    return run
