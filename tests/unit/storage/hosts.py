"""Hosts whose transactions are joined: SQLAlchemy's connection and session, and Django; on SQLite and PostgreSQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.db import connections, transaction
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from nurture.storage.sql.hosts import HostTransaction

HOSTS = ("connection", "session", "django")


class RollBackError(Exception):
    """The host changes its mind."""


class Host(ABC):
    """Somebody's program, with a table of its own.

    Args:
        url: Where its database is, and ours.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def transaction(self) -> Iterator[HostTransaction]:
        """A transaction of the host's; `RollBackError` rolls it back and goes no further."""
        try:
            with self._begun() as given:
                yield given
        except RollBackError:
            pass

    @abstractmethod
    @contextmanager
    def _begun(self) -> Iterator[HostTransaction]: ...

    @abstractmethod
    @contextmanager
    def savepoint(self, given: HostTransaction) -> Iterator[None]:
        """A savepoint within it."""
        ...

    @abstractmethod
    def run(self, given: HostTransaction, statement: str) -> list[tuple[object, ...]]:
        """Carry out a statement of the host's own; the rows."""
        ...

    @abstractmethod
    def close(self) -> None: ...

    def orders(self) -> int:
        """How many rows the host's own table has."""
        with self.transaction() as given:
            return int(str(self.run(given, "SELECT count(*) FROM orders")[0][0]))


class AlchemyHost(Host):
    """On an engine, as SQLAlchemy makes it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.engine: Engine = create_engine(url)
        with self.engine.begin() as connection:
            connection.execute(text("CREATE TABLE orders (n integer)"))

    @contextmanager
    def _begun(self) -> Iterator[HostTransaction]:
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def savepoint(self, given: HostTransaction) -> Iterator[None]:
        assert isinstance(given, (Connection, Session))
        try:
            with given.begin_nested():
                yield
        except RollBackError:
            pass

    def run(self, given: HostTransaction, statement: str) -> list[tuple[object, ...]]:
        assert isinstance(given, (Connection, Session))
        result = given.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []  # type: ignore[attr-defined]

    def close(self) -> None:
        self.engine.dispose()


class CarefulHost(AlchemyHost):
    """On an engine with the listeners that the documentation recommends."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.engine.dispose()
        begins_immediately(self.engine)


class SessionHost(AlchemyHost):
    """With a session of the ORM."""

    @contextmanager
    def _begun(self) -> Iterator[HostTransaction]:
        with Session(self.engine) as session, session.begin():
            yield session


class DjangoHost(Host):
    """Django, set up on the spot."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        if not settings.configured:
            settings.configure(DATABASES={}, USE_TZ=True)
            django.setup()
        parts = make_url(url)
        options: dict[str, object] = {
            "ENGINE": f"django.db.backends.{parts.get_backend_name()}".replace("sqlite", "sqlite3")
        }
        options |= {"NAME": parts.database, "USER": parts.username or "", "PASSWORD": parts.password or ""}
        options |= {
            "HOST": parts.host or parts.query.get("host", ""),
            "PORT": parts.port or parts.query.get("port", ""),
        }
        options |= {"OPTIONS": {"transaction_mode": "IMMEDIATE"} if parts.get_backend_name() == "sqlite" else {}}
        connections.settings["default"] = connections.configure_settings({"default": options})["default"]
        with connections["default"].cursor() as cursor:
            cursor.execute("CREATE TABLE orders (n integer)")

    @contextmanager
    def _begun(self) -> Iterator[HostTransaction]:
        with transaction.atomic():
            yield connections["default"]

    @contextmanager
    def savepoint(self, given: HostTransaction) -> Iterator[None]:
        try:
            with transaction.atomic():
                yield
        except RollBackError:
            pass

    def run(self, given: HostTransaction, statement: str) -> list[tuple[object, ...]]:
        with connections["default"].cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def close(self) -> None:
        connections["default"].close()
        del connections["default"]


def make_host(kind: str, url: str) -> Host:
    """A host of this kind, on this database."""
    kinds = {"connection": AlchemyHost, "session": SessionHost, "django": DjangoHost, "careful": CarefulHost}
    return kinds[kind](url)


def begins_immediately(engine: Engine, statement: str = "BEGIN IMMEDIATE") -> None:
    """The recipe of the documentation: the driver begins nothing, and each transaction takes the write lock."""

    @event.listens_for(engine, "connect")
    def connected(raw: object, _: object) -> None:
        raw.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)


def sqlite_url(folder: Path) -> str:
    """A file."""
    return f"sqlite:///{folder / 'crm.db'}"
