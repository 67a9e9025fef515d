"""The filters and tests that a template may use: an explicit list, each bounded. Imports calendar and honorific.

Jinja's own filters are not used: many grow text without bound (`center`, `replace`, `format`), print private
fields (`pprint`), or switch escaping off (`safe`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, cast
from urllib.parse import quote

from jinja2 import pass_context
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context, Undefined
from jinja2.tests import TESTS as JINJA_TESTS
from markupsafe import Markup, escape

from nurture.calendar import to_local, zone
from nurture.mail.honorifics import Form, honorific

LONGEST_TEXT: Final = 16_384
"""Filters take text of at most so many characters, so that a chain of them stays cheap."""

WEEKDAYS_JA: Final = "月火水木金土日"
MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS_EN: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class TemplateRefusedError(TemplateRuntimeError):
    """A template did what templates may not do; the message holds no value and may be shown."""


def _text(value: object) -> str:
    """The value as text; lists, mappings and empty values are not text."""
    if isinstance(value, Undefined):
        return str(value)  # raises: it is strict
    if isinstance(value, bool) or not isinstance(value, (str, int, float, date)):
        found = "an empty value" if value is None else "something that is not text"
        raise TemplateRefusedError(f"a filter was given {found}")
    text = value if isinstance(value, str) else str(value)
    if len(text) > LONGEST_TEXT:
        raise TemplateRefusedError("a filter was given too long a text")
    return text


def _number(value: object) -> int | float:
    if isinstance(value, Undefined):
        str(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TemplateRefusedError("a filter was given something that is not a number")
    return value


def _upper(value: object) -> str:
    return _text(value).upper()


def _lower(value: object) -> str:
    return _text(value).lower()


def _capitalize(value: object) -> str:
    return _text(value).capitalize()


def _title(value: object) -> str:
    return _text(value).title()


def _trim(value: object) -> str:
    return _text(value).strip()


def _truncate(value: object, length: int = 255, end: str = "…") -> str:
    text = _text(value)
    return text if len(text) <= length else text[: max(0, length - len(end))] + end


def _urlencode(value: object) -> str:
    return quote(_text(value), safe="")


def _escape(value: object) -> Markup:
    return escape(_text(value))


def _default(value: object, instead: object = "") -> object:
    """The value, or another one where it is unknown or empty."""
    return instead if isinstance(value, Undefined) or value is None or value == "" else value


def _sequence(value: object) -> Sequence[object]:
    if isinstance(value, (str, tuple, list)):
        return cast("Sequence[object]", value)
    if isinstance(value, Undefined):
        str(value)
    raise TemplateRefusedError("a filter was given something that is neither text nor a list")


def _length(value: object) -> int:
    return len(_sequence(value))


def _first(value: object) -> object:
    return next(iter(_sequence(value)), None)


def _last(value: object) -> object:
    return next(iter(reversed(_sequence(value))), None)


def _join(value: object, separator: str = "") -> str:
    if isinstance(value, str):
        return value
    return concatenated([part for item in _sequence(value) for part in (separator, item)][1:])


def concatenated(parts: Sequence[object]) -> str:
    """The parts, one after the other, as far as a filter's text may be long. Markup escapes its neighbors."""
    texts = [part if isinstance(part, Markup) else _text(part) for part in parts]
    if any(isinstance(text, Markup) for text in texts):
        texts = [escape(text) for text in texts]
        joined: str = Markup("").join(texts)
    else:
        joined = "".join(texts)
    return _text(joined)


def _round(value: object, digits: int = 0) -> int | float:
    shift = 10 ** max(0, min(int(digits), 15))
    rounded = math.floor(_number(value) * shift + 0.5) / shift
    return rounded if shift > 1 else int(rounded)


def _grouped(value: object, digits: int = 0) -> str:
    return f"{_number(value):,.{max(0, min(int(digits), 20))}f}"


