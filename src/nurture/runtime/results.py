"""What the runtime's methods answer, and what is given to them. Refusals are values here, not exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import attrs

from nurture.model import EMPTY, EffectId, Origin, Scalar, SubjectId, Value


@attrs.frozen(slots=True)
class Refused:
    """Normal business: it was asked for, and the answer is no.

    Attributes:
        reason: In a word, such as `guard`, `reason_required`, `already_active`.
    """

    reason: str

    def __bool__(self) -> bool:
        return False


@attrs.frozen(slots=True)
class Moved:
    """The subject is in the stage that was asked for."""

    stage: str


@attrs.frozen(slots=True)
class Enrolled:
    """A run of the scenario began."""

    scenario: str
    enrollment: str


@attrs.frozen(slots=True)
class Withdrawn:
    """So many active runs of the scenario were ended."""

    scenario: str
    runs: int


@attrs.frozen(slots=True)
class Approval:
    """Somebody is asked to look at something before a run goes on.

    Attributes:
        id: Names it; of this run, this step and what the message says.
        subject: Whose run.
        scenario: Of which scenario.
        role: Whose word counts.
        message: What is to be looked at; `""` when it is the going on itself.
        content: The hash of what the message said when it was asked about.
        asked_at: Since when.
        until: When the run stops waiting.
    """

    id: str
    subject: SubjectId
    scenario: str
    role: str
    message: str
    content: str
    asked_at: datetime
    until: datetime | None


@attrs.frozen(slots=True)
class Answered:
    """The approval was given, or refused, and the run went on."""

    approval: str
    given: bool


@attrs.frozen(slots=True)
class Decided:
    """What one `decide` did.

    Attributes:
        subjects: How many subjects were moved on.
        moments: How many moments were decided.
        conflicts: How many subjects somebody else wrote first; they are still due.
        more: Whether more may be due: the limit was reached, or leads were told something by their account.
    """

    subjects: int = 0
    moments: int = 0
    conflicts: int = 0
    more: bool = False

    def __add__(self, other: Decided) -> Decided:
        return Decided(
            self.subjects + other.subjects,
            self.moments + other.moments,
            self.conflicts + other.conflicts,
            self.more or other.more,
        )


@attrs.frozen(slots=True)
class Delivered:
    """What one `deliver` did, by outcome.

    Attributes:
        accepted: Taken over by the other side.
        rejected: Refused for good.
        deferred: To be tried again later.
        withheld: Not sent, by the gate or for want of an address, sender or action.
        unknown: In doubt.
        conflicts: Claims or records that somebody else was faster with.
    """

    accepted: int = 0
    rejected: int = 0
    deferred: int = 0
    withheld: int = 0
    unknown: int = 0
    conflicts: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        return Delivered(
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.deferred + other.deferred,
            self.withheld + other.withheld,
            self.unknown + other.unknown,
            self.conflicts + other.conflicts,
        )

    @property
    def settled(self) -> int:
        """How many effects are done with."""
        return self.accepted + self.rejected + self.withheld + self.unknown

    @property
    def moved(self) -> int:
        """How many effects changed at all."""
        return self.settled + self.deferred


@attrs.frozen(slots=True)
class Reasons:
    """Why effects wait or were withheld, and how many for each reason.

    Attributes:
        deferred: What waits now, by the reason for which it was put off last.
        withheld: What was withheld, by reason.
    """

    deferred: Mapping[str, int]
    withheld: Mapping[str, int]


@attrs.frozen(slots=True)
class Ticked:
    """What one `tick` did."""

    decided: Decided = Decided()
    delivered: Delivered = Delivered()

    def __add__(self, other: Ticked) -> Ticked:
        return Ticked(self.decided + other.decided, self.delivered + other.delivered)

    @property
    def moved(self) -> int:
        """How many subjects and effects were moved on."""
        return self.decided.subjects + self.delivered.moved


@attrs.frozen(slots=True, kw_only=True)
class NewFact:
    """A touchpoint that is about to be recorded.

    Attributes:
        subject: Whom it is about.
        kind: `object.past_participle`.
        properties: What else is known.
        key: Makes recording it twice harmless; None means that it is new for certain.
        at: When it happened; None means now.
        origin: Who made it.
        channel: On which channel.
        campaign: Of which campaign.
        cause: The effect that brought it about.
        suspect: Whether a machine may have done it.
    """

    subject: SubjectId
    kind: str
    properties: Mapping[str, Value] = EMPTY
    key: str | None = None
    at: datetime | None = None
    origin: Origin = Origin.LEAD
    channel: str | None = None
    campaign: str | None = None
    cause: EffectId | None = None
    suspect: bool = False


class Knowledge(StrEnum):
    """What an answer about members rests on.

    `kept`: the memberships that deciding keeps. `now`: the predicate, asked of what is known now. `then`: the
    predicate, asked of what had come in by an earlier instant.
    """

    KEPT = "kept"
    NOW = "now"
    THEN = "then"


@attrs.frozen(slots=True)
class Member:
    """One of those who were asked for, with how far its standing was decided.

    Attributes:
        subject: Who.
        since: Since when it belongs; None when nobody keeps that, as of a predicate that is no segment.
        advanced_to: The last moment that was decided about it; None when none was, or for an earlier instant.
        known: What the answer rests on.
        value: The value by which the members are ordered; None when it has none, or they are in the order of ids.
    """

    subject: SubjectId
    since: datetime | None
    advanced_to: datetime | None
    known: Knowledge = Knowledge.KEPT
    value: Scalar | None = attrs.field(default=None, repr=False)


@attrs.frozen(slots=True)
class Page:
    """Some members, and where the next ones are.

    Attributes:
        members: In the order that was asked for.
        cursor: Give it to the next call; None when these are the last. It holds the id of the last member, and the
            value by which it is ordered: keep it as you keep these.
        known: What the answer rests on.
        at: The instant that was asked about; the same on every page.
    """

    members: tuple[Member, ...]
    cursor: str | None = attrs.field(repr=False)
    known: Knowledge
    at: datetime


@attrs.frozen(slots=True)
class Listed:
    """What a change of a static list did.

    Attributes:
        name: The list.
        added: How many leads stand on it now that did not before.
        removed: How many stood on it before.
        unchanged: How many of the given leads stood, or did not stand, on it already.
    """

    name: str
    added: int = 0
    removed: int = 0
    unchanged: int = 0


@attrs.frozen(slots=True)
class RolledOver:
    """How far the standings have followed the active program.

    Attributes:
        done: How many the sweep has passed; who was due meanwhile followed by itself.
        total: How many there are.
    """

    done: int
    total: int

    @property
    def is_done(self) -> bool:
        """Whether all of them follow it."""
        return self.done >= self.total
