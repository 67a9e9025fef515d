"""Who is in a segment or satisfies a predicate: the same on every store, whoever finds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from nurture import Program, Segment, days, q
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Lead, SubjectKind
from nurture.model.decay import value_at
from nurture.ports import Capability
from nurture.predicates import Predicate
from nurture.runtime import Knowledge, selecting
from nurture.runtime.asking import Inquiry, Present
from nurture.storage import MemoryStorage
from tests.stores import T0, House
from tests.unit.runtime.audience import ASKED, PROGRAM, STORES, Audience

SMALL = 5
"""So many on a page, so that even a small base has several."""


@pytest.fixture(scope="module", params=STORES)
def audience(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audience]:
    made = Audience(request.param, tmp_path_factory.mktemp("audience"))
    yield made
    made.crm.close()


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selecting, "PAGE", SMALL)


def asked_one_by_one(audience: Audience, predicate: Predicate) -> list[str]:
    """Who satisfies it, by `match`, without a page, a store's help or a shared batch."""
    now = audience.storage.now()
    found: list[str] = []
    for lead in sorted(audience.leads):
        inquiry = Inquiry(PROGRAM, SubjectKind.LEAD, predicate, Present("default", now))
        with audience.storage.view() as view:
            found += inquiry.yes(view, view.get(Lead, [lead]))
    return found


@pytest.mark.parametrize("name", ASKED)
def test_a_predicate_is_asked_of_everybody_now(audience: Audience, name: str) -> None:
    expected = asked_one_by_one(audience, ASKED[name])
    found = list(audience.crm.members(ASKED[name]))
    assert [one.subject for one in found] == expected
    assert audience.crm.count(ASKED[name]) == len(expected)
    standings = {one: audience.crm.standing(one) for one in expected}
    assert [(one.since, one.known, one.advanced_to) for one in found] == [
        (None, Knowledge.NOW, standings[one].advanced_to)  # type: ignore[union-attr]
        for one in expected
    ]


def test_the_base_tells_every_question_from_everybody_and_nobody(audience: Audience) -> None:
    counts = {name: audience.crm.count(predicate) for name, predicate in ASKED.items()}
    assert (counts.pop("everybody"), counts.pop("nobody")) == (12, 0)
    assert {name for name, number in counts.items() if number in (0, 12)} == set()


def test_a_question_about_the_account_looks_at_the_account_itself(audience: Audience) -> None:
    """Nobody told the leads these values: no predicate of the program reads them."""
    large = {one for one in audience.leads if audience.crm.lead(one).account == audience.accounts[0]}
    assert {one.subject for one in audience.crm.members(q.account.employees == 120)} == large
    named = q.account.matches(q.account.name == "Acme")
    assert {one.subject for one in audience.crm.members(named)} == large


def test_people_are_counted_among_all_leads_of_the_account(audience: Audience) -> None:
    for account in audience.accounts:
        people = [lead for lead in map(audience.crm.lead, audience.leads) if lead.account == account]
        seminar = sum(lead.source == "seminar" for lead in people)
        where = (q.account.name == audience.crm.account(account).name) & (
            q.account.leads.where(q.lead.source == "seminar").count() == seminar
        )
        assert [one.subject for one in audience.crm.members(where, subject="account")] == [account]


def test_accounts_are_found_as_leads_are(audience: Audience) -> None:
    saas = sorted(one for one in audience.accounts if audience.crm.account(one).industry == "SaaS")
    assert [one.subject for one in audience.crm.members(q.account.industry == "SaaS", subject="account")] == saas
    assert [one.subject for one in audience.crm.members("large")] == [audience.accounts[0]]
    ordered = audience.crm.members(q.everyone, subject="account", order_by=q.account.employees.desc())
    assert [one.value for one in ordered] == [120, 30, None]


