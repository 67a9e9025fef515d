"""JSON Schemas of durations and recurrences, for form builders. Imports nothing beyond this room.

They are the wider ones: which parts exclude each other, the codec says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from nurture.calendar.durations import LIMITS, MAX_BUSINESS_HOURS
from nurture.calendar.month_days import ORDINALS
from nurture.calendar.recurrence_rules import MAX_RULE
from nurture.calendar.rolling import Roll

Schema: TypeAlias = Mapping[str, object]

_CLOCK: Final[Schema] = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{6})?)?$"}
_ROLL: Final[Schema] = {"enum": [one.value for one in Roll]}
_MICROSECONDS: Final = 999_999_999 * 86_400_000_000


def duration_schema() -> Schema:
    """The schema of what `to_json` makes of a duration (Draft 2020-12).

    Example:
        >>> [one["properties"]["kind"]["const"] for one in duration_schema()["oneOf"]]
        ['elapsed', 'civil']
    """
    elapsed: Schema = {"type": "integer", "minimum": -_MICROSECONDS, "maximum": _MICROSECONDS + 86_399_999_999}
    spans: dict[str, Schema] = {name: {"type": "number"} for name in ("weeks", "days", "hours", "minutes", "seconds")}
    civil: dict[str, Schema] = {name: _either_way("integer", most) for name, most in LIMITS.items()}
    civil |= {
        "business_hours": _either_way("number", MAX_BUSINESS_HOURS),
        "day_of_month": {"type": "integer", "minimum": 1, "maximum": 31, "description": "31 is the last day"},
        "weekday": {"type": "integer", "minimum": 0, "maximum": 6, "description": "0 is Monday"},
        "nth": {"enum": list(ORDINALS), "description": "-1 is the last"},
        "roll": _ROLL,
        "at": _CLOCK,
    }
    return {
        "oneOf": [
            {
                **_object({"kind": {"const": "elapsed"}, "microseconds": elapsed, **spans}, ("kind",)),
                "minProperties": 2,
            },
            {**_object({"kind": {"const": "civil"}, **civil}, ("kind",)), "minProperties": 2},
        ]
    }


def recurrence_schema() -> Schema:
    """The schema of what `recurrence_to_json` makes (Draft 2020-12); what a rule may say, the codec knows."""
    start = r"^\d{4}-\d\d-\d\dT" + str(_CLOCK["pattern"]).removeprefix("^")
    parts: dict[str, Schema] = {
        "rule": {"type": "string", "minLength": 1, "maxLength": MAX_RULE},
        "start": {"type": "string", "pattern": start},
        "zone": {"type": "string", "minLength": 1},
        "at": _CLOCK,
        "roll": _ROLL,
    }
    return _object(parts, ("rule", "start", "zone"))


def _either_way(kind: str, most: int) -> Schema:
    return {"type": kind, "minimum": -most, "maximum": most}


def _object(properties: Mapping[str, Schema], required: tuple[str, ...]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }
