"""Invariant 26: ticking often or seldom decides the same, per subject, given the same facts and receipts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from nurture import Program
from tests import strategies
from tests.property.ledger import Ledger, live, replay

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))


def differences(one: Ledger, other: Ledger) -> list[str]:
    """What differs between two ways of ticking, in words; empty when nothing does."""
    mine, theirs = one.outcome(), other.outcome()
    return [f"{part}: {mine[part]!r}\n  against {theirs[part]!r}" for part in mine if mine[part] != theirs[part]]


HISTORIES = 5  # a program


def check(program: Program, seed: int) -> None:
    dice = Random(seed)
    for _ in range(HISTORIES):
        history = strategies.random_history(dice)
        reference, receipts = live(program, history)
        assert reference.standing is not None
        if reference.standing.dead is not None:
            continue  # a program that chases its own tail is given up after so many moments, not after so much work
        for ticks in ([], strategies.random_ticks(dice)):
            found = differences(reference, replay(program, history, receipts, ticks))
            assert not found, "\n".join([f"ticks at {ticks}", *found])


@settings(parent=relaxed, max_examples=1_000 // HISTORIES)
@given(strategies.programs(), strategies.seeds)
def test_i26_ticking_often_or_seldom_decides_the_same(program: Program, seed: int) -> None:
    check(program, seed)


@pytest.mark.stress
@settings(parent=relaxed, max_examples=10_000 // HISTORIES)
@given(strategies.programs(), strategies.seeds)
def test_i26_ticking_often_or_seldom_decides_the_same_in_ten_thousand_histories(program: Program, seed: int) -> None:
    check(program, seed)
