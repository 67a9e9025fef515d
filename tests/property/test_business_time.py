"""Invariant 21 for business time: hours through every change of the clocks, and closing days against an oracle.

`make test` walks two years of all IANA zones and some thousand dates, `make stress` the years 2024 to 2029 and
100,000 dates. The oracles count quarters of an hour one by one, and days one by one.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.calendar import (
    MONDAY_TO_FRIDAY,
    BusinessCalendar,
    Civil,
    Roll,
    Window,
    add,
    civil,
    from_json,
    hours_between,
    instant_of,
    is_open_at,
    localize,
    offset_from,
    shift,
    start_of_day,
    to_json,
    to_local,
    zone,
    zone_names,
)
from nurture.errors import DefinitionError
from tests.property.test_civil_time import DAYS, QUARTER, SPANS, Change, changes

DAY = timedelta(days=1)
ROUND_THE_CLOCK = [
    BusinessCalendar("early", weekend=(), hours=[Window(time(1, 15), time(2, 30)), Window(time(9), time(10))]),
    BusinessCalendar("nights", weekend=(), hours=[Window(time(22), time(6))]),
    BusinessCalendar("midnight", weekend=(), hours=[Window(time(23, 45), time(0, 15))]),
]


@cache
def distinct_changes(span: tuple[int, int]) -> list[Change]:
    """One zone for each way in which clocks change."""
    return sorted({(one.at, one.before, one.after): one for one in changes(span)}.values())


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("calendar", ROUND_THE_CLOCK, ids=lambda one: one.name)
def test_business_hours_count_quarters_through_every_change(calendar: BusinessCalendar, span: tuple[int, int]) -> None:
    (first, *rest) = calendar.hours
    edges = [(one.start, one.end) for one in (first, *rest)]
    for change in distinct_changes(span):
        place = zone(change.zone)
        grid = [change.at + n * QUARTER for n in range(-200, 201)]
        clocks = [moment.astimezone(place).time() for moment in grid]
        is_open = [any((s <= c < e) if s < e else (c >= s or c < e) for s, e in edges) for c in clocks]
        worked = [moment for moment, inside in zip(grid, is_open, strict=True) if inside]
        for n in range(0, 60, 17):
            start, mirrored = grid[n], grid[-1 - n]
            assert is_open_at(start, place, calendar) is is_open[n], change
            ahead = [moment for moment in worked if moment >= start]
            behind = [moment for moment in worked if moment < mirrored]
            assert hours_between(start, mirrored, place, calendar) == QUARTER * len(
                [moment for moment in ahead if moment < mirrored]
            ), change
            assert add(civil(business_hours=0), start, place, calendar) == ahead[0], change
            for quarters in (1, 2, 4):
                length = quarters * QUARTER
                forward = add(civil(business_hours=length), start, place, calendar)
                assert forward == ahead[quarters - 1] + QUARTER, change
                back = add(civil(business_hours=-length), mirrored, place, calendar)
                assert back == behind[-quarters], change


@pytest.mark.parametrize("span", SPANS)
def test_a_date_begins_once_in_every_zone(span: tuple[int, int]) -> None:
    for change in changes(span):
        place = zone(change.zone)
        days = [change.at.date() + n * DAY for n in range(-2, 3)]
        begins = [instant_of(day, place) for day in days]
        assert begins == sorted(set(begins)), change
        for day, begun in zip(days, begins, strict=True):
            assert to_local(begun, place).date() == day, change
            assert to_local(begun - timedelta(microseconds=1), place).date() < day, change
            assert offset_from(day, civil(at="10:00"), place, MONDAY_TO_FRIDAY) == localize(
                datetime.combine(day, time(10)), place
            )
            before = offset_from(day, civil(days=-1, at="10:00"), place, MONDAY_TO_FRIDAY)
            assert before == localize(datetime.combine(day - DAY, time(10)), place), change
            assert offset_from(day, civil(days=-1), place, MONDAY_TO_FRIDAY) == start_of_day(day - DAY, place)


def moved(day: date, roll: Roll | None, is_open: Callable[[date], bool]) -> date:
    while roll is not None and not is_open(day):
        day += DAY if roll is Roll.FORWARD else -DAY
    return day


def named_days(step: Civil, first: date, last: date) -> Iterator[date]:
    """Every day that a step names by its number in the month, its nth weekday, or its weekday; day by day."""
    day = first
    while day <= last:
        length = monthrange(day.year, day.month)[1]
        if step.day_of_month is not None:
            named = day.day == min(step.day_of_month, length)
        elif step.nth is None:
            named = day.weekday() == step.weekday
        else:
            nth = (day.day + 6) // 7 if step.nth > 0 else -((length - day.day) // 7 + 1)
            named = day.weekday() == step.weekday and nth == step.nth
        if named:
            yield day
        day += DAY


def expected_shift(step: Civil, local: datetime, is_open: Callable[[date], bool], reach: timedelta) -> datetime:
    at = step.at or local.time()
    months = 12 * step.years + step.months
    if not months:
        named = named_days(step, local.date() - reach, local.date() + reach + timedelta(days=70))
        ends = sorted(datetime.combine(moved(day, step.roll, is_open), at) for day in named)
        return next(end for end in ends if end >= local)
    for later in range(200):
        start = local.date() + timedelta(days=later)
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        first = date(year, month + 1, 1)
        (named,) = list(named_days(step, first, first.replace(day=monthrange(year, month + 1)[1])))
        end = datetime.combine(moved(named, step.roll, is_open), at)
        if end >= local or months < 0:
            return end
    raise AssertionError("nothing lies ahead")


clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
rolls = st.sampled_from([None, *Roll])


@st.composite
def closing_days(draw: st.DrawFn) -> Civil:
    """Steps that name a day of a month or a week, with or without months before."""
    parts = draw(
        st.fixed_dictionaries({"day_of_month": st.integers(1, 31)})
        | st.fixed_dictionaries({"weekday": st.integers(0, 6), "nth": st.sampled_from([1, 2, 3, 4, -1])})
        | st.fixed_dictionaries({"weekday": st.integers(0, 6)})
    )
    months = draw(st.integers(-14, 14)) if parts.keys() != {"weekday"} else 0
    return Civil(**parts, months=months, roll=draw(rolls), at=draw(st.none() | clocks))


@given(
    closing_days(),
    st.sampled_from([(), (5, 6), (0, 1, 2, 3, 5, 6)]),
    st.frozensets(st.integers(-20, 80), max_size=60),
    st.frozensets(st.integers(-20, 80), max_size=5),
    st.integers(0, 60),
    clocks,
)
def test_closing_days_equal_a_naive_oracle(
    step: Civil,
    weekend: tuple[int, ...],
    closed: frozenset[int],
    opened: frozenset[int],
    start: int,
    clock: time,
) -> None:
    first = date(2028, 1, 10)  # before a leap day
    calendar = BusinessCalendar(
        "any",
        weekend=weekend,
        closed=[first + n * DAY for n in closed - opened],
        open=[first + n * DAY for n in opened],
    )

    def is_open(day: date) -> bool:
        n = (day - first).days
        return n in opened or (day.weekday() not in weekend and n not in closed)

    local = datetime.combine(first + start * DAY, clock)
    assert shift(step, local, calendar) == expected_shift(step, local, is_open, timedelta(days=150))


CLOSING = [
    civil(day_of_month=20, roll="back"),
    civil(day_of_month=31, roll="back"),
    civil(day_of_month=31, roll="forward"),
    civil(day_of_month=30),
    civil(months=1, day_of_month=31, roll="back"),
    civil(months=-1, day_of_month=10, roll="forward"),
    civil(weekday=0, nth=1, roll="forward"),
    civil(weekday=4, nth=-1, roll="back"),
]


@pytest.mark.parametrize("times", DAYS)
def test_closing_days_equal_an_oracle_date_by_date(times: int) -> None:
    """Every date in a row: what is named in each month is worked out once, day by day."""
    first, count = date(1996, 1, 1), 2_500 * times

    def is_open(day: date) -> bool:
        return day.weekday() < 5

    for step in CLOSING:
        months = 12 * step.years + step.months
        span = timedelta(days=800)
        named = list(named_days(step, first - span, first + timedelta(days=count) + span))
        in_month = {(day.year, day.month): moved(day, step.roll, is_open) for day in named}
        ends = sorted(in_month.values())
        ahead = 0
        for n in range(count):
            day = first + timedelta(days=n)
            while ends[ahead] < day:
                ahead += 1
            year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
            expected = in_month[year, month + 1] if months else ends[ahead]
            assert shift(step, datetime.combine(day, time(9)), MONDAY_TO_FRIDAY).date() == expected, (step, day)


@given(
    st.integers(-1_000 * 3_600_000_000, 1_000 * 3_600_000_000),
    st.integers(-631_152_000, 5_680_281_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),  # 1950 to 2149
    st.sampled_from(sorted(zone_names())),
)
def test_business_hours_there_and_back(microseconds: int, instant: datetime, name: str) -> None:
    length, place = timedelta(microseconds=microseconds), zone(name)
    step = civil(business_hours=length)
    assert from_json(to_json(step)) == step
    found = add(step, instant, place, MONDAY_TO_FRIDAY)
    assert found.tzinfo is UTC
    assert (found < instant) is step.reaches_back if length else found >= instant
    passed = hours_between(min(found, instant), max(found, instant), place, MONDAY_TO_FRIDAY)
    assert passed == abs(length)


@given(closing_days(), st.integers(-14, 14), st.integers(-40, 40), st.none() | st.integers(-30, 30))
def test_every_closing_day_survives_json(step: Civil, months: int, days: int, business_days: int | None) -> None:
    assert from_json(to_json(step)) == step
    try:
        other = Civil(months=months, days=days, business_days=business_days, weekday=step.weekday, roll=step.roll)
    except DefinitionError:
        return
    assert from_json(to_json(other)) == other
