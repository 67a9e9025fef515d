"""The same runtime on a virtual clock: a year in seconds, and the same trace for the same seed.

Nothing here decides anything of its own. Time jumps from one instant at which something is due to the
next; people who open, click, attend and buy are a seeded model that a host can replace.
"""

from __future__ import annotations

import gc
import heapq
import inspect
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import blake2b
from random import Random
from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

from nurture.errors import DefinitionError, InvalidFactError, UnknownNameError
from nurture.mail.site import SenderIdentity, Site
from nurture.model import (
    EMPTY,
    Consent,
    Effect,
    Fact,
    Lead,
    LeadId,
    Origin,
    SubjectId,
    Touchpoint,
    Value,
    clean_instant,
)
from nurture.model.lead import IDENTIFIERS, TEXT_FIELDS
from nurture.ports import Accepted, Action, Envelope, Receipt, Sender, Storage
from nurture.program import Broadcast
from nurture.runtime import NewFact, Nurture

if TYPE_CHECKING:
    from nurture.mail.files import AttachmentSource
    from nurture.mail.owner import Owner
    from nurture.program import Program

MICROSECOND = timedelta(microseconds=1)
TICK_AT_ONCE = 1000


@attrs.frozen(slots=True)
class Reaction:
    """Something that a person will do after a while.

    Attributes:
        after: How long after what caused it.
        kind: Kind of the fact, such as `email.opened`; `unsubscribe` takes consent back instead.
        properties: What else is known.
        origin: Who does it.
        channel: On which channel.
    """

    after: timedelta
    kind: str
    properties: Mapping[str, Value] = EMPTY
    origin: Origin = Origin.LEAD
    channel: str | None = None


@attrs.frozen(slots=True, kw_only=True)
class Arrival:
    """A person who arrives.

    Attributes:
        at: When.
        lead: What `Nurture.capture` takes.
        account: What `Nurture.capture_account` takes; None for somebody without a company.
        facts: What the person will do, counted from the arrival. A negative time is in the past.
        words: What the person allowed and refused by then; one that is dated later arrives then.
    """

    at: datetime
    lead: Mapping[str, object]
    account: Mapping[str, object] | None = None
    facts: tuple[Reaction, ...] = ()
    words: tuple[Consent, ...] = ()


@attrs.frozen(slots=True, kw_only=True)
class Turn:
    """That a scenario is switched by hand.

    Attributes:
        at: When.
        scenario: Its name.
        to: `pause`, `resume`, `reopen`; or to stop it, the fate of those inside: `finish`, `withdraw`, `hold`.
    """

    at: datetime
    scenario: str
    to: str

    def turn(self, crm: Nurture) -> None:
        """Do it."""
        plain = {"pause": crm.pause, "resume": crm.resume, "reopen": crm.reopen}.get(self.to)
        if plain is not None:
            plain(self.scenario)
        else:
            crm.stop_scenario(self.scenario, self.to)


class Behaves(Protocol):
    """A model of people: what somebody does about a fact."""

    def react(self, fact: Touchpoint, lead: Lead, random: Random) -> Iterable[Reaction]:
        """What this person will do about this fact; draws only from `random`."""
        ...


