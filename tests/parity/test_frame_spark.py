"""`match` and `frame` say the same on Spark, of a fixed corpus: for `make stress`, where Spark and Java are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nurture.errors import NotCompilableError
from nurture.frames.filtering import filter
from tests.parity.frame_worlds import typed_world
from tests.parity.worlds import random_predicates

pytestmark = [pytest.mark.stress, pytest.mark.filterwarnings("ignore")]
SEEDS = tuple(range(6))
PREDICATES = 10


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql")
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "Asia/Tokyo")  # an instant must not depend on it
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.parametrize("seed", SEEDS)
def test_match_and_frame_agree_on_spark(spark: Any, seed: int) -> None:
    typed = typed_world(seed)
    world, arrow = typed.world, typed.on("pyarrow")
    columns = {
        name: f"c{place}" for place, name in enumerate(arrow.touchpoints.column_names) if name.startswith("prop.")
    }

    def make(table: Any) -> Any:  # Spark takes dots for paths
        return spark.createDataFrame(
            table.rename_columns([columns.get(n, n.replace(".", "_")) for n in table.column_names])
        )

    leads, facts, accounts = make(arrow.leads), make(arrow.touchpoints), make(arrow.accounts)
    kept = {"memberships": make(arrow.memberships), "enrollments": make(arrow.enrollments)}
    wrong = []
    for place, predicate in enumerate(random_predicates(world, seed, PREDICATES)):
        try:
            found = filter(predicate, leads, facts, accounts, now=world.now, names=world.names, columns=columns, **kept)
        except NotCompilableError:
            continue
        got = sorted(row[0] for row in found.select("id").collect())
        expected = sorted(one for one, yes in world.answers(predicate).items() if yes)
        if got != expected:
            wrong.append(f"world {seed}, predicate {place}: {sorted(set(got) ^ set(expected))}: {predicate}")
    assert wrong == []
