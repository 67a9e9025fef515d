"""Recurrence rules as RFC 5545 writes them: read strictly, checked, written back in one form. Imports only errors.

A rule names days. Which time of day, in which zone, says the recurrence that holds it, so rules of hours, minutes
and seconds are refused, and so are the parts BYHOUR, BYMINUTE and BYSECOND. Everything else of section 3.3.10 is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias, cast

from attrs import frozen

from nurture.errors import DefinitionError, unknown_name

MAX_RULE: Final = 2_000
"""So many characters a rule may have."""
MAX_COUNT: Final = 1_000
"""So many times a rule with COUNT may fire; they are counted from its start."""
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Day: TypeAlias = tuple[int, int]
"""Which weekday of the month or year, and the weekday, 0 for Monday. 0 is every one, -1 the last, -2 that before it."""
Until: TypeAlias = date | datetime | None
"""The last day, the last time on the wall clock (without a zone), or the last instant (in UTC)."""


class Frequency(StrEnum):
    """How often a rule looks for days."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


MAX_INTERVAL: Final[Mapping[Frequency, int]] = MappingProxyType(
    {Frequency.DAILY: 36_525, Frequency.WEEKLY: 5_218, Frequency.MONTHLY: 1_200, Frequency.YEARLY: 100}
)
"""A hundred years of each."""


@frozen(kw_only=True)
class Rule:
    """What a rule says; made by `rule_of`.

    Attributes:
        freq: What it repeats by.
        interval: Every so many of these.
        count: After so many days it has ended.
        until: After this it has ended.
        by_month: 1 to 12.
        by_month_day: 1 to 31, or from the month's end: -1 is its last day.
        by_year_day: 1 to 366, or from the year's end.
        by_week_no: Weeks of the year, 1 to 53, or from its end.
        by_day: Weekdays, each or the nth.
        by_set_pos: Which of the days found in one period, from 1 on, or from the last (-1).
        week_start: The weekday on which weeks begin.
    """

    freq: Frequency
    interval: int = 1
    count: int | None = None
    until: Until = None
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_day: tuple[Day, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0

    def text(self) -> str:
        """The rule in the form of RFC 5545; equal rules give equal texts."""
        parts = {
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYMONTH": _numbers(self.by_month),
            "BYWEEKNO": _numbers(self.by_week_no),
            "BYYEARDAY": _numbers(self.by_year_day),
            "BYMONTHDAY": _numbers(self.by_month_day),
            "BYDAY": ",".join(f"{nth or ''}{WEEKDAYS[weekday]}" for nth, weekday in self.by_day),
            "BYSETPOS": _numbers(self.by_set_pos),
            "COUNT": "" if self.count is None else str(self.count),
            "UNTIL": _until_text(self.until),
            "WKST": WEEKDAYS[self.week_start] if self.week_start else "",
        }
        return ";".join([f"FREQ={self.freq}", *(f"{name}={value}" for name, value in parts.items() if value)])


@lru_cache(maxsize=1024)
def rule_of(text: str) -> Rule:
    """The rule that a text in the form of RFC 5545 states, with or without `RRULE:` in front.

    Raises:
        DefinitionError: It states none, or one that this library does not repeat by; all problems at once, each with
            the part.

    Example:
        >>> rule_of("RRULE:interval=2;FREQ=WEEKLY;BYDAY=FR,MO").text()
        'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR'
    """
    if len(text) > MAX_RULE:
        raise DefinitionError(f"rule: expected at most {MAX_RULE} characters")
    parts, problems = _parts(text)
    rule = _made(parts, problems)
    if rule is not None:
        problems += _misfits(rule)
    if rule is None or problems:
        raise DefinitionError(problems)
    return rule


def _parts(text: str) -> tuple[dict[str, str], list[str]]:
    """The parts of a rule by their names, and what is wrong with the names."""
    problems: list[str] = []
    parts: dict[str, str] = {}
    for pair in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = pair.partition("=")
        if name in _TIMES:
            problems.append(f"rule.{name}: a rule names days; the time of day is given as at=")
        elif name not in _KNOWN:
            problems.append(
                "rule: " + (unknown_name("part", name, _KNOWN) if equals else "expected parts as NAME=value")
            )
        elif name in parts:
            problems.append(f"rule.{name}: stands twice")
        else:
            parts[name] = value
    return parts, problems


def _made(parts: Mapping[str, str], problems: list[str]) -> Rule | None:
    """The rule, if all parts can be read; else the problems grow."""
    freq, values = parts.get("FREQ"), dict[str, object]()
    if freq not in list(Frequency):
        problems.append(f"rule.FREQ: expected one of {', '.join(Frequency)}; a rule names days")
    for name, value in parts.items():
        if name == "FREQ":
            continue
        field, read, expected = _READERS[name]
        values[field] = found = read(value)
        if found is None:
            problems.append(f"rule.{name}: expected {expected}")
    return None if problems else cast("Callable[..., Rule]", Rule)(freq=Frequency(str(freq)), **values)


def _misfits(rule: Rule) -> Iterator[str]:
    """What does not go together (RFC 5545, section 3.3.10)."""
    freq, most = rule.freq, MAX_INTERVAL[rule.freq]
    if rule.interval > most:
        yield f"rule.INTERVAL: expected 1 to {most} with FREQ={freq}"
    if rule.count is not None and rule.until is not None:
        yield "rule.COUNT: expected no UNTIL beside it"
    if rule.by_week_no and freq is not Frequency.YEARLY:
        yield "rule.BYWEEKNO: expected FREQ=YEARLY"
    if rule.by_year_day and freq is not Frequency.YEARLY:
        yield "rule.BYYEARDAY: expected FREQ=YEARLY"
    if rule.by_month_day and freq is Frequency.WEEKLY:
        yield "rule.BYMONTHDAY: expected another frequency than WEEKLY"
    counted = [abs(nth) for nth, _ in rule.by_day if nth]
    if counted and (freq in (Frequency.DAILY, Frequency.WEEKLY) or rule.by_week_no):
        yield "rule.BYDAY: expected weekdays without a number, as FREQ=MONTHLY or YEARLY and no BYWEEKNO can count them"
    elif counted and max(counted) > 5 and (freq is Frequency.MONTHLY or rule.by_month):
        yield "rule.BYDAY: expected numbers from -5 to 5, as no month has more of a weekday"
    days = (rule.by_month, rule.by_month_day, rule.by_year_day, rule.by_week_no, rule.by_day)
    if rule.by_set_pos and not any(days):
        yield "rule.BYSETPOS: expected another part of BY… to choose from"


_INTEGER: Final = re.compile(r"[+-]?\d{1,5}", re.ASCII)
_WEEKDAY: Final = re.compile(rf"([+-]?\d{{1,2}})?({'|'.join(WEEKDAYS)})", re.ASCII)
_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z)?)?", re.ASCII)


