"""Invariant 21 for what recurs: the same days as dateutil finds, each once, in every zone and through every change."""

import datetime as datetime_module
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from types import SimpleNamespace

import dateutil.rrule as rrule_module
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from nurture.calendar import (
    MONDAY_TO_FRIDAY,
    BusinessCalendar,
    Recurrence,
    Roll,
    describe_recurrence,
    localize,
    recurrence_from_json,
    recurrence_to_json,
    to_local,
    zone,
    zone_names,
)
from nurture.calendar.recurrence import days_of
from nurture.calendar.recurrence_rules import WEEKDAYS, rule_of
from tests.property.test_civil_time import QUARTER, SPANS, changes

DAY = timedelta(days=1)


def several(numbers: st.SearchStrategy[int], most: int = 4) -> st.SearchStrategy[str]:
    return st.sets(numbers, min_size=1, max_size=most).map(lambda some: ",".join(map(str, some)))


def either(most: int) -> st.SearchStrategy[int]:
    return st.integers(1, most) | st.integers(-most, -1)


plain_days = st.sets(st.sampled_from(WEEKDAYS), min_size=1, max_size=7).map(",".join)
numbered_days = st.sets(st.tuples(either(5), st.sampled_from(WEEKDAYS)), min_size=1, max_size=3).map(
    lambda some: ",".join(f"{n}{day}" for n, day in some)
)
months = {"BYMONTH": several(st.integers(1, 12))}
PARTS: dict[str, dict[str, st.SearchStrategy[str]]] = {
    "DAILY": {**months, "BYMONTHDAY": several(either(31)), "BYDAY": plain_days},
    "WEEKLY": {**months, "BYDAY": plain_days},
    "MONTHLY": {**months, "BYMONTHDAY": several(either(31)), "BYDAY": plain_days | numbered_days},
    "YEARLY": {
        **months,
        "BYMONTHDAY": several(either(31)),
        "BYYEARDAY": several(either(366)),
        "BYWEEKNO": several(either(53)),
        "BYDAY": plain_days,
    },
}


@st.composite
def rules(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(list(PARTS)))
    names = draw(st.sets(st.sampled_from(list(PARTS[freq])), max_size=3))
    parts = {"FREQ": freq, "INTERVAL": str(draw(st.integers(1, 7)))}
    parts |= {name: draw(PARTS[freq][name]) for name in sorted(names)}
    if names and draw(st.booleans()):
        parts["BYSETPOS"] = draw(several(either(5), 2))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(WEEKDAYS))
    return ";".join(f"{name}={value}" for name, value in parts.items())


def walk(rule: str, start: datetime, last_year: int, count: int | None = None) -> list[datetime]:
    """What dateutil finds by itself, step by step from the start; it would go on to the year 9999."""
    bounded = SimpleNamespace(**vars(datetime_module) | {"MAXYEAR": last_year})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rrule_module, "datetime", bounded)
        return list(islice(rrulestr(rule, dtstart=start), count))


dates = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@given(rules(), dates, st.integers(-400, 6_000))
def test_days_equal_those_of_dateutil(rule: str, start: date, later: int) -> None:
    """From any day on, however far from the start: the search leaps, dateutil walks."""
    first = start + timedelta(days=later)
    last = first + timedelta(days=1_000)
    walked = walk(rule, datetime.combine(start, time(0)), last.year)
    expected = [one.date() for one in walked if first <= one.date() <= last][:40]
    found = [day for day in islice(days_of(rule_of(rule), start, first), 40) if day <= last]
    assert found == expected


@given(rules(), dates, st.integers(1, 60))
def test_a_count_ends_where_dateutil_ends(rule: str, start: date, count: int) -> None:
    recurrence = Recurrence(f"{rule};COUNT={count}", start=datetime.combine(start, time(10)), zone="UTC")
    early, late = datetime(1980, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
    found = [one.replace(tzinfo=None) for one in recurrence.between(early, late)]
    assert found == walk(rule, recurrence.start, 2089, count)


@given(rules(), dates, st.sampled_from(sorted(zone_names())), st.times(), st.sampled_from([None, *Roll]))
def test_every_recurrence_survives_json_and_has_a_sentence(
    rule: str, start: date, name: str, at: time, roll: Roll | None
) -> None:
    recurrence = Recurrence(rule, start=datetime.combine(start, time(10)), zone=name, at=at.replace(fold=0), roll=roll)
    assert recurrence_from_json(recurrence_to_json(recurrence)) == recurrence
    assert name in describe_recurrence(recurrence)
    assert name in describe_recurrence(recurrence, "ja")


@given(
    rules(),
    dates,
    st.sampled_from(sorted(zone_names())),
    st.integers(0, 23),
    st.sampled_from(list(Roll)),
    st.frozensets(st.integers(0, 100), max_size=30),
    st.integers(0, 800),
)
def test_rolled_days_are_all_found_in_order_and_once(
    rule: str, start: date, name: str, hour: int, roll: Roll, closed: frozenset[int], hours: int
) -> None:
    calendar = BusinessCalendar("any", closed=[start + n * DAY for n in closed])
    recurrence = Recurrence(rule, start=datetime.combine(start, time(hour)), zone=name, roll=roll)
    place = zone(name)
    begin = localize(recurrence.start, place) + timedelta(hours=hours)
    end = begin + timedelta(days=60)
    wanted: set[datetime] = set()
    for day in days_of(rule_of(rule), start, start):
        if day > end.date() + timedelta(days=130):
            break
        while not calendar.is_open(day):
            day += DAY if roll is Roll.FORWARD else -DAY
        wanted.add(localize(datetime.combine(day, time(hour)), place))
    expected = sorted(one for one in wanted if begin < one <= end)
    assert list(recurrence.between(begin, end, calendar)) == expected


@pytest.mark.parametrize("span", SPANS)
def test_a_daily_time_fires_once_each_day_through_every_change(span: tuple[int, int]) -> None:
    for change in changes(span):
        place, jump = zone(change.zone), abs(change.after - change.before)
        edge = change.at.replace(tzinfo=None) + min(change.before, change.after)
        for clock in {edge.time(), (edge + QUARTER).time(), (edge - QUARTER).time()}:
            begins = datetime.combine(edge.date() - 3 * DAY, time(0))
            daily = Recurrence("FREQ=DAILY", start=begins, zone=change.zone, at=clock)
            fired = list(daily.between(change.at - 2 * DAY, change.at + 2 * DAY))
            assert all(DAY - jump <= other - one <= DAY + jump for one, other in pairwise(fired)), change
            meant = [datetime.combine(edge.date() + n * DAY, clock) for n in range(-4, 5)]
            expected = sorted({localize(one, place) for one in meant if one >= begins})
            assert fired == [one for one in expected if change.at - 2 * DAY < one <= change.at + 2 * DAY], change
            for one in fired:
                seen = to_local(one, place).replace(tzinfo=None, fold=0)
                assert seen.time() == clock or (seen - jump).time() == clock, change
                assert daily.next_after(one - timedelta(microseconds=1), MONDAY_TO_FRIDAY) == one, change
