"""What the names in a predicate mean, as plain data, and the check that they mean something.

May import the tree, `nurture.errors` and `nurture.model`. The program makes a `Names` from what it
declares; predicates never see segments or score models themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from nurture.errors import unknown_name
from nurture.model import FrozenMapping, frozen
from nurture.model.account import ACCOUNT_TEXT_FIELDS
from nurture.model.decay import Scale
from nurture.model.lead import TEXT_FIELDS
from nurture.predicates.literals import type_of
from nurture.predicates.operators import OPERATORS, FieldType, Operand
from nurture.predicates.reach import Reach
from nurture.predicates.touches import Touched
from nurture.predicates.tree import (
    Compare,
    InSegment,
    InStage,
    Owner,
    Predicate,
    Score,
    walk,
)

LEAD_FIELDS: Mapping[str, FieldType] = FrozenMapping(
    {name: FieldType.TEXT for name in TEXT_FIELDS} | {"created_at": FieldType.INSTANT, "tags": FieldType.TEXTS}
)
"""The built-in fields of a lead."""

ACCOUNT_FIELDS: Mapping[str, FieldType] = FrozenMapping(
    {name: FieldType.TEXT for name in ACCOUNT_TEXT_FIELDS}
    | {"employees": FieldType.INTEGER, "created_at": FieldType.INSTANT}
)
"""The built-in fields of an account."""

MAX_DEPTH = 16
"""How deep a predicate may be nested."""
MAX_NODES = 500
"""How many nodes a predicate may have."""


@attrs.frozen(slots=True, kw_only=True, cache_hash=True)
class Names:
    """What the names in a predicate mean.

    Attributes:
        segments: The predicate of each segment.
        scales: How each score is read.
        score_reach: What each score looks at.
        stages: The stages of the lifecycle.
        lead_fields: Declared fields of a lead with their types, built-in ones included.
        account_fields: Declared fields of an account, likewise.
    """

    segments: Mapping[str, Predicate] = attrs.field(factory=FrozenMapping[Predicate])
    scales: Mapping[str, Scale] = attrs.field(factory=FrozenMapping[Scale])
    score_reach: Mapping[str, Reach] = attrs.field(factory=FrozenMapping[Reach])
    stages: tuple[str, ...] = ()
    lead_fields: Mapping[str, FieldType] = LEAD_FIELDS
    account_fields: Mapping[str, FieldType] = ACCOUNT_FIELDS

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        put(self, "segments", frozen(self.segments))
        put(self, "scales", frozen(self.scales))
        put(self, "score_reach", frozen(self.score_reach))
        put(self, "stages", tuple(self.stages))
        put(self, "lead_fields", frozen(self.lead_fields))
        put(self, "account_fields", frozen(self.account_fields))


def check(predicate: Predicate, names: Names, where: str) -> list[str]:
    """Every problem of a predicate, one sentence each; an empty list when there is none.

    Args:
        predicate: What to check.
        names: What is declared.
        where: Where the predicate stands, to begin each sentence with.
    """
    return [
        *_size_problems(predicate, where),
        *_problems(predicate, names, where, in_fact=False),
        *(f"{where}: segments go in a circle: {' → '.join(path)}" for path in _circles(predicate, names)),
    ]


def depth_of(predicate: Predicate) -> int:
    """How deep the predicate is nested; a leaf is 1."""
    deepest, rest = 0, [(predicate, 1)]
    while rest:
        node, depth = rest.pop()
        deepest = max(deepest, depth)
        rest.extend((child, depth + 1) for child in node.children())
    return deepest


def _size_problems(predicate: Predicate, where: str) -> Iterator[str]:
    if (depth := depth_of(predicate)) > MAX_DEPTH:
        yield f"{where}: nested {depth} deep; at most {MAX_DEPTH}"
    if (nodes := sum(1 for _ in walk(predicate))) > MAX_NODES:
        yield f"{where}: {nodes} nodes; at most {MAX_NODES}"


def _problems(root: Predicate, names: Names, where: str, *, in_fact: bool) -> Iterator[str]:
    rest = [(root, in_fact)]
    while rest:
        node, inside = rest.pop()
        rest.extend((child, inside or isinstance(node, Touched)) for child in reversed(node.children()))
        if isinstance(node, Compare):
            yield from _field_problems(node, names, where, in_fact=inside)
        elif isinstance(node, Score) and node.model not in names.scales:
            yield unknown_name("score model", node.model, sorted(names.scales), where=where)
        elif isinstance(node, InSegment) and node.name not in names.segments:
            yield unknown_name("segment", node.name, sorted(names.segments), where=where)
        elif isinstance(node, InStage):
            for name in node.names:
                if name not in names.stages:
                    yield unknown_name("stage", name, names.stages, where=where)


def _field_problems(node: Compare, names: Names, where: str, *, in_fact: bool) -> Iterator[str]:
    if node.field.owner is Owner.PROP:
        if not in_fact:
            yield f"{where}: q.prop({node.field.name!r}) is asked outside q.touches(...).where(...): of which fact?"
        return
    declared = names.lead_fields if node.field.owner is Owner.LEAD else names.account_fields
    of_type = declared.get(node.field.name)
    if of_type is None:
        yield unknown_name(f"{node.field.owner} field", node.field.name, sorted(declared), where=where)
        return
    row = OPERATORS[node.op]
    if of_type not in row.fits:
        fitting = ", ".join(one.symbol for one in OPERATORS.values() if of_type in one.fits)
        yield f"{where}: {node.field} holds {of_type}; {row.symbol} does not fit, these do: {fitting}"
        return
    values = node.value if isinstance(node.value, tuple) else () if row.operand is Operand.NOTHING else (node.value,)
    for value in values:
        given = type_of(value)
        if given is not None and not _comparable(of_type, given):
            yield f"{where}: {node.field} holds {of_type}; compared with {given} it is never true"
            return


def _comparable(declared: FieldType, given: FieldType) -> bool:
    numbers = (FieldType.INTEGER, FieldType.NUMBER)
    if declared is FieldType.TEXTS:
        return given is FieldType.TEXT
    return declared is given or (declared in numbers and given in numbers)


def _circles(predicate: Predicate, names: Names) -> list[tuple[str, ...]]:
    """Each circle of segments that is reached from the predicate, once, as the path that closes it."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    done: set[str] = set()

    def visit(node: Predicate, path: tuple[str, ...]) -> None:
        for name in _segments_in(node):
            if name in path:
                circle = (*path[path.index(name) :], name)
                found.setdefault(frozenset(circle), circle)
            elif name not in done and name in names.segments:
                visit(names.segments[name], (*path, name))
                done.add(name)

    visit(predicate, ())
    return list(found.values())


def _segments_in(predicate: Predicate) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node.name for node in walk(predicate) if isinstance(node, InSegment)))
