"""Row `simulate`: moments a second on a virtual clock, against a heap of tuples and simpy.

Every lead goes through eight steps, days apart; nothing is rendered. `nurture` sends a mail at each step, which is
two moments and a claim and a receipt between them; what it does with the waits alone, as the limit does, is shown,
too. CPU time counts. The second report asks whether memory grows with simulated time, in child processes that keep
the history in a database: what is left should grow with leads only.
"""

from __future__ import annotations

import heapq
import random
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from bench import ours
from bench.harness import (
    SUBJECT,
    Document,
    Goal,
    Reading,
    Report,
    Scale,
    Side,
    UnavailableError,
    compare,
    race,
    table,
    versions,
)

STEPS = 8
LIMIT = "hand-written heap loop"
WAITS = "nurture, waits only"
MEMORY_BOUND = 1.1


def heap_loop(leads: int, steps: int = STEPS) -> int:
    """A heap of (instant, lead, step): the least a discrete-event loop can do; events."""
    draw = random.Random(1).expovariate
    heap = [(draw(1.0), lead, 0) for lead in range(leads)]
    heapq.heapify(heap)
    done = 0
    while heap:
        at, lead, step = heap[0]
        done += 1
        if step < steps - 1:
            heapq.heapreplace(heap, (at + draw(1 / 3), lead, step + 1))
        else:
            heapq.heappop(heap)
    return done


def simpy_loop(leads: int, steps: int = STEPS) -> int:
    """One simpy process a lead; events."""
    import simpy

    draw = random.Random(1).expovariate
    environment = simpy.Environment()
    done = 0

    def lead() -> Generator[Any, Any, None]:
        nonlocal done
        yield environment.timeout(draw(1.0))
        done += 1
        for _ in range(steps - 1):
            yield environment.timeout(draw(1 / 3))
            done += 1

    for _ in range(leads):
        environment.process(lead())
    environment.run()
    return done


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report on speed, one on memory."""
    leads, ours_leads = scale.pick(5_000, 50_000), scale.pick(200, 2_000)

    def simpy_side() -> Callable[[], Reading]:
        __import__("simpy")
        return timed(lambda: simpy_loop(leads))

    sides = [
        Side(LIMIT, lambda: timed(lambda: heap_loop(leads))),
        Side(SUBJECT, lambda: timed(ours.simulation(ours_leads, steps=STEPS, days=60))),
        Side(WAITS, lambda: timed(ours.simulation(ours_leads, steps=STEPS, days=60, mails=False))),
        Side("simpy", simpy_side, is_peer=True),
    ]
    done = race(sides, scale.pick(3, 5))
    unit = "events or moments/s"
    yield Report(
        title=f"simulate: {leads:,} leads by hand and simpy, {ours_leads:,} in nurture, {STEPS} steps each",
        documents=(
            compare("simulate", done, LIMIT, measure="rate", unit=unit, used=versions(), goal=Goal(">=", 0.04)),
            compare("simulate/waits", done, LIMIT, measure="rate", unit=unit, used=versions(), subject=WAITS),
            compare("simulate", done, "simpy", measure="rate", unit=unit, used=versions("simpy")),
        ),
        lines=table(done, sides, LIMIT, unit),
    )
    # In a quick run the store's memory of texts, which is bounded, is not full after the short one.
    goal = scale.goal("<=", MEMORY_BOUND)
    yield _memory(scratch, scale.pick(50, 200), goal, short=60, long=scale.pick(120, 360))


def timed(work: Callable[[], int]) -> Callable[[], Reading]:
    """A run of this work, by the processor's time; what it returns is the amount."""

    def run() -> Reading:
        start = time.process_time()
        done = work()
        return Reading(done, time.process_time() - start)

    return run


def _memory(scratch: Path, leads: int, goal: Goal, *, short: int, long: int) -> Report:
    title = f"simulate/memory: {leads:,} leads over {short} and {long} days"
    against = f"{short} days"
    try:
        peaks = [_peak_kilobytes(scratch, leads, days) for days in (short, long)]
    except UnavailableError as error:
        why = f"{SUBJECT}: {error}"
        missing = Document(
            name="simulate/memory",
            ratio=None,
            against=against,
            n=0,
            versions=versions(),
            goal=str(goal),
            binding=goal.binding,
            measure="value",
            unit="KiB of Python objects, peak",
            note=why,
        )
        return Report(title=title, documents=(missing,), notes=(why,))
    ratio = peaks[1] / peaks[0]
    document = Document(
        name="simulate/memory",
        ratio=round(ratio, 3),
        against=against,
        n=leads,
        versions=versions(),
        goal=str(goal),
        met=goal.is_met(ratio),
        binding=goal.binding,
        measure="value",
        unit="KiB of Python objects, peak",
        subject_value=peaks[1],
        against_value=peaks[0],
        repeats=1,
    )
    lines = (("days", "KiB of Python objects, peak"), (str(short), f"{peaks[0]:,}"), (str(long), f"{peaks[1]:,}"))
    return Report(title=title, documents=(document,), lines=lines)


def _peak_kilobytes(scratch: Path, leads: int, days: int) -> int:
    command = [sys.executable, "-m", "bench.workers", "simulate", str(leads), str(STEPS), str(days)]
    command.append(str(scratch / f"{days}.db"))
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    if child.returncode:
        last = child.stderr.strip().splitlines()[-1:] or ["no output"]
        raise UnavailableError(last[0].removeprefix("bench.harness.UnavailableError: "))
    _, peak = child.stdout.split()
    return int(peak)