@attrs.frozen(slots=True, kw_only=True)
class Behavior:
    """People who open, click, look around, leave and buy, by chance.

    Attributes:
        open_rate: Share of mails that are opened.
        click_rate: Share of opened mails in which something is clicked.
        visit_rate: Share of clicks after which the person looks at the prices, too.
        buy_rate: Share of price visits that end in a purchase.
        unsubscribe_rate: Share of opened mails after which the person unsubscribes.
        delay: Mean time from a mail to its opening.
    """

    open_rate: float = 0.35
    click_rate: float = 0.25
    visit_rate: float = 0.4
    buy_rate: float = 0.15
    unsubscribe_rate: float = 0.01
    delay: timedelta = timedelta(hours=6)

    def __attrs_post_init__(self) -> None:
        for name in ("open_rate", "click_rate", "visit_rate", "buy_rate", "unsubscribe_rate"):
            if not 0 <= getattr(self, name) <= 1:
                raise DefinitionError(f"behavior.{name}: expected a share between 0 and 1")

    def react(self, fact: Touchpoint, lead: Lead, random: Random) -> Iterable[Reaction]:
        """React to a mail that was sent."""
        if fact.kind != Fact.EMAIL_SENT or random.random() >= self.open_rate:
            return
        opened = self.delay * random.expovariate(1.0) + timedelta(seconds=30)
        yield Reaction(opened, Fact.EMAIL_OPENED, channel="email")
        if random.random() < self.unsubscribe_rate:
            yield Reaction(opened + timedelta(seconds=40), "unsubscribe")
        if random.random() >= self.click_rate:
            return
        clicked = opened + timedelta(seconds=random.uniform(5, 120))
        yield Reaction(clicked, Fact.EMAIL_CLICKED, channel="email")
        if random.random() >= self.visit_rate:
            return
        visited = clicked + timedelta(seconds=random.uniform(10, 600))
        yield Reaction(visited, "page.viewed", {"path": "/pricing"}, channel="web")
        if random.random() < self.buy_rate:
            yield Reaction(visited + timedelta(days=random.uniform(1, 14)), "purchase.made")


class VirtualClock:
    """A clock that stands still until it is told to move on."""

    def __init__(self, start: datetime) -> None:
        self.now = clean_instant(start, "start")

    def __call__(self) -> datetime:
        """The present instant."""
        return self.now

    def move_to(self, instant: datetime) -> None:
        """Move on; never back."""
        if instant > self.now:
            self.now = instant


