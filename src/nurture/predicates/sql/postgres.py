"""How PostgreSQL speaks. May import SQLAlchemy.

JSON is read as `json`, which keeps numbers as they were written, so that a whole number and a float stay two
things; a column of type `jsonb` works as well, for numbers that both write alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Date,
    Numeric,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.expression import literal_column

from nurture.predicates.operators import FieldType
from nurture.predicates.sql.speech import DOUBLE, LIMB, ONE, Bool, Expr, Path, order, real, text, whole

if TYPE_CHECKING:
    from nurture.predicates.patterns import Piece

_LARGEST = 1e300
_MOST = 9.2e18
_SPECIAL = {"%": "!%", "_": "!_", "!": "!!"}
_TYPES = {FieldType.TEXT: "string", FieldType.BOOLEAN: "boolean", FieldType.TEXTS: "array"}
_TAGS = {FieldType.INSTANT: "at", FieldType.DATE: "on"}


class PostgresSpeech:
    """Says it in PostgreSQL's words; see `Speech`."""

    name = "postgresql"

    def bytewise(self, value: Expr) -> Expr:
        """A text, to be ordered by code point."""
        return value.collate("C")

    def folded(self, value: Expr) -> Expr:
        """A text with A to Z as a to z."""
        return func.lower(value.collate("C"), type_=Text())

    def contains(self, value: Expr, part: str) -> Bool:
        """Whether a text holds another."""
        return func.strpos(value, text(part)) > 0

    def starts_with(self, value: Expr, part: str) -> Bool:
        """Whether a text begins with another; an index in the collation "C" is of use."""
        return _like(value, f"{_plain(part)}%")

    def ends_with(self, value: Expr, part: str) -> Bool:
        """Whether a text ends with another."""
        return func.right(value, len(part), type_=Text()) == text(part)

    def like(self, value: Expr, runs: Sequence[Sequence[Piece]]) -> Bool:
        """Whether a whole text is made of these runs."""
        return _like(value, "%".join("".join("_" if piece is None else _plain(piece) for piece in run) for run in runs))

    def as_float(self, value: Expr) -> Expr:
        """A whole number as a float."""
        return cast(value, DOUBLE)

    def floor(self, value: Expr) -> Expr:
        """The largest whole number at or below a float."""
        return func.floor(value, type_=DOUBLE)

    def within(self, value: Expr, most: float) -> Expr:
        """A float, but at most so large either way."""
        return func.greatest(real(-most), func.least(value, real(most)), type_=DOUBLE)

    def whole_key(self, value: Expr) -> Expr:
        """A text that a whole number shares with all numbers of as many millionths."""
        return cast(_millionths_of_whole(value), Text())

    def real_key(self, value: Expr) -> Expr:
        """A text that a float shares with all numbers of as many millionths."""
        scaled = _scaled(self.within(value, _LARGEST))
        small = func.abs(scaled / real(float(LIMB))) < real(_MOST)
        return case((small, cast(_exact(scaled), Text())), else_=cast(scaled, Text()))

    def sum_holds(self, values: Sequence[tuple[Bool, Expr, bool]], op: str, goal: int, *, mean: bool) -> Bool:
        """Whether the sum of the millionths of a group compares so with a goal: exact, in decimal."""
        parts = [
            (there, _millionths_of_whole(value) if is_whole else _exact(_scaled(value)))
            for there, value, is_whole in values
        ]
        number = func.count(case(*[(there, whole(1)) for there, _ in parts]))
        total = func.coalesce(func.sum(case(*parts)), _decimal(0))
        holds = order(total, op, _decimal(goal) * cast(number, Numeric()) if mean else _decimal(goal))
        return and_(number > 0, holds) if mean else holds

    def month_day(self, day: Expr) -> Expr:
        """The month and day of a date."""
        if isinstance(day.type, Date):
            return func.to_char(day, literal_column("'MM-DD'"), type_=Text())
        return func.substr(day, 6, 5, type_=Text())

    def document(self, body: Expr) -> Expr:
        """A column that holds JSON; empty text is no document."""
        return cast(body if isinstance(body.type, JSON) else func.nullif(body, literal_column("''")), JSON())

    def json_is(self, document: Expr, path: Path, kind: FieldType) -> Bool:
        """Whether there is a value of this type."""
        if kind in _TAGS:
            return _type(document, (*path, _TAGS[kind])) == literal_column("'string'")
        if kind in (FieldType.INTEGER, FieldType.NUMBER):
            is_whole = _is_whole(_text(document, path))
            is_number = _type(document, path) == literal_column("'number'")
            return and_(is_number, is_whole if kind is FieldType.INTEGER else not_(is_whole))
        return _type(document, path) == literal_column(f"'{_TYPES[kind]}'")

    def json_known(self, document: Expr, path: Path) -> Bool:
        """Whether there is any value but null."""
        return _type(document, path) != literal_column("'null'")

    def json_value(self, document: Expr, path: Path, kind: FieldType) -> Expr:
        """The value, which is of this type."""
        if kind in _TAGS:
            return _text(document, (*path, _TAGS[kind]))
        if kind is FieldType.TEXTS:
            return _member(document, path)
        found = _text(document, path)
        if kind is FieldType.BOOLEAN:
            return cast(found, Boolean())
        if kind is FieldType.INTEGER:
            return cast(found, BigInteger())
        return cast(found, DOUBLE) if kind is FieldType.NUMBER else found

    def has_text(self, several: Expr, values: Sequence[str]) -> Bool:
        """Whether one of the texts stands in a JSON array, or in an array of texts."""
        if isinstance(several.type, ARRAY):
            given = literal(list(values), ARRAY(Text()))
            return cast(several, ARRAY(Text())).op("&&", is_comparison=True, return_type=Boolean())(given)
        each = func.json_array_elements(several).table_valued("value").alias()
        item = each.c.value
        is_text = func.json_typeof(item) == literal_column("'string'")
        is_one = and_(is_text, _text(item, ()).in_([text(one) for one in values]))
        return exists(select(ONE).select_from(each).where(is_one).correlate_except(each))

    def some_item(self, document: Expr, path: Path, test: Callable[[Expr], Bool]) -> Bool:
        """Whether some object in an array passes a test."""
        each = func.json_array_elements(_member(document, path)).table_valued("value").alias()
        return exists(select(ONE).select_from(each).where(test(each.c.value)).correlate_except(each))

    def json_key(self, document: Expr, path: Path) -> Expr:
        """A text that equal values share."""
        kind, said = _type(document, path), _text(document, path)
        each = func.json_array_elements(_member(document, path)).table_valued("value", with_ordinality="place")
        each = each.render_derived()
        inner = _text(each.c.value, ())
        quoted = cast(func.to_json(inner), Text())
        item = self._scalar_key(func.json_typeof(each.c.value), inner, quoted)
        joined = func.string_agg(item, aggregate_order_by(literal_column("','", Text()), each.c.place.asc()))
        items = select(func.coalesce(joined, "")).select_from(each).correlate_except(each)
        several = literal_column("'a'", Text()).concat(items.scalar_subquery())
        return case((kind == literal_column("'array'"), several), else_=self._scalar_key(kind, said, said))

    def _scalar_key(self, kind: Expr, said: Expr, quoted: Expr) -> Expr:
        number = case(
            (_is_whole(said), self.whole_key(cast(said, BigInteger()))), else_=self.real_key(cast(said, DOUBLE))
        )
        return case(
            (kind == literal_column("'string'"), literal_column("'t'", Text()).concat(quoted)),
            (kind == literal_column("'number'"), literal_column("'n'", Text()).concat(number)),
            (kind == literal_column("'boolean'"), said),
            (kind == literal_column("'object'"), literal_column("'o'", Text()).concat(said)),
        )


