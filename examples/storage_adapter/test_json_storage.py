"""The JSON store is held to the contract, and to a race of processes."""

import multiprocessing
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import attrs
import pytest
from json_storage import JsonStorage

from nurture.model import Allowance, Changes, SubjectId
from nurture.ports import Storage
from nurture.testing import StorageContract

PROCESSES, INCREMENTS = 6, 50
ANN = SubjectId("lead_ann")


class TestJsonStorage(StorageContract):
    """Every promise of the core profile."""

    @pytest.fixture(autouse=True)
    def _own_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "crm.json"

    def make_storage(self, tenant: str, clock: Callable[[], datetime]) -> Storage:
        """A handle on this test's file."""
        return JsonStorage(self.path, tenant, clock)


def count(path: Path) -> None:
    """Add one, again and again; each time in a unit of its own."""
    storage = JsonStorage(path)
    for _ in range(INCREMENTS):
        with storage.begin() as unit:
            seen = unit.get(Allowance, ["count"])["count"]
            more = attrs.evolve(seen, version=seen.version + 1, recent=(*seen.recent, unit.now()))
            assert not unit.put({ANN: Changes(records=(more,))})


def test_processes_that_race_lose_no_increment(tmp_path: Path) -> None:
    """Six processes count together: no increment is lost, and no two units have one instant."""
    path = tmp_path / "crm.json"
    with JsonStorage(path).begin() as unit:
        unit.put({ANN: Changes(records=(Allowance(id="count"),))})
    spawn = multiprocessing.get_context("spawn")
    racers = [spawn.Process(target=count, args=(path,)) for _ in range(PROCESSES)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0] * PROCESSES
    with JsonStorage(path).view() as view:
        counted = view.get(Allowance, ["count"])["count"]
    assert counted.version == 1 + PROCESSES * INCREMENTS
    assert list(counted.recent) == sorted(set(counted.recent))
