"""`storage.clock`: instants strictly increase whatever the clock does, and become whole microseconds and back."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import ClockJumpError, StorageError
from nurture.model import Alias, Changes, SubjectId
from nurture.ports import Storage
from nurture.storage import ClockLimit, MemoryStorage, SqlStorage
from nurture.storage.clock import Ticker, from_micros, limit_for, system_clock, to_micros
from tests.postgres import clean_url

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@given(st.lists(st.integers(-5, 5), min_size=1))
def test_instants_increase_and_never_lag_behind_the_clock(jumps: list[int]) -> None:
    times = [NOON + jump * MICROSECOND for jump in jumps]
    clock = iter(times)
    ticker = Ticker(lambda: next(clock))
    given_out = [ticker.tick() for _ in times]
    assert given_out == sorted(set(given_out))
    assert all(instant >= time for instant, time in zip(given_out, times, strict=True))


def test_an_instant_follows_the_one_that_it_must_follow() -> None:
    ticker = Ticker(lambda: NOON)
    assert ticker.tick(after=NOON + timedelta(days=1)) == NOON + timedelta(days=1) + MICROSECOND
    assert ticker.tick(after=NOON) == NOON + timedelta(days=1) + 2 * MICROSECOND


def test_instants_are_in_utc() -> None:
    assert Ticker(lambda: NOON.astimezone(timezone(timedelta(hours=9)))).tick().tzinfo is UTC
    assert system_clock().tzinfo is UTC


def test_a_naive_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Ticker(lambda: datetime(2026, 3, 2)).tick()  # noqa: DTZ001 -- on purpose


def test_threads_never_share_an_instant() -> None:
    ticker = Ticker(lambda: NOON)
    with ThreadPoolExecutor(4) as pool:
        instants = list(pool.map(lambda _: ticker.tick(), range(400)))
    assert len(set(instants)) == 400


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_are_exact(instant: datetime) -> None:
    assert from_micros(to_micros(instant)) == instant
    assert from_micros(to_micros(instant)).tzinfo is UTC


# --- how far a clock is believed -------------------------------------------------------------------------------

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Hands:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def stores(folder: Path) -> dict[str, tuple[Hands, MemoryStorage | SqlStorage]]:
    """One of each kind with the usual limit, on a clock that the test sets; something was committed at noon."""
    made: dict[str, tuple[Hands, MemoryStorage | SqlStorage]] = {}
    for kind, make in (
        ("memory", lambda clock: MemoryStorage(clock=clock, clock_limit=ClockLimit())),
        ("sqlite", lambda clock: SqlStorage(f"sqlite:///{folder / 'crm.db'}", clock=clock, clock_limit=ClockLimit())),
    ):
        hands = Hands()
        made[kind] = (hands, make(hands))
        save(made[kind][1], "first")
    return made


def save(storage: Storage, name: str) -> datetime:
    with storage.begin() as unit:
        subject = SubjectId("lead_1")
        assert not unit.put({subject: Changes(records=(Alias(id=name, subject=subject),))})
        return unit.now()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Hands, MemoryStorage | SqlStorage]]:
    made = stores(tmp_path)
    yield made[request.param]
    for _, storage in made.values():
        storage.close()


@pytest.mark.parametrize("back", [timedelta(seconds=1), HOUR - timedelta(seconds=1)])
def test_a_small_jump_back_makes_time_stand_still(store: tuple[Hands, Storage], back: timedelta) -> None:
    hands, storage = store
    last = storage.now()
    hands.now = NOON - back
    for _ in range(3):
        now = save(storage, f"a{last}")
        assert now == last + MICROSECOND
        last = now
    hands.now = NOON + timedelta(seconds=1)
    assert storage.now() == hands.now


@pytest.mark.parametrize("back", [HOUR + MICROSECOND, DAY, timedelta(days=3650)])
def test_a_big_jump_back_is_refused(store: tuple[Hands, Storage], back: timedelta) -> None:
    hands, storage = store
    hands.now = NOON - back
    for act in (storage.now, lambda: save(storage, "b")):
        with pytest.raises(
            ClockJumpError, match=r"behind the last committed instant.*storage\.allow_clock\(\)"
        ) as caught:
            act()
        assert caught.value.gap == -back
        assert caught.value.limit == HOUR
    hands.now = NOON + HOUR
    assert save(storage, "b") == hands.now


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), HOUR, DAY, 31 * DAY])
def test_a_jump_ahead_within_a_month_is_followed(store: tuple[Hands, Storage], ahead: timedelta) -> None:
    hands, storage = store
    hands.now = NOON + ahead
    assert save(storage, "b") == hands.now


def test_a_jump_ahead_beyond_a_month_is_refused_and_nothing_written(store: tuple[Hands, Storage]) -> None:
    hands, storage = store
    hands.now = NOON + timedelta(days=3650)
    for act in (storage.now, lambda: save(storage, "b")):
        with pytest.raises(
            ClockJumpError, match="ahead of the last committed instant, and 31 days, 0:00:00 is the limit"
        ):
            act()
    with storage.view() as view:
        assert [one.id for one in view.page(Alias, "", 9)] == ["first"]


def test_a_process_that_sees_time_pass_is_never_refused(store: tuple[Hands, Storage]) -> None:
    hands, storage = store
    for _ in range(10):
        hands.now += 20 * DAY
        assert storage.now() == hands.now
    assert save(storage, "b") > hands.now


def test_an_accepted_jump_ahead_counts_from_there(store: tuple[Hands, MemoryStorage | SqlStorage]) -> None:
    hands, storage = store
    hands.now = NOON + 300 * DAY
    storage.allow_clock()
    assert save(storage, "b") > hands.now - MICROSECOND
    hands.now += 32 * DAY
    with pytest.raises(ClockJumpError):
        storage.now()


def test_an_accepted_jump_back_makes_time_stand_still_until_it_is_caught_up(
    store: tuple[Hands, MemoryStorage | SqlStorage],
) -> None:
    hands, storage = store
    hands.now = NOON - 2 * DAY
    storage.allow_clock()
    first = save(storage, "b")
    hands.now += DAY
    second = save(storage, "c")
    assert NOON < first < second < NOON + timedelta(seconds=1)
    hands.now = NOON - 2 * DAY - HOUR
    assert save(storage, "d") > second
    hands.now -= MICROSECOND  # further back than what was accepted
    with pytest.raises(ClockJumpError):
        save(storage, "e")
    hands.now = NOON + 2 * HOUR
    assert save(storage, "e") == hands.now
    hands.now = NOON - 2 * DAY  # accepted once, not for ever
    with pytest.raises(ClockJumpError):
        save(storage, "f")


def test_what_was_accepted_holds_for_other_processes_and_for_that_tenant(tmp_path: Path) -> None:
    hands = Hands()
    one, other = [
        SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}", clock=hands, clock_limit=ClockLimit()) for _ in range(2)
    ]
    neighbour = other.for_tenant("neighbour")
    save(one, "a")
    save(neighbour, "a")
    hands.now -= 400 * DAY
    for storage in (one, other):
        with pytest.raises(ClockJumpError):
            storage.now()
    one.allow_clock()
    save(other, "b")
    save(one, "c")
    with pytest.raises(ClockJumpError):
        neighbour.now()
    neighbour.allow_clock()
    save(neighbour, "b")
    for storage in (one, other):
        storage.close()


def test_a_clock_that_is_ahead_is_accepted_for_every_tenant(tmp_path: Path) -> None:
    """Time itself went on; only how far a clock went back is a matter of one tenant's instants."""
    hands = Hands()
    storage = open_at(tmp_path, hands)
    neighbour = storage.for_tenant("neighbour")
    for one in (storage, neighbour):
        save(one, "a")
    hands.now += 400 * DAY
    for one in (storage, neighbour):
        with pytest.raises(ClockJumpError):
            one.now()
    storage.allow_clock()
    assert save(neighbour, "b") == hands.now
    assert save(storage, "b") > hands.now
    storage.close()


