"""The tree of a predicate: frozen nodes that hold plain names. May import `nurture.errors` and `nurture.model`.

Nodes hold names, never handles, so a tree can be stored, compared and hashed. They are joined with
`&`, `|` and `~`; `bool(node)` raises, because `and`, `or`, `not`, `in` and chained comparisons would
silently drop a half. What a tree *means* is said by `nurture.predicates.match`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NoReturn

import attrs

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Scalar
from nurture.predicates.literals import (
    clean_literal,
    clean_many,
    exact,
    require_name,
    require_range,
    type_of,
)
from nurture.predicates.operators import OPERATORS, ORDER, FieldType, Operand
from nurture.predicates.patterns import PATTERNS, require_pattern


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

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that this node itself looks at, those of predicates inside it left out."""
        return ()

    def _repr_html_(self) -> str:
        from nurture.predicates.display import bare_html  # which knows all nodes, and so this module

        return bare_html(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from nurture.predicates.describe import describe
        from nurture.predicates.display import bundle

        return bundle(describe(self), self._repr_html_())


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


def entry_names(predicate: Predicate) -> frozenset[str]:
    """The values of what a run began with that a predicate looks at."""
    return frozenset(field.name for node in walk(predicate) for field in node.fields if field.owner is Owner.ENTRY)


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
    """Whose value a field is: the lead's, the account's, that of what a run began with, or of the fact at hand."""

    LEAD = "lead"
    ACCOUNT = "account"
    ENTRY = "entry"
    PROP = "prop"


@attrs.frozen(slots=True)
class Field:
    """A reference to a value: of the lead, the account, what the run at hand began with, or the fact at hand.

    A nested value has a name with dots: `{"plan": {"seats": 5}}` is held as `plan.seats`.

    Attributes:
        owner: Whose.
        name: Which.
    """

    owner: Owner = attrs.field(converter=Owner)
    name: str = attrs.field(validator=lambda _, __, name: require_name(name, "a field"))

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


MAX_FACTOR = 1e6
"""The largest number that a field is multiplied with."""


@attrs.frozen(slots=True)
class Scaled:
    """Another field, times a constant: what a field is compared with.

    A property of a fact is compared with one of the same fact, or with what the run at hand began with.

    Attributes:
        field: Which value.
        factor: Times what; 1.0 compares the values as they are.
    """

    field: Field
    factor: float = 1.0

    def __attrs_post_init__(self) -> None:
        where = f"a multiple of {self.field}"
        factor: object = self.factor
        if type_of(factor) not in (FieldType.INTEGER, FieldType.NUMBER):
            raise DefinitionError(f"{where}: expected a number, found {type(factor).__name__}")
        if not abs(self.factor) <= MAX_FACTOR:
            raise DefinitionError(f"{where}: expected a number of at most {MAX_FACTOR:g} either way")
        object.__setattr__(self, "factor", float(self.factor) + 0.0)

    def __str__(self) -> str:
        return str(self.field) if self.factor == 1.0 else f"{self.factor:g} * {self.field}"


@attrs.frozen(slots=True, cache_hash=True)
class Compare(Predicate):
    """A comparison of one field with a given value or with another field; false when a value is missing.

    Attributes:
        field: Which value.
        op: Name of a row of `operators.OPERATORS`.
        value: What it is compared with: one value, a tuple for those that take many, the lowest and the highest
            for `between`, another field for the six that order, None for `missing`.
    """

    field: Field
    op: str
    value: Scalar | tuple[Scalar, ...] | Scaled | None = attrs.field(default=None, eq=exact)

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
        if isinstance(given, Scaled):
            self._check_other(given, where)
            return
        if row.operand is not Operand.ONE:
            values = clean_many(given, where)
            if row.operand is Operand.RANGE:
                require_range(given, values, where)
                values = (values[0], values[-1])
            object.__setattr__(self, "value", values)
        else:
            values = (clean_literal(given, where),)
            object.__setattr__(self, "value", values[0])
        for value in values:
            if type_of(value) not in row.takes:
                known = ", ".join(sorted(row.takes))
                raise DefinitionError(f"{where}: compares {known}; found {type_of(value)}")
        if self.op in PATTERNS:
            require_pattern(self.op, values, where)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that it looks at: one, or two when it compares them."""
        return (self.field, self.value.field) if isinstance(self.value, Scaled) else (self.field,)

    def _check_other(self, other: Scaled, where: str) -> None:
        if self.op not in ORDER:
            raise DefinitionError(f"{where}: compares with given values only, not with another field")
        of_fact, other_of_fact = self.field.owner is Owner.PROP, other.field.owner is Owner.PROP
        if other_of_fact and self.field.owner is Owner.ENTRY:
            raise DefinitionError(f"{where}: write the property of the fact first, and {self.field} after it")
        if of_fact != other_of_fact and other.field.owner is not Owner.ENTRY:
            raise DefinitionError(
                f"{where}: compares properties of one fact with each other or with q.entry, not with {other.field}"
            )
