"""Row `segment_sql`: the benchmark's rule over a million leads in SQL, against the best hand-written query.

Plain tables, as a host would have them, with an index for a probe and one for a join. The hand-written forms all run,
and the fastest of them in this store is the limit. `nurture` compiles the predicate, asks, and fetches the ids, each
time; that it chose the right form is part of the goal. On SQLite, where all happens in one thread, the processor's
seconds count. PostgreSQL may work with several processes, so that there the clock on the wall counts and their seconds
are shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import ours_segments
from bench.bulk import Bulk, bulk
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
    had,
    race,
    skipped,
    table,
    versions,
)
from bench.limits.segments import SQL
from bench.servers import postgres

if TYPE_CHECKING:
    from sqlalchemy import Connection

ROW = "segment_sql"
BOUND = 1.15
COMPILED = "nurture, compiled once"
FORCED = {f"nurture, form={form}": form for form in ("probe", "join")}
UNIT = "leads/s"

Spent = Callable[[], float]
"""The processors' seconds so far of all that works for a connection."""


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report for each database."""
    if scale.database != "postgresql":
        with _sqlite(bulk(scale)) as connection:
            yield _report(scale, "sqlite", connection, time.process_time)
    if scale.database == "sqlite":
        return
    try:
        with postgres(scratch) as server, _postgres(bulk(scale), server.place("bulk")) as (connection, spent):
            yield _report(scale, "postgresql", connection, spent)
    except UnavailableError as error:
        document = skipped(
            f"{ROW}/postgresql", "hand-written SQL", str(error), goal=scale.goal("<=", BOUND), used=versions()
        )
        yield Report(title=document.name, documents=(document,), notes=(f"PostgreSQL: {error}",))


@contextmanager
def _sqlite(data: Bulk) -> Iterator[Connection]:
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{data.sqlite()}")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma cache_size = -400000")
            connection.exec_driver_sql("pragma mmap_size = 2000000000")
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _postgres(data: Bulk, place: str) -> Iterator[tuple[Connection, Spent]]:
    import psycopg
    from sqlalchemy import create_engine

    with psycopg.connect(place, autocommit=True) as filling:
        data.fill_postgres(filling)
    engine = create_engine(place.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.connect() as connection:
            yield connection, _spent_by_server(connection)
    finally:
        engine.dispose()


def _spent_by_server(connection: Connection) -> Spent:
    """Our own seconds, the backend's, and those of the helpers that it had the server start and that have ended."""
    import psutil  # type: ignore[import-untyped]

    backend = psutil.Process(connection.exec_driver_sql("select pg_backend_pid()").scalar_one())
    server = backend.parent()

    def spent() -> float:
        own, ended = backend.cpu_times(), server.cpu_times()
        mine: float = own.user + own.system + ended.children_user + ended.children_system
        return mine + time.process_time()

    return spent


def _report(scale: Scale, dialect: str, connection: Connection, spent: Spent) -> Report:
    data = bulk(scale)
    driver: Any = connection.connection.driver_connection
    asked: dict[str, Callable[[], Sequence[int]]] = {
        name: partial(_fetched, driver, text) for name, text in SQL.items()
    }
    asked[SUBJECT] = ours_segments.sql_segment(connection, "auto")
    asked[COMPILED] = ours_segments.compiled_segment(connection, "auto")
    asked |= {name: ours_segments.sql_segment(connection, form) for name, form in FORCED.items()}  # type: ignore[arg-type]
    expected = frozenset(asked[next(iter(SQL))]())
    sides = [Side(name, partial(_timed, name, ask, expected, data.leads, spent)) for name, ask in asked.items()]
    done = race(sides, scale.pick(5, 9))
    cpu = done.by_cpu()
    one_thread = dialect == "sqlite"
    judged = cpu if one_thread else done
    best = judged.fastest(*SQL)
    version = {} if one_thread else {"postgresql": str(connection.exec_driver_sql("show server_version").scalar_one())}
    used = versions("sqlalchemy", *(() if one_thread else ("psycopg",))) | version
    name = f"{ROW}/{dialect}"

    def against(which: str, subject: str = SUBJECT) -> Document:
        race_of = done if which == "wall" else cpu
        is_goal = subject == SUBJECT and race_of is judged
        return compare(
            f"{name}/{which}",
            race_of,
            best,
            measure="time",
            unit=UNIT,
            used=used,
            goal=scale.goal("<=", BOUND) if is_goal else None,
            subject=subject,
        )

    documents = [against(which, side) for which in ("wall", "cpu") for side in (SUBJECT, COMPILED, *FORCED)]
    return Report(
        title=f"{name}: {data.leads:,} leads, {data.touchpoints:,} touchpoints, {len(expected):,} match",
        documents=tuple(documents),
        lines=table(judged, sides, best, UNIT),
        notes=(f"by the {'processor' if one_thread else 'wall'}; best by hand: {best}", had(done, SUBJECT, best)),
    )


def _fetched(driver: Any, text: str) -> list[int]:
    return [key for (key,) in driver.execute(text).fetchall()]


def _timed(
    name: str, ask: Callable[[], Sequence[int]], expected: frozenset[int], leads: int, spent: Spent
) -> Callable[[], Reading]:
    """Check the answer once, which also warms the caches."""
    found = ask()
    if len(found) != len(expected) or frozenset(found) != expected:
        raise NotTheSameWorkError(f"{name}: {len(found)} leads, by hand {len(expected)}, or others")

    def run() -> Reading:
        cpu, start = spent(), time.perf_counter()
        ask()
        return Reading(leads, time.perf_counter() - start, spent() - cpu)

    return run
