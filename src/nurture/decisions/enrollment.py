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
    """Let facts enroll, serve requests, end the runs that ended, and move on the others."""
    if fresh and not work.rolling:
        for fact in fresh:
            let_in(work, fact)
    if fresh and work.plan.late_goals:
        reach_late_goals(work, fresh)
    if work.requests:
        serve_requests(work)
    for run in work.active_runs():
        if run.is_active:  # one that was attended before may have ended it
            _attend(work, run, fresh)


def _attend(work: Work, run: Run, fresh: list[Touchpoint]) -> None:
    compiled = work.compiled(run)
    if compiled is None:
        return  # its version was not loaded; the store keeps it, and the runtime loads it before deciding
    moved = (bool(fresh) and renew(run, compiled, fresh)) or run.scenario in work.woken
    if not has_ended(work, run, compiled, fresh):
        resume(work, run, compiled, fresh, moved=moved)