@pytest.mark.parametrize("segment", [one.name for one in PROGRAM.segments])
def test_a_segment_reads_the_memberships_that_are_kept(audience: Audience, segment: str) -> None:
    kept = {}
    for one in (*audience.leads, *audience.accounts):
        standing = audience.crm.standing(one)
        if standing is not None and segment in standing.memberships:
            kept[one] = (standing.memberships[segment], standing.advanced_to)
    declared = PROGRAM.segment(segment)
    assert declared is not None
    for asked in (segment, declared):
        found = list(audience.crm.members(asked))
        assert {one.subject: (one.since, one.advanced_to) for one in found} == kept
        assert [one.subject for one in found] == sorted(kept)
        assert {one.known for one in found} <= {Knowledge.KEPT}
    assert audience.crm.count(segment) == len(kept)
    assert kept


def test_after_goes_on_in_the_order_of_ids(audience: Audience) -> None:
    everybody = [one.subject for one in audience.crm.members(q.everyone)]
    assert everybody == sorted(audience.leads)
    for asked in (q.everyone, "looking"):
        whole = [one.subject for one in audience.crm.members(asked)]
        assert [one.subject for one in audience.crm.members(asked, after=everybody[3])] == [
            one for one in whole if one > everybody[3]
        ]
        assert [one.subject for one in audience.crm.members(asked, limit=2)] == whole[:2]
        assert list(audience.crm.members(asked, limit=0)) == []


# -- in an order ---------------------------------------------------------------------------------------


def by_score(audience: Audience, now: datetime) -> list[str]:
    """The leads by their warmth, the warmest first, worked out here."""
    scale = PROGRAM.names(SubjectKind.LEAD).scales["warmth"]
    values = {
        one: value_at(standing.scores.get("warmth") if standing else None, scale, now)
        for one in audience.leads
        for standing in [audience.crm.standing(one)]
    }
    return sorted(values, key=lambda one: (-values[one], one))


def test_a_daily_call_list_is_the_warmest_first(audience: Audience) -> None:
    order = by_score(audience, audience.storage.now())
    found = list(audience.crm.members(q.everyone, order_by=q.score("warmth").desc(), limit=4))
    assert [one.subject for one in found] == order[:4]
    values = [one.value for one in found]
    assert values == sorted(values, reverse=True)  # type: ignore[type-var]
    whole = [one.subject for one in audience.crm.members(q.everyone, order_by=q.score("warmth").desc())]
    assert whole == order
    wanted = q.lead.source == "seminar"
    some = [one.subject for one in audience.crm.members(wanted, order_by=q.score("warmth").desc(), limit=3)]
    assert some == [one for one in order if audience.crm.lead(one).source == "seminar"][:3]  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", ["looking", "a field", "held"])
@pytest.mark.parametrize(
    "field", ["name", "seats", "created_at", "source", "email", "title"], ids=lambda field: str(field)
)
@pytest.mark.parametrize("descending", [False, True], ids=["asc", "desc"])
def test_fields_order_by_code_point_and_the_missing_come_last(
    audience: Audience, asked: str, field: str, descending: bool
) -> None:
    who = ASKED.get(asked, asked)
    term = getattr(q.lead, field)
    found = list(audience.crm.members(who, order_by=term.desc() if descending else term.asc()))
    leads = {one.subject: audience.crm.lead(one.subject).values.get(field) for one in audience.crm.members(who)}  # type: ignore[arg-type]
    known = sorted(one for one in leads if leads[one] is not None)
    known.sort(key=lambda one: leads[one], reverse=descending)  # type: ignore[arg-type,return-value]
    expected = [*known, *sorted(one for one in leads if leads[one] is None)]
    assert [(one.subject, one.value) for one in found] == [(one, leads[one]) for one in expected]
    first = audience.crm.members(who, order_by=term.desc() if descending else term.asc(), limit=3)
    assert [one.subject for one in first] == expected[:3]


