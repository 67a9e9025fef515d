"""`storage.sql.sqlite`: a thread that writes back to back makes room for others; errors in plain words."""

import sqlite3
from collections.abc import Iterator

import pytest

from nurture.storage.sql import sqlite
from nurture.storage.sql.sqlite import SqliteDialect, _Held, _until_free


class FakeTime:
    """A clock that moves only when somebody sleeps or says so."""

    def __init__(self) -> None:
        self.present = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.present

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.present += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr(sqlite, "time", fake)
    return fake


def hold(held: _Held, clock: FakeTime, seconds: float) -> None:
    held.pause()
    held.since = clock.monotonic()
    clock.present += seconds
    held.release()


def test_a_writer_pauses_after_fifty_milliseconds_of_lock_time(clock: FakeTime) -> None:
    held = _Held()
    for _ in range(3):
        hold(held, clock, 0.020)
    assert clock.slept == []
    hold(held, clock, 0.020)
    assert clock.slept == [0.005]
    for _ in range(2):
        hold(held, clock, 0.020)
    assert clock.slept == [0.005]


def test_a_writer_that_rested_anyway_does_not_pause(clock: FakeTime) -> None:
    held = _Held()
    for _ in range(10):
        hold(held, clock, 0.100)
        clock.present += 0.006
    assert clock.slept == []


def test_the_lock_is_asked_for_every_two_milliseconds_with_jitter(clock: FakeTime) -> None:
    answers = iter([sqlite3.SQLITE_BUSY] * 200)

    def act() -> None:
        for code in answers:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = code
            raise error

    _until_free(act)
    assert len(clock.slept) == 200
    assert all(0.001 <= one <= 0.003 for one in clock.slept)
    assert len(set(clock.slept)) > 100


def test_what_is_not_a_lock_is_not_waited_for(clock: FakeTime) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR

    def act() -> None:
        raise error

    with pytest.raises(sqlite3.OperationalError):
        _until_free(act)
    assert clock.slept == []


def test_waiting_ends(clock: FakeTime) -> None:
    def act() -> None:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    with pytest.raises(sqlite3.OperationalError):
        _until_free(act)
    assert sqlite.LOCK_TIMEOUT <= sum(clock.slept) < sqlite.LOCK_TIMEOUT + 0.01


def _errors() -> Iterator[tuple[BaseException, str]]:
    for name, words in (
        ("SQLITE_IOERR_FSYNC", "the disk did not obey (SQLITE_IOERR_FSYNC)"),
        ("SQLITE_CORRUPT_INDEX", "the database file is damaged (SQLITE_CORRUPT_INDEX)"),
        ("SQLITE_MISMATCH", "the database refused: SQLITE_MISMATCH"),
    ):
        error = sqlite3.DatabaseError("secret")
        error.sqlite_errorname = name
        yield error, words
    yield sqlite3.ProgrammingError("secret"), "the database refused: ProgrammingError"


@pytest.mark.parametrize(("error", "words"), list(_errors()))
def test_errors_are_said_in_plain_words(error: BaseException, words: str) -> None:
    assert str(SqliteDialect.explain(object.__new__(SqliteDialect), error)) == words
