"""Which cases come by which function: only they can notice a bug in it. Imports nothing of ours before a child does.

What runs when a module is loaded, and what is behind a cache, is not known; then all cases are asked.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType

from tests.parity.mutation.hunting import SOURCE, Reached, in_child, require_clean
from tests.parity.mutation.mutants import Mutant
from tests.parity.mutation.readings import Mutated

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Calls = dict[str, list[int]]
"""The numbers of batches by module and first line of a function."""


def reached_by(reading: Mutated) -> Reached:
    """Which batches come by a mutant, found by asking all of them once."""
    status, said = in_child(lambda: (0, json.dumps(_traced(reading))))
    assert status == 0, said
    calls: Calls = json.loads(said)
    trees: dict[str, ast.Module] = {}

    def reached(mutant: Mutant) -> Sequence[int] | None:
        if mutant.path not in trees:
            trees[mutant.path] = ast.parse((SOURCE / mutant.path).read_text(encoding="utf-8"))
        functions = [one for one in _around(trees[mutant.path], mutant.line) if not _is_cached(one)]
        if not functions or any(_is_cached(one) for one in _around(trees[mutant.path], mutant.line)):
            return None
        found = {number for one in functions for number in calls.get(f"{mutant.path}:{_first_line(one)}", ())}
        return sorted(found)

    return reached


def _traced(reading: Mutated) -> Mapping[str, list[int]]:
    require_clean()
    calls: dict[str, set[int]] = {}
    root = f"{SOURCE}/"
    place = [0]

    def called(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(root):
            key = f"{frame.f_code.co_filename[len(root) :]}:{frame.f_code.co_firstlineno}"
            calls.setdefault(key, set()).add(place[0])

    _run(reading, place, called)
    return {key: sorted(numbers) for key, numbers in calls.items()}


def _run(reading: Mutated, place: list[int], called: Callable[[FrameType, str, object], None]) -> None:
    from tests.parity.cases import CASES
    from tests.parity.cases.batches import batches_of

    batches = batches_of(CASES)
    for one in reading.passes():
        for number, batch in enumerate(batches):
            place[0] = number
            sys.setprofile(called)
            try:
                red = one(batch)
            finally:
                sys.setprofile(None)
            assert not red, f"the cases are red without a bug: {red}"


def _around(tree: ast.Module, line: int) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]:
    """The functions on a line: the innermost one that holds it, and lambdas that begin there."""
    holding = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _FUNCTIONS) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if holding:
        deepest = max(holding, key=lambda node: (node.lineno, -(node.end_lineno or node.lineno)))
        named = [node for node in holding if not isinstance(node, ast.Lambda)]
        yield deepest
        yield from (node for node in holding if isinstance(node, ast.Lambda) and node is not deepest)
        if named and isinstance(deepest, ast.Lambda):  # what stands beside a lambda on its line
            yield max(named, key=lambda node: node.lineno)


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(one.lineno for one in decorators)])


def _is_cached(node: ast.AST) -> bool:
    return any("cache" in ast.dump(one) for one in getattr(node, "decorator_list", ()))