def test_an_order_by_the_accounts_field_looks_at_the_account(audience: Audience) -> None:
    found = list(audience.crm.members(q.everyone, order_by=q.account.employees.desc()))
    employees = {one: audience.crm.account(one).employees for one in audience.accounts}
    values = [one.value for one in found]
    assert values == [employees.get(audience.crm.lead(one.subject).account) for one in found]  # type: ignore[arg-type]
    assert values[0] == 120
    assert values[-1] is None


# -- page by page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["everybody", "a field", "held", "looking"])
@pytest.mark.parametrize("order", [None, q.score("warmth").desc(), q.lead.seats.asc(), q.lead.created_at.desc()])
def test_pages_are_the_whole_in_pieces(audience: Audience, asked: str, order: object) -> None:
    who = ASKED.get(asked, asked)
    whole = [one.subject for one in audience.crm.members(who, order_by=order)]  # type: ignore[arg-type]
    found: list[str] = []
    cursor, instants = None, set()
    for _ in range(20):
        page = audience.crm.page(who, limit=3, cursor=cursor, order_by=order)  # type: ignore[arg-type]
        found += [one.subject for one in page.members]
        instants.add(page.at)
        cursor = page.cursor
        if cursor is None:
            break
        assert len(page.members) == 3
    assert found == whole
    assert len(instants) == 1


def test_a_page_that_ends_with_the_last_member_has_no_cursor(audience: Audience) -> None:
    assert audience.crm.page(q.everyone, limit=12).cursor is None
    assert audience.crm.page(q.everyone, limit=11).cursor is not None


def test_a_score_stands_still_from_page_to_page() -> None:
    """The second page is asked about the instant of the first one, however much later it is asked for."""
    house = House(PROGRAM, lambda clock: MemoryStorage(clock=clock))
    leads = [house.crm.capture(email=f"{number}@example.com").id for number in range(4)]
    for number, lead in enumerate(leads):
        for view in range(number):
            house.crm.record(lead, "page.viewed", key=str(view))
    house.tick_at(T0 + days(1))
    order = q.score("warmth").desc()
    first = house.crm.page(q.everyone, limit=2, order_by=order)
    house.clock.move_to(T0 + days(300))
    second = house.crm.page(q.everyone, limit=2, order_by=order, cursor=first.cursor)
    assert [one.subject for one in (*first.members, *second.members)] == leads[::-1]
    assert second.at == first.at
    values = [one.value for one in (*first.members, *second.members)]
    assert values[0] == pytest.approx(3 * values[2])  # type: ignore[operator]


def test_a_cursor_of_another_question_or_none_at_all_is_refused(audience: Audience) -> None:
    crm = audience.crm
    cursor = crm.page(q.everyone, limit=2).cursor
    assert cursor is not None
    for wrong in (
        "",
        "x",
        "é",
        cursor[:-4],
        cursor.swapcase(),
        "W10=",
        "e30=",
        "bnVsbA==",
        "1" * 200_000,
        "[" * 90_000,
    ):
        with pytest.raises(DefinitionError, match="cursor"):
            crm.page(q.everyone, limit=2, cursor=wrong)
    with pytest.raises(DefinitionError, match="cursor"):
        crm.page(q.lead.source == "seminar", limit=2, cursor=cursor)
    with pytest.raises(DefinitionError, match="cursor"):
        crm.page(q.everyone, limit=2, cursor=cursor, order_by=q.lead.name.asc())
    with pytest.raises(DefinitionError, match="limit"):
        crm.page(q.everyone, limit=0)


# -- some of them --------------------------------------------------------------------------------------


def test_a_sample_is_drawn_by_id_and_seed_alone(audience: Audience) -> None:
    crm = audience.crm
    first = crm.sample(q.everyone, 4, seed=7)
    assert first == crm.sample(q.everyone, 4, seed=7)
    assert [one.subject for one in first] == sorted(one.subject for one in first)
    assert len({one.subject for one in first}) == 4
    draws = {tuple(one.subject for one in crm.sample(q.everyone, 4, seed=seed)) for seed in range(12)}
    assert len(draws) > 6
    larger = {one.subject for one in crm.sample(q.everyone, 6, seed=7)}
    assert {one.subject for one in first} < larger
    assert len(crm.sample(q.everyone, 99)) == 12
    assert crm.sample(q.everyone, 0) == ()
    assert len(crm.sample("looking", 2, seed="a")) == 2


