"""Predicates in English, node by node. May import the nodes and the calendar's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from nurture.calendar import Period, PeriodUnit, describe_length, describe_period
from nurture.model import Purpose
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.operators import OPERATORS, Operand
from nurture.predicates.people import OfAccount, People
from nurture.predicates.sentences import Say, Sentences, apart, asks_for_none, instant, listed, number
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import (
    Consented,
    Grade,
    InBucket,
    InScenario,
    InSegment,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
)
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Field, Not, Owner, Scaled

if TYPE_CHECKING:
    from nurture.model import Scalar

_AMOUNT: Final[Mapping[str, str]] = MappingProxyType(
    {"eq": "exactly", "ne": "not exactly", "lt": "fewer than", "le": "at most", "gt": "more than", "ge": "at least"}
)
_LENGTH: Final[Mapping[str, str]] = MappingProxyType({**_AMOUNT, "lt": "less than"})
_VALUE: Final[Mapping[str, str]] = MappingProxyType(
    {"eq": "is", "ne": "is not", "lt": "is below", "le": "is at most", "gt": "is above", "ge": "is at least"}
)
_TIME: Final[Mapping[str, str]] = MappingProxyType(
    {"lt": "is before", "le": "is at or before", "gt": "is after", "ge": "is at or after"}
)
_GRADE: Final[Mapping[str, str]] = MappingProxyType(
    {"eq": "is {}", "ne": "is not {}", "lt": "is worse than {}", "le": "is {} or worse", "gt": "is better than {}",
     "ge": "is {} or better"}
)  # fmt: skip
_OF_PROPERTY: Final[Mapping[Quantifier, str]] = MappingProxyType(
    {
        Quantifier.SUM: "the sum of {} over {}",
        Quantifier.MIN: "the least {} of {}",
        Quantifier.MAX: "the greatest {} of {}",
        Quantifier.AVERAGE: "the average {} of {}",
    }
)
_WORD: Final[Mapping[Word, str]] = MappingProxyType(
    {
        Word.GIVEN: "has agreed to {}",
        Word.REFUSED: "has refused {}",
        Word.UNSUBSCRIBED: "has unsubscribed from {}",
        Word.UNSAID: "has said nothing about {}",
    }
)
_ZONE: Final[Mapping[str, str]] = MappingProxyType(
    {"lead": "the lead's time zone", "account": "the account's time zone"}
)
_WHOSE: Final[Mapping[Owner, str]] = MappingProxyType({Owner.ACCOUNT: "the account's ", Owner.ENTRY: "the entry's "})
_BRACKETS: Final = "({})"
_PLAIN: Final = re.compile(r"[\w{*][\w.{}*:/@+-]*")
"""A name that needs no quotes."""
_EVERYBODY: Final = frozenset({"everyone", "nobody"})
"""Names that read as whole sentences."""
_LIKE_VALUES: Final = frozenset({"yes", "no", "missing", "present", "today", "yesterday", "tomorrow"})
"""Names of fields that read as what a field may be."""
_BEGIN_VALUES: Final = frozenset('"0123456789')
"""What values begin with that are no words."""
_ANY_MONTH: Final = 4  # a year that begins in April is called a fiscal year; the month itself is not said


def field_name(field: Field) -> str:
    """What a field is called in a sentence."""
    return f"{_WHOSE.get(field.owner, '')}{_name(field.name)}"


def _quoted(text: str) -> str:
    """Text between quotes, none of which can stand inside unmarked."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _name(name: str) -> str:
    """A name as it stands, or in quotes where it could be read as more than a name."""
    return name if _PLAIN.fullmatch(name) and name not in _EVERYBODY else _quoted(name)


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return instant(value, date.isoformat)
    if isinstance(value, date):
        return value.isoformat()
    return _quoted(value) if isinstance(value, str) else number(value)


def _operand(value: Scalar | tuple[Scalar, ...] | Scaled | None, operand: Operand) -> str:
    if isinstance(value, Scaled):
        name = field_name(value.field)
        if name in _LIKE_VALUES or name[0] in _BEGIN_VALUES:
            name = f"the field {name}"
        return name if value.factor == 1.0 else f"{number(value.factor)} times {name}"
    if isinstance(value, tuple):
        between = " and " if operand is Operand.RANGE else ", "
        return listed([_value(one) for one in value], between, " and {n} more")
    return "" if value is None else _value(value)


