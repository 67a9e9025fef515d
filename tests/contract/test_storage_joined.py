"""A joined store keeps the contract, if its host isolates views and units as the store itself would."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event

from nurture.ports import Capability, Storage, Unit, View
from nurture.storage import SqlStorage
from nurture.storage.sql.joining import JoinedStorage
from nurture.testing import StorageContract
from nurture.testing.storage_groups import Clock
from tests import postgres


class HostStorage:
    """Does each thing in a transaction of the host's own, which commits at the end."""

    def __init__(self, storage: SqlStorage, engine: Engine) -> None:
        storage.upgrade()
        self._storage = storage
        self._engine = engine

    @property
    def tenant(self) -> str:
        return self._storage.tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset()

    def now(self) -> datetime:
        with self._joined("units") as joined:
            return joined.now()

    @contextmanager
    def view(self) -> Iterator[View]:
        with self._joined("views") as joined, joined.view() as view:
            yield view

    @contextmanager
    def begin(self) -> Iterator[Unit]:
        with self._joined("units") as joined, joined.begin() as unit:
            yield unit

    def close(self) -> None:
        self._storage.close()
        self._engine.dispose()

    @contextmanager
    def _joined(self, purpose: str) -> Iterator[JoinedStorage]:
        with self._engine.connect() as connection:
            self._isolate(connection, purpose)
            with connection.begin():
                self._snapshot(connection)
                yield self._storage.joined(connection)

    def _isolate(self, connection: Connection, purpose: str) -> None:
        connection.execution_options(nurture_purpose=purpose)

    def _snapshot(self, connection: Connection) -> None:
        connection.exec_driver_sql("SELECT count(*) FROM nurture_meta")


class PostgresHostStorage(HostStorage):
    def _isolate(self, connection: Connection, purpose: str) -> None:
        connection.execution_options(isolation_level={"views": "REPEATABLE READ", "units": "READ COMMITTED"}[purpose])


def sqlite_engine(url: str) -> Engine:
    """The driver begins nothing; views begin as usual, units with the write lock."""
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def connected(raw: object, _: object) -> None:
        raw.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        units = connection.get_execution_options()["nurture_purpose"] == "units"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if units else "BEGIN")

    return engine


class TestJoinedOnSqlite(StorageContract):
    @pytest.fixture(autouse=True)
    def _own_file(self, tmp_path: Path) -> Iterator[None]:
        self.url = f"sqlite:///{tmp_path / 'crm.db'}"
        self.made: list[HostStorage] = []
        yield
        for one in self.made:
            one.close()

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.made.append(HostStorage(SqlStorage(self.url, tenant, clock=clock), sqlite_engine(self.url)))
        return self.made[-1]


class TestJoinedOnPostgres(StorageContract):
    @pytest.fixture(autouse=True)
    def _own_database(self) -> Iterator[None]:
        self.url = postgres.clean_url()
        self.made: list[HostStorage] = []
        yield
        for one in self.made:
            one.close()

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.made.append(PostgresHostStorage(SqlStorage(self.url, tenant, clock=clock), create_engine(self.url)))
        return self.made[-1]
