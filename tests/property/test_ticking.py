"""Invariant 26: ticking often or seldom decides the same, per subject, given the same facts and receipts."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nurture import Program
from tests import strategies
from tests.property.ledger import Ledger, live, replay
from tests.strategies import Happening

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))


def differences(one: Ledger, other: Ledger) -> list[str]:
    """What differs between two ways of ticking, in words; empty when nothing does."""
    mine, theirs = one.outcome(), other.outcome()
    return [f"{part}: {mine[part]!r}\n  against {theirs[part]!r}" for part in mine if mine[part] != theirs[part]]


def check(program: Program, history: list[Happening], ticks: list[datetime]) -> None:
    reference, receipts = live(program, history)
    assert reference.standing is not None
    assume(reference.standing.dead is None)
    for instants in ([], ticks):
        found = differences(reference, replay(program, history, receipts, instants))
        assert not found, "\n".join(found)


@settings(parent=relaxed, max_examples=1_000)
@given(strategies.programs(), strategies.histories, strategies.tick_times)
def test_i26_ticking_often_or_seldom_decides_the_same(
    program: Program, history: list[Happening], ticks: list[datetime]
) -> None:
    check(program, history, ticks)
