"""Limits that leads share, in the runtime: one write for a round, slots given back, nobody waits for what never was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from nurture import Basis, Cap, ContactPolicy, Message, Nurture, Program, Rate, Scenario, days, hours, minutes, q
from nurture.model import Allowance, Effect, EffectState, LeadId
from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected
from nurture.program import WarmUp
from nurture.runtime import Reasons
from nurture.simulation import NullSender
from nurture.steps import send
from nurture.testing import FakeSender
from tests.stores import STORES, T0, House, store_maker

SECOND = timedelta(seconds=1)


def program(**policy: object) -> Program:
    return Program(
        messages=[Message("news", "marketing", "News", "News"), Message("bill", "transactional", "Bill", "Bill")],
        scenarios=[
            Scenario("drip", q.touches("form.submitted"), [send("news")], reentry="always"),
            Scenario("sale", q.touches("sale.began"), [send("news")], reentry="always"),
            Scenario("bills", q.touches("order.placed"), [send("bill")], reentry="always"),
        ],
        policy=ContactPolicy(max_lateness=days(60), **policy),  # type: ignore[arg-type]
    )


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def opened(kind: str, folder: Path, policy: Program, sender: FakeSender | None = None) -> House:
    senders = {"email": sender or FakeSender()}
    return House(policy, store_maker(kind, folder), senders=senders, render=False)


def arrive(house: House, count: int, fact: str = "form.submitted", **fields: object) -> list[LeadId]:
    leads = [
        house.crm.capture(email=f"a{number}@example.jp", consent=Basis.CONSENT, **fields).id  # type: ignore[arg-type]
        for number in range(count)
    ]
    for lead in leads:
        house.crm.record(lead, fact, origin="host")
    return leads


def states(crm: Nurture, leads: Collection[LeadId]) -> Counter[tuple[str, str]]:
    return Counter((one.state.value, one.reason) for lead in leads for one in crm.effects(lead))


def allowances(house: House) -> list[Allowance]:
    with house.storage.view() as view:
        return [one for one in view.page(Allowance, "", 10_000) if one.id.startswith("limit_")]


def in_slots(house: House) -> int:
    return sum(sum(one.counts or (1,) * len(one.recent)) for one in allowances(house))


def test_a_cap_on_all_lets_so_many_go_and_the_others_wait_for_a_slot_each(kind: str, folder: Path) -> None:
    house = opened(kind, folder, program(caps=Cap(4, days(1), scope="all")))
    leads = arrive(house, 10)
    house.tick_at(T0 + minutes(1))
    assert states(house.crm, leads) == {("accepted", ""): 4, ("planned", "program_cap"): 6}
    assert in_slots(house) == 4
    house.tick_at(T0 + days(1) + minutes(2))
    house.tick_at(T0 + days(1) + minutes(2) + SECOND)
    assert states(house.crm, leads)["accepted", ""] == 8
    house.crm.close()


def test_who_waits_for_a_rate_comes_back_when_it_is_its_turn(kind: str, folder: Path) -> None:
    """Or else all that wait would be put off again in every span: the square of their number in all."""
    house = opened(kind, folder, program(rates=Rate(10, hours(1))))
    leads = arrive(house, 90)
    put_off = 0
    for hour in range(9):
        for minute in (1, 2):
            house.clock.move_to(T0 + hours(hour) + minutes(minute))
            put_off += house.crm.tick().delivered.deferred
    assert states(house.crm, leads) == {("accepted", ""): 90}
    assert put_off < 2 * 90
    house.crm.close()


def test_a_round_writes_a_shared_count_once(tmp_path: Path) -> None:
    house = opened("memory", tmp_path, program(caps=Cap(30, days(1), scope="all")))
    arrive(house, 20)
    house.clock.move_to(T0 + minutes(1))
    while house.crm.decide().subjects:
        pass
    house.crm._host.slice = 20
    house.crm.deliver()
    (one,) = allowances(house)
    assert (one.version, sum(one.counts)) == (1, 20)


def test_a_large_limit_is_kept_in_slices_and_all_of_it_can_be_spent(kind: str, folder: Path) -> None:
    house = opened(kind, folder, program(rates=Rate(70, hours(1))))
    leads = arrive(house, 80)
    house.tick_at(T0 + minutes(1))
    assert states(house.crm, leads) == {("accepted", ""): 70, ("planned", "rate"): 10}
    assert len(allowances(house)) == 2
    assert in_slots(house) == 70
    house.crm.close()


def test_an_account_is_counted_over_all_its_people(kind: str, folder: Path) -> None:
    house = opened(kind, folder, program(caps=[Cap(1, "week", scope="account")]))
    firms = [house.crm.capture_account(name=name).id for name in ("Acme", "Best")]
    leads = arrive(house, 3, account=firms[0])
    other = house.crm.capture(email="b@example.jp", consent=Basis.CONSENT, account=firms[1]).id
    alone = house.crm.capture(email="c@example.jp", consent=Basis.CONSENT).id
    for lead in (other, alone):
        house.crm.record(lead, "form.submitted")
    house.tick_at(T0 + minutes(1))
    assert states(house.crm, leads) == {("accepted", ""): 1, ("planned", "account_cap"): 2}
    assert states(house.crm, [other, alone]) == {("accepted", ""): 2}
    house.tick_at(T0 + days(5) + minutes(1))  # T0 is a Wednesday
    assert states(house.crm, leads) == {("accepted", ""): 2, ("planned", "account_cap"): 1}
    house.crm.close()


def test_domains_are_counted_by_themselves_and_their_names_are_not_shown(kind: str, folder: Path) -> None:
    house = opened(kind, folder, program(rates=[Rate(1, hours(1), domain="*"), Rate(9, hours(1))]))
    leads = arrive(house, 2)
    other = house.crm.capture(email="b@example.com", consent=Basis.CONSENT).id
    house.crm.record(other, "form.submitted")
    house.tick_at(T0 + minutes(1))
    assert states(house.crm, [*leads, other]) == {("accepted", ""): 2, ("planned", "domain_rate"): 1}
    assert not any("example" in one.id for one in allowances(house))
    house.crm.close()


def test_a_warm_up_rises_from_day_to_day_and_then_ends(kind: str, folder: Path) -> None:
    house = opened(kind, folder, program(warm_ups=WarmUp(T0.date(), [1, 3])))
    leads = arrive(house, 9)
    sent = []
    for day in range(3):
        house.tick_at(T0 + days(day) + minutes(1))
        house.tick_at(T0 + days(day) + minutes(2))
        sent.append(states(house.crm, leads)["accepted", ""])
    assert sent == [1, 4, 9]
    house.crm.close()


def test_what_was_not_sent_gives_its_slot_back_but_a_rate_counts_what_was_handed_over(kind: str, folder: Path) -> None:
    sender = FakeSender(outcomes=[Rejected("no_such_mailbox"), Deferred("busy", retry_after=hours(3)), Accepted()])
    house = opened(kind, folder, program(caps=Cap(2, days(9), scope="all"), rates=Rate(5, days(9))), sender)
    leads = arrive(house, 3)
    house.crm._host.slice = 1
    house.tick_at(T0 + minutes(1))
    assert states(house.crm, leads) == {("accepted", ""): 1, ("rejected", "no_such_mailbox"): 1, ("planned", "busy"): 1}
    assert in_slots(house) == 1 + 3
    house.crm.close()


def test_what_is_given_back_before_it_was_handed_over_counts_nowhere(tmp_path: Path) -> None:
    house = opened("memory", tmp_path, program(caps=Cap(5, days(1), scope="all"), rates=Rate(5, days(1))))
    leads = arrive(house, 3)
    house.clock.move_to(T0 + minutes(1))
    while house.crm.decide().subjects:
        pass
    house.crm._host.lease = timedelta(0)  # it runs out before anything is sent
    house.crm.deliver(limit=1)
    assert states(house.crm, leads) == {("planned", ""): 3}
    assert in_slots(house) == 0


def test_an_abandoned_claim_does_not_stand_in_its_own_way(kind: str, folder: Path) -> None:
    class Dying(FakeSender):
        dedup_window = timedelta.max

        def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
            raise KeyboardInterrupt

    house = opened(kind, folder, program(caps=Cap(1, days(9), scope="all")), Dying())
    (lead,) = arrive(house, 1)
    with pytest.raises(KeyboardInterrupt):
        house.tick_at(T0 + minutes(1))
    assert states(house.crm, [lead]) == {("claimed", ""): 1}
    house.crm._host.senders = {"email": NullSender()}
    house.tick_at(T0 + minutes(5))
    assert states(house.crm, [lead]) == {("accepted", ""): 1}
    assert in_slots(house) == 1
    house.crm.close()


def test_an_operator_who_says_that_nothing_went_gives_the_slot_back(kind: str, folder: Path) -> None:
    class Silent(FakeSender):
        dedup_window = timedelta(0)

        def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
            raise OSError

    house = opened(kind, folder, program(caps=Cap(1, days(9), scope="all")), Silent())
    (lead,) = arrive(house, 1)
    house.tick_at(T0 + minutes(1))
    (effect,) = house.crm.effects(lead)
    assert (effect.state, in_slots(house)) == (EffectState.UNKNOWN, 1)
    house.crm.resolve(effect.id, sent=False)
    assert in_slots(house) == 0
    house.crm.close()


def test_who_is_left_out_gives_back_what_the_round_had_spent(kind: str, folder: Path) -> None:
    house = opened(kind, folder, program(caps=Cap(3, days(9), scope="all")))
    leads = arrive(house, 3)
    house.clock.move_to(T0 + minutes(1))
    while house.crm.decide().subjects:
        pass
    crm, host = house.crm, house.crm._host
    from nurture.runtime import claiming

    with house.storage.view() as view:
        effects = view.claimable(host.storage.now(), 10)
        judged = claiming._judged_all(host, view, effects, 10, 10)
    crm.record(leads[0], "page.viewed")  # it came in between: that lead is decided first
    house.clock.move_to(T0 + minutes(2))
    late = {one: attrs.evolve(changes, quiet_until=T0 + minutes(2)) for one, changes in judged.groups.items()}
    judged = attrs.evolve(judged, groups=late)
    done = claiming._written(host, judged)
    assert (len(done.claims), done.settled.conflicts) == (2, 1)
    assert in_slots(house) == 2
    house.crm.close()


def test_claims_under_a_limit_that_somebody_else_wrote_are_not_made(kind: str, folder: Path) -> None:
    house = opened(kind, folder, program(caps=Cap(2, days(9), scope="all")))
    leads = arrive(house, 4)
    house.clock.move_to(T0 + minutes(1))
    while house.crm.decide().subjects:
        pass
    host = house.crm._host
    from nurture.runtime import claiming

    with house.storage.view() as view:
        effects = view.claimable(host.storage.now(), 10)
        first, second = ([one] for one in effects[:2])
        slow, quick = (claiming._judged_all(host, view, some, 2, 2) for some in (first, second))
    assert len(claiming._written(host, quick).claims) == 1
    beaten = claiming._written(host, slow)
    assert (beaten.claims, beaten.settled.conflicts) == ((), 1)
    assert in_slots(house) == 1
    assert states(house.crm, leads)["claimed", ""] == 1
    house.crm.close()


def test_the_more_important_goes_first_where_a_slot_is_scarce(kind: str, folder: Path) -> None:
    made = program(caps=Cap(1, days(2)))
    urgent = [attrs.evolve(one, priority=5) if one.name == "sale" else one for one in made.scenarios]
    house = opened(kind, folder, attrs.evolve(made, scenarios=urgent))
    leads = arrive(house, 2)
    for lead in leads:
        house.crm.record(lead, "sale.began", origin="host")
    house.tick_at(T0 + minutes(1))
    house.tick_at(T0 + minutes(2))  # a store of many workers leaves a subject alone for a moment after a conflict
    for lead in leads:
        found = {one.scenario: one for one in house.crm.effects(lead)}
        assert (found["sale"].priority, found["drip"].priority) == (5, 0)
        assert found["sale"].state is EffectState.ACCEPTED
        assert (found["drip"].state, found["drip"].reason) == (EffectState.PLANNED, "frequency_cap")
    house.crm.close()


def test_nothing_more_is_read_where_no_limit_is_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nurture.storage.memory import MemoryView

    asked: list[object] = []
    get = MemoryView.get
    monkeypatch.setattr(MemoryView, "get", lambda self, of, ids: asked.append((of, len(ids))) or get(self, of, ids))
    house = opened("memory", tmp_path, program(caps=Cap(9, days(1))))
    arrive(house, 3)
    house.clock.move_to(T0 + minutes(1))
    while house.crm.decide().subjects:
        pass
    asked.clear()
    house.crm._host.slice = 3
    assert house.crm.deliver().accepted == 3
    assert [one for one in asked if one[0] is Allowance] == [(Allowance, 6)]  # type: ignore[index]
    assert [one for one in asked if one[0] is Effect] == []  # type: ignore[index]


def test_reasons_are_counted_kept_once_and_told_to_the_probe(kind: str, folder: Path) -> None:
    heard: Counter[tuple[str, str]] = Counter()

    class Listening:
        def span(self, name: str, /) -> AbstractContextManager[object]:
            return nullcontext(name)

        def count(self, name: str, number: int, /, **labels: str) -> None:
            if name == "reasons":
                heard[labels["outcome"], labels["reason"]] += number

    house = opened(kind, folder, program(caps=Cap(1, days(2), scope="all")))
    house.crm.attach(Listening())
    leads = arrive(house, 2)
    refusing = house.crm.capture(email="no@example.jp").id
    house.crm.record(refusing, "form.submitted")
    house.tick_at(T0 + minutes(1))
    assert house.crm.reasons() == Reasons({"program_cap": 1}, {"no_consent": 1})
    assert house.crm.reasons(since=T0 + days(1)) == Reasons({"program_cap": 1}, {})
    assert heard == {("deferred", "program_cap"): 1, ("withheld", "no_consent"): 1}
    (waiting,) = [one for one in leads if house.crm.effects(one)[0].state is EffectState.PLANNED]
    house.crm.record(waiting, "sale.began", origin="host")
    house.tick_at(T0 + minutes(3))
    house.tick_at(T0 + minutes(4))
    with house.storage.view() as view:
        notes = [note for one in view.decisions_of(waiting) for note in one.notes if note.what == "deferred"]
    assert [(note.name, note.outcome) for note in notes] == [("news", "program_cap")] * 2  # one for each effect
    assert "program_cap: as much as may go in all has gone: 1 in 2 days" in str(house.crm.explain(waiting))
    house.crm.close()