@pass_context
def _honorific(context: Context, person: object, form: str = Form.SHORT) -> str:
    if isinstance(person, Undefined):
        str(person)
    if not isinstance(person, Mapping):
        raise TemplateRefusedError("honorific is for a lead, as in {{ lead|honorific }}")
    return honorific(cast("Mapping[str, object]", person), locale=_word(context, "locale", "ja"), form=Form(form))


def _word(context: Context, name: str, instead: str) -> str:
    found: object = context.resolve_or_missing(name)
    return found if isinstance(found, str) and found else instead


@pass_context
def _date(context: Context, value: object, style: str = "long") -> str:
    """A day or an instant in the words of the message's language and the wall clock of its zone."""
    if isinstance(value, Undefined):
        str(value)
    if not isinstance(value, date):
        raise TemplateRefusedError("date is for a date or an instant")
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = to_local(value, zone(_word(context, "zone", "UTC")))
    styles = _STYLES_JA if _word(context, "locale", "ja").startswith("ja") else _STYLES_EN
    if style not in styles:
        raise TemplateRefusedError(f"date knows the styles {', '.join(sorted(styles))}")
    return styles[style](value)


def _clock(day: date) -> str:
    return f"{day.hour}:{day.minute:02}" if isinstance(day, datetime) else ""


_ERAS: Final = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1873, 1, 1), "明治"),  # from then on Japan counts by the Gregorian calendar; the era itself began in 1868
)
"""The first day of each era (元号), the newest first. 改元ニ関スル政令 and 元号法; 明治 6 is 1873."""


def _era_year(day: date) -> str:
    """The year as Japanese forms write it, such as 令和8 or 令和元; before 明治 6 the year alone."""
    only_day = day.date() if isinstance(day, datetime) else day
    for first, name in _ERAS:
        if only_day >= first:
            year = day.year - (1868 if name == "明治" else first.year) + 1
            return f"{name}{'元' if year == 1 else year}"
    return str(day.year)


_STYLES_JA: Final[Mapping[str, Callable[[date], str]]] = {
    "long": lambda day: f"{day.year}年{day.month}月{day.day}日({WEEKDAYS_JA[day.weekday()]})",
    "era": lambda day: f"{_era_year(day)}年{day.month}月{day.day}日",
    "short": lambda day: f"{day.year}/{day.month:02}/{day.day:02}",
    "day": lambda day: f"{day.month}月{day.day}日",
    "full": lambda day: f"{_STYLES_JA['long'](day)} {_clock(day)}".rstrip(),
    "time": _clock,
}
_STYLES_EN: Final[Mapping[str, Callable[[date], str]]] = {
    "long": lambda day: f"{WEEKDAYS_EN[day.weekday()]}, {day.day} {MONTHS_EN[day.month - 1]} {day.year}",
    "era": lambda day: _STYLES_EN["long"](day),  # nobody counts in eras in English
    "short": lambda day: f"{day.year}-{day.month:02}-{day.day:02}",
    "day": lambda day: f"{day.day} {MONTHS_EN[day.month - 1]}",
    "full": lambda day: f"{_STYLES_EN['long'](day)} {_clock(day)}".rstrip(),
    "time": _clock,
}

FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "capitalize": _capitalize,
    "count": _length,
    "d": _default,
    "date": _date,
    "default": _default,
    "e": _escape,
    "escape": _escape,
    "first": _first,
    "honorific": _honorific,
    "join": _join,
    "last": _last,
    "length": _length,
    "lower": _lower,
    "number": _grouped,
    "round": _round,
    "title": _title,
    "trim": _trim,
    "truncate": _truncate,
    "upper": _upper,
    "urlencode": _urlencode,
}
"""What may stand behind a `|`, by name."""

TESTS: Final[Mapping[str, Callable[..., object]]] = {
    name: cast("Callable[..., object]", JINJA_TESTS[name])
    for name in (
        *("boolean", "defined", "divisibleby", "even", "false", "in", "none", "number", "odd", "string", "true"),
        *("undefined", "eq", "ge", "gt", "le", "lt", "ne"),
    )
}
"""What may stand behind `is`, by name."""
