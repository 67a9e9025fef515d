"""Delivering, as fresh eyes broke it once: races, slow and busy worlds, other programs, and what logs may say."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from nurture import (
    Basis,
    Cap,
    ContactPolicy,
    Message,
    Nurture,
    Program,
    Scenario,
    days,
    hours,
    minutes,
    q,
)
from nurture.errors import ProgramMismatchError, StorageError
from nurture.model import Allowance, EffectState, LeadId, SubjectId
from nurture.ports import Accepted, Capability, Deferred, Envelope, Receipt, Storage
from nurture.runtime.deciding import decide_these
from nurture.simulation import VirtualClock
from nurture.steps import act, notify, send
from nurture.storage import MemoryStorage
from nurture.testing import Crash, FakeSender, SenderCrash
from tests.stores import SITE, STORES, T0, House, store_maker

SECOND = timedelta(seconds=1)
PROGRAM = Program(
    messages=[
        Message("hello", "marketing", "Hello", "Hello"),
        Message("tips", "marketing", "Tips", "Tips"),
        Message("receipt", "transactional", "Receipt", "Receipt"),
    ],
    scenarios=[
        Scenario("hello", q.touches("hello.wanted"), [send("hello")], reentry="always"),
        Scenario("tips", q.touches("tips.wanted"), [send("tips")], reentry="always"),
        Scenario("receipt", q.touches("sale.made"), [send("receipt")], reentry="always"),
    ],
)


def memory(clock: VirtualClock) -> Storage:
    return MemoryStorage(clock=clock, through_codec=True)


def leads_who_want(house: House, kind: str, count: int) -> list[LeadId]:
    leads = [house.crm.capture(email=f"a{n}@example.com", consent=Basis.CONSENT).id for n in range(count)]
    for lead in leads:
        house.crm.record(lead, kind)
    return leads


def what_became(house: House, lead: SubjectId) -> list[tuple[str, str]]:
    return [(one.state.value, one.reason) for one in reversed(house.crm.effects(lead))]


def planned(house: House, kind: str = "hello.wanted") -> LeadId:
    """A lead whose message is planned and due, and not claimed yet."""
    (lead,) = leads_who_want(house, kind, 1)
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.decide()
    house.clock.move_to(house.clock.now + SECOND)
    return lead


def before_next_unit(storage: Storage, what: Callable[[], object]) -> None:
    """Do something between the loading of what comes next and its writing."""
    begin = storage.begin

    def once() -> object:
        del storage.begin  # type: ignore[attr-defined]
        what()
        return begin()

    storage.begin = once  # type: ignore[method-assign, assignment]


# -- races -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("word", ["consent", "unsubscribe", "topic"])
def test_a_refusal_that_commits_while_a_claim_is_made_stops_that_mail(store: str, word: str, tmp_path: Path) -> None:
    sender = FakeSender()
    program = Program(
        messages=[Message("hello", "marketing", "Hello", "Hello", topic="news")], scenarios=PROGRAM.scenarios[:1]
    )
    house = House(program, store_maker(store, tmp_path), senders={"email": sender})
    lead = planned(house)
    refusals: dict[str, Callable[[], object]] = {
        "consent": lambda: house.crm.consent(lead, given=False),
        "unsubscribe": lambda: house.crm.unsubscribe(lead),
        "topic": lambda: house.crm.unsubscribe(lead, topic="news"),
    }
    before_next_unit(house.storage, refusals[word])
    # A store whose work is taken loads within the unit, and so sees the refusal.
    assert house.crm.deliver().conflicts == (Capability.SKIP_LOCKED not in house.storage.capabilities)
    house.tick_at(T0 + days(1))
    assert sender.attempts == []
    assert what_became(house, lead) == [("withheld", "unsubscribed")]
    house.crm.close()


@pytest.mark.parametrize("store", STORES)
def test_what_is_due_at_once_for_one_lead_goes_in_one_tick(store: str, tmp_path: Path) -> None:
    scenarios = [Scenario(one, q.touches("all.wanted"), [act("task"), act("task")]) for one in ("a", "b", "c")]
    house = House(
        Program(scenarios=scenarios, actions={"task"}),
        store_maker(store, tmp_path),
        actions={"task": lambda *_: Accepted()},
    )
    leads_who_want(house, "all.wanted", 2)
    done = house.crm.tick()  # a receipt waits to be decided before the lead's next effect: nobody else holds the lead
    assert done.delivered.accepted == 12
    assert not house.crm.tick().moved
    house.crm.close()


def test_who_must_be_decided_first_holds_up_nobody_where_nobody_decides(tmp_path: Path) -> None:
    house = House(PROGRAM, store_maker("postgres", tmp_path), senders={"email": FakeSender()})
    busy = leads_who_want(house, "hello.wanted", 3)
    house.crm.decide()
    for lead in busy:
        house.crm.record(lead, "page.viewed")  # it waits to be decided, and this process only delivers
    free = house.crm.capture(email="free@example.com", consent=Basis.CONSENT).id
    house.crm.record(free, "sale.made")
    decide_these(house.crm._host, [free])
    house.clock.move_to(house.clock.now + SECOND)
    assert house.crm.deliver(limit=3).conflicts == 3
    assert house.crm.deliver(limit=3).accepted == 1
    house.tick_at(house.clock.now + SECOND)
    assert [what_became(house, lead) for lead in (*busy, free)] == [[("accepted", "")]] * 4
    house.crm.close()


def test_a_refusal_that_races_the_second_attempt_of_a_crashed_worker_stops_it() -> None:
    sender = FakeSender(outcomes=[Crash(delivered=False)])
    steps = [send("hello", repeat="at_least_once")]
    house = House(
        Program(messages=PROGRAM.messages, scenarios=[Scenario("s", q.touches("hello.wanted"), steps)]),
        memory,
        senders={"email": sender},
    )
    lead = planned(house)
    with pytest.raises(SenderCrash):
        house.crm.deliver()
    house.clock.move_to(T0 + hours(1))
    before_next_unit(house.storage, lambda: house.crm.consent(lead, given=False))
    assert house.crm.deliver().conflicts == 1
    house.tick_at(T0 + days(1))
    assert sender.delivered == []
    assert what_became(house, lead) == [("unknown", "lease_ran_out")]


# -- slow and busy -----------------------------------------------------------------------------------


class SlowSender(FakeSender):
    """Takes its time over each mail, on the clock of the house; another worker delivers some while it does."""

    def __init__(self, each: timedelta) -> None:
        super().__init__()
        self.each = each
        self.house: House | None = None
        self.other: Nurture | None = None

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        assert self.house is not None
        receipts = super().send(envelopes)
        self.house.clock.move_to(self.house.clock.now + self.each * len(envelopes))
        other, self.other = self.other, None
        if other is not None:
            other.deliver(5)
            self.other = other
        return receipts


def slow_house(each: timedelta, program: Program = PROGRAM) -> tuple[House, SlowSender]:
    sender = SlowSender(each)
    house = House(program, memory, senders={"email": sender})
    sender.house = house
    return house, sender


@pytest.mark.parametrize("repeat", ["at_least_once", "at_most_once"])
def test_a_sender_that_outlasts_the_lease_doubles_nothing(repeat: str) -> None:
    steps = [send("receipt", repeat=repeat)]
    program = Program(messages=PROGRAM.messages, scenarios=[Scenario("s", q.touches("sale.made"), steps)])
    house, sender = slow_house(SECOND, program)
    sender.other = Nurture(program, house.storage, senders={"email": sender}, site=SITE)
    leads = leads_who_want(house, "sale.made", 60)
    for hour in (1, 2, 3):
        house.tick_at(T0 + hours(hour))
    assert Counter(one.recipient for one in sender.delivered) == {f"a{n}@example.com": 1 for n in range(60)}
    assert {state for lead in leads for state, _ in what_became(house, lead)} == {"accepted"}


def test_a_slow_sender_gets_the_whole_backlog_in_the_end() -> None:
    house, sender = slow_house(timedelta(seconds=3))
    leads = leads_who_want(house, "sale.made", 250)
    house.tick_at(T0 + hours(1))
    house.tick_at(T0 + hours(9))
    assert {word for lead in leads for word in what_became(house, lead)} == {("accepted", "")}
    assert len(sender.delivered) == 250


class BusyStorage(MemoryStorage):
    """A store whose next units fail."""

    busy = 0

    def begin(self):  # type: ignore[no-untyped-def]
        if self.busy:
            self.busy -= 1
            raise StorageError("database is locked")
        return super().begin()


class Busying(FakeSender):
    """Sends; and while it does, the store becomes busy."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units
        self.storage: BusyStorage | None = None

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        assert self.storage is not None
        self.storage.busy, self.units = self.units, 0
        return super().send(envelopes)


