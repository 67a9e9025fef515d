"""Written cases of pausing, resuming and stopping: each row is one life of one person, on a virtual clock.

Each row is played twice: by workers that are awake all the time, and by workers that sleep from the first switch on
until the last one was turned, and see all of them at once. What is decided must be the same; only the gate, which
sends, needs somebody who is awake.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import attrs
import pytest
from sqlalchemy import create_engine

from nurture import Attribute, Basis, Message, Nurture, Program, Scenario, Segment, days, hours, q
from nurture.decisions import Decision
from nurture.errors import InvalidFactError, JoinError, UnknownNameError
from nurture.model import EffectState, Enrollment, Fact, LeadId, Repeat, Switch, Value
from nurture.ports import Accepted, Envelope, Receipt
from nurture.runtime import deciding
from nurture.runtime.activating import activate as write_activation
from nurture.runtime.recording import request
from nurture.runtime.switching import write_switch
from nurture.steps import Step, send, set_attribute, tag, wait, wait_for, wait_until
from tests.stores import T0, House, store_maker

MICROSECOND = timedelta(microseconds=1)
MESSAGES = [Message(name, "marketing", name, name) for name in ("hello", "tips", "last")]
FORM, CLICK, BUY = "form.submitted", "email.clicked", "purchase.made"
Event: TypeAlias = tuple[float, str]
"""On which day, and what: a kind of fact, a switch (`pause`, `resume`, `finish`, `withdraw`, `hold`, `reopen`),
`meets N` (the meeting is moved to day N), or `asked out`: a withdrawal is asked for by hand."""
Mail: TypeAlias = tuple[str, float | str]
"""Which message, and on which day it went out; or in a word why it did not."""
TURNS = {"pause": Switch.PAUSED, "hold": Switch.PAUSED, "finish": Switch.CLOSED, "withdraw": Switch.STOPPED}


def scenario(*steps: Step, **given: object) -> Scenario:
    return Scenario("s", q.touches(FORM), steps, **given)  # type: ignore[arg-type]


def program_of(one: Scenario) -> Program:
    return Program(
        messages=MESSAGES,
        scenarios=[one],
        segments=[Segment("buyers", q.touches(BUY))],
        attributes=[Attribute("meets", "instant")],
    )


class Life:
    """One person in one scenario, and what happens on which day."""

    def __init__(self, one: Scenario, *, asleep: bool = False) -> None:
        self.house = House(program_of(one), store_maker("memory", Path()))
        self.crm: Nurture = self.house.crm
        self.asleep = asleep
        self.crm.activate()
        self.lead: LeadId = self.crm.capture(
            email="a@example.com", consent=Basis.CONSENT, attributes={"meets": T0 + days(20)}
        ).id

    def play(self, events: Sequence[Event], until: float) -> None:
        """Let everything happen; a tick follows each instant at which anything is due, while somebody is awake."""
        switches = [day for day, what in events if self._is_switch(what)]
        for day, what in events:
            sleeping = self.asleep and switches and switches[0] < day <= switches[-1]
            self.go_to(day, awake=not sleeping)
            self._happen(what)
        self.go_to(until)
        self.crm.tick()

    def go_to(self, day: float, *, awake: bool = True) -> None:
        """Move the clock on; whatever is due on the way is decided and delivered a microsecond after it is due."""
        end = T0 + timedelta(days=day)
        while awake:
            with self.house.storage.view() as view:
                due = view.next_due_at()
            if due is None or due + MICROSECOND >= end:
                break
            self.house.tick_at(due + MICROSECOND)
        self.house.clock.move_to(end)

    def _is_switch(self, what: str) -> bool:
        return what in TURNS or what in ("resume", "reopen")

    def _happen(self, what: str) -> None:
        if self._is_switch(what):
            self._switch(what)
        elif what == "asked out":
            asked: dict[str, Value] = {"scenario": "s", "key": "", "reason": ""}
            request(self.crm._host, self.lead, Fact.WITHDRAWAL_REQUESTED, asked)
        elif what.startswith("meets "):
            self.crm.update(self.lead, attributes={"meets": T0 + timedelta(days=float(what.split()[1]))})
        else:
            self.crm.record(self.lead, what)

    def _switch(self, what: str) -> None:
        crm = self.crm
        if self.asleep:  # it is written down, and nobody follows
            write_switch(crm._host, "s", TURNS.get(what))
        elif what in ("pause", "resume", "reopen"):
            {"pause": crm.pause, "resume": crm.resume, "reopen": crm.reopen}[what]("s")
        else:
            crm.stop_scenario("s", what)

    @property
    def mails(self) -> list[Mail]:
        """What went out and when, and what did not and why, in the order in which it was asked for."""
        told: list[Mail] = []
        for one in sorted(self.crm.effects(self.lead), key=lambda one: (one.planned_at, one.id)):
            at = one.claimed_at
            if one.state is EffectState.ACCEPTED and at is not None:
                told.append((one.name, round((at - T0) / timedelta(days=1), 4)))
            else:
                told.append((one.name, one.reason if one.reason else one.state.value))
        return told

    @property
    def run(self) -> Enrollment | None:
        """The newest run."""
        standing = self.crm.standing(self.lead)
        runs = standing.enrollments if standing is not None else ()
        return max(runs, key=lambda one: one.started_at, default=None)

    @property
    def end(self) -> str:
        """How the newest run stands: its state, and where it is or why it ended."""
        run = self.run
        if run is None:
            return "nobody entered"
        return f"{run.state} at {run.step}" if run.is_active else f"{run.state}: {run.reason}"

    @property
    def ways(self) -> list[tuple[str, str | None]]:
        run = self.run
        return [] if run is None else [(visit.step, visit.edge) for visit in run.path]


@attrs.frozen
class Case:
    """One row: the scenario, what happens, and what is to come of it."""

    name: str
    scenario: Scenario
    events: Sequence[Event]
    mails: Sequence[Mail]
    end: str
    until: float = 30
    tags: Sequence[str] = ()
    only_awake: bool = False
    """Whether something must be sent between the switches, which takes a worker who is awake."""


def week(misfire: str) -> Scenario:
    """Three mails around a meeting, with the same misfire policy."""
    return scenario(
        wait(days(1)),
        send("hello", misfire=misfire),
        wait_until(q.lead.meets, days(-15), then=[send("tips", misfire=misfire)]),
        wait_until(q.lead.meets, days(-2), then=[send("last", misfire=misfire)]),
    )


MAILED = scenario(wait(days(1)), send("hello"), wait_for(q.touches(CLICK), days(3), [tag("clicked")], [tag("silent")]))
DRIP = scenario(wait(days(1)), send("hello"), wait(days(2)), send("tips"), reentry="always")

CASES = [
    # -- timers ---------------------------------------------------------------------------------------------------
    Case("nothing is switched", DRIP, [(0, FORM)], [("hello", 1), ("tips", 3)], "completed: end"),
    Case(
        "a timer of the pause goes off on resume",
        DRIP,
        [(0, FORM), (0.5, "pause"), (2, "resume")],
        [("hello", 2), ("tips", 4)],
        "completed: end",
    ),
    Case(
        "a pause between two timers delays nothing",
        DRIP,
        [(0, FORM), (1.5, "pause"), (2.5, "resume")],
        [("hello", 1), ("tips", 3)],
        "completed: end",
    ),
    Case(
        "a timer at the instant of the pause is decided before it",
        scenario(wait(days(1)), tag("x"), wait(days(1)), tag("y")),
        [(0, FORM), (1, "pause"), (5, "resume")],
        [],
        "completed: end",
        tags=["x", "y"],
    ),
    Case(
        "two pauses",
        DRIP,
        [(0, FORM), (0.5, "pause"), (2, "resume"), (2.5, "pause"), (5, "resume")],
        [("hello", 2), ("tips", 5)],
        "completed: end",
        only_awake=True,
    ),
    Case(
        "paused twice and resumed once",
        DRIP,
        [(0, FORM), (0.5, "pause"), (1.5, "pause"), (2, "resume")],
        [("hello", 2), ("tips", 4)],
        "completed: end",
    ),
    Case("it stays paused", DRIP, [(0, FORM), (0.5, "pause")], [], "active at 0"),
    Case("resumed without a pause", DRIP, [(0, FORM), (0.5, "resume")], [("hello", 1), ("tips", 3)], "completed: end"),
    # -- facts ----------------------------------------------------------------------------------------------------
    Case(
        "a click in the pause answers on resume",
        MAILED,
        [(0, FORM), (1.5, "pause"), (2, CLICK), (3, "resume")],
        [("hello", 1)],
        "completed: end",
        tags=["clicked"],
    ),
    Case(
        "a click in the pause after the deadline comes too late",
        MAILED,
        [(0, FORM), (1.5, "pause"), (5, CLICK), (6, "resume")],
        [("hello", 1)],
        "completed: end",
        tags=["silent"],
    ),
    Case(
        "no click, and a deadline in the pause",
        MAILED,
        [(0, FORM), (1.5, "pause"), (5, "resume"), (6, CLICK)],
        [("hello", 1)],
        "completed: end",
        tags=["silent"],
    ),
    Case(
        "a meeting that is moved in the pause",
        scenario(wait_until(q.lead.meets, then=[send("hello")])),
        [(0, FORM), (1, "pause"), (2, "meets 9"), (3, "resume")],
        [("hello", 9)],
        "completed: end",
    ),
    Case(
        "a meeting that is moved into the pause",
        scenario(wait_until(q.lead.meets, then=[send("hello")])),
        [(0, FORM), (1, "pause"), (2, "meets 2.5"), (3, "resume")],
        [("hello", 3)],
        "completed: end",
    ),
    # -- ends -----------------------------------------------------------------------------------------------------
    Case(
        "a goal in the pause",
        scenario(*DRIP.steps, goal=q.touches(BUY)),
        [(0, FORM), (0.5, "pause"), (0.7, BUY), (2, "resume")],
        [],
        "reached_goal: goal",
    ),
    Case(
        "a goal in the pause that never ends",
        scenario(*DRIP.steps, goal=q.touches(BUY)),
        [(0, FORM), (0.5, "pause"), (0.7, BUY)],
        [],
        "reached_goal: goal",
    ),
    Case(
        "an exit in the pause",
        scenario(*DRIP.steps, exit=q.segment("buyers")),
        [(0, FORM), (0.5, "pause"), (0.7, BUY), (2, "resume")],
        [],
        "exited: exit",
    ),
    Case(
        "withdrawn by hand in the pause",
        DRIP,
        [(0, FORM), (0.5, "pause"), (0.7, "asked out"), (2, "resume")],
        [],
        "withdrawn: by request",
    ),
    # -- entry ----------------------------------------------------------------------------------------------------
    Case("nobody enters in a pause", DRIP, [(0, "pause"), (1, FORM), (2, "resume")], [], "nobody entered"),
    Case(
        "somebody enters after the pause",
        DRIP,
        [(0, "pause"), (1, FORM), (2, "resume"), (3, FORM)],
        [("hello", 4), ("tips", 6)],
        "completed: end",
    ),
    Case(
        "at the instant of the pause somebody still enters",
        DRIP,
        [(0, FORM), (0, "pause"), (2, "resume")],
        [("hello", 2), ("tips", 4)],
        "completed: end",
    ),
    Case(
        "somebody enters again, but not in the pause",
        DRIP,
        [(0, FORM), (4, "pause"), (5, FORM), (6, "resume"), (7, FORM)],
        [("hello", 1), ("tips", 3), ("hello", 8), ("tips", 10)],
        "completed: end",
    ),
    # -- stopping -------------------------------------------------------------------------------------------------
    Case(
        "finish: those inside go on",
        DRIP,
        [(0, FORM), (0.5, "finish")],
        [("hello", 1), ("tips", 3)],
        "completed: end",
    ),
    Case(
        "finish: nobody enters",
        DRIP,
        [(0, FORM), (0.5, "finish"), (9, FORM)],
        [("hello", 1), ("tips", 3)],
        "completed: end",
    ),
    Case("withdraw: those inside leave", DRIP, [(0, FORM), (0.5, "withdraw")], [], "withdrawn: scenario_stopped"),
    Case(
        "withdraw: it stays so after it is opened again",
        DRIP,
        [(0, FORM), (0.5, "withdraw"), (2, "reopen")],
        [],
        "withdrawn: scenario_stopped",
    ),
    Case(
        "opened again, somebody enters",
        DRIP,
        [(0, FORM), (0.5, "withdraw"), (2, "reopen"), (3, FORM)],
        [("hello", 4), ("tips", 6)],
        "completed: end",
    ),
    Case("hold: those inside stand still", DRIP, [(0, FORM), (0.5, "hold")], [], "active at 0"),
    Case(
        "hold, then withdraw",
        DRIP,
        [(0, FORM), (0.5, "hold"), (2, "withdraw")],
        [],
        "withdrawn: scenario_stopped",
    ),
    Case(
        "hold, then finish: those inside go on, late",
        DRIP,
        [(0, FORM), (0.5, "hold"), (2, "finish"), (2.5, FORM)],
        [("hello", 2), ("tips", 4)],
        "completed: end",
    ),
    # -- misfire policies: one hour -----------------------------------------------------------------------------------
    *(
        Case(
            f"an hour late, {policy}",
            week(policy),
            [(0, FORM), (0.9, "pause"), (1 + 1 / 24, "resume")],
            [("hello", round(1 + 1 / 24, 4)), ("tips", 5), ("last", 18)],
            "completed: end",
        )
        for policy in ("skip", "now", "last_only", "shift")
    ),
    # -- misfire policies: ten days -----------------------------------------------------------------------------------
    Case(
        "ten days late, skip",
        week("skip"),
        [(0, FORM), (0.5, "pause"), (10.5, "resume")],
        [("hello", "too_late"), ("tips", 10.5), ("last", 18)],
        "completed: end",
    ),
    Case(
        "ten days late, now",
        week("now"),
        [(0, FORM), (0.5, "pause"), (10.5, "resume")],
        [("hello", 10.5), ("tips", 10.5), ("last", 18)],
        "completed: end",
    ),
    Case(
        "ten days late, last_only",
        week("last_only"),
        [(0, FORM), (0.5, "pause"), (10.5, "resume")],
        [("hello", "too_late"), ("tips", 10.5), ("last", 18)],
        "completed: end",
    ),
    Case(
        "ten days late, shift",
        week("shift"),
        [(0, FORM), (0.5, "pause"), (10.5, "resume")],
        [("hello", 10.5), ("tips", 14), ("last", 27)],
        "completed: end",
    ),
]


def lived(case: Case, *, asleep: bool) -> Life:
    life = Life(case.scenario, asleep=asleep)
    life.play(case.events, case.until)
    return life


@pytest.mark.parametrize("case", CASES, ids=[one.name for one in CASES])
def test_what_comes_of_it(case: Case) -> None:
    life = lived(case, asleep=False)
    assert (life.mails, life.end, life.crm.lead(life.lead).tags) == (list(case.mails), case.end, tuple(case.tags))


@pytest.mark.parametrize("case", [one for one in CASES if not one.only_awake], ids=lambda one: one.name)
def test_workers_that_slept_decide_the_same(case: Case) -> None:
    awake, asleep = lived(case, asleep=False), lived(case, asleep=True)
    assert (asleep.mails, asleep.end, asleep.ways) == (awake.mails, awake.end, awake.ways)


# -- what is under way when the switch is turned -------------------------------------------------------------------


def paused_with_a_message_planned(step: Step, *, upto: float) -> Life:
    """A worker has decided that a message is to go, and then the scenario is paused before anybody sends it."""
    life = Life(scenario(step, wait(days(2)), send("tips")))
    life.crm.record(life.lead, FORM)
    life.house.clock.move_to(T0 + hours(1))
    life.crm.decide()
    life.crm.pause("s")
    life.go_to(upto)
    return life


def test_a_message_planned_before_the_pause_waits_and_goes_at_once_on_resume() -> None:
    life = paused_with_a_message_planned(send("hello"), upto=2)
    assert life.mails == [("hello", "paused")]
    life.crm.resume("s")
    life.crm.tick()
    assert life.mails == [("hello", 2)]
    life.go_to(30)
    assert life.mails == [("hello", 2), ("tips", 4)]


def test_its_reason_is_told_once_however_often_it_is_looked_at() -> None:
    life = paused_with_a_message_planned(send("hello"), upto=2)
    notes = [
        (note.what, note.name, note.outcome)
        for record in life.crm.explain(life.lead).decisions
        for note in record.notes
        if note.what == "deferred"
    ]
    assert notes == [("deferred", "hello", "paused")]


def test_a_message_planned_before_a_pause_that_is_too_long_is_withheld_and_the_run_waits_after_it() -> None:
    life = paused_with_a_message_planned(send("hello"), upto=10)
    assert (life.mails, life.end) == ([("hello", "too_late_paused")], "active at 1")
    life.crm.resume("s")
    life.go_to(30)
    assert (life.mails, life.end) == ([("hello", "too_late_paused"), ("tips", 10.0)], "completed: end")


def test_a_message_that_goes_however_late_waits_for_the_whole_pause() -> None:
    life = paused_with_a_message_planned(send("hello", misfire="now"), upto=20)
    assert life.mails == [("hello", "paused")]
    life.crm.resume("s")
    life.crm.tick()
    assert life.mails == [("hello", 20)]


def test_stopping_cancels_a_message_that_nobody_has_claimed() -> None:
    life = paused_with_a_message_planned(send("hello"), upto=2)
    life.crm.stop_scenario("s", "withdraw")
    life.go_to(30)
    assert (life.mails, life.end) == ([("hello", "left")], "withdrawn: scenario_stopped")


class Lost:
    """A sender that takes everything and never answers, as if its worker had died."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.dies = True

    @property
    def dedup_window(self) -> timedelta:
        return timedelta(0)

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        self.taken += [one.key for one in envelopes]
        if self.dies:
            raise KeyboardInterrupt
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize("repeat", ["at_most_once", "at_least_once"])
def test_a_claim_that_was_abandoned_is_settled_in_the_pause_but_not_tried_again(repeat: str) -> None:
    life = Life(scenario(send("hello", repeat=Repeat(repeat)), wait(days(1)), tag("on")))
    life.crm._host.senders["email"] = sender = Lost()
    life.crm.record(life.lead, FORM)
    with pytest.raises(KeyboardInterrupt):
        life.crm.tick()
    life.crm.pause("s")
    sender.dies = False
    life.go_to(2)
    assert len(sender.taken) == 1
    (effect,) = life.crm.effects(life.lead)
    if repeat == "at_most_once":
        assert (effect.state, effect.reason) == (EffectState.UNKNOWN, "lease_ran_out")
        return
    assert (effect.state, effect.reason) == (EffectState.CLAIMED, "paused")
    life.crm.resume("s")
    life.crm.tick()
    assert len(sender.taken) == 2
    assert life.mails == [("hello", 2)]


