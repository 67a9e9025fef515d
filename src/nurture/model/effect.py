"""Something to do in the world, and what counts how often it was done. Imports consent only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import cast

import attrs

from nurture.model.consent import Purpose, Suppression
from nurture.model.ids import EffectId, EnrollmentId, SubjectId
from nurture.model.values import EMPTY, Value


class EffectKind(StrEnum):
    """What sort of thing is done: a message to the subject, a notice to its owner, an action of the host.

    A relay is a fact for another subject: `name` is its kind, and `params` say to whom it goes.
    """

    MESSAGE = "message"
    NOTICE = "notice"
    ACTION = "action"
    RELAY = "relay"


class EffectState(StrEnum):
    """Where an effect is on its way: planned → claimed → one of the settled ones.

    `planned` also after a deferral. Settled: `accepted`, `rejected`, `unknown` (in doubt; an operator
    decides), `withheld` (the gate or the policy said no), `cancelled` (its enrollment went away).
    """

    PLANNED = "planned"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    WITHHELD = "withheld"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({EffectState.PLANNED, EffectState.CLAIMED})
"""The states in which an effect still has something before it."""


class Repeat(StrEnum):
    """What to do with an effect whose outcome is not known, when the sender cannot tell repeats apart."""

    AT_MOST_ONCE = "at_most_once"
    AT_LEAST_ONCE = "at_least_once"


@attrs.frozen(slots=True, kw_only=True)
class Effect:
    """Something to do in the world, once.

    Attributes:
        id: The key: determined by enrollment, step and occurrence alone; the same after any crash.
        version: Rises by one with each write.
        subject: For whom.
        enrollment: The run that asked for it.
        scenario: That run's scenario.
        step: Address of the step in its pinned version.
        kind: What sort of thing.
        name: The message's or the action's name.
        channel: On which channel; `""` for an action.
        purpose: Why, for messages.
        topic: Of which topic, for messages.
        entity: Who sends, for messages: the name of one of the site's identities; `""` is the site's own.
        params: What the step gave along.
        repeat: What to do when the outcome is not known.
        state: Where it is on its way.
        planned_at: When the step asked for it.
        due_at: When delivery must look at it next: when it is due, or when its claim runs out; None once settled.
        expires_at: The latest instant at which it may still be claimed; None means any.
        attempts: How often it was claimed.
        fence: Rises with each claim; a worker whose claim ran out cannot record.
        claimed_at: When it was claimed last.
        settled_at: When it was settled; kept when an operator has it planned again.
        reason: Why it was withheld, deferred, rejected or cancelled, in a word.
        message_id: The Message-ID, committed before the first attempt.
        choices: Which choice each block of the message took, by the block's name; committed with the first claim.
        priority: Of the scenario that asked for it: where a slot is scarce, the highest goes first.
        content: The hash of what was approved of the message; when it says something else by now, it does not go. `""`
            when nobody was asked.
        hops: Over how many steps, each answering the one before without waiting for anything, it came to this.
    """

    id: EffectId
    version: int = 1
    subject: SubjectId
    enrollment: EnrollmentId
    scenario: str
    step: str
    kind: EffectKind
    name: str
    channel: str = ""
    purpose: Purpose = Purpose.INTERNAL
    topic: str = ""
    entity: str = ""
    params: Mapping[str, Value] = EMPTY
    repeat: Repeat = Repeat.AT_MOST_ONCE
    state: EffectState = EffectState.PLANNED
    planned_at: datetime
    due_at: datetime | None
    expires_at: datetime | None = None
    attempts: int = 0
    fence: int = 0
    claimed_at: datetime | None = None
    settled_at: datetime | None = None
    reason: str = ""
    message_id: str = ""
    choices: Mapping[str, Value] = EMPTY
    priority: int = 0
    content: str = ""
    hops: int = 0

    @property
    def is_message(self) -> bool:
        """Whether it is something that a person reads: a message of the program, or a notice."""
        return self.kind in (EffectKind.MESSAGE, EffectKind.NOTICE)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.state in OPEN_STATES

    def moved(self, **changes: object) -> Effect:
        """The effect one version on, with these fields changed; what `attrs.evolve` does, in half the time."""
        fields: dict[str, object] = dict(zip(_NAMES, _values_of(self), strict=True))
        return _make(**{**fields, "version": self.version + 1, **changes})


_NAMES = tuple(field.name for field in attrs.fields(Effect))
_values_of = attrgetter(*_NAMES)
_make = cast("Callable[..., Effect]", Effect)


@attrs.frozen(slots=True, kw_only=True)
class Allowance:
    """What may still go to an address, or within a cap: counted and refused in one versioned place.

    Every claim and every suppression bumps it, so that a claim that raced an unsubscribe conflicts.

    Attributes:
        id: `address_<hash>` for an address, `lead:<id>` for what is counted per lead, `limit_<hash>` for what several
            leads share. It outlives the lead.
        version: Rises by one with each write.
        recent: When something was claimed, oldest first; as far back as the policy's rules look.
        suppressions: What may not be sent any more.
        labels: Beside each of `recent`, what it was: purpose, channel and scenario, with tabs between them. Empty
            where no rule asks.
        counts: Beside each of `recent`, how many it stands for, the last one at that instant. Empty means one each.
    """

    id: str
    version: int = 1
    recent: tuple[datetime, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
