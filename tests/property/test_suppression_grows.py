"""Invariant 14: suppression only grows by machine; only a newer explicit consent lifts what an unsubscribe brought.

People are captured, imported, asked, unsubscribed by hand and by the links of mails, suppressed, bounced, erased and
captured again, by two senders and two topics; some agreements end by themselves. A model in its plainest form says who
may be written to; every mail that goes, and every one that does not, is compared with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nurture import Message, Nurture, Program, Scenario, Site, minutes, q
from nurture.mail.links import make_unsubscribe_link
from nurture.model import ANY_CHANNEL, ANY_ENTITY, Consent, EffectState, LeadId, Purpose, Suppression
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
endings = st.sampled_from([None, None, 2, 5, 12])
"""After so many minutes an agreement ends; a step takes one or two."""


@attrs.frozen
class Word:
    """What a person said, as the model keeps it; without a sender it is towards all of them."""

    given: bool
    explicit: bool
    entity: str | None
    topic: str
    at: datetime
    ends_at: datetime | None = None

    def covers(self, entity: str, topic: str) -> bool:
        return self.entity in (None, entity) and self.topic in ("", topic)

    def lives(self, now: datetime) -> bool:
        return self.ends_at is None or now < self.ends_at

    def lifts(self, refusal: Word | Stop) -> bool:
        """Whether it takes a refusal back: said to us, later, and by name where a topic was refused by name."""
        return (
            self.given and self.explicit and self.at > refusal.at and (not refusal.topic or self.topic == refusal.topic)
        )


@attrs.frozen
class Stop:
    """What an address refuses, as the model keeps it; it stays when the lead is gone."""

    at: datetime
    entity: str | None = None
    topic: str = ""
    is_total: bool = False

    def covers(self, entity: str, topic: str) -> bool:
        return self.entity in (None, entity) and self.topic in ("", topic)


class Refusals(RuleBasedStateMachine):
    """Two addresses, and all that is done to them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock(T0)
        self.sender = FakeSender()
        self.leads: dict[str, LeadId] = {}
        self.words: dict[str, list[Word]] = {one: [] for one in ADDRESSES}
        self.stops: dict[str, list[Stop]] = {one: [] for one in ADDRESSES}
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

    def agreed(
        self, address: str, explicit: bool, entity: str, topic: str, at: datetime, ends_at: datetime | None
    ) -> None:
        self.words[address].append(Word(True, explicit, entity, topic, at, ends_at))

    def refused(self, address: str, explicit: bool, entity: str | None, topic: str, at: datetime) -> None:
        """A refusal, whoever wrote it down: the address keeps it beyond the lead."""
        self.words[address].append(Word(False, explicit, entity, topic, at))
        self.stops[address].append(Stop(at, entity, topic))

    @rule(address=addresses, entity=entities, topic=topics, given=st.booleans(), source=sources, ends=endings)
    def captured_with_a_word(
        self, address: str, entity: str, topic: str, given: bool, source: str, ends: int | None = None
    ) -> None:
        at = self.now()
        ends_at = at + minutes(ends) if ends is not None and given else None
        word = Consent(at=at, given=given, entity=entity, topic=topic, source=source, expires_at=ends_at)
        self.leads[address] = self.crm.capture(email=address, source=source, consent=word).id
        if given:
            self.agreed(address, False, entity, topic, at, ends_at)
        else:
            self.refused(address, False, entity, topic, at)

    @rule(address=addresses, source=sources)
    def captured_refusing_everything(self, address: str, source: str) -> None:
        at = self.now()
        word = Consent(at=at, given=False, entity=ANY_ENTITY, channel=ANY_CHANNEL, source=source)
        self.leads[address] = self.crm.capture(email=address, source=source, consent=word).id
        self.refused(address, False, None, "", at)

    @rule(address=addresses)
    def captured_without_a_word(self, address: str) -> None:
        self.now()
        self.leads[address] = self.crm.capture(email=f" {address.upper()} ", name="A").id

    @rule(address=addresses, entity=entities, topic=topics, ends=endings)
    def agreed_explicitly(self, address: str, entity: str, topic: str, ends: int | None = None) -> None:
        at = self.now()
        if address in self.leads:
            ends_at = None if ends is None else at + minutes(ends)
            self.crm.consent(self.leads[address], entity=entity, topic=topic, at=at, expires_at=ends_at)
            self.agreed(address, True, entity, topic, at, ends_at)

    @rule(address=addresses, entity=entities, topic=topics, by_link=st.booleans())
    def unsubscribed(self, address: str, entity: str, topic: str, by_link: bool) -> None:
        self.now()
        if address in self.leads:
            lead = self.leads[address]
            if by_link:
                assert self.crm.unsubscribe_by(link_token(lead, entity, topic)) is not None
            else:
                self.crm.unsubscribe(lead, entity=entity, topic=topic)
            self.refused(address, True, entity, topic, self._last(address))

    @rule(address=addresses)
    def unsubscribed_from_everything(self, address: str) -> None:
        self.now()
        if address in self.leads:
            self.crm.unsubscribe(self.leads[address], everything=True)
            self.refused(address, True, None, "", self._last(address))

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
        self.stops[address].append(Stop(at, entity, is_total=purpose is None))

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
            self.stops[address].append(Stop(at, is_total=True))

    def _may(self, address: str, entity: str, topic: str) -> bool:
        """Whether the message may go, in the plainest form."""
        now = self.clock.now
        words = [one for one in self.words[address] if one.covers(entity, topic)]
        refusals = [one for one in words if not one.given]
        for stop in self.stops[address]:
            if stop.covers(entity, topic) and (
                stop.is_total or not any(one.lifts(stop) and one.lives(now) for one in words)
            ):
                return False
        if any(not any(one.lifts(refusal) for one in words) for refusal in refusals):
            return False
        since = max((one.at for one in refusals), default=T0)
        return any(one.given and one.lives(now) and one.at > since for one in words)

    @invariant()
    def suppression_only_grows(self) -> None:
        for address in ADDRESSES if self.leads else ():
            known = self.crm.suppression(address)
            before, after = _newest(self.known[address]), _newest(known)
            assert before.keys() <= after.keys(), "a suppression went away"
            assert all(before[key] <= after[key] for key in before), "a suppression got older"
            self.known[address] = known


