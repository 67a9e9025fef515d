"""The same store on asynchronous drivers: many tasks on one thread, none of which keeps the others from going on."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.util import greenlet_spawn

from nurture.errors import JoinError, StorageError
from nurture.model import Alias, Changes, FactId, InboxRow, Lead, LeadId, Standing, SubjectId, Touchpoint
from nurture.ports import Storage
from nurture.predicates import Need, Reach
from nurture.storage import SqlStorage
from nurture.storage.sql import sqlite
from nurture.storage.sql.greenlets import here, in_task
from tests.postgres import fresh_url

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = SubjectId("lead_ann")
T = TypeVar("T")


def save(storage: Storage, *names: str) -> None:
    with storage.begin() as unit:
        for name in names:
            subject = SubjectId(f"lead_{name}")
            assert not unit.put({subject: Changes(records=(Alias(id=name, subject=subject),))})


def names(storage: Storage) -> list[str]:
    with storage.view() as view:
        return [one.id for one in view.page(Alias, "", 99)]


@pytest.fixture(params=["sqlite+aiosqlite", "postgresql+psycopg_async"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite+aiosqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'crm.db'}"
    return fresh_url("psycopg_async")


def run(url: str, scene: Callable[[SqlStorage], Awaitable[T]]) -> T:
    """Play a scene on a store in a new event loop."""

    async def play() -> T:
        storage = SqlStorage(url)
        try:
            return await scene(storage)
        finally:
            await greenlet_spawn(storage.close)

    return asyncio.run(play())


def test_everything_a_worker_does(url: str) -> None:
    """Tables, a unit of every statement that deciding needs, a view; from the URL alone."""
    fact = FactId("fact_1")

    def act(storage: SqlStorage) -> None:
        storage.upgrade()
        with storage.begin() as unit:
            now = unit.now()
            records = (
                Lead(id=LeadId(ANN), created_at=now, visitor="v"),
                Touchpoint(id=fact, subject=ANN, kind="page.viewed", at=now, received_at=now),
                InboxRow(fact=fact, subject=ANN, due_at=now),
            )
            assert not unit.put({ANN: Changes(records=records)})
        with storage.view() as view:
            later = storage.now()
            assert view.due(later, 10) == (ANN,)
            reach = Reach(kinds={"page.viewed": Need(newest=3)}, any_kind=Need())
            assert [one.fact.id for one in view.about({ANN: None}, reach)[ANN].inbox] == [fact]
        with storage.begin() as unit:
            moved = Standing(subject=ANN, program="p", advanced_to=now)
            left_out = unit.put({ANN: Changes(records=(moved,), folded=(fact,), quiet_until=unit.now())})
            assert not left_out
            assert unit.about({ANN: None}, reach)[ANN].facts[0].id == fact
            assert unit.existing([ANN]) == {ANN}
        with storage.begin() as unit:
            unit.erase(ANN)
        with storage.view() as view:
            assert view.existing([ANN]) == frozenset()
            assert view.backlog(later, 10).due == 0

    async def scene(storage: SqlStorage) -> None:
        await greenlet_spawn(act, storage)

    run(url, scene)


def test_an_error_undoes_the_unit(url: str) -> None:
    def fail(storage: SqlStorage) -> None:
        with storage.begin() as unit:
            unit.put({ANN: Changes(records=(Alias(id="a", subject=ANN),))})
            raise ValueError

    async def scene(storage: SqlStorage) -> list[str]:
        with pytest.raises(ValueError):  # noqa: PT011 -- our own, above
            await greenlet_spawn(fail, storage)
        await greenlet_spawn(save, storage, "b")
        return await greenlet_spawn(names, storage)

    assert run(url, scene) == ["b"]


def test_many_tasks_on_one_thread(url: str) -> None:
    async def scene(storage: SqlStorage) -> list[str]:
        # The very first use makes the tables; all tasks come at once.
        await asyncio.gather(*[greenlet_spawn(save, storage, f"a{number:02}") for number in range(12)])
        return await greenlet_spawn(names, storage)

    assert run(url, scene) == [f"a{number:02}" for number in range(12)]


def test_a_cancelled_task_gives_everything_back(url: str) -> None:
    async def scene(storage: SqlStorage) -> list[str]:
        await greenlet_spawn(storage.upgrade)
        entered, never = asyncio.Event(), asyncio.Event()

        def hold() -> None:
            from sqlalchemy.util import await_only

            with storage.begin() as unit:
                unit.put({ANN: Changes(records=(Alias(id="a", subject=ANN),))})
                entered.set()
                await_only(never.wait())

        task = asyncio.create_task(greenlet_spawn(hold))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await greenlet_spawn(save, storage, "b")
        return await greenlet_spawn(names, storage)

    assert run(url, scene) == ["b"]


def test_a_unit_within_a_unit_is_refused_and_one_beside_it_is_not(url: str) -> None:
    async def scene(storage: SqlStorage) -> list[str]:
        await greenlet_spawn(storage.upgrade)

        def nested() -> None:
            with storage.begin() as unit:
                unit.put({ANN: Changes(records=(Alias(id="outer", subject=ANN),))})
                with pytest.raises(StorageError, match="another one would wait for itself"):
                    save(storage, "inner")

        await asyncio.gather(greenlet_spawn(nested), greenlet_spawn(save, storage, "beside"))
        return await greenlet_spawn(names, storage)

    assert run(url, scene) == ["beside", "outer"]


def test_waiting_for_the_lock_lets_other_tasks_run(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"

    async def scene(storage: SqlStorage) -> int:
        await greenlet_spawn(storage.upgrade)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        saving = asyncio.create_task(greenlet_spawn(save, storage, "a"))
        turns = 0
        while turns < 20:  # a task that blocked the loop would never let us get here
            await asyncio.sleep(0.001)
            assert not saving.done()
            turns += 1
        other.execute("COMMIT")
        other.close()
        await saving
        return turns

    assert run(f"sqlite+aiosqlite:///{path}", scene) == 20


def test_a_locked_database_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.01)
    path = tmp_path / "crm.db"

    async def scene(storage: SqlStorage) -> list[str]:
        await greenlet_spawn(storage.upgrade)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked by someone else"):
            await greenlet_spawn(save, storage, "a")
        other.close()
        await greenlet_spawn(save, storage, "b")
        return await greenlet_spawn(names, storage)

    assert run(f"sqlite+aiosqlite:///{path}", scene) == ["b"]


def test_an_engine_of_the_hosts_is_used_and_left_open(url: str) -> None:
    async def play() -> list[str]:
        engine = create_async_engine(url)
        storage = SqlStorage(engine)
        await greenlet_spawn(save, storage, "a")
        await greenlet_spawn(storage.close)
        async with engine.connect() as connection:
            found = await connection.exec_driver_sql("SELECT id FROM nurture_alias")
            result = [str(row[0]) for row in found]
        await engine.dispose()
        return result

    assert asyncio.run(play()) == ["a"]


def test_the_hosts_asynchronous_transaction_is_joined(url: str) -> None:
    async def play() -> tuple[list[str], list[str]]:
        engine = create_async_engine(url)
        storage = SqlStorage(engine)
        told: list[str] = []
        await greenlet_spawn(storage.upgrade)
        async with engine.begin() as connection:
            joined = storage.joined(connection)
            await greenlet_spawn(save, joined, "a")
            joined.after_commit(lambda: told.append("a"))
        async with AsyncSession(engine) as session:
            await session.begin()
            joined = await greenlet_spawn(storage.joined, session)
            await greenlet_spawn(save, joined, "b")
            await greenlet_spawn(joined.after_commit, lambda: told.append("b"))
            await session.commit()
        async with engine.connect() as connection:
            await connection.begin()
            joined = storage.joined(connection)
            await greenlet_spawn(save, joined, "c")
            joined.after_commit(lambda: told.append("c"))
            await connection.rollback()
        found = await greenlet_spawn(names, storage)
        await engine.dispose()
        return found, told

    assert asyncio.run(play()) == (["a", "b"], ["a", "b"])


def test_a_connection_that_is_not_connected_is_refused(url: str) -> None:
    storage = SqlStorage(url)
    engine = create_async_engine(url)
    with pytest.raises(JoinError, match="is not connected"):
        storage.joined(engine.connect())


def test_used_without_an_event_loop_it_says_how(url: str) -> None:
    storage = SqlStorage(url)
    with pytest.raises(StorageError, match="AsyncNurture"):
        storage.now()
    with pytest.raises(StorageError, match="AsyncNurture"):
        save(storage, "a")
    storage.close()


def test_places_are_told_apart() -> None:
    async def look() -> tuple[bool, object]:
        return await greenlet_spawn(lambda: (in_task(), here()))

    async def scene() -> Iterator[tuple[bool, object]]:
        return iter(await asyncio.gather(look(), look()))

    (inside, one), (also, other) = asyncio.run(scene())
    assert inside
    assert also
    assert one is not other
    assert not in_task()
    assert here() == here() != one
