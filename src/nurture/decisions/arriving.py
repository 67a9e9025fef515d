"""Entries that no single fact brings: a predicate begins to hold, a date comes, a schedule fires. Pure.

Each asks for a run by the fact `enrollment.requested`, made by the engine; the rules of entry have the last word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture import calendar
from nurture.decisions.past import past_runs
from nurture.decisions.work import MICROSECOND
from nurture.decisions.zones import ZONE, whose_zone
from nurture.model import Fact, Value
from nurture.predicates import Reach
from nurture.predicates.tree import Owner
from nurture.program import OnDate, OnSchedule

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from nurture.decisions.compiling import CompiledScenario, Question
    from nurture.decisions.work import Work
    from nurture.program import Scenario

BECAUSE = "because"
"""The property of a request that says why the engine made it; nobody waits for the answer to such a one."""


def watch_of(scenario: str) -> str:
    """The name on the agenda of what may bring somebody into a scenario."""
    return f"entry:{scenario}"


def reach_at_entry(scenario: Scenario, question: Question) -> Reach:
    """What can change whether, or when, somebody comes in; a date also moves with the zone that it is read in."""
    if not isinstance(scenario.on, OnDate):
        return question.reach
    zone = frozenset({ZONE})
    return question.reach | Reach(lead_fields=zone, account_fields=zone)


def keep_entries(work: Work) -> None:
    """Look at every way in that may have opened, and ask for the runs that it brings."""
    for watch in work.take(work.plan.entry_watches):
        compiled, question = work.plan.entries[watch]
        on = compiled.scenario.on
        if isinstance(on, OnDate):
            _come_near(work, compiled, on)
        elif isinstance(on, OnSchedule):
            _come_round(work, watch, compiled, on, question)
        else:
            _begin_to_hold(work, compiled, question)
    for name in sorted(work.brought):
        _already_there(work, work.plan.current[name])
    work.brought = frozenset()


def next_entry(work: Work, watch: str) -> None:
    """Put on the agenda when time alone may bring somebody in."""
    compiled, question = work.plan.entries[watch]
    on = compiled.scenario.on
    if isinstance(on, OnDate):
        later = [at for at, _ in _appointments(work, on) if at > work.moment]
        work.schedule(watch, min(later, default=None))
        return
    flip = question.flips(work.sight, work.moment)
    if isinstance(on, OnSchedule):
        turn = on.due(work.moment, work.plan.program.calendar) if question.holds(work.sight, work.moment) else None
        work.schedule(watch, min([at for at in (flip, turn) if at is not None], default=None))
    elif question.holds(work.sight, work.moment) != (compiled.scenario.name in work.entered):
        work.schedule(watch, work.moment + MICROSECOND)
    else:
        work.schedule(watch, flip)


def _begin_to_hold(work: Work, compiled: CompiledScenario, question: Question) -> None:
    """It enrolls when it begins to hold; it turns at most once in a moment, as a segment does."""
    name = compiled.scenario.name
    holds = question.holds(work.sight, work.moment)
    turn = f"entry:{name}"
    if holds == (name in work.entered) or turn in work.flipped:
        return
    work.flipped.add(turn)
    if not holds:
        work.entered.discard(name)
        return
    work.entered.add(name)
    if not work.rolling:
        _ask(work, compiled, "", "began_to_hold")


def _come_near(work: Work, compiled: CompiledScenario, on: OnDate) -> None:
    if work.rolling:
        return
    name = compiled.scenario.name
    known = {run.run_key for run in work.runs if run.scenario == name}
    known.update(key for key, _ in past_runs(work.past, name))
    for at, key in _appointments(work, on):
        if at <= work.moment and work.moment - at <= on.grace and key not in known:
            _ask(work, compiled, key, "date")


def _come_round(work: Work, watch: str, compiled: CompiledScenario, on: OnSchedule, question: Question) -> None:
    at = work.agenda.get(watch)
    if at is None or at > work.moment or work.rolling:
        return
    if on.due(at - MICROSECOND, work.plan.program.calendar) != at or not question.holds(work.sight, work.moment):
        return
    _ask(work, compiled, calendar.to_local(at, calendar.zone(on.times.zone)).date().isoformat(), "schedule")


def _already_there(work: Work, compiled: CompiledScenario) -> None:
    """Those of whom the entry holds when a program brings the scenario, if the scenario wants them."""
    state = compiled.scenario.state
    if state is not None and work.plan.question(compiled, state).holds(work.sight, work.moment):
        _ask(work, compiled, "", "existing")


def _ask(work: Work, compiled: CompiledScenario, key: str, because: str) -> None:
    name = compiled.scenario.name
    said: dict[str, Value] = {"scenario": name, BECAUSE: because, **({"key": key} if key else {})}
    work.emit(Fact.ENROLLMENT_REQUESTED, f"{name}:{key}", said)


def _appointments(work: Work, on: OnDate) -> list[tuple[datetime, str]]:
    values = work.sight.lead if on.field.owner is Owner.LEAD else work.sight.account
    program = work.plan.program
    return on.appointments(values.get(on.field.name), work.moment, _zone(work), program.calendar)


def _zone(work: Work) -> ZoneInfo:
    sight = work.sight
    return whose_zone(sight.lead.get(ZONE), sight.account.get(ZONE), work.plan.program.zone).zone
