"""Periods: what may be built, which days they hold, and from where a day is seen."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import (
    MONDAY_TO_FRIDAY,
    BusinessCalendar,
    Period,
    PeriodUnit,
    last_business_days,
    last_days,
    last_month,
    next_business_days,
    next_days,
    next_week,
    on_day,
    this_month,
    this_week,
    today,
    tomorrow,
    yesterday,
    zone,
)
from nurture.errors import DefinitionError, InvalidFactError

OFFICE = BusinessCalendar("office", closed=[date(2026, 11, 23)], open=[date(2026, 11, 28)])  # a Monday, a Saturday
MICROSECOND = timedelta(microseconds=1)


def days(first: str, end: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(end)


def of(unit: PeriodUnit, offset: int = 0, starts: int | None = None) -> Period:
    return Period(unit=unit, offset=offset, starts=starts)


DAY, WEEK, MONTH, QUARTER, YEAR = (PeriodUnit(name) for name in ("day", "week", "month", "quarter", "year"))


@pytest.mark.parametrize(
    ("period", "now", "expected"),
    [
        (of(DAY), "2026-11-21", days("2026-11-21", "2026-11-22")),
        (of(DAY, -1), "2028-03-01", days("2028-02-29", "2028-03-01")),
        (of(DAY, 1200), "2026-11-21", days("2030-03-05", "2030-03-06")),
        (of(WEEK, 0, 0), "2026-11-16", days("2026-11-16", "2026-11-23")),  # a Monday
        (of(WEEK, 0, 0), "2026-11-22", days("2026-11-16", "2026-11-23")),  # the Sunday after it
        (of(WEEK, 0, 6), "2026-11-22", days("2026-11-22", "2026-11-29")),  # where weeks begin on Sunday
        (of(WEEK, 1, 2), "2026-11-17", days("2026-11-18", "2026-11-25")),
        (of(WEEK, -1, 0), "2027-01-01", days("2026-12-21", "2026-12-28")),
        (of(MONTH), "2028-02-29", days("2028-02-01", "2028-03-01")),
        (of(MONTH, -1), "2027-01-31", days("2026-12-01", "2027-01-01")),
        (of(MONTH, 13), "2026-12-31", days("2028-01-01", "2028-02-01")),
        (of(QUARTER, 0, 1), "2026-11-21", days("2026-10-01", "2027-01-01")),
        (of(QUARTER, 0, 4), "2026-11-21", days("2026-10-01", "2027-01-01")),
        (of(QUARTER, 0, 3), "2026-11-30", days("2026-09-01", "2026-12-01")),
        (of(QUARTER, 1, 3), "2026-11-30", days("2026-12-01", "2027-03-01")),
        (of(QUARTER, -1, 12), "2026-01-05", days("2025-09-01", "2025-12-01")),
        (of(YEAR, 0, 1), "2026-12-31", days("2026-01-01", "2027-01-01")),
        (of(YEAR, 0, 4), "2026-03-31", days("2025-04-01", "2026-04-01")),
        (of(YEAR, 0, 4), "2026-04-01", days("2026-04-01", "2027-04-01")),
        (of(YEAR, 1, 12), "2026-11-30", days("2026-12-01", "2027-12-01")),
        (last_days(1), "2026-11-21", days("2026-11-21", "2026-11-22")),
        (last_days(7), "2026-11-21", days("2026-11-15", "2026-11-22")),
        (next_days(7), "2026-11-21", days("2026-11-21", "2026-11-28")),
        (last_business_days(1), "2026-11-21", days("2026-11-20", "2026-11-22")),  # from a Saturday
        (last_business_days(1), "2026-11-24", days("2026-11-20", "2026-11-25")),  # behind a holiday on Monday
        (last_business_days(2), "2026-11-24", days("2026-11-19", "2026-11-25")),
        (next_business_days(1), "2026-11-20", days("2026-11-20", "2026-11-25")),
        (next_business_days(1), "2026-11-27", days("2026-11-27", "2026-11-29")),  # a working Saturday
        (on_day(date(2020, 2, 29)), "2026-11-21", days("2020-02-29", "2020-03-01")),
    ],
)
def test_a_period_holds_whole_days(period: Period, now: str, expected: tuple[date, date]) -> None:
    assert period.days(date.fromisoformat(now), OFFICE) == expected


@pytest.mark.parametrize(
    ("period", "day", "expected"),
    [
        (of(DAY), "2026-11-21", days("2026-11-21", "2026-11-22")),
        (of(DAY, 1), "2026-11-21", days("2026-11-20", "2026-11-21")),
        (of(WEEK, -1, 0), "2026-11-12", days("2026-11-16", "2026-11-23")),
        (of(MONTH, 1), "2028-02-29", days("2028-01-01", "2028-02-01")),
        (of(YEAR, -1, 4), "2026-03-31", days("2026-04-01", "2027-04-01")),
        (last_days(7), "2026-11-15", days("2026-11-15", "2026-11-22")),
        (next_days(7), "2026-11-21", days("2026-11-15", "2026-11-22")),
        (last_business_days(1), "2026-11-20", days("2026-11-20", "2026-11-25")),  # through Tuesday, behind a holiday
        (last_business_days(1), "2026-11-21", days("2026-11-21", "2026-11-25")),
        (next_business_days(1), "2026-11-24", days("2026-11-20", "2026-11-25")),
        (on_day(date(2020, 2, 29)), "2020-02-29", (date.min, date.max)),
        (on_day(date(2020, 2, 29)), "2020-03-01", None),
    ],
)
def test_a_day_is_seen_from_one_range(period: Period, day: str, expected: tuple[date, date] | None) -> None:
    assert period.seen_from(date.fromisoformat(day), OFFICE) == expected


def test_ranges_stop_at_the_ends_of_the_calendar() -> None:
    first, last = date.min, date(9999, 12, 30)
    assert last_days(9).days(date(1, 1, 3), OFFICE) == (first, date(1, 1, 4))
    assert last_month().days(first, OFFICE) == (first, first)
    assert of(MONTH).days(last, OFFICE) == (date(9999, 12, 1), date.max)
    assert of(YEAR, 1, 1).days(last, OFFICE) == (date.max, date.max)
    assert of(WEEK, -3, 6).days(first, OFFICE) == (first, first)
    assert last_business_days(3).days(date(1, 1, 2), OFFICE) == (first, date(1, 1, 3))
    assert next_business_days(3).days(last, OFFICE) == (last, date.max)
    assert of(MONTH, 1).seen_from(first, OFFICE) is None
    assert of(DAY, -1).seen_from(last, OFFICE) is None


@pytest.mark.parametrize("period", [of(DAY), last_days(3), next_business_days(2), on_day(date(2026, 1, 1))])
def test_the_last_day_of_the_calendar_lies_in_no_period_and_sees_none(period: Period) -> None:
    assert period.days(date.max, OFFICE) == (date.max, date.max)
    assert period.seen_from(date.max, OFFICE) is None


@pytest.mark.parametrize("period", [today(), last_business_days(2), on_day(date(2026, 1, 1))])
def test_a_datetime_is_no_day(period: Period) -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with pytest.raises(TypeError, match="found a datetime"):
        period.days(noon, OFFICE)
    with pytest.raises(TypeError, match="found a datetime"):
        period.seen_from(noon, OFFICE)


@pytest.mark.parametrize(
    ("period", "name", "now", "start", "end"),
    [
        (today(), "Asia/Tokyo", "2026-11-21T14:59:59.999999Z", "2026-11-20T15:00Z", "2026-11-21T15:00Z"),
        (today(), "Asia/Tokyo", "2026-11-21T15:00Z", "2026-11-21T15:00Z", "2026-11-22T15:00Z"),
        (today(), "America/New_York", "2026-03-08T12:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z"),  # 23 hours
        (today(), "America/New_York", "2026-11-01T12:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z"),  # 25 hours
        (today(), "America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z"),
        (yesterday(), "Pacific/Apia", "2011-12-31T00:00Z", "2011-12-30T10:00Z", "2011-12-30T10:00Z"),  # never was
        (last_days(2), "Pacific/Apia", "2011-12-31T00:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"),
        (this_month(), "Africa/Casablanca", "2026-02-20T00:00Z", "2026-01-31T23:00Z", "2026-03-01T00:00Z"),
        (next_week(), "UTC", "2026-11-21T00:00Z", "2026-11-23T00:00Z", "2026-11-30T00:00Z"),
    ],
)
def test_bounds_are_starts_of_local_days(period: Period, name: str, now: str, start: str, end: str) -> None:
    found = period.bounds(datetime.fromisoformat(now), zone(name), OFFICE)
    assert found == (datetime.fromisoformat(start), datetime.fromisoformat(end))


def test_an_instant_is_open_for_a_range_of_presents() -> None:
    noon = datetime(2026, 11, 21, 3, tzinfo=UTC)  # in Tokyo
    assert last_days(7).open_for(noon, zone("Asia/Tokyo"), OFFICE) == (
        datetime(2026, 11, 20, 15, tzinfo=UTC),
        datetime(2026, 11, 27, 15, tzinfo=UTC),
    )
    assert on_day(date(2026, 11, 22)).open_for(noon, zone("Asia/Tokyo"), OFFICE) is None


def test_an_instant_seen_only_from_a_skipped_day_is_never_seen() -> None:
    on_the_31st = datetime(2011, 12, 31, 0, tzinfo=UTC)
    assert tomorrow().open_for(on_the_31st, zone("Pacific/Apia"), OFFICE) is None
    assert today().open_for(on_the_31st, zone("Pacific/Apia"), OFFICE) is not None


@pytest.mark.parametrize("name", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("period", [yesterday(), this_week(), last_business_days(4), on_day(date(9999, 12, 30))])
def test_instants_at_the_ends_of_the_calendar_raise_nothing(period: Period, name: str) -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for now in (first, first + timedelta(days=2), last - timedelta(days=2), last):
        start, end = period.bounds(now, zone(name), OFFICE)
        assert first <= start <= end <= last
        opened = period.open_for(now, zone(name), OFFICE)
        assert opened is None or first <= opened[0] < opened[1] <= last


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(InvalidFactError, match=r"^instant:"):
        today().bounds(datetime.fromisoformat("2026-11-21"), zone("UTC"), OFFICE)
    with pytest.raises(InvalidFactError, match=r"^instant:"):
        today().open_for(datetime.fromisoformat("2026-11-21"), zone("UTC"), OFFICE)


@pytest.mark.parametrize(
    ("period", "least", "most"),
    [
        (today(), 1, 5),
        (yesterday(), 2, 6),
        (tomorrow(), 0, 4),
        (this_week(), 7, 11),
        (last_month(), 62, 66),
        (of(YEAR, -1, 4), 731, 736),
        (of(WEEK, 5, 0), 0, 4),
        (last_days(30), 30, 34),
        (next_days(30), 1, 4),
        (next_business_days(30), 1, 4),
    ],
)
def test_how_far_back_a_period_reaches(period: Period, least: int, most: int) -> None:
    assert period.reach_back is not None
    assert timedelta(days=least) <= period.reach_back <= timedelta(days=most)
    assert period.reach_back_on(MONDAY_TO_FRIDAY) == period.reach_back


def test_how_far_back_business_days_reach_depends_on_the_calendar() -> None:
    assert last_business_days(5).reach_back is None
    assert last_business_days(5).reach_back_on(MONDAY_TO_FRIDAY) == timedelta(days=10)
    assert last_business_days(5).reach_back_on(OFFICE) == timedelta(days=17)
    assert on_day(date(2026, 1, 1)).reach_back is None
    assert on_day(date(2026, 1, 1)).reach_back_on(OFFICE) is None


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"unit": "weeks"}, "period.unit: unknown unit 'weeks'; did you mean 'week'?"),
        ({"unit": 3}, "period.unit: expected a PeriodUnit, found int"),
        ({"unit": DAY, "offset": 1201}, "period.offset: expected -1200 to 1200"),
        ({"unit": DAY, "offset": True}, "period.offset: expected -1200 to 1200, found bool"),
        ({"unit": WEEK}, "period.starts: expected a weekday, 0 (Monday) to 6 (Sunday), found nothing"),
        ({"unit": WEEK, "starts": 7}, "period.starts: expected a weekday, 0 (Monday) to 6 (Sunday)"),
        ({"unit": YEAR, "starts": 0}, "period.starts: expected a month, 1 to 12"),
        ({"unit": QUARTER, "starts": 13}, "period.starts: expected a month, 1 to 12"),
        ({"unit": MONTH, "starts": 4}, "period.starts: expected none with the unit 'month', which takes offset"),
        ({"unit": PeriodUnit.LAST_DAYS}, "period.n: expected 1 to 36525, found nothing"),
        ({"unit": PeriodUnit.LAST_DAYS, "n": 0}, "period.n: expected 1 to 36525"),
        ({"unit": PeriodUnit.NEXT_DAYS, "n": 36_526}, "period.n: expected 1 to 36525"),
        ({"unit": PeriodUnit.NEXT_DAYS, "n": "7"}, "period.n: expected 1 to 36525, found str"),
        ({"unit": PeriodUnit.NEXT_DAYS, "n": 7, "offset": 1}, "period.offset: expected none with the unit 'next_days'"),
        ({"unit": DAY, "n": 7}, "period.n: expected none with the unit 'day', which takes offset"),
        ({"unit": DAY, "day": date(2026, 1, 1)}, "period.day: expected none with the unit 'day'"),
        ({"unit": PeriodUnit.DATE}, "period.day: expected a date, found nothing"),
        (
            {"unit": PeriodUnit.DATE, "day": datetime(2026, 1, 1, tzinfo=UTC)},
            "period.day: expected a date, found datetime",
        ),
        ({"unit": PeriodUnit.DATE, "day": date.max}, "period.day: expected a day before 9999-12-31"),
        ({"unit": DAY, "zone": "Asia/Tokio"}, "period.zone: unknown time zone 'Asia/Tokio'; did you mean 'Asia/Tokyo'"),
        ({"unit": DAY, "zone": "acount"}, "period.zone: unknown time zone 'acount'; did you mean 'account'"),
        ({"unit": DAY, "zone": 9}, "period.zone: expected the name of a time zone, found int"),
    ],
)
def test_what_makes_no_sense_is_refused(parts: dict[str, object], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        Period(**parts)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(message)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        Period(unit=WEEK, offset=9999, starts=9, n=1, day=date(2026, 1, 1), zone="x")
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize("name", [None, "lead", "account", "Asia/Tokyo", "UTC"])
def test_a_zone_is_kept(name: str | None) -> None:
    assert Period(unit=DAY, zone=name).zone == name


@pytest.mark.parametrize("make", [last_business_days, next_business_days])
def test_business_days_are_bounded_because_they_are_counted_one_by_one(make: Callable[[int], Period]) -> None:
    assert make(1_000).n == 1_000
    with pytest.raises(DefinitionError, match=r"period\.n: expected 1 to 1000 business days$"):
        make(1_001)
