"""Clauses about dates and instants, by hand: what they answer, and the very microsecond at which they turn."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nurture.calendar import (
    BusinessCalendar,
    last_week,
    next_business_days,
    on_day,
    this_fiscal_year,
    this_month,
    this_quarter,
    today,
    tomorrow,
    yesterday,
)
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Sight, Value
from nurture.predicates import (
    Age,
    Anniversary,
    Elapsed,
    Field,
    Held,
    InPeriod,
    Names,
    Owner,
    Predicate,
    compile_flip,
    compile_match,
    q,
)

TICK = timedelta(microseconds=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)  # a Sunday; 21:00 in Tokyo
TOKYO = ZoneInfo("Asia/Tokyo")
x = q.lead.x


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def answer(predicate: Predicate, now: datetime = NOW, *, names: Names | None = None, **lead: Value) -> bool:
    return compile_match(predicate, names or Names())(Sight(lead=lead), now)


def turns(predicate: Predicate, now: datetime, names: Names | None = None, **lead: Value) -> datetime | None:
    """When it turns; checked to be exact: the answer holds until a microsecond before, and differs then."""
    known, sight = names or Names(), Sight(lead=lead)
    asks, flip = compile_match(predicate, known), compile_flip(predicate, known)(sight, now)
    if flip is not None:
        assert flip > now
        assert asks(sight, flip - TICK) is asks(sight, now)
        assert asks(sight, flip) is not asks(sight, now)
    return flip


@pytest.mark.parametrize(
    ("predicate", "value", "expected"),
    [
        (x.during(today()), date(2026, 3, 1), True),
        (x.during(today()), date(2026, 3, 2), False),
        (x.during(yesterday()), date(2026, 2, 28), True),
        (x.during(tomorrow()), date(2026, 3, 2), True),
        (x.during(today()), at("2026-03-01T00:00Z"), True),
        (x.during(today()), at("2026-03-01T00:00Z") - TICK, False),
        (x.during(today()), at("2026-03-02T00:00Z") - TICK, True),
        (x.during(today()), at("2026-03-02T00:00Z"), False),
        (x.during(today(zone="Asia/Tokyo")), at("2026-02-28T15:00Z"), True),
        (x.during(today(zone="Asia/Tokyo")), at("2026-03-01T15:00Z"), False),
        (x.during(last_week()), date(2026, 2, 16), True),
        (x.during(last_week()), date(2026, 2, 22), True),
        (x.during(last_week()), date(2026, 2, 23), False),
        (x.during(last_week("sunday")), date(2026, 2, 22), True),
        (x.during(this_month()), date(2026, 3, 31), True),
        (x.during(this_quarter()), date(2026, 1, 1), True),
        (x.during(this_fiscal_year()), date(2025, 4, 1), True),
        (x.during(this_fiscal_year()), date(2026, 4, 1), False),
        (x.during(on_day(date(2020, 2, 29))), date(2020, 2, 29), True),
        (x.during(next_business_days(1)), date(2026, 3, 2), True),
        (x.during(next_business_days(1)), date(2026, 3, 3), False),
        (x.during(today()), None, False),
        (x.during(today()), "2026-03-01", False),
        (x.during(today()), 20260301, False),
        (x.during(today()), (date(2026, 3, 1),), False),
        # anniversaries
        (x.anniversary(), date(1990, 3, 1), True),
        (x.anniversary(), date(1990, 3, 2), False),
        (x.anniversary(), date(2026, 3, 1), False),  # the day itself is none
        (x.anniversary(before=1), date(1990, 3, 2), True),
        (x.anniversary(after=1), date(1990, 2, 28), True),
        (x.anniversary(after=1), date(2000, 2, 29), True),  # kept on the 28th in a common year
        (x.anniversary(), date(2000, 2, 29), False),
        (x.anniversary(), at("1990-02-28T23:59Z"), False),
        (x.anniversary(zone="Asia/Tokyo"), at("1990-02-28T23:59Z"), True),
        (x.anniversary(), None, False),
        (x.anniversary(before=366), "1990-03-01", False),
        # ages
        (x.age() >= 36, date(1990, 3, 1), True),
        (x.age() >= 36, date(1990, 3, 2), False),
        (x.age() == 35, date(1990, 3, 2), True),
        (x.age() == 0, date(2026, 3, 1), True),
        (x.age() < 18, date(2026, 3, 2), False),  # not born yet
        (x.age() != 5, date(2026, 3, 2), False),
        (x.age() >= 26, date(2000, 2, 29), True),
        (x.age() != 5, None, False),
        # lengths of time
        (x.ago() >= timedelta(hours=1), NOW - timedelta(hours=1), True),
        (x.ago() > timedelta(hours=1), NOW - timedelta(hours=1), False),
        (x.ago() < timedelta(hours=1), NOW, True),
        (x.ago() < timedelta(hours=1), NOW + TICK, False),  # still to come
        (x.ago() <= timedelta(hours=12), date(2026, 3, 1), True),  # from the start of the day
        (x.ago() < timedelta(hours=12), date(2026, 3, 1), False),
        (x.ahead() <= timedelta(hours=12), date(2026, 3, 2), True),
        (x.ahead() < timedelta(hours=1), NOW, False),  # it is not ahead any more
        (x.ahead() < timedelta(hours=1), NOW + TICK, True),
        (x.ahead() >= timedelta(days=1), NOW + timedelta(days=1), True),
        (x.ahead() > timedelta(days=1), NOW + timedelta(days=1), False),
        (x.ahead() > timedelta(days=1), None, False),
        (x.ago() > timedelta(days=1), True, False),
    ],
)
def test_a_clause_by_hand(predicate: Predicate, value: Value, expected: bool) -> None:
    assert answer(predicate, x=value) is expected
    assert answer(~predicate, x=value) is not expected


@pytest.mark.parametrize(
    ("predicate", "value", "expected"),
    [
        (x.during(today()), date(2026, 3, 3), "2026-03-03T00:00Z"),
        (x.during(today()), date(2026, 3, 1), "2026-03-02T00:00Z"),
        (x.during(today()), date(2026, 2, 28), None),  # it cannot come again
        (x.during(today()), at("2026-03-03T09:00Z"), "2026-03-03T00:00Z"),
        (x.during(today(zone="Asia/Tokyo")), date(2026, 3, 3), "2026-03-02T15:00Z"),
        (x.during(last_week()), date(2026, 3, 1), "2026-03-02T00:00Z"),
        (x.during(on_day(date(2020, 2, 29))), date(2020, 3, 1), None),
        (x.during(on_day(date(2020, 2, 29))), date(2020, 2, 29), "9999-12-31T00:00Z"),  # the last day is in no period
        (x.during(this_fiscal_year()), date(2026, 3, 31), "2026-04-01T00:00Z"),
        (x.during(today()), None, None),
        (x.anniversary(before=3), date(1990, 3, 20), "2026-03-17T00:00Z"),
        (x.anniversary(after=3), date(1990, 3, 1), "2026-03-05T00:00Z"),
        (x.anniversary(), date(2000, 2, 29), "2027-02-28T00:00Z"),
        (x.anniversary(before=366), date(1990, 3, 1), "9999-03-02T00:00Z"),  # there is no year 10000
        (x.anniversary(), None, None),
        (x.age() >= 18, date(2008, 3, 2), "2026-03-02T00:00Z"),
        (x.age() == 18, date(2008, 3, 1), "2027-03-01T00:00Z"),
        (x.age() > 18, date(2008, 3, 1), "2027-03-01T00:00Z"),
        (x.age() < 18, date(2008, 3, 1), None),
        (x.age() < 18, date(2026, 3, 9), "2026-03-09T00:00Z"),
        (x.age() >= 999, date(9998, 1, 1), None),  # past the end of the calendar
        (x.ago() >= timedelta(hours=2), NOW, "2026-03-01T14:00Z"),
        (x.ago() > timedelta(hours=2), NOW, "2026-03-01T14:00:00.000001Z"),
        (x.ago() < timedelta(hours=2), NOW + timedelta(hours=1), "2026-03-01T13:00Z"),
        (x.ago() >= timedelta(hours=2), NOW - timedelta(hours=2), None),
        (x.ago() < timedelta(days=36_525), datetime.max.replace(tzinfo=UTC) - TICK, "9999-12-31T23:59:59.999998Z"),
        (x.ahead() <= timedelta(hours=2), NOW + timedelta(hours=5), "2026-03-01T15:00Z"),
        (x.ahead() < timedelta(hours=2), NOW + timedelta(hours=5), "2026-03-01T15:00:00.000001Z"),
        (x.ahead() < timedelta(hours=2), NOW + timedelta(hours=1), "2026-03-01T13:00Z"),
        (x.ahead() > timedelta(hours=2), NOW + timedelta(hours=5), "2026-03-01T15:00Z"),
        (x.ahead() >= timedelta(hours=2), NOW, None),
    ],
)
def test_it_turns_at_this_very_microsecond(predicate: Predicate, value: Value, expected: str | None) -> None:
    assert turns(predicate, NOW, x=value) == (None if expected is None else at(expected))


@pytest.mark.parametrize(
    ("lead", "account", "fallback", "clause_zone", "expected"),
    [
        ("Asia/Tokyo", "America/New_York", "UTC", None, "Asia/Tokyo"),
        (None, "America/New_York", "UTC", None, "America/New_York"),
        (None, None, "Asia/Tokyo", None, "Asia/Tokyo"),
        ("Mars/Olympus", 3, "Asia/Tokyo", None, "Asia/Tokyo"),  # what names no zone is missing
        ("Asia/Tokyo", "America/New_York", "UTC", "account", "America/New_York"),
        ("Asia/Tokyo", None, "UTC", "account", "UTC"),
        ("Asia/Tokyo", "America/New_York", "UTC", "Europe/Paris", "Europe/Paris"),
    ],
)
def test_whose_day_it_is(lead: Value, account: Value, fallback: str, clause_zone: str | None, expected: str) -> None:
    sight = Sight(lead={"x": date(2026, 3, 3), "zone": lead}, account={"zone": account})
    midnight = datetime(2026, 3, 3, tzinfo=ZoneInfo(expected)).astimezone(UTC)
    for predicate in (x.during(today(zone=clause_zone)), x.ago(zone=clause_zone) < timedelta(days=30)):
        assert compile_flip(predicate, Names(zone=fallback))(sight, NOW) == midnight
    birthday = Sight(lead={"x": date(1990, 3, 3), "zone": lead}, account={"zone": account})
    for predicate in (x.anniversary(zone=clause_zone), x.age(zone=clause_zone) >= 36):
        assert compile_flip(predicate, Names(zone=fallback))(birthday, NOW) == midnight


def test_a_day_of_23_or_25_hours_turns_when_it_is_over() -> None:
    new_york = today(zone="America/New_York")
    spring = at("2026-03-08T12:00Z")
    assert turns(x.during(new_york), spring, x=date(2026, 3, 8)) == at("2026-03-09T04:00Z")
    autumn = at("2026-11-01T12:00Z")
    assert turns(x.during(new_york), autumn, x=date(2026, 11, 1)) == at("2026-11-02T05:00Z")


def test_a_day_that_a_zone_skipped_turns_nothing() -> None:
    names, before = Names(zone="Pacific/Apia"), at("2011-12-29T12:00Z")  # the 29th there; the 30th never was
    assert turns(x.during(today()), before, names, x=date(2011, 12, 30)) is None
    assert turns(x.anniversary(), before, names, x=date(1990, 12, 30)) == datetime(
        2012, 12, 30, tzinfo=ZoneInfo("Pacific/Apia")
    ).astimezone(UTC)
    assert turns(x.age() >= 21, before, names, x=date(1990, 12, 30)) == at("2011-12-30T10:00Z")


def test_a_day_without_midnight_begins_after_the_gap() -> None:
    names = Names(zone="America/Sao_Paulo")
    begins = at("2018-11-04T03:00Z")
    assert turns(x.during(today()), begins - timedelta(hours=1), names, x=date(2018, 11, 4)) == begins
    assert turns(x.ago() < timedelta(days=1), begins - timedelta(hours=1), names, x=date(2018, 11, 4)) == begins


def test_the_business_days_are_those_of_the_program() -> None:
    names = Names(calendar=BusinessCalendar("office", closed=[date(2026, 3, 2)]))
    assert answer(x.during(next_business_days(1)), names=names, x=date(2026, 3, 3)) is True
    assert answer(x.during(next_business_days(1)), names=names, x=date(2026, 3, 4)) is False


def test_the_fiscal_year_begins_in_the_month_that_a_field_holds() -> None:
    clause = x.during(this_fiscal_year(), starts=q.account.begins)
    asks = compile_match(clause, Names())
    for begins, expected in ((1, True), (2, False), (4, True), (3, False), (None, False), (13, False), (True, False)):
        sight = Sight(lead={"x": date(2026, 1, 5)}, account={"begins": begins})
        assert asks(sight, NOW) is expected
    sight = Sight(lead={"x": date(2026, 1, 5)}, account={"begins": 4})
    assert compile_flip(clause, Names())(sight, NOW) == at("2026-04-01T00:00Z")


def test_the_last_day_of_the_calendar_breaks_nothing() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    for clause in (x.during(today()), x.anniversary(), x.age() >= 1, x.ago() > timedelta(days=1)):
        for value in (date.min, date.max, last, datetime.min.replace(tzinfo=UTC)):
            for now in (NOW, last, datetime.min.replace(tzinfo=UTC)):
                turns(clause, now, Names(zone="Asia/Tokyo"), x=value)


field = Field(Owner.LEAD, "x")
prop = Field(Owner.PROP, "x")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: InPeriod(field, "today"), "expected a period such as this_month"),  # type: ignore[arg-type]
        (lambda: InPeriod(prop, today()), "not about a fact's prop.x"),
        (lambda: InPeriod(field, today(), Field(Owner.ACCOUNT, "m")), "only a quarter or a year begins"),
        (lambda: x.during(this_quarter(), starts="m"), "expected a field such as"),
        (lambda: Anniversary(field, -1), "before is a whole number of days"),
        (lambda: Anniversary(field, 0, 367), "after is a whole number of days"),
        (lambda: Anniversary(field, True), "before is a whole number"),
        (lambda: Age(field, "ge", 1.5), "a whole number of years"),  # type: ignore[arg-type]
        (lambda: Age(field, "ge", 1001), "from 0 to 1000"),
        (lambda: Age(field, "contains", 1), "unknown comparison"),
        (lambda: Elapsed(field, "eq", TICK), "unknown comparison"),
        (lambda: Elapsed(field, "ge", timedelta(0)), "above zero"),
        (lambda: Elapsed(field, "ge", 3), "expected a timedelta"),  # type: ignore[arg-type]
        (lambda: Elapsed(field, "ge", TICK, zone=3), "expected the name of a time zone"),  # type: ignore[arg-type]
        (lambda: Held(x == 1, "gt", TICK), "expected 'ge'"),
        (lambda: Held(q.stage == "a", "ge", TICK), "only comparisons of fields"),
        (lambda: Held((x == 1) & (q.account.x == 1), "ge", TICK), "not of both"),
        (lambda: q.held(x == 1), "either at_least or less_than"),
        (lambda: Held(q.entry.rank == "A", "ge", TICK), "nobody keeps since when a value of q.entry is so"),
        (lambda: q.held(x == q.entry.y, at_least=TICK), "nobody keeps since when a value of q.entry is so"),
        (lambda: x.during(this_quarter(), starts=q.entry.m), "a month that the lead or the account holds"),
        (
            lambda: q.touches("a.b").during(this_quarter(), starts=q.entry.m),
            "a month that the lead or the account holds",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_when_written(make, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        make()


def test_an_unknown_zone_names_the_near_misses() -> None:
    with pytest.raises(UnknownNameError, match="Asia/Tokyo"):
        x.age(zone="Asia/Tokio") >= 3  # noqa: B015