def _everyone(_: Everyone, __: Say) -> str:
    return "everyone"


def _all(node: All, say: Say) -> str:
    return " and ".join(apart(part, say, _BRACKETS) for part in node.parts) or "everyone"


def _any(node: AnyOf, say: Say) -> str:
    return " or ".join(apart(part, say, _BRACKETS) for part in node.parts) or "nobody"


def _not(node: Not, say: Say) -> str:
    part = node.part
    if isinstance(part, Compare) and part.op == "missing":
        return f"{field_name(part.field)} is present"
    if isinstance(part, InStage):
        return f"the stage is not {_names(part.names)}"
    if isinstance(part, (InSegment, InScenario, InBucket)):
        return f"not {say(part)}"
    return f"not ({say(part)})"


def _compare(node: Compare, _: Say) -> str:
    row = OPERATORS[node.op]
    value = _operand(node.value, row.operand)
    if isinstance(node.value, date) and node.op in _TIME:
        return f"{field_name(node.field)} {_TIME[node.op]} {value}"
    return row.en.format(field=field_name(node.field), value=value)


def _touched(node: Touched, say: Say) -> str:
    kind, facts = node.quantifier, _facts(node, say)
    if kind is Quantifier.COUNT:
        return f"no {facts}" if asks_for_none(node) else f"{_AMOUNT[node.op]} {number(node.n)} {facts}"
    if kind is Quantifier.DISTINCT:
        values = "value" if node.n == 1 else "values"
        return f"{_AMOUNT[node.op]} {number(node.n)} different {values} of {_name(node.of or '')} among {facts}"
    if node.single_where is not None:
        which = "oldest" if kind is Quantifier.FIRST else "newest"
        return f"the {which} {facts} is one where {apart(node.single_where, say, _BRACKETS)}"
    if node.length is not None:
        which = "oldest" if kind is Quantifier.SINCE_FIRST else "newest"
        return f"the {which} {facts} was {_LENGTH[node.op]} {describe_length(node.length)} ago"
    if kind is Quantifier.TREND and node.window is not None:
        before = describe_length(node.window)
        return f"{facts}: {_AMOUNT[node.op]} {number(node.n)} times as many as in the {before} before"
    return f"{_OF_PROPERTY[kind].format(_name(node.of or ''), facts)} {_VALUE[node.op]} {number(node.n)}"


def _facts(node: Touched, say: Say) -> str:
    """Which facts a clause selects, as a noun phrase."""
    about = [] if node.per is None else [f"only the newest of each {_name(node.per)}"]
    if node.having is not None:
        about.append(say(node.having))
    by = node.origin or (node.seen_origin if node.kind is None else None)
    for value, phrase in ((by, "by the {}"), (node.channel, "on {}"), (node.campaign, "of the campaign {}")):
        if value is not None:
            about.append(phrase.format(_name(value)))
    if node.suspect:
        about.append("machines included")
    fact = "fact" if node.quantifier is not Quantifier.COUNT or node.n == 1 or asks_for_none(node) else "facts"
    name = fact if node.kind is None else node.kind
    return name + (f" ({', '.join(about)})" if about else "") + _when(node)


def _when(node: Touched) -> str:
    if node.period is not None:
        return f" {_during(node.period, node.starts)}"
    last = "" if node.window is None else f" in the last {describe_length(node.window)}"
    if node.older is None:
        return last
    older = describe_length(node.older)
    return f"{last} but not in the last {older}" if last else f" at least {older} ago"


def _during(period: Period, starts: Field | None) -> str:
    said = _stretch(period, starts)
    if period.unit is PeriodUnit.DATE:
        return f"on {said}"
    return f"in {said}" if said.startswith("the ") else said


def _stretch(period: Period, starts: Field | None) -> str:
    if starts is None:
        return describe_period(period)
    said, _, _ = describe_period(attrs.evolve(period.starting(_ANY_MONTH), zone=None)).partition(" (")
    return f"{said} (years begin in the month of {field_name(starts)}){_in_zone(period.zone)}"


def _followed(node: Followed, say: Say) -> str:
    then = f"{'no ' if node.absent else ''}{_facts(node.then, say)}"
    return f"{_facts(node.first, say)} and then {then} within {describe_length(node.within)}"


def _score(node: Score, _: Say) -> str:
    return f"the score {_name(node.model)} {_VALUE[node.op]} {number(node.value)}"


