"""Switching scenarios by hand: pausing, resuming, closing, stopping. Pure.

A switch is turned at an activation, so it is a moment like any other: what came before it is decided without it, and
what comes after it with it, whenever one looks. While a scenario is paused its runs stand still. Goals and exits still
end them, and a message that was asked for before waits at the gate. When it is resumed, what was missed goes on late,
and each step's misfire policy rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.decisions.advance import decide_moment
from nurture.decisions.folding import undo_unseen
from nurture.decisions.leaving import leave
from nurture.decisions.outcome import Decision, outcome_of
from nurture.decisions.plan import plan_of
from nurture.decisions.telling import speak
from nurture.decisions.work import Work
from nurture.model import Dossier, EnrollmentState, FrozenMapping, Switch, subject_kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nurture.program import Program

PAUSED = "paused"
"""The reason of a deferral by the gate while the scenario of an effect is paused."""
NO_SWITCHES: FrozenMapping[Switch] = FrozenMapping()


def switch_over(program: Program, dossier: Dossier, at: datetime, switches: Mapping[str, Switch]) -> Decision:
    """Bring a standing to a switch that was turned under the same program; nothing else changes.

    The standing must have been advanced to `at` before.

    Args:
        program: The program that holds before and after.
        dossier: The subject.
        at: When the switch was turned.
        switches: The scenarios that are switched by hand from then on.
    """
    work = Work(plan_of(program, subject_kind(dossier.subject.id), dossier.older), dossier)
    work.is_turn = True
    undo_unseen(work, dossier.inbox)
    work.open_moment(at)
    turn_switches(work, switches)
    decide_moment(work)
    speak(work)
    return outcome_of(work, 1)


def turn_switches(work: Work, switches: Mapping[str, Switch]) -> None:
    """Let these switches hold from the open moment on; runs of what is resumed go on, of what is stopped end."""
    before, work.switches = work.switches, switches
    work.woken = frozenset(
        name for name, switch in before.items() if switch is Switch.PAUSED and not work.is_paused(name)
    )
    for name, switch in sorted(switches.items()):
        if before.get(name) is not switch:
            work.note("switch", name, switch.value)
        if switch is Switch.STOPPED and before.get(name) is not switch:
            for run in work.active_runs():
                if run.scenario == name:
                    leave(work, run, EnrollmentState.WITHDRAWN, "scenario_stopped")
    for name in sorted(set(before) - set(switches)):
        work.note("switch", name, "resumed" if before[name] is Switch.PAUSED else "opened")
    if work.woken:
        _let_go(work)


def _let_go(work: Work) -> None:
    """What waited at the gate for the pause to end is due now."""
    for key, effect in work.open_effects.items():
        waits = effect.reason == PAUSED and effect.scenario in work.woken
        if waits and key not in work.effects:
            work.effects[key] = attrs.evolve(effect, version=effect.version + 1, due_at=work.moment)
