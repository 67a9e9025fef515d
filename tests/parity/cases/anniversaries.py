"""Anniversaries, ages, time since and until; leap days."""

from datetime import date

from nurture.predicates import q
from tests.parity.cases.said import TICK, Group, asks, both, days, firm, hours, no, utc, yes

_day = q.lead.joined
_at = q.lead.trial_ends
_born = q.lead.born
_FIRST = utc("0001-01-01 00:00")


def _on(text: str) -> date:
    return date.fromisoformat(text)


GROUPS: tuple[Group, ...] = (
    # -- anniversaries --
    *both(
        "anniversary",
        _born.anniversary(),
        yes("today, years later", born=_on("1990-11-18")),
        no("the day before", born=_on("1990-11-17")),
        no("the day after", born=_on("1990-11-19")),
        no("the day itself is none", born=_on("2026-11-18")),
        no("still to come", born=_on("2027-11-18")),
        yes("the first one", born=_on("2025-11-18")),
        no("missing"),
    ),
    *asks(
        "anniversary of 29 February in a common year",
        _born.anniversary(),
        yes("it is kept on the 28th", born=_on("2000-02-29")),
        yes("so is that of the 28th", born=_on("2000-02-28")),
        no("that of 1 March is not", born=_on("2000-03-01")),
        now=utc("2026-02-28 03:00"),
    ),
    *asks(
        "1 March of a common year",
        _born.anniversary(),
        no("that of 29 February was yesterday", born=_on("2000-02-29")),
        yes("that of 1 March", born=_on("2000-03-01")),
        now=utc("2026-03-01 03:00"),
    ),
    *asks(
        "anniversary of 29 February in a leap year",
        _born.anniversary(),
        yes("on the 29th", born=_on("2000-02-29")),
        no("that of the 28th was yesterday", born=_on("2000-02-28")),
        now=utc("2028-02-29 03:00"),
    ),
    *asks(
        "28 February of a leap year",
        _born.anniversary(),
        no("that of 29 February is tomorrow", born=_on("2000-02-29")),
        now=utc("2028-02-28 03:00"),
    ),
    *asks(
        "29 February in 2100, which is no leap year",
        _born.anniversary(),
        yes("on the 28th", born=_on("2000-02-29")),
        now=utc("2100-02-28 03:00"),
    ),
    *asks(
        "7 days before an anniversary",
        _born.anniversary(before=7),
        yes("in 7 days", born=_on("1990-11-25")),
        no("in 8 days", born=_on("1990-11-26")),
        yes("today", born=_on("1990-11-18")),
        no("yesterday", born=_on("1990-11-17")),
        no("in 7 days, but of a day still to come", born=_on("2026-11-25")),
    ),
    *asks(
        "from 300 days before to 100 after, which is always",
        _born.anniversary(before=300, after=100),
        yes("years later", born=_on("1990-05-01")),
        no("the first one is 357 days ahead", born=_on("2026-11-10")),
        yes("it is 300 days ahead", born=_on("2026-09-14")),
        no("it is 301 days ahead", born=_on("2026-09-15")),
        no("still to come", born=_on("2027-01-01")),
    ),
    *asks(
        "from 264 days before to 100 after, which leaves a day in leap years",
        _born.anniversary(before=264, after=100),
        no("101 days after the last one, 265 before the next", born=_on("2015-05-01")),
        yes("100 days after", born=_on("2015-05-02")),
        yes("264 days before", born=_on("2015-04-30")),
        now=utc("2027-08-10 03:00"),
    ),
    *asks(
        "3 days after an anniversary",
        _born.anniversary(after=3),
        yes("3 days ago", born=_on("1990-11-15")),
        no("4 days ago", born=_on("1990-11-14")),
        yes("today", born=_on("1990-11-18")),
        no("tomorrow", born=_on("1990-11-19")),
        no("3 days after the day itself", born=_on("2026-11-15")),
    ),
    *asks(
        "before an anniversary in the new year",
        _born.anniversary(before=3),
        yes("3 days before 2 January", born=_on("1990-01-02")),
        no("4 days before", born=_on("1990-01-03")),
        now=utc("2026-12-30 03:00"),
    ),
    *asks(
        "after an anniversary in the old year",
        _born.anniversary(after=2),
        yes("2 days after 31 December", born=_on("1990-12-31")),
        no("3 days after", born=_on("1990-12-30")),
        now=utc("2027-01-02 03:00"),
    ),
    *asks(
        "anniversary of an instant",  # 15:30 UTC is half past midnight of the next day in Tokyo
        q.lead.first_bought.anniversary(),
        yes("its local day", first_bought=utc("2020-11-17 15:30")),
        no("its day in UTC", first_bought=utc("2020-11-18 15:30")),
        yes(
            "that day in New York, where it is still the 17th",
            first_bought=utc("2020-11-17 12:00"),
            zone="America/New_York",
        ),
    ),
    *asks(
        "anniversary in a named zone",
        _born.anniversary(zone="America/New_York"),
        yes("there it is still the 17th", born=_on("1990-11-17")),
        no("the 18th is tomorrow", born=_on("1990-11-18")),
    ),
    *asks(
        "anniversary in the account's zone",
        _born.anniversary(zone="account"),
        yes("there it is still the 17th", firm(zone="America/New_York"), born=_on("1990-11-17")),
        no("in Tokyo it is the 18th", firm(), born=_on("1990-11-17")),
    ),
    *asks(
        "from 366 days before, until the last one of all",
        _born.anniversary(before=366),
        yes("it is over on the last day of all, in 4000 days", born=_on("2000-12-30")),
        now=utc("9989-01-16 16:00"),
    ),
    # -- ages --
    *both(
        "age >= 18",
        _born.age() >= 18,
        yes("18 today", born=_on("2008-11-18")),
        no("18 tomorrow", born=_on("2008-11-19")),
        yes("older", born=_on("1950-01-01")),
        no("born tomorrow", born=_on("2026-11-19")),
        no("missing"),
    ),
    *asks(
        "age == 0",
        _born.age() == 0,
        yes("born today", born=_on("2026-11-18")),
        yes("a year old tomorrow", born=_on("2025-11-19")),
        no("a year old today", born=_on("2025-11-18")),
        no("born tomorrow", born=_on("2026-11-19")),
    ),
    *asks(
        "age < 18",
        _born.age() < 18,
        yes("18 tomorrow", born=_on("2008-11-19")),
        no("18 today", born=_on("2008-11-18")),
        no("born tomorrow: has no age", born=_on("2026-11-19")),
        no("missing"),
    ),
    *asks(
        "age <= 18",
        _born.age() <= 18,
        yes("19 tomorrow", born=_on("2007-11-19")),
        no("19 today", born=_on("2007-11-18")),
    ),
    *asks(
        "age > 18", _born.age() > 18, no("19 tomorrow", born=_on("2007-11-19")), yes("19 today", born=_on("2007-11-18"))
    ),
    *asks(
        "age != 18",
        _born.age() != 18,
        no("18 today", born=_on("2008-11-18")),
        yes("17", born=_on("2008-11-19")),
        no("missing"),
        no("born tomorrow", born=_on("2026-11-19")),
    ),
    *asks(
        "age == 18",
        _born.age() == 18,
        yes("18 today", born=_on("2008-11-18")),
        yes("19 tomorrow", born=_on("2007-11-19")),
        no("19 today", born=_on("2007-11-18")),
        no("17", born=_on("2008-11-19")),
    ),
    *asks(
        "age of who was born on 29 February",
        _born.age() >= 18,
        yes("on 28 February, from its first instant", born=_on("2000-02-29")),
        no("a microsecond before", born=_on("2000-02-29"), now_=utc("2018-02-27 14:59:59.999999")),
        now=utc("2018-02-27 15:00"),
    ),
    *asks(
        "age of an instant",
        q.lead.first_bought.age() >= 1,
        yes("a year since its local day", first_bought=utc("2025-11-17 15:30")),
        no("by its day in UTC it would be", first_bought=utc("2025-11-18 15:30")),
        yes("the time of day does not count", first_bought=utc("2025-11-18 14:59")),
        yes("there it was the year 0, which counts as the first day", first_bought=_FIRST, zone="America/New_York"),
        no("there it is the year 10000, which counts as the last day", first_bought=utc("9999-12-31 20:00")),
        no("there it is the last day", first_bought=utc("9999-12-31 10:00"), zone="America/New_York"),
        no("midnight begins the day after", first_bought=utc("2025-11-18 15:00")),
    ),
    *asks(
        "age in a named zone",
        _born.age(zone="America/New_York") >= 18,
        no("there it is still the 17th", born=_on("2008-11-18")),
        yes("18 there today", born=_on("2008-11-17")),
    ),
    *asks(
        "age on 29 February",
        _born.age() >= 1,
        yes("a year since the 28th", born=_on("2023-02-28")),
        no("1 March is tomorrow", born=_on("2023-03-01")),
        now=utc("2024-02-29 03:00"),
    ),
    *asks(
        "age >= 49, asked in the year 50",
        _born.age() >= 49,
        yes("born on the first day of all", born=_on("0001-01-01")),
        no("on the second", born=_on("0001-01-02")),
        now=utc("0050-01-01 03:00"),
    ),
    *asks(
        "age >= 50, asked in the year 50",
        _born.age() >= 50,
        no("nobody was born before the first day of all", born=_on("0001-01-01")),
        now=utc("0050-01-01 03:00"),
    ),
    *asks(
        "age < 50, asked in the year 50",
        _born.age() < 50,
        yes("nobody was born before the first day of all", born=_on("0001-01-01")),
        no("missing"),
        now=utc("0050-01-01 03:00"),
    ),
    *asks(
        "age of an instant, asked in the year 50",
        q.lead.first_bought.age() >= 50,
        no("nobody was born before the first day of all", first_bought=utc("0001-01-01 12:00")),
        now=utc("0050-01-01 03:00"),
    ),
    # -- how long ago, how long until --
    *both(
        "ago >= 30 days",
        q.lead.first_bought.ago() >= days(30),
        yes("exactly", first_bought=utc("2026-10-19 03:00")),
        no("a microsecond less", first_bought=utc("2026-10-19 03:00:00.000001")),
        no("still to come", first_bought=utc("2027-10-19 03:00")),
        no("missing"),
    ),
    *asks(
        "ago > 30 days",
        q.lead.first_bought.ago() > days(30),
        no("exactly", first_bought=utc("2026-10-19 03:00")),
        yes("a microsecond more", first_bought=utc("2026-10-19 02:59:59.999999")),
    ),
    *asks(
        "ago < 30 days",
        q.lead.first_bought.ago() < days(30),
        no("exactly", first_bought=utc("2026-10-19 03:00")),
        yes("a microsecond less", first_bought=utc("2026-10-19 03:00:00.000001")),
        yes("this very instant is past", first_bought=utc("2026-11-18 03:00")),
        no("a microsecond from now is not", first_bought=utc("2026-11-18 03:00:00.000001")),
        no("missing"),
    ),
    *asks(
        "ago <= 30 days",
        q.lead.first_bought.ago() <= days(30),
        yes("exactly", first_bought=utc("2026-10-19 03:00")),
        no("a microsecond more", first_bought=utc("2026-10-19 02:59:59.999999")),
    ),
    *both(
        "ahead <= 3 days",
        _at.ahead() <= days(3),
        yes("exactly", trial_ends=utc("2026-11-21 03:00")),
        no("a microsecond more", trial_ends=utc("2026-11-21 03:00:00.000001")),
        yes("a microsecond from now", trial_ends=utc("2026-11-18 03:00:00.000001")),
        no("this very instant is not ahead", trial_ends=utc("2026-11-18 03:00")),
        no("it is over", trial_ends=utc("2026-11-17 03:00")),
        no("missing"),
    ),
    *asks(
        "ahead < 3 days",
        _at.ahead() < days(3),
        no("exactly", trial_ends=utc("2026-11-21 03:00")),
        yes("a microsecond less", trial_ends=utc("2026-11-21 02:59:59.999999")),
    ),
    *asks(
        "ahead > 3 days",
        _at.ahead() > days(3),
        no("exactly", trial_ends=utc("2026-11-21 03:00")),
        yes("a microsecond more", trial_ends=utc("2026-11-21 03:00:00.000001")),
        no("it is over", trial_ends=utc("2020-01-01 00:00")),
    ),
    *asks(
        "ahead >= 3 days",
        _at.ahead() >= days(3),
        yes("exactly", trial_ends=utc("2026-11-21 03:00")),
        no("a microsecond less", trial_ends=utc("2026-11-21 02:59:59.999999")),
        no("missing"),
    ),
    *asks(
        "ago, of a date",  # it counts from midnight in Tokyo, which was 12 hours ago
        _day.ago() >= hours(12),
        yes("midnight was 12 hours ago", joined=_on("2026-11-18")),
        no("tomorrow", joined=_on("2026-11-19")),
        no(
            "midnight in New York was 22 hours ago, of the 17th; the 18th is to come",
            joined=_on("2026-11-18"),
            zone="America/New_York",
        ),
        yes("the 17th began there 22 hours ago", joined=_on("2026-11-17"), zone="America/New_York"),
    ),
    *asks(
        "ago, of a date, by a microsecond",
        _day.ago() > hours(12),
        no("exactly 12 hours", joined=_on("2026-11-18")),
        yes("a microsecond later", joined=_on("2026-11-18"), now_=utc("2026-11-18 03:00") + TICK),
    ),
    *asks(
        "ahead, of a date",
        _day.ahead() <= hours(12),
        yes("tomorrow begins in 12 hours", joined=_on("2026-11-19")),
        no("it has begun", joined=_on("2026-11-18")),
        no("the day after", joined=_on("2026-11-20")),
    ),
    *asks(
        "ahead, of a date, <",
        _day.ahead() < hours(12),
        no("tomorrow begins in 12 hours", joined=_on("2026-11-19")),
        yes("a microsecond less", joined=_on("2026-11-19"), now_=utc("2026-11-18 03:00") + TICK),
    ),
    *asks(
        "ahead, of a date, >",
        _day.ahead() > hours(12),
        no("tomorrow begins in 12 hours", joined=_on("2026-11-19")),
        yes("a microsecond more", joined=_on("2026-11-19"), now_=utc("2026-11-18 03:00") - TICK),
        yes("the day after", joined=_on("2026-11-20")),
        no("it has begun", joined=_on("2026-11-18")),
    ),
    *asks(
        "ahead, of a date, >=",
        _day.ahead() >= hours(12),
        yes("tomorrow begins in 12 hours", joined=_on("2026-11-19")),
        no("a microsecond less", joined=_on("2026-11-19"), now_=utc("2026-11-18 03:00") + TICK),
    ),
    *asks(
        "ago, of a date, asked in the year 50",  # a hundred years ago there was no day
        _day.ago() > days(36_500),
        no("the second day of all", joined=_on("0001-01-02")),
        now=utc("0050-01-01 03:00"),
    ),
    *asks(
        "ahead, asked in the year 9950",  # in a hundred years there is none
        _at.ahead() <= days(36_500),
        yes("one of the last days of all", trial_ends=utc("9999-12-30 00:00")),
        no("it is over", trial_ends=utc("9949-12-31 00:00")),
        now=utc("9950-01-01 03:00"),
    ),
    *asks(
        "ago, of a date without midnight",  # the day began at 03:00 UTC
        _day.ago(zone="America/Sao_Paulo") >= hours(1),
        yes("an hour since one o'clock", joined=_on("2018-11-04")),
        no("a microsecond less", joined=_on("2018-11-04"), now_=utc("2018-11-04 03:59:59.999999")),
        now=utc("2018-11-04 04:00"),
    ),
    *asks(
        "ago, in the account's zone",
        _day.ago(zone="account") >= hours(22),
        yes("it began in New York 22 hours ago", firm(zone="America/New_York"), joined=_on("2026-11-17")),
        no("22 hours ago, not 23", firm(zone="America/Chicago"), joined=_on("2026-11-17")),
    ),
    *asks(
        "anniversary on a day that was skipped",
        _born.anniversary(zone="Pacific/Apia"),
        no("it will not be kept that year", born=_on("2000-12-30")),
        yes("that of the 29th is today", born=_on("2000-12-29")),
        no("that of the 31st is tomorrow", born=_on("2000-12-31")),
        now=utc("2011-12-29 12:00"),
    ),
    *asks(
        "the day after a skipped one",
        _born.anniversary(zone="Pacific/Apia"),
        no("the 30th was left out", born=_on("2000-12-30")),
        yes("the 31st is today", born=_on("2000-12-31")),
        now=utc("2011-12-30 10:00"),
    ),
)
