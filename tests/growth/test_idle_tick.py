"""An idle tick asks the same few indexed questions however many standings wait: none of them is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text

from nurture import Nurture, Program, Scenario, q
from nurture.simulation import VirtualClock
from nurture.steps import tag, wait
from nurture.storage import SqlStorage
from tests.growth.visits import Visits
from tests.postgres import fresh_url
from tests.stores import T0

SMALL, LARGE, STRESS = 1_000, 30_000, 1_000_000
PROGRAM = Program(scenarios=[Scenario("s", q.touches("form.submitted"), [wait(timedelta(days=30)), tag("late")])])
INDEX = "nurture_standing_by_due"
MOST_STEPS = 300
"""Of SQLite's virtual machine; or rows, on PostgreSQL. Counted: it was well below."""


class Idle:
    """A database in which so many standings wait for a day that is still to come."""

    def __init__(self, engine: Engine, waiting: int) -> None:
        clock = VirtualClock(T0)
        self.engine, self.statements = engine, list[str]()
        self.crm = Nurture(PROGRAM, SqlStorage(engine, clock=clock))
        lead = self.crm.capture(email="a@example.com").id
        self.crm.record(lead, "form.submitted")
        clock.move_to(T0 + timedelta(hours=1))
        self.crm.tick()
        _copy(engine, lead, waiting)
        clock.move_to(T0 + timedelta(days=9))
        self.visits = Visits(by_index=True)
        event.listen(engine, "connect", lambda connection, _: self._attach(connection))
        engine.dispose()

    def _attach(self, connection: object) -> None:
        self.visits.attach(connection)
        if hasattr(connection, "set_trace_callback"):
            connection.set_trace_callback(self.statements.append)

    def tick(self) -> tuple[list[str], float]:
        """The statements of an idle tick, and what the database visited for them."""
        self.crm.tick()  # a connection's first statements set it up
        self.statements.clear()
        before = self.visits.count
        done = self.crm.tick()
        assert (done.decided.subjects, done.delivered.accepted) == (0, 0)
        return [one for one in self.statements if one.startswith("SELECT")], self.visits.count - before


def _copy(engine: Engine, subject: str, times: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) "
                "INSERT INTO nurture_standing (tenant, id, version, due_at, dead, body, advanced_to, failures) "
                "SELECT t.tenant, t.id || '-' || n.i, t.version, t.due_at + n.i, t.dead, t.body, t.advanced_to, 0 "
                "FROM nurture_standing AS t CROSS JOIN n WHERE t.id = :subject"
            ),
            {"subject": subject},
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Engine]]:
    on_sqlite = request.param == "sqlite"
    made = [
        create_engine(f"sqlite:///{tmp_path / f'{size}.db'}" if on_sqlite else fresh_url()) for size in (SMALL, LARGE)
    ]
    yield made
    for one in made:
        one.dispose()


def test_an_idle_tick_costs_the_same_at_two_sizes(engines: list[Engine]) -> None:
    small, large = (Idle(one, size) for one, size in zip(engines, (SMALL, LARGE), strict=True))
    few, many = small.tick(), large.tick()
    assert len(few[0]) == len(many[0])
    assert many[1] <= max(few[1], 1) * 1.05
    assert many[1] < MOST_STEPS


def test_what_is_due_is_one_question_to_the_partial_index(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}")
    statements, _ = Idle(engine, SMALL).tick()
    asked = [one for one in statements if "nurture_standing.due_at <" in one]
    assert len(asked) == 1
    assert len(statements) <= 8, statements
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    assert [row[3] for row in plan] == [f"SEARCH nurture_standing USING INDEX {INDEX} (tenant=? AND due_at<?)"]
    engine.dispose()


def test_postgresql_asks_the_partial_index_too() -> None:
    engine = create_engine(fresh_url())
    Idle(engine, LARGE)
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE nurture_standing")
        due = "tenant = 'default' AND due_at < 1775000000000000 AND dead = 0 ORDER BY due_at, id LIMIT 100"
        rows = connection.exec_driver_sql(f"EXPLAIN SELECT id, due_at FROM nurture_standing WHERE {due}").scalars()
        assert f"using {INDEX}" in "\n".join(rows)
    engine.dispose()


@pytest.mark.stress
def test_an_idle_tick_over_a_million_standings(tmp_path: Path) -> None:
    small, large = (create_engine(f"sqlite:///{tmp_path / f'{size}.db'}") for size in (SMALL, STRESS))
    few, many = Idle(small, SMALL).tick(), Idle(large, STRESS).tick()
    assert len(few[0]) == len(many[0])
    assert many[1] <= few[1] * 1.05
