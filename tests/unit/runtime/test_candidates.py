"""What is looked up when a message is claimed: holds and choices, in one batch, and nothing where nothing asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from nurture import Basis, ContactPolicy, Message, Nurture, Program, Scenario, days, hours, minutes, q
from nurture.model import EffectState, LeadId
from nurture.ports import Accepted, Deferred
from nurture.program import Block, Choice, Hold
from nurture.runtime import RolledOver
from nurture.simulation import NullSender, VirtualClock
from nurture.steps import send
from nurture.storage import MemoryStorage
from nurture.storage.memory import MemoryView
from nurture.testing import FakeSender
from tests.stores import SITE, STORES, T0, House, store_maker

SECOND = timedelta(seconds=1)
OFFER = Block(
    "offer",
    "for all",
    choices=[
        Choice("often", q.touches("page.viewed").within(days=7).count() >= 2, "often"),
        Choice("saas", q.account.industry == "SaaS", "saas"),
    ],
)
NEWS = Message("news", "marketing", "News", "{{ blocks.offer }}")
PLAIN = Message("plain", "marketing", "Plain", "Plain")
SCENARIOS = [Scenario(name, q.touches(f"{name}.wanted"), [send(name)], reentry="always") for name in ("news", "plain")]
PROGRAM = Program(
    messages=[NEWS, PLAIN],
    blocks=[OFFER],
    scenarios=SCENARIOS,
    policy=ContactPolicy(
        holds=[
            Hold("inquiry", q.touches("inquiry.opened").within(hours=6)),
            Hold("dispute", q.account.region == "disputed"),
        ]
    ),
)


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    made = House(PROGRAM, store_maker(request.param, tmp_path), render=False)
    yield made
    made.crm.close()


def someone(house: House, **fields: object) -> LeadId:
    return house.crm.capture(email="ada@example.com", consent=Basis.CONSENT, **fields).id  # type: ignore[arg-type]


def sent(house: House, lead: LeadId, name: str = "news") -> tuple[str, str, dict[str, object]]:
    house.crm.record(lead, f"{name}.wanted", origin="host")
    house.tick_at(house.clock.now + SECOND)
    newest = house.crm.effects(lead)[0]
    return newest.state.value, newest.reason, dict(newest.choices)


def test_what_the_blocks_chose_is_kept_with_the_effect(house: House) -> None:
    lead = someone(house)
    assert sent(house, lead) == ("accepted", "", {})
    for _ in range(2):
        house.crm.record(lead, "page.viewed")
    assert sent(house, lead) == ("accepted", "", {"offer": "often"})
    assert sent(house, lead, "plain") == ("accepted", "", {})


def test_a_choice_may_ask_the_account(house: House) -> None:
    firm = house.crm.capture_account(name="Acme", industry="SaaS")
    assert sent(house, someone(house, account=firm.id)) == ("accepted", "", {"offer": "saas"})


def test_a_hold_waits_and_lets_go_within_the_hour_after_it_ended(house: House) -> None:
    firm = house.crm.capture_account(name="Acme", region="disputed")
    lead = someone(house, account=firm.id)
    assert sent(house, lead)[:2] == ("planned", "hold_dispute")
    house.crm.update(firm.id, region="settled")
    house.tick_at(house.clock.now + minutes(30))
    assert house.crm.effects(lead)[0].state is EffectState.PLANNED
    house.tick_at(house.clock.now + minutes(31))
    assert house.crm.effects(lead)[0].state is EffectState.ACCEPTED


def test_a_hold_that_time_ends_is_looked_at_then(house: House) -> None:
    lead = someone(house)
    house.crm.record(lead, "inquiry.opened", at=T0 - hours(5) - minutes(50))
    assert sent(house, lead)[:2] == ("planned", "hold_inquiry")
    house.tick_at(T0 + minutes(10) + SECOND)
    assert house.crm.effects(lead)[0].state is EffectState.ACCEPTED


def test_a_hold_that_never_ends_withholds_the_message_at_its_last_instant(house: House) -> None:
    lead = someone(house, account=house.crm.capture_account(name="Acme", region="disputed").id)
    sent(house, lead)
    house.tick_at(T0 + days(6))
    assert house.crm.effects(lead)[0].state is EffectState.PLANNED
    house.tick_at(T0 + days(7) + minutes(1))
    house.tick_at(T0 + days(7) + minutes(2))
    assert house.crm.effects(lead)[0].reason == "too_late_hold_dispute"


def test_a_message_that_is_tried_again_keeps_what_was_chosen(tmp_path: Path) -> None:
    sender = FakeSender(outcomes=[Deferred("busy", retry_after=minutes(5)), Accepted()])
    house = House(PROGRAM, store_maker("memory", tmp_path), senders={"email": sender}, render=False)
    lead = someone(house)
    for _ in range(2):
        house.crm.record(lead, "page.viewed")
    assert sent(house, lead) == ("planned", "busy", {"offer": "often"})
    house.tick_at(T0 + days(5))
    house.clock.move_to(T0 + days(6))
    assert house.crm.effects(lead)[0].choices == {"offer": "often"}
    assert house.crm.effects(lead)[0].state is EffectState.ACCEPTED


def test_a_message_that_was_tried_without_a_choice_chooses_none_later(tmp_path: Path) -> None:
    sender = FakeSender(outcomes=[Deferred("busy", retry_after=minutes(5)), Accepted()])
    house = House(PROGRAM, store_maker("memory", tmp_path), senders={"email": sender}, render=False)
    lead = someone(house)
    sent(house, lead)
    for _ in range(2):
        house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + minutes(6))
    assert house.crm.effects(lead)[0].state is EffectState.ACCEPTED
    assert dict(house.crm.effects(lead)[0].choices) == {}


@pytest.mark.parametrize("kind", STORES)
def test_who_has_not_come_to_the_active_program_is_not_asked_yet(kind: str, tmp_path: Path) -> None:
    before = attrs.evolve(PROGRAM, policy=ContactPolicy())
    house = House(before, store_maker(kind, tmp_path), render=False)
    lead = someone(house, account=house.crm.capture_account(name="Acme", region="disputed").id)
    house.crm.record(lead, "plain.wanted", origin="host")
    house.clock.move_to(T0 + SECOND)
    while house.crm.decide().subjects:
        pass
    seen: list[str] = []

    def look(_: RolledOver) -> None:  # first before anybody has rolled over: what the account said is not told yet
        if not seen:
            house.crm.deliver()
            seen.append(house.crm.effects(lead)[0].reason)

    house.crm.activate(PROGRAM, progress=look)
    assert seen == ["subject_behind"]
    house.tick_at(house.clock.now + minutes(2))
    assert house.crm.effects(lead)[0].reason == "hold_dispute"
    house.crm.close()


# -- what is read -----------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    counts: Counter[str] = Counter()
    about = MemoryView.about

    def counted(self: MemoryView, since: object, reach: object, /) -> object:
        counts["about"] += 1
        counts["subjects"] += len(since)  # type: ignore[arg-type]
        return about(self, since, reach)  # type: ignore[arg-type]

    monkeypatch.setattr(MemoryView, "about", counted)
    return counts


def delivered(program: Program, asked: Counter[str], name: str, count: int = 7) -> Counter[str]:
    """How often facts are asked for while so many messages are claimed in one slice."""
    clock = VirtualClock(T0)
    crm = Nurture(program, MemoryStorage(clock=clock), senders={"email": NullSender()}, site=SITE, render=False)
    for number in range(count):
        lead = crm.capture(email=f"a{number}@example.com", consent=Basis.CONSENT)
        crm.record(lead.id, f"{name}.wanted", origin="host")
    clock.move_to(T0 + SECOND)
    while crm.decide().subjects:
        pass
    asked.clear()
    crm._host.slice = count  # one slice, so that a batch shows as one question
    assert crm.deliver().accepted == count
    return Counter(asked)


def test_nothing_is_looked_up_where_nothing_asks(asked: Counter[str]) -> None:
    bare = attrs.evolve(PROGRAM, blocks=[], messages=[attrs.evolve(NEWS, text="News"), PLAIN], policy=ContactPolicy())
    assert delivered(bare, asked, "news") == Counter()
    choosing = attrs.evolve(PROGRAM, policy=ContactPolicy())
    assert delivered(choosing, asked, "plain") == Counter()


def test_what_is_asked_is_looked_up_once_for_all_of_a_batch(asked: Counter[str]) -> None:
    choosing = attrs.evolve(PROGRAM, policy=ContactPolicy())
    assert delivered(choosing, asked, "news") == Counter(about=1, subjects=7)
    assert delivered(PROGRAM, asked, "plain") == Counter(about=1, subjects=7)


def test_what_needs_no_facts_asks_for_none(asked: Counter[str]) -> None:
    by_title = Block("offer", "x", choices=[Choice("chief", q.lead.title == "部長", "y")])
    program = attrs.evolve(PROGRAM, blocks=[by_title], policy=ContactPolicy())
    assert delivered(program, asked, "news") == Counter()
