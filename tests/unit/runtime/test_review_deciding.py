"""Deciding, as fresh eyes broke it once: failures, the dead, accounts, activation, waits, and very long inboxes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nurture import (
    Attribute,
    Basis,
    Lifecycle,
    Message,
    NewFact,
    Nurture,
    Program,
    Refused,
    Scenario,
    Segment,
    Stage,
    Transition,
    days,
    hours,
    minutes,
    q,
)
from nurture.decisions import Decision, advance, roll_over
from nurture.errors import DefinitionError
from nurture.model import Dossier, LeadId, SubjectId
from nurture.ports import Storage
from nurture.simulation import VirtualClock
from nurture.steps import act, notify, send, set_attribute, tag, wait, wait_for
from nurture.storage import MemoryStorage
from nurture.testing import FakeSender
from tests.stores import STORES, T0, House, store_maker

SEEN = Program(
    lifecycle=Lifecycle([Stage("new"), Stage("hot")], [Transition("new", "hot")]),
    segments=[Segment("seen", q.touches("page.viewed"))],
    scenarios=[Scenario("s", q.touches("page.viewed"), [tag("seen")])],
)


def memory(clock: VirtualClock) -> Storage:
    return MemoryStorage(clock=clock, through_codec=True)


class Poison:
    """Makes deciding about some subjects fail, so many times; every other subject is decided as always."""

    def __init__(self, times: float = float("inf"), error: type[Exception] = MemoryError) -> None:
        self.subjects: set[SubjectId] = set()
        self.times = times
        self.error = error

    def check(self, subject: SubjectId) -> None:
        if subject in self.subjects and self.times > 0:
            self.times -= 1
            raise self.error("of secret@example.com")

    def advance(self, program: Program, dossier: Dossier, now: datetime) -> Decision:
        self.check(dossier.subject.id)
        return advance(program, dossier, now)

    def roll_over(self, old: Program, new: Program, dossier: Dossier, at: datetime, **given: Any) -> Decision:
        self.check(dossier.subject.id)
        return roll_over(old, new, dossier, at, **given)


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Poison]:
    def make(times: float = float("inf"), error: type[Exception] = MemoryError) -> Poison:
        poison = Poison(times, error)
        monkeypatch.setattr("nurture.runtime.deciding.advance", poison.advance)
        monkeypatch.setattr("nurture.runtime.activating.advance", poison.advance)
        monkeypatch.setattr("nurture.runtime.activating.roll_over", poison.roll_over)
        return poison

    return make


def a_lead(house: House, email: str = "a@example.com", **fields: object) -> LeadId:
    return house.crm.capture(email=email, consent=Basis.CONSENT, **fields).id  # type: ignore[arg-type]


def dead_one(house: House, poison: Poison) -> LeadId:
    """A lead whose deciding fails until it is given up."""
    lead = a_lead(house)
    poison.subjects = {lead}
    house.crm.record(lead, "page.viewed")
    for minute in (1, 5, 20):
        house.tick_at(T0 + minutes(minute))
    return lead


# -- failures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
def test_a_failure_that_passes_costs_nothing_but_time(poisoned: Callable[..., Poison], times: int) -> None:
    poison, house = poisoned(times), House(SEEN, memory)
    lead, other = a_lead(house), a_lead(house, "b@example.com")
    poison.subjects = {lead}
    for one in (lead, other):
        house.crm.record(one, "page.viewed")
    house.tick_at(T0 + minutes(1))
    assert [one.subject for one in house.crm.members("seen")] == [other]  # the others do not wait
    assert list(house.crm.dead()) == []
    for minute in (5, 20):
        house.tick_at(T0 + minutes(minute))
    assert house.crm.lead(lead).tags == ("seen",)
    assert {one.subject for one in house.crm.members("seen")} == {lead, other}


def test_what_keeps_failing_is_dead_with_a_reason_and_without_personal_data(
    poisoned: Callable[..., Poison], caplog: pytest.LogCaptureFixture
) -> None:
    house = House(SEEN, memory)
    lead = dead_one(house, poisoned())
    assert list(house.crm.dead()) == [(lead, "failed: MemoryError")]
    assert "deciding failed: MemoryError at " in caplog.text
    assert "secret@example.com" not in caplog.text
    assert house.crm.move(lead, "hot") == Refused("dead")
    assert house.crm.enroll(lead, "s") == Refused("dead")
    house.crm.record(lead, "page.viewed")  # writing down never fails
    house.tick_at(T0 + days(1))
    assert house.crm.lead(lead).tags == ()


@pytest.mark.parametrize("store", STORES)
def test_a_dead_subject_comes_back_when_it_is_revived(
    poisoned: Callable[..., Poison], store: str, tmp_path: Path
) -> None:
    poison, house = poisoned(), House(SEEN, store_maker(store, tmp_path))
    lead = dead_one(house, poison)
    poison.times = 0
    house.tick_at(T0 + days(1))
    assert house.crm.lead(lead).tags == ()  # not by itself
    assert house.crm.revive(lead)
    assert not house.crm.revive(lead)
    house.tick_at(T0 + days(2))
    assert (list(house.crm.dead()), house.crm.lead(lead).tags) == ([], ("seen",))
    house.crm.close()


def test_a_dead_subject_is_revived_under_a_mended_program(poisoned: Callable[..., Poison]) -> None:
    poison, house = poisoned(), House(SEEN, memory)
    lead = dead_one(house, poison)
    poison.times = 0
    mended = Program(name="mended", lifecycle=SEEN.lifecycle, segments=[Segment("mended", q.touches("page.viewed"))])
    house.crm.activate(mended)
    assert house.crm.revive(lead)
    house.tick_at(T0 + days(1))
    standing = house.crm.standing(lead)
    assert standing is not None
    assert (standing.dead, standing.program) == (None, mended.fingerprint)
    assert [one.subject for one in house.crm.members("mended")] == [lead]


def test_the_dead_are_listed_page_by_page(poisoned: Callable[..., Poison]) -> None:
    poison, house = poisoned(), House(SEEN, memory)
    leads = {a_lead(house, f"a{n}@example.com") for n in range(510)}
    poison.subjects = set(list(leads)[::100])
    for minute in (1, 5, 20, 60):
        house.tick_at(T0 + minutes(minute))
    assert {subject for subject, _ in house.crm.dead()} == poison.subjects


def test_one_poisoned_subject_does_not_stop_the_activation_of_the_others(poisoned: Callable[..., Poison]) -> None:
    poison, house = poisoned(error=RuntimeError), House(SEEN, memory)
    leads = [a_lead(house, f"a{n}@example.com") for n in range(3)]
    house.tick_at(T0 + minutes(1))
    poison.subjects = {leads[1]}
    newer = Program(name="newer", lifecycle=SEEN.lifecycle)
    house.crm.activate(newer)
    rolled = {one: house.crm.standing(one).program == newer.fingerprint for one in leads}  # type: ignore[union-attr]
    assert rolled == {leads[0]: True, leads[1]: False, leads[2]: True}
    poison.times = 0
    house.crm.record(leads[1], "page.viewed")
    house.tick_at(T0 + hours(1))
    assert house.crm.standing(leads[1]).program == newer.fingerprint  # type: ignore[union-attr]


def test_an_account_that_cannot_be_decided_stops_no_lead(poisoned: Callable[..., Poison]) -> None:
    poison, house = poisoned(), House(SEEN, memory)
    poison.subjects = {house.crm.capture_account(name="A", key="a").id}
    lead = a_lead(house)
    house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + minutes(1))
    assert house.crm.lead(lead).tags == ("seen",)


# -- long inboxes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(seconds=1)])
def test_more_than_a_thousand_waiting_facts_are_decided_in_one_tick(apart: timedelta) -> None:
    house = House(Program(segments=[Segment("keen", q.touches("page.viewed").count() >= 2_500)]), memory)
    lead = a_lead(house)
    house.crm.tick()
    house.crm.record_many(
        NewFact(subject=lead, kind="page.viewed", key=str(n), at=house.clock.now + apart * n) for n in range(2_500)
    )
    house.tick_at(T0 + days(1))
    assert [one.subject for one in house.crm.members("keen")] == [lead]


def test_changes_behind_a_thousand_moments_are_kept() -> None:
    program = Program(segments=[Segment("chief", q.lead.title == "chief"), Segment("x", q.touches("page.viewed"))])
    house = House(program, memory)
    lead = a_lead(house, title="clerk")
    house.crm.tick()
    for part in range(12):
        house.clock.move_to(T0 + minutes(2 * part))
        house.crm.record_many(
            NewFact(subject=lead, kind="page.viewed", key=f"{part}:{n}", at=house.clock.now + timedelta(seconds=n))
            for n in range(100)
        )
    house.clock.move_to(T0 + hours(1))
    house.crm.update(lead, title="chief")
    house.clock.move_to(T0 + hours(2))
    house.crm.decide()  # once: in the middle, nobody may see the title of before
    assert house.crm.lead(lead).title == "chief"
    house.crm.tick()
    assert house.crm.lead(lead).title == "chief"
    assert [one.subject for one in house.crm.members("chief")] == [lead]


# -- accounts ----------------------------------------------------------------------------------------

TOLD = Program(segments=[Segment("retail", q.account.industry == "Retail")])


@pytest.mark.parametrize("ticks_between", [False, True])
def test_an_account_that_moved_there_and_back_tells_the_lead_that_joined_in_between(ticks_between: bool) -> None:
    house = House(TOLD, memory)
    account, lead = house.crm.capture_account(name="B", key="b").id, a_lead(house)
    house.tick_at(T0 + hours(1))
    steps: list[Callable[[], object]] = [
        lambda: house.crm.update(account, industry="Retail"),
        lambda: house.crm.update(lead, account=account),
        lambda: house.crm.update(account, industry=None),
    ]
    for number, step in enumerate(steps):
        house.clock.move_to(T0 + hours(2 + number))
        step()
        if ticks_between:
            house.tick_at(T0 + hours(2 + number) + minutes(30))
    for hour in (8, 9):
        house.tick_at(T0 + hours(hour))
    standing = house.crm.standing(lead)
    assert standing is not None
    assert standing.account == {}
    assert list(house.crm.members("retail")) == []


# -- activation --------------------------------------------------------------------------------------

HELLO = Message("hello", "transactional", "Hello", "Hello")
TIPS = Message("tips", "transactional", "Tips", "Tips")


def running(*steps: object, **given: object) -> Program:
    return Program(
        messages=[HELLO, TIPS, Message("note", "internal", "Note", "Note")],
        scenarios=[Scenario("w", q.touches("go.now"), [wait(days=1), *steps])],  # type: ignore[list-item]
        **given,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("program", "word"),
    [
        (running(send("tips")), "'tips'"),
        (running(notify("note")), "'note'"),
        (running(act("sync"), actions=["sync"]), "sync"),
        (running(set_attribute("n", 1), attributes=[Attribute("n", "integer")]), "n"),
    ],
)
def test_a_program_that_drops_what_a_running_enrollment_needs_is_refused(program: Program, word: str) -> None:
    house = House(program, memory, actions={"sync": lambda *_: None})
    lead = a_lead(house)
    house.crm.record(lead, "go.now")
    house.tick_at(T0 + minutes(1))
    with pytest.raises(DefinitionError, match=word) as caught:
        house.crm.activate(Program(messages=[HELLO]))
    assert all("scenarios.w (a version that still runs)" in one for one in caught.value.problems)
    house.tick_at(T0 + days(2))  # still the old program, and it goes on
    assert house.crm.program == program
    assert house.crm.standing(lead).dead is None  # type: ignore[union-attr]
    house.crm.activate(Program(messages=[HELLO]))  # nothing runs any more


def test_a_program_that_drops_a_stage_in_which_leads_stand_is_refused() -> None:
    older = Program(
        lifecycle=Lifecycle([Stage("new"), Stage("mql")], [Transition("new", "mql", when=q.touches("a.done"))])
    )
    house = House(older, memory)
    leads = [a_lead(house, f"a{n}@example.com") for n in range(3)]
    for lead in leads[:2]:
        house.crm.record(lead, "a.done")
    house.tick_at(T0 + minutes(1))
    with pytest.raises(DefinitionError, match="2 subjects stand in stage 'mql'"):
        house.crm.activate(Program(lifecycle=Lifecycle([Stage("new"), Stage("sql")])))
    with pytest.raises(DefinitionError, match="'mql'"):
        house.crm.activate(Program())
    assert house.crm.standing(leads[0]).stage == "mql"  # type: ignore[union-attr]
    house.crm.activate(Program(lifecycle=Lifecycle([Stage("start"), Stage("new"), Stage("mql")])))
    assert [house.crm.standing(one).stage for one in leads] == ["mql", "mql", "new"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("program", "word"),
    [
        (Program(actions=["sync"]), "'sync'"),
        (Program(messages=[Message("hello", "marketing", "{{ broken", "x")]), "hello"),
        (Program(messages=[Message("hello", "marketing", "Hi", "{{ lead.nmae }}")]), "hello"),
    ],
)
def test_a_program_is_checked_when_it_is_activated_as_when_the_runtime_is_built(program: Program, word: str) -> None:
    house = House(Program(), memory)
    with pytest.raises(DefinitionError, match=word):
        house.crm.activate(program)
    assert house.crm.program == Program()
    with pytest.raises(DefinitionError, match=word):
        Nurture(program, memory(house.clock), senders={"email": FakeSender()})


# -- waits and runs ----------------------------------------------------------------------------------

CLICKED = q.touches("email.clicked")


def test_wait_for_answers_only_clicks_in_mails_of_its_own_run() -> None:
    sender = FakeSender()
    steps = [send("hello"), wait_for(CLICKED, days(2), [set_attribute("n", 1)], [set_attribute("n", 2)])]
    program = Program(
        messages=[HELLO, TIPS],
        attributes=[Attribute("n", "integer")],
        scenarios=[
            Scenario("w", q.touches("form.sent"), steps, key="form"),
            Scenario("digest", q.touches("month.ended"), [send("tips")]),
        ],
    )
    house = House(program, memory, senders={"email": sender})
    lead = a_lead(house)
    for number, form in enumerate(("x", "y")):
        house.clock.move_to(T0 + minutes(number))
        house.crm.record(lead, "form.sent", {"form": form})
    house.crm.record(lead, "month.ended")
    for minute in (10, 11, 12):
        house.tick_at(T0 + minutes(minute))
    by_run = {one.scenario + one.run_key: one.id for one in house.crm.standing(lead).enrollments}  # type: ignore[union-attr]
    mail = {one.enrollment: one.id for one in house.crm.effects(lead)}
    assert len(sender.delivered) == len(mail) == 3

    def waiting() -> set[str]:
        return {one.run_key for one in house.crm.standing(lead).enrollments if one.is_active}  # type: ignore[union-attr]

    house.crm.record(lead, "email.clicked", cause=mail[by_run["digest"]])
    house.tick_at(T0 + hours(1))
    assert waiting() == {"x", "y"}
    house.crm.record(lead, "email.clicked", cause=mail[by_run["wx"]])
    house.tick_at(T0 + hours(2))
    assert waiting() == {"y"}
    assert house.crm.lead(lead).attributes == {"n": 1}
    house.crm.record(lead, "email.clicked")  # nobody knows of which mail
    house.tick_at(T0 + hours(3))
    assert waiting() == set()


def test_wait_for_looks_back_the_same_however_often_one_ticks() -> None:
    program = Program(
        messages=[HELLO],
        segments=[Segment("lately", q.touches("page.viewed").within(days=1))],
        scenarios=[
            Scenario(
                "s",
                q.touches("go.now"),
                [send("hello"), wait(days=40), wait_for(CLICKED, days(3), [tag("yes")], [tag("no")])],
            )
        ],
    )
    tags = []
    for often in (True, False):
        house = House(program, memory)
        lead = a_lead(house)
        house.crm.record(lead, "go.now")
        house.tick_at(T0 + hours(1))
        house.clock.move_to(T0 + days(1))
        house.crm.record(lead, "email.clicked")
        for day in range(2, 60):
            house.clock.move_to(T0 + days(day))
            if day == 38:
                house.crm.record(lead, "page.viewed")
            if often:
                house.crm.tick()
        house.tick_at(T0 + days(61))
        tags.append(house.crm.lead(lead).tags)
    assert tags[0] == tags[1]
    assert len(tags[0]) == 1


def test_a_run_key_that_is_missing_or_none_is_no_key() -> None:
    program = Program(scenarios=[Scenario("s", q.touches("go.now"), [wait(days=1)], key="id", reentry="always")])
    house = House(program, memory)
    lead = a_lead(house)
    for minute, properties in enumerate(({"id": None}, {}, {"id": 7})):
        house.crm.record(lead, "go.now", properties)
        house.tick_at(T0 + minutes(minute + 1))
    keys = [one.run_key for one in house.crm.standing(lead).enrollments]  # type: ignore[union-attr]
    assert sorted(keys) == ["", "7"]
