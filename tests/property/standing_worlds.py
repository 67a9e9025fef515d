"""Random clauses about dates, consent, segments, runs, people and held values; worlds for them; and their oracle.

The oracle is written from the docstrings of the nodes, naively: a local day is found by looking at the wall
clock minute by minute, a period by counting, the values of before by undoing changes one by one. It shares no
code with `match`, and none with `nurture.calendar`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from nurture.calendar import BusinessCalendar, Period, PeriodUnit, on_day
from nurture.model import (
    Enrollment,
    EnrollmentId,
    EnrollmentState,
    FactId,
    Origin,
    PastRun,
    Purpose,
    Sight,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
    by_kind,
)
from nurture.predicates import (
    Age,
    Anniversary,
    Compare,
    Consented,
    Elapsed,
    Field,
    Grade,
    Held,
    InBucket,
    InPeriod,
    InScenario,
    Names,
    OfAccount,
    Owner,
    People,
    Predicate,
    Scaled,
    TimeInSegment,
    Word,
    q,
)
from tests.property import predicate_worlds as plain
from tests.property.predicate_worlds import TICK

ANCHORS = tuple(
    datetime.fromisoformat(f"{text}+00:00")
    for text in (
        "2026-03-01T12:00",
        "2011-12-30T09:00",  # Apia left out the 30th
        "2018-11-04T02:30",  # São Paulo had no midnight
        "2006-10-29T02:31",  # St. John's went back over midnight
        "2026-03-08T06:00",  # New York springs forward
        "2026-11-01T05:30",
        "2024-02-29T00:00",
        "2025-04-01T00:00",  # a fiscal year begins
    )
)
"""Moments around which something is unusual."""
ZONES = ("UTC", "Asia/Tokyo", "Pacific/Apia", "America/Sao_Paulo", "America/St_Johns", "America/New_York")
CALENDAR = BusinessCalendar(
    "office",
    closed=[date(2026, 3, 3), date(2011, 12, 29), date(2012, 1, 2), date(2018, 11, 2), date(2024, 2, 29)],
    open=[date(2026, 3, 7), date(2018, 11, 3)],
)
GRADES = (("A", 30.0), ("B", 10.0), ("C", 0.0))
PART = q.account.f == "a"
OF_PEOPLE = q.lead.f == "a"
LENGTHS = st.one_of(
    st.sampled_from([timedelta(days=1), timedelta(days=3), timedelta(hours=5), TICK, timedelta(days=400)]),
    st.integers(1, 20 * 86_400 * 10**6).map(lambda us: us * TICK),
)
length_ops = st.sampled_from(["lt", "le", "gt", "ge"])
order_ops = plain.order_ops
owners = st.sampled_from([Owner.LEAD, Owner.LEAD, Owner.ACCOUNT, Owner.ENTRY])
dated = st.builds(Field, owners, st.sampled_from(["born", "seen"]))
zones = st.sampled_from([None, None, "account", *ZONES])
period_zones = st.one_of(zones, st.just("lead"))


def _period(unit: PeriodUnit) -> st.SearchStrategy[Period]:
    offset = st.integers(-2, 2)
    if unit is PeriodUnit.DATE:
        near = st.sampled_from(ANCHORS).flatmap(lambda at: st.integers(-3, 3).map(lambda n: _near(at, n)))
        return st.builds(on_day, near, zone=period_zones)
    if unit in (PeriodUnit.DAY, PeriodUnit.MONTH):
        return st.builds(Period, unit=st.just(unit), offset=offset, zone=period_zones)
    if unit in (PeriodUnit.WEEK, PeriodUnit.QUARTER, PeriodUnit.YEAR):
        starts = st.integers(0, 6) if unit is PeriodUnit.WEEK else st.integers(1, 12)
        return st.builds(Period, unit=st.just(unit), offset=offset, starts=starts, zone=period_zones)
    return st.builds(Period, unit=st.just(unit), n=st.integers(1, 12), zone=period_zones)


def _near(at: datetime, days: int) -> date:
    return at.date() + timedelta(days=days)


periods = st.sampled_from(PeriodUnit).flatmap(_period)
starting = st.sampled_from([PeriodUnit.QUARTER, PeriodUnit.YEAR]).flatmap(_period)
in_period = st.one_of(
    st.builds(InPeriod, dated, periods),
    st.builds(InPeriod, dated, starting, st.just(Field(Owner.ACCOUNT, "begins"))),
)
anniversaries = st.builds(
    Anniversary, dated, st.sampled_from([0, 0, 1, 3, 40, 200, 366]), st.sampled_from([0, 0, 1, 7, 180, 366]), zones
)
ages = st.builds(Age, dated, order_ops, st.sampled_from([0, 1, 2, 20, 74, 999]), zones)
elapsed = st.builds(Elapsed, dated, length_ops, LENGTHS, st.booleans(), zones)
part_names = st.sampled_from(["f", "g"])


@st.composite
def parts(draw: st.DrawFn) -> Predicate:
    """A condition on values of one owner."""
    owner = draw(st.sampled_from([Owner.LEAD, Owner.LEAD, Owner.ACCOUNT]))
    field = st.builds(Field, st.just(owner), part_names)
    one = st.one_of(
        st.builds(Compare, field, st.just("eq"), st.sampled_from(["a", "ab", True, 3])),
        st.builds(Compare, field, st.sampled_from(["ge", "lt"]), st.sampled_from([1, 2.5])),
        st.builds(Compare, field, st.just("missing")),
        st.builds(Compare, field, order_ops, field.map(Scaled)),
    )
    return draw(plain.joined(one, 3).filter(_compares_something))


def _compares_something(part: Predicate) -> bool:
    from nurture.predicates import walk

    return any(isinstance(node, Compare) for node in walk(part))


held = st.builds(Held, parts(), st.sampled_from(["ge", "ge", "lt"]), LENGTHS)
consented = st.builds(
    Consented,
    st.sampled_from(Word),
    channel=st.sampled_from(["email", "email", "line"]),
    topic=st.sampled_from(["", "news", "seminar"]),
    entity=st.sampled_from(["", "", "sister"]),
)
memberships = st.builds(TimeInSegment, st.sampled_from(["s1", "s2"]), length_ops, LENGTHS)
runs = st.builds(
    InScenario,
    st.sampled_from(["welcome", "revive"]),
    st.lists(st.sampled_from(EnrollmentState), min_size=1).map(tuple),
)
buckets = st.builds(InBucket, st.sampled_from(["a", "b"]), st.sampled_from([0, 10.5, 50]), st.sampled_from([60, 100]))
grades = st.builds(Grade, st.just("warm"), order_ops, st.sampled_from(["A", "B", "C"]))
told = st.one_of(st.just(OfAccount(PART)), st.builds(People, st.just(OF_PEOPLE), order_ops, st.integers(0, 3)))
moving = st.one_of(in_period, in_period, anniversaries, ages, elapsed, held, held, consented, memberships)
leaves = st.one_of(moving, moving, runs, buckets, grades, told)
predicates = plain.joined(st.one_of(leaves, leaves, plain.plain_leaves), 5)


@attrs.frozen
class World:
    """A predicate, what its names mean, what is seen, and a moment."""

    predicate: Predicate
    names: Names
    sight: Sight
    now: datetime
    seed: int

    def and_others(self, count: int) -> Iterator[World]:
        """This world, and the same predicate in others."""
        yield self
        for number in range(1, count):
            yield _world(self.predicate, self.names, self.seed + number)


@st.composite
def worlds(draw: st.DrawFn, asked: st.SearchStrategy[Predicate] = predicates) -> World:
    """The predicate is Hypothesis's, and shrinks; what it is asked about comes from a seed."""
    names = Names(
        segments=draw(plain.segments),
        scales=plain.SCALES,
        stages=plain.STAGES,
        grades={"warm": GRADES},
        scenarios=("welcome", "revive"),
        zone=draw(st.sampled_from(ZONES)),
        calendar=CALENDAR,
        subject=draw(st.sampled_from([SubjectKind.LEAD, SubjectKind.LEAD, SubjectKind.ACCOUNT])),
    )
    return _world(draw(asked), names, draw(st.integers(0, 2**32)))


