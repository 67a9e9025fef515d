"""The one function that decides: what is known about one subject, and an instant, in; a decision out. Pure.

Instants are walked in order, all strictly before `now`. A fact decides at `max(at, received_at,
advanced_to)` and is invisible to earlier moments; facts come before timers at equal instants. At a
moment the facts are folded in, then scores, lifecycle, memberships and enrollments run until quiet.
Ticking often or seldom therefore decides the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.decisions.answering import keep_answers, next_answer
from nurture.decisions.arriving import keep_entries, next_entry
from nurture.decisions.enrollment import run_enrollments
from nurture.decisions.folding import fold, revision_of, undo_unseen
from nurture.decisions.leaving import next_turn
from nurture.decisions.lifecycle import begin_lifecycle, next_guards, serve_stage_requests, stall, take_transitions
from nurture.decisions.membership import keep_memberships, next_flip
from nurture.decisions.outcome import Decision, outcome_of
from nurture.decisions.plan import plan_of
from nurture.decisions.scoring import cross_marks, next_crossing, score_constants
from nurture.decisions.telling import speak
from nurture.decisions.work import MICROSECOND, Work
from nurture.model import Dossier, Fact, Pending, subject_kind

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Touchpoint
    from nurture.program import Program

_CHANGES = frozenset({Fact.LEAD_CHANGED, Fact.ACCOUNT_CHANGED})
MAX_ROUNDS = 50
MAX_MOMENTS = 1000
MAX_RESTLESS = 50
"""So many moments in a row, a microsecond apart and without a fact, mean that a program chases its own tail; each run
that was under way may bring one more."""


def advance(program: Program, dossier: Dossier, now: datetime, *, max_moments: int = MAX_MOMENTS) -> Decision:
    """Decide everything about one subject that lies strictly before `now`.

    Args:
        program: What should follow from facts.
        dossier: What is known about the subject, from one snapshot.
        now: The present; it is an argument, so the past and the future can be asked about, too.
        max_moments: Stop after so many moments; the standing's `due_at` is then the next one.

    Returns:
        The moved standing with new facts, effects and records; `standing` is None when no moment lay before `now`.

    Example:
        >>> from datetime import UTC, datetime
        >>> from nurture import Dossier, Lead, Program, advance
        >>> lead = Lead(id="lead_1", email="a@example.jp", created_at=datetime(2026, 4, 1, tzinfo=UTC))
        >>> advance(Program(), Dossier(subject=lead), datetime(2026, 4, 2, tzinfo=UTC)).moments
        0
    """
    plan = plan_of(program, subject_kind(dossier.subject.id), dossier.older)
    work = Work(plan, dossier)
    waiting: list[tuple[datetime, Pending]] = []
    unseen_changes = 0
    if dossier.inbox:
        waiting = _in_order(dossier, now)
        undo_unseen(work, dossier.inbox)
        for _, pending in waiting:
            unseen_changes += pending.fact.kind in _CHANGES
    moments = restless = 0
    most = MAX_RESTLESS
    more = False
    index = 0
    while work.dead is None:
        moment = _next_moment(work, waiting, index, now)
        if moment is None:
            break
        if moments >= max_moments and not unseen_changes:
            more = True
            break
        restless = restless + 1 if moment - work.moment <= MICROSECOND else 0
        if restless == 1:  # runs that began side by side may all be due side by side
            most = MAX_RESTLESS + sum(run.is_active for run in work.active_runs())
        if restless > most:
            work.dead = "restless"  # the program changes its own mind without end
            break
        work.open_moment(moment)
        first = index
        while index < len(waiting) and waiting[index][0] <= moment:
            pending = waiting[index][1]
            unseen_changes -= pending.fact.kind in _CHANGES
            _take_in(work, pending)
            restless = 0
            index += 1
        work.rolling = work.anew > 0 and work.anew == index - first
        decide_moment(work)
        moments += 1
    if moments == 0 and work.dead is None and work.telling is None:
        return Decision(standing=None)
    work.rolling = False
    speak(work)
    return outcome_of(work, moments, more=more)


def _take_in(work: Work, pending: Pending) -> None:
    work.folded.append(pending.fact.id)
    work.causes.append(pending.fact.id)
    fold(work, pending.fact)
    work.fresh.append(pending.fact)


def _in_order(dossier: Dossier, now: datetime) -> list[tuple[datetime, Pending]]:
    """The facts that are due, each with its moment; at one moment by revision, then by `(at, id)`."""
    reached = dossier.standing.advanced_to if dossier.standing else None
    found = [
        (pending.due_at if reached is None or pending.due_at > reached else reached, pending)
        for pending in dossier.inbox
        if pending.due_at < now
    ]
    if len(found) > 1:
        found.sort(key=_turn)
    return found


def _turn(one: tuple[datetime, Pending]) -> tuple[datetime, int, datetime, str]:
    moment, fact = one[0], one[1].fact
    return (moment, revision_of(fact) if fact.kind in _CHANGES else 0, fact.at, fact.id)


def _next_moment(work: Work, waiting: list[tuple[datetime, Pending]], index: int, now: datetime) -> datetime | None:
    agenda = work.agenda
    by_time = min(agenda.values()) if agenda else None
    if by_time is not None and by_time < work.moment:
        by_time = work.moment  # an agenda that was left behind by a stop is decided now
    by_fact = waiting[index][0] if index < len(waiting) else None
    if by_fact is not None and (by_time is None or by_fact <= by_time):
        return by_fact
    return by_time if by_time is not None and by_time < now else None


def decide_moment(work: Work) -> None:
    """Decide the open moment: scores, lifecycle, memberships and enrollments, round by round until quiet."""
    if work.is_new:
        score_constants(work)
        begin_lifecycle(work)
        work.is_new = False
    for _ in range(MAX_ROUNDS):
        fresh = _take_fresh(work)
        if work.dirty or work.requests:
            _ask_questions(work)
        run_enrollments(work, fresh)
        if not work.emitted and not work.dirty:
            break
    else:
        work.dead = "too_many_rounds"  # its rules set each other off without end
    if work.touched:
        _look_ahead(work)
    if work.notes:
        work.close_moment()


def _take_fresh(work: Work) -> list[Touchpoint]:
    """The facts that this round has not seen: those that were taken in, and our own of the round before."""
    if work.emitted:
        emitted, work.emitted = work.emitted, []
        for fact in emitted:
            fold(work, fact)
        work.fresh.extend(emitted)
    fresh = work.fresh
    if fresh:
        work.fresh = []
    return fresh


def _ask_questions(work: Work) -> None:
    """Ask what may have changed, in the order in which answers build on one another."""
    cross_marks(work)
    stall(work)
    serve_stage_requests(work)
    if work.stage is not None:
        take_transitions(work)
    keep_memberships(work)
    keep_answers(work)
    if work.plan.entries:
        keep_entries(work)


def _look_ahead(work: Work) -> None:
    """For every question that was asked in this moment, find when time alone can change its answer."""
    for watch in work.touched:
        kind = watch[: watch.index(":")] if ":" in watch else watch
        if kind == "segment":
            next_flip(work, watch)
        elif kind == "score":
            next_crossing(work, watch)
        elif kind == "guard":
            next_guards(work, watch)
        elif kind in ("goal", "exit", "while"):
            next_turn(work, watch)
        elif kind == "entry":
            next_entry(work, watch)
        elif kind in ("asked", "people"):
            next_answer(work, watch)
