"""Instants in periods; zones whose clocks change."""

from datetime import date

from nurture.calendar import (
    last_days,
    on_day,
    today,
    tomorrow,
    yesterday,
)
from nurture.predicates import q
from tests.parity.cases.said import Group, asks, both, firm, no, utc, yes

_day = q.lead.joined
_at = q.lead.trial_ends


def _on(text: str) -> date:
    return date.fromisoformat(text)


GROUPS: tuple[Group, ...] = (
    # -- periods of instants --
    *both(
        "an instant today",  # from 15:00 UTC of the 17th
        _at.during(today()),
        yes("midnight in Tokyo", trial_ends=utc("2026-11-17 15:00")),
        no("a microsecond before", trial_ends=utc("2026-11-17 14:59:59.999999")),
        yes("the last microsecond: later today is today", trial_ends=utc("2026-11-18 14:59:59.999999")),
        no("midnight is tomorrow", trial_ends=utc("2026-11-18 15:00")),
        no("missing"),
    ),
    *asks(
        "an instant today in a named zone",
        _at.during(today(zone="UTC")),
        yes("midnight there", trial_ends=utc("2026-11-18 00:00"), zone="America/New_York"),
        no("a microsecond before", trial_ends=utc("2026-11-17 23:59:59.999999"), zone="America/New_York"),
        no("the next midnight", trial_ends=utc("2026-11-19 00:00")),
    ),
    *asks(
        "an instant today, the account's",
        _at.during(today(zone="account")),
        yes("its midnight", firm(zone="America/New_York"), trial_ends=utc("2026-11-17 05:00")),
        no("before it", firm(zone="America/New_York"), trial_ends=utc("2026-11-17 04:59:59.999999")),
        yes("the program's without one", trial_ends=utc("2026-11-17 15:00"), zone="America/New_York"),
    ),
    *asks(
        "tomorrow, instants",
        _at.during(tomorrow()),
        yes("it begins", trial_ends=utc("2026-11-18 15:00")),
        no("it is over", trial_ends=utc("2026-11-19 15:00")),
    ),
    # -- days where clocks change --
    *asks(
        "a day of 23 hours",  # New York, 8 March 2026: from 05:00 UTC to 04:00 UTC
        _at.during(on_day(_on("2026-03-08"), zone="America/New_York")),
        yes("it begins", trial_ends=utc("2026-03-08 05:00")),
        no("a microsecond before", trial_ends=utc("2026-03-08 04:59:59.999999")),
        yes("its last microsecond", trial_ends=utc("2026-03-09 03:59:59.999999")),
        no("23 hours later it is over", trial_ends=utc("2026-03-09 04:00")),
    ),
    *asks(
        "a day of 25 hours",  # New York, 1 November 2026: from 04:00 UTC to 05:00 UTC
        _at.during(on_day(_on("2026-11-01"), zone="America/New_York")),
        yes("it begins", trial_ends=utc("2026-11-01 04:00")),
        no("a microsecond before", trial_ends=utc("2026-11-01 03:59:59.999999")),
        yes("its 25th hour", trial_ends=utc("2026-11-02 04:59:59.999999")),
        no("it is over", trial_ends=utc("2026-11-02 05:00")),
    ),
    *asks(
        "today on a day of 25 hours",
        _at.during(today()),
        yes("its first instant", trial_ends=utc("2026-11-01 04:00"), zone="America/New_York"),
        no("tomorrow begins after 25 hours", trial_ends=utc("2026-11-02 05:00"), zone="America/New_York"),
        now=utc("2026-11-02 04:59:59.999999"),
    ),
    *asks(
        "no clocks change in Tokyo",
        _at.during(on_day(_on("2026-11-01"))),
        yes("it begins", trial_ends=utc("2026-10-31 15:00")),
        no("it is over", trial_ends=utc("2026-11-01 15:00")),
    ),
    *asks(
        "a day without midnight",  # São Paulo, 4 November 2018: clocks went from 00:00 to 01:00, at 03:00 UTC
        _at.during(on_day(_on("2018-11-04"), zone="America/Sao_Paulo")),
        yes("it begins at one o'clock", trial_ends=utc("2018-11-04 03:00")),
        no("a microsecond before is the 3rd", trial_ends=utc("2018-11-04 02:59:59.999999")),
        no("the 5th begins at midnight, two hours behind UTC", trial_ends=utc("2018-11-05 02:00")),
        yes("its last microsecond", trial_ends=utc("2018-11-05 01:59:59.999999")),
    ),
    *asks(
        "a day without midnight, of which half past eleven was skipped, too",  # Toronto, 30 March 1919, at 04:30 UTC
        _at.during(on_day(_on("1919-03-31"), zone="America/Toronto")),
        yes("it begins at half past twelve", trial_ends=utc("1919-03-31 04:30")),
        no("a microsecond before is the 30th", trial_ends=utc("1919-03-31 04:29:59.999999")),
    ),
    *asks(
        "yesterday of a day without midnight",
        _at.during(yesterday(zone="America/Sao_Paulo")),
        yes("the 3rd, to its last microsecond", trial_ends=utc("2018-11-04 02:59:59.999999")),
        no("the 4th", trial_ends=utc("2018-11-04 03:00")),
        yes("the 3rd began at midnight, three hours behind UTC", trial_ends=utc("2018-11-03 03:00")),
        now=utc("2018-11-04 03:00"),
    ),
    *asks(
        "a midnight that comes again",  # St John's, 7 November 2010: at 00:01 clocks went back to 23:01 of the 6th
        _at.during(on_day(_on("2010-11-07"), zone="America/St_Johns")),
        yes("it begins at the first midnight", trial_ends=utc("2010-11-07 02:30")),
        no("a microsecond before", trial_ends=utc("2010-11-07 02:29:59.999999")),
        yes("the hour before midnight again belongs to it", trial_ends=utc("2010-11-07 02:45")),
    ),
    *asks(
        "the day before a midnight that comes again",
        _at.during(on_day(_on("2010-11-06"), zone="America/St_Johns")),
        no("a day that has ended does not come back", trial_ends=utc("2010-11-07 02:45")),
        yes("the last microsecond before the first midnight", trial_ends=utc("2010-11-07 02:29:59.999999")),
    ),
    *asks(
        "a day that was skipped",  # Apia had no 30 December 2011: the 31st followed the 29th, at 10:00 UTC
        _at.during(on_day(_on("2011-12-30"), zone="Pacific/Apia")),
        no("before it", trial_ends=utc("2011-12-30 09:59:59.999999")),
        no("after it", trial_ends=utc("2011-12-30 10:00")),
    ),
    *asks(
        "the day before a skipped one",
        _at.during(on_day(_on("2011-12-29"), zone="Pacific/Apia")),
        yes("its last microsecond", trial_ends=utc("2011-12-30 09:59:59.999999")),
        no("the 31st", trial_ends=utc("2011-12-30 10:00")),
    ),
    *asks(
        "yesterday, after a skipped day",
        _at.during(yesterday(zone="Pacific/Apia")),
        no("the 30th held nothing", trial_ends=utc("2011-12-30 09:59:59.999999")),
        now=utc("2011-12-30 10:00"),
    ),
    *asks(
        "a date of yesterday, after a skipped day",
        _day.during(yesterday(zone="Pacific/Apia")),
        yes("the day of the calendar before the 31st", joined=_on("2011-12-30")),
        no("not the 29th", joined=_on("2011-12-29")),
        now=utc("2011-12-30 10:00"),
    ),
    *asks(
        "last 2 days in Apia",
        _at.during(last_days(2, zone="Pacific/Apia")),
        no("the 29th is the third", trial_ends=utc("2011-12-30 09:59:59.999999")),
        yes("the 31st", trial_ends=utc("2011-12-30 10:00")),
        now=utc("2011-12-30 12:00"),
    ),
    *asks(
        "today, of a date that was skipped",
        _day.during(today(zone="Pacific/Apia")),
        no("the 29th is today, and the 30th never was", joined=_on("2011-12-30")),
        yes("the 29th", joined=_on("2011-12-29")),
        no("the 31st is tomorrow", joined=_on("2011-12-31")),
        now=utc("2011-12-29 12:00"),
    ),
)