# --- a quiet month ----------------------------------------------------------------------------------------------


def open_at(folder: Path, hands: Hands) -> SqlStorage:
    """What another process would open."""
    return SqlStorage(f"sqlite:///{folder / 'crm.db'}", clock=hands, clock_limit=ClockLimit())


def test_an_idle_worker_vouches_for_the_time_that_passed(tmp_path: Path) -> None:
    """It polls and commits nothing; a web process that slept meanwhile takes the first lead after forty days."""
    hands = Hands()
    web, worker = open_at(tmp_path, hands), open_at(tmp_path, hands)
    save(web, "a")
    for _ in range(40 * 4):
        hands.now += DAY / 4
        worker.now()
    for number, process in enumerate((web, open_at(tmp_path, hands), worker)):
        assert save(process, f"after {number}") >= hands.now
        process.close()


def test_nobody_alive_for_longer_than_the_limit_is_refused(tmp_path: Path) -> None:
    hands = Hands()
    worker = open_at(tmp_path, hands)
    save(worker, "a")
    for _ in range(40):
        hands.now += DAY
        worker.now()
    worker.close()
    hands.now += 32 * DAY
    restarted = open_at(tmp_path, hands)
    for act in (restarted.now, lambda: save(restarted, "b")):
        with pytest.raises(ClockJumpError, match=r"ahead of the last committed instant.*storage\.allow_clock\(\)"):
            act()
    hands.now -= DAY
    assert save(restarted, "b") == hands.now
    restarted.close()


def test_another_tenant_vouches_too(tmp_path: Path) -> None:
    hands = Hands()
    quiet, busy = open_at(tmp_path, hands), open_at(tmp_path, hands).for_tenant("busy")
    save(quiet, "a")
    for day in range(40):
        hands.now += DAY
        save(busy, f"day {day}")
    assert save(quiet, "b") == hands.now
    hands.now += 32 * DAY
    for tenant in (quiet, busy):
        with pytest.raises(ClockJumpError):
            tenant.now()
    quiet.close()


