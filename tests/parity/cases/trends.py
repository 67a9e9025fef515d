"""A window against the one before."""

from nurture.predicates import q
from tests.parity.cases.said import TICK, Group, asks, both, days, no, page, yes

_pages = q.touches("page.viewed")
_week = _pages.within(days=7)

GROUPS: tuple[Group, ...] = (
    # -- trend: c1 against n times c0 --
    *both(
        "trend >= 2",
        _week.trend() >= 2,
        yes("two for one", page(days(1)), page(days(2)), page(days(8))),
        no("one for one", page(days(1)), page(days(8))),
        yes("none before, some now", page(days(1))),
        yes("none before, none now: nothing is at least twice nothing"),
        no("one before, none now", page(days(8))),
        no("exactly a week ago lies in the window before", page(days(1)), page(days(7))),
        yes("a microsecond less lies in this one", page(days(1)), page(days(7) - TICK)),
        yes("two weeks ago lies in neither", page(days(1)), page(days(14))),
        no("a microsecond less lies in the one before", page(days(1)), page(days(14) - TICK)),
    ),
    *asks(
        "trend > 1",
        _week.trend() > 1,
        no("as many", page(days(1)), page(days(8))),
        yes("more", page(days(1)), page(days(2)), page(days(8))),
        no("none and none"),
        yes("none before", page()),
    ),
    *asks(
        "trend < 1",
        _week.trend() < 1,
        no("as many", page(days(1)), page(days(8))),
        yes("fewer", page(days(8))),
        no("none and none"),
        no("none before", page()),
    ),
    *asks(
        "trend <= 1",
        _week.trend() <= 1,
        yes("as many", page(days(1)), page(days(8))),
        yes("none and none"),
        no("none before", page()),
    ),
    *asks(
        "trend == 0.5",
        _week.trend() == 0.5,
        yes("one for two", page(days(1)), page(days(8)), page(days(9))),
        yes("none and none"),
        no("one for one", page(days(1)), page(days(8))),
    ),
    *asks(
        "trend != 1",
        _week.trend() != 1,
        no("as many", page(days(1)), page(days(8))),
        yes("fewer", page(days(8))),
        no("none and none"),
    ),
    *asks(
        "trend >= 1.5",
        _week.trend() >= 1.5,
        yes("three for two", page(), page(), page(), page(days(8)), page(days(8))),
        no("two for two", page(), page(), page(days(8)), page(days(8))),
    ),
)
