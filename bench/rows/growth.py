"""Row `growth`: what a tick costs with 1,000, 10,000 and 100,000 leads waiting.

The same leads are due each time. Time is shown, but what counts is the number of steps of
SQLite's virtual machine, taken by a progress handler: it follows the rows that are visited, and
a noisy machine cannot move it.
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from bench import ours
from bench.harness import (
    SUBJECT,
    Document,
    Goal,
    NotTheSameWorkError,
    Report,
    Scale,
    UnavailableError,
    versions,
)
from bench.limits.hand import HandStore
from bench.stores import Copies, DripStore

BATCH = 100
# Not 1.00: a larger tree may be one level deeper, and planning reads its statistics.
GOAL = Goal("<=", 1.05)


@frozen
class Cost:
    """What one tick cost."""

    waiting: int
    steps: int
    seconds: float


class StepCounter:
    """Counts the steps of SQLite's virtual machine on every connection that it is given."""

    def __init__(self) -> None:
        self.steps = 0

    def attach(self, connection: sqlite3.Connection) -> None:
        """Count this connection's steps."""
        connection.set_progress_handler(self._one, 1)

    def _one(self) -> int:
        self.steps += 1
        return 0  # go on


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report, both sides."""
    sizes = (1_000, 10_000) if scale.quick else (1_000, 10_000, 100_000)
    due = scale.pick(100, 500)
    lines: list[tuple[str, ...]] = [("side", "waiting", "vm steps a lead", "ms", "steps x smallest")]
    documents: list[Document] = []
    used = versions("sqlalchemy")
    stores: tuple[DripStore, ...] = (HandStore(), ours.OurStore())
    for store in stores:
        try:
            costs = [_cost(store, scratch, due, waiting) for waiting in sizes]
        except UnavailableError as error:
            lines.append((store.name, "-", "-", "-", str(error)))
            documents.append(_missing(sizes[-1], str(error)))
            continue
        first = costs[0]
        for cost in costs:
            lines.append(
                (
                    store.name,
                    f"{cost.waiting:,}",
                    f"{cost.steps / due:,.0f}",
                    f"{cost.seconds * 1_000:,.0f}",
                    f"{cost.steps / first.steps:.3f}",
                )
            )
            if cost is not first:
                ratio = cost.steps / first.steps
                documents.append(
                    Document(
                        name=f"growth/{cost.waiting}",
                        ratio=round(ratio, 4),
                        subject=store.name,
                        against=f"{first.waiting:,} waiting",
                        n=due,
                        versions=used,
                        goal=str(GOAL) if store.name == SUBJECT else None,
                        met=GOAL.is_met(ratio) if store.name == SUBJECT else None,
                        binding=store.name == SUBJECT,
                        measure="value",
                        unit="vm steps",
                        subject_value=cost.steps,
                        against_value=first.steps,
                        repeats=1,
                        note=f"time x {cost.seconds / first.seconds:.2f}",
                    )
                )
    yield Report(
        title=f"growth: one tick over {due:,} due leads",
        documents=tuple(documents),
        lines=tuple(lines),
    )


def _cost(store: DripStore, scratch: Path, due: int, waiting: int) -> Cost:
    copies = Copies(store, scratch, due=due, waiting=waiting)
    counter = StepCounter()
    with copies.fresh() as path, store.worker(path, BATCH, counter.attach) as work:
        before = counter.steps
        _expect(store, work(), due)
        steps = counter.steps - before
    if not steps:
        raise NotTheSameWorkError(f"{store.name}: no connection was handed over to be counted")
    seconds: list[float] = []
    for _ in range(3):
        with copies.fresh() as path, store.worker(path, BATCH) as work:
            start = time.perf_counter()
            _expect(store, work(), due)
            seconds.append(time.perf_counter() - start)
    return Cost(waiting, steps, statistics.median(seconds))


def _expect(store: DripStore, done: int, due: int) -> None:
    if done != due:
        raise NotTheSameWorkError(f"{store.name}: {done} of {due} due steps done")


def _missing(waiting: int, why: str) -> Document:
    return Document(
        name=f"growth/{waiting}",
        ratio=None,
        against="1,000 waiting",
        n=0,
        versions=versions("sqlalchemy"),
        goal=str(GOAL),
        binding=True,
        measure="value",
        unit="vm steps",
        note=why,
    )
