"""A switch is a moment like any other: what came before it is decided without it, and what comes after it with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture import Lead, Program, Scenario, days, hours, q
from nurture.decisions import switch_over
from nurture.model import Dossier, EnrollmentState, Fact, Origin, Switch
from nurture.steps import Step, branch, tag, wait, wait_for, wait_until
from tests.property.ledger import fact_of
from tests.property.switched import SwitchedLedger, Turn
from tests.strategies import MICROSECOND, START, a_lead

PAUSED: dict[str, Switch] = {"s": Switch.PAUSED}
FORM, CLICK = "form.submitted", "email.clicked"


def ledger_of(*steps: Step, turns: list[Turn], lead: Lead | None = None) -> SwitchedLedger:
    """Somebody who entered at the start."""
    ledger = SwitchedLedger(Program(scenarios=[Scenario("s", q.touches(FORM), steps)]), turns, lead)
    happen(ledger, FORM, timedelta(0))
    return ledger


def happen(ledger: SwitchedLedger, kind: str, after: timedelta) -> None:
    ledger.receive(fact_of(f"{kind}{after}", kind, START + after, START + after, {}, Origin.LEAD))


def told(ledger: SwitchedLedger) -> list[tuple[str, str, str]]:
    return [
        (note.what, note.name, note.outcome)
        for record in sorted(ledger.records.values(), key=lambda one: (one.at, one.id))
        for note in record.notes
    ]


def state_of(ledger: SwitchedLedger) -> tuple[str, bool, timedelta]:
    """At which step the run is, whether it was asked there, and how late it came."""
    assert ledger.standing is not None
    (run,) = ledger.standing.enrollments
    return (run.step or "", run.held, run.late)


def test_a_timer_of_the_pause_waits_without_an_appointment() -> None:
    ledger = ledger_of(wait(days(1)), tag("x"), turns=[(START + hours(1), PAUSED)])
    ledger.tick(START + days(9))
    assert ledger.standing is not None
    assert (ledger.standing.due_at, dict(ledger.standing.switches)) == (None, PAUSED)
    assert state_of(ledger) == ("0", False, timedelta(0))


def test_a_timer_and_a_switch_at_one_instant_keep_a_record_each() -> None:
    ledger = ledger_of(wait(days(1)), tag("x"), wait(days(1)), turns=[(START + days(1), PAUSED)])
    ledger.tick(START + days(1) + MICROSECOND)
    assert ("switch", "s", "paused") in told(ledger)
    assert state_of(ledger)[0] == "2"


def test_a_fact_and_a_switch_at_one_instant_the_fact_comes_first() -> None:
    ledger = ledger_of(wait(days(3)), turns=[(START, PAUSED)])
    ledger.tick(START + hours(1))
    assert [one for one in told(ledger) if one[0] in ("enrolled", "switch")] == [
        ("enrolled", "s", "started"),
        ("switch", "s", "paused"),
    ]


def test_what_was_missed_goes_on_as_late_as_it_is() -> None:
    steps = (wait(days(1)), branch(q.touches("never.happened"), [], []), wait_until(q.lead.created_at, days(2)))
    turns: list[Turn] = [(START + hours(1), PAUSED), (START + days(4), {})]
    ledger = ledger_of(*steps, wait(days(9)), turns=turns)
    ledger.tick(START + days(4) + hours(1))
    # planned for day 1, where it goes on to an appointment on day 2: it came in time, and is two days past
    assert state_of(ledger) == ("3", False, days(2))


@pytest.mark.parametrize(
    ("clicked", "resumed", "late"),
    [(days(1), days(3), days(2)), (days(6), days(8), days(3)), (days(1), days(1), timedelta(0))],
    ids=["answered", "too late", "just so"],
)
def test_an_answer_in_the_pause_is_as_late_as_it_was_left_waiting(
    clicked: timedelta, resumed: timedelta, late: timedelta
) -> None:
    turns: list[Turn] = [(START + hours(1), PAUSED), (START + resumed, {})]
    ledger = ledger_of(wait_for(q.touches(CLICK), days(5)), wait(days(30)), turns=turns)
    happen(ledger, CLICK, clicked)
    ledger.tick(START + days(9))
    assert state_of(ledger) == ("1", False, late)


def test_stopping_says_why_and_opening_again_brings_nobody_back() -> None:
    turns: list[Turn] = [(START + hours(1), {"s": Switch.STOPPED}), (START + hours(2), {})]
    ledger = ledger_of(wait(days(1)), turns=turns)
    ledger.tick(START + days(9))
    assert ledger.standing is not None
    (run,) = ledger.standing.enrollments
    assert (run.state, run.reason, run.ended_at) == (EnrollmentState.WITHDRAWN, "scenario_stopped", START + hours(1))
    ended = [one for one in ledger.facts.values() if one.kind == Fact.ENROLLMENT_ENDED]
    assert [one.properties["reason"] for one in ended] == ["scenario_stopped"]
    assert [one[1:] for one in told(ledger) if one[0] == "switch"] == [("s", "stopped"), ("s", "opened")]


@pytest.mark.parametrize("switch", list(Switch))
def test_nobody_enters_and_the_refusal_says_how_it_is_switched(switch: Switch) -> None:
    ledger = SwitchedLedger(
        Program(scenarios=[Scenario("s", q.touches(FORM), [tag("x")])]), [(START + hours(1), {"s": switch})]
    )
    happen(ledger, FORM, hours(2))
    ledger.tick(START + days(1))
    assert ("enrolled", "s", f"refused: {switch.value}") in told(ledger)
    assert ledger.standing is not None
    assert not ledger.standing.enrollments


def test_a_switch_of_another_scenario_moves_nothing() -> None:
    ledger = ledger_of(wait(days(1)), tag("x"), turns=[(START + hours(1), {"t": Switch.PAUSED})])
    ledger.tick(START + days(9))
    assert ledger.lead.tags == ("x",)


def test_a_switch_that_changes_nothing_is_a_moment_without_notes() -> None:
    program = Program(scenarios=[Scenario("s", q.touches(FORM), [tag("x")])])
    ledger = SwitchedLedger(program, [], a_lead())
    ledger.tick(START + hours(1))
    dossier = Dossier(subject=ledger.lead, standing=ledger.standing)
    decision = switch_over(program, dossier, START + days(1), {})
    assert (decision.records, decision.facts, decision.effects) == ((), (), ())
    assert decision.standing is not None
    assert decision.standing.advanced_to == START + days(1)
