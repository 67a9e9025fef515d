"""Random clauses about facts, of every quantifier and window; and an oracle that answers them naively.

The oracle is written from the docstrings of the nodes, clause by clause, with no care for speed. It shares no
code with `match`: amounts are fractions, sets are lists, and days are walked to.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from nurture.calendar import (
    Period,
    day_of,
    last_business_days,
    last_days,
    last_fiscal_year,
    last_month,
    last_week,
    on_day,
    start_of_day,
    this_month,
    this_quarter,
    this_week,
    this_year,
    today,
    tomorrow,
    yesterday,
    zone,
    zone_names,
)
from nurture.model import Origin, Sight, Touchpoint
from nurture.predicates import Followed, Names, Predicate, Quantifier, Touched
from nurture.predicates.touches import AMOUNTS, OF_PROPERTY, SINCE, SINGLE

T = TypeVar("T")
OnFact = Callable[[Predicate, Touchpoint], bool]

TICK = timedelta(microseconds=1)
PREFIXES = ("page.*", "email.*", "form.*", "p.*")
ZONES = ("Asia/Tokyo", "America/New_York", "UTC")
MARKS = (0, 1, 3, 4, 50, 0.3, 2.5, -1, 0.0000005, 1e15, -1e15, 53.3, 1.5)

lengths = st.one_of(
    st.sampled_from([timedelta(days=14), timedelta(days=30), timedelta(days=7), timedelta(hours=1), TICK]),
    st.integers(1, 60 * 86_400 * 10**6).map(lambda us: us * TICK),
)
order_ops = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])
length_ops = st.sampled_from(["lt", "le", "gt", "ge"])
zones = st.sampled_from([None, None, "lead", "account", *ZONES])
props = st.sampled_from(["f", "g", "deal"])


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Periods that facts of the last weeks can lie in."""
    where = draw(zones)
    shape = draw(st.integers(0, 4))
    if shape == 0:
        return draw(st.sampled_from([today, yesterday, tomorrow, this_month, last_month, this_year]))(zone=where)
    if shape == 1:
        return draw(st.sampled_from([this_week, last_week]))(draw(st.integers(0, 6)), zone=where)
    if shape == 2:
        return draw(st.sampled_from([this_quarter, last_fiscal_year]))(draw(st.integers(1, 12)), zone=where)
    if shape == 3:
        return draw(st.sampled_from([last_days, last_business_days]))(draw(st.integers(1, 12)), zone=where)
    return on_day(draw(st.dates(date(2026, 1, 25), date(2026, 3, 6))), zone=where)


@st.composite
def rich_clauses(draw: st.DrawFn, on_fact: st.SearchStrategy[Predicate]) -> Touched:
    """A clause with anything that a clause can have; what excludes each other is not drawn together."""

    def seldom(strategy: st.SearchStrategy[T]) -> T | None:
        return draw(strategy) if draw(st.integers(0, 5)) == 5 else None

    asked = draw(st.sampled_from(Quantifier))
    trend = asked is Quantifier.TREND
    window = draw(lengths) if trend or draw(st.integers(0, 2)) else None
    older = None if trend else seldom(lengths)
    if window is not None and older is not None and older >= window:
        window, older = (older, window) if older > window else (window, None)
    period = None if trend else seldom(periods())
    if period is not None:
        window = older = None
    return Touched(
        draw(st.sampled_from(["page.viewed", "page.viewed", "email.sent", None, *PREFIXES])),
        having=seldom(on_fact),
        window=window,
        older=older,
        period=period,
        origin=seldom(st.sampled_from(Origin)),
        channel=seldom(st.sampled_from(["web", "email"])),
        campaign=seldom(st.just("spring")),
        suspect=draw(st.booleans()),
        per=seldom(props),
        quantifier=asked,
        of=draw(props) if asked in OF_PROPERTY else None,
        op="ge" if asked in SINGLE else draw(length_ops if asked in SINCE else order_ops),
        n=_number(draw, asked),
        length=draw(lengths) if asked in SINCE else None,
        single_where=draw(on_fact) if asked in SINGLE else None,
    )


