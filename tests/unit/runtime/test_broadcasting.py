"""Broadcasts from beginning to end: who gets them, when, once; stopped, approved, counted."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from nurture import (
    Attribute,
    Basis,
    Behavior,
    Broadcast,
    BroadcastStatus,
    Cap,
    ContactPolicy,
    Message,
    Nurture,
    Program,
    Refused,
    Scenario,
    Segment,
    days,
    hours,
    minutes,
    q,
)
from nurture.errors import DefinitionError, NotFoundError
from nurture.model import Changes, Definition, Effect, EffectId, EffectState, Fact, LeadId, SubjectId
from nurture.runtime import BroadcastState, Delivered, audiences, selecting
from nurture.runtime.broadcasting import carried_on
from nurture.simulation import Arrival, simulate
from nurture.steps import send
from tests.stores import STORES, T0, House, MakeStore, store_maker

NEWS = Message("news", "marketing", "News", "News")
PROGRAM = Program(
    messages=[NEWS, Message("tips", "marketing", "Tips", "Tips")],
    attributes=[Attribute("role")],
    segments=[Segment("it", q.lead.role == "IT")],
    scenarios=[Scenario("welcome", q.touches("form.submitted"), [send("tips")])],
)
NOON = T0 + hours(12)


def people(crm: Nurture, count: int, role: str = "IT") -> list[LeadId]:
    return [
        crm.capture(email=f"{role}{number}@example.com", attributes={"role": role}, consent=Basis.CONSENT).id
        for number in range(count)
    ]


def house(make: MakeStore, program: Program = PROGRAM) -> House:
    return House(program, make)


def got(crm: Nurture, leads: list[LeadId]) -> list[int]:
    """How many mails each of them got."""
    return [[fact.kind for fact in crm.timeline(one)].count(Fact.EMAIL_SENT) for one in leads]


def counts(status: BroadcastStatus) -> dict[str, object]:
    """What was counted, without zeros."""
    assert status.counts is not None
    return {name: value for name, value in attrs.asdict(status.counts, recurse=False).items() if value}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and pages of two people."""
    monkeypatch.setattr(audiences, "AT_ONCE", 2)
    monkeypatch.setattr(selecting, "PAGE", 2)


# --- who and when ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("frozen", [False, True])
def test_each_member_gets_one_when_the_instant_comes(kind: str, frozen: bool, tmp_path: Path) -> None:
    here = house(store_maker(kind, tmp_path))
    leads, others = people(here.crm, 5), people(here.crm, 2, "HR")
    one = here.crm.broadcast(Broadcast("spring", "news", "it", NOON, frozen, params={"no": 7}))
    here.tick_at(NOON - minutes(1))
    assert here.crm.broadcast_status(one).state is BroadcastState.SCHEDULED
    assert got(here.crm, leads) == [0] * 5
    here.tick_at(NOON + minutes(1))
    assert got(here.crm, [*leads, *others]) == [1] * 5 + [0] * 2
    status = here.crm.broadcast_status(one)
    assert (status.state, status.asked, counts(status)) == (BroadcastState.DONE, 5, {"accepted": 5})
    (effect,) = here.crm.effects(leads[0])
    assert (effect.scenario, effect.enrollment, effect.params) == ("spring", one, {"no": 7})
    here.tick_at(NOON + days(30))
    assert got(here.crm, leads) == [1] * 5
    with here.storage.view() as view:
        assert view.next_due_at() is None


@pytest.mark.parametrize("to", ["it", q.lead.role == "IT", q.touches("page.viewed").count() >= 1])
def test_without_an_instant_it_goes_at_once(to: object, tmp_path: Path) -> None:
    here = house(store_maker("sqlite", tmp_path))
    (lead,) = people(here.crm, 1)
    people(here.crm, 1, "HR")
    here.crm.record(lead, "page.viewed")
    one = here.crm.broadcast(Broadcast("now", "news", to))  # type: ignore[arg-type]
    here.tick_at(T0 + minutes(1))
    assert counts(here.crm.broadcast_status(one)) == {"accepted": 1}


@pytest.mark.usefixtures("small")
def test_a_list_is_sent_to_those_on_it(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 5)
    here.crm.broadcast(Broadcast("list", "news", leads[:3]))
    here.tick_at(T0 + minutes(1))
    assert got(here.crm, leads) == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(("frozen", "gets_it"), [(False, [0, 1]), (True, [1, 0])])
