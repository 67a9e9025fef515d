"""Reads one JSON object of a predicate, key by key, with its path for messages. May import the tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias, TypeVar, cast

import attrs

from nurture.errors import DefinitionError, unknown_name
from nurture.model import Origin
from nurture.predicates.touches import Quantifier
from nurture.predicates.tree import Owner, Predicate

Json: TypeAlias = dict[str, object]
E = TypeVar("E", Origin, Owner, Quantifier)
T = TypeVar("T")


@attrs.frozen
class Cursor:
    """One object being read, and where it stands; each method takes a key.

    Attributes:
        node: Reads a node: data, path, depth.
        data: The object.
        where: Its path.
        depth: How deep it is nested.
    """

    node: Callable[[object, str, int], Predicate]
    data: Json
    where: str
    depth: int

    def text(self, key: str) -> str:
        """Text."""
        return expected(self.data.get(key), str, f"{self.where}.{key}", "text")

    def optional_text(self, key: str) -> str | None:
        """Text, or None when the key is absent."""
        return None if self.data.get(key) is None else self.text(key)

    def whole(self, key: str, default: int) -> int:
        """A whole number."""
        value = self.data.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise DefinitionError(f"{self.where}.{key}: expected a whole number, found {json_type(value)}")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false when the key is absent."""
        return expected(self.data.get(key, False), bool, f"{self.where}.{key}", "true or false")

    def items(self, key: str) -> list[object]:
        """A list of anything."""
        found = cast("list[object]", expected(self.data.get(key), list, f"{self.where}.{key}", "a list"))
        return found

    def length(self, key: str) -> timedelta:
        """A length of time, in microseconds."""
        return timedelta(microseconds=max(-1, min(self.whole(key, 0), 10**16)))

    def choice(self, key: str, kind: type[E]) -> E:
        """One of the names of an enumeration."""
        text = self.text(key)
        choices = [one.value for one in kind]
        if text not in choices:
            raise DefinitionError(unknown_name(key, text, choices, where=f"{self.where}.{key}"))
        return kind(text)

    def inside(self, key: str) -> Predicate:
        """The node under this key."""
        return self.node(self.data.get(key), f"{self.where}.{key}", self.depth + 1)

    def each(self, key: str) -> tuple[Predicate, ...]:
        """The nodes of the list under this key."""
        return tuple(
            self.node(item, f"{self.where}.{key}[{place}]", self.depth + 1)
            for place, item in enumerate(self.items(key))
        )


def expected(value: object, kind: type[T], where: str, what: str) -> T:
    """The value, if it is of this type.

    Raises:
        DefinitionError: It is not.
    """
    if not isinstance(value, kind):
        raise DefinitionError(f"{where}: expected {what}, found {json_type(value)}")
    return value


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
