"""Strategies for steps that reach beyond their run: other scenarios, other subjects. May import the public names.

A scenario that begins others is begun by none of them, so that none sets itself off without end.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from nurture.calendar import hours
from nurture.predicates import q
from nurture.program import Scenario
from nurture.steps import Step, enroll, send_to_people, tag, tell, wait, withdraw

TELLING: Final[tuple[Step, ...]] = (
    tell("lead.spoke", to="account", properties={"title": q.lead.title}),
    tell("lead.named", to=q.lead.title, if_failed=[tag("x")]),
)
"""Steps that tell another subject something; the one exists or not, the other never does."""
_ASKING: Final[tuple[Step, ...]] = (
    enroll("c0"),
    enroll("c1", key="/a"),
    enroll("c1", key=q.entry.path),
    withdraw("c0"),
    withdraw("c1", key=q.entry.path, reason="summoned"),
    wait(hours(6)),
)


_TO_PEOPLE: Final[tuple[Step, ...]] = (
    send_to_people("hello", q.lead.title == "a"),
    send_to_people("tips", if_failed=[tell("deal.silent", people=q.everyone)]),
    enroll("c0", people=q.everyone),
    withdraw("c1", people=q.lead.title == "b"),
    wait(hours(6)),
)


def buying() -> st.SearchStrategy[Scenario]:
    """Scenarios `buying` of accounts, which send to their people, enroll and withdraw them."""
    some = st.lists(st.sampled_from(_TO_PEOPLE), min_size=1, max_size=3)
    return some.map(lambda steps: Scenario("buying", q.touches("deal.opened"), steps, subject="account"))


def summoning(kinds: tuple[str, ...]) -> st.SearchStrategy[Scenario]:
    """Scenarios `summons` that enroll in `c0` and `c1`, withdraw from them, and tell others.

    Args:
        kinds: What may begin one.
    """
    return _summoning(kinds)


@st.composite
def _summoning(draw: st.DrawFn, kinds: tuple[str, ...]) -> Scenario:
    steps = draw(st.lists(st.sampled_from([*_ASKING, *_ASKING, *TELLING]), min_size=1, max_size=4))
    reentry = draw(st.sampled_from(["never", "always", "restart"]))
    return Scenario("summons", q.touches(draw(st.sampled_from(kinds))), steps, reentry=reentry)
