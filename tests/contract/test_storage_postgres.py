"""`SqlStorage` keeps the contract on PostgreSQL. Each handle has a pool of its own, as in another process."""

from collections.abc import Iterator

import pytest

from nurture.ports import Storage
from nurture.storage import SqlStorage
from nurture.testing import FindingContract, StorageContract, TakingContract, WakingContract
from nurture.testing.storage_groups import Clock
from tests import postgres
from tests.postgres import partitioned_url


class TestSqlStorageOnPostgres(StorageContract, TakingContract, WakingContract, FindingContract):
    @pytest.fixture(autouse=True)
    def _own_database(self) -> Iterator[None]:
        self.url = postgres.clean_url()
        self.made: list[SqlStorage] = []
        yield
        for one in self.made:
            one.close()

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.made.append(SqlStorage(self.url, tenant, clock=clock))
        return self.made[-1]


class TestSqlStorageOnPartitionedPostgres(StorageContract):
    """Touchpoints in four parts, as a host may make them; the parts are shared by the tests of this class."""

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _parts(cls) -> None:
        cls.url = partitioned_url()

    @pytest.fixture(autouse=True)
    def _empty(self) -> Iterator[None]:
        self.made: list[SqlStorage] = []
        postgres.empty(self.url)
        yield
        for one in self.made:
            one.close()

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.made.append(SqlStorage(self.url, tenant, clock=clock))
        return self.made[-1]
