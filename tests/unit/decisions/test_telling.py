"""Accounts and their people: what leads ask their account, what accounts ask their leads, and how both are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import attrs
import pytest

from nurture import Account, Dossier, Lead, Program, Scenario, Segment, advance, days, hours, minutes, q
from nurture.decisions import answers_of, plan_of, roll_over, say, tell_some
from nurture.model import (
    AccountId,
    Fact,
    FrozenMapping,
    LeadId,
    Origin,
    Pending,
    Said,
    Standing,
    SubjectId,
    SubjectKind,
    Telling,
    Touchpoint,
    Value,
)
from nurture.steps import tag, wait
from tests.property.ledger import fact_of
from tests.stores import STORES, T0, House, store_maker
from tests.strategies import MICROSECOND, START, a_lead

FIRM = AccountId(SubjectId("acct_1"))
OTHER = AccountId(SubjectId("acct_2"))
VIEWED = q.touches("page.viewed").within(days=7)
BUSY = q.account.leads.where(VIEWED).count() >= 3
HOT = Segment("hot", BUSY | (q.touches("page.viewed").count() >= 2), "account")
ASKING = Segment("asking", q.account.matches(q.segment("hot")))
AN_HOUR = hours(1)
PROGRAM = Program(segments=[HOT, ASKING])
(ACTIVE,) = plan_of(PROGRAM, SubjectKind.LEAD).asked.of_people
(IS_HOT,) = plan_of(PROGRAM, SubjectKind.ACCOUNT).asked.of_accounts


def a_firm() -> Account:
    return Account(id=FIRM, name="Acme", created_at=START)


def heard(subject: SubjectId, kind: str, at: datetime, origin: Origin = Origin.ENGINE, **properties: Value) -> Pending:
    return Pending(at, fact_of(f"{kind}{at}{properties}", kind, at, at, properties, origin, subject))


def word(at: datetime, lead: str, *yes: str, rolled: tuple[str, ...] = ()) -> Pending:
    properties: dict[str, Value] = {"lead": lead, "yes": yes}
    return heard(FIRM, Fact.LEAD_TOLD, at, **properties, **({"rolled_over": rolled} if rolled else {}))


def decided(
    subject: Lead | Account,
    *inbox: Pending,
    standing: Standing | None = None,
    program: Program = PROGRAM,
    until: timedelta = AN_HOUR,
    facts: tuple[Touchpoint, ...] = (),
) -> Standing:
    dossier = Dossier(subject=subject, standing=standing, inbox=inbox, facts=facts)
    found = advance(program, dossier, START + until).standing
    assert found is not None
    return found


# -- an account ---------------------------------------------------------------------------------------------


def test_an_account_counts_the_people_who_say_yes() -> None:
    words = [word(START + minutes(n), f"lead_{n}", ACTIVE) for n in (1, 2, 3)]
    standing = decided(a_firm(), heard(FIRM, Fact.ACCOUNT_CREATED, START), *words)
    assert standing.people == {ACTIVE: frozenset({"lead_1", "lead_2", "lead_3"})}
    assert standing.memberships == {"hot": START + minutes(3)}


def test_a_person_who_says_no_is_counted_no_more() -> None:
    words = [word(START + minutes(n), f"lead_{n}", ACTIVE) for n in (1, 2, 3)]
    standing = decided(a_firm(), *words, word(START + minutes(4), "lead_2"))
    assert standing.people == {ACTIVE: frozenset({"lead_1", "lead_3"})}
    assert not standing.memberships


def test_what_a_person_was_not_asked_stays_as_it_was() -> None:
    unheard = heard(FIRM, Fact.LEAD_TOLD, START + minutes(2), lead="lead_1", yes=(), no=("?another",))
    left = heard(FIRM, Fact.LEAD_TOLD, START + minutes(3), lead="lead_1", yes=())
    first = word(START + minutes(1), "lead_1", ACTIVE)
    assert decided(a_firm(), first, unheard).people == {ACTIVE: frozenset({"lead_1"})}
    assert not decided(a_firm(), first, unheard, left).people


def test_an_answer_to_what_nobody_asks_any_more_is_let_go() -> None:
    assert not decided(a_firm(), word(START, "lead_1", "?another")).people


def test_saying_it_twice_counts_once() -> None:
    words = [word(START + minutes(n), "lead_1", ACTIVE) for n in range(5)]
    assert decided(a_firm(), *words).people == {ACTIVE: frozenset({"lead_1"})}


def test_the_touchpoints_of_the_account_itself_count() -> None:
    visits = [heard(FIRM, "page.viewed", START + minutes(n), Origin.LEAD) for n in (1, 2)]
    assert decided(a_firm(), *visits).memberships == {"hot": START + minutes(2)}


def test_an_answer_that_became_yes_is_told_once() -> None:
    visits = [heard(FIRM, "page.viewed", START + minutes(n), Origin.LEAD) for n in (1, 2)]
    standing = decided(a_firm(), *visits)
    assert standing.account == {IS_HOT: True}
    assert standing.telling is not None
    after, facts = tell_some("default", standing, [a_lead().id], START + hours(2))
    assert [(one.kind, dict(one.properties)) for one in facts] == [(Fact.ACCOUNT_TOLD, {f"after.{IS_HOT}": True})]
    more = heard(FIRM, "page.viewed", START + hours(3), Origin.LEAD)
    known = tuple(one.fact for one in visits)
    assert decided(a_firm(), more, standing=after, until=hours(4), facts=known).telling is None


def test_an_answer_that_nobody_asks_for_is_neither_kept_nor_told() -> None:
    visits = [heard(FIRM, "page.viewed", START + minutes(n), Origin.LEAD) for n in (1, 2)]
    standing = decided(a_firm(), *visits, program=Program(segments=[HOT]))
    assert not standing.account
    assert standing.telling is None


def test_time_alone_turns_an_answer() -> None:
    program = Program(segments=[Segment("asking", q.account.matches(VIEWED))])
    visit = heard(FIRM, "page.viewed", START, Origin.LEAD)
    standing = decided(a_firm(), visit, program=program)
    assert standing.account
    told = attrs.evolve(standing, telling=None)
    later = decided(a_firm(), standing=told, program=program, until=days(8), facts=(visit.fact,))
    assert not later.account
    assert later.telling is not None
    assert later.advanced_to == START + days(7)


def test_a_lead_that_asks_about_people_asks_its_account() -> None:
    program = Program(segments=[Segment("asking", q.account.leads.count() >= 2)])
    (everyone,) = plan_of(program, SubjectKind.LEAD).asked.of_people
    words = [word(START + minutes(n), f"lead_{n}", everyone) for n in (1, 2)]
    assert list(decided(a_firm(), *words, program=program).account.values()) == [True]


def test_a_scenario_of_an_account_ends_when_its_people_leave() -> None:
    scenario = Scenario("visit", q.segment("hot"), [wait(days(9))], exit=~q.segment("hot"), subject="account")
    program = Program(segments=[HOT], scenarios=[scenario])
    words = [word(START + minutes(n), f"lead_{n}", ACTIVE) for n in (1, 2, 3)]
    assert decided(a_firm(), *words, program=program).enrollments[0].is_active
    ended = decided(a_firm(), *words, word(START + minutes(4), "lead_1"), program=program)
    assert ended.enrollments[0].reason == "exit"


def test_values_and_answers_are_what_an_account_has_to_say() -> None:
    program = Program(segments=[HOT, ASKING, Segment("saas", q.account.industry == "SaaS")])
    firm = attrs.evolve(a_firm(), industry="SaaS")
    standing = Standing(subject=FIRM, program="", account={IS_HOT: True, "?unasked": True, "domain": "old.example"})
    assert answers_of(program, firm, standing) == {"industry": "SaaS", IS_HOT: True}
    assert answers_of(program, firm) == {"industry": "SaaS"}


# -- a lead -------------------------------------------------------------------------------------------------


def test_a_lead_has_to_say_that_it_turned_to_yes() -> None:
    lead = a_lead(account=FIRM)
    standing = decided(lead, heard(lead.id, "page.viewed", START, Origin.LEAD))
    assert standing.telling is not None
    assert dict(standing.telling.values) == {"account": FIRM, ACTIVE: True}
    assert standing.due_at == START
    assert standing.said is None


def test_saying_it_is_kept_with_the_fact_that_says_it() -> None:
    lead = a_lead(account=FIRM)
    standing = decided(lead, heard(lead.id, "page.viewed", START, Origin.LEAD))
    after, (fact,) = say("default", standing, START + hours(1))
    assert (fact.subject, fact.kind, fact.origin) == (FIRM, Fact.LEAD_TOLD, Origin.ENGINE)
    assert dict(fact.properties) == {"lead": lead.id, "revision": after.version, "yes": (ACTIVE,), "no": ()}
    assert after.said == Said(account=FIRM, yes=(ACTIVE,))
    assert (after.telling, after.due_at) == (None, START + days(7))
    assert say("default", standing, START + hours(9))[1][0].id == fact.id


def test_a_lead_that_never_said_yes_says_nothing() -> None:
    lead = a_lead(account=FIRM)
    assert decided(lead, heard(lead.id, "email.clicked", START, Origin.LEAD)).telling is None


def test_a_lead_without_an_account_has_nobody_to_tell() -> None:
    lead = a_lead()
    standing = decided(lead, heard(lead.id, "page.viewed", START, Origin.LEAD))
    assert standing.telling is None
    assert not standing.agenda


def test_time_alone_turns_a_lead_to_no() -> None:
    lead = a_lead(account=FIRM)
    visit = heard(lead.id, "page.viewed", START, Origin.LEAD)
    said, _ = say("default", decided(lead, visit), START + hours(1))
    later = decided(lead, standing=said, until=days(8), facts=(visit.fact,))
    _, (fact,) = say("default", later, START + days(8))
    assert fact.properties["yes"] == ()


def test_a_lead_that_moves_tells_both_accounts() -> None:
    before = a_lead(account=FIRM)
    visit = heard(before.id, "page.viewed", START, Origin.LEAD)
    said, _ = say("default", decided(before, visit), START + hours(1))
    moved = heard(
        before.id,
        Fact.LEAD_CHANGED,
        START + hours(2),
        Origin.HOST,
        revision=2,
        fields=("account",),
        **{"before.account": FIRM, "after.account": OTHER},
    )
    after = attrs.evolve(before, version=2, account=OTHER)
    later = decided(after, moved, standing=said, until=hours(3), facts=(visit.fact,))
    _, facts = say("default", later, START + hours(3))
    assert [(one.subject, one.properties["yes"]) for one in facts] == [(FIRM, ()), (OTHER, (ACTIVE,))]


def test_what_turned_back_before_it_was_said_is_not_said() -> None:
    lead = a_lead(account=FIRM)
    visit = heard(lead.id, "page.viewed", START, Origin.LEAD)
    waiting = decided(lead, visit)
    later = decided(lead, standing=waiting, until=days(8), facts=(visit.fact,))
    assert later.telling is None
    assert later.due_at is None


def test_a_lead_learns_the_answer_and_forgets_what_is_told_no_more() -> None:
    lead = a_lead(account=FIRM)
    yes = heard(lead.id, Fact.ACCOUNT_TOLD, START + minutes(1), **{f"after.{IS_HOT}": True})
    assert decided(lead, yes).memberships == {"asking": START + minutes(1)}
    no = heard(lead.id, Fact.ACCOUNT_TOLD, START + minutes(2))
    assert not decided(lead, yes, no).memberships


# -- a new program ------------------------------------------------------------------------------------------


def test_an_account_rolls_over_with_the_answers_of_its_people_at_hand() -> None:
    standing = decided(a_firm(), heard(FIRM, Fact.ACCOUNT_CREATED, START), program=Program())
    people = {ACTIVE: frozenset({"lead_1", "lead_2", "lead_3"})}
    dossier = Dossier(subject=a_firm(), standing=standing, people=people)
    rolled = roll_over(Program(), PROGRAM, dossier, START + hours(1)).standing
    assert rolled is not None
    assert rolled.people == people
    assert rolled.memberships == {"hot": START + hours(1)}


@pytest.mark.parametrize(("counted", "speaks"), [(True, False), (False, True)])
def test_a_lead_that_rolls_over_speaks_where_its_account_counts_otherwise(counted: bool, speaks: bool) -> None:
    lead = a_lead(account=FIRM)
    visit = heard(lead.id, "page.viewed", START, Origin.LEAD)
    standing = decided(lead, visit, program=Program())
    people = {ACTIVE: frozenset({str(lead.id)} if counted else set())}
    dossier = Dossier(subject=lead, standing=standing, facts=(visit.fact,), told={}, people=people)
    rolled = roll_over(Program(), PROGRAM, dossier, START + hours(1)).standing
    assert rolled is not None
    assert (rolled.telling is not None) is speaks


def test_what_was_only_never_asked_before_enrolls_nobody() -> None:
    scenario = Scenario("s", q.segment("asking"), [tag("x")])
    program = attrs.evolve(PROGRAM, scenarios=[scenario])
    lead = a_lead(account=FIRM)
    answer: dict[str, Value] = {f"after.{IS_HOT}": True}
    anew = heard(lead.id, Fact.ACCOUNT_TOLD, START, **answer, rolled_over=(IS_HOT,))
    standing = decided(lead, anew, program=program)
    assert standing.memberships == {"asking": START}
    assert not standing.enrollments
    assert decided(lead, heard(lead.id, Fact.ACCOUNT_TOLD, START, **answer), program=program).enrollments


def test_a_new_question_is_answered_at_the_roll_over_and_told_as_new() -> None:
    visits = [heard(FIRM, "page.viewed", START + minutes(n), Origin.LEAD) for n in (1, 2)]
    before = Program(segments=[HOT])
    standing = decided(a_firm(), *visits, program=before)
    dossier = Dossier(subject=a_firm(), standing=standing, facts=tuple(one.fact for one in visits))
    rolled = roll_over(before, PROGRAM, dossier, START + hours(1)).standing
    assert rolled is not None
    assert rolled.account == {IS_HOT: True}
    assert rolled.telling is not None
    assert rolled.telling.rolled == (IS_HOT,)
    _, (fact,) = tell_some("default", rolled, [a_lead().id], START + hours(2))
    assert fact.properties["rolled_over"] == (IS_HOT,)


def test_what_turns_before_all_have_heard_it_is_news() -> None:
    telling = Telling(fact=fact_of("t", "t.t", START, START, {}, Origin.ENGINE).id, values={}, rolled=(IS_HOT,))
    standing = Standing(subject=FIRM, program=PROGRAM.fingerprint, advanced_to=START, telling=telling)
    unheard = decided(a_firm(), heard(FIRM, "a.b", START + minutes(1), Origin.LEAD), standing=standing)
    assert unheard.telling == telling
    visits = [heard(FIRM, "page.viewed", START + minutes(n), Origin.LEAD) for n in (1, 2)]
    turned = decided(a_firm(), *visits, standing=standing)
    assert turned.telling is not None
    assert turned.telling.rolled == ()


def test_a_lead_rolls_over_with_the_answers_of_its_account_at_hand() -> None:
    lead = a_lead(account=FIRM)
    before = Program()
    standing = decided(lead, heard(lead.id, Fact.LEAD_CREATED, START), program=before)
    dossier = Dossier(subject=lead, standing=standing, told={IS_HOT: True})
    rolled = roll_over(before, PROGRAM, dossier, START + hours(1)).standing
    assert rolled is not None
    assert set(rolled.memberships) == {"asking"}


def test_questions_that_are_asked_no_more_are_forgotten_at_the_roll_over() -> None:
    standing = decided(a_firm(), word(START, "lead_1", ACTIVE))
    rolled = roll_over(PROGRAM, Program(), Dossier(subject=a_firm(), standing=standing), START + hours(1)).standing
    assert rolled is not None
    assert rolled.people == FrozenMapping()


# -- on a store ---------------------------------------------------------------------------------------------


def a_house(kind: str, folder: Path) -> tuple[House, AccountId, list[LeadId]]:
    """Four people of one company; whoever's company is hot is tagged."""
    scenario = Scenario("s", q.segment("asking"), [tag("called"), wait(days(30))], exit=~q.segment("asking"))
    house = House(attrs.evolve(PROGRAM, scenarios=[scenario]), store_maker(kind, folder))
    firm = house.crm.capture_account(name="Acme").id
    leads = [house.crm.capture(email=f"{name}@example.com", account=firm).id for name in "abcd"]
    house.tick_at(T0 + minutes(1))
    return house, firm, leads


