"""Recurrences in words, English and Japanese. Imports only `nurture.errors`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from attrs import frozen

from nurture.calendar.codec import clock_text
from nurture.calendar.recurrence import meant_by
from nurture.calendar.recurrence_rules import Frequency
from nurture.calendar.rolling import Roll
from nurture.calendar.sentences import english_ordinal
from nurture.errors import UnknownNameError

if TYPE_CHECKING:
    from nurture.calendar.recurrence import Recurrence
    from nurture.calendar.recurrence_rules import Rule


@frozen(kw_only=True)
class _Words:
    """What a language calls the parts. In a text, {n} is a number, {of} what went before, {some} a list."""

    every: Mapping[Frequency, str]
    every_few: Mapping[Frequency, str]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    listed: tuple[str, str]  # between the items of a list, and before the last
    joint: str  # between what names the months, the weeks and the days
    in_months: str
    in_weeks: str
    on: str
    first: str  # {nth} {of}, counted from the beginning
    last: str
    from_the_last: str  # {nth} {of}, counted from the end
    month_day: str
    last_day: str
    year_day: str
    last_year_day: str
    week: str
    last_week: str
    chosen: str
    rolled: Mapping[Roll, str]
    at: str
    start: str
    count: str
    until: str


_ENGLISH: Final = _Words(
    every=MappingProxyType(
        {
            Frequency.DAILY: "every day",
            Frequency.WEEKLY: "every week",
            Frequency.MONTHLY: "every month",
            Frequency.YEARLY: "every year",
        }
    ),
    every_few=MappingProxyType(
        {
            Frequency.DAILY: "every {n} days",
            Frequency.WEEKLY: "every {n} weeks",
            Frequency.MONTHLY: "every {n} months",
            Frequency.YEARLY: "every {n} years",
        }
    ),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=tuple("January February March April May June July August September October November December".split()),
    listed=(", ", " and "),
    joint=" ",
    in_months="in {some}",
    in_weeks="in {some} of the year",
    on="on {some}",
    first="the {nth} {of}",
    last="the last {of}",
    from_the_last="the {nth} last {of}",
    month_day="the {nth}",
    last_day="day",
    year_day="day {n} of the year",
    last_year_day="day {n} from the end of the year",
    week="week {n}",
    last_week="week {n} from the end",
    chosen="{of}, of these {some}",
    rolled=MappingProxyType(
        {
            Roll.FORWARD: "{of} (if closed, the business day after)",
            Roll.BACK: "{of} (if closed, the business day before)",
        }
    ),
    at="{of} at {at} ({zone})",
    start="{of}, from {day} on",
    count="{of}, {n} times",
    until="{of}, until {day}",
)
_JAPANESE: Final = _Words(
    every=MappingProxyType(
        {
            Frequency.DAILY: "毎日",
            Frequency.WEEKLY: "毎週",
            Frequency.MONTHLY: "毎月",
            Frequency.YEARLY: "毎年",
        }
    ),
    every_few=MappingProxyType(
        {
            Frequency.DAILY: "{n}日ごと",
            Frequency.WEEKLY: "{n}週間ごと",
            Frequency.MONTHLY: "{n}か月ごと",
            Frequency.YEARLY: "{n}年ごと",
        }
    ),
    weekdays=("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"),
    months=tuple(f"{n}月" for n in range(1, 13)),
    listed=("・", "・"),
    joint="の",
    in_months="{some}",
    in_weeks="{some}",
    on="{some}",
    first="第{nth}{of}",
    last="最終{of}",
    from_the_last="最後から{nth}番目の{of}",
    month_day="{nth}日",
    last_day="日",
    year_day="年の{n}日目",
    last_year_day="年末から数えて{n}日目",
    week="第{n}週",
    last_week="年末から数えて第{n}週",
    chosen="{of}のうち{some}",
    rolled=MappingProxyType({Roll.FORWARD: "{of}（休業日なら翌営業日）", Roll.BACK: "{of}（休業日なら前営業日）"}),
    at="{of}の{at}（{zone}）",
    start="{of}、{day}から",
    count="{of}、{n}回",
    until="{of}、{day}まで",
)
_LANGUAGES: Final = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})
_NTH: Final = MappingProxyType({1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"})


def describe_recurrence(recurrence: Recurrence, lang: str = "en") -> str:
    """When something happens again and again, in words.

    Args:
        recurrence: Any.
        lang: `en` or `ja`.

    Raises:
        UnknownNameError: The language is neither.

    Example:
        >>> from nurture.calendar import Recurrence
        >>> closing = Recurrence("FREQ=MONTHLY;BYDAY=1MO", start=datetime(2026, 4, 1, 10), zone="Asia/Tokyo")
        >>> describe_recurrence(closing)
        'every month on the first Monday at 10:00 (Asia/Tokyo), from 2026-04-01 on'
        >>> describe_recurrence(closing, "ja")
        '毎月第1月曜日の10:00（Asia/Tokyo）、2026-04-01から'
    """
    if lang not in _LANGUAGES:
        raise UnknownNameError("language", lang, _LANGUAGES)
    words, rule = _LANGUAGES[lang], meant_by(recurrence)
    text = _days(rule, words)
    if recurrence.roll is not None:
        text = words.rolled[recurrence.roll].format(of=text)
    text = words.at.format(of=text, at=clock_text(recurrence.clock), zone=recurrence.zone)
    text = words.start.format(of=text, day=recurrence.start.date().isoformat())
    if rule.count is not None:
        text = words.count.format(of=text, n=rule.count)
    return text if rule.until is None else words.until.format(of=text, day=_until(rule.until))


def _until(until: date | datetime) -> str:
    if not isinstance(until, datetime):
        return until.isoformat()
    return f"{until.date().isoformat()} {clock_text(until.time())}{' UTC' if until.tzinfo is UTC else ''}"


def _days(rule: Rule, words: _Words) -> str:
    every = (words.every if rule.interval == 1 else words.every_few)[rule.freq].format(n=rule.interval)
    parts: list[str] = []
    if rule.by_month:
        parts.append(words.in_months.format(some=_listed([words.months[n - 1] for n in rule.by_month], words)))
    if rule.by_week_no:
        weeks = [(words.week if n > 0 else words.last_week).format(n=abs(n)) for n in rule.by_week_no]
        parts.append(words.in_weeks.format(some=_listed(weeks, words)))
    for days in (
        [_weekday(nth, day, words) for nth, day in rule.by_day],
        [_month_day(n, words) for n in rule.by_month_day],
        [(words.year_day if n > 0 else words.last_year_day).format(n=abs(n)) for n in rule.by_year_day],
    ):
        if days:
            parts.append(words.on.format(some=_listed(days, words)))
    tight = words is _JAPANESE and rule.interval == 1  # 毎月第1月曜日, but 2か月ごとの第1月曜日
    text = words.joint.join([every + parts[0], *parts[1:]] if tight and parts else [every, *parts])
    if not rule.by_set_pos:
        return text
    return words.chosen.format(of=text, some=_listed([_position(n, words) for n in rule.by_set_pos], words))


def _weekday(nth: int, weekday: int, words: _Words) -> str:
    return words.weekdays[weekday] if not nth else _counted(nth, words.weekdays[weekday], words)


def _month_day(n: int, words: _Words) -> str:
    if words is _JAPANESE:
        return {-1: "末日"}.get(n, f"{n}日" if n > 0 else f"月末から{-n}日目")
    return words.month_day.format(nth=f"{n}{english_ordinal(n)}") if n > 0 else _counted(n, words.last_day, words)


def _position(n: int, words: _Words) -> str:
    if words is _JAPANESE:
        return {1: "最初", -1: "最後"}.get(n, f"{n}番目" if n > 0 else f"最後から{-n}番目")
    return _counted(n, "one", words)


def _counted(n: int, of: str, words: _Words) -> str:
    if n == -1:
        return words.last.format(of=of)
    nth = str(abs(n)) if words is _JAPANESE else _NTH.get(abs(n), f"{abs(n)}{english_ordinal(abs(n))}")
    return (words.first if n > 0 else words.from_the_last).format(nth=nth, of=of)


def _listed(items: list[str], words: _Words) -> str:
    between, before_the_last = words.listed
    return before_the_last.join([between.join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]
