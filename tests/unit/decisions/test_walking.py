"""How late a run comes to what follows a wait: measured by the appointment, not by the instant it was moved from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nurture import Attribute, Basis, Message, Program, Scenario, days, hours, q
from nurture.model import LeadId
from nurture.steps import send, wait_until
from tests.stores import T0, House, store_maker

PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[
        Scenario(
            "s",
            q.touches("form.submitted"),
            [wait_until(q.lead.meets, hours(-1), then=[send("hello", max_lateness=hours(3))])],
        )
    ],
    attributes=[Attribute("meets", "instant")],
)


def moved(to: timedelta) -> tuple[House, LeadId]:
    """Somebody whose meeting was ten days ahead, and is moved on the fifth day."""
    house = House(PROGRAM, store_maker("memory", Path()))
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT, attributes={"meets": T0 + days(10)}).id
    house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + days(5))
    house.crm.update(lead, attributes={"meets": T0 + to})
    for day in (5, 7, 11):
        house.tick_at(T0 + days(day) + timedelta(minutes=1))
    return house, lead


@pytest.mark.parametrize(
    ("to", "fate", "reason"),
    [
        (days(5) - hours(1), "accepted", ""),
        (days(5) - hours(2) - timedelta(minutes=1), "withheld", "too_late"),
        (days(3), "withheld", "too_late"),
        (days(7), "accepted", ""),
    ],
)
def test_a_message_is_as_late_as_its_appointment_is_past(to: timedelta, fate: str, reason: str) -> None:
    house, lead = moved(to)
    (effect,) = house.crm.effects(lead)
    assert (str(effect.state), effect.reason) == (fate, reason)
    assert effect.expires_at is not None
    lateness = effect.expires_at - (T0 + to - hours(1) + hours(3))
    assert timedelta(0) <= lateness < timedelta(seconds=1)