def test_a_live_audience_is_asked_for_at_the_instant_and_a_frozen_one_before(
    frozen: bool, gets_it: list[int], tmp_path: Path
) -> None:
    here = house(store_maker("memory", tmp_path))
    (leaves,), (joins,) = people(here.crm, 1), people(here.crm, 1, "HR")
    here.crm.broadcast(Broadcast("spring", "news", "it", NOON, frozen))
    here.crm.update(leaves, attributes={"role": "HR"})
    here.crm.update(joins, attributes={"role": "IT"})
    here.tick_at(NOON + minutes(1))
    assert got(here.crm, [leaves, joins]) == gets_it


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_somebody_who_is_gone_between_freezing_and_sending_is_counted_as_gone(kind: str, tmp_path: Path) -> None:
    here = house(store_maker(kind, tmp_path))
    leads = people(here.crm, 3)
    one = here.crm.broadcast(Broadcast("spring", "news", leads, NOON))
    with here.storage.begin() as unit:
        unit.erase(leads[1])
    here.tick_at(NOON + minutes(1))
    status = here.crm.broadcast_status(one)
    assert (status.state, counts(status)) == (BroadcastState.DONE, {"accepted": 2, "gone": 1})
    with here.storage.view() as view:
        assert view.history(leads[1]) == ()


def test_the_gate_and_its_caps_count_broadcasts_as_they_count_drips(tmp_path: Path) -> None:
    capped = attrs.evolve(PROGRAM, policy=ContactPolicy(caps=Cap(1, days(7)), max_lateness=days(1)))
    here = house(store_maker("memory", tmp_path), capped)
    leads = people(here.crm, 3)
    here.crm.record(leads[0], "form.submitted")
    here.tick_at(T0 + hours(1))
    here.crm.unsubscribe(leads[1])
    one = here.crm.broadcast(Broadcast("spring", "news", "it", NOON))
    here.tick_at(NOON + minutes(1))
    assert got(here.crm, leads) == [1, 0, 1]
    held = here.crm.broadcast_status(one).counts
    assert held is not None
    assert (held.accepted, held.total, held.withheld["unsubscribed"]) == (1, 3, 1)
    assert set(held.withheld) == {"unsubscribed", "too_late_frequency_cap"}


def test_a_message_that_is_put_off_is_counted_with_its_reason(tmp_path: Path) -> None:
    capped = attrs.evolve(PROGRAM, policy=ContactPolicy(caps=Cap(1, days(7)), max_lateness=days(30)))
    here = house(store_maker("memory", tmp_path), capped)
    (lead,) = people(here.crm, 1)
    first, second = (here.crm.broadcast(Broadcast(f"no {number}", "news", "it", NOON)) for number in range(2))
    here.tick_at(NOON + minutes(1))
    both = sorted(str(counts(here.crm.broadcast_status(one))) for one in (first, second))
    assert both == ["{'accepted': 1}", "{'deferred': {'frequency_cap': 1}}"]
    here.tick_at(NOON + days(8))
    assert got(here.crm, [lead]) == [2]


def test_what_is_later_than_it_may_be_is_not_sent(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 2)
    one = here.crm.broadcast(Broadcast("spring", "news", "it", NOON, max_lateness=hours(2)))
    here.tick_at(NOON + hours(3))
    status = here.crm.broadcast_status(one)
    assert (status.state, status.reason, got(here.crm, leads)) == (BroadcastState.ENDED, "too_late", [0, 0])


# --- giving ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_giving_the_same_one_twice_is_harmless(kind: str, tmp_path: Path) -> None:
    here = house(store_maker(kind, tmp_path))
    leads = people(here.crm, 2)
    given = Broadcast("spring", "news", "it", NOON)
    assert here.crm.broadcast(given) == here.crm.broadcast(given)
    here.tick_at(NOON + minutes(1))
    here.crm.broadcast(given)
    here.tick_at(NOON + hours(1))
    assert got(here.crm, leads) == [1, 1]
    assert [one.name for one in here.crm.broadcasts()] == ["spring"]


def test_another_one_of_the_name_takes_its_place_until_it_begins(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 2)
    one = here.crm.broadcast(Broadcast("spring", "news", leads[:1], NOON))
    assert here.crm.broadcast(Broadcast("spring", "tips", leads[1:], NOON + hours(1))) == one
    assert here.crm.broadcast(Broadcast("spring", "news", leads[:1], NOON + hours(1))) == one
    assert here.crm.broadcast(Broadcast("spring", "tips", leads[1:], NOON + hours(2))) == one
    here.tick_at(NOON + hours(1) + minutes(1))
    assert got(here.crm, leads) == [0, 0]
    here.tick_at(NOON + hours(3))
    assert got(here.crm, leads) == [0, 1]
    with pytest.raises(DefinitionError, match="has begun"):
        here.crm.broadcast(Broadcast("spring", "news", leads))


