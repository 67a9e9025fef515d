"""Row `drip`: decide and deliver through SQLite and PostgreSQL, against the hand-written lease loops.

Both sides render, hand the mail to nobody, and write the same rows, which is checked in a small
run before anything is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from bench import ours
from bench.harness import (
    Goal,
    NotTheSameWorkError,
    Reading,
    Report,
    Scale,
    Side,
    UnavailableError,
    compare,
    race,
    skipped,
    table,
    versions,
)
from bench.limits import HAND, HAND_NAME, writes
from bench.raw import open_raw
from bench.stores import Copies, DripStore, Ground, Place, grounds

CHECKED = 150  # steps of the run that counts what is written
BATCHES = (100, 1_000)
GOAL = Goal(">=", 0.3)
AIM = Goal(">=", 0.5, binding=False)
UNIT = "steps/s"


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report for each database and batch size."""
    with grounds(scale, scratch) as found:
        for ground in found.here:
            yield from _reports(scale, ground)
        if found.missing:
            for batch in BATCHES:
                yield _skipped(batch, found.missing)


def _reports(scale: Scale, ground: Ground) -> Iterator[Report]:
    hand = HAND[ground.name]
    due, waiting = scale.pick(300, 4_000), scale.pick(500, 10_000)
    used = versions("jinja2", "sqlalchemy") | ({ground.name: ground.version} if ground.version else {})
    notes = check_rows(ground, writes.DRIP_STEP, "step", _drip)
    stores: tuple[DripStore, ...] = (hand, ours.OurStore())
    copies = {store.name: cache(partial(Copies, store, ground, due=due, waiting=waiting)) for store in stores}
    for batch in BATCHES:
        sides = [Side(store.name, partial(drained, store, copies[store.name], batch, due)) for store in stores]
        done = race(sides, scale.pick(2, 5))
        name = f"drip/{ground.name}/{batch}"
        yield Report(
            title=f"{name}: {due:,} due, {waiting:,} waiting, batches of {batch:,}",
            documents=(
                compare(name, done, hand.name, measure="rate", unit=UNIT, goal=GOAL, used=used),
                compare(f"{name}/aim", done, hand.name, measure="rate", unit=UNIT, goal=AIM, used=used),
            ),
            lines=table(done, sides, hand.name, UNIT),
            notes=notes,
        )


def _skipped(batch: int, why: str) -> Report:
    name = f"drip/postgresql/{batch}"
    document = skipped(name, HAND_NAME, why, goal=GOAL, used=versions())
    return Report(title=name, documents=(document,), notes=(f"PostgreSQL: {why}",))


def check_rows(
    ground: Ground,
    unit: writes.Unit,
    what: str,
    work: Callable[[DripStore, Place], int],
) -> tuple[str, ...]:
    """Count what each side writes for some units of work, and refuse when it is not the described rows.

    Args:
        ground: Where the small databases are.
        unit: What one unit of work writes.
        what: What one unit is called.
        work: Does some of it on a prepared database, and says how much.
    """
    sides: list[Place] = []
    stores: tuple[DripStore, ...] = (HAND[ground.name], ours.OurStore())
    for store in stores:
        place = ground.place(f"checked {what} {store.name}")
        try:
            store.prepare(place, due=CHECKED, waiting=CHECKED)
        except UnavailableError:
            return ("rows: only the hand-written side was checked against the description",)
        with open_raw(place) as raw:
            raw.watch()
        done = work(store, place)
        with open_raw(place) as raw:
            writes.check(store.name, writes.seen(raw), unit, done)
        sides.append(place)
    with open_raw(sides[1]) as mine, open_raw(sides[0]) as theirs:
        writes.check_shape(mine, theirs, unit)
    described = ", ".join(f"{name} {each}" for name, each in unit.items())
    return (f"both sides write the same rows a {what} (inserted/updated/deleted): {described}",)


def _drip(store: DripStore, place: Place) -> int:
    with store.worker(place, 50) as work:
        done = work()
    if done != CHECKED:
        raise NotTheSameWorkError(f"{store.name}: {done} of {CHECKED} due steps done")
    return done


def drained(store: DripStore, prepared: Callable[[], Copies], batch: int, due: int) -> Callable[[], Reading]:
    """A run of a worker over all that is due, on a fresh copy."""
    copies = prepared()

    def run() -> Reading:
        with copies.fresh() as place, store.worker(place, batch) as work:
            start = time.perf_counter()
            done = work()
            seconds = time.perf_counter() - start
        if done != due:
            raise NotTheSameWorkError(f"{store.name}: {done} of {due} due steps done")
        return Reading(done, seconds)

    return run
