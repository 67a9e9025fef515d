"""The rows, in the order in which they run. A new row is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench.harness import Report, Scale
from bench.rows import (
    compose,
    decision_cost,
    drip,
    due_at_once,
    growth,
    idle,
    import_time,
    latency,
    match,
    memory,
    peers,
    record_many,
    render,
    score_frame,
    segment_frame,
    segment_sql,
    segments,
    simulate,
    smtp,
    workers,
    year,
)

ROWS: Mapping[str, Callable[[Scale, Path], Iterator[Report]]] = {
    "match": match.reports,
    "segment_sql": segment_sql.reports,
    "segment_frame": segment_frame.reports,
    "score_frame": score_frame.reports,
    "segments": segments.reports,
    "drip": drip.reports,
    "peers": peers.reports,
    "workers": workers.reports,
    "render": render.reports,
    "compose": compose.reports,
    "smtp": smtp.reports,
    "record_many": record_many.reports,
    "due_at_once": due_at_once.reports,
    "decision_cost": decision_cost.reports,
    "simulate": simulate.reports,
    "year": year.reports,
    "import": import_time.reports,
    "growth": growth.reports,
    "idle": idle.reports,
    "latency": latency.reports,
    "memory": memory.reports,
}