def link_token(lead: LeadId, entity: str, topic: str) -> str:
    """The token of the unsubscribe link in a mail from a sender about a topic."""
    link = make_unsubscribe_link(SITE, "default", lead, f"eff_{'0' * 26}", Purpose.MARKETING, topic, entity)
    return link.rpartition("/")[2]


def _newest(some: tuple[Suppression, ...]) -> Mapping[tuple[Purpose | None, str | None, str, str], datetime]:
    newest: dict[tuple[Purpose | None, str | None, str, str], datetime] = {}
    for one in sorted(some, key=lambda one: one.at):
        newest[one.purpose, one.entity, one.topic, one.reason] = one.at
    return newest


class RefusalsOnSqlite(Refusals):
    """The same on a store that is a file."""

    @initialize(is_sql=st.just(True))
    def open(self, is_sql: bool) -> None:
        super().open(is_sql)


relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
Refusals.TestCase.settings = settings(parent=relaxed, max_examples=1_000, stateful_step_count=10)
test_i14_in_memory = Refusals.TestCase
RefusalsOnSqlite.TestCase.settings = settings(parent=relaxed, max_examples=10, stateful_step_count=20)
test_i14_on_sqlite = RefusalsOnSqlite.TestCase


class LongRefusals(Refusals):
    """The same, longer."""


class LongRefusalsOnSqlite(RefusalsOnSqlite):
    """The same, longer."""


LongRefusals.TestCase.settings = settings(parent=relaxed, max_examples=10_000, stateful_step_count=20)
test_i14_in_memory_for_long = pytest.mark.stress(LongRefusals.TestCase)
LongRefusalsOnSqlite.TestCase.settings = settings(parent=relaxed, max_examples=200, stateful_step_count=50)
test_i14_on_sqlite_for_long = pytest.mark.stress(LongRefusalsOnSqlite.TestCase)


@pytest.fixture
def people() -> Iterator[Refusals]:
    made = Refusals()
    made.open(is_sql=False)
    yield made
    made.teardown()


@pytest.mark.parametrize("topic", TOPICS)
def test_a_refusal_that_a_form_brought_outlives_the_lead(people: Refusals, topic: str) -> None:
    """Found by the machine above: the model of then forgot that such a refusal suppresses, and topics likewise."""
    for _ in range(3):
        people.gone("a@example.jp")
    people.captured_with_a_word("b@example.jp", "brand", topic, given=False, source="form")
    people.gone("b@example.jp")
    people.written_to("b@example.jp", 3 if topic else 2, says_yes="by import", bounces=False)
    (effect,) = people.crm.effects(people.leads["b@example.jp"])
    assert (effect.state, effect.reason) == (EffectState.WITHHELD, "unsubscribed")
    people.written_to("b@example.jp", 3 if topic else 2, says_yes="explicitly", bounces=False)
    assert people.crm.effects(people.leads["b@example.jp"])[0].state is EffectState.ACCEPTED


def test_a_general_yes_puts_back_no_topic(people: Refusals) -> None:
    people.captured_without_a_word("a@example.jp")
    people.unsubscribed("a@example.jp", "", "news", by_link=True)
    people.agreed_explicitly("a@example.jp", "", "")
    people.written_to("a@example.jp", 1, says_yes="", bounces=False)
    assert people.crm.effects(people.leads["a@example.jp"])[0].reason == "unsubscribed"


def test_a_trial_after_a_refusal_ends_no_agreement_that_lifted_it(people: Refusals) -> None:
    people.agreed_explicitly("a@example.jp", "", "")
    people.unsubscribed("a@example.jp", "", "", by_link=False)
    people.agreed_explicitly("a@example.jp", "", "", ends=90)
    people.agreed_explicitly("a@example.jp", "", "", ends=1)
    people.written_to("a@example.jp", 0, says_yes="", bounces=False)
    assert people.crm.effects(people.leads["a@example.jp"])[0].state is EffectState.ACCEPTED
