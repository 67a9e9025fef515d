"""Runs the cases on a reading with a bug in it, each time in a process of its own. Imports nothing of ours before that.

A process that has loaded nothing of ours is forked for each mutant. The child is given the mutated module when it
imports it, asks the cases that come by the function with the bug, and stops at the first that is red.
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
SECONDS = 40
"""So many seconds of the processor a mutant may take; one that never ends is red, too."""

Ask = Callable[[Sequence[int] | None], str]
"""Asks some batches of cases, or all; what was red first, or nothing."""
Reached = Callable[[Mutant], Sequence[int] | None]
"""The batches that come by the place of a mutant; None when that is not known."""


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


def in_child(work: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """Do some work in a fork; its status, and what it says."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status, said = work()
        with os.fdopen(writer, "w", encoding="utf-8", errors="replace") as told:
            told.write(said)
        os._exit(status)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8", errors="replace") as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return RED, f"ended by signal {os.WTERMSIG(status)}"
    return os.WEXITSTATUS(status), said


def hunt(mutant: Mutant, ask: Ask, batches: Sequence[int] | None) -> tuple[int, str]:
    """How a mutant fared, and what was red first."""
    return in_child(lambda: _asked(mutant, ask, batches))


def _asked(mutant: Mutant, ask: Ask, batches: Sequence[int] | None) -> tuple[int, str]:
    require_clean()
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    planted = _Planted(mutant)
    sys.meta_path.insert(0, planted)
    try:
        red = ask(batches)
    except Exception as error:
        return RED, f"{type(error).__name__}: {str(error)[:300]}"
    if not planted.was_asked:
        return BROKEN, "the module was never loaded"
    return (RED, red) if red else (SURVIVED, "")


def require_clean() -> None:
    """Refuse to go on where something of ours is loaded: it could not be mutated any more."""
    ours = [name for name in sys.modules if name == "nurture" or name.startswith("nurture.")]
    assert not ours, f"{ours[0]} is loaded already"


def survivors(
    mutants: Sequence[Mutant], ask: Ask, reached: Reached, report: Callable[[str], None] | None = None
) -> list[Mutant]:
    """The mutants that no case notices."""
    left: list[Mutant] = []
    for mutant in mutants:
        status, red = hunt(mutant, ask, reached(mutant))
        assert status != BROKEN, f"{mutant}: {red}"
        if report is not None:
            report(f"{'SURVIVED' if status == SURVIVED else 'red     '} {mutant} {red[:120]}")
        if status == SURVIVED:
            left.append(mutant)
    return left