def test_a_receipt_in_the_pause_leads_to_the_next_step_and_no_further() -> None:
    life = Life(scenario(send("hello"), tag("mailed"), send("tips")))
    life.crm._host.senders["email"] = sender = Lost()
    life.crm.record(life.lead, FORM)
    with pytest.raises(KeyboardInterrupt):
        life.crm.tick()
    life.crm.pause("s")
    life.go_to(2)
    (effect,) = life.crm.effects(life.lead)
    assert life.crm.resolve(effect.id, sent=True)
    life.go_to(3)
    assert (life.end, life.crm.lead(life.lead).tags) == ("active at 1", ())
    sender.dies = False
    life.crm.resume("s")
    life.go_to(30)
    assert (life.end, life.crm.lead(life.lead).tags) == ("completed: end", ("mailed",))
    assert life.mails == [("hello", 0), ("tips", 3)]


# -- who follows, and when ----------------------------------------------------------------------------------------


def test_between_the_switch_and_the_sweep_nothing_goes_out() -> None:
    life = Life(DRIP)
    life.play([(0, FORM)], 0.5)
    write_switch(life.crm._host, "s", Switch.PAUSED)
    life.go_to(5)
    assert (life.mails, life.end) == ([], "active at 0")
    assert life.crm.pause("s") == 0  # whoever was due has followed
    life.crm.resume("s")
    life.go_to(30)
    assert (life.mails, life.end) == ([("hello", 5), ("tips", 7)], "completed: end")


