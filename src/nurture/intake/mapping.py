"""Which column means what: guessed, shown, and overridden. Imports the errors and this room."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from nurture.errors import DefinitionError, unknown_name
from nurture.intake.addresses import check_email, check_phone
from nurture.intake.dates import parse_date
from nurture.intake.fields import NAMES, Field, attribute_name, header_key
from nurture.intake.reading import Reading
from nurture.intake.values import ValueType, infer_type
from nurture.model.lead import TEXT_FIELDS

if TYPE_CHECKING:
    from nurture.intake.tables import Table

_DEFAULT_READING = Reading()
_SAMPLE = 1_000
_ENOUGH = 5
_FIELDS = tuple(field.value for field in Field)
_NAMED_IN_WORDS = (Field.SOURCE, Field.CAMPAIGN, Field.COMPANY, Field.NAME)
_NUMBERS = (ValueType.INTEGER, ValueType.NUMBER, ValueType.BOOLEAN)
_RESERVED = frozenset({*TEXT_FIELDS, "id", "version", "created_at", "external_ids", "tags", "attributes", "consents"})
"""Names of the lead's own fields; an attribute takes none of them."""


@attrs.frozen(slots=True, kw_only=True)
class Column:
    """What one column of the file becomes.

    Attributes:
        header: Its name in the file.
        index: Its place, from 0.
        field: The field of a lead that it is, if it is one.
        attribute: The custom attribute that it becomes, if it becomes one; neither means "not read".
        type: The type of its cells, inferred from all rows.
        why: What spoke for it.
        filled: In how many rows it says something.
    """

    header: str
    index: int
    field: Field | None = None
    attribute: str | None = None
    type: ValueType = ValueType.TEXT
    why: str = ""
    filled: int = 0

    @property
    def target(self) -> str:
        """What it becomes, in a word."""
        return self.field.value if self.field else f"attributes.{self.attribute}" if self.attribute else "(not read)"


@attrs.frozen(slots=True, kw_only=True)
class ColumnMapping:
    """What every column of a file becomes; made by `infer_mapping`.

    Attributes:
        name: The file's name.
        columns: In the order of the file.
        rows: How many rows were looked at.
    """

    name: str
    columns: tuple[Column, ...]
    rows: int

    @property
    def attributes(self) -> Mapping[str, ValueType]:
        """The custom attributes and their types, for the program to declare."""
        return {column.attribute: column.type for column in self.columns if column.attribute}

    def column(self, field: Field | str) -> Column | None:
        """The column that is mapped to a field, if one is."""
        return next((column for column in self.columns if column.field == field), None)

    def describe(self) -> str:
        """A table for people: each column, what it becomes, its type, how full it is, and why. No values."""
        share = [f"{column.filled * 100 // self.rows} %" if self.rows else "-" for column in self.columns]
        body = [(c.header, c.target, str(c.type), full, c.why) for c, full in zip(self.columns, share, strict=True)]
        return _aligned([("column", "becomes", "type", "filled", "why"), *body])


def infer_mapping(
    table: Table,
    use: Mapping[str, str] | None = None,
    *,
    ignore: Iterable[str] = (),
    reading: Reading = _DEFAULT_READING,
) -> ColumnMapping:
    """Guess what each column is, from its name (English, Japanese) and from all its values.

    Args:
        table: The file.
        use: Overrides, field to column name, such as `{"email": "Mail 2"}`. They are never doubted.
        ignore: Columns that are not read at all.
        reading: How cells are understood.

    Raises:
        DefinitionError: An override names a field or a column that does not exist; all problems at
            once, each with its near misses.
    """
    chosen = _checked(table, use or {}, tuple(ignore))
    cells = [_filled(table, index, reading) for index in range(len(table.header))]
    types = [infer_type(column, reading) for column in cells]
    found: dict[int, tuple[Field, str]] = {
        table.header.index(name): (field, "you said so") for field, name in chosen.items()
    }
    skipped = {table.header.index(name) for name in ignore}
    free = [index for index in range(len(table.header)) if index not in found and index not in skipped]
    doubts = _by_name(table.header, free, cells, types, found, reading)
    _by_values(table.header, free, cells, found)
    taken: set[str] = set()
    columns: list[Column] = []
    for index, header in enumerate(table.header):
        field, why = found.get(index, (None, doubts.get(index, "no field has this name")))
        attribute = None
        if index in skipped:
            why = "you said so"
        elif field is None:
            attribute = attribute_name(header, taken, _RESERVED)
            taken.add(attribute)
        columns.append(
            Column(
                header=header,
                index=index,
                field=field,
                attribute=attribute,
                type=types[index] if field is None or field is Field.AT else ValueType.TEXT,
                why=why,
                filled=len(cells[index]),
            )
        )
    return ColumnMapping(name=table.name, columns=tuple(columns), rows=len(table.rows))