def _world(predicate: Predicate, names: Names, seed: int) -> World:
    dice = random.Random(seed)
    anchor = dice.choice(ANCHORS)
    sight, _ = plain.sight_of_some(dice)
    facts = [*_changes(dice, anchor, "lead.changed"), *_changes(dice, anchor, "account.changed"), *_said(dice, anchor)]
    sight.touches.update(by_kind(facts))
    if anchor < plain.BASE:
        sight.scores = {}  # those were earned later
    sight.lead = dict(sight.lead) | _values(dice, anchor)
    sight.account = dict(sight.account) | _values(dice, anchor)
    sight.entry = dict(sight.entry) | _values(dice, anchor)
    sight.memberships = {name: _moment(dice, anchor) for name in ("s1", "s2") if dice.random() < 0.7}
    sight.enrollments = [
        Enrollment(
            id=EnrollmentId(f"e{place}"),
            scenario=dice.choice(["welcome", "revive"]),
            version="v",
            cause=FactId("f"),
            state=dice.choice(list(EnrollmentState)),
            started_at=anchor,
        )
        for place in range(dice.randint(0, 2))
    ]
    if dice.random() < 0.3:
        ended = [one.value for one in EnrollmentState if one is not EnrollmentState.ACTIVE]
        sight.past = {"revive": {dice.choice(ended): {"k": PastRun(anchor)}}}
    asked = dice.sample(["lead_1", "lead_2", "lead_3"], dice.randint(0, 3))
    sight.people = {People(OF_PEOPLE).told_as: frozenset(asked)} if dice.random() < 0.8 else {}
    sight.subject = dice.choice(["", "lead_1", f"lead_{seed}"])
    return World(predicate, names, sight, _moment(dice, anchor), seed)


