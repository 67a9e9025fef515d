"""The sender in `examples/line_sender` keeps the contract, by its own tests and nothing of ours but public names."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "examples" / "line_sender"
PUBLIC = {"nurture.ports", "nurture.testing.sender_contract"}


def test_the_example_passes_its_own_tests(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "line", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    tested = subprocess.run(command, cwd=tmp_path / "line", capture_output=True, text=True, timeout=300)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert int(tested.stdout.split(" passed")[0].split()[-1]) >= 20


def test_the_example_uses_public_names_alone() -> None:
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name for name in modules if name.startswith("nurture")} <= PUBLIC
