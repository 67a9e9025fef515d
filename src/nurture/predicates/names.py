"""What the names in a predicate mean, as plain data, and the check that they mean something.

May import the tree, `nurture.errors` and `nurture.model`. The program makes a `Names` from what it
declares; predicates never see segments or score models themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from nurture.calendar import MONDAY_TO_FRIDAY, BusinessCalendar
from nurture.errors import unknown_name
from nurture.model import FrozenMapping, SubjectKind, frozen
from nurture.model.account import ACCOUNT_TEXT_FIELDS
from nurture.model.decay import Scale
from nurture.model.lead import TEXT_FIELDS
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.literals import MAX_VALUES, type_of
from nurture.predicates.operators import OPERATORS, FieldType, Operand, Operator
from nurture.predicates.people import OfAccount, People
from nurture.predicates.reach import Reach
from nurture.predicates.standing import Consented, Grade, InScenario, InSegment, InStage, Score, TimeInSegment
from nurture.predicates.touches import Touched
from nurture.predicates.tree import Compare, Field, Owner, Predicate, Scaled, entry_names, walk

Grades: TypeAlias = tuple[tuple[str, float], ...]

LEAD_FIELDS: Mapping[str, FieldType] = FrozenMapping(
    {name: FieldType.TEXT for name in TEXT_FIELDS}
    | {"created_at": FieldType.INSTANT, "tags": FieldType.TEXTS, "lists": FieldType.TEXTS}
)
"""The built-in fields of a lead."""

ACCOUNT_FIELDS: Mapping[str, FieldType] = FrozenMapping(
    {name: FieldType.TEXT for name in ACCOUNT_TEXT_FIELDS}
    | {"employees": FieldType.INTEGER, "created_at": FieldType.INSTANT}
)
"""The built-in fields of an account."""

MAX_DEPTH = 16
"""How deep a predicate may be nested."""
MAX_SEGMENTS_DEEP = 50
"""How many segments deep a segment may name others."""
MAX_NODES = 500
"""How many nodes a predicate may have."""
MAX_JSON_BYTES = 2**20
"""How long a predicate may be as JSON text."""


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
        subject: About whom the predicates are: leads or accounts.
        grades: Of each score model that gives grades: the grades, best first, with the score from which each is given.
        scenarios: The scenarios.
        zone: IANA zone of subjects that have none of their own.
        calendar: Business days.
        other: For predicates about leads, what names mean in predicates about accounts; and the other way round.
    """

    segments: Mapping[str, Predicate] = attrs.field(factory=FrozenMapping[Predicate])
    scales: Mapping[str, Scale] = attrs.field(factory=FrozenMapping[Scale])
    score_reach: Mapping[str, Reach] = attrs.field(factory=FrozenMapping[Reach])
    stages: tuple[str, ...] = ()
    lead_fields: Mapping[str, FieldType] = LEAD_FIELDS
    account_fields: Mapping[str, FieldType] = ACCOUNT_FIELDS
    subject: SubjectKind = SubjectKind.LEAD
    grades: Mapping[str, Grades] = attrs.field(factory=FrozenMapping[Grades])
    scenarios: tuple[str, ...] = ()
    zone: str = "UTC"
    calendar: BusinessCalendar = MONDAY_TO_FRIDAY
    other: Names | None = attrs.field(default=None, eq=False, repr=False)  # each of the two knows the other

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        put(self, "segments", frozen(self.segments))
        put(self, "scales", frozen(self.scales))
        put(self, "score_reach", frozen(self.score_reach))
        put(self, "stages", tuple(self.stages))
        put(self, "lead_fields", frozen(self.lead_fields))
        put(self, "account_fields", frozen(self.account_fields))
        put(self, "grades", frozen(self.grades))
        put(self, "scenarios", tuple(self.scenarios))

    def fields_of(self, owner: Owner) -> Mapping[str, FieldType]:
        """The declared fields of an owner; of a fact, and of what a run began with, none are declared."""
        return {Owner.LEAD: self.lead_fields, Owner.ACCOUNT: self.account_fields}.get(owner, FrozenMapping())

    def about(self, subject: SubjectKind) -> Names | None:
        """What names mean in predicates about such a subject."""
        return self if subject is self.subject else self.other


