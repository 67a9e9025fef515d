"""Row `decision_cost`: what a decision costs with 1,000, 10,000 and 100,000 leads in the store, by the processor.

As many leads do something in each repeat, drawn from all of them; only deciding and delivering is timed. With caps each
claim counts what went before, once for the lead and once for everybody; without, nothing is counted.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.harness import Reading, Report, Scale, Side, compare, race, table, versions
from bench.ours_many import Many, many

BOUND = 1.2
UNIT = "decisions/s"


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report for each store, with caps and without."""
    if scale.database == "postgresql":
        return
    for where in ("memory", "sqlite"):
        for capped in (True, False):
            yield _report(scale, scratch, where, capped)


def _report(scale: Scale, scratch: Path, where: str, capped: bool) -> Report:
    sizes = (100, 500, 2_000) if scale.quick else (1_000, 10_000, 100_000)
    name = f"decision_cost/{where}/{'caps' if capped else 'no-caps'}"
    with ExitStack() as stack:
        sides: list[Side] = []
        for size in sizes:
            database = scratch / f"{'caps' if capped else 'no-caps'}-{size}.db" if where == "sqlite" else None
            leads = stack.enter_context(many(size, capped=capped, database=database))
            sides.append(Side(_called(size), partial(_decided, leads, sizes[0])))
        done = race(sides, scale.pick(3, 15))
    fewest = _called(sizes[0])
    return Report(
        title=f"{name}: {sizes[0]:,} leads have just done something",
        documents=tuple(
            compare(
                f"{name}/{size}",
                done,
                fewest,
                measure="time",
                unit=UNIT,
                used=versions("sqlalchemy"),
                goal=scale.goal("<=", BOUND),
                subject=_called(size),
            )
            for size in sizes[1:]
        ),
        lines=table(done, sides, fewest, UNIT),
    )


def _called(size: int) -> str:
    return f"{size:,} leads"


def _decided(leads: Many, count: int) -> Callable[[], Reading]:
    """Other leads in each repeat; a first round is thrown away, in which much is compiled and cached."""
    dice = random.Random(7)

    def run() -> Reading:
        begun = leads.begin(dice.sample(range(len(leads.subjects)), count))
        start = time.process_time()
        done = leads.decide(begun)
        return Reading(done, time.process_time() - start)

    run()
    return run
