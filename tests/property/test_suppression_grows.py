"""Invariant 14: suppression only grows by machine; only a newer explicit consent lifts what an unsubscribe brought.

People are captured, imported, asked, unsubscribed, suppressed, bounced, erased and captured again, by two senders and
two topics. A model in its plainest form says who may be written to; every mail that goes, and every one that does not,
is compared with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nurture import Message, Nurture, Program, Scenario, Site, minutes, q
from nurture.model import Consent, EffectState, LeadId, Purpose, Suppression
from nurture.ports import Accepted, Rejected
from nurture.program import ContactPolicy, Topic
from nurture.simulation import VirtualClock
from nurture.steps import send
from nurture.storage import MemoryStorage, SqlStorage
from nurture.testing import FakeSender
from tests.stores import IDENTITY, T0

ADDRESSES = ("a@example.jp", "b@example.jp")
ENTITIES = ("", "brand")
TOPICS = ("", "news")
MESSAGES = [(entity, topic) for entity in ENTITIES for topic in TOPICS]
PROGRAM = Program(
    topics=[Topic("news")],
    messages=[
        Message(f"m{number}", "marketing", "Hello", "Hello", entity=entity, topic=topic)
        for number, (entity, topic) in enumerate(MESSAGES)
    ],
    scenarios=[
        Scenario(f"s{number}", q.touches(f"form{number}.submitted"), [send(f"m{number}")], reentry="always")
        for number in range(len(MESSAGES))
    ],
    policy=ContactPolicy(),
)
SITE = Site("https://crm.example.com", secret="s" * 32, identity=IDENTITY, identities={"brand": IDENTITY})
addresses, entities, topics = st.sampled_from(ADDRESSES), st.sampled_from(ENTITIES), st.sampled_from(TOPICS)

sources = st.sampled_from(["form", "import"])


@attrs.frozen
class Word:
    """What a person said, as the model keeps it."""

    given: bool
    explicit: bool
    entity: str
    topic: str
    at: datetime

    def covers(self, entity: str, topic: str) -> bool:
        return self.entity == entity and self.topic in ("", topic)


class Refusals(RuleBasedStateMachine):
    """Two addresses, and all that is done to them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock(T0)
        self.sender = FakeSender()
        self.leads: dict[str, LeadId] = {}
        self.words: dict[str, list[Word]] = {one: [] for one in ADDRESSES}
        self.suppressed: dict[str, list[tuple[bool, str | None, datetime]]] = {one: [] for one in ADDRESSES}
        self.known: dict[str, tuple[Suppression, ...]] = dict.fromkeys(ADDRESSES, ())

    @initialize(is_sql=st.just(False))
    def open(self, is_sql: bool) -> None:
        self.folder = TemporaryDirectory() if is_sql else None
        path = f"sqlite:///{self.folder.name}/crm.db" if self.folder else ""
        storage = SqlStorage(path, clock=self.clock) if is_sql else MemoryStorage(clock=self.clock, through_codec=True)
        self.crm = Nurture(PROGRAM, storage, senders={"email": self.sender}, site=SITE)
        for address in ADDRESSES:
            self.leads[address] = self.crm.capture(email=address).id

    def teardown(self) -> None:
        if hasattr(self, "crm"):
            self.crm.close()
            if self.folder:
                self.folder.cleanup()

    def now(self) -> datetime:
        """A later instant than any before."""
        self.clock.move_to(self.clock.now + minutes(1))
        return self.clock.now

    def said(self, address: str, given: bool, explicit: bool, entity: str, topic: str, at: datetime) -> None:
        self.words[address].append(Word(given, explicit, entity, topic, at))

    @rule(
        address=addresses,
        entity=entities,
        topic=topics,
        given=st.booleans(),
        source=st.sampled_from(["form", "import"]),
    )
    def captured_with_a_word(self, address: str, entity: str, topic: str, given: bool, source: str) -> None:
        at = self.now()
        word = Consent(at=at, given=given, entity=entity, topic=topic, source=source)
        self.leads[address] = self.crm.capture(email=address, source=source, consent=word).id
        self.said(address, given, False, entity, topic, at)

    @rule(address=addresses)
    def captured_without_a_word(self, address: str) -> None:
        self.now()
        self.leads[address] = self.crm.capture(email=f" {address.upper()} ", name="A").id

    @rule(address=addresses, entity=entities, topic=topics)
    def agreed_explicitly(self, address: str, entity: str, topic: str) -> None:
        at = self.now()
        if address in self.leads:
            self.crm.consent(self.leads[address], entity=entity, topic=topic, at=at)
            self.said(address, True, True, entity, topic, at)

    @rule(address=addresses, entity=entities, topic=topics)
    def unsubscribed(self, address: str, entity: str, topic: str) -> None:
        self.now()
        if address in self.leads:
            self.crm.unsubscribe(self.leads[address], entity=entity, topic=topic)
            at = self._last(address)
            self.said(address, False, True, entity, topic, at)
            if not topic:
                self.suppressed[address].append((False, entity, at))

    @rule(address=addresses)
    def unsubscribed_from_everything(self, address: str) -> None:
        self.now()
        if address in self.leads:
            self.crm.unsubscribe(self.leads[address], everything=True)
            at = self._last(address)
            for entity in ENTITIES:
                self.said(address, False, True, entity, "", at)
            self.suppressed[address].append((False, None, at))

    def _last(self, address: str) -> datetime:
        return max(one.at for one in self.crm.lead(self.leads[address]).consents if not one.given)

    @rule(
        address=addresses,
        purpose=st.sampled_from([None, Purpose.MARKETING]),
        entity=st.sampled_from([None, *ENTITIES]),
        reason=st.sampled_from(["imported", "complained"]),
    )
    def suppressed_by_hand(self, address: str, purpose: Purpose | None, entity: str | None, reason: str) -> None:
        self.now()
        known = self.crm.suppress(address.upper(), reason=reason, purpose=purpose, entity=entity)
        at = max(one.at for one in known)
        self.suppressed[address].append((purpose is None, entity, at))

    @rule(address=addresses)
    def gone(self, address: str) -> None:
        self.now()
        if address in self.leads:
            with self.crm.storage.begin() as unit:
                unit.erase(self.leads.pop(address))
            self.words[address] = []

    @rule(
        address=addresses,
        number=st.integers(0, len(MESSAGES) - 1),
        says_yes=st.sampled_from(["", "", "explicitly", "by import"]),
        bounces=st.sampled_from([False, False, True]),
    )
    def written_to(self, address: str, number: int, says_yes: str, bounces: bool) -> None:
        self.now()
        if says_yes == "by import":
            self.captured_with_a_word(address, *MESSAGES[number], True, "import")
        elif says_yes:
            self.agreed_explicitly(address, *MESSAGES[number])
        if address not in self.leads:
            return
        lead = self.leads[address]
        before = {effect.id for effect in self.crm.effects(lead)}
        self.crm.record(lead, f"form{number}.submitted")
        self.now()
        self.crm.decide()
        may = self._may(address, *MESSAGES[number])
        outcome = Rejected("user_unknown", permanent_address=True) if bounces else Accepted()
        if may:
            self.sender.then(outcome)
        attempts = len(self.sender.attempts)
        self.crm.deliver()
        (effect,) = (effect for effect in self.crm.effects(lead) if effect.id not in before)
        assert (len(self.sender.attempts) > attempts) == may, f"{effect.state} {effect.reason}"
        if not may:
            assert effect.state is EffectState.WITHHELD
        elif bounces:
            at = max(one.at for one in self.crm.suppression(address) if one.reason == "bounced")
            self.suppressed[address].append((True, None, at))

    def _may(self, address: str, entity: str, topic: str) -> bool:
        """Whether the message may go, in the plainest form."""
        words = [one for one in self.words[address] if one.covers(entity, topic)]
        yes = [one for one in words if one.given]
        free = [one.at for one in yes if one.explicit]
        refusals = [one.at for one in words if not one.given]
        for is_total, whose, at in self.suppressed[address]:
            if whose in (None, entity) and (is_total or not any(one > at for one in free)):
                return False
        return bool(yes) and (not refusals or any(one > max(refusals) for one in free))

    @invariant()
    def suppression_only_grows(self) -> None:
        for address in ADDRESSES if self.leads else ():
            known = self.crm.suppression(address)
            before, after = _newest(self.known[address]), _newest(known)
            assert before.keys() <= after.keys(), "a suppression went away"
            assert all(before[key] <= after[key] for key in before), "a suppression got older"
            self.known[address] = known