class NullSender:
    """Accepts every message and keeps none; it recognises a key for ever."""

    dedup_window = timedelta.max

    def send(self, envelopes: Iterable[Envelope], /) -> tuple[Receipt, ...]:
        """Accept all of them."""
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing to give back."""


@attrs.frozen(slots=True, kw_only=True)
class Simulation:
    """What came of it; `crm` answers every question about it.

    Attributes:
        crm: The runtime as it stands at the end.
        storage: Its store.
        until: The instant at which it stopped.
        moments: How many moments were decided.
        ticks: How often the clock was moved on.
        kinds: How many facts there were of each kind.
        trace: Digest of every fact in order; equal seeds give equal traces.
        leads: The ids of the people who arrived, in order.
    """

    crm: Nurture
    storage: Storage
    until: datetime
    moments: int
    ticks: int
    kinds: Mapping[str, int]
    trace: str
    leads: tuple[LeadId, ...]

    @property
    def sent(self) -> int:
        """How many messages the other side took over."""
        return sum(count for kind, count in self.kinds.items() if kind.endswith(".sent"))


_Coming: TypeAlias = Arrival | Broadcast | Turn | tuple[SubjectId, Reaction, Touchpoint | None]
"""Somebody who arrives, a broadcast, a switch, or something that a person does, with what brought it about."""


class _Stage:
    """The stage on which people arrive and act: a heap of what is to come, and the runtime."""

    def __init__(self, program: Program, clock: VirtualClock, behavior: Behaves, seed: int) -> None:
        self.clock = clock
        self.behavior = behavior
        self.program = program
        self.random = Random(seed)
        self.queue: list[tuple[datetime, int, _Coming]] = []
        self.count = 0
        self.kinds: Counter[str] = Counter()
        self.digest = blake2b(digest_size=16)
        self.people: dict[str, Lead] = {}
        self.unmet: list[Touchpoint] = []  # facts that came with an arrival, before the person is known here
        self.order: list[LeadId] = []
        self.keys = 0
        self.crm: Nurture | None = None

    def plan(self, at: datetime, what: _Coming) -> None:
        """Put something on the heap; equal instants keep the order in which they were planned."""
        self.count += 1
        heapq.heappush(self.queue, (at, self.count, what))

    def new_key(self) -> str:
        """A key for a fact that brings none: its number in the run."""
        self.keys += 1
        return f"sim-{self.keys}"

    def observe(self, fact: Touchpoint) -> None:
        """Note a fact, and let the person react to it."""
        self.kinds[fact.kind] += 1
        self.digest.update(f"{fact.id}|{fact.kind}|{fact.at.isoformat()}\n".encode())
        lead = self.people.get(fact.subject)
        if lead is None:
            self.unmet.append(fact)
            return
        self._react(fact, lead)

    def _react(self, fact: Touchpoint, lead: Lead) -> None:
        for reaction in self.behavior.react(fact, lead, self.random):
            self.plan(fact.at + reaction.after, (fact.subject, reaction, fact))

    def act(self, crm: Nurture, until: datetime) -> None:
        """Let everything happen that is due by now; facts that follow one another are recorded together."""
        queue, end = self.queue, min(self.clock.now, until)
        facts: list[NewFact] = []
        while True:
            while queue and queue[0][0] <= end:
                at, _, what = heapq.heappop(queue)
                if isinstance(what, tuple) and what[1].kind != "unsubscribe":
                    facts.append(_new_fact(at, *what))
                    continue
                if facts:
                    crm.record_many(facts)
                    facts = []
                if isinstance(what, Arrival):
                    self._arrive(crm, at, what)
                elif isinstance(what, Broadcast):
                    _give(crm, what)
                elif isinstance(what, Turn):
                    what.turn(crm)
                else:
                    _refuse(crm, what[0], what[2])
            if not facts:
                return
            crm.record_many(facts)  # what people do about them may be due as well
            facts = []

    def _arrive(self, crm: Nurture, at: datetime, arrival: Arrival) -> None:
        self.unmet.clear()
        fields = dict(arrival.lead)
        if arrival.account is not None:
            fields["account"] = crm.capture_account(**{"at": at, **arrival.account}).id  # type: ignore[arg-type]
        lead = crm.capture(**{"at": at, **fields})  # type: ignore[arg-type]
        if lead.id not in self.people:
            self.order.append(lead.id)
        self.people[lead.id] = lead
        for fact in self.unmet:
            if fact.subject == lead.id:
                self._react(fact, lead)
        self.unmet.clear()
        for word in arrival.words:
            _say(crm, lead, arrival, word)
        for reaction in arrival.facts:
            self.plan(at + reaction.after, (lead.id, reaction, None))


def _say(crm: Nurture, lead: Lead, arrival: Arrival, word: Consent) -> None:
    """Write down what somebody said: explicitly, or as it came along with the arrival.

    A sender, topic or channel that the program does not know is no mistake here: it was said to another program, and
    concerns no message of this one, so it is left out.
    """
    with suppress(UnknownNameError):
        if not word.explicit:
            crm.capture(**{**arrival.lead, "consent": word})  # type: ignore[arg-type]
            return
        said: dict[str, object] = {field.name: getattr(word, field.name) for field in attrs.fields(Consent)}
        del said["explicit"]
        crm.consent(lead.id, **said)  # type: ignore[arg-type]


def _refuse(crm: Nurture, subject: SubjectId, cause: Touchpoint | None) -> None:
    """Unsubscribe from the sender of the mail that brought it about."""
    effect: Effect | None = None
    if cause is not None and cause.cause is not None:
        with crm.storage.view() as view:
            effect = view.get(Effect, [cause.cause]).get(cause.cause)
    crm.unsubscribe(LeadId(subject), entity=effect.entity if effect is not None else "", source="simulated")


def _give(crm: Nurture, broadcast: Broadcast) -> None:
    """Give a broadcast, and approve it if somebody has to: actions succeed in a simulation, and so do approvals."""
    identity = crm.broadcast(broadcast)
    if broadcast.approval is not None:
        crm.approve_broadcast(identity, by="simulated", role=broadcast.approval)


def _new_fact(at: datetime, subject: SubjectId, reaction: Reaction, cause: Touchpoint | None) -> NewFact:
    return NewFact(
        subject=subject,
        kind=reaction.kind,
        properties=reaction.properties,
        at=at,
        origin=reaction.origin,
        channel=reaction.channel,
        cause=cause.cause if cause is not None and reaction.kind.startswith("email.") else None,
    )


def simulate(
    program: Program,
    arrivals: Iterable[Arrival | Lead],
    *,
    until: datetime,
    start: datetime | None = None,
    broadcasts: Iterable[Broadcast] = (),
    switches: Iterable[Turn] = (),
    behavior: Behaves | None = None,
    seed: int = 0,
    every: timedelta | None = timedelta(minutes=1),
    storage: Callable[[VirtualClock], Storage] | None = None,
    senders: Mapping[str, Sender] | None = None,
    site: Site | None = None,
    actions: Mapping[str, Action] | None = None,
    owners: Mapping[str, str | Owner] | None = None,
    attachments: Mapping[str, AttachmentSource] | None = None,
    render: bool = True,
    progress: Callable[[datetime, float], None] | None = None,
) -> Simulation:
    """Run a program on a virtual clock.

    Args:
        program: What should follow from facts.
        arrivals: The people who arrive; a `Lead` arrives when it was created, as it is.
        until: When to stop.
        start: When to begin; None means the first arrival.
        broadcasts: Given at the beginning, and approved; those that are frozen or name their people are given when
            their instant comes, since nobody is there at the beginning.
        switches: Scenarios that are paused, resumed and stopped by hand.
        behavior: What people do; None is a plain model of openers and clickers.
        seed: The same seed gives the same trace.
        every: How often the worker looks; minutes in which nothing is due are jumped over. None jumps from
            one due instant to exactly the next. What is decided does not depend on it, only how late it is sent.
        storage: Makes the store from the virtual clock; None is a store in memory.
        senders: By channel; None accepts every message on every channel that the program uses.
        site: Base URL, secret and identity; None is an example.
        actions: The host's actions; those that the program declares and that are not given, succeed.
        owners: Who looks after leads: `Owner`s or addresses, by their ids.
        attachments: Files that messages name.
        render: Whether bodies are rendered; without, only the decisions are simulated.
        progress: Called now and then with the virtual instant and the share that is done.
    """
    people = sorted((each for index, one in enumerate(arrivals) for each in _arrivals(index, one)), key=_time_of)
    until = clean_instant(until, "until")
    if every is not None and every <= timedelta(0):
        raise DefinitionError("every: expected a positive time, or None for every due instant")
    begin = clean_instant(start, "start") if start is not None else people[0].at if people else until
    clock = VirtualClock(begin)
    stage = _Stage(program, clock, behavior or Behavior(), seed)
    for one in people:
        stage.plan(max(one.at, begin), one)
    for index, each in enumerate(broadcasts):
        _require_broadcast(index, each)
        stage.plan(max(each.at or begin, begin) if each.is_frozen else begin, each)
    for turn in switches:
        stage.plan(max(clean_instant(turn.at, "switches.at"), begin), turn)
    crm = Nurture(
        program,
        storage(clock) if storage is not None else _memory(clock),
        senders=senders if senders is not None else {one.channel: NullSender() for one in program.messages},
        site=site or _example_site(),
        actions={name: _succeed for name in program.actions} | dict(actions or {}),
        owners=owners,
        attachments=attachments,
        observers=(stage.observe,),
        render=render,
        new_key=stage.new_key,
    )
    with _rarely_collecting():
        moments, ticks = _play(crm, stage, until, every, progress)
    return Simulation(
        crm=crm,
        storage=crm.storage,
        until=until,
        moments=moments,
        ticks=ticks,
        kinds=dict(sorted(stage.kinds.items())),
        trace=stage.digest.hexdigest(),
        leads=tuple(stage.order),
    )


@contextmanager
def _rarely_collecting() -> Generator[None]:
    """Let Python look for reference cycles rarely: a simulation makes millions of records and no cycle."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _require_broadcast(index: int, given: object) -> None:
    if not isinstance(given, Broadcast):
        raise DefinitionError(f"broadcasts[{index}]: expected a Broadcast, found {type(given).__name__}")


