"""What every step kind is made of: what it may look at, and how it may answer.

A step is frozen data. Deciding about it is a pure function of a `Scene`. May import predicates,
calendar, model and errors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias, cast

import attrs

from nurture.calendar import Civil
from nurture.model import EMPTY, EffectKind, EnrollmentState, Repeat, Touchpoint, Value
from nurture.steps.declaration import Declaration

if TYPE_CHECKING:
    from nurture.predicates import Predicate, Touched
    from nurture.predicates.tree import Field

Duration: TypeAlias = timedelta | Civil
"""A length of time: elapsed (`timedelta`) or civil; the two never mix."""

LONGEST = timedelta(days=36_525)


def length_problems(length: Duration | None, what: str) -> Iterable[str]:
    """What is wrong with a length of time that must lie ahead, at most a hundred years."""
    if length is not None and not isinstance(cast("object", length), (timedelta, Civil)):
        yield f"{what}: expected a timedelta or civil(...), found {type(length).__name__}"
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

    @property
    def reason(self) -> str:
        """Why that effect was refused or failed, in a word; `""` when there is nothing to say."""
        ...

    @property
    def turns(self) -> int:
        """How many effects this stop has asked for so far."""
        ...

    @property
    def visits(self) -> int:
        """How often the enrollment has come to this step, this time included."""
        ...

    @property
    def stop(self) -> str:
        """The id of this stop: which run, which step, and where in its path. It names tasks and approvals."""
        ...

    @property
    def late(self) -> timedelta:
        """How much later than planned the enrollment came here, since it was held up."""
        ...

    def holds(self, predicate: Predicate) -> bool:
        """Whether the predicate holds now."""
        ...

    def flips(self, predicate: Predicate) -> datetime | None:
        """The earliest later instant at which time alone may change whether it holds."""
        ...

    def first_fact(self, clause: Touched, *, whole_run: bool = False, same: Sequence[str] = ()) -> Touchpoint | None:
        """The first visible fact that the clause describes.

        Neither what began the run nor a fact that answered another step of it in this moment.

        Args:
            clause: Which facts.
            whole_run: Look back to the start of the run, instead of to `since`, at all facts.
            same: Properties that must be the same as in the fact that began the run.
        """
        ...

    def word_on(self, kind: str, name: str, value: Value) -> Touchpoint | None:
        """The first fact of that kind since the arrival that has this value under this name, whoever made it."""
        ...

    def value(self, field: Field) -> Value:
        """The value of a field of the lead, of the account, or of the entry, as it is now."""
        ...

    def own(self, name: str) -> Value:
        """The value of a field or an attribute of the subject itself, be it a lead or an account, as it is now."""
        ...

    def later(self, duration: Duration) -> datetime:
        """The arrival plus the duration, in the subject's zone and the program's calendar."""
        ...

    def appointment(self, field: Field, offset: Duration | None = None) -> datetime | None:
        """The instant that a field names, plus an offset; a date begins at its midnight. None when there is no value.

        Later appointments of a run that was shifted are moved with it.
        """
        ...

    def anniversary(self, field: Field, offset: Duration | None = None) -> datetime | None:
        """The first anniversary of what a field names, plus an offset, after the run came here or was to come.

        None when there is no value, or no such anniversary in the years that can be counted.
        """
        ...

    def next_appointment(self) -> datetime | None:
        """The instant of the next step below that waits until an appointment; None when there is none."""
        ...

    def is_under_way(self, message: str) -> bool:
        """Whether a run of this subject waits for this message to settle."""
        ...

    def share(self, name: str) -> float:
        """A number in [0, 1) that is always the same for this subject, scenario and name."""
        ...

    def content(self, message: str) -> str:
        """The hash of what a message says now: its texts in every language, its layout and its blocks."""
        ...


@attrs.frozen(slots=True)
class EffectOrder:
    """A step asks for something to be done in the world; the engine makes the effect of it.

    Attributes:
        kind: What sort of thing.
        name: Of the message or the action; of a relay the kind of the fact.
        params: What to give along.
        repeat: What to do when nobody knows whether it was done.
        max_lateness: How much later than planned it may still be done; None means the policy's.
        not_after: The instant after which it makes no sense any more, whatever the lateness.
    """

    kind: EffectKind
    name: str
    params: Mapping[str, Value] = EMPTY
    repeat: Repeat = Repeat.AT_MOST_ONCE
    max_lateness: timedelta | None = None
    not_after: datetime | None = None


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


@attrs.frozen(slots=True)
class FactOrder:
    """A step states a fact about the subject, made by the engine.

    Attributes:
        kind: What happened, `object.past_participle`.
        properties: What is known about it.
        about: What tells it apart from others of its kind in this moment.
    """

    kind: str
    properties: Mapping[str, Value] = EMPTY
    about: str = ""


@attrs.frozen(slots=True)
class ShiftOrder:
    """A step moves the later appointments of its run."""

    by: timedelta


@attrs.frozen(slots=True)
class KeepOrder:
    """A step keeps its run to what was approved: of this message nothing else goes out any more.

    Attributes:
        message: Which message.
        content: The hash of what it said.
    """

    message: str
    content: str


Order: TypeAlias = StageOrder | ValueOrder | TagOrder | FactOrder | ShiftOrder | KeepOrder


@attrs.frozen(slots=True)
class Go:
    """Leave by an edge, after the orders were carried out.

    Attributes:
        edge: Which way on.
        orders: What is carried out first.
        saw: What decided, for the record. A `fact` in it answers no other step of the run in this moment.
        due: When it should have gone on, if that is not the instant until which it stayed; what comes next is as late
            as this is.
    """

    edge: str = NEXT
    orders: tuple[Order, ...] = ()
    saw: Mapping[str, Value] = EMPTY
    due: datetime | None = None


GO = Go()
"""On to the next step, with nothing more to say: by far the most common answer."""


@attrs.frozen(slots=True)
class Stay:
    """Stay here: until an instant, until the effect is settled, or until a fact comes; the orders are carried out."""

    until: datetime | None = None
    effect: EffectOrder | None = None
    orders: tuple[Order, ...] = ()


@attrs.frozen(slots=True)
class Leave:
    """End the enrollment."""

    state: EnrollmentState = EnrollmentState.EXITED
    reason: str = ""


Move: TypeAlias = Go | Stay | Leave


@attrs.frozen(slots=True)
class Step(Declaration, ABC):
    """One thing that a scenario does. Each kind is one file with one subclass, listed in `STEPS`.

    Subclasses are frozen attrs records; their fields are what the codec writes. They answer `arrive`
    when an enrollment comes to them and `resume` at every later moment that may concern them.
    """

    expected: ClassVar[str] = "a step such as send('hello')"
    is_part: ClassVar[bool] = True
    is_addressed: ClassVar[bool] = True
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

    def label(self) -> str:
        """The name under which other steps can lead here; only a `mark` has one."""
        return ""

    def leads_to(self) -> Mapping[str, str]:
        """The edges that lead to a marked step elsewhere: the mark's name, by the edge's."""
        return {}

    def tries(self) -> int:
        """How many effects one stop here may ask for at most."""
        return 1

    def appointment(self, scene: Scene) -> datetime | None:
        """Until which instant this step would wait; None for a step that waits for none."""
        return None

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The names that this step refers to, as pairs of what (`message`, `stage`, …) and name."""
        return ()

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The predicates that this step reads, as pairs of field and predicate.

        A clause whose facts the step looks up by itself stands under a name that ends in `on`; a field that it
        reads stands as a question whether it is missing, so that it is checked, loaded and told like any other.
        """
        return ()

    def compares(self) -> Iterable[str]:
        """The properties of facts that this step compares with those of the fact that began the run."""
        return ()

    def asks_people(self) -> Iterable[tuple[str, Predicate]]:
        """The predicates that this step asks of its account's people, as pairs of field and predicate.

        They are about the fields of leads, and are asked when what the step ordered is carried out.
        """
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
