"""The ports: what a store and a sender promise. Protocols, all in one place; nothing here does anything.

Adapters need not inherit. Each promise has a number and is tested by the like-numbered test of
`nurture.testing`. May import `nurture.model` and what lies below it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, runtime_checkable

import attrs

from nurture.model import (
    Account,
    AccountId,
    Activation,
    Alias,
    Allowance,
    Changes,
    DecisionRecord,
    Definition,
    Effect,
    InboxRow,
    Lead,
    LeadId,
    Pending,
    Standing,
    SubjectId,
    Touchpoint,
)

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from nurture.predicates import Reach

R = TypeVar(
    "R", Lead, Account, Touchpoint, InboxRow, Standing, Effect, Alias, Allowance, Definition, Activation, DecisionRecord
)


class Capability(StrEnum):
    """What a store can do beyond the core profile; each has a contract class of its own."""

    MEMBERS_IN_SQL = "members_in_sql"
    SKIP_LOCKED = "skip_locked"
    NOTIFY = "notify"
    BULK_LOAD = "bulk_load"


@attrs.frozen(slots=True, kw_only=True)
class Known:
    """What a store knows about a subject besides its projection and standing.

    Attributes:
        facts: Decided facts in reach, oldest first by `(at, id)`.
        inbox: Every inbox row of the subject with its fact, due or not, ordered by `(due_at, id)`.
        effects: Its open effects.
    """

    facts: tuple[Touchpoint, ...] = ()
    inbox: tuple[Pending, ...] = ()
    effects: tuple[Effect, ...] = ()


class View(Protocol):
    """Reading, from one snapshot: nothing that commits after the view was opened is seen.

    Promises:
        V1. `get` finds what was put, equal; absent ids are absent from the answer.
        V2. `due` names each subject whose standing or an inbox row has `due_at < now`, earliest first,
            each once, at most `limit`; dead standings are left out.
        V3. `claimable` gives open effects with `due_at < now`, earliest first, at most `limit`.
        V4. `about` gives for every subject asked: all decided facts that its reach needs, looking back
            from the given instant (more is allowed, less is not); every inbox row; open effects.
        V5. `history` gives a subject's facts, newest first by `(at, id)`, seen or not, strictly before
            `(before, before_id)`; so the last fact of a page begins the next.
        V6. `page` walks all records of a kind in the order of their ids, each once, without holding the base.
        V7. `members_of` gives the leads of each account as the projections say.
        V8. `next_due_at` is the earliest instant that `due` or `claimable` would answer for; None when there is none.
        V9. `effects_of` and `decisions_of` give all of a subject's, newest first.
        V10. `existing` names those of the subjects that a lead or an account stands for.
    """

    def get(self, kind: type[R], ids: Collection[str], /) -> Mapping[str, R]:
        """The records of this kind with these ids, by id."""
        ...

    def existing(self, subjects: Collection[SubjectId], /) -> frozenset[SubjectId]:
        """Those of the subjects that exist; cheaper than getting them."""
        ...

    def due(self, now: datetime, limit: int, /) -> tuple[SubjectId, ...]:
        """The subjects about which something may be decided before `now`."""
        ...

    def claimable(self, now: datetime, limit: int, /) -> tuple[Effect, ...]:
        """The effects that delivery must look at before `now`: due ones, and claims that ran out."""
        ...

    def about(self, since: Mapping[SubjectId, datetime | None], reach: Reach, /) -> Mapping[SubjectId, Known]:
        """What is known of these subjects; windows look back from each one's instant (None: from now on)."""
        ...

    def history(
        self, subject: SubjectId, /, *, before: datetime | None = None, before_id: str = "", limit: int = 1000
    ) -> tuple[Touchpoint, ...]:
        """The subject's facts, newest first by `(at, id)`, strictly before `(before, before_id)`, at most `limit`."""
        ...

    def effects_of(self, subject: SubjectId, /) -> tuple[Effect, ...]:
        """Every effect of the subject, newest planned first."""
        ...

    def decisions_of(self, subject: SubjectId, /, *, limit: int = 100) -> tuple[DecisionRecord, ...]:
        """What was decided about the subject, newest first."""
        ...

    def members_of(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, frozenset[LeadId]]:
        """The leads that belong to these accounts."""
        ...

    def page(self, kind: type[R], after: str, limit: int, /) -> tuple[R, ...]:
        """The next records of a kind whose ids come after `after` (`""` for the first), ordered by id."""
        ...

    def next_due_at(self) -> datetime | None:
        """The earliest instant at which something becomes due or claimable."""
        ...


