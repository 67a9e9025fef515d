"""What can stand under a key of a node's JSON: how it is read and written, and its JSON Schema.

May import the nodes and their limits. The codec and the schema read the same shapes, so neither can know a
key that the other does not. A shape whose schema depends on what is declared says so by its `role`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from nurture.calendar import PeriodUnit, period_to_json
from nurture.calendar.durations import LIMITS
from nurture.calendar.period_units import MAX_BUSINESS_DAYS, is_business, parts_of
from nurture.model.values import value_to_json
from nurture.predicates.encoding.cursor import Cursor, Json
from nurture.predicates.literals import MAX_LENGTH, MAX_TEXT_BYTES, MAX_VALUES, MAX_WHOLE
from nurture.predicates.operators import ORDER, FieldType
from nurture.predicates.standing import LENGTHS
from nurture.predicates.tree import Field, Owner, Scaled

if TYPE_CHECKING:
    from nurture.model import Value

MICROSECOND: Final = timedelta(microseconds=1)
MAX_NUMBER: Final = 1e300


class Role(StrEnum):
    """What a shape stands for that a program declares, or what kind of node stands there."""

    PLAIN = "plain"
    FIELD = "field"
    SEGMENT = "segment"
    MODEL = "model"
    GRADED = "graded"
    STAGES = "stages"
    SCENARIO = "scenario"
    SAME = "same"
    NODES = "nodes"
    FACT = "fact"
    VALUES = "values"
    ACCOUNT = "account"
    PERSON = "person"
    CLAUSE = "clause"


@attrs.frozen
class Shape:
    """What stands under a key.

    Attributes:
        read: Takes it from an object being read.
        schema: Its JSON Schema while nothing is known of what is declared.
        write: Makes JSON data of it.
        role: What it stands for.
    """

    read: Callable[[Cursor, str], Any]
    schema: Mapping[str, object] = attrs.field(factory=dict[str, object])
    write: Callable[[Any], object] = lambda value: value
    role: Role = Role.PLAIN


NAME: Final[Json] = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT_BYTES}
"""The schema of a name. Characters are counted here and bytes by the codec: the schema is the wider one."""

_WORD: Final = "[a-z][a-z0-9_]*"
_ZONE: Final[Json] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 100,
    "description": "a zone of the IANA database such as Asia/Tokyo, or 'account'",
}


def text(schema: Json = NAME, role: Role = Role.PLAIN) -> Shape:
    """Text."""
    return Shape(Cursor.text, schema, role=role)


def words(known: Collection[str]) -> Shape:
    """One of some words."""
    given = list(known)
    return Shape(lambda at, key: at.word(key, given), {"enum": given})


def choice(kind: type[StrEnum]) -> Shape:
    """One of the names of an enumeration."""
    return Shape(lambda at, key: at.choice(key, kind), {"enum": [one.value for one in kind]}, lambda value: value.value)


def choices(kind: type[StrEnum]) -> Shape:
    """A list of names of an enumeration, at least one."""
    schema: Json = {
        "type": "array",
        "items": {"enum": [one.value for one in kind]},
        "minItems": 1,
        "maxItems": MAX_VALUES,
    }
    return Shape(lambda at, key: at.choices(key, kind), schema, lambda some: [one.value for one in some])


def whole(least: int, most: int) -> Shape:
    """A whole number."""
    return Shape(Cursor.whole, {"type": "integer", "minimum": least, "maximum": most})


def number(least: float = -MAX_NUMBER, most: float = MAX_NUMBER) -> Shape:
    """A number, whole or not."""
    return Shape(Cursor.number, {"type": "number", "minimum": least, "maximum": most})


def node(role: Role = Role.SAME) -> Shape:
    """A node; which ones may stand there follows from the role."""
    return Shape(Cursor.inside, role=role)


def period_schema() -> Json:
    """The schema of a period: each unit has parts of its own."""
    most, most_days, most_business = LIMITS["months"], LIMITS["days"], MAX_BUSINESS_DAYS
    parts: dict[str, Json] = {
        "offset": {"type": "integer", "minimum": -most, "maximum": most},
        "day": {"type": "string", "format": "date"},
    }
    weekday: Json = {"type": "integer", "minimum": 0, "maximum": 6, "description": "0 is Monday"}
    month: Json = {"type": "integer", "minimum": 1, "maximum": 12}

    def of(unit: PeriodUnit) -> Json:
        own: dict[str, Json] = {
            "starts": weekday if unit is PeriodUnit.WEEK else month,
            "n": {"type": "integer", "minimum": 1, "maximum": most_business if is_business(unit) else most_days},
        }
        needed = parts_of(unit)
        return {
            "type": "object",
            "properties": {
                "unit": {"const": unit.value},
                **{one: schema for one, schema in {**parts, **own}.items() if one in needed},
                "zone": _ZONE,
            },
            "required": ["unit", *needed],
            "additionalProperties": False,
        }

    return {"oneOf": [of(unit) for unit in PeriodUnit]}


def field_schema(owners: Collection[Owner]) -> Json:
    """The schema of the name of a value: whose, and which."""
    return {
        "type": "object",
        "properties": {"of": {"enum": [owner.value for owner in owners]}, "field": NAME},
        "required": ["of", "field"],
        "additionalProperties": False,
    }


def _tagged(tag: str, form: str) -> Json:
    return {
        "type": "object",
        "properties": {tag: {"type": "string", "format": form}},
        "required": [tag],
        "additionalProperties": False,
    }


SCALARS: Final[Mapping[FieldType, Json]] = MappingProxyType(
    {
        FieldType.TEXT: {"type": "string", "maxLength": MAX_TEXT_BYTES},
        FieldType.INTEGER: {"type": "integer", "minimum": -MAX_WHOLE, "maximum": MAX_WHOLE - 1},
        FieldType.NUMBER: {"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER},
        FieldType.BOOLEAN: {"type": "boolean"},
        FieldType.INSTANT: _tagged("$instant", "date-time"),
        FieldType.DATE: _tagged("$date", "date"),
    }
)
"""The schema of a single value of each type."""


def field_to_json(field: Field) -> Json:
    """The name of a value as JSON data."""
    return {"of": field.owner.value, "field": field.name}


def given_to_json(value: object) -> object:
    """What a field is compared with, as JSON data."""
    if not isinstance(value, Scaled):
        return value_to_json(cast("Value", value))
    times = {} if value.factor == 1.0 else {"times": value.factor}
    return {"field": field_to_json(value.field), **times}


KIND: Final = Shape(
    Cursor.kind,
    {
        "type": "string",
        "maxLength": 100,
        "pattern": rf"^{_WORD}(\.{_WORD})*\.({_WORD}|\*)$",
        "description": "a kind such as page.viewed, or all that begin alike, such as email.*",
    },
)
FLAG: Final = Shape(Cursor.flag, {"type": "boolean"})
LENGTH: Final = Shape(
    Cursor.length,
    {"type": "integer", "minimum": 1, "maximum": MAX_LENGTH // MICROSECOND, "description": "microseconds"},
    lambda length: length // MICROSECOND,
)
PERIOD: Final = Shape(Cursor.period, period_schema(), period_to_json)
ZONE: Final = Shape(Cursor.zone, _ZONE)
FIELD: Final = Shape(Cursor.field, field_schema((Owner.LEAD, Owner.ACCOUNT)), field_to_json, Role.FIELD)
ORDERS: Final = words(ORDER)
LENGTH_ORDERS: Final = words(LENGTHS)
STAGES: Final = Shape(Cursor.texts, {"type": "array", "items": NAME, "maxItems": MAX_VALUES}, list, Role.STAGES)
NODES: Final = Shape(Cursor.each, role=Role.NODES)
