"""What a worker does costs the same however many leads wait: counted in rows visited, never in time.

The same twenty leads are due in a small and in a large database; the others wait. The waiting ones are copies, made by
the database itself, of one lead that the library captured and decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy import inspect as look

from nurture import Basis, Message, Nurture, Program, Scenario, q
from nurture.model import EffectState
from nurture.simulation import NullSender, VirtualClock
from nurture.steps import send, wait
from nurture.storage import SqlStorage
from tests.growth.visits import Visits
from tests.postgres import fresh_url
from tests.stores import SITE, T0

SMALL, LARGE = 200, 4_000
DUE = 20
# A larger tree may be a level deeper, which SQLite counts; what must not show is a part of what was added.
SLACK = 1.05

PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[
        Scenario("welcome", q.touches("form.submitted"), [wait(days=3), send("hello"), wait(days=3), send("hello")])
    ],
)
T1 = T0 + timedelta(days=3, hours=1)  # the due ones' first wait is over


class Bench:
    """A database with so many leads waiting, and a counter on every connection to it."""

    def __init__(self, engine: Engine, waiting: int, *, analyzed: bool) -> None:
        self.visits = Visits(by_index=waiting == SMALL)
        self.clock = VirtualClock(T0)
        self.storage = SqlStorage(engine, clock=self.clock)
        self.crm = Nurture(PROGRAM, self.storage, senders={"email": NullSender()}, site=SITE)
        self.leads = [self._lead(f"due{number}@example.com") for number in range(DUE)]
        self.crm.tick()
        self.clock.move_to(T0 + timedelta(days=2))
        waits = self._lead("waits@example.com")
        self.crm.tick()
        _multiply(engine, waits, waiting)
        if analyzed:
            with engine.begin() as connection:
                connection.execute(text("ANALYZE"))
        self.clock.move_to(T1)
        event.listen(engine, "connect", lambda connection, _: self.visits.attach(connection))
        engine.dispose()  # every connection from now on is counted

    def _lead(self, email: str) -> str:
        lead = self.crm.capture(email=email, consent=Basis.CONSENT).id
        self.crm.record(lead, "form.submitted", key="one")
        return lead

    def count(self, work: Callable[[Bench], object]) -> float:
        """What the database visits for this piece of work."""
        before = self.visits.count
        work(self)
        return self.visits.count - before


def _multiply(engine: Engine, subject: str, times: int) -> None:
    """Copy the subject's rows so often, under other ids; they wait, so nobody decodes them."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
    changed = {
        "id": "t.id || '-' || n.i",
        "subject": "t.subject || '-' || n.i",
        "due_at": "t.due_at + n.i",
        "body": "replace(t.body, 'waits@', 'waits' || n.i || '@')",
    }
    with engine.begin() as connection:
        for table in look(engine).get_table_names():
            columns = [column["name"] for column in look(engine).get_columns(table)]
            owner = "subject" if "subject" in columns else "id"
            if owner not in columns or "tenant" not in columns:
                continue
            cells = ", ".join(changed.get(name, f"t.{name}") for name in columns)
            connection.execute(
                text(
                    f"{numbers} INSERT INTO {table} ({', '.join(columns)}) "
                    f"SELECT {cells} FROM {table} AS t CROSS JOIN n WHERE t.{owner} = :subject"
                ),
                {"subject": subject},
            )


def _due(bench: Bench) -> None:
    assert bench.crm.tick().delivered.accepted == DUE


def _idle(bench: Bench) -> None:
    assert bench.crm.tick().delivered.accepted == 0


def _watch(bench: Bench) -> None:
    with bench.storage.view() as view:
        assert view.next_due_at() is not None
        view.backlog(bench.clock(), 100)
        view.effects_in(EffectState.UNKNOWN, "", 100)
        view.troubled("", 100)


# In this order, on the same two databases: what one does, the next finds.
WORK: dict[str, Callable[[Bench], object]] = {
    "a tick over what is due": _due,
    "a tick with nothing due": _idle,
    "recording a fact": lambda bench: bench.crm.record(bench.leads[0], "page.viewed", key="two"),
    "capturing a lead": lambda bench: bench.crm.capture(email="new@example.com"),
    "deciding what was recorded": _idle,
    "what operators watch": _watch,
}


# PostgreSQL has no statistics until autovacuum comes by, and guesses: no plan may hang on them.
@pytest.fixture(params=["sqlite", "postgresql", "postgresql, never analyzed"])
def sizes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Bench, Bench]]:
    """A database with few leads waiting, and one with many."""

    def engine(waiting: int) -> Engine:
        return create_engine(f"sqlite:///{tmp_path / f'{waiting}.db'}" if request.param == "sqlite" else fresh_url())

    engines = [engine(waiting) for waiting in (SMALL, LARGE)]
    analyzed = request.param == "postgresql"
    yield Bench(engines[0], SMALL, analyzed=analyzed), Bench(engines[1], LARGE, analyzed=analyzed)
    for one in engines:
        one.dispose()


def test_work_visits_as_much_with_many_waiting_as_with_few(sizes: tuple[Bench, Bench]) -> None:
    small, large = sizes
    visited = {name: (small.count(work), large.count(work)) for name, work in WORK.items()}
    assert all(few > 0 for few, _ in visited.values()), visited
    grown = {name: counts for name, counts in visited.items() if counts[1] > counts[0] * SLACK}
    assert grown == {}
