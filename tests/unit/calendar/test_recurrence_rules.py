"""Rules of RFC 5545: what is read, what is refused and by which name, and the one form in which they are kept."""

from datetime import UTC, date, datetime

import pytest

from nurture.calendar.recurrence_rules import MAX_COUNT, Frequency, Rule, rule_of
from nurture.errors import DefinitionError


@pytest.mark.parametrize(
    ("text", "rule", "kept"),
    [
        ("FREQ=DAILY", Rule(freq=Frequency.DAILY), "FREQ=DAILY"),
        (" rrule:freq=daily;interval=1 ", Rule(freq=Frequency.DAILY), "FREQ=DAILY"),
        (
            "BYDAY=FR,+1MO,-1FR,FR;FREQ=MONTHLY",
            Rule(freq=Frequency.MONTHLY, by_day=((-1, 4), (0, 4), (1, 0))),
            "FREQ=MONTHLY;BYDAY=-1FR,FR,1MO",
        ),
        (
            "FREQ=YEARLY;BYMONTH=10,4;BYMONTHDAY=-1,20;COUNT=3;WKST=SU",
            Rule(freq=Frequency.YEARLY, by_month=(4, 10), by_month_day=(-1, 20), count=3, week_start=6),
            "FREQ=YEARLY;BYMONTH=4,10;BYMONTHDAY=-1,20;COUNT=3;WKST=SU",
        ),
        (
            "FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1,-1;BYDAY=MO;BYSETPOS=1",
            Rule(freq=Frequency.YEARLY, interval=2, by_week_no=(-1, 1), by_day=((0, 0),), by_set_pos=(1,)),
            "FREQ=YEARLY;INTERVAL=2;BYWEEKNO=-1,1;BYDAY=MO;BYSETPOS=1",
        ),
        (
            "FREQ=YEARLY;BYYEARDAY=-1,100;UNTIL=20301231",
            Rule(freq=Frequency.YEARLY, by_year_day=(-1, 100), until=date(2030, 12, 31)),
            "FREQ=YEARLY;BYYEARDAY=-1,100;UNTIL=20301231",
        ),
        (
            "FREQ=DAILY;UNTIL=20301231T170000",
            Rule(freq=Frequency.DAILY, until=datetime.fromisoformat("2030-12-31T17:00")),
            "FREQ=DAILY;UNTIL=20301231T170000",
        ),
        (
            "FREQ=DAILY;UNTIL=20301231T170000Z",
            Rule(freq=Frequency.DAILY, until=datetime(2030, 12, 31, 17, tzinfo=UTC)),
            "FREQ=DAILY;UNTIL=20301231T170000Z",
        ),
    ],
)
def test_a_rule_is_read_and_kept_in_one_form(text: str, rule: Rule, kept: str) -> None:
    assert rule_of(text) == rule
    assert rule.text() == kept
    assert rule_of(kept) == rule


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "rule: expected parts as NAME=value"),
        ("FREQ=DAILY;", "rule: expected parts as NAME=value"),
        ("FREQ=DAILY;BYMONHT=1", "rule: unknown part 'BYMONHT'; did you mean 'BYMONTH'"),
        ("INTERVAL=2", "rule.FREQ: expected one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=SECONDLY", "rule.FREQ: expected one of DAILY, WEEKLY, MONTHLY, YEARLY; a rule names days"),
        ("FREQ=DAILY;BYHOUR=9", "rule.BYHOUR: a rule names days; the time of day is given as at="),
        ("FREQ=DAILY;FREQ=DAILY", "rule.FREQ: stands twice"),
        ("FREQ=DAILY;INTERVAL=0", "rule.INTERVAL: expected a whole number"),
        ("FREQ=DAILY;INTERVAL=1.5", "rule.INTERVAL: expected a whole number"),
        ("FREQ=DAILY;INTERVAL=٣", "rule.INTERVAL: expected a whole number"),
        ("FREQ=YEARLY;INTERVAL=101", "rule.INTERVAL: expected 1 to 100 with FREQ=YEARLY"),
        (f"FREQ=DAILY;COUNT={MAX_COUNT + 1}", "rule.COUNT: expected a whole number, 1 to 1000"),
        ("FREQ=DAILY;COUNT=1;UNTIL=20260101", "rule.COUNT: expected no UNTIL beside it"),
        ("FREQ=DAILY;UNTIL=20260230", "rule.UNTIL: expected a date such as"),
        ("FREQ=DAILY;UNTIL=2026-01-01", "rule.UNTIL: expected a date such as"),
        ("FREQ=DAILY;BYMONTH=13", "rule.BYMONTH: expected numbers from 1 to 12"),
        ("FREQ=DAILY;BYMONTH=", "rule.BYMONTH: expected numbers from 1 to 12"),
        ("FREQ=DAILY;BYMONTHDAY=0", "rule.BYMONTHDAY: expected numbers from 1 to 31 or -31 to -1"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "rule.BYMONTHDAY: expected another frequency than WEEKLY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "rule.BYYEARDAY: expected FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "rule.BYWEEKNO: expected FREQ=YEARLY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "rule.BYDAY: expected weekdays without a number"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "rule.BYDAY: expected weekdays without a number"),
        ("FREQ=MONTHLY;BYDAY=6MO", "rule.BYDAY: expected numbers from -5 to 5"),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "rule.BYDAY: expected numbers from -5 to 5"),
        ("FREQ=YEARLY;BYDAY=54MO", "rule.BYDAY: expected weekdays such as MO,FR"),
        ("FREQ=WEEKLY;BYDAY=MON", "rule.BYDAY: expected weekdays such as MO,FR"),
        ("FREQ=MONTHLY;BYSETPOS=1", "rule.BYSETPOS: expected another part of BY"),
        ("FREQ=WEEKLY;WKST=MONDAY", "rule.WKST: expected one of MO, TU"),
        ("FREQ=DAILY;" + "BYMONTH=1;" * 500, "rule: expected at most 2000 characters"),
    ],
)
def test_a_rule_that_is_none_says_which_part(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        rule_of(text)
    assert any(one.startswith(problem) for one in caught.value.problems), caught.value.problems


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        rule_of("FREQ=HOURLY;BYMONTH=13;BYHOUR=3;COUNT=0")
    assert len(caught.value.problems) == 4
    with pytest.raises(DefinitionError) as caught:
        rule_of("FREQ=WEEKLY;BYMONTHDAY=1;BYYEARDAY=1;BYWEEKNO=1")
    assert len(caught.value.problems) == 3
