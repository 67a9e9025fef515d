"""Histories of one lead for the property tests, on top of the public strategies for programs.

The programs are those of `nurture.testing.strategies`. What happens comes from a seed, and is dense: most of it would
never be drawn otherwise.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import attrs
from hypothesis import strategies as st

from nurture import Lead, days, hours, minutes
from nurture.model import Fact, LeadId, SubjectId, Value
from nurture.testing.strategies import HORIZON, KINDS, STAGES, START, programs

__all__ = [
    "HORIZON",
    "KINDS",
    "LEAD",
    "MICROSECOND",
    "STAGES",
    "START",
    "Happening",
    "a_lead",
    "lengths",
    "programs",
    "random_history",
    "random_ticks",
    "seeds",
]

MICROSECOND = timedelta(microseconds=1)

lengths = st.sampled_from([minutes(30), hours(1), hours(6), days(1), days(3), days(10)])
seeds = st.integers(0, 2**32)


@attrs.frozen
class Happening:
    """Something that a history's author makes happen: a fact that is received at an instant."""

    received_at: datetime
    kind: str
    at: datetime
    properties: dict[str, Value]


def _happening(dice: Random) -> Happening:
    received_at = START + _offset(dice)
    text = dice.choice("abc")
    requests: list[tuple[str, dict[str, Value]]] = [
        ("host changes title", {"title": text}),
        ("host changes grp", {"grp": text}),
        ("host changes meets", {"meets": START + _offset(dice) if text < "c" else None}),
        (Fact.ACCOUNT_TOLD, {"after.industry": "SaaS"} if text == "a" else {}),
        (Fact.STAGE_REQUESTED, {"stage": dice.choice(STAGES), "reason": text}),
        (Fact.ENROLLMENT_REQUESTED, {"scenario": "c0", "key": ""}),
        (Fact.WITHDRAWAL_REQUESTED, {"scenario": "c0", "key": "", "reason": ""}),
    ]
    if dice.random() < 0.25:
        kind, properties = dice.choice(requests)
        return Happening(received_at, kind, received_at, properties)
    path = dice.choice([None, "/a", "/b"])
    shift = dice.choice([*[timedelta(0)] * 6, hours(-1), days(-1), days(-12), days(-50), minutes(30), hours(1)])
    return Happening(received_at, dice.choice(KINDS), received_at + shift, {} if path is None else {"path": path})


def _offset(dice: Random) -> timedelta:
    """Half of the instants lie on whole hours, and often on the same ones."""
    if dice.random() < 0.5:
        return hours(dice.choice([dice.randint(0, 24 * 40), 24 * dice.randint(0, 20)]))
    return dice.randint(0, 40 * 24 * 3600 * 10**6) * MICROSECOND


def random_history(dice: Random) -> list[Happening]:
    """What happens to one lead in forty days, in the order in which it is heard of."""
    some = [_happening(dice) for _ in range(dice.randint(4, 30))]
    return sorted(some, key=lambda one: one.received_at)


def random_ticks(dice: Random) -> list[datetime]:
    """The instants at which a worker is awake: seldom, often, or in bursts."""
    return sorted(START + _offset(dice) for _ in range(dice.choice([1, 3, 10, 40])))


LEAD = LeadId(SubjectId("lead_1"))


def a_lead(**fields: object) -> Lead:
    """A lead who arrived at the start."""
    return Lead(**{"id": LEAD, "email": "a@example.com", "created_at": START, **fields})  # type: ignore[arg-type]
