"""What a predicate may hold besides nodes: values, names, lengths of time.

May import the operators, `nurture.errors` and `nurture.model`. Each function here refuses, with a message
that says where, what was expected and what was found.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import isfinite
from typing import cast

from nurture.errors import DefinitionError, InvalidFactError, UnknownNameError
from nurture.model import Scalar, clean_value
from nurture.predicates.operators import ORDER, ORDERED, FieldType

MAX_VALUES = 1_000
"""The most values that the lists of one predicate hold, all together."""
MAX_TEXT_BYTES = 4_096
"""The most bytes that a text in a predicate may have in UTF-8."""
MAX_WHOLE = 2**63
"""Whole numbers lie below this, and not below its negative."""
MAX_LENGTH = timedelta(days=36_525)
"""The longest window or time in a stage: a hundred years."""


def require_name(name: object, what: str) -> None:
    """Refuse what cannot be a name.

    Raises:
        DefinitionError: It is no text, empty, or too long.
    """
    if not isinstance(name, str) or not name:
        raise DefinitionError(f"{what}: expected a name, found {type(name).__name__ if name != '' else 'empty text'}")
    require_short(name, what)


def require_short(text: str, what: str) -> None:
    """Refuse text that stores cannot hold, or that is too long for a predicate.

    Raises:
        DefinitionError: It is.
    """
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise DefinitionError(f"{what}: expected text without lone surrogates") from None
    if size > MAX_TEXT_BYTES:
        raise DefinitionError(f"{what}: expected text of at most {MAX_TEXT_BYTES} bytes, found {size}")
    if "\x00" in text:
        raise DefinitionError(f"{what}: expected text without U+0000")


def type_of(value: object) -> FieldType | None:
    """The type of a value as predicates see it; None for a missing value."""
    if value is None:
        return None
    for kind, found in _TYPES:
        if isinstance(value, kind):
            return found
    raise DefinitionError(f"expected text, a number, a boolean, a date or an instant, found {type(value).__name__}")


_TYPES: tuple[tuple[type, FieldType], ...] = (
    (bool, FieldType.BOOLEAN), (str, FieldType.TEXT), (int, FieldType.INTEGER), (float, FieldType.NUMBER),
    (datetime, FieldType.INSTANT), (date, FieldType.DATE), (tuple, FieldType.TEXTS),
)  # fmt: skip


def exact(value: object) -> object:
    """A key that tells `True` from `1` and `1` from `1.0`, which Python holds to be equal."""
    if isinstance(value, tuple):
        return tuple(exact(item) for item in cast("tuple[object, ...]", value))
    return (type(value).__name__, value)


def clean_literal(value: object, where: str) -> Scalar:
    """The value as a predicate may hold it.

    Raises:
        DefinitionError: It is of another type, too long, not finite, or a naive datetime.
    """
    try:
        cleaned = clean_value(value, where)
    except InvalidFactError as error:
        raise DefinitionError(str(error)) from None
    if cleaned is None or isinstance(cleaned, tuple):
        hint = "; ask .is_missing()" if cleaned is None else ""
        raise DefinitionError(f"{where}: expected one value, found {type(value).__name__}{hint}")
    if isinstance(cleaned, str):
        require_short(cleaned, where)
    if isinstance(cleaned, float):
        _require_number(cleaned, where)
        return cleaned + 0.0  # there is one zero
    return cleaned


def _require_number(value: float, where: str) -> None:
    if not isfinite(value) or abs(value) > 1e300:
        raise DefinitionError(f"{where}: expected a finite number")


def clean_many(given: object, where: str) -> tuple[Scalar, ...]:
    """The values of `.is_in(…)`, in one order and each once.

    Raises:
        DefinitionError: They are no list, too many, or one of them cannot be held.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DefinitionError(f"{where}: expected a list of values, found {type(given).__name__}")
    items = list(cast("Iterable[object]", given))
    if isinstance(given, (set, frozenset)):
        items.sort(key=repr)  # sets have no order; the tree needs one, to be equal to its stored form
    if len(items) > MAX_VALUES:
        raise DefinitionError(f"{where}: expected at most {MAX_VALUES} values, found {len(items)}")
    cleaned = [clean_literal(item, where) for item in items]
    return tuple({exact(item): item for item in cleaned}.values())


def require_range(given: object, values: tuple[Scalar, ...], where: str) -> None:
    """Refuse what is not a lowest and a highest value of one type, in this order.

    Args:
        given: As it was given.
        values: Cleaned, each once.
        where: Where it stands.

    Raises:
        DefinitionError: There are not two, they differ in type, or the first is the higher one.
    """
    if not isinstance(given, (list, tuple)) or len(cast("list[object]", given)) != 2:
        raise DefinitionError(f"{where}: expected the lowest and the highest value")
    low, high = values[0], values[-1]
    numbers = (FieldType.INTEGER, FieldType.NUMBER)
    if type_of(low) is not type_of(high) and not {type_of(low), type_of(high)} <= set(numbers):
        raise DefinitionError(f"{where}: expected two values of one type, found {type_of(low)} and {type_of(high)}")
    if type_of(low) in ORDERED and low > high:  # type: ignore[operator]
        raise DefinitionError(f"{where}: the lowest value stands above the highest")


def require_order(op: object, where: str) -> None:
    """Refuse an operator that does not compare amounts.

    Raises:
        UnknownNameError: It is not one of `eq ne lt le gt ge`.
    """
    if op not in ORDER:
        raise UnknownNameError("comparison", str(op), ORDER, where=where)


def require_length(length: object, where: str) -> None:
    """Refuse what is not a positive length of time within bounds.

    Raises:
        DefinitionError: It is no `timedelta`, not above zero, or above a hundred years.
    """
    if not isinstance(length, timedelta):
        raise DefinitionError(f"{where}: expected a timedelta such as days(7), found {type(length).__name__}")
    if not timedelta(0) < length <= MAX_LENGTH:
        raise DefinitionError(f"{where}: expected a time above zero and of at most 100 years")
