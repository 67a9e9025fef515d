"""Where the engines differ: how times, days and Python objects become numbers. Imports Narwhals only.

Narwhals has no one way to the epoch (Spark and DuckDB lack it), and a pandas column of times with a hole in it would
become one of floats. So each family of engines is asked in its own words, through methods of its own frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import narwhals.stable.v2 as nw

from nurture.errors import DefinitionError
from nurture.predicates.frame.cells import day_number, micros
from nurture.predicates.operators import FieldType

if TYPE_CHECKING:
    from nurture.predicates.frame.tables import Frame

DAY: Final = 86_400_000_000
"""The microseconds of a day."""

_SHIFT = 1_000_000  # far enough back that nothing is negative: engines divide negative numbers differently


def floored(expr: nw.Expr, by: int) -> nw.Expr:
    """A whole number, divided and rounded down."""
    return (expr + _SHIFT * by) // by - _SHIFT


class _Relation(Protocol):
    """What a DuckDB relation can do."""

    def project(self, columns: str, /) -> object: ...


class _SparkFrame(Protocol):
    """What a Spark frame can do."""

    def selectExpr(self, *columns: str) -> object: ...


class _Series(Protocol):
    """What a pandas series can do."""

    @property
    def dt(self) -> _Times: ...
    @property
    def hasnans(self) -> bool: ...
    def astype(self, dtype: str, /) -> _Series: ...
    def isna(self) -> _Series: ...
    def mask(self, where: _Series, /) -> _Series: ...


class _Times(Protocol):
    def tz_convert(self, zone: str, /) -> _Series: ...
    def tz_localize(self, zone: None, /) -> _Series: ...


def with_micros(frame: Frame, column: str, alias: str, *, is_naive: bool) -> Frame:
    """The frame with a column of times in epoch microseconds besides; of naive times as if they were in UTC."""
    name = frame.implementation
    if name.is_duckdb():
        return _projected(frame, f"epoch_us({_quoted(column)})", alias)
    if name.is_pyspark() or name.is_pyspark_connect():
        if is_naive:
            return _selected(frame, f"timestampdiff(MICROSECOND, TIMESTAMP_NTZ'1970-01-01', {_ticked(column)})", alias)
        return _selected(frame, f"unix_micros({_ticked(column)})", alias)
    if name.is_pandas_like() and isinstance(frame, nw.DataFrame) and frame[column].null_count():
        return _with_pandas_micros(frame, column, alias, is_naive=is_naive)
    return frame.with_columns(epoch_micros(column).alias(alias))


def epoch_micros(column: str) -> nw.Expr:
    """A column of times in epoch microseconds, in Narwhals' own words."""
    return nw.col(column).dt.timestamp("us")


def days(column: str) -> nw.Expr:
    """A column of days, counted from 1 January 1970, in Narwhals' own words."""
    return floored(epoch_micros(column), DAY)


def with_days(frame: Frame, column: str, alias: str) -> Frame:
    """The frame with a column of days, counted from 1 January 1970, besides."""
    name = frame.implementation
    if name.is_duckdb():
        return _projected(frame, f"date_diff('day', DATE '1970-01-01', {_quoted(column)})", alias)
    if name.is_pyspark() or name.is_pyspark_connect():
        return _selected(frame, f"cast(unix_date({_ticked(column)}) as bigint)", alias)
    return frame.with_columns(days(column).alias(alias))


def _projected(frame: Frame, expression: str, alias: str) -> Frame:
    relation = cast("_Relation", native_of(frame))
    return _wrapped(relation.project(f"*, {expression} AS {_quoted(alias)}"))


def _selected(frame: Frame, expression: str, alias: str) -> Frame:
    native = cast("_SparkFrame", native_of(frame))
    return _wrapped(native.selectExpr("*", f"{expression} as {_ticked(alias)}"))


def native_of(frame: Frame) -> object:
    """What Narwhals wraps: a frame of the user's own library."""
    return cast("object", nw.to_native(cast("nw.DataFrame[Any]", frame)))


def _wrapped(native: object) -> Frame:
    return cast("Frame", nw.from_native(cast("Any", native)))