def test_receipts_are_written_again_after_the_store_was_busy() -> None:
    sender = Busying(2)
    house = House(PROGRAM, lambda clock: BusyStorage(clock=clock), senders={"email": sender})
    assert isinstance(house.storage, BusyStorage)
    sender.storage = house.storage
    (lead,) = leads_who_want(house, "sale.made", 1)
    house.tick_at(T0 + minutes(1))
    house.tick_at(T0 + hours(1))
    assert what_became(house, lead) == [("accepted", "")]
    assert len(sender.attempts) == 1


# -- the frequency cap -------------------------------------------------------------------------------

CAPPED = Program(policy=ContactPolicy(caps=Cap(1, days(1))), messages=PROGRAM.messages, scenarios=PROGRAM.scenarios)


def test_a_deferred_mail_gives_its_count_back_and_is_counted_when_it_goes() -> None:
    sender = FakeSender(outcomes=[Deferred("greylisted", retry_after=days(3))])
    house = House(CAPPED, memory, senders={"email": sender})
    (lead,) = leads_who_want(house, "hello.wanted", 1)
    house.tick_at(T0 + hours(1))
    house.crm.record(lead, "tips.wanted")
    house.tick_at(T0 + hours(2))
    assert [one.subject for one in sender.delivered] == ["Tips"]  # the mail that did not go counts for nothing
    house.clock.move_to(T0 + days(3))
    house.crm.record(lead, "tips.wanted")
    for hour in range(1, 60):
        house.tick_at(T0 + days(3) + hours(hour))
    sent = sorted(one.at for one in house.crm.timeline(lead) if one.kind == "email.sent")
    assert len(sent) == 3
    assert all(later - earlier >= days(1) for earlier, later in pairwise(sent))


