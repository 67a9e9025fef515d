"""Written cases of editing a running scenario: who stays on the old version, who moves, who leaves, who is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from nurture import Basis, Message, Program, Scenario, days, hours, q
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import EffectState, Enrollment, Fact, LeadId
from nurture.steps import Step, approve, send, tag, task, wait, wait_for
from tests.stores import STORES, T0, House, store_maker

MICROSECOND = timedelta(microseconds=1)
FORM, CLICK = "form.submitted", "email.clicked"
MESSAGES = [Message(name, "marketing", name, name) for name in ("hello", "tips", "last")]


def program_of(*steps: Step, **given: object) -> Program:
    welcome = Scenario("welcome", q.touches(FORM), steps, **given)  # type: ignore[arg-type]
    return Program(messages=MESSAGES, scenarios=[welcome])


class Life(House):
    """One lead who enters at the start, and a worker who is awake all the time."""

    def __init__(self, *steps: Step, store: str = "memory", folder: Path | None = None, **given: object) -> None:
        super().__init__(program_of(*steps, **given), store_maker(store, folder or Path()))
        self.lead: LeadId = self.crm.capture(email="a@example.com", consent=Basis.CONSENT).id
        self.crm.record(self.lead, FORM)

    def go_to(self, day: float) -> None:
        end = T0 + timedelta(days=day)
        while True:
            with self.storage.view() as view:
                due = view.next_due_at()
            if due is None or due + MICROSECOND >= end:
                break
            self.tick_at(due + MICROSECOND)
        self.tick_at(end)

    def edit(self, *steps: Step, **given: object) -> None:
        self.crm.activate(program_of(*steps, **given))

    @property
    def run(self) -> Enrollment:
        standing = self.crm.standing(self.lead)
        assert standing is not None
        (run,) = standing.enrollments
        return run

    @property
    def at(self) -> str:
        run = self.run
        return f"at {run.step}" if run.is_active else f"{run.state}: {run.reason}"

    @property
    def sent(self) -> list[tuple[str, float]]:
        """What went out, and on which day."""
        effects = sorted(self.crm.effects(self.lead), key=lambda one: (one.planned_at, one.id))
        return [
            (one.name, round((one.claimed_at - T0) / timedelta(days=1), 3))
            for one in effects
            if one.state is EffectState.ACCEPTED and one.claimed_at is not None
        ]

    def kinds(self) -> list[str]:
        return [one.kind for one in self.crm.timeline(self.lead)]


@attrs.frozen
class Case:
    """One row: the steps before and after, on which day the edit comes, the mapping, and what is to come of it."""

    name: str
    old: Sequence[Step]
    new: Sequence[Step]
    day: float
    mapping: Mapping[str, str | None] | None
    fate: str
    """`moves`, `leaves`, or why it is refused."""
    at: str
    """Where the run is right after the migration."""
    sent: Sequence[tuple[str, float]]
    end: str = "completed: end"
    events: Sequence[tuple[float, str]] = ()
    tags: Sequence[str] = ()


DRIP = (wait(days(1)), send("hello"), wait(days(4)), send("tips"))

CASES = [
    Case(
        "a wait keeps its start",
        DRIP,
        (wait(days(3)), *DRIP[1:]),
        0.5,
        None,
        "moves",
        "at 0",
        [("hello", 3), ("tips", 7)],
    ),
    Case(
        "a shorter wait that is over goes on at once",
        (wait(days(5)), *DRIP[1:]),
        DRIP,
        3,
        {"0": "0"},
        "moves",
        "at 2",
        [("hello", 3), ("tips", 7)],
    ),
    Case(
        "a step put before changes the address only",
        DRIP,
        (tag("new"), *DRIP),
        2,
        None,
        "moves",
        "at 3",
        [("hello", 1), ("tips", 5)],
    ),
    Case(
        "a message that comes after",
        DRIP,
        (*DRIP, wait(days(1)), send("last")),
        2,
        None,
        "moves",
        "at 2",
        [("hello", 1), ("tips", 5), ("last", 6)],
    ),
    Case(
        "without a mapping for the end it leaves",
        DRIP,
        (wait(days(9)), send("last")),
        2,
        {"2": None},
        "leaves",
        "withdrawn: migrated",
        [("hello", 1)],
        "withdrawn: migrated",
    ),
    Case(
        "back before a message that it had",
        DRIP,
        (wait(days(2)), *DRIP[1:]),
        2,
        {"2": "0"},
        "repeats_a_send",
        "at 2",
        [("hello", 1), ("tips", 5)],
    ),
    Case(
        "back to the very message that it had",
        DRIP,
        DRIP[1:],
        2,
        {"2": "0"},
        "repeats_a_send",
        "at 2",
        [("hello", 1), ("tips", 5)],
    ),
    Case(
        "the same message put in further down",
        DRIP,
        (*DRIP, wait(days(1)), send("hello")),
        2,
        None,
        "repeats_a_send",
        "at 2",
        [("hello", 1), ("tips", 5)],
    ),
    Case(
        "a message that comes twice on both versions",
        (*DRIP, wait(days(1)), send("hello")),
        (*DRIP, wait(days(2)), send("hello")),
        2,
        None,
        "moves",
        "at 2",
        [("hello", 1), ("tips", 5), ("hello", 7)],
    ),
    Case(
        "back before a message that it did not have yet",
        DRIP,
        (wait(days(2)), *DRIP[1:]),
        0.5,
        {"0": "0"},
        "moves",
        "at 0",
        [("hello", 2), ("tips", 6)],
    ),
    Case(
        "a step of another kind is arrived at now",
        DRIP,
        (tag("x"), wait(days(2)), send("tips")),
        2,
        {"2": "0"},
        "moves",
        "at 1",
        [("hello", 1), ("tips", 4)],
        tags=["x"],
    ),
    Case(
        "a click on the older version's mail answers the newer version's wait",
        (send("hello"), wait_for(q.touches(CLICK), days(5), [send("tips")], [send("last")])),
        (tag("x"), send("hello"), wait_for(q.touches(CLICK), days(9), [send("tips")], [send("last")])),
        2,
        None,
        "moves",
        "at 2",
        [("hello", 0), ("tips", 3)],
        events=[(3, CLICK)],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[one.name for one in CASES])
def test_what_comes_of_an_edit(case: Case) -> None:
    life = Life(*case.old)
    life.go_to(case.day)
    life.edit(*case.new)
    before = life.run
    preview = life.crm.migrate("welcome", case.mapping, preview=True)
    assert (life.run, preview.is_done) == (before, False)
    done = life.crm.migrate("welcome", case.mapping)
    assert done.runs == preview.runs
    (one,) = done.runs
    assert (one.reason or one.fate.value) == case.fate
    life.crm.tick()
    assert life.at == case.at
    for day, kind in case.events:
        life.go_to(day)
        effect = next(each.id for each in life.crm.effects(life.lead) if each.name == "hello")
        life.crm.record(life.lead, kind, cause=effect)
    life.go_to(30)
    assert (life.sent, life.at) == (list(case.sent), case.end)
    assert life.crm.lead(life.lead).tags == tuple(case.tags)


def test_without_a_migration_everybody_stays_on_the_version_they_began_on() -> None:
    life = Life(*DRIP)
    life.go_to(2)
    version = life.run.version
    life.edit(wait(days(1)), send("last"))
    life.go_to(30)
    assert (life.run.version, life.sent) == (version, [("hello", 1), ("tips", 5)])
    assert Fact.ENROLLMENT_MIGRATED not in life.kinds()


def test_a_mapping_that_forgets_a_step_names_it_with_the_number_of_runs() -> None:
    life = Life(*DRIP)
    other = life.crm.capture(email="b@example.com", consent=Basis.CONSENT).id
    life.crm.record(other, FORM)
    life.go_to(2)
    life.edit(tag("x"), *DRIP)
    before = life.run
    with pytest.raises(DefinitionError) as caught:
        life.crm.migrate("welcome", {"0": "1", "2.then": "9", "1": "22"})
    assert caught.value.problems == (
        "mapping['2.then']: the active version has no step '9'",
        "mapping['2.then']: no older version with runs has such a step",
        "mapping['1']: the active version has no step '22'; did you mean '2'?",
        "mapping: 2 runs stand at step '2' (wait 4 days), for which no step is given",
    )
    assert life.run == before


def test_what_is_gone_is_never_mapped_unasked() -> None:
    life = Life(*DRIP)
    life.go_to(2)
    life.edit(DRIP[0], DRIP[1])
    with pytest.raises(DefinitionError, match="1 run stands at step '2'"):
        life.crm.migrate("welcome")
    with pytest.raises(UnknownNameError, match="welcome"):
        life.crm.migrate("welcom")


def test_strict_moves_nobody_when_one_is_refused() -> None:
    life = Life(*DRIP)
    life.go_to(2)
    other = life.crm.capture(email="b@example.com", consent=Basis.CONSENT).id
    life.crm.record(other, FORM)
    life.go_to(2.5)
    life.edit(wait(days(2)), *DRIP[1:])
    back: dict[str, str | None] = {"0": "0", "2": "0"}
    refused = life.crm.migrate("welcome", back, strict=True)
    assert (refused.is_done, dict(refused.counts), dict(refused.reasons)) == (
        False,
        {"moves": 1, "refused": 1},
        {"repeats_a_send": 1},
    )
    assert str(refused) == "welcome: 1 moves, 1 refused (preview)"
    done = life.crm.migrate("welcome", back)
    assert (done.is_done, dict(done.counts)) == (True, {"moves": 1, "refused": 1})
    again = life.crm.migrate("welcome", back)
    assert dict(again.counts) == {"refused": 1}  # who moved is on the active version


@pytest.mark.parametrize("store", STORES)
def test_the_move_is_recorded_and_the_path_says_where(store: str, tmp_path: Path) -> None:
    life = Life(*DRIP, store=store, folder=tmp_path)
    life.go_to(2)
    old = life.run.version
    life.edit(tag("new"), *DRIP)
    life.crm.migrate("welcome")
    run = life.run
    assert [(one.step, one.edge) for one in run.path] == [("0", "next"), ("1", "next"), ("2", "migrated"), ("3", None)]
    assert (run.moved, run.asked, run.path[3].at) == (3, ("message:hello",), run.path[2].at)
    told = next(one for one in life.crm.timeline(life.lead) if one.kind == Fact.ENROLLMENT_MIGRATED)
    assert dict(told.properties) == {
        "scenario": "welcome",
        "enrollment": run.id,
        "from": old,
        "version": run.version,
        "step": "2",
        "to_step": "3",
    }
    life.crm.close()


def test_what_it_had_on_two_versions_ago_still_counts() -> None:
    life = Life(*DRIP)
    life.go_to(2)
    life.edit(wait(days(3)), wait(days(4)), send("tips"))
    life.crm.migrate("welcome", {"2": "1"})
    life.edit(wait(days(3)), wait(days(5)), send("hello"))
    (one,) = life.crm.migrate("welcome", {"1": "1"}).runs
    assert one.reason == "repeats_a_send"


def test_a_run_that_waits_for_an_effect_goes_on_from_the_mapped_step() -> None:
    life = Life(*DRIP)
    life.go_to(0.9)
    life.clock.move_to(T0 + days(1) + hours(1))
    life.crm.decide()  # the message is asked for, and nobody has sent it
    life.edit(tag("new"), *DRIP)
    life.crm.migrate("welcome")
    assert (life.at, life.sent) == ("at 2", [])
    life.go_to(30)
    assert (life.sent, life.at) == ([("hello", 1.042), ("tips", 5.042)], "completed: end")
    assert life.crm.lead(life.lead).tags == ()


def test_an_open_task_is_closed_by_its_old_id_and_not_given_twice() -> None:
    steps = (task("Call", due=days(3), outcomes={"done": [send("tips")]}),)
    life = Life(*steps)
    life.go_to(1)
    (given,) = life.crm.tasks(life.lead)
    life.edit(tag("new"), *steps)
    life.crm.migrate("welcome")
    life.go_to(2)
    assert [one.id for one in life.crm.tasks(life.lead)] == [given.id]
    life.crm.close_task(life.lead, given.id, "done")
    life.go_to(30)
    assert (life.sent, life.at) == ([("tips", 2)], "completed: end")


def test_an_approval_that_is_asked_for_is_not_asked_for_again() -> None:
    steps = (approve("boss", deadline=days(9), then=[send("tips")]),)
    life = Life(*steps)
    life.go_to(1)
    (asked,) = life.crm.approvals(life.lead)
    life.edit(tag("new"), *steps)
    life.crm.migrate("welcome")
    life.go_to(2)
    assert [one.id for one in life.crm.approvals(life.lead)] == [asked.id]
    assert life.crm.approve(life.lead, asked.id, role="boss", by="u1")
    life.go_to(30)
    assert life.sent == [("tips", 2)]


def test_a_paused_run_moves_and_stands_still_there() -> None:
    life = Life(*DRIP)
    life.go_to(2)
    life.crm.pause("welcome")
    life.edit(tag("new"), *DRIP)
    life.crm.migrate("welcome")
    life.go_to(9)
    assert (life.at, life.sent) == ("at 3", [("hello", 1)])
    life.crm.resume("welcome")
    life.go_to(30)
    assert life.sent == [("hello", 1), ("tips", 9)]


def test_the_newer_version_s_exit_holds_from_then_on() -> None:
    life = Life(*DRIP)
    life.go_to(2)
    life.edit(*DRIP, exit=q.touches("page.viewed").count() >= 1)
    life.crm.migrate("welcome")
    life.crm.record(life.lead, "page.viewed")
    life.go_to(3)
    assert life.at == "exited: exit"
