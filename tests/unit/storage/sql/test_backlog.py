"""Work follows what is due: how much SQLite does for a tick does not depend on how many wait.

Counted in steps of SQLite's virtual machine, which are the same on every machine.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event

from nurture.model import (
    Changes,
    Effect,
    EffectId,
    EffectKind,
    EffectState,
    EnrollmentId,
    FactId,
    InboxRow,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.ports import Unit, View
from nurture.predicates import Need, Reach
from nurture.storage import SqlStorage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FAR = 2_000_000_000_000_000
DUE = 20

WAITING = (
    "INSERT INTO nurture_standing SELECT 'default', 'lead_w' || n, 1, {far} + n, 0, '', {far}, 0 FROM n",
    "INSERT INTO nurture_effect"
    " SELECT 'default', 'eff_w' || n, 1, 'lead_w' || n, 'planned', 1, {far}, {far} + n, '' FROM n",
    "INSERT INTO nurture_inbox SELECT 'default', 'fact_w' || n, 'lead_w' || n, {far} + n FROM n",
    "INSERT INTO nurture_touchpoint"
    " SELECT 'default', 'fact_w' || n, 'lead_w' || n, 'page.viewed', {far}, {far}, 'lead', '' FROM n",
)
COUNTING = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {many}) SELECT n FROM n"


class UndoError(Exception):
    """Leaves the store as it was, for the tests that follow."""


class Counted:
    """A store whose SQLite counts its steps, with some subjects due and many that wait."""

    def __init__(self, path: Path, waiting: int) -> None:
        self.steps = 0
        engine = create_engine(f"sqlite:///{path}")
        self.connections: list[sqlite3.Connection] = []
        event.listen(engine, "connect", lambda raw, _: self.connections.append(raw))
        self.storage = SqlStorage(engine, clock=lambda: NOON)
        self.subjects = [SubjectId(f"lead_{number:02}") for number in range(DUE)]
        with self.storage.begin() as unit:
            assert not unit.put({one: Changes(records=_records(one)) for one in self.subjects})
        with engine.connect() as connection:
            for statement in WAITING:
                counting = COUNTING.format(many=waiting)
                table, select = statement.format(far=FAR).split(" SELECT ", 1)
                connection.exec_driver_sql(f"{table} SELECT {select.replace('FROM n', f'FROM ({counting})')}")
            connection.commit()

    def _step(self) -> None:
        self.steps += 1

    @contextmanager
    def counting(self) -> Iterator[None]:
        self.steps = 0
        for raw in self.connections:
            raw.set_progress_handler(self._step, 1)
        yield
        for raw in self.connections:
            raw.set_progress_handler(None, 1)

    def count(self, act: Callable[[View], object]) -> int:
        with self.storage.view() as view, self.counting():
            assert act(view)
        return self.steps

    def count_unit(self, act: Callable[[Unit], object]) -> int:
        with suppress(UndoError), self.storage.begin() as unit:
            with self.counting():
                act(unit)
            raise UndoError
        return self.steps


def _records(subject: SubjectId) -> tuple[Standing | Touchpoint | InboxRow | Effect, ...]:
    fact = FactId(f"fact_{subject}")
    return (
        Standing(subject=subject, program="p", due_at=NOON),
        Touchpoint(id=fact, subject=subject, kind="page.viewed", at=NOON, received_at=NOON),
        InboxRow(fact=fact, subject=subject, due_at=NOON),
        Effect(
            id=EffectId(f"eff_{subject}"), subject=subject, enrollment=EnrollmentId("e"), scenario="s", step="0",
            kind=EffectKind.ACTION, name="n", planned_at=NOON, due_at=NOON,
        ),
        Effect(
            id=EffectId(f"eff_c_{subject}"), subject=subject, enrollment=EnrollmentId("e"), scenario="s", step="0",
            kind=EffectKind.ACTION, name="n", planned_at=NOON, due_at=NOON, state=EffectState.CLAIMED,
        ),
        Standing(subject=SubjectId(f"lead_failing_{subject}"), program="p", failures=1),
    )  # fmt: skip


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Counted, Counted]:
    """One with a thousand that wait, one with a hundred thousand."""
    folder = tmp_path_factory.mktemp("backlog")
    return Counted(folder / "few.db", 1_000), Counted(folder / "many.db", 100_000)


NOW = NOON + timedelta(days=1)
REACH = Reach(
    kinds={"page.viewed": Need(window=timedelta(days=14)), "form.submitted": Need(newest=1)},
    any_kind=Need(window=timedelta(days=2)),
)
READINGS: dict[str, Callable[[Counted, View], object]] = {
    "due": lambda _, view: view.due(NOW, 100),
    "claimable": lambda _, view: view.claimable(NOW, 100),
    "next_due_at": lambda _, view: view.next_due_at(),
    "get": lambda store, view: view.get(Standing, store.subjects),
    "existing": lambda store, view: view.existing(store.subjects) == frozenset(),
    "about": lambda store, view: view.about(dict.fromkeys(store.subjects, NOON), REACH),
    "history": lambda store, view: view.history(store.subjects[0]),
    "effects_of": lambda store, view: view.effects_of(store.subjects[0]),
    "backlog": lambda _, view: view.backlog(NOW, 100),
    "effects_in": lambda _, view: view.effects_in(EffectState.CLAIMED, "", 10),
    "troubled": lambda _, view: view.troubled("", 10),
    "page": lambda _, view: view.page(Standing, "", 10),
}


@pytest.mark.parametrize("reading", READINGS)
def test_reading_costs_the_same_whatever_waits(stores: tuple[Counted, Counted], reading: str) -> None:
    few, many = [store.count(lambda view, store=store: READINGS[reading](store, view)) for store in stores]
    assert few > 0
    assert abs(many - few) <= 0.1 * few


def test_deciding_costs_the_same_whatever_waits(stores: tuple[Counted, Counted]) -> None:
    def decide(unit: Unit, subjects: list[SubjectId]) -> None:
        groups = {
            one: Changes(
                records=(Standing(subject=one, version=2, program="p"),), folded=(f"fact_{one}",), quiet_until=NOW
            )
            for one in subjects
        }
        assert not unit.put(groups)

    few, many = [store.count_unit(lambda unit, store=store: decide(unit, store.subjects)) for store in stores]
    assert few > 0
    assert abs(many - few) <= 0.1 * few


def test_the_count_sees_a_scan(stores: tuple[Counted, Counted]) -> None:
    due, scan = [stores[0].count(lambda view, now=now: view.due(now, 10**9)) for now in (NOW, NOW.replace(year=9999))]
    assert scan > 10 * due