def test_an_interrupted_sweep_goes_on_when_it_is_asked_for_again() -> None:
    life = Life(DRIP)
    life.play([(0, FORM)], 0.5)
    write_switch(life.crm._host, "s", Switch.STOPPED)
    assert life.end == "active at 0"
    assert life.crm.stop_scenario("s", "withdraw") == 1
    assert life.end == "withdrawn: scenario_stopped"


def test_somebody_first_seen_in_the_pause_does_not_enter() -> None:
    life = Life(DRIP)
    life.crm.pause("s")
    life.go_to(1)
    other = life.crm.capture(email="b@example.com", consent=Basis.CONSENT).id
    life.crm.record(other, FORM)
    life.go_to(2)
    life.crm.resume("s")
    life.go_to(9)
    standing = life.crm.standing(other)
    assert standing is not None
    assert (standing.enrollments, dict(standing.switches)) == ((), {})


def test_somebody_heard_of_before_the_pause_and_decided_after_it_enters_and_stands_still() -> None:
    life = Life(DRIP)
    other = life.crm.capture(email="b@example.com", consent=Basis.CONSENT).id
    life.crm.record(other, FORM)
    life.house.clock.move_to(T0 + hours(1))
    write_switch(life.crm._host, "s", Switch.PAUSED)
    life.go_to(3)
    standing = life.crm.standing(other)
    assert standing is not None
    assert [(one.is_active, one.step) for one in standing.enrollments] == [(True, "0")]
    life.crm.resume("s")
    life.go_to(3.1)
    assert [one.name for one in life.crm.effects(other)] == ["hello"]


