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
    RANGE = "range"
    NOTHING = "nothing"


_T = FieldType
_NUMBERS = frozenset({_T.INTEGER, _T.NUMBER})
ORDERED = _NUMBERS | {_T.INSTANT, _T.DATE}
"""The types whose values have an order."""
_SCALARS = ORDERED | {_T.TEXT, _T.BOOLEAN}


@attrs.frozen(slots=True, kw_only=True)
class Operator:
    """One comparison operator.

    Attributes:
        name: How the tree and JSON call it.
        symbol: How it is written in Python or said in a message.
        fits: Declared types of fields that it may be asked about.
        takes: Types that the given values may have.
        operand: Whether it takes one value, many, a lowest and a highest one, or none.
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


_TEXT = frozenset({_T.TEXT})
_MANY_TEXTS = frozenset({_T.TEXTS})


def _order(name: str, symbol: str, en: str, ja: str, types: frozenset[FieldType] = ORDERED) -> Operator:
    return Operator(name=name, symbol=symbol, fits=types, takes=types, en=f"{{field}} {en}", ja=f"{{field}}が{ja}")


def _about_text(name: str, symbol: str, en: str, ja: str, fits: frozenset[FieldType] = _TEXT) -> Operator:
    return Operator(name=name, symbol=symbol, fits=fits, takes=_TEXT, en=f"{{field}} {en}", ja=f"{{field}}{ja}")


def _folded(row: Operator) -> Operator:
    """The same without regard to the case of the letters A to Z."""
    return attrs.evolve(
        row,
        name=f"{row.name}_ci",
        symbol=row.symbol.replace("(…)", "(…, ignore_case=True)"),
        fits=row.fits & _TEXT,
        takes=_TEXT,
        en=f"{row.en} (in whatever case)",
        ja=f"{row.ja}（大文字小文字を区別しない）",
    )


def _of_many(name: str, en: str, ja: str) -> Operator:
    return Operator(
        name=name,
        symbol=f".{name}(…)",
        fits=_MANY_TEXTS,
        takes=_TEXT,
        operand=Operand.MANY,
        en=f"{{field}} {en}",
        ja=f"{{field}}{ja}",
    )


_IS_IN = Operator(
    name="is_in",
    symbol=".is_in(…)",
    fits=_SCALARS,
    takes=_SCALARS,
    operand=Operand.MANY,
    en="{field} is one of {value}",
    ja="{field}が{value}のいずれかである",
)
_CONTAINS = _about_text("contains", ".contains(…)", "contains {value}", "に{value}が含まれる", _TEXT | _MANY_TEXTS)
_STARTS_WITH = _about_text("starts_with", ".starts_with(…)", "starts with {value}", "が{value}で始まる")
_ENDS_WITH = _about_text("ends_with", ".ends_with(…)", "ends with {value}", "が{value}で終わる")
_LIKE = _about_text("like", ".like(…)", "is like {value}", "が{value}の形に合う")

_ROWS = (
    _order("eq", "==", "is {value}", "{value}である", _SCALARS),
    _order("ne", "!=", "is known and is not {value}", "{value}以外である", _SCALARS),
    _order("lt", "<", "is below {value}", "{value}より小さい"),
    _order("le", "<=", "is at most {value}", "{value}以下である"),
    _order("gt", ">", "is above {value}", "{value}より大きい"),
    _order("ge", ">=", "is at least {value}", "{value}以上である"),
    Operator(
        name="between",
        symbol=".between(…)",
        fits=ORDERED,
        takes=ORDERED,
        operand=Operand.RANGE,
        en="{field} is between {value}",
        ja="{field}が{value}の範囲にある",
    ),
    _IS_IN,
    attrs.evolve(
        _IS_IN,
        name="not_in",
        symbol=".not_in(…)",
        en="{field} is known and is none of {value}",
        ja="{field}が{value}のいずれでもない",
    ),
    _CONTAINS,
    _STARTS_WITH,
    _ENDS_WITH,
    _LIKE,
    _folded(_about_text("eq", ".equals(…)", "is {value}", "が{value}である")),
    _folded(_IS_IN),
    _folded(_CONTAINS),
    _folded(_STARTS_WITH),
    _folded(_ENDS_WITH),
    _folded(_LIKE),
    _about_text("matches", ".matches(…)", "matches the pattern {value}", "が正規表現{value}に一致する"),
    _of_many("has_any", "has at least one of {value}", "に{value}のうち一つ以上が含まれる"),
    _of_many("has_all", "has all of {value}", "に{value}がすべて含まれる"),
    _of_many("has_none", "is known and has none of {value}", "に{value}のいずれも含まれない"),
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
