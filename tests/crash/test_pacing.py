"""Invariant 18: caps, spacing, rates and quiet hours hold across workers and restarts, whoever runs when."""

from __future__ import annotations

from collections import Counter

import pytest

from nurture import days
from nurture.decisions import limits
from nurture.storage import MemoryStorage
from tests.crash.pacing_world import World, violations

QUICK = pytest.param(10, 100, 30, id="quick")
LONG = pytest.param(100, 1_000, 30, id="long", marks=pytest.mark.stress)


@pytest.mark.parametrize(("seeds", "leads", "length"), [QUICK, LONG])
def test_i18_no_rule_is_broken_whoever_runs_when(
    seeds: int, leads: int, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons: Counter[str] = Counter()
    deaths = 0
    for seed in range(seeds):
        monkeypatch.setattr(limits, "LEAST_IN_A_SLICE", 2 if seed % 2 else 32)  # small limits in slices, too
        world = World(lambda clock: MemoryStorage(clock=clock), seed, leads, workers=4)
        world.live(days(length), facts_a_day=leads // 8)
        broken = list(violations(world))
        assert not broken, f"seed {seed}: {broken[:5]}"
        deaths += world.deaths
        with world.store.view() as view:
            decided = [
                note for lead in world.leads for one in view.decisions_of(lead, limit=10_000) for note in one.notes
            ]
        reasons.update(note.outcome for note in decided if note.what == "deferred")
    assert deaths >= seeds
    scarce = {"frequency_cap", "account_cap", "domain_cap", "scenario_cap", "program_cap", "spacing", "rate"}
    assert set(reasons) >= scarce | {"domain_rate", "warm_up", "quiet_hours"}, reasons
