"""Child processes of the rows that need one: a worker on a store, and one simulation.

`python -m bench.workers drain SIDE PATH BATCH` or `simulate LEADS STEPS DAYS DATABASE`. May import what the rows
import, but no row.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from pathlib import Path

from bench import ours
from bench.limits.hand import HandStore
from bench.stores import DripStore


def drain(name: str, path: Path, batch: int) -> None:
    """Get ready, wait for the word on standard input, do what is due, print steps and seconds."""
    store: DripStore = HandStore() if name == HandStore.name else ours.OurStore()
    with store.worker(path, batch) as work:
        print("ready", flush=True)
        sys.stdin.readline()
        start = time.perf_counter()
        done = work()
        print(done, time.perf_counter() - start, flush=True)


def simulate(leads: int, steps: int, days: int, database: Path) -> None:
    """Simulate once, the history in a database; print the moments, and the KiB that Python's objects took at the most.

    Counted by `tracemalloc`: the process's own peak is inherited from the parent and moves with the machine.
    """
    ours.simulation(2, steps=steps, days=days, database=database.with_suffix(".warm"))()  # what is loaded once
    run = ours.simulation(leads, steps=steps, days=days, database=database)
    tracemalloc.start()
    moments = run()
    print(moments, tracemalloc.get_traced_memory()[1] // 1024)


def main() -> None:
    """Do what the command line says."""
    match sys.argv[1:]:
        case ["drain", name, path, batch]:
            drain(name, Path(path), int(batch))
        case ["simulate", leads, steps, days, database]:
            simulate(int(leads), int(steps), int(days), Path(database))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
