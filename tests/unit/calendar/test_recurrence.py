"""What recurs: on the wall clock of a zone, through gaps and folds, rolled, ended, and never without end."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise

import pytest

from nurture.calendar import MONDAY_TO_FRIDAY, BusinessCalendar, Recurrence, Roll, each_day, to_local, zone
from nurture.calendar.recurrence import days_of
from nurture.calendar.recurrence_rules import rule_of
from nurture.errors import DefinitionError, InvalidFactError

START = datetime.fromisoformat("2026-04-01T10:00")
BEFORE = datetime(2026, 3, 1, tzinfo=UTC)


def shown(recurrence: Recurrence, n: int, after: datetime = BEFORE, calendar: BusinessCalendar = MONDAY_TO_FRIDAY):
    """The first n times, as the wall clock shows them."""
    found = islice(recurrence.between(after, datetime(2300, 1, 1, tzinfo=UTC), calendar), n)
    return [to_local(one, zone(recurrence.zone)).strftime("%Y-%m-%d %H:%M") for one in found]


def tokyo(rule: str, **parts: object) -> Recurrence:
    return Recurrence(rule, **{"start": START, "zone": "Asia/Tokyo"} | parts)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=1MO", ["2026-04-06", "2026-05-04", "2026-06-01"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2026-04-30", "2026-05-31", "2026-06-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-05-31", "2026-07-31", "2026-08-31"]),  # skipped, not clamped
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-04-30", "2026-05-29", "2026-06-30"]),
        ("FREQ=WEEKLY", ["2026-04-01", "2026-04-08", "2026-04-15"]),  # the start's weekday
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", ["2026-04-03", "2026-04-13", "2026-04-17"]),
        ("FREQ=YEARLY", ["2026-04-01", "2027-04-01", "2028-04-01"]),  # the start's month and day
        ("FREQ=YEARLY;BYMONTH=10", ["2026-10-01", "2027-10-01", "2028-10-01"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", ["2027-01-04", "2028-01-03", "2029-01-01"]),
        ("FREQ=DAILY;INTERVAL=10;COUNT=3", ["2026-04-01", "2026-04-11", "2026-04-21"]),
        ("FREQ=DAILY;UNTIL=20260402", ["2026-04-01", "2026-04-02"]),
        ("FREQ=DAILY;UNTIL=20260402T095959", ["2026-04-01"]),
        ("FREQ=DAILY;UNTIL=20260402T010000Z", ["2026-04-01", "2026-04-02"]),  # 10:00 in Tokyo
        ("FREQ=DAILY;UNTIL=20260402T005959Z", ["2026-04-01"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []),
    ],
)
def test_rules_find_days(rule: str, expected: list[str]) -> None:
    assert shown(tokyo(rule), 3) == [f"{day} 10:00" for day in expected]


def test_the_answer_lies_after_the_instant_and_is_utc() -> None:
    daily = tokyo("FREQ=DAILY")
    first = daily.next_after(BEFORE)
    assert first == datetime(2026, 4, 1, 1, tzinfo=UTC)
    assert first is not None
    assert first.tzinfo is UTC
    assert daily.next_after(first - timedelta(microseconds=1)) == first
    assert daily.next_after(first) == first + timedelta(days=1)


def test_stretches_that_meet_hold_every_time_once() -> None:
    daily = tokyo("FREQ=DAILY")
    edges = [BEFORE + timedelta(hours=7 * n) for n in range(300)]
    pieces = [found for one, other in pairwise(edges) for found in daily.between(one, other)]
    assert pieces == list(daily.between(edges[0], edges[-1]))
    assert len(pieces) == len(set(pieces)) > 50


def test_the_time_of_day_may_be_another_than_the_starts() -> None:
    assert shown(tokyo("FREQ=DAILY", at="08:30"), 1) == ["2026-04-01 08:30"]
    assert tokyo("FREQ=DAILY", at=time(8, 30)) == tokyo("FREQ=DAILY", at="08:30")
    assert tokyo("FREQ=DAILY").clock == time(10)


def test_a_gap_moves_forward_and_a_fold_fires_once() -> None:
    new_york = Recurrence("FREQ=DAILY", start=START, zone="America/New_York", at="02:30")
    spring = shown(new_york, 3, datetime(2027, 3, 13, 12, tzinfo=UTC))
    assert spring == ["2027-03-14 03:30", "2027-03-15 02:30", "2027-03-16 02:30"]
    autumn = list(
        Recurrence("FREQ=DAILY", start=START, zone="America/New_York", at="01:30").between(
            datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
        )
    )
    assert autumn == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 2, 6, 30, tzinfo=UTC)]


def test_a_day_that_a_zone_skipped_fires_no_second_time() -> None:
    apia = Recurrence("FREQ=DAILY", start=datetime.fromisoformat("2011-12-28T10:00"), zone="Pacific/Apia")
    found = shown(apia, 4, datetime(2011, 12, 1, tzinfo=UTC))
    assert found == ["2011-12-28 10:00", "2011-12-29 10:00", "2011-12-31 10:00", "2012-01-01 10:00"]


def test_a_time_that_a_gap_moved_to_the_next_day_is_found_from_there() -> None:
    saturdays = Recurrence("FREQ=WEEKLY;BYDAY=SA", start=START, zone="America/Nuuk", at="23:30")
    sunday = datetime(
        2027, 3, 28, 1, 10, tzinfo=UTC
    )  # ten minutes past midnight, as the clocks went from 23:00 to 00:00
    assert saturdays.next_after(sunday) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


OFFICE = BusinessCalendar("office", closed=each_day(date(2026, 4, 29), date(2026, 5, 6)))


@pytest.mark.parametrize(
    ("rule", "roll", "expected"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "forward", ["2026-05-07", "2026-06-01", "2026-06-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "back", ["2026-04-28", "2026-05-29", "2026-06-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=20", "back", ["2026-04-20", "2026-05-20", "2026-06-19"]),
        ("FREQ=WEEKLY;BYDAY=SA,SU,MO", "forward", ["2026-04-06", "2026-04-13", "2026-04-20"]),  # three become one
        ("FREQ=WEEKLY;BYDAY=FR,SA,SU", "back", ["2026-04-03", "2026-04-10", "2026-04-17"]),
    ],
)
def test_closed_days_are_rolled_and_fire_once(rule: str, roll: str, expected: list[str]) -> None:
    recurrence = tokyo(rule, roll=roll)
    assert shown(recurrence, 3, calendar=OFFICE) == [f"{day} 10:00" for day in expected]
    assert recurrence.roll is Roll(roll)


def test_what_was_rolled_is_found_from_every_instant() -> None:
    recurrence = tokyo("FREQ=MONTHLY;BYMONTHDAY=-1", roll="forward")
    whole = list(recurrence.between(BEFORE, datetime(2026, 7, 1, tzinfo=UTC), OFFICE))
    for hours in range(0, 24 * 90, 5):
        instant = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=hours)
        assert recurrence.next_after(instant, OFFICE) == next(one for one in whole if one > instant)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=3",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",  # it begins on a Wednesday
        "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=7",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=31",
    ],
)
def test_a_rule_that_never_fires_is_asked_no_later_than_its_next_centuries(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watched_years(monkeypatch)
    assert tokyo(rule).next_after(BEFORE) is None
    assert len(seen) <= 1_000
    assert bool(seen) is ("DAILY" not in rule)  # single days are looked at here, for a hundred years


def watched_years(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The years that dateutil looks at from now on."""
    from dateutil import rrule

    seen: set[int] = set()
    rebuild = rrule._iterinfo.rebuild

    def watched(self: object, year: int, month: int) -> None:
        seen.add(year)
        rebuild(self, year, month)

    monkeypatch.setattr(rrule._iterinfo, "rebuild", watched)
    return seen


