"""Row `record_many`: facts with their inbox rows, 1,000 a transaction, against raw writes of the same rows.

The hand-written sides (`executemany` on SQLite, `unnest` on PostgreSQL) write the same rows, which is checked, with the
same protection against repeats.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import ours
from bench.harness import Goal, Reading, Report, Scale, Side, compare, race, skipped, table, versions
from bench.limits import HAND, HAND_NAME, writes
from bench.rows.drip import check_rows
from bench.stores import Copies, DripStore, Event, Ground, Place, events, grounds

BATCH = 1_000
GOAL = Goal(">=", 0.6)
UNIT = "facts/s"


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report for each database."""
    with grounds(scale, scratch) as found:
        for ground in found.here:
            yield _report(scale, ground)
        if found.missing:
            name = "record_many/postgresql"
            document = skipped(name, HAND_NAME, found.missing, goal=GOAL, used=versions())
            yield Report(title=name, documents=(document,), notes=(f"PostgreSQL: {found.missing}",))


def _report(scale: Scale, ground: Ground) -> Report:
    hand = HAND[ground.name]
    leads, batches = scale.pick(200, 1_000), scale.pick(5, 30)
    notes = check_rows(ground, writes.FACT, "fact", _record_twice)
    facts = [events(leads, BATCH, prefix=f"b{number}") for number in range(batches)]
    stores: tuple[DripStore, ...] = (hand, ours.OurStore())
    sides = [Side(store.name, partial(_recorded, store, ground, leads, facts)) for store in stores]
    done = race(sides, scale.pick(3, 7))
    name = f"record_many/{ground.name}"
    used = versions("sqlalchemy") | ({ground.name: ground.version} if ground.version else {})
    return Report(
        title=f"{name}: {batches * BATCH:,} facts, {BATCH:,} a transaction",
        documents=(compare(name, done, hand.name, measure="rate", unit=UNIT, used=used, goal=GOAL),),
        lines=table(done, sides, hand.name, UNIT),
        notes=notes,
    )


def _record_twice(store: DripStore, place: Place) -> int:
    facts = events(10, 200, prefix="checked")
    with store.recorder(place) as record:
        record(facts)
        record(facts)  # harmless twice
    return len(facts)


def _recorded(store: DripStore, ground: Ground, leads: int, batches: list[tuple[Event, ...]]) -> Callable[[], Reading]:
    copies = Copies(store, ground, due=0, waiting=leads)

    def run() -> Reading:
        with copies.fresh() as place, store.recorder(place) as record:
            start = time.perf_counter()
            for facts in batches:
                record(facts)
            seconds = time.perf_counter() - start
        return Reading(sum(map(len, batches)), seconds)

    return run
