"""Local days as stretches of time: when each begins, and in which one an instant lies. Imports only `nurture.errors`.

Local days follow one another without a hole and without overlap, whatever the clocks do:

- A day begins at the first instant at which the wall clocks show its date. Where midnight is skipped that is
  the end of the gap; where midnight comes twice it is the first one.
- A day that has begun does not end again. Where the clocks go back over midnight, the hour before midnight
  that comes again belongs to the new day, though the wall clocks show the old date.
- A day that a zone skipped wholly (Apia, 30 December 2011) is empty: it begins when the next day begins.
- The first day of the calendar begins with it, at `datetime.min`, in all zones.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from nurture.calendar.zones import change_between, occurrence, to_local
from nurture.errors import InvalidFactError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
_DAWN: Final = datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)  # a rule over a million leads asks for the same few days again and again
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC. It never raises, not even at the ends of the calendar.

    Example:
        >>> from nurture.calendar import zone
        >>> start_of_day(date(2018, 11, 4), zone("America/Sao_Paulo")).isoformat()  # 00:00 to 01:00 was skipped
        '2018-11-04T03:00:00+00:00'
    """
    if day == date.min:
        return _DAWN
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - what a wall clock shows
    first, second = occurrence(midnight, zone, 0), occurrence(midnight, zone, 1)
    # Read with the offset from before a gap, a skipped midnight lies after the change; with the other, before it.
    return first if first <= second else change_between(second, first, zone)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The local day in which an instant lies: it has begun, and the day after has not.

    An instant whose local time would lie outside the years 1 to 9999 lies in the first or the last day.

    Raises:
        InvalidFactError: The datetime has no zone.

    Example:
        >>> from nurture.calendar import zone
        >>> day_of(datetime.fromisoformat("2026-11-21T15:00Z"), zone("Asia/Tokyo"))
        datetime.date(2026, 11, 22)
    """
    try:
        day = to_local(instant, zone).date()
    except InvalidFactError:
        if instant.tzinfo is None:
            raise
        return date.min if instant.year == 1 else date.max
    # The wall clocks may have gone back over midnight: then the date that they show has ended already.
    while day < date.max and start_of_day(day + _DAY, zone) <= instant:
        day += _DAY
    return day
