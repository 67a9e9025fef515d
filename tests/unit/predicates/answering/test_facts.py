"""Rich clauses about facts on cases worked out by hand: what they answer at their edges, and when they turn."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import last_days, last_week, on_day, this_fiscal_year, today, yesterday
from nurture.model import Origin, Sight, SubjectId, Touchpoint, by_kind
from nurture.predicates import Names, Predicate, compile_flip, compile_match, q

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)  # a Sunday
TICK = timedelta(microseconds=1)
DAYS = timedelta(days=1)
views = q.touches("page.viewed")
deals = q.touches("deal.changed")


def fact(ago: timedelta = timedelta(0), kind: str = "page.viewed", id: str = "", **more) -> Touchpoint:
    at = NOW - ago
    return Touchpoint(id=id or f"fact_{at}", subject=SubjectId("lead_1"), kind=kind, at=at, received_at=NOW, **more)


def paid(amount: object, ago: timedelta = timedelta(0), id: str = "") -> Touchpoint:
    return fact(ago, "purchase.made", id or f"{amount}_{ago}", properties={"amount": amount})


def deal(name: object, state: str, ago: timedelta, id: str = "", **more) -> Touchpoint:
    return fact(ago, "deal.changed", id or f"{name}_{ago}", properties={"deal": name, "state": state}, **more)


def seen(*facts: Touchpoint, **values) -> Sight:
    return Sight(touches=by_kind(facts), **values)


def holds(predicate: Predicate, *facts: Touchpoint, now: datetime = NOW, names: Names | None = None, **values) -> bool:
    return compile_match(predicate, names or Names())(seen(*facts, **values), now)


def flip(predicate: Predicate, *facts: Touchpoint, now: datetime = NOW, names: Names | None = None, **values):
    """When it turns, as a time from now; checked at a microsecond on both sides."""
    asks, flips = compile_match(predicate, names or Names()), compile_flip(predicate, names or Names())
    sight = seen(*facts, **values)
    found = flips(sight, now)
    if found is None:
        return None
    assert asks(sight, found - TICK) is asks(sight, now)
    assert asks(sight, found) is not asks(sight, now)
    return found - now


# -- kinds ---------------------------------------------------------------------------------------------


def test_a_prefix_names_every_kind_that_begins_so() -> None:
    mail = q.touches("email.*")
    assert holds(mail, fact(kind="email.sent"))
    assert holds(mail, fact(kind="email.link.clicked", origin=Origin.ENGINE))  # of every origin, as with a kind
    assert not holds(mail, fact(kind="emails.sent"))
    assert not holds(mail, fact(kind="web.email.sent"))
    assert holds(mail.count() == 2, fact(kind="email.sent"), fact(kind="email.clicked"), fact(kind="page.viewed"))


def test_the_last_of_a_prefix_is_the_newest_of_all_its_kinds() -> None:
    last = q.touches("email.*").last(q.prop("p") == 2)
    one = fact(kind="email.sent", id="a", properties={"p": 1})
    other = fact(kind="email.clicked", id="b", properties={"p": 2})
    assert holds(last, one, other)
    assert not holds(last, one, fact(DAYS, kind="email.clicked", properties={"p": 2}))


# -- windows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "inside"),
    [(14 * DAYS, False), (14 * DAYS - TICK, True), (7 * DAYS, True), (7 * DAYS - TICK, False), (0 * DAYS, False)],
)
def test_a_window_with_an_age_is_half_open(ago: timedelta, inside: bool) -> None:
    assert holds(views.within(days=14).older_than(days=7), fact(ago)) is inside
    assert holds(views.within(days=14).older_than(days=7).never(), fact(ago)) is not inside


def test_an_age_alone_has_no_other_end() -> None:
    assert holds(views.older_than(days=7), fact(5_000 * DAYS))
    assert not holds(views.older_than(days=7), fact(7 * DAYS - TICK))


def test_a_fact_enters_at_its_age_and_leaves_with_its_window() -> None:
    clause = views.within(days=14).older_than(days=7)
    assert flip(clause, fact(2 * DAYS)) == 5 * DAYS
    assert flip(clause, fact(8 * DAYS)) == 6 * DAYS
    assert flip(clause, fact(14 * DAYS)) is None
    assert flip(views.older_than(days=7), fact(8 * DAYS)) is None
    assert flip(views.older_than(days=7), fact(-1 * DAYS)) == 8 * DAYS  # one that is still to come


def test_windows_reach_to_both_ends_of_time() -> None:
    first, last = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    clause = views.within(days=30).older_than(hours=1)
    assert not holds(clause, now=first)
    assert holds(views.within(days=30), fact(NOW - first), now=first + DAYS)
    assert compile_flip(clause, Names())(seen(fact(NOW - last)), last) == last + timedelta(hours=1)
    assert compile_flip(views.older_than(days=7), Names())(seen(fact(NOW - last)), last) is None


# -- periods -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "first", "end"),
    [
        ("UTC", datetime(2026, 2, 28, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 2, 27, 15, tzinfo=UTC), datetime(2026, 2, 28, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 2, 28, 5, tzinfo=UTC), datetime(2026, 3, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_period_is_that_of_whole_local_days(zone: str, first: datetime, end: datetime) -> None:
    clause = views.during(yesterday(zone=zone))
    for at, inside in ((first - TICK, False), (first, True), (end - TICK, True), (end, False)):
        assert holds(clause, fact(NOW - at)) is inside


def test_the_zone_is_the_leads_then_the_accounts_then_the_programs() -> None:
    late = fact(NOW - datetime(2026, 2, 28, 16, tzinfo=UTC))  # 1 March in Tokyo
    clause, tokyo, program = views.during(today()), {"zone": "Asia/Tokyo"}, Names(zone="Asia/Tokyo")
    assert not holds(clause, late)
    assert holds(clause, late, lead=tokyo)
    assert holds(clause, late, account=tokyo)
    assert holds(clause, late, names=program)
    assert not holds(clause, late, names=program, lead={"zone": "UTC"}, account=tokyo)
    assert holds(clause, late, lead={"zone": "Mars/Olympus"}, account=tokyo)  # no zone at all counts as missing
    assert holds(clause, late, lead={"zone": 9}, names=program)
    assert not holds(views.during(today(zone="account")), late, lead=tokyo)
    assert holds(views.during(today(zone="lead")), late, lead=tokyo, account={"zone": "UTC"})


def test_one_compiled_clause_is_asked_in_several_zones_at_one_moment() -> None:
    asks = compile_match(views.during(today()), Names())
    late = fact(NOW - datetime(2026, 2, 28, 16, tzinfo=UTC))
    assert [asks(seen(late, lead={"zone": name}), NOW) for name in ("Asia/Tokyo", "UTC", "Asia/Tokyo")] == [
        True,
        False,
        True,
    ]


def test_a_period_sees_only_what_has_happened() -> None:
    assert not holds(views.during(today()), fact(-TICK))
    assert flip(views.during(today()), fact(-TICK)) == TICK
    assert not holds(views.during(on_day(date(2026, 3, 2))), fact(-DAYS))
    assert flip(views.during(on_day(date(2026, 3, 2))), fact(-DAYS)) == DAYS


def test_a_period_turns_where_a_local_day_begins() -> None:
    assert flip(views.during(today()), fact()) == timedelta(hours=12)
    assert flip(views.during(yesterday()), fact()) == timedelta(hours=12)
    assert flip(views.during(yesterday()), fact(timedelta(hours=13))) == timedelta(hours=12)
    assert flip(views.during(last_week()), fact()) == timedelta(hours=12)  # Monday begins
    assert flip(views.during(last_week()).never(), fact(7 * DAYS)) == timedelta(hours=12)
    assert flip(views.during(last_days(7)), fact(6 * DAYS)) == timedelta(hours=12)
    assert flip(views.during(yesterday()), fact(3 * DAYS)) is None
    assert flip(views.during(today(zone="America/New_York")), fact()) == timedelta(hours=17)


def test_a_fiscal_year_may_begin_in_a_month_that_a_field_holds() -> None:
    clause = views.during(this_fiscal_year(), starts=q.account.fiscal_month)
    in_february = fact(15 * DAYS)
    assert holds(clause, in_february, account={"fiscal_month": 1})
    assert not holds(clause, in_february, account={"fiscal_month": 3})
    assert not holds(clause, in_february)
    assert not holds(clause, in_february, account={"fiscal_month": 13})


# -- the newest of each ---------------------------------------------------------------------------------


def test_only_the_newest_of_each_value_is_seen() -> None:
    open_ = deals.newest_per("deal").where(q.prop("state") == "open")
    facts = [deal("a", "open", 3 * DAYS), deal("a", "won", 1 * DAYS), deal("b", "open", 2 * DAYS)]
    assert holds(open_.count() == 1, *facts)
    assert not holds(open_.where(q.prop("deal") == "a"), *facts)
    assert holds(deals.newest_per("deal").count() == 2, *facts)


def test_the_newest_is_found_before_condition_and_window_are_asked() -> None:
    facts = [deal("a", "open", 3 * DAYS), deal("a", "won", 1 * DAYS)]
    assert not holds(deals.newest_per("deal").older_than(days=2), *facts)
    assert holds(deals.older_than(days=2), *facts)


def test_what_is_not_selected_is_no_newest() -> None:
    facts = [
        deal("a", "open", 3 * DAYS),
        deal("a", "won", DAYS, suspect=True),
        deal("a", "won", 2 * DAYS, channel="web"),
    ]
    clause = deals.newest_per("deal").where(q.prop("state") == "open")
    assert not holds(clause, *facts)
    assert not holds(clause.including_suspect(), *facts)
    assert holds(clause, *facts[:2])


def test_equal_instants_go_by_id_and_facts_without_the_value_are_not_seen() -> None:
    clause = deals.newest_per("deal").where(q.prop("state") == "won")
    assert holds(clause, deal("a", "open", DAYS, "1"), deal("a", "won", DAYS, "2"))
    assert not holds(clause, deal("a", "won", DAYS, "1"), deal("a", "open", DAYS, "2"))
    assert not holds(clause, deal(None, "won", DAYS))


@pytest.mark.parametrize(
    ("one", "other", "same"), [(1, 1.0, True), (1, True, False), ("1", 1, False), ((), None, False)]
)
def test_values_are_told_apart_as_comparisons_do(one: object, other: object, same: bool) -> None:
    facts = [deal(one, "open", DAYS), deal(other, "open", 2 * DAYS)]
    missing = other is None
    assert holds(deals.newest_per("deal").count() == (1 if same or missing else 2), *facts)
    assert holds(deals.distinct("deal") == (1 if same or missing else 2), *facts)


def test_a_newer_one_that_comes_to_pass_stands_for_the_older_one() -> None:
    clause = deals.newest_per("deal").where(q.prop("state") == "open")
    assert flip(clause, deal("a", "open", DAYS), deal("a", "won", -2 * DAYS)) == 2 * DAYS
    assert flip(clause, deal("a", "open", DAYS), deal("b", "won", -2 * DAYS)) is None


# -- amounts -------------------------------------------------------------------------------------------

amount = q.touches("purchase.made")


def test_sums_are_exact_and_the_sum_of_nothing_is_zero() -> None:
    tenths = [paid(0.1, number * DAYS) for number in range(3)]
    assert holds(amount.sum("amount") == 0.3, *tenths)
    assert holds(amount.sum("amount") == 0)
    assert holds(amount.sum("amount") <= 0)
    assert not holds(amount.sum("amount") > 0)
    assert holds(amount.sum("amount") == 0, paid("7"), paid(True), paid(None))
    many = [paid(1e15, number * DAYS) for number in range(3)]
    assert holds((amount.sum("amount") > 1e15) & ~(amount.sum("amount") == 1e15), *many, paid(1, 4 * DAYS))


@pytest.mark.parametrize("huge", [10**15 + 1, 1e16, -1e300, 2**62])
def test_amounts_that_are_too_large_are_not_taken(huge: float) -> None:
    assert holds(amount.sum("amount") == 5, paid(5), paid(huge))
    assert holds(amount.max("amount") == 5, paid(5), paid(huge))
    assert not holds(amount.min("amount") != 5, paid(5), paid(huge))


def test_min_max_and_average_of_nothing_are_missing() -> None:
    for term in (amount.min("amount"), amount.max("amount"), amount.average("amount")):
        for predicate in (term == 0, term != 0, term < 1, term >= 0):
            assert not holds(predicate)
            assert not holds(predicate, paid(None), paid("7"), paid(True))


def test_min_max_and_average_compare_as_numbers_do() -> None:
    facts = [paid(2), paid(4.0, DAYS), paid(9, 2 * DAYS)]
    for term, value in ((amount.min("amount"), 2), (amount.max("amount"), 9), (amount.average("amount"), 5)):
        for limit in (value - 1, value, value + 1):
            assert holds(term == limit, *facts) is (value == limit)
            assert holds(term != limit, *facts) is (value != limit)
            assert holds(term < limit, *facts) is (value < limit)
            assert holds(term <= limit, *facts) is (value <= limit)
            assert holds(term > limit, *facts) is (value > limit)
            assert holds(term >= limit, *facts) is (value >= limit)


def test_an_average_is_not_rounded() -> None:
    assert holds(amount.average("amount") > 0.333333, paid(1), paid(0, DAYS), paid(0, 2 * DAYS))
    assert holds(amount.average("amount") < 0.333334, paid(1), paid(0, DAYS), paid(0, 2 * DAYS))


def test_distinct_counts_values_and_not_facts() -> None:
    paths = [fact(number * DAYS, properties={"path": path}) for number, path in enumerate(["/a", "/b", "/a", None])]
    assert holds(views.distinct("path") == 2, *paths)
    assert holds(views.distinct("path") < 3, *paths)
    assert holds(views.distinct("path") == 0)
    assert holds(views.distinct("other") == 0, *paths)


def test_amounts_turn_when_what_makes_them_leaves() -> None:
    facts = [paid(10, 1 * DAYS), paid(5, 3 * DAYS), paid(-5, 6 * DAYS)]
    week = amount.within(days=7)
    assert flip(week.sum("amount") >= 12, *facts) == 1 * DAYS  # without the refund it is 15
    assert flip(week.sum("amount") >= 10, *facts) == 6 * DAYS
    assert flip(week.min("amount") < 0, *facts) == 1 * DAYS
    assert flip(week.max("amount") == 10, *facts) == 6 * DAYS
    assert flip(week.average("amount") > 5, *facts) == 1 * DAYS
    assert flip(week.distinct("amount") >= 2, *facts) == 4 * DAYS
    assert flip(amount.sum("amount") >= 10, *facts) is None


# -- trends --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recent", "before", "least", "answer"),
    [
        (4, 2, 2, True),
        (3, 2, 2, False),
        (3, 2, 1.5, True),
        (1, 3, 0.333333, True),
        (1, 3, 0.333334, False),
        (0, 0, 2, True),
    ],
)
def test_a_trend_compares_with_the_window_before(recent: int, before: int, least: float, answer: bool) -> None:
    facts = [fact(number * TICK, id=f"r{number}") for number in range(recent)]
    facts += [fact(7 * DAYS + number * TICK, id=f"b{number}") for number in range(before)]
    assert holds(views.within(days=7).trend() >= least, *facts) is answer


def test_a_trend_turns_as_facts_grow_old() -> None:
    clause = views.within(days=7).trend() >= 1
    assert flip(clause, fact(2 * DAYS)) == 5 * DAYS  # none against one
    assert flip(clause, fact(8 * DAYS)) == 6 * DAYS  # none against none
    assert flip(clause, fact(2 * DAYS), fact(9 * DAYS)) == 5 * DAYS
    assert flip(clause, fact(15 * DAYS)) is None


# -- one fact ------------------------------------------------------------------------------------------


def test_the_first_is_the_oldest_that_the_clause_selects() -> None:
    facts = [fact(3 * DAYS, id="z", properties={"p": 1}), fact(1 * DAYS, properties={"p": 2})]
    assert holds(views.first(q.prop("p") == 1), *facts)
    assert holds(views.within(days=2).first(q.prop("p") == 2), *facts)
    assert holds(views.first(q.prop("p") == 0), *facts, fact(3 * DAYS, id="a", properties={"p": 0}))
    assert not holds(views.first(q.prop("p").is_missing()))
    assert holds(q.touches().first(q.prop("p") == 9), *facts, fact(4 * DAYS, "form.submitted", properties={"p": 9}))
    assert flip(views.within(days=7).first(q.prop("p") == 1), *facts) == 4 * DAYS


def test_how_long_ago_is_compared_at_the_microsecond() -> None:
    facts = [fact(10 * DAYS), fact(3 * DAYS)]
    assert holds(views.since_last() >= 3 * DAYS, *facts)
    assert not holds(views.since_last() > 3 * DAYS, *facts)
    assert holds(views.since_first() >= 10 * DAYS, *facts)
    assert not holds(views.since_first() < 10 * DAYS, *facts)
    for predicate in (views.since_last() < 9 * DAYS, views.since_last() >= TICK, views.since_first() <= 9 * DAYS):
        assert not holds(predicate)  # of nothing it is missing


def test_how_long_ago_turns_at_its_length() -> None:
    facts = [fact(10 * DAYS), fact(3 * DAYS)]
    assert flip(views.since_last() >= 5 * DAYS, *facts) == 2 * DAYS
    assert flip(views.since_last() > 5 * DAYS, *facts) == 2 * DAYS + TICK
    assert flip(views.since_last() < 5 * DAYS, *facts) == 2 * DAYS
    assert flip(views.since_last() <= 5 * DAYS, *facts) == 2 * DAYS + TICK
    assert flip(views.since_first() >= 5 * DAYS, *facts) is None
    assert flip(views.since_last() >= 5 * DAYS, *facts, fact(-1 * DAYS)) == 6 * DAYS
    assert flip(views.within(days=12).since_first() >= 10 * DAYS, *facts) == 2 * DAYS  # then it is the younger one
