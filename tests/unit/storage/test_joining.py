"""`storage.joined`: recording inside the host's own transaction. Its commit and its rollback take our records along."""

import logging
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from nurture.errors import JoinError, SchemaError, StorageError
from nurture.model import Alias, Changes, SubjectId
from nurture.ports import Storage
from nurture.storage import SqlStorage
from tests.postgres import empty_url, fresh_url
from tests.unit.storage.hosts import (
    HOSTS,
    AlchemyHost,
    CarefulHost,
    DjangoHost,
    Host,
    RollBackError,
    begins_immediately,
    make_host,
    sqlite_url,
)

ANN = SubjectId("lead_ann")


def save(storage: Storage, *names: str) -> datetime:
    with storage.begin() as unit:
        assert not unit.put({ANN: Changes(records=tuple([Alias(id=name, subject=ANN) for name in names]))})
        return unit.now()


def names(storage: Storage) -> list[str]:
    with storage.view() as view:
        return [one.id for one in view.page(Alias, "", 99)]


def save_and_fail(storage: Storage, name: str) -> None:
    with storage.begin() as unit:
        unit.put({ANN: Changes(records=(Alias(id=name, subject=ANN),))})
        raise RollBackError


class World:
    """A host and a store on one database."""

    def __init__(self, host: Host, storage: SqlStorage) -> None:
        self.host = host
        self.storage = storage


WORLDS = [(base, host) for base in ("sqlite", "postgres") for host in HOSTS]


@pytest.fixture(params=[*WORLDS, ("sqlite", "careful")], ids="-".join)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    base, kind = request.param
    url = sqlite_url(tmp_path) if base == "sqlite" else fresh_url()
    host = make_host(kind, url)
    # With the listeners on it, the store must be able to run on the host's own engine, too.
    storage = SqlStorage(host.engine if isinstance(host, CarefulHost) else url)
    storage.upgrade()
    yield World(host, storage)
    host.close()
    storage.close()


def test_the_hosts_commit_keeps_what_was_recorded(world: World) -> None:
    with world.host.transaction() as given:
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        save(world.storage.joined(given), "a")
        world.host.run(given, "INSERT INTO orders VALUES (2)")
        save(world.storage.joined(given), "b")
    assert names(world.storage) == ["a", "b"]
    assert world.host.orders() == 2


def test_the_hosts_rollback_takes_it_along(world: World) -> None:
    with world.host.transaction() as given:
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        save(world.storage.joined(given), "a")
        raise RollBackError
    assert names(world.storage) == []
    assert world.host.orders() == 0
    save(world.storage, "a")
    assert names(world.storage) == ["a"]


def test_the_first_thing_in_a_transaction_goes_with_it_too(world: World) -> None:
    """A savepoint that begins a transaction by itself would commit it at its release (SQLite)."""
    with world.host.transaction() as given:
        save(world.storage.joined(given), "a")
        raise RollBackError
    assert names(world.storage) == []


def test_it_is_seen_inside_and_nowhere_else_before_the_commit(world: World) -> None:
    with world.host.transaction() as given:
        joined = world.storage.joined(given)
        save(joined, "a")
        assert names(joined) == ["a"]
        assert names(world.storage) == []
    assert names(world.storage) == ["a"]


def test_an_error_in_a_unit_undoes_the_unit_alone(world: World) -> None:
    with world.host.transaction() as given:
        joined = world.storage.joined(given)
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        save(joined, "a")
        with pytest.raises(RollBackError):
            save_and_fail(joined, "b")
        assert names(joined) == ["a"]
        save(joined, "c")
    assert names(world.storage) == ["a", "c"]
    assert world.host.orders() == 1


def test_a_statement_that_fails_leaves_the_hosts_transaction_usable(world: World) -> None:
    with world.host.transaction() as given:
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        world.host.run(given, "ALTER TABLE nurture_alias RENAME TO elsewhere")
        joined = world.storage.joined(given)
        with pytest.raises(StorageError):
            save(joined, "a")
        world.host.run(given, "ALTER TABLE elsewhere RENAME TO nurture_alias")
        save(joined, "b")
    assert names(world.storage) == ["b"]
    assert world.host.orders() == 1


