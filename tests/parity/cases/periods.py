"""Periods of days, from today."""

from datetime import date

from nurture.calendar import (
    Period,
    PeriodUnit,
    last_business_days,
    last_days,
    last_fiscal_year,
    last_month,
    last_quarter,
    last_week,
    last_year,
    next_business_days,
    next_days,
    next_fiscal_year,
    next_month,
    next_quarter,
    next_week,
    next_year,
    on_day,
    this_fiscal_year,
    this_month,
    this_quarter,
    this_week,
    this_year,
    today,
    tomorrow,
    yesterday,
)
from nurture.predicates import q
from tests.parity.cases.said import Group, Row, asks, both, days, firm, no, utc, yes

_day = q.lead.joined


def _edges(first: date, last: date, *more: Row) -> tuple[Row, ...]:
    """Both ends of a period, and their neighbours."""
    return (
        yes("its first day", joined=first),
        yes("its last day", joined=last),
        no("the day before", joined=first - days(1)),
        no("the day after", joined=last + days(1)),
        *more,
    )


def _on(text: str) -> date:
    return date.fromisoformat(text)


GROUPS: tuple[Group, ...] = (
    # -- periods of days; today is Wednesday, 18 November 2026 --
    *both(
        "today",
        _day.during(today()),
        *_edges(_on("2026-11-18"), _on("2026-11-18")),
        no("missing"),
        no("the zone in the west is a day behind", joined=_on("2026-11-18"), zone="America/New_York"),
        yes("for it, the 17th is today", joined=_on("2026-11-17"), zone="America/New_York"),
    ),
    *asks("yesterday", _day.during(yesterday()), *_edges(_on("2026-11-17"), _on("2026-11-17"))),
    *asks("tomorrow", _day.during(tomorrow()), *_edges(_on("2026-11-19"), _on("2026-11-19"))),
    *asks("this week", _day.during(this_week()), *_edges(_on("2026-11-16"), _on("2026-11-22"))),
    *asks("last week", _day.during(last_week()), *_edges(_on("2026-11-09"), _on("2026-11-15"))),
    *asks("next week", _day.during(next_week()), *_edges(_on("2026-11-23"), _on("2026-11-29"))),
    *asks("this week from Sunday", _day.during(this_week("sunday")), *_edges(_on("2026-11-15"), _on("2026-11-21"))),
    *asks("last week from Sunday", _day.during(last_week("sunday")), *_edges(_on("2026-11-08"), _on("2026-11-14"))),
    *asks("this week from Wednesday", _day.during(this_week(2)), *_edges(_on("2026-11-18"), _on("2026-11-24"))),
    *asks("this week from Thursday", _day.during(this_week(3)), *_edges(_on("2026-11-12"), _on("2026-11-18"))),
    *asks(
        "this week, asked on Sunday",
        _day.during(this_week()),
        *_edges(_on("2026-11-16"), _on("2026-11-22")),
        now=utc("2026-11-22 14:59:59.999999"),  # the last microsecond of Sunday in Tokyo
    ),
    *asks(
        "this week, asked on Monday",
        _day.during(this_week()),
        *_edges(_on("2026-11-23"), _on("2026-11-29")),
        now=utc("2026-11-22 15:00"),
    ),
    *asks("this month", _day.during(this_month()), *_edges(_on("2026-11-01"), _on("2026-11-30"))),
    *asks("last month", _day.during(last_month()), *_edges(_on("2026-10-01"), _on("2026-10-31"))),
    *asks("next month", _day.during(next_month()), *_edges(_on("2026-12-01"), _on("2026-12-31"))),
    *asks(
        "last month, asked in March of a leap year",
        _day.during(last_month()),
        *_edges(_on("2028-02-01"), _on("2028-02-29")),
        now=utc("2028-03-31 03:00"),
    ),
    *asks(
        "last month, asked in January",
        _day.during(last_month()),
        *_edges(_on("2026-12-01"), _on("2026-12-31")),
        now=utc("2027-01-31 03:00"),
    ),
    *asks(
        "next month, asked on 31 January",
        _day.during(next_month()),
        *_edges(_on("2027-02-01"), _on("2027-02-28")),
        now=utc("2027-01-31 03:00"),
    ),
    *asks("this quarter", _day.during(this_quarter()), *_edges(_on("2026-10-01"), _on("2026-12-31"))),
    *asks("last quarter", _day.during(last_quarter()), *_edges(_on("2026-07-01"), _on("2026-09-30"))),
    *asks("next quarter", _day.during(next_quarter()), *_edges(_on("2027-01-01"), _on("2027-03-31"))),
    *asks(
        "quarters of a year from February",
        _day.during(this_quarter(2)),
        *_edges(_on("2026-11-01"), _on("2027-01-31")),
    ),
    *asks("last quarter of it", _day.during(last_quarter(2)), *_edges(_on("2026-08-01"), _on("2026-10-31"))),
    *asks("this year", _day.during(this_year()), *_edges(_on("2026-01-01"), _on("2026-12-31"))),
    *asks("last year", _day.during(last_year()), *_edges(_on("2025-01-01"), _on("2025-12-31"))),
    *asks("next year", _day.during(next_year()), *_edges(_on("2027-01-01"), _on("2027-12-31"))),
    *asks("this fiscal year", _day.during(this_fiscal_year()), *_edges(_on("2026-04-01"), _on("2027-03-31"))),
    *asks("last fiscal year", _day.during(last_fiscal_year()), *_edges(_on("2025-04-01"), _on("2026-03-31"))),
    *asks("next fiscal year", _day.during(next_fiscal_year()), *_edges(_on("2027-04-01"), _on("2028-03-31"))),
    *asks(
        "this fiscal year, asked on 31 March",
        _day.during(this_fiscal_year()),
        *_edges(_on("2026-04-01"), _on("2027-03-31")),
        now=utc("2027-03-31 14:59:59.999999"),
    ),
    *asks(
        "this fiscal year, asked on 1 April",
        _day.during(this_fiscal_year()),
        *_edges(_on("2027-04-01"), _on("2028-03-31")),
        now=utc("2027-03-31 15:00"),
    ),
    *both(
        "a fiscal year of the account's",
        _day.during(this_fiscal_year(), starts=q.account.fiscal_month),
        yes("10: from October", firm(fiscal_month=10), joined=_on("2026-10-01")),
        no("10: September is the year before", firm(fiscal_month=10), joined=_on("2026-09-30")),
        yes("12: from last December", firm(fiscal_month=12), joined=_on("2025-12-01")),
        no("12: this December is the next year", firm(fiscal_month=12), joined=_on("2026-12-01")),
        yes("1: the calendar year", firm(fiscal_month=1), joined=_on("2026-01-01")),
        yes("11: the month that is", firm(fiscal_month=11), joined=_on("2026-11-01")),
        no("11: October is the year before", firm(fiscal_month=11), joined=_on("2026-10-31")),
        no("there is no month 0", firm(fiscal_month=0), joined=_on("2026-11-18")),
        no("nobody knows the month", firm(), joined=_on("2026-11-18")),
        no("the date is missing", firm(fiscal_month=4)),
        no("no account", joined=_on("2026-11-18")),
    ),
    *asks(
        "last fiscal quarter of a month of the account's",
        _day.during(last_quarter(), starts=q.account.fiscal_month),
        yes("2: from August", firm(fiscal_month=2), joined=_on("2026-08-01")),
        no("2: November is this quarter", firm(fiscal_month=2), joined=_on("2026-11-01")),
        yes("3: from June", firm(fiscal_month=3), joined=_on("2026-06-01")),
        no("3: May is earlier", firm(fiscal_month=3), joined=_on("2026-05-31")),
    ),
    *asks("on a day", _day.during(on_day(_on("2026-11-20"))), *_edges(_on("2026-11-20"), _on("2026-11-20"))),
    *asks("last 7 days", _day.during(last_days(7)), *_edges(_on("2026-11-12"), _on("2026-11-18"))),
    *asks("last day", _day.during(last_days(1)), *_edges(_on("2026-11-18"), _on("2026-11-18"))),
    *asks("next 7 days", _day.during(next_days(7)), *_edges(_on("2026-11-18"), _on("2026-11-24"))),
    *asks("last 5 business days", _day.during(last_business_days(5)), *_edges(_on("2026-11-11"), _on("2026-11-18"))),
    *asks("last 2 business days", _day.during(last_business_days(2)), *_edges(_on("2026-11-16"), _on("2026-11-18"))),
    *asks(
        "next 3 business days over a holiday",  # Friday the 20th; Monday the 23rd is a holiday
        _day.during(next_business_days(3)),
        *_edges(_on("2026-11-20"), _on("2026-11-26"), yes("the holiday lies inside", joined=_on("2026-11-23"))),
        now=utc("2026-11-20 03:00"),
    ),
    *asks(
        "next business day over the year's end",  # closed from 29 December to 3 January
        _day.during(next_business_days(1)),
        *_edges(_on("2026-12-28"), _on("2027-01-04"), yes("a closed day lies inside", joined=_on("2027-01-01"))),
        now=utc("2026-12-28 03:00"),
    ),
    *asks(
        "last business day over the year's end",
        _day.during(last_business_days(1)),
        *_edges(_on("2026-12-28"), _on("2027-01-04")),
        now=utc("2027-01-04 03:00"),
    ),
    *asks(
        "next business day, asked on a closed day",
        _day.during(next_business_days(1)),
        *_edges(
            _on("2026-12-31"), _on("2027-01-04"), yes("today lies inside, though closed", joined=_on("2026-12-31"))
        ),
        now=utc("2026-12-31 03:00"),
    ),
    *asks(
        "next business day before a working Saturday",
        _day.during(next_business_days(1)),
        *_edges(_on("2026-12-11"), _on("2026-12-12")),
        now=utc("2026-12-11 03:00"),
    ),
    *asks(
        "last business day on the Sunday after it",
        _day.during(last_business_days(1)),
        *_edges(_on("2026-12-12"), _on("2026-12-13")),
        now=utc("2026-12-13 03:00"),
    ),
    # -- at the ends of the calendar --
    *asks(
        "a month of the first year of all",
        _day.during(Period(unit=PeriodUnit.MONTH, offset=-131)),
        yes("February begins", joined=_on("0001-02-01")),
        no("January is the month before", joined=_on("0001-01-31")),
        no("March", joined=_on("0001-03-01")),
        now=utc("0012-01-10 03:00"),
    ),
    *asks(
        "a month of the last year of all",
        _day.during(Period(unit=PeriodUnit.MONTH, offset=136)),
        yes("May ends", joined=_on("9999-05-31")),
        no("April is the month before", joined=_on("9999-04-30")),
        no("June", joined=_on("9999-06-01")),
        now=utc("9988-01-10 03:00"),
    ),
    *asks(
        "the last 5 business days, up to the last day but one of all",
        _day.during(last_business_days(5)),
        no("that day is to come, in 4000 days", joined=_on("9999-12-30")),
        now=utc("9989-01-16 03:00"),
    ),
)
