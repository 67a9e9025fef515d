"""Invariant 26: ticking often or seldom decides the same, per subject, given the same facts and receipts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from nurture import Basis, Program
from nurture.model import EMPTY, Effect, Lead, LeadId, Origin, Touchpoint
from nurture.ports import Accepted
from tests import strategies
from tests.property.ledger import Ledger, in_order, live, replay, without_revision
from tests.stores import STORES, T0, House, store_maker

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))


def differences(one: Ledger, other: Ledger) -> list[str]:
    """What differs between two ways of ticking, in words; empty when nothing does."""
    mine, theirs = one.outcome(), other.outcome()
    return [f"{part}: {mine[part]!r}\n  against {theirs[part]!r}" for part in mine if mine[part] != theirs[part]]


HISTORIES = 10  # a program


def check(program: Program, seed: int) -> None:
    dice = Random(seed)
    for _ in range(HISTORIES):
        history = strategies.random_history(dice)
        reference, receipts = live(program, history)
        assert reference.standing is not None
        if reference.standing.dead is not None:
            continue  # a program that chases its own tail is given up after so many moments, not after so much work
        for ticks in ([], strategies.random_ticks(dice)):
            found = differences(reference, replay(program, history, receipts, ticks))
            assert not found, "\n".join([f"ticks at {ticks}", *found])


@settings(parent=relaxed, max_examples=1_000 // HISTORIES)
@given(strategies.programs(), strategies.seeds)
def test_i26_ticking_often_or_seldom_decides_the_same(program: Program, seed: int) -> None:
    check(program, seed)


@pytest.mark.stress
@settings(parent=relaxed, max_examples=10_000 // HISTORIES)
@given(strategies.programs(), strategies.seeds)
def test_i26_ticking_often_or_seldom_decides_the_same_in_ten_thousand_histories(program: Program, seed: int) -> None:
    check(program, seed)


# -- what live deciders did, on a store, decided again at once ----------------------------------------


def play(house: House, dice: Random) -> LeadId:
    """Let a lead live for forty days under a worker that is awake now and then."""
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT, owner="o@example.com").id
    script = [(one.received_at, one) for one in strategies.random_history(dice)]
    script += [(at, None) for at in strategies.random_ticks(dice)]
    for at, one in sorted(script, key=lambda entry: entry[0]):
        house.clock.move_to(T0 + (at - strategies.START))
        if one is None:
            house.crm.tick()
        elif one.kind == "host changes title":
            house.crm.update(lead, title=one.properties["title"])
        elif "." in one.kind and one.kind in strategies.KINDS:
            house.crm.record(lead, one.kind, one.properties, at=T0 + (one.at - strategies.START), key=str(at))
    house.tick_at(T0 + (strategies.HORIZON - strategies.START))
    return lead


def decided_at_once(program: Program, lead: Lead, facts: list[Touchpoint], now: datetime) -> Ledger:
    """The same facts and receipts on paper, with one tick at the end."""
    ledger = Ledger(program)
    ledger.facts.clear()
    ledger.inbox.clear()
    ledger.lead = attrs.evolve(lead, attributes=EMPTY, tags=())  # as it was before our own steps changed it
    for fact in facts:
        if fact.cause is not None:
            ledger.settle(fact)
        elif fact.origin is not Origin.ENGINE:
            ledger.receive(fact)
    ledger.tick(now)
    return ledger


def planned(effects: Iterable[Effect]) -> set[tuple[object, ...]]:
    """What a decision says about an effect; what became of it is not decided."""
    return {(one.id, one.enrollment, one.step, one.name, one.planned_at, one.expires_at) for one in effects}


@pytest.mark.parametrize("kind", STORES)
@settings(parent=relaxed, max_examples=25)
@given(program=strategies.programs(), seed=strategies.seeds)
def test_i26_what_live_deciders_did_on_a_store_is_decided_again_at_once(kind: str, program: Program, seed: int) -> None:
    with TemporaryDirectory() as folder:
        house = House(program, store_maker(kind, Path(folder)), actions={"task": lambda *_: Accepted()})
        lead = play(house, Random(seed))
        standing = house.crm.standing(lead)
        assert standing is not None
        if standing.dead is None:
            facts = list(house.crm.timeline(lead, limit=10_000))
            ledger = decided_at_once(program, house.crm.lead(lead), facts, house.storage.now())
            live_ones = {one.id: without_revision(one) for one in facts}
            assert ledger.outcome()["facts"] == live_ones
            assert ledger.standing is not None
            assert in_order(ledger.standing) == in_order(standing)
            assert planned(ledger.effects.values()) == planned(house.crm.effects(lead))
            assert ledger.lead.tags == house.crm.lead(lead).tags
            assert ledger.lead.attributes == house.crm.lead(lead).attributes
        house.crm.close()