def _newest(some: tuple[Suppression, ...]) -> Mapping[tuple[Purpose | None, str | None, str], datetime]:
    newest: dict[tuple[Purpose | None, str | None, str], datetime] = {}
    for one in sorted(some, key=lambda one: one.at):
        newest[one.purpose, one.entity, one.reason] = one.at
    return newest


class RefusalsOnSqlite(Refusals):
    """The same on a store that is a file."""

    @initialize(is_sql=st.just(True))
    def open(self, is_sql: bool) -> None:
        super().open(is_sql)


relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
Refusals.TestCase.settings = settings(parent=relaxed, max_examples=100, stateful_step_count=20)
test_i14_in_memory = Refusals.TestCase
RefusalsOnSqlite.TestCase.settings = settings(parent=relaxed, max_examples=10, stateful_step_count=20)
test_i14_on_sqlite = RefusalsOnSqlite.TestCase


class LongRefusals(Refusals):
    """The same, longer."""


class LongRefusalsOnSqlite(RefusalsOnSqlite):
    """The same, longer."""


LongRefusals.TestCase.settings = settings(parent=relaxed, max_examples=1_000, stateful_step_count=50)
test_i14_in_memory_for_long = pytest.mark.stress(LongRefusals.TestCase)
LongRefusalsOnSqlite.TestCase.settings = settings(parent=relaxed, max_examples=200, stateful_step_count=50)
test_i14_on_sqlite_for_long = pytest.mark.stress(LongRefusalsOnSqlite.TestCase)
