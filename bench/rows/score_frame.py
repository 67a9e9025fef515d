"""Row `score_frame`: scores with a half-life of a million leads at once, against Polars as one would write it.

Six rules, one for each kind, none with a cap. All sides read the same touchpoints, whose kinds are texts; NumPy and one
of the Polars sides have them as numbers beforehand. The scores are the same to nine digits. The clock on the wall
counts, the processors' seconds are shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bench import ours_segments
from bench.bulk import bulk
from bench.harness import (
    SUBJECT,
    Document,
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
from bench.limits.segments import Summed

if TYPE_CHECKING:
    import numpy

ROW = "score_frame"
LIMIT = "NumPy bincount"
NATURAL = "Polars by hand"
CODED = "Polars, kinds as numbers"
UNIT = "facts/s"
CLOSE = 1e-9
USED = ("narwhals", "polars", "pandas", "duckdb", "numpy")


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report."""
    del scratch
    data = bulk(scale)
    frames = data.frames()
    expected = _dense(segments.numpy_scores(frames, data)(), data.leads)
    builds: dict[str, Callable[[], Callable[[], Summed]]] = {
        LIMIT: lambda: segments.numpy_scores(frames, data),
        SUBJECT: lambda: ours_segments.frame_scores(frames),
        NATURAL: lambda: segments.polars_scores(frames),
        CODED: lambda: segments.polars_coded_scores(frames),
        "DuckDB by hand": lambda: segments.duckdb_scores(frames),
        "pandas by hand": lambda: segments.pandas_scores(frames),
    }
    sides = [Side(name, partial(_built, name, build, expected, data.touchpoints)) for name, build in builds.items()]
    done = race(sides, scale.pick(5, 7))
    cpu = done.by_cpu()
    used = versions(*USED)

    def against(other: str, measure: Literal["time", "rate"], goal: Goal | None = None) -> Document:
        return compare(f"{ROW}/wall", done, other, measure=measure, unit=UNIT, used=used, goal=goal)

    yield Report(
        title=f"{ROW}: {data.touchpoints:,} touchpoints into {data.leads:,} scores",
        documents=(
            against(NATURAL, "rate", scale.goal(">=", 3)),
            against(LIMIT, "time"),
            *(against(other, "rate") for other in (CODED, "DuckDB by hand", "pandas by hand")),
            compare(f"{ROW}/cpu", cpu, NATURAL, measure="rate", unit=UNIT, used=used),
            compare(f"{ROW}/cpu", cpu, LIMIT, measure="time", unit=UNIT, used=used),
        ),
        lines=table(done, sides, LIMIT, UNIT),
        notes=(had(done, SUBJECT, NATURAL, LIMIT),),
    )


def _dense(found: Summed, leads: int) -> numpy.ndarray[Any, Any]:
    """One score for every lead, in the order of their ids; 0 for those who have none."""
    import numpy

    scores = numpy.zeros(leads)
    subjects, points = (numpy.asarray(one) for one in found)
    scores[subjects] = points
    return scores


def _built(
    name: str, build: Callable[[], Callable[[], Summed]], expected: numpy.ndarray[Any, Any], facts: int
) -> Callable[[], Reading]:
    """Check the scores once, which also warms the caches."""
    import numpy

    work = build()
    if not numpy.allclose(_dense(work(), len(expected)), expected, rtol=CLOSE, atol=CLOSE):
        raise NotTheSameWorkError(f"{name}: the scores differ from those of NumPy")

    def run() -> Reading:
        cpu, start = time.process_time(), time.perf_counter()
        work()
        return Reading(facts, time.perf_counter() - start, time.process_time() - cpu)

    return run
