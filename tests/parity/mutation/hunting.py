"""Runs the cases on a reading with a bug in it, each time in a process of its own. Imports nothing of ours before that.

    python -m tests.parity.mutation match predicates/_dates.py          # what survives there
    python -m tests.parity.mutation match predicates/_dates.py 17 18    # only these mutants

A process that has loaded nothing of ours is forked for each mutant; the child is given the mutated module when it
imports it, asks the cases, and stops at the first that is red.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

import attrs  # noqa: F401  # so that children need not load it
import pytest  # noqa: F401

from tests.parity.mutation.mutants import Mutant, mutated

SOURCE = Path(__file__).resolve().parents[3] / "src" / "nurture"
SURVIVED, RED, BROKEN = 0, 3, 4
SECONDS = 20
"""So many seconds of the processor a mutant may take besides what the cases take; one that never ends is red, too."""

Ask = Callable[[str], str]
"""Asks the cases, those of some modules first; what was red first, or nothing."""
_CALENDAR = "periods moments anniversaries windows"
_FACTS = "counts amounts trends single facts windows sequences"
_FIRST = {
    "date": _CALENDAR, "zone": _CALENDAR, "calendar": _CALENDAR, "local": _CALENDAR, "sequence": "sequences",
    "standing": "standing consents scores", "people": "company", "held": "held", "consent": "consents",
    "crossing": "scores", "segments": "standing scores", "touches": _FACTS, "facts": _FACTS, "quantifiers": _FACTS,
    "selection": _FACTS, "tallies": _FACTS, "loops": _FACTS, "points": _FACTS, "amounts": "amounts",
    "texts": "texts patterns",
    "patterns": "patterns", "values": "numbers values against texts", "comparisons": "numbers values against texts",
}  # fmt: skip
"""Where the bugs of a module show first; it only saves time."""


class _Planted(Loader, MetaPathFinder):
    """Gives one module with a bug in it."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = "nurture." + mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.was_asked = False

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Where the module comes from."""
        del path, target
        if name != self._name:
            return None
        self.was_asked = True
        return spec_from_file_location(name, SOURCE / self._mutant.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutated source."""
        code = compile(mutated(SOURCE, self._mutant), str(SOURCE / self._mutant.path), "exec")
        exec(code, module.__dict__)


def hunt(mutant: Mutant, ask: Ask) -> tuple[int, str]:
    """How a mutant fared, and what was red first."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status, red = _child(mutant, ask)
        os.write(writer, red.encode()[:4000])
        os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        red = told.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return RED, f"ended by signal {os.WTERMSIG(status)}"
    return os.WEXITSTATUS(status), red


def _child(mutant: Mutant, ask: Ask) -> tuple[int, str]:
    assert not any(name == "nurture" or name.startswith("nurture.") for name in sys.modules), (
        "nurture is loaded already"
    )
    resource.setrlimit(resource.RLIMIT_CPU, (_limit(), _limit()))
    planted = _Planted(mutant)
    sys.meta_path.insert(0, planted)
    try:
        red = ask(_first(mutant))
    except Exception as error:
        return RED, f"{type(error).__name__}: {str(error)[:300]}"
    if not planted.was_asked:
        return BROKEN, "the module was never loaded"
    return (RED, red) if red else (SURVIVED, "")


def _first(mutant: Mutant) -> str:
    return next((modules for part, modules in _FIRST.items() if part in mutant.path), "")


def _limit() -> int:
    return SECONDS * int(os.environ.get("NURTURE_MUTANTS_SLOW", "1"))


def survivors(mutants: Sequence[Mutant], ask: Ask, report: Callable[[str], None] | None = None) -> list[Mutant]:
    """The mutants that no case notices."""
    left: list[Mutant] = []
    for mutant in mutants:
        status, red = hunt(mutant, ask)
        assert status != BROKEN, f"{mutant}: {red}"
        if report is not None:
            report(f"{'SURVIVED' if status == SURVIVED else 'red     '} {mutant} {red[:120]}")
        if status == SURVIVED:
            left.append(mutant)
    return left
