"""How SQLite speaks. May import SQLAlchemy.

Only what every build of SQLite 3.40 has is used: no mathematical functions, no regular expressions. `lower` folds
ASCII alone there, `GLOB` minds the case, and JSON is text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Boolean, Double, Text, and_, case, cast, exists, func, or_, select
from sqlalchemy.sql.expression import literal_column

from nurture.predicates.operators import FieldType
from nurture.predicates.sql.speech import DOUBLE, LIMB, ONE, Bool, Expr, Path, order, real, text, whole

if TYPE_CHECKING:
    from sqlalchemy.sql.selectable import TableValuedAlias

    from nurture.predicates.patterns import Piece

_MOST = 9.2e18  # what a whole number of 64 bits can surely hold
_MASK = LIMB - 1
_BINDS = {"/": 8, "%": 8}  # as SQLAlchemy ranks them: like `*`; shifts and masks bind less than all arithmetic
_SPECIAL = {"*": "[*]", "?": "[?]", "[": "[[]"}
_TYPES = {FieldType.TEXT: "text", FieldType.INTEGER: "integer", FieldType.NUMBER: "real", FieldType.TEXTS: "array"}
_TAGS = {FieldType.INSTANT: "at", FieldType.DATE: "on"}


class SqliteSpeech:
    """Says it in SQLite's words; see `Speech`."""

    name = "sqlite"

    def bytewise(self, value: Expr) -> Expr:
        """A text, to be ordered by code point."""
        return value.collate("BINARY")

    def folded(self, value: Expr) -> Expr:
        """A text with A to Z as a to z."""
        return func.lower(value, type_=Text())

    def contains(self, value: Expr, part: str) -> Bool:
        """Whether a text holds another."""
        return func.instr(value, text(part)) > 0

    def starts_with(self, value: Expr, part: str) -> Bool:
        """Whether a text begins with another; an index is of use."""
        return _glob(value, f"{_plain(part)}*")

    def ends_with(self, value: Expr, part: str) -> Bool:
        """Whether a text ends with another."""
        return func.substr(value, whole(-len(part)), type_=Text()) == text(part)

    def like(self, value: Expr, runs: Sequence[Sequence[Piece]]) -> Bool:
        """Whether a whole text is made of these runs."""
        return _glob(value, "*".join("".join("?" if piece is None else _plain(piece) for piece in run) for run in runs))

    def as_float(self, value: Expr) -> Expr:
        """A whole number as a float."""
        return cast(value, DOUBLE)

    def floor(self, value: Expr) -> Expr:
        """The largest whole number at or below a float."""
        return case((func.abs(value) < real(2.0**53), cast(_floor(value), DOUBLE)), else_=value)

    def within(self, value: Expr, most: float) -> Expr:
        """A float, but at most so large either way."""
        return func.max(real(-most), func.min(value, real(most)), type_=DOUBLE)

    def whole_key(self, value: Expr) -> Expr:
        """A text that a whole number shares with all numbers of as many millionths."""
        return case(*_whole_keys(value))

    def real_key(self, value: Expr) -> Expr:
        """A text that a float shares with all numbers of as many millionths."""
        return case(*_real_keys(value))

    def sum_holds(self, values: Sequence[tuple[Bool, Expr, bool]], op: str, goal: int, *, mean: bool) -> Bool:
        """Whether the sum of the millionths of a group compares so with a goal: exact, in two limbs."""
        highs: list[tuple[Bool, Expr]] = []
        lows: list[tuple[Bool, Expr]] = []
        for there, value, is_whole in values:
            high, low = _limbs_of_whole(value) if is_whole else _limbs_of_real(value * real(1e6) + real(0.5))
            highs.append((there, high))
            lows.append((there, low))
        number = func.count(case(*[(there, whole(1)) for there, _ in highs]))
        times: Expr = number if mean else whole(1)
        upper = func.coalesce(func.sum(case(*highs)), whole(0)) - whole(goal >> 32) * times
        lower = func.coalesce(func.sum(case(*lows)), whole(0)) - whole(goal & _MASK) * times
        holds = _limbs_hold(upper + _op(lower, ">>", 32), _op(lower, "&", _MASK), op)
        return and_(number > 0, holds) if mean else holds

    def month_day(self, day: Expr) -> Expr:
        """The month and day of a date."""
        return func.substr(day, whole(6), whole(5), type_=Text())

    def document(self, body: Expr) -> Expr:
        """A column that holds JSON; empty text is no document."""
        return func.nullif(body, literal_column("''"), type_=Text())

    def json_is(self, document: Expr, path: Path, kind: FieldType) -> Bool:
        """Whether there is a value of this type."""
        if kind in _TAGS:
            return _type(document, (*path, _TAGS[kind])) == literal_column("'text'")
        if kind is FieldType.BOOLEAN:
            return _type(document, path).in_([literal_column("'true'"), literal_column("'false'")])
        return _type(document, path) == literal_column(f"'{_TYPES[kind]}'")

    def json_known(self, document: Expr, path: Path) -> Bool:
        """Whether there is any value but null."""
        return _type(document, path) != literal_column("'null'")

    def json_value(self, document: Expr, path: Path, kind: FieldType) -> Expr:
        """The value, which is of this type."""
        if kind in _TAGS:
            return _value(document, (*path, _TAGS[kind]))
        if kind is FieldType.BOOLEAN:
            return _type(document, path) == literal_column("'true'")
        found = _value(document, path)
        if kind is FieldType.INTEGER:
            return func.json_extract(document, "$", type_=BigInteger()) if not path else _typed(found, BigInteger())
        return _typed(found, DOUBLE) if kind is FieldType.NUMBER else found

    def has_text(self, several: Expr, values: Sequence[str]) -> Bool:
        """Whether one of the texts stands in a JSON array."""
        each = _each(several)
        is_one = and_(each.c.type == literal_column("'text'"), each.c.value.in_([text(one) for one in values]))
        return exists(select(ONE).select_from(each).where(is_one).correlate_except(each))

    def some_item(self, document: Expr, path: Path, test: Callable[[Expr], Bool]) -> Bool:
        """Whether some object in an array passes a test."""
        each = _each(_value(document, path))
        item = case((each.c.type == literal_column("'object'"), each.c.value))
        return exists(select(ONE).select_from(each).where(test(item)).correlate_except(each))

    def json_key(self, document: Expr, path: Path) -> Expr:
        """A text that equal values share."""
        kind, value = _type(document, path), _value(document, path)
        each = _each(value)
        item = case(*_scalar_keys(each.c.type, each.c.value, func.json_quote(each.c.value, type_=Text())))
        items = select(func.coalesce(func.group_concat(item, ","), "")).select_from(each).correlate_except(each)
        several = literal_column("'a'", Text()).concat(items.scalar_subquery())
        return case((kind == literal_column("'array'"), several), *_scalar_keys(kind, value, value))


