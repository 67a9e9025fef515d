"""The plain values that attributes and properties hold, and their frozen mapping. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Never, TypeAlias, TypeVar, cast

from nurture.errors import InvalidFactError, near_misses

Scalar: TypeAlias = str | int | float | bool | datetime | date
Value: TypeAlias = Scalar | tuple[Scalar, ...] | None

V = TypeVar("V")
E = TypeVar("E", bound=StrEnum)
M = TypeVar("M")
_MAX_TEXT = 65_536
_TEXT: frozenset[type] = frozenset({str})
_PLAIN: frozenset[type] = frozenset({str, int, float, bool, type(None)})
_MAX_INT = 2**63
_MAX_NUMBER = 1e300  # predicates count in millionths, and databases refuse what overflows then
_MAX_DEPTH = 8


class FrozenMapping(dict[str, V]):
    """A mapping from text that cannot be changed after it was made; equal to any equal dict.

    It is a real `dict` underneath, because predicates read it in their innermost loop.
    """

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> Never:
        raise TypeError("this mapping is frozen; make a new one, for instance {**old, key: value}")

    __setitem__ = _refuse
    __delitem__ = _refuse
    __ior__ = _refuse  # pyright: ignore[reportAssignmentType]
    clear = _refuse
    pop = _refuse  # pyright: ignore[reportAssignmentType]
    popitem = _refuse
    setdefault = _refuse  # pyright: ignore[reportAssignmentType]
    update = _refuse  # pyright: ignore[reportAssignmentType]

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenMapping[V]], tuple[dict[str, V]]]:
        return (FrozenMapping, (dict(self),))

    def __copy__(self) -> FrozenMapping[V]:
        return self

    def __deepcopy__(self, _: object) -> FrozenMapping[V]:
        return self


EMPTY: FrozenMapping[Value] = FrozenMapping()


def frozen(mapping: Mapping[str, V] | None) -> FrozenMapping[V]:
    """The mapping, frozen; the same object when it is frozen already."""
    if mapping.__class__ is FrozenMapping:
        return cast("FrozenMapping[V]", mapping)
    return FrozenMapping(mapping or {})


def in_order(given: Iterable[M]) -> tuple[M, ...]:
    """The members as they come; those of a set, which has no order of its own, sorted by what they are.

    What is declared has a hash, and that must be the same in every process.

    Example:
        >>> in_order(["b", "a"]), in_order({"b", "a"})
        (('b', 'a'), ('a', 'b'))
    """
    return tuple(sorted(given, key=_rank) if isinstance(given, (set, frozenset)) else given)


def _rank(member: object) -> tuple[str, str, str]:
    name: object = getattr(member, "name", "")
    return (type(member).__name__, name if isinstance(name, str) else "", repr(member))


def plain_text(text: str) -> str:
    """The text alone, without the class that it came in.

    Markup that counts as safe would go out unescaped as long as nobody read it back from a store, and a member
    of an enumeration prints its name instead of its value.
    """
    return text if text.__class__ is str else str.__str__(text)


def clean_text(text: object, field: str) -> str:
    """The text as a plain `str`, if every store can hold it.

    Raises:
        InvalidFactError: It is no text, or too long, or has U+0000 or lone surrogates; the field is named.
    """
    if type(text) is not str:
        if not isinstance(text, str):
            raise InvalidFactError(field, "text", found=type(text).__name__)
        text = plain_text(text)
    if text.isascii() and len(text) <= _MAX_TEXT and "\x00" not in text:
        return text
    if "\x00" in text:
        raise InvalidFactError(field, "text without U+0000")
    if len(text) > _MAX_TEXT:
        raise InvalidFactError(field, f"at most {_MAX_TEXT} characters", found=f"{len(text)} characters")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise InvalidFactError(field, "text without lone surrogates") from None
    return text


def clean_instant(value: object, field: str) -> datetime:
    """The instant as a plain `datetime` in UTC; a naive one is refused, because nobody can know what it means."""
    if type(value) is datetime and value.tzinfo is UTC:
        return value
    if not isinstance(value, datetime):
        raise InvalidFactError(field, "a datetime with a time zone", found=type(value).__name__)
    if value.tzinfo is None or value.utcoffset() is None:
        raise InvalidFactError(field, "a datetime with a time zone", found="a naive datetime")
    there = value.astimezone(UTC)
    if there.__class__ is datetime:
        return there
    moment = (there.hour, there.minute, there.second, there.microsecond)
    return datetime.combine(date(there.year, there.month, there.day), time(*moment), UTC)


def clean_choice(choices: type[E], value: object, field: str) -> E:
    """The member of the enumeration that a text names.

    Raises:
        InvalidFactError: It names none; the field and the choices are named.
    """
    text = plain_text(value) if isinstance(value, str) else str(value)
    try:
        return choices(text)
    except ValueError:
        known = [str(one.value) for one in choices]
        near = near_misses(text, known)
        hint = f"{', '.join(map(repr, near))}" if near else ", ".join(map(repr, known))
        raise InvalidFactError(field, f"one of the known choices, such as {hint}") from None


def clean_value(value: object, field: str) -> Value:
    """The value, if attributes may hold it: text, numbers, booleans, dates, instants, or tuples of these.

    Raises:
        InvalidFactError: It is of another type, not finite, or too large; the field is named.
    """
    if isinstance(value, (list, tuple, set, frozenset)):
        items = cast("Iterable[object]", value)
        ordered = sorted(items, key=repr) if isinstance(value, (set, frozenset)) else items
        return tuple(_clean_scalar(item, field) for item in ordered)
    return None if value is None else _clean_scalar(value, field)


def _clean_scalar(value: object, field: str) -> Scalar:
    if isinstance(value, str):
        return clean_text(value, field)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not -_MAX_INT <= value < _MAX_INT:
            raise InvalidFactError(field, "a whole number of at most 64 bits")
        return int(value)
    if isinstance(value, float):
        if not -_MAX_NUMBER <= value <= _MAX_NUMBER:  # false of what is not a number, too
            raise InvalidFactError(field, f"a finite number of at most {_MAX_NUMBER:g} either way")
        return float(value)
    if isinstance(value, datetime):
        return clean_instant(value, field)
    if isinstance(value, date):
        return value if value.__class__ is date else date(value.year, value.month, value.day)
    raise InvalidFactError(field, "text, a number, a boolean, a date or an instant", found=type(value).__name__)


def clean_values(values: Mapping[str, object] | None, field: str) -> FrozenMapping[Value]:
    """Every value of the mapping, checked; the mapping, frozen.

    A mapping inside is laid flat: `{"plan": {"seats": 5}}` is held as `{"plan.seats": 5}`, so that one
    name means the same value in every reading of a predicate.

    Raises:
        InvalidFactError: A name or a value cannot be held, one name stands twice, or it is nested too deeply.
    """
    if values is None or (isinstance(cast("object", values), Mapping) and not values):
        return EMPTY
    if values.__class__ is FrozenMapping and is_plain(values):
        return cast("FrozenMapping[Value]", values)
    flat = flattened(values, field)
    return FrozenMapping({name: clean_value(value, f"{field}.{name}") for name, value in flat.items()})


def flattened(values: Mapping[str, object], field: str) -> dict[str, object]:
    """The values with those of mappings inside beside them, each under its path with dots.

    Raises:
        InvalidFactError: It is no mapping, a name is no text, one path stands twice, or it is nested too deeply.
    """
    if not isinstance(cast("object", values), Mapping):
        raise InvalidFactError(field, "a mapping of names to values", found=type(values).__name__)
    found: dict[str, object] = {}
    _flatten(values, field, "", found, _MAX_DEPTH)
    return found


def _flatten(values: Mapping[str, object], field: str, path: str, found: dict[str, object], deeper: int) -> None:
    for name, value in values.items():
        whole = path + _clean_name(name, field)
        if isinstance(value, Mapping):
            if deeper == 1:
                raise InvalidFactError(f"{field}.{whole}", f"values nested at most {_MAX_DEPTH} deep")
            _flatten(cast("Mapping[str, object]", value), field, f"{whole}.", found, deeper - 1)
        elif whole in found:
            raise InvalidFactError(f"{field}.{whole}", "each name once", found="two values of one name")
        else:
            found[whole] = value


def clean_texts(texts: Mapping[str, object], field: str) -> FrozenMapping[str]:
    """Every text of the mapping, checked and plain; the mapping, frozen."""
    if texts.__class__ is FrozenMapping and is_plain(texts):
        return cast("FrozenMapping[str]", texts)
    names = [(clean_text(name, field), text) for name, text in texts.items()]
    return FrozenMapping({name: clean_text(text, f"{field}.{name}") for name, text in names})


def is_plain(values: Mapping[str, object]) -> bool:
    """Whether all names and values are of the very types that JSON has; what a store read back mostly is."""
    return _TEXT.issuperset(map(type, values)) and _PLAIN.issuperset(map(type, values.values()))


def _clean_name(name: object, field: str) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidFactError(field, "names that are non-empty text", found=type(name).__name__)
    return clean_text(name, field)


def value_to_json(value: Value) -> object:
    """The value as JSON can hold it; instants and dates are tagged, so that a text that looks like one stays text."""
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, tuple):
        return [value_to_json(item) for item in value]
    return value


def value_from_json(data: object, field: str = "value") -> Value:
    """The value that `value_to_json` wrote.

    Raises:
        InvalidFactError: It is nothing that `value_to_json` writes; the field is named.
    """
    if isinstance(data, dict):
        tagged = cast("dict[str, object]", data)
        if len(tagged) == 1:
            tag, text = next(iter(tagged.items()))
            if isinstance(text, str):
                if tag == "$instant":
                    return clean_instant(datetime.fromisoformat(text), field)
                if tag == "$date":
                    return date.fromisoformat(text)
        raise InvalidFactError(field, "a plain value, or {'$instant': …} or {'$date': …}")
    if isinstance(data, list):
        return tuple(_clean_scalar(value_from_json(item, field), field) for item in cast("list[object]", data))
    return clean_value(data, field)
