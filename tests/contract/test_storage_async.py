"""`SqlStorage` keeps the contract on asynchronous drivers, with many tasks of one event loop at work on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.ports import Storage
from nurture.storage import SqlStorage
from nurture.testing import StorageContract, TakingContract, WakingContract
from nurture.testing.storage_groups import Clock
from tests import postgres
from tests.contract.looped import Loop, LoopedStorage


class _OnALoop:
    url: str

    @pytest.fixture(autouse=True)
    def _own_loop(self) -> Iterator[None]:
        self.loop = Loop()
        self.made: list[LoopedStorage] = []
        yield
        for one in self.made:
            one.close()
        self.loop.close()

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.made.append(LoopedStorage(self.loop, SqlStorage(self.url, tenant, clock=clock)))
        return self.made[-1]


class TestSqlStorageOnAiosqlite(_OnALoop, StorageContract):
    @pytest.fixture(autouse=True)
    def _own_file(self, tmp_path: Path) -> None:
        self.url = f"sqlite+aiosqlite:///{tmp_path / 'crm.db'}"


class TestSqlStorageOnAsyncPsycopg(_OnALoop, StorageContract, TakingContract, WakingContract):
    @pytest.fixture(autouse=True)
    def _own_database(self) -> None:
        self.url = postgres.clean_url("psycopg_async")
