"""A new program may ask otherwise about an account's people; who is counted changes only where the answer differs."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from nurture import Program, Scenario, Segment, days, hours, minutes, q
from nurture.model import AccountId, Fact, LeadId, SubjectId
from nurture.predicates import Predicate
from nurture.steps import tag, wait
from tests.stores import STORES, T0, House, store_maker

VIEWS = q.touches("page.viewed")
ENGINE = {Fact.SEGMENT_ENTERED, Fact.SEGMENT_LEFT, Fact.LEAD_TOLD, Fact.ACCOUNT_TOLD, Fact.ENROLLMENT_ENDED}


def counting(where: Predicate) -> Program:
    """Companies are busy when three of their people are; whoever works there asks for it."""
    busy = Segment("busy", q.account.leads.where(where).count() >= 3, "account")
    return Program(segments=[busy, Segment("asking", q.account.matches(q.segment("busy")))])


def calling(program: Program) -> Program:
    """The same, where people of such companies are called for as long."""
    called = Scenario("called", q.segment("asking"), [tag("called"), wait(days(30))], exit=~q.segment("asking"))
    return attrs.evolve(program, scenarios=[called])


BEFORE = counting(VIEWS.count() >= 1)
SAME = counting((VIEWS.count() >= 1) & (VIEWS.count() < 1000))


def a_house(kind: str, folder: Path, program: Program = BEFORE) -> tuple[House, AccountId, list[LeadId]]:
    house = House(program, store_maker(kind, folder))
    firm = house.crm.capture_account(name="Acme").id
    leads = [house.crm.capture(email=f"{name}@example.com", account=firm).id for name in "abcd"]
    for lead in leads[:3]:
        house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + hours(1))
    return house, firm, leads


def facts_of(house: House, *subjects: SubjectId) -> list[str]:
    return [one.kind for subject in subjects for one in house.crm.timeline(subject) if one.kind in ENGINE]


def memberships(house: House, subject: SubjectId) -> set[str]:
    standing = house.crm.standing(subject)
    assert standing is not None
    return set(standing.memberships)


def counted(house: House, firm: AccountId) -> list[frozenset[str]]:
    standing = house.crm.standing(firm)
    assert standing is not None
    return list(standing.people.values())


@pytest.mark.parametrize("kind", STORES)
def test_a_question_said_otherwise_makes_nobody_leave_and_no_facts(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    before = facts_of(house, firm, *leads)
    assert memberships(house, firm) == {"busy"}
    house.crm.activate(SAME)
    house.tick_at(T0 + hours(2))
    assert facts_of(house, firm, *leads) == before
    assert counted(house, firm) == [frozenset(leads[:3])]
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_a_run_on_the_older_version_goes_on_and_asks_its_own_question(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path, calling(BEFORE))
    assert counted(house, firm) == [frozenset(leads[:3])]
    house.crm.activate(calling(SAME))
    house.tick_at(T0 + hours(2))
    facts = facts_of(house, firm, *leads)
    assert Fact.SEGMENT_LEFT not in facts
    assert Fact.ENROLLMENT_ENDED not in facts
    assert counted(house, firm) == [frozenset(leads[:3])] * 2
    house.crm.update(leads[0], account=None)
    house.tick_at(T0 + hours(3))
    assert facts_of(house, *leads).count(Fact.ENROLLMENT_ENDED) == 4
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_who_answers_otherwise_later_is_heard(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    house.crm.activate(SAME)
    house.crm.update(leads[0], account=None)
    house.tick_at(T0 + hours(2))
    assert counted(house, firm) == [frozenset(leads[1:3])]
    assert memberships(house, firm) == set()
    house.crm.record(leads[3], "page.viewed")
    house.tick_at(T0 + hours(3))
    assert counted(house, firm) == [frozenset(leads[1:])]
    assert memberships(house, leads[3]) == {"asking"}
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_only_where_the_answer_differs_somebody_leaves(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    house.crm.record(leads[0], "page.viewed")
    house.tick_at(T0 + hours(2))
    house.crm.activate(counting(VIEWS.count() >= 2))
    house.tick_at(T0 + hours(3))
    assert counted(house, firm) == [frozenset(leads[:1])]
    assert [memberships(house, one) for one in (firm, *leads)] == [set()] * 5
    assert facts_of(house, firm).count(Fact.SEGMENT_LEFT) == 1
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_what_waits_to_be_decided_is_counted_once_it_is(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    house.crm.record(leads[3], "page.viewed")
    house.crm.update(leads[0], account=None)
    house.crm.activate(SAME)  # neither of the two was decided
    house.tick_at(T0 + hours(2))
    assert counted(house, firm) == [frozenset(leads[1:])]
    assert memberships(house, firm) == {"busy"}
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_who_turns_to_no_before_it_has_followed_says_so(kind: str, tmp_path: Path) -> None:
    recent = counting(VIEWS.within(days=1).count() >= 1)
    house, firm, leads = a_house(kind, tmp_path, recent)
    for lead in leads[1:]:
        house.clock.move_to(T0 + hours(20))
        house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + hours(20) + minutes(1))
    house.clock.move_to(T0 + hours(30))  # the first one is due to say no, and nobody has decided it
    house.crm.activate(counting((VIEWS.within(days=1).count() >= 1) & (VIEWS.count() < 1000)))
    house.tick_at(T0 + hours(31))
    assert counted(house, firm) == [frozenset(leads[1:])]
    assert facts_of(house, firm).count(Fact.SEGMENT_LEFT) == 0
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_what_people_answer_may_rest_on_what_their_account_answers(kind: str, tmp_path: Path) -> None:
    def chained(where: Predicate) -> Program:
        """Busy when enough people are in a segment that asks how many of them have a title."""
        titled = q.account.leads.where(where).count() >= 2
        asking = Segment("asking", q.account.matches(titled) & (VIEWS.count() >= 1))
        return Program(
            segments=[
                asking,
                Segment("busy", q.account.leads.where(q.segment("asking") & where).count() >= 2, "account"),
            ]
        )

    house, firm, leads = a_house(kind, tmp_path, chained(q.lead.title.is_present()))
    for lead in leads[:2]:
        house.crm.update(lead, title="CTO")
    house.tick_at(T0 + hours(2))
    before = [one for one in facts_of(house, firm, *leads) if one != Fact.ACCOUNT_TOLD]
    assert memberships(house, firm) == {"busy"}
    house.crm.activate(chained(q.lead.title.is_present() & (q.lead.title != "")))
    house.tick_at(T0 + hours(3))
    assert [one for one in facts_of(house, firm, *leads) if one != Fact.ACCOUNT_TOLD] == before
    assert memberships(house, firm) == {"busy"}
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_a_company_that_could_not_follow_hears_its_people_afterwards(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, firm, leads = a_house(kind, tmp_path)

    def refused(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("nurture.runtime.activating.prepared", refused)
        patch.setattr("nurture.runtime.sweeping._roll_together", lambda *_: None)
        house.crm.activate(SAME)
    house.tick_at(T0 + days(2))
    house.tick_at(T0 + days(3))
    assert counted(house, firm) == [frozenset(leads[:3])]
    assert memberships(house, firm) == {"busy"}
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_a_question_that_is_asked_no_more_is_told_no_more(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path, calling(BEFORE))
    house.crm.activate(Program())
    house.tick_at(T0 + hours(2))
    assert counted(house, firm) == [frozenset(leads[:3])]  # runs on the older version still ask
    house.tick_at(T0 + days(40))
    house.crm.activate(Program(name="again"))
    house.tick_at(T0 + days(41))
    assert counted(house, firm) == []
    standing = house.crm.standing(leads[0])
    assert standing is not None
    assert standing.said is None
    house.crm.close()
