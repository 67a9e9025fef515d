"""Which type the cells of a column have, and a cell as a value of it. Imports the model's values and this room."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

from nurture.intake.dates import parse_date
from nurture.intake.reading import Reading, fold

if TYPE_CHECKING:
    from nurture.model.values import Scalar


class ValueType(StrEnum):
    """The types of custom attributes, in the words in which a program declares them."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"


_INT = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})", re.ASCII)  # a leading zero marks a code, such as a postcode
_FLOAT = re.compile(r"[+-]?(?:\d{1,15}\.\d{0,15}|\.\d{1,15}|(?:0|[1-9]\d{0,14}))(?:[eE][+-]?\d{1,2})?", re.ASCII)
YES = frozenset(
    {"yes", "true", "y", "on", "はい", "有", "あり", "有り", "可", "○", "〇", "◯", "済", "希望する", "希望"}
)
NO = frozenset({"no", "false", "n", "off", "いいえ", "無", "なし", "無し", "否", "不可", "×", "✕", "未", "希望しない"})


def truth(cell: str) -> bool | None:
    """What a yes-or-no cell says; None when it says neither.

    Example:
        >>> truth("Yes"), truth("いいえ"), truth("maybe")
        (True, False, None)
    """
    folded = fold(cell)
    return True if folded in YES else False if folded in NO else None


def parse(cell: str, kind: ValueType, reading: Reading, zone: tzinfo | None) -> Scalar | None:
    """The cell as a value of the type; None when it is none (a naive moment without a zone is none)."""
    return _PARSERS[kind](cell.strip(), reading, zone)


def infer_type(cells: Iterable[str], reading: Reading) -> ValueType:
    """The narrowest type that every cell has; text when there is none, or no cell.

    Zeros and ones are whole numbers, not yes and no: nobody can tell the two apart.
    """
    distinct = {cell.strip() for cell in cells}
    if not distinct:
        return ValueType.TEXT
    for kind in (ValueType.BOOLEAN, ValueType.INTEGER, ValueType.NUMBER, ValueType.DATE, ValueType.INSTANT):
        # The zone does not matter for the type: any will do.
        if all(parse(cell, kind, reading, UTC) is not None for cell in distinct):
            return kind
    return ValueType.TEXT


def to_instant(when: date | datetime, zone: tzinfo | None) -> datetime | None:
    """The instant in UTC; a day begins at its midnight; None when there is no offset and no zone.

    An hour that the clocks skip moves forward, one that they repeat is the first of the two.
    """
    moment = when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)  # noqa: DTZ001 - zoned below
    if moment.tzinfo is None:
        if zone is None:
            return None
        moment = moment.replace(tzinfo=zone, fold=0)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _text(cell: str, reading: Reading, zone: tzinfo | None) -> Scalar | None:
    return cell


def _int(cell: str, reading: Reading, zone: tzinfo | None) -> Scalar | None:
    return int(cell) if _INT.fullmatch(cell) else None


def _float(cell: str, reading: Reading, zone: tzinfo | None) -> Scalar | None:
    return float(cell) if _FLOAT.fullmatch(cell) else None


def _bool(cell: str, reading: Reading, zone: tzinfo | None) -> Scalar | None:
    return truth(cell)


def _date(cell: str, reading: Reading, zone: tzinfo | None) -> Scalar | None:
    found = parse_date(cell, reading.date_order)
    return None if isinstance(found, datetime) else found


def _instant(cell: str, reading: Reading, zone: tzinfo | None) -> Scalar | None:
    found = parse_date(cell, reading.date_order)
    return None if found is None else to_instant(found, zone)


_PARSERS: dict[ValueType, Callable[[str, Reading, tzinfo | None], Scalar | None]] = {
    ValueType.TEXT: _text,
    ValueType.INTEGER: _int,
    ValueType.NUMBER: _float,
    ValueType.BOOLEAN: _bool,
    ValueType.DATE: _date,
    ValueType.INSTANT: _instant,
}
