"""Time zones: by name, and the road between a wall clock and UTC. Imports only `nurture.errors`.

One policy holds everywhere. A wall-clock time that a zone skips (a gap) moves forward by the length
of the gap. A wall-clock time that a zone shows twice (a fold) means the first time.

The rules come from the `tzdata` package, never from the machine's own files: workers that installed the same
versions decide the same, and `tz_version` names the rules for certain.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from nurture.errors import InvalidFactError, UnknownNameError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SECOND: Final = timedelta(seconds=1)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The time zone of that name in the IANA database.

    Keep the name in records, not the zone: a zone that was read from a package cannot be pickled.

    Args:
        name: Such as `Asia/Tokyo`; upper and lower case differ.

    Raises:
        UnknownNameError: There is no such zone; the message lists near misses.

    Example:
        >>> zone("Asia/Tokyo").key
        'Asia/Tokyo'
    """
    if name not in zone_names():
        raise UnknownNameError("time zone", name, zone_names())
    with _rules().joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names that `zone` knows."""
    return frozenset(_rules().joinpath("zones").read_text("utf-8").split())


def _rules() -> Traversable:
    from importlib.resources import files  # a sixth of the time that `import nurture` may take; most hosts ask late

    return files("tzdata")


@lru_cache(maxsize=1)
def tz_version() -> str:
    """The version of the IANA database whose rules are in use, such as `2026f`.

    Programs keep it: two workers with different rules would decide differently.
    """
    first, _, _ = _rules().joinpath("zoneinfo", "tzdata.zi").read_text("utf-8").partition("\n")
    return first.removeprefix("# version").strip()


def localize(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the wall clocks of a zone show a time, in UTC.

    Args:
        local: What the wall clock shows: a datetime without zone.
        zone: Where the clock hangs.

    Returns:
        The instant. A time in a gap moves forward by the gap; of a fold it is the first.

    Raises:
        InvalidFactError: The datetime has a zone already, or the instant lies outside the years 1 to 9999.

    Example:
        >>> from nurture.calendar import zone
        >>> new_york = zone("America/New_York")
        >>> skipped = datetime.fromisoformat("2026-03-08T02:30")
        >>> to_local(localize(skipped, new_york), new_york).isoformat()
        '2026-03-08T03:30:00-04:00'
    """
    if local.tzinfo is not None:
        raise InvalidFactError("local", "a datetime without a time zone")
    return occurrence(local, zone, 0)


def occurrence(local: datetime, zone: ZoneInfo, fold: int) -> datetime:
    """The instant of a wall-clock time, read with the offset before (0) or after (1) a change of the clocks.

    The two differ only for times in a gap or in a fold (PEP 495).
    """
    try:
        return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    except OverflowError:
        raise InvalidFactError("local", "an instant in the years 1 to 9999") from None


def to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the wall clocks of a zone show at an instant, as an aware datetime.

    Raises:
        InvalidFactError: The datetime has no zone, or the local time lies outside the years 1 to 9999.
    """
    if instant.tzinfo is None:
        raise InvalidFactError("instant", "a datetime with a time zone", found="a naive datetime")
    try:
        return instant.astimezone(zone)
    except OverflowError:
        raise InvalidFactError("instant", "a local time in the years 1 to 9999") from None


def change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the offset of a zone changes, given one before and one at or after the change."""
    offset = low.astimezone(zone).utcoffset()
    low = low.replace(microsecond=0)  # changes happen on whole seconds
    while high - low > _SECOND:
        middle = low + ((high - low) // 2 // _SECOND) * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
