"""Whose day it is: the zone in which a clause about the calendar is read. May import the names and the calendar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nurture.calendar import zone as zone_named
from nurture.calendar import zone_names

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.model import Sight, Value
    from nurture.predicates.names import Names


def zone_reader(name: str | None, names: Names) -> Callable[[Sight], ZoneInfo]:
    """What gives the zone in which a clause is read, of a sight.

    Args:
        name: None for the subject's own: the lead's, else the account's, else the program's. `"lead"` or
            `"account"` for theirs, else the program's. Or the name of a zone.
        names: Which zone those have who have none of their own.

    Returns:
        A function. A value that names no zone counts as missing.
    """
    fallback = zone_named(names.zone)
    if name is None:
        return lambda sight: _zone(sight.lead.get("zone")) or _zone(sight.account.get("zone")) or fallback
    if name == "lead":
        return lambda sight: _zone(sight.lead.get("zone")) or fallback
    if name == "account":
        return lambda sight: _zone(sight.account.get("zone")) or fallback
    fixed = zone_named(name)
    return lambda sight: fixed


def _zone(value: Value) -> ZoneInfo | None:
    return zone_named(value) if isinstance(value, str) and value in zone_names() else None
