"""Frames give the answers that were reasoned by hand: pandas, Polars and DuckDB, and in the long size others too."""

from __future__ import annotations

import pytest

from nurture.predicates.frame import CAPABILITIES
from tests.parity.cases import CASES
from tests.parity.cases.batches import batches_of
from tests.parity.cases.in_frames import Asked
from tests.parity.cases.judging import every, wrong
from tests.parity.frame_worlds import BACKENDS

BATCHES = batches_of(CASES)
KNOWN = {name.removeprefix("node "): known for name, known in CAPABILITIES.items()}
KNOWN |= {f"Compare.{name.removeprefix('operator ')}": known for name, known in CAPABILITIES.items()}
KNOWN |= {f"Field.{name.removeprefix('field ')}": known for name, known in CAPABILITIES.items()}
KNOWN |= {f"Touched.{name.removeprefix('quantifier ')}": known for name, known in CAPABILITIES.items()}
QUICK = {"polars": 2, "pandas": 12, "duckdb": 40}
"""Of the batches one in so many is asked in the quick size; some engines take their time."""


@pytest.mark.parametrize("backend", QUICK)
def test_frames(backend: str) -> None:
    assert wrong(Asked(BACKENDS[backend], BATCHES), every(QUICK[backend], BATCHES), KNOWN) == []


@pytest.mark.stress
@pytest.mark.parametrize("backend", BACKENDS)
def test_frames_all(backend: str) -> None:
    assert wrong(Asked(BACKENDS[backend], BATCHES), BATCHES, KNOWN) == []