def _number(draw: st.DrawFn, asked: Quantifier) -> float:
    if asked in AMOUNTS:
        return draw(st.sampled_from(MARKS) | st.integers(-60, 110))
    if asked is Quantifier.TREND:
        return draw(st.sampled_from([0, 0.5, 1, 1.5, 2, 0.3333333, 3]))
    return 1 if asked in SINGLE or asked in SINCE else draw(st.integers(0, 4))


@st.composite
def sequences(draw: st.DrawFn, on_fact: st.SearchStrategy[Predicate]) -> Followed:
    """One clause and then another, or none."""

    def side(window: timedelta | None, older: timedelta | None) -> Touched:
        return Touched(
            draw(st.sampled_from(["page.viewed", "email.sent", "form.submitted", None, "page.*"])),
            having=draw(on_fact) if draw(st.integers(0, 4)) == 4 else None,
            channel=draw(st.sampled_from([None, None, None, "web"])),
            suspect=draw(st.booleans()),
            window=window,
            older=older,
        )

    window = draw(st.none() | lengths)
    older = draw(st.none() | st.none() | lengths)
    if window is not None and older is not None and older >= window:
        older = None
    return Followed(side(window, older), side(None, None), draw(lengths), draw(st.booleans()))


# -- turning points -----------------------------------------------------------------------------------


def turns(nodes: list[Predicate], facts: tuple[Touchpoint, ...]) -> Iterator[datetime]:
    """Every instant at which a clause about facts can turn, and more."""
    spans = {timedelta(0)}
    for node in nodes:
        if isinstance(node, Touched):
            given = (node.window, node.older, node.length, None if node.window is None else 2 * node.window)
            spans |= {length for length in given if length is not None}
        elif isinstance(node, Followed):
            spans.add(node.within)
    yield from (fact.at + length for fact in facts for length in spans)
    if facts and any(isinstance(node, Touched) and node.period is not None for node in nodes):
        first = min(fact.at for fact in facts).date()
        for number in range(110):
            for name in ZONES:
                yield start_of_day(first + timedelta(days=number), zone(name))


# -- the oracle -----------------------------------------------------------------------------------------


def touched(node: Touched, names: Names, sight: Sight, now: datetime, on_fact: OnFact) -> bool:
    """What the clause's docstrings say the answer is."""
    chosen = _chosen(node, names, sight, now, on_fact)
    asked = node.quantifier
    if asked is Quantifier.COUNT:
        return _ordered(node.op, len(chosen), node.n)
    if asked is Quantifier.TREND:
        return _trend(node, chosen, now)
    if asked in OF_PROPERTY:
        assert node.of is not None
        values = [fact.properties[node.of] for fact in chosen if fact.properties.get(node.of) is not None]
        if asked is Quantifier.DISTINCT:
            return _ordered(node.op, len(_different(values)), node.n)
        return _amount(
            asked, node.op, [_millionths(value) for value in values if _is_amount(value)], _millionths(node.n)
        )
    oldest_first = sorted(chosen, key=lambda fact: (fact.at, fact.id))
    if not oldest_first:
        return False
    one = oldest_first[0 if asked in (Quantifier.FIRST, Quantifier.SINCE_FIRST) else -1]
    if asked in SINGLE:
        assert node.single_where is not None
        return on_fact(node.single_where, one)
    return _ordered(node.op, now - one.at, node.length)


def _chosen(node: Touched, names: Names, sight: Sight, now: datetime, on_fact: OnFact) -> list[Touchpoint]:
    """The selected facts; of a trend those of both windows."""
    seen = _seen(node, sight, now)
    if node.per is not None:
        seen = [fact for fact in seen if fact.properties.get(node.per) is not None and _is_newest(fact, seen, node.per)]
    window = None if node.window is None else 2 * node.window if node.quantifier is Quantifier.TREND else node.window
    return [
        fact for fact in seen
        if (node.having is None or on_fact(node.having, fact))
        and (window is None or fact.at > now - window)
        and (node.older is None or fact.at <= now - node.older)
        and (node.period is None or _in_period(fact.at, node.period, names, sight, now))
    ]  # fmt: skip


