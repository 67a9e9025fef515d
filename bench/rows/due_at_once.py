"""Row `due_at_once`: 100,000 leads due at one instant, and the same leads a thousand at a time, by the processor.

Deciding and delivering is timed, in batches of a thousand: two decisions, a claim and a receipt for each lead. Beside
it a heap of as many events is emptied by hand, once for each decision; and on SQLite, where both render, the
hand-written lease loop (the row `drip` has the goal for that, and sees to it that both write the same rows).
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.harness import SUBJECT, NotTheSameWorkError, Reading, Report, Scale, Side, compare, race, table, versions
from bench.limits import HAND, HAND_NAME
from bench.ours_many import BATCH, Many, many
from bench.stores import Copies, DripStore, Files
from bench.workload import NOW

BOUND = 0.8
HEAP = "hand-written heap loop"
SPREAD = f"{SUBJECT}, a thousand at a time"
UNIT = "decisions or events/s"


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report in memory, one on SQLite."""
    if scale.database == "postgresql":
        return
    count = scale.pick(2_000, 100_000)
    with many(count, capped=True) as leads:
        yield _report(scale, "memory", leads, [Side(HEAP, lambda: partial(_emptied, 2 * count))])
    with many(count, capped=True, database=scratch / "due.db", render=True) as leads:
        copies = Copies(HAND["sqlite"], Files(scratch), due=count, waiting=0)
        by_hand = [
            Side(HAND_NAME, lambda: partial(_drained, HAND["sqlite"], copies, count)),
            Side(HEAP, lambda: partial(_emptied, 2 * count)),
        ]
        yield _report(scale, "sqlite", leads, by_hand)


def _report(scale: Scale, where: str, leads: Many, by_hand: Sequence[Side]) -> Report:
    count = len(leads.subjects)
    chunk = scale.pick(100, BATCH)
    leads.decide(leads.begin(range(chunk)))  # much is compiled and cached
    sides = [
        *by_hand,
        Side(SUBJECT, lambda: _decided(leads, count)),
        Side(SPREAD, lambda: _decided(leads, chunk)),
    ]
    done = race(sides, scale.pick(2, 3))
    name = f"due_at_once/{where}"
    used = versions("sqlalchemy")
    return Report(
        title=f"{name}: {count:,} due at one instant, batches of {BATCH:,}",
        documents=(
            compare(name, done, SPREAD, measure="rate", unit=UNIT, used=used, goal=scale.goal(">=", BOUND)),
            *(compare(name, done, side.name, measure="rate", unit=UNIT, used=used) for side in by_hand),
        ),
        lines=table(done, sides, by_hand[0].name, UNIT),
    )


def _decided(leads: Many, chunk: int) -> Callable[[], Reading]:
    """Everybody, so many at a time; recording what they did is not timed."""

    def run() -> Reading:
        done, seconds, everybody = 0, 0.0, len(leads.subjects)
        for first in range(0, everybody, chunk):
            begun = leads.begin(range(first, min(first + chunk, everybody)))
            start = time.process_time()
            done += leads.decide(begun)
            seconds += time.process_time() - start
        return Reading(done, seconds)

    return run


def _emptied(events: int) -> Reading:
    """A heap of tuples that are due at one instant: each is taken off, which is the least one can do."""
    heap = [(NOW, number) for number in range(events)]
    done = 0
    start = time.process_time()
    while heap and heap[0][0] <= NOW:
        heapq.heappop(heap)
        done += 1
    return Reading(done, time.process_time() - start)


def _drained(store: DripStore, copies: Copies, due: int) -> Reading:
    with copies.fresh() as place, store.worker(place, BATCH) as work:
        start = time.process_time()
        done = work()
        seconds = time.process_time() - start
    if done != due:
        raise NotTheSameWorkError(f"{store.name}: {done} of {due} due steps done")
    return Reading(2 * done, seconds)  # a step is two decisions: the mail and its receipt
