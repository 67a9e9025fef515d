"""Values at and around what a clause names, to try what they change. May import the nodes and the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from math import ceil, floor, fsum
from typing import TYPE_CHECKING, TypeAlias, cast

from nurture.calendar import anniversary_in, day_of, start_of_day
from nurture.model import EMPTY
from nurture.predicates.answering.dates import reader
from nurture.predicates.answering.leaf import TICK, shifted
from nurture.predicates.answering.tallies import amount_of
from nurture.predicates.answering.zones import zone_reader
from nurture.predicates.dates import Age, Anniversary, Elapsed, InPeriod
from nurture.predicates.explaining.saw import chosen
from nurture.predicates.operators import FieldType
from nurture.predicates.patterns import runs
from nurture.predicates.touches import MAX_AMOUNT, Quantifier, Touched
from nurture.predicates.tree import All, AnyOf, Compare, Field, Not, Owner, Predicate, Scaled

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.model import Scalar, Sight, Value
    from nurture.predicates.names import Names

Dated: TypeAlias = InPeriod | Anniversary | Age | Elapsed
"""The clauses of the calendar about one field."""
_DAY = timedelta(days=1)
_MANY = 8
_NEW = "whatif"  # a value that nobody has
_OF_TYPE: dict[FieldType, Value] = {
    FieldType.TEXT: "?",
    FieldType.INTEGER: 0,
    FieldType.NUMBER: 0.0,
    FieldType.BOOLEAN: False,
    FieldType.INSTANT: datetime(2000, 1, 1, tzinfo=UTC),
    FieldType.DATE: date(2000, 1, 1),
    FieldType.TEXTS: ("?",),
}
"""Some value of a type, where any will do."""


def far_value(before: Value, after: Value) -> float:
    """How far apart two values of one ordered type are, in days or as a share; -1 when they have no distance."""
    if isinstance(before, bool) or isinstance(after, bool):
        return -1.0
    if isinstance(before, (int, float)) and isinstance(after, (int, float)):
        return abs(float(after) - float(before)) / max(1.0, abs(float(before)))
    if isinstance(before, datetime) and isinstance(after, datetime):
        return abs(after - before) / _DAY
    if isinstance(before, date) and isinstance(after, date) and type(before) is type(after):
        return float(abs(after.toordinal() - before.toordinal()))
    return -1.0


def near_values(node: Compare, field: Field, sight: Sight, names: Names) -> Iterator[Value]:
    """The values to try for a field that a comparison looks at, the likeliest first; None clears it.

    What a run began with is not the subject's to change, so nothing is tried there.
    """
    if field.owner in (Owner.PROP, Owner.ENTRY):
        return
    current = reader(field)(sight)
    of_type = names.fields_of(field.owner).get(field.name)
    if isinstance(node.value, Scaled):
        yield from _beside_other(node, node.value, field, sight)
    elif node.op == "missing":
        if current is None:
            yield _OF_TYPE[of_type or FieldType.TEXT]
    elif of_type is FieldType.TEXTS or isinstance(current, tuple):
        yield from _of_many(node, current if isinstance(current, tuple) else ())
    else:
        given = node.value if isinstance(node.value, tuple) else () if node.value is None else (node.value,)
        for one in given[:_MANY]:
            yield from _around(one, node.op, whole=of_type is FieldType.INTEGER or type(current) is int)
        if node.op in ("ne", "not_in") and given:
            yield _another(given)
    if current is not None:
        yield None


def _around(given: Scalar, op: str, *, whole: bool) -> Iterator[Value]:
    if isinstance(given, str):
        yield _like_this(given) if op.startswith("like") else given
        return
    if isinstance(given, bool):
        yield from (given, not given)
        return
    if isinstance(given, (int, float)):
        if whole:
            yield from (floor(given), floor(given) + 1, ceil(given) - 1)
        else:
            yield from (given, given + 1e-6, given - 1e-6)
        return
    yield given
    step = TICK if isinstance(given, datetime) else _DAY
    for way in (step, -step):
        try:
            yield given + way
        except OverflowError:
            continue


def _like_this(pattern: str) -> str:
    """A text that has the form of a pattern: nothing for `%`, an underscore for any one character."""
    return "".join(piece or "_" for run in runs(pattern) for piece in run)


def _another(given: Iterable[Scalar]) -> Value:
    """A known value that is none of these, of the type of the first."""
    taken = list(given)
    first = taken[0]
    if isinstance(first, bool):
        return not first
    if isinstance(first, (int, float)):
        return max(one for one in taken if isinstance(one, (int, float)) and not isinstance(one, bool)) + 1
    if isinstance(first, str):
        return max((one for one in taken if isinstance(one, str)), key=len) + "?"
    return datetime.min.replace(tzinfo=UTC) if isinstance(first, datetime) else date.min


def _of_many(node: Compare, current: tuple[Scalar, ...]) -> Iterator[Value]:
    """With those that are asked for, with each alone, and without them."""
    given = node.value if isinstance(node.value, tuple) else (node.value,)
    asked = tuple(one for one in given if isinstance(one, str))
    missing = tuple(one for one in asked if one not in current)
    for some in (*((one,) for one in missing[:_MANY]), missing):
        yield tuple(sorted({*map(str, current), *some}))
    rest = tuple(one for one in current if one not in asked)
    if node.op == "has_none":  # it asks for values that are known, so without any it is false
        yield rest or (str(_another(asked)),)
    else:
        yield rest or None


def _beside_other(node: Compare, other: Scaled, field: Field, sight: Sight) -> Iterator[Value]:
    """The value that makes both sides equal, and those beside it."""
    own, its = reader(node.field)(sight), reader(other.field)(sight)
    changes_own = field == node.field
    known = its if changes_own else own
    if isinstance(known, bool) or not isinstance(known, (int, float)):
        if known is not None and not isinstance(known, tuple):
            yield from _around(known, node.op, whole=False)
            yield _another([known])
        return
    if changes_own:
        border = float(known) * other.factor
    elif other.factor:
        border = float(known) / other.factor
    else:
        return
    if abs(border) <= 1e15:
        step = 1e-6 if changes_own else max(1e-6, 2e-6 / abs(other.factor))
        yield from (border, border + step, border - step)


def satisfying(condition: Predicate | None, entry: Mapping[str, Value] = EMPTY) -> dict[str, Value]:
    """Properties of a fact that satisfy a condition, as far as that is easy to see; it is proved by who tries them.

    Args:
        condition: What the properties must be.
        entry: What the run at hand began with.
    """
    if isinstance(condition, All):
        found: dict[str, Value] = {}
        for part in condition.parts:
            found |= satisfying(part, entry)
        return found
    if isinstance(condition, AnyOf):
        return satisfying(condition.parts[0], entry) if condition.parts else {}
    if isinstance(condition, Not) and isinstance(condition.part, Compare):
        is_missing = condition.part.op == "missing"
        return {condition.part.field.name: "?"} if is_missing else {}
    if not isinstance(condition, Compare) or condition.op == "missing":
        return {}
    return {condition.field.name: _that_holds(condition, entry)}


def _that_holds(node: Compare, entry: Mapping[str, Value]) -> Value:
    given = node.value
    if isinstance(given, Scaled):
        given = _known_of(given, entry)
    if given is None:
        return None
    if isinstance(given, tuple):
        if node.op in ("has_any", "has_all", "has_none"):
            return () if node.op == "has_none" else given
        return _another(given or ("?",)) if node.op == "not_in" else next(iter(given), None)
    if node.op == "ne":
        return _another([given])
    if node.op in ("gt", "lt"):
        return list(_around(given, node.op, whole=False))[1 if node.op == "gt" else -1]
    return _like_this(given) if isinstance(given, str) and node.op.startswith("like") else given


def _known_of(other: Scaled, entry: Mapping[str, Value]) -> Scalar | None:
    """What a property is compared with, where it is what the run at hand began with."""
    value = entry.get(other.field.name) if other.field.owner is Owner.ENTRY else None
    if isinstance(value, tuple) or other.factor == 1.0:
        return None if isinstance(value, tuple) else value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(cast("float", value)) * other.factor if is_number else None


def near_amounts(node: Touched, sight: Sight, now: datetime, names: Names) -> Iterator[Value]:
    """The values to try for the property that is counted or summed, of one more fact: those that reach the number."""
    if node.quantifier is Quantifier.DISTINCT:
        yield _NEW
        return
    known = [fact.properties.get(node.of or "") for fact in chosen(node, sight, now, names)]
    numbers = [one for one in known if isinstance(one, (int, float)) and amount_of(one) is not None]
    goals = [node.n]
    if node.quantifier is Quantifier.SUM:
        goals.insert(0, node.n - fsum(numbers))
    elif node.quantifier is Quantifier.AVERAGE:
        goals.insert(0, node.n * (len(numbers) + 1) - fsum(numbers))
    whole = float(node.n).is_integer() and all(isinstance(one, int) for one in numbers)
    for goal in goals:
        if abs(goal) < MAX_AMOUNT:
            yield from (int(goal), int(goal) + 1, int(goal) - 1) if whole else (goal, goal + 1e-6, goal - 1e-6)


def one_fact(node: Touched, known: Mapping[str, Value]) -> Touched:
    """That there is a fact such as the clause describes, with this amount; a single one is asked what it must be.

    Args:
        node: The clause.
        known: The properties of a fact.
    """
    having = node.having
    if node.single_where is not None:
        having = node.single_where if having is None else having & node.single_where
    amount = None if node.of is None else known.get(node.of)
    if node.of is not None and amount is not None and not isinstance(amount, tuple):
        of_amount = Compare(Field(Owner.PROP, node.of), "eq", amount)
        having = of_amount if having is None else having & of_amount
    return Touched(
        node.kind, having=having, origin=node.origin, channel=node.channel, campaign=node.campaign,
        suspect=node.suspect, per=node.per,
    )  # fmt: skip


def near_dates(node: Dated, sight: Sight, now: datetime, names: Names) -> Iterator[Value]:
    """The values to try for a field that a clause of the calendar looks at; None clears it.

    What a run began with is not the subject's to change, so nothing is tried there.
    """
    if node.field.owner is Owner.ENTRY:
        return
    period_zone = node.period.zone if isinstance(node, InPeriod) else node.zone
    zone = zone_reader(period_zone, names)(sight)
    current = reader(node.field)(sight)
    of_type = names.fields_of(node.field.owner).get(node.field.name)
    as_day = of_type is FieldType.DATE or (isinstance(current, date) and not isinstance(current, datetime))
    for instant in _instants(node, now, zone, names):
        yield day_of(instant, zone) if as_day else instant
    if current is not None:
        yield None


def _instants(node: Dated, now: datetime, zone: ZoneInfo, names: Names) -> Iterator[datetime]:
    if isinstance(node, Elapsed):
        length = node.length if node.ahead else -node.length
        for way in (length, length + TICK, length - TICK, length + _DAY, length - _DAY, -length):
            instant = shifted(now, way)
            if instant is not None:
                yield instant
        return
    today = day_of(now, zone)
    for day in _days(node, today, names):
        # At noon, so that nobody's clocks make another day of it.
        yield start_of_day(day, zone) if isinstance(node, InPeriod) else datetime.combine(day, time(12), zone)


def _days(node: InPeriod | Anniversary | Age, today: date, names: Names) -> Iterator[date]:
    if isinstance(node, InPeriod):
        first, end = node.period.days(today, names.calendar)
        yield from (first, end)
        if first > date.min:
            yield first - _DAY
        return
    if isinstance(node, Anniversary):
        if today.year > 1:
            yield anniversary_in(today, today.year - 1)
            yield anniversary_in(today, today.year - 1) - 183 * _DAY if today.year > 2 else today
        return
    for years in (node.years, node.years + 1, node.years - 1):
        if 0 <= years < today.year:
            yield anniversary_in(today, today.year - years)
