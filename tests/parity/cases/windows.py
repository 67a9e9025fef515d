"""Windows at both ends, and periods of the calendar."""

from nurture.calendar import last_business_days, last_week, on_day, this_fiscal_year, today, yesterday
from nurture.predicates import q
from tests.parity.cases.said import TICK, Group, asks, both, days, did, firm, no, page, utc, yes

_pages = q.touches("page.viewed")
_week = _pages.within(days=7)

GROUPS: tuple[Group, ...] = (
    # -- windows --
    *both(
        "within",
        _week,
        yes("inside", page(days(3))),
        yes("now is inside", page(days(0))),
        no("exactly a week ago is outside", page(days(7))),
        yes("a microsecond less is inside", page(days(7) - TICK)),
        no("longer ago", page(days(8))),
        no("still to come", page(-TICK)),
        yes("it came late, but happened inside", did("page.viewed", days(6), received=days(0))),
        no("it came lately, but happened outside", did("page.viewed", days(7), received=days(1))),
    ),
    *both(
        "older_than",
        _pages.older_than(days=7),
        yes("exactly a week ago is old enough", page(days(7))),
        no("a microsecond less is not", page(days(7) - TICK)),
        yes("longer ago", page(days(700))),
        no("now", page(days(0))),
        no("nothing"),
    ),
    *both(
        "within and older_than",
        _pages.within(days=7).older_than(days=2),
        no("too young by a microsecond", page(days(2) - TICK)),
        yes("just old enough", page(days(2))),
        yes("still inside by a microsecond", page(days(7) - TICK)),
        no("just outside", page(days(7))),
    ),
    *asks(
        "within, no kind",
        q.touches().within(days=7),
        yes("inside by a microsecond", did("form.submitted", days(7) - TICK)),
        no("just outside", did("form.submitted", days(7))),
        no("still to come", did("form.submitted", -TICK)),
    ),
    *asks(
        "within a microsecond",
        _pages.within(TICK),
        yes("now", page(days(0))),
        no("a microsecond ago is outside", page(TICK)),
    ),
    *asks(
        "windows are elapsed time where clocks change",
        _pages.within(hours=24),
        yes("24 hours less a microsecond", page(utc("2026-10-31 17:00:00.000001"))),
        no("24 hours, though the local day had 25", page(utc("2026-10-31 17:00"))),
        now=utc("2026-11-01 17:00"),  # the day on which New York's clocks went back
    ),
    # -- periods --
    *asks(
        "during today",  # noon in Tokyo: the day began at 15:00 UTC
        _pages.during(today()),
        yes("midnight in Tokyo is inside", page(utc("2026-11-17 15:00"))),
        no("a microsecond before is yesterday", page(utc("2026-11-17 14:59:59.999999"))),
        yes("now", page(days(0))),
        no("later today has not happened", page(utc("2026-11-18 03:00:00.000001"))),
        yes("in New York it is still the day before", page(utc("2026-11-17 06:00")), zone="America/New_York"),
        no("which began at five there", page(utc("2026-11-17 04:59:59.999999")), zone="America/New_York"),
        yes("the company's zone when the lead has none", firm(zone="America/New_York"), page(utc("2026-11-17 06:00"))),
        no(
            "the lead's own zone goes first",
            firm(zone="America/New_York"),
            page(utc("2026-11-17 06:00")),
            zone="Asia/Tokyo",
        ),
        no("a zone that nobody knows counts as missing", page(utc("2026-11-17 06:00")), zone="Mars/Olympus"),
    ),
    *asks(
        "during today in UTC",
        _pages.during(today(zone="UTC")),
        yes("midnight in UTC is inside", page(utc("2026-11-18 00:00")), zone="Asia/Tokyo"),
        no("a microsecond before is not", page(utc("2026-11-17 23:59:59.999999")), zone="Asia/Tokyo"),
    ),
    *asks(
        "during the account's today",
        _pages.during(today(zone="account")),
        yes("the lead's zone is not asked", firm(zone="America/New_York"), page(utc("2026-11-17 06:00")), zone="UTC"),
        no("without one the program's", page(utc("2026-11-17 06:00")), zone="America/New_York"),
    ),
    *asks(
        "during the lead's today",
        _pages.during(today(zone="lead")),
        yes("the lead's zone", page(utc("2026-11-17 06:00")), zone="America/New_York"),
        no("the account's is not asked", firm(zone="America/New_York"), page(utc("2026-11-17 06:00"))),
    ),
    *asks(
        "during yesterday, never",
        _pages.during(yesterday()).never(),
        no("inside: the last microsecond", page(utc("2026-11-17 14:59:59.999999"))),
        yes("today", page(utc("2026-11-17 15:00"))),
        no("inside: the first instant", page(utc("2026-11-16 15:00"))),
        yes("the day before", page(utc("2026-11-16 14:59:59.999999"))),
    ),
    *asks(
        "during last week",  # Monday 9 to Sunday 15 November in Tokyo
        _pages.during(last_week()).count() >= 2,
        yes("both ends", page(utc("2026-11-08 15:00")), page(utc("2026-11-15 14:59:59.999999"))),
        no("one is too early", page(utc("2026-11-08 14:59:59.999999")), page(utc("2026-11-10 00:00"))),
        no("one is this week's", page(utc("2026-11-15 15:00")), page(utc("2026-11-10 00:00"))),
    ),
    *asks(
        "during last week from Sunday",  # Sunday 8 to Saturday 14 November in Tokyo
        _pages.during(last_week("sunday")),
        yes("Sunday begins it", page(utc("2026-11-07 15:00"))),
        no("the next Sunday is this week's", page(utc("2026-11-14 15:00"))),
    ),
    *asks(
        "during this fiscal year",
        _pages.during(this_fiscal_year()),
        yes("1 April in Tokyo", page(utc("2026-03-31 15:00"))),
        no("31 March", page(utc("2026-03-31 14:59:59.999999"))),
    ),
    *asks(
        "during a fiscal year of the account's",
        _pages.during(this_fiscal_year(), starts=q.account.fiscal_month),
        yes("October begins it", firm(fiscal_month=10), page(utc("2026-09-30 15:00"))),
        no("September is the year before", firm(fiscal_month=10), page(utc("2026-09-30 14:59:59.999999"))),
        yes("with January, it is", firm(fiscal_month=1), page(utc("2026-09-30 14:59:59.999999"))),
        no("December: the year before began it", firm(fiscal_month=12), page(utc("2025-11-30 14:59:59.999999"))),
        yes("December", firm(fiscal_month=12), page(utc("2025-11-30 15:00"))),
        no("nobody knows when it begins", firm(), page(days(0))),
        no("there is no month 13", firm(fiscal_month=13), page(days(0))),
        no("no account", page(days(0))),
    ),
    *asks(
        "during the last business day",  # the 3rd was a holiday, the 2nd a Monday: open
        _pages.during(last_business_days(1)),
        yes("Monday", page(utc("2026-11-01 15:00"))),
        no("Sunday", page(utc("2026-11-01 14:59:59.999999"))),
        now=utc("2026-11-04 03:00"),  # a Wednesday
    ),
    *asks(
        "a family within a microsecond",
        q.touches("email.*").within(TICK),
        yes("now", did("email.opened", days(0))),
        no("a microsecond ago is outside", did("email.opened", TICK)),
    ),
    *asks(
        "on a given day",
        _pages.during(on_day(utc("2026-11-18").date())),
        yes("early today", page(utc("2026-11-17 15:00"))),
        no("yesterday", page(utc("2026-11-17 14:59:59"))),
        no("later today", page(-TICK)),
        no("tomorrow", page(utc("2026-11-18 15:00"))),
    ),
)
