"""What was wrong with a row, and the file that says so. Imports nothing of ours.

A problem carries the row, the column and the class of what was found: never the value itself,
because reports travel further than the file they are about.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import attrs


class Problem(StrEnum):
    """The classes of what can be wrong."""

    BROKEN_QUOTE = "broken_quote"
    BROKEN_BYTES = "broken_bytes"
    ZERO_BYTE = "zero_byte"
    TOO_MANY_CELLS = "too_many_cells"
    TOO_FEW_CELLS = "too_few_cells"
    CELL_TOO_LONG = "cell_too_long"
    TOO_MANY_ROWS = "too_many_rows"
    NO_IDENTIFIER = "no_identifier"
    REPEATED_ID = "repeated_id"
    BAD_DATE = "bad_date"
    NO_ZONE = "no_zone"
    FAR_FUTURE = "far_future"
    BAD_EMAIL = "bad_email"
    BAD_PHONE = "bad_phone"
    BAD_VALUE = "bad_value"


@attrs.frozen(slots=True, kw_only=True)
class BadRow:
    """One thing that is wrong in one row.

    Attributes:
        row: Physical line of the file at which the row begins; the first line is 1.
        problem: Its class.
        expected: What would have been right.
        found: What was there instead, as a class.
        column: The header of the column, when one column is to blame.
        field: What that column is mapped to.
        kept: Whether the lead was kept nevertheless, without that value.
    """

    row: int
    problem: Problem
    expected: str
    found: str = ""
    column: str = ""
    field: str = ""
    kept: bool = False


_COLUMNS = ("row", "column", "field", "problem", "found", "expected", "lead_kept")
# A spreadsheet runs a cell that begins with one of these; the full-width ones, too, in some languages.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would run it as a formula.

    Example:
        >>> neutral("=1+1"), neutral("plain")
        ("'=1+1", 'plain')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def write_bad(path: str | os.PathLike[str], bad: Iterable[BadRow]) -> Path:
    """Write what was wrong as a CSV file that a spreadsheet opens; whole, or not at all.

    Args:
        path: The file to write; an older one is replaced, its folder must exist.
        bad: The rows, as `rows` returned them.

    Returns:
        The path that was written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in bad:
        told = (one.column, one.field, one.problem, one.found, one.expected, "yes" if one.kept else "no")
        writer.writerow((one.row, *map(neutral, told)))
    return _replace(Path(path), text.getvalue().encode("utf-8-sig"))  # the mark tells Excel that it is UTF-8


def _replace(target: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return target
