"""`storage.sql.postgres`: what is refused, what errors mean, and what a server does to its clients."""

import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import create_engine, text

from nurture.errors import ConflictError, StorageError
from nurture.model import Alias, Changes, Lead, SubjectId
from nurture.storage import SqlStorage
from nurture.storage.sql import instants
from nurture.storage.sql import postgres as dialects
from nurture.storage.sql.postgres_errors import explained
from nurture.storage.sql.session import Session
from nurture.testing.storage_groups import ANN, BEN, DAY, NOON, decision, effect, fact, lead, row, save, standing
from tests import postgres

LONG = 60


@pytest.fixture
def storage() -> Iterator[SqlStorage]:
    made = SqlStorage(postgres.clean_url())
    yield made
    made.close()


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.own_server(synchronous_commit="on", log_min_messages="fatal") as made:
        yield made


# -- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mysql", "mssql", "oracle", "mariadb"])
def test_other_databases_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite:///crm.db")
    monkeypatch.setattr(engine.dialect, "name", name)
    with pytest.raises(StorageError, match=f"does not speak '{name}'; known: 'postgresql', 'sqlite'"):
        SqlStorage(engine)


def test_other_drivers_are_refused() -> None:
    engine = SimpleNamespace(driver="psycopg2")
    with pytest.raises(StorageError, match=r"through 'psycopg2': write 'postgresql\+psycopg://"):
        dialects.PostgresDialect(engine)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((120_017, "UTF8", "PostgreSQL 12.17"), "PostgreSQL 12 is too old: 13 or newer"),
        ((150_000, "LATIN1", "PostgreSQL 15.0"), "the database is in LATIN1: .* ENCODING 'UTF8'"),
        ((130_000, "UTF8", "CockroachDB CCL v23"), "does not speak to CockroachDB"),
    ],
)
def test_servers_that_cannot_work_are_refused(row: tuple[int, str, str], words: str) -> None:
    connection = SimpleNamespace(rows_of=lambda *_: [row])
    dialect = object.__new__(dialects.PostgresDialect)
    with pytest.raises(StorageError, match=words):
        dialect.check(connection)  # type: ignore[arg-type]


def test_a_database_in_another_encoding_is_refused() -> None:
    one = postgres.server()
    one.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    storage = SqlStorage(one.url("latin"))
    with pytest.raises(StorageError, match="the database is in LATIN1"):
        storage.now()
    storage.close()


# -- what errors mean --------------------------------------------------------------------------------------------

CODES = {
    "40001": "safe", "40P01": "waited for each other.*safe", "55P03": "too long", "23505": "first",
    "57014": "took too long", "25006": "read-only", "53100": "disk of its server is full", "53200": "out of memory",
    "53300": "no more connections", "53400": "short of something", "42501": "lacks a privilege", "42P01": "upgrade",
    "42703": "upgrade", "3F000": "schema of the search path", "3D000": "does not exist", "28P01": "refuses this user",
    "57P01": "stopping or starting", "08006": "connection to the database was lost", "22021": "cannot keep",
    "58030": "did not obey", "XX001": "damaged", "22003": "the database refused: DatabaseError",
}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_errors_are_said_in_plain_words(code: str) -> None:
    class Given(psycopg.DatabaseError):
        sqlstate = code

    Given.__name__ = "DatabaseError"
    found = explained(Given("secret"))
    assert found.args == (str(found),)
    assert str(found).endswith(f"({code})")
    assert "secret" not in str(found)
    assert type(found) is (ConflictError if code in ("40001", "40P01", "55P03", "23505") else StorageError)
    with pytest.raises(StorageError, match=CODES[code]):
        raise found


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (psycopg.OperationalError("secret"), "cannot be reached, or the connection was lost"),
        (psycopg.errors.ConnectionTimeout("secret"), "does not answer"),
        (psycopg.DataError("secret"), r"U\+0000"),
        (psycopg.NotSupportedError("secret"), "refused: NotSupportedError"),
    ],
)
def test_errors_of_the_driver_too(error: Exception, words: str) -> None:
    with pytest.raises(StorageError, match=words) as caught:
        raise explained(error)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_text_that_cannot_be_kept_is_a_typed_error(storage: SqlStorage, name: str) -> None:
    with pytest.raises(StorageError, match=r"U\+0000 or half a character"):
        save(storage, lead(), Alias(id=name, subject=ANN))
    with storage.view() as view, pytest.raises(StorageError, match=r"U\+0000 or half a character"):
        view.get(Alias, ["a", name])
    with storage.view() as view:
        assert view.existing([ANN]) == frozenset()


def test_odd_texts_come_back_as_they_were(storage: SqlStorage) -> None:
    names = ['a"b', "a\\b", "{}", "NULL", "", ",", "a'b", "%s", "あ", "\U0001f600", "a\nb", "a\x01b"]
    aliases = {name: Alias(id=name, subject=SubjectId(name)) for name in names}
    assert save(storage, *aliases.values())
    with storage.view() as view:
        assert view.get(Alias, names) == aliases
        assert [one.id for one in view.page(Alias, "", 99)] == sorted(names)[1:]  # "" comes before the first page