def _time_of(arrival: Arrival) -> datetime:
    return arrival.at


def _arrivals(index: int, given: object) -> Iterator[Arrival]:
    """The arrival, and one more for each word that was said later; then the person is known already."""
    arrival = _arrival(index, given)
    later = [word for word in arrival.words if word.at > arrival.at]
    yield attrs.evolve(arrival, words=tuple(word for word in arrival.words if word.at <= arrival.at))
    known = {name: value for name, value in arrival.lead.items() if name in (*IDENTIFIERS, "external_ids") and value}
    for word in later:
        yield Arrival(at=word.at, lead=known, words=(word,))


def _arrival(index: int, given: object) -> Arrival:
    if isinstance(given, Lead):
        fields: dict[str, object] = {name: getattr(given, name) for name in TEXT_FIELDS if name != "account"}
        fields |= {"external_ids": given.external_ids, "attributes": given.attributes, "tags": given.tags}
        words = tuple(sorted(given.consents, key=lambda word: word.at))
        return Arrival(at=given.created_at, lead=fields, words=words)
    if not isinstance(given, Arrival):
        raise InvalidFactError(f"arrivals[{index}]", "an Arrival or a Lead", found=type(given).__name__)
    unknown = sorted(set(given.lead) - _CAPTURED)
    if unknown:
        raise UnknownNameError("field", unknown[0], _CAPTURED, where=f"arrivals[{index}].lead")
    return given


