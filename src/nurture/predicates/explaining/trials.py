"""The changes that are tried around one clause, to find what would turn an answer over. May import the nodes.

A change is made to a copy of the sight, as the library itself would make it: a value that is changed leaves the
fact that says so, a stage begins now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from nurture.model import (
    Enrollment,
    EnrollmentId,
    Fact,
    FactId,
    Origin,
    ScoreState,
    Sight,
    SubjectId,
    SubjectKind,
    Touchpoint,
)
from nurture.model.decay import value_at
from nurture.predicates.dates import Age, Anniversary, Elapsed, InPeriod
from nurture.predicates.describe import describe
from nurture.predicates.explaining.samples import (
    Dated,
    far_value,
    near_amounts,
    near_dates,
    near_values,
    one_fact,
    satisfying,
)
from nurture.predicates.people import OfAccount, People
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import Consented, Grade, InScenario, InStage, Score, TimeInStage, Word
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import Compare, Field, Owner, Predicate, walk

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Value
    from nurture.predicates.names import Names

Size: TypeAlias = tuple[int, float]
"""How much a change changes: its rank, and within the rank how far it goes."""
_ACROSS, _OTHER, _FIRST, _CLEARED = range(4)
_SOME_KIND = "page.viewed"
_NAME = "whatif"
_MANY = 12  # so many stages, values, … of one clause are tried


class What(StrEnum):
    """What kind of thing a change changes."""

    VALUE = "value"
    FACT = "fact"
    STAGE = "stage"
    CONSENT = "consent"
    SCORE = "score"
    RUN = "run"
    ACCOUNT = "account"
    PEOPLE = "people"


@attrs.frozen(slots=True, eq=False, kw_only=True)
class Trial:
    """A change that is tried.

    Attributes:
        thing: What it changes.
        node: What is the case after it.
        of_leaf: Whether the node is the clause itself, which may be true or false after the change.
        size: How much it changes.
        sight: What is seen after it.
    """

    thing: tuple[What, str]
    node: Predicate
    of_leaf: bool = False
    size: Size
    sight: Sight


def trials_of(leaf: Predicate, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    """The changes to try around a clause; none where nothing single can be changed."""
    make = _TRIALS.get(type(leaf))
    if make is not None:
        yield from make(leaf, sight, now, names)


# -- values -----------------------------------------------------------------------------------------


def _of_compare(node: Compare, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    for field in node.fields:
        for value in near_values(node, field, sight, names):
            yield _valued(field, value, node, sight, now)


def _of_date(node: Dated, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    for value in near_dates(node, sight, now, names):
        yield _valued(node.field, value, node, sight, now)


def _valued(field: Field, value: Value, node: Predicate, sight: Sight, now: datetime) -> Trial:
    """The trial of a value; said as the value where it is a border of the clause, else as the clause."""
    before = _values(field, sight).get(field.name)
    rank = _CLEARED if value is None else _FIRST if before is None else _OTHER
    far = 0.0 if value is None or before is None else far_value(before, value)
    if rank == _OTHER and far >= 0:
        rank = _ACROSS
    said: Predicate = node
    of_leaf = True
    if value is None:
        said, of_leaf = Compare(field, "missing"), False
    elif isinstance(node, Compare) and node.op in _BORDERS and not isinstance(value, tuple) and len(node.fields) == 1:
        said, of_leaf = Compare(field, "eq", value), False
    return Trial(
        thing=(What.VALUE, str(field)),
        node=said,
        of_leaf=of_leaf,
        size=(rank, abs(far)),
        sight=_with_value(field, value, sight, now),
    )


_BORDERS = frozenset({"eq", "lt", "le", "gt", "ge", "between", "is_in"})


def _values(field: Field, sight: Sight) -> Mapping[str, Value]:
    return sight.account if field.owner is Owner.ACCOUNT else sight.lead


def _with_value(field: Field, value: Value, sight: Sight, now: datetime) -> Sight:
    before = _values(field, sight).get(field.name)
    values = {**_values(field, sight), field.name: value}
    if value is None:
        del values[field.name]
    of_account = field.owner is Owner.ACCOUNT
    kind = Fact.ACCOUNT_CHANGED if of_account else Fact.LEAD_CHANGED
    known: dict[str, Value] = {
        "fields": (field.name,),
        "revision": 1 + max((_revision(fact) for fact in sight.touches.get(kind.value, ())), default=0),
    }
    known |= {} if before is None else {f"before.{field.name}": before}
    known |= {} if value is None else {f"after.{field.name}": value}
    found = _with_fact(kind.value, known, sight, now, origin=Origin.HOST)
    if of_account:
        found.account = values
    else:
        found.lead = values
    return found


def _revision(fact: Touchpoint) -> int:
    revision = fact.properties.get("revision")
    return revision if isinstance(revision, int) else 0


# -- facts ------------------------------------------------------------------------------------------


def _with_fact(
    kind: str,
    known: Mapping[str, Value],
    sight: Sight,
    now: datetime,
    *,
    origin: Origin = Origin.LEAD,
    channel: str | None = None,
    campaign: str | None = None,
) -> Sight:
    fact = Touchpoint(
        id=FactId(_NAME), subject=SubjectId(sight.subject or _NAME), kind=kind, at=now, received_at=now,
        origin=origin, channel=channel, campaign=campaign, properties=known,
    )  # fmt: skip
    found = copy(sight)
    facts = sorted([*sight.touches.get(kind, ()), fact], key=lambda one: (one.at, one.id))
    found.touches = {**sight.touches, kind: facts}
    return found


def _of_touched(node: Touched, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    """One more fact now, such as the clause describes."""
    kind = node.exact_kind
    if kind is None:
        seen = [one for one in sight.touches if node.sees_kind(one)]
        kind = seen[0] if seen else _SOME_KIND if node.kind is None else f"{node.prefix}happened"
    known = satisfying(node.having, sight.entry) | satisfying(node.single_where, sight.entry)
    if node.per is not None:
        known.setdefault(node.per, _NAME)
    distinct = node.quantifier is Quantifier.DISTINCT
    for amount in (None,) if node.of is None else near_amounts(node, sight, now, names):
        properties = known if node.of is None else {**known, node.of: amount}
        yield Trial(
            thing=(What.FACT, node.kind or ""),
            # Another value has no name, so then the clause itself is said.
            node=node if distinct else one_fact(node, properties),
            of_leaf=distinct,
            size=(_OTHER, 1.0 + len(known) + _share(amount)),
            sight=_with_fact(
                kind,
                properties,
                sight,
                now,
                origin=node.origin or Origin.LEAD,
                channel=node.channel,
                campaign=node.campaign,
            ),
        )


def _share(amount: Value) -> float:
    """How large an amount is, from 0 to below 1, so that the smaller of two is the smaller change."""
    return abs(amount) / (1.0 + abs(amount)) if isinstance(amount, (int, float)) else 0.0


def _of_followed(node: Followed, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    yield from _of_touched(node.then, sight, now, names)
    yield from _of_touched(node.first, sight, now, names)


def _of_consent(node: Consented, sight: Sight, now: datetime, _: Names) -> Iterator[Trial]:
    about: dict[str, Value] = {
        "channel": node.channel,
        "purpose": node.purpose.value,
        "topic": node.topic,
        "explicit": True,
    }
    if node.entity:
        about["entity"] = node.entity
    for kind, word in ((Fact.CONSENT_GIVEN, Word.GIVEN), (Fact.CONSENT_WITHDRAWN, Word.UNSUBSCRIBED)):
        yield Trial(
            thing=(What.CONSENT, "/".join((node.channel, node.topic, *filter(None, (node.entity,))))),
            node=attrs.evolve(node, word=word),
            size=(_OTHER, 1.0),
            sight=_with_fact(kind.value, about, sight, now),
        )


# -- standing ---------------------------------------------------------------------------------------


def _of_stage(node: InStage | TimeInStage, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    named = node.names if isinstance(node, InStage) else ()
    for stage in [*dict.fromkeys((*named, *names.stages))][:_MANY]:
        if stage != sight.stage:
            found = copy(sight)
            found.stage, found.stage_since = stage, now
            far = abs(_place(stage, names) - _place(sight.stage, names))
            yield Trial(thing=(What.STAGE, ""), node=InStage((stage,)), size=(_OTHER, float(far)), sight=found)


def _place(stage: str | None, names: Names) -> int:
    return names.stages.index(stage) if stage in names.stages else -1


def _of_score(node: Score, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    for value in (node.value, node.value + 1e-6, node.value - 1e-6):
        yield _scored(node.model, value, node, sight, now, names)


def _of_grade(node: Grade, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    grades = names.grades.get(node.model, ())
    for place, (grade, least) in enumerate(grades):
        lowest = place == len(grades) - 1 and place > 0
        value = grades[place - 1][1] - 1e-6 if lowest else least
        yield _scored(node.model, value, Grade(node.model, "eq", grade), sight, now, names)


def _scored(model: str, value: float, node: Predicate, sight: Sight, now: datetime, names: Names) -> Trial:
    found = copy(sight)
    far = abs(value - value_at(sight.scores.get(model), names.scales[model], now))
    found.scores = {**sight.scores, model: ScoreState(constant=float(value))}
    return Trial(thing=(What.SCORE, model), node=node, of_leaf=True, size=(_OTHER, far), sight=found)


def _of_runs(node: InScenario, sight: Sight, now: datetime, _: Names) -> Iterator[Trial]:
    others = [run for run in sight.enrollments if run.scenario != node.scenario]
    run = Enrollment(
        id=EnrollmentId(_NAME), scenario=node.scenario, version=_NAME, cause=FactId(_NAME), state=node.states[0],
        started_at=now,
    )  # fmt: skip
    for runs in ([*sight.enrollments, run], others):
        found = copy(sight)
        found.past = {name: some for name, some in sight.past.items() if runs is not others or name != node.scenario}
        found.enrollments = runs
        yield Trial(thing=(What.RUN, node.scenario), node=node, of_leaf=True, size=(_OTHER, 1.0), sight=found)


def _of_people(node: People, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    if names.subject is SubjectKind.LEAD:
        yield from _of_account(OfAccount(node), sight, now, names)
        return
    told_as = node.told_as
    people = sight.people.get(told_as, frozenset[str]())
    for changed in (people | {_NAME}, frozenset(sorted(people)[1:])):
        found = copy(sight)
        found.people = {**sight.people, told_as: changed}
        yield Trial(thing=(What.PEOPLE, describe(node.where)), node=node, of_leaf=True, size=(_OTHER, 1.0), sight=found)


def _of_account(node: OfAccount, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    if names.subject is SubjectKind.ACCOUNT:
        for part in walk(node.part):
            yield from trials_of(part, sight, now, names)
        return
    told_as = node.told_as
    values = {name: value for name, value in sight.account.items() if name != told_as}
    found = copy(sight)
    found.account = values if sight.account.get(told_as) is True else {**values, told_as: True}
    yield Trial(thing=(What.ACCOUNT, describe(node.part)), node=node, of_leaf=True, size=(_OTHER, 1.0), sight=found)


_TRIALS: Mapping[type[Predicate], Callable[[Any, Sight, datetime, Names], Iterator[Trial]]] = {
    Compare: _of_compare,
    InPeriod: _of_date,
    Anniversary: _of_date,
    Age: _of_date,
    Elapsed: _of_date,
    Touched: _of_touched,
    Followed: _of_followed,
    Consented: _of_consent,
    InStage: _of_stage,
    TimeInStage: _of_stage,
    Score: _of_score,
    Grade: _of_grade,
    InScenario: _of_runs,
    People: _of_people,
    OfAccount: _of_account,
}
"""What is tried around a clause, by its type; nothing single changes those that are missing."""