def memberships(house: House, subject: SubjectId) -> set[str]:
    standing = house.crm.standing(subject)
    return set(standing.memberships) if standing else set()


@pytest.mark.parametrize("kind", STORES)
def test_three_active_people_make_the_company_hot_until_one_leaves(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    for lead in leads[:3]:
        assert not memberships(house, leads[3])
        house.crm.record(lead, "page.viewed")
        house.tick_at(house.clock() + minutes(1))
    assert memberships(house, firm) == {"hot"}
    assert [house.crm.lead(lead).tags for lead in leads] == [("called",)] * 4
    house.crm.update(leads[0], account=None)
    house.tick_at(house.clock() + minutes(1))
    assert [memberships(house, one) for one in (firm, *leads)] == [set()] * 5
    standing = house.crm.standing(leads[3])
    assert standing is not None
    assert standing.enrollments[0].reason == "exit"
    assert house.crm.backlog().due == 0
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_time_alone_lets_the_company_cool_down(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    for lead in leads[:3]:
        house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + minutes(2))
    assert memberships(house, leads[3]) == {"asking"}
    house.tick_at(T0 + days(8))
    assert [memberships(house, one) for one in (firm, *leads)] == [set()] * 5
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_a_visitor_whom_nobody_knows_counts_for_the_company(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    for number in range(2):
        house.crm.record(firm, "page.viewed", {"visitor": str(number)})
    house.tick_at(T0 + minutes(2))
    assert memberships(house, leads[0]) == {"asking"}
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_a_lead_that_joins_hears_the_answers_at_once(kind: str, tmp_path: Path) -> None:
    house, firm, _ = a_house(kind, tmp_path)
    for _ in range(2):
        house.crm.record(firm, "page.viewed")  # not decided yet
    lead = house.crm.capture(email="new@example.com", account=firm).id
    (told,) = [one for one in house.crm.timeline(lead) if one.kind == Fact.ACCOUNT_TOLD]
    assert dict(told.properties) == {f"after.{IS_HOT}": True}
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_a_crash_before_a_lead_has_spoken_loses_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    for lead in leads[:3]:
        house.crm.record(lead, "page.viewed")
    with monkeypatch.context() as patch:
        patch.setattr("nurture.runtime.deciding.say_to_accounts", lambda *_: 0)
        house.crm.decide()
    house.clock.move_to(house.clock() + MICROSECOND)
    house.crm.tick()
    assert memberships(house, firm) == {"hot"}
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_new_questions_are_answered_for_the_whole_base_and_enroll_nobody(kind: str, tmp_path: Path) -> None:
    house = House(Program(), store_maker(kind, tmp_path))
    firm = house.crm.capture_account(name="Acme").id
    leads = [house.crm.capture(email=f"{name}@example.com", account=firm).id for name in "abcd"]
    for lead in leads[:3]:
        house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + minutes(1))
    scenario = Scenario("s", q.segment("asking"), [tag("called")])
    house.crm.activate(attrs.evolve(PROGRAM, scenarios=[scenario]))
    house.tick_at(T0 + minutes(2))
    assert memberships(house, firm) == {"hot"}
    assert [memberships(house, lead) for lead in leads] == [{"asking"}] * 4
    assert [house.crm.lead(lead).tags for lead in leads] == [()] * 4
    house.crm.close()


@pytest.mark.parametrize("kind", STORES)
def test_an_activation_that_changes_no_answer_makes_nobody_leave(kind: str, tmp_path: Path) -> None:
    house, firm, leads = a_house(kind, tmp_path)
    for _ in range(2):
        house.crm.record(firm, "page.viewed")
    house.tick_at(T0 + minutes(2))
    edited = Segment(
        "hot", BUSY | (q.touches("page.viewed").count() >= 1), "account"
    )  # another question, the same answer
    house.crm.activate(attrs.evolve(PROGRAM, segments=[edited, ASKING]))
    house.tick_at(T0 + minutes(3))
    kinds = [one.kind for one in house.crm.timeline(leads[0])]
    assert kinds.count(Fact.SEGMENT_ENTERED) == 1
    assert Fact.SEGMENT_LEFT not in kinds
    house.crm.close()
