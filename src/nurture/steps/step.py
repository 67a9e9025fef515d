"""What every step kind is made of: what it may look at, and how it may answer.

A step is frozen data. Deciding about it is a pure function of a `Scene`. May import predicates,
calendar, model and errors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

import attrs

from nurture.calendar import Civil
from nurture.model import EMPTY, EffectKind, EnrollmentState, Repeat, Value

if TYPE_CHECKING:
    from nurture.predicates import Predicate, Touched

Duration: TypeAlias = timedelta | Civil
"""A length of time: elapsed (`timedelta`) or civil; the two never mix."""

LONGEST = timedelta(days=36_525)


def length_problems(length: Duration | None, what: str) -> Iterable[str]:
    """What is wrong with a length of time that must lie ahead, at most a hundred years."""
    if isinstance(length, timedelta) and not timedelta(0) <= length <= LONGEST:
        yield f"{what}: expected between nothing and 100 years"
    if isinstance(length, Civil) and length.reaches_back:
        yield f"{what}: expected a civil duration that leads forward"


NEXT = "next"
"""The edge that leads to the step below."""


class Scene(Protocol):
    """What a step may look at when it decides."""

    @property
    def now(self) -> datetime:
        """The moment that is being decided."""
        ...

    @property
    def arrived_at(self) -> datetime:
        """When the enrollment came to this step."""
        ...

    @property
    def since(self) -> datetime:
        """From when on facts answer this step: the claim of the send before it, else the arrival."""
        ...

    @property
    def outcome(self) -> str | None:
        """What became of the effect that this step asked for: `sent`, `failed`, …; None while it is open."""
        ...

    def holds(self, predicate: Predicate) -> bool:
        """Whether the predicate holds now."""
        ...

    def first_fact(self, clause: Touched) -> str | None:
        """The id of the first visible fact since `since` that the clause describes."""
        ...

    def later(self, duration: Duration) -> datetime:
        """The arrival plus the duration, in the subject's zone and the program's calendar."""
        ...

    def share(self, name: str) -> float:
        """A number in [0, 1) that is always the same for this subject, scenario and name."""
        ...


@attrs.frozen(slots=True)
class EffectOrder:
    """A step asks for something to be done in the world; the engine makes the effect of it."""

    kind: EffectKind
    name: str
    params: Mapping[str, Value] = EMPTY
    repeat: Repeat = Repeat.AT_MOST_ONCE
    max_lateness: timedelta | None = None


@attrs.frozen(slots=True)
class StageOrder:
    """A step asks for another stage; the lifecycle has the last word."""

    stage: str
    reason: str = ""


@attrs.frozen(slots=True)
class ValueOrder:
    """A step sets an attribute of the subject."""

    name: str
    value: Value


@attrs.frozen(slots=True)
class TagOrder:
    """A step adds and removes tags of the lead."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


Order: TypeAlias = StageOrder | ValueOrder | TagOrder


@attrs.frozen(slots=True)
class Go:
    """Leave by an edge, after the orders were carried out."""

    edge: str = NEXT
    orders: tuple[Order, ...] = ()
    saw: Mapping[str, Value] = EMPTY


GO = Go()
"""On to the next step, with nothing more to say: by far the most common answer."""


@attrs.frozen(slots=True)
class Stay:
    """Stay here: until an instant, until the effect is settled, or until a fact comes."""

    until: datetime | None = None
    effect: EffectOrder | None = None


@attrs.frozen(slots=True)
class Leave:
    """End the enrollment."""

    state: EnrollmentState = EnrollmentState.EXITED
    reason: str = ""


Move: TypeAlias = Go | Stay | Leave


@attrs.frozen(slots=True)
class Step(ABC):
    """One thing that a scenario does. Each kind is one file with one subclass, listed in `STEPS`.

    Subclasses are frozen attrs records; their fields are what the codec writes. They answer `arrive`
    when an enrollment comes to them and `resume` at every later moment that may concern them.
    """

    kind: ClassVar[str] = ""
    listens: ClassVar[bool] = False
    """Whether facts that come while an enrollment waits here may answer the step."""

    @abstractmethod
    def arrive(self, scene: Scene) -> Move:
        """What to do on arrival."""

    def resume(self, scene: Scene) -> Move:
        """What to do when time has come, the effect was settled, or a fact arrived."""
        return GO

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """The steps behind each edge, by the edge's name; empty for a step with one way on."""
        return {}

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The names that this step refers to, as pairs of what (`message`, `stage`, …) and name."""
        return ()

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The predicates that this step reads, as pairs of field and predicate."""
        return ()

    def sets(self) -> Iterable[tuple[str, Value]]:
        """The attributes that this step sets, with the values."""
        return ()

    def problems(self) -> Iterable[str]:
        """What is wrong with this step by itself."""
        return ()

    @abstractmethod
    def sentence(self, lang: str = "en") -> str:
        """What this step does, in a sentence."""