def stacked(frames: Sequence[Frame]) -> Frame:
    """The rows of all frames."""
    return frames[0] if len(frames) == 1 else cast("Frame", nw.concat(cast("Sequence[nw.DataFrame[Any]]", frames)))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _ticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _with_pandas_micros(frame: nw.DataFrame[Any], column: str, alias: str, *, is_naive: bool) -> Frame:
    series = frame[column]
    if "pyarrow" in str(getattr(nw.to_native(series), "dtype", "")):
        return frame.with_columns(epoch_micros(column).alias(alias))
    native = cast("_Series", nw.to_native(series))
    plain = native if is_naive else native.dt.tz_convert("UTC").dt.tz_localize(None)
    # A hole among 64-bit numbers needs the nullable type; floats would round what lies beyond the year 2255.
    numbers = plain.astype("datetime64[us]").astype("int64").astype("Int64").mask(native.isna())
    made = cast("nw.Series[Any]", nw.from_native(cast("Any", numbers), series_only=True))
    return frame.with_columns(made.alias(alias))


def is_whole(number: nw.Expr) -> nw.Expr:
    """Whether a float is a whole number that it holds exactly."""
    return number.is_between(-_EXACT, _EXACT) & (number.floor() == number)


_EXACT = 2.0**53


def are_whole(values: Iterable[object]) -> bool:
    """Whether Python objects are whole numbers, those aside that are missing."""
    known = [one for one in map(_value, values) if one is not None]
    return all(isinstance(one, (int, float)) and not isinstance(one, bool) and one == one // 1 for one in known)


def whole(column: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """A column of whole numbers that may be held as floats, as 64-bit integers; not for pandas."""
    if dtype.is_integer() or not dtype.is_numeric():
        return nw.col(column).cast(nw.Int64)
    number = nw.col(column).cast(nw.Float64)
    return nw.when(is_whole(number)).then(number).cast(nw.Int64)


def with_whole(frame: nw.DataFrame[Any], column: str, alias: str) -> nw.DataFrame[Any]:
    """The pandas frame with a column of whole numbers besides, in the type that may have holes."""
    native = cast("_Series", nw.to_native(frame[column]))
    is_float = frame.schema[column].is_float()
    numbers = (native.astype("float64") if is_float else native.mask(native.isna())).astype("Int64")
    made = cast("nw.Series[Any]", nw.from_native(cast("Any", numbers), series_only=True))
    return frame.with_columns(made.alias(alias))


def with_objects(frame: Frame, column: str, alias: str, where: str) -> tuple[Frame, FieldType | None]:
    """The frame with what a column of Python objects holds besides, and what that is; None when it holds nothing.

    Raises:
        DefinitionError: It holds several kinds of values, or what predicates do not know.
    """
    if not isinstance(frame, nw.DataFrame):
        raise DefinitionError(f"{where}: holds objects that the engine cannot compare")
    values = [_value(value) for value in frame[column].to_list()]
    found = {_kind(value) for value in values if value is not None}
    if found == {FieldType.INTEGER, FieldType.NUMBER}:
        found = {FieldType.NUMBER}
    kind = found.pop() if found else None
    if found or (kind is None and any(value is not None for value in values)):
        raise DefinitionError(
            f"{where}: holds values of several kinds, or of one unknown; give it one, for instance with astype"
        )
    read, dtype = _READ[kind]
    stored = [None if value is None else read(value) for value in values]
    series = nw.new_series(alias, stored, dtype, backend=frame.implementation)
    return frame.with_columns(series), kind


def _value(value: object) -> object:
    if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "tolist"):
        items = cast("Iterable[object]", value)
        return [str(item) for item in items]
    if value is None or value.__class__.__name__ == "NAType" or value != value:  # NaN, NaT
        return None
    return value


def _kind(value: object) -> FieldType | None:
    for kind, found in _KINDS:
        if isinstance(value, kind):
            return found
    return None


_KINDS: Sequence[tuple[type, FieldType]] = (
    (bool, FieldType.BOOLEAN),
    (str, FieldType.TEXT),
    (int, FieldType.INTEGER),
    (float, FieldType.NUMBER),
    (Decimal, FieldType.NUMBER),
    (datetime, FieldType.INSTANT),
    (date, FieldType.DATE),
    (list, FieldType.TEXTS),
)
_Reads = Callable[[object], object]


def _number(value: object) -> float:
    return float(cast("float", value))


# Numbers with holes are floats there; days, and times until the year 2255, are exact in them.
_READ: dict[FieldType | None, tuple[_Reads, nw.dtypes.DType]] = {
    None: (_number, nw.Float64()),
    FieldType.BOOLEAN: (_number, nw.Float64()),
    FieldType.TEXT: (str, nw.String()),
    FieldType.INTEGER: (_number, nw.Float64()),
    FieldType.NUMBER: (_number, nw.Float64()),
    FieldType.INSTANT: (lambda value: micros(cast("datetime", value)), nw.Float64()),
    FieldType.DATE: (lambda value: day_number(cast("date", value)), nw.Float64()),
    FieldType.TEXTS: (lambda value: value, nw.List(nw.String)),
}