def _scalar_keys(kind: Expr, value: Expr, quoted: Expr) -> list[tuple[Bool, Expr]]:
    """The keys of a value, each with when it is the one; in one row, as SQLite's parser takes only so much nesting."""
    number = literal_column("'n'", Text())
    whole_number, float_number = _typed(value, BigInteger()), _typed(value, DOUBLE)
    is_whole, is_float = kind == literal_column("'integer'"), kind == literal_column("'real'")
    return [
        (kind == literal_column("'text'"), literal_column("'t'", Text()).concat(quoted)),
        *[(and_(is_whole, when), number.concat(key)) for when, key in _whole_keys(whole_number)],
        *[(and_(is_float, when), number.concat(key)) for when, key in _real_keys(float_number)],
        (kind.in_([literal_column("'true'"), literal_column("'false'")]), kind),
        (kind == literal_column("'object'"), literal_column("'o'", Text()).concat(value)),
    ]


def _whole_keys(value: Expr) -> list[tuple[Bool, Expr]]:
    small = value.between(whole(-int(_MOST / 1e6)), whole(int(_MOST / 1e6)))
    return [(small, cast(value * whole(10**6), Text())), (value.is_not(None), _key(*_limbs_of_whole(value)))]


def _real_keys(value: Expr) -> list[tuple[Bool, Expr]]:
    scaled = value * real(1e6) + real(0.5)
    return [
        (func.abs(scaled) <= real(_MOST), cast(_floor(scaled), Text())),
        (func.abs(scaled) < real(_MOST * LIMB), _key(*_limbs_of_large(scaled))),
        (value.is_not(None), func.printf("%!.20e", scaled, type_=Text())),
    ]


def _typed(value: Expr, of_type: BigInteger | Double[float]) -> Expr:
    """The value, of which SQLAlchemy shall know the type; it changes nothing in the database."""
    from sqlalchemy import type_coerce

    return type_coerce(value, of_type)


