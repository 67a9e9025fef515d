"""What follows when a person objects to being scored, or allows it again. Pure.

Scores end at the moment at which the objection is seen: thresholds that were reached are left, and predicates read
the score of somebody who never did anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nurture.decisions.scoring import leave_marks, score_constants
from nurture.model import UNHEARD, Fact, Profiling, Purpose, Touchpoint

if TYPE_CHECKING:
    from nurture.decisions.work import Work

WORDS = frozenset({Fact.CONSENT_GIVEN.value, Fact.CONSENT_WITHDRAWN.value})


def hear(work: Work, fact: Touchpoint) -> None:
    """Take in a word about profiling; it comes before the points that the fact itself might earn."""
    if not work.is_lead or not is_about_profiling(fact):
        return
    before = work.profiling
    after = work.profiling = heard(before, fact)
    if fact.kind == Fact.CONSENT_WITHDRAWN:
        leave_marks(work)
        work.scores.clear()
        _ask_again(work)
        if after.is_objected:
            work.note("profiling", "scores", "ended: the person objects")
    if before.is_objected and not after.is_objected:
        work.note("profiling", "scores", "begin anew: the person allows it")
    if not after.is_objected:
        score_constants(work)
        _ask_again(work)


def _ask_again(work: Work) -> None:
    """Ask whoever looks at a score: segments, transitions, answers, and what may end a run."""
    work.dirty |= work.plan.by_score
    for run in work.active_runs():
        compiled = work.compiled(run)
        for name, ending, _ in compiled.endings if compiled is not None else ():
            if ending.question is not None and ending.question.reach.scores:
                work.dirty.add(f"{name}:{run.id}")


def is_about_profiling(fact: Touchpoint) -> bool:
    """Whether a fact is a word about profiling."""
    return fact.kind in WORDS and fact.properties.get("purpose") == Purpose.PROFILING


def heard(known: Profiling, fact: Touchpoint) -> Profiling:
    """What is known after one more word about profiling."""
    return known.after(
        given=fact.kind == Fact.CONSENT_GIVEN,
        explicit=fact.properties.get("explicit") is True,
        at=fact.at,
        seen_at=max(fact.at, fact.received_at),
    )


def heard_in(facts: Iterable[Touchpoint]) -> Profiling:
    """What all of these facts say about profiling, whatever order they come in."""
    words = [fact for fact in facts if is_about_profiling(fact)]
    known = UNHEARD
    for fact in sorted(words, key=lambda one: (max(one.at, one.received_at), one.at, one.id)):
        known = heard(known, fact)
    return known
