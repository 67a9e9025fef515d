"""Invariant 21: civil times under the stated policy, in every zone and around every change of its clocks.

`make test` walks two years of all IANA zones, `make stress` the years 2024 to 2029 and more dates. The oracles
are written here without the library: offsets found by bisection, months by hand, days one by one.
"""

import calendar as months
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.calendar import (
    MONDAY_TO_FRIDAY,
    BusinessCalendar,
    Civil,
    Window,
    add,
    civil,
    from_json,
    localize,
    shift,
    to_json,
    to_local,
    zone,
    zone_names,
)

QUICK = (2025, 2027)
LONG = (2024, 2030)
SPANS = [pytest.param(QUICK, id="quick"), pytest.param(LONG, id="long", marks=pytest.mark.stress)]
QUARTER = timedelta(minutes=15)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


class Change(NamedTuple):
    """One change of the clocks of a zone: the instant, and the offsets before and after."""

    zone: str
    at: datetime
    before: timedelta
    after: timedelta


def offset(name: str, instant: datetime) -> timedelta:
    found = instant.astimezone(zone(name)).utcoffset()
    assert found is not None
    return found


def changes_of(name: str, first: int, last: int) -> Iterator[Change]:
    day, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last, 1, 1, tzinfo=UTC)
    while day < end:
        low, high = day, day + timedelta(days=1)
        day = high
        before, after = offset(name, low), offset(name, high)
        if before == after:
            continue
        while high - low > SECOND:
            middle = low + (high - low) // 2
            middle = middle.replace(microsecond=0)
            low, high = (middle, high) if offset(name, middle) == before else (low, middle)
        yield Change(name, high, before, after)


@cache
def changes(span: tuple[int, int]) -> list[Change]:
    return [change for name in sorted(zone_names()) for change in changes_of(name, *span)]


def naive(instant: datetime, offset: timedelta) -> datetime:
    return instant.replace(tzinfo=None) + offset


@pytest.mark.parametrize("span", SPANS)
def test_the_walk_meets_gaps_and_folds_of_many_zones(span: tuple[int, int]) -> None:
    gaps = [change for change in changes(span) if change.after > change.before]
    folds = [change for change in changes(span) if change.after < change.before]
    assert len(zone_names()) > 590
    assert min(len(gaps), len(folds)) > 300
    assert {change.after - change.before for change in gaps} >= {timedelta(minutes=30), timedelta(hours=1)}


@pytest.mark.parametrize("span", SPANS)
def test_a_gap_moves_times_forward_by_its_length(span: tuple[int, int]) -> None:
    for change in changes(span):
        gap = change.after - change.before
        if gap <= timedelta():
            continue
        start = naive(change.at, change.before)
        for skipped in (start, start + gap / 2, start + gap - MICROSECOND):
            found = localize(skipped, zone(change.zone))
            assert to_local(found, zone(change.zone)).replace(tzinfo=None) == skipped + gap, change
            assert change.at <= found < change.at + gap, change


@pytest.mark.parametrize("span", SPANS)
def test_a_fold_takes_the_first_time(span: tuple[int, int]) -> None:
    for change in changes(span):
        fold = change.before - change.after
        if fold <= timedelta():
            continue
        start = naive(change.at, change.after)
        for twice in (start, start + fold / 2, start + fold - MICROSECOND):
            assert localize(twice, zone(change.zone)) == (twice - change.before).replace(tzinfo=UTC), change
            assert localize(twice, zone(change.zone)) < change.at, change


@pytest.mark.parametrize("span", SPANS)
def test_every_instant_but_the_second_of_a_fold_survives_the_round_trip(span: tuple[int, int]) -> None:
    for change in changes(span):
        place, fold = zone(change.zone), change.before - change.after
        for hours in range(-30, 31, 3):
            for nudge in (-MICROSECOND, timedelta(), MICROSECOND):
                instant = change.at + timedelta(hours=hours) + nudge
                back = localize(to_local(instant, place).replace(tzinfo=None), place)
                repeated = change.at <= instant < change.at + fold
                assert back == (instant - fold if repeated else instant), change