_CAPTURED = frozenset(inspect.signature(Nurture.capture).parameters) - {"self"}


def _play(
    crm: Nurture,
    stage: _Stage,
    until: datetime,
    every: timedelta | None,
    progress: Callable[[datetime, float], None] | None,
) -> tuple[int, int]:
    clock, begin = stage.clock, stage.clock.now
    span = (until - begin) / MICROSECOND or 1.0
    moments = ticks = 0
    while (following := _next_instant(crm, stage, every, begin)) is not None and following <= until:
        clock.move_to(following)
        stage.act(crm, until)
        moments += crm.tick(TICK_AT_ONCE).decided.moments
        ticks += 1
        if progress is not None and ticks % 64 == 0:
            progress(clock.now, min(1.0, (clock.now - begin) / MICROSECOND / span))
    clock.move_to(until)
    if progress is not None:
        progress(until, 1.0)
    return moments, ticks


def _next_instant(crm: Nurture, stage: _Stage, every: timedelta | None, begin: datetime) -> datetime | None:
    with crm.storage.view() as view:
        due = view.next_due_at()
    upcoming = [instant for instant in (due, stage.queue[0][0] if stage.queue else None) if instant is not None]
    if not upcoming:
        return None
    following = max(min(upcoming) + MICROSECOND, stage.clock.now)
    if every is None:
        return following
    steps = -((begin - following) // every)
    return begin + steps * every


def _memory(clock: VirtualClock) -> Storage:
    from nurture.storage import MemoryStorage

    return MemoryStorage(clock=clock)


def _example_site() -> Site:
    identity = SenderIdentity(
        "Example", "news@example.com", postal_address="1-1-1 Example, Tokyo", complaint_contact="help@example.com"
    )
    return Site("https://crm.example.com", secret="simulation-only-secret", identity=identity)


def _succeed(_key: str, _subject: SubjectId, _params: Mapping[str, object], /) -> Receipt:
    return Accepted()


__all__ = ["Arrival", "Behaves", "Behavior", "NullSender", "Reaction", "Simulation", "Turn", "VirtualClock", "simulate"]
