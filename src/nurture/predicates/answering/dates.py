"""How the clauses about dates and instants answer, and when they turn. May import the nodes and the calendar.

A value that is no date and no instant counts as missing. What depends on the present moment and the zone alone,
such as today, is worked out once for each zone and kept from call to call, since whole batches are asked about
the same moment.

A clause turns only where a local day begins, or a length of time is over: those instants are worked out, and
probed with the answer itself. So a day that a zone skipped, or a day past the end of the calendar, needs no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from nurture.calendar import completed_years, day_of, day_of_age, is_anniversary, next_turn, start_of_day
from nurture.predicates.answering.leaf import TICK, Leaf, first_turn, shifted
from nurture.predicates.answering.zones import zone_reader
from nurture.predicates.comparisons import ORDERS
from nurture.predicates.tree import Field, Owner

if TYPE_CHECKING:
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from nurture.model import Sight, Value
    from nurture.predicates.answering.leaf import Flips, Holds
    from nurture.predicates.dates import Age, Anniversary, Elapsed, InPeriod
    from nurture.predicates.names import Names

T = TypeVar("T")


class PerZone(Generic[T]):
    """What depends on the moment and the zone alone, remembered for the last moment that was asked."""

    __slots__ = ("_last", "_make")

    def __init__(self, make: Callable[[datetime, ZoneInfo], T]) -> None:
        self._make = make
        self._last: tuple[datetime | None, dict[ZoneInfo, T]] = (None, {})

    def __call__(self, now: datetime, zone: ZoneInfo) -> T:
        """What was worked out for this moment and zone, worked out once."""
        moment, known = self._last
        if moment is not now:
            known = {}
            self._last = (now, known)  # one tuple, so threads may share it
        found = known.get(zone)
        if found is None:
            found = known[zone] = self._make(now, zone)
        return found


def reader(field: Field) -> Callable[[Sight], Value]:
    """What reads a field of the lead, the account or the entry, of a sight."""
    name = field.name
    if field.owner is Owner.ACCOUNT:
        return lambda sight: sight.account.get(name)
    if field.owner is Owner.ENTRY:
        return lambda sight: sight.entry.get(name)
    return lambda sight: sight.lead.get(name)


def local_day(value: Value, zone: ZoneInfo) -> date | None:
    """The day of a date, or the local day of an instant; None of anything else."""
    if isinstance(value, datetime):
        return day_of(value, zone)
    return value if isinstance(value, date) else None


def beginning(value: Value, zone: ZoneInfo) -> datetime | None:
    """The instant, or the one at which the day begins; None of anything else."""
    if isinstance(value, datetime):
        return value
    return start_of_day(value, zone) if isinstance(value, date) else None


def period_leaf(node: InPeriod, names: Names) -> Leaf:
    """The leaf of a date or an instant in a period."""
    period, calendar = node.period, names.calendar
    read, zone_of = reader(node.field), zone_reader(period.zone, names)
    days = PerZone(lambda now, zone: period.days(day_of(now, zone), calendar))
    bounds = PerZone(lambda now, zone: period.bounds(now, zone, calendar))

    def holds(sight: Sight, now: datetime) -> bool:
        value = read(sight)
        if isinstance(value, datetime):
            opens, closes = bounds(now, zone_of(sight))
            return opens <= value < closes
        if isinstance(value, date):
            first, end = days(now, zone_of(sight))
            return first <= value < end
        return False

    def flips(sight: Sight, now: datetime) -> datetime | None:
        value, zone = read(sight), zone_of(sight)
        if isinstance(value, datetime):
            return _next(now, period.open_for(value, zone, calendar) or ())
        seen = period.seen_from(value, calendar) if isinstance(value, date) else None
        if seen is None:
            return None
        opens, closes = start_of_day(seen[0], zone), start_of_day(seen[1], zone)
        return _next(now, (opens, closes) if opens < closes else ())

    return Leaf(holds, flips)


def _next(now: datetime, instants: Iterable[datetime]) -> datetime | None:
    """The first of the instants, which are in order, after now."""
    return next((instant for instant in instants if instant > now), None)


def anniversary_leaf(node: Anniversary, names: Names) -> Leaf:
    """The leaf of a day near an anniversary."""
    before, after = node.before, node.after
    read, zone_of, today = reader(node.field), zone_reader(node.zone, names), PerZone(day_of)

    def holds(sight: Sight, now: datetime) -> bool:
        value = read(sight)
        if not isinstance(value, date):  # an instant is one, too
            return False
        zone = zone_of(sight)
        born = local_day(value, zone)
        return born is not None and is_anniversary(born, today(now, zone), before, after)

    def flips(sight: Sight, now: datetime) -> datetime | None:
        zone = zone_of(sight)
        born, day = local_day(read(sight), zone), day_of(now, zone)
        if born is None:
            return None
        answer = is_anniversary(born, day, before, after)
        while (turn := next_turn(born, day, before, after)) is not None:
            begins = start_of_day(turn, zone)
            day = max(day_of(begins, zone), turn)  # a later one, where the zone skipped the day of the turn
            if is_anniversary(born, day, before, after) is not answer:
                return begins
        return None

    return Leaf(holds, flips)


def age_leaf(node: Age, names: Names) -> Leaf:
    """The leaf of an age in completed years."""
    order, years = ORDERS[node.op], node.years
    read, zone_of, today = reader(node.field), zone_reader(node.zone, names), PerZone(day_of)

    def holds(sight: Sight, now: datetime) -> bool:
        value = read(sight)
        if not isinstance(value, date):
            return False
        zone = zone_of(sight)
        born = local_day(value, zone)
        age = None if born is None else completed_years(born, today(now, zone))
        return age is not None and order(age, years)

    def flips(sight: Sight, now: datetime) -> datetime | None:
        zone = zone_of(sight)
        born = local_day(read(sight), zone)
        if born is None:
            return None
        turns = (born, day_of_age(born, years), day_of_age(born, years + 1))
        return first_turn(holds, sight, now, [None if day is None else start_of_day(day, zone) for day in turns])

    return Leaf(holds, flips)


def elapsed_leaf(node: Elapsed, names: Names) -> Leaf:
    """The leaf of the time since an instant, or until one."""
    order, length = ORDERS[node.op], node.length
    read, zone_of = reader(node.field), zone_reader(node.zone, names)

    def base_of(sight: Sight) -> datetime | None:
        value = read(sight)
        return value if isinstance(value, datetime) else beginning(value, zone_of(sight))

    def since(sight: Sight, now: datetime) -> bool:
        base = base_of(sight)
        return base is not None and base <= now and order(now - base, length)

    def until(sight: Sight, now: datetime) -> bool:
        base = base_of(sight)
        return base is not None and base > now and order(base - now, length)

    holds = until if node.ahead else since
    return Leaf(holds, _flips_around(holds, base_of, -length if node.ahead else length))


def _flips_around(holds: Holds, base_of: Callable[[Sight], datetime | None], length: timedelta) -> Flips:
    """When a comparison of the time from or to an instant turns: at the instant, and when the length is over."""

    def flips(sight: Sight, now: datetime) -> datetime | None:
        base = base_of(sight)
        if base is None:
            return None
        return first_turn(holds, sight, now, (base, shifted(base, length), shifted(base, length + TICK)))

    return flips
