"""Strategies for steps that wait for dates, for the first of several things and for people, and for what they change.

They use the names of `programs()`. May import the public names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
from hypothesis import strategies as st

from nurture.calendar import civil, days, hours, minutes
from nurture.predicates import q
from nurture.steps import (
    Step,
    adjust_score,
    assign,
    cases,
    goal,
    increment,
    jump,
    mark,
    task,
    wait_for_any,
    wait_until,
)

if TYPE_CHECKING:
    from datetime import timedelta

    from nurture.predicates import Predicate

_BY_TITLE: Final = assign(by=q.lead.title, to={"a": "a@example.com"}, otherwise="b@example.com")
CHANGING: Final[st.SearchStrategy[Step]] = st.sampled_from(
    [
        increment("calls"),
        increment("calls", -2),
        adjust_score("engagement", 6),
        adjust_score("engagement", -4),
        assign("a@example.com"),
        assign(among=["a@example.com", "b@example.com"]),
        _BY_TITLE,
    ]
)
"""Steps that change what is kept about a lead."""

_lengths: st.SearchStrategy[timedelta] = st.sampled_from([minutes(30), hours(1), hours(6), days(1), days(3)])
_deadlines = st.none() | _lengths
_same: st.SearchStrategy[tuple[str, ...]] = st.sampled_from([(), ("path",)])
_offsets = st.sampled_from([None, hours(-1), days(-1), civil(business_days=-1, at="10:00"), civil(months=1)])


@st.composite
def waiting_steps(
    draw: st.DrawFn,
    inner: st.SearchStrategy[list[Step]],
    plain: st.SearchStrategy[Predicate],
    asked: st.SearchStrategy[Predicate],
) -> Step:
    """A step that waits, or one that chooses among several.

    Args:
        draw: Given by Hypothesis.
        inner: The steps inside.
        plain: Plain clauses about facts.
        asked: Predicates.
    """
    shape = draw(st.integers(0, 3))
    if shape == 0:
        yearly = draw(st.booleans())
        past = [] if yearly else draw(inner)
        waiting = wait_until(
            q.lead.meets, draw(_offsets), then=draw(inner), past=past, missing=draw(inner), yearly=yearly
        )
        is_called_off = draw(st.booleans())
        return attrs.evolve(waiting, ended_by=draw(plain), ended=tuple(draw(inner))) if is_called_off else waiting
    if shape == 1:
        is_dated = draw(st.booleans())
        return wait_for_any(
            None if is_dated else draw(_lengths),
            until=q.lead.meets if is_dated else None,
            offset=draw(_offsets) if is_dated else None,
            past=draw(inner) if is_dated else (),
            missing=draw(inner) if is_dated else (),
            same=draw(_same),
            otherwise=draw(inner),
            fact=(draw(plain), draw(inner)),
            holds=(draw(asked), draw(inner)),
            other=(draw(plain), []),
        )
    if shape == 2:
        outcomes = {"done": draw(inner), "again": draw(inner)}
        deadline = draw(_deadlines)
        return task("Call", due=draw(_lengths), deadline=deadline, outcomes=outcomes, overdue=draw(inner))
    return cases(first=(draw(asked), draw(inner)), second=(draw(asked), draw(inner)), otherwise=draw(inner))


def in_circles(steps: list[Step], at_most: int) -> list[Step]:
    """The same steps, some times over."""
    return [mark("again"), *steps, jump("again", at_most=at_most, otherwise=[goal("round")] if at_most > 1 else ())]
