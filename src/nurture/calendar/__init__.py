"""Civil time: zones, durations, business days, windows of the day. Pure; imports only `nurture.errors`.

Nothing here reads a clock. Instants are aware and UTC; a local time is a datetime without zone beside the zone
it belongs to.
"""

from nurture.calendar.arithmetic import add, shift
from nurture.calendar.business import MONDAY_TO_FRIDAY, BusinessCalendar
from nurture.calendar.codec import (
    calendar_from_json,
    calendar_to_json,
    from_json,
    to_json,
    window_from_json,
    window_to_json,
)
from nurture.calendar.durations import Civil, Duration, civil, days, hours, minutes, weeks
from nurture.calendar.sentences import describe, describe_length
from nurture.calendar.windows import Window
from nurture.calendar.zones import localize, to_local, tz_version, zone, zone_names

__all__ = [
    "MONDAY_TO_FRIDAY",
    "BusinessCalendar",
    "Civil",
    "Duration",
    "Window",
    "add",
    "calendar_from_json",
    "calendar_to_json",
    "civil",
    "days",
    "describe",
    "describe_length",
    "from_json",
    "hours",
    "localize",
    "minutes",
    "shift",
    "to_json",
    "to_local",
    "tz_version",
    "weeks",
    "window_from_json",
    "window_to_json",
    "zone",
    "zone_names",
]
