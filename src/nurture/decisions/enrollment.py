"""Runs of scenarios within a moment: who enters, which end, and which move on. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.decisions.entering import let_in, renew, serve_requests
from nurture.decisions.leaving import has_ended, reach_late_goals
from nurture.decisions.walking import resume

if TYPE_CHECKING:
    from nurture.decisions.run import Run
    from nurture.decisions.work import Work
    from nurture.model import Touchpoint


def run_enrollments(work: Work, fresh: list[Touchpoint]) -> None:
    """End the runs that ended, let facts enroll, serve requests, and move the runs on.

    Runs end before others begin: a fact may be the goal of one run and begin the next.
    """
    known: set[str] = set()
    moved: set[str] = set()
    for run in work.active_runs():
        known.add(run.id)
        if run.is_active:  # one that ended before may have ended it
            _ends(work, run, fresh, moved)
    if fresh and not work.rolling:
        for fact in fresh:
            let_in(work, fact)
    if fresh and work.plan.late_goals:
        reach_late_goals(work, fresh)
    if work.requests:
        serve_requests(work)
    for run in work.active_runs():
        if run.is_active and (run.id in known or not _ends(work, run, fresh, moved)):
            _move_on(work, run, fresh, run.id in moved)


def _ends(work: Work, run: Run, fresh: list[Touchpoint], moved: set[str]) -> bool:
    """Whether a run ends in this round; noted is whether a fact renewed what it knows about its entry."""
    compiled = work.compiled(run)
    if compiled is None:
        return False
    if fresh and renew(run, compiled, fresh):
        moved.add(run.id)
    return has_ended(work, run, compiled, fresh)


def _move_on(work: Work, run: Run, fresh: list[Touchpoint], moved: bool) -> None:
    compiled = work.compiled(run)
    if compiled is not None:  # else its version was not loaded; the runtime loads it before deciding
        resume(work, run, compiled, fresh, moved=moved or run.scenario in work.woken)
