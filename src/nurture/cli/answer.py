"""What a command answers: a document, the same for people, and an exit code. May import the model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum

import attrs


class Exit(IntEnum):
    """How a command ended."""

    FINE = 0
    ATTENTION = 1
    USAGE = 2
    STORE = 3
    PROGRAM = 4
    FAULT = 5


class UsageError(Exception):
    """The command was asked for in a way that it cannot carry out; the message says what was expected."""


@attrs.frozen(slots=True)
class Answer:
    """What to print, and how to end.

    Attributes:
        document: For programs: JSON data.
        lines: The same for people.
        exit: How to end.
    """

    document: Mapping[str, object]
    lines: Sequence[str]
    exit: Exit = Exit.FINE


_A_WORD = "[A-Za-z][A-Za-z0-9_]{0,79}"
_A_FACT = r"fact_(eff_)?[0-9a-f]{26}(_\d{1,9})?"
_WORD = re.compile(_A_WORD)
_FACT = re.compile(_A_FACT)
_PLAIN = re.compile(rf"{_A_WORD}|failed: {_A_WORD}( at {_A_FACT})?")
_ID = re.compile("(eff|lead|acct)_[0-9a-f]{26}")


def is_word(text: str) -> bool:
    """Whether it is one word, such as `asked_the_provider`."""
    return _WORD.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Whether it has the form of the id of an effect, a lead or an account. What has another form may be an address."""
    return _ID.fullmatch(text) is not None


def is_fact(text: str) -> bool:
    """Whether it has the form of a fact's id, receipts among them."""
    return _FACT.fullmatch(text) is not None


def plain(reason: str | None) -> str:
    """A reason as it may be shown: words of ours. What a sender of the host's wrote at length may name a person."""
    if not reason or _PLAIN.fullmatch(reason):
        return reason or ""
    return "(not shown: no plain word)"


def instant(at: datetime | None) -> str | None:
    """An instant for programs."""
    return None if at is None else at.astimezone(UTC).isoformat()


def short(at: datetime | None) -> str:
    """An instant for people, to the second."""
    return "-" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def length(time: timedelta) -> str:
    """A length of time for people: the two greatest units.

    Example:
        >>> length(timedelta(hours=26, minutes=3)), length(timedelta(seconds=-1.25))
        ('1d 2h', '-1.2s')
    """
    seconds = abs(time.total_seconds())
    sign = "-" if time < timedelta(0) else ""
    if seconds < 59.95:
        return f"{sign}{seconds:.1f}s"
    parts: list[str] = []
    left = round(seconds)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number}{unit}")
    return sign + " ".join(parts[:2])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under a head, in columns."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
