"""What a clause looked at when it answered: for `examine`. May import the nodes and how they answer.

Made for people to read, one subject at a time. The answer itself is never taken from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from nurture.calendar import completed_years
from nurture.model import SubjectKind
from nurture.model.decay import value_at
from nurture.predicates.answering.dates import beginning, local_day, reader
from nurture.predicates.answering.held import held_since
from nurture.predicates.answering.selection import Selected
from nurture.predicates.answering.standing import consent_at, percent_of
from nurture.predicates.answering.tallies import amount_of, key_of
from nurture.predicates.answering.zones import zone_reader
from nurture.predicates.comparisons import MILLION, quantum
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.people import OfAccount, People
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import (
    Consented,
    Grade,
    InBucket,
    InScenario,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
)
from nurture.predicates.touches import AMOUNTS, Quantifier, Touched
from nurture.predicates.tree import Compare, Owner, Predicate, Scaled

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Sight, Touchpoint, Value
    from nurture.predicates.names import Names


def saw(node: Predicate, sight: Sight, now: datetime, names: Names) -> Value:
    """What the clause looked at; None when there was nothing, or when it looks at nothing itself."""
    look = _SAW.get(type(node))
    return None if look is None else look(node, sight, now, names)


def against(node: Predicate, sight: Sight) -> Value:
    """The value of the other field that the clause compares with; None when it compares with none."""
    if isinstance(node, Compare) and isinstance(node.value, Scaled) and node.value.field.owner is not Owner.PROP:
        return reader(node.value.field)(sight)
    return None


def is_personal(node: Predicate) -> bool:
    """Whether what the clause looked at may be personal data: a value of a field or of a fact, or what tells it."""
    if isinstance(node, Compare):
        return node.field.owner is not Owner.PROP
    if isinstance(node, Touched):
        return node.quantifier in AMOUNTS
    return isinstance(node, (InPeriod, Anniversary, Age, Elapsed))


def _value(node: Compare | InPeriod | Anniversary, sight: Sight, _: datetime, __: Names) -> Value:
    return reader(node.field)(sight)


def _age(node: Age, sight: Sight, now: datetime, names: Names) -> Value:
    zone = zone_reader(node.zone, names)(sight)
    born, today = local_day(reader(node.field)(sight), zone), local_day(now, zone)
    return None if born is None or today is None else completed_years(born, today)


def _elapsed(node: Elapsed, sight: Sight, now: datetime, names: Names) -> Value:
    base = beginning(reader(node.field)(sight), zone_reader(node.zone, names)(sight))
    if base is None:
        return None
    return (base - now if node.ahead else now - base).total_seconds()


def _held(node: Held, sight: Sight, now: datetime, _: Names) -> Value:
    return _seconds(held_since(node, sight, now), now)


def _stage_time(_: TimeInStage, sight: Sight, now: datetime, __: Names) -> Value:
    return _seconds(sight.stage_since, now)


def _segment_time(node: TimeInSegment, sight: Sight, now: datetime, _: Names) -> Value:
    return _seconds(sight.memberships.get(node.name), now)


def _seconds(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else (now - since).total_seconds()


def _score(node: Score, sight: Sight, now: datetime, names: Names) -> Value:
    return value_at(sight.scores.get(node.model), names.scales[node.model], now)


def _grade(node: Grade, sight: Sight, now: datetime, names: Names) -> Value:
    grades = names.grades[node.model]
    reads = quantum(value_at(sight.scores.get(node.model), names.scales[node.model], now))
    return next((grade for grade, least in grades if reads >= quantum(least)), grades[-1][0])


def _stage(_: InStage, sight: Sight, __: datetime, ___: Names) -> Value:
    return sight.stage


def _runs(node: InScenario, sight: Sight, _: datetime, __: Names) -> Value:
    states = [run.state.value for run in sight.enrollments if run.scenario == node.scenario]
    states += sight.past.get(node.scenario, ())
    return tuple(dict.fromkeys(states)) or None


def _consent(node: Consented, sight: Sight, now: datetime, _: Names) -> Value:
    consent = consent_at(node, sight, now)
    if consent is None:
        return Word.UNSAID.value
    if consent.given:
        return Word.GIVEN.value if consent.is_live(now) else "expired"
    return (Word.UNSUBSCRIBED if consent.explicit else Word.REFUSED).value


def _bucket(node: InBucket, sight: Sight, _: datetime, __: Names) -> Value:
    return percent_of(node.salt, sight.subject) if sight.subject else None


def _people(node: People, sight: Sight, _: datetime, names: Names) -> Value:
    if names.subject is SubjectKind.LEAD:
        return _of_account(OfAccount(node), sight, _, names)
    return len(sight.people.get(node.told_as, ()))


def _of_account(node: OfAccount, sight: Sight, _: datetime, names: Names) -> Value:
    return None if names.subject is SubjectKind.ACCOUNT else sight.account.get(node.told_as) is True


def _followed(node: Followed, sight: Sight, now: datetime, names: Names) -> Value:
    return max((fact.at for fact in Selected(node.first, names).seen_by(sight).facts(sight, now)), default=None)


def _touched(node: Touched, sight: Sight, now: datetime, names: Names) -> Value:
    facts = chosen(node, sight, now, names)
    kind = node.quantifier
    if kind is Quantifier.COUNT:
        return len(facts)
    if kind is Quantifier.TREND and node.window is not None:
        recent = sum(1 for fact in facts if fact.at > now - node.window)
        return (recent, len(facts) - recent)
    known = [fact.properties.get(node.of or "") for fact in facts]
    if kind is Quantifier.DISTINCT:
        return len({key_of(value) for value in known} - {None})
    if kind in AMOUNTS:
        return _amount(kind, [amount for value in known if (amount := amount_of(value)) is not None])
    pick = min if kind in (Quantifier.FIRST, Quantifier.SINCE_FIRST) else max
    return pick((fact.at for fact in facts), default=None)


def _amount(kind: Quantifier, amounts: list[int]) -> float | None:
    if kind is Quantifier.SUM:
        return sum(amounts) / MILLION
    if not amounts:
        return None
    found = {Quantifier.MIN: min(amounts), Quantifier.MAX: max(amounts)}
    return (found[kind] if kind in found else sum(amounts) / len(amounts)) / MILLION


def chosen(node: Touched, sight: Sight, now: datetime, names: Names) -> list[Touchpoint]:
    """The facts that the clause selects now."""
    if node.starts is not None and node.period is not None:
        month = reader(node.starts)(sight)
        if isinstance(month, bool) or not isinstance(month, (int, float)) or month not in range(1, 13):
            return []
        node = attrs.evolve(node, period=node.period.starting(int(month)), starts=None)
    return list(Selected(node, names).seen_by(sight).facts(sight, now))


_SAW: Mapping[type[Predicate], Callable[[Any, Sight, datetime, Names], Value]] = {
    Compare: _value,
    InPeriod: _value,
    Anniversary: _value,
    Age: _age,
    Elapsed: _elapsed,
    Held: _held,
    Score: _score,
    Grade: _grade,
    InStage: _stage,
    TimeInStage: _stage_time,
    TimeInSegment: _segment_time,
    InScenario: _runs,
    Consented: _consent,
    InBucket: _bucket,
    People: _people,
    OfAccount: _of_account,
    Followed: _followed,
    Touched: _touched,
}
"""What a clause looks at, by its type; clauses that only join others are missing, and so are segments."""
