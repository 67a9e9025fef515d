"""What SQLite and PostgreSQL say differently, as one protocol. May import SQLAlchemy.

Text is compared by code point, letters are folded in ASCII only, and numbers are rounded by arithmetic that both
do alike. One module for each database answers: `sqlite`, `postgres`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sqlalchemy import BigInteger, Double, Integer, Text, literal
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import literal_column

from nurture.errors import DefinitionError

if TYPE_CHECKING:
    from nurture.predicates.operators import FieldType
    from nurture.predicates.patterns import Piece

Expr: TypeAlias = ColumnElement[Any]
"""An expression of whatever type."""
Bool: TypeAlias = ColumnElement[bool]
"""An expression that is true or false; unless it is said otherwise, never NULL."""
Path: TypeAlias = tuple[str | int, ...]
"""The names, and the places in arrays, that lead to a value inside JSON."""

ONE: Expr = literal_column("1", Integer())
"""What is selected where only it matters that there is a row."""
DOUBLE: Double[float] = Double()
"""A float of 64 bits."""
LIMB = 2**32
"""Millionths are summed in two limbs, the upper of which counts these: 64 bits alone would overflow."""


def whole(number: int) -> Expr:
    """A whole number of 64 bits, bound."""
    return literal(number, BigInteger())


def real(number: float) -> Expr:
    """A float, bound."""
    return literal(number, DOUBLE)


def text(value: str) -> Expr:
    """A text, bound."""
    return literal(value, Text())


class Speech(Protocol):
    """How one database says what databases say differently.

    Attributes:
        name: What SQLAlchemy calls the database.
    """

    name: str

    def bytewise(self, value: Expr) -> Expr:
        """A text, to be ordered by code point."""
        ...

    def folded(self, value: Expr) -> Expr:
        """A text with A to Z as a to z, and nothing else changed."""
        ...

    def contains(self, value: Expr, part: str) -> Bool:
        """Whether a text holds another, which is not empty."""
        ...

    def starts_with(self, value: Expr, part: str) -> Bool:
        """Whether a text begins with another, which is not empty."""
        ...

    def ends_with(self, value: Expr, part: str) -> Bool:
        """Whether a text ends with another, which is not empty."""
        ...

    def like(self, value: Expr, runs: Sequence[Sequence[Piece]]) -> Bool:
        """Whether a whole text is made of these runs, with any characters between them."""
        ...

    def as_float(self, value: Expr) -> Expr:
        """A whole number as a float, rounded to the nearest one."""
        ...

    def floor(self, value: Expr) -> Expr:
        """The largest whole number at or below a float, as a float."""
        ...

    def within(self, value: Expr, most: float) -> Expr:
        """A float, but at most so large either way."""
        ...

    def whole_key(self, value: Expr) -> Expr:
        """A text that a whole number shares with all numbers of as many millionths."""
        ...

    def real_key(self, value: Expr) -> Expr:
        """A text that a float shares with all numbers of as many millionths."""
        ...

    def sum_holds(self, values: Sequence[tuple[Bool, Expr, bool]], op: str, goal: int, *, mean: bool) -> Bool:
        """Whether the sum of the millionths of a group compares so with a goal; for a mean, with the goal for each.

        Args:
            values: Where a value may be: whether it is there, the value, and whether it is a whole number.
            op: One of the six comparisons.
            goal: In millionths.
            mean: Whether the mean is asked; it is false of a group without a value.
        """
        ...

    def month_day(self, day: Expr) -> Expr:
        """The month and day of a date, such as `02-29`."""
        ...

    def document(self, body: Expr) -> Expr:
        """A column that holds JSON, as the other functions take it; empty text is no document."""
        ...

    def json_is(self, document: Expr, path: Path, kind: FieldType) -> Bool:
        """Whether there is a value of this type; may be NULL where nothing is."""
        ...

    def json_known(self, document: Expr, path: Path) -> Bool:
        """Whether there is any value but null; may be NULL where there is none."""
        ...

    def json_value(self, document: Expr, path: Path, kind: FieldType) -> Expr:
        """The value, which is of this type: a date and an instant as text, several as what `element` takes."""
        ...

    def has_text(self, several: Expr, values: Sequence[str]) -> Bool:
        """Whether one of the texts stands in a JSON array."""
        ...

    def some_item(self, document: Expr, path: Path, test: Callable[[Expr], Bool]) -> Bool:
        """Whether some object in an array passes a test, which is given the object as a document."""
        ...

    def json_key(self, document: Expr, path: Path) -> Expr:
        """A text that equal values share, whatever their type; NULL where there is none."""
        ...


def speech_of(dialect: str) -> Speech:
    """How the database of this name speaks.

    Raises:
        DefinitionError: It is not one that this reading knows.
    """
    if dialect == "sqlite":
        from nurture.predicates.sql.sqlite import SqliteSpeech

        return SqliteSpeech()
    if dialect == "postgresql":
        from nurture.predicates.sql.postgres import PostgresSpeech

        return PostgresSpeech()
    raise DefinitionError(f"dialect: expected 'sqlite' or 'postgresql', found {dialect!r}")


def order(left: Expr, op: str, right: Expr) -> Bool:
    """The comparison of two expressions of one type."""
    made: dict[str, Bool] = {
        "eq": left == right,
        "ne": left != right,
        "lt": left < right,
        "le": left <= right,
        "gt": left > right,
        "ge": left >= right,
    }
    return made[op]
