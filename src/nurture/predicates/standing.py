"""The clauses about where a subject stands: score, stage, segment, scenario, consent, chance. May import the tree.

Nodes hold names; what the names mean is said by `nurture.predicates.names`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import cast

import attrs

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import ANY_CHANNEL, ANY_ENTITY, EnrollmentState, Fact, Purpose
from nurture.model.values import in_order
from nurture.predicates.literals import (
    MAX_VALUES,
    clean_literal,
    exact,
    require_length,
    require_name,
    require_order,
    type_of,
)
from nurture.predicates.operators import FieldType
from nurture.predicates.tree import Predicate

LENGTHS = ("lt", "le", "gt", "ge")
"""The comparisons of a length of time. Equality is not among them: it would hold for a microsecond."""


def require_length_order(op: object, where: str) -> None:
    """Refuse an operator that does not compare lengths of time.

    Raises:
        UnknownNameError: It is not one of `lt le gt ge`.
    """
    if op not in LENGTHS:
        raise UnknownNameError("comparison", str(op), LENGTHS, where=where)


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


@attrs.frozen(slots=True, cache_hash=True)
class Grade(Predicate):
    """A comparison of the grade that a score model gives; A is the best, so `ge B` means B or A.

    Attributes:
        model: Name of the score model, which declares grades.
        op: One of `eq ne lt le gt ge`.
        grade: One of the model's grades.
    """

    model: str = attrs.field(validator=lambda _, __, name: require_name(name, "a score model"))
    op: str
    grade: str

    def __attrs_post_init__(self) -> None:
        where = f"grade {self.model}"
        require_order(self.op, where)
        require_name(self.grade, where)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(in_order(names)))


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
        require_length_order(self.op, "time in stage")
        require_length(self.length, "time in stage")


@attrs.frozen(slots=True, cache_hash=True)
class InSegment(Predicate):
    """Whether the predicate of the named segment holds now; never read from a stored membership."""

    name: str = attrs.field(validator=lambda _, __, name: require_name(name, "a segment"))


@attrs.frozen(slots=True, cache_hash=True)
class TimeInSegment(Predicate):
    """A comparison of how long the subject has been a member of a segment; false while it is none.

    It looks at the membership that is kept, since only that has a beginning.

    Attributes:
        name: Name of the segment.
        op: One of `lt le gt ge`.
        length: What it is compared with.
    """

    name: str = attrs.field(validator=lambda _, __, name: require_name(name, "a segment"))
    op: str
    length: timedelta

    def __attrs_post_init__(self) -> None:
        require_length_order(self.op, f"time in segment {self.name}")
        require_length(self.length, f"time in segment {self.name}")


def _states(given: Iterable[EnrollmentState | str]) -> tuple[EnrollmentState, ...]:
    found: list[EnrollmentState] = []
    for one in in_order(given):
        try:
            found.append(EnrollmentState(one))
        except ValueError:
            known = [state.value for state in EnrollmentState]
            raise UnknownNameError("state", str(one), known, where="enrollment") from None
    return tuple(dict.fromkeys(found))


@attrs.frozen(slots=True, cache_hash=True)
class InScenario(Predicate):
    """Whether some kept run of a scenario is in one of these states.

    The active runs are kept, and of each run key how the newest ended one ended.

    Attributes:
        scenario: Name of the scenario.
        states: Such as `active`, `completed`, `reached_goal`.
    """

    scenario: str = attrs.field(validator=lambda _, __, name: require_name(name, "a scenario"))
    states: tuple[EnrollmentState, ...] = attrs.field(default=(EnrollmentState.ACTIVE,), converter=_states)

    def __attrs_post_init__(self) -> None:
        if not self.states:
            raise DefinitionError(f"enrollment {self.scenario}: expected at least one state")


class Word(StrEnum):
    """What a person may have said about being written to; four different things.

    `given`: the word that holds is a yes, and some ground has not run out. `refused`: it is a no, however we came
    to know. `unsubscribed`: it is a no that the person said to us directly. `unsaid`: nobody said anything.
    """

    GIVEN = "given"
    REFUSED = "refused"
    UNSUBSCRIBED = "unsubscribed"
    UNSAID = "unsaid"


@attrs.frozen(slots=True, cache_hash=True)
class Consented(Predicate):
    """What the person's word is about a sender, channel, purpose and topic.

    The word that holds is worked out as `nurture.model.word_on` does it, from the facts `consent.given`
    and `consent.withdrawn`: a refusal holds until a newer explicit yes.

    Attributes:
        word: What is asked.
        channel: On which channel; `any` with the purpose `profiling`, which has neither topic nor sender.
        purpose: What for.
        topic: A subject within the purpose; `""` is all of it. A word about all of it covers every topic.
        entity: Towards which sender: the name of one of the site's identities; `""` is the site's own. A word towards
            one sender says nothing about another.
    """

    word: Word = attrs.field(converter=Word)
    channel: str = attrs.field(
        default="email", kw_only=True, validator=lambda _, __, name: require_name(name, "consent.channel")
    )
    purpose: Purpose = attrs.field(default=Purpose.MARKETING, kw_only=True, converter=Purpose)
    topic: str = attrs.field(default="", kw_only=True)
    entity: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        for what in ("topic", "entity"):
            name: object = getattr(self, what)
            if name != "":
                require_name(name, f"consent.{what}")
        if self.purpose is Purpose.PROFILING and (self.channel, self.topic, self.entity) != (ANY_CHANNEL, "", ""):
            raise DefinitionError(
                f"consent: a word about profiling is about every topic and sender, and its channel is {ANY_CHANNEL!r}"
            )


def spoken_of(node: Consented, kind: Fact) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The channels and the senders that a fact of this kind names when it is about what a clause asks.

    A refusal may be on every channel and towards every sender; a yes is on one, and towards one.
    """
    if kind is not Fact.CONSENT_WITHDRAWN or node.purpose is Purpose.PROFILING:
        return (node.channel,), (node.entity,)
    return (node.channel, ANY_CHANNEL), (node.entity, ANY_ENTITY)


@attrs.frozen(slots=True, cache_hash=True)
class InBucket(Predicate):
    """Whether the subject falls into a share of everybody, by a hash that never changes.

    Buckets of one salt that do not overlap never share a subject; buckets of different salts are independent.

    Attributes:
        salt: Names the drawing of lots.
        low: Where the share begins, in percent from 0 to 100, inclusive.
        high: Where it ends, exclusive.
    """

    salt: str = attrs.field(validator=lambda _, __, name: require_name(name, "a bucket's salt"))
    low: float
    high: float

    def __attrs_post_init__(self) -> None:
        where = f"bucket {self.salt}"
        for name in ("low", "high"):
            value: object = getattr(self, name)
            if type_of(value) not in (FieldType.INTEGER, FieldType.NUMBER):
                raise DefinitionError(f"{where}: expected a number, found {type(value).__name__}")
            if not 0 <= cast("float", value) <= 100:
                raise DefinitionError(f"{where}: expected percents with 0 <= low < high <= 100")
            object.__setattr__(self, name, float(cast("float", value)) + 0.0)
        if not self.low < self.high:
            raise DefinitionError(f"{where}: expected percents with 0 <= low < high <= 100")
