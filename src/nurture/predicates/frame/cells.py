"""What a column holds, as predicates see it. Imports Narwhals and the operators' types.

Text is text, numbers are 64 bits wide, instants are epoch microseconds, days are counted from 1 January 1970.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from nurture.predicates.frame.truth import Truth, at_leaf, negated
from nurture.predicates.operators import FieldType

MOST: Final = 1e300
"""The largest number; what is beyond it, and NaN, counts as missing."""
NUMBERS: Final = frozenset({FieldType.INTEGER, FieldType.NUMBER})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """An instant in epoch microseconds."""
    return (instant - _EPOCH) // _MICROSECOND


def length_in_micros(length: timedelta) -> int:
    """A length of time in microseconds."""
    return length // _MICROSECOND


def day_number(day: date) -> int:
    """A day, counted from 1 January 1970."""
    return day.toordinal() - _EPOCH_DAY


def from_micros(number: int) -> datetime:
    """The instant of so many epoch microseconds."""
    return _EPOCH + number * _MICROSECOND


def from_day_number(number: int) -> date:
    """The day of such a number."""
    return date.fromordinal(number + _EPOCH_DAY)


def millionths(number: nw.Expr) -> nw.Expr:
    """A float as predicates compare it: in millionths, halves rounded up, as a float still.

    From 2 ** 53 on floats are whole, and Spark would not round larger ones down: its whole numbers end at 64 bits.
    """
    scaled = number * 1e6 + 0.5
    return nw.when(scaled.is_between(-_WHOLE, _WHOLE)).then(scaled.floor()).otherwise(scaled)


_WHOLE = 2.0**53


@attrs.frozen(slots=True, eq=False)
class Cell:
    """One value of each row.

    Attributes:
        expr: The value.
        type: What it is; None when every value is missing.
        columns: The columns of the table that it is read from.
        texts: Gives every text that it holds, once each; for pandas-like tables only.
        empty_is_missing: Whether an empty list counts as missing.
    """

    expr: nw.Expr
    type: FieldType | None
    columns: tuple[str, ...] = ()
    texts: Callable[[], tuple[str, ...]] | None = None
    empty_is_missing: bool = False

    def under(self, alias: str) -> Cell:
        """The same value in a frame where it is a column of this name."""
        return attrs.evolve(self, expr=nw.col(alias), columns=(alias,))

    @property
    def known(self) -> Truth:
        """Whether there is a value."""
        if self.type is None:
            return False
        if self.type is FieldType.NUMBER:
            return at_leaf(self.expr.is_between(-MOST, MOST))
        if self.type is FieldType.TEXTS and self.empty_is_missing:
            return at_leaf(self.expr.list.len() > 0)
        return ~self.expr.is_null()

    @property
    def missing(self) -> Truth:
        """Whether there is none."""
        return negated(self.known)
