"""Row `idle`: what a tick costs that finds nothing due, with 10,000, 100,000 and 1,000,000 standings waiting.

Statements are counted, and what the database visits for them (`bench.visits`); time is shown. Both must be the same
however many wait: what is due is one question to an index.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from bench.harness import SUBJECT, Document, Goal, NotTheSameWorkError, Report, Scale, skipped, versions
from bench.ours_segments import WaitingStandings
from bench.stores import Ground, Worker, grounds
from bench.visits import VISITS

# A larger tree may be one level deeper; of statements there may be no more.
VISITED, STATEMENTS = Goal("<=", 1.05), Goal("<=", 1.0)
REPEATS = 9


@frozen
class Cost:
    """What one idle tick cost."""

    waiting: int
    statements: int
    visits: float
    seconds: float


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report for each database."""
    with grounds(scale, scratch) as found:
        for ground in found.here:
            yield _report(scale, ground)
        if found.missing:
            document = skipped("idle/postgresql", "the fewest waiting", found.missing, goal=VISITED, used=versions())
            yield Report(title="idle/postgresql", documents=(document,), notes=(f"PostgreSQL: {found.missing}",))


def _report(scale: Scale, ground: Ground) -> Report:
    sizes = (1_000, 10_000) if scale.quick else (10_000, 100_000, 1_000_000)
    unit = VISITS[ground.name].unit
    costs = [_cost(ground, size, by_index=size == sizes[0]) for size in sizes]
    first, name = costs[0], f"idle/{ground.name}"
    used = versions("sqlalchemy") | ({ground.name: ground.version} if ground.version else {})
    lines = [("waiting", "statements", unit, "ms")]
    documents: list[Document] = []
    for cost in costs:
        lines.append((f"{cost.waiting:,}", str(cost.statements), f"{cost.visits:,.0f}", f"{cost.seconds * 1_000:,.2f}"))
        if cost is first:
            continue
        pairs = (
            (unit, VISITED, cost.visits, first.visits),
            ("statements", STATEMENTS, float(cost.statements), float(first.statements)),
        )
        for what, goal, here, there in pairs:
            ratio = max(here, 1.0) / max(there, 1.0)  # PostgreSQL may visit no row at all
            documents.append(
                Document(
                    name=f"{name}/{cost.waiting}",
                    ratio=round(ratio, 4),
                    against=f"{first.waiting:,} waiting",
                    n=1,
                    versions=used,
                    goal=str(goal),
                    met=goal.is_met(ratio),
                    binding=goal.binding,
                    subject=SUBJECT,
                    measure="value",
                    unit=what,
                    subject_value=here,
                    against_value=there,
                    repeats=1,
                    note=f"time x {cost.seconds / first.seconds:.2f}",
                )
            )
    return Report(title=f"{name}: a tick that finds nothing due", documents=tuple(documents), lines=tuple(lines))


def _cost(ground: Ground, waiting: int, *, by_index: bool) -> Cost:
    database = WaitingStandings(ground.place(f"idle-{waiting}"), waiting)
    database.prepare()
    visits = VISITS[ground.name](by_index=by_index)
    with database.worker(visits.attach) as work:
        _idle(work)  # a connection's first statements set it up
        before, statements = visits.count, visits.statements
        _idle(work)
        count, asked = visits.count - before, visits.statements - statements
    if not asked:
        raise NotTheSameWorkError("no connection was handed over to be counted")
    seconds: list[float] = []
    with database.worker() as work:
        _idle(work)
        for _ in range(REPEATS):
            start = time.perf_counter()
            _idle(work)
            seconds.append(time.perf_counter() - start)
    return Cost(waiting, asked, count, statistics.median(seconds))


def _idle(work: Worker) -> None:
    if work():
        raise NotTheSameWorkError("something was due")
