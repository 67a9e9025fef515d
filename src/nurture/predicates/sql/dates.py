"""How the clauses about dates and instants read as SQL. May import SQLAlchemy.

Every clause comes down to comparing the value with days or instants that are worked out in Python for now, zone by
zone. The anniversary of an instant is the one that does not: its local day would have to be worked out row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, not_, or_, true

from nurture.calendar import completed_years, day_of, start_of_day
from nurture.errors import NotCompilableError
from nurture.predicates.operators import FieldType
from nurture.predicates.sql.speech import Bool, Speech, text
from nurture.predicates.sql.zones import zoned

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.calendar import Period
    from nurture.predicates.dates import Age, Anniversary, Elapsed, InPeriod
    from nurture.predicates.sql.asking import Asking
    from nurture.predicates.sql.cells import Cell, Reading
    from nurture.predicates.tree import Field

_DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def earlier(instant: datetime, length: timedelta) -> datetime:
    """The instant minus the length, but not before the first one that a datetime holds."""
    return FIRST if instant < FIRST + length else instant - length


def later(instant: datetime, length: timedelta) -> datetime:
    """The instant plus the length, but not after the last one that a datetime holds."""
    return LAST if instant > LAST - length else instant + length


def between(reading: Reading, low: date, high: date) -> Bool:
    """That the value lies in a half-open range of days or instants."""
    if low >= high:
        return false()
    return and_(reading.value >= reading.literal(low), reading.value < reading.literal(high))


def days_in(period: Period, asking: Asking) -> Callable[[ZoneInfo], tuple[date, date]]:
    """Which days the period holds now, zone by zone; counted once for each local day that it is anywhere."""
    counted: dict[date, tuple[date, date]] = {}

    def days(zone: ZoneInfo) -> tuple[date, date]:
        today = day_of(asking.now, zone)
        if today not in counted:
            counted[today] = period.days(today, asking.names.calendar)
        return counted[today]

    return days


def bounds_in(days: Callable[[ZoneInfo], tuple[date, date]]) -> Callable[[ZoneInfo], tuple[datetime, datetime]]:
    """The instants between which such days lie: what `Period.bounds` says."""

    def bounds(zone: ZoneInfo) -> tuple[datetime, datetime]:
        first, end = days(zone)
        return start_of_day(first, zone), start_of_day(end, zone)

    return bounds


def in_period(asking: Asking, node: InPeriod) -> Bool:
    """A date or an instant in a period."""
    zone, days = node.period.zone, days_in(node.period, asking)
    bounds = bounds_in(days)

    def instant(asked: Asking, found: Reading) -> Bool:
        return zoned(asked, zone, bounds, lambda ends: between(found, *ends))

    def day(asked: Asking, found: Reading) -> Bool:
        return zoned(asked, zone, days, lambda ends: between(found, *ends))

    return _dated(asking, node.field, instant, day)


def anniversary(asking: Asking, node: Anniversary) -> Bool:
    """A day near an anniversary."""
    field, now, speech = node.field, asking.now, asking.layout.speech
    if asking.names.fields_of(field.owner).get(field.name) is FieldType.INSTANT:
        raise NotCompilableError("sql", f"{field}.anniversary(...)", "it needs a date, not an instant")

    def day(asked: Asking, found: Reading) -> Bool:
        return zoned(asked, node.zone, lambda zone: day_of(now, zone), lambda today: _near(found, node, today, speech))

    return _dated(asking, field, None, day)


def _near(reading: Reading, node: Anniversary, today: date, speech: Speech) -> Bool:
    """That the value was born in an earlier year, on a month and day that lies near today."""
    low = date.fromordinal(max(today.toordinal() - node.after, 1))
    high = date.fromordinal(min(today.toordinal() + node.before, date.max.toordinal()))
    month_day = speech.month_day(reading.value)
    tests: list[Bool] = []
    for first, last in _by_year(low, high):
        earlier_year = reading.value < reading.literal(date(first.year, 1, 1))
        opens, closes = first.strftime("%m-%d"), last.strftime("%m-%d")
        if closes == "02-28" and (last + _DAY).day == 1:
            closes = "02-29"  # it is kept on the 28th of such a year
        tests.append(and_(earlier_year, month_day >= text(opens), month_day <= text(closes)))
    return or_(false(), *tests)


def _by_year(low: date, high: date) -> Iterator[tuple[date, date]]:
    for year in range(low.year, high.year + 1):
        yield max(low, date(year, 1, 1)), min(high, date(year, 12, 31))


def age(asking: Asking, node: Age) -> Bool:
    """An age in completed years."""
    now = asking.now

    def borders(zone: ZoneInfo) -> tuple[date, date | None, date | None]:
        today = day_of(now, zone)
        return today, last_born(today, node.years), last_born(today, node.years + 1)

    def ends(zone: ZoneInfo) -> tuple[datetime | bool, ...]:
        return tuple(_end_of(day, zone) for day in borders(zone))

    def instant(asked: Asking, found: Reading) -> Bool:
        return zoned(
            asked,
            node.zone,
            ends,
            lambda ends: _aged(node.op, *[_before(found, end) for end in ends]),
        )

    def day(asked: Asking, found: Reading) -> Bool:
        return zoned(
            asked,
            node.zone,
            borders,
            lambda days: _aged(
                node.op, *[false() if one is None else found.value <= found.literal(one) for one in days]
            ),
        )

    return _dated(asking, node.field, instant, day)


def _end_of(day: date | None, zone: ZoneInfo) -> datetime | bool:
    """When a day has ended: True for the last one of the calendar, in which all ends; False for one before them."""
    if day is None or day == date.max:
        return day is not None
    return start_of_day(day + _DAY, zone)


def _before(reading: Reading, end: datetime | bool) -> Bool:
    if isinstance(end, bool):
        return true() if end else false()
    return reading.value < reading.literal(end)


def _aged(op: str, born: Bool, at_least: Bool, above: Bool) -> Bool:
    """The comparison of an age, given whether the day has been, and whether the age is at least so many or above."""
    if op in ("eq", "ne"):
        same = and_(at_least, not_(above))
        return same if op == "eq" else and_(born, not_(same))
    if op in ("ge", "gt"):
        return at_least if op == "ge" else above
    return and_(born, not_(at_least if op == "lt" else above))


def last_born(today: date, years: int) -> date | None:
    """The last day on which somebody was born who is at least so old today; None when that is before all days."""
    if years == 0:
        return today
    year = today.year - years
    if year < 1:
        return None
    day = date(year, today.month, min(today.day, 28)) + 4 * _DAY
    while (completed_years(day, today) or 0) < years:
        day -= _DAY
    return day


def elapsed(asking: Asking, node: Elapsed) -> Bool:
    """The time since an instant, or until one."""
    now, op = asking.now, node.op
    goal = later(now, node.length) if node.ahead else earlier(now, node.length)
    # Seen from now, what is longer ago lies lower; what is longer ahead lies higher.
    side = op if node.ahead else {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}[op]

    def instant(asked: Asking, found: Reading) -> Bool:
        present, end = found.literal(now), found.literal(goal)
        on_side = found.value > present if node.ahead else found.value <= present
        holds = {
            "lt": found.value < end,
            "le": found.value <= end,
            "gt": found.value > end,
            "ge": found.value >= end,
        }
        return and_(on_side, holds[side])

    def days(zone: ZoneInfo) -> tuple[date, date]:
        # A day has begun by an instant when it is at or before the local day of it.
        end = goal if side in ("le", "gt") or goal == FIRST else goal - TICK
        return day_of(now, zone), day_of(end, zone)

    def test(found: Reading, today: date, end: date) -> Bool:
        on_side = found.value > found.literal(today) if node.ahead else found.value <= found.literal(today)
        begun = found.value <= found.literal(end)
        return and_(on_side, begun if side in ("lt", "le") else not_(begun))

    def day(asked: Asking, found: Reading) -> Bool:
        return zoned(asked, node.zone, days, lambda two: test(found, *two))

    return _dated(asking, node.field, instant, day)


def _dated(
    asking: Asking,
    field: Field,
    instant: Callable[[Asking, Reading], Bool] | None,
    day: Callable[[Asking, Reading], Bool],
) -> Bool:
    """A test of an instant or a date; a value of another type counts as missing."""

    def made(asked: Asking, cell_of: Callable[[Field], Cell]) -> Bool:
        cell = cell_of(field)
        tests: list[Bool] = []
        found = None if instant is None else cell.read(FieldType.INSTANT)
        if found is not None and instant is not None:
            tests.append(found.holds(instant(asked, found)))
        found = cell.read(FieldType.DATE)
        if found is not None:
            tests.append(found.holds(day(asked, found)))
        return or_(false(), *tests)

    return asking.of_fields((field,), made)