def _plain(part: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in part)


def _like(value: Expr, pattern: str) -> Bool:
    return value.like(text(pattern), escape="!")


# -- numbers ------------------------------------------------------------------------------------------


def _decimal(number: int) -> Expr:
    return literal(Decimal(number), Numeric())


def _scaled(value: Expr) -> Expr:
    return func.floor(value * real(1e6) + real(0.5), type_=DOUBLE)


def _millionths_of_whole(value: Expr) -> Expr:
    return cast(value, Numeric()) * _decimal(10**6)


def _exact(scaled: Expr) -> Expr:
    """A float that is whole as a decimal, digit for digit; a plain cast would keep fifteen of them."""
    limb = real(float(LIMB))
    high: Expr = func.floor(scaled / limb, type_=DOUBLE)  # exact: only the exponent changes
    rest = cast(cast(scaled - high * limb, BigInteger()), Numeric())
    return cast(cast(high, BigInteger()), Numeric()) * _decimal(LIMB) + rest


def _is_whole(said: Expr) -> Bool:
    return said.regexp_match("^-?[0-9]+$")


# -- JSON ---------------------------------------------------------------------------------------------


def _member(document: Expr, path: Path) -> Expr:
    if not path:
        return document
    return func.json_extract_path(document, *[text(str(name)) for name in path], type_=JSON())


def _type(document: Expr, path: Path) -> Expr:
    return func.json_typeof(_member(document, path), type_=Text())


def _text(document: Expr, path: Path) -> Expr:
    if not path:
        return document.op("#>>", return_type=Text())(literal_column("'{}'"))
    return func.json_extract_path_text(document, *[text(str(name)) for name in path], type_=Text())
