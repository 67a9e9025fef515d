"""Keeping up to date who is in which segment, with facts on entering and leaving. Pure."""

from __future__ import annotations

from nurture.decisions.lifecycle import seen_values
from nurture.decisions.work import MICROSECOND, Work
from nurture.model import Fact, Value


def keep_memberships(work: Work) -> None:
    """Ask every segment that may have changed; each flips at most once in a moment.

    A segment whose answer changes again within the moment keeps its first flip and is asked again one
    microsecond later, so that entering and leaving stay two facts.
    """
    for watch in work.take(work.plan.segment_watches):
        name, question = work.plan.segments[watch]
        belongs = question.holds(work.sight, work.moment)
        if belongs == (name in work.memberships):
            continue
        if name in work.flipped:
            continue
        work.flipped.add(name)
        properties: dict[str, Value] = {"segment": name}
        if work.rolling:
            properties["rolled_over"] = True
        if belongs:
            work.memberships[name] = work.moment
        else:
            del work.memberships[name]
        work.emit(Fact.SEGMENT_ENTERED if belongs else Fact.SEGMENT_LEFT, name, properties)
        work.note(
            "segment",
            name,
            "entered" if belongs else "left",
            question.sentence,
            seen_values(work, question.reach.scores),
        )


def next_flip(work: Work, watch: str) -> None:
    """Put on the agenda when time alone may change who belongs."""
    name, question = work.plan.segments[watch]
    if question.holds(work.sight, work.moment) != (name in work.memberships):
        work.schedule(watch, work.moment + MICROSECOND)
    else:
        work.schedule(watch, question.flips(work.sight, work.moment))
