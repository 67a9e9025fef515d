"""Civil time: zones, durations, business time, windows, periods, anniversaries, recurrences. Pure; imports only errors.

Nothing here reads a clock. Instants are aware and UTC; a local time is a datetime without zone beside the zone
it belongs to.
"""

from nurture.calendar.anniversaries import anniversary_in, completed_years, day_of_age, is_anniversary, next_turn
from nurture.calendar.arithmetic import add, shift
from nurture.calendar.business import MONDAY_TO_FRIDAY, BusinessCalendar, each_day
from nurture.calendar.business_hours import add_hours, hours_between, is_open_at, next_open
from nurture.calendar.codec import (
    calendar_from_json,
    calendar_to_json,
    from_json,
    period_from_json,
    period_to_json,
    recurrence_from_json,
    recurrence_to_json,
    to_json,
    window_from_json,
    window_to_json,
)
from nurture.calendar.durations import Civil, Duration, civil, days, hours, minutes, weeks
from nurture.calendar.instants import instant_of, offset_from
from nurture.calendar.local_days import day_of, start_of_day
from nurture.calendar.named_periods import (
    last_business_days,
    last_days,
    last_fiscal_year,
    last_month,
    last_quarter,
    last_week,
    last_year,
    next_business_days,
    next_days,
    next_fiscal_year,
    next_month,
    next_quarter,
    next_week,
    next_year,
    on_day,
    this_fiscal_year,
    this_month,
    this_quarter,
    this_week,
    this_year,
    today,
    tomorrow,
    yesterday,
)
from nurture.calendar.period_sentences import describe_period
from nurture.calendar.period_units import PeriodUnit
from nurture.calendar.periods import Period
from nurture.calendar.public_holidays import public_holidays
from nurture.calendar.recurrence import Recurrence
from nurture.calendar.recurrence_sentences import describe_recurrence
from nurture.calendar.rolling import Roll
from nurture.calendar.schema import duration_schema, recurrence_schema
from nurture.calendar.sentences import describe, describe_length
from nurture.calendar.windows import Window
from nurture.calendar.zones import localize, to_local, tz_version, zone, zone_names

__all__ = [
    "MONDAY_TO_FRIDAY",
    "BusinessCalendar",
    "Civil",
    "Duration",
    "Period",
    "PeriodUnit",
    "Recurrence",
    "Roll",
    "Window",
    "add",
    "add_hours",
    "anniversary_in",
    "calendar_from_json",
    "calendar_to_json",
    "civil",
    "completed_years",
    "day_of",
    "day_of_age",
    "days",
    "describe",
    "describe_length",
    "describe_period",
    "describe_recurrence",
    "duration_schema",
    "each_day",
    "from_json",
    "hours",
    "hours_between",
    "instant_of",
    "is_anniversary",
    "is_open_at",
    "last_business_days",
    "last_days",
    "last_fiscal_year",
    "last_month",
    "last_quarter",
    "last_week",
    "last_year",
    "localize",
    "minutes",
    "next_business_days",
    "next_days",
    "next_fiscal_year",
    "next_month",
    "next_open",
    "next_quarter",
    "next_turn",
    "next_week",
    "next_year",
    "offset_from",
    "on_day",
    "period_from_json",
    "period_to_json",
    "public_holidays",
    "recurrence_from_json",
    "recurrence_schema",
    "recurrence_to_json",
    "shift",
    "start_of_day",
    "this_fiscal_year",
    "this_month",
    "this_quarter",
    "this_week",
    "this_year",
    "to_json",
    "to_local",
    "today",
    "tomorrow",
    "tz_version",
    "weeks",
    "window_from_json",
    "window_to_json",
    "yesterday",
    "zone",
    "zone_names",
]
