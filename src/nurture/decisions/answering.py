"""Keeping the answers up to date that a subject owes others: an account its leads, a lead its account. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.decisions.work import Work


def keep_answers(work: Work) -> None:
    """Ask again what others are told and what may have changed; they hear of it when all is decided."""
    plan = work.plan
    for watch in work.take(plan.answer_watches):
        name, question = plan.answers[watch]
        holds = work.has_listeners and question.holds(work.sight, work.moment)
        if holds == (name in work.yes):
            continue
        if holds:
            work.yes.add(name)
        else:
            work.yes.discard(name)
        work.turn(name)


def next_answer(work: Work, watch: str) -> None:
    """Put on the agenda when time alone may change the answer; nobody waits for one of a lead without an account."""
    _, question = work.plan.answers[watch]
    work.schedule(watch, question.flips(work.sight, work.moment) if work.has_listeners else None)