def test_a_start_long_ago_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched_years(monkeypatch)
    for rule, most in [("FREQ=WEEKLY;INTERVAL=3", 2), ("FREQ=MONTHLY", 2), ("FREQ=YEARLY;BYYEARDAY=100", 3)]:
        seen.clear()
        assert tokyo(rule, start=datetime.fromisoformat("0001-01-01T10:00")).next_after(BEFORE) is not None
        assert 0 < len(seen) <= most
    daily = tokyo("FREQ=DAILY;INTERVAL=3", start=datetime.fromisoformat("0001-01-01T10:00"))
    found = daily.next_after(BEFORE)
    assert found is not None
    assert (to_local(found, zone("Asia/Tokyo")).date() - date(1, 1, 1)).days % 3 == 0
    assert found - BEFORE <= timedelta(days=3)


def test_it_ends_with_the_calendar() -> None:
    daily = tokyo("FREQ=DAILY")
    assert daily.next_after(datetime(9999, 12, 31, 12, tzinfo=UTC)) is None
    late = list(daily.between(datetime(9999, 12, 29, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)))
    assert late == [datetime(9999, 12, day, 1, tzinfo=UTC) for day in (29, 30, 31)]
    assert tokyo("FREQ=DAILY").next_after(datetime.min.replace(tzinfo=UTC)) == datetime(2026, 4, 1, 1, tzinfo=UTC)


def test_more_than_a_hundred_years_between_two_times_are_walked_when_both_are_found() -> None:
    rare = rule_of("FREQ=YEARLY;INTERVAL=100")
    found = list(islice(days_of(rare, date(2026, 4, 1), date(2026, 4, 1)), 4))
    assert found == [date(year, 4, 1) for year in (2026, 2126, 2226, 2326)]
    counted = tokyo("FREQ=YEARLY;INTERVAL=100;COUNT=3")
    assert list(counted.between(BEFORE, datetime(2600, 1, 1, tzinfo=UTC)))[-1].year == 2226


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"zone": "Asia/Tokio"}, "recurrence.zone: unknown time zone 'Asia/Tokio'; did you mean 'Asia/Tokyo'"),
        ({"start": BEFORE}, "recurrence.start: expected a datetime without a zone"),
        ({"start": date(2026, 4, 1)}, "recurrence.start: expected a datetime without a zone"),
        ({"at": "ten"}, "recurrence.at: expected a time of day"),
        ({"at": time(10, tzinfo=UTC)}, "recurrence.at: expected a time of day without a zone"),
        ({"roll": "up"}, "recurrence.roll: unknown way to roll 'up'"),
        ({"rule": "FREQ=SECONDLY"}, "rule.FREQ: expected one of DAILY"),
    ],
)
def test_bad_parts_are_named(parts: dict[str, object], problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        tokyo(**{"rule": "FREQ=DAILY"} | parts)
    assert problem in str(caught.value)


def test_naive_instants_are_refused() -> None:
    with pytest.raises(InvalidFactError, match=r"^instant:"):
        tokyo("FREQ=DAILY").next_after(START)
    with pytest.raises(InvalidFactError, match=r"^until:"):
        list(tokyo("FREQ=DAILY").between(BEFORE, START))


def test_equal_rules_are_equal() -> None:
    assert tokyo("BYDAY=FR,MO;FREQ=WEEKLY") == tokyo("RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,FR")
