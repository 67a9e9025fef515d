"""The adapter in `examples/storage_adapter` keeps the contract; its failures are typed and lose nothing."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from examples.storage_adapter import json_storage
from examples.storage_adapter.json_storage import JsonStorage
from nurture.errors import StorageError
from nurture.model import Allowance
from nurture.ports import Storage
from nurture.testing import FaultStorage, StorageContract, StorageCrash, sweep
from nurture.testing.storage_groups import ANN, NOON, Clock, save, write
from tests.unit.storage.test_parity import histories

MOST_LINES = 120
"""Of code: what an adapter for the core profile may cost its author."""


class TestJsonStorage(StorageContract):
    @pytest.fixture(autouse=True)
    def _own_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "crm.json"

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        return JsonStorage(self.path, tenant, clock)


def counted(path: Path) -> int:
    with JsonStorage(path).view() as view:
        found = view.get(Allowance, ["count"])
    return found["count"].version if found else 0


def test_it_answers_like_the_reference(tmp_path: Path) -> None:
    from nurture.storage import MemoryStorage

    for seed in range(5):
        mine = JsonStorage(tmp_path / f"{seed}.json", clock=lambda: NOON)
        assert histories(mine, seed) == histories(MemoryStorage(clock=lambda: NOON), seed)


def test_a_fault_at_any_operation_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    names = iter(range(10_000))

    def count_to_three(plan: object) -> None:
        path = tmp_path / f"{next(names)}.json"
        storage = FaultStorage(JsonStorage(path), plan)  # type: ignore[arg-type]
        while counted(path) < 3:
            try:
                with storage.begin() as unit:
                    before = unit.get(Allowance, ["count"])
                    version = before["count"].version + 1 if before else 1
                    assert write(unit, ANN, Allowance(id="count", version=version))
            except StorageError:
                pass
            except StorageCrash:
                storage = FaultStorage(JsonStorage(path), plan)  # type: ignore[arg-type]
        assert counted(path) == 3

    assert sweep(count_to_three) == 4 * 13  # three units of four operations, and one run to the end


COUNTING = """
import sys
from pathlib import Path
from examples.storage_adapter.json_storage import JsonStorage
from nurture.model import Allowance, Changes, SubjectId
storage = JsonStorage(Path(sys.argv[1]))
version = 0
while True:
    version += 1
    with storage.begin() as unit:
        unit.put({SubjectId("lead_ann"): Changes(records=(Allowance(id="count", version=version),))})
    print(version, flush=True)
"""


def test_what_a_killed_process_had_committed_is_there(tmp_path: Path, checkout: Path) -> None:
    path = tmp_path / "crm.json"
    command = [sys.executable, "-c", COUNTING, str(path)]
    with subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().splitlines()]
    assert counted(path) in (told[-1], told[-1] + 1)  # the answer of the last one may have been lost
    assert save(JsonStorage(path), Allowance(id="count", version=counted(path) + 1))


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "crm.json").write_text("{", encoding="utf-8")
    storage = JsonStorage(tmp_path / "crm.json")
    for use in (storage.now, storage.view().__enter__, storage.begin().__enter__):
        with pytest.raises(StorageError, match=r"crm\.json cannot be read as a JSON store"):
            use()
    assert (tmp_path / "crm.json").read_text(encoding="utf-8") == "{"


def test_a_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"crm\.json cannot be locked"):
        save(JsonStorage(tmp_path / "away" / "crm.json"), Allowance(id="count"))


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = JsonStorage(tmp_path / "crm.json")
    assert save(storage, Allowance(id="count"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json_storage.os, "fsync", full)
    with pytest.raises(StorageError, match=r"crm\.json cannot be written"):
        save(storage, Allowance(id="count", version=2))
    monkeypatch.undo()
    assert counted(tmp_path / "crm.json") == 1
    assert save(storage, Allowance(id="count", version=2))


def test_a_lock_that_is_never_given_back_is_no_endless_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_storage, "PATIENCE_SECONDS", 0.0)
    storage = JsonStorage(tmp_path / "crm.json")
    with ExitStack() as stack:
        stack.enter_context(storage.begin())
        with pytest.raises(StorageError, match="was locked"):
            save(storage, Allowance(id="count"))
    assert save(storage, Allowance(id="count"))


def test_two_stores_of_one_folder_do_not_share_a_lock(tmp_path: Path) -> None:
    one, other = JsonStorage(tmp_path / "crm.json"), JsonStorage(tmp_path / "crm.test")
    with one.begin():
        assert save(other, Allowance(id="count"))
    assert (counted(tmp_path / "crm.test"), {path.name for path in tmp_path.iterdir()}) == (
        1, {"crm.json", "crm.json.lock", "crm.test", "crm.test.lock"},
    )  # fmt: skip


def test_personal_data_is_for_the_owner_alone(tmp_path: Path) -> None:
    save(JsonStorage(tmp_path / "crm.json"), Allowance(id="count"))
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "crm.json": 0o600,
        "crm.json.lock": 0o600,
    }


def test_it_is_about_a_hundred_lines(checkout: Path) -> None:
    source = (checkout / "examples/storage_adapter/json_storage.py").read_text(encoding="utf-8")
    assert code_lines(source) <= MOST_LINES


def code_lines(source: str) -> int:
    """Lines that are neither blank nor comment nor docstring."""
    import ast
    import io
    import tokenize

    documented: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            documented |= set(range(node.lineno, (node.end_lineno or 0) + 1))
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    told = [one for one in tokenize.generate_tokens(io.StringIO(source).readline) if one.type not in quiet]
    return len({line for one in told for line in range(one.start[0], one.end[0] + 1)} - documented)
