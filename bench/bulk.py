"""Made-up leads and touchpoints by the million, in columns: what the rows on segments and scores read.

The same kinds, industries and rule as in `workload`, drawn from one seeded generator, so that two runs see the same
people. They are written once, as Parquet files and as an SQLite database, into the ignored folder `out/bulk`; delete it
to have them made again. Touchpoints lie in the order of their arrival. May import the workload, and NumPy, Polars and
psycopg when they are needed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from bench.harness import Scale
from bench.workload import INDUSTRIES, KINDS, NOW

if TYPE_CHECKING:
    import polars

VERSION = 1  # another number, other files
SEED = 7
DAYS = 90
OUT = Path(__file__).parent / "out" / "bulk"
MICROSECOND = timedelta(microseconds=1)
_CHUNK = 200_000

LEADS = ("id", "industry", "employees", "score", "unsubscribed")
TOUCHPOINTS = ("lead_id", "kind", "at")
TABLES = (
    "create table lead(id {key}, industry text, employees integer, score {real}, unsubscribed boolean)",
    "create table touchpoint(id {serial}, lead_id {whole}, kind text, at {whole})",
)
# The one that a probe wants, and the one that a join wants.
INDEXES = (
    "create index touchpoint_by_lead on touchpoint(lead_id, kind, at)",
    "create index touchpoint_by_kind on touchpoint(kind, at, lead_id)",
)


@frozen
class Bulk:
    """Leads and touchpoints of one size.

    Args:
        leads: How many leads.
        touchpoints: How many touchpoints.
        folder: Where the files are.
    """

    leads: int
    touchpoints: int
    folder: Path

    def frames(self) -> tuple[polars.DataFrame, polars.DataFrame]:
        """Leads and touchpoints as frames of Polars; instants have the zone UTC."""
        import polars

        return polars.read_parquet(self.folder / "leads.parquet"), polars.read_parquet(self.folder / "facts.parquet")

    def sqlite(self) -> Path:
        """An SQLite database with two tables; instants are microseconds since 1970."""
        path = self.folder / "bulk.db"
        if not path.exists():
            making = path.with_suffix(".making")
            making.unlink(missing_ok=True)
            with closing(sqlite3.connect(making)) as database:
                database.executescript(
                    "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -400000"
                )
                for table in TABLES:
                    database.execute(table.format(key="integer primary key", serial="integer primary key", **_SQLITE))
                database.executemany("insert into lead values (?, ?, ?, ?, ?)", self._rows("leads"))
                places = "insert into touchpoint(lead_id, kind, at) values (?, ?, ?)"
                database.executemany(places, self._rows("touchpoints"))
                for index in INDEXES:
                    database.execute(index)
                database.execute("analyze")
                database.commit()
            making.rename(path)
        return path

    def fill_postgres(self, connection: Any) -> None:
        """The same two tables in an empty PostgreSQL database, over a connection of psycopg that commits by itself."""
        for table in TABLES:
            serial = "bigint generated always as identity primary key"
            connection.execute(table.format(key="bigint primary key", serial=serial, **_POSTGRES))
        with connection.cursor() as cursor:
            for name, room, columns in (("lead", "leads", LEADS), ("touchpoint", "touchpoints", TOUCHPOINTS)):
                with cursor.copy(f"copy {name}({', '.join(columns)}) from stdin (format csv)") as copy:
                    for chunk in self._chunks(room):
                        copy.write(chunk.write_csv(include_header=False))
        for index in INDEXES:
            connection.execute(index)
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")

    def _chunks(self, room: str) -> Iterator[polars.DataFrame]:
        import polars

        leads, facts = self.frames()
        frame = leads if room == "leads" else facts.with_columns(polars.col("at").dt.timestamp("us"))
        for start in range(0, len(frame), _CHUNK):
            yield frame[start : start + _CHUNK]

    def _rows(self, room: str) -> Iterator[tuple[Any, ...]]:
        for chunk in self._chunks(room):
            yield from chunk.iter_rows()


_SQLITE = {"real": "real", "whole": "integer"}
_POSTGRES = {"real": "double precision", "whole": "bigint"}


def bulk(scale: Scale) -> Bulk:
    """The leads and touchpoints of this run's size; made when they are not there yet."""
    leads, touchpoints = scale.pick(10_000, 1_000_000), scale.pick(100_000, 10_000_000)
    found = Bulk(leads, touchpoints, OUT / f"{leads}-{touchpoints}-v{VERSION}")
    if not (found.folder / "facts.parquet").exists():
        found.folder.mkdir(parents=True, exist_ok=True)
        _write(found)
    return found


def _write(wanted: Bulk) -> None:
    import numpy
    import polars

    dice = numpy.random.default_rng(SEED)
    count = wanted.leads
    leads = polars.DataFrame(
        {
            "id": numpy.arange(count, dtype=numpy.int64),
            "industry": numpy.array(INDUSTRIES)[dice.integers(0, len(INDUSTRIES), count)],
            "employees": (10 ** (0.5 + dice.random(count) * 3.3)).astype(numpy.int64),
            "score": dice.random(count) * 100,
            "unsubscribed": dice.random(count) < 0.1,
        }
    )
    leads.write_parquet(wanted.folder / "leads.parquet")
    count = wanted.touchpoints
    now, span = int(NOW.timestamp()) * 1_000_000, timedelta(days=DAYS) // MICROSECOND
    # The kinds' weights add up to one but for the last digit.
    weights = numpy.array(list(KINDS.values()))
    facts = polars.DataFrame(
        {
            "lead_id": dice.integers(0, wanted.leads, count, dtype=numpy.int64),
            "kind": numpy.array(list(KINDS))[dice.choice(len(KINDS), count, p=weights / weights.sum())],
            "at": numpy.sort(now - (dice.random(count) * span).astype(numpy.int64)),
        }
    ).with_columns(polars.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC"))
    making = wanted.folder / "facts.making"
    facts.write_parquet(making)
    making.rename(wanted.folder / "facts.parquet")
