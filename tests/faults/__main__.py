"""`python -m tests.faults --seed 123`: run one world again, or many of them, and print what was counted."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import nurture
from tests.faults.simulator import simulate
from tests.faults.verdicts import AuditError

CAUGHT = 3
"""The exit status when the audit failed; any other failure has another one."""


def main() -> int:
    """Run what was asked for; `CAUGHT` means that the audit failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=1, help="how many seeds, one after the other")
    parser.add_argument("--store", choices=["memory", "sqlite"], help="instead of the one that the seed draws")
    parser.add_argument("--workers", type=int, help="workers a tenant")
    parser.add_argument("--days", type=float, help="length of the storm")
    parser.add_argument("--source", type=Path, help="the folder that `nurture` must come from")
    asked = parser.parse_args()
    if asked.source is not None and not Path(str(nurture.__file__)).is_relative_to(asked.source):
        parser.error(f"nurture comes from {nurture.__file__}")
    given = {name: value for name in ("store", "workers", "days") if (value := getattr(asked, name)) is not None}
    began = time.perf_counter()
    faults: Counter[str] = Counter()
    checks: Counter[str] = Counter()
    points = 0
    for seed in range(asked.seed, asked.seed + asked.count):
        try:
            report = simulate(seed, **given)
        except AuditError as error:
            print(f"{error}\n{error.__notes__[0]}")
            return CAUGHT
        points += report.points
        faults += report.faults
        checks += report.checks
        if asked.count == 1:
            print(report.plan, report.trace)
    print(f"{asked.count} worlds, {points} points, {time.perf_counter() - began:.1f} s")
    print("faults:", dict(faults))
    print("checks:", dict(checks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
