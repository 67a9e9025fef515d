"""Rows as records: a lead, an account, a fact. May import the `frame` reading for what columns hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import attrs
import narwhals.stable.v2 as nw

from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import (
    Account,
    AccountId,
    FactId,
    Lead,
    LeadId,
    Origin,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
)
from nurture.model.account import ACCOUNT_TEXT_FIELDS
from nurture.model.lead import TEXT_FIELDS
from nurture.predicates import ACCOUNT_FIELDS, LEAD_FIELDS, FieldType
from nurture.predicates.frame.cells import MOST, Cell, from_day_number, from_micros
from nurture.predicates.frame.tables import subject_column

if TYPE_CHECKING:
    from nurture.predicates.frame import Table

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_FACT: Mapping[str, FieldType] = {
    "kind": FieldType.TEXT,
    "at": FieldType.INSTANT,
    "origin": FieldType.TEXT,
    "channel": FieldType.TEXT,
    "campaign": FieldType.TEXT,
    "suspect": FieldType.BOOLEAN,
}
_OWN: Mapping[str, Mapping[str, FieldType]] = {"leads": LEAD_FIELDS, "accounts": ACCOUNT_FIELDS, "touchpoints": _FACT}
_PREFIXES = ("properties.", "prop.", "prop_", "account.")
_IDS: Mapping[str, tuple[str, ...]] = {"leads": ("id", "account"), "accounts": ("id",), "touchpoints": ("id",)}


def rows_of(
    table: Table, subject: SubjectKind | None = None, *, skipped: dict[str, str] | None = None
) -> Iterator[dict[str, Value]]:
    """The rows as values by field: those of the record's own by their names, all others by their columns' names.

    A value of the lead's own stands under its name; another one under `+` and its name, for they may be called alike.
    Structs are laid flat.

    Args:
        table: The frame.
        subject: Of facts: about which kind of subject; None for leads, and for accounts where no lead is named.
        skipped: Takes the columns that hold nothing a record can hold, each with the reason.
    """
    ids = {name: table.find(name) for name in _IDS[table.room]}
    if table.room == "touchpoints":
        ids["subject"] = _subject(table, (SubjectKind.LEAD, SubjectKind.ACCOUNT) if subject is None else (subject,))
    taken = {one for one in ids.values() if one is not None}
    cells: dict[str, Cell] = {}
    for name, declared in _OWN[table.room].items():
        column = None if name in ids else table.find(name)
        if column is not None:
            cells[name] = _exact(table, column, table.cell(column, declared))
            taken.add(column)
    others = [column for column in table.original.columns if column not in taken]
    for column in sorted(others, key=lambda one: isinstance(table.schema[one], nw.Struct)):
        for name, cell in _cells(table, column, {} if skipped is None else skipped):
            cells.setdefault(f"+{name}", cell)  # a column goes before a field of a struct, as where predicates are read
    names = {name: f"c{place}" for place, name in enumerate(cells)}
    keys = {name: f"k{place}" for place, name in enumerate(ids)}
    frame = table.frame.select(
        *(cell.expr.alias(names[name]) for name, cell in cells.items()),
        *(nw.col(column).alias(keys[name]) for name, column in ids.items() if column is not None),
    )
    rows = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    for row in rows.iter_rows(named=True):
        values = {name: _value(row[names[name]], cell.type) for name, cell in cells.items()}
        yield values | {name: _id(row.get(keys[name])) for name in ids}


def _cells(table: Table, column: str, skipped: dict[str, str]) -> Iterator[tuple[str, Cell]]:
    """What a column holds by name: one value, those of the fields of a struct, or nothing that a record can hold."""
    dtype = table.schema[column]
    name = table.named(column) or _plain(column)
    if isinstance(dtype, nw.Datetime):
        yield name, table.cell(column)  # that a zone is missing can be mended, so it is no reason to leave it out
        return
    for path in _paths(dtype):
        try:
            cell = table.inside(column, path) if path else _exact(table, column, table.cell(column))
        except DefinitionError as error:
            skipped[f"{column}.{path}" if path else column] = str(error)
            continue
        if cell is not None:
            yield _plain(f"{name}.{path}") if path else name, cell


def _paths(dtype: object, path: str = "") -> Iterator[str]:
    if not isinstance(dtype, nw.Struct):
        yield path
        return
    for field in dtype.fields:
        yield from _paths(field.dtype, f"{path}.{field.name}" if path else field.name)


def _exact(table: Table, column: str, cell: Cell) -> Cell:
    """Whole numbers of pandas as such: a missing one made floats of them all. They fit where a number is meant."""
    is_spoiled = cell.type is FieldType.NUMBER and table.is_pandas_like and table.has_holes(column)
    return attrs.evolve(cell, type=FieldType.INTEGER) if is_spoiled and table.is_whole(column) else cell


def _subject(table: Table, subjects: tuple[SubjectKind, ...]) -> str | None:
    """The column of a fact that says whom it is about: a lead, or else an account."""
    for subject in subjects:
        try:
            return subject_column(table, subject, "a fact")
        except ValueError:
            continue
    return None


def _plain(column: str) -> str:
    return next((column.removeprefix(one) for one in _PREFIXES if column.startswith(one)), column)


def _id(value: object) -> str | None:
    if value is None or _is_missing(value):
        return None
    is_whole = isinstance(value, float) and value.is_integer()  # a missing one makes floats of all ids in pandas
    return str(int(cast("float", value)) if is_whole else value)


def _value(value: object, of: FieldType | None) -> Value:
    if of is None or value is None:
        return None
    if of is FieldType.TEXTS:
        return _texts(value)
    return None if _is_missing(value) else _READ[of](value)


def _texts(value: object) -> Value:
    if not isinstance(value, Iterable):
        return None
    return tuple(str(one) for one in cast("Iterable[object]", value))


def _is_missing(value: object) -> bool:
    return value.__class__.__name__ == "NAType" or value != value  # NaN


def _number(value: object) -> Value:
    number = float(cast("float", value))
    return number if -MOST <= number <= MOST else None


def _instant(value: object) -> Value:
    try:
        return from_micros(int(cast("int", value)))
    except OverflowError:
        raise InvalidFactError("instant", "an instant in the years 1 to 9999") from None


_READ: Mapping[FieldType, Callable[[object], Value]] = {
    FieldType.TEXT: str,
    FieldType.INTEGER: lambda value: int(cast("int", value)),
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: bool,
    FieldType.INSTANT: _instant,
    FieldType.DATE: lambda value: from_day_number(int(cast("int", value))),
}


def lead_of(row: Mapping[str, Value], number: int) -> Lead:
    """The lead of a row.

    Raises:
        InvalidFactError: It is none; the field is named.
    """
    del number
    texts = {name: cast("str | None", row.get(name)) for name in TEXT_FIELDS}
    account = texts.pop("account")
    return Lead(
        id=LeadId(SubjectId(_needed(row, "id", "lead.id"))),
        created_at=_created(row),
        account=None if account is None else AccountId(SubjectId(account)),
        tags=cast("tuple[str, ...]", row.get("tags") or ()),
        lists=cast("tuple[str, ...]", row.get("lists") or ()),
        attributes=_others(row),
        **cast("dict[str, Any]", texts),
    )


def account_of(row: Mapping[str, Value], number: int) -> Account:
    """The account of a row.

    Raises:
        InvalidFactError: It is none; the field is named.
    """
    del number
    texts = {name: cast("str | None", row.get(name)) for name in ACCOUNT_TEXT_FIELDS}
    name = texts.pop("name")
    employees = row.get("employees")
    key = _needed(row, "id", "account.id")
    return Account(
        id=AccountId(SubjectId(key)),
        created_at=_created(row),
        name=key if name is None else name,
        employees=int(employees) if isinstance(employees, (int, float)) else None,
        attributes=_others(row),
        **cast("dict[str, Any]", texts),
    )


def fact_of(row: Mapping[str, Value], number: int) -> Touchpoint:
    """The fact of a row; one without an id is called by the number of its row.

    Raises:
        InvalidFactError: It is none; the field is named.
    """
    at = row.get("at")
    if not isinstance(at, datetime):
        raise InvalidFactError("touchpoint.at", "an instant")
    origin = row.get("origin")
    if origin is not None and origin not in {one.value for one in Origin}:
        raise InvalidFactError("touchpoint.origin", "lead, host or engine")
    channel, campaign = row.get("channel"), row.get("campaign")
    return Touchpoint(
        id=FactId(str(row.get("id") or f"row_{number}")),
        subject=SubjectId(_needed(row, "subject", "touchpoint.subject")),
        kind=_needed(row, "kind", "touchpoint.kind"),
        at=at,
        received_at=at,
        origin=Origin.LEAD if origin is None else Origin(str(origin)),
        channel=None if channel is None else str(channel),
        campaign=None if campaign is None else str(campaign),
        suspect=row.get("suspect") is True,
        properties=_others(row),
    )


def _needed(row: Mapping[str, Value], name: str, field: str) -> str:
    value = row.get(name)
    if value is None or value == "":
        raise InvalidFactError(field, "a value")
    return str(value)


def _created(row: Mapping[str, Value]) -> datetime:
    value = row.get("created_at")
    return value if isinstance(value, datetime) else _BEGINNING


def _others(row: Mapping[str, Value]) -> dict[str, Value]:
    return {name[1:]: value for name, value in row.items() if name.startswith("+") and value is not None}
