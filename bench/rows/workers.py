"""Row `workers`: two worker processes on one database against one, on two processors.

What the hand-written loop gains in the same way is shown beside it: the database needs processors, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

from bench import ours
from bench.harness import (
    SUBJECT,
    Document,
    Goal,
    NotTheSameWorkError,
    Reading,
    Report,
    Scale,
    Side,
    compare,
    race,
    skipped,
    table,
    versions,
)
from bench.limits import HAND
from bench.rows.drip import UNIT
from bench.stores import Copies, DripStore, Ground, Place, grounds

BATCH = 100
BOUND = 1.5


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """PostgreSQL has a goal; on SQLite, where writers take turns, it is only shown."""
    goal = scale.goal(">=", BOUND)
    with grounds(scale, scratch) as found:
        for ground in found.here:
            yield _report(scale, ground, goal if ground.name == "postgresql" else None)
        if found.missing:
            name = "workers/postgresql"
            document = skipped(name, _named(SUBJECT, 1), found.missing, goal=goal, used=versions())
            yield Report(title=name, documents=(document,), notes=(f"PostgreSQL: {found.missing}",))


def _report(scale: Scale, ground: Ground, goal: Goal | None) -> Report:
    hand = HAND[ground.name]
    due = scale.pick(300, 6_000)
    used = versions("sqlalchemy") | ({ground.name: ground.version} if ground.version else {})
    name = f"workers/{ground.name}"
    sides: list[Side] = []
    stores: tuple[DripStore, ...] = (hand, ours.OurStore())
    for store in stores:
        copies = cache(partial(Copies, store, ground, due=due, waiting=1_000))
        for workers in (1, 2):
            sides.append(Side(_named(store.name, workers), partial(_side_by_side, store, copies, workers, due)))
    done = race(sides, scale.pick(1, 5))
    if (os.cpu_count() or 1) < 2:
        goal = None  # nothing to gain
    documents: list[Document] = []
    for store, bound in ((ours.OurStore(), goal), (hand, None)):
        one, two = _named(store.name, 1), _named(store.name, 2)
        documents.append(compare(name, done, one, subject=two, measure="rate", unit=UNIT, goal=bound, used=used))
    return Report(
        title=f"{name}: {due:,} due, batches of {BATCH:,}, {os.cpu_count()} processors",
        documents=tuple(documents),
        lines=table(done, sides, _named(hand.name, 1), UNIT),
    )


def _named(side: str, workers: int) -> str:
    return f"{side}, {('one worker', 'two workers')[workers - 1]}"


def _side_by_side(store: DripStore, prepared: Callable[[], Copies], workers: int, due: int) -> Callable[[], Reading]:
    copies = prepared()

    def run() -> Reading:
        with copies.fresh() as place:
            done, seconds = _drain(store, place, workers)
        if done != due:
            raise NotTheSameWorkError(f"{store.name}: {done} of {due} due steps done by {workers} workers")
        return Reading(done, seconds)

    return run


def _drain(store: DripStore, place: Place, workers: int) -> tuple[int, float]:
    """Steps that all of them did, and the seconds until the last was ready."""
    command = [sys.executable, "-m", "bench.workers", "drain", store.name, place, str(BATCH)]
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
            )
            for _ in range(workers)
        ]
        for worker in running:
            assert worker.stdin is not None
            assert worker.stdout is not None
            if worker.stdout.readline() != "ready\n":
                raise NotTheSameWorkError(f"{store.name}: a worker did not start, see its error above")
        start = time.perf_counter()
        for worker in running:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
        answers = [worker.stdout.readline().split() for worker in running if worker.stdout is not None]
        seconds = time.perf_counter() - start
    if any(len(answer) != 2 for answer in answers):
        raise NotTheSameWorkError(f"{store.name}: a worker failed, see its error above")
    return sum(int(done) for done, _ in answers), seconds
