"""Reads one JSON object of a predicate, key by key, with its path for messages. May import the nodes.

What comes from outside is never read deeper than a key needs, and no message repeats more of it than fits
on a line: refusing takes no longer than reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import attrs

from nurture.calendar import Period, period_from_json
from nurture.calendar.periods import OWN_ZONES
from nurture.calendar.zones import zone_names
from nurture.errors import DefinitionError, InvalidFactError, unknown_name
from nurture.model.values import value_from_json
from nurture.predicates.literals import MAX_WHOLE, require_short
from nurture.predicates.tree import Field, Owner, Predicate, Scaled

if TYPE_CHECKING:
    from nurture.model import Scalar

Json: TypeAlias = dict[str, object]
E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

_MOST_SHOWN = 60  # characters of an unknown name that a message repeats
_MOST_SAID = 400  # characters of a problem that a node found itself
_MOST_NAMED = 10  # unknown keys that a message names
_LONGEST_KIND = 100  # characters
_FAR = 10**16  # microseconds: more than any length that is taken


@attrs.frozen
class Cursor:
    """One object being read, and where it stands; each method takes a key.

    Attributes:
        node: Reads a node: data, path, depth.
        count: Is told how many values a list holds, and where; it refuses too many.
        data: The object.
        where: Its path.
        depth: How deep it is nested.
    """

    node: Callable[[object, str, int], Predicate]
    count: Callable[[int, str], None]
    data: Json
    where: str
    depth: int

    def text(self, key: str) -> str:
        """Text."""
        place = f"{self.where}.{key}"
        text = expected(self.data.get(key), str, place, "text")
        require_short(text, place)
        return text

    def whole(self, key: str) -> int:
        """A whole number."""
        value = self.data.get(key)
        place = f"{self.where}.{key}"
        if not isinstance(value, int) or isinstance(value, bool):
            raise DefinitionError(f"{place}: expected a whole number, found {json_type(value)}")
        return _bounded(value, place)

    def number(self, key: str) -> float:
        """A number, whole or not."""
        value = self.data.get(key)
        place = f"{self.where}.{key}"
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise DefinitionError(f"{place}: expected a number, found {json_type(value)}")
        return _bounded(value, place) if isinstance(value, int) else value

    def flag(self, key: str) -> bool:
        """True or false."""
        return expected(self.data.get(key), bool, f"{self.where}.{key}", "true or false")

    def items(self, key: str) -> list[object]:
        """A list of anything."""
        return cast("list[object]", expected(self.data.get(key), list, f"{self.where}.{key}", "a list"))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        items = self.items(key)
        self.count(len(items), f"{self.where}.{key}")
        found: list[str] = []
        for place, item in enumerate(items):
            found.append(expected(item, str, f"{self.where}.{key}[{place}]", "text"))
            require_short(found[-1], f"{self.where}.{key}[{place}]")
        return tuple(found)

    def length(self, key: str) -> timedelta:
        """A length of time, in microseconds."""
        return timedelta(microseconds=max(-1, min(self.whole(key), _FAR)))

    def choice(self, key: str, kind: type[E]) -> E:
        """One of the names of an enumeration."""
        return kind(self.word(key, [one.value for one in kind]))

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """A list of names of an enumeration."""
        known = [one.value for one in kind]
        found = self.texts(key)
        for place, text in enumerate(found):
            if text not in known:
                where = f"{self.where}.{key}[{place}]"
                raise DefinitionError(unknown_name(key.rstrip("s"), shown(text), known, where=where))
        return tuple(map(kind, found))

    def word(self, key: str, known: Sequence[str]) -> str:
        """One of these names."""
        text = self.text(key)
        if text not in known:
            what = "comparison" if key == "op" else key
            raise DefinitionError(unknown_name(what, shown(text), known, where=f"{self.where}.{key}"))
        return text

    def kind(self, key: str) -> str:
        """A kind of fact. What is too long to be one is only shown to whoever refuses it."""
        text = self.text(key)
        return text if len(text) <= _LONGEST_KIND else shown(text)

    def zone(self, key: str) -> str:
        """The name of a time zone, or whose it is."""
        text, where = self.text(key), f"{self.where}.{key}"
        known = {*zone_names(), *OWN_ZONES}
        if text not in known:
            raise DefinitionError(unknown_name("time zone", shown(text), sorted(known), where=where))
        return text

    def period(self, key: str) -> Period:
        """A period of the calendar."""
        where = f"{self.where}.{key}"
        data = cast("Json", expected(self.data.get(key), dict, where, "an object"))
        short: Json = {}
        for part, value in data.items():
            require_short(part, where)
            if isinstance(value, str):
                require_short(value, f"{where}.{shown(part)}")
            # Nothing that a period may hold is longer than what is shown: a name cut short stays unknown.
            short[shown(part)] = shown(value) if isinstance(value, str) else value
        return period_from_json(short, where)

    def field(self, key: str) -> Field:
        """The name of a value: whose, and which."""
        return self._inner(key, ("of", "field")).own_field()

    def own_field(self) -> Field:
        """The value that the object itself names under `of` and `field`."""
        return Field(self.choice("of", Owner), self.text("field"))

    def scalar(self, key: str) -> Scalar | Scaled:
        """One value to compare with, or another field."""
        data = self.data.get(key)
        found = as_object(data)
        if found is not None and not any(str(one).startswith("$") for one in found):
            inner = self._inner(key, ("field",), ("times",))
            return Scaled(inner.field("field"), inner.number("times") if "times" in inner.data else 1.0)
        return _scalar(data, f"{self.where}.{key}")

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """A list of values to compare with."""
        items = self.items(key)
        self.count(len(items), f"{self.where}.{key}")
        return tuple(_scalar(item, f"{self.where}.{key}[{place}]") for place, item in enumerate(items))

    def inside(self, key: str) -> Predicate:
        """The node under this key."""
        return self.node(self.data.get(key), f"{self.where}.{key}", self.depth + 1)

    def each(self, key: str) -> tuple[Predicate, ...]:
        """The nodes of the list under this key."""
        return tuple(
            self.node(item, f"{self.where}.{key}[{place}]", self.depth + 1)
            for place, item in enumerate(self.items(key))
        )

    def _inner(self, key: str, required: Sequence[str], optional: Sequence[str] = ()) -> Cursor:
        """The object under this key, which is no node and has these keys."""
        where = f"{self.where}.{key}"
        data = cast("Json", expected(self.data.get(key), dict, where, "an object"))
        check_keys(data, required, optional, where)
        return attrs.evolve(self, data=data, where=where)


def check_keys(data: Mapping[str, object], required: Sequence[str], optional: Sequence[str], where: str) -> None:
    """Refuse an object that has other keys than these, or lacks one.

    Raises:
        DefinitionError: All such problems at once; of many unknown keys the first few are named.
    """
    known = (*required, *optional)
    unknown = sorted((key for key in data if key not in known), key=str)
    problems = [f"{where}: {unknown_name('key', shown(str(key)), known)}" for key in unknown[:_MOST_NAMED]]
    if len(unknown) > _MOST_NAMED:
        problems.append(f"{where}: and {len(unknown) - _MOST_NAMED} unknown keys more")
    problems += [f"{where}: missing key {key!r}" for key in required if key not in data]
    if problems:
        raise DefinitionError(problems)


def as_object(data: object) -> Json | None:
    """The data, if it is a JSON object."""
    return cast("Json", data) if isinstance(data, dict) else None


def shown(text: str) -> str:
    """A text from outside as a message may repeat it: no longer than a line."""
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


def clipped(problem: str) -> str:
    """What a part of the library says about data from outside: it may repeat names, which may be long."""
    return problem if len(problem) <= _MOST_SAID else f"{problem[: _MOST_SAID - 1]}…"


def expected(value: object, kind: type[T], where: str, what: str) -> T:
    """The value, if it is of this type.

    Raises:
        DefinitionError: It is not.
    """
    if not isinstance(value, kind):
        raise DefinitionError(f"{where}: expected {what}, found {json_type(value)}")
    return value


def _bounded(value: int, where: str) -> int:
    if not -MAX_WHOLE <= value < MAX_WHOLE:
        raise DefinitionError(f"{where}: expected a whole number of at most 64 bits")
    return value


def _scalar(data: object, where: str) -> Scalar:
    if data is None:
        raise DefinitionError(f"{where}: expected a value, found null; the operator 'missing' asks for absence")
    if isinstance(data, list):
        raise DefinitionError(f"{where}: expected one value, found a list")
    if isinstance(data, str):
        require_short(data, where)
    try:
        return cast("Scalar", value_from_json(data, where))  # it is neither null nor a list
    except (ValueError, OverflowError) as error:
        if isinstance(error, InvalidFactError):
            raise
        raise DefinitionError(f"{where}: expected a date or an instant in ISO 8601") from None


def json_type(value: object) -> str:
    """What a value is called in messages."""
    for kind, name in _JSON_TYPES:
        if isinstance(value, kind):
            return name
    return type(value).__name__


_JSON_TYPES: tuple[tuple[type, str], ...] = (
    (dict, "an object"),
    (list, "a list"),
    (str, "text"),
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (type(None), "null"),
)
