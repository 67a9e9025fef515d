"""Dates as people write them, Western and Japanese. Standard library only.

Nothing here knows a time zone: what is written without an offset stays naive, and the caller says
where it was written.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

EXPECTED = "a date such as 2026-04-01, 2026/4/1, 2026年4月1日, 令和8年4月1日 or R8.4.1, with or without a time"

# The first day of each era, by its name and its letter.
_ERAS = {
    era: begins
    for names, begins in (
        (("令和", "r"), date(2019, 5, 1)),
        (("平成", "h"), date(1989, 1, 8)),
        (("昭和", "s"), date(1926, 12, 25)),
        (("大正", "t"), date(1912, 7, 30)),
        (("明治", "m"), date(1868, 10, 23)),
    )
    for era in names
}
_TIME = (
    r"(?:(?:\s*[t\s]\s*|(?<=[日)]))(?P<half>午前|午後|am |pm )?\s*(?P<hour>\d{1,2})(?::|時)(?P<minute>\d{1,2})分?"
    r"(?::?(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,9}))?秒?)?\s*(?P<half_after>am|pm)?"
    r"\s*(?P<offset>z|utc|gmt|jst|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_WEEKDAY = r"(?:\s*\([月火水木金土日](?:曜日?)?\))?"
_YMD = re.compile(r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})" + _WEEKDAY + _TIME)
_KANJI = re.compile(
    r"(?P<era>令和|平成|昭和|大正|明治)?\s*(?P<year>\d{1,4}|元)年\s*(?P<month>\d{1,2})月\s*(?P<day>\d{1,2})日"
    + _WEEKDAY
    + _TIME
)
_ERA = re.compile(
    r"(?P<era>令和|平成|昭和|大正|明治|[rhstm])\s*"
    + r"(?P<year>\d{1,2}|元)(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})"
    + _WEEKDAY
    + _TIME
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + _TIME)
_DMY = re.compile(r"(?P<day>\d{1,2})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<year>\d{4})" + _TIME)
_MDY = re.compile(r"(?P<month>\d{1,2})(?P<sign>[-/.])(?P<day>\d{1,2})(?P=sign)(?P<year>\d{4})" + _TIME)
_SERIAL = re.compile(r"\s*(\d{1,7})(?:\.(\d{1,12}))?\s*")
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a civil day; right for every serial after Excel's false 1900-02-29
_LONGEST = 64


def parse_date(
    text: str,
    order: Literal["ymd", "dmy", "mdy"] = "ymd",
    *,
    compact: bool = False,
    excel_serials: bool = False,
) -> date | datetime | None:
    """The date or moment that the text states; None when it states none.

    Args:
        text: A cell. Full-width digits and signs are understood.
        order: How `1/2/2026` is meant; with `ymd` it is not understood at all.
        compact: Whether `20260401` is a date; it may as well be a number.
        excel_serials: Whether `46113` is one.

    Returns:
        A `date` where no time stands, an aware `datetime` where an offset stands, else a naive one.

    Example:
        >>> parse_date("令和8年4月1日"), parse_date("R8.4.1"), parse_date("2026/2/30")
        (datetime.date(2026, 4, 1), datetime.date(2026, 4, 1), None)
    """
    if len(text) > _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    patterns = [_YMD, _KANJI, _ERA]
    if order != "ymd":
        patterns.append(_DMY if order == "dmy" else _MDY)
    if compact:
        patterns.append(_COMPACT)
    for pattern in patterns:
        found = pattern.fullmatch(plain)
        if found:
            try:
                return _built(found)
            except (ValueError, OverflowError):
                return None
    return _serial(plain) if excel_serials else None


def _built(found: re.Match[str]) -> date | datetime:
    part = found.groupdict()
    day = _day(part)
    if part["hour"] is None:
        return day
    hour = int(part["hour"])
    half = (part["half"] or part["half_after"] or "").strip()
    if half:
        if hour > 12:
            raise ValueError("an hour beyond twelve with a half of the day")
        hour = hour % 12 + (12 if half in ("午後", "pm") else 0)
    fraction = int((part["fraction"] or "").ljust(6, "0")[:6])
    clock = time(hour, int(part["minute"]), int(part["second"] or 0), fraction)
    return datetime.combine(day, clock, _offset(part["offset"]))


def _day(part: dict[str, str | None]) -> date:
    year = 1 if part["year"] == "元" else int(part["year"] or 0)
    era = part.get("era")
    if era is None:
        if year < 1000:
            raise ValueError("a year of fewer than four digits without an era")
        return date(year, int(part["month"] or 0), int(part["day"] or 0))
    begins = _ERAS[era]
    day = date(begins.year + year - 1, int(part["month"] or 0), int(part["day"] or 0))
    if day < begins:  # beyond an era's end is another matter: 平成32年 stands in papers printed before
        raise ValueError("a day before its era")
    return day


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in ("z", "utc", "gmt"):
        return UTC
    if text == "jst":
        return timezone(timedelta(hours=9))
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if minutes > 59:
        raise ValueError("an offset of sixty minutes or more")
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if text[0] == "-" else length)


def _serial(text: str) -> date | datetime | None:
    found = _SERIAL.fullmatch(text)
    if found is None or not 61 <= int(found.group(1)) <= 2_958_465:  # 1900-03-01 to 9999-12-31
        return None
    day = _EXCEL_EPOCH + timedelta(days=int(found.group(1)))
    if not found.group(2):
        return day.date()
    return day + timedelta(seconds=round(float(f"0.{found.group(2)}") * 86_400))