def _moment(dice: random.Random, anchor: datetime) -> datetime:
    """A moment within some days, often at an hour or a microsecond that matters."""
    if dice.random() < 0.3:
        return anchor + timedelta(hours=dice.randint(-60, 60)) + dice.choice([-1, 0, 1]) * TICK
    return anchor + dice.randint(-5 * 86_400 * 10**6, 5 * 86_400 * 10**6) * TICK


def _day(dice: random.Random, anchor: datetime) -> date:
    day = anchor.date() + timedelta(days=dice.randint(-6, 6))
    year = dice.choice([0, 0, 0, 1, 2, 20, 74])
    return dice.choice(
        [
            day.replace(year=day.year - year, day=min(day.day, 28)),
            day,
            date(2000, 2, 29),
            date(anchor.year - 4, 2, 28),
            anchor.date() - timedelta(days=dice.randint(0, 1200)),
        ]
    )


def _values(dice: random.Random, anchor: datetime) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name in ("born", "seen"):
        found[name] = dice.choice(
            [
                _day(dice, anchor),
                _day(dice, anchor),
                _moment(dice, anchor),
                _moment(dice, anchor) - timedelta(days=dice.randint(0, 900)),
                dice.choice(["2026-03-01", 5, True, None, date.min, date.max, datetime.max.replace(tzinfo=UTC)]),
            ]
        )
    if dice.random() < 0.7:
        found["zone"] = dice.choice([*ZONES, *ZONES, "Mars/Olympus", "", 3])
    if dice.random() < 0.9:
        found["begins"] = dice.choice([1, 2, 3, 4, 4, 10, 12, 13, 4.0, True, "4"])
    if dice.random() < 0.9:
        found["created_at"] = _moment(dice, anchor) - timedelta(days=dice.choice([0, 0, 30, 500]))
    return found