def test_what_is_given_back_is_not_counted() -> None:
    house, sender = slow_house(timedelta(seconds=50), CAPPED)
    leads = leads_who_want(house, "hello.wanted", 8)
    house.tick_at(T0 + minutes(1))
    house.tick_at(T0 + hours(1))
    assert len(sender.delivered) == 8
    assert {word for lead in leads for word in what_became(house, lead)} == {("accepted", "")}


# -- programs and processes --------------------------------------------------------------------------


def test_a_worker_with_the_old_program_neither_decides_nor_delivers() -> None:
    sender = FakeSender()
    house = House(PROGRAM, memory, senders={"email": sender})
    house.crm.tick()
    newer = Program(
        name="newer",
        messages=[*PROGRAM.messages, Message("more", "transactional", "More", "More")],
        scenarios=[Scenario("more", q.touches("more.wanted"), [send("more")])],
    )
    new = Nurture(newer, house.storage, senders={"email": sender}, site=SITE)
    new.activate()
    lead = new.capture(email="a@example.com").id
    new.record(lead, "more.wanted")
    house.clock.move_to(T0 + minutes(1))
    with pytest.raises(ProgramMismatchError):
        house.crm.decide()
    new.decide()
    house.clock.move_to(T0 + minutes(2))
    for call in (house.crm.deliver, house.crm.tick):
        with pytest.raises(ProgramMismatchError):
            call()
    assert (what_became(house, lead), sender.attempts) == ([("planned", "")], [])
    new.tick()
    assert what_became(house, lead) == [("accepted", "")]


