"""The benchmark's rule and the scores, written by hand for each engine: the best that a careful person would write.

SQL has four forms, since which one is best depends on the store and on how many leads pass the other clauses; all of
them run, and the fastest is the limit. May import the workload and the bulk data, and each engine when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench.bulk import MICROSECOND, Bulk
from bench.workload import EMPLOYEES, INDUSTRIES, KINDS, NOW, SCORE, SINCE, TARGET, VIEWS

if TYPE_CHECKING:
    import numpy
    import pandas  # type: ignore[import-untyped]
    import polars

VIEWED = "page.viewed"
NOW_MICROS, SINCE_MICROS = (int(at.timestamp()) * 1_000_000 for at in (NOW, SINCE))
# What a fact of each kind is worth, and the time after which it is worth half.
POINTS: Mapping[str, float] = {
    "page.viewed": 1.0,
    "email.opened": 2.0,
    "email.clicked": 4.0,
    "pricing.viewed": 8.0,
    "form.submitted": 15.0,
    "seminar.attended": 20.0,
}
HALF_LIFE = timedelta(days=30)
HALF_LIFE_MICROS = HALF_LIFE // MICROSECOND
_TARGETS = sorted(TARGET)
_INDUSTRIES = ", ".join(f"'{one}'" for one in _TARGETS)
_LEAD = f"l.industry in ({_INDUSTRIES}) and l.employees >= {EMPLOYEES} and l.score >= {SCORE} and not l.unsubscribed"
_FACT = f"t.kind = '{VIEWED}' and t.at > {SINCE_MICROS} and t.at <= {NOW_MICROS}"
_OWN = f"touchpoint t where t.lead_id = l.id and {_FACT}"

SQL: Mapping[str, str] = {
    "SQL, count": f"select l.id from lead l where {_LEAD} and (select count(*) from {_OWN}) >= {VIEWS}",
    "SQL, count to a limit": (
        f"select l.id from lead l where {_LEAD} "
        f"and (select count(*) from (select 1 from {_OWN} limit {VIEWS}) as few) >= {VIEWS}"
    ),
    "SQL, early-exit probe": (
        f"select l.id from lead l where {_LEAD} and exists (select 1 from {_OWN} limit 1 offset {VIEWS - 1})"
    ),
    "SQL, join to a group": (
        f"select l.id from lead l join (select t.lead_id from touchpoint t where {_FACT} "
        f"group by t.lead_id having count(*) >= {VIEWS}) as active on active.lead_id = l.id where {_LEAD}"
    ),
    "SQL, in a group": (
        f"select l.id from lead l where {_LEAD} and l.id in (select t.lead_id from touchpoint t where {_FACT} "
        f"group by t.lead_id having count(*) >= {VIEWS})"
    ),
}

Frames = tuple["polars.DataFrame", "polars.DataFrame"]


def polars_segment(frames: Frames) -> Callable[[], polars.DataFrame]:
    """The rule over frames of Polars, lazily, so that it plans."""
    import polars
    from polars import col

    leads, facts = frames

    def run() -> polars.DataFrame:
        recent = facts.lazy().filter((col("kind") == VIEWED) & (col("at") > SINCE) & (col("at") <= NOW))
        active = recent.group_by("lead_id").agg(polars.len().alias("views")).filter(col("views") >= VIEWS)
        fitting = leads.lazy().filter(
            col("industry").is_in(_TARGETS)
            & (col("employees") >= EMPLOYEES)
            & (col("score") >= SCORE)
            & ~col("unsubscribed")
        )
        return fitting.join(active, left_on="id", right_on="lead_id", how="semi").collect()

    return run


def as_pandas(frames: Frames) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """The frames as pandas reads them."""
    leads, facts = frames
    return leads.to_pandas(), facts.to_pandas()


def pandas_segment(frames: Frames) -> Callable[[], pandas.DataFrame]:
    """The rule over frames of pandas."""
    leads, facts = as_pandas(frames)

    def run() -> pandas.DataFrame:
        recent = (facts["kind"] == VIEWED) & (facts["at"] > SINCE) & (facts["at"] <= NOW)
        views = facts.loc[recent, "lead_id"].value_counts()
        active = views.index[views >= VIEWS]
        fitting = leads[
            leads["industry"].isin(_TARGETS)
            & (leads["employees"] >= EMPLOYEES)
            & (leads["score"] >= SCORE)
            & ~leads["unsubscribed"]
        ]
        return fitting[fitting["id"].isin(active)]

    return run


def numpy_segment(frames: Frames) -> Callable[[], numpy.ndarray[Any, Any]]:
    """The rule over arrays whose texts were made numbers beforehand, and whose ids count from 0: the limit."""
    import numpy
    import polars

    leads, facts = frames
    industry = leads["industry"].cast(polars.Enum(INDUSTRIES)).to_physical().to_numpy()
    employees, score = leads["employees"].to_numpy(), leads["score"].to_numpy()
    unsubscribed = leads["unsubscribed"].to_numpy()
    subject, kind, at = coded(facts)
    wanted = numpy.zeros(256, dtype=bool)
    wanted[[INDUSTRIES.index(one) for one in _TARGETS]] = True
    viewed = list(KINDS).index(VIEWED)

    def run() -> numpy.ndarray[Any, Any]:
        recent = (kind == viewed) & (at > SINCE_MICROS) & (at <= NOW_MICROS)
        views = numpy.bincount(subject[recent], minlength=len(industry))
        fits = wanted[industry] & (employees >= EMPLOYEES) & (score >= SCORE) & ~unsubscribed & (views >= VIEWS)
        return numpy.flatnonzero(fits)

    return run


def coded(facts: polars.DataFrame) -> tuple[numpy.ndarray[Any, Any], numpy.ndarray[Any, Any], numpy.ndarray[Any, Any]]:
    """Whom, which kind as a number, and when in microseconds."""
    import polars

    kinds = facts["kind"].cast(polars.Enum(list(KINDS))).to_physical().to_numpy().astype("u1")
    return facts["lead_id"].to_numpy(), kinds, facts["at"].dt.timestamp("us").to_numpy()


def in_duckdb(frames: Frames) -> Any:
    """A connection to DuckDB that holds the frames as tables of its own."""
    import duckdb

    lead, fact = frames
    connection = duckdb.connect()
    for name, frame in (("lead", lead), ("touchpoint", fact)):
        connection.register("given", frame.to_arrow())
        connection.execute(f"create table {name} as from given")
        connection.unregister("given")
    connection.execute("set timezone = 'UTC'")
    return connection


def duckdb_segment(frames: Frames) -> Callable[[], Any]:
    """The rule in DuckDB, over tables of its own."""
    connection = in_duckdb(frames)
    recent = f"kind = '{VIEWED}' and \"at\" > '{SINCE.isoformat()}' and \"at\" <= '{NOW.isoformat()}'"
    sql = (
        f"select l.* from lead l semi join (select lead_id from touchpoint where {recent} "
        f"group by lead_id having count(*) >= {VIEWS}) t on t.lead_id = l.id where {_LEAD}"
    )
    return lambda: connection.sql(sql).to_arrow_table()


Summed = tuple[Any, Any]
"""Whom, and how many points: two arrays."""


def polars_scores(frames: Frames) -> Callable[[], Summed]:
    """Scores as one would write them in Polars: kinds replaced by points, faded, summed."""
    from polars import Float64, col

    facts = frames[1]

    def run() -> Summed:
        points = col("kind").replace_strict(POINTS, return_dtype=Float64)
        age = (col("at") - NOW).dt.total_microseconds() / HALF_LIFE_MICROS
        worth = (points * (age * 0.6931471805599453).exp()).sum().alias("score")
        found = facts.lazy().group_by("lead_id").agg(worth).collect()
        return found["lead_id"], found["score"]

    return run


def polars_coded_scores(frames: Frames) -> Callable[[], Summed]:
    """Scores in Polars over kinds that were made numbers beforehand."""
    import polars
    from polars import col

    facts = frames[1].with_columns(col("kind").cast(polars.Enum(list(KINDS))))

    def run() -> Summed:
        points = polars.lit(polars.Series([POINTS[kind] for kind in KINDS])).gather(col("kind").to_physical())
        age = (col("at") - NOW).dt.total_microseconds() / HALF_LIFE_MICROS
        worth = facts.lazy().select("lead_id", (points * (age * 0.6931471805599453).exp()).alias("worth"))
        found = worth.group_by("lead_id").agg(col("worth").sum()).collect()
        return found["lead_id"], found["worth"]

    return run


def pandas_scores(frames: Frames) -> Callable[[], Summed]:
    """Scores in pandas."""
    import numpy
    import pandas

    facts = as_pandas(frames)[1]
    half_life = pandas.Timedelta(HALF_LIFE)

    def run() -> Summed:
        points = facts["kind"].map(POINTS).astype("float64")
        found = (points * numpy.exp2((facts["at"] - NOW) / half_life)).groupby(facts["lead_id"]).sum()
        return found.index, found

    return run


def numpy_scores(frames: Frames, bulk: Bulk) -> Callable[[], Summed]:
    """Scores by `bincount` over numbers made beforehand: the limit."""
    import numpy

    subject, kind, at = coded(frames[1])
    points = numpy.array([POINTS[one] for one in KINDS])

    def run() -> Summed:
        worth = points[kind] * numpy.exp2((at - NOW_MICROS) / HALF_LIFE_MICROS)
        return numpy.arange(bulk.leads), numpy.bincount(subject, weights=worth, minlength=bulk.leads)

    return run


def duckdb_scores(frames: Frames) -> Callable[[], Summed]:
    """Scores in DuckDB, over tables of its own."""
    connection = in_duckdb(frames)
    points = "case kind " + " ".join(f"when '{kind}' then {worth}::double" for kind, worth in POINTS.items()) + " end"
    faded = f'pow(2.0::double, (epoch_us("at") - {NOW_MICROS}) / {HALF_LIFE_MICROS}::double)'
    sql = f"select lead_id, sum({points} * {faded}) as score from touchpoint group by lead_id"

    def run() -> Summed:
        found = connection.execute(sql).fetchnumpy()
        return found["lead_id"], found["score"]

    return run