def test_what_cannot_be_kept_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    (lead,) = people(here.crm, 1)
    with pytest.raises(DefinitionError, match="did you mean 'news'"):
        here.crm.broadcast(Broadcast("spring", "nws", "it"))
    with pytest.raises(DefinitionError, match="expected a Broadcast"):
        here.crm.broadcast("spring")  # type: ignore[arg-type]
    with pytest.raises(NotFoundError, match="lead_none"):
        here.crm.broadcast(Broadcast("spring", "news", [lead, "lead_none"]))
    unknown = EffectId("cast_none")
    for call in (here.crm.broadcast_status, here.crm.stop_broadcast):
        with pytest.raises(NotFoundError, match="cast_none"):
            call(unknown)
    with pytest.raises(NotFoundError, match="cast_none"):
        here.crm.approve_broadcast(unknown, by="a", role="b")
    with pytest.raises(NotFoundError):
        here.crm.broadcast_status(EffectId(lead))
    assert list(here.crm.broadcasts()) == []


def test_broadcasts_are_listed_among_other_effects(tmp_path: Path) -> None:
    here = house(store_maker("sqlite", tmp_path))
    (lead,) = people(here.crm, 1)
    here.crm.record(lead, "form.submitted")
    names = [f"no {number}" for number in range(5)]
    for name in names:
        here.crm.broadcast(Broadcast(name, "news", "it", NOON))
    here.tick_at(T0 + hours(1))
    listed = list(here.crm.broadcasts())
    assert sorted(one.name for one in listed) == names
    assert [one.id for one in listed] == sorted(one.id for one in listed)
    assert {(one.state, one.at, one.counts) for one in listed} == {(BroadcastState.SCHEDULED, NOON, None)}


# --- approving ------------------------------------------------------------------------------------------------------


def needing(here: House, **given: object) -> EffectId:
    return here.crm.broadcast(Broadcast("spring", "news", "it", approval="boss", **given))  # type: ignore[arg-type]


def test_nothing_goes_before_it_is_approved_by_the_role(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 2)
    one = needing(here)
    here.tick_at(T0 + days(9))
    assert here.crm.broadcast_status(one).state is BroadcastState.AWAITING_APPROVAL
    assert here.crm.approve_broadcast(one, by="yamada", role="intern") == Refused("wrong_role")
    assert here.crm.approve_broadcast(one, by="yamada", role="boss", content="cont_x") == Refused("content_changed")
    read = here.crm.broadcast_status(one).content
    approved = here.crm.approve_broadcast(one, by="yamada", role="boss", content=read)
    assert isinstance(approved, BroadcastStatus)
    assert (approved.state, approved.approved_by) == (BroadcastState.SCHEDULED, "yamada")
    assert here.crm.approve_broadcast(one, by="sato", role="boss") == Refused("not_asked_for")
    here.tick_at(T0 + days(9) + minutes(1))
    assert got(here.crm, leads) == [1, 1]


def test_an_approval_waits_for_the_instant_and_can_come_too_late(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 1)
    one = needing(here, at=NOON, max_lateness=hours(1))
    here.crm.approve_broadcast(one, by="yamada", role="boss")
    here.tick_at(T0 + hours(1))
    assert got(here.crm, leads) == [0]
    here.tick_at(NOON + minutes(1))
    assert got(here.crm, leads) == [1]
    late = here.crm.broadcast(Broadcast("late", "news", "it", NOON, approval="boss", max_lateness=hours(1)))
    here.tick_at(NOON + hours(2))
    assert here.crm.approve_broadcast(late, by="yamada", role="boss") == Refused("too_late")


def changed(here: House, text: str) -> None:
    news = attrs.evolve(NEWS, text=text)
    here.crm.activate(attrs.evolve(here.crm.program, messages=[news, here.crm.program.messages[1]]))


@pytest.mark.usefixtures("small")
def test_a_message_that_changes_after_the_approval_goes_to_nobody_more(tmp_path: Path) -> None:
    capped = attrs.evolve(PROGRAM, policy=ContactPolicy(max_lateness=days(30)))
    here = house(store_maker("memory", tmp_path), capped)
    leads = people(here.crm, 5)
    one = needing(here)
    here.crm.approve_broadcast(one, by="yamada", role="boss")
    here.clock.move_to(T0 + hours(1))
    here.crm.deliver(1)  # the first chunk is asked for
    here.crm.decide()
    changed(here, "Another text")
    here.tick_at(T0 + hours(2))
    status = here.crm.broadcast_status(one)
    assert (status.state, status.reason) == (BroadcastState.ENDED, "content_changed")
    assert counts(status) == {"withheld": {"not_approved": 2}}
    assert got(here.crm, leads) == [0] * 5
    assert isinstance(here.crm.approve_broadcast(one, by="sato", role="boss"), BroadcastStatus)
    here.tick_at(T0 + hours(3))
    status = here.crm.broadcast_status(one)
    assert (status.state, counts(status)) == (BroadcastState.DONE, {"withheld": {"not_approved": 2}, "accepted": 3})