def test_the_hosts_savepoint_takes_it_along(world: World) -> None:
    with world.host.transaction() as given:
        joined = world.storage.joined(given)
        save(joined, "a")
        with world.host.savepoint(given):
            save(joined, "b")
            raise RollBackError
        with world.host.savepoint(given):
            save(joined, "c")
    assert names(world.storage) == ["a", "c"]


def test_instants_go_on_increasing(world: World) -> None:
    instants = [save(world.storage, "a")]
    with world.host.transaction() as given:
        joined = world.storage.joined(given)
        instants += [joined.now(), save(joined, "b"), save(joined, "c"), joined.now()]
    instants += [world.storage.now(), save(world.storage, "d")]
    assert instants == sorted(set(instants))


def test_tenants_are_kept_apart(world: World) -> None:
    with world.host.transaction() as given:
        joined = world.storage.joined(given)
        save(joined.for_tenant("other"), "a")
        assert names(joined) == []
        assert joined.for_tenant("other").tenant == "other"
    assert names(world.storage.for_tenant("other")) == ["a"]
    assert names(world.storage) == []


def test_a_unit_within_a_unit_is_refused(world: World) -> None:
    with world.host.transaction() as given:
        with world.storage.joined(given).begin(), pytest.raises(StorageError, match="a unit is open"):
            save(world.storage.joined(given), "a")
        save(world.storage.joined(given), "b")
    assert names(world.storage) == ["b"]


@pytest.mark.parametrize("base", ["sqlite", "postgres"])
def test_a_handle_on_django_serves_the_next_transaction_as_well(base: str, tmp_path: Path) -> None:
    url = sqlite_url(tmp_path) if base == "sqlite" else fresh_url()
    storage, host = SqlStorage(url), DjangoHost(url)
    storage.upgrade()
    with host.transaction() as given:
        joined = storage.joined(given)
        save(joined, "a")
    with pytest.raises(JoinError, match="atomic"):
        save(joined, "b")
    with host.transaction():
        save(joined, "c")
    assert names(storage) == ["a", "c"]
    host.close()
    storage.close()


# --- after the commit ------------------------------------------------------------------------------------------


def test_told_after_the_commit_once(world: World) -> None:
    told: list[list[str]] = []
    with world.host.transaction() as given:
        joined = world.storage.joined(given)
        save(joined, "a")
        joined.after_commit(lambda: told.append(names(world.storage)))
        world.storage.joined(given).after_commit(lambda: told.append([]))
        assert told == []
    assert told == [["a"], []]
    with world.host.transaction() as given:
        save(world.storage.joined(given), "b")
    assert len(told) == 2


def test_never_told_after_a_rollback(world: World) -> None:
    told: list[int] = []
    with world.host.transaction() as given:
        world.storage.joined(given).after_commit(lambda: told.append(1))
        raise RollBackError
    with world.host.transaction() as given:
        save(world.storage.joined(given), "a")
    assert told == []


def test_never_told_when_the_hosts_savepoint_was_rolled_back(world: World) -> None:
    told: list[str] = []
    with world.host.transaction() as given:
        joined = world.storage.joined(given)
        with world.host.savepoint(given):
            joined.after_commit(lambda: told.append("in the first savepoint"))
            raise RollBackError
        joined.after_commit(lambda: told.append("outside"))
        with world.host.savepoint(given):
            joined.after_commit(lambda: told.append("kept"))
            with world.host.savepoint(given):
                joined.after_commit(lambda: told.append("inner"))
                raise RollBackError
        with world.host.savepoint(given):
            with world.host.savepoint(given):
                joined.after_commit(lambda: told.append("released, then rolled back around it"))
            raise RollBackError
    assert told == ["outside", "kept"]


def test_an_error_of_who_is_told_goes_no_further(world: World, caplog: pytest.LogCaptureFixture) -> None:
    told: list[int] = []

    def fail() -> None:
        raise ValueError("ann@example.jp")

    with caplog.at_level(logging.ERROR), world.host.transaction() as given:
        joined = world.storage.joined(given)
        save(joined, "a")
        joined.after_commit(fail)
        joined.after_commit(lambda: told.append(1))
    assert told == [1]
    assert "ValueError" in caplog.text
    assert "example.jp" not in caplog.text
    assert names(world.storage) == ["a"]