def _changes(dice: random.Random, anchor: datetime, kind: str) -> list[Touchpoint]:
    """Changes of values, most of them in the order of their revisions, some late, some to come."""
    count = dice.choice([0, 1, 2, 4])
    moments = [_moment(dice, anchor) for _ in range(count)]
    if dice.random() < 0.7:
        moments.sort()
    found: list[Touchpoint] = []
    for revision, at in enumerate(moments):
        names = dice.sample(["f", "g", "other"], dice.randint(1, 2))
        known: dict[str, Value] = {"revision": revision, "fields": tuple(sorted(names))}
        for name in names:
            for side in ("before", "after"):
                value = dice.choice([None, "a", "ab", 3, True, 2.5])
                if value is not None:
                    known[f"{side}.{name}"] = value
        found.append(_fact(f"{kind}-{dice.randint(0, 9)}{revision}", kind, at, known))
    return found


def _said(dice: random.Random, anchor: datetime) -> list[Touchpoint]:
    shared = _moment(dice, anchor)
    found: list[Touchpoint] = []
    for place in range(dice.choice([0, 1, 2, 3, 5])):
        known: dict[str, Value] = {
            "channel": dice.choice(["email", "email", "email", "line", "any"]),
            "purpose": dice.choice([Purpose.MARKETING.value] * 3 + [Purpose.TRANSACTIONAL.value]),
            "topic": dice.choice(["", "", "news"]),
            "explicit": dice.random() < 0.5,
        }
        if dice.random() < 0.4:
            known["expires_at"] = _moment(dice, anchor)
        if dice.random() < 0.3:
            known["entity"] = dice.choice(["sister", "sister", "", "*"])
        at = shared if dice.random() < 0.3 else _moment(dice, anchor)
        kind = dice.choice(["consent.given", "consent.given", "consent.withdrawn"])
        found.append(_fact(f"said-{dice.randint(0, 9)}{place}", kind, at, known))
    return found


def _fact(name: str, kind: str, at: datetime, properties: dict[str, Value]) -> Touchpoint:
    return Touchpoint(
        id=FactId(name), subject=SubjectId("lead_1"), kind=kind, at=at, received_at=at, origin=Origin.HOST,
        properties=properties,
    )  # fmt: skip


# -- the oracle -------------------------------------------------------------------------------------


def holds_leaf(node: Predicate, names: Names, sight: Sight, now: datetime) -> bool:
    """What the docstring of the node says the answer is."""
    match node:
        case InPeriod(field, period, starts):
            return _in_period(_read(field, sight), period, None if starts is None else _read(starts, sight), starts,
                              _zone(period.zone, names, sight), now)  # fmt: skip
        case Anniversary(field, before, after, zone):
            here = _zone(zone, names, sight)
            born, today = _day_of_value(_read(field, sight), here), local_day(now, here)
            return born is not None and any(
                -before <= (today - _anniversary(born, year)).days <= after
                for year in range(today.year - 2, min(today.year + 3, 10_000))
                if year > born.year
            )
        case Age(field, op, years, zone):
            here = _zone(zone, names, sight)
            born, today = _day_of_value(_read(field, sight), here), local_day(now, here)
            if born is None or today < born:
                return False
            age = sum(1 for year in range(born.year + 1, today.year + 1) if _anniversary(born, year) <= today)
            return plain.ordered(op, age, years)
        case Elapsed(field, op, length, ahead, zone):
            value = _read(field, sight)
            if isinstance(value, date) and not isinstance(value, datetime):
                value = _begins(value, _zone(zone, names, sight))
            if not isinstance(value, datetime):
                return False
            if ahead:
                return value > now and plain.ordered(op, value - now, length)
            return value <= now and plain.ordered(op, now - value, length)
        case Held(part, op, length):
            return _is_true(part, _known(part, sight)) and _held(part, length, sight, now) is (op == "ge")
        case TimeInSegment(name, op, length):
            return name in sight.memberships and plain.ordered(op, now - sight.memberships[name], length)
        case InScenario(scenario, states):
            known = [run.state for run in sight.enrollments if run.scenario == scenario]
            return any(state in states for state in [*known, *map(EnrollmentState, sight.past.get(scenario, {}))])
        case Consented():
            return _consented(node, sight, now)
        case InBucket(salt, low, high):
            drawn = blake2b(f"{salt}\x1f{sight.subject}".encode(), digest_size=8).digest()
            return sight.subject != "" and low <= int.from_bytes(drawn, "big") / 2**64 * 100 < high
        case Grade(model, op, grade):
            score = plain.score_of(model, names, sight, now)
            reached = [name for name, least in GRADES if score >= least - 5e-7] or ["C"]
            order = ["C", "B", "A"]
            return plain.ordered(op, order.index(reached[0]), order.index(grade))
        case OfAccount(part) if names.subject is SubjectKind.LEAD:
            return sight.account.get(node.told_as) is True
        case OfAccount(part):
            return plain.holds(part, names, sight, now)
        case People(_, op, n) if names.subject is SubjectKind.LEAD:
            return sight.account.get(OfAccount(node).told_as) is True
        case People(_, op, n):
            return plain.ordered(op, len(sight.people.get(node.told_as, ())), n)
    raise AssertionError(node)


