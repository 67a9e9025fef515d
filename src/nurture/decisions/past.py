"""What is kept of runs that ended: the newest of them whole, of the older ones only what a decision may still ask.

A customer's five hundredth order must not be decided in the light of five hundred paths. Everything here is a function
of the runs and of the moment, so that it does not matter how often a subject was decided meanwhile. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from nurture.model import Enrollment, FrozenMapping, PastRun, PastRuns

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions.plan import Plan
    from nurture.decisions.run import Run

KEPT_WHOLE: Final = 20
"""So many ended runs of a scenario are kept with their paths."""


def put_by(plan: Plan, runs: list[Run | Enrollment], past: PastRuns, ended: Run, now: datetime) -> PastRuns:
    """Let a run that ended take the place of the one before it, and those that are too many go into the past.

    Args:
        plan: The rules.
        runs: The runs of the subject; changed in place.
        past: What is kept of earlier ones.
        ended: The run that ended just now.
        now: The moment.

    Returns:
        What is kept of earlier runs from now on.
    """
    line, scenario = plan.line_of(ended), ended.scenario
    others = [one for one in runs if one is ended or one.is_active or plan.line_of(one) != line]
    over = [one for one in others if one.scenario == scenario and not one.is_active]
    leaving = _leaving(plan, over, now) if len(over) > KEPT_WHOLE else []
    if len(others) < len(runs) or leaving:
        gone = {one.id for one in leaving}
        runs[:] = [one for one in others if one.id not in gone]
    forgets = any(ended.run_key in some for some in past.get(scenario, {}).values())
    return _moved(past, scenario, ended.run_key, leaving) if leaving or forgets else past


def _leaving(plan: Plan, over: list[Run | Enrollment], now: datetime) -> list[Run | Enrollment]:
    """The ended runs beyond the newest, but for those that may still reach their goal."""
    compiled = plan.late_goals.get(over[0].scenario)
    within = compiled.scenario.goal_within if compiled is not None else None
    older = sorted(over, key=_newest_last)[:-KEPT_WHOLE]
    return [one for one in older if within is None or one.ended_at is None or one.ended_at + within < now]


def _newest_last(run: Run | Enrollment) -> tuple[datetime, datetime, str]:
    return (run.ended_at or run.started_at, run.started_at, run.id)


def _moved(past: PastRuns, scenario: str, key: str, leaving: Iterable[Run | Enrollment]) -> PastRuns:
    """The past with these runs, and without what it says about a key whose newest run ended now."""
    states = {state: {**some} for state, some in past.get(scenario, {}).items()}
    for some in states.values():
        some.pop(key, None)
    for one in leaving:
        if one.ended_at is not None:
            states.setdefault(one.state.value, {})[one.run_key] = PastRun(one.ended_at, one.number)
    kept = FrozenMapping({state: FrozenMapping(some) for state, some in states.items() if some})
    others = {name: some for name, some in past.items() if name != scenario}
    return FrozenMapping({**others, scenario: kept} if kept else others)


def past_run(past: PastRuns, scenario: str, key: str) -> PastRun | None:
    """What is kept of the newest earlier run with this key."""
    states = past.get(scenario)
    found = (some[key] for some in states.values() if key in some) if states is not None else iter(())
    return next(found, None)


def past_runs(past: PastRuns, scenario: str) -> Iterator[tuple[str, PastRun]]:
    """What is kept of the earlier runs of a scenario, with their keys."""
    for some in past.get(scenario, {}).values():
        yield from some.items()
