"""Written cases of holds: each row is a hold, and which of four messages it keeps back while somebody is in talks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from nurture import Attribute, Basis, ContactPolicy, Hold, Message, Program, Scenario, Topic, days, hours, q
from nurture.model import EffectState
from nurture.steps import send
from tests.stores import T0, House, store_maker

TALKS: Final = q.lead.deal == "talks"
MESSAGES: Final = [
    Message("tips", "marketing", "Tips", "Tips"),
    Message("offer", "marketing", "Offer", "Offer", topic="offers"),
    Message("news", "marketing", "News", "News", topic="news"),
    Message("bill", "transactional", "Bill", "Bill", topic="offers"),
]
FORM: Final = q.touches("form.submitted")
DRIP: Final = Scenario("drip", FORM, [send("tips"), send("offer")])
LETTERS: Final = Scenario("letters", FORM, [send("news")])
BILLS: Final = Scenario("bills", FORM, [send("bill")])
ALL: Final = {"tips", "offer", "news", "bill"}


def program_of(*holds: Hold) -> Program:
    return Program(
        attributes=[Attribute("deal")],
        messages=MESSAGES,
        topics=[Topic("offers"), Topic("news"), Topic("offers", purpose="transactional")],
        scenarios=[DRIP, LETTERS, BILLS],
        policy=ContactPolicy(holds=holds),
    )


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize(
    ("hold", "kept"),
    [
        (Hold("talks", TALKS), {"tips", "news"}),  # the offer waits for the tips before it
        (Hold("talks", TALKS, ["marketing", "transactional"]), {"tips", "news", "bill"}),
        (Hold("talks", TALKS, scenarios="drip"), {"tips"}),
        (Hold("talks", TALKS, scenarios=["letters", "bills"]), {"news"}),  # bills are no marketing
        (Hold("talks", TALKS, topics="offers"), {"offer"}),
        (Hold("talks", TALKS, ["transactional"], topics="offers"), {"bill"}),
        (Hold("talks", TALKS, scenarios="letters", topics="offers"), {"news", "offer"}),
        (Hold("talks", q.lead.deal == "lost", scenarios="drip"), set[str]()),
    ],
)
def test_a_hold_keeps_back_what_it_names_and_lets_it_go_when_it_ends(
    tmp_path: Path, kind: str, hold: Hold, kept: set[str]
) -> None:
    house = House(program_of(hold), store_maker(kind, tmp_path))
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT, attributes={"deal": "talks"}).id
    house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + hours(1))
    waiting = {one.name: one.reason for one in house.crm.effects(lead) if one.state is EffectState.PLANNED}
    assert waiting == dict.fromkeys(kept, "hold_talks")
    house.crm.update(lead, attributes={"deal": "won"})
    house.tick_at(T0 + days(1))
    assert {one.name for one in house.crm.effects(lead) if one.state is EffectState.ACCEPTED} == ALL
    house.crm.close()
