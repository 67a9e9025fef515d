"""Row `latency`: how long `record` takes while a worker drains a backlog on the same file.

The worker is a process of its own; this one records a fact every few milliseconds until the
worker is done. No record may fail. The hand-written loop, which takes no care to yield, is
shown beside it.
"""

from __future__ import annotations

import math
import subprocess
import sys
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
from bench.limits.hand_sqlite import HandStore
from bench.stores import Copies, DripStore, Files, events

BATCH = 1_000
PAUSE = 0.002  # seconds between two records
MOST = 20_000  # records of one run: a worker that must fold them, too, has to come to an end
AIM = Goal("<=", 250, binding=False)
UNIT = "ms, 99th percentile"


@frozen
class Latencies:
    """How long the records of one run took, in milliseconds, and the worker for the backlog."""

    count: int
    median: float
    high: float
    longest: float
    drained: float


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report, both sides."""
    due = scale.pick(2_000, 10_000)
    lines: list[tuple[str, ...]] = [("side", "records", "median ms", "99th ms", "longest ms", "drained in s")]
    found: dict[str, Latencies] = {}
    note = ""
    stores: tuple[DripStore, ...] = (HandStore(), ours.OurStore())
    for store in stores:
        try:
            it = _latencies(store, scratch, due)
        except UnavailableError as error:
            note = f"{store.name}: {error}"
            lines.append((store.name, "-", "-", "-", "-", str(error)))
            continue
        found[store.name] = it
        lines.append(
            (
                store.name,
                f"{it.count:,}",
                f"{it.median:.2f}",
                f"{it.high:.1f}",
                f"{it.longest:.1f}",
                f"{it.drained:.1f}",
            )
        )
    mine, hand = found.get(SUBJECT), found[HandStore.name]
    used = versions("sqlalchemy")
    yield Report(
        title=f"latency: record while {due:,} due leads are drained, batches of {BATCH:,}",
        documents=(
            Document(
                name="latency",
                ratio=None if mine is None else round(mine.high / hand.high, 3),
                against=HandStore.name,
                n=0 if mine is None else mine.count,
                versions=used,
                measure="time",
                unit=UNIT,
                subject_value=None if mine is None else round(mine.high, 2),
                against_value=round(hand.high, 2),
                repeats=1,
                note=note,
            ),
            Document(
                name="latency/absolute",
                ratio=None if mine is None else round(mine.high, 2),
                against="1 ms",
                n=0 if mine is None else mine.count,
                versions=used,
                goal=str(AIM),
                met=None if mine is None else AIM.is_met(mine.high),
                measure="value",
                unit=UNIT,
                subject_value=None if mine is None else round(mine.high, 2),
                repeats=1,
                note=note,
            ),
        ),
        lines=tuple(lines),
    )


def _latencies(store: DripStore, scratch: Path, due: int) -> Latencies:
    copies = Copies(store, Files(scratch), due=due, waiting=100)
    facts = iter(events(due, MOST, prefix="latency"))
    taken: list[float] = []
    command = [sys.executable, "-m", "bench.workers", "drain", store.name]
    with copies.fresh() as place, store.recorder(place) as record:
        command += [place, str(BATCH)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdin is not None
            assert worker.stdout is not None
            if worker.stdout.readline() != "ready\n":
                raise NotTheSameWorkError(f"{store.name}: the worker did not start")
            worker.stdin.write("go\n")
            worker.stdin.flush()
            while worker.poll() is None:
                fact = next(facts, None)
                if fact is not None:
                    start = time.perf_counter()
                    record((fact,))
                    taken.append((time.perf_counter() - start) * 1_000)
                time.sleep(PAUSE)
            answer = worker.stdout.readline().split()
    if len(answer) != 2:
        raise NotTheSameWorkError(f"{store.name}: the worker failed, see its error above")
    done, drained = answer
    if int(done) != due:
        raise NotTheSameWorkError(f"{store.name}: {done} of {due} due steps done")
    taken.sort()
    return Latencies(len(taken), _centile(taken, 50), _centile(taken, 99), taken[-1], float(drained))


def _centile(ordered: list[float], percent: int) -> float:
    """The nearest-rank percentile."""
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]
