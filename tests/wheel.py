"""The built wheel, and clean environments that have it: what a user gets, with this checkout out of the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

UNREACHABLE = "connection broken by"
"""What pip says, again and again, when it reaches no index."""


def build_wheel(checkout: Path, folder: Path) -> Path:
    """Build the wheel of the checkout into a folder."""
    _pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(folder), str(checkout))
    (wheel,) = folder.glob("nurture_crm-*.whl")
    return wheel


def clean_environment(folder: Path, *requirements: str, constraints: Path) -> Path:
    """Make a virtual environment with these requirements and what they need; the answer is its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = ["install", "--no-compile", "--constraint", str(constraints)]  # what is imported is compiled then
    _pip(sys.executable, "--python", str(python), *install, *requirements)
    return python


def run_in(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in a folder, isolated from the environment of the tests."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV_"))}
    return subprocess.run([str(python), *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False)


def _pip(python: str, *arguments: str) -> None:
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and UNREACHABLE in done.stderr:
        pytest.skip("no package index can be reached, and a clean environment needs one")
    assert done.returncode == 0, done.stdout + done.stderr
