"""From the rows of a file to leads that can be captured, and what was wrong with the rest.

Imports the errors, the model's values and this room. The present is the argument `now`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from nurture.errors import DefinitionError, unknown_name
from nurture.intake.addresses import check_email, check_phone
from nurture.intake.consents import read_consent, read_refusal
from nurture.intake.dates import EXPECTED, parse_date
from nurture.intake.fields import Field
from nurture.intake.leads import Intake, LeadRow
from nurture.intake.mapping import Column, ColumnMapping, infer_mapping
from nurture.intake.problems import BadRow, Problem
from nurture.intake.reading import Reading, fold
from nurture.intake.tables import Table, TableRow, read_csv
from nurture.intake.values import ValueType, parse, to_instant
from nurture.model.consent import Basis
from nurture.model.values import FrozenMapping, Value

if TYPE_CHECKING:
    import os

_DEFAULT_READING = Reading()
_IDENTIFIERS = (Field.ID, Field.EMAIL, Field.PHONE, Field.LINE, Field.VISITOR)
_SPECIAL = (Field.AT, Field.CONSENT, Field.DO_NOT_EMAIL, Field.DO_NOT_CALL)
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LANGUAGES = {
    "japanese": "ja",
    "日本語": "ja",
    "english": "en",
    "英語": "en",
    "chinese": "zh",
    "中国語": "zh",
    "korean": "ko",
    "韓国語": "ko",
}


def read_leads(
    path: str | os.PathLike[str],
    use: Mapping[str, str] | None = None,
    *,
    zone: str | tzinfo | None = None,
    now: datetime | None = None,
    encoding: str | None = None,
    reading: Reading = _DEFAULT_READING,
) -> Intake:
    """Read a file, guess its columns and take its rows: `read_csv`, `infer_mapping` and `rows` in one.

    Args:
        path: A CSV file, plain or gzipped.
        use: Overrides of the mapping, field to column name.
        zone: In which zone dates without an offset were written.
        now: The present; dates far beyond it are refused.
        encoding: A Python codec; None finds it out.
        reading: How cells are understood.
    """
    table = read_csv(path, encoding=encoding)
    return rows(table, infer_mapping(table, use, reading=reading), zone, now=now, reading=reading)


def rows(
    table: Table,
    mapping: ColumnMapping,
    zone: str | tzinfo | None = None,
    *,
    now: datetime | None = None,
    reading: Reading = _DEFAULT_READING,
) -> Intake:
    """Turn the rows of a table into leads; what cannot be used is reported, never raised.

    Args:
        table: The file, as `read_csv` returned it.
        mapping: What its columns are, as `infer_mapping` returned it.
        zone: In which zone dates without an offset were written: an IANA name or a zone.
        now: The present; dates further beyond it than `reading.future` are refused. Without it only
            years before 1900 and from 2100 on are.
        reading: How cells are understood.

    Raises:
        DefinitionError: No column identifies a person, the zone is not known, or a column holds
            dates without an offset and no zone is given. The message names the columns.
    """
    where = _zone(zone)
    problems: list[str] = []
    if not any(mapping.column(field) for field in _IDENTIFIERS):
        problems.append(
            f"{table.name}: no column is mapped to one of {', '.join(_IDENTIFIERS)}; columns: {', '.join(table.header)}"
        )
    if where is None:
        problems += _naive(table, mapping, reading)
    if problems:
        raise DefinitionError(problems)
    taker = _Taker(mapping, where, now + reading.future if now else _LATEST, reading)
    good = tuple(lead for row in table.rows if (lead := taker.take(row)) is not None)
    return Intake(good=good, bad=tuple(sorted([*table.bad, *taker.bad], key=lambda one: one.row)), mapping=mapping)


def _zone(zone: str | tzinfo | None) -> tzinfo | None:
    if not isinstance(zone, str):
        return zone
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise DefinitionError(unknown_name("time zone", zone, sorted(_zones()))) from None


def _naive(table: Table, mapping: ColumnMapping, reading: Reading) -> list[str]:
    """The columns whose dates mean nothing without a zone."""
    problems: list[str] = []
    for column in mapping.columns:
        if column.field is not Field.AT and not (column.attribute and column.type is ValueType.INSTANT):
            continue
        cells = (row.cells[column.index] for row in table.rows)
        naive = sum(_is_naive(cell, reading) for cell in cells)
        if naive:
            problems.append(
                f"{table.name}, column {column.header!r}: {naive} dates without an offset; "
                "say in which zone they were written, for instance zone='Asia/Tokyo'"
            )
    return problems


def _is_naive(cell: str, reading: Reading) -> bool:
    found = parse_date(cell, reading.date_order, compact=True, excel_serials=reading.excel_serials)
    return found is not None and (not isinstance(found, datetime) or found.tzinfo is None)


class _Taker:
    """Takes one row after the other; remembers the ids it has seen and what was wrong."""

    def __init__(self, mapping: ColumnMapping, zone: tzinfo | None, latest: datetime, reading: Reading) -> None:
        self._zone = zone
        self._latest = latest
        self._reading = reading
        self._columns = {column.field: column for column in mapping.columns if column.field is not None}
        self._plain = [
            column for field, column in self._columns.items() if field not in _SPECIAL and field is not Field.ID
        ]
        self._custom = [column for column in mapping.columns if column.attribute is not None]
        self._first: dict[str, int] = {}
        self.bad: list[BadRow] = []

    def take(self, row: TableRow) -> LeadRow | None:
        """The lead of the row; None when the row cannot be used, which is then in `bad`."""
        key = self._cell(row, Field.ID)
        known = {column.target: value for column in self._plain if (value := self._value(row, column))}
        if key is None and not any(field in known for field in _IDENTIFIERS):
            self._report(
                row, Problem.NO_IDENTIFIER, f"one of {', '.join(f for f in _IDENTIFIERS if f in self._columns)}", "none"
            )
            return None
        at = self._at(row)
        if isinstance(at, BadRow):
            self.bad.append(at)
            return None
        if key is not None and self._is_repeated(row, key):  # asked last: a refused row claims no id
            return None
        basis, refuses = self._consent(row)
        return LeadRow(
            row=row.row,
            id=key,
            at=at,
            known=FrozenMapping(known),
            consent=basis,
            do_not_email=True if refuses else self._refusal(row, Field.DO_NOT_EMAIL),
            do_not_call=self._refusal(row, Field.DO_NOT_CALL),
            attributes=self._attributes(row),
        )

    def _is_repeated(self, row: TableRow, key: str) -> bool:
        first = self._first.setdefault(key, row.row)
        if first == row.row or self._reading.repeated_ids == "keep":
            return False
        expected, found = "an id that stands once in the file", f"the id of row {first}"
        self._report(row, Problem.REPEATED_ID, expected, found, self._columns[Field.ID])
        return True

    def _cell(self, row: TableRow, field: Field) -> str | None:
        column = self._columns.get(field)
        if column is None or self._reading.is_missing(cell := row.cells[column.index]):
            return None
        return cell.strip()

    def _value(self, row: TableRow, column: Column) -> str | None:
        """A built-in field, checked where it can be; a bad one is reported and left out."""
        cell = row.cells[column.index]
        if self._reading.is_missing(cell):
            return None
        if column.field is Field.EMAIL or column.field is Field.PHONE:
            is_email = column.field is Field.EMAIL
            value, wrong = check_email(cell) if is_email else check_phone(cell)
            if value is None:
                problem = Problem.BAD_EMAIL if is_email else Problem.BAD_PHONE
                expected = "one mail address" if is_email else "one telephone number of 7 to 15 digits"
                self._report(row, problem, expected, wrong, column, kept=True)
            return value
        if column.field is Field.LOCALE:
            return self._locale(row, column, cell)
        if column.field is Field.ZONE and cell.strip() not in _zones():
            self._report(
                row, Problem.BAD_VALUE, "an IANA time zone such as Asia/Tokyo", "another text", column, kept=True
            )
            return None
        return cell.strip()

    def _locale(self, row: TableRow, column: Column, cell: str) -> str | None:
        value = _LANGUAGES.get(fold(cell)) or cell.strip().replace("_", "-")
        if _LOCALE.fullmatch(value):
            return value
        self._report(row, Problem.BAD_VALUE, "a language such as ja or en", "another text", column, kept=True)
        return None

    def _at(self, row: TableRow) -> datetime | BadRow | None:
        cell = self._cell(row, Field.AT)
        if cell is None:
            return None
        column = self._columns[Field.AT]
        found = parse_date(cell, self._reading.date_order, compact=True, excel_serials=self._reading.excel_serials)
        if found is None:
            return _bad(row, Problem.BAD_DATE, EXPECTED, "no date", column)
        at = to_instant(found, self._zone)
        if at is None:
            return _bad(
                row,
                Problem.NO_ZONE,
                "a date with an offset, or a zone for the file",
                "a date without an offset",
                column,
            )
        if at < _EARLIEST:
            return _bad(row, Problem.BAD_DATE, f"a year from {_EARLIEST.year} on", "an earlier one", column)
        if at > self._latest:
            return _bad(row, Problem.FAR_FUTURE, f"a date up to {self._latest.date()}", "a later one", column)
        return at

    def _consent(self, row: TableRow) -> tuple[Basis | None, bool]:
        cell = self._cell(row, Field.CONSENT)
        if cell is None:
            return None, False
        said = read_consent(cell)
        if not said.clear:
            expected = f"one of {', '.join(Basis)}, yes or no"
            self._report(
                row,
                Problem.BAD_VALUE,
                expected,
                "an unclear word; no consent taken",
                self._columns[Field.CONSENT],
                kept=True,
            )
        return said.basis, said.refused

    def _refusal(self, row: TableRow, field: Field) -> bool | None:
        cell = self._cell(row, field)
        if cell is None:
            return None
        refused, clear = read_refusal(cell)
        if not clear:
            self._report(
                row,
                Problem.BAD_VALUE,
                "yes or no",
                "an unclear word; taken as a refusal",
                self._columns[field],
                kept=True,
            )
        return refused

    def _attributes(self, row: TableRow) -> FrozenMapping[Value]:
        values: dict[str, Value] = {}
        for column in self._custom:
            cell = row.cells[column.index]
            if column.attribute is None or self._reading.is_missing(cell):
                continue
            value = parse(cell, column.type, self._reading, self._zone)
            if value is None:  # only when the mapping was made from another table
                self._report(
                    row, Problem.BAD_VALUE, f"a value of type {column.type}", "another text", column, kept=True
                )
            else:
                values[column.attribute] = value
        return FrozenMapping(values)

    def _report(
        self,
        row: TableRow,
        problem: Problem,
        expected: str,
        found: str,
        column: Column | None = None,
        *,
        kept: bool = False,
    ) -> None:
        self.bad.append(_bad(row, problem, expected, found, column, kept=kept))


def _bad(
    row: TableRow, problem: Problem, expected: str, found: str, column: Column | None, *, kept: bool = False
) -> BadRow:
    header, target = (column.header, column.target) if column else ("", "")
    return BadRow(row=row.row, problem=problem, expected=expected, found=found, column=header, field=target, kept=kept)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
