"""JSON forms: there and back unchanged, and strict on the way in."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

import pytest

from nurture.calendar import (
    BusinessCalendar,
    Civil,
    Duration,
    Period,
    PeriodUnit,
    Recurrence,
    Window,
    calendar_from_json,
    calendar_to_json,
    civil,
    from_json,
    last_days,
    last_week,
    on_day,
    period_from_json,
    period_to_json,
    recurrence_from_json,
    recurrence_to_json,
    this_fiscal_year,
    to_json,
    today,
    window_from_json,
    window_to_json,
)
from nurture.errors import DefinitionError, UnknownNameError


@pytest.mark.parametrize(
    ("duration", "form"),
    [
        (timedelta(days=3), {"kind": "elapsed", "microseconds": 259_200_000_000}),
        (timedelta(microseconds=-1), {"kind": "elapsed", "microseconds": -1}),
        (timedelta.max, {"kind": "elapsed", "microseconds": 86_399_999_999_999_999_999}),
        (civil(business_days=0), {"kind": "civil", "business_days": 0}),
        (civil(weekday=0, at="10:00"), {"kind": "civil", "weekday": 0, "at": "10:00"}),
        (civil(business_hours=4), {"kind": "civil", "business_hours": 4}),
        (civil(business_hours=0), {"kind": "civil", "business_hours": 0}),
        (civil(business_hours=-1.5), {"kind": "civil", "business_hours": -1.5}),
        (
            civil(months=1, day_of_month=31, roll="back", at="17:00"),
            {"kind": "civil", "months": 1, "day_of_month": 31, "roll": "back", "at": "17:00"},
        ),
        (civil(weekday=0, nth=-1), {"kind": "civil", "weekday": 0, "nth": -1}),
        (civil(at=time(9, 0, 0, 1)), {"kind": "civil", "at": "09:00:00.000001"}),
        (
            civil(years=1, months=2, weeks=3, days=4, business_days=5, weekday=6, at="10:00:30"),
            {
                "kind": "civil",
                "years": 1,
                "months": 2,
                "weeks": 3,
                "days": 4,
                "business_days": 5,
                "weekday": 6,
                "at": "10:00:30",
            },
        ),
    ],
)
def test_durations_go_there_and_back(duration: Duration, form: Mapping[str, object]) -> None:
    assert to_json(duration) == form
    assert from_json(json.loads(json.dumps(to_json(duration)))) == duration


@pytest.mark.parametrize(
    "window", [Window(time(22), time(6)), Window(time(9, 30), time(18), frozenset({4, 0}))], ids=["daily", "days"]
)
def test_windows_go_there_and_back(window: Window) -> None:
    assert window_from_json(json.loads(json.dumps(window_to_json(window)))) == window


def test_calendars_go_there_and_back() -> None:
    days = [date(2027, 1, 2), date(2026, 12, 29)]
    calendar = BusinessCalendar("office", weekend=frozenset({6}), closed=days, open=[date(2026, 12, 27)])
    form = calendar_to_json(calendar)
    assert form["closed"] == ["2026-12-29", "2027-01-02"]
    assert calendar_from_json(json.loads(json.dumps(form))) == calendar
    assert calendar_from_json({"name": "office"}) == BusinessCalendar("office")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "wait.kind: expected text, found nothing"),
        ({"kind": "elapsd"}, "wait: unknown kind of duration 'elapsd'; did you mean 'elapsed'?"),
        ({"kind": "elapsed"}, "wait.microseconds: expected a whole number, found nothing"),
        ({"kind": "elapsed", "microseconds": 1.0}, "wait.microseconds: expected a whole number, found float"),
        ({"kind": "elapsed", "microseconds": 10**30}, "wait.microseconds: expected less than"),
        ({"kind": "elapsed", "day": 1}, "wait: unknown field 'day'; did you mean 'days'?"),
        ({"kind": "elapsed", "days": "1"}, "wait.days: expected a number, found str"),
        ({"kind": "elapsed", "weeks": 1e300}, "wait.weeks: expected less than"),
        ({"kind": "civil", "day": 1}, "wait: unknown field 'day'; did you mean 'days'"),
        ({"kind": "civil", "days": True}, "wait.days: expected a whole number, found bool"),
        ({"kind": "civil", "at": "ten"}, "wait.at: expected a time of day"),
        ({"kind": "civil", "at": None}, "wait.at: expected text, found nothing"),
        ({"kind": "civil"}, "expected at least one of"),
        ({"kind": "civil", "business_hours": "4"}, "wait.business_hours: expected a number, found str"),
        ({"kind": "civil", "business_hours": True}, "wait.business_hours: expected a number, found bool"),
        ({"kind": "civil", "business_hours": None}, "wait.business_hours: expected a number, found nothing"),
        ({"kind": "civil", "business_hours": 1e9}, "wait.business_hours: expected at most 1000 hours"),
        ({"kind": "civil", "days": 1, "roll": "up"}, "wait.roll: unknown way to roll 'up'"),
        ({"kind": "civil", "days": 1, "roll": None}, "wait.roll: expected text, found nothing"),
        ({"kind": "civil", "day_of_month": "20"}, "wait.day_of_month: expected a whole number, found str"),
    ],
)
def test_a_wrong_duration_says_where_and_why(form: Mapping[str, object], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        from_json(form, "wait")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (lambda: window_from_json({"start": "22:00"}), "window.end: expected text, found nothing"),
        (lambda: window_from_json({"start": "22:00", "end": "06:00", "days": "mon"}), "window.days: expected a list"),
        (lambda: window_from_json({"start": "22:00", "end": "06:00", "days": [True]}), "window.days: expected a whole"),
        (
            lambda: calendar_from_json({"name": "x", "closed": ["2026-02-30"]}),
            "calendar.closed: expected dates that exist",
        ),
        (lambda: calendar_from_json({"name": "x", "open": ["2026-W01-1"]}), "calendar.open: expected a list of dates"),
        (lambda: calendar_from_json({"name": "x", "closed": [20260101]}), "calendar.closed: expected text, found int"),
        (lambda: calendar_from_json({}), "calendar.name: expected text"),
    ],
)
def test_a_wrong_window_or_calendar_says_where_and_why(read: Callable[[], object], error: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read()
    assert error in str(caught.value)


def test_a_misspelt_field_is_never_dropped() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'closed'"):
        calendar_from_json({"name": "x", "close": []})
    with pytest.raises(UnknownNameError, match="unknown field 'day'"):
        window_from_json({"start": "22:00", "end": "06:00", "day": [1]})


def test_zeros_and_defaults_are_left_out_so_that_equal_steps_have_equal_forms() -> None:
    assert to_json(Civil(years=0, days=1)) == to_json(civil(days=1)) == {"kind": "civil", "days": 1}


@pytest.mark.parametrize(
    ("recurrence", "form"),
    [
        (
            Recurrence("FREQ=WEEKLY;BYDAY=MO", start=datetime.fromisoformat("2026-04-01T10:00"), zone="Asia/Tokyo"),
            {"rule": "FREQ=WEEKLY;BYDAY=MO", "start": "2026-04-01T10:00", "zone": "Asia/Tokyo"},
        ),
        (
            Recurrence(
                "freq=daily;interval=2",
                start=datetime.fromisoformat("0026-04-01T10:00:30"),
                zone="UTC",
                at="08:30",
                roll="back",
            ),
            {
                "rule": "FREQ=DAILY;INTERVAL=2",
                "start": "0026-04-01T10:00:30",
                "zone": "UTC",
                "at": "08:30",
                "roll": "back",
            },
        ),
    ],
)
def test_recurrences_go_there_and_back(recurrence: Recurrence, form: Mapping[str, object]) -> None:
    assert recurrence_to_json(recurrence) == form
    assert recurrence_from_json(json.loads(json.dumps(form))) == recurrence


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "FREQ=HOURLY"}, "entry.rule.FREQ: expected one of DAILY"),
        ({"rule": 1}, "entry.rule: expected text, found int"),
        ({"start": "2026-04-01"}, "entry.start: expected a date and a time such as '2026-04-01T10:00'"),
        ({"start": "2026-04-31T10:00"}, "entry.start: expected dates that exist, found 2026-04-31"),
        ({"start": "2026-04-01T10:00+09:00"}, "entry.start: expected a time of day"),
        ({"zone": "Tokyo"}, "entry.zone: unknown time zone 'Tokyo'"),
        ({"at": "10"}, "entry.at: expected a time of day"),
        ({"roll": "up"}, "entry.roll: unknown way to roll 'up'"),
        ({"rules": "x"}, "entry: unknown field 'rules'; did you mean 'rule'"),
    ],
)
def test_a_wrong_recurrence_says_where_and_why(change: Mapping[str, object], message: str) -> None:
    form = {"rule": "FREQ=DAILY", "start": "2026-04-01T10:00", "zone": "UTC"}
    with pytest.raises(DefinitionError) as caught:
        recurrence_from_json({**form, **change}, "entry")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("period", "form"),
    [
        (today(), {"unit": "day", "offset": 0}),
        (last_week("sunday", zone="account"), {"unit": "week", "offset": -1, "starts": 6, "zone": "account"}),
        (Period(unit=PeriodUnit.MONTH, offset=1200), {"unit": "month", "offset": 1200}),
        (this_fiscal_year(zone="Asia/Tokyo"), {"unit": "year", "offset": 0, "starts": 4, "zone": "Asia/Tokyo"}),
        (last_days(7), {"unit": "last_days", "n": 7}),
        (on_day(date(26, 12, 24)), {"unit": "date", "day": "0026-12-24"}),
    ],
)
def test_periods_go_there_and_back(period: Period, form: Mapping[str, object]) -> None:
    assert period_to_json(period) == form
    assert period_from_json(json.loads(json.dumps(form))) == period


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "$.when.unit: expected text, found nothing"),
        ({"unit": ["day"]}, "$.when.unit: expected text, found list"),
        ({"unit": "wek"}, "$.when.unit: unknown unit 'wek'; did you mean 'week'"),
        ({"unit": "day"}, "$.when.offset: expected a whole number, found nothing"),
        ({"unit": "day", "offset": "1"}, "$.when.offset: expected a whole number, found str"),
        ({"unit": "day", "offset": 1.0}, "$.when.offset: expected a whole number, found float"),
        ({"unit": "day", "offset": True}, "$.when.offset: expected a whole number, found bool"),
        ({"unit": "day", "offset": 10**400}, "$.when.offset: expected -1200 to 1200"),
        ({"unit": "day", "ofset": 1}, "$.when: unknown field 'ofset'; did you mean 'offset'"),
        ({"unit": "day", "offset": 1, "n": 1}, "$.when: unknown field 'n'"),
        ({"unit": "week", "offset": 0, "starts": 7}, "$.when.starts: expected a weekday, 0 (Monday) to 6 (Sunday)"),
        ({"unit": "year", "offset": 0, "starts": "april"}, "$.when.starts: expected a whole number, found str"),
        ({"unit": "last_days", "n": 0}, "$.when.n: expected 1 to 36525"),
        ({"unit": "date", "day": "2026-1-1"}, "$.when.day: expected a date such as"),
        ({"unit": "date", "day": "2026-02-30"}, "$.when.day: expected dates that exist, found 2026-02-30"),
        ({"unit": "date", "day": "9999-12-31"}, "$.when.day: expected a day before 9999-12-31"),
        ({"unit": "day", "offset": 0, "zone": None}, "$.when.zone: expected text, found nothing"),
        ({"unit": "day", "offset": 0, "zone": "leed"}, "$.when.zone: unknown time zone 'leed'; did you mean 'lead'"),
    ],
)
def test_a_form_of_no_period_is_refused_with_its_place(form: Mapping[str, object], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        period_from_json(form, "$.when")
    assert str(caught.value).startswith(message)


def test_all_problems_of_a_period_are_told_with_their_places() -> None:
    with pytest.raises(DefinitionError) as caught:
        period_from_json({"unit": "week", "offset": 9999, "starts": 9, "zone": "x"}, "$.when")
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "$.when.offset",
        "$.when.starts",
        "$.when.zone",
    ]


def test_elapsed_time_may_be_said_in_the_units_that_people_use() -> None:
    said: dict[str, object] = {"kind": "elapsed", "weeks": 1, "days": 2, "hours": 1.5, "minutes": 3, "microseconds": 4}
    assert from_json(said) == timedelta(weeks=1, days=2, hours=1.5, minutes=3, microseconds=4)
    assert from_json({"kind": "elapsed", "days": 3}) == from_json(to_json(timedelta(days=3)))
