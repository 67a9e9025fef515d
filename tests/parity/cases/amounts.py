"""Sums, least and greatest, averages, and what becomes of them when facts leave and come."""

from nurture.predicates import q
from tests.parity.cases.said import Group, asks, both, days, no, page, yes

_pages = q.touches("page.viewed")
_week = _pages.within(days=7)
_n = q.prop("n")

GROUPS: tuple[Group, ...] = (
    # -- sums --
    *both(
        "sum >= 10",
        _week.sum("n") >= 10,
        yes("it reaches it", page(n=4), page(n=6)),
        no("a millionth less", page(n=4), page(n=5.999999)),
        no("one is too old", page(n=4), page(days(7), n=6)),
        no("a text is no amount", page(n=4), page(n="6")),
        no("True is no amount", page(n=9), page(n=True)),
        no("nothing is zero"),
        yes("-1 is taken off", page(n=-1), page(n=11)),
        no("-2 is taken off", page(n=-2), page(n=11)),
        no("beyond a thousand million million nothing is summed", page(n=1e16)),
        yes("up to there it is", page(n=1e15)),
    ),
    *asks(
        "sum == 0",
        _week.sum("n") == 0,
        yes("of nothing"),
        yes("of no values", page()),
        no("of one", page(n=1)),
        yes("1 and -1", page(n=1), page(n=-1)),
    ),
    *asks(
        "sum == 0.3",
        _week.sum("n") == 0.3,
        yes("millionths are summed", page(n=0.1), page(n=0.2)),
        no("a millionth off", page(n=0.1), page(n=0.200001)),
    ),
    *asks(
        "sum == 0.000002",
        _week.sum("n") == 0.000002,
        yes("each is rounded by itself", page(n=0.0000006), page(n=0.0000006)),
        no("one", page(n=0.0000006)),
    ),
    *asks("sum < 10", _week.sum("n") < 10, yes("of nothing"), no("ten", page(n=10)), yes("less", page(n=9.999999))),
    *asks(
        "sum <= 10",
        _week.sum("n") <= 10,
        yes("ten", page(n=10)),
        no("a millionth more", page(n=10.000001)),
        yes("of nothing"),
    ),
    *asks(
        "sum > 10",
        _week.sum("n") > 10,
        no("ten", page(n=5), page(n=5)),
        yes("a millionth more", page(n=5), page(n=5.000001)),
        no("of nothing"),
    ),
    *asks("sum != 10", _week.sum("n") != 10, no("ten", page(n=10)), yes("of nothing")),
    *asks("sum of large ones", _week.sum("n") == 1, yes("exactly", page(n=1e15), page(n=-1e15), page(n=1))),
    # -- least and greatest --
    *both(
        "min >= 3",
        _week.min("n") >= 3,
        yes("the least is 3", page(n=3), page(n=9)),
        no("a millionth below", page(n=2.999999), page(n=9)),
        no("there is none"),
        no("none is a number", page(n="5")),
        yes("texts are left out", page(n="1"), page(n=3)),
        yes("False is left out", page(n=False), page(n=3)),
        yes("older ones are left out", page(n=3), page(days(7), n=1)),
    ),
    *asks(
        "min == 3",
        _week.min("n") == 3,
        yes("it", page(n=3), page(n=4)),
        no("the greatest is not asked", page(n=2), page(n=3)),
        no("none"),
    ),
    *asks(
        "min != 3", _week.min("n") != 3, no("it", page(n=3), page(n=4)), yes("another", page(n=4)), no("none: missing")
    ),
    *asks(
        "min < 3",
        _week.min("n") < 3,
        no("the border", page(n=3)),
        yes("one below is enough", page(n=2), page(n=9)),
        no("none: missing"),
    ),
    *asks("min <= 3", _week.min("n") <= 3, yes("the border", page(n=3), page(n=9)), no("above", page(n=4))),
    *asks("min > 3", _week.min("n") > 3, no("the border", page(n=3), page(n=9)), yes("above", page(n=4))),
    *both(
        "max >= 3",
        _week.max("n") >= 3,
        yes("the greatest is 3", page(n=3), page(n=1)),
        no("a millionth below", page(n=2.999999)),
        no("there is none"),
        no("texts are left out", page(n="9"), page(n=2)),
        no("True is left out", page(n=True), page(n=2)),
        no("older ones are left out", page(n=2), page(days(7), n=9)),
    ),
    *asks(
        "max == 3",
        _week.max("n") == 3,
        yes("it", page(n=3), page(n=2)),
        no("the least is not asked", page(n=3), page(n=4)),
        no("none"),
    ),
    *asks(
        "max != 3",
        _week.max("n") != 3,
        no("it", page(n=3), page(n=2)),
        yes("another", page(n=4), page(n=3)),
        no("none: missing"),
    ),
    *asks(
        "max < 3",
        _week.max("n") < 3,
        no("the border", page(n=3), page(n=1)),
        yes("below", page(n=2)),
        no("none: missing"),
    ),
    *asks(
        "max <= 3", _week.max("n") <= 3, yes("the border", page(n=3)), no("one above is enough", page(n=4), page(n=1))
    ),
    *asks("max > 3", _week.max("n") > 3, no("the border", page(n=3)), yes("one above is enough", page(n=4), page(n=1))),
    *asks("max below zero", _week.max("n") == -1, yes("zero is not put in", page(n=-1), page(n=-2))),
    *asks("min above zero", _week.min("n") == 1, yes("zero is not put in", page(n=1), page(n=2))),
    # -- average --
    *both(
        "average >= 3",
        _week.average("n") >= 3,
        yes("2 and 4", page(n=2), page(n=4)),
        no("2 and 3.999999", page(n=2), page(n=3.999999)),
        no("there is none"),
        no("none is a number", page(n="5")),
        yes("one without a value is left out", page(n=3), page()),
        no("older ones are left out", page(n=2), page(days(7), n=9)),
        no("True is left out", page(n=2), page(n=True)),
    ),
    *asks(
        "average == 0",
        _week.average("n") == 0,
        no("of nothing: missing"),
        yes("1 and -1", page(n=1), page(n=-1)),
        no("no value: missing", page()),
    ),
    *asks(
        "average == a third",
        _week.average("n") == 0.333333,
        no("the average itself is not rounded", page(n=0), page(n=0), page(n=1)),
    ),
    *asks(
        "average < 3",
        _week.average("n") < 3,
        no("of nothing: missing"),
        no("the border", page(n=2), page(n=4)),
        yes("below", page(n=2), page(n=3)),
    ),
    *asks(
        "average <= 3",
        _week.average("n") <= 3,
        yes("the border", page(n=2), page(n=4)),
        no("above", page(n=2), page(n=4.000001)),
    ),
    *asks(
        "average > 3",
        _week.average("n") > 3,
        no("the border", page(n=2), page(n=4)),
        yes("above", page(n=2), page(n=4.000001)),
    ),
    *asks(
        "average != 3",
        _week.average("n") != 3,
        no("it", page(n=2), page(n=4)),
        no("of nothing: missing"),
        yes("another", page(n=4)),
    ),
    # -- what leaves one after the other --
    *asks(
        "average, one leaves",
        _week.average("n") >= 3,
        yes("1 and 5, then 5", page(days(6), n=1), page(days(1), n=5)),
        no("1 and 4, then 4", page(days(6), n=1), page(days(1), n=4)),
        yes("5 and 1, then 1", page(days(6), n=5), page(days(1), n=1)),
    ),
    *asks(
        "sum, one leaves",
        _week.sum("n") >= 3,
        yes("1 and 5, then 5", page(days(6), n=1), page(days(1), n=5)),
        yes("5 and 1, then 1", page(days(6), n=5), page(days(1), n=1)),
        no("-4 and 5, then 5", page(days(6), n=-4), page(days(1), n=5)),
    ),
    *asks(
        "min, one leaves",
        _week.min("n") >= 3,
        no("1 and 5, then 5", page(days(6), n=1), page(days(1), n=5)),
        yes("5 and 3, then 3", page(days(6), n=5), page(days(1), n=3)),
    ),
    *asks(
        "max, one leaves",
        _week.max("n") >= 3,
        yes("1 and 5, then 5", page(days(6), n=1), page(days(1), n=5)),
        yes("5 and 1, then 1", page(days(6), n=5), page(days(1), n=1)),
    ),
    *asks(
        "distinct, one leaves",
        _week.distinct("n") >= 2,
        yes("a and b, then b", page(days(6), n="a"), page(days(1), n="b")),
        yes("a, and a and b: a stays", page(days(6), n="a"), page(days(2), n="a"), page(days(1), n="b")),
    ),
    *asks(
        "count == 2, one leaves",
        _week.count() == 2,
        yes("two, then one", page(days(6)), page(days(1))),
        no("three, then two", page(days(6)), page(days(2)), page(days(1))),
    ),
    *asks(
        "count != 2, one leaves",
        _week.count() != 2,
        no("two, then one", page(days(6)), page(days(1))),
        yes("three, then two", page(days(6)), page(days(2)), page(days(1))),
    ),
    *asks(
        "last within, one leaves",
        _week.last(_n == 1),
        yes("the newest stays", page(days(6), n=2), page(days(1), n=1)),
        no("another is the newest", page(days(6), n=1), page(days(1), n=2)),
    ),
    *asks(
        "first within, one leaves",
        _week.first(_n == 1),
        no("then the next is the first", page(days(6), n=2), page(days(1), n=1)),
        yes("then the next is the first, and another", page(days(6), n=1), page(days(1), n=2)),
    ),
    *asks(
        "since_first within, one leaves",
        _week.since_first() >= days(3),
        yes("then the next is too young", page(days(6)), page(days(1))),
        no("it gets old enough before it leaves", page(days(2))),
    ),
    *asks(
        "trend, one goes over",
        _week.trend() >= 2,
        yes("two and none, then one for one", page(days(6)), page(days(1))),
        no("one for one, then two for none", page(days(13)), page(days(1)), page(days(2)), page(days(8))),
    ),
    *asks(
        "sum, one comes",
        _week.sum("n") >= 3,
        no("1, then 1 and 5", page(days(1), n=1), page(-days(1), n=5)),
        yes("4, then 4 and -2", page(days(1), n=4), page(-days(1), n=-2)),
    ),
)
