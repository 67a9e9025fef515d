"""Words and numbers as the summary and the report both show them. Standard library only."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

WITHHELD = {
    "no_address": "no mail address is known",
    "no_consent": "never agreed to marketing mail",
    "unsubscribed": "refused or unsubscribed",
    "consent_expired": "the consent has run out",
    "no_owner": "nobody looks after this lead",
    "too_late": "too late to be of use",
    "too_late_quiet_hours": "too late after quiet hours",
    "too_late_frequency_cap": "too many mails that week",
    "bounced": "the address is dead",
    "complained": "complained before",
}
"""The gate's reasons, in words."""


def count(number: int) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,}"


def percent(part: int, whole: int) -> str:
    """A share as people read it; a dash when there is nothing to share."""
    if not whole:
        return "–"
    share = 100 * part / whole
    return f"{share:.1f} %" if 0 < share < 10 else f"{share:.0f} %"


def local(at: datetime, zone: str) -> datetime:
    """The same instant on the wall clocks of a zone."""
    return at.astimezone(ZoneInfo(zone))


def moment(at: datetime, zone: str, *, with_year: bool) -> str:
    """Day and minute on the wall clocks of a zone; the year is left out where everybody knows it."""
    return f"{local(at, zone):{'%Y-%m-%d %H:%M' if with_year else '%m-%d %H:%M'}}"


def width(text: str) -> int:
    """How many cells of a terminal a text takes; Japanese signs take two."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def columns(rows: Iterable[Sequence[str]], *, left: int = 1, indent: str = "  ") -> str:
    """Rows as aligned text: the first `left` columns to the left, the rest to the right."""
    table = [tuple(row) for row in rows]
    if not table:
        return ""
    widths = [max(width(row[at]) for row in table) for at in range(len(table[0]))]
    lines: list[str] = []
    for row in table:
        cells = [
            cell + " " * (size - width(cell)) if at < left else " " * (size - width(cell)) + cell
            for at, (cell, size) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((indent + "  ".join(cells)).rstrip())
    return "\n".join(lines)
