"""Turning a text into one of the known choices, with an error that names them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar, cast

from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import Purpose, SubjectKind, clean_choice
from nurture.predicates import FieldType
from nurture.steps.declaration import several, wrong

E = TypeVar("E", bound=StrEnum)


def choose(choices: type[E], value: object, field: str) -> E:
    """The member of the enumeration that a text names.

    Raises:
        DefinitionError: It names none; the field and the nearest choices are named.
    """
    try:
        return clean_choice(choices, value, field)
    except InvalidFactError as error:
        raise DefinitionError(str(error)) from None


def choose_all(choices: type[E], given: object, field: str) -> tuple[E, ...]:
    """The members that texts name; one by itself is enough.

    Raises:
        DefinitionError: Something is no such text; the field and the nearest choices are named.
    """
    many = cast("object", (given,) if isinstance(given, str) else several(cast("Iterable[object]", given)))
    if not isinstance(many, tuple):
        raise wrong(field, f"words such as {next(iter(choices)).value!r}", given)
    return tuple(choose(choices, one, field) for one in cast("tuple[object, ...]", many))


def to_subject(value: SubjectKind | str) -> SubjectKind:
    """`lead` or `account`."""
    return choose(SubjectKind, value, "subject")


def to_purpose(value: Purpose | str) -> Purpose:
    """`marketing`, `transactional` or `internal`."""
    return choose(Purpose, value, "message.purpose")


def to_type(value: FieldType | str) -> FieldType:
    """The type of an attribute."""
    return choose(FieldType, value, "attribute.type")
