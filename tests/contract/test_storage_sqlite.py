"""`SqlStorage` keeps the contract on an SQLite file. Each handle has a pool of its own, as in another process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.ports import Storage
from nurture.storage import SqlStorage
from nurture.testing import FindingContract, StorageContract
from nurture.testing.storage_groups import Clock


class _OnSqlite:
    @pytest.fixture(autouse=True)
    def _own_file(self, tmp_path: Path) -> Iterator[None]:
        self.path = tmp_path / "crm.db"
        self.made: list[SqlStorage] = []
        yield
        for one in self.made:
            one.close()

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.made.append(SqlStorage(f"sqlite:///{self.path}", tenant, clock=clock))
        return self.made[-1]


class TestSqlStorageOnSqlite(_OnSqlite, StorageContract):
    pass


class TestFindingOnSqlite(_OnSqlite, FindingContract):
    pass


class TestSqlStorageSharingAPool(TestSqlStorageOnSqlite):
    """Handles of several tenants on one pool."""

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        if not self.made:
            return super().make_storage(tenant, clock)
        return self.made[0].for_tenant(tenant)
