"""An outsider's adapter passes the public kit from the built wheel, in an environment that has nothing else."""

import shutil
from pathlib import Path

from tests.wheel import build_wheel, clean_environment, run_in

PROBE = """
import nurture.testing, pathlib, sys
home = pathlib.Path(nurture.testing.__file__)
assert "site-packages" in home.parts, home
try:
    import sqlalchemy
except ModuleNotFoundError:
    print("clean")
"""


def test_the_adapter_passes_the_contract_from_the_wheel(tmp_path: Path, checkout: Path) -> None:
    wheel = build_wheel(checkout, tmp_path / "wheel")
    constraints = checkout / "constraints.txt"
    python = clean_environment(tmp_path / "venv", f"{wheel}[testing]", constraints=constraints)
    adapter = tmp_path / "adapter"
    shutil.copytree(checkout / "examples" / "storage_adapter", adapter, ignore=shutil.ignore_patterns("__pycache__"))
    probed = run_in(python, adapter, "-c", PROBE)
    assert probed.stdout == "clean\n", probed.stderr
    tested = run_in(python, adapter, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "failed" not in tested.stdout
    assert int(tested.stdout.split(" passed")[0].split()[-1]) >= 50
    strategies = run_in(python, adapter, "-c", "from nurture.testing.strategies import records; records().validate()")
    assert strategies.returncode == 0, strategies.stderr
