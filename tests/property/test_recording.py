"""Invariant 11: recording is idempotent, and facts that are seen at one moment count alike in whatever order."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture import Dossier, NewFact, Program, Standing, Touchpoint, advance, days, hours, minutes
from nurture.model import DecisionRecord, Effect, Fact, FactId, Origin, Pending, SubjectId
from nurture.ports import Accepted
from tests import strategies
from tests.property.ledger import fact_of
from tests.stores import STORES, T0, House, store_maker
from tests.strategies import HORIZON, KINDS, START, a_lead

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))
SETS = 10  # a program


def random_facts(dice: Random) -> list[Touchpoint]:
    """Facts of one moment: received together, having happened at any time before."""
    created = fact_of("created", Fact.LEAD_CREATED, START, START + days(30), {}, Origin.HOST)
    return [created] + [
        fact_of(
            str(n),
            dice.choice(KINDS),
            START + days(30) - hours(dice.randint(0, 700)),
            START + days(30),
            {"path": dice.choice(["/a", "/b"])},
            Origin.LEAD,
        )
        for n in range(dice.randint(1, 12))
    ]


def decided(program: Program, facts: list[Touchpoint]) -> Standing | None:
    inbox = tuple(Pending(one.received_at, one) for one in facts)
    return advance(program, Dossier(subject=a_lead(), inbox=inbox), HORIZON).standing


@settings(parent=relaxed, max_examples=1_000 // SETS)
@given(strategies.programs(), strategies.seeds)
def test_i11_facts_of_one_moment_decide_the_same_in_any_order(program: Program, seed: int) -> None:
    dice = Random(seed)
    for _ in range(SETS):
        facts = random_facts(dice)
        expected = decided(program, facts)
        dice.shuffle(facts)
        assert decided(program, facts) == expected


@attrs.frozen
class Seen:
    """All that a store holds about one lead, but for versions."""

    standing: Standing | None
    facts: tuple[Touchpoint, ...]
    effects: tuple[Effect, ...]
    decisions: tuple[DecisionRecord, ...]


def seen(house: House, lead: SubjectId) -> Seen:
    with house.storage.view() as view:
        return Seen(
            house.crm.standing(lead), view.history(lead), view.effects_of(lead), view.decisions_of(lead, limit=1000)
        )


@pytest.mark.parametrize("kind", STORES)
@settings(parent=relaxed, max_examples=20)
@given(program=strategies.programs(), seed=strategies.seeds, times=st.integers(1, 46))
def test_i11_recording_again_changes_nothing_before_and_after_it_was_decided(
    kind: str, program: Program, seed: int, times: int
) -> None:
    dice = Random(seed)
    with TemporaryDirectory() as folder:
        house = House(program, store_maker(kind, Path(folder)), actions={"task": lambda *_: Accepted()})
        lead = house.crm.capture(email="a@example.com").id
        facts = [
            NewFact(
                subject=lead,
                kind=dice.choice(KINDS),
                properties={"path": "/a"},
                key=str(n),
                at=T0 - hours(dice.randint(0, 99)),
            )
            for n in range(dice.randint(1, 5))
        ]
        ids = house.crm.record_many(facts)
        assert all(house.crm.record_many([*facts, *facts]) == ids * 2 for _ in range(times // 2))
        house.tick_at(T0 + days(1) + minutes(7))  # no length of time ends within this tick
        before = seen(house, lead)
        assert len(before.facts) >= len(facts)
        assert all(house.crm.record_many(facts) == ids for _ in range(times))
        house.crm.tick()
        assert seen(house, lead) == before
        house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_i11_the_same_key_with_another_kind_is_another_fact(kind: str, tmp_path: Path) -> None:
    house = House(Program(), store_maker(kind, tmp_path))
    lead = house.crm.capture(email="a@example.com").id
    found = {house.crm.record(lead, one, key="k") for one in KINDS for _ in range(3)}
    assert len(found) == len(KINDS)
    assert {FactId(one.id) for one in house.crm.timeline(lead)} >= found