def test_a_changed_message_needs_no_approval_where_none_was_asked_for(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 1)
    here.crm.broadcast(Broadcast("spring", "news", "it", NOON))
    changed(here, "Another text")
    here.tick_at(NOON + minutes(1))
    assert got(here.crm, leads) == [1]


def test_a_message_that_the_program_dropped_ends_it(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    people(here.crm, 1)
    one = needing(here)
    late = here.crm.broadcast(Broadcast("late", "news", "it", NOON))
    here.crm.activate(attrs.evolve(PROGRAM, messages=PROGRAM.messages[1:]))
    assert here.crm.approve_broadcast(one, by="yamada", role="boss") == Refused("unknown_message")
    here.tick_at(NOON + minutes(1))
    status = here.crm.broadcast_status(late)
    assert (status.state, status.reason, status.content) == (BroadcastState.ENDED, "unknown_message", "")


# --- stopping -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_stopping_cancels_what_nobody_claimed_and_states_the_rest(kind: str, tmp_path: Path) -> None:
    capped = attrs.evolve(PROGRAM, policy=ContactPolicy(caps=Cap(1, days(7)), max_lateness=days(30)))
    here = house(store_maker(kind, tmp_path), capped)
    leads = people(here.crm, 5)
    for lead in leads[:2]:
        here.crm.record(lead, "form.submitted")
    here.tick_at(T0 + minutes(1))
    one = here.crm.broadcast(Broadcast("spring", "news", "it"))
    here.tick_at(T0 + minutes(2))
    status = here.crm.stop_broadcast(one)
    assert (status.state, counts(status)) == (BroadcastState.STOPPED, {"accepted": 3, "cancelled": 2})
    assert here.crm.stop_broadcast(one) == status
    here.tick_at(T0 + days(60))
    assert got(here.crm, leads) == [1] * 5


@pytest.mark.usefixtures("small")
def test_what_is_decided_after_the_stop_is_withheld(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 5)
    one = here.crm.broadcast(Broadcast("spring", "news", "it"))
    here.clock.move_to(T0 + hours(1))
    here.crm.deliver(1)  # the first chunk is asked for, and nobody decided
    assert counts(here.crm.stop_broadcast(one)) == {"undecided": 2}
    here.tick_at(T0 + hours(2))
    assert counts(here.crm.broadcast_status(one)) == {"withheld": {"broadcast_stopped": 2}}
    assert got(here.crm, leads) == [0] * 5


def test_a_stopped_one_can_be_given_anew_if_it_had_not_begun(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 1)
    one = here.crm.broadcast(Broadcast("spring", "news", "it", NOON))
    here.crm.stop_broadcast(one)
    here.tick_at(NOON + minutes(1))
    assert got(here.crm, leads) == [0]
    assert here.crm.broadcast(Broadcast("spring", "news", "it", NOON + days(1))) == one
    here.tick_at(NOON + days(2))
    assert got(here.crm, leads) == [1]


@pytest.mark.usefixtures("small")
def test_a_stopped_one_that_asked_for_messages_keeps_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has asked for the first chunk, and did not come to write that down, when it is stopped."""
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 2)
    one = here.crm.broadcast(Broadcast("spring", "news", "it"))
    here.clock.move_to(T0 + hours(1))
    monkeypatch.setattr("nurture.runtime.delivering._record", lambda host, results: Delivered())  # it was killed
    here.crm.deliver(1)
    monkeypatch.undo()
    status = here.crm.stop_broadcast(one)
    assert (status.state, status.asked, counts(status)) == (BroadcastState.STOPPED, 2, {"undecided": 2})
    with pytest.raises(DefinitionError, match=r"one of this name has begun"):
        here.crm.broadcast(Broadcast("spring", "tips", "it"))
    here.tick_at(T0 + hours(2))
    assert got(here.crm, leads) == [0, 0]


# --- side by side and again -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_whoever_carries_it_on_twice_asks_the_same_people(tmp_path: Path) -> None:
    """A worker that stood still for long goes on where another one went on meanwhile."""
    here = house(store_maker("sqlite", tmp_path))
    leads, others = people(here.crm, 3), people(here.crm, 3, "HR")
    one = here.crm.broadcast(Broadcast("spring", "news", "it"))
    with here.storage.view() as view:
        effect = attrs.evolve(view.get(Effect, [one])[one], claimed_at=T0)
    first = carried_on(here.crm._host, effect)
    for lead in others:
        here.crm.update(lead, attributes={"role": "IT"})  # they would stand in a chunk that is asked for anew
    assert carried_on(here.crm._host, effect) == first
    here.tick_at(T0 + hours(1))
    assert got(here.crm, leads) == [1, 1, 1]
    assert max(got(here.crm, others)) <= 1


def test_a_chunk_that_somebody_else_wrote_first_stands(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 3)
    one = here.crm.broadcast(Broadcast("spring", "news", "it", NOON))
    mine = audiences.Chunk((leads[0],), None)
    assert audiences.write(here.crm._host, one, 1, 0, mine) == mine
    assert audiences.write(here.crm._host, one, 1, 0, audiences.Chunk(tuple(leads), None)) == mine
    here.tick_at(NOON + minutes(1))
    assert got(here.crm, leads) == [1, 0, 0]


def test_an_audience_of_few_among_many_is_found_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selecting, "PAGE", 2)
    monkeypatch.setattr(selecting, "PAGES_AT_ONCE", 2)
    here = house(store_maker("memory", tmp_path))
    people(here.crm, 20, "HR")
    leads = people(here.crm, 2)
    one = here.crm.broadcast(Broadcast("spring", "news", "it"))
    here.tick_at(T0 + hours(1))
    assert got(here.crm, leads) == [1, 1]
    assert here.crm.broadcast_status(one).asked == 2
    with here.storage.view() as view:
        lists = [each for each in view.page(Definition, "", 1000) if each.what == "list"]
    assert len(lists) > 3


def test_a_poisoned_broadcast_stops_nobody_else(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 2)
    bad = here.crm.broadcast(Broadcast("bad", "news", "it"))
    with here.storage.begin() as unit:
        effect = unit.get(Effect, [bad])[bad]
        broken = effect.moved(params={**effect.params, "definition": "bdef_none"})
        unit.put({SubjectId(bad): Changes(records=(broken,))})
    here.crm.broadcast(Broadcast("good", "news", "it"))
    for number in range(40):
        here.tick_at(T0 + hours(1 + number * 7))
    assert got(here.crm, leads) == [1, 1]
    status = here.crm.broadcast_status(bad)
    assert (status.state, status.reason) == (BroadcastState.ENDED, "gave_up_relay_failed")


def test_a_simulation_sends_broadcasts_on_virtual_time() -> None:
    arrivals = [
        Arrival(
            at=T0 + hours(number),
            lead={"email": f"a{number}@example.com", "consent": Basis.CONSENT, "attributes": {"role": "IT"}},
        )
        for number in range(20)
    ]
    series = [
        Broadcast(f"news {week}", "news", "it", T0 + days(7 * week) + hours(9.5), frozen=bool(week % 2), approval=role)
        for week, role in enumerate([None, "boss", None, "boss"])
    ]
    quiet = Behavior(unsubscribe_rate=0)
    done = simulate(PROGRAM, arrivals, broadcasts=series, until=T0 + days(60), behavior=quiet, every=None)
    assert done.sent == 10 + 20 * 3
    assert {one.state for one in done.crm.broadcasts()} == {BroadcastState.DONE}
    again = simulate(PROGRAM, arrivals, broadcasts=series, until=T0 + days(60), behavior=quiet)
    assert again.sent == done.sent
    with pytest.raises(DefinitionError, match="expected a Broadcast"):
        simulate(PROGRAM, arrivals, broadcasts=["x"], until=T0)  # type: ignore[list-item]


def test_a_broadcast_that_is_cancelled_in_the_hand_of_a_worker_stays_cancelled(tmp_path: Path) -> None:
    here = house(store_maker("memory", tmp_path))
    leads = people(here.crm, 2)
    one = here.crm.broadcast(Broadcast("spring", "news", "it"))
    host = here.crm._host

    def stops(_: object) -> None:
        if here.crm.broadcast_status(one).state is BroadcastState.RUNNING:
            here.crm.stop_broadcast(one)

    host.observers = (stops,)  # it is called while the chunk is being asked for
    here.tick_at(T0 + hours(1))
    with here.storage.view() as view:
        assert view.get(Effect, [one])[one].state is EffectState.CANCELLED
    assert got(here.crm, leads) == [0, 0]