def _seen(node: Touched, sight: Sight, now: datetime) -> list[Touchpoint]:
    return [
        fact for facts in sight.touches.values() for fact in facts
        if _of_kind(node.kind, fact.kind)
        and fact.at <= now
        and (node.suspect or not fact.suspect)
        and (node.channel is None or fact.channel == node.channel)
        and (node.campaign is None or fact.campaign == node.campaign)
        and _of_seen_origin(node, fact)
    ]  # fmt: skip


def _of_kind(asked: str | None, kind: str) -> bool:
    return asked is None or kind == asked or (asked[-1] == "*" and kind.startswith(asked[:-1]))


def _of_seen_origin(node: Touched, fact: Touchpoint) -> bool:
    if node.origin is not None:
        return fact.origin is node.origin
    return node.kind is not None or fact.origin is Origin.LEAD


def _is_newest(fact: Touchpoint, among: list[Touchpoint], prop: str) -> bool:
    mine = fact.properties[prop]
    return not any(
        (other.at, other.id) > (fact.at, fact.id) and _same(mine, other.properties.get(prop)) for other in among
    )


def _in_period(at: datetime, period: Period, names: Names, sight: Sight, now: datetime) -> bool:
    where = _zone_of(period.zone, names, sight)
    first, end = period.days(day_of(now, where), names.calendar)
    return first <= day_of(at, where) < end


def _zone_of(name: str | None, names: Names, sight: Sight) -> ZoneInfo:
    of_lead, of_account = sight.lead.get("zone"), sight.account.get("zone")
    chain = {None: [of_lead, of_account], "lead": [of_lead], "account": [of_account]}.get(name, [name])
    return zone(str(next(one for one in [*chain, names.zone] if isinstance(one, str) and one in zone_names())))


def _trend(node: Touched, chosen: list[Touchpoint], now: datetime) -> bool:
    assert node.window is not None
    recent = [fact for fact in chosen if fact.at > now - node.window]
    before = len(chosen) - len(recent)
    return _ordered(node.op, len(recent) * 10**6, _millionths(node.n) * before)


def _amount(asked: Quantifier, op: str, amounts: list[int], goal: int) -> bool:
    if asked is Quantifier.SUM:
        return _ordered(op, sum(amounts), goal)
    if not amounts:
        return False
    found = {
        Quantifier.MIN: Fraction(min(amounts)),
        Quantifier.MAX: Fraction(max(amounts)),
        Quantifier.AVERAGE: Fraction(sum(amounts), len(amounts)),
    }
    return _ordered(op, found[asked], goal)


def _is_amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(Fraction(value)) <= 10**15


def _different(values: list[object]) -> list[object]:
    found: list[object] = []
    for value in values:
        if not any(_same(value, other) for other in found):
            found.append(value)
    return found


def _same(one: object, other: object) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_same(left, right) for left, right in zip(one, other, strict=True))
    numbers = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in (one, other)]
    if all(numbers):
        return _millionths(one) == _millionths(other)
    return type(one) is type(other) and one == other


def _millionths(number: object) -> int:
    if isinstance(number, int):
        return number * 10**6
    assert isinstance(number, float)
    return floor(Fraction(number * 1e6 + 0.5))  # as the design writes it: this rounding is part of the meaning


def followed(node: Followed, names: Names, sight: Sight, now: datetime, on_fact: OnFact) -> bool:
    """What the clause's docstring says the answer is."""
    first = _chosen(node.first, names, sight, now, on_fact)
    then = _chosen(node.then, names, sight, now, on_fact)

    def was_followed(fact: Touchpoint) -> bool:
        return any(fact.at < other.at <= fact.at + node.within for other in then)

    if node.absent:
        return any(fact.at + node.within <= now and not was_followed(fact) for fact in first)
    return any(was_followed(fact) for fact in first)


def _ordered(op: str, left: object, right: object) -> bool:
    return {
        "eq": left == right,
        "ne": left != right,
        "lt": op == "lt" and left < right,  # type: ignore[operator]
        "le": op == "le" and left <= right,  # type: ignore[operator]
        "gt": op == "gt" and left > right,  # type: ignore[operator]
        "ge": op == "ge" and left >= right,  # type: ignore[operator]
    }[op]
