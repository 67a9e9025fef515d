"""Row `segment_frame`: the benchmark's rule over frames of a million leads, against Polars and pandas by hand.

Frames in memory go in and a frame of the leads comes back, on every side. `nurture` reads the predicate and the frames'
columns each time. Polars works with several threads: the clock on the wall counts, the processors' seconds are shown.
DuckDB, and NumPy over texts that were made numbers beforehand, stand beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench import ours_segments
from bench.bulk import bulk
from bench.harness import (
    SUBJECT,
    Goal,
    NotTheSameWorkError,
    Reading,
    Report,
    Scale,
    Side,
    compare,
    had,
    race,
    table,
    versions,
)
from bench.limits import segments

ROW = "segment_frame"
HAND = "Polars by hand"
PANDAS = "pandas by hand"
ON_PANDAS = "nurture, on pandas"
ON_DUCKDB = "nurture, on DuckDB"
DUCKDB = "DuckDB by hand"
LIMIT = "NumPy over numbers"
UNIT = "leads/s"
USED = ("narwhals", "polars", "pandas", "pyarrow", "duckdb", "numpy")


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report."""
    del scratch
    data = bulk(scale)
    frames = data.frames()
    expected = segments.numpy_segment(frames)().tolist()

    def on_duckdb() -> Callable[[], Any]:
        connection = segments.in_duckdb(frames)
        run = ours_segments.frame_segment(connection.table("lead"), connection.table("touchpoint"))
        return lambda: run().to_arrow_table()

    builds: dict[str, Callable[[], Callable[[], Any]]] = {
        LIMIT: lambda: segments.numpy_segment(frames),
        HAND: lambda: segments.polars_segment(frames),
        SUBJECT: lambda: ours_segments.frame_segment(*frames),
        PANDAS: lambda: segments.pandas_segment(frames),
        ON_PANDAS: lambda: ours_segments.frame_segment(*segments.as_pandas(frames)),
        DUCKDB: lambda: segments.duckdb_segment(frames),
        ON_DUCKDB: on_duckdb,
    }
    sides = [Side(name, partial(_built, name, build, expected, data.leads)) for name, build in builds.items()]
    done = race(sides, scale.pick(5, 11))
    cpu = done.by_cpu()
    used = versions(*USED)

    def against(which: str, other: str, measure: Any, *, subject: str = SUBJECT, goal: Goal | None = None) -> Any:
        which_race = done if which == "wall" else cpu
        return compare(
            f"{ROW}/{which}", which_race, other, measure=measure, unit=UNIT, used=used, subject=subject, goal=goal
        )

    yield Report(
        title=f"{ROW}: {data.leads:,} leads, {data.touchpoints:,} touchpoints, {len(expected):,} match",
        documents=(
            against("wall", HAND, "time", goal=scale.goal("<=", 1.25)),
            against("wall", PANDAS, "rate", goal=scale.goal(">=", 3)),
            against("wall", DUCKDB, "rate"),
            against("wall", LIMIT, "time"),
            against("wall", PANDAS, "time", subject=ON_PANDAS),
            against("wall", DUCKDB, "time", subject=ON_DUCKDB),
            against("cpu", HAND, "time"),
            against("cpu", PANDAS, "rate"),
        ),
        lines=table(done, sides, LIMIT, UNIT),
        notes=(had(done, SUBJECT, HAND, PANDAS),),
    )


def _built(name: str, build: Callable[[], Callable[[], Any]], expected: list[int], leads: int) -> Callable[[], Reading]:
    """Check the answer once, which also warms the caches."""
    ask = build()
    found = _ids(ask())
    if found != expected:
        raise NotTheSameWorkError(f"{name}: {len(found)} leads, by NumPy {len(expected)}, or others")

    def run() -> Reading:
        cpu, start = time.process_time(), time.perf_counter()
        ask()
        return Reading(leads, time.perf_counter() - start, time.process_time() - cpu)

    return run


def _ids(answer: Any) -> list[int]:
    """The ids of an answer, whatever it is."""
    if hasattr(answer, "columns") or hasattr(answer, "column_names"):
        answer = answer["id"]
    listed = answer.to_pylist if hasattr(answer, "to_pylist") else answer.tolist if hasattr(answer, "tolist") else None
    return sorted(answer.to_list() if listed is None else listed())