@pytest.mark.parametrize("span", SPANS)
def test_a_daily_time_fires_once_each_day_around_every_change(span: tuple[int, int]) -> None:
    for change in changes(span):
        place = zone(change.zone)
        edge = naive(change.at, min(change.before, change.after))
        for clock in {edge.time(), (edge + QUARTER).time(), (edge - QUARTER).time(), time(12)}:
            intended = datetime.combine(edge.date() - timedelta(days=3), clock)
            fired = []
            for _ in range(6):
                intended = shift(civil(days=1), intended, MONDAY_TO_FRIDAY)
                fired.append(localize(intended, place))
            apart = [later - earlier for earlier, later in pairwise(fired)]
            jump = abs(change.after - change.before)
            assert all(timedelta(days=1) - jump <= pause <= timedelta(days=1) + jump for pause in apart), change
            assert [day.date() for day in (intended - timedelta(days=n) for n in range(6))] == [
                edge.date() + timedelta(days=3 - n) for n in range(6)
            ]


STEPS = [
    civil(at="02:30"),
    civil(days=1),
    civil(days=1, at="02:30"),
    civil(weekday=6),
    civil(weekday=6, at="00:00"),
    civil(business_days=0, at="01:15"),
    civil(business_days=1, at="10:00"),
    civil(months=1),
]


@pytest.mark.parametrize("span", SPANS)
def test_a_step_forward_never_answers_the_past_and_shows_what_was_meant(span: tuple[int, int]) -> None:
    for change in changes(span):
        place, jump = zone(change.zone), abs(change.after - change.before)
        for start in (change.at - MICROSECOND, change.at, change.at + jump / 2, change.at - timedelta(hours=24)):
            for step in STEPS:
                found = add(step, start, place, MONDAY_TO_FRIDAY)
                assert found >= start, (change, step)
                shown = to_local(found, place).replace(tzinfo=None)
                meant = step.at or to_local(start, place).time()
                assert shown.time() == meant or (shown - jump).time() == meant, (change, step)


WINDOWS = [
    Window(time(22), time(6)),
    Window(time(1, 15), time(2, 30)),
    Window(time(23, 45), time(0, 15)),
    Window(time(2, 30), time(1, 45)),
]


