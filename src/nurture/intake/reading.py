"""How large a file may be, and how its cells are read. Imports nothing of ours."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Literal

import attrs

PLACEHOLDERS = frozenset(
    {
        "",
        "select",
        "n/a",
        "#n/a",
        "null",
        "(null)",
        "nan",
        "-",
        "--",
        "選択してください",
        "選択して下さい",
        "未選択",
        "未入力",
    }
)
"""Cells that mean "nobody said". The word `unknown` is not among them: it is an answer."""


@attrs.frozen(slots=True, kw_only=True)
class Limits:
    """What is too much for one file; beyond it there is a reason, never a crash.

    Attributes:
        max_bytes: Of the whole file, unpacked.
        max_rows: Below the header; further rows are not read, and that is reported.
        max_columns: In the header.
        max_cell: Characters of one cell; a row with a longer one is reported.
    """

    max_bytes: int = 256 * 1024 * 1024
    max_rows: int = 1_000_000
    max_columns: int = 1_000
    max_cell: int = 65_536


@attrs.frozen(slots=True, kw_only=True)
class Reading:
    """How cells are understood.

    Attributes:
        placeholders: Cells that mean "missing", folded (NFKC, lower case, no blanks around).
        date_order: What `1/2/2026` means. With `ymd` such a date is refused, because nobody can know.
        excel_serials: Whether a bare number in a date column is a day of Excel's calendar.
        future: How far after `now` a date may lie.
        repeated_ids: What to do with an id that stood in the file before: `report` keeps the first
            row and reports the others, `keep` keeps all (several deals of one lead).
    """

    placeholders: frozenset[str] = PLACEHOLDERS
    date_order: Literal["ymd", "dmy", "mdy"] = "ymd"
    excel_serials: bool = False
    future: timedelta = timedelta(days=1)
    repeated_ids: Literal["report", "keep"] = "report"

    def is_missing(self, cell: str) -> bool:
        """Whether the cell says nothing.

        Example:
            >>> Reading().is_missing(" Select "), Reading().is_missing("unknown")
            (True, False)
        """
        return not cell or fold(cell) in self.placeholders


def fold(text: str) -> str:
    """A cell or a header as it is compared, never as it is stored: NFKC, lower case, no blanks around."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return plain.strip().casefold()