# -- what is refused -----------------------------------------------------------------------------------


def test_what_is_not_declared_is_refused_with_near_misses(audience: Audience) -> None:
    crm = audience.crm
    with pytest.raises(UnknownNameError, match="looking"):
        crm.members("lookin")
    with pytest.raises(DefinitionError, match="'title'"):
        crm.count(q.lead.titel == "CTO")
    with pytest.raises(DefinitionError, match="'warmth'"):
        crm.members(q.everyone, order_by=q.score("warmt").desc())
    with pytest.raises(DefinitionError, match="'name'"):
        crm.members(q.everyone, order_by=q.lead.nam.asc())
    with pytest.raises(DefinitionError, match="no order"):
        crm.members(q.everyone, order_by=q.lead.tags.asc())
    with pytest.raises(DefinitionError, match="order_by"):
        crm.members(q.everyone, order_by=q.lead.name)  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="many facts"):
        q.prop("path").asc()
    with pytest.raises(DefinitionError, match="found int"):
        crm.members(3)  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="about accounts"):
        crm.members("large", subject="lead")
    with pytest.raises(DefinitionError, match="page"):
        crm.members(q.everyone, order_by=q.lead.name.asc(), after="lead_1")
    with pytest.raises(DefinitionError, match="limit"):
        crm.members(q.everyone, limit=-1)
    with pytest.raises(ValueError, match="person"):
        crm.members(q.everyone, subject="person")


def test_a_segment_that_is_not_the_declared_one_is_refused(audience: Audience) -> None:
    with pytest.raises(DefinitionError, match=r"another segment 'looking'.*\.where"):
        audience.crm.members(Segment("looking", q.everyone))
    with pytest.raises(UnknownNameError):
        audience.crm.members(Segment("draft", q.everyone))


# -- fresh ---------------------------------------------------------------------------------------------


def test_fresh_decides_what_is_due_first(tmp_path: Path) -> None:
    house = House(PROGRAM, lambda clock: MemoryStorage(clock=clock))
    lead = house.crm.capture(email="a@example.com").id
    for number in range(2):
        house.crm.record(lead, "page.viewed", key=str(number))
    assert list(house.crm.members("looking")) == []
    assert house.crm.count("looking", fresh=True) == 1
    assert [one.subject for one in house.crm.sample("looking", 1)] == [lead]


def test_what_is_asked_now_sees_facts_that_nobody_decided_yet() -> None:
    house = House(PROGRAM, lambda clock: MemoryStorage(clock=clock))
    lead = house.crm.capture(email="a@example.com").id
    house.crm.record(lead, "page.viewed")
    assert [one.subject for one in house.crm.members(q.touches("page.viewed"))] == [lead]
    assert house.crm.count(q.score("warmth") >= 1) == 0
    assert house.crm.count(q.score("warmth") >= 1, fresh=True) == 1


def test_members_may_be_written_about_while_they_are_walked(audience: Audience) -> None:
    """No view is open between two members."""
    house = House(Program(), lambda clock: MemoryStorage(clock=clock))
    leads = {house.crm.capture(email=f"{number}@example.com").id for number in range(12)}
    for one in house.crm.members(q.everyone):
        house.crm.record(one.subject, "page.viewed")
    assert {one.subject for one in house.crm.members(q.touches("page.viewed"))} == leads


def test_a_store_that_finds_is_asked_and_others_are_not(audience: Audience) -> None:
    finds = Capability.FIND in audience.storage.capabilities
    asked = selecting.selected(audience.crm._host, q.lead.source == "seminar")
    assert asked.is_for_store is finds
    then = selecting.selected(audience.crm._host, q.everyone, at=T0)
    assert not then.is_for_store
