"""The host's object: every public method, on both stores, with good and bad input."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nurture import (
    Attribute,
    Basis,
    Consent,
    Enrolled,
    Lifecycle,
    Message,
    Moved,
    NewFact,
    Nurture,
    Origin,
    Program,
    Refused,
    Scenario,
    Segment,
    Stage,
    Transition,
    Withdrawn,
    days,
    hours,
    minutes,
    q,
)
from nurture.errors import DefinitionError, InvalidFactError, NotFoundError, ProgramMismatchError, UnknownNameError
from nurture.model import EffectState, LeadId, Standing, SubjectId
from nurture.ports import Deferred, Envelope, Receipt, Rejected
from nurture.steps import act, send, set_attribute, tag, wait, wait_for
from nurture.storage import MemoryStorage
from tests.stores import STORES, T0, House, store_maker

PROGRAM = Program(
    lifecycle=Lifecycle(
        [Stage("new"), Stage("mql"), Stage("won")],
        [Transition("new", "mql", guard=q.touches("page.viewed")), Transition("mql", "won", reason_required=True)],
    ),
    segments=[Segment("saas", q.account.industry == "SaaS"), Segment("chief", q.lead.title == "部長")],
    messages=[Message("hello", "marketing", "Hello", "Hello"), Message("news", "marketing", "N", "N", topic="news")],
    attributes=[Attribute("grp"), Attribute("size", "integer")],
    scenarios=[
        Scenario("welcome", q.touches("form.submitted"), [send("hello"), wait(days(3)), tag("end")], reentry="always"),
        Scenario("news", q.touches("news.wanted"), [send("news")], reentry="always"),
    ],
)


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    house = House(PROGRAM, store_maker(request.param, tmp_path))
    yield house
    house.crm.close()


def a_lead(house: House, email: str = "a@example.com", **fields: object) -> LeadId:
    return house.crm.capture(email=email, **{"consent": Basis.CONSENT, **fields}).id  # type: ignore[arg-type]


def what_became(house: House, lead: SubjectId) -> list[tuple[str, str]]:
    return [(one.state.value, one.reason) for one in reversed(house.crm.effects(lead))]


# -- capture ---------------------------------------------------------------------------------------


def test_a_known_identifier_fills_blanks_and_overwrites_nothing(house: House) -> None:
    first = house.crm.capture(email="A@Example.com", name="Hana", attributes={"grp": "a"})
    again = house.crm.capture(email="a@example.com", name="Other", title="部長", attributes={"grp": "b", "size": 3})
    assert again.id == first.id
    assert (again.name, again.title, again.email) == ("Hana", "部長", "A@Example.com")
    assert again.attributes == {"grp": "a", "size": 3}
    assert house.crm.lead(first.id) == again


def test_capture_does_not_subscribe_again(house: House) -> None:
    lead = a_lead(house)
    house.crm.unsubscribe(lead)
    house.clock.move_to(T0 + days(1))
    assert a_lead(house, source="fair") == lead
    house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + days(2))
    assert what_became(house, lead) == [("withheld", "unsubscribed")]


def test_capture_does_not_subscribe_a_refused_topic_again(house: House) -> None:
    lead = a_lead(house, consent=Consent(at=T0, topic="news"))
    house.crm.unsubscribe(lead, topic="news")
    house.clock.move_to(T0 + days(1))
    a_lead(house)
    house.crm.record(lead, "news.wanted")
    house.tick_at(T0 + days(2))
    assert what_became(house, lead) == [("withheld", "unsubscribed")]


def test_an_explicit_consent_lifts_an_unsubscribe(house: House) -> None:
    lead = a_lead(house)
    house.crm.unsubscribe(lead)
    house.clock.move_to(T0 + days(1))
    house.crm.consent(lead, source="form")
    house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + days(2))
    assert what_became(house, lead) == [("accepted", "")]


def test_a_consent_from_the_future_does_not_outlive_an_unsubscribe(house: House) -> None:
    lead = a_lead(house)
    with suppress(InvalidFactError):  # refused, or taken as said now
        house.crm.consent(lead, at=T0 + days(4000))
    house.clock.move_to(T0 + days(1))
    house.crm.unsubscribe(lead)
    house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + days(2))
    assert what_became(house, lead) == [("withheld", "unsubscribed")]


def test_an_unsubscribe_withholds_what_is_waiting_in_the_same_unit(house: House) -> None:
    lead = a_lead(house)
    house.crm.record(lead, "form.submitted")
    while house.crm.decide().subjects:
        pass
    house.crm.unsubscribe(lead)
    assert what_became(house, lead) == [("withheld", "unsubscribed")]
    assert house.crm.deliver().settled == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "lead"),
        ({"email": "no at"}, "lead.email"),
        ({"email": "a@example.com", "at": datetime(2026, 1, 1)}, "at"),  # noqa: DTZ001  # naive on purpose
        ({"email": "a@example.com", "at": T0 + days(1)}, "at"),
        ({"email": "a@example.com", "attributes": {"size": "big"}}, "lead.size"),
        ({"email": "a@example.com", "name": 5}, "lead.name"),
        ({"email": "a@example.com", "name": "a\x00"}, "lead.name"),
    ],
)
def test_a_lead_that_cannot_be_accepted_is_refused_by_field_and_leaves_nothing(
    house: House, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidFactError) as caught:
        house.crm.capture(**fields)  # type: ignore[arg-type]
    assert caught.value.field == field
    with house.storage.view() as view:
        assert view.next_due_at() is None


def test_an_attribute_that_nothing_declares_names_its_neighbours(house: House) -> None:
    with pytest.raises(UnknownNameError, match="'grp'"):
        house.crm.capture(email="a@example.com", attributes={"gpr": "a"})


# -- record ----------------------------------------------------------------------------------------


def test_a_fact_slightly_in_the_future_waits(house: House) -> None:
    lead = a_lead(house)
    house.crm.record(lead, "form.submitted", at=T0 + minutes(30))
    house.tick_at(T0 + minutes(29))
    assert house.crm.effects(lead) == ()
    house.tick_at(T0 + minutes(31))
    assert len(house.crm.effects(lead)) == 1


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"at": datetime(2026, 1, 1)}, InvalidFactError),  # noqa: DTZ001  # naive on purpose
        ({"at": T0 + days(2)}, InvalidFactError),
        ({"kind": "viewed"}, InvalidFactError),
        ({"kind": "Page.Viewed"}, InvalidFactError),
        ({"properties": {"x": object()}}, InvalidFactError),
        ({"properties": {"x": float("nan")}}, InvalidFactError),
        ({"subject": "lead_none"}, NotFoundError),
    ],
)
def test_one_fact_that_cannot_be_accepted_refuses_its_whole_batch(
    house: House, given: dict[str, object], error: type[Exception]
) -> None:
    lead = a_lead(house)
    good = NewFact(subject=lead, kind="page.viewed")
    bad = NewFact(**{"subject": lead, "kind": "page.viewed", **given})  # type: ignore[arg-type]
    with pytest.raises(error):
        house.crm.record_many([good, bad])
    assert [one.kind for one in house.crm.timeline(lead)].count("page.viewed") == 0


@pytest.mark.parametrize("kind", ["lead.changed", "stage.changed", "segment.entered", "stage.requested"])
def test_what_the_library_itself_writes_cannot_be_recorded(house: House, kind: str) -> None:
    lead = a_lead(house)
    with pytest.raises(InvalidFactError):
        house.crm.record(lead, kind, {"to": "won", "stage": "won"})


@pytest.mark.parametrize("origin", ["engine", "bogus"])
def test_a_fact_is_made_by_the_lead_or_the_host(house: House, origin: str) -> None:
    with pytest.raises(InvalidFactError):
        house.crm.record(a_lead(house), "page.viewed", origin=origin)


def test_an_observer_hears_of_each_new_fact_once(tmp_path: Path) -> None:
    heard: list[str] = []
    house = House(PROGRAM, store_maker("memory", tmp_path), observers=[lambda fact: heard.append(fact.kind)])
    lead = a_lead(house)
    for _ in range(3):
        house.crm.record(lead, "page.viewed", key="k")
    assert heard.count("page.viewed") == 1


def test_an_observer_that_fails_stops_nobody(tmp_path: Path) -> None:
    house = House(PROGRAM, store_maker("memory", tmp_path), observers=[lambda fact: 1 / 0])  # type: ignore[list-item, arg-type, return-value]
    lead = a_lead(house)
    house.tick_at(T0 + days(1))
    assert house.crm.standing(lead) is not None


# -- update, accounts --------------------------------------------------------------------------------


def test_a_change_is_a_fact_and_its_segment_follows(house: House) -> None:
    lead = a_lead(house)
    house.crm.update(lead, title="部長", attributes={"grp": "x"})
    house.tick_at(T0 + days(1))
    assert [one.subject for one in house.crm.members("chief")] == [lead]
    house.crm.update(lead, title=None, attributes={"grp": None})
    house.tick_at(T0 + days(2))
    assert list(house.crm.members("chief")) == []
    assert house.crm.lead(lead).attributes == {}


def test_updating_is_refused_by_field(house: House) -> None:
    lead = a_lead(house)
    with pytest.raises(UnknownNameError, match="title"):
        house.crm.update(lead, titel="x")
    with pytest.raises(InvalidFactError):
        house.crm.update(lead, email=None)
    with pytest.raises(InvalidFactError):
        house.crm.update(lead, attributes={"size": 1.5})
    with pytest.raises(NotFoundError):
        house.crm.update(LeadId(SubjectId("lead_none")), title="x")


def test_a_later_word_of_the_hosts_wins_over_a_step_that_is_decided_late(tmp_path: Path) -> None:
    program = Program(
        attributes=[Attribute("grp")],
        scenarios=[Scenario("s", q.touches("go.now"), [wait(hours(1)), set_attribute("grp", "step")])],
    )
    house = House(program, store_maker("memory", tmp_path))
    lead = house.crm.capture(email="a@example.com").id
    house.crm.record(lead, "go.now")
    house.clock.move_to(T0 + hours(3))
    house.crm.update(lead, attributes={"grp": "host"})
    house.tick_at(T0 + hours(4))
    assert house.crm.lead(lead).attributes == {"grp": "host"}


def saas_members(house: House, at: datetime) -> set[SubjectId]:
    house.tick_at(at)
    return {one.subject for one in house.crm.members("saas")}


def test_an_account_tells_its_leads_what_changed(house: House) -> None:
    account = house.crm.capture_account(name="A", key="a").id
    lead = a_lead(house, account=account)
    assert saas_members(house, T0 + hours(1)) == set()
    house.crm.update(account, industry="SaaS")
    assert saas_members(house, T0 + hours(2)) == {lead}
    house.crm.update(account, industry=None)
    assert saas_members(house, T0 + hours(3)) == set()


def test_a_lead_that_joins_or_leaves_an_account_learns_it(house: House) -> None:
    saas = house.crm.capture_account(name="A", key="a", industry="SaaS").id
    plain = house.crm.capture_account(name="B", key="b").id
    lead, other = a_lead(house), a_lead(house, email="b@example.com", account=saas)
    assert saas_members(house, T0 + hours(1)) == {other}
    house.crm.update(lead, account=saas)
    house.crm.update(other, account=plain)
    assert saas_members(house, T0 + hours(2)) == {lead}
    house.crm.update(lead, account=None)
    assert saas_members(house, T0 + hours(3)) == set()


def test_an_account_with_very_many_leads_tells_them_all(tmp_path: Path) -> None:
    house = House(PROGRAM, store_maker("memory", tmp_path))
    account = house.crm.capture_account(name="A", key="a").id
    leads = {a_lead(house, email=f"a{n}@example.com", account=account) for n in range(1_201)}
    house.tick_at(T0 + hours(1))
    house.crm.update(account, industry="SaaS")
    assert saas_members(house, T0 + hours(2)) == leads


# -- requests --------------------------------------------------------------------------------------


def test_moving_obeys_the_lifecycle(house: House) -> None:
    lead = a_lead(house)
    assert house.crm.move(lead, "mql") == Refused("guard")
    house.crm.record(lead, "page.viewed")
    house.clock.move_to(T0 + minutes(1))
    assert house.crm.move(lead, "mql") == Moved("mql")
    assert house.crm.move(lead, "mql") == Refused("already_there")
    assert house.crm.move(lead, "new") == Refused("no_transition")
    assert house.crm.move(lead, "won") == Refused("reason_required")
    assert house.crm.move(lead, "won", reason="signed") == Moved("won")
    standing = house.crm.standing(lead)
    assert standing is not None
    assert standing.stage == "won"


def test_enrolling_and_withdrawing_by_hand(house: House) -> None:
    lead = a_lead(house)
    assert isinstance(house.crm.enroll(lead, "welcome"), Enrolled)
    assert house.crm.enroll(lead, "welcome") == Refused("already_active")
    assert house.crm.withdraw(lead, "welcome", reason="asked") == Withdrawn("welcome", 1)
    assert what_became(house, lead) == [("cancelled", "left")]
    assert house.crm.withdraw(lead, "welcome") == Refused("not_enrolled")


def test_requests_about_the_unknown_are_errors(house: House) -> None:
    nobody = LeadId(SubjectId("lead_none"))
    for call in (
        lambda: house.crm.move(nobody, "mql"),
        lambda: house.crm.enroll(nobody, "welcome"),
        lambda: house.crm.withdraw(nobody, "welcome"),
        lambda: house.crm.consent(nobody),
        lambda: house.crm.unsubscribe(nobody),
        lambda: house.crm.lead(nobody),
        lambda: house.crm.explain(nobody),
        lambda: house.crm.capture(email="b@example.com", account="acct_none"),  # type: ignore[arg-type]
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(UnknownNameError, match="welcome"):
        house.crm.enroll(a_lead(house), "welcom")
    with pytest.raises(UnknownNameError, match="saas"):
        house.crm.members("sas")


# -- poison ------------------------------------------------------------------------------------------


class OddSender:
    """Answers one address as it is told; accepts the others."""

    dedup_window = timedelta(0)

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def send(self, envelopes: list[Envelope], /) -> tuple[Receipt, ...]:
        from nurture.ports import Accepted

        return tuple(self.answer if one.recipient.startswith("odd") else Accepted() for one in envelopes)  # type: ignore[misc]

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (None, EffectState.UNKNOWN),
        (Rejected("no_such_mailbox", permanent_address=True), EffectState.REJECTED),
        (Deferred("busy", retry_after=timedelta.max), None),
        (Deferred("busy", retry_after=timedelta(-9)), None),
    ],
)
def test_one_odd_answer_settles_one_effect(tmp_path: Path, answer: object, state: EffectState | None) -> None:
    house = House(PROGRAM, store_maker("memory", tmp_path), senders={"email": OddSender(answer)})  # type: ignore[dict-item]
    good, odd = a_lead(house), a_lead(house, email="odd@example.com")
    for lead in (odd, good):
        house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + hours(1))
    assert what_became(house, good) == [("accepted", "")]
    assert house.crm.effects(odd)[0].state in ({state} if state else set(EffectState))


def test_a_dead_subject_with_an_open_effect_does_not_spin(tmp_path: Path) -> None:
    program = Program(actions=["a"], scenarios=[Scenario("s", q.touches("go.now"), [act("a"), tag("x")])])
    house = House(program, store_maker("memory", tmp_path), actions={"a": lambda *_: Deferred("later")})
    lead = house.crm.capture(email="a@example.com").id
    house.crm.record(lead, "go.now")
    house.tick_at(T0 + minutes(1))
    with house.storage.begin() as unit:
        from attrs import evolve

        from nurture.model import Changes

        old = unit.get(Standing, [lead])[lead]
        dead = evolve(old, version=old.version + 1, dead="failed", due_at=None)
        assert not unit.put({lead: Changes(records=(dead,))})
    house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + days(1))  # comes back
    other = house.crm.capture(email="b@example.com").id
    house.tick_at(T0 + days(2))
    assert house.crm.standing(other) is not None


# -- activation ----------------------------------------------------------------------------------------


def test_activation_asks_new_segments_and_enrolls_nobody(house: House) -> None:
    lead = a_lead(house, title="部長")
    house.crm.record(lead, "page.viewed")
    house.tick_at(T0 + hours(1))
    newer = Program(
        lifecycle=PROGRAM.lifecycle,
        segments=[Segment("seen", q.touches("page.viewed")), Segment("chief", q.lead.title == "部長")],
        scenarios=[Scenario("s", q.segment("seen"), [tag("enrolled")])],
        attributes=PROGRAM.attributes,
    )
    assert house.crm.activate(newer) == 1
    house.tick_at(T0 + hours(2))
    standing = house.crm.standing(lead)
    assert standing is not None
    assert set(standing.memberships) == {"seen", "chief"}
    assert standing.enrollments == ()
    kinds = [one.kind for one in house.crm.timeline(lead)]
    assert kinds.count("segment.entered") == 2  # `chief` did not flap
    assert house.crm.lead(lead).tags == ()


def test_a_running_enrollment_stays_on_the_version_it_began_on(house: House) -> None:
    steps = [wait_for(q.touches("email.clicked"), days(3), then=[tag("old yes")], otherwise=[tag("old no")])]
    older = Program(scenarios=[Scenario("s", q.touches("go.now"), steps)])
    house.crm.activate(older)
    lead = house.crm.capture(email="a@example.com").id
    house.crm.record(lead, "go.now")
    house.tick_at(T0 + hours(1))
    house.crm.activate(Program(scenarios=[Scenario("s", q.touches("go.now"), [tag("new")])]))
    house.tick_at(T0 + hours(2))
    house.crm.record(lead, "email.clicked")
    house.tick_at(T0 + hours(3))
    assert house.crm.lead(lead).tags == ("old yes",)


def test_a_worker_with_another_program_refuses_to_decide(house: House) -> None:
    stale = Nurture(PROGRAM, house.storage)
    lead = a_lead(house)
    house.crm.activate(Program(name="newer"))
    with pytest.raises(ProgramMismatchError):
        stale.decide() or stale.tick() or stale.move(lead, "mql")


def test_a_fact_due_at_the_instant_of_the_activation_is_decided(house: House) -> None:
    lead = a_lead(house)
    house.crm.tick()
    house.crm.record(lead, "page.viewed", at=T0 + minutes(30))
    house.clock.move_to(T0 + minutes(30))
    seen = Segment("seen", q.touches("page.viewed"))
    house.crm.activate(Program(name="newer", lifecycle=PROGRAM.lifecycle, segments=[seen]))
    house.tick_at(T0 + hours(1))
    assert [one.subject for one in house.crm.members("seen")] == [lead]


def test_a_program_whose_actions_are_not_given_is_refused() -> None:
    with pytest.raises(DefinitionError, match="'task'"):
        Nurture(Program(actions=["task"]), MemoryStorage())


# -- threads and processes ---------------------------------------------------------------------------------


def test_eight_threads_may_use_one_object(house: House) -> None:
    failed: list[BaseException] = []

    def use(number: int) -> None:
        try:
            for turn in range(6):
                lead = house.crm.capture(email=f"a{(number + turn) % 5}@example.com", consent=Basis.CONSENT).id
                house.crm.record(lead, "form.submitted", key=f"{number}:{turn}", origin=Origin.LEAD)
                house.crm.tick()
        except BaseException as error:  # whatever it is, the test must see it
            failed.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert not failed
    house.tick_at(T0 + days(1))
    with house.storage.view() as view:
        leads = [one.subject for one in view.page(Standing, "", 100)]
    assert len(leads) == 5
    facts = [one for lead in leads for one in house.crm.timeline(lead, limit=1000) if one.kind == "form.submitted"]
    assert len(facts) == 48


RUN = """
import sys
from nurture import Lifecycle, Nurture, Program, Stage
from nurture.storage import SqlStorage

def observe(fact):
    if fact.kind == "stage.changed":  # a tick of `run` decided it
        print("running", flush=True)

program = Program(lifecycle=Lifecycle([Stage("new")]))
crm = Nurture(program, SqlStorage(f"sqlite:///{sys.argv[1]}"), observers=[observe])
crm.capture(email="a@example.com")
crm.run()
crm.close()
print("stopped", flush=True)
"""


def test_run_stops_cleanly_when_it_is_asked_to(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, str(tmp_path / "crm.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "stopped\n", "")


def test_stop_ends_run_in_another_thread(house: House) -> None:
    thread = threading.Thread(target=house.crm.run, kwargs={"poll": timedelta(milliseconds=20)})
    thread.start()
    while thread.is_alive():
        house.crm.stop()
        thread.join(timeout=0.05)
    assert not thread.is_alive()
