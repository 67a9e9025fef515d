"""Durations in words, English and Japanese. Imports only `nurture.errors`.

`describe` says when: "3 days", 3日後, "the next business day at 10:00", 翌営業日10:00.
`describe_length` says how long: "14 days", 14日.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from attrs import frozen

from nurture.calendar.codec import clock_text
from nurture.calendar.durations import Civil, Duration
from nurture.calendar.rolling import Roll
from nurture.errors import UnknownNameError

_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_SECOND: Final = timedelta(seconds=1)


@frozen(kw_only=True)
class _Words:
    """What a language calls the parts. In a text, {n} is a number, {s} the plural ending, {of} what went before."""

    units: Mapping[str, str]  # by the name of the unit
    one: Mapping[tuple[str, int], str]  # single steps that have a word of their own
    between: str  # between units of one length
    ahead: str
    back: str
    now: str
    then: str  # between the parts of a step
    open_day: str  # the first open day on or after
    weekday: str
    weekdays: tuple[str, ...]
    ordinals: Mapping[int, str]  # of weekdays in a month; -1 is the last
    day_of_month: str
    scarce_day_of_month: str  # one that not every month has
    month_end: str
    nth_weekday: str
    of_that_month: str  # behind a move to a month
    of_some_month: str
    rolled: Mapping[Roll, str]
    business_time: str  # {of} is a length in hours and minutes
    when_open: str
    clock: str
    clock_after_one: str  # the clock behind a word of its own
    only_clock: str
    same_clock: str


_ENGLISH: Final = _Words(
    units=MappingProxyType(
        {
            "years": "{n} year{s}",
            "months": "{n} month{s}",
            "weeks": "{n} week{s}",
            "days": "{n} day{s}",
            "business_days": "{n} business day{s}",
            "business_hours": "{n} business hour{s}",
            "hours": "{n} hour{s}",
            "minutes": "{n} minute{s}",
            "seconds": "{n} second{s}",
        }
    ),
    one=MappingProxyType(
        {
            ("days", 1): "the next day",
            ("days", -1): "the day before",
            ("business_days", 1): "the next business day",
            ("business_days", -1): "the business day before",
        }
    ),
    between=" ",
    ahead="{of} later",
    back="{of} earlier",
    now="at once",
    then=", then ",
    open_day="the first business day from then on",
    weekday="the first {day} from then on",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ordinals=MappingProxyType({1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}),
    day_of_month="{n}{th}",
    scarce_day_of_month="{n}{th} (or else last day)",
    month_end="last day",
    nth_weekday="{nth} {day}",
    of_that_month="the {of} of that month",
    of_some_month="the earliest {of} of a month from then on",
    rolled=MappingProxyType(
        {
            Roll.FORWARD: "{of} (if closed, the business day after)",
            Roll.BACK: "{of} (if closed, the business day before)",
        }
    ),
    business_time="{of} of business time",
    when_open="as soon as it is business hours",
    clock="{of} at {at}",
    clock_after_one="{of} at {at}",
    only_clock="the next time it is {at}",
    same_clock="{of} at the same time of day",
)
_JAPANESE: Final = _Words(
    units=MappingProxyType(
        {
            "years": "{n}年",
            "months": "{n}か月",
            "weeks": "{n}週間",
            "days": "{n}日",
            "business_days": "{n}営業日",
            "business_hours": "{n}営業時間",
            "hours": "{n}時間",
            "minutes": "{n}分",
            "seconds": "{n}秒",
        }
    ),
    one=MappingProxyType(
        {
            ("days", 1): "翌日",
            ("days", -1): "前日",
            ("business_days", 1): "翌営業日",
            ("business_days", -1): "前営業日",
        }
    ),
    between="",
    ahead="{of}後",
    back="{of}前",
    now="すぐに",
    then="の",
    open_day="当日以降最初の営業日",
    weekday="当日以降最初の{day}曜日",
    weekdays=("月", "火", "水", "木", "金", "土", "日"),
    ordinals=MappingProxyType({1: "第1", 2: "第2", 3: "第3", 4: "第4", -1: "最終"}),
    day_of_month="{n}日",
    scarce_day_of_month="{n}日（ない月は末日）",
    month_end="末日",
    nth_weekday="{nth}{day}曜日",
    of_that_month="月の{of}",
    of_some_month="当日以降最初の{of}",
    rolled=MappingProxyType({Roll.FORWARD: "{of}（休業日なら翌営業日）", Roll.BACK: "{of}（休業日なら前営業日）"}),
    business_time="営業時間で{of}",
    when_open="営業時間になり次第",
    clock="{of}の{at}",
    clock_after_one="{of}{at}",
    only_clock="次の{at}",
    same_clock="{of}の同時刻",
)
_LANGUAGES: Final = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})


def describe(duration: Duration, lang: str = "en") -> str:
    """When something happens that happens a duration from now, in words.

    Args:
        duration: Elapsed or civil.
        lang: `en` or `ja`.

    Raises:
        UnknownNameError: The language is neither.

    Example:
        >>> describe(timedelta(days=3)), describe(timedelta(days=3), "ja")
        ('3 days', '3日後')
        >>> describe(Civil(business_days=1), "ja")
        '翌営業日の同時刻'
    """
    words = _words(lang)
    if isinstance(duration, Civil):
        return _civil(duration, words)
    if not duration:
        return words.now
    length = describe_length(abs(duration), lang)
    if duration < timedelta():
        return words.back.format(of=length)
    return length if words is _ENGLISH else words.ahead.format(of=length)


def describe_length(length: timedelta, lang: str = "en") -> str:
    """How long an elapsed duration is, in words, exactly; the sign does not count.

    Raises:
        UnknownNameError: The language is neither `en` nor `ja`.

    Example:
        >>> describe_length(timedelta(hours=36)), describe_length(timedelta(hours=36), "ja")
        ('1 day 12 hours', '1日12時間')
    """
    words, length = _words(lang), abs(length)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{length.microseconds:06}".rstrip("0") if length.microseconds else ""
    numbers = {
        "days": str(length.days),
        "hours": str(hours),
        "minutes": str(minutes),
        "seconds": f"{seconds}{fraction}",
    }
    return _units({unit: number for unit, number in numbers.items() if number != "0"} or {"seconds": "0"}, words)


def _civil(step: Civil, words: _Words) -> str:
    if step.business_hours is not None:
        return _business_time(step.business_hours, words)
    parts = _parts(step, words)
    if step.roll is not None:
        parts[-1] = words.rolled[step.roll].format(of=parts[-1])
    if step.at is None:
        return words.same_clock.format(of=words.then.join(parts))
    at = clock_text(step.at)
    if not parts:
        return words.only_clock.format(at=at)
    clock = words.clock_after_one if parts[-1] in words.one.values() else words.clock
    return clock.format(of=words.then.join(parts), at=at)


def _parts(step: Civil, words: _Words) -> list[str]:
    """What a step does before it looks at the clock, in order."""
    parts: list[str] = []
    moves = {unit: n for unit in ("years", "months", "weeks", "days") if (n := getattr(step, unit))}
    if moves:
        parts.append(_moves(moves, words))
    if step.is_in_month:
        parts.append((words.of_that_month if moves else words.of_some_month).format(of=_in_month(step, words)))
    if step.business_days:
        parts.append(_moves({"business_days": step.business_days}, words))
    elif step.business_days == 0:
        parts.append(words.open_day)
    if step.weekday is not None and step.nth is None:
        parts.append(words.weekday.format(day=words.weekdays[step.weekday]))
    return parts


def _in_month(step: Civil, words: _Words) -> str:
    if step.nth is not None and step.weekday is not None:
        return words.nth_weekday.format(nth=words.ordinals[step.nth], day=words.weekdays[step.weekday])
    n = step.day_of_month or 1
    if n == 31:
        return words.month_end
    text = words.day_of_month if n <= 28 else words.scarce_day_of_month
    return text.format(n=n, th=english_ordinal(n))


def english_ordinal(n: int) -> str:
    """What English writes behind the number of a day."""
    return "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")


def _business_time(length: timedelta, words: _Words) -> str:
    if not length:
        return words.when_open
    whole, rest = divmod(abs(length), _HOUR)
    if rest:
        minutes, seconds = divmod(rest, _MINUTE)
        numbers = {
            "hours": str(whole),
            "minutes": str(minutes),
            "seconds": f"{seconds / _SECOND:.6f}".rstrip("0").rstrip("."),
        }
        shown = {unit: number for unit, number in numbers.items() if number != "0"}
        text = words.business_time.format(of=_units(shown, words))
    else:
        text = _units({"business_hours": str(whole)}, words)
    return (words.back if length < timedelta() else words.ahead).format(of=text)


def _moves(moves: Mapping[str, int], words: _Words) -> str:
    if len(moves) == 1 and (word := words.one.get(next(iter(moves.items())))):
        return word
    length = _units({unit: str(abs(n)) for unit, n in moves.items()}, words)
    return (words.back if min(moves.values()) < 0 else words.ahead).format(of=length)


def _units(numbers: Mapping[str, str], words: _Words) -> str:
    return words.between.join(
        words.units[unit].format(n=number, s="" if number == "1" else "s") for unit, number in numbers.items()
    )


def _words(lang: str) -> _Words:
    if lang not in _LANGUAGES:
        raise UnknownNameError("language", lang, _LANGUAGES)
    return _LANGUAGES[lang]
