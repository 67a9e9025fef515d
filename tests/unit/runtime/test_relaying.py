"""Relays: a fact for another subject or for people of an account, once, however often it is carried out."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from nurture import Attribute, Basis, Message, Nurture, Program, Scenario, hours, q
from nurture.decisions.hops import MOST_HOPS
from nurture.errors import StorageError
from nurture.model import AccountId, Effect, EffectState, EnrollmentState, Fact, LeadId, Origin, SubjectId
from nurture.ports import Accepted, Deferred
from nurture.runtime import relaying
from nurture.runtime.relaying import relayed
from nurture.steps import Step, WaitFor, act, enroll, send_to_people, tag, tell, wait_for, withdraw
from tests.stores import STORES, T0, House, MakeStore, store_maker

IT = q.lead.role == "IT"
HELLO = Message("hello", "marketing", "Hello {{ params.firm }}", "Hello {{ params.firm }}")
DRIP = Scenario("drip", None, [wait_for(q.touches("page.viewed"), hours(900))], reentry="always")


def house(make: MakeStore, *scenarios: Scenario) -> House:
    return House(Program(messages=[HELLO], attributes=[Attribute("role")], scenarios=[*scenarios, DRIP]), make)


def for_account(*steps: Step) -> Scenario:
    return Scenario("buying", q.touches("deal.opened"), steps, subject="account")


def staff(crm: Nurture, *roles: str) -> tuple[AccountId, list[LeadId]]:
    firm = crm.capture_account(name="Mihon", key="m").id
    leads = [
        crm.capture(email=f"a{number}@example.com", account=firm, attributes={"role": role}, consent=Basis.CONSENT).id
        for number, role in enumerate(roles)
    ]
    return firm, leads


def kinds(crm: Nurture, subject: SubjectId) -> list[str]:
    return [one.kind for one in crm.timeline(subject)]


@pytest.mark.parametrize("kind", STORES)
def test_a_lead_tells_its_account_and_another_lead(kind: str, tmp_path: Path) -> None:
    thanks = Scenario("thanks", q.touches("referral.arrived"), [tag("thanked")])
    tells = Scenario(
        "referred",
        q.touches("form.submitted"),
        [tell("referral.arrived", to=q.entry.referrer, properties={"plan": "pro"}), tell("lead.spoke", to="account")],
    )
    here = house(store_maker(kind, tmp_path), thanks, tells)
    firm, (one, other) = staff(here.crm, "IT", "HR")
    here.crm.record(one, "form.submitted", {"referrer": other})
    here.tick_at(T0 + hours(1))
    assert here.crm.lead(other).tags == ("thanked",)
    (told,) = [fact for fact in here.crm.timeline(other) if fact.kind == "referral.arrived"]
    assert (told.origin, told.properties["plan"], told.properties["told_by"]) == (Origin.ENGINE, "pro", one)
    assert told.properties["relay"] in {effect.id for effect in here.crm.effects(one)}
    assert kinds(here.crm, firm).count("lead.spoke") == 1
    assert kinds(here.crm, one).count("relay.done") == 2


@pytest.mark.parametrize("to", ["lead_nobody", "", None, 7])
def test_nobody_to_tell_is_a_failure_that_a_run_can_follow(to: object, tmp_path: Path) -> None:
    tells = Scenario("s", q.touches("form.submitted"), [tell("a.told", to=q.entry.who, if_failed=[tag("alone")])])
    here = house(store_maker("memory", tmp_path), tells)
    lead = here.crm.capture(email="a@example.com").id
    here.crm.record(lead, "form.submitted", {} if to is None else {"who": to})  # type: ignore[dict-item]
    here.tick_at(T0 + hours(1))
    (effect,) = here.crm.effects(lead)
    assert (effect.state, effect.reason) == (EffectState.REJECTED, "no_such_subject")
    assert here.crm.lead(lead).tags == ("alone",)


@pytest.mark.parametrize("kind", STORES)
def test_people_are_chosen_by_their_fields(kind: str, tmp_path: Path) -> None:
    here = house(
        store_maker(kind, tmp_path), for_account(tell("ringi.drafted", people=IT), tell("all.told", people=q.everyone))
    )
    firm, leads = staff(here.crm, "IT", "HR", "IT", "boss")
    stranger = here.crm.capture(email="s@example.com", attributes={"role": "IT"}).id
    here.crm.record(firm, "deal.opened")
    here.tick_at(T0 + hours(1))
    assert ["ringi.drafted" in kinds(here.crm, one) for one in leads] == [True, False, True, False]
    assert all("all.told" in kinds(here.crm, one) for one in leads)
    assert "all.told" not in kinds(here.crm, stranger)


def test_an_account_sends_to_its_people_through_the_gate(tmp_path: Path) -> None:
    here = house(
        store_maker("memory", tmp_path), for_account(send_to_people("hello", IT, params={"firm": q.account.name}))
    )
    firm, leads = staff(here.crm, "IT", "HR", "IT")
    here.crm.unsubscribe(leads[2])
    here.crm.record(firm, "deal.opened")
    here.tick_at(T0 + hours(1))
    (effect,) = here.crm.effects(leads[0])
    assert (effect.state, effect.scenario, effect.step) == (EffectState.ACCEPTED, "buying", "0")
    assert effect.params == {"firm": "Mihon"}
    assert effect.enrollment == here.crm.effects(firm)[0].id
    assert here.crm.effects(leads[1]) == ()
    assert here.crm.effects(leads[2])[0].reason == "unsubscribed"


def test_an_account_enrolls_and_withdraws_its_people(tmp_path: Path) -> None:
    steps = [
        enroll("drip", key="spring", people=IT),
        wait_for(q.touches("deal.lost"), hours(900), then=[withdraw("drip", people=q.everyone)]),
    ]
    here = house(store_maker("memory", tmp_path), for_account(*steps))
    firm, leads = staff(here.crm, "IT", "HR")
    here.crm.record(firm, "deal.opened")
    here.tick_at(T0 + hours(1))
    states = [[(run.run_key, run.state) for run in here.crm.standing(one).enrollments] for one in leads]  # type: ignore[union-attr]
    assert states == [[("spring", EnrollmentState.ACTIVE)], []]
    here.crm.record(firm, "deal.lost")
    here.tick_at(T0 + hours(2))
    (run,) = here.crm.standing(leads[0]).enrollments  # type: ignore[union-attr]
    assert (run.state, run.reason) == (EnrollmentState.WITHDRAWN, "another scenario")


def test_a_run_enrolls_and_withdraws_its_own_subject(tmp_path: Path) -> None:
    starts = Scenario("starts", q.touches("form.submitted"), [enroll("drip", key=q.entry.event)])
    ends = Scenario("ends", q.touches("deal.won"), [withdraw("drip", key=q.entry.event, reason="won")])
    here = house(store_maker("memory", tmp_path), starts, ends)
    lead = here.crm.capture(email="a@example.com").id
    for event in ("s1", "s2"):
        here.crm.record(lead, "form.submitted", {"event": event})
        here.tick_at(here.clock.now + hours(1))
    runs = {run.run_key: run for run in here.crm.standing(lead).enrollments if run.scenario == "drip"}  # type: ignore[union-attr]
    assert list(runs) == ["s1"], "the scenario that starts it may run once"
    here.crm.record(lead, "deal.won", {"event": "s1"})
    here.tick_at(here.clock.now + hours(1))
    (run,) = [run for run in here.crm.standing(lead).enrollments if run.scenario == "drip"]  # type: ignore[union-attr]
    assert (run.state, run.reason) == (EnrollmentState.WITHDRAWN, "won")


def test_nobody_who_fits_is_a_failure(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path), for_account(tell("a.told", people=q.lead.role == "CEO")))
    firm, _ = staff(here.crm, "IT")
    here.crm.record(firm, "deal.opened")
    here.tick_at(T0 + hours(1))
    (effect,) = here.crm.effects(firm)
    assert (effect.state, effect.reason) == (EffectState.REJECTED, "nobody")


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_many_are_told_some_at_a_time(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "PAGE", 2)
    here = house(store_maker(kind, tmp_path), for_account(tell("a.told", people=IT)))
    firm, leads = staff(here.crm, *["IT", "HR"] * 4)
    here.crm.record(firm, "deal.opened")
    here.tick_at(T0 + hours(1))
    assert [kinds(here.crm, one).count("a.told") for one in leads] == [1, 0] * 4
    (effect,) = here.crm.effects(firm)
    assert (effect.state, effect.attempts) == (EffectState.ACCEPTED, 1)
    assert kinds(here.crm, firm).count("relay.done") == 1


def claimed(here: House, firm: SubjectId) -> Effect:
    """A relay that somebody claimed; nobody carried it out yet."""
    here.crm.record(firm, "deal.opened")
    here.clock.move_to(T0 + hours(1))
    here.crm.decide()
    (effect,) = here.crm.effects(firm)
    return attrs.evolve(effect, state=EffectState.CLAIMED, attempts=1, claimed_at=T0 + hours(1))


def test_carrying_it_out_twice_tells_once(tmp_path: Path) -> None:
    here = house(store_maker("sqlite", tmp_path), for_account(tell("a.told", people=IT)))
    firm, (lead,) = staff(here.crm, "IT")
    effect = claimed(here, firm)
    for _ in range(3):
        relayed(here.crm._host, effect)
        here.tick_at(here.clock.now + hours(1))
    assert kinds(here.crm, lead).count("a.told") == 1


class Failing:
    """A store that fails whoever opens a unit."""

    def __init__(self, inner: object, error: Exception) -> None:
        self._inner, self._error = inner, error

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def begin(self) -> object:
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"), [(StorageError("busy"), "store_failed"), (ValueError("odd"), "relay_failed")]
)
def test_what_goes_wrong_is_tried_again_later(error: Exception, reason: str, tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path), for_account(tell("a.told", people=IT)))
    firm, _ = staff(here.crm, "IT")
    effect = claimed(here, firm)
    host = attrs.evolve(here.crm._host, storage=Failing(here.storage, error))  # type: ignore[arg-type]
    outcome = relayed(host, effect)
    assert isinstance(outcome, Deferred)
    assert outcome.reason == reason


def test_a_relayed_fact_answers_a_run_that_waits_for_it(tmp_path: Path) -> None:
    waits = Scenario("waits", q.touches("form.submitted"), [wait_for(q.touches("a.told"), hours(900), [tag("heard")])])
    here = house(store_maker("memory", tmp_path), waits, for_account(tell("a.told", people=IT)))
    firm, (lead,) = staff(here.crm, "IT")
    here.crm.record(lead, "form.submitted")
    here.tick_at(T0 + hours(1))
    here.crm.record(firm, "deal.opened")
    here.tick_at(T0 + hours(2))
    assert here.crm.lead(lead).tags == ("heard",)
    assert Fact.MESSAGE_REQUESTED not in kinds(here.crm, lead)


@pytest.mark.parametrize("between", [(), (act("noted"),), (wait_for(q.touches("b.pinged"), hours(1)),)])
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_two_who_tell_each_other_come_to_rest(kind: str, between: tuple[Step, ...], tmp_path: Path) -> None:
    asks = Scenario("a", q.touches("a.pinged"), [*between[:1], tell("b.pinged", to="account")], reentry="always")
    answers = Scenario(
        "b", q.touches("b.pinged"), [tell("a.pinged", people=q.everyone)], reentry="always", subject="account"
    )
    program = Program(scenarios=[asks, answers], actions=["noted"])
    here = House(program, store_maker(kind, tmp_path), actions={"noted": lambda *_: Accepted()})
    firm = here.crm.capture_account(name="Mihon", key="m").id
    lead = here.crm.capture(email="a@example.com", account=firm).id
    here.crm.record(lead, "a.pinged")
    here.tick_at(T0 + hours(3))

    def count() -> int:
        pinged = ("a.pinged", "b.pinged")
        return sum(fact.kind in pinged for who in (lead, firm) for fact in here.crm.timeline(who, limit=1000))

    pings = count()
    waits = bool(between) and isinstance(between[0], WaitFor)
    assert pings == (2 + 1 if waits else MOST_HOPS + 1)
    if not waits:
        ended = [fact for who in (lead, firm) for fact in here.crm.timeline(who) if fact.kind == "relay.failed"]
        assert [fact.properties["reason"] for fact in ended] == ["too_many_hops"]
    here.crm.record(lead, "a.pinged")  # what happens anew is told anew
    here.tick_at(T0 + hours(4))
    assert count() >= pings + (1 if waits else MOST_HOPS)


def test_what_a_date_brought_says_no_word_when_it_is_refused(tmp_path: Path) -> None:
    shy = Scenario("shy", q.lead.title == "CTO", [tag("x")], only_if=q.lead.department == "IT")
    here = House(Program(scenarios=[shy]), store_maker("memory", tmp_path))
    lead = here.crm.capture(email="a@example.com", title="CTO").id
    here.tick_at(T0 + hours(1))
    assert Fact.ENROLLMENT_REFUSED not in kinds(here.crm, lead)
    assert Fact.ENROLLMENT_REQUESTED in kinds(here.crm, lead)
