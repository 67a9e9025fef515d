"""`storage.sql.versions` and its migrations: what an earlier release wrote is read by this one, whole and equal."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from nurture.errors import SchemaError, StorageError
from nurture.model import IMMUTABLE, VERSIONED, Alias, Changes, Record, Standing, SubjectId
from nurture.predicates import Need, Reach
from nurture.storage import SqlStorage
from nurture.storage.clock import to_micros
from nurture.storage.codec import decode
from nurture.storage.sql import schema
from nurture.storage.sql.migrations import VERSION_TABLE
from tests.postgres import empty_url
from tests.unit.storage.hosts import begins_immediately

GOLDEN = Path(__file__).parents[2] / "golden"
EARLIER = range(1, schema.VERSION)
KINDS: Mapping[str, type[Record]] = {kind.__name__: kind for kind in (*VERSIONED, *IMMUTABLE)}
TENANTS = ("default", "別の会社")
LATER = datetime(2026, 4, 1, tzinfo=UTC)  # than everything in the files


def make(path: Path, version: int) -> str:
    """A file as the release with that schema wrote it; its URL."""
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((GOLDEN / f"schema_{version}.sql").read_text(encoding="utf-8"))
    return f"sqlite:///{path}"


def make_on_postgres(version: int) -> str:
    """The same on PostgreSQL: tables by the first steps, rows from the file; its URL."""
    url = empty_url()
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", "nurture.storage.sql:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, str(version))
        connection.exec_driver_sql("DROP TABLE nurture_version")  # files of schema 1 have none
        for line in (GOLDEN / f"schema_{version}.sql").read_text(encoding="utf-8").splitlines():
            if line.startswith("INSERT") and "nurture_meta" not in line:
                connection.exec_driver_sql(line)
    engine.dispose()
    return url


def contents(version: int, tenant: str) -> dict[str, list[Record]]:
    """What is in that file, by kind."""
    every = json.loads((GOLDEN / f"schema_{version}.json").read_text(encoding="utf-8"))[tenant]
    return {kind: [decode(KINDS[kind], json.dumps(one)) for one in some] for kind, some in every.items()}


def shape(path: Path) -> dict[str, object]:
    """How SQLite describes the tables (their columns in any order) and the indexes."""
    with closing(sqlite3.connect(path)) as raw:
        found: dict[str, object] = {}
        for kind, name, sql in raw.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
            if kind == "index":
                found[name] = re.sub(r"\s+", " ", sql)
            else:
                columns = {row[1:] for row in raw.execute(f"PRAGMA table_info({name})")}
                found[name] = (columns, "WITHOUT ROWID" in sql)
        return found


def test_every_earlier_schema_is_kept_as_a_file_and_has_a_step() -> None:
    assert len(EARLIER) >= 1
    for version in EARLIER:
        assert (GOLDEN / f"schema_{version}.sql").is_file()
        assert contents(version, "default").keys() == KINDS.keys(), "the file lacks a kind of record"
    config = Config()
    config.set_main_option("script_location", "nurture.storage.sql:migrations")
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    assert steps == [str(version) for version in range(schema.VERSION, 0, -1)]


def test_the_steps_are_in_the_package() -> None:
    versions = files("nurture.storage.sql").joinpath("migrations", "versions")
    assert {f"schema_{version}.py" for version in range(1, schema.VERSION + 1)} <= {
        one.name for one in versions.iterdir()
    }
    assert files("nurture.storage.sql").joinpath("migrations", "env.py").is_file()


@pytest.mark.parametrize("version", EARLIER)
def test_an_older_file_is_refused_and_left_alone(tmp_path: Path, version: int) -> None:
    storage = SqlStorage(make(tmp_path / "crm.db", version))
    before = shape(tmp_path / "crm.db")
    with pytest.raises(SchemaError, match=r"storage\.upgrade\(\) or run `nurture upgrade`") as caught:
        storage.now()
    assert (caught.value.found, caught.value.expected) == (str(version), schema.VERSION)
    assert shape(tmp_path / "crm.db") == before


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("version", EARLIER)
def test_every_record_is_read_back_equal(tmp_path: Path, version: int, tenant: str) -> None:
    storage = SqlStorage(make(tmp_path / "crm.db", version), tenant=tenant)
    storage.upgrade()
    with storage.view() as view:
        for kind, records in contents(version, tenant).items():
            assert view.page(KINDS[kind], "", 1_000) == tuple(records), kind
    storage.close()


@pytest.mark.parametrize("version", EARLIER)
def test_an_upgraded_file_is_worked_with(tmp_path: Path, version: int) -> None:
    """The agenda, what is known of a subject, and writing: the readings that use columns and indexes."""
    storage = SqlStorage(make(tmp_path / "crm.db", version), clock=lambda: LATER)
    storage.upgrade()
    records = contents(version, "default")
    standings = [one for one in records["Standing"] if isinstance(one, Standing)]
    with storage.begin() as unit:
        now = unit.now()
        due = unit.due(now, 1_000)
        assert set(due) >= {one.subject for one in standings if one.due_at is not None and one.dead is None}
        known = unit.about(dict.fromkeys(due, None), Reach(kinds={}, any_kind=Need()))
        waiting = {row.fact.id for one in known.values() for row in one.inbox}
        assert {one.id for one in records["InboxRow"]} >= waiting > set()
        subject = next(one.subject for one in standings if one.dead is None)
        assert not unit.put({subject: Changes(records=(Standing(subject=subject, version=2, program="q"),))})
    with storage.view() as view:
        assert view.get(Standing, [subject])[subject].program == "q"
    storage.close()


@pytest.mark.parametrize("version", EARLIER)
def test_columns_are_filled_from_the_records(tmp_path: Path, version: int) -> None:
    storage = SqlStorage(make(tmp_path / "crm.db", version))
    storage.upgrade()
    storage.close()
    standings = [one for one in contents(version, "default")["Standing"] if isinstance(one, Standing)]
    expected = {one.id: one.advanced_to and to_micros(one.advanced_to) for one in standings}
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw:
        read = "SELECT id, advanced_to, failures FROM nurture_standing WHERE tenant = 'default'"
        found = raw.execute(read).fetchall()
    assert {name: moment for name, moment, _ in found} == expected
    assert any(expected.values())
    assert not all(expected.values())
    assert {failures for _, _, failures in found} == {0}


def test_many_standings_are_filled_in_batches(tmp_path: Path) -> None:
    url = make(tmp_path / "crm.db", 1)
    body = '{"subject":"x","program":"p","advanced_to":"2026-03-01T09:30:00.123456+00:00"}'
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw, raw:
        rows = [(tenant, f"many_{number:05}", body) for number in range(1_250) for tenant in ("a", "b")]
        raw.executemany("INSERT INTO nurture_standing VALUES (?, ?, 1, NULL, 0, ?)", rows)
    storage = SqlStorage(url)
    storage.upgrade()
    storage.close()
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw:
        counted = "SELECT count(*) FROM nurture_standing WHERE id LIKE 'many%' AND advanced_to = 1772357400123456"
        assert raw.execute(counted).fetchone() == (2_500,)


@pytest.mark.parametrize("version", EARLIER)
def test_an_upgraded_file_has_the_tables_of_a_new_one(tmp_path: Path, version: int) -> None:
    old, new = SqlStorage(make(tmp_path / "old.db", version)), SqlStorage(f"sqlite:///{tmp_path / 'new.db'}")
    for storage in (old, new):
        storage.upgrade()
        storage.close()
    assert shape(tmp_path / "old.db") == shape(tmp_path / "new.db")
    for name in ("old", "new"):
        engine = create_engine(f"sqlite:///{tmp_path / name}.db")
        with engine.connect() as connection:
            options = {"version_table": VERSION_TABLE, "compare_server_default": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, schema.metadata) == []
            assert context.get_current_revision() == str(schema.VERSION)
        engine.dispose()


def test_upgrading_again_changes_nothing(tmp_path: Path) -> None:
    storage = SqlStorage(make(tmp_path / "crm.db", 1))
    storage.upgrade()
    before = (tmp_path / "crm.db").read_bytes()
    storage.upgrade()
    SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}").upgrade()
    storage.close()
    assert (tmp_path / "crm.db").read_bytes() == before


@pytest.mark.parametrize("found", ["3", "7", "", "next"])
def test_a_newer_schema_is_never_touched(tmp_path: Path, found: str) -> None:
    path = tmp_path / "crm.db"
    SqlStorage(f"sqlite:///{path}").upgrade()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE nurture_meta SET value = ? WHERE name = 'schema'", (found,))
    storage = SqlStorage(f"sqlite:///{path}")
    for act in (storage.upgrade, storage.now):
        with pytest.raises(SchemaError, match=f"schema '{found}'.* reads '{schema.VERSION}'.*a newer one"):
            act()


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    url = make(tmp_path / "crm.db", 1)
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw, raw:
        raw.execute("DROP INDEX nurture_effect_by_due")  # the last of what the step works on
    before = shape(tmp_path / "crm.db")
    with pytest.raises(StorageError):
        SqlStorage(url).upgrade()
    assert shape(tmp_path / "crm.db") == before
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw, raw:
        raw.execute("CREATE INDEX nurture_effect_by_due ON nurture_effect (due_at)")
    storage = SqlStorage(url, clock=lambda: LATER)
    storage.upgrade()
    assert storage.now() >= LATER
    storage.close()


def test_a_schema_that_no_release_wrote_is_refused(tmp_path: Path) -> None:
    storage = SqlStorage(make(tmp_path / "crm.db", 1))
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw, raw:
        raw.execute("UPDATE nurture_meta SET value = '0' WHERE name = 'schema'")
    for act in (storage.upgrade, storage.now):
        with pytest.raises(SchemaError, match=r"schema '0'.*use the release that wrote it") as caught:
            act()
        assert not caught.value.is_older
    storage.close()


def test_a_database_that_contradicts_itself_says_so(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    storage = SqlStorage(f"sqlite:///{path}")
    storage.upgrade()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE nurture_meta SET value = '1' WHERE name = 'schema'")
    with pytest.raises(
        StorageError, match="contradicts itself: nurture_meta says schema '1', and nurture_version"
    ) as e:
        storage.upgrade()
    assert not isinstance(e.value, SchemaError)
    storage.close()


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE"])
@pytest.mark.parametrize("start", ["nothing", "schema 1", "schema 2"])
def test_an_engine_whose_listeners_begin_transactions(tmp_path: Path, start: str, begin: str) -> None:
    """As SQLAlchemy recommends for SQLite, and our guide on joining."""
    path = tmp_path / "crm.db"
    if start == "schema 1":
        make(path, 1)
    elif start == "schema 2":
        SqlStorage(f"sqlite:///{path}").upgrade()
    engine = create_engine(f"sqlite:///{path}")
    begins_immediately(engine, begin)
    stores = [SqlStorage(engine, clock=lambda: LATER) for _ in range(2)]
    if start == "schema 1":
        with pytest.raises(SchemaError):
            stores[0].now()
        stores[0].upgrade()
    for storage in stores:
        assert storage.now() >= LATER
        storage.upgrade()
    with stores[0].begin() as unit:
        assert not unit.put({SubjectId("lead_x"): Changes(records=(Alias(id="x", subject=SubjectId("lead_x")),))})
    with stores[1].view() as view:
        assert view.get(Alias, ["x"])
    with engine.begin() as connection:  # and it goes on to work as the host set it up
        assert connection.connection.driver_connection.in_transaction  # type: ignore[union-attr]
    engine.dispose()


@pytest.mark.parametrize("start", ["nothing", "schema 1", "nothing, on engines that begin by listeners"])
def test_two_programs_at_once_do_it_once(tmp_path: Path, start: str) -> None:
    path = tmp_path / "crm.db"
    if start == "schema 1":
        make(path, 1)
    engines = [create_engine(f"sqlite:///{path}") for _ in range(4)]
    if "listeners" in start:
        for engine in engines:
            begins_immediately(engine)
    stores = [SqlStorage(engine, clock=lambda: LATER) for engine in engines]
    together = Barrier(len(stores))

    def upgrade(storage: SqlStorage) -> None:
        together.wait(60)
        storage.upgrade()

    with ThreadPoolExecutor(len(stores)) as pool:
        list(pool.map(upgrade, stores))
    for number, storage in enumerate(stores):
        with storage.begin() as unit:
            assert not unit.put({SubjectId("s"): Changes(records=(Alias(id=f"a{number}", subject=SubjectId("s")),))})
        storage.close()


def test_the_tables_of_the_host_and_its_own_alembic_are_left_alone(tmp_path: Path) -> None:
    url = make(tmp_path / "crm.db", 1)
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw, raw:
        raw.execute("CREATE TABLE alembic_version (version_num)")
        raw.execute("INSERT INTO alembic_version VALUES ('theirs')")
    storage = SqlStorage(url)
    storage.upgrade()
    storage.close()
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("theirs",)]


def test_alembic_is_loaded_only_to_upgrade(tmp_path: Path) -> None:
    make(tmp_path / "old.db", 1)
    probe = (
        "import sys; from nurture.storage import SqlStorage\n"
        "storage = SqlStorage('sqlite:///new.db'); storage.upgrade(); storage.now(); storage.close()\n"
        "print('alembic' in sys.modules)\n"
        "storage = SqlStorage('sqlite:///old.db'); storage.upgrade(); storage.close()\n"
        "print('alembic' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.split() == ["False", "True"]
    assert result.stderr == ""


def test_a_file_that_contradicts_itself_is_left_alone(tmp_path: Path) -> None:
    url = make(tmp_path / "crm.db", 1)
    with closing(sqlite3.connect(tmp_path / "crm.db")) as raw, raw:
        raw.execute("CREATE TABLE nurture_version (version_num)")
        raw.execute("INSERT INTO nurture_version VALUES ('unheard of')")
    before = shape(tmp_path / "crm.db")
    with pytest.raises(StorageError, match="no way leads from schema '1'"):
        SqlStorage(url).upgrade()
    assert shape(tmp_path / "crm.db") == before


# --- the same on PostgreSQL ------------------------------------------------------------------------------------


def described(url: str) -> dict[str, object]:
    """How PostgreSQL describes our tables and indexes."""
    engine = create_engine(url)
    with engine.connect() as connection:
        looked = inspect(connection)
        found: dict[str, object] = {
            str(name): str(sql)
            for name, sql in connection.exec_driver_sql(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            )
        }
        for table in looked.get_table_names():
            columns = looked.get_columns(table)
            found[table] = {(c["name"], repr(c["type"]), c["nullable"], c["default"]) for c in columns}
    engine.dispose()
    return found


@pytest.mark.parametrize("version", EARLIER)
def test_postgres_is_upgraded_alike(version: int) -> None:
    url = make_on_postgres(version)
    for tenant in TENANTS:
        storage = SqlStorage(url, tenant=tenant, clock=lambda: LATER)
        if tenant == TENANTS[0]:
            with pytest.raises(SchemaError):
                storage.now()
        storage.upgrade()
        with storage.view() as view:
            for kind, records in contents(version, tenant).items():
                assert {one.id: one for one in view.page(KINDS[kind], "", 1_000)} == {one.id: one for one in records}
        with storage.begin() as unit:
            assert unit.due(unit.now(), 9)
        storage.close()
    new = empty_url()
    storage = SqlStorage(new)
    storage.upgrade()
    storage.close()
    assert described(url) == described(new)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_server_default": True}
        )
        assert compare_metadata(context, schema.metadata) == []
        read = "SELECT id, advanced_to FROM nurture_standing WHERE tenant = 'default'"
        filled = {str(name): moment for name, moment in connection.exec_driver_sql(read)}
    engine.dispose()
    standings = [one for one in contents(version, "default")["Standing"] if isinstance(one, Standing)]
    assert filled == {one.id: one.advanced_to and to_micros(one.advanced_to) for one in standings}


@pytest.mark.parametrize("start", ["nothing", "schema 1"])
def test_on_postgres_two_programs_at_once_do_it_once(start: str) -> None:
    url = empty_url() if start == "nothing" else make_on_postgres(1)
    stores = [SqlStorage(url, clock=lambda: LATER) for _ in range(4)]
    together = Barrier(len(stores))

    def upgrade(storage: SqlStorage) -> None:
        together.wait(60)
        storage.upgrade()

    with ThreadPoolExecutor(len(stores)) as pool:
        list(pool.map(upgrade, stores))
    for number, storage in enumerate(stores):
        with storage.begin() as unit:
            assert not unit.put({SubjectId("s"): Changes(records=(Alias(id=f"a{number}", subject=SubjectId("s")),))})
        storage.close()


def test_on_postgres_an_upgrade_that_fails_changes_nothing() -> None:
    url = make_on_postgres(1)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX nurture_effect_by_due")
    engine.dispose()
    before = described(url)
    storage = SqlStorage(url)
    with pytest.raises(StorageError):
        storage.upgrade()
    storage.close()
    assert described(url) == before
