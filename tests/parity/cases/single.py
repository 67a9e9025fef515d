"""The first and the last fact, how long ago they were, and the newest of each."""

from nurture.calendar import yesterday
from nurture.model import Origin
from nurture.predicates import q
from tests.parity.cases.said import TICK, Group, asks, both, days, did, hours, no, page, utc, yes

_pages = q.touches("page.viewed")
_week = _pages.within(days=7)
_n = q.prop("n")

GROUPS: tuple[Group, ...] = (
    # -- the first and the last --
    *both(
        "last",
        _pages.last(_n == 1),
        yes("the newest", page(days(2), n=2), page(days(1), n=1)),
        no("an older one does not count", page(days(2), n=1), page(days(1), n=2)),
        no("the newest has no value", page(days(2), n=1), page(days(1))),
        no("there is none"),
        yes("what is still to come is not the newest", page(days(1), n=1), page(-TICK, n=2)),
        yes(
            "of one instant the greater id",
            did("page.viewed", days(1), id="a", n=2),
            did("page.viewed", days(1), id="b", n=1),
        ),
        no(
            "of one instant not the smaller id",
            did("page.viewed", days(1), id="b", n=2),
            did("page.viewed", days(1), id="a", n=1),
        ),
        yes(
            "it came first, but happened last",
            did("page.viewed", days(2), received=days(0), n=2),
            did("page.viewed", days(1), received=days(1), n=1),
        ),
    ),
    *asks(
        "last within",
        _week.last(_n == 1),
        yes("inside", page(days(6), n=1)),
        no("the newest is too old", page(days(7), n=1)),
    ),
    *asks(
        "last where",
        _pages.where(q.prop("a") == 1).last(_n == 1),
        yes("others are not asked", page(days(2), a=1, n=1), page(days(1), a=2, n=2)),
        no("the newest of them", page(days(2), a=1, n=1), page(days(1), a=1, n=2)),
    ),
    *asks(
        "last of whatever",
        q.touches().last(_n == 1),
        yes("the newest of all kinds", did("form.submitted", days(2), n=2), page(days(1), n=1)),
        no("of all kinds", did("form.submitted", days(1), n=2), page(days(2), n=1)),
        yes(
            "of one instant the greater id",
            did("form.submitted", days(1), id="b", n=1),
            did("page.viewed", days(1), id="a", n=2),
        ),
        no(
            "of one instant not the smaller",
            did("form.submitted", days(1), id="a", n=1),
            did("page.viewed", days(1), id="b", n=2),
        ),
        yes("ours are not asked", did("email.sent", hours(1), by=Origin.ENGINE, n=2), page(days(1), n=1)),
    ),
    *asks(
        "last, older",
        _pages.older_than(days=2).last(_n == 1),
        yes("younger ones are not asked", page(days(2), n=1), page(days(1), n=2)),
        no("none is old enough", page(days(1), n=1)),
    ),
    *asks(
        "last of a family",
        q.touches("email.*").last(_n == 1),
        yes("the newest", did("email.opened", days(2), n=2), did("email.clicked", days(1), n=1)),
        no("the newest is another", did("email.opened", days(1), n=2), did("email.clicked", days(2), n=1)),
    ),
    *both(
        "first",
        _pages.first(_n == 1),
        yes("the oldest", page(days(2), n=1), page(days(1), n=2)),
        no("a newer one does not count", page(days(2), n=2), page(days(1), n=1)),
        no("there is none"),
        no("still to come", page(-TICK, n=1)),
        yes("now", page(days(0), n=1)),
        yes(
            "of one instant the smaller id",
            did("page.viewed", days(1), id="b", n=2),
            did("page.viewed", days(1), id="a", n=1),
        ),
        no(
            "of one instant not the greater id",
            did("page.viewed", days(1), id="a", n=2),
            did("page.viewed", days(1), id="b", n=1),
        ),
    ),
    *asks(
        "first within",
        _week.first(_n == 1),
        yes("older ones are not asked", page(days(7), n=2), page(days(6), n=1)),
        no("the first inside", page(days(7) - TICK, n=2), page(days(6), n=1)),
    ),
    *asks(
        "first, older",
        _pages.older_than(days=2).first(_n == 1),
        yes("just old enough", page(days(2), n=1)),
        no("too young", page(days(2) - TICK, n=1)),
        yes("younger ones are not asked", page(days(3), n=1), page(days(1), n=2)),
    ),
    *asks(
        "first during yesterday",
        _pages.during(yesterday()).first(_n == 1),
        yes("the first inside", page(utc("2026-11-16 14:59:59.999999"), n=2), page(utc("2026-11-16 15:00"), n=1)),
        yes("the last instant is inside", page(utc("2026-11-17 14:59:59.999999"), n=1)),
        no("today is not", page(utc("2026-11-17 15:00"), n=1)),
    ),
    *asks(
        "first of a family",
        q.touches("email.*").first(_n == 1),
        yes("the oldest", did("email.opened", days(2), n=1), did("email.clicked", days(1), n=2)),
        no(
            "of one instant the smaller id",
            did("email.opened", days(1), id="b", n=1),
            did("email.clicked", days(1), id="a", n=2),
        ),
    ),
    # -- how long ago --
    *both(
        "since_last >= 3 days",
        _pages.since_last() >= days(3),
        yes("exactly", page(days(3))),
        no("a microsecond less", page(days(3) - TICK)),
        yes("longer", page(days(30))),
        no("the newest counts", page(days(30)), page(days(1))),
        no("there is none"),
        yes("what is still to come does not count", page(days(3)), page(-TICK)),
    ),
    *asks(
        "since_last > 3 days",
        _pages.since_last() > days(3),
        no("exactly", page(days(3))),
        yes("a microsecond more", page(days(3) + TICK)),
    ),
    *asks(
        "since_last < 3 days",
        _pages.since_last() < days(3),
        no("exactly", page(days(3))),
        yes("a microsecond less", page(days(3) - TICK)),
        no("there is none"),
        yes("now", page(days(0))),
    ),
    *asks(
        "since_last <= 3 days",
        _pages.since_last() <= days(3),
        yes("exactly", page(days(3))),
        no("a microsecond more", page(days(3) + TICK)),
        yes("the newest counts", page(days(9)), page(days(1))),
    ),
    *both(
        "since_first >= 365 days",
        _pages.since_first() >= days(365),
        yes("exactly", page(days(365)), page(days(1))),
        no("a microsecond less", page(days(365) - TICK)),
        no("there is none"),
    ),
    *asks(
        "since_first < 3 days",
        _pages.since_first() < days(3),
        yes("the oldest is young", page(days(3) - TICK), page(days(1))),
        no("the oldest counts", page(days(3)), page(days(1))),
        no("there is none"),
    ),
    *asks(
        "since_first > 3 days",
        _pages.since_first() > days(3),
        no("exactly", page(days(3))),
        yes("a microsecond more", page(days(3) + TICK), page(days(1))),
    ),
    *asks(
        "since_first <= 3 days",
        _pages.since_first() <= days(3),
        yes("exactly", page(days(3))),
        no("a microsecond more", page(days(3) + TICK)),
    ),
    *asks(
        "since_first within",
        _week.since_first() >= days(3),
        yes("older ones are not asked", page(days(7)), page(days(3))),
        no("nor do they answer", page(days(7)), page(days(2))),
    ),
    # -- the newest of each --
    *both(
        "newest_per",
        q.touches("deal.changed").newest_per("deal").where(q.prop("state") == "open").count() >= 1,
        yes("it is open", did("deal.changed", days(1), deal="x", state="open")),
        no(
            "it was open",
            did("deal.changed", days(2), deal="x", state="open"),
            did("deal.changed", days(1), deal="x", state="won"),
        ),
        yes(
            "it is open again",
            did("deal.changed", days(2), deal="x", state="won"),
            did("deal.changed", days(1), deal="x", state="open"),
        ),
        yes(
            "another one is",
            did("deal.changed", days(2), deal="x", state="open"),
            did("deal.changed", days(1), deal="y", state="won"),
        ),
        no("one without a deal is to come", did("deal.changed", -days(1), state="open")),
        no("a suspect one is to come", did("deal.changed", -days(1), suspect=True, deal="x", state="open")),
        no("one is to come", did("deal.changed", -days(1), deal="x", state="open")),
        no("a fact without a deal is not seen", did("deal.changed", days(1), state="open")),
        yes(
            "what is still to come does not count",
            did("deal.changed", days(1), deal="x", state="open"),
            did("deal.changed", -TICK, deal="x", state="won"),
        ),
        no(
            "of one instant the greater id is newer",
            did("deal.changed", days(1), id="a", deal="x", state="open"),
            did("deal.changed", days(1), id="b", deal="x", state="won"),
        ),
        yes(
            "of one instant not the smaller id",
            did("deal.changed", days(1), id="b", deal="x", state="open"),
            did("deal.changed", days(1), id="a", deal="x", state="won"),
        ),
        no(
            "1 and 1.0 are one deal",
            did("deal.changed", days(2), deal=1, state="open"),
            did("deal.changed", days(1), deal=1.0, state="won"),
        ),
        yes(
            "1 and True are two",
            did("deal.changed", days(2), deal=1, state="open"),
            did("deal.changed", days(1), deal=True, state="won"),
        ),
        yes(
            "1 and its text are two",
            did("deal.changed", days(2), deal=1, state="open"),
            did("deal.changed", days(1), deal="1", state="won"),
        ),
        yes(
            "letter case tells them apart",
            did("deal.changed", days(2), deal="x", state="open"),
            did("deal.changed", days(1), deal="X", state="won"),
        ),
        yes(
            "a suspect one does not count",
            did("deal.changed", days(2), deal="x", state="open"),
            did("deal.changed", days(1), suspect=True, deal="x", state="won"),
        ),
        yes(
            "another kind does not count",
            did("deal.changed", days(2), deal="x", state="open"),
            did("deal.lost", days(1), deal="x", state="won"),
        ),
        yes(
            "empty text is a deal",
            did("deal.changed", days(2), deal="", state="open"),
            did("deal.changed", days(1), deal="x", state="won"),
        ),
    ),
    *asks(
        "newest_per within",
        q.touches("deal.changed").newest_per("deal").within(days=7).count() == 1,
        yes("the newest is inside", did("deal.changed", days(8), deal="x"), did("deal.changed", days(6), deal="x")),
        no("the newest is too old", did("deal.changed", days(7), deal="x")),
        yes("two of one deal are one", did("deal.changed", days(2), deal="x"), did("deal.changed", days(1), deal="x")),
        no("two deals are two", did("deal.changed", days(2), deal="x"), did("deal.changed", days(1), deal="y")),
    ),
    *asks(
        "newest_per, older",
        q.touches("deal.changed").newest_per("deal").older_than(days=2),
        yes("the newest is old", did("deal.changed", days(2), deal="x")),
        no(
            "an old one is not the newest: found before the window is asked",
            did("deal.changed", days(3), deal="x"),
            did("deal.changed", days(1), deal="x"),
        ),
    ),
    *asks(
        "newest_per on a channel",
        q.touches("deal.changed").on("web").newest_per("deal").where(q.prop("state") == "open"),
        yes(
            "others are not asked",
            did("deal.changed", days(2), channel="web", deal="x", state="open"),
            did("deal.changed", days(1), channel="app", deal="x", state="won"),
        ),
        no(
            "the newest there",
            did("deal.changed", days(2), channel="web", deal="x", state="open"),
            did("deal.changed", days(1), channel="web", deal="x", state="won"),
        ),
    ),
    *asks(
        "sum of newest_per",
        q.touches("deal.changed").newest_per("deal").sum("value") == 30,
        yes(
            "the present values",
            did("deal.changed", days(3), deal="x", value=5),
            did("deal.changed", days(2), deal="x", value=10),
            did("deal.changed", days(1), deal="y", value=20),
        ),
        no(
            "not all that ever were",
            did("deal.changed", days(2), deal="x", value=10),
            did("deal.changed", days(1), deal="x", value=20),
        ),
    ),
    *asks(
        "last of newest_per",
        q.touches("deal.changed").newest_per("deal").last(q.prop("state") == "open"),
        yes(
            "the newest of the present ones",
            did("deal.changed", days(2), deal="x", state="won"),
            did("deal.changed", days(1), deal="y", state="open"),
        ),
        no(
            "not of one",
            did("deal.changed", days(2), deal="x", state="open"),
            did("deal.changed", days(1), deal="y", state="won"),
        ),
    ),
    *asks(
        "trend of newest_per",
        q.touches("deal.changed").newest_per("deal").within(days=7).trend() >= 2,
        no(
            "a newer one will stand for x: it stays one for one",
            did("deal.changed", days(8), deal="y"),
            did("deal.changed", days(1), deal="x"),
            did("deal.changed", -days(1), deal="x"),
        ),
        yes(
            "two deals for one",
            did("deal.changed", days(8), deal="y"),
            did("deal.changed", days(1), deal="x"),
            did("deal.changed", days(2), deal="z"),
        ),
        no(
            "one deal twice",
            did("deal.changed", days(8), deal="y"),
            did("deal.changed", days(1), deal="x"),
            did("deal.changed", days(2), deal="x"),
        ),
    ),
)
