"""Row `record_many`: facts with their inbox rows, 1,000 a transaction, against `executemany`.

The hand-written side writes the same rows (checked), with the same protection against repeats.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import ours
from bench.harness import (
    SUBJECT,
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
from bench.limits import writes
from bench.limits.hand import HandStore
from bench.stores import Copies, DripStore, Event, events

BATCH = 1_000
LIMIT = "hand-written executemany"


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report."""
    leads, batches = scale.pick(200, 1_000), scale.pick(5, 30)
    notes = _check_rows(scratch)
    facts = [events(leads, BATCH, prefix=f"b{number}") for number in range(batches)]

    def side(store: DripStore) -> Callable[[], Reading]:
        return _recorded(store, Copies(store, scratch, due=0, waiting=leads), facts)

    sides = [
        Side(LIMIT, lambda: side(HandStore())),
        Side(SUBJECT, lambda: side(ours.OurStore())),
    ]
    done = race(sides, scale.pick(3, 7))
    document = compare(
        "record_many", done, LIMIT, measure="rate", unit="facts/s", used=versions("sqlalchemy"), goal=Goal(">=", 0.5)
    )
    yield Report(
        title=f"record_many: {batches * BATCH:,} facts, {BATCH:,} a transaction",
        documents=(document,),
        lines=table(done, sides, LIMIT, "facts/s"),
        notes=notes,
    )


def _check_rows(scratch: Path) -> tuple[str, ...]:
    folder = scratch / "checked"
    folder.mkdir()
    hand = _counted(HandStore(), folder / "hand.db")
    try:
        mine = _counted(ours.OurStore(), folder / "ours.db")
    except UnavailableError:
        return ("rows: only the hand-written side was checked against the description",)
    writes.check_shape(mine, hand, writes.FACT)
    return ("both sides write one touchpoint and one inbox row a fact",)


def _counted(store: DripStore, path: Path) -> Path:
    store.prepare(path, due=0, waiting=10)
    writes.watch(path)
    facts = events(10, 200, prefix="checked")
    with store.recorder(path) as record:
        record(facts)
        record(facts)  # harmless twice
    writes.check(store.name, writes.seen(path), writes.FACT, len(facts))
    return path


def _recorded(store: DripStore, copies: Copies, batches: list[tuple[Event, ...]]) -> Callable[[], Reading]:
    def run() -> Reading:
        with copies.fresh() as path, store.recorder(path) as record:
            start = time.perf_counter()
            for facts in batches:
                record(facts)
            seconds = time.perf_counter() - start
        return Reading(sum(map(len, batches)), seconds)

    return run
