"""Invariant 26 with switches in the history: pausing and resuming decide the same, whenever workers are awake."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from nurture import Program
from nurture.model import EnrollmentState, Fact, Switch
from tests import strategies
from tests.property.ledger import Ledger, live, replay
from tests.property.switched import SwitchedLedger, Turn, random_turns
from tests.property.test_ticking import differences

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))
HISTORIES = 10  # a program


def check(program: Program, seed: int) -> None:
    dice = Random(seed)
    names = [one.name for one in program.scenarios] or ["none"]
    for _ in range(HISTORIES):
        history, turns = strategies.random_history(dice), random_turns(dice, names)
        reference, receipts = live(program, history, ledger=SwitchedLedger(program, turns))
        assert reference.standing is not None
        if reference.standing.dead is not None:
            return  # a program that chases its own tail is given up after so many moments, not after so much work
        _nobody_went_on_in_a_pause(reference, turns)
        for ticks in ([], strategies.random_ticks(dice)):
            other = replay(program, history, receipts, ticks, ledger=SwitchedLedger(program, turns))
            found = differences(reference, other)
            assert not found, "\n".join([f"turns {turns}", f"ticks at {ticks}", *found])


def _nobody_went_on_in_a_pause(ledger: Ledger, turns: list[Turn]) -> None:
    """Between a pause and its end nobody enters, nothing is asked for, and a run comes to one more step at most."""
    ends = [at for at, _ in turns[1:]] + [strategies.HORIZON]
    for (begin, switches), end in zip(turns, ends, strict=True):
        for name, switch in switches.items():
            started = [one for one in ledger.facts.values() if one.kind == Fact.ENROLLMENT_STARTED]
            assert not any(one.properties["scenario"] == name and begin < one.at <= end for one in started)
            if switch is Switch.CLOSED:
                continue
            planned = [one for one in ledger.effects.values() if one.scenario == name]
            assert not any(begin < one.planned_at < end for one in planned)
    standing = ledger.standing
    assert standing is not None
    for run in standing.enrollments:
        is_stopped = turns and turns[-1][1].get(run.scenario) is Switch.STOPPED
        assert not is_stopped or run.state is not EnrollmentState.ACTIVE


@settings(parent=relaxed, max_examples=400 // HISTORIES)
@given(strategies.programs(), strategies.seeds)
def test_i26_switching_decides_the_same_whenever_one_looks(program: Program, seed: int) -> None:
    check(program, seed)


@pytest.mark.stress
@settings(parent=relaxed, max_examples=10_000 // HISTORIES)
@given(strategies.programs(), strategies.seeds)
def test_i26_switching_decides_the_same_in_ten_thousand_histories(program: Program, seed: int) -> None:
    check(program, seed)