class Unit(View, Protocol):
    """Reading and writing, all at exit or nothing.

    Promises:
        U1. What was put is visible to later views only after the unit's block ended without an error.
        U2. An error inside the block leaves everything as it was.
        U3. A versioned record is written only when its version is the stored one plus one, or 1 when none is stored.
        U4. An immutable record that exists already is left as it is, without an error.
        U5. A group is written whole, or left out and named in the answer; other groups are not touched by that.
        U6. A group whose `folded` names an inbox row that is not there is left out and named.
        U7. A group whose subject has an inbox row due by `quiet_until` that it does not fold is left out and named.
        U8. `now` gives the instant of this unit: later than `now` of every unit that was committed before.
        U9. `erase` removes every record of a subject but allowances.
        U10. An inbox row whose fact was there before brings nothing: recording twice is harmless, also after
            the fact was decided.
    """

    def now(self) -> datetime:
        """The instant of this unit; the same at every call."""
        ...

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        """Write the groups; the answer names those that conflicted and were left out."""
        ...

    def erase(self, subject: SubjectId, /) -> None:
        """Remove every record of the subject."""
        ...


class Storage(Protocol):
    """Keeps leads, facts, standings and effects for one tenant, and holds the clock.

    Promises:
        S1. `now` increases strictly, by at least one microsecond, and is never earlier than the
            instant of a committed unit.
        S2. Two handles with different tenants never see each other's records.
        S3. Units may be used from several threads at a time; each is as if alone.
    """

    @property
    def tenant(self) -> str:
        """Whose data this handle reads and writes."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this store can do beyond the core profile."""
        ...

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...

    def view(self) -> AbstractContextManager[View]:
        """A snapshot to read from."""
        ...

    def begin(self) -> AbstractContextManager[Unit]:
        """A unit of work: everything at the end of the block, or nothing."""
        ...

    def close(self) -> None:
        """Give back what is held; harmless twice."""
        ...


@attrs.frozen(slots=True)
class Accepted:
    """The other side took it over.

    Attributes:
        receipt: The other side's id for it, if it gave one.
    """

    receipt: str = ""


@attrs.frozen(slots=True)
class Rejected:
    """It will never be taken; trying again does not help.

    Attributes:
        reason: In a word, such as `no_such_mailbox`.
        code: The protocol's reply code, if there was one.
        permanent_address: Whether the address itself is dead.
    """

    reason: str
    code: str = ""
    permanent_address: bool = False


@attrs.frozen(slots=True)
class Deferred:
    """Not now; nothing was sent. It is tried again.

    Attributes:
        reason: In a word, such as `greylisted`.
        code: The protocol's reply code, if there was one.
        retry_after: After how long, if the other side said so.
    """

    reason: str
    code: str = ""
    retry_after: timedelta | None = None


@attrs.frozen(slots=True)
class Unknown:
    """Nobody knows whether it was sent: the answer was lost after everything was handed over."""

    reason: str


Receipt: TypeAlias = Accepted | Rejected | Deferred | Unknown


@attrs.frozen(slots=True, kw_only=True)
class Envelope:
    """One composed message for exactly one recipient.

    Attributes:
        key: The effect's key; a sender that deduplicates passes it on.
        channel: Such as `email`.
        message_id: The Message-ID, with angle brackets.
        sender: Envelope sender (return path) as an address.
        recipient: The one address.
        subject: The subject line, for senders that are not mail.
        text: The plain text.
        html: The HTML part, if there is one.
        headers: Every header of the mail, by name, decoded.
        data: The whole mail as it goes over the wire (CRLF), for mail senders.
    """

    key: str
    channel: str
    message_id: str
    sender: str
    recipient: str = attrs.field(repr=False)
    subject: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    html: str | None = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    data: bytes = attrs.field(default=b"", repr=False)


@runtime_checkable
class Sender(Protocol):
    """Hands messages to the world, one recipient each.

    Promises:
        M1. `send` returns a receipt for every envelope, in order, and does not raise for one bad envelope.
        M2. `Accepted` means that the other side took over; `Rejected` and `Deferred` mean that nothing was sent.
        M3. `Unknown` is said whenever it is not certain that nothing was sent.
        M4. Within `dedup_window` an envelope with the same key is carried out once, however often it is sent.
        M5. Nothing blocks longer than the sender's stated timeout.
    """

    @property
    def dedup_window(self) -> timedelta:
        """How long the other side recognises a key again; zero when it does not."""
        ...

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Send each envelope and say what became of it."""
        ...

    def close(self) -> None:
        """Give back connections; harmless twice."""
        ...


class Action(Protocol):
    """Something of the host's own that a step may ask for, by name.

    It is called with the effect's key (to make it idempotent), the subject's id and the step's parameters,
    and returns a receipt; None counts as `Accepted`, an exception as `Unknown`.
    """

    def __call__(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt | None:
        """Do it."""
        ...
