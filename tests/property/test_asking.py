"""Once nothing is left to decide, leads have heard the truth about their account, and accounts about their people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from nurture import Program, Scenario, Segment, days, hours, q
from nurture.decisions import plan_of
from nurture.model import AccountId, LeadId, SubjectId, SubjectKind, sight_of
from nurture.runtime.deciding import dossier_of
from nurture.steps import tag, wait
from tests.stores import STORES, T0, House, store_maker
from tests.strategies import seeds

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))

ACTIVE = q.touches("page.viewed").within(days=2).count() >= 2
QUIET = q.touches("email.clicked").within(days=3).never()
BUSY = Segment("busy", q.account.leads.where(ACTIVE).count() >= 2, "account")
VISITED = q.touches("page.viewed").within(days=1)
PROGRAM = Program(
    segments=[
        BUSY,
        Segment("asleep", ~q.segment("busy") & (q.account.leads.where(QUIET).count() < 2), "account"),
        Segment("hot", q.account.matches(q.segment("busy") | VISITED)),
        Segment("cold", q.account.matches(q.segment("asleep")) & (q.account.industry == "SaaS")),
        Segment("peers", q.account.leads.where(q.scenario("called").is_active()).count() >= 2),
    ],
    scenarios=[Scenario("called", q.segment("hot"), [tag("x"), wait(hours(30)), tag(remove=["x"])], reentry="always")],
)


SAID_OTHERWISE = ACTIVE & (q.touches("page.viewed").count() >= 2)
LATER = (
    PROGRAM,
    attrs.evolve(
        PROGRAM,
        segments=[
            Segment("busy", q.account.leads.where(SAID_OTHERWISE).count() >= 2, "account"),
            *(one for one in PROGRAM.segments if one.name in ("hot", "peers")),
            Segment("full", q.account.leads.count() >= 3),
        ],
    ),
    Program(
        segments=[Segment("saas", (q.account.industry == "SaaS") & q.account.matches(VISITED))],
        scenarios=[Scenario("called", q.segment("saas"), [wait(hours(30))], reentry="always")],
    ),
)
"""Programs that say the same otherwise, ask less, or ask more."""


END = timedelta(seconds=4_001)
"""At no distance that windows and acts have: or else something may be due some microseconds after the last look."""


def play(house: House, dice: Random, later: Sequence[Program] = ()) -> tuple[list[AccountId], list[LeadId]]:
    """Two companies and six people, who come and go for ten days under a worker that is awake now and then."""
    crm = house.crm
    firms = [crm.capture_account(name=name).id for name in ("Acme", "Apex")]
    leads = [crm.capture(email=f"{name}@example.com", account=dice.choice([*firms, None])).id for name in "abcdef"]
    at = T0
    for number in range(60):
        at += dice.choice([hours(0.001), hours(1), hours(9)])
        house.clock.move_to(at)
        match dice.randint(0, 9):
            case 0:
                crm.update(dice.choice(leads), account=dice.choice([*firms, None]))
            case 1:
                crm.record(dice.choice(firms), "page.viewed", key=str(number))
            case 2:
                crm.update(dice.choice(firms), industry=dice.choice(["SaaS", None]))
            case 3 | 4:
                crm.record(dice.choice(leads), "email.clicked", key=str(number))
            case 5 if later and dice.random() < 0.7:
                crm.activate(dice.choice(later))
            case 5 | 6:
                crm.tick()
            case _:
                crm.record(dice.choice(leads), "page.viewed", key=str(number))
    house.tick_at(at + END)
    return firms, leads


def said_yes(house: House, subject: SubjectId, kind: SubjectKind) -> set[str]:
    """To which questions of others the answer is yes, looked up in all that is known."""
    with house.storage.view() as view:
        dossier = dossier_of(house.crm._host, view, subject)  # what nobody is told
    assert dossier is not None
    assert not dossier.inbox
    now, sight, plan = house.storage.now(), sight_of(dossier), plan_of(house.crm.program, kind, dossier.older)
    return {name for name, asked in plan.answers.values() if asked.holds(sight, now)}


def check_truth(house: House, firms: list[AccountId], leads: list[LeadId]) -> None:
    assert house.crm.backlog().due == 0
    yes = {lead: said_yes(house, lead, SubjectKind.LEAD) for lead in leads}
    answers = {firm: said_yes(house, firm, SubjectKind.ACCOUNT) for firm in firms}
    for firm in firms:
        mine = [lead for lead in leads if house.crm.lead(lead).account == firm]
        truth = {name: frozenset(lead for lead in mine if name in yes[lead]) for name in set().union(*yes.values())}
        standing = house.crm.standing(firm)
        assert standing is not None
        assert standing.people == {name: some for name, some in truth.items() if some}
    for lead in leads:
        account, standing = house.crm.lead(lead).account, house.crm.standing(lead)
        assert standing is not None
        assert {name for name in standing.account if name.startswith("?")} == (answers[account] if account else set())


def check_history(kind: str, seed: int, later: Sequence[Program] = ()) -> None:
    with TemporaryDirectory() as folder:
        house = House(PROGRAM, store_maker(kind, Path(folder)))
        check_truth(house, *play(house, Random(seed), later))
        house.crm.close()


@settings(parent=relaxed, max_examples=10)
@given(seed=seeds)
def test_everybody_has_heard_the_truth(seed: int) -> None:
    check_history("memory", seed)


@pytest.mark.parametrize(("kind", "seed"), [("memory", 1933), ("sqlite", 1), ("sqlite", 2), ("postgres", 3)])
def test_everybody_has_heard_the_truth_on_every_store(kind: str, seed: int) -> None:
    check_history(kind, seed)


@settings(parent=relaxed, max_examples=10)
@given(seed=seeds)
def test_everybody_has_heard_the_truth_whatever_program_is_active(seed: int) -> None:
    check_history("memory", seed, LATER)


@pytest.mark.parametrize(("kind", "seed"), [("sqlite", 4), ("postgres", 5)])
def test_everybody_has_heard_the_truth_whatever_program_is_active_on_every_store(kind: str, seed: int) -> None:
    check_history(kind, seed, LATER)


@pytest.mark.stress
@pytest.mark.parametrize("kind", STORES)
@settings(parent=relaxed, max_examples=100)
@given(seed=seeds)
def test_everybody_has_heard_the_truth_in_many_histories(kind: str, seed: int) -> None:
    check_history(kind, seed)


@settings(parent=relaxed, max_examples=5)
@given(seed=seeds)
def test_everybody_hears_the_truth_after_another_program(seed: int) -> None:
    house = House(Program(), store_maker("memory", Path()))
    firms, leads = play(house, Random(seed))
    house.crm.activate(PROGRAM)
    house.tick_at(house.clock() + days(0.001))
    check_truth(house, firms, leads)
