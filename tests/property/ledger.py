"""A store on paper for one lead or account: it keeps what `advance` decides, so that only deciding is tested.

It loads no more facts than the program's reach asks for, as a real store may.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zlib import crc32

import attrs

from nurture import Program
from nurture.decisions import Decision, advance, plan_of, say
from nurture.decisions.folding import changed_properties
from nurture.model import (
    Account,
    DecisionRecord,
    Dossier,
    Effect,
    EffectKind,
    EffectState,
    Fact,
    FactId,
    Lead,
    Origin,
    Pending,
    Standing,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
    fact_id,
)
from tests.strategies import HORIZON, MICROSECOND, START, Happening, a_lead

WORDS = ("sent", "sent", "failed", "withheld", "unknown")
REASONS = {"failed": ("refused",), "withheld": ("no_address", "no_consent", "too_late")}


class Ledger:
    """One lead under one program; with an account in place of the lead, that account.

    Attributes:
        words: What the lead said to its accounts; these are facts of theirs.
    """

    def __init__(self, program: Program, lead: Lead | None = None, account: Account | None = None) -> None:
        self.program = program
        self.lead: Lead = lead or a_lead()
        self.account = account
        self.words: list[Touchpoint] = []
        self.standing: Standing | None = None
        self.facts: dict[str, Touchpoint] = {}
        self.inbox: dict[str, Pending] = {}
        self.effects: dict[str, Effect] = {}
        self.receipts: dict[str, Touchpoint] = {}
        self.records: dict[str, DecisionRecord] = {}
        self.moments = 0
        created = Fact.LEAD_CREATED if account is None else Fact.ACCOUNT_CREATED
        self.receive(fact_of("created", created, START, START, {}, Origin.HOST, self.subject.id))

    @property
    def subject(self) -> Lead | Account:
        """Whom it is about."""
        return self.account or self.lead

    def receive(self, fact: Touchpoint) -> None:
        """Take a fact in, as a store does: with its inbox row, once."""
        if fact.id not in self.facts:
            self.facts[fact.id] = fact
            self.inbox[fact.id] = Pending(max(fact.at, fact.received_at), fact)

    def happen(self, one: Happening, number: int) -> None:
        """Let something of a history happen to the lead."""
        key = f"{one.received_at.isoformat()}:{number}"
        if one.kind.startswith("host changes"):
            self._change(one, key)
        else:
            origin = Origin.LEAD if one.kind not in set(Fact) - {"email.clicked"} else Origin.HOST
            self.receive(fact_of(key, one.kind, one.at, one.received_at, one.properties, origin, self.subject.id))

    def _change(self, one: Happening, key: str) -> None:
        if self.account is not None:
            return
        before = {name: self.lead.values.get(name) for name in one.properties}
        name, value = next(iter(one.properties.items()))
        own = name in ("title", "account")
        fields = {name: value} if own else {"attributes": {**self.lead.attributes, name: value}}
        self.lead = attrs.evolve(self.lead, version=self.lead.version + 1, **fields)  # type: ignore[arg-type]
        told = changed_properties(self.lead.version, before, one.properties)
        self.receive(fact_of(key, Fact.LEAD_CHANGED, one.at, one.received_at, told, Origin.HOST))

    def settle(self, receipt: Touchpoint) -> None:
        """Take in what became of an effect, or what somebody answered."""
        if receipt.cause is not None:
            self.receipts[receipt.cause] = receipt
        self.receive(receipt)

    def tick(self, now: datetime) -> tuple[Effect, ...]:
        """Decide everything before `now`; the answer is what is to be done in the world."""
        planned: tuple[Effect, ...] = ()
        while True:
            decision = advance(self.program, self._dossier(), now)
            if decision.standing is not None:
                self._keep(decision)
                planned += decision.effects
            if not decision.more:
                return planned

    def _keep(self, decision: Decision) -> None:
        self.standing = self._heard(decision.standing)
        self.lead = decision.subject if isinstance(decision.subject, Lead) else self.lead
        for fact in decision.folded:
            del self.inbox[fact]
        for fact in decision.facts:
            assert fact.id not in self.facts, f"{fact.kind} has the id of an older fact"
            self.facts[fact.id] = fact
        self.effects |= {effect.id: effect for effect in decision.effects}
        for record in decision.records:
            assert record.id not in self.records, "two records of one moment"
            self.records[record.id] = record
        self.moments += decision.moments

    def _heard(self, standing: Standing | None) -> Standing | None:
        """The standing once everything is told that is to be told, as the runtime does it after each commit."""
        if standing is None or standing.telling is None or standing.dead is not None:
            return standing
        if self.account is None:
            after, words = say("default", standing, standing.advanced_to or START)
            self.words += words
            return after
        due_at = min(standing.agenda.values(), default=None)
        return attrs.evolve(standing, telling=None, due_at=due_at)

    def next_due(self) -> datetime | None:
        """When something is to be decided next."""
        due = [pending.due_at for pending in self.inbox.values()]
        if self.standing is not None and self.standing.due_at is not None:
            due.append(self.standing.due_at)
        return min(due, default=None)

    def _dossier(self) -> Dossier:
        return Dossier(
            subject=self.subject,
            standing=self.standing,
            facts=tuple(self._in_reach()),
            inbox=tuple(sorted(self.inbox.values(), key=lambda one: (one.due_at, one.fact.id))),
            effects=tuple(one for one in self.effects.values() if one.is_open and one.id not in self.receipts),
        )

    def _in_reach(self) -> Iterable[Touchpoint]:
        """The decided facts that the program's reach asks for, and not one more."""
        kind = SubjectKind.LEAD if self.account is None else SubjectKind.ACCOUNT
        reach = plan_of(self.program, kind).reach
        decided = sorted((one for one in self.facts.values() if one.id not in self.inbox), key=lambda one: one.sort_key)
        found: list[Touchpoint] = []
        for kind in {one.kind for one in decided}:
            need = reach.need(kind)
            if need is None or self.standing is None or self.standing.advanced_to is None:
                continue
            some = [one for one in decided if one.kind == kind]
            if need.window is not None:
                some = [one for one in some if one.at > self.standing.advanced_to - need.window]
            found += some if need.newest is None else some[-need.newest :]
        return sorted(found, key=lambda one: one.sort_key)

    def outcome(self) -> dict[str, object]:
        """Everything that was decided, without what may differ with the number of commits: versions and revisions."""
        assert self.standing is not None
        return {
            "standing": in_order(self.standing),
            "lead": attrs.evolve(self.lead, version=1),
            "facts": {one.id: without_revision(one) for one in self.facts.values()},
            "effects": {one.id: attrs.evolve(one, version=1) for one in self.effects.values()},
            "records": self.records,
        }