def test_who_asks_for_the_time_writes_it_down_once_a_day_and_waits_for_nobody(tmp_path: Path) -> None:
    hands = Hands()
    storage = open_at(tmp_path, hands)
    save(storage, "a")
    written = [kept(tmp_path)]
    for _ in range(48):
        hands.now += HOUR
        storage.now()
        written.append(kept(tmp_path))
    assert len(set(written)) == 3
    hands.now += DAY
    with storage.begin():  # holds the write lock, in this very thread
        assert storage.now() == hands.now
    assert kept(tmp_path) == written[-1]
    hands.now += HOUR
    assert storage.now() == hands.now
    assert kept(tmp_path) == to_micros(hands.now)
    storage.close()


def test_on_postgres_an_idle_worker_vouches_too() -> None:
    hands, url = Hands(), clean_url()
    web, worker = [SqlStorage(url, clock=hands, clock_limit=ClockLimit()) for _ in range(2)]
    save(web, "a")
    for _ in range(40):
        hands.now += DAY
        worker.now()
    assert save(web, "b") > hands.now - DAY
    hands.now += 32 * DAY
    fresh = SqlStorage(url, clock=hands, clock_limit=ClockLimit())
    with pytest.raises(ClockJumpError):
        save(fresh, "c")
    for one in (web, worker, fresh):
        one.close()


def kept(folder: Path) -> int:
    """The instant that the file knows."""
    with closing(sqlite3.connect(folder / "crm.db")) as raw:
        return int(raw.execute("SELECT last FROM nurture_clock").fetchone()[0])


def test_a_new_store_believes_any_clock(tmp_path: Path) -> None:
    for year in (1970, 9999):
        clock = lambda year=year: datetime(year, 1, 2, tzinfo=UTC)
        for storage in (
            MemoryStorage(clock=clock, clock_limit=ClockLimit()),
            SqlStorage(f"sqlite:///{tmp_path / str(year)}.db", clock=clock, clock_limit=ClockLimit()),
        ):
            assert storage.now().year == year
            storage.close()


def test_only_a_real_clock_is_limited_unless_one_asks() -> None:
    limit = ClockLimit(back=None)
    assert limit_for(None, None) == ClockLimit()
    assert limit_for(system_clock, None) is None
    assert limit_for(system_clock, limit) is limit_for(None, limit) is limit


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"back": -HOUR}, "ClockLimit.back: expected no negative length"),
        ({"ahead": -MICROSECOND}, "ClockLimit.ahead: expected no negative length"),
        ({"back": 3600}, "ClockLimit.back: expected a timedelta or None, found int"),
        ({"ahead": "31 days"}, "ClockLimit.ahead: expected a timedelta or None, found str"),
    ],
)
def test_a_limit_that_is_no_length_of_time_is_refused(wrong: dict[str, timedelta], words: str) -> None:
    with pytest.raises(StorageError, match=words):
        ClockLimit(**wrong)


def test_something_else_than_a_limit_is_refused(tmp_path: Path) -> None:
    for make in (
        lambda: MemoryStorage(clock_limit=HOUR),  # type: ignore[arg-type]
        lambda: SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}", clock_limit=HOUR),  # type: ignore[arg-type]
    ):
        with pytest.raises(StorageError, match="clock_limit: expected a ClockLimit or None, found timedelta"):
            make()


def test_a_direction_may_be_without_limit(tmp_path: Path) -> None:
    hands = Hands()
    storage = MemoryStorage(clock=hands, clock_limit=ClockLimit(back=None, ahead=None))
    save(storage, "a")
    hands.now = NOON - 9999 * DAY
    assert save(storage, "b") == NOON + MICROSECOND
    hands.now = NOON + 9999 * DAY
    assert save(storage, "c") == hands.now


def test_the_machines_clock_is_limited_by_default(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    past = SqlStorage(url, clock=lambda: datetime(1999, 1, 1, tzinfo=UTC))
    save(past, "a")
    storage = SqlStorage(url)
    with pytest.raises(ClockJumpError):
        storage.now()
    storage.allow_clock()
    assert save(storage, "b").year > 1999
    for one in (past, storage):
        one.close()


@given(
    st.lists(
        st.one_of(st.integers(-3, 3).map(lambda hours: hours * HOUR), st.integers(-90, 90).map(lambda days: days * DAY))
    )
)
def test_whatever_the_clock_does_instants_increase_and_no_big_jump_passes(jumps: list[timedelta]) -> None:
    """Each jump is followed, or makes time stand still, or is refused; what was given out never repeats."""
    hands = Hands()
    ticker = Ticker(hands, ClockLimit())
    given_out = [ticker.tick()]
    for jump in jumps:
        hands.now += jump
        gap = hands.now - given_out[-1]
        if -HOUR <= gap <= 31 * DAY:
            given_out.append(ticker.tick(after=given_out[-1]))
            assert given_out[-1] == max(hands.now, given_out[-2] + MICROSECOND)
        else:
            with pytest.raises(ClockJumpError):
                ticker.tick(after=given_out[-1])
            hands.now -= jump
    assert given_out == sorted(set(given_out))
