"""The tree of a predicate: frozen nodes that hold plain names. May import `nurture.errors` and `nurture.model`.

Nodes hold names, never handles, so a tree can be stored, compared and hashed. They are joined with
`&`, `|` and `~`; `bool(node)` raises, because `and`, `or`, `not`, `in` and chained comparisons would
silently drop a half. What a tree *means* is said by `nurture.predicates.match`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from typing import NoReturn

import attrs

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Scalar
from nurture.predicates.literals import (
    MAX_VALUES,
    clean_literal,
    clean_many,
    exact,
    require_length,
    require_name,
    require_order,
    type_of,
)
from nurture.predicates.operators import OPERATORS, FieldType, Operand


class Predicate:
    """A question about a subject whose answer is yes or no; the base of all nodes."""

    __slots__ = ()

    def __and__(self, other: Predicate) -> Predicate:
        return _joined(All, self, other)

    def __or__(self, other: Predicate) -> Predicate:
        return _joined(AnyOf, self, other)

    def __invert__(self) -> Predicate:
        return self.part if isinstance(self, Not) else Not(self)

    def __bool__(self) -> NoReturn:
        refuse_bool()

    def children(self) -> tuple[Predicate, ...]:
        """The predicates directly inside this one."""
        return ()


def refuse_bool() -> NoReturn:
    """Say why a predicate has no truth value."""
    raise TypeError(
        "a predicate has no truth value: use & | ~ instead of and, or, not; .is_in(...) instead of in; "
        "and (a <= x) & (x < b) instead of a <= x < b"
    )


def walk(predicate: Predicate) -> Iterator[Predicate]:
    """The predicate and every predicate inside it, outermost first."""
    rest = [predicate]
    while rest:
        node = rest.pop()
        yield node
        rest.extend(reversed(node.children()))


def _parts(value: Iterable[Predicate]) -> tuple[Predicate, ...]:
    return tuple(value)


def _each_a_predicate(_: object, attribute: object, parts: tuple[object, ...]) -> None:
    del attribute
    for part in parts:
        require_predicate(part, "a part")


def require_predicate(value: object, where: str) -> None:
    """Refuse what is not a finished predicate, with a hint.

    Raises:
        DefinitionError: It is something else.
    """
    if not isinstance(value, Predicate):
        hint = "; compare it first, for instance == or .is_in(...)" if hasattr(value, "is_predicate_term") else ""
        raise DefinitionError(f"{where}: expected a predicate made with q, found {type(value).__name__}{hint}")


@attrs.frozen(slots=True)
class Everyone(Predicate):
    """True of every subject."""


@attrs.frozen(slots=True, cache_hash=True)
class All(Predicate):
    """True when every part is; of no parts, always."""

    parts: tuple[Predicate, ...] = attrs.field(converter=_parts, validator=_each_a_predicate)

    def children(self) -> tuple[Predicate, ...]:
        """The parts."""
        return self.parts


@attrs.frozen(slots=True, cache_hash=True)
class AnyOf(Predicate):
    """True when at least one part is; of no parts, never."""

    parts: tuple[Predicate, ...] = attrs.field(converter=_parts, validator=_each_a_predicate)

    def children(self) -> tuple[Predicate, ...]:
        """The parts."""
        return self.parts


@attrs.frozen(slots=True, cache_hash=True)
class Not(Predicate):
    """True when the part is false. There is no third answer."""

    part: Predicate = attrs.field(validator=lambda _, __, part: require_predicate(part, "~"))

    def children(self) -> tuple[Predicate, ...]:
        """The part."""
        return (self.part,)


def _joined(node: type[All] | type[AnyOf], left: Predicate, right: Predicate) -> Predicate:
    parts: list[Predicate] = []
    for side in (left, right):
        parts.extend(side.parts if isinstance(side, node) else (side,))
    return node(tuple(parts))


class Owner(StrEnum):
    """Whose value a field is."""

    LEAD = "lead"
    ACCOUNT = "account"
    PROP = "prop"


@attrs.frozen(slots=True)
class Field:
    """A reference to a value: of the lead, of the account, or a property of the fact at hand.

    Attributes:
        owner: Whose.
        name: Which.
    """

    owner: Owner = attrs.field(converter=Owner)
    name: str = attrs.field(validator=lambda _, __, name: require_name(name, "a field"))

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


@attrs.frozen(slots=True, cache_hash=True)
class Compare(Predicate):
    """A comparison of one field with a given value; false when the field's value is missing.

    Attributes:
        field: Which value.
        op: Name of a row of `operators.OPERATORS`.
        value: What it is compared with: one value, a tuple for `is_in`, None for `missing`.
    """

    field: Field
    op: str
    value: Scalar | tuple[Scalar, ...] | None = attrs.field(default=None, eq=exact)

    def __attrs_post_init__(self) -> None:
        row = OPERATORS.get(self.op)
        if row is None:
            raise UnknownNameError("operator", self.op, OPERATORS, where=str(self.field))
        where = f"{self.field} {row.symbol}"
        given: object = self.value
        values: tuple[Scalar, ...]
        if row.operand is Operand.NOTHING:
            if given is not None:
                raise DefinitionError(f"{where}: takes no value")
            return
        if row.operand is Operand.MANY:
            values = clean_many(given, where)
            object.__setattr__(self, "value", values)
        else:
            values = (clean_literal(given, where),)
            object.__setattr__(self, "value", values[0])
        for value in values:
            if type_of(value) not in row.takes:
                known = ", ".join(sorted(row.takes))
                raise DefinitionError(f"{where}: compares {known}; found {type_of(value)}")


@attrs.frozen(slots=True, cache_hash=True)
class Score(Predicate):
    """A comparison of a score, as it reads at the moment asked about.

    Attributes:
        model: Name of the score model.
        op: One of `eq ne lt le gt ge`.
        value: What it is compared with.
    """

    model: str = attrs.field(validator=lambda _, __, name: require_name(name, "a score model"))
    op: str
    value: float = attrs.field(eq=exact)

    def __attrs_post_init__(self) -> None:
        require_order(self.op, f"score {self.model}")
        where = f"score {self.model}"
        if type_of(self.value) not in (FieldType.INTEGER, FieldType.NUMBER):
            raise DefinitionError(f"{where}: expected a number, found {type(self.value).__name__}")
        object.__setattr__(self, "value", clean_literal(self.value, where))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


@attrs.frozen(slots=True, cache_hash=True)
class InStage(Predicate):
    """Whether the present stage is one of these; false while there is no stage."""

    names: tuple[str, ...] = attrs.field(converter=_unique)

    def __attrs_post_init__(self) -> None:
        if len(self.names) > MAX_VALUES:
            raise DefinitionError(f"stage: expected at most {MAX_VALUES} names, found {len(self.names)}")
        for name in self.names:
            require_name(name, "stage")


@attrs.frozen(slots=True, cache_hash=True)
class TimeInStage(Predicate):
    """A comparison of how long the present stage has lasted; false while there is no stage.

    Attributes:
        op: One of `lt le gt ge`.
        length: What it is compared with.
    """

    op: str
    length: timedelta

    def __attrs_post_init__(self) -> None:
        if self.op not in ("lt", "le", "gt", "ge"):
            raise UnknownNameError("comparison", str(self.op), ("lt", "le", "gt", "ge"), where="time in stage")
        require_length(self.length, "time in stage")


@attrs.frozen(slots=True, cache_hash=True)
class InSegment(Predicate):
    """Whether the predicate of the named segment holds now; never read from a stored membership."""

    name: str = attrs.field(validator=lambda _, __, name: require_name(name, "a segment"))