def in_order(standing: Standing) -> Standing:
    """The standing without what depends on how many commits there were."""
    runs = tuple(sorted(standing.enrollments, key=lambda run: (run.started_at, run.id)))
    return attrs.evolve(standing, version=1, enrollments=runs)


def without_revision(fact: Touchpoint) -> Touchpoint:
    """The fact without what depends on how many commits there were."""
    if fact.kind != Fact.LEAD_CHANGED:
        return fact
    kept = {name: value for name, value in fact.properties.items() if name != "revision" and "before." not in name}
    return attrs.evolve(fact, properties=kept)


def fact_of(
    key: str,
    kind: str,
    at: datetime,
    received_at: datetime,
    properties: dict[str, Value],
    origin: Origin,
    subject: SubjectId | None = None,
) -> Touchpoint:
    """A fact of the one lead, or of another subject."""
    subject = subject or a_lead().id
    identity = FactId(fact_id("default", subject, f"{kind}:{key}"))
    return Touchpoint(
        id=identity,
        subject=subject,
        kind=kind,
        at=at,
        received_at=received_at,
        origin=origin,
        properties=properties,
    )


def receipt_of(effect: Effect) -> Touchpoint:
    """What becomes of an effect: when and how is a function of its id, so that it is the same in every run."""
    dice = crc32(effect.id.encode())
    late = (MICROSECOND, timedelta(seconds=40), timedelta(hours=7))[dice % 3]
    word = WORDS[dice // 3 % len(WORDS)]
    prefix = "email" if effect.kind is EffectKind.MESSAGE else str(effect.kind)
    at = effect.planned_at + late
    properties: dict[str, Value] = {"effect": effect.id, "name": effect.name, "claimed_at": at - late / 2}
    if word in REASONS:
        properties["reason"] = REASONS[word][dice // 15 % len(REASONS[word])]
    return Touchpoint(
        id=FactId(f"receipt_{effect.id}"),
        subject=effect.subject,
        kind=f"{prefix}.{'done' if not effect.is_message and word == 'sent' else word}",
        at=at,
        received_at=at,
        origin=Origin.ENGINE,
        properties=properties,
        cause=effect.id,
    )


ASKING = (Fact.APPROVAL_REQUESTED, Fact.TASK_CREATED)
"""The facts that wait for somebody's word."""


def answer_of(asked: Touchpoint) -> Touchpoint | None:
    """What somebody answers to a request or does about a task, and when; a function of its id, as receipts are."""
    if asked.kind == Fact.TASK_CREATED:
        return closing_of(asked)
    dice = crc32(asked.id.encode())
    kind = (Fact.APPROVAL_GIVEN, Fact.APPROVAL_GIVEN, Fact.APPROVAL_REFUSED, None)[dice % 4]
    if kind is None:
        return None
    at = asked.at + (MICROSECOND, timedelta(hours=2), timedelta(days=2))[dice // 4 % 3]
    return fact_of(asked.id, kind, at, at, dict(asked.properties), Origin.HOST, asked.subject)


def closing_of(created: Touchpoint) -> Touchpoint:
    """How a task ends, likewise: in time or too late, and sometimes with an outcome that it does not have."""
    task = str(created.properties["task"])
    dice = crc32(task.encode())
    at = created.at + (MICROSECOND, timedelta(hours=5), timedelta(days=4))[dice % 3]
    told: dict[str, Value] = {"task": task, "outcome": ("done", "again", "lost")[dice // 3 % 3]}
    return fact_of(task, Fact.TASK_CLOSED, at, at, told, Origin.HOST, created.subject)


def live(
    program: Program,
    history: list[Happening],
    lead: Lead | None = None,
    account: Account | None = None,
    *,
    ledger: Ledger | None = None,
) -> tuple[Ledger, list[tuple[datetime, Touchpoint]]]:
    """Play a history with a tick at every instant at which anything happens; the receipts are kept for replays."""
    ledger = ledger or Ledger(program, lead, account)
    coming = list(enumerate(history))
    waiting: dict[str, Touchpoint] = {}
    given: list[tuple[datetime, Touchpoint]] = []
    while True:
        instants = [one.received_at for _, one in coming[:1]] + [one.at for one in waiting.values()]
        due = ledger.next_due()
        moment = min([*instants, *([due] if due is not None else [])], default=HORIZON)
        if moment >= HORIZON or (ledger.standing is not None and ledger.standing.dead):
            ledger.tick(HORIZON)
            return ledger, given
        while coming and coming[0][1].received_at <= moment:
            number, one = coming.pop(0)
            ledger.happen(one, number)
        for key in [key for key, one in waiting.items() if one.at <= moment]:
            receipt = waiting.pop(key)
            if receipt.cause is None or ledger.effects[key].state is EffectState.PLANNED:
                ledger.settle(receipt)
                given.append((receipt.received_at, receipt))
        known = set(ledger.facts)
        waiting |= {one.id: receipt_of(one) for one in ledger.tick(moment + MICROSECOND) if one.is_open}
        asked = [fact for key, fact in ledger.facts.items() if fact.kind in ASKING and key not in known]
        waiting |= {fact.id: answer for fact in asked if (answer := answer_of(fact)) is not None}


def replay(
    program: Program,
    history: list[Happening],
    receipts: list[tuple[datetime, Touchpoint]],
    ticks: list[datetime],
    lead: Lead | None = None,
    account: Account | None = None,
    *,
    ledger: Ledger | None = None,
) -> Ledger:
    """Play the same history with the same receipts and ticks at these instants, and one at the end."""
    ledger = ledger or Ledger(program, lead, account)
    script: list[tuple[datetime, int, Happening | Touchpoint]] = [
        (one.received_at, number, one) for number, one in enumerate(history)
    ]
    script += [(at, -1, one) for at, one in receipts]
    script.sort(key=lambda entry: entry[0])
    for now in (*ticks, HORIZON):
        while script and script[0][0] < now:
            _, number, one = script.pop(0)
            ledger.settle(one) if isinstance(one, Touchpoint) else ledger.happen(one, number)
        ledger.tick(now)
    return ledger
