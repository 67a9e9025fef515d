"""Civil steps: their order, short months, passed times of day, gaps and folds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import (
    MONDAY_TO_FRIDAY,
    BusinessCalendar,
    Civil,
    add,
    civil,
    each_day,
    localize,
    shift,
    to_local,
    zone,
)
from nurture.errors import DefinitionError, InvalidFactError

TOKYO = zone("Asia/Tokyo")
NEW_YORK = zone("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("step", "start", "end"),
    [
        (civil(months=1), "2026-01-31T09:00", "2026-02-28T09:00"),
        (civil(years=1), "2028-02-29T09:00", "2029-02-28T09:00"),
        (civil(months=-1), "2026-03-31T09:00", "2026-02-28T09:00"),
        (civil(years=1, months=1, weeks=1, days=1), "2026-01-31T09:00", "2027-03-08T09:00"),  # Feb 28 + 8 days
        (civil(days=1, at="10:00"), "2026-11-21T23:30", "2026-11-22T10:00"),
        (civil(days=1, business_days=1), "2026-11-20T09:00", "2026-11-23T09:00"),  # Saturday, then Monday
        (civil(business_days=1, weekday=0), "2026-11-17T09:00", "2026-11-23T09:00"),  # Wednesday, then Monday
        (civil(days=1, business_days=0), "2026-11-20T09:00", "2026-11-23T09:00"),
        (civil(business_days=-3), "2026-11-24T09:00", "2026-11-19T09:00"),
        (civil(weekday=5), "2026-11-21T09:00", "2026-11-21T09:00"),  # on or after
        (civil(at="10:00"), "2026-11-21T09:00", "2026-11-21T10:00"),
        (civil(at="10:00"), "2026-11-21T10:00", "2026-11-21T10:00"),
        (civil(at="10:00"), "2026-11-21T10:01", "2026-11-22T10:00"),  # passed: tomorrow
        (civil(weekday=5, at="10:00"), "2026-11-21T10:01", "2026-11-28T10:00"),  # passed: next week
        (civil(business_days=0, at="10:00"), "2026-11-20T10:01", "2026-11-23T10:00"),  # passed: next open day
        (civil(days=-1, at="10:00"), "2026-11-21T09:00", "2026-11-20T10:00"),
        (civil(business_days=-3, at="10:00"), "2026-11-24T09:00", "2026-11-19T10:00"),
        (civil(day_of_month=20), "2026-11-20T09:00", "2026-11-20T09:00"),  # on or after
        (civil(day_of_month=20), "2026-11-21T09:00", "2026-12-20T09:00"),
        (civil(day_of_month=20, at="08:00"), "2026-11-20T09:00", "2026-12-20T08:00"),  # passed: next month
        (civil(day_of_month=31), "2027-02-10T09:00", "2027-02-28T09:00"),
        (civil(day_of_month=30), "2028-02-10T09:00", "2028-02-29T09:00"),
        (civil(day_of_month=15), "2026-12-16T09:00", "2027-01-15T09:00"),
        (civil(months=1, day_of_month=20), "2026-01-25T09:00", "2026-02-20T09:00"),  # 翌月20日
        (civil(months=1, day_of_month=31), "2026-01-31T09:00", "2026-02-28T09:00"),  # 翌月末
        (civil(months=-1, day_of_month=31), "2026-03-05T09:00", "2026-02-28T09:00"),  # 前月末
        (civil(day_of_month=20, roll="forward"), "2026-06-19T09:00", "2026-06-22T09:00"),  # the 20th is a Saturday
        (civil(day_of_month=20, roll="forward"), "2026-06-21T09:00", "2026-06-22T09:00"),  # still this month's
        (civil(day_of_month=20, roll="forward", at="08:00"), "2026-06-22T09:00", "2026-07-20T08:00"),
        (civil(day_of_month=20, roll="back"), "2026-06-01T09:00", "2026-06-19T09:00"),
        (civil(day_of_month=20, roll="back"), "2026-06-20T09:00", "2026-07-20T09:00"),  # this month's has passed
        (civil(day_of_month=31, roll="back"), "2026-05-30T09:00", "2026-06-30T09:00"),  # it was Friday, 29 May
        (civil(day_of_month=31, roll="back", at="17:00"), "2026-05-01T09:00", "2026-05-29T17:00"),
        (civil(months=1, day_of_month=31, roll="back"), "2026-04-30T09:00", "2026-05-29T09:00"),
        (civil(day_of_month=31, business_days=-3), "2026-06-10T09:00", "2026-06-25T09:00"),
        (civil(day_of_month=20, business_days=2), "2026-06-10T09:00", "2026-06-23T09:00"),
        (civil(weekday=0, nth=1, at="10:00"), "2026-06-01T09:00", "2026-06-01T10:00"),
        (civil(weekday=0, nth=1, at="08:00"), "2026-06-01T09:00", "2026-07-06T08:00"),
        (civil(weekday=4, nth=-1), "2026-06-01T09:00", "2026-06-26T09:00"),
        (civil(months=1, weekday=1, nth=2), "2026-06-30T09:00", "2026-07-14T09:00"),
        (civil(weekday=6, roll="forward"), "2026-06-16T09:00", "2026-06-22T09:00"),  # Sunday, so Monday
        (civil(weekday=6, roll="back", at="08:00"), "2026-06-19T09:00", "2026-06-26T08:00"),  # 19 June has passed
        (civil(days=3, roll="forward"), "2026-06-17T09:00", "2026-06-22T09:00"),
        (civil(days=3, roll="back"), "2026-06-17T09:00", "2026-06-19T09:00"),
        (civil(days=1, roll="back", at="10:00"), "2026-06-19T15:00", "2026-06-22T10:00"),  # Friday at ten has passed
        (civil(days=-3, roll="back"), "2026-06-16T09:00", "2026-06-12T09:00"),
    ],
)
def test_a_step_on_the_wall_clock(step: Civil, start: str, end: str) -> None:
    assert shift(step, at(start), MONDAY_TO_FRIDAY) == at(end)
    instant = localize(at(start), TOKYO)
    assert add(step, instant, TOKYO, MONDAY_TO_FRIDAY) == localize(at(end), TOKYO)


def test_a_monthly_repeat_keeps_its_anchor_day() -> None:
    intended, seen = at("2027-12-31T09:00"), []
    for _ in range(5):
        intended = shift(civil(months=1), intended, MONDAY_TO_FRIDAY, anchor_day=31)
        seen.append(intended.date())
    assert seen == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30), date(2028, 5, 31)]


def test_an_anchor_day_counts_between_instants_too() -> None:
    start = localize(at("2026-02-28T09:00"), TOKYO)
    assert add(civil(months=1), start, TOKYO, MONDAY_TO_FRIDAY, anchor_day=31) == localize(
        at("2026-03-31T09:00"), TOKYO
    )


def test_an_anchor_day_does_not_touch_steps_of_days() -> None:
    assert shift(civil(days=1), at("2026-02-10T09:00"), MONDAY_TO_FRIDAY, anchor_day=31) == at("2026-02-11T09:00")


def test_the_zone_decides_which_day_it_is() -> None:
    instant = at("2026-11-20T16:00Z")  # Saturday 01:00 in Tokyo, Friday 11:00 in New York
    step = civil(weekday=5, at="12:00")
    assert add(step, instant, TOKYO, MONDAY_TO_FRIDAY) == at("2026-11-21T03:00Z")
    assert add(step, instant, NEW_YORK, MONDAY_TO_FRIDAY) == at("2026-11-21T17:00Z")


def test_a_day_is_not_always_24_hours() -> None:
    before = localize(at("2026-03-07T09:00"), NEW_YORK)
    assert (add(civil(days=1), before, NEW_YORK, MONDAY_TO_FRIDAY) - before).total_seconds() == 23 * 3600


def test_a_time_in_a_gap_moves_forward() -> None:
    found = add(civil(days=1, at="02:30"), localize(at("2026-03-07T12:00"), NEW_YORK), NEW_YORK, MONDAY_TO_FRIDAY)
    assert to_local(found, NEW_YORK).isoformat() == "2026-03-08T03:30:00-04:00"


def test_in_the_second_half_of_a_fold_the_first_has_passed() -> None:
    second = at("2026-11-01T01:10-05:00")
    assert add(civil(at="01:30"), second, NEW_YORK, MONDAY_TO_FRIDAY) == at("2026-11-02T01:30-05:00")


def test_a_step_that_moves_nothing_stays_in_the_second_half_of_a_fold() -> None:
    second = at("2026-11-01T01:10-05:00")  # a Sunday
    assert add(civil(weekday=6), second, NEW_YORK, MONDAY_TO_FRIDAY) == second


def test_the_answer_is_utc() -> None:
    start = at("2026-11-21T09:00+09:00")
    assert add(civil(days=1), start, TOKYO, MONDAY_TO_FRIDAY).tzinfo is UTC
    assert add(civil(weekday=5), start, TOKYO, MONDAY_TO_FRIDAY).tzinfo is UTC


def test_a_company_calendar_is_heard() -> None:
    company = BusinessCalendar("company", closed=[date(2026, 11, 23)])
    assert shift(civil(business_days=1), at("2026-11-20T09:00"), company) == at("2026-11-24T09:00")


@pytest.mark.parametrize(
    ("step", "start", "end"),
    [
        (civil(business_hours=4), "2026-11-20T16:00", "2026-11-23T11:00"),
        (civil(business_hours=-4), "2026-11-23T11:00", "2026-11-20T16:00"),
        (civil(business_hours=9), "2026-11-20T07:00", "2026-11-20T18:00"),
        (civil(business_hours=-9), "2026-11-20T20:00", "2026-11-20T09:00"),
        (civil(business_hours=0), "2026-11-20T18:00", "2026-11-23T09:00"),
        (civil(business_hours=0), "2026-11-20T12:34", "2026-11-20T12:34"),
        (civil(business_hours=timedelta(minutes=1)), "2026-11-21T12:00", "2026-11-23T09:01"),
    ],
)
def test_business_hours_lead_from_instant_to_instant(step: Civil, start: str, end: str) -> None:
    assert add(step, localize(at(start), TOKYO), TOKYO, MONDAY_TO_FRIDAY) == localize(at(end), TOKYO)


def test_on_the_wall_clock_alone_business_hours_mean_nothing() -> None:
    with pytest.raises(DefinitionError, match=r"use nurture\.calendar\.add"):
        shift(civil(business_hours=1), at("2026-11-20T09:00"), MONDAY_TO_FRIDAY)


def test_a_closing_day_behind_long_closures_is_the_first_that_lies_ahead() -> None:
    away = MONDAY_TO_FRIDAY.with_closures(each_day(date(2026, 6, 10), date(2026, 8, 15)))
    for day in ("2026-06-09T09:00", "2026-06-09T10:00"):
        assert shift(civil(day_of_month=20, roll="back", at="10:00"), at(day), away) == at("2026-06-09T10:00")
    assert shift(civil(day_of_month=20, roll="back", at="10:00"), at("2026-06-09T11:00"), away) == at(
        "2026-08-20T10:00"
    )
    assert shift(civil(day_of_month=20, roll="forward", at="10:00"), at("2026-07-01T09:00"), away) == at(
        "2026-08-17T10:00"
    )


@pytest.mark.parametrize(
    "step",
    [
        civil(years=1),
        civil(days=1),
        civil(business_days=1),
        civil(at="09:00"),
        civil(day_of_month=20),
        civil(weekday=0, nth=1),
    ],
)
def test_the_end_of_the_calendar_is_a_typed_error(step: Civil) -> None:
    with pytest.raises(InvalidFactError, match="years 1 to 9999"):
        shift(step, at("9999-12-31T12:00"), MONDAY_TO_FRIDAY)


def test_naive_instants_and_aware_local_times_are_refused() -> None:
    with pytest.raises(InvalidFactError, match=r"^instant:"):
        add(civil(days=1), at("2026-11-21T09:00"), TOKYO, MONDAY_TO_FRIDAY)
    with pytest.raises(InvalidFactError, match=r"^local:"):
        shift(civil(days=1), at("2026-11-21T09:00Z"), MONDAY_TO_FRIDAY)


@pytest.mark.parametrize("anchor_day", [0, 32, -1])
def test_an_anchor_that_is_no_day_of_a_month_is_refused(anchor_day: int) -> None:
    with pytest.raises(DefinitionError, match=r"^anchor_day:"):
        shift(civil(months=1), at("2026-11-21T09:00"), MONDAY_TO_FRIDAY, anchor_day=anchor_day)