def check(predicate: Predicate, names: Names, where: str, *, entry: bool = False) -> list[str]:
    """Every problem of a predicate, one sentence each; an empty list when there is none.

    Args:
        predicate: What to check.
        names: What is declared.
        where: Where the predicate stands, to begin each sentence with.
        entry: Whether it is asked inside a run, where `q.entry` is known.
    """
    return [
        *_size_problems(predicate, where),
        *(() if entry else _entry_problems(predicate, where)),
        *_problems(predicate, names, where, in_fact=False),
        *_path_problems(predicate, names, where),
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
    if (values := sum(map(_listed, walk(predicate)))) > MAX_VALUES:
        yield f"{where}: {values} values in lists; at most {MAX_VALUES} in all of them together"
    elif depth <= MAX_DEPTH and nodes <= MAX_NODES and (size := _json_bytes(predicate)) > MAX_JSON_BYTES:
        yield f"{where}: {size} bytes of JSON; at most {MAX_JSON_BYTES}"


def _listed(node: Predicate) -> int:
    """How many values stand in the lists of one node."""
    if isinstance(node, Compare):
        return len(node.value) if isinstance(node.value, tuple) else 0
    return len(node.names) if isinstance(node, InStage) else len(node.states) if isinstance(node, InScenario) else 0


def _json_bytes(predicate: Predicate) -> int:
    from nurture.predicates.codec import dumps

    return len(dumps(predicate).encode())


def _entry_problems(predicate: Predicate, where: str) -> Iterator[str]:
    for name in sorted(entry_names(predicate)):
        yield (
            f"{where}: q.entry.{name}: q.entry is known only inside a run: "
            "in a scenario's steps, only_if, goal and exit"
        )


def _problems(root: Predicate, names: Names, where: str, *, in_fact: bool) -> Iterator[str]:
    rest = [(root, names, in_fact)]
    while rest:
        node, known, inside = rest.pop()
        around = _inside(node, known)
        if around is None:
            yield f"{where}: {type(node).__name__} cannot be asked here: nothing is known about the other subject"
            continue
        within = inside or isinstance(node, Touched)
        rest.extend((child, around, within) for child in reversed(node.children()))
        if known.subject is SubjectKind.ACCOUNT and (of_person := _of_person(node)) is not None:
            yield f"{where}: an account has no {of_person} of its own; ask its people: q.account.leads.where(…).count()"
        elif isinstance(node, Compare):
            yield from _field_problems(node, known, where, in_fact=inside)
        else:
            find = _FINDERS.get(type(node))
            if find is not None:
                yield from find(node, known, where)


def _of_person(node: Predicate) -> str | None:
    """What a clause asks that only a person has; None when an account can be asked it, too."""
    if isinstance(node, Consented):
        return "consent"
    return next((str(field) for field in node.fields if field.owner is Owner.LEAD), None)


def _inside(node: Predicate, names: Names) -> Names | None:
    """What names mean for the children of a node; None when nobody said."""
    if isinstance(node, OfAccount):
        return names.about(SubjectKind.ACCOUNT)
    if isinstance(node, People):
        return names.about(SubjectKind.LEAD)
    return names


def _score_problems(node: Score, names: Names, where: str) -> Iterator[str]:
    if node.model not in names.scales:
        yield unknown_name("score model", node.model, sorted(names.scales), where=where)


def _grade_problems(node: Grade, names: Names, where: str) -> Iterator[str]:
    if node.model not in names.scales:
        yield unknown_name("score model", node.model, sorted(names.scales), where=where)
    elif node.model not in names.grades:
        yield f"{where}: the score model {node.model!r} declares no grades"
    elif node.grade not in (known := [grade for grade, _ in names.grades[node.model]]):
        yield unknown_name("grade", node.grade, known, where=where)


def _segment_problems(node: InSegment | TimeInSegment, names: Names, where: str) -> Iterator[str]:
    if node.name not in names.segments:
        yield unknown_name("segment", node.name, sorted(names.segments), where=where)


def _stage_problems(node: InStage, names: Names, where: str) -> Iterator[str]:
    for name in node.names:
        if name not in names.stages:
            yield unknown_name("stage", name, names.stages, where=where)


def _scenario_problems(node: InScenario, names: Names, where: str) -> Iterator[str]:
    if node.scenario not in names.scenarios:
        yield unknown_name("scenario", node.scenario, sorted(names.scenarios), where=where)


def _date_problems(node: InPeriod | Anniversary | Age | Elapsed, names: Names, where: str) -> Iterator[str]:
    fields = [(node.field, frozenset({FieldType.DATE, FieldType.INSTANT}))]
    if isinstance(node, InPeriod) and node.starts is not None:
        fields.append((node.starts, frozenset({FieldType.INTEGER})))
    for field, fits in fields:
        yield from _type_problems(field, fits, names, where)


def _held_problems(node: Held, names: Names, where: str) -> Iterator[str]:
    of_account = any(isinstance(one, Compare) and one.field.owner is Owner.ACCOUNT for one in walk(node.part))
    if of_account and names.subject is SubjectKind.LEAD:
        yield f"{where}: a lead does not know how long its account's values have held; ask q.account.matches(q.held(…))"


def _touched_problems(node: Touched, names: Names, where: str) -> Iterator[str]:
    if node.starts is not None:
        yield from _type_problems(node.starts, frozenset({FieldType.INTEGER}), names, where)


def _type_problems(field: Field, fits: frozenset[FieldType], names: Names, where: str) -> Iterator[str]:
    if field.owner is Owner.ENTRY:  # whose names and types nobody declares
        return
    declared = names.fields_of(field.owner)
    if field.name not in declared:
        yield unknown_name(f"{field.owner} field", field.name, sorted(declared), where=where)
    elif declared[field.name] not in fits:
        yield f"{where}: {field} holds {declared[field.name]}; expected {' or '.join(sorted(fits))}"


_FINDERS: Mapping[type[Predicate], Callable[[Any, Names, str], Iterator[str]]] = {
    Score: _score_problems,
    Grade: _grade_problems,
    InSegment: _segment_problems,
    TimeInSegment: _segment_problems,
    InStage: _stage_problems,
    InScenario: _scenario_problems,
    InPeriod: _date_problems,
    Anniversary: _date_problems,
    Age: _date_problems,
    Elapsed: _date_problems,
    Held: _held_problems,
    Touched: _touched_problems,
}
"""What can be wrong with a node besides its parts, by its type."""


def _field_problems(node: Compare, names: Names, where: str, *, in_fact: bool) -> Iterator[str]:
    if node.field.owner is Owner.PROP:
        if not in_fact:
            yield f"{where}: q.prop({node.field.name!r}) is asked outside q.touches(...).where(...): of which fact?"
        return
    if node.field.owner is Owner.ENTRY:
        if isinstance(node.value, Scaled):
            yield from _other_problems(node, node.value, None, names, where)
        return
    declared = names.fields_of(node.field.owner)
    of_type = declared.get(node.field.name)
    if of_type is None:
        yield unknown_name(f"{node.field.owner} field", node.field.name, sorted(declared), where=where)
        return
    row = OPERATORS[node.op]
    if of_type not in row.fits:
        fitting = ", ".join(one.symbol for one in OPERATORS.values() if of_type in one.fits)
        yield f"{where}: {node.field} holds {of_type}; {row.symbol} does not fit, these do: {fitting}"
        return
    if isinstance(node.value, Scaled):
        yield from _other_problems(node, node.value, of_type, names, where)
        return
    values = node.value if isinstance(node.value, tuple) else () if row.operand is Operand.NOTHING else (node.value,)
    for value in values:
        given = type_of(value)
        if given is not None and given not in given_types(row, of_type):
            yield f"{where}: {node.field} holds {of_type}; compared with {given} it is never true"
            return


def _other_problems(node: Compare, other: Scaled, of_type: FieldType | None, names: Names, where: str) -> Iterator[str]:
    if other.field.owner is Owner.ENTRY:
        return
    declared = names.fields_of(other.field.owner)
    its_type = declared.get(other.field.name)
    if its_type is None:
        yield unknown_name(f"{other.field.owner} field", other.field.name, sorted(declared), where=where)
    elif of_type is not None and not _comparable(of_type, its_type):
        yield f"{where}: {node.field} holds {of_type} and {other.field} {its_type}; compared they are never true"
    elif other.factor != 1.0 and its_type not in (FieldType.INTEGER, FieldType.NUMBER):
        yield f"{where}: {other.field} holds {its_type}; only numbers are multiplied"


def given_types(row: Operator, declared: FieldType) -> frozenset[FieldType]:
    """The types that an operator may be given for a field of a declared type.

    An operator that takes the type of the field compares like with like; any other says itself what it takes.
    """
    return frozenset(one for one in row.takes if _comparable(declared, one)) if declared in row.takes else row.takes


def _comparable(declared: FieldType, other: FieldType) -> bool:
    numbers = (FieldType.INTEGER, FieldType.NUMBER)
    return declared is other or (declared in numbers and other in numbers)


def _path_problems(predicate: Predicate, names: Names, where: str) -> Iterator[str]:
    """Each circle of segments that is reached from the predicate, once, with the path that closes it; a path too long.

    A circle may lead over accounts: a segment of leads asks for one of accounts that counts those leads.
    """
    found: dict[frozenset[str], tuple[str, ...]] = {}
    too_long: list[str] = []
    done: set[tuple[SubjectKind, str]] = set()

    def visit(node: Predicate, known: Names, path: tuple[tuple[SubjectKind, str], ...]) -> None:
        for name, inside in segments_in(node, known):
            step = (inside.subject, name)
            if step in path:
                circle = tuple(one for _, one in (*path[path.index(step) :], step))
                found.setdefault(frozenset(circle), circle)
            elif step not in done and name in inside.segments:
                done.add(step)
                if len(path) == MAX_SEGMENTS_DEEP:
                    too_long.append(name)
                else:
                    visit(inside.segments[name], inside, (*path, step))

    visit(predicate, names, ())
    for circle in found.values():
        yield f"{where}: segments go in a circle: {' → '.join(circle)}"
    for name in too_long[:1]:
        yield f"{where}: segments name each other more than {MAX_SEGMENTS_DEEP} deep, down to {name!r}"


def segments_in(predicate: Predicate, names: Names) -> tuple[tuple[str, Names], ...]:
    """The segments that a predicate names, each with what names mean there."""
    found: list[tuple[str, Names]] = []
    rest = [(predicate, names)]
    while rest:
        node, known = rest.pop()
        around = _inside(node, known)
        if isinstance(node, InSegment):
            found.append((node.name, known))
        if around is not None:
            rest.extend((child, around) for child in reversed(node.children()))
    return tuple({(name, known.subject): (name, known) for name, known in found}.values())