def test_another_program_keeps_the_pause_and_the_runs_that_stand_still() -> None:
    life = Life(DRIP)
    life.play([(0, FORM), (0.5, "pause")], 2)
    longer = scenario(*DRIP.steps, send("last"), reentry="always")
    life.crm.activate(program_of(longer))
    life.go_to(4)
    assert (life.mails, life.end, dict(life.crm.switches())) == ([], "active at 0", {"s": Switch.PAUSED})
    life.crm.resume("s")
    life.go_to(30)
    assert (life.mails, life.end) == ([("hello", 4), ("tips", 6)], "completed: end")


def test_a_program_without_the_scenario_keeps_its_runs_still_and_they_can_be_resumed() -> None:
    life = Life(DRIP)
    life.play([(0, FORM), (0.5, "pause")], 2)
    life.crm.activate(Program(messages=MESSAGES))
    life.go_to(4)
    assert (life.mails, life.end) == ([], "active at 0")
    life.crm.resume("s")
    life.go_to(30)
    assert life.mails == [("hello", 4), ("tips", 6)]


def test_who_missed_other_programs_still_follows_a_switch_that_was_turned_under_them() -> None:
    life = Life(DRIP)
    life.play([(0, FORM)], 0.5)
    crm, other = life.crm, program_of(scenario(send("last")))
    write_activation(crm._host, other)
    write_switch(crm._host, "s", Switch.PAUSED)
    write_activation(crm._host, program_of(DRIP))
    life.go_to(3)
    assert (life.mails, life.end) == ([], "active at 0")
    crm.resume("s")
    life.go_to(30)
    assert life.mails == [("hello", 3), ("tips", 5)]


