"""A typed custom attribute of leads or accounts. Imports predicates' field types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import ClassVar

import attrs

from nurture.errors import InvalidFactError
from nurture.model import SubjectKind, Value
from nurture.predicates import FieldType
from nurture.program.choices import to_subject, to_type
from nurture.steps.declaration import Declaration


@attrs.frozen(slots=True)
class Attribute(Declaration):
    """Something that a host keeps about its leads or accounts, with its type.

    Attributes:
        name: Names it in predicates and templates.
        type: What it holds: `text`, `integer`, `number`, `boolean`, `instant`, `date` or `texts`.
        subject: Of whom.
        title: For people to read.
    """

    stands_in: ClassVar[str] = "attributes"

    name: str
    type: FieldType = attrs.field(default=FieldType.TEXT, converter=to_type)
    subject: SubjectKind = attrs.field(default=SubjectKind.LEAD, converter=to_subject)
    title: str = ""

    def fit(self, value: Value) -> Value:
        """The value, if it is of this type; a whole number fits a `number`, anything else must match.

        Raises:
            InvalidFactError: It is of another type; the attribute is named.
        """
        if value is None or _FITS[self.type](value):
            return float(value) if self.type is FieldType.NUMBER and isinstance(value, int) else value
        raise InvalidFactError(
            f"{self.subject.value}.{self.name}", f"a value of type {self.type.value}", found=type(value).__name__
        )


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_texts(value: Value) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


_FITS: dict[FieldType, Callable[[Value], bool]] = {
    FieldType.TEXT: lambda value: isinstance(value, str),
    FieldType.INTEGER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    FieldType.NUMBER: _is_number,
    FieldType.BOOLEAN: lambda value: isinstance(value, bool),
    FieldType.INSTANT: lambda value: isinstance(value, datetime),
    FieldType.DATE: lambda value: isinstance(value, date) and not isinstance(value, datetime),
    FieldType.TEXTS: _is_texts,
}