def is_quiet(window: Window, local: datetime) -> bool:
    """The oracle: the day as a ring of 96 quarters; how far behind the start are we, and how far is the end?"""

    def behind_start(shown: time) -> int:
        return (shown.hour * 4 + shown.minute // 15 - window.start.hour * 4 - window.start.minute // 15) % 96

    return behind_start(local.time()) < behind_start(window.end)


@pytest.mark.parametrize("span", SPANS)
def test_windows_follow_the_wall_clock_through_every_change(span: tuple[int, int]) -> None:
    # All changes lie on quarters of an hour since years, so a walk over quarters sees every turn of a window.
    for change in sorted({(c.at, c.before, c.after): c for c in changes(span)}.values()):
        place = zone(change.zone)
        assert change.at.minute % 15 == change.at.second == 0
        grid = [change.at + n * QUARTER for n in range(-16, 140)]
        for window in WINDOWS:
            quiet = [is_quiet(window, moment.astimezone(place)) for moment in grid]
            for n in range(0, 32, 5):
                outside = next(m for m, q in zip(grid[n:], quiet[n:], strict=True) if not q)
                inside = next(m for m, q in zip(grid[n:], quiet[n:], strict=True) if q)
                assert window.contains(grid[n], place) is quiet[n], (change, window)
                assert window.next_outside(grid[n], place) == outside, (change, window)
                assert window.next_inside(grid[n], place) == inside, (change, window)


instants = st.integers(-2_145_916_800_000_000, 7_258_118_400_000_000).map(  # the years 1902 to 2199
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
names = st.sampled_from(sorted(zone_names()))
clocks = st.times().map(lambda clock: clock.replace(fold=0))
signs = st.sampled_from([1, -1])


@st.composite
def steps(draw: st.DrawFn) -> Civil:
    sign = draw(signs)
    numbers = {
        "years": sign * draw(st.integers(0, 100)),
        "months": sign * draw(st.integers(0, 1_200)),
        "weeks": sign * draw(st.integers(0, 500)),
        "days": sign * draw(st.integers(1, 5_000)),
    }
    return Civil(
        **numbers,
        business_days=draw(st.none() | st.integers(0, 300).map(lambda n: sign * n)),
        weekday=draw(st.none() | st.integers(0, 6)),
        at=draw(st.none() | clocks),
    )


@given(steps(), instants, names, st.none() | st.integers(1, 31))
def test_civil_times_never_raise(step: Civil, instant: datetime, name: str, anchor_day: int | None) -> None:
    found = add(step, instant, zone(name), MONDAY_TO_FRIDAY, anchor_day=anchor_day)
    assert found.tzinfo is UTC
    if not step.reaches_back:
        assert found > instant
    elif step.weekday is None and step.business_days != 0:  # both look forward again, perhaps past the start
        assert found < instant


@given(steps() | st.timedeltas())
def test_every_duration_survives_json(duration: Civil | timedelta) -> None:
    assert from_json(to_json(duration)) == duration


@given(clocks, clocks, st.none() | st.frozensets(st.integers(0, 6), min_size=1), instants, names)
def test_the_next_moment_is_the_first(
    start: time, end: time, days: frozenset[int] | None, instant: datetime, name: str
) -> None:
    if start == end:
        return
    window, place = Window(start, end, days), zone(name)
    for inside, found in [(True, window.next_inside(instant, place)), (False, window.next_outside(instant, place))]:
        assert found >= instant
        assert window.contains(found, place) is inside
        if found > instant:
            for nth in range(1, 50):
                between = instant + (found - instant) * nth / 50
                assert window.contains(min(between, found - MICROSECOND), place) is not inside


def months_later(day: date, n: int, anchor_day: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(anchor_day, months.monthrange(year, month + 1)[1]))


DAYS = [pytest.param(1, id="quick"), pytest.param(40, id="long", marks=pytest.mark.stress)]


@pytest.mark.parametrize("times", DAYS)
def test_months_and_leap_days_equal_an_oracle(times: int) -> None:
    for ordinal in range(0, 2_500 * times):
        day = date(1996, 1, 1) + timedelta(days=ordinal)
        local = datetime.combine(day, time(9))
        for years, count in [(0, 1), (0, -1), (1, 0), (-1, 0), (3, 11), (0, 25)]:
            if years or count:
                step = civil(years=years, months=count)
                total = 12 * years + count
                assert shift(step, local, MONDAY_TO_FRIDAY).date() == months_later(day, total, day.day)
                assert shift(step, local, MONDAY_TO_FRIDAY, anchor_day=31).date() == months_later(day, total, 31)


@given(
    st.frozensets(st.integers(0, 6), max_size=6),
    st.frozensets(st.integers(0, 80), max_size=40),
    st.frozensets(st.integers(81, 160), max_size=20),
    st.integers(40, 120),
    st.integers(-30, 30),
)
def test_business_days_equal_a_naive_oracle(
    weekend: frozenset[int], closed: frozenset[int], opened: frozenset[int], start: int, n: int
) -> None:
    first = date(2026, 9, 1)

    def day(number: int) -> date:
        return first + timedelta(days=number)

    calendar = BusinessCalendar("any", weekend=weekend, closed=map(day, closed), open=map(day, opened))
    working = [
        number
        for number in range(-400, 600)
        if number in opened or (day(number).weekday() not in weekend and number not in closed)
    ]
    if n > 0:
        expected = [number for number in working if number > start][n - 1]
    elif n < 0:
        expected = [number for number in working if number < start][n]
    else:
        expected = next(number for number in working if number >= start)
    assert calendar.add_days(day(start), n) == day(expected)