def test_somebody_whose_first_decision_failed_in_the_pause_does_not_enter_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = Life(DRIP)
    life.crm.pause("s")
    life.go_to(1)
    other = life.crm.capture(email="b@example.com", consent=Basis.CONSENT).id
    life.crm.record(other, FORM)
    with monkeypatch.context() as broken:
        broken.setattr(deciding, "advance", broken_advance)
        life.crm.decide()
    standing = life.crm.standing(other)
    assert standing is not None
    assert standing.failures == 1
    life.go_to(2)
    life.crm.resume("s")
    life.go_to(9)
    standing = life.crm.standing(other)
    assert standing is not None
    assert (standing.failures, standing.enrollments, standing.advanced_to is not None) == (0, (), True)


def broken_advance(*_: object, **__: object) -> Decision:
    raise ValueError


def test_what_a_step_set_before_the_switch_does_not_cover_what_the_host_said_after_it() -> None:
    life = Life(scenario(wait(days(1)), set_attribute("meets", T0 + days(5)), wait(days(9))))
    life.crm.record(life.lead, FORM)
    life.crm.tick()
    life.house.clock.move_to(T0 + days(2))
    write_switch(life.crm._host, "s", Switch.PAUSED)
    life.house.clock.move_to(T0 + days(3))
    life.crm.update(life.lead, attributes={"meets": T0 + days(7)})
    life.go_to(4)
    assert life.crm.lead(life.lead).attributes["meets"] == T0 + days(7)
    changes = [one.properties["after.meets"] for one in life.crm.timeline(life.lead) if one.kind == Fact.LEAD_CHANGED]
    assert changes == [T0 + days(7), T0 + days(5)]
    standing = life.crm.standing(life.lead)
    assert standing is not None
    assert not standing.covered


