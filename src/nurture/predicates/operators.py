"""The table of comparison operators: one row each. Imports nothing of ours.

A row says what an operator is called, which declared types it fits, what it is given, and how it
reads as a sentence. How it *decides* is one entry in `match.TESTS`. The codec, `check`, `describe`,
`examine`, `flip` and `reach` follow from the row. So a new operator is one row here and one entry in
each reading that has a table of its own, and an exhaustiveness test fails when one is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

import attrs


class FieldType(StrEnum):
    """What the values of a declared field are."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    TEXTS = "texts"


class Operand(StrEnum):
    """What an operator is given besides the field."""

    ONE = "one"
    MANY = "many"
    NOTHING = "nothing"


_T = FieldType
_NUMBERS = frozenset({_T.INTEGER, _T.NUMBER})
_ORDERED = _NUMBERS | {_T.INSTANT, _T.DATE}
_SCALARS = _ORDERED | {_T.TEXT, _T.BOOLEAN}


@attrs.frozen(slots=True, kw_only=True)
class Operator:
    """One comparison operator.

    Attributes:
        name: How the tree and JSON call it.
        symbol: How it is written in Python or said in a message.
        fits: Declared types of fields that it may be asked about.
        takes: Types that the given values may have.
        operand: Whether it takes one value, many, or none.
        en: The sentence in English, with `{field}` and `{value}`.
        ja: The sentence in Japanese, likewise.
    """

    name: str
    symbol: str
    fits: frozenset[FieldType]
    takes: frozenset[FieldType]
    operand: Operand = Operand.ONE
    en: str
    ja: str


_ROWS = (
    Operator(
        name="eq", symbol="==", fits=_SCALARS, takes=_SCALARS, en="{field} is {value}", ja="{field}が{value}である"
    ),
    Operator(
        name="ne",
        symbol="!=",
        fits=_SCALARS,
        takes=_SCALARS,
        en="{field} is known and is not {value}",
        ja="{field}が{value}以外である",
    ),
    Operator(
        name="lt",
        symbol="<",
        fits=_ORDERED,
        takes=_ORDERED,
        en="{field} is below {value}",
        ja="{field}が{value}より小さい",
    ),
    Operator(
        name="le",
        symbol="<=",
        fits=_ORDERED,
        takes=_ORDERED,
        en="{field} is at most {value}",
        ja="{field}が{value}以下である",
    ),
    Operator(
        name="gt",
        symbol=">",
        fits=_ORDERED,
        takes=_ORDERED,
        en="{field} is above {value}",
        ja="{field}が{value}より大きい",
    ),
    Operator(
        name="ge",
        symbol=">=",
        fits=_ORDERED,
        takes=_ORDERED,
        en="{field} is at least {value}",
        ja="{field}が{value}以上である",
    ),
    Operator(
        name="is_in",
        symbol=".is_in(…)",
        fits=_SCALARS,
        takes=_SCALARS,
        operand=Operand.MANY,
        en="{field} is one of {value}",
        ja="{field}が{value}のいずれかである",
    ),
    Operator(
        name="contains",
        symbol=".contains(…)",
        fits=frozenset({_T.TEXT, _T.TEXTS}),
        takes=frozenset({_T.TEXT}),
        en="{field} contains {value}",
        ja="{field}に{value}が含まれる",
    ),
    Operator(
        name="starts_with",
        symbol=".starts_with(…)",
        fits=frozenset({_T.TEXT}),
        takes=frozenset({_T.TEXT}),
        en="{field} starts with {value}",
        ja="{field}が{value}で始まる",
    ),
    Operator(
        name="missing",
        symbol=".is_missing()",
        fits=frozenset(FieldType),
        takes=frozenset(),
        operand=Operand.NOTHING,
        en="{field} is missing",
        ja="{field}が未入力である",
    ),
)


def _by_name(rows: Iterable[Operator]) -> Mapping[str, Operator]:
    return MappingProxyType({row.name: row for row in rows})


OPERATORS: Mapping[str, Operator] = _by_name(_ROWS)
"""Every comparison operator by name."""

ORDER: Mapping[str, Operator] = _by_name(row for row in _ROWS if row.name in ("eq", "ne", "lt", "le", "gt", "ge"))
"""The six that compare counts, scores and lengths of time."""
