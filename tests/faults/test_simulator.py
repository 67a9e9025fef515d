"""Invariants 1-5, 8-13, 18, 22, 25, 26 and 30 under everything that goes wrong, in worlds drawn from seeds.

The first seeds are always the same; a few more are fresh each time, and printed. `python -m tests.faults --seed N`
runs one again.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from random import SystemRandom

import pytest

from tests.faults.plans import Plan, Report
from tests.faults.simulator import simulate

FRESH = SystemRandom().randrange(10**6, 10**9)
"""Where the seeds begin that are new each time."""


def storm(seeds: Iterable[int], **given: object) -> tuple[list[Report], Counter[str]]:
    """Run these worlds; what was counted is printed, so that `-rP` and a failure show it."""
    reports, faults, checks = [], Counter[str](), Counter[str]()
    for seed in seeds:
        report = simulate(seed, **given)
        reports.append(report)
        faults += report.faults
        checks += report.checks
    points = sum(one.points for one in reports)
    print(f"{len(reports)} worlds from seed {reports[0].seed}, {points} points")
    print(f"faults: {dict(faults)}\nchecks: {dict(checks)}")
    return reports, faults + checks


def test_worlds_in_memory() -> None:
    _, counts = storm(range(6), store="memory", days=3)
    for what in ("kill", "error", "lost", "freeze", "conflicts", "slow", "unsure", "activations", "unsubscribes"):
        assert counts[what] > 0, f"no world had any {what}: the simulator lost its teeth"


def test_fresh_worlds_in_memory() -> None:
    storm(range(FRESH, FRESH + 3), store="memory", days=3)


def test_worlds_on_sqlite() -> None:
    _, counts = storm([0, FRESH], store="sqlite", days=2)
    assert counts["kill"] + counts["error"] > 0


def test_a_clock_that_jumps_ten_years_is_refused() -> None:
    """Invariant 22: within the limit time stands still or goes on; beyond it nothing happens until somebody says so."""
    _, counts = storm(range(3000, 3002), store="sqlite", days=2, workers=1, limited=True, jumps=Plan().jumps)
    assert counts["jumps beyond the limit"] > 0


def test_eight_workers_race(subtests: pytest.Subtests) -> None:
    """Invariants 8 and 13 at their densest: four workers a tenant, and a switch at nearly every point."""
    for seed in range(1000, 1003):
        with subtests.test(seed=seed):
            report = simulate(seed, store="memory", workers=4, hosts=2, leads=4, days=2)
            assert report.points > 1_000


def test_the_same_seed_tells_the_same_story_in_another_process() -> None:
    """Whatever the process hashes texts to: so a printed seed is all that it takes."""
    mine = simulate(5, store="memory", days=2).trace
    command = [sys.executable, "-m", "tests.faults", "--seed", "5", "--store", "memory", "--days", "2"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert mine in told.stdout


@pytest.mark.stress
@pytest.mark.parametrize("first", range(0, 1_000, 100))
def test_a_thousand_worlds_in_memory(first: int) -> None:
    storm(range(first, first + 100), store="memory")


@pytest.mark.stress
@pytest.mark.parametrize("first", range(0, 100, 25))
def test_a_hundred_worlds_on_sqlite(first: int) -> None:
    storm(range(first, first + 25), store="sqlite")


@pytest.mark.stress
@pytest.mark.parametrize("first", range(2_000, 2_100, 25))
def test_a_hundred_worlds_with_eight_workers(first: int) -> None:
    storm(range(first, first + 25), store="memory", workers=4, hosts=2, leads=4)


@pytest.mark.stress
def test_a_hundred_worlds_whose_clock_jumps() -> None:
    storm(range(3_000, 3_100), store="memory", jumps=Plan().jumps)
    storm(range(3_000, 3_020), store="sqlite", limited=True, jumps=Plan().jumps)