def test_missing_tables_are_said() -> None:
    url = postgres.fresh_url()
    storage = SqlStorage(url)
    storage.now()
    postgres.server().sql("DROP TABLE nurture_alias", url.rpartition("/")[2])
    with pytest.raises(StorageError, match=r"a table is missing: call storage\.upgrade"):
        save(storage, Alias(id="a", subject=ANN))
    storage.close()


def test_a_user_who_may_only_read_is_told(storage: SqlStorage) -> None:
    url = postgres.fresh_url()
    database = url.rpartition("/")[2]
    grant = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
    for statement in ("DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN", grant):
        postgres.server().sql(statement, database)
    reader = SqlStorage(url.replace("nurture@", "reader@"))
    with reader.view() as view:
        assert view.existing([ANN]) == frozenset()
    with pytest.raises(StorageError, match="lacks a privilege"):
        save(reader, Alias(id="a", subject=ANN))
    reader.close()


# -- what a server does to its clients -----------------------------------------------------------------------------


def test_nobody_there() -> None:
    storage = SqlStorage("postgresql+psycopg://nurture@127.0.0.1:9/crm?connect_timeout=2")
    with pytest.raises(StorageError, match="cannot be reached"):
        storage.now()


def test_a_connection_that_is_cut_in_the_middle_loses_the_unit_and_no_more(server: postgres.Server) -> None:
    storage = SqlStorage(server.url())
    assert save(storage, Alias(id="a", subject=ANN))
    with pytest.raises(StorageError, match=r"stopping or starting|was lost"):
        _cut_in_the_middle(storage, server)
    assert names(storage) == ["a"]
    assert save(storage, Alias(id="d", subject=ANN))
    storage.close()


def _cut_in_the_middle(storage: SqlStorage, server: postgres.Server) -> None:
    with storage.begin() as unit:
        assert not unit.put({ANN: Changes(records=(Alias(id="b", subject=ANN),))})
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")
        unit.put({ANN: Changes(records=(Alias(id="c", subject=ANN),))})


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_restarted_is_used_again(server: postgres.Server, how: signal.Signals) -> None:
    storage = SqlStorage(server.url())
    assert save(storage, Alias(id=f"r{how}", subject=ANN))
    with storage.view(), storage.view(), storage.view():  # three connections in the pool
        pass
    server.stop(how)
    with pytest.raises(StorageError, match=r"cannot be reached|stopping or starting|was lost"):
        storage.now()
    server.start()
    assert f"r{how}" in names(storage)
    assert save(storage, Alias(id=f"s{how}", subject=ANN))
    storage.close()


def names(storage: SqlStorage) -> list[str]:
    with storage.view() as view:
        return [one.id for one in view.page(Alias, "", 99)]


def test_a_standby_is_read_only(server: postgres.Server) -> None:
    server.sql("CREATE DATABASE standby")
    storage = SqlStorage(server.url("standby"))
    storage.upgrade()
    storage.close()
    server.sql("ALTER DATABASE standby SET default_transaction_read_only = on")
    with storage.begin() as unit:  # it may be written where that is asked for
        unit.put({ANN: Changes(records=(Alias(id="a", subject=ANN),))})
    assert names(storage) == ["a"]
    storage.close()


def test_nothing_waits_for_ever(storage: SqlStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialects, "_LIMITS", "SET LOCAL lock_timeout = '100ms'")
    save(storage, lead())
    with storage.begin() as unit:
        unit.put({ANN: Changes(records=(fact("1"), row("1")))})
        caught: list[BaseException] = []
        other = threading.Thread(target=lambda: caught.append(_error_of(storage)))
        other.start()
        other.join(LONG)
    assert isinstance(caught[0], ConflictError)
    assert "holds the same rows for too long" in str(caught[0])


def test_a_process_that_stands_still_in_a_transaction_holds_nobody_up_for_ever(
    storage: SqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects, "_LIMITS", dialects._LIMITS.replace(f"'{dialects.IDLE}s'", "'200ms'"))
    save(storage, lead())
    with pytest.raises(StorageError):
        _stand_still(storage)
    with storage.view() as view:
        assert [one.id for one in view.history(ANN)] == ["2"]


def _stand_still(storage: SqlStorage) -> None:
    with storage.begin() as unit:
        unit.put({ANN: Changes(records=(fact("1"), row("1")))})
        other = threading.Thread(target=save, args=(storage, fact("2"), row("2")))
        other.start()
        other.join(LONG)
        assert not other.is_alive()


def _error_of(storage: SqlStorage) -> BaseException:
    with pytest.raises(StorageError) as caught:
        save(storage, fact("2"), row("2"))
    return caught.value