def test_told_when_a_kept_connection_begins_again(tmp_path: Path) -> None:
    storage = SqlStorage(sqlite_url(tmp_path))
    storage.upgrade()
    host = AlchemyHost(sqlite_url(tmp_path))
    told: list[str] = []
    with host.engine.connect() as connection:
        for name in ("a", "b"):
            with connection.begin():
                joined = storage.joined(connection)
                save(joined, name)
                joined.after_commit(lambda name=name: told.append(name))  # type: ignore[misc]
        assert told == ["a"]
        with connection.begin() as begun:
            storage.joined(connection).after_commit(lambda: told.append("never"))
            begun.rollback()
    assert told == ["a", "b"]
    host.close()
    storage.close()


def test_never_told_when_the_commit_itself_fails() -> None:
    url = fresh_url()
    storage = SqlStorage(url)
    storage.upgrade()
    host = AlchemyHost(url)
    told: list[int] = []
    with host.engine.begin() as connection:
        connection.execute(text("CREATE TABLE strict (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    with host.engine.connect() as connection:
        begun = connection.begin()
        connection.execute(text("INSERT INTO strict VALUES (1), (1)"))
        save(storage.joined(connection), "a")
        storage.joined(connection).after_commit(lambda: told.append(1))
        with pytest.raises(IntegrityError):
            begun.commit()
    with host.engine.begin() as connection:
        assert names(storage.joined(connection)) == []
    assert told == []
    host.close()
    storage.close()


def test_never_told_when_postgres_turns_the_commit_into_a_rollback() -> None:
    url = fresh_url()
    storage = SqlStorage(url)
    storage.upgrade()
    host = AlchemyHost(url)
    told: list[int] = []
    with host.engine.connect() as connection:
        connection.begin()
        save(storage.joined(connection), "a")
        storage.joined(connection).after_commit(lambda: told.append(1))
        with pytest.raises(IntegrityError):
            connection.execute(text("INSERT INTO nurture_meta (name) VALUES ('x')"))
        with pytest.raises(JoinError, match="given up after an error: roll it back"):
            names(storage.joined(connection))
        connection.commit()  # PostgreSQL answers ROLLBACK, and the driver raises nothing
    assert told == []
    assert names(storage) == []
    host.close()
    storage.close()


# --- what is refused -------------------------------------------------------------------------------------------


def test_something_else_is_refused(tmp_path: Path) -> None:
    storage = SqlStorage(sqlite_url(tmp_path))
    for wrong in (sqlite3.connect(":memory:"), create_engine("sqlite://"), "sqlite://", None):
        with pytest.raises(JoinError, match=r"a SQLAlchemy Connection or Session, or Django's django\.db\.connection"):
            storage.joined(wrong)  # type: ignore[arg-type]
        if isinstance(wrong, sqlite3.Connection):
            wrong.close()


def test_another_kind_of_database_is_refused(tmp_path: Path) -> None:
    storage = SqlStorage(sqlite_url(tmp_path))
    engine = create_engine(empty_url())
    with (
        engine.begin() as connection,
        pytest.raises(JoinError, match="to 'postgresql', and this store is on 'sqlite'"),
    ):
        storage.joined(connection)
    engine.dispose()


def test_no_transaction_is_refused(world: World) -> None:
    with world.host.transaction() as given:
        joined = world.storage.joined(given)
    if isinstance(given, Session):
        return  # a session is in a transaction whenever it is asked
    for act in (joined.now, lambda: save(joined, "a"), lambda: joined.after_commit(print)):
        with pytest.raises(JoinError, match=r"closed|atomic"):
            act()
    assert names(world.storage) == []


@pytest.mark.parametrize("base", ["sqlite", "postgres"])
def test_autocommit_is_refused(base: str, tmp_path: Path) -> None:
    url = sqlite_url(tmp_path) if base == "sqlite" else fresh_url()
    storage = SqlStorage(url)
    storage.upgrade()
    for engine in (
        create_engine(url).execution_options(isolation_level="AUTOCOMMIT"),
        create_engine(url, isolation_level="AUTOCOMMIT"),
    ):
        with engine.connect() as connection:
            with pytest.raises(JoinError, match=r"no transaction is open|AUTOCOMMIT"):
                save(storage.joined(connection), "a")
            connection.execute(text("SELECT 1"))
            with pytest.raises(JoinError, match=r"(?i)autocommit"):
                save(storage.joined(connection), "a")
        engine.dispose()
    assert names(storage) == []
    storage.close()


def test_a_connection_that_has_begun_nothing_is_refused(tmp_path: Path) -> None:
    storage = SqlStorage(sqlite_url(tmp_path))
    storage.upgrade()
    engine = create_engine(sqlite_url(tmp_path))
    with engine.connect() as connection, pytest.raises(JoinError, match=r"begin it first, as `with engine\.begin\(\)"):
        save(storage.joined(connection), "a")
    engine.dispose()
    storage.close()


@pytest.mark.parametrize("base", ["sqlite", "postgres"])
def test_tables_are_never_made_in_the_hosts_transaction(base: str, tmp_path: Path) -> None:
    url = sqlite_url(tmp_path) if base == "sqlite" else empty_url()
    storage, host = SqlStorage(url), AlchemyHost(url)
    with host.transaction() as given:
        host.run(given, "INSERT INTO orders VALUES (1)")
        with pytest.raises(JoinError, match=r"storage\.upgrade\(\)"):
            save(storage.joined(given), "a")
    assert host.orders() == 1
    storage.upgrade()
    with host.transaction() as given:
        save(storage.joined(given), "a")
    assert names(storage) == ["a"]
    host.close()
    storage.close()


def test_another_schema_is_refused(world: World) -> None:
    with world.host.transaction() as given:
        world.host.run(given, "UPDATE nurture_meta SET value = '1' WHERE name = 'schema'")
        with pytest.raises(SchemaError):
            save(world.storage.joined(given), "a")
        raise RollBackError


def test_django_that_must_roll_back_is_refused(tmp_path: Path) -> None:
    from django.db import transaction

    storage = SqlStorage(sqlite_url(tmp_path))
    storage.upgrade()
    host = DjangoHost(sqlite_url(tmp_path))
    with host.transaction() as given:
        transaction.set_rollback(True)
        with pytest.raises(JoinError, match="leave the atomic block"):
            save(storage.joined(given), "a")
    host.close()
    storage.close()


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_isolation_in_which_a_unit_would_compare_the_past_is_refused(isolation: str) -> None:
    url = fresh_url()
    storage, host = SqlStorage(url), AlchemyHost(url)
    storage.upgrade()
    with host.engine.connect().execution_options(isolation_level=isolation) as connection, connection.begin():
        assert names(storage.joined(connection)) == []
        with pytest.raises(JoinError, match=f"is {isolation}: begin it as READ COMMITTED"):
            save(storage.joined(connection), "a")
    host.close()
    storage.close()


# --- SQLite's one writer ---------------------------------------------------------------------------------------


def test_a_host_that_read_too_early_is_told_to_begin_immediately(tmp_path: Path) -> None:
    storage, host = SqlStorage(sqlite_url(tmp_path)), AlchemyHost(sqlite_url(tmp_path))
    storage.upgrade()
    with host.engine.begin() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.execute(text("SELECT * FROM orders")).all()
        save(storage, "by somebody else")
        with pytest.raises(JoinError, match=r"BEGIN IMMEDIATE.*transaction_mode.*listener for 'begin'"):
            save(storage.joined(connection), "a")
        assert names(storage.joined(connection)) == []  # it still sees what it saw
    assert names(storage) == ["by somebody else"]
    host.close()
    storage.close()


def test_the_recipe_for_that_helps(tmp_path: Path) -> None:
    storage, host = SqlStorage(sqlite_url(tmp_path)), AlchemyHost(sqlite_url(tmp_path))
    storage.upgrade()
    host.engine.dispose()
    begins_immediately(host.engine)
    with host.engine.begin() as connection:
        connection.execute(text("SELECT * FROM orders")).all()
        other = Thread(target=save, args=(storage, "after"))
        other.start()
        save(storage.joined(connection), "before")
        assert names(storage) == []
    other.join(60)
    assert names(storage) == ["after", "before"]
    host.close()
    storage.close()


@pytest.mark.parametrize("shares_engine", [True, False])
@pytest.mark.parametrize("kind", ["connection", "session"])
def test_a_savepoint_that_began_the_transaction_is_refused(kind: str, shares_engine: bool, tmp_path: Path) -> None:
    """Its release would commit, and the host's rollback undo nothing."""
    SqlStorage(sqlite_url(tmp_path)).upgrade()
    host = make_host(kind, sqlite_url(tmp_path))
    assert isinstance(host, AlchemyHost)
    storage = SqlStorage(host.engine if shares_engine else sqlite_url(tmp_path))
    for _ in range(2):
        with host.transaction() as given, host.savepoint(given):
            joined = storage.joined(given)
            assert names(joined) == []
            with pytest.raises(JoinError, match=r"a savepoint began .* BEGIN IMMEDIATE .* before begin_nested\(\)"):
                save(joined, "leaks")
            with host.savepoint(given), pytest.raises(JoinError, match="a savepoint began"):
                save(joined, "leaks, too")
            raise RollBackError
    assert names(storage) == []
    host.close()
    storage.close()


@pytest.mark.parametrize("kind", ["connection", "session"])
def test_a_savepoint_after_a_write_is_within_the_transaction(kind: str, tmp_path: Path) -> None:
    SqlStorage(sqlite_url(tmp_path)).upgrade()
    host = make_host(kind, sqlite_url(tmp_path))
    assert isinstance(host, AlchemyHost)
    storage = SqlStorage(host.engine)
    with host.transaction() as given:
        host.run(given, "INSERT INTO orders VALUES (1)")
        with host.savepoint(given):
            save(storage.joined(given), "a")
        raise RollBackError
    assert names(storage) == []
    assert host.orders() == 0
    host.close()
    storage.close()


@pytest.mark.parametrize("shares_engine", [True, False])
def test_with_the_recipe_a_savepoint_may_come_first(shares_engine: bool, tmp_path: Path) -> None:
    SqlStorage(sqlite_url(tmp_path)).upgrade()
    host = CarefulHost(sqlite_url(tmp_path))
    storage = SqlStorage(host.engine if shares_engine else sqlite_url(tmp_path))
    for name, is_kept in (("gone", False), ("kept", True)):
        with host.transaction() as given:
            with host.savepoint(given):
                host.run(given, "INSERT INTO orders VALUES (1)")
                save(storage.joined(given), name)
            if not is_kept:
                raise RollBackError
    assert names(storage) == ["kept"]
    assert host.orders() == 1
    host.close()
    storage.close()


def test_nobody_waits_for_a_lock_of_the_host_itself(world: World) -> None:
    """A second connection of ours would wait for the host's, and the host for us: here there is none."""
    with world.host.transaction() as given:
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        joined = world.storage.joined(given)
        for name in ("a", "b", "c"):
            save(joined, name)
    assert names(world.storage) == ["a", "b", "c"]


def test_a_registry_of_sessions_is_joined(tmp_path: Path) -> None:
    storage = SqlStorage(sqlite_url(tmp_path))
    storage.upgrade()
    engine = create_engine(sqlite_url(tmp_path))
    registry = scoped_session(sessionmaker(engine))
    save(storage.joined(registry), "a")
    registry.commit()
    save(storage.joined(registry), "b")
    registry.rollback()
    registry.remove()
    assert names(storage) == ["a"]
    engine.dispose()
    storage.close()


def test_the_clock_of_a_joined_unit_is_kept(tmp_path: Path) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    storage = SqlStorage(sqlite_url(tmp_path), clock=lambda: noon)
    storage.upgrade()
    host = AlchemyHost(sqlite_url(tmp_path))
    with host.transaction() as given:
        first = save(storage.joined(given), "a")
    again = SqlStorage(sqlite_url(tmp_path), clock=lambda: noon - timedelta(days=1))
    assert again.now() > first
    host.close()
    for one in (storage, again):
        one.close()