def _plain(part: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in part)


def _glob(value: Expr, pattern: str) -> Bool:
    return value.op("GLOB", is_comparison=True, return_type=Boolean())(text(pattern))


# -- numbers ------------------------------------------------------------------------------------------


def _floor(value: Expr) -> Expr:
    """The floor of a float that 64 bits can hold, as a whole number."""
    cut = cast(value, BigInteger())
    return cut - _typed(value < cut, BigInteger())  # what is true is one


def _op(value: Expr, symbol: str, number: int) -> Expr:
    return value.op(symbol, precedence=_BINDS.get(symbol, 0), return_type=BigInteger())(whole(number))


def _limbs_of_whole(value: Expr) -> tuple[Expr, Expr]:
    """The millionths of a whole number, as how many times the limb they hold, and what is left; of one sign."""
    low = _op(value, "%", LIMB) * whole(10**6)
    return _op(value, "/", LIMB) * whole(10**6) + _op(low, "/", LIMB), _op(low, "%", LIMB)


def _limbs_of_real(scaled: Expr) -> tuple[Expr, Expr]:
    """Likewise of a float, once it is scaled to millionths and a half is added."""
    is_large, floor = func.abs(scaled) > real(_MOST), _floor(scaled)
    high, low = _limbs_of_large(scaled)
    return case((is_large, high), else_=_op(floor, "/", LIMB)), case((is_large, low), else_=_op(floor, "%", LIMB))


def _limbs_of_large(scaled: Expr) -> tuple[Expr, Expr]:
    """Likewise of one that is so large that it has no fraction; dividing changes its exponent only."""
    limb = real(float(LIMB))
    high: Expr = cast(scaled.op("/", precedence=_BINDS["/"], return_type=DOUBLE)(limb), BigInteger())
    return high, cast(scaled - high * limb, BigInteger())


def _key(high: Expr, low: Expr) -> Expr:
    return cast(high, Text()).concat(literal_column("':'", Text())).concat(cast(low, Text()))


def _limbs_hold(high: Expr, low: Expr, op: str) -> Bool:
    """The comparison with zero of a number in two limbs, the lower of which is not negative."""
    zero = whole(0)
    if op in ("lt", "ge"):
        return order(high, op, zero)
    at_zero = and_(high == zero, low == zero)
    if op in ("eq", "ne"):
        return at_zero if op == "eq" else ~at_zero
    below = or_(high < zero, at_zero)
    return below if op == "le" else ~below


# -- JSON ---------------------------------------------------------------------------------------------


def _each(*arguments: Expr | str) -> TableValuedAlias:
    return func.json_each(*arguments).table_valued("key", "value", "type").alias()


def _is_plain(name: str | int) -> bool:
    """Whether a path can name it: SQLite looks for names as they are written in the text, escapes and all."""
    if isinstance(name, int):
        return True
    return '"' not in name and "\\" not in name and name.isprintable()


def _path(names: Path) -> str:
    return "$" + "".join(f"[{name}]" if isinstance(name, int) else f'."{name}"' for name in names)


def _type(document: Expr, path: Path) -> Expr:
    odd = _odd(path)
    if odd is None:
        return func.json_type(document, _path(path), type_=Text())
    if odd == len(path) - 1:
        return _member(document, path, "type")
    return func.json_type(_object(document, path[: odd + 1]), _path(path[odd + 1 :]), type_=Text())


def _value(document: Expr, path: Path) -> Expr:
    odd = _odd(path)
    if odd is None:
        return func.json_extract(document, _path(path), type_=Text())
    if odd == len(path) - 1:
        return _member(document, path, "value")
    return func.json_extract(_object(document, path[: odd + 1]), _path(path[odd + 1 :]), type_=Text())


def _odd(path: Path) -> int | None:
    return next((place for place, name in enumerate(path) if not _is_plain(name)), None)


def _member(document: Expr, path: Path, column: str) -> Expr:
    """What is known of a member by a name that no path can hold."""
    each = _each(document, _path(path[:-1]))
    found = select(each.c[column]).select_from(each).where(each.c.key == text(str(path[-1]))).correlate_except(each)
    return found.scalar_subquery()


def _object(document: Expr, path: Path) -> Expr:
    """The member, if it is an object; anything else is no document."""
    kind, value = _member(document, path, "type"), _member(document, path, "value")
    return case((kind == literal_column("'object'"), value))
