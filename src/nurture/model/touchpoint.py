"""One fact: something that happened to a lead or an account. Imports values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

import attrs

from nurture.errors import InvalidFactError
from nurture.model.ids import EffectId, FactId, SubjectId
from nurture.model.values import EMPTY, Value, clean_choice, clean_instant, clean_text, clean_values

_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


class Origin(StrEnum):
    """Who made a fact: the person, the host application, or this library."""

    LEAD = "lead"
    HOST = "host"
    ENGINE = "engine"


class Fact(StrEnum):
    """The kinds that this library itself writes and reads; hosts add theirs freely."""

    LEAD_CREATED = "lead.created"
    LEAD_CHANGED = "lead.changed"
    LEAD_TOLD = "lead.told"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_TOLD = "account.told"
    CONSENT_ASKED = "consent.asked"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    STAGE_REQUESTED = "stage.requested"
    STAGE_CHANGED = "stage.changed"
    STAGE_REFUSED = "stage.refused"
    STAGE_STALLED = "stage.stalled"
    SCORE_CROSSED = "score.crossed"
    SEGMENT_ENTERED = "segment.entered"
    SEGMENT_LEFT = "segment.left"
    ENROLLMENT_REQUESTED = "enrollment.requested"
    WITHDRAWAL_REQUESTED = "withdrawal.requested"
    ENROLLMENT_STARTED = "enrollment.started"
    ENROLLMENT_REFUSED = "enrollment.refused"
    ENROLLMENT_ENDED = "enrollment.ended"
    ENROLLMENT_MIGRATED = "enrollment.migrated"
    MIGRATION_REQUESTED = "migration.requested"
    MIGRATION_REFUSED = "migration.refused"
    GOAL_REACHED = "goal.reached"
    MESSAGE_REQUESTED = "message.requested"
    MESSAGE_REFUSED = "message.refused"
    SCORE_ADJUSTED = "score.adjusted"
    TASK_CREATED = "task.created"
    TASK_CLOSED = "task.closed"
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_GIVEN = "approval.given"
    APPROVAL_REFUSED = "approval.refused"
    EMAIL_SENT = "email.sent"
    EMAIL_FAILED = "email.failed"
    EMAIL_WITHHELD = "email.withheld"
    EMAIL_UNKNOWN = "email.unknown"
    EMAIL_OPENED = "email.opened"
    EMAIL_CLICKED = "email.clicked"


@lru_cache(maxsize=4096)
def is_kind(kind: str) -> bool:
    """Whether the text is a kind: `object.past_participle`, lower case, at least one dot."""
    return len(kind) <= 100 and _KIND.fullmatch(kind) is not None


@attrs.frozen(slots=True, kw_only=True)
class Touchpoint:
    """One fact about a lead or an account; never changed once written.

    Attributes:
        id: Derived from the subject and the key; recording it twice is harmless.
        subject: Whom it is about.
        kind: `object.past_participle`, such as `page.viewed`.
        at: When it happened. Scores and windows count by this.
        received_at: When the store took it in. Nothing that was decided before can have seen it.
        origin: Who made it.
        channel: `web`, `email`, `phone`, `event`, …
        campaign: The campaign it belongs to.
        properties: What else is known, by name.
        cause: The effect that brought it about (a click's mail), if one did.
        suspect: A machine may have done it (a security scanner's click); such facts do not count
            unless a predicate asks for them.
    """

    id: FactId
    subject: SubjectId
    kind: str
    at: datetime
    received_at: datetime
    origin: Origin = Origin.LEAD
    channel: str | None = None
    campaign: str | None = None
    properties: Mapping[str, Value] = attrs.field(default=EMPTY, repr=False)
    cause: EffectId | None = None
    suspect: bool = False

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        put(self, "at", clean_instant(self.at, "touchpoint.at"))
        put(self, "received_at", clean_instant(self.received_at, "touchpoint.received_at"))
        if self.origin.__class__ is not Origin:
            put(self, "origin", clean_choice(Origin, self.origin, "touchpoint.origin"))
        put(self, "properties", clean_values(self.properties, "touchpoint.properties"))
        texts = _texts_of(self)
        if not _PLAIN.issuperset(map(type, texts)):
            for name, value in zip(_TEXTS, texts, strict=True):
                if value is not None:
                    put(self, name, clean_text(value, f"touchpoint.{name}"))
        if self.channel is not None:
            clean_text(self.channel, "touchpoint.channel")
        if self.campaign is not None:
            clean_text(self.campaign, "touchpoint.campaign")
        if not is_kind(self.kind):
            raise InvalidFactError(
                "touchpoint.kind", "a kind such as 'page.viewed': lower case, object.past_participle"
            )

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """The order in which facts are counted: by when they happened, then by id."""
        return (self.at, self.id)


_TEXTS = ("id", "subject", "kind", "channel", "campaign", "cause")
_PLAIN: frozenset[type] = frozenset({str, type(None)})
_texts_of = attrgetter(*_TEXTS)


@attrs.frozen(slots=True, kw_only=True)
class InboxRow:
    """That a fact has not been decided yet; deciding deletes exactly the rows it folded.

    Attributes:
        fact: The fact.
        subject: Whom it is about.
        due_at: From when on it may be decided: `max(at, received_at)`.
    """

    fact: FactId
    subject: SubjectId
    due_at: datetime

    @property
    def id(self) -> FactId:
        """The row's identity is the fact's: one fact waits once."""
        return self.fact


@attrs.frozen(slots=True)
class Pending:
    """A fact that waits in the inbox, with the instant from which it may be decided."""

    due_at: datetime
    fact: Touchpoint
