"""Taking in and writing down, as fresh eyes broke it once: consents, identity, late updates, typed errors, paging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nurture import (
    Attribute,
    Basis,
    Consent,
    Lifecycle,
    Message,
    NewFact,
    Nurture,
    Program,
    Refused,
    Scenario,
    Stage,
    Touchpoint,
    Transition,
    Withdrawn,
    days,
    hours,
    minutes,
    q,
)
from nurture.errors import InvalidFactError, NotFoundError, NurtureError, UnknownNameError
from nurture.model import Fact, LeadId, SubjectId
from nurture.ports import Storage
from nurture.simulation import VirtualClock
from nurture.steps import send, set_attribute, tag, wait
from nurture.storage import MemoryStorage
from nurture.testing import FakeSender
from tests.stores import STORES, T0, House, store_maker

PROGRAM = Program(
    lifecycle=Lifecycle([Stage("new"), Stage("hot")], [Transition("new", "hot")]),
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    attributes=[Attribute("n", "integer")],
    scenarios=[Scenario("w", q.touches("form.submitted"), [send("hello"), wait(days=9)], reentry="always")],
)
NAIVE = datetime(2026, 4, 1)  # noqa: DTZ001 - a caller's mistake


def memory(clock: VirtualClock) -> Storage:
    return MemoryStorage(clock=clock, through_codec=True)


@pytest.fixture
def house() -> House:
    return House(PROGRAM, memory)


def facts_of(house: House, lead: LeadId, kind: str) -> list[Touchpoint]:
    return [one for one in house.crm.timeline(lead, limit=1000) if one.kind == kind]


def outcomes(house: House, lead: LeadId) -> list[tuple[str, str]]:
    return [(one.state.value, one.reason) for one in reversed(house.crm.effects(lead))]


# -- consents ----------------------------------------------------------------------------------------


def test_a_consent_that_ran_out_is_renewed_by_capture(house: House) -> None:
    old = Consent(at=T0, basis=Basis.RELATION, expires_at=T0 + days(30))
    lead = house.crm.capture(email="a@example.com", consent=old).id
    house.clock.move_to(T0 + days(60))
    again = house.crm.capture(email="a@example.com", consent=Basis.CONSENT, source="form2")
    word = again.consent_for()
    assert word is not None
    assert (word.basis, word.expires_at, word.at.date()) == (Basis.CONSENT, None, (T0 + days(60)).date())
    house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + days(61))
    assert outcomes(house, lead) == [("accepted", "")]
    given = facts_of(house, lead, Fact.CONSENT_GIVEN)
    assert [one.properties["basis"] for one in given] == ["consent", "relation"]
    assert given[1].properties["expires_at"] == T0 + days(30)


def test_a_tick_on_a_form_after_a_refusal_is_written_down_and_changes_nothing(house: House) -> None:
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT).id
    house.crm.unsubscribe(lead)
    house.clock.move_to(T0 + days(1))
    word = house.crm.capture(email="a@example.com", consent=Basis.CONSENT).consent_for()
    assert word is not None
    assert not word.given
    assert len(facts_of(house, lead, Fact.CONSENT_GIVEN)) == 2
    house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + days(2))
    assert [state for state, _ in outcomes(house, lead)] == ["withheld"]


@pytest.mark.parametrize("store", STORES)
def test_two_consents_at_one_instant_are_two_facts(store: str, tmp_path: Path) -> None:
    house = House(PROGRAM, store_maker(store, tmp_path))
    for channel in ("email", "sms"):
        lead = house.crm.capture(email="a@example.com", consent=Consent(at=T0, channel=channel))
    assert {one.channel for one in lead.consents} == {"email", "sms"}
    given = facts_of(house, lead.id, Fact.CONSENT_GIVEN)
    assert sorted(str(one.properties["channel"]) for one in given) == ["email", "sms"]
    house.crm.close()


# -- identity ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
def test_an_address_of_another_lead_is_refused_by_update(store: str, tmp_path: Path) -> None:
    house = House(PROGRAM, store_maker(store, tmp_path))
    one, other = (house.crm.capture(email=f"{name}@example.com") for name in "ab")
    with pytest.raises(InvalidFactError, match=r"lead\.email") as caught:
        house.crm.update(other.id, email="A@EXAMPLE.COM")
    assert one.id in str(caught.value)
    assert "example.com" not in str(caught.value).lower()
    assert house.crm.lead(other.id) == other
    house.crm.update(other.id, email="c@example.com")
    assert house.crm.capture(email="c@example.com").id == other.id
    assert house.crm.capture(email="b@example.com").id == other.id  # the old one still leads to it
    house.crm.close()


def test_capture_takes_over_no_identifier_that_another_lead_has(house: House) -> None:
    first = house.crm.capture(email="a@example.com")
    second = house.crm.capture(phone="+81312345678", visitor="v2")
    again = house.crm.capture(email="a@example.com", phone="+81312345678", name="Hana")
    assert (again.id, again.phone, again.name) == (first.id, None, "Hana")
    assert house.crm.lead(second.id) == second
    assert house.crm.capture(phone="+81312345678").id == second.id


def test_a_local_part_in_quotes_is_the_same_person(house: House) -> None:
    plain = house.crm.capture(email="da..me.@docomo.ne.jp", consent=Basis.CONSENT)
    quoted = house.crm.capture(email='"da..me."@docomo.ne.jp', name="Hana")
    assert (quoted.id, quoted.email) == (plain.id, "da..me.@docomo.ne.jp")
    house.crm.unsubscribe(quoted.id)
    house.crm.record(plain.id, "form.submitted")
    house.tick_at(T0 + hours(1))
    assert [state for state, _ in outcomes(house, plain.id)] == ["withheld"]


# -- updates and requests that come before a late decision ---------------------------------------------


@pytest.mark.parametrize("ticks_between", [False, True])
def test_an_update_that_equals_the_record_wins_over_a_step_that_was_due_before(ticks_between: bool) -> None:
    program = Program(
        attributes=[Attribute("n", "integer")],
        scenarios=[Scenario("s", q.touches("go.now"), [wait(hours(1)), set_attribute("n", 1)])],
    )
    house = House(program, memory)
    lead = house.crm.capture(email="a@example.com", attributes={"n": 5}).id
    house.crm.record(lead, "go.now")
    house.tick_at(T0 + minutes(1))
    house.clock.move_to(T0 + hours(2))
    if ticks_between:
        house.crm.tick()
    house.crm.update(lead, attributes={"n": 5})
    house.tick_at(T0 + hours(3))
    assert house.crm.lead(lead).attributes == {"n": 5}


def test_withdraw_sees_the_run_that_an_undecided_fact_begins(house: House) -> None:
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT).id
    house.crm.record(lead, "form.submitted")
    house.clock.move_to(T0 + minutes(1))
    assert house.crm.withdraw(lead, "w") == Withdrawn("w", 1)
    house.tick_at(T0 + hours(1))
    assert [state for state, _ in outcomes(house, lead)] == ["cancelled"]
    assert house.crm.withdraw(lead, "w") == Refused("not_enrolled")


# -- typed errors ------------------------------------------------------------------------------------

LEAD = {"email": "a@example.com"}


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda crm, lead: crm.consent(lead, purpose="marketting"), "purpose: .*marketing"),
        (lambda crm, lead: crm.consent(lead, basis="consentt"), "basis: .*consent"),
        (lambda crm, lead: crm.consent(lead, at=NAIVE), "at"),
        (lambda crm, lead: crm.unsubscribe(lead, purpose="bogus"), "purpose"),
        (lambda crm, lead: crm.record(lead, "page.viewed", origin="leed"), "origin: .*lead"),
        (lambda crm, lead: crm.capture(email=5), r"lead\.email: expected text, found int"),
        (lambda crm, lead: crm.capture(email="b@example.com", title=["x"]), r"lead\.title"),
        (lambda crm, lead: crm.capture(external_ids={"sf": 7}), r"lead\.external_ids"),
        (lambda crm, lead: crm.capture(**LEAD, tags="abc"), r"lead\.tags"),
        (lambda crm, lead: crm.capture(**LEAD, consent="agreed"), "consent"),
        (lambda crm, lead: crm.capture(**LEAD, at=NAIVE), "at"),
        (lambda crm, lead: crm.capture(**LEAD, at=datetime(2029, 1, 1, tzinfo=UTC)), "at"),
        (lambda crm, lead: crm.capture(**LEAD, zone="Nowhere/City"), "zone"),
        (lambda crm, lead: crm.capture_account(name="A", at=datetime(2029, 1, 1, tzinfo=UTC)), "at"),
        (lambda crm, lead: crm.update(lead, title=5), "title"),
        (lambda crm, lead: crm.timeline(lead, before=NAIVE), "before"),
        (lambda crm, lead: crm.record_many([5]), r"facts\[0\]"),
        (
            lambda crm, lead: crm.record_many(
                [NewFact(subject=lead, kind="a.done"), NewFact(subject=lead, kind="Nope")]
            ),
            r"facts\[1\]\.kind",
        ),
        (lambda crm, lead: crm.record_many([NewFact(subject=lead, kind="a.done", at=NAIVE)]), r"facts\[0\]\.at"),
        (
            lambda crm, lead: crm.record_many([NewFact(subject=lead, kind="a.done", properties={"x": object()})]),
            r"facts\[0\]\.properties",
        ),
    ],
)
def test_what_cannot_be_accepted_is_refused_by_field(
    house: House, call: Callable[[Any, LeadId], object], word: str
) -> None:
    lead = house.crm.capture(email="known@example.com").id
    before = house.crm.timeline(lead)
    with pytest.raises((InvalidFactError, UnknownNameError), match=word) as caught:
        call(house.crm, lead)
    assert isinstance(caught.value, NurtureError)
    assert house.crm.timeline(lead) == before
    assert house.crm.lead(lead).consents == ()


def test_a_basis_as_text_is_a_consent(house: House) -> None:
    word = house.crm.capture(email="a@example.com", consent="relation").consent_for()
    assert word is not None
    assert (word.basis, word.given) == (Basis.RELATION, True)


def test_a_stage_that_nothing_declares_names_its_neighbours(house: House) -> None:
    with pytest.raises(UnknownNameError, match="'hot'"):
        house.crm.move(house.crm.capture(email="a@example.com").id, "hto")


def test_whoever_asks_about_nobody_is_told_so(house: House) -> None:
    nobody = LeadId(SubjectId("lead_none"))
    lead = house.crm.capture(email="a@example.com").id
    calls: list[Callable[[Nurture], object]] = [
        lambda crm: crm.timeline(nobody),
        lambda crm: crm.effects(nobody),
        lambda crm: crm.standing(nobody),
        lambda crm: crm.revive(nobody),
        lambda crm: crm.update(lead, account="acct_none"),
        lambda crm: crm.capture(email="b@example.com", account="acct_none"),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(NotFoundError):
            call(house.crm)
    with pytest.raises(NotFoundError, match=r"facts\[1\]\.subject"):
        house.crm.record_many([NewFact(subject=lead, kind="a.done"), NewFact(subject=nobody, kind="a.done")])
    assert facts_of(house, lead, "a.done") == []


# -- paging ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
def test_a_timeline_is_paged_by_fact_also_within_one_instant(store: str, tmp_path: Path) -> None:
    house = House(PROGRAM, store_maker(store, tmp_path))
    lead = house.crm.capture(email="a@example.com").id
    house.crm.record_many(NewFact(subject=lead, kind="page.viewed", key=str(n), at=T0) for n in range(250))
    whole = house.crm.timeline(lead, limit=1000)
    paged: list[Touchpoint] = []
    while page := house.crm.timeline(lead, before=paged[-1] if paged else None, limit=100):
        paged += page
    assert len(paged) == 251
    assert tuple(paged) == whole
    assert house.crm.timeline(lead, before=T0) == ()
    house.crm.close()


# -- observers ---------------------------------------------------------------------------------------


def test_what_is_told_again_reaches_observers_once_and_senders_once() -> None:
    heard: list[str] = []
    sender = FakeSender()
    house = House(PROGRAM, memory, senders={"email": sender}, observers=[lambda fact: heard.append(fact.id)])
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT).id
    for _ in range(3):
        house.crm.record(lead, "form.submitted", key="k")
        house.tick_at(house.clock.now + timedelta(minutes=1))
    assert len(heard) == len(set(heard))
    assert {one.id for one in house.crm.timeline(lead)} == set(heard)
    assert len(sender.delivered) == 1


def test_a_tag_that_a_step_sets_while_the_host_updates_is_not_lost() -> None:
    program = Program(scenarios=[Scenario("s", q.touches("go.now"), [wait(hours(1)), tag("late")])])
    house = House(program, memory)
    lead = house.crm.capture(email="a@example.com").id
    house.crm.record(lead, "go.now")
    house.clock.move_to(T0 + hours(2))
    house.crm.update(lead, title="x")
    house.tick_at(T0 + hours(3))
    found = house.crm.lead(lead)
    assert (found.tags, found.title) == (("late",), "x")
