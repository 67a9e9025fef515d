"""Business hours are counted as time that passes within the windows of open days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.calendar import (
    MONDAY_TO_FRIDAY,
    BusinessCalendar,
    Window,
    add_hours,
    calendar_from_json,
    calendar_to_json,
    each_day,
    hours_between,
    is_open_at,
    next_open,
    to_local,
    zone,
)
from nurture.errors import DefinitionError, InvalidFactError

TOKYO = zone("Asia/Tokyo")
NEW_YORK = zone("America/New_York")
OFFICE = BusinessCalendar(
    "office",
    closed=[date(2026, 11, 23)],
    hours=[Window(time(9), time(12)), Window(time(13), time(18))],
)
NIGHTS = BusinessCalendar("nights", weekend=(), hours=[Window(time(22), time(6))])
ROUND = BusinessCalendar("round", weekend=(), hours=[Window(time(0), time(12)), Window(time(12), time(0))])


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20T10:00", 1, "2026-11-20T11:00"),
        ("2026-11-20T11:00", 1, "2026-11-20T12:00"),  # at closing time, not after the break
        ("2026-11-20T11:30", 1, "2026-11-20T13:30"),
        ("2026-11-20T12:10", 1, "2026-11-20T14:00"),
        ("2026-11-20T16:00", 4, "2026-11-24T11:00"),  # over a weekend and a holiday
        ("2026-11-20T23:00", 8, "2026-11-24T18:00"),
        ("2026-11-21T00:00", 8.5, "2026-11-25T09:30"),
        ("2026-11-20T12:30", 0, "2026-11-20T12:30"),
    ],
)
def test_hours_in_an_office(start: str, hours: float, end: str) -> None:
    found = add_hours(timedelta(hours=hours), tokyo(start), TOKYO, OFFICE)
    assert found == tokyo(end)
    assert found.tzinfo is UTC
    assert hours_between(tokyo(start), found, TOKYO, OFFICE) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("end", "hours", "start"),
    [
        ("2026-11-20T11:00", 1, "2026-11-20T10:00"),
        ("2026-11-20T14:00", 1, "2026-11-20T13:00"),  # at opening time, not before the break
        ("2026-11-20T13:30", 1, "2026-11-20T11:30"),
        ("2026-11-24T11:00", 4, "2026-11-20T16:00"),  # over a weekend and a holiday
        ("2026-11-24T03:00", 8, "2026-11-20T09:00"),
        ("2026-11-22T00:00", 8.5, "2026-11-19T17:30"),
    ],
)
def test_hours_in_an_office_backward(end: str, hours: float, start: str) -> None:
    found = add_hours(-timedelta(hours=hours), tokyo(end), TOKYO, OFFICE)
    assert found == tokyo(start)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("sign", [1, -1])
def test_a_search_that_finds_too_little_ends(sign: int) -> None:
    instant = datetime(2026, 11, 20, tzinfo=UTC)
    rare = BusinessCalendar("rare", weekend=range(6), hours=[Window(time(2), time(2, 0, 1))])
    with pytest.raises(InvalidFactError, match="so much business time within a hundred years"):
        add_hours(sign * timedelta(hours=2), instant, TOKYO, rare)
    never = MONDAY_TO_FRIDAY.with_closures(each_day(date(2026, 1, 1), date(2126, 1, 1)))
    never = never.with_closures(each_day(date(1926, 1, 1), date(2026, 1, 1)))
    never = never.with_closures(each_day(date(2126, 1, 1), date(2127, 1, 1)))
    never = never.with_closures(each_day(date(1925, 1, 1), date(1926, 1, 1)))
    with pytest.raises(InvalidFactError, match="so much business time within a hundred years"):
        add_hours(sign * timedelta(seconds=1), instant, TOKYO, never)
    with pytest.raises(InvalidFactError, match="so much business time within a hundred years"):
        next_open(instant, TOKYO, never)


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("2026-11-20T08:59", "2026-11-20T09:00"),
        ("2026-11-20T09:00", "2026-11-20T09:00"),
        ("2026-11-20T12:00", "2026-11-20T13:00"),
        ("2026-11-20T18:00", "2026-11-24T09:00"),
    ],
)
def test_when_it_opens_next(instant: str, opens: str) -> None:
    assert next_open(tokyo(instant), TOKYO, OFFICE) == tokyo(opens)
    assert is_open_at(tokyo(instant), TOKYO, OFFICE) is (instant == opens)


def test_a_night_belongs_to_the_day_on_which_it_starts() -> None:
    fridays = BusinessCalendar("fridays", weekend=(0, 1, 2, 3, 5, 6), hours=[Window(time(22), time(6))])
    assert is_open_at(tokyo("2026-11-21T05:59"), TOKYO, fridays)
    assert not is_open_at(tokyo("2026-11-20T05:59"), TOKYO, fridays)
    assert add_hours(timedelta(hours=9), tokyo("2026-11-20T22:00"), TOKYO, fridays) == tokyo("2026-11-27T23:00")


def test_a_stretch_that_lasts_past_the_end_counts_up_to_it() -> None:
    start = tokyo("2026-11-20T21:00")
    for minutes in range(0, 2_000, 45):
        end = start + timedelta(minutes=minutes)
        passed = max(timedelta(0), min(end, tokyo("2026-11-21T06:00")) - tokyo("2026-11-20T22:00"))
        passed += max(timedelta(0), min(end, tokyo("2026-11-22T06:00")) - tokyo("2026-11-21T22:00"))
        assert hours_between(start, end, TOKYO, NIGHTS) == passed


def test_windows_that_meet_are_one_stretch() -> None:
    start = tokyo("2026-11-20T11:00")
    assert add_hours(timedelta(hours=100), start, TOKYO, ROUND) == start + timedelta(hours=100)
    assert hours_between(start, start + timedelta(days=30), TOKYO, ROUND) == timedelta(days=30)


def test_an_hour_that_is_skipped_does_not_count_and_one_shown_twice_counts_twice() -> None:
    early = BusinessCalendar("early", weekend=(), hours=[Window(time(1), time(4))])
    spring = datetime(2026, 3, 8, 5, tzinfo=UTC)  # midnight of the day on which clocks go from 02:00 to 03:00
    autumn = datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert hours_between(spring, spring + timedelta(hours=12), NEW_YORK, early) == timedelta(hours=2)
    assert hours_between(autumn, autumn + timedelta(hours=12), NEW_YORK, early) == timedelta(hours=4)


def test_a_window_that_the_clocks_skip_is_left_out() -> None:
    gone = BusinessCalendar("gone", weekend=(), hours=[Window(time(2), time(3))])
    saturday = datetime(2026, 3, 7, 8, tzinfo=UTC)  # 03:00 in New York
    assert next_open(saturday, NEW_YORK, gone) == datetime(2026, 3, 9, 6, tzinfo=UTC)  # 02:00 on Monday


def test_nothing_lies_between_when_the_end_is_not_later() -> None:
    noon = tokyo("2026-11-20T10:00")
    assert hours_between(noon, noon, TOKYO, OFFICE) == timedelta(0)
    assert hours_between(noon, noon - timedelta(days=3), TOKYO, OFFICE) == timedelta(0)


def test_bad_input() -> None:
    naive = datetime.fromisoformat("2026-11-20")
    for ask in (
        lambda: add_hours(timedelta(0), naive, TOKYO, OFFICE),
        lambda: next_open(naive, TOKYO, OFFICE),
        lambda: hours_between(naive, naive, TOKYO, OFFICE),
    ):
        with pytest.raises(InvalidFactError, match="naive"):
            ask()
    with pytest.raises(InvalidFactError):
        add_hours(timedelta(hours=100), datetime(9999, 12, 30, tzinfo=UTC), TOKYO, OFFICE)
    with pytest.raises(InvalidFactError):
        add_hours(timedelta(hours=-100), datetime(1, 1, 5, tzinfo=UTC), TOKYO, OFFICE)
    with pytest.raises(InvalidFactError):
        hours_between(datetime(9999, 12, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC), TOKYO, OFFICE)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ([], "at least one window on a weekday that is open"),
        ([Window(time(9), time(12), days=[5])], "at least one window on a weekday that is open"),
        (["09:00"], r"expected windows such as Window\(time\(9\), time\(18\)\)"),
    ],
)
def test_hours_that_no_company_has(hours: list[Window], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        BusinessCalendar("odd", hours=hours)


@pytest.mark.parametrize("calendar", [MONDAY_TO_FRIDAY, OFFICE, NIGHTS])
def test_hours_go_to_json_and_back(calendar: BusinessCalendar) -> None:
    data = calendar_to_json(calendar)
    assert calendar_from_json(data) == calendar
    assert ("hours" in data) is (calendar is not MONDAY_TO_FRIDAY)


@pytest.mark.parametrize("hours", ["09:00", ["09:00"], [{"start": "09:00"}]])
def test_hours_in_json_that_are_none(hours: object) -> None:
    with pytest.raises(DefinitionError, match=r"^calendar\.hours"):
        calendar_from_json({"name": "a", "hours": hours})


def minutes_open(start: datetime, minutes: int, calendar: BusinessCalendar, name: str) -> list[bool]:
    """The slow and plain way: for each minute, whether the wall clock shows an open time."""
    found: list[bool] = []
    for n in range(minutes):
        local = to_local(start + timedelta(minutes=n), zone(name))
        day, shown = local.date(), local.time()
        is_open = False
        for window in calendar.hours:
            if window.start < window.end:
                starts, inside = day, window.start <= shown < window.end
            elif shown < window.end:
                starts, inside = day - timedelta(days=1), True
            else:
                starts, inside = day, shown >= window.start
            days = window.days
            is_open |= inside and calendar.is_open(starts) and (days is None or starts.weekday() in days)
        found.append(is_open)
    return found


CHANGES = [
    ("Asia/Tokyo", datetime(2026, 3, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("America/St_Johns", datetime(2006, 10, 29, tzinfo=UTC)),  # back from 00:01 to 23:01
    ("Africa/Cairo", datetime(2026, 4, 23, tzinfo=UTC)),  # forward at midnight
    ("Pacific/Apia", datetime(2011, 12, 30, tzinfo=UTC)),  # a day was skipped
]
"""Around which instants the clocks of a zone change."""

clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
windows = st.tuples(clocks, clocks, st.none() | st.sets(st.integers(0, 6), min_size=1)).filter(lambda w: w[0] != w[1])
calendars = st.builds(
    lambda some, weekend, closed: BusinessCalendar("any", weekend=weekend, closed=closed, hours=some),
    st.lists(windows.map(lambda w: Window(*w)), min_size=1, max_size=3),
    st.sampled_from([(), (5, 6), (6,)]),
    st.sets(st.sampled_from([around.date() for _, around in CHANGES]), max_size=3),
)


@given(st.data())
def test_hours_equal_counting_minutes(data: st.DataObject) -> None:
    try:
        calendar = data.draw(calendars)
    except DefinitionError:
        return
    name, around = data.draw(st.sampled_from(CHANGES))
    start = around + timedelta(minutes=data.draw(st.integers(-3 * 1440, 1440)))
    span = data.draw(st.integers(0, 3 * 1440))
    seen = minutes_open(start, span, calendar, name)
    end = start + timedelta(minutes=span)
    assert hours_between(start, end, zone(name), calendar) == timedelta(minutes=sum(seen))
    if seen:
        assert is_open_at(start, zone(name), calendar) is seen[0]
    if any(seen):  # a quarter of an hour is the finest that a window or a change of clocks here knows
        first = start + timedelta(minutes=seen.index(True))
        assert next_open(start, zone(name), calendar) == first
        worked = timedelta(minutes=data.draw(st.integers(1, sum(seen))))
        reached = add_hours(worked, start, zone(name), calendar)
        assert hours_between(start, reached, zone(name), calendar) == worked
        assert is_open_at(reached - timedelta(minutes=1), zone(name), calendar)
        back = add_hours(-worked, end, zone(name), calendar)
        assert hours_between(back, end, zone(name), calendar) == worked
        assert is_open_at(back, zone(name), calendar)


def test_more_time_never_leads_to_an_earlier_instant() -> None:
    start = tokyo("2026-11-20T11:59")
    ends = [add_hours(timedelta(minutes=n), start, TOKYO, OFFICE) for n in range(0, 3_000, 7)]
    assert all(one < other for one, other in pairwise(ends))
