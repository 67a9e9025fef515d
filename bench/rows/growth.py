"""Row `growth`: what a tick costs with 1,000, 100,000 and 1,000,000 leads waiting, on both databases.

The same number of leads is due each time. Time is shown, but what counts is what the database visited: steps of
SQLite's virtual machine, and the rows that PostgreSQL's plans read. See `bench.visits`.
"""

from __future__ import annotations

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
    skipped,
    versions,
)
from bench.limits import HAND
from bench.stores import Copies, DripStore, Ground, grounds
from bench.visits import VISITS

BATCH = 100
SMALLEST = 1_000
# Not 1.00: a larger tree may be one level deeper, and planning reads its statistics.
GOAL = Goal("<=", 1.05)
# A million leads take minutes to make; the hand-written loop, which has no goal here, is spared that.
HAND_AT_MOST = 100_000


@frozen
class Cost:
    """What one tick cost."""

    waiting: int
    visits: float
    pages: float
    seconds: float


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report for each database."""
    with grounds(scale, scratch) as found:
        for ground in found.here:
            yield _report(scale, ground)
        if found.missing:
            document = skipped("growth/postgresql", "1,000 waiting", found.missing, goal=GOAL, used=versions())
            yield Report(title="growth/postgresql", documents=(document,), notes=(f"PostgreSQL: {found.missing}",))


def _report(scale: Scale, ground: Ground) -> Report:
    sizes = (SMALLEST, 5_000) if scale.quick else (SMALLEST, 100_000, 1_000_000)
    due = scale.pick(200, 500)
    unit = VISITS[ground.name].unit
    lines: list[tuple[str, ...]] = [("side", "waiting", f"{unit} a lead", "pages a lead", "ms", f"{unit} x smallest")]
    documents: list[Document] = []
    used = versions("sqlalchemy") | ({ground.name: ground.version} if ground.version else {})
    name = f"growth/{ground.name}"
    stores: tuple[DripStore, ...] = (HAND[ground.name], ours.OurStore())
    for store in stores:
        is_ours = store.name == SUBJECT
        try:
            costs = [_cost(store, ground, due, size) for size in sizes if is_ours or size <= HAND_AT_MOST]
        except UnavailableError as error:
            lines.append((store.name, "-", "-", "-", "-", str(error)))
            if is_ours:
                documents.append(_missing(name, unit, str(error)))
            continue
        first = costs[0]
        for cost in costs:
            pages = f"{cost.pages / due:,.1f}" if cost.pages else "-"
            ratio = cost.visits / first.visits
            each, took = f"{cost.visits / due:,.0f}", f"{cost.seconds * 1_000:,.0f}"
            lines.append((store.name, f"{cost.waiting:,}", each, pages, took, f"{ratio:.3f}"))
            if cost is not first:
                documents.append(_document(f"{name}/{cost.waiting}", store.name, unit, cost, first, due, used))
    return Report(title=f"{name}: one tick over {due:,} due leads", documents=tuple(documents), lines=tuple(lines))


def _document(name: str, side: str, unit: str, cost: Cost, first: Cost, due: int, used: dict[str, str]) -> Document:
    ratio = cost.visits / first.visits
    is_ours = side == SUBJECT
    pages = f", pages x {cost.pages / first.pages:.2f}" if first.pages else ""
    return Document(
        name=name,
        ratio=round(ratio, 4),
        subject=side,
        against=f"{first.waiting:,} waiting",
        n=due,
        versions=used,
        goal=str(GOAL) if is_ours else None,
        met=GOAL.is_met(ratio) if is_ours else None,
        binding=is_ours,
        measure="value",
        unit=unit,
        subject_value=cost.visits,
        against_value=first.visits,
        repeats=1,
        note=f"time x {cost.seconds / first.seconds:.2f}{pages}",
    )


def _cost(store: DripStore, ground: Ground, due: int, waiting: int) -> Cost:
    copies = Copies(store, ground, due=due, waiting=waiting)
    visits = VISITS[ground.name](by_index=waiting == SMALLEST)
    with copies.fresh() as place, store.worker(place, BATCH, visits.attach) as work:
        before, pages = visits.count, visits.pages
        _expect(store, work(), due)
        count, pages = visits.count - before, visits.pages - pages
    if not count:
        raise NotTheSameWorkError(f"{store.name}: no connection was handed over to be counted")
    seconds: list[float] = []
    for _ in range(3 if waiting <= HAND_AT_MOST else 1):
        with copies.fresh() as place, store.worker(place, BATCH) as work:
            start = time.perf_counter()
            _expect(store, work(), due)
            seconds.append(time.perf_counter() - start)
    return Cost(waiting, count, pages, statistics.median(seconds))


def _expect(store: DripStore, done: int, due: int) -> None:
    if done != due:
        raise NotTheSameWorkError(f"{store.name}: {done} of {due} due steps done")


def _missing(name: str, unit: str, why: str) -> Document:
    return Document(
        name=name,
        ratio=None,
        against="1,000 waiting",
        n=0,
        versions=versions("sqlalchemy"),
        goal=str(GOAL),
        binding=True,
        measure="value",
        unit=unit,
        note=why,
    )
