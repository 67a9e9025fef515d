"""Nothing in the pure rooms reads a clock, draws by chance or opens a file.

The import contract forbids whole modules. This test reads the syntax trees and finds what comes through
modules that are allowed: `datetime.now`, `date.today`, the built-in `open`, and the like.
"""

import ast
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

PURE_ROOMS = ("errors", "model", "calendar", "predicates", "steps", "program", "decisions", "ports")

IMPURE_CALLS = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "datetime.date.today",
        "dateutil.utils.today",
        "email.utils.localtime",
        "email.utils.make_msgid",
        "importlib.import_module",
    }
)
IMPURE_BUILTINS = frozenset({"__import__", "breakpoint", "input", "open", "print"})
IMPURE_MODULES = frozenset({"os", "random", "secrets", "time", "uuid"})

# Strings hash differently in every process: a key or a split made of `hash` would not be stable.
HASH = "hash"


def bound_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for, wherever in the file it is imported."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.expr, names: Mapping[str, str]) -> str:
    """The full name of `a.b.c` with imported names resolved, or "" when it is no plain name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


def is_impure(name: str, names: Mapping[str, str]) -> bool:
    root = name.partition(".")[0]
    return name in IMPURE_CALLS or (root in IMPURE_MODULES and root in {n.partition(".")[0] for n in names.values()})


def impure_builtins(tree: ast.Module) -> Iterator[ast.Name]:
    """Uses of an impure built-in. A parameter or a variable of the same name is none."""
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    hashing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__hash__"
        for inner in ast.walk(node)
    }
    impure = (IMPURE_BUILTINS | {HASH}) - own
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in impure and not (node.id == HASH and node in hashing):
            yield node


@cache
def violations(source: str) -> tuple[tuple[int, str], ...]:
    """Lines of `source` that are not pure, each with the name that makes them so; read once for each text."""
    return tuple(_violations(source))


def _violations(source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    names = bound_names(tree)
    yield from ((node.lineno, node.id) for node in impure_builtins(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from ((node.lineno, name) for name in origin if name.partition(".")[0] in IMPURE_MODULES)
        elif isinstance(node, ast.Attribute | ast.Name):
            name = dotted(node, names)
            if is_impure(name, names):
                yield node.lineno, name


def impure_lines(sources: Path) -> list[str]:
    found: list[str] = []
    for room in PURE_ROOMS:
        for file in (*(sources / room).rglob("*.py"), *sources.glob(f"{room}.py")):
            for line, name in violations(file.read_text(encoding="utf-8")):
                found.append(f"{file.relative_to(sources)}:{line}: {name}")
    return found


def test_the_pure_rooms_are_pure(checkout: Path) -> None:
    assert impure_lines(checkout / "src" / "nurture") == []


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import datetime\nx = datetime.now()",
        "from datetime import UTC, datetime as moment\nx = moment.now(UTC)",
        "import datetime as dt\nx = dt.datetime.utcnow()",
        "import datetime\nx = datetime.date.today()",
        "from datetime import date\nclock = date.today",
        "import time\nx = time.time()",
        "from time import monotonic as tick\nx = tick()",
        "def f():\n    import random\n    return random.random()",
        "from uuid import uuid4\nx = uuid4()",
        "import secrets\nx = secrets.token_hex()",
        "from os import environ\nx = environ['HOME']",
        "with open('f') as f: pass",
        "from importlib import import_module\nx = import_module('random')",
        "key = hash('a')",
        "class Name:\n    def __hash__(self): return hash(self.value)\n    def key(self): return hash(self.value)",
    ],
)
def test_a_planted_violation_is_caught(checkout: Path, tmp_path: Path, planted: str) -> None:
    sources = tmp_path / "nurture"
    shutil.copytree(checkout / "src" / "nurture", sources, ignore=shutil.ignore_patterns("__pycache__"))
    (sources / "decisions").mkdir(exist_ok=True)
    (sources / "decisions" / "planted.py").write_text(planted, encoding="utf-8")
    assert any(line.startswith("decisions/planted.py:") for line in impure_lines(sources))


@pytest.mark.parametrize(
    "innocent",
    [
        "def decide(now): return now",
        "from datetime import datetime, time\nx = datetime(2026, 1, 1)\ny = time(9, 30)",
        "class Store:\n    def now(self): ...\n\ndef f(store, time): return store.now(), time.hour",
        "def is_open(open, days): return days in open",
        "class Name:\n    def __hash__(self): return hash(self.value)",
    ],
)
def test_innocent_code_passes(innocent: str) -> None:
    assert list(violations(innocent)) == []
