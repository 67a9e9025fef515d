"""The clauses about dates and instants, over columns. May import the calendar.

What depends on the present moment and a zone alone is worked out in Python, for each zone that the frames name;
zones that come to the same are asked together. Left to the engine is whether a number lies in a range.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import narwhals.stable.v2 as nw

from nurture.calendar import completed_years, day_of, start_of_day, zone_names
from nurture.calendar import zone as zone_named
from nurture.predicates.frame.cells import Cell, day_number, micros
from nurture.predicates.frame.local_times import local_days
from nurture.predicates.frame.truth import Truth, all_of, any_of, at_leaf, negated
from nurture.predicates.operators import FieldType

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.predicates.dates import Age, Anniversary, Elapsed, InPeriod
    from nurture.predicates.frame.reader import Reader
    from nurture.predicates.tree import Field

T = TypeVar("T", bound=Hashable)
Range: TypeAlias = "tuple[int | None, int | None]"
"""From the first number inside to the first after it that is outside; None where it has no end."""

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def in_period(node: InPeriod, reader: Reader) -> Truth:
    """Whether a date or an instant lies in a period."""
    cell, now, calendar = reader.field(node.field), reader.now, reader.names.calendar
    if cell.type is FieldType.INSTANT:

        def instants(zone: ZoneInfo) -> Range:
            opens, closes = node.period.bounds(now, zone, calendar)
            return micros(opens), micros(closes)

        return _by_zone(reader, node.period.zone, instants, lambda one: _within(cell, (one,)))

    def days(zone: ZoneInfo) -> Range:
        first, end = node.period.days(day_of(now, zone), calendar)
        return day_number(first), day_number(end)

    if cell.type is not FieldType.DATE:
        return False
    return _by_zone(reader, node.period.zone, days, lambda one: _within(cell, (one,)))


def elapsed(node: Elapsed, reader: Reader) -> Truth:
    """The time since a past instant, or until a future one."""
    cell = reader.field(node.field)
    opens, closes = _span(node, reader.now)
    if cell.type is FieldType.INSTANT:
        return _within(cell, ((None if opens is None else micros(opens), None if closes is None else micros(closes)),))
    if cell.type is not FieldType.DATE:
        return False

    def days(zone: ZoneInfo) -> Range:
        return _first_day_from(opens, zone), _first_day_from(closes, zone)

    return _by_zone(reader, node.zone, days, lambda one: _within(cell, (one,)))


def _span(node: Elapsed, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From which instant on, and before which one, a value has the answer."""
    edge = _moved(now, node.length if node.ahead else -node.length)
    after = _moved(edge, _TICK)
    present = _moved(now, _TICK)
    if node.ahead:
        return {"lt": (present, edge), "le": (present, after), "gt": (after, None), "ge": (edge, None)}[node.op]
    return {"lt": (after, present), "le": (edge, present), "gt": (None, edge), "ge": (None, after)}[node.op]


def _moved(instant: datetime, length: timedelta) -> datetime:
    if length < timedelta(0):
        return _FIRST if instant - _FIRST < -length else instant + length
    return _LAST if _LAST - instant < length else instant + length


def _first_day_from(instant: datetime | None, zone: ZoneInfo) -> int | None:
    """The first day that begins at an instant or later."""
    return None if instant is None else day_number(day_of(_moved(instant, -_TICK), zone)) + 1


def age(node: Age, reader: Reader) -> Truth:
    """The completed years since a day: the days of birth with that age are at most two ranges."""

    def born(zone: ZoneInfo) -> tuple[tuple[date | None, date | None], ...]:
        return tuple(_born(node.op, node.years, day_of(reader.now, zone)))

    return _of_days(node.field, node.zone, reader, born)


def _born(op: str, years: int, today: date) -> Iterator[tuple[date | None, date | None]]:
    tomorrow = today + _DAY if today < date.max else None
    old, older = _end_of_births(years, today), _end_of_births(years + 1, today)
    if op in ("ge", "eq"):
        yield (older if op == "eq" else None), old
    if op in ("gt", "ne"):
        yield None, older
    if op in ("lt", "ne"):
        yield old, tomorrow
    if op == "le":
        yield older, tomorrow


def _end_of_births(years: int, today: date) -> date:
    """The day after the last day of birth with which one is so old today; the first day of all when there is none."""
    if today.year - years < 1:
        return date.min
    near = date(today.year - years, today.month, min(today.day, 28))
    last = max((day for day in _around(near) if _is_so_old(day, today, years)), default=date.min)
    return last + _DAY if _is_so_old(last, today, years) else date.min


def _around(day: date) -> Iterator[date]:
    number = day.toordinal()
    return (date.fromordinal(one) for one in range(max(1, number - 2), number + 6))


def _is_so_old(born: date, today: date, years: int) -> bool:
    completed = completed_years(born, today)
    return completed is not None and completed >= years


def _of_days(
    field: Field,
    zone_name: str | None,
    reader: Reader,
    make: Callable[[ZoneInfo], tuple[tuple[date | None, date | None], ...]],
) -> Truth:
    """Whether the day of a date, or the local day of an instant, lies in one of some half-open ranges of days."""
    cell = reader.field(field)
    if cell.type is FieldType.DATE:
        return _by_zone(reader, zone_name, make, lambda some: _within(cell, [_numbers(one) for one in some]))
    if cell.type is not FieldType.INSTANT:
        return False

    def instants(zone: ZoneInfo) -> tuple[Range, ...]:
        return tuple((_begins(first, zone), _begins(end, zone)) for first, end in make(zone))

    return _by_zone(reader, zone_name, instants, lambda some: _within(cell, some))


