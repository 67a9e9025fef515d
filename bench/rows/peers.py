"""Row `peers`: the same mails on job tools, with 100,000 leads waiting, on SQLite and on PostgreSQL.

`nurture` works in its default batches, and so does the hand-written loop that is shown beside it: it says what keeping
all those rows costs at the least. Each tool's database is prepared once and copied for every run, and its
worker runs in a process of its own. A tool that is not installed is shown as such and counts as not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from bench import ours
from bench.harness import (
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
from bench.limits import HAND, HAND_NAME
from bench.peers import queues
from bench.peers.jobs import BATCH, JobTool, prepare_in_child, run_in_child
from bench.rows.drip import UNIT, drained
from bench.stores import Copies, DripStore, Ground, Place, grounds


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report for each database."""
    with grounds(scale, scratch) as found:
        for ground in found.here:
            yield _report(scale, ground, queues.TOOLS[ground.name])
        if found.missing:
            name = "peers/postgresql"
            gone = [
                skipped(name, tool.side, found.missing, goal=scale.goal(">=", tool.advantage), used=versions())
                for tool in queues.TOOLS["postgresql"]
                if tool.advantage
            ]
            yield Report(title=name, documents=tuple(gone), notes=(f"PostgreSQL: {found.missing}",))


def _report(scale: Scale, ground: Ground, tools: tuple[JobTool, ...]) -> Report:
    due, waiting = scale.pick(300, 4_000), scale.pick(2_000, 100_000)
    used = versions("jinja2", "sqlalchemy") | ({ground.name: ground.version} if ground.version else {})
    sides: list[Side] = []
    stores: tuple[DripStore, ...] = (HAND[ground.name], ours.OurStore())
    for store in stores:
        copies = cache(partial(Copies, store, ground, due=due, waiting=waiting))
        sides.append(Side(store.name, partial(drained, store, copies, BATCH, due)))
    prepared: dict[object, Place] = {}
    for tool in tools:
        sides.append(Side(tool.side, partial(_peer, tool, scale, ground, waiting, prepared), is_peer=True))
    done = race(sides, scale.pick(1, 5))
    name = f"peers/{ground.name}"
    return Report(
        title=f"{name}: {waiting:,} waiting, one worker process each, nurture in batches of {BATCH}",
        documents=tuple(
            compare(
                name,
                done,
                tool.side,
                measure="rate",
                unit=UNIT,
                goal=scale.goal(">=", tool.advantage) if tool.advantage else None,
                used=used | versions(tool.distribution),
            )
            for tool in tools
        ),
        lines=table(done, sides, HAND_NAME, UNIT),
    )


def _peer(
    tool: JobTool, scale: Scale, ground: Ground, waiting: int, prepared: dict[object, Place]
) -> Callable[[], Reading]:
    tool.is_installed()
    jobs = scale.pick(max(tool.jobs // 10, 20), tool.jobs)
    place = prepared.get(tool.prepare)
    if place is None:
        place = ground.place(f"peer {tool.name}")
        prepare_in_child(tool, place, jobs=jobs, waiting=waiting)
        prepared[tool.prepare] = place  # two sides of one tool begin with the same database

    def run() -> Reading:
        with ground.copy(place) as copy:
            return run_in_child(tool, copy, jobs=jobs)

    return run
