"""Sums are exact beyond 64 bits, and compare as whole numbers of millionths do."""

import random

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nurture.predicates.comparisons import ORDERS, quantum
from nurture.predicates.frame.amounts import Amounts

EDGES = (1e15, -1e15, 0.1, 0.2, 0.3, 0.0000005, -0.0000005, 1e14 + 0.5, 3.0, -2.5)
WHOLE = (10**15, -(10**15), 1, 0, -3, 2**31, -(2**31) - 1)


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, pa.table])
@pytest.mark.parametrize("whole", [False, True])
def test_sums_and_averages_compare_exactly(make: object, whole: bool) -> None:
    dice = random.Random(7)
    values = {key: [dice.choice(WHOLE if whole else EDGES) for _ in range(dice.randint(1, 40))] for key in range(30)}
    rows = {
        "key": [key for key, some in values.items() for _ in some],
        "value": [one for some in values.values() for one in some],
    }
    frame = nw.from_native(make(rows))  # type: ignore[operator]
    for each in (False, True):
        goals = {quantum(goal) for goal in (0, 0.3, 1e15, -2.5)} | {sum(map(quantum, some)) for some in values.values()}
        for goal in sorted(goals)[:12]:
            if abs(goal) > 10**21:
                continue
            for op, holds in ORDERS.items():
                found = Amounts(frame, "key", "value", whole=whole).compared(op, goal, each=each)
                expected = {
                    key
                    for key, some in values.items()
                    if holds(sum(quantum(one) - goal for one in some) if each else sum(map(quantum, some)) - goal, 0)
                }
                assert set(found["key"].to_list()) == expected, (op, goal, each)  # type: ignore[index]