@pytest.mark.parametrize(("lacks", "reason"), [("sender", "no_sender"), ("site", "no_site"), ("action", "no_action")])
def test_a_process_that_lacks_something_leaves_it_to_one_that_has_it(lacks: str, reason: str) -> None:
    done: list[str] = []
    steps = [act("sync")] if lacks == "action" else [send("receipt")]
    program = Program(
        messages=PROGRAM.messages, actions=["sync"], scenarios=[Scenario("s", q.touches("sale.made"), steps)]
    )
    actions = {"sync": lambda key, _subject, _params: done.append(key)}
    house = House(program, memory, actions=actions)
    (lead,) = leads_who_want(house, "sale.made", 1)
    house.clock.move_to(T0 + minutes(1))
    poor = Nurture(
        program,
        house.storage,
        senders={} if lacks == "sender" else {"email": FakeSender()},
        site=None if lacks == "site" else SITE,
        actions=actions,
    )
    if lacks == "action":
        del poor._host.actions["sync"]  # type: ignore[attr-defined]  # as if it were lost after the start
    poor.tick()
    assert what_became(house, lead) == [("planned", reason)]
    house.tick_at(T0 + minutes(3))
    assert what_became(house, lead) == [("accepted", "")]


@pytest.mark.parametrize("answer", [None, Accepted("42")])
def test_an_action_that_returns_nothing_or_a_receipt_is_done_once(answer: object) -> None:
    keys: list[str] = []

    def sync(key: str, *_: object) -> object:
        keys.append(key)
        return answer

    program = Program(actions=["sync"], scenarios=[Scenario("s", q.touches("sale.made"), [act("sync")])])
    house = House(program, memory, actions={"sync": sync})
    (lead,) = leads_who_want(house, "sale.made", 1)
    for minute in range(1, 11):
        house.tick_at(T0 + minutes(minute))
    assert keys == [house.crm.effects(lead)[0].id]
    assert what_became(house, lead) == [("accepted", "")]


# -- logs --------------------------------------------------------------------------------------------


def leaky(*_: object) -> None:
    raise RuntimeError("could not reach secret@example.com, Hanako")


class LeakySender(FakeSender):
    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        raise RuntimeError(f"could not reach {next(iter(envelopes)).recipient}")


def test_what_a_sender_an_action_or_an_observer_raises_is_logged_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    program = Program(
        messages=PROGRAM.messages,
        actions=["sync"],
        scenarios=[Scenario("s", q.touches("sale.made"), [act("sync"), send("receipt")])],
    )
    house = House(program, memory, senders={"email": LeakySender()}, actions={"sync": leaky}, observers=[leaky])
    with caplog.at_level(logging.DEBUG, logger="nurture"):
        lead = house.crm.capture(email="secret@example.com", name="Hanako").id
        house.crm.record(lead, "sale.made")
        for hour in range(1, 8):
            house.tick_at(T0 + hours(hour))
    for what in ("the sender raised", "an action raised", "an observer failed"):
        assert f"{what}: RuntimeError at " in caplog.text
    whole = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "secret@example.com" not in whole
    assert "Hanako" not in whole


def test_a_notice_that_cannot_be_composed_is_logged_without_personal_data(caplog: pytest.LogCaptureFixture) -> None:
    program = Program(
        messages=[Message("n", "internal", "New lead", "{{ lead.name[99] + 1 }}")],
        scenarios=[Scenario("s", q.touches("sale.made"), [notify("n")])],
    )
    house = House(program, memory)
    lead = house.crm.capture(email="secret@example.com", name="Hanako", owner="rep@example.com").id
    house.crm.record(lead, "sale.made")
    with caplog.at_level(logging.DEBUG, logger="nurture"):
        house.tick_at(T0 + minutes(1))
    assert house.crm.effects(lead)[0].state is EffectState.REJECTED
    assert "secret@example.com" not in caplog.text
    assert "Hanako" not in caplog.text


def test_what_people_are_shown_as_does_not_show_who_they_are() -> None:
    sender = FakeSender()
    house = House(PROGRAM, memory, senders={"email": sender})
    lead = house.crm.capture(email="secret@example.com", name="Hanako", phone="+81312345678")
    house.crm.record(lead.id, "sale.made", {"card": "Hanako"})
    house.tick_at(T0 + minutes(1))
    shown = f"{lead!r}{sender.delivered!r}{house.crm.timeline(lead.id)!r}"
    assert lead.id in shown
    assert not any(word in shown for word in ("secret", "Hanako", "12345678"))


