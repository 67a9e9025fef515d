"""The stage on which people arrive and act. Nothing here decides anything: the runtime does.

What is to come lies on a heap. Those who arrive are taken from an iterator, one by one, so that nobody is there
before the time comes. May import the runtime and what lies below it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from nurture.errors import UnknownNameError
from nurture.model import Consent, Effect, Lead, LeadId, SubjectId, Touchpoint
from nurture.program import Broadcast
from nurture.runtime import NewFact, Nurture
from nurture.simulation.people import Arrival, Behaves, Reaction

if TYPE_CHECKING:
    from nurture.simulation.clock import VirtualClock

_LATER: Final = 1 << 62
"""Numbers from here on are given to what is planned: at equal instants somebody who arrives comes first."""


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


Coming: TypeAlias = Arrival | Broadcast | Turn | tuple[SubjectId, Reaction, Touchpoint | None]
"""Somebody who arrives, a broadcast, a switch, or something that a person does, with what brought it about."""


class Stage:
    """A heap of what is to come, and what came of it so far.

    Args:
        clock: The virtual clock.
        arrivals: The people, in order of time.
        behavior: What they do.
        seed: Of all chance.
    """

    def __init__(self, clock: VirtualClock, arrivals: Iterator[Arrival], behavior: Behaves, seed: int) -> None:
        self.clock = clock
        self.begin = clock.now
        self.behavior = behavior
        self.random = Random(seed)
        self.queue: list[tuple[datetime, int, Coming]] = []
        self.kinds: Counter[str] = Counter()
        self.digest = blake2b(digest_size=16)
        self.people: dict[str, Lead] = {}
        self.unmet: list[Touchpoint] = []  # facts that came with an arrival, before the person is known here
        self.order: list[LeadId] = []
        self.count = _LATER
        self.keys = 0
        self.failure: Exception | None = None
        self._arrivals = arrivals
        self._arrived = 0
        self._expect_next()

    @property
    def sent(self) -> int:
        """How many messages the other side took over so far."""
        return sent_of(self.kinds)

    def plan(self, at: datetime, what: Coming) -> None:
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

    def act(self, crm: Nurture, until: datetime) -> None:
        """Let everything happen that is due by now; facts that follow one another are recorded together."""
        queue, end = self.queue, min(self.clock.now, until)
        facts: list[NewFact] = []
        while True:
            while queue and queue[0][0] <= end:
                at, number, what = heapq.heappop(queue)
                if number < _LATER:
                    self._expect_next()
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

    def check(self) -> None:
        """Raise what the behavior raised: a simulation of people who did not react is none."""
        if self.failure is not None:
            raise self.failure

    def _expect_next(self) -> None:
        """Put the next one who arrives on the heap: there is always one, and never a second."""
        following = next(self._arrivals, None)
        if following is not None:
            self._arrived += 1
            heapq.heappush(self.queue, (max(following.at, self.begin), self._arrived, following))

    def _react(self, fact: Touchpoint, lead: Lead) -> None:
        if self.failure is not None:
            return
        try:
            for reaction in self.behavior.react(fact, lead, self.random):
                self.plan(fact.at + reaction.after, (fact.subject, reaction, fact))
        except Exception as error:
            self.failure = error  # whoever tells us of facts would only log it

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


def sent_of(kinds: Mapping[str, int]) -> int:
    """How many messages the other side took over, of facts counted by their kinds."""
    return sum(count for kind, count in kinds.items() if kind.endswith(".sent"))


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
