"""More threads or tasks than a pool has connections, each of which wants several: they take turns."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import greenlet_spawn

from nurture.errors import StorageError
from nurture.model import Alias, Changes, SubjectId
from nurture.storage import SqlStorage
from nurture.storage.sql import gate
from tests.postgres import clean_url

ANN = SubjectId("lead_ann")
MANY = 24


def look(storage: SqlStorage, together: threading.Barrier | None = None) -> bool:
    """What a worker does: while it reads, it asks for the time, on a connection of its own."""
    with storage.view() as view:
        if together is not None:
            together.wait(60)
        storage.now()
        return view.existing([ANN]) == frozenset()


def url_of(kind: str, folder: Path) -> str:
    return f"{kind}:///{folder / 'crm.db'}" if kind.startswith("sqlite") else clean_url(kind.partition("+")[2])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql+psycopg"])
def test_more_threads_than_connections(kind: str, tmp_path: Path) -> None:
    engine = create_engine(url_of(kind, tmp_path), pool_size=2, max_overflow=1, pool_timeout=5)
    storage = SqlStorage(engine)
    with ThreadPoolExecutor(MANY) as pool:
        assert all(pool.map(look, [storage] * MANY))
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite+aiosqlite", "postgresql+psycopg_async"])
def test_more_tasks_than_connections(kind: str, tmp_path: Path) -> None:
    """All begin before the first one is done: without taking turns all would wait for a second connection."""

    async def scene() -> list[bool]:
        engine = create_async_engine(url_of(kind, tmp_path), pool_size=3, max_overflow=0, pool_timeout=5)
        storage = SqlStorage(engine)
        found = await asyncio.gather(*[greenlet_spawn(look, storage) for _ in range(MANY)])
        await engine.dispose()
        return list(found)

    assert all(asyncio.run(scene()))


def test_as_many_at_once_as_the_pool_can_serve(tmp_path: Path) -> None:
    """Seven of the usual fifteen connections: each may want three, and one is left over for somebody to go on."""
    storage = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}")
    storage.upgrade()
    with ThreadPoolExecutor(7) as pool:
        assert all(pool.map(look, [storage] * 7, [threading.Barrier(7)] * 7))
    storage.close()


def test_a_pool_without_limit_needs_no_turns(tmp_path: Path) -> None:
    for given in ({"poolclass": NullPool}, {"max_overflow": -1}, {"pool_size": 0}):
        engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}", **given)  # type: ignore[call-overload]
        storage = SqlStorage(engine)
        storage.upgrade()
        with ThreadPoolExecutor(20) as pool:
            assert all(pool.map(look, [storage] * 20, [threading.Barrier(20)] * 20))
        engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "sqlite+aiosqlite"])
def test_waiting_for_too_long_is_said(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PATIENCE", 0.01)
    url = url_of(kind, tmp_path)

    def act(storage: SqlStorage) -> None:
        with pytest.raises(StorageError, match=r"give the engine a larger pool \(pool_size, max_overflow\)"):
            storage.now()

    if kind == "sqlite":
        engine = create_engine(url, pool_size=1, max_overflow=1)
        storage = SqlStorage(engine)
        with storage.view(), ThreadPoolExecutor(1) as pool:
            pool.submit(act, storage).result(60)
        assert storage.now()
        engine.dispose()
        return

    async def scene() -> None:
        engine = create_async_engine(url, pool_size=1, max_overflow=1)
        storage = SqlStorage(engine)
        inside, done = asyncio.Event(), asyncio.Event()

        def hold() -> None:
            from sqlalchemy.util import await_only

            with storage.view():
                inside.set()
                await_only(done.wait())

        holding = asyncio.create_task(greenlet_spawn(hold))
        await inside.wait()
        await greenlet_spawn(act, storage)
        done.set()
        await holding
        assert await greenlet_spawn(storage.now)
        await engine.dispose()

    asyncio.run(scene())


@pytest.mark.parametrize("size", [1, 2])
def test_a_pool_that_is_less_than_one_call_needs_is_said_at_once(size: int, tmp_path: Path) -> None:
    """It would wait for itself. What needs no more than there is goes on to work."""
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}", pool_size=size, max_overflow=0, pool_timeout=600)
    storage = SqlStorage(engine)
    words = rf"one call needs up to 3 connections at once, and the engine's pool has only {size}: give the engine"
    for _ in range(2):
        with storage.begin() as unit:
            if size == 1:
                with pytest.raises(StorageError, match=words):
                    storage.now()
            else:
                with storage.view() as view:
                    assert view.existing([ANN]) == frozenset()
                    with pytest.raises(StorageError, match=words):
                        storage.now()
                assert storage.now()
            assert unit.existing([ANN]) == frozenset()
    assert storage.now()
    engine.dispose()


def test_a_pool_that_the_host_has_emptied_is_said(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}", pool_size=1, max_overflow=0, pool_timeout=0.01)
    storage = SqlStorage(engine)
    with engine.connect(), pytest.raises(StorageError, match="every connection of the pool has been in use"):
        storage.now()
    assert storage.now()
    engine.dispose()


def test_an_error_inside_lets_the_next_one_in(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}", pool_size=1, max_overflow=1)
    storage = SqlStorage(engine)
    for _ in range(3):
        with pytest.raises(ValueError), storage.begin():  # noqa: PT011 -- our own
            raise ValueError
    with storage.begin() as unit:
        assert not unit.put({ANN: Changes(records=(Alias(id="a", subject=ANN),))})
    engine.dispose()
