"""From text to rows of cells, so that one broken quote costs one row. Standard library only.

Python's `csv` reads an unclosed quote on to the end of the file. Here a quoted cell may span lines
too, but when the quote turns out to be broken only its own physical line is given up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

DELIMITERS = (",", "\t", ";", "|")

# Only these end a line. `str.splitlines` would cut at U+2028, U+0085, form feeds and more.
_LINE_END = re.compile(r"\r\n|\n|\r")
_HINT = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_SAMPLE = 50


class Raw(NamedTuple):
    """One row as it stands in the file; `cells` is None where a quote is broken."""

    row: int
    cells: tuple[str, ...] | None


def lines_of(text: str) -> list[str]:
    """The physical lines, without their ends."""
    lines = _LINE_END.split(text)
    if lines and not lines[-1]:
        lines.pop()
    return lines


def hinted_delimiter(lines: Sequence[str]) -> str | None:
    """What Excel's first line `sep=;` says, if there is one."""
    found = _HINT.fullmatch(lines[0]) if lines else None
    return found.group(1) if found else None


def sniff_delimiter(lines: Sequence[str]) -> str:
    """The sign that splits most of the first lines into as many cells as the header; a comma when none does."""
    sample = [_outside_quotes(line) for line in lines[:_SAMPLE] if line.strip()]
    if not sample:
        return ","

    def fitness(sign: str) -> tuple[int, int]:
        width = sample[0].count(sign)
        return (sum(line.count(sign) == width for line in sample) if width else 0, width)

    return max(DELIMITERS, key=fitness)


def split(lines: Sequence[str], delimiter: str, start: int, max_cell: int) -> Iterator[Raw]:
    """The rows from line index `start` on; the first one tells how many cells a row has.

    Args:
        lines: Physical lines.
        delimiter: One character.
        start: Index of the first line to read.
        max_cell: A quoted cell that runs on for more characters than this is taken as broken.
    """
    width = 0
    at = start
    while at < len(lines):
        line = lines[at]
        cells: tuple[str, ...] | None
        following = at + 1
        if '"' not in line:
            cells = tuple(line.split(delimiter))
        else:
            found = _Scan(lines, delimiter, max_cell).record(at)
            cells = found[0] if found else None
            if found and not _swallows(lines[at + 1 : found[1]], delimiter, width):
                following = found[1]
            elif found and found[1] > at + 1:
                cells = None
        if not width and cells is not None:
            width = len(cells)
        yield Raw(at + 1, cells)
        at = following


class _Scan:
    """Reads one record that has quotes in it."""

    def __init__(self, lines: Sequence[str], delimiter: str, max_cell: int) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._max_cell = max_cell

    def record(self, at: int) -> tuple[tuple[str, ...], int] | None:
        """The cells, and the index of the line after them; None when a quote is broken."""
        cells: list[str] = []
        column = 0
        while True:
            line = self._lines[at]
            opening = _past_blanks(line, column)
            closed = self._quoted(at, opening + 1) if line[opening : opening + 1] == '"' else None
            if closed is not None:
                cell, at, column = closed
            elif line[column : column + 1] == '"':
                return None
            else:  # a quote inside an unquoted cell is itself, as in 5" pipe
                end = line.find(self._delimiter, column)
                column, cell = (len(line), line[column:]) if end < 0 else (end, line[column:end])
            cells.append(cell)
            if column >= len(self._lines[at]):
                return tuple(cells), at + 1
            column += 1

    def _quoted(self, at: int, column: int) -> tuple[str, int, int] | None:
        """A cell whose opening quote stands just before; its text, its last line, and where that goes on."""
        parts: list[str] = []
        size = 0
        while size <= self._max_cell:
            line = self._lines[at]
            quote = line.find('"', column)
            if quote < 0:
                if at + 1 >= len(self._lines):
                    return None
                parts.append(line[column:] + "\n")
                size += len(line) - column + 1
                at, column = at + 1, 0
                continue
            parts.append(line[column:quote])
            size += quote - column
            if line[quote + 1 : quote + 2] == '"':
                parts.append('"')
                column = quote + 2
                continue
            end = _past_blanks(line, quote + 1)
            ends = end == len(line) or line[end] == self._delimiter
            return ("".join(parts), at, end) if ends else None
        return None


def _swallows(further: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether a record that spans lines has eaten whole rows: most of its further lines are rows by themselves.

    Two broken quotes can close each other. A memo of several lines hardly ever has, on most of
    them, exactly as many delimiters as the header; below three columns nothing can be told.
    """
    if width < 3 or not further:
        return False
    return sum(line.count(delimiter) + 1 == width for line in further) * 2 > len(further)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _past_blanks(line: str, column: int) -> int:
    while line.startswith(" ", column):
        column += 1
    return column
