"""Wall clocks and local days as arithmetic on columns. May import the calendar.

A zone is a table of its changes: from which instant on which offset holds. `nurture.calendar` is the reference:
skipped times move forward, times that come twice are the first ones, and a day that has begun does not end again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import attrs
import narwhals.stable.v2 as nw

from nurture.calendar.zones import change_between
from nurture.predicates.frame.cells import from_micros, micros
from nurture.predicates.frame.edges import DAY, floored

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.predicates.frame.tables import Frame

_STEP = timedelta(days=2)  # no zone changes twice within so short a time and is back where it was
_FIRST_RULES = 1840  # zones have local mean time before
_MICROSECOND = timedelta(microseconds=1)
_YEAR = 366 * DAY


@attrs.frozen(slots=True)
class Change:
    """A change of the clocks: at which instant, and the offsets before and after it, all in microseconds."""

    at: int
    before: int
    after: int


@lru_cache(maxsize=1024)
def changes(zone: ZoneInfo, first: int, last: int) -> tuple[Change, ...]:
    """The changes of a zone from the beginning of one year to the end of another."""
    return tuple(_changes(zone, datetime(max(first, _FIRST_RULES), 1, 1, tzinfo=UTC), min(last, 9998)))


def _changes(zone: ZoneInfo, low: datetime, last: int) -> Iterator[Change]:
    before = _offset(low, zone)
    while low.year <= last:
        high = low + _STEP
        after = _offset(high, zone)
        if after != before:
            at = change_between(low, high, zone)
            yield Change(micros(at), before, _offset(at, zone))
        low, before = high, after


def _offset(instant: datetime, zone: ZoneInfo) -> int:
    return cast("timedelta", instant.astimezone(zone).utcoffset()) // _MICROSECOND


def to_utc(frame: Frame, column: str, zone: ZoneInfo) -> Frame:
    """The frame with a column of wall-clock times, in microseconds, turned into instants.

    A lazy frame is asked for the first and the last of them, unless the zone never changes its clocks.
    """
    steps = changes(zone, _FIRST_RULES, 2100)
    offset = _offset(datetime(_FIRST_RULES, 1, 1, tzinfo=UTC), zone)
    if steps:
        low, high = _ends(frame, column)
        steps = changes(zone, from_micros(low).year - 1, from_micros(high).year + 1)
        offset = steps[0].before if steps else _offset(from_micros(low), zone)
    # In a gap the offset from before it holds, and of a fold the first; so the next one begins at the later clock.
    marks = [(step.at + max(step.before, step.after), step.after) for step in steps]
    return frame.with_columns((nw.col(column) - _stepped(nw.col(column), offset, marks)).alias(column))


def _ends(frame: Frame, column: str) -> tuple[int, int]:
    ends = frame.select(nw.col(column).min().alias("low"), nw.col(column).max().alias("high"))
    rows = ends.collect() if isinstance(ends, nw.LazyFrame) else ends
    low, high = rows["low"].to_list()[0], rows["high"].to_list()[0]
    if low is None or low != low:
        return 0, 0
    return max(int(low), micros(_DAWN)), min(int(high), micros(_DUSK))


_DAWN = datetime(2, 1, 1, tzinfo=UTC)
_DUSK = datetime(9998, 1, 1, tzinfo=UTC)


def local_days(instants: nw.Expr, zone: ZoneInfo, until: datetime) -> nw.Expr:
    """The local days in which instants lie, counted from 1 January 1970; right up to an instant, and not beyond it."""
    steps = changes(zone, _FIRST_RULES, until.year + 1)
    offset = steps[0].before if steps else _offset(until, zone)
    marks = [(_new_day_at(step), step.after) for step in steps]
    return floored(instants + _stepped(instants, offset, marks), DAY)


def _new_day_at(step: Change) -> int:
    """From when on the new offset tells the day: where clocks go back over midnight, the day that has begun stays."""
    if (step.at + step.before - 1) // DAY <= (step.at + step.after) // DAY:
        return step.at  # the old clock has not shown a later day than the new one begins with
    return step.at + DAY - (step.at + step.after) % DAY  # where the new clock comes to that day, too


def _stepped(value: nw.Expr, first: int, marks: Sequence[tuple[int, int]]) -> nw.Expr:
    """A number that steps to another one where the value reaches a mark; looked up like a tree, not like a list."""
    if not marks:
        return nw.lit(first)
    middle = len(marks) // 2
    mark, number = marks[middle]
    return (
        nw.when(value < mark)
        .then(_stepped(value, first, marks[:middle]))
        .otherwise(_stepped(value, number, marks[middle + 1 :]))
    )
