"""Periods of the calendar in words, English and Japanese. Imports only `nurture.errors`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from attrs import frozen

from nurture.calendar.named_periods import WEEKDAYS
from nurture.calendar.period_units import PeriodUnit
from nurture.errors import UnknownNameError

if TYPE_CHECKING:
    from datetime import date

    from nurture.calendar.periods import Period

_FISCAL: Final = "fiscal year"


@frozen(kw_only=True)
class _Words:
    """What a language calls the periods. In a text, {n} is a number, {s} the plural ending, {of} what went before."""

    near: Mapping[str, tuple[str, str, str]]  # by the name of the unit: the one before, this one, the one after
    back: Mapping[str, str]  # those further off
    ahead: Mapping[str, str]
    rolling: Mapping[str, str]
    week_starts: str
    year_starts: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    zones: Mapping[str, str]  # those that are no names of the database
    zone: str


_ENGLISH: Final = _Words(
    near=MappingProxyType(
        {
            "day": ("yesterday", "today", "tomorrow"),
            "week": ("last week", "this week", "next week"),
            "month": ("last month", "this month", "next month"),
            "quarter": ("last quarter", "this quarter", "next quarter"),
            "year": ("last year", "this year", "next year"),
            _FISCAL: ("last fiscal year", "this fiscal year", "next fiscal year"),
        }
    ),
    back=MappingProxyType(
        {
            "day": "the day {n} days ago",
            "week": "the week {n} weeks ago",
            "month": "the month {n} months ago",
            "quarter": "the quarter {n} quarters ago",
            "year": "the year {n} years ago",
            _FISCAL: "the fiscal year {n} years ago",
        }
    ),
    ahead=MappingProxyType(
        {
            "day": "the day {n} days from today",
            "week": "the week {n} weeks from now",
            "month": "the month {n} months from now",
            "quarter": "the quarter {n} quarters from now",
            "year": "the year {n} years from now",
            _FISCAL: "the fiscal year {n} years from now",
        }
    ),
    rolling=MappingProxyType(
        {
            "last_days": "the last {n} day{s}",
            "next_days": "the next {n} day{s}",
            "last_business_days": "the last {n} business day{s}",
            "next_business_days": "the next {n} business day{s}",
        }
    ),
    week_starts="{of} (weeks begin on {name})",
    year_starts="{of} (years begin in {name})",
    weekdays=tuple(name.capitalize() for name in WEEKDAYS),
    months=tuple("January February March April May June July August September October November December".split()),
    zones=MappingProxyType({"lead": "the lead's time zone", "account": "the account's time zone"}),
    zone="{of} in {name}",
)
_JAPANESE: Final = _Words(
    near=MappingProxyType(
        {
            "day": ("昨日", "今日", "明日"),
            "week": ("先週", "今週", "来週"),
            "month": ("先月", "今月", "来月"),
            "quarter": ("前四半期", "今四半期", "来四半期"),
            "year": ("昨年", "今年", "来年"),
            _FISCAL: ("昨年度", "今年度", "来年度"),
        }
    ),
    back=MappingProxyType(
        {
            "day": "{n}日前の日",
            "week": "{n}週間前の週",
            "month": "{n}か月前の月",
            "quarter": "{n}四半期前",
            "year": "{n}年前の年",
            _FISCAL: "{n}年前の年度",
        }
    ),
    ahead=MappingProxyType(
        {
            "day": "{n}日後の日",
            "week": "{n}週間後の週",
            "month": "{n}か月後の月",
            "quarter": "{n}四半期後",
            "year": "{n}年後の年",
            _FISCAL: "{n}年後の年度",
        }
    ),
    rolling=MappingProxyType(
        {
            "last_days": "直近{n}日間",
            "next_days": "今後{n}日間",
            "last_business_days": "直近{n}営業日",
            "next_business_days": "今後{n}営業日",
        }
    ),
    week_starts="{of}（{name}始まり）",
    year_starts="{of}（{name}始まり）",
    weekdays=("月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜"),
    months=tuple(f"{n}月" for n in range(1, 13)),
    zones=MappingProxyType({"lead": "リードの現地時間", "account": "会社の現地時間"}),
    zone="{of}（{name}）",
)
_LANGUAGES: Final = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})


def describe_period(period: Period, lang: str = "en") -> str:
    """What people call a period; where it matters also when weeks or years begin, and whose days they are.

    Args:
        period: Any.
        lang: `en` or `ja`.

    Raises:
        UnknownNameError: The language is neither.

    Example:
        >>> from nurture.calendar import last_week, next_business_days
        >>> describe_period(last_week(), "ja"), describe_period(next_business_days(5))
        ('先週（月曜始まり）', 'the next 5 business days')
    """
    if lang not in _LANGUAGES:
        raise UnknownNameError("language", lang, _LANGUAGES)
    words = _LANGUAGES[lang]
    if period.day is not None:
        text = _date(period.day, words)
    elif period.n is not None:
        text = words.rolling[period.unit].format(n=period.n, s="" if period.n == 1 else "s")
    else:
        text = _start(period, _offset(period, words), words)
    if period.zone is None:
        return text
    name = words.zones.get(period.zone, period.zone)
    return words.zone.format(of=text, name=name)


def _date(day: date, words: _Words) -> str:
    month = words.months[day.month - 1]
    return f"{day.day} {month} {day.year}" if words is _ENGLISH else f"{day.year}年{month}{day.day}日"


def _offset(period: Period, words: _Words) -> str:
    name = _FISCAL if period.unit is PeriodUnit.YEAR and period.starts != 1 else period.unit
    if abs(period.offset) <= 1:
        return words.near[name][period.offset + 1]
    return (words.back if period.offset < 0 else words.ahead)[name].format(n=abs(period.offset))


def _start(period: Period, text: str, words: _Words) -> str:
    if period.starts is None:
        return text
    if period.unit is PeriodUnit.WEEK:
        return words.week_starts.format(of=text, name=words.weekdays[period.starts])
    return text if period.starts == 1 else words.year_starts.format(of=text, name=words.months[period.starts - 1])
