"""What may be wrong with a database: each is said in plain words, nothing is lost, and all is well again afterwards.

What is particular to files is in `sql/test_store.py`. Here: addresses, drivers, servers.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event

from nurture.errors import SchemaError, StorageError
from nurture.model import Alias, Changes, Lead, LeadId, SubjectId
from nurture.storage import SqlStorage
from tests.postgres import Server, empty_url, fresh_url, own_server, server

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = SubjectId("lead_ann")


def save(storage: SqlStorage, name: str) -> None:
    with storage.begin() as unit:
        assert not unit.put({ANN: Changes(records=(Alias(id=name, subject=ANN),))})


def names(storage: SqlStorage) -> list[str]:
    with storage.view() as view:
        return [one.id for one in view.page(Alias, "", 99)]


def shown(error: BaseException | None) -> str:
    """Everything that a traceback of this error would say."""
    said: list[str] = []
    while error is not None:
        said.append(str(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(said)


# --- addresses and drivers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "crm.db",
        "",
        "postgresql+psycopg://ann:hunter2@db.example.com:port/crm",
        "nosuch://ann:hunter2@db.example.com/crm",
        "postgresql+nosuch://ann:hunter2@db.example.com/crm",
    ],
)
def test_a_wrong_address_is_refused_and_its_password_not_shown(url: str) -> None:
    with pytest.raises(
        StorageError, match=r"expected something like 'sqlite:///crm\.db' or 'postgresql\+psycopg://"
    ) as caught:
        SqlStorage(url)
    assert "hunter2" not in shown(caught.value)


def test_something_that_is_no_address_is_refused() -> None:
    with pytest.raises(StorageError, match="expected a database URL, an Engine or an AsyncEngine, found int"):
        SqlStorage(7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "missing", "extra"),
    [
        ("postgresql+psycopg://localhost/crm", "psycopg", "postgres"),
        ("postgresql+psycopg_async://localhost/crm", "psycopg", "postgres"),
        ("sqlite+aiosqlite:///crm.db", "aiosqlite", "async"),
        ("sqlite+aiosqlite:///crm.db", "greenlet", "async"),
    ],
)
def test_a_missing_driver_names_the_extra(url: str, missing: str, extra: str) -> None:
    probe = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from nurture.errors import StorageError\n"
        "from nurture.storage import SqlStorage\n"
        f"try: SqlStorage({url!r})\n"
        "except StorageError as error: print(error)\n"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == f"the driver '{missing}' of this URL is missing: pip install 'nurture-crm[{extra}]'"


def test_another_driver_for_postgres_says_which_is_known() -> None:
    with pytest.raises(StorageError, match=r"driver 'psycopg2' .* pip install 'nurture-crm\[postgres\]'"):
        SqlStorage("postgresql+psycopg2://localhost/crm")


@pytest.mark.parametrize("name", ["mysql", "oracle", "mssql"])
def test_another_database_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite:///crm.db")
    monkeypatch.setattr(engine.dialect, "name", name)
    with pytest.raises(StorageError, match=f"does not speak '{name}'; known: 'postgresql', 'sqlite'"):
        SqlStorage(engine)


# --- servers ---------------------------------------------------------------------------------------------------


@pytest.fixture
def storage() -> Iterator[SqlStorage]:
    made = SqlStorage(fresh_url())
    yield made
    made.close()


def hang_up(storage_url: str) -> None:
    """Close every connection to a database, as an operator or a failing network does."""
    name = storage_url.rpartition("/")[2]
    server().sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def test_a_connection_dropped_in_the_middle_of_a_unit() -> None:
    url = fresh_url()
    storage = SqlStorage(url)
    save(storage, "a")
    with pytest.raises(StorageError, match=r"lost|stopping") as caught, storage.begin() as unit:  # noqa: PT012
        assert not unit.put({ANN: Changes(records=(Alias(id="b", subject=ANN),))})
        hang_up(url)
    assert caught.value.__cause__ is not None
    assert names(storage) == ["a"]
    save(storage, "c")
    assert names(storage) == ["a", "c"]
    storage.close()


def test_a_connection_dropped_in_the_middle_of_a_view() -> None:
    url = fresh_url()
    storage = SqlStorage(url)
    save(storage, "a")
    with pytest.raises(StorageError, match=r"lost|stopping"), storage.view() as view:  # noqa: PT012
        hang_up(url)
        view.page(Alias, "", 9)
    assert names(storage) == ["a"]
    storage.close()


def test_connections_dropped_while_nobody_used_them_are_not_even_noticed() -> None:
    url = fresh_url()
    storage = SqlStorage(url)
    with storage.view(), storage.view():  # two connections in the pool
        pass
    hang_up(url)
    save(storage, "a")
    assert names(storage) == ["a"]
    storage.close()


@pytest.fixture(scope="module")
def mortal() -> Iterator[Server]:
    """A server that a test may stop."""
    with own_server() as made:
        yield made


def test_a_server_that_is_down_and_comes_back(mortal: Server) -> None:
    storage = SqlStorage(mortal.url())
    save(storage, "a")
    mortal.stop()
    for act in (storage.now, lambda: save(storage, "b"), lambda: names(storage), storage.upgrade):
        with pytest.raises(StorageError, match=r"cannot be reached|stopping or starting"):
            act()
    with pytest.raises(StorageError, match=r"cannot be reached|stopping or starting"):
        SqlStorage(mortal.url()).upgrade()
    mortal.start()
    assert names(storage) == ["a"]
    save(storage, "b")
    assert names(storage) == ["a", "b"]
    storage.close()


def test_a_server_restarted_in_the_middle_of_a_unit(mortal: Server) -> None:
    storage = SqlStorage(mortal.url())
    save(storage, "before")
    with pytest.raises(StorageError), storage.begin() as unit:  # noqa: PT012
        assert not unit.put({ANN: Changes(records=(Alias(id="lost", subject=ANN),))})
        mortal.stop()
        mortal.start()
    save(storage, "later")
    found = names(storage)
    assert {"before", "later"} <= set(found)
    assert "lost" not in found
    storage.close()


def test_a_read_only_server_is_read(storage: SqlStorage) -> None:
    save(storage, "a")
    url = fresh_url()
    first = SqlStorage(url)
    save(first, "a")
    first.close()
    frozen = create_engine(url, connect_args={"options": "-c default_transaction_read_only=on"})
    standby = SqlStorage(frozen)
    assert names(standby) == ["a"]
    frozen.dispose()


def test_a_user_who_may_not(storage: SqlStorage) -> None:
    url = fresh_url()
    owner = SqlStorage(url)
    save(owner, "a")
    owner.close()
    database = url.rpartition("/")[2]
    server().sql("DROP ROLE IF EXISTS nurture_reader")
    server().sql("CREATE ROLE nurture_reader LOGIN")
    server().sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO nurture_reader", database)
    reader = SqlStorage(url.replace("nurture@", "nurture_reader@"))
    assert names(reader) == ["a"]
    with pytest.raises(StorageError, match="lacks a privilege"):
        save(reader, "b")
    reader.close()
    server().sql("DROP OWNED BY nurture_reader", database)
    server().sql("DROP ROLE nurture_reader")


def test_a_database_that_is_not_there() -> None:
    with pytest.raises(StorageError, match=r"is the database there, and may this user enter it\?"):
        SqlStorage(server().url("nowhere")).now()


def test_a_newer_schema_on_postgres() -> None:
    url = fresh_url()
    server().sql("UPDATE nurture_meta SET value = '7' WHERE name = 'schema'", url.rpartition("/")[2])
    storage = SqlStorage(url)
    with pytest.raises(SchemaError, match=r"schema '7'.*a newer one"):
        names(storage)
    storage.close()


def test_a_database_that_is_empty_is_filled_at_first_use() -> None:
    storage = SqlStorage(empty_url())
    save(storage, "a")
    assert names(storage) == ["a"]
    storage.close()


@pytest.mark.parametrize("base", ["sqlite", "postgres"])
def test_no_error_shows_personal_data(base: str, tmp_path: Path) -> None:
    """Neither the text of an error nor that of its causes."""
    url = f"sqlite:///{tmp_path / 'crm.db'}" if base == "sqlite" else fresh_url()
    storage = SqlStorage(url)
    storage.upgrade()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE nurture_lead")
        connection.exec_driver_sql(
            "CREATE TABLE nurture_lead"
            " (tenant text, id text, version bigint, account text, body text CHECK (body = ''))"
        )
    engine.dispose()
    lead = Lead(id=LeadId(ANN), created_at=NOON, email="ann@example.jp")
    with pytest.raises(StorageError) as caught, storage.begin() as unit:
        unit.put({ANN: Changes(records=(lead,))})
    assert "example.jp" not in shown(caught.value)
    storage.close()


def test_an_engine_whose_connections_fail_is_said(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}")

    @event.listens_for(engine, "connect")
    def refuse(raw: sqlite3.Connection, _: object) -> None:
        raw.close()
        raise sqlite3.OperationalError("ann@example.jp")

    with pytest.raises(StorageError, match="the database refused: OperationalError"):
        SqlStorage(engine).now()