def _numbers(days: tuple[date | None, date | None]) -> Range:
    first, end = days
    return None if first is None else day_number(first), None if end is None else day_number(end)


def _begins(day: date | None, zone: ZoneInfo) -> int | None:
    return None if day is None else micros(start_of_day(day, zone))


def _within(cell: Cell, ranges: Iterable[Range]) -> Truth:
    """Whether a number lies in one of some half-open ranges."""
    return any_of(_within_one(cell, low, high) for low, high in ranges)


def _within_one(cell: Cell, low: int | None, high: int | None) -> Truth:
    if low is not None and high is not None and low >= high:
        return False
    if low is None and high is None:
        return cell.known
    tests = [] if low is None else [cell.expr >= low]
    tests += [] if high is None else [cell.expr < high]
    return at_leaf(tests[0] & tests[-1] if len(tests) == 2 else tests[0])


# -- anniversaries ------------------------------------------------------------------------------------


def anniversary(node: Anniversary, reader: Reader) -> Truth:
    """Whether today lies near an anniversary."""
    cell, now = reader.field(node.field), reader.now
    if cell.type is FieldType.DATE:
        born = cell.expr
        place = _place_in_year(born, reader)
        return _by_zone(
            reader,
            node.zone,
            lambda zone: day_of(now, zone),
            lambda today: all_of((cell.known, _is_near(born, place, today, node))),
        )
    if cell.type is not FieldType.INSTANT:
        return False
    until = _moved(now, timedelta(days=800))

    def near(zone: ZoneInfo) -> Truth:
        born = reader.worked_out(local_days(cell.expr, zone, until))
        return all_of((cell.known, _is_near(born, _place_in_year(born, reader), day_of(now, zone), node)))

    return _by_zone(reader, node.zone, lambda zone: zone, near)


def _is_near(born: nw.Expr, place: nw.Expr, today: date, node: Anniversary) -> Truth:
    """Whether an anniversary of a day, given by its number and its place in the year, lies around today."""
    first, last = today.toordinal() - node.after, today.toordinal() + node.before
    tests: list[Truth] = []
    for year in range(max(2, today.year - 2), min(date.max.year, today.year + 2) + 1):
        begins, ends = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        low, high = max(first, begins), min(last, ends)
        if low > high:
            continue
        places = {_place(day) for day in map(date.fromordinal, range(low, high + 1))}
        if ends - begins == 364 and _place(date(year, 2, 28)) in places:
            places.add(_LEAP_DAY)  # kept on the 28th in common years
        inside = any_of((place >= one) & (place <= other) for one, other in _runs(places))
        tests.append(all_of((at_leaf(born < day_number(date(year, 1, 1))), inside)))
    return any_of(at_leaf(one) if isinstance(one, nw.Expr) else one for one in tests)


_LEAP_DAY = 365


def _place(day: date) -> int:
    """The place of a day in a year that begins in March, so that 29 February is the last and moves no other."""
    start = date(2003 if day.month > 2 else 2002, 3, 1)
    if (day.month, day.day) == (2, 29):
        return _LEAP_DAY
    return (date(2003, day.month, day.day) - start).days


def _place_in_year(day: nw.Expr, reader: Reader) -> nw.Expr:
    """The same of a column of days; the way from days to years is that of Howard Hinnant's `civil_from_days`."""
    since = day + 719_468  # days since 1 March of the year 0, and so never negative
    of_era = reader.worked_out(since - since // 146_097 * 146_097)
    year = reader.worked_out((of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365)
    return reader.worked_out(of_era - (year * 365 + year // 4 - year // 100))


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The stretches of numbers without a hole, each by its first and last."""
    ordered = sorted(places)
    start = 0
    for index, one in enumerate(ordered):
        if index + 1 == len(ordered) or ordered[index + 1] != one + 1:
            yield ordered[start], one
            start = index + 1


# -- zones --------------------------------------------------------------------------------------------


def _by_zone(reader: Reader, name: str | None, make: Callable[[ZoneInfo], T], test: Callable[[T], Truth]) -> Truth:
    """The test, with what it needs for the zone of each row."""
    return any_of(all_of((condition, test(made))) for condition, made in by_zone(reader, name, make))


def by_zone(reader: Reader, name: str | None, make: Callable[[ZoneInfo], T]) -> list[tuple[Truth, T]]:
    """What is made of each zone that the rows are in, and which rows those are; one entry for what comes to the same.

    Args:
        reader: Who is asked.
        name: None for the zone of the subject, `"lead"` or `"account"` for theirs, or the name of a zone.
        make: What is made of a zone.
    """
    fallback = zone_named(reader.names.zone)
    if name not in (None, "lead", "account"):
        return [(True, make(zone_named(name)))]
    groups: dict[T, list[Truth]] = {}
    elsewhere: list[Truth] = []
    for cell, held in reader.zones(name):
        usable = sorted(zone_names().intersection(held))
        made: dict[T, list[str]] = {}
        for one in usable:
            made.setdefault(make(zone_named(one)), []).append(one)
        for result, some in made.items():
            groups.setdefault(result, []).append(all_of((*elsewhere, at_leaf(cell.expr.is_in(some)))))
        if usable:
            elsewhere.append(negated(at_leaf(cell.expr.is_in(usable))))
    groups.setdefault(make(fallback), []).append(all_of(elsewhere))
    if len(groups) == 1:
        return [(True, next(iter(groups)))]
    return [(any_of(conditions), result) for result, conditions in groups.items()]