# -- the worker --------------------------------------------------------------------------------------


class StoppingSender(FakeSender):
    """Asks its worker to stop with the first batch."""

    crm: Nurture | None = None

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        if self.crm is not None:
            self.crm.stop()
        return super().send(envelopes)


def run_to_its_end(crm: Nurture) -> None:
    """Run in another thread until it ends by itself; it must."""
    thread = threading.Thread(target=crm.run, kwargs={"poll": timedelta(milliseconds=10)}, daemon=True)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


def test_stop_ends_the_worker_between_two_batches_and_gives_claims_back() -> None:
    sender = StoppingSender()
    house = House(PROGRAM, memory, senders={"email": sender})
    leads = leads_who_want(house, "sale.made", 60)
    house.clock.move_to(T0 + minutes(1))
    sender.crm = house.crm
    run_to_its_end(house.crm)
    assert 0 < len(sender.delivered) < 60
    states = Counter(state for lead in leads for state, _ in what_became(house, lead))
    assert states == {"accepted": len(sender.delivered), "planned": 60 - len(sender.delivered)}
    sender.crm = None
    house.tick_at(T0 + minutes(1) + SECOND)  # at once: no lease has to run out
    assert Counter(one.recipient for one in sender.delivered) == {f"a{n}@example.com": 1 for n in range(60)}


def test_stop_before_run_ends_it_at_once_and_the_next_run_runs() -> None:
    sender = StoppingSender()
    house = House(PROGRAM, memory, senders={"email": sender})
    (lead,) = leads_who_want(house, "sale.made", 1)
    house.clock.move_to(T0 + minutes(1))
    house.crm.stop()
    run_to_its_end(house.crm)
    assert what_became(house, lead) == []
    sender.crm = house.crm
    run_to_its_end(house.crm)
    assert what_became(house, lead) == [("accepted", "")]


class FailingViews(MemoryStorage):
    """A store that cannot say what is due next, for some times; then the worker is asked to stop."""

    failures = 0
    crm: Nurture | None = None

    def view(self):  # type: ignore[no-untyped-def]
        view = super().view()
        storage = self

        class View(type(view)):  # type: ignore[misc]
            __slots__ = ()

            def next_due_at(self) -> None:
                storage.failures += 1
                if storage.failures > 3 and storage.crm is not None:
                    storage.crm.stop()
                raise StorageError("database is locked")

        view.__class__ = View
        return view


def test_run_survives_an_error_of_the_store_while_it_looks_how_long_to_sleep() -> None:
    house = House(PROGRAM, lambda clock: FailingViews(clock=clock))
    assert isinstance(house.storage, FailingViews)
    house.storage.crm = house.crm
    run_to_its_end(house.crm)
    assert house.storage.failures == 4


def test_a_claim_that_ran_out_does_not_stand_in_its_own_way() -> None:
    """A worker died between claim and send; the cap of one a day must not make the retry wait for a day."""

    class Dying(FakeSender):
        dies = True

        def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
            if self.dies:
                raise SenderCrash
            return super().send(envelopes)

    sender = Dying(dedup_window=timedelta.max)
    program = Program(
        messages=[Message("hello", "marketing", "Hello", "Hello")],
        scenarios=[Scenario("s", q.touches("form.submitted"), [send("hello")])],
        policy=ContactPolicy(caps=Cap(1, days(1))),
    )
    house = House(program, store_maker("memory", Path()), senders={"email": sender})
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT)
    house.crm.record(lead.id, "form.submitted")
    with pytest.raises(SenderCrash):
        house.tick_at(T0 + minutes(1))
    sender.dies = False
    house.tick_at(T0 + minutes(3))
    (effect,) = house.crm.effects(lead.id)
    assert effect.state is EffectState.ACCEPTED
    with house.storage.view() as view:
        (allowance,) = [one for one in view.page(Allowance, "", 9) if one.recent]
    assert len(allowance.recent) == 1  # and it counts once
