"""Child processes of the rows that need one: a worker on a store, and one simulation.

`python -m bench.workers drain SIDE PLACE BATCH`, `simulate LEADS STEPS DAYS DATABASE`, `steps LEADS STEPS ROUNDS
DATABASE` or `year LEADS COHORT`. May import what the rows import, but no row.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from pathlib import Path

from bench import ours, ours_year
from bench.limits.hand_postgres import HandPostgresStore
from bench.limits.hand_sqlite import HandStore
from bench.stores import DripStore
from nurture.simulation import ProgressBar, Simulation, Tally


def drain(name: str, place: str, batch: int) -> None:
    """Get ready, wait for the word on standard input, do what is due, print steps and seconds."""
    store: DripStore = ours.OurStore()
    if name == HandStore.name:
        store = HandPostgresStore() if place.startswith("postgresql:") else HandStore()
    with store.worker(place, batch) as work:
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


def steps(leads: int, steps: int, rounds: int, database: Path) -> None:
    """Send round after round; print after each the mails sent so far and the KiB that are resident."""
    import psutil  # type: ignore[import-untyped]

    process = psutil.Process()
    sending = ours.sending(str(database), leads, steps=steps, batch=1_000)
    for _, sent in zip(range(rounds), sending, strict=False):
        gc.collect()  # what waits to be collected is no growth
        print(sent, process.memory_info().rss // 1024, flush=True)


def year(leads: int, cohort: int) -> None:
    """Simulate a year; print after each cohort the leads, moments and mails so far, the processor's seconds, and KiB.

    What is resident is read while the cohort is still there. A bar on standard error shows how far it is.
    """
    import psutil

    process = psutil.Process()
    done = Tally()

    def look(simulation: Simulation) -> Tally:
        nonlocal done
        done += Tally.of(simulation)
        seconds = time.process_time() - start
        print(done.leads, done.moments, done.sent, seconds, process.memory_info().rss // 1024, flush=True)
        return done

    start = time.process_time()
    with ProgressBar(hidden=None) as bar:
        for _ in ours_year.year(leads, cohort, look, bar):
            pass


def main() -> None:
    """Do what the command line says."""
    match sys.argv[1:]:
        case ["drain", name, path, batch]:
            drain(name, path, int(batch))
        case ["simulate", leads, each, days, database]:
            simulate(int(leads), int(each), int(days), Path(database))
        case ["steps", leads, each, rounds, database]:
            steps(int(leads), int(each), int(rounds), Path(database))
        case ["year", leads, cohort]:
            year(int(leads), int(cohort))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