def test_an_engine_of_the_hosts_goes_on_as_before() -> None:
    url = postgres.clean_url()
    engine = create_engine(url, pool_size=1, max_overflow=0)
    storage = SqlStorage(engine)
    save(storage, Alias(id="a", subject=ANN))
    with engine.connect() as connection:
        assert connection.execute(text("SHOW enable_seqscan")).scalar() == "on"
        connection.execute(text("DELETE FROM nurture_alias"))
        connection.rollback()
    assert names(storage) == ["a"]
    engine.dispose()


# -- what it costs ---------------------------------------------------------------------------------------------------


class Trips:
    """Counts round trips."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        execute = psycopg.Cursor.execute

        def counted(cursor: psycopg.Cursor, query: str, *given: object, **named: object) -> object:
            self.texts.append(query)
            return execute(cursor, query, *given, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(psycopg.Cursor, "execute", counted)


def test_a_batch_takes_a_handful_of_round_trips(storage: SqlStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many subjects: to begin, lock, compare, write, commit; and to ask who exists and what time it is."""
    monkeypatch.setattr(instants, "_OFTEN_ENOUGH", DAY)  # else a slow machine writes the clock down once more
    subjects = [SubjectId(f"lead_{number:03}") for number in range(300)]
    with storage.begin() as unit:
        assert not unit.put({one: Changes(records=(lead(one),)) for one in subjects})
    trips = Trips(monkeypatch)
    with storage.begin() as unit:
        now = unit.now()
        assert len(unit.existing(subjects)) == 300
        facts = {one: Changes(records=(fact(f"f{one}", one), row(f"f{one}", one, due_at=now))) for one in subjects}
        assert not unit.put(facts)
    recorded, trips.texts = len(trips.texts), []
    groups = {
        one: Changes(
            records=(standing(one, due_at=NOON, advanced_to=now), effect(f"e{one}", one), decision(f"d{one}")),
            folded=(f"f{one}",),
            quiet_until=now,
        )
        for one in subjects
    }
    with storage.begin() as unit:
        assert not unit.put(groups)
    assert (recorded, len(trips.texts)) == (7, 5)


def test_the_clock_is_the_servers_and_is_written_down_once_a_second(
    storage: SqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instants, "_OFTEN_ENOUGH", DAY)  # a second that never ends
    written: list[str] = []
    run = Session.run
    monkeypatch.setattr(Session, "run", lambda one, what, values: (written.append(what.text), run(one, what, values)))
    given: list[datetime] = []
    for number in range(5):
        with storage.begin() as unit:
            given.append(unit.now())
            assert not unit.put({ANN: Changes(records=(Alias(id=f"{number}", subject=ANN),))})
    others = SqlStorage(storage._shared.engine)
    with others.begin() as unit:
        given.append(unit.now())
    assert given == sorted(set(given))
    assert [one.split(" ", 1)[0] for one in written if "nurture_clock" in one] == ["INSERT", "UPDATE"]
    server_now = postgres.server().sql("SELECT clock_timestamp()")[0][0]
    assert abs(server_now - given[-1]) < timedelta(minutes=1)


def test_sleepers_are_told_only_when_there_are_any(storage: SqlStorage) -> None:
    """Telling nobody would cost all the same: PostgreSQL commits those who tell one after the other."""
    told: list[object] = []
    with psycopg.connect(storage._shared.engine.url.render_as_string().replace("+psycopg", ""), autocommit=True) as ear:
        ear.execute(f"LISTEN {_channel()}")
        assert save(storage, fact("1"), row("1", due_at=NOON))
        told += ear.notifies(timeout=0.2)
        assert told == []
        ear.execute(f"SELECT pg_advisory_lock({_bed()})")
        assert save(storage, fact("2", BEN), row("2", BEN, due_at=NOON))
        told += ear.notifies(timeout=LONG, stop_after=1)
    assert len(told) == 1


def _channel() -> str:
    from nurture.storage.sql.waking import channel_of

    return channel_of("default")


def _bed() -> int:
    from nurture.storage.sql.waking import bed_of

    return bed_of("default")


# -- a table in parts ------------------------------------------------------------------------------------------------


def test_a_host_may_partition_the_touchpoints() -> None:
    storage = SqlStorage(postgres.partitioned_url())
    for number in range(20):
        one = SubjectId(f"lead_{number}")
        assert save(storage, lead(one), fact(f"f{number}", one), row(f"f{number}", one), subject=one)
        assert save(storage, fact(f"f{number}", one), subject=one)
    parts = [
        postgres.server().sql(f"SELECT count(*) FROM nurture_touchpoint_{part}", storage._shared.engine.url.database)
        for part in range(4)
    ]
    assert sum(rows[0][0] for rows in parts) == 20
    assert min(rows[0][0] for rows in parts) > 0
    with storage.view() as view:
        assert len(view.due(NOON + DAY, 99)) == 20
        assert view.get(Lead, ["lead_1"]).keys() == {"lead_1"}
    storage.close()
