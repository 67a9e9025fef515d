"""Row `year`: people who arrive over a year, three scenarios and a model of what they do about mail.

The first report is about speed, by the processor, beside a heap of tuples and simpy with as many events. The second one
asks what is resident in a child process that simulates 100,000 leads, a thousand after the other in memory: as much as
with one thousand, since nothing of a cohort is kept but what was counted.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen

from bench import ours_year
from bench.harness import (
    SUBJECT,
    Document,
    NotTheSameWorkError,
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
from bench.rows.simulate import LIMIT, heap_loop, simpy_loop, timed

BOUND = 1.1
UNIT = "KiB resident"


@frozen
class Point:
    """How far the child process had come after a cohort."""

    leads: int
    moments: int
    sent: int
    seconds: float
    kilobytes: int


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report on speed, one on memory."""
    del scratch
    yield _speed(scale, scale.pick(50, 1_000))
    cohort = scale.pick(20, 1_000)
    yield _memory(scale, cohort, (cohort, 10 * cohort, scale.pick(12, 100) * cohort))


def _speed(scale: Scale, leads: int) -> Report:
    def simulated() -> int:
        return sum(one.moments for one in ours_year.year(leads, leads))

    def simpy_side() -> Callable[[], Reading]:
        __import__("simpy")
        return timed(lambda: simpy_loop(leads, steps))

    steps = round(simulated() / leads)
    sides = [
        Side(LIMIT, lambda: timed(lambda: heap_loop(leads, steps))),
        Side(SUBJECT, lambda: timed(simulated)),
        Side("simpy", simpy_side, is_peer=True),
    ]
    done = race(sides, scale.pick(2, 5))
    unit = "events or moments/s"
    return Report(
        title=f"year: {leads:,} leads over {ours_year.DAYS} days, 3 scenarios, {steps} events a lead",
        documents=(
            compare("year", done, LIMIT, measure="rate", unit=unit, used=versions()),
            compare("year", done, "simpy", measure="rate", unit=unit, used=versions("simpy")),
        ),
        lines=table(done, sides, LIMIT, unit),
    )


def _memory(scale: Scale, cohort: int, sizes: tuple[int, ...]) -> Report:
    title = f"year/memory: {sizes[-1]:,} leads over {ours_year.DAYS} days, {cohort:,} after the other"
    goal, against, used = scale.goal("<=", BOUND), f"{sizes[0]:,} leads", versions("psutil")
    try:
        found = _points(sizes[-1], cohort)
    except UnavailableError as error:
        missing = Document(
            name="year/memory", ratio=None, against=against, n=0, versions=used, goal=str(goal), binding=goal.binding,
            measure="value", unit=UNIT, note=str(error),
        )  # fmt: skip
        return Report(title=title, documents=(missing,), notes=(str(error),))
    points = [one for one in found if one.leads in sizes]
    first = points[0]
    lines = [("leads", "moments", "mails", "us of the processor a moment", UNIT)]
    documents: list[Document] = []
    for one in points:
        peak = max(other.kilobytes for other in found if other.leads <= one.leads)
        each = f"{one.seconds / one.moments * 1_000_000:,.0f}"
        lines.append((f"{one.leads:,}", f"{one.moments:,}", f"{one.sent:,}", each, f"{peak:,}"))
        if one is first:
            continue
        ratio = peak / first.kilobytes
        documents.append(
            Document(
                name=f"year/memory/{one.leads}",
                ratio=round(ratio, 4),
                against=against,
                n=one.leads,
                versions=used,
                goal=str(goal),
                met=goal.is_met(ratio),
                binding=goal.binding,
                measure="value",
                unit=UNIT,
                subject_value=peak,
                against_value=first.kilobytes,
                repeats=1,
            )
        )
    return Report(title=title, documents=tuple(documents), lines=tuple(lines))


def _points(leads: int, cohort: int) -> list[Point]:
    """What the child process says after each cohort."""
    command = [sys.executable, "-m", "bench.workers", "year", str(leads), str(cohort)]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if child.returncode:
        raise UnavailableError("the simulation failed, see its error above")
    words = [line.split() for line in child.stdout.splitlines()]
    found = [Point(int(one[0]), int(one[1]), int(one[2]), float(one[3]), int(one[4])) for one in words]
    if not found or found[-1].leads != leads:
        raise NotTheSameWorkError(f"only {found[-1].leads if found else 0} of {leads} leads were simulated")
    return found
