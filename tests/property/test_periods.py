"""Periods of the calendar: both ways of reading one agree, day by day and instant by instant.

The oracles are written without the library: units by walking over days and counting where one begins, days in a
zone by walking over instants, and each inverse by asking all days and instants around.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.calendar import (
    BusinessCalendar,
    Period,
    PeriodUnit,
    day_of,
    period_from_json,
    period_to_json,
    start_of_day,
    to_local,
    zone,
    zone_names,
)
from tests.property.test_civil_time import LONG, QUICK, changes

DAY = timedelta(days=1)
walks = settings(deadline=None)  # the oracles walk, and a busy machine walks slowly
MICROSECOND = timedelta(microseconds=1)
QUARTER = timedelta(minutes=15)
FIRST, LAST = date(2023, 1, 1), date(2032, 1, 31)  # two leap years, and room around them

CALENDAR_UNITS = (PeriodUnit.DAY, PeriodUnit.WEEK, PeriodUnit.MONTH, PeriodUnit.QUARTER, PeriodUnit.YEAR)
ROLLING = (PeriodUnit.LAST_DAYS, PeriodUnit.NEXT_DAYS)
BUSINESS = (PeriodUnit.LAST_BUSINESS_DAYS, PeriodUnit.NEXT_BUSINESS_DAYS)

ZONES = {  # what they did, and around when
    "Asia/Tokyo": [datetime(2026, 11, 21, tzinfo=UTC)],
    "America/Sao_Paulo": [datetime(2018, 11, 4, 3, tzinfo=UTC), datetime(2018, 2, 18, 2, tzinfo=UTC)],
    "Pacific/Apia": [datetime(2011, 12, 30, 10, tzinfo=UTC)],
    "Pacific/Kwajalein": [datetime(1969, 9, 30, 13, tzinfo=UTC), datetime(1993, 8, 21, 12, tzinfo=UTC)],
    "America/New_York": [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)],
    "Africa/Casablanca": [datetime(2026, 2, 15, 2, tzinfo=UTC), datetime(2026, 3, 22, 2, tzinfo=UTC)],
    "America/St_Johns": [datetime(2010, 11, 7, 2, 31, tzinfo=UTC), datetime(2010, 3, 14, 3, 31, tzinfo=UTC)],
    "America/Havana": [datetime(2025, 11, 2, 5, tzinfo=UTC)],
    "America/Toronto": [datetime(1919, 3, 31, 4, 30, tzinfo=UTC)],
    "America/Juneau": [datetime(1867, 10, 18, 0, 31, 13, tzinfo=UTC)],
}


@st.composite
def business_calendars(draw: st.DrawFn, around: date) -> BusinessCalendar:
    """Calendars with free weekdays and with closed and opened days within weeks of a day, whole weeks among them."""
    days = st.integers(-60, 60).map(lambda n: around + n * DAY)
    closed = draw(st.frozensets(days, max_size=40))
    if draw(st.booleans()):
        closed |= {draw(days) + n * DAY for n in range(draw(st.integers(1, 20)))}
    opened = draw(st.frozensets(days, max_size=5))
    return BusinessCalendar("any", draw(st.frozensets(st.integers(0, 6), max_size=6)), closed - opened, opened)


@st.composite
def periods(draw: st.DrawFn, around: date, offsets: st.SearchStrategy[int]) -> Period:
    unit = draw(st.sampled_from(list(PeriodUnit)))
    if unit in CALENDAR_UNITS:
        starts = {
            PeriodUnit.WEEK: st.integers(0, 6),
            PeriodUnit.QUARTER: st.integers(1, 12),
            PeriodUnit.YEAR: st.integers(1, 12),
        }.get(unit, st.none())
        return Period(unit=unit, offset=draw(offsets), starts=draw(starts))
    if unit is PeriodUnit.DATE:
        return Period(unit=unit, day=draw(st.integers(-3, 3)) * DAY + around)
    return Period(unit=unit, n=draw(st.integers(1, 25)))


REACH = range(2, 9999)  # the first microsecond has no neighbour before it
small = st.integers(-2, 2)
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
moments = st.integers(-170 * 8766, 230 * 8766).map(lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=n))


def begins(unit: PeriodUnit, starts: int | None, day: date) -> bool:
    """Whether a unit begins on a day."""
    if unit is PeriodUnit.WEEK:
        return day.weekday() == starts
    if unit is PeriodUnit.DAY:
        return True
    step = {PeriodUnit.MONTH: 1, PeriodUnit.QUARTER: 3, PeriodUnit.YEAR: 12}[unit]
    return day.day == 1 and (day.month - (starts or 1)) % step == 0


def held(period: Period, today: date, calendar: BusinessCalendar) -> list[date]:
    """The oracle: the days that a period holds, found by walking."""
    everyday = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
    here = everyday.index(today)
    if period.unit in CALENDAR_UNITS:
        count = list(accumulate(begins(period.unit, period.starts, day) for day in everyday))
        return [day for day, nth in zip(everyday, count, strict=True) if nth == count[here] + period.offset]
    if period.unit is PeriodUnit.DATE:
        return [day for day in everyday if day == period.day]
    assert period.n is not None
    forward = period.unit in (PeriodUnit.NEXT_DAYS, PeriodUnit.NEXT_BUSINESS_DAYS)
    found, counted = [today], 0 if period.unit in BUSINESS else 1
    while counted < period.n:
        found.append(found[-1] + (DAY if forward else -DAY))
        counted += period.unit not in BUSINESS or calendar.is_open(found[-1])
    return sorted(found)


@walks
@given(st.data(), days)
def test_a_period_holds_what_walking_finds(data: st.DataObject, today: date) -> None:
    calendar, period = data.draw(business_calendars(today)), data.draw(periods(today, small))
    first, end = period.days(today, calendar)
    assert [first + n * DAY for n in range((end - first).days)] == held(period, today, calendar)


@walks
@given(st.data(), days)
def test_a_day_is_seen_from_where_it_lies_inside(data: st.DataObject, day: date) -> None:
    calendar, period = data.draw(business_calendars(day)), data.draw(periods(day, small))
    seen = period.seen_from(day, calendar)
    for n in range(-800, 801):
        today = day + n * DAY
        first, end = period.days(today, calendar)
        assert (first <= day < end) is (seen is not None and seen[0] <= today < seen[1]), today


@pytest.mark.parametrize("edge", [date.min, date.max])
@walks
@given(st.data())
def test_the_inverse_holds_at_the_ends_of_the_calendar(edge: date, data: st.DataObject) -> None:
    inward = DAY if edge == date.min else -DAY
    calendar = data.draw(business_calendars(edge + 200 * inward))
    period = data.draw(periods(edge + 4 * inward, small))
    near = [edge + n * inward for n in range(30)]
    for day in near:
        seen = period.seen_from(day, calendar)
        assert seen is None or seen[0] < seen[1]
        for today in near:
            first, end = period.days(today, calendar)
            assert (first <= day < end) is (seen is not None and seen[0] <= today < seen[1]), (day, today)


@pytest.mark.parametrize(("name", "turn"), [(name, turn) for name, turns in ZONES.items() for turn in turns])
@settings(walks, max_examples=12)  # of each of fifteen turns; drawing a calendar is most of the work
@given(st.data())
def test_an_instant_is_open_for_the_presents_whose_bounds_hold_it(
    name: str, turn: datetime, data: st.DataObject
) -> None:
    place = zone(name)
    around = to_local(turn, place).date()
    calendar = data.draw(business_calendars(around))
    minutes = st.integers(-5 * 1440, 5 * 1440).map(lambda n: turn + timedelta(minutes=n))
    edges = st.sampled_from([start_of_day(around + n * DAY, place) for n in range(-4, 5)] + [turn])
    nudges = st.sampled_from([-MICROSECOND, timedelta(), MICROSECOND])
    instants, asked = st.builds(datetime.__add__, minutes | edges, nudges), periods(around, small)
    for period in [data.draw(asked) for _ in range(3)]:
        instant = data.draw(instants)
        opened = period.open_for(instant, place, calendar)
        presents = [data.draw(instants) for _ in range(4)]
        presents += [
            edge + nudge for edge in opened or () for nudge in (-MICROSECOND, timedelta()) if edge.year in REACH
        ]
        for now in presents:
            first, end = period.bounds(now, place, calendar)
            assert (first <= instant < end) is (opened is not None and opened[0] <= now < opened[1]), now


SPANS = [pytest.param(QUICK, id="quick"), pytest.param(LONG, id="long", marks=pytest.mark.stress)]


@pytest.mark.parametrize("span", SPANS)
def test_days_begin_when_walls_first_show_their_date_in_every_zone(span: tuple[int, int]) -> None:
    # All changes lie on quarters of an hour since years, so a walk over quarters sees every first instant.
    for change in sorted({(c.at, c.before, c.after): c for c in changes(span)}.values()):
        place = zone(change.zone)
        reached: date | None = None
        for n in range(-140, 140):
            moment = change.at + n * QUARTER
            shown = moment.astimezone(place).date()
            if reached is not None and shown > reached:
                assert start_of_day(shown, place) == moment, change
            reached = shown if reached is None else max(shown, reached)
            assert day_of(moment, place) == reached, change


@pytest.mark.parametrize(("name", "turn"), [(name, turn) for name, turns in ZONES.items() for turn in turns])
def test_days_follow_one_another_without_a_hole(name: str, turn: datetime) -> None:
    place = zone(name)
    around = to_local(turn, place).date()
    starts = {day: start_of_day(day, place) for day in (around + n * DAY for n in range(-5, 6))}
    assert list(starts.values()) == sorted(starts.values())
    for day, start in starts.items():
        skipped = starts.get(day + DAY) == start
        assert (day_of(start, place) == day) is not skipped
        assert day_of(start - MICROSECOND, place) < day


@walks
@given(st.dates(), st.sampled_from(sorted(zone_names())))
def test_every_day_begins_everywhere(day: date, name: str) -> None:
    place = zone(name)
    start = start_of_day(day, place)
    assert start.tzinfo is UTC
    assert day_of(start, place) >= day
    if day > date.min:
        assert day_of(start - MICROSECOND, place) < day


@walks
@given(st.data(), moments, st.sampled_from(sorted(zone_names())))
def test_no_period_begins_further_back_than_it_says(data: st.DataObject, now: datetime, name: str) -> None:
    place = zone(name)
    calendar = data.draw(business_calendars(now.date()))
    period = data.draw(periods(now.date(), st.integers(-50, 50)))
    first, _ = period.bounds(now, place, calendar)
    for bound in (period.reach_back, period.reach_back_on(calendar)):
        assert bound is None or now - first <= bound


@walks
@given(st.data(), st.sampled_from([None, "lead", "account", "Asia/Tokyo"]))
def test_every_period_survives_json(data: st.DataObject, name: str | None) -> None:
    plain = data.draw(periods(date(2026, 1, 1), st.integers(-1200, 1200)))
    period = Period(unit=plain.unit, offset=plain.offset, starts=plain.starts, n=plain.n, day=plain.day, zone=name)
    assert period_from_json(period_to_json(period)) == period