# -- the words ----------------------------------------------------------------------------------------------------


def test_an_unknown_scenario_is_refused_with_near_misses() -> None:
    life = Life(attrs.evolve(DRIP, name="welcome"))
    for act in (life.crm.pause, life.crm.resume, life.crm.reopen):
        with pytest.raises(UnknownNameError, match="welcome"):
            act("welcom")
    with pytest.raises(UnknownNameError, match="welcome"):
        life.crm.stop_scenario("welcom", "finish")
    with pytest.raises(InvalidFactError, match="'finish'"):
        life.crm.stop_scenario("welcome", "finnish")


def test_resume_brings_back_what_held_before_the_pause() -> None:
    life = Life(DRIP)
    life.crm.stop_scenario("s", "finish")
    life.crm.pause("s")
    life.crm.resume("s")
    assert dict(life.crm.switches()) == {"s": Switch.CLOSED}
    life.crm.resume("s")
    assert dict(life.crm.switches()) == {"s": Switch.CLOSED}
    life.crm.reopen("s")
    assert dict(life.crm.switches()) == {}


def test_explain_says_that_a_run_stands_still() -> None:
    life = Life(DRIP)
    life.play([(0, FORM), (0.5, "pause")], 2)
    told = life.crm.explain(life.lead)
    assert [one.switch for one in told.enrollments] == ["paused"]
    assert "the scenario is paused: it stands still" in str(told)
    assert "nothing changes until a new fact comes" in str(told)


def test_within_a_transaction_of_the_host_nothing_is_switched(tmp_path: Path) -> None:
    house = House(program_of(DRIP), store_maker("sqlite", tmp_path))
    house.crm.tick()
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}")
    with engine.connect() as connection, connection.begin():
        within = house.crm.using(connection)
        for act in (within.pause, within.resume, within.reopen):
            with pytest.raises(JoinError):
                act("s")
    engine.dispose()
    house.crm.close()