def _grade(node: Grade, _: Say) -> str:
    return f"the grade by {_name(node.model)} {_GRADE[node.op].format(_name(node.grade))}"


def _names(names: tuple[str, ...]) -> str:
    return listed([_name(name) for name in names], " or ", " or one of {n} more")


def _stage(node: InStage, _: Say) -> str:
    return f"the stage is {_names(node.names)}"


def _stage_time(node: TimeInStage, _: Say) -> str:
    return f"in the stage for {_LENGTH[node.op]} {describe_length(node.length)}"


def _segment(node: InSegment, _: Say) -> str:
    return f"in the segment {_name(node.name)}"


def _segment_time(node: TimeInSegment, _: Say) -> str:
    return f"in the segment {_name(node.name)} for {_LENGTH[node.op]} {describe_length(node.length)}"


def _scenario(node: InScenario, _: Say) -> str:
    states = " or ".join(state.value.replace("_", " ") for state in node.states)
    return f"in the scenario {_name(node.scenario)}, {states}"


def _consented(node: Consented, _: Say) -> str:
    if node.purpose is Purpose.PROFILING:  # on every channel, by every sender
        return _WORD[node.word].format(node.purpose.value)
    topic = f" (topic {_name(node.topic)})" if node.topic else ""
    sender = f" from {_name(node.entity)}" if node.entity else ""
    return _WORD[node.word].format(f"{node.purpose.value} by {_name(node.channel)}{topic}{sender}")


def _bucket(node: InBucket, _: Say) -> str:
    return f"in the share from {number(node.low)}% to {number(node.high)}% of {_name(node.salt)}"


def _in_period(node: InPeriod, _: Say) -> str:
    single = node.period.unit in (PeriodUnit.DAY, PeriodUnit.DATE)
    said = _stretch(node.period, node.starts)
    return f"{field_name(node.field)} is {said if single else f'within {said}'}"


def _anniversary(node: Anniversary, _: Say) -> str:
    of = f"an anniversary of {field_name(node.field)}{_in_zone(node.zone)}"
    if not node.before and not node.after:
        return f"today is {of}"
    before, after = (f"{n} day{'' if n == 1 else 's'}" for n in (node.before, node.after))
    sides = [f"{before} before"] if node.before else []
    sides += [f"{after} after"] if node.after else []
    return f"today is at most {' and '.join(sides)} {of}"


def _age(node: Age, _: Say) -> str:
    years = f"{node.years} full year{'' if node.years == 1 else 's'}"
    return f"{_AMOUNT[node.op]} {years} since {field_name(node.field)}{_in_zone(node.zone)}"


def _elapsed(node: Elapsed, _: Say) -> str:
    side = "ahead" if node.ahead else "ago"
    return f"{field_name(node.field)} is {_LENGTH[node.op]} {describe_length(node.length)} {side}{_in_zone(node.zone)}"


def _in_zone(zone: str | None) -> str:
    return "" if zone is None else f" (in {_ZONE.get(zone, zone)})"


def _held(node: Held, say: Say) -> str:
    return f"({say(node.part)}) for {_LENGTH[node.op]} {describe_length(node.length)}"


def _of_account(node: OfAccount, say: Say) -> str:
    return f"of the account: ({say(node.part)})"


def _people(node: People, say: Say) -> str:
    where = "" if isinstance(node.where, Everyone) else f" with ({say(node.where)})"
    if asks_for_none(node):
        return f"nobody at the account{where}"
    return f"{_AMOUNT[node.op]} {node.n} {'person' if node.n == 1 else 'people'} at the account{where}"


SENTENCES: Final[Sentences] = MappingProxyType(
    {
        Everyone: _everyone,
        All: _all,
        AnyOf: _any,
        Not: _not,
        Compare: _compare,
        Touched: _touched,
        Followed: _followed,
        Score: _score,
        Grade: _grade,
        InStage: _stage,
        TimeInStage: _stage_time,
        InSegment: _segment,
        TimeInSegment: _segment_time,
        InScenario: _scenario,
        Consented: _consented,
        InBucket: _bucket,
        InPeriod: _in_period,
        Anniversary: _anniversary,
        Age: _age,
        Elapsed: _elapsed,
        Held: _held,
        OfAccount: _of_account,
        People: _people,
    }
)
"""What says each kind of node in English."""
