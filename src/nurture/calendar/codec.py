"""Calendar values to JSON and back, unchanged. Imports only `nurture.errors`.

Each form is a small object of texts and numbers. Reading is strict: what is unknown or of another type is
refused with its place, so that a misspelt part is never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias, cast

from nurture.calendar.business import NINE_TO_SIX, BusinessCalendar
from nurture.calendar.durations import LIMITS, Civil, Duration, business_hours_of, clock
from nurture.calendar.period_units import PeriodUnit, parts_of
from nurture.calendar.periods import Period
from nurture.calendar.recurrence import Recurrence
from nurture.calendar.rolling import roll_named
from nurture.calendar.windows import Window
from nurture.errors import DefinitionError, UnknownNameError

JsonObject: TypeAlias = "dict[str, str | int | float | list[int] | list[str] | list[JsonObject]]"

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MICROSECOND: Final = timedelta(microseconds=1)
_SPANS: Final = ("weeks", "days", "hours", "minutes", "seconds")
"""What people write for elapsed time; it is written back in microseconds, which are exact."""
_ELAPSED_FIELDS: Final = ("kind", "microseconds", *_SPANS)
_WHOLE: Final = (*LIMITS, "day_of_month", "weekday", "nth")
"""The parts of a civil duration that are whole numbers."""
_CIVIL_FIELDS: Final = ("kind", *_WHOLE, "business_hours", "roll", "at")
_MOVES: Final = ("years", "months", "weeks", "days")
_HOUR: Final = timedelta(hours=1)
_UNITS: Final = tuple(unit.value for unit in PeriodUnit)


def to_json(duration: Duration) -> JsonObject:
    """A duration of either type as a JSON object; `kind` says which.

    Example:
        >>> to_json(timedelta(days=3))
        {'kind': 'elapsed', 'microseconds': 259200000000}
        >>> to_json(Civil(days=1, at=time(10)))
        {'kind': 'civil', 'days': 1, 'at': '10:00'}
    """
    if isinstance(duration, timedelta):
        return {"kind": "elapsed", "microseconds": duration // _MICROSECOND}
    form: JsonObject = {"kind": "civil"}
    form |= {name: number for name in _MOVES if (number := getattr(duration, name))}
    form |= {name: n for name in _WHOLE if name not in _MOVES and (n := getattr(duration, name)) is not None}
    if duration.business_hours is not None:
        whole, rest = divmod(duration.business_hours, _HOUR)
        form["business_hours"] = duration.business_hours / _HOUR if rest else whole
    if duration.roll is not None:
        form["roll"] = duration.roll.value
    if duration.at is not None:
        form["at"] = clock_text(duration.at)
    return form


def from_json(data: Mapping[str, object], where: str = "duration") -> Duration:
    """The duration that a JSON object stands for.

    Args:
        data: What `to_json` made, or the same in people's units: `{"kind": "elapsed", "days": 3, "hours": 12}`.
        where: The place that error messages name.

    Raises:
        DefinitionError: It stands for none; the message says where and why.
    """
    kind = _text(data, "kind", where)
    if kind == "elapsed":
        _known(data, _ELAPSED_FIELDS, where)
        return _elapsed(data, where)
    if kind != "civil":
        raise UnknownNameError("kind of duration", kind, ("civil", "elapsed"), where=where)
    _known(data, _CIVIL_FIELDS, where)
    numbers = {name: _number(data, name, where) for name in _WHOLE if name in data}
    at = _clock(data, "at", where) if "at" in data else None
    hours = business_hours_of(_real(data, "business_hours", where), f"{where}.business_hours")
    roll = roll_named(_text(data, "roll", where), f"{where}.roll") if "roll" in data else None
    return Civil(**numbers, business_hours=hours, roll=roll, at=at)


def _elapsed(data: Mapping[str, object], where: str) -> timedelta:
    spans = {name: span for name in _SPANS if (span := _real(data, name, where)) is not None}
    if "microseconds" in data or not spans:
        spans["microseconds"] = _number(data, "microseconds", where)
    try:
        return timedelta(**spans)
    except (OverflowError, ValueError):
        raise DefinitionError(f"{where}.{next(iter(spans))}: expected less than a thousand million days") from None


def window_to_json(window: Window) -> JsonObject:
    """A window as a JSON object, such as `{"start": "22:00", "end": "06:00"}`, with `days` where it has them."""
    form: JsonObject = {"start": clock_text(window.start), "end": clock_text(window.end)}
    if window.days is not None:
        form["days"] = sorted(window.days)
    return form


def window_from_json(data: Mapping[str, object], where: str = "window") -> Window:
    """The window that a JSON object stands for.

    Raises:
        DefinitionError: It stands for none; the message says where and why.
    """
    _known(data, ("start", "end", "days"), where)
    days = _weekdays(data, "days", where) if "days" in data else None
    return Window(_clock(data, "start", where), _clock(data, "end", where), days)


def calendar_to_json(calendar: BusinessCalendar) -> JsonObject:
    """A business calendar as a JSON object; its dates are sorted, so equal calendars give equal text."""
    form: JsonObject = {
        "name": calendar.name,
        "weekend": sorted(calendar.weekend),
        "closed": [day.isoformat() for day in sorted(calendar.closed)],
        "open": [day.isoformat() for day in sorted(calendar.open)],
    }
    if calendar.hours != NINE_TO_SIX:
        form["hours"] = [window_to_json(window) for window in calendar.hours]
    return form


def calendar_from_json(data: Mapping[str, object], where: str = "calendar") -> BusinessCalendar:
    """The business calendar that a JSON object stands for; all parts but the name may be missing.

    Raises:
        DefinitionError: It stands for none; the message says where and why.
    """
    _known(data, ("name", "weekend", "closed", "open", "hours"), where)
    hours = _items(data, "hours", where, "a list of windows") if "hours" in data else None
    return BusinessCalendar(
        _text(data, "name", where),
        weekend=_weekdays(data, "weekend", where) if "weekend" in data else frozenset({5, 6}),
        closed=_dates(data, "closed", where),
        open=_dates(data, "open", where),
        hours=NINE_TO_SIX if hours is None else tuple(_window(one, f"{where}.hours") for one in hours),
    )


def _window(data: object, where: str) -> Window:
    if not isinstance(data, Mapping):
        raise DefinitionError(f"{where}: expected windows such as {{'start': '09:00', 'end': '18:00'}}")
    return window_from_json(cast("Mapping[str, object]", data), where)


def period_to_json(period: Period) -> JsonObject:
    """A period of the calendar as a JSON object: its unit, the parts that the unit needs, and `zone` where it has one.

    Example:
        >>> period_to_json(Period(unit=PeriodUnit.WEEK, offset=-1, starts=0))
        {'unit': 'week', 'offset': -1, 'starts': 0}
    """
    form: JsonObject = {"unit": period.unit.value}
    for part in parts_of(period.unit):
        value = getattr(period, part)
        form[part] = value.isoformat() if isinstance(value, date) else value
    if period.zone is not None:
        form["zone"] = period.zone
    return form


def period_from_json(data: Mapping[str, object], where: str = "period") -> Period:
    """The period that a JSON object stands for; only the zone may be missing.

    Raises:
        DefinitionError: It stands for none; the message says where and why.
    """
    name = _text(data, "unit", where)
    if name not in _UNITS:
        raise UnknownNameError("unit", name, _UNITS, where=f"{where}.unit")
    unit = PeriodUnit(name)
    parts = parts_of(unit)
    _known(data, ("unit", *parts, "zone"), where)
    numbers = {part: _number(data, part, where) for part in parts if part != "day"}
    day = _date(data, "day", where, "a date such as '2026-12-29'") if "day" in parts else None
    zone = _text(data, "zone", where) if "zone" in data else None
    try:
        return Period(unit=unit, day=day, zone=zone, **numbers)
    except DefinitionError as error:
        raise DefinitionError(f"{where}{problem.removeprefix('period')}" for problem in error.problems) from None


def recurrence_to_json(recurrence: Recurrence) -> JsonObject:
    """A recurrence as a JSON object: its rule, start and zone, and `at` and `roll` where it has them.

    Example:
        >>> recurrence_to_json(Recurrence("FREQ=WEEKLY;BYDAY=MO", start=datetime(2026, 4, 1, 10), zone="Asia/Tokyo"))
        {'rule': 'FREQ=WEEKLY;BYDAY=MO', 'start': '2026-04-01T10:00', 'zone': 'Asia/Tokyo'}
    """
    start = recurrence.start
    form: JsonObject = {
        "rule": recurrence.rule,
        "start": f"{start.date().isoformat()}T{clock_text(start.time())}",
        "zone": recurrence.zone,
    }
    if recurrence.at is not None:
        form["at"] = clock_text(recurrence.at)
    if recurrence.roll is not None:
        form["roll"] = recurrence.roll.value
    return form


def recurrence_from_json(data: Mapping[str, object], where: str = "recurrence") -> Recurrence:
    """The recurrence that a JSON object stands for.

    Raises:
        DefinitionError: It stands for none; the message says where and why.
    """
    _known(data, ("rule", "start", "zone", "at", "roll"), where)
    rule, zone = _text(data, "rule", where), _text(data, "zone", where)
    start = _wall_clock(data, "start", where)
    at = _clock(data, "at", where) if "at" in data else None
    roll = roll_named(_text(data, "roll", where), f"{where}.roll") if "roll" in data else None
    try:
        return Recurrence(rule, start=start, zone=zone, at=at, roll=roll)
    except DefinitionError as error:
        raise DefinitionError(f"{where}.{_below(problem)}" for problem in error.problems) from None


def _below(problem: str) -> str:
    return problem.removeprefix("recurrence.")


def _wall_clock(data: Mapping[str, object], name: str, where: str) -> datetime:
    day, t, shown = _text(data, name, where).partition("T")
    expected = "a date and a time such as '2026-04-01T10:00', without a zone"
    found = _date({name: day}, name, where, expected)
    if not t:
        raise DefinitionError(f"{where}.{name}: expected {expected}")
    return datetime.combine(found, clock(shown, f"{where}.{name}"))


def clock_text(at: time) -> str:
    """A time of day in its shortest form: `10:00`, or `10:00:30` where seconds matter."""
    return at.isoformat("auto" if at.second or at.microsecond else "minutes")


def _known(data: Mapping[str, object], names: Collection[str], where: str) -> None:
    for name in data:
        if name not in names:
            raise UnknownNameError("field", name, names, where=where)


def _text(data: Mapping[str, object], name: str, where: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise _unexpected(value, name, where, "text")
    return value


def _number(data: Mapping[str, object], name: str, where: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unexpected(value, name, where, "a whole number")
    return value


def _real(data: Mapping[str, object], name: str, where: str) -> float | None:
    if name not in data:
        return None
    value = data[name]
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _unexpected(value, name, where, "a number")
    return value


def _clock(data: Mapping[str, object], name: str, where: str) -> time:
    return clock(_text(data, name, where), f"{where}.{name}")


def _weekdays(data: Mapping[str, object], name: str, where: str) -> frozenset[int]:
    items = _items(data, name, where, "a list of weekdays, 0 (Monday) to 6 (Sunday)")
    return frozenset(_number({name: item}, name, where) for item in items)


def _dates(data: Mapping[str, object], name: str, where: str) -> Iterator[date]:
    expected = "a list of dates such as '2026-12-29'"
    for item in _items(data, name, where, expected) if name in data else ():
        yield _date({name: item}, name, where, expected)


def _date(data: Mapping[str, object], name: str, where: str, expected: str) -> date:
    text = _text(data, name, where)
    if _DATE.fullmatch(text) is None:
        raise DefinitionError(f"{where}.{name}: expected {expected}")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DefinitionError(f"{where}.{name}: expected dates that exist, found {text}") from None


def _items(data: Mapping[str, object], name: str, where: str, expected: str) -> Sequence[object]:
    value = data.get(name)
    if not isinstance(value, (list, tuple)):
        raise _unexpected(value, name, where, expected)
    return cast("Sequence[object]", value)


def _unexpected(value: object, name: str, where: str, expected: str) -> DefinitionError:
    found = "nothing" if value is None else type(value).__name__
    return DefinitionError(f"{where}.{name}: expected {expected}, found {found}")
