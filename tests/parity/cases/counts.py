"""How many facts there are, and how many different values."""

from datetime import date

from nurture.model import Origin
from nurture.predicates import q
from tests.parity.cases.said import TICK, Group, asks, both, days, did, no, page, utc, yes

_pages = q.touches("page.viewed")
_week = _pages.within(days=7)
_n = q.prop("n")

GROUPS: tuple[Group, ...] = (
    # -- how many --
    *both(
        "never",
        _week.never(),
        yes("nothing at all"),
        yes("only long ago", page(days(7))),
        no("one", page(days(1))),
        yes("only still to come", page(-TICK)),
    ),
    *asks(
        "count == 0",
        _week.count() == 0,
        yes("none"),
        no("one", page()),
        yes("suspect ones do not count", did("page.viewed", suspect=True)),
    ),
    *asks(
        "count == 2",
        _week.count() == 2,
        no("one", page()),
        yes("two", page(), page()),
        no("three", page(), page(), page()),
    ),
    *asks(
        "count != 2",
        _week.count() != 2,
        yes("none is not two"),
        yes("one", page()),
        no("two", page(), page()),
        yes("three", page(), page(), page()),
    ),
    *asks("count != 0", _week.count() != 0, no("none"), yes("one", page())),
    *asks(
        "count >= 2",
        _week.count() >= 2,
        no("one", page()),
        yes("two", page(), page()),
        no("two, one too old", page(), page(days(7))),
    ),
    *asks(
        "count > 2",
        _week.count() > 2,
        no("two", page(), page()),
        yes("three", page(), page(), page()),
        yes("four", page(), page(), page(), page()),
    ),
    *asks("count > 0", _week.count() > 0, no("none"), yes("one", page())),
    *asks("count >= 0", _week.count() >= 0, yes("none is enough"), yes("one", page())),
    *asks(
        "count <= 2",
        _week.count() <= 2,
        yes("none is at most two"),
        yes("two", page(), page()),
        no("three", page(), page(), page()),
    ),
    *asks("count <= 0", _week.count() <= 0, yes("none"), no("one", page())),
    *asks("count < 2", _week.count() < 2, yes("none is below two"), yes("one", page()), no("two", page(), page())),
    *asks("count < 0", _week.count() < 0, no("nothing is below none"), no("one", page())),
    *asks(
        "count, at one instant",
        _pages.count() >= 2,
        yes("two facts of one instant are two", page(days(1)), page(days(1))),
    ),
    *asks(
        "count, older",
        _pages.older_than(days=2).count() <= 1,
        yes("one of two is old enough", page(days(2)), page(days(2) - TICK)),
        no("both are", page(days(2)), page(days(3))),
        yes("none"),
    ),
    *asks(
        "count, older, ==",
        _pages.older_than(days=2).count() == 1,
        no("none"),
        yes("one", page(days(2)), page(days(1))),
        no("two", page(days(2)), page(days(3))),
    ),
    *asks(
        "count, older, !=",
        _pages.older_than(days=2).count() != 1,
        yes("none"),
        no("one", page(days(2))),
        yes("two", page(days(2)), page(days(3))),
    ),
    *asks(
        "count, older, >",
        _pages.older_than(days=2).count() > 1,
        no("one", page(days(2))),
        yes("two", page(days(2)), page(days(3))),
    ),
    *asks(
        "count, older, >=",
        _pages.older_than(days=2).count() >= 2,
        no("one", page(days(2))),
        yes("two", page(days(2)), page(days(3))),
        yes("three", page(days(2)), page(days(3)), page(days(4))),
    ),
    *asks(
        "count, older, <",
        _pages.older_than(days=2).count() < 2,
        yes("none"),
        yes("one", page(days(2))),
        no("two", page(days(2)), page(days(3))),
    ),
    *asks(
        "within a hundred years, asked in the year 50",  # there is nothing before the first year to begin with
        _pages.within(days=36_500),
        yes("in the first year", page(utc("0001-06-01 00:00"))),
        no("still to come", page(utc("0050-01-01 00:00:00.000001"))),
        now=utc("0050-01-01 00:00"),
    ),
    *asks(
        "count of a family that grows",
        q.touches("email.*").count() >= 2,
        no("one is still to come", did("email.opened"), did("email.clicked", -days(1))),
        no("both are", did("email.opened", -days(2)), did("email.clicked", -days(1))),
        yes("two", did("email.opened"), did("email.clicked")),
    ),
    *asks(
        "count with a machine among them",
        _week.count() >= 2,
        no("one of two is suspect", page(days(1)), did("page.viewed", days(2), suspect=True)),
        yes("two of three are not", page(days(1)), did("page.viewed", days(2), suspect=True), page(days(3))),
        no("the newest is suspect", did("page.viewed", days(1), suspect=True), page(days(2))),
    ),
    *asks(
        "count of a family",
        q.touches("email.*").within(days=7).count() == 2,
        yes("two kinds", did("email.opened"), did("email.clicked")),
        no("one is no mail", did("email.opened"), page()),
        no("one is too old", did("email.opened"), did("email.clicked", days(7))),
    ),
    *asks(
        "count of whatever",
        q.touches().within(days=7).count() >= 2,
        yes("two kinds", page(), did("form.submitted")),
        no("one is ours", page(), did("email.sent", by=Origin.ENGINE)),
    ),
    *asks(
        "count where",
        _week.where(_n >= 2).count() == 1,
        yes("one of two", page(n=1), page(n=2)),
        no("both", page(n=2), page(n=3)),
    ),
    # -- different values --
    *asks(
        "distinct == 2",
        _week.distinct("n") == 2,
        yes("two texts", page(n="a"), page(n="b"), page(n="a")),
        no("the same twice", page(n="a"), page(n="a")),
        yes("letter case counts", page(n="a"), page(n="A")),
        yes("empty text is a value", page(n=""), page(n="a")),
        no("a missing one does not count", page(n="a"), page()),
        no("1 is 1.0", page(n=1), page(n=1.0)),
        yes("True is not 1", page(n=True), page(n=1)),
        yes("False is not 0", page(n=False), page(n=0)),
        yes("the text 1 is not 1", page(n="1"), page(n=1)),
        no("a sliver apart is the same", page(n=0.1 + 0.2), page(n=0.3)),
        yes("a millionth apart is not", page(n=0.300001), page(n=0.3)),
        yes("exactly, beyond 2**53", page(n=2**53), page(n=2**53 + 1)),
        no("whole or not, at the largest of 64 bits", page(n=9_200_000_000_000), page(n=9_200_000_000_000.0)),
        no("whole or not, beyond", page(n=2**44), page(n=2.0**44)),
        no("whole or not, below the smallest", page(n=-(2**44)), page(n=-(2.0**44))),
        yes("a date and the text that reads so", page(n=date(2026, 1, 1)), page(n="2026-01-01")),
        yes("a date and the instant at which it begins", page(n=date(2026, 1, 1)), page(n=utc("2026-01-01 00:00"))),
        no("one is too old", page(n="a"), page(days(7), n="b")),
        no("none"),
    ),
    *asks("distinct == 0", _week.distinct("n") == 0, yes("no fact"), yes("no value", page()), no("one", page(n=0))),
    *asks(
        "distinct >= 2",
        _week.distinct("n") >= 2,
        no("one", page(n=1), page(n=1)),
        yes("three", page(n=1), page(n=2), page(n=3)),
    ),
    *asks(
        "distinct <= 1", _week.distinct("n") <= 1, yes("none"), yes("one", page(n=1)), no("two", page(n=1), page(n=2))
    ),
    *asks("distinct <= 0", _week.distinct("n") <= 0, yes("none is at most none"), no("one", page(n=1))),
    *asks("distinct < 0", _week.distinct("n") < 0, no("nothing is below none"), no("one", page(n=1))),
    *asks("distinct >= 0", _week.distinct("n") >= 0, yes("none is enough"), yes("one", page(n=1))),
    *asks("distinct > 0", _week.distinct("n") > 0, no("none"), no("no value", page()), yes("one", page(n=1))),
    *asks("distinct < 1", _week.distinct("n") < 1, yes("none"), no("one", page(n=1))),
    *asks("distinct > 1", _week.distinct("n") > 1, no("one", page(n=1)), yes("two", page(n=1), page(n=2))),
    *asks(
        "distinct != 1", _week.distinct("n") != 1, yes("none"), no("one", page(n=1)), yes("two", page(n=1), page(n=2))
    ),
)
