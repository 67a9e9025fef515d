"""`SqlStorage`: what it does with databases that are wrong, busy, full, of another release, or the host's."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from nurture.errors import StorageError
from nurture.model import Alias, Changes, Definition, Lead, LeadId, SubjectId
from nurture.storage import MemoryStorage, SqlStorage
from nurture.storage.sql import sqlite

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = SubjectId("lead_ann")


def save(storage: SqlStorage, name: str = "a") -> None:
    with storage.begin() as unit:
        assert not unit.put({ANN: Changes(records=(Alias(id=name, subject=ANN),))})


def names(storage: SqlStorage) -> list[str]:
    with storage.view() as view:
        return [one.id for one in view.page(Alias, "", 99)]


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The same file without the library."""
    with closing(sqlite3.connect(path)) as raw, raw:
        yield raw


@contextmanager
def refused(path: Path, words: str) -> Iterator[None]:
    with pytest.raises(StorageError, match=words) as caught:
        yield
    assert isinstance(caught.value.__cause__, sqlite3.Error)


def test_tables_are_made_once_at_first_use(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    first, second = SqlStorage(url), SqlStorage(url)
    save(first)
    second.upgrade()
    second.upgrade()
    assert names(second) == ["a"]


def test_the_database_is_durable_and_forgets_what_is_deleted(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}", pool_size=1, max_overflow=0)
    save(SqlStorage(engine))
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 30_000,
    }


def test_an_engine_of_the_hosts_goes_on_working(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}", pool_size=1, max_overflow=0)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE own (n)")
    storage = SqlStorage(engine)
    save(storage)
    with engine.connect() as connection:
        connection.exec_driver_sql("INSERT INTO own VALUES (1)")
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM own").scalar() == 0
    storage.close()
    assert names(storage) == ["a"]


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    save(SqlStorage(f"sqlite:///{path}"))
    with opened(path) as raw:
        raw.execute("UPDATE nurture_meta SET value = '7' WHERE name = 'schema'")
    with pytest.raises(StorageError, match="schema '7', and this release of nurture reads '2'"):
        names(SqlStorage(f"sqlite:///{path}"))


@pytest.mark.parametrize("url", ["crm.db", "sqlite", "nosuch:///crm.db"])
def test_a_wrong_url_is_refused(url: str) -> None:
    with pytest.raises(StorageError, match=r"expected something like 'sqlite:///crm\.db'"):
        SqlStorage(url)


def test_a_missing_driver_is_named() -> None:
    with pytest.raises(StorageError, match=r"driver 'pysqlcipher3' of this URL is missing"):
        SqlStorage("sqlite+pysqlcipher:///crm.db")


@pytest.mark.parametrize("tenant", [None, 7, b"a", "a\ud800", "a\0b"])
def test_a_tenant_that_no_database_can_keep_is_refused(tenant: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    for make in (
        lambda: SqlStorage(url, tenant=tenant),
        lambda: SqlStorage(url).for_tenant(tenant),
        lambda: MemoryStorage(tenant=tenant),
        lambda: MemoryStorage().for_tenant(tenant),
    ):
        with pytest.raises(StorageError, match="tenant: expected text"):
            make()


def test_half_a_surrogate_pair_is_refused_without_being_shown(tmp_path: Path) -> None:
    storage = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}")
    with storage.view() as view:
        for act in (lambda: view.get(Alias, ["tanaka\ud800"]), lambda: view.page(Alias, "tanaka\ud800", 9)):
            with pytest.raises(StorageError, match="half a character") as caught:
                act()
            assert "tanaka" not in str(caught.value)
            assert caught.value.__suppress_context__
    storage.close()


def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite:///crm.db")
    monkeypatch.setattr(engine.dialect, "name", "oracle")
    with pytest.raises(StorageError, match="does not speak 'oracle'"):
        SqlStorage(engine)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(StorageError, match="use MemoryStorage"):
        SqlStorage(create_engine(url, poolclass=StaticPool))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk. " * 200)
    with refused(path, "not an SQLite database"):
        save(SqlStorage(f"sqlite:///{path}"))
    assert path.read_text() == "Buy milk. " * 200


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with refused(tmp_path, "cannot be opened"):
        save(SqlStorage(f"sqlite:///{tmp_path}/nowhere/crm.db"))


