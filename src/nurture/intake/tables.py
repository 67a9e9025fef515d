"""A CSV file as a header and rows of text, whatever shape it came in. Imports the errors and this room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import attrs

from nurture.errors import InvalidFactError
from nurture.intake.addresses import check_email, check_phone
from nurture.intake.dates import parse_date
from nurture.intake.decoding import decode, read_bytes
from nurture.intake.problems import BadRow, Problem
from nurture.intake.reading import Limits
from nurture.intake.splitting import Raw, hinted_delimiter, lines_of, sniff_delimiter, split

if TYPE_CHECKING:
    import os

_DAMAGE = "\ufffd"
_DEFAULT_LIMITS = Limits()


class TableRow(NamedTuple):
    """The cells of one row, and the physical line at which it begins."""

    row: int
    cells: tuple[str, ...]


@attrs.frozen(slots=True, kw_only=True)
class Table:
    """What stood in a file, as text.

    Attributes:
        name: The file's name, without its folder.
        header: One name per column: blanks around are taken off, repeated and empty names are numbered.
        rows: The rows that could be read, each with as many cells as the header.
        bad: The rows that could not.
        encoding: The codec that was used.
        encoding_why: How it was found, in words.
        delimiter: The sign between cells.
        compressed: Whether the file was a gzip archive.
        blank_rows: Rows without any content; they are left out and are no error.
        notes: What was changed on the way in, such as a repeated column name.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    bad: tuple[BadRow, ...] = ()
    encoding: str
    encoding_why: str
    delimiter: str
    compressed: bool = False
    blank_rows: int = 0
    notes: tuple[str, ...] = ()


def read_csv(
    path: str | os.PathLike[str],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: Sequence[str] | None = None,
    limits: Limits = _DEFAULT_LIMITS,
) -> Table:
    """Read a CSV file, plain or gzipped; good rows are kept, bad ones are reported by their line.

    Args:
        path: The file.
        encoding: A Python codec; None finds it out (UTF-8, UTF-16, CP932; see `Table.encoding_why`).
        delimiter: One character; None finds it out (comma, tab, semicolon, bar).
        header: The column names of a file whose first row is data already.
        limits: What is too much.

    Raises:
        InvalidFactError: The file as a whole cannot be used: it is empty, has no header, is too
            large, or is not a CSV file.
        DefinitionError: The encoding is not known.
        OSError: It cannot be opened.
    """
    source = Path(path)
    with source.open("rb") as stream:
        data, compressed = read_bytes(stream, source.name, limits.max_bytes)
    decoded = decode(data, encoding)
    lines = lines_of(decoded.text.removeprefix("\ufeff"))
    hint = hinted_delimiter(lines)
    start = 1 if hint else 0
    sign = delimiter or hint or sniff_delimiter(lines[start:])
    raw = split(lines, sign, start, limits.max_cell)
    notes: list[str] = []
    if header is None:
        names, notes = _clean_header(_first(raw, source.name), source.name, limits)
    else:
        names = tuple(header)
    sorter = _Sorter(names, limits, damaged=decoded.damaged)
    sorter.take(raw)
    return Table(
        name=source.name,
        header=names,
        rows=tuple(sorter.rows),
        bad=tuple(sorter.bad),
        encoding=decoded.encoding,
        encoding_why=decoded.why,
        delimiter=sign,
        compressed=compressed,
        blank_rows=sorter.blank,
        notes=tuple(notes),
    )


def _first(raw: Iterable[Raw], name: str) -> tuple[str, ...]:
    for row in raw:
        if row.cells is None:
            raise InvalidFactError(name, "a header row", found="a broken quote in it")
        if any(cell.strip() for cell in row.cells):
            return row.cells
    raise InvalidFactError(name, "a header row", found="an empty file")


def _clean_header(cells: Sequence[str], name: str, limits: Limits) -> tuple[tuple[str, ...], list[str]]:
    if len(cells) > limits.max_columns:
        raise InvalidFactError(name, f"at most {limits.max_columns} columns", found=f"{len(cells)}")
    names = [" ".join(cell.split()) for cell in cells]
    if any("\x00" in one for one in names):
        raise InvalidFactError(name, "a header row of text", found="zero bytes in it")
    if any(_is_data(one) for one in names):
        raise InvalidFactError(name, "a header row (or give the names: header=[...])", found="data in the first row")
    notes: list[str] = []
    taken: set[str] = set()
    for index, one in enumerate(names):
        wanted = one or f"column {index + 1}"
        unique, n = wanted, 2
        while unique in taken:
            unique, n = f"{wanted} ({n})", n + 1
        if unique != one:
            notes.append(
                f"column {index + 1} has {'a name that stood before' if one else 'no name'}; it is {unique!r} here"
            )
        taken.add(unique)
        names[index] = unique
    return tuple(names), notes


def _is_data(cell: str) -> bool:
    """Whether a cell of the first row cannot be the name of a column: an address, a date, a telephone number."""
    if len(cell) >= 9 and check_phone(cell).value is not None:
        return True
    return ("@" in cell and check_email(cell).value is not None) or (
        cell[:1].isdigit() and parse_date(cell) is not None
    )


class _Sorter:
    """Takes rows in, and keeps the good ones apart from the bad ones."""

    def __init__(self, header: Sequence[str], limits: Limits, *, damaged: bool) -> None:
        self._header = header
        self._limits = limits
        self._damaged = damaged
        self.rows: list[TableRow] = []
        self.bad: list[BadRow] = []
        self.blank = 0

    def take(self, raw: Iterable[Raw]) -> None:
        for row in raw:
            if row.cells is not None and not any(cell and not cell.isspace() for cell in row.cells):
                self.blank += 1
                continue
            if len(self.rows) + len(self.bad) >= self._limits.max_rows:
                self._refuse(
                    row.row,
                    Problem.TOO_MANY_ROWS,
                    f"at most {self._limits.max_rows} rows",
                    "more; the rest was not read",
                )
                return
            self._judge(row)

    def _judge(self, row: Raw) -> None:
        if row.cells is None:
            self._refuse(
                row.row, Problem.BROKEN_QUOTE, "each opening quote closed before the next delimiter or line end"
            )
            return
        width = len(self._header)
        cells = row.cells
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]  # spreadsheets leave empty cells at the right edge
        if len(cells) != width:
            problem = Problem.TOO_MANY_CELLS if len(cells) > width else Problem.TOO_FEW_CELLS
            self._refuse(row.row, problem, f"{width} cells", f"{len(cells)} cells")
            return
        for name, cell in zip(self._header, cells, strict=True):
            if len(cell) > self._limits.max_cell:
                found = f"{len(cell)} characters"
                self._refuse(row.row, Problem.CELL_TOO_LONG, f"at most {self._limits.max_cell} characters", found, name)
                return
            if "\x00" in cell:
                self._refuse(row.row, Problem.ZERO_BYTE, "text without zero bytes", "a zero byte", name)
                return
            if self._damaged and _DAMAGE in cell:
                self._refuse(row.row, Problem.BROKEN_BYTES, "text in the file's encoding", "broken bytes", name)
                return
        self.rows.append(TableRow(row.row, cells))

    def _refuse(self, row: int, problem: Problem, expected: str, found: str = "", column: str = "") -> None:
        self.bad.append(BadRow(row=row, problem=problem, expected=expected, found=found, column=column))
