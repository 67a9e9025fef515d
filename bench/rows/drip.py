"""Row `drip`: decide and deliver through SQLite, against the hand-written lease loop.

Both sides render, hand the mail to nobody, and write the same rows, which is checked in a small
run before anything is timed. The job tools run the same mail in processes of their own.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from bench import ours
from bench.harness import (
    SUBJECT,
    Goal,
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
from bench.limits import writes
from bench.limits.hand import HandStore
from bench.peers import queues
from bench.stores import Copies, DripStore

CHECKED = 150  # steps of the run that counts what is written
# The bound is for batches of 1,000.
GOALS = {100: None, 1_000: Goal(">=", 0.15)}


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report for each batch size; the peers run beside the smaller one, which is theirs."""
    due, waiting = scale.pick(1_000, 4_000), scale.pick(1_000, 10_000)
    notes = _check_rows(scratch)
    hand = cache(lambda: Copies(HandStore(), scratch, due=due, waiting=waiting))
    mine = cache(lambda: Copies(ours.OurStore(), scratch, due=due, waiting=waiting))
    for batch, goal in GOALS.items():
        sides = [
            Side(HandStore.name, partial(_drained, HandStore(), hand, batch, due)),
            Side(SUBJECT, partial(_drained, ours.OurStore(), mine, batch, due)),
        ]
        peers = queues.PEERS if batch == queues.BATCH else ()
        for peer in peers:
            sides.append(Side(peer.distribution, _peer(peer, scale, scratch, waiting), is_peer=True))
        done = race(sides, scale.pick(2, 5))
        name = f"drip/sqlite/{batch}"
        documents = [
            compare(
                name,
                done,
                HandStore.name,
                measure="rate",
                unit="steps/s",
                goal=goal,
                used=versions("jinja2", "sqlalchemy"),
            ),
            *(
                compare(
                    name,
                    done,
                    peer.distribution,
                    measure="rate",
                    unit="steps/s",
                    goal=Goal(">=", peer.advantage, binding=False),
                    used=versions("jinja2", "sqlalchemy", peer.distribution),
                )
                for peer in peers
            ),
        ]
        yield Report(
            title=f"{name}: {due:,} due, {waiting:,} waiting, batches of {batch:,}",
            documents=tuple(documents),
            lines=table(done, sides, HandStore.name, "steps/s"),
            notes=notes,
        )


def _check_rows(scratch: Path) -> tuple[str, ...]:
    """Count what each side writes for some steps, and refuse when it is not the described rows."""
    folder = scratch / "checked"
    folder.mkdir()
    hand = _counted(HandStore(), folder / "hand.db")
    try:
        mine = _counted(ours.OurStore(), folder / "ours.db")
    except UnavailableError:
        return ("rows: only the hand-written loop was checked against the description",)
    writes.check_shape(mine, hand, writes.DRIP_STEP)
    described = ", ".join(f"{name} {each}" for name, each in writes.DRIP_STEP.items())
    return (f"both sides write the same rows a step (inserted/updated/deleted): {described}",)


def _counted(store: DripStore, path: Path) -> Path:
    store.prepare(path, due=CHECKED, waiting=CHECKED)
    writes.watch(path)
    with store.worker(path, 50) as work:
        done = work()
    if done != CHECKED:
        raise NotTheSameWorkError(f"{store.name}: {done} of {CHECKED} due steps done")
    writes.check(store.name, writes.seen(path), writes.DRIP_STEP, CHECKED)
    return path


def _drained(store: DripStore, prepared: Callable[[], Copies], batch: int, due: int) -> Callable[[], Reading]:
    copies = prepared()

    def run() -> Reading:
        with copies.fresh() as path, store.worker(path, batch) as work:
            start = time.perf_counter()
            done = work()
            seconds = time.perf_counter() - start
        if done != due:
            raise NotTheSameWorkError(f"{store.name}: {done} of {due} due steps done")
        return Reading(done, seconds)

    return run


def _peer(peer: queues.QueuePeer, scale: Scale, scratch: Path, waiting: int) -> Callable[[], Callable[[], Reading]]:
    folders = (scratch / f"{peer.name}-{number}" for number in range(1_000))

    def build() -> Callable[[], Reading]:
        if importlib.util.find_spec(peer.module) is None:
            raise ModuleNotFoundError(name=peer.module)
        jobs = scale.pick(peer.jobs // 3, peer.jobs)
        return lambda: queues.in_child(peer, next(folders), jobs=jobs, waiting=waiting)

    return build
