"""The user's frames, and which of their columns hold what a predicate asks for. May import Narwhals and the model.

Columns are found by name; what is called otherwise is said with a mapping. Nothing here looks at rows, except that
pandas-like columns of Python objects are read once, when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import attrs
import narwhals.stable.v2 as nw
from narwhals.exceptions import DuplicateError

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates.frame import edges
from nurture.predicates.frame.cells import NUMBERS, Cell
from nurture.predicates.frame.local_times import to_utc
from nurture.predicates.operators import FieldType

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Frame: TypeAlias = "nw.DataFrame[Any] | nw.LazyFrame[Any]"
"""A frame as Narwhals wraps it; what it wraps is the user's, and nobody's business here."""
Room: TypeAlias = Literal["leads", "accounts", "touchpoints", "memberships", "enrollments"]

OURS = "__nurture_"
"""What the names of columns begin with that are added here."""

_PREFIXES: Mapping[Room, tuple[str, ...]] = {
    "leads": ("lead.", ""),
    "accounts": ("account.",),
    "touchpoints": ("touchpoint.",),
    "memberships": ("membership.",),
    "enrollments": ("enrollment.",),
}
_ALIASES: Mapping[Room, Mapping[str, tuple[str, ...]]] = {
    "leads": {"id": ("lead_id", "lead", "subject"), "account": ("account_id",)},
    "accounts": {"id": ("account_id", "account", "subject")},
    "touchpoints": {
        "id": ("touchpoint_id", "fact_id", "event_id"),
        "kind": ("event", "type"),
        "at": ("occurred_at", "happened_at", "timestamp", "time", "ts"),
    },
    "memberships": {"subject": ("lead_id", "lead", "id")},
    "enrollments": {"subject": ("lead_id", "lead", "id")},
}
_SUBJECTS: Mapping[SubjectKind, tuple[str, ...]] = {
    SubjectKind.LEAD: ("subject", "subject_id", "lead_id", "lead"),
    SubjectKind.ACCOUNT: ("account_id", "account", "subject", "subject_id"),
}
OF_FACTS = frozenset({"id", "subject", "kind", "at", "origin", "channel", "campaign", "suspect"})
"""What a fact has besides its properties."""


class Table:
    """One frame, and what its columns hold.

    Args:
        native: The user's frame, or what Narwhals made of it.
        room: Which of the frames it is, for messages and for the names of columns.
        columns: Columns that are called otherwise than what they hold, by that.
        zone: Where wall clocks hang whose times have no zone; None refuses such times.

    Raises:
        DefinitionError: It is no frame that Narwhals knows, or two of its columns share a name.
    """

    def __init__(
        self, native: object, room: Room, *, columns: Mapping[str, str] | None = None, zone: ZoneInfo | None = None
    ) -> None:
        try:
            frame: Frame = nw.from_native(cast("Any", native))  # the call itself checks it
        except TypeError:
            raise DefinitionError(
                f"{room}: expected a frame of pandas, Polars, PyArrow, DuckDB or Spark, found {type(native).__name__}"
            ) from None
        except DuplicateError:
            raise DefinitionError(f"{room}: {_twice(native)}; give each column a name of its own") from None
        self.room: Room = room
        self.schema: dict[str, nw.dtypes.DType] = dict(frame.collect_schema())
        if frame.implementation.is_spark_like() and (dotted := [one for one in self.schema if "." in one]):
            raise DefinitionError(f"{room}: Spark takes a dot in the name of a column for a path; rename {dotted[0]!r}")
        self.in_memory = isinstance(frame, nw.DataFrame)
        self.is_pandas_like = frame.implementation.is_pandas_like()
        self.made_by = frame.implementation.value
        self.original: Frame = frame
        self.frame: Frame = frame
        self._columns = columns or {}
        self._zone = zone
        self._cells: dict[tuple[str, FieldType | None], Cell] = {}
        self._id_types: dict[str, FieldType | None] = {}

    def find(self, name: str, *more: str) -> str | None:
        """The column that holds something: the one that was said, else the first of these names that is there."""
        for prefix in _PREFIXES[self.room]:
            said = self.said(f"{prefix}{name}")
            if said is not None:
                return said
        names = (name, *more, *_ALIASES[self.room].get(name, ()))
        return next((one for one in names if one in self.schema), None)

    def said(self, key: str) -> str | None:
        """The column that was said to hold something.

        Raises:
            UnknownNameError: The frame has no such column.
        """
        said = self._columns.get(key)
        if said is not None and said not in self.schema:
            raise UnknownNameError("column", said, self.schema, where=f"{self.room}, for {key}")
        return said

    def named(self, column: str) -> str | None:
        """What a column was said to hold, without the owner; None when nobody said."""
        owners = ("prop.",) if self.room == "touchpoints" else (f"{_PREFIXES[self.room][0]}",)
        said = (key for key, value in self._columns.items() if value == column)
        return next((key.removeprefix(owner) for key in said for owner in owners if key.startswith(owner)), None)

    def holds(self, key: str) -> bool:
        """Whether the column that was said to hold something is one of this frame."""
        return self._columns.get(key) in self.schema

    def inside(self, column: str, name: str) -> Cell | None:
        """A field of a column that holds structs, or of structs in it; None when there is no such field."""
        dtype: object = self.schema.get(column)
        expr, alias = nw.col(column), f"{OURS}in_{column}.{name}"
        known: Mapping[str, object]
        for part in name.split("."):
            known = {one.name: one.dtype for one in dtype.fields} if isinstance(dtype, nw.Struct) else {}
            if part not in known:
                return None
            expr, dtype = expr.struct.field(part), known[part]
        if alias not in self.schema:
            self.frame = self.frame.with_columns(expr.alias(alias))
            self.schema[alias] = self.frame.collect_schema()[alias]
        return self.cell(alias)

    def need(self, name: str, *more: str, asked: str) -> str:
        """The column that holds something.

        Raises:
            UnknownNameError: There is none; near misses are listed.
        """
        found = self.find(name, *more)
        if found is None:
            key = f"{_PREFIXES[self.room][0]}{name}"
            where = f"{self.room}, for {asked} (say columns={{{key!r}: …}} if it is called otherwise)"
            raise UnknownNameError("column", name, self.schema, where=where)
        return found

    def cell(self, column: str, declared: FieldType | None = None, *, asked: str = "") -> Cell:
        """What a column holds.

        Args:
            column: Its name.
            declared: What it is meant to hold; None takes what it does hold.
            asked: What is asked for, for messages.

        Raises:
            DefinitionError: It holds something else, or times without a zone.
        """
        key = (column, declared)
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = self._made(column, declared, f"{self.room}.{column}")
            if found.type is not None and declared is not None and not _fit(found.type, declared):
                raise DefinitionError(
                    f"{self.room}: the column {column!r} holds {found.type}; {asked or column} is {declared}"
                )
        return found

    def key(self, column: str, like: FieldType | None = None) -> nw.Expr:
        """A column of ids, such that ids of several frames can be compared: whole numbers, or text.

        Args:
            column: Its name.
            like: What the ids are with which these are compared; matters only when no row has an id here.

        Raises:
            DefinitionError: It holds numbers that are not whole.
        """
        dtype, found = self.schema[column], self.id_type(column) or like
        source = self.key_source(column, like)
        if found is FieldType.INTEGER:
            return edges.whole(column, dtype) if source == column else nw.col(source)
        if source != column:
            return nw.col(source).cast(nw.String)
        return nw.col(column) if dtype == nw.String else nw.col(column).cast(nw.String)

    def key_source(self, column: str, like: FieldType | None = None) -> str:
        """The column from which `key` reads: of pandas, which has no plain integers with holes, one that is added."""
        dtype, frame = self.schema[column], self.frame
        is_whole = (self.id_type(column) or like) is FieldType.INTEGER
        is_empty = self.id_type(column) is None and dtype.is_float()
        if not isinstance(frame, nw.DataFrame) or not self.is_pandas_like or dtype.is_integer():
            return column
        if not is_whole and not is_empty:
            return column
        alias = f"{OURS}id_{column}"
        if alias not in frame.columns:
            self.frame = edges.with_whole(frame, column, alias)
        return alias

    def id_type(self, column: str) -> FieldType | None:
        """Whether ids are whole numbers or text; None when no row has one. A hole makes floats of pandas integers."""
        if column not in self._id_types:
            self._id_types[column] = self._found_id_type(column)
        return self._id_types[column]

    def _found_id_type(self, column: str) -> FieldType | None:
        dtype, frame = self.schema[column], self.frame
        if not isinstance(frame, nw.DataFrame):
            return FieldType.INTEGER if dtype.is_numeric() else FieldType.TEXT
        if self._is_empty(column):
            return None
        if dtype.is_integer():
            return FieldType.INTEGER
        if isinstance(dtype, nw.Object) or self._is_misread(column):
            return FieldType.INTEGER if edges.are_whole(frame[column].to_list()) else FieldType.TEXT
        if not dtype.is_numeric():
            return FieldType.TEXT
        if self.is_whole(column):
            return FieldType.INTEGER
        raise DefinitionError(f"{self.room}: the column {column!r} holds numbers that are not whole; ids are, or text")

    def is_whole(self, column: str) -> bool:
        """Whether every number of a column in memory is whole; those that are missing do not count."""
        if not isinstance(self.frame, nw.DataFrame):
            return False
        numbers = self.frame.select(nw.col(column).cast(nw.Float64).alias("n"))
        known = numbers.filter(~nw.col("n").is_null() & ~nw.col("n").is_nan())
        return not len(known.filter(~edges.is_whole(nw.col("n"))))

    def add_row_numbers(self, alias: str) -> None:
        """Add the number of each row; frames in memory only."""
        if isinstance(self.frame, nw.DataFrame):
            self.frame = self.frame.with_row_index(alias)

    def _made(self, column: str, declared: FieldType | None, where: str) -> Cell:
        dtype = nw.Object() if self._is_misread(column) else self.schema[column]
        if isinstance(dtype, (nw.String, nw.Categorical, nw.Enum)):
            expr = nw.col(column) if isinstance(dtype, nw.String) else nw.col(column).cast(nw.String)
            return Cell(expr, FieldType.TEXT, (column,), self._texts(column))
        if isinstance(dtype, nw.Boolean):
            return Cell(nw.col(column), FieldType.BOOLEAN, (column,))
        if dtype.is_numeric():
            return self._number(column, dtype, declared)
        if isinstance(dtype, nw.Datetime):
            return self._instant(column, dtype, declared, where)
        if isinstance(dtype, nw.Date):
            if self._is_planned:
                return Cell(edges.days(column), FieldType.DATE, (column,))
            alias = f"{OURS}day_{column}"
            self.frame = edges.with_days(self.frame, column, alias)
            return Cell(nw.col(alias), FieldType.DATE, (alias,))
        if isinstance(dtype, nw.List):
            return Cell(nw.col(column), FieldType.TEXTS, (column,))
        if isinstance(dtype, nw.Object):
            alias = f"{OURS}read_{column}"
            self.frame, kind = edges.with_objects(self.frame, column, alias, where)
            texts = self._texts(column) if kind is FieldType.TEXT else None
            return Cell(nw.col(alias), kind, (alias,), texts)
        if isinstance(dtype, nw.Unknown):
            return Cell(nw.col(column), None, (column,))
        raise DefinitionError(f"{where}: a column of {dtype} holds nothing that predicates know")

    def _is_misread(self, column: str) -> bool:
        """Whether objects were taken for text: pandas is judged by its first hundred values, and they may all lack."""
        if not (self.is_pandas_like and isinstance(self.schema[column], nw.String)):
            return False
        first = self.frame[column].drop_nulls().head(1).to_list() if isinstance(self.frame, nw.DataFrame) else []
        return bool(first) and not isinstance(first[0], str)

    def _number(self, column: str, dtype: nw.dtypes.DType, declared: FieldType | None) -> Cell:
        if declared is not None and declared not in NUMBERS and self._is_empty(column):
            return Cell(nw.col(column), None, (column,))  # pandas makes a column without values one of NaNs
        if declared is FieldType.INSTANT:
            return Cell(nw.col(column), FieldType.INSTANT, (column,))  # epoch microseconds
        if dtype.is_integer():
            return Cell(nw.col(column).cast(nw.Int64), FieldType.INTEGER, (column,))
        return Cell(nw.col(column).cast(nw.Float64), FieldType.NUMBER, (column,))

    def has_holes(self, column: str) -> bool:
        """Whether a value is missing in a column of a frame in memory."""
        return isinstance(self.frame, nw.DataFrame) and self.frame[column].null_count() > 0

    def _is_empty(self, column: str) -> bool:
        return isinstance(self.frame, nw.DataFrame) and self.frame[column].null_count() == len(self.frame)

    @property
    def _is_planned(self) -> bool:
        """Whether the engine works out a column where it is used, at no cost to speak of."""
        return self.frame.implementation.is_polars()

    def _instant(self, column: str, dtype: nw.Datetime, declared: FieldType | None, where: str) -> Cell:
        if self._is_planned and dtype.time_zone is not None:
            return Cell(edges.epoch_micros(column), FieldType.INSTANT, (column,))
        alias = f"{OURS}at_{column}"
        self.frame = edges.with_micros(self.frame, column, alias, is_naive=dtype.time_zone is None)
        if declared is FieldType.DATE and dtype.time_zone is None:
            day = f"{OURS}day_{column}"
            self.frame = self.frame.with_columns(edges.floored(nw.col(alias), edges.DAY).alias(day))
            return Cell(nw.col(day), FieldType.DATE, (day,))
        if dtype.time_zone is None:
            if self._zone is None:
                raise DefinitionError(f"{where}: holds times without a time zone; say zone='Asia/Tokyo' or the like")
            self.frame = to_utc(self.frame, alias, self._zone)
        return Cell(nw.col(alias), FieldType.INSTANT, (alias,))

    def _texts(self, column: str) -> Callable[[], tuple[str, ...]] | None:
        frame = self.frame
        if not self.is_pandas_like or not isinstance(frame, nw.DataFrame):
            return None

        def texts() -> tuple[str, ...]:
            return tuple(str(one) for one in frame[column].drop_nulls().unique().to_list())

        return texts


def _twice(native: object) -> str:
    names = [str(one) for one in cast("Iterable[object]", getattr(native, "columns", ()))]
    found = next((one for place, one in enumerate(names) if one in names[:place]), None)
    return "two columns have the same name" if found is None else f"two columns are called {found!r}"


def _fit(found: FieldType, declared: FieldType) -> bool:
    return found is declared or (found in NUMBERS and declared in NUMBERS)


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Tables:
    """The frames that a predicate is asked of.

    Attributes:
        leads: One row a lead.
        accounts: One row an account.
        touchpoints: One row a fact.
        memberships: One row for each kept membership: `subject`, `segment`, `since`.
        enrollments: One row for each run of a scenario: `subject`, `scenario`, `state`; see `Standing.run_states`.
        scores: Scores that were worked out, by model: frames with the columns `subject` and `score`.
    """

    leads: Table | None = None
    accounts: Table | None = None
    touchpoints: Table | None = None
    memberships: Table | None = None
    enrollments: Table | None = None
    scores: Mapping[str, Frame] = attrs.field(factory=dict[str, Frame])

    def of(self, room: Room, asked: str) -> Table:
        """One of them.

        Raises:
            DefinitionError: It was not given.
        """
        found: Table | None = getattr(self, room)
        if found is None:
            raise DefinitionError(f"{asked}: needs the frame {room}, which was not given")
        return found

    def of_subject(self, subject: SubjectKind, asked: str) -> Table:
        """The frame of leads, or of accounts."""
        return self.of("leads" if subject is SubjectKind.LEAD else "accounts", asked)


def subject_column(facts: Table, subject: SubjectKind, asked: str) -> str:
    """The column of a fact that says whom it is about."""
    names = _SUBJECTS[subject]
    said = facts.find(subject.value)  # columns={"touchpoint.account": …}
    return said if said is not None else facts.need("subject", *names, asked=asked)


def find_property(facts: Table, name: str) -> Cell | None:
    """A property of facts: a column of that name, or `properties.` and the name, or a field of a struct."""
    said = facts.said(f"prop.{name}")
    for column in (said, f"properties.{name}", f"prop.{name}", f"prop_{name}", None if name in OF_FACTS else name):
        if column is not None and column in facts.schema:
            return facts.cell(column, asked=f"prop.{name}")
    return facts.inside("properties", name)


def property_cell(facts: Table, name: str) -> Cell:
    """A property of facts.

    Raises:
        UnknownNameError: There is no such column.
    """
    found = find_property(facts, name)
    if found is None:
        where = f"touchpoints, for prop.{name} (say columns={{'prop.{name}': …}} if it is called otherwise)"
        raise UnknownNameError("column", name, facts.schema, where=where)
    return found


__all__ = ["Frame", "Room", "Table", "Tables", "find_property", "property_cell", "subject_column"]
