"""Invariant 26: ticking often or seldom decides the same, per subject, given the same facts and receipts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture import Basis, Program, Scenario, Segment, hours, q
from nurture.decisions import plan_of
from nurture.model import (
    Account,
    AccountId,
    Effect,
    Fact,
    Lead,
    LeadId,
    Origin,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
)
from nurture.ports import Accepted
from nurture.predicates import Predicate
from nurture.steps import tag, wait
from tests import strategies
from tests.property.ledger import Ledger, in_order, live, replay, without_revision
from tests.stores import STORES, T0, House, close_servers_stores, store_maker

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))


def differences(one: Ledger, other: Ledger) -> list[str]:
    """What differs between two ways of ticking, in words; empty when nothing does."""
    mine, theirs = one.outcome(), other.outcome()
    return [f"{part}: {mine[part]!r}\n  against {theirs[part]!r}" for part in mine if mine[part] != theirs[part]]


HISTORIES = 10  # a program


def check(program: Program, seed: int) -> None:
    dice = Random(seed)
    for _ in range(HISTORIES):
        check_history(program, strategies.random_history(dice), dice)


def check_history(
    program: Program,
    history: list[strategies.Happening],
    dice: Random,
    lead: Lead | None = None,
    account: Account | None = None,
) -> None:
    reference, receipts = live(program, history, lead, account)
    assert reference.standing is not None
    if reference.standing.dead is not None:
        return  # a program that chases its own tail is given up after so many moments, not after so much work
    for ticks in ([], strategies.random_ticks(dice)):
        found = differences(reference, replay(program, history, receipts, ticks, lead, account))
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


# -- with questions that lead from a person to the company, and from a company to its people ------------------

FIRMS = tuple(AccountId(SubjectId(f"acct_{number}")) for number in (1, 2))
_of_accounts = st.sampled_from(
    [
        q.touches("page.viewed").within(days=1).count() >= 2,
        q.touches("form.submitted").within(hours=6).never(),
        q.account.industry == "SaaS",
        q.account.leads.where(q.segment("s0")).count() >= 2,
        q.account.leads.where(q.stage == "mql").count() < 2,
        q.account.leads.where(q.scenario("c0").is_active()).count() == 1,
        q.account.leads.where(q.scenario("c0").is_in(["completed", "reached_goal"])).count() >= 1,
        q.account.leads.where(q.segment("s1") & (q.account.industry == "SaaS")).count() >= 1,
    ]
)


@st.composite
def asking_programs(draw: st.DrawFn) -> Program:
    """Programs in which leads ask their account, and accounts their leads."""
    program = draw(strategies.programs())
    firms: list[Predicate] = draw(st.lists(_of_accounts, min_size=1, max_size=3))
    segments = [Segment(f"f{place}", one, "account") for place, one in enumerate(firms)]
    asking = q.account.matches(q.segment("f0") & ~draw(_of_accounts)) | (q.account.leads.count() >= 3)
    scenario = Scenario("asking", q.segment("asking"), [tag("z"), wait(hours(6)), tag(remove=["z"])], reentry="always")
    return attrs.evolve(
        program,
        segments=[*program.segments, *segments, Segment("asking", asking)],
        scenarios=[*program.scenarios, attrs.evolve(scenario, exit=~q.segment("asking"))],
    )


def told_history(program: Program, dice: Random) -> list[strategies.Happening]:
    """What happens to a lead that moves between accounts and hears from them."""
    questions = sorted(plan_of(program, SubjectKind.ACCOUNT).asked.of_accounts)
    history = strategies.random_history(dice)
    for one in list(history[::2]):
        answers: dict[str, Value] = {f"after.{name}": True for name in questions if dice.random() < 0.5}
        if dice.random() < 0.5:
            answers["rolled_over"] = tuple(questions)
        history.append(attrs.evolve(one, kind=Fact.ACCOUNT_TOLD, at=one.received_at, properties=answers))
        if dice.random() < 0.3:
            properties: dict[str, Value] = {"account": dice.choice([*FIRMS, None])}
            history.append(attrs.evolve(one, kind="host changes account", at=one.received_at, properties=properties))
    return sorted(history, key=lambda one: one.received_at)


def heard_history(program: Program, dice: Random) -> list[strategies.Happening]:
    """What happens to an account: its own touchpoints, and what its leads say."""
    questions = sorted(plan_of(program, SubjectKind.LEAD).asked.of_people)
    history = [one for one in strategies.random_history(dice) if not one.kind.startswith("host changes")]
    for one in list(history):
        yes = tuple(name for name in questions if dice.random() < 0.5)
        word: dict[str, Value] = {"lead": f"lead_{dice.randint(1, 4)}", "yes": yes}
        if dice.random() < 0.3:
            word["rolled_over"] = tuple(questions)
        history.append(attrs.evolve(one, kind=Fact.LEAD_TOLD, at=one.received_at, properties=word))
    return sorted(history, key=lambda one: one.received_at)


@settings(parent=relaxed, max_examples=200 // HISTORIES)
@given(asking_programs(), strategies.seeds)
def test_i26_a_lead_that_is_told_and_says_decides_the_same(program: Program, seed: int) -> None:
    dice = Random(seed)
    for _ in range(HISTORIES):
        lead = strategies.a_lead(account=dice.choice([*FIRMS, None]))
        check_history(program, told_history(program, dice), dice, lead)


@settings(parent=relaxed, max_examples=200 // HISTORIES)
@given(asking_programs(), strategies.seeds)
def test_i26_an_account_that_hears_its_people_decides_the_same(program: Program, seed: int) -> None:
    dice = Random(seed)
    for _ in range(HISTORIES):
        firm = Account(id=FIRMS[0], name="Acme", created_at=strategies.START)
        check_history(program, heard_history(program, dice), dice, account=firm)


# -- with people who object to being scored, and allow it again ------------------------------------------------


def objecting_history(dice: Random) -> list[strategies.Happening]:
    """What happens to a lead that objects to profiling now and then; some words are written down late."""
    history = strategies.random_history(dice)
    for one in list(history[:: dice.randint(2, 4)]):
        kind = dice.choice([Fact.CONSENT_WITHDRAWN, Fact.CONSENT_GIVEN])
        words: dict[str, Value] = {"purpose": "profiling", "channel": "any", "explicit": dice.random() < 0.9}
        history.append(attrs.evolve(one, kind=kind, properties=words))
    return sorted(history, key=lambda one: one.received_at)


@settings(parent=relaxed, max_examples=200 // HISTORIES)
@given(strategies.programs(), strategies.seeds)
def test_i26_who_objects_to_profiling_is_scored_alike_however_often_it_ticks(program: Program, seed: int) -> None:
    dice = Random(seed)
    for _ in range(HISTORIES):
        check_history(program, objecting_history(dice), dice)


# -- what live deciders did, on a store, decided again at once ----------------------------------------


OWNER = "o@example.com"


def play(house: House, dice: Random) -> LeadId:
    """Let a lead live for forty days under a worker that is awake now and then."""
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT, owner=OWNER).id
    script = [(one.received_at, one) for one in strategies.random_history(dice)]
    script += [(at, None) for at in strategies.random_ticks(dice)]
    for at, one in sorted(script, key=lambda entry: entry[0]):
        house.clock.move_to(T0 + (at - strategies.START))
        if one is None:
            house.crm.tick()
        elif one.kind == "host changes title":
            house.crm.update(lead, title=one.properties["title"])
        elif one.kind == "host changes meets":
            house.crm.update(lead, attributes=one.properties)
        elif "." in one.kind and one.kind in strategies.KINDS:
            house.crm.record(lead, one.kind, one.properties, at=T0 + (one.at - strategies.START), key=str(at))
    end = T0 + (strategies.HORIZON - strategies.START)
    for again in range(4):  # where units take work, a subject whose write conflicted is left alone for a moment
        house.tick_at(end + timedelta(seconds=again))
    return lead


def decided_at_once(program: Program, lead: Lead, facts: list[Touchpoint], now: datetime) -> Ledger:
    """The same facts and receipts on paper, with one tick at the end."""
    ledger = Ledger(program)
    ledger.facts.clear()
    ledger.inbox.clear()
    kept = {name: value for name, value in lead.attributes.items() if name == "meets"}
    ledger.lead = attrs.evolve(lead, attributes=kept, tags=(), owner=OWNER)  # as it was before our own steps changed it
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
            assert ledger.lead.owner == house.crm.lead(lead).owner
            assert ledger.lead.attributes == house.crm.lead(lead).attributes
        house.crm.close()
        close_servers_stores()