def test_a_read_only_database(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    save(SqlStorage(f"sqlite:///{path}"))
    frozen = SqlStorage(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert names(frozen) == ["a"]
    with refused(path, "read-only"):
        save(frozen, "b")
    assert names(frozen) == ["a"]


def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 60"))
    storage = SqlStorage(engine)
    save(storage)
    body = Definition(id="d", what="program", body="secret " * 100_000)
    with refused(tmp_path, "disk is full"), storage.begin() as unit:
        unit.put({ANN: Changes(records=(Alias(id="b", subject=ANN), body))})
    assert names(storage) == ["a"]
    save(storage, "c")
    assert names(storage) == ["a", "c"]


def test_a_locked_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "crm.db"
    storage = SqlStorage(f"sqlite:///{path}")
    save(storage)
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with refused(path, "locked by someone else"):
        save(storage, "b")
    assert names(storage) == ["a"]  # readers are held up by nobody
    other.execute("COMMIT")
    other.close()
    save(storage, "c")
    assert names(storage) == ["a", "c"]


def test_a_table_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    storage = SqlStorage(f"sqlite:///{path}")
    save(storage)
    with opened(path) as raw:
        raw.execute("DROP TABLE nurture_alias")
    with refused(path, "the database refused: SQLITE_ERROR"):
        save(storage, "b")


def test_errors_show_no_personal_data(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    storage = SqlStorage(f"sqlite:///{path}")
    save(storage)
    with opened(path) as raw:
        raw.execute("DROP TABLE nurture_lead")
        raw.execute("CREATE TABLE nurture_lead (tenant, id, version, account, body CHECK (0))")
    lead = Lead(id=LeadId(ANN), created_at=NOON, email="ann@example.jp")
    with pytest.raises(StorageError) as caught, storage.begin() as unit:
        unit.put({ANN: Changes(records=(lead,))})
    shown: BaseException | None = caught.value
    while shown is not None:
        assert "example.jp" not in str(shown)
        shown = shown.__cause__ or shown.__context__


def test_a_unit_within_a_unit_is_refused_at_once(tmp_path: Path) -> None:
    storage = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}")
    with storage.begin(), pytest.raises(StorageError, match="open in this thread already"):
        save(storage)
    save(storage)


def test_a_view_keeps_its_snapshot(tmp_path: Path) -> None:
    storage = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}")
    with storage.view() as view:
        save(storage)
        assert view.page(Alias, "", 9) == ()
    assert names(storage) == ["a"]


def test_a_unit_waits_for_the_one_before_it(tmp_path: Path) -> None:
    storage = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}")
    storage.upgrade()
    began, done = Event(), Event()

    def later() -> None:
        began.set()
        save(storage, "second")
        done.set()

    thread = Thread(target=later)
    with storage.begin() as unit:
        thread.start()
        assert began.wait(60)
        unit.put({ANN: Changes(records=(Alias(id="first", subject=ANN),))})
        assert not done.is_set()
    thread.join(60)
    assert names(storage) == ["first", "second"]


def test_an_instant_is_kept_only_when_something_was_written(tmp_path: Path) -> None:
    storage = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}", clock=lambda: NOON)
    with storage.begin() as unit:
        unit.now()
    with opened(tmp_path / "crm.db") as raw:
        assert raw.execute("SELECT count(*) FROM nurture_clock").fetchone() == (0,)
    save(storage)
    with opened(tmp_path / "crm.db") as raw:
        assert raw.execute("SELECT tenant FROM nurture_clock").fetchall() == [("default",)]


def test_a_missing_sqlalchemy_names_the_extra() -> None:
    probe = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "import nurture.storage\n"
        "nurture.storage.MemoryStorage\n"
        "try: nurture.storage.SqlStorage\n"
        "except ImportError as error: print(error)\n"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == 'SqlStorage needs SQLAlchemy: pip install "nurture-crm[sql]"'


def test_the_memory_store_loads_no_sqlalchemy() -> None:
    probe = "import sys; from nurture.storage import MemoryStorage; print('sqlalchemy' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