def _checked(table: Table, use: Mapping[str, str], ignore: Sequence[str]) -> dict[Field, str]:
    problems: list[str] = []
    chosen: dict[Field, str] = {}
    for field, name in use.items():
        if field not in _FIELDS:
            problems.append(unknown_name("field", field, _FIELDS, where=table.name))
        elif name not in table.header:
            problems.append(unknown_name("column", name, table.header, where=f"{table.name}, {field}"))
        elif name in chosen.values():
            problems.append(f"{table.name}, {field}: column {name!r} is used twice")
        else:
            chosen[Field(field)] = name
    problems += [
        unknown_name("column", name, table.header, where=f"{table.name}, ignore")
        for name in ignore
        if name not in table.header
    ]
    problems += [f"{table.name}, ignore: column {name!r} is used, too" for name in ignore if name in chosen.values()]
    if problems:
        raise DefinitionError(problems)
    return chosen


def _filled(table: Table, index: int, reading: Reading) -> list[str]:
    return [cell for row in table.rows if not reading.is_missing(cell := row.cells[index])]


def _by_name(
    header: Sequence[str],
    free: Sequence[int],
    cells: Sequence[Sequence[str]],
    types: Sequence[ValueType],
    found: dict[int, tuple[Field, str]],
    reading: Reading,
) -> dict[int, str]:
    """Map columns by their names into `found`; the answer says why a column of a good name was left alone."""
    keys = {index: header_key(header[index]) for index in free}
    doubts: dict[int, str] = {}
    done = {field for field, _ in found.values()}
    for field, names in NAMES.items():
        candidates = sorted((names.index(key), index) for index, key in keys.items() if key in names)
        for _, index in candidates:
            if field in done:
                doubts.setdefault(index, f"another column is the {field} already")
                continue
            doubt = _doubt(field, cells[index][:_SAMPLE], types[index], reading)
            if doubt:
                doubts.setdefault(index, f"named like {field}, but {doubt}")
                continue
            found[index] = (field, "its name")
            done.add(field)
    return doubts


def _doubt(field: Field, cells: Sequence[str], kind: ValueType, reading: Reading) -> str:
    """What speaks against a column that has the right name; empty when nothing does."""
    if not cells:
        return ""
    if field in _NAMED_IN_WORDS and kind in _NUMBERS:
        return f"its values are {kind}"
    if field is Field.AT and kind in _NUMBERS and not reading.excel_serials and not any(map(_is_compact, cells)):
        return f"its values are {kind} (a spreadsheet's day numbers are read only when asked for)"
    fits = _FITS.get(field)
    if fits is not None and (kind is ValueType.BOOLEAN or (len(cells) >= _ENOUGH and not any(map(fits, cells)))):
        return "none of its values looks like one"  # few values may all be bad: then they are reported, row by row
    return ""


def _is_compact(cell: str) -> bool:
    return parse_date(cell, compact=True) is not None


_FITS: Mapping[Field, Callable[[str], bool]] = {
    Field.EMAIL: lambda cell: "@" in cell or "＠" in cell,
    Field.PHONE: lambda cell: check_phone(cell).value is not None,
}


def _by_values(
    header: Sequence[str],
    free: Sequence[int],
    cells: Sequence[Sequence[str]],
    found: dict[int, tuple[Field, str]],
) -> None:
    """A column full of mail addresses is the address, whatever it is called."""
    if any(field is Field.EMAIL for field, _ in found.values()):
        return
    for index in free:
        sample = cells[index][:_SAMPLE]
        good = sum(check_email(cell).value is not None for cell in sample)
        if index not in found and good and good * 10 >= len(sample) * 8:
            found[index] = (Field.EMAIL, f"{good} of {len(sample)} values are addresses")
            return


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(_width(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    return "\n".join(
        "  ".join([cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False)] + [row[-1]])
        for row in rows
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)