def _number(most: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        return int(text) if _INTEGER.fullmatch(text) and 1 <= int(text) <= most else None

    return read


def _list(least: int, most: int) -> Callable[[str], tuple[int, ...] | None]:
    """A list of numbers up to the most; where the least is negative, those from the end, too, and no zero."""

    def read(text: str) -> tuple[int, ...] | None:
        items = text.split(",")
        if not all(_INTEGER.fullmatch(item) for item in items):
            return None
        numbers = {int(item) for item in items}
        return tuple(sorted(numbers)) if all(n and least <= n <= most for n in numbers) else None

    return read


def _days(text: str) -> tuple[Day, ...] | None:
    found: set[Day] = set()
    for item in text.split(","):
        match = _WEEKDAY.fullmatch(item)
        if match is None or (match[1] is not None and not 1 <= abs(int(match[1])) <= 53):
            return None
        found.add((int(match[1] or 0), WEEKDAYS.index(match[2])))
    return tuple(sorted(found))


def _until(text: str) -> Until:
    match = _UNTIL.fullmatch(text)
    if match is None:
        return None
    try:
        if match[2] is None:
            return datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
        found = datetime.strptime(match[1] + match[2], "%Y%m%d%H%M%S")  # noqa: DTZ007 - what a wall clock shows
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if match[3] else found


def _until_text(until: Until) -> str:
    if not isinstance(until, datetime):
        return "" if until is None else until.isoformat().replace("-", "")
    text = until.replace(tzinfo=None).isoformat(timespec="seconds").replace("-", "").replace(":", "")
    return text if until.tzinfo is None else f"{text}Z"


def _weekday(text: str) -> int | None:
    return WEEKDAYS.index(text) if text in WEEKDAYS else None


def _numbers(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))


def _either(most: int) -> str:
    return f"numbers from 1 to {most} or -{most} to -1, with commas between them"


_READERS: Final[Mapping[str, tuple[str, Callable[[str], object], str]]] = MappingProxyType(
    {
        "INTERVAL": ("interval", _number(36_525), "a whole number from 1 on"),
        "COUNT": ("count", _number(MAX_COUNT), f"a whole number, 1 to {MAX_COUNT}"),
        "UNTIL": ("until", _until, "a date such as 20261231, a time such as 20261231T170000, or one in UTC with Z"),
        "BYMONTH": ("by_month", _list(1, 12), "numbers from 1 to 12, with commas between them"),
        "BYMONTHDAY": ("by_month_day", _list(-31, 31), _either(31)),
        "BYYEARDAY": ("by_year_day", _list(-366, 366), _either(366)),
        "BYWEEKNO": ("by_week_no", _list(-53, 53), _either(53)),
        "BYDAY": ("by_day", _days, "weekdays such as MO,FR, or numbered ones such as 1MO or -1FR"),
        "BYSETPOS": ("by_set_pos", _list(-366, 366), _either(366)),
        "WKST": ("week_start", _weekday, f"one of {', '.join(WEEKDAYS)}"),
    }
)
"""By the name of a part: the attribute, what reads it (None when it cannot), and what it expects."""
_KNOWN: Final = ("FREQ", *_READERS)
_TIMES: Final = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
