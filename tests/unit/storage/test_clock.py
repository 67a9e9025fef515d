"""`storage.clock`: instants strictly increase whatever the clock does, and become whole microseconds and back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.storage.clock import Ticker, from_micros, system_clock, to_micros

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
