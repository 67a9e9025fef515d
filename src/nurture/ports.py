"""The ports: what a store and a sender promise. Protocols, all in one place; nothing here does anything.

Adapters need not inherit. Each promise has a number and is tested by the like-numbered test of
`nurture.testing`. May import `nurture.model` and what lies below it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
    EffectState,
    InboxRow,
    Lead,
    LeadId,
    Pending,
    Scalar,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.predicates import Names, Predicate

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from nurture.predicates import Order, Reach

R = TypeVar(
    "R", Lead, Account, Touchpoint, InboxRow, Standing, Effect, Alias, Allowance, Definition, Activation, DecisionRecord
)


class Capability(StrEnum):
    """What a store can do beyond the core profile; each has a contract class of its own."""

    SKIP_LOCKED = "skip_locked"
    NOTIFY = "notify"
    FIND = "find"


@attrs.frozen(slots=True, kw_only=True)
class Known:
    """What a store knows about a subject besides its projection and standing.

    Attributes:
        facts: Decided facts in reach, oldest first by `(at, id)`.
        inbox: Every inbox row of the subject with its fact, due or not, ordered by `(due_at, id)`.
        effects: Its open effects, ordered by `(planned_at, id)`.
    """

    facts: tuple[Touchpoint, ...] = ()
    inbox: tuple[Pending, ...] = ()
    effects: tuple[Effect, ...] = ()


@attrs.frozen(slots=True, kw_only=True)
class Backlog:
    """How much waits, as operators watch it. Counts stop at the asked number, so they cost little.

    Attributes:
        due: Subjects that are due and not decided.
        due_since: Since when the first of them is due; None when none is.
        outbox: Open effects that are due and not claimed.
        outbox_since: Since when the first of them is due; None when none is.
        claimed: Effects that somebody claimed and has not settled.
        unknown: Effects of which nobody knows whether they went out.
        failing: Subjects that could not be decided lately and are tried again later.
        dead: Subjects that are not tried any more.
    """

    due: int = 0
    due_since: datetime | None = None
    outbox: int = 0
    outbox_since: datetime | None = None
    claimed: int = 0
    unknown: int = 0
    failing: int = 0
    dead: int = 0


@attrs.frozen(slots=True, kw_only=True)
class Search:
    """Who is looked for: the leads, or the accounts, of whom a predicate holds.

    Attributes:
        where: The predicate; checked, so every name in it is declared.
        names: What the names in it mean, and whether it is about leads or accounts.
        now: The instant asked about.
    """

    where: Predicate
    names: Names
    now: datetime


@attrs.frozen(slots=True, kw_only=True)
class Found:
    """What a store found by itself.

    Attributes:
        subjects: Who satisfies the part of the predicate that the store could ask.
        rest: What is still to be asked of each of them; None when nothing is left.
    """

    subjects: tuple[SubjectId, ...] = ()
    rest: Predicate | None = None


@attrs.frozen(slots=True)
class Place:
    """Where a subject stands in an order: by its value, None when it has none, and among equal ones by its id."""

    value: Scalar | None
    subject: SubjectId


class View(Protocol):
    """Reading, from one snapshot: nothing that commits after the view was opened is seen.

    Promises:
        V1. `get` finds what was put, equal; absent ids are absent from the answer.
        V2. `due` names each subject whose standing or an inbox row has `due_at < now`, earliest first,
            each once, at most `limit`. Dead subjects are left out, and failing ones are due by their standing alone.
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
        V11. `backlog` counts what waits, each count exact up to `upto`, and says since when.
        V12. `effects_in` walks the effects in a state in the order of their ids, each once.
        V13. `troubled` walks the dead and the failing standings in the order of their ids, each once.
        V14. `count` says how many records of a kind have ids that come after the given one.

    Wherever a limit is given, one below 1 asks for nothing.
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

    def backlog(self, now: datetime, upto: int, /) -> Backlog:
        """How much waits as of `now`; no count goes beyond `upto`."""
        ...

    def effects_in(self, state: EffectState, after: str, limit: int, /) -> tuple[Effect, ...]:
        """The next effects in this state whose ids come after `after`, ordered by id."""
        ...

    def troubled(self, after: str, limit: int, /) -> tuple[Standing, ...]:
        """The next dead or failing standings whose subjects come after `after`, ordered by id."""
        ...

    def count(self, kind: type[R], after: str, /) -> int:
        """How many records of a kind have ids that come after `after` (`""` for all of them)."""
        ...


