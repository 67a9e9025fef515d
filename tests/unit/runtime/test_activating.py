"""Enrollments on older versions go on asking their account, and accounts their people, whatever program is active."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from nurture import Program, Scenario, Segment, days, hours, minutes, q
from nurture.model import AccountId, Activation, Fact, LeadId, Standing
from nurture.predicates import Predicate
from nurture.runtime.legs import ACTIVATION
from nurture.steps import branch, tag, wait
from tests.stores import STORES, T0, House, store_maker

JOINED = q.touches("form.submitted")
EMPTY = Program(scenarios=[Scenario("other", q.touches("page.viewed"), [tag("seen")])])
SAAS = q.account.industry == "SaaS"
VISITED = q.account.matches(q.touches("page.viewed").count() >= 1)
PEERS = q.account.leads.where(q.lead.title == "CTO").count() >= 2


def asking(condition: Predicate) -> Program:
    """Whoever is enrolled waits for ten days and is tagged by what the account is like then."""
    steps = [wait(days(10)), branch(condition, then=[tag("yes")], otherwise=[tag("no")])]
    return Program(segments=[Segment("listed", condition)], scenarios=[Scenario("s", JOINED, steps)])


def a_house(program: Program, kind: str, folder: Path) -> tuple[House, AccountId, list[LeadId]]:
    """Two people of one company, of whom the first is enrolled."""
    house = House(program, store_maker(kind, folder))
    firm = house.crm.capture_account(name="Acme").id
    leads = [house.crm.capture(email=f"{name}@example.com", account=firm).id for name in "ab"]
    house.crm.record(leads[0], "form.submitted")
    house.tick_at(T0 + hours(1))
    return house, firm, leads


def older(house: House) -> tuple[str, ...]:
    with house.storage.view() as view:
        return view.get(Activation, [ACTIVATION])[ACTIVATION].history[-1].older


def tags_after(house: House, lead: LeadId) -> tuple[str, ...]:
    """How the branch decided, when a worker was awake before its time came."""
    house.tick_at(T0 + days(3))
    house.tick_at(T0 + days(11))
    tags = house.crm.lead(lead).tags
    assert house.crm.backlog().due == 0
    house.crm.close()
    return tags


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("through", ["listed", "itself"])
def test_a_branch_reads_a_value_of_the_account_that_no_program_asks_for_now(
    kind: str, through: str, tmp_path: Path
) -> None:
    condition = q.segment("listed") if through == "listed" else SAAS
    program = asking(SAAS)
    steps = [wait(days(10)), branch(condition, then=[tag("yes")], otherwise=[tag("no")])]
    house, firm, (lead, _) = a_house(attrs.evolve(program, scenarios=[Scenario("s", JOINED, steps)]), kind, tmp_path)
    house.crm.activate(EMPTY)
    house.clock.move_to(T0 + days(1))
    house.crm.update(firm, industry="SaaS")
    assert tags_after(house, lead) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_a_branch_asks_the_account_what_no_program_asks_now(kind: str, tmp_path: Path) -> None:
    house, firm, (lead, _) = a_house(asking(VISITED), kind, tmp_path)
    house.crm.activate(EMPTY)
    house.clock.move_to(T0 + days(1))
    house.crm.record(firm, "page.viewed")
    assert tags_after(house, lead) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_a_branch_counts_people_whom_no_program_counts_now(kind: str, tmp_path: Path) -> None:
    house, _, leads = a_house(asking(PEERS), kind, tmp_path)
    house.crm.update(leads[0], title="CTO")
    house.tick_at(T0 + hours(2))
    house.crm.activate(EMPTY)
    house.clock.move_to(T0 + days(1))
    house.crm.update(leads[1], title="CTO")
    assert tags_after(house, leads[0]) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_an_answer_of_before_is_still_the_answer(kind: str, tmp_path: Path) -> None:
    house, firm, (lead, _) = a_house(asking(VISITED & SAAS & ~PEERS), kind, tmp_path)
    house.crm.update(firm, industry="SaaS")
    house.crm.record(firm, "page.viewed")
    house.tick_at(T0 + hours(2))
    house.crm.activate(EMPTY)
    assert tags_after(house, lead) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_what_ended_the_wait_is_no_more_so_when_the_account_changes_back(kind: str, tmp_path: Path) -> None:
    house, firm, (lead, _) = a_house(asking(VISITED & SAAS), kind, tmp_path)
    house.crm.update(firm, industry="SaaS")
    house.crm.record(firm, "page.viewed")
    house.tick_at(T0 + hours(2))
    house.crm.activate(EMPTY)
    house.clock.move_to(T0 + days(1))
    house.crm.update(firm, industry="Retail")
    assert tags_after(house, lead) == ("no",)


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("is_decided", [True, False])
def test_who_moves_to_another_account_hears_at_once_what_an_older_version_asks(
    kind: str, is_decided: bool, tmp_path: Path
) -> None:
    house, _, (lead, _) = a_house(asking(VISITED & SAAS), kind, tmp_path)
    other = house.crm.capture_account(name="Apex").id
    house.tick_at(T0 + hours(2))
    house.crm.activate(EMPTY)
    house.clock.move_to(T0 + days(1))
    house.crm.update(other, industry="SaaS")
    house.tick_at(T0 + days(2))
    house.crm.record(other, "page.viewed")
    if is_decided:
        house.tick_at(T0 + days(2) + hours(1))
    house.crm.update(lead, account=other)
    told = next(one for one in house.crm.timeline(lead) if one.kind == Fact.ACCOUNT_TOLD)
    assert sorted(map(str, told.properties.values())) == ["SaaS", "True"]
    assert tags_after(house, lead) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_a_company_that_came_later_answers_it_too(kind: str, tmp_path: Path) -> None:
    house, _, (lead, _) = a_house(asking(VISITED), kind, tmp_path)
    house.crm.activate(EMPTY)
    house.clock.move_to(T0 + days(1))
    other = house.crm.capture_account(name="Apex").id
    house.crm.update(lead, account=other)
    house.crm.record(other, "page.viewed")
    assert tags_after(house, lead) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_a_version_of_the_program_before_the_last_is_asked_for_as_well(kind: str, tmp_path: Path) -> None:
    house, firm, (lead, _) = a_house(asking(VISITED), kind, tmp_path)
    house.crm.activate(EMPTY)
    house.tick_at(T0 + days(1))
    house.crm.activate(attrs.evolve(EMPTY, name="again"))
    assert len(older(house)) == 1
    house.crm.record(firm, "page.viewed")
    assert tags_after(house, lead) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_a_program_that_comes_back_answers_what_ran_in_between(kind: str, tmp_path: Path) -> None:
    house, firm, (lead, other) = a_house(EMPTY, kind, tmp_path)
    house.crm.activate(asking(VISITED))
    house.clock.move_to(T0 + hours(2))
    house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + hours(3))
    house.crm.activate(EMPTY)
    for subject in (firm, lead, other):
        standing = house.crm.standing(subject)
        assert standing is not None
        assert standing.older == older(house) != ()
    house.crm.record(firm, "page.viewed")
    assert tags_after(house, lead) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_it_answers_also_where_nothing_followed_the_program_in_between(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _, (lead, _) = a_house(EMPTY, kind, tmp_path)
    other = house.crm.capture_account(name="Apex").id
    house.crm.record(other, "page.viewed")
    house.tick_at(T0 + hours(2))
    with monkeypatch.context() as patch:
        patch.setattr("nurture.runtime.nurture.sweep", lambda *_, **__: 0)
        house.crm.activate(asking(VISITED))
    house.clock.move_to(T0 + hours(3))
    house.crm.record(lead, "form.submitted")
    house.crm.decide()  # the lead and its account follow, and the other account does not
    house.clock.move_to(T0 + hours(4))
    house.crm.activate(EMPTY)
    house.crm.update(lead, account=other)
    assert tags_after(house, lead) == ("yes",)


@pytest.mark.parametrize("kind", STORES)
def test_what_runs_no_more_is_asked_no_more(kind: str, tmp_path: Path) -> None:
    house, firm, (lead, _) = a_house(asking(VISITED), kind, tmp_path)
    house.crm.activate(EMPTY)
    house.crm.record(firm, "page.viewed")
    house.tick_at(T0 + days(1))
    house.tick_at(T0 + days(2))
    with house.storage.view() as view:
        assert view.get(Standing, [firm])[firm].account
    house.tick_at(T0 + days(11))
    assert house.crm.lead(lead).tags == ("yes",)
    house.crm.activate(attrs.evolve(EMPTY, name="again"))
    house.tick_at(T0 + days(12))
    assert older(house) == ()
    with house.storage.view() as view:
        standings = view.get(Standing, [firm, lead])
    assert [one.older for one in standings.values()] == [(), ()]
    assert not standings[firm].account
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_a_version_that_asks_nobody_else_is_not_kept(kind: str, tmp_path: Path) -> None:
    house, *_ = a_house(asking(q.lead.title == "CTO"), kind, tmp_path)
    house.crm.activate(EMPTY)
    assert older(house) == ()
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_a_scenario_that_did_not_change_is_no_older_version(kind: str, tmp_path: Path) -> None:
    program = asking(VISITED)
    house, firm, (lead, _) = a_house(program, kind, tmp_path)
    house.crm.activate(attrs.evolve(program, name="again"))
    assert older(house) == ()
    house.clock.move_to(T0 + minutes(90))
    house.crm.record(firm, "page.viewed")
    assert tags_after(house, lead) == ("yes",)
