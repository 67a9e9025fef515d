"""One value against another."""

from datetime import date

from nurture.predicates import q
from tests.parity.cases.said import Group, asks, both, firm, no, page, utc, yes

_seats = q.lead.seats
_usage = q.lead.usage
_NOON = utc("2026-11-18 12:00")

GROUPS: tuple[Group, ...] = (
    # -- one value against another --
    *both(
        "other ==",
        _seats == q.lead.desks,
        yes("the same", seats=3, desks=3),
        no("another", seats=3, desks=4),
        no("one is missing", seats=3),
        no("both are missing"),
    ),
    *both(
        "other !=",
        _seats != q.lead.desks,
        yes("another", seats=3, desks=4),
        no("the same", seats=3, desks=3),
        no("one is missing", desks=3),
        no("both are missing"),
    ),
    *asks(
        "other <",
        _seats < q.lead.desks,
        yes("below", seats=2, desks=3),
        no("the same", seats=3, desks=3),
        no("missing", seats=2),
    ),
    *asks("other <=", _seats <= q.lead.desks, yes("the same", seats=3, desks=3), no("above", seats=4, desks=3)),
    *asks("other >", _seats > q.lead.desks, yes("above", seats=4, desks=3), no("the same", seats=3, desks=3)),
    *asks(
        "other >=",
        _seats >= q.lead.desks,
        yes("the same", seats=3, desks=3),
        no("below", seats=2, desks=3),
        no("missing", desks=2),
    ),
    *asks(
        "other beyond 2**53",
        _seats > q.lead.desks,
        yes("whole numbers exactly", seats=2**53 + 1, desks=2**53),
        no("the same", seats=2**53 + 1, desks=2**53 + 1),
    ),
    *asks(
        "whole against number",
        _seats == q.lead.usage,
        yes("3 is 3.0", seats=3, usage=3.0),
        yes("a sliver", seats=3, usage=3.0000004),
        no("3.000001", seats=3, usage=3.000001),
    ),
    *both(
        "0.8 times",
        _usage >= 0.8 * q.lead.plan,
        yes("80 of 100", usage=80.0, plan=100.0),
        no("a millionth less", usage=79.999999, plan=100.0),
        yes("less than half a millionth less", usage=79.9999996, plan=100.0),
        no("no plan is known", usage=80.0),
        no("no usage is known", plan=100.0),
    ),
    *asks(
        "0.1 times 3",
        _usage == 0.1 * q.lead.plan,
        yes("0.3, though floats differ", usage=0.3, plan=3.0),
        no("0.300001", usage=0.300001, plan=3.0),
    ),
    *asks(
        "a factor below zero",
        _usage < -1 * q.lead.plan,
        yes("-3 is below -2", usage=-3.0, plan=2.0),
        no("-2", usage=-2.0, plan=2.0),
    ),
    *asks(
        "a factor of zero",
        _usage > 0 * q.lead.plan,
        yes("above zero", usage=1.0, plan=9.0),
        no("zero", usage=0.0, plan=9.0),
        no("the plan must be known", usage=1.0),
    ),
    *asks(
        "twice a whole number",
        _seats <= 2 * q.lead.desks,
        yes("6 and 3", seats=6, desks=3),
        no("7 and 3", seats=7, desks=3),
    ),
    *asks(
        "half of a whole number",
        _seats >= 0.5 * q.lead.desks,
        yes("2 and 3", seats=2, desks=3),
        no("1 and 3", seats=1, desks=3),
    ),
    *asks(
        "other text ==",
        q.lead.nickname == q.lead.memo,
        yes("the same", nickname="a", memo="a"),
        no("letter case counts", nickname="a", memo="A"),
        yes("both empty", nickname="", memo=""),
        no("missing"),
    ),
    *asks(
        "other text !=",
        q.lead.nickname != q.lead.memo,
        yes("another", nickname="a", memo="A"),
        no("the same", nickname="a", memo="a"),
        no("missing", nickname="a"),
    ),
    *asks(
        "other boolean ==",
        q.lead.vip == q.lead.keen,
        yes("both False", vip=False, keen=False),
        no("another", vip=True, keen=False),
        no("missing", vip=False),
    ),
    *asks(
        "other date >",
        q.lead.joined > q.lead.born,
        yes("later", joined=date(2020, 1, 2), born=date(2020, 1, 1)),
        no("the same", joined=date(2020, 1, 1), born=date(2020, 1, 1)),
    ),
    *asks(
        "other date <=",
        q.lead.joined <= q.lead.born,
        yes("the same", joined=date(2020, 1, 1), born=date(2020, 1, 1)),
        no("later", joined=date(2020, 1, 2), born=date(2020, 1, 1)),
        no("missing", born=date(2020, 1, 1)),
    ),
    *asks(
        "other instant >=",
        q.lead.trial_ends >= q.lead.first_bought,
        yes("the same", trial_ends=_NOON, first_bought=_NOON),
        no("a microsecond before", trial_ends=utc("2026-11-18 11:59:59.999999"), first_bought=_NOON),
        no("missing", trial_ends=_NOON),
    ),
    *asks(
        "other instant, of every lead",
        q.lead.first_bought < q.lead.created_at,
        yes("a microsecond before", first_bought=utc("2026-11-18 11:59:59.999999"), created_at=_NOON),
        no("the same", first_bought=_NOON, created_at=_NOON),
        no("missing"),
    ),
    *asks(
        "half a millionth against the next",
        _usage == q.lead.plan,
        yes("rounded up", usage=0.0078125, plan=0.007813),
        no("not down", usage=0.0078125, plan=0.007812),
    ),
    *asks(
        "where a float is no finer than a millionth",  # half a millionth more makes both of them the even one
        _usage == q.lead.plan,
        yes("an odd one and the next", usage=5_000_000_000.000001, plan=5_000_000_000.000002),
        no("an even one and the next", usage=5_000_000_000.000002, plan=5_000_000_000.000003),
    ),
    *asks(
        "of lead and account",
        _usage > q.account.plan,
        yes("above", firm(plan=2.0), usage=3.0),
        no("the same", firm(plan=3.0), usage=3.0),
        no("no account", usage=3.0),
    ),
    *asks(
        "two properties of one fact",
        q.touches("page.viewed", q.prop("a") > q.prop("b")),
        yes("2 and 1", page(a=2, b=1)),
        yes("2.5 and 2", page(a=2.5, b=2)),
        no("of two facts, each alone", page(a=2), page(b=1)),
        no("True is no number", page(a=True, b=0)),
        no("texts have no order", page(a="b", b="a")),
        yes("dates have one", page(a=date(2026, 1, 2), b=date(2026, 1, 1))),
        no("a date and an instant have none", page(a=date(2026, 1, 2), b=utc("2026-01-01 00:00"))),
        no("missing", page(a=1)),
    ),
    *asks(
        "two properties ==",
        q.touches("page.viewed", q.prop("a") == q.prop("b")),
        yes("1 is 1.0", page(a=1, b=1.0)),
        yes("texts", page(a="x", b="x")),
        yes("booleans", page(a=True, b=True)),
        no("True is not 1", page(a=True, b=1)),
        no("the text 1 is not 1", page(a="1", b=1)),
        no("many texts are not compared", page(a=("x",), b=("x",))),
        no("both missing", page()),
    ),
    *asks(
        "two properties !=",
        q.touches("page.viewed", q.prop("a") != q.prop("b")),
        yes("texts", page(a="x", b="y")),
        yes("2 and 1.0", page(a=2, b=1.0)),
        no("of different types: like missing", page(a="1", b=1)),
        no("1 is 1.0", page(a=1, b=1.0)),
    ),
    *asks(
        "a property times a constant",
        q.touches("page.viewed", q.prop("a") >= 2 * q.prop("b")),
        yes("4 and 2", page(a=4, b=2)),
        no("3 and 2", page(a=3, b=2)),
        no("a text", page(a="4", b=2)),
        no("True is no number", page(a=4, b=True)),
    ),
    *asks(
        "a product beyond the largest number",  # products are kept within 1e300 either way
        _usage == 1_000_000 * q.lead.plan,
        yes("it is kept at the largest", usage=1e300, plan=1e300),
        no("another", usage=9e299, plan=1e300),
        yes("it is kept at the smallest", usage=-1e300, plan=-1e300),
        no("not at the other end", usage=1e300, plan=-1e300),
    ),
    *asks(
        "a product below the smallest number",
        _usage <= -1_000_000 * q.lead.plan,
        yes("it is kept at the smallest", usage=-1e300, plan=1e300),
        no("above", usage=-9e299, plan=1e300),
        yes("at the other end everything is below", usage=1e300, plan=-1e300),
    ),
)