def _read(field: Field, sight: Sight) -> Value:
    values = {Owner.LEAD: sight.lead, Owner.ACCOUNT: sight.account, Owner.ENTRY: sight.entry}
    return values[field.owner].get(field.name)


def _zone(name: str | None, names: Names, sight: Sight) -> ZoneInfo:
    chains: dict[str | None, list[Value]] = {
        None: [sight.lead.get("zone"), sight.account.get("zone")],
        "lead": [sight.lead.get("zone")],
        "account": [sight.account.get("zone")],
    }
    for one in chains.get(name, [name]):
        if one in ZONES:
            return _named(str(one))
    return _named(names.zone)


@cache
def _named(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The latest date that the wall clocks have shown by now: a day that has begun does not end again."""
    try:
        shown = instant.astimezone(zone).date()
        before = (instant - timedelta(hours=3)).astimezone(zone).utcoffset()
    except OverflowError:
        return date.min if instant.year == 1 else date.max
    if before is not None and before > (instant.astimezone(zone).utcoffset() or before):  # the clocks went back
        minutes = (instant - timedelta(minutes=minute) for minute in range(181))
        shown = max(shown, *(one.astimezone(zone).date() for one in minutes))
    return shown


@cache
def _begins(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, found by halving."""
    if day == date.min:
        return datetime.min.replace(tzinfo=UTC)
    noon = datetime(day.year, day.month, day.day, tzinfo=UTC)
    low, high = (
        noon - timedelta(hours=30),
        min(noon + timedelta(hours=20), datetime.max.replace(tzinfo=UTC))
        if (day < date.max)
        else noon + timedelta(hours=23),
    )
    while high - low > TICK:
        middle = low + (high - low) // 2
        low, high = (low, middle) if local_day(middle, zone) >= day else (middle, high)
    return high


def _day_of_value(value: Value, zone: ZoneInfo) -> date | None:
    if isinstance(value, datetime):
        return local_day(value, zone)
    return value if isinstance(value, date) else None


def _anniversary(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _in_period(value: Value, period: Period, month: Value, starts: Field | None, zone: ZoneInfo, now: datetime) -> bool:
    if starts is not None:
        if isinstance(month, bool) or not isinstance(month, (int, float)) or month not in range(1, 13):
            return False
        period = attrs.evolve(period, starts=int(month))
    day, today = _day_of_value(value, zone), local_day(now, zone)
    if day is None or date.max in (day, today):
        return False
    apart, n, begins = (day - today).days, period.n or 0, period.starts or 0
    match period.unit:
        case PeriodUnit.DAY:
            return apart == period.offset
        case PeriodUnit.WEEK:
            return _week(day, begins) - _week(today, begins) == period.offset
        case PeriodUnit.MONTH:
            return _months(day) - _months(today) == period.offset
        case PeriodUnit.QUARTER:
            return (_months(day) - begins + 1) // 3 - (_months(today) - begins + 1) // 3 == period.offset
        case PeriodUnit.YEAR:
            return (_months(day) - begins + 1) // 12 - (_months(today) - begins + 1) // 12 == period.offset
        case PeriodUnit.LAST_DAYS:
            return -n < apart <= 0
        case PeriodUnit.NEXT_DAYS:
            return 0 <= apart < n
        case PeriodUnit.LAST_BUSINESS_DAYS:
            return apart <= 0 and _open_between(day, today) < n
        case PeriodUnit.NEXT_BUSINESS_DAYS:
            return apart >= 0 and _open_between(today, day) < n
        case PeriodUnit.DATE:
            return day == period.day


def _week(day: date, begins: int) -> int:
    return (day.toordinal() - 1 - begins) // 7  # 1 January of the year 1 was a Monday


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _open_between(first: date, last: date) -> int:
    """How many open days lie strictly between two days."""
    apart = (last - first).days
    if apart > 100:
        return 100  # more than any n here
    days = [first + timedelta(days=step) for step in range(1, apart)]
    return sum(1 for day in days if day in CALENDAR.open or (day.weekday() < 5 and day not in CALENDAR.closed))


def _known(part: Predicate, sight: Sight) -> dict[str, Value]:
    return dict(sight.account if "account" in _owners(part) else sight.lead)


def _owners(part: Predicate) -> set[str]:
    if isinstance(part, Compare):
        return {part.field.owner.value}
    return {owner for child in part.children() for owner in _owners(child)}


def _is_true(part: Predicate, values: dict[str, Value]) -> bool:
    return plain.holds(part, Names(), Sight(lead=values, account=values), datetime.max.replace(tzinfo=UTC))


def _held(part: Predicate, length: timedelta, sight: Sight, now: datetime) -> bool:
    """Undo the visible changes, newest revision first, and look at the values around each."""
    values, kind = _known(part, sight), "account.changed" if "account" in _owners(part) else "lead.changed"
    began = values.get("created_at")
    if not isinstance(began, datetime) or now - began < length:
        return False
    visible = [fact for fact in sight.touches.get(kind, []) if now - length < fact.at <= now]
    for fact in sorted(visible, key=lambda one: (one.properties["revision"], one.at, one.id), reverse=True):
        if not _is_true(part, values):
            return False
        fields = fact.properties["fields"]
        assert isinstance(fields, tuple)
        for name in fields:
            values[str(name)] = fact.properties.get(f"before.{name}")
        if not _is_true(part, values):
            return False
    return True


def _consented(node: Consented, sight: Sight, now: datetime) -> bool:
    yes, no = (_heard(node, sight, now, kind) for kind in ("consent.given", "consent.withdrawn"))
    newest_no = max(sorted(no, key=lambda fact: fact.id), key=lambda fact: fact.at, default=None)
    for refusal in no:
        lifts = [one for one in yes if one.at > refusal.at and one.properties["explicit"]]
        if refusal.properties["topic"]:
            lifts = [one for one in lifts if one.properties["topic"]]
        if not lifts:
            explicit = newest_no is not None and newest_no.properties["explicit"] is True
            return node.word is Word.REFUSED or (node.word is Word.UNSUBSCRIBED and explicit)
    if not yes:
        return node.word is Word.UNSAID
    grounds = [one for one in yes if newest_no is None or one.at > newest_no.at]
    ends = [one.properties.get("expires_at") for one in grounds]
    return node.word is Word.GIVEN and any(not isinstance(end, datetime) or end > now for end in ends)


def _heard(node: Consented, sight: Sight, now: datetime, kind: str) -> list[Touchpoint]:
    may_mean_all = kind == "consent.withdrawn"  # a refusal may be of everything, a yes never is
    return [
        fact
        for fact in sight.touches.get(kind, [])
        if fact.at <= now
        and fact.properties["purpose"] == node.purpose.value
        and fact.properties["topic"] in ("", node.topic)
        and fact.properties["channel"] in (node.channel, "any" if may_mean_all else node.channel)
        and fact.properties.get("entity", "") in (node.entity, "*" if may_mean_all else node.entity)
    ]
