"""Work follows what is due, on PostgreSQL too: how much a tick touches does not depend on how many wait.

Rows and pages are counted by PostgreSQL itself (`EXPLAIN (ANALYZE, BUFFERS)`), for tables of which its planner
knows nothing yet, as after an import, and for tables that it has analyzed.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from nurture.model import Changes, EffectState, Standing, SubjectId
from nurture.ports import Unit, View
from nurture.predicates import Need, Reach
from nurture.storage import SqlStorage
from nurture.storage.sql.session import Session
from nurture.testing.storage_groups import DAY, NOON, decision, effect, fact, lead, row, standing
from tests import postgres

FEW, MANY = 2_000, 100_000
SUBJECTS = [SubjectId(f"lead_{number:02}") for number in range(20)]
NOW = NOON + DAY
FAR = 2_000_000_000_000_000
WAITING = (
    "nurture_lead (tenant, id, version, body) SELECT 'default', 'lead_w' || n, 1, ''",
    "nurture_standing (tenant, id, version, due_at, dead, body, advanced_to)"
    " SELECT 'default', 'lead_w' || n, 1, {far} + n, 0, '', {far}",
    "nurture_effect (tenant, id, version, subject, state, open, planned_at, due_at, body)"
    " SELECT 'default', 'eff_w' || n, 1, 'lead_w' || n, 'planned', 1, {far}, {far} + n, ''",
    "nurture_inbox (tenant, id, subject, due_at) SELECT 'default', 'fact_w' || n, 'lead_w' || n, {far} + n",
    "nurture_touchpoint (tenant, id, subject, kind, at, received_at, origin, body)"
    " SELECT 'default', 'fact_w' || n, 'lead_w' || n, 'page.viewed', {far}, {far}, 'lead', ''",
)


class UndoError(Exception):
    """Leaves the store as it was."""


class Counted:
    """A store with some subjects due and many that wait, which counts the rows and pages that it touches."""

    def __init__(self, waiting: int) -> None:
        url = postgres.fresh_url()
        self.storage = SqlStorage(url, clock=lambda: NOON)
        self.rows = self.pages = 0
        with self.storage.begin() as unit:
            assert not unit.put({one: Changes(records=records_of(one)) for one in SUBJECTS})
        database = url.rpartition("/")[2]
        for statement in WAITING:
            filled = statement.format(far=FAR)
            postgres.server().sql(f"INSERT INTO {filled} FROM generate_series(1, {waiting}) AS n", database)
        self.database = database

    def analyze(self) -> None:
        postgres.server().sql("VACUUM ANALYZE", self.database)

    @contextmanager
    def counting(self) -> Iterator[None]:
        self.rows = self.pages = 0
        plain = Session._execute

        def explained(session: Session, text: str, parameters: Any) -> None:
            # Looked at within a savepoint, so that what writes is done once.
            session._cursor.execute("SAVEPOINT look")
            session._cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}", parameters)
            self._add(session._cursor.fetchall()[0][0])
            session._cursor.execute("ROLLBACK TO look")
            plain(session, text, parameters)

        Session._execute = explained  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            Session._execute = plain  # type: ignore[method-assign]

    def _add(self, found: Any) -> None:
        plans = json.loads(found) if isinstance(found, str) else found
        rest = [one["Plan"] for one in plans]
        self.pages += sum(one["Shared Hit Blocks"] + one["Shared Read Blocks"] for one in rest)
        while rest:
            node = rest.pop()
            removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Join Filter", 0)
            self.rows += (node["Actual Rows"] + removed) * node["Actual Loops"]
            rest += node.get("Plans", [])

    def count(self, act: Callable[[View], object]) -> tuple[float, int]:
        with self.storage.view() as view, self.counting():
            assert act(view) is not None
        return self.rows, self.pages

    def count_unit(self, act: Callable[[Unit], object]) -> tuple[float, int]:
        with suppress(UndoError), self.storage.begin() as unit:
            with self.counting():
                act(unit)
            raise UndoError
        return self.rows, self.pages


def records_of(subject: SubjectId) -> tuple[Any, ...]:
    name = f"fact_{subject}"
    claimed = effect(f"eff_c_{subject}", subject, state=EffectState.CLAIMED)
    return (
        lead(subject), standing(subject, due_at=NOON), fact(name, subject), row(name, subject),
        effect(f"eff_{subject}", subject), claimed, standing(SubjectId(f"failing_{subject}"), failures=1),
    )  # fmt: skip


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Counted, Counted]]:
    few, many = [Counted(waiting) for waiting in (FEW, MANY)]
    yield few, many
    few.storage.close()
    many.storage.close()


@pytest.fixture(scope="module", params=[False, True], ids=["never analyzed", "analyzed"])
def stores(request: pytest.FixtureRequest, filled: tuple[Counted, Counted]) -> tuple[Counted, Counted]:
    if request.param:
        for one in filled:
            one.analyze()
    return filled


REACH = Reach(
    kinds={"page.viewed": Need(window=14 * DAY), "form.submitted": Need(newest=1)}, any_kind=Need(window=2 * DAY)
)
READINGS: dict[str, Callable[[View], object]] = {
    "due": lambda view: view.due(NOW, 1000),
    "claimable": lambda view: view.claimable(NOW, 1000),
    "next_due_at": lambda view: view.next_due_at(),
    "get": lambda view: view.get(Standing, SUBJECTS),
    "existing": lambda view: view.existing(SUBJECTS),
    "about": lambda view: view.about(dict.fromkeys(SUBJECTS, NOON), REACH),
    "history": lambda view: view.history(SUBJECTS[0]),
    "effects_of": lambda view: view.effects_of(SUBJECTS[0]),
    "backlog": lambda view: view.backlog(NOW, 1000),
    "effects_in": lambda view: view.effects_in(EffectState.CLAIMED, "", 10),
    "troubled": lambda view: view.troubled("", 10),
    "page": lambda view: view.page(Standing, "", 10),
}


def decide(unit: Unit) -> None:
    groups = {
        one: Changes(
            records=(standing(one, 2, due_at=NOW), effect(f"new_{one}", one), decision(f"d_{one}")),
            folded=(f"fact_{one}",),
            quiet_until=NOW,
        )
        for one in SUBJECTS
    }
    assert not unit.put(groups)


def record(unit: Unit) -> None:
    groups = {one: Changes(records=(fact(f"2{one}", one), row(f"2{one}", one, due_at=NOW))) for one in SUBJECTS}
    assert not unit.put(groups)


def take(unit: Unit) -> None:
    assert len(unit.take_due(NOW, 10)) == 10  # type: ignore[attr-defined]
    assert len(unit.take_claimable(NOW, 10)) == 10  # type: ignore[attr-defined]


WRITINGS: dict[str, Callable[[Unit], object]] = {"decide": decide, "record": record, "take": take}


def is_flat(few: tuple[float, int], many: tuple[float, int]) -> bool:
    """A hundred thousand instead of two thousand: the trees of the indexes may be two levels higher, no more.

    The same rows may lie on a few pages or on one each, as chance has laid them; that is no growth.
    """
    assert few[1] > 0
    return many[0] <= 1.2 * few[0] + 20 and many[1] <= max(2.2 * few[1] + 20, few[0])


@pytest.mark.parametrize("reading", READINGS)
def test_reading_touches_the_same_whatever_waits(stores: tuple[Counted, Counted], reading: str) -> None:
    few, many = [store.count(READINGS[reading]) for store in stores]
    assert is_flat(few, many), (few, many)


@pytest.mark.parametrize("writing", WRITINGS)
def test_writing_touches_the_same_whatever_waits(stores: tuple[Counted, Counted], writing: str) -> None:
    few, many = [store.count_unit(WRITINGS[writing]) for store in stores]
    assert is_flat(few, many), (few, many)


def test_the_count_sees_a_scan(stores: tuple[Counted, Counted]) -> None:
    few, many = [store.count(lambda view: view.due(NOW.replace(year=9999), 10**6)) for store in stores]
    assert not is_flat(few, many)
