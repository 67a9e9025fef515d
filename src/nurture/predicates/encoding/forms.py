"""How a node stands in JSON, said as a table of its keys. May import the tree and the shapes.

Reading, writing and the JSON Schema all follow from a form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import attrs

from nurture.predicates.encoding.cursor import Cursor, Json
from nurture.predicates.encoding.shapes import NODES, Shape, field_to_json
from nurture.predicates.operators import FieldType
from nurture.predicates.tree import Predicate

if TYPE_CHECKING:
    from nurture.predicates.tree import Field

REQUIRED: Final = object()
"""The default of a key that is never absent."""


@attrs.frozen
class Key:
    """One key of a node.

    Attributes:
        name: What it is called.
        shape: What stands there.
        default: What its absence means; `REQUIRED` of one that is never absent.
        attribute: Name of the node's attribute, where it is another one.
        get: What the node has there, where it is more than an attribute.
    """

    name: str
    shape: Shape
    default: object = REQUIRED
    attribute: str = ""
    get: Callable[[Any], object] | None = None

    @property
    def is_required(self) -> bool:
        """Whether it is never absent."""
        return self.default is REQUIRED

    def of_node(self, node: Predicate) -> object:
        """What the node has there."""
        return getattr(node, self.attribute or self.name) if self.get is None else self.get(node)


@attrs.frozen
class Form:
    """How one kind of node stands in JSON.

    Attributes:
        node: Its type.
        en: What it is called, for people who put predicates together.
        ja: The same in Japanese.
        keys: Its keys, besides `node`, and `of` and `field` where it asks about a field.
        fits: Where it asks about a field: which types of field it fits.
        read: Reads it, where the keys alone do not say how.
    """

    node: type[Predicate]
    en: str
    ja: str
    keys: tuple[Key, ...] = ()
    fits: frozenset[FieldType] | None = None
    read: Callable[[Cursor], Predicate] | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """The keys that are never absent."""
        own = tuple(key.name for key in self.keys if key.is_required)
        return own if self.fits is None else ("of", "field", *own)

    @property
    def optional(self) -> tuple[str, ...]:
        """The keys that may be absent."""
        return tuple(key.name for key in self.keys if not key.is_required)

    def from_cursor(self, at: Cursor) -> Predicate:
        """The node that an object stands for."""
        if self.read is not None:
            return self.read(at)
        found = read_keys(self.keys, at)
        return self.node(**found) if self.fits is None else self.node(**{"field": at.own_field(), **found})

    def to_json(self, node: Predicate, inner: Callable[[Predicate], Json]) -> Json:
        """The node as JSON data, without its name; `inner` writes the nodes inside it."""
        written: Json = {} if self.fits is None else field_to_json(cast("_OfField", node).field)
        for key in self.keys:
            value = key.of_node(node)
            if not key.is_required and value == key.default:
                continue
            if key.shape is NODES:
                written[key.name] = [inner(part) for part in cast("tuple[Predicate, ...]", value)]
            else:
                written[key.name] = inner(value) if isinstance(value, Predicate) else key.shape.write(value)
        return written


class _OfField(Protocol):
    """A node that asks about a field."""

    @property
    def field(self) -> Field:
        """Which."""
        ...


def read_keys(keys: tuple[Key, ...], at: Cursor) -> dict[str, Any]:
    """What stands under those keys that are there, by the name of the node's attribute."""
    return {key.attribute or key.name: key.shape.read(at, key.name) for key in keys if key.name in at.data}
