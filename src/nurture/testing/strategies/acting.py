"""Strategies for steps that ask for something in the world, with what may become of it. May import the public names.

They mention the names of `programs()`: the messages `hello`, `tips` and `owner`, the action `task`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from nurture.calendar import days, hours
from nurture.predicates import q
from nurture.steps import Misfire, Step, act, approve, notify, send, send_first, webhook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nurture.predicates import Predicate
    from nurture.steps.acting import Given

_LATENESS: Final = st.sampled_from([None, hours(6), days(2)])
_MISFIRES: Final = st.sampled_from([Misfire.SKIP, Misfire.SKIP, *Misfire])
_PARAMS: Final[st.SearchStrategy[Given | None]] = st.sampled_from(
    [None, {"n": 1}, {"title": q.lead.title}, {"path": q.entry.path, "n": 1}]
)
_MESSAGES: Final = st.sampled_from(["hello", ""])
_DEADLINES: Final = st.sampled_from([hours(6), days(3)])
_FALLBACKS: Final[st.SearchStrategy[list[str]]] = st.sampled_from([[], ["tips"]])


def acting_steps(inner: st.SearchStrategy[list[Step]], asked: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Step]:
    """Messages with fall-backs and choices, notices, actions, posts and approvals, each with some ways on.

    Args:
        inner: The steps behind their edges.
        asked: For whom a message is chosen.
    """
    return _acting_steps(inner, asked)


@st.composite
def _acting_steps(draw: st.DrawFn, inner: st.SearchStrategy[list[Step]], asked: st.SearchStrategy[Predicate]) -> Step:
    shape = draw(st.integers(0, 6))
    if shape == 0:
        steps: Sequence[list[Step]] = [draw(inner) for _ in range(3)]
        message = draw(_MESSAGES)
        length = draw(_DEADLINES)
        return approve("boss", deadline=length, message=message, then=steps[0], refused=steps[1], otherwise=steps[2])
    misfire = draw(_MISFIRES)
    lateness = None if misfire is Misfire.NOW else draw(_LATENESS)
    failed, withheld = draw(inner), draw(inner)
    params = draw(_PARAMS)
    if shape == 1:
        return send_first(
            ("hello", draw(asked)),
            "tips",
            unread=draw(st.booleans()),
            params=params,
            misfire=misfire,
            max_lateness=lateness,
            otherwise=draw(inner),
            if_failed=failed,
            if_withheld=withheld,
        )
    if shape in (2, 3):
        return send(
            "hello",
            params=params,
            fallback=draw(_FALLBACKS),
            misfire=misfire,
            max_lateness=lateness,
            if_failed=failed,
            if_withheld=withheld,
        )
    if shape == 4:
        return webhook("task", params, misfire=misfire, max_lateness=lateness, if_failed=failed, if_withheld=withheld)
    asking, name = (act, "task") if shape == 5 else (notify, "owner")
    return asking(name, params=params, misfire=misfire, max_lateness=lateness, if_failed=failed, if_withheld=withheld)