class FindingView(View, Protocol):
    """A view of a store with `Capability.FIND`: it finds members itself, as `match` would.

    A store may leave to its caller what it cannot ask, and says so; what it answers is never another meaning. What it
    looks at is what is kept: facts also of the inbox, values as they are, scores and stages as they were decided.

    Promises:
        F1. `find` names, in the order of ids, at most `limit` subjects after `after` of whom the predicate holds,
            once `rest` was asked of them; none of whom it holds is left out. `rest` is the same on every page, and
            only the last page has fewer subjects than `limit`.
        F2. `tally` counts them; None when it cannot without its caller's help.
        F3. `best` names the first `limit` of them in an order, after a place of that order or from its beginning;
            None when it cannot. Who has no value comes last, either way; values of equal rank go by id.

    Wherever a limit is given, one below 1 asks for nothing.
    """

    def find(self, search: Search, after: str, limit: int, /) -> Found:
        """The next subjects that are looked for whose ids come after `after`, ordered by id."""
        ...

    def tally(self, search: Search, /) -> int | None:
        """How many are looked for; None when that cannot be counted here."""
        ...

    def best(self, search: Search, order: Order, after: Place | None, limit: int, /) -> tuple[SubjectId, ...] | None:
        """The first of those that are looked for, in this order; None when they cannot be ordered here."""
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
        U11. A group with a new inbox row that is due at or before the instant up to which its subject was decided
            (`Standing.advanced_to`, as stored) is left out and named: it came too late to be decided in order. The
            writer tries again with the instant of a new unit.
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


class TakingUnit(Unit, Protocol):
    """A unit of a store with `Capability.SKIP_LOCKED`: workers side by side take different work.

    Promises:
        K1. `take_due` answers like `due`, and what it answered is taken until the unit ends: the `take_due` of
            other units leaves it out, and does not wait for it. `due` itself shows it as before.
        K2. `take_claimable` does the same for `claimable`; an effect is taken with its subject.
        K3. Taking hinders no recorder: facts about a taken subject go in meanwhile.
    """

    def take_due(self, now: datetime, limit: int, /) -> tuple[SubjectId, ...]:
        """Due subjects that nobody else has taken; taken by this unit until it ends."""
        ...

    def take_claimable(self, now: datetime, limit: int, /) -> tuple[Effect, ...]:
        """Claimable effects of subjects that nobody else has taken; taken by this unit until it ends."""
        ...


class Waking(Protocol):
    """What a store with `Capability.NOTIFY` does besides.

    Promises:
        N1. `wait` returns soon after another handle, also of another process, committed something that is due
            before the next instant known here; and at the latest when the time is up.
    """

    def wait(self, seconds: float, /) -> bool:
        """Sleep until something new may be due, or so long; whether it was woken."""
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


class Joinable(Protocol):
    """What a store does besides that can work inside a transaction of the host's own.

    Promises:
        J1. What was written through `joined` lasts when the host commits, and goes when it rolls back.
        J2. A unit within it is undone by an error without harm to what the host did before.
        J3. `after_commit` calls back after the host's commit, and never after a rollback.
    """

    def joined(self, connection: object, /) -> JoinedStorage:
        """A handle whose views and units are within the host's transaction."""
        ...


class JoinedStorage(Storage, Protocol):
    """A store within a transaction of the host's own."""

    def after_commit(self, callback: Callable[[], None], /) -> None:
        """Call back once the host has committed."""
        ...


@attrs.frozen(slots=True)
class Accepted:
    """The other side took it over.

    Attributes:
        receipt: The other side's id for it, if it gave one. It is kept as the property `receipt` of the fact, at most
            200 characters and without words that hold an `@`.
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
        smtputf8: Whether an address or a header goes beyond ASCII, so that it takes RFC 6531 to carry the mail.
        fallback: Why it does not come from the lead's owner though its message says so: `no_owner`, or
            `owner_not_verified`; `""` otherwise.
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
    smtputf8: bool = False
    fallback: str = ""


@runtime_checkable
class Sender(Protocol):
    """Hands messages to the world, one recipient each.

    Promises:
        M1. `send` returns a receipt for every envelope, in order, and does not raise for one bad envelope.
        M2. `Accepted` means that the other side took over; `Rejected` and `Deferred` mean that nothing was sent.
        M3. `Unknown` is said whenever it is not certain that nothing was sent.
        M4. Within `dedup_window` an envelope with the same key is carried out once, however often it is sent.
        M5. Nothing blocks longer than the sender's stated timeout: when one envelope runs into it, the rest of the call
            is `Deferred` untried, so that a silent world holds up a call of many about as long as a call of one.
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


class AsyncSender(Protocol):
    """A sender that waits in an event loop; `AsyncNurture` takes it beside the others.

    Its promises are those of `Sender`, M1 to M5. Several calls may be waiting at a time, all on one loop.
    """

    @property
    def dedup_window(self) -> timedelta:
        """How long the other side recognises a key again; zero when it does not."""
        ...

    async def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Send each envelope and say what became of it."""
        ...

    async def close(self) -> None:
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


class AsyncAction(Protocol):
    """An action that waits in an event loop; `AsyncNurture` takes it beside the others."""

    async def __call__(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt | None:
        """Do it."""
        ...
