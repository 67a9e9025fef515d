"""Small bugs, made one by one in the source of a reading: an end of a window, a sign. Imports nothing of ours.

A module is parsed, and each place where a mistake is likely gives one mutant: comparisons lose or gain their border
or say the opposite, `and` and `or` change places, `not` and `~` vanish, sums become differences, a table of dispatch
has two entries exchanged, a comparison is called by its neighbour's name. Templates of source and of SQL are text,
and are changed likewise. What only refuses bad input, or is there for types, is left alone.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATIONS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NEIGHBOURS = {
    "lt": "le", "le": "lt", "gt": "ge", "ge": "gt", "eq": "ne", "ne": "eq", "min": "max", "max": "min", "any": "all",
    "all": "any", "and_": "or_", "or_": "and_", "true": "false", "false": "true", "floor": "ceil", "ceil": "floor",
    "bisect_left": "bisect_right", "bisect_right": "bisect_left", "startswith": "endswith", "endswith": "startswith",
    "isdisjoint": "issuperset", "issubset": "issuperset", "MIN": "MAX", "MAX": "MIN", "FIRST": "LAST", "LAST": "FIRST",
    "SINCE_FIRST": "SINCE_LAST", "SINCE_LAST": "SINCE_FIRST",
}  # fmt: skip
"""Names that stand for something else when they are exchanged."""
_WORDS = {"lt": "le", "le": "lt", "gt": "ge", "ge": "gt", "eq": "ne", "ne": "eq"}
_TEMPLATE = re.compile(r"(?<![<>=!])(<=|>=|==|!=|<|>)(?![<>=])|\bis not\b|\band\b|\bor\b|\bnot (?!in\b)|\bIS NOT\b")
_INSTEAD = {
    "<=": "<", ">=": ">", "<": "<=", ">": ">=", "==": "!=", "!=": "==", "is not": "is", "and": "or", "or": "and",
    "not ": "", "IS NOT": "IS",
}  # fmt: skip

Change = Callable[[ast.AST], None]


@attrs.frozen
class Mutant:
    """One bug.

    Attributes:
        path: The module, below the folder of the source.
        line: Where.
        number: Which of the module's mutants.
        what: What was changed, with the line as it was.
    """

    path: str
    line: int
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} #{self.number} {self.what}"

    @property
    def key(self) -> str:
        """What it is known by though lines move: the module, the line's text and the change."""
        return f"{self.path} | {self.what}"


def mutants_of(source: Path, path: str) -> list[Mutant]:
    """The mutants of a module."""
    text = (source / path).read_text(encoding="utf-8")
    lines = text.splitlines()
    found: list[Mutant] = []
    for number, (line, what, _, _) in enumerate(_changes(ast.parse(text))):
        found.append(Mutant(path, line, number, f"{what}: {lines[line - 1].strip()}"))
    return found


def mutated(source: Path, mutant: Mutant) -> ast.Module:
    """The module with the bug in it."""
    tree = ast.parse((source / mutant.path).read_text(encoding="utf-8"))
    for number, (_, _, node, change) in enumerate(_changes(tree)):
        if number == mutant.number:
            change(node)
            return ast.fix_missing_locations(tree)
    raise AssertionError(f"there is no mutant {mutant}")


def _changes(tree: ast.Module) -> Iterator[tuple[int, str, ast.AST, Change]]:
    for node in _where_bugs_live(tree):
        for what, change in _of(node):
            yield getattr(node, "lineno", 1), what, node, change


def _where_bugs_live(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module in order, without types, docstrings, refusals and what is said in errors."""
    rest: list[ast.AST] = [tree]
    while rest:
        node = rest.pop()
        yield node
        rest.extend(reversed([child for child in _children(node) if not _is_left_alone(child)]))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        if isinstance(node, ast.If) and name == "test" and _only_refuses(node):
            continue
        if isinstance(value, ast.AST):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, ast.AST))


def _only_refuses(node: ast.If) -> bool:
    return all(isinstance(one, (ast.Raise, ast.Continue)) for one in node.body) and isinstance(node.body[-1], ast.Raise)


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, (ast.Raise, ast.Assert, ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    target = (
        node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
    )
    if isinstance(target, ast.Name) and target.id in ("__all__", "T", "W"):
        return True
    return isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.dump(node.annotation)


def _of(node: ast.AST) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BoolOp():
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield f"{_name(node.op)} for {_name(other())}", _setting("op", other())
        case ast.UnaryOp(op=ast.Not()) | ast.UnaryOp(op=ast.Invert()):
            yield "not dropped", _dropping
        case ast.BinOp() if type(node.op) in _OPERATIONS and not _is_text(node):
            instead = _OPERATIONS[type(node.op)]()
            yield f"{_name(node.op)} for {_name(instead)}", _setting("op", instead)
        case ast.IfExp():
            yield "sides exchanged", _exchanging
        case ast.Constant(value=bool()):
            yield f"{node.value} for {not node.value}", _setting("value", not node.value)
        case ast.Constant(value=str()) if node.value in _WORDS:
            yield f"{node.value} for {_WORDS[node.value]}", _setting("value", _WORDS[node.value])
        case ast.Constant(value=str()):
            yield from _in_template(node.value)
        case ast.Name() if node.id in _NEIGHBOURS and isinstance(node.ctx, ast.Load):
            yield f"{node.id} for {_NEIGHBOURS[node.id]}", _setting("id", _NEIGHBOURS[node.id])
        case ast.Attribute() if node.attr in _NEIGHBOURS and isinstance(node.ctx, ast.Load):
            yield f"{node.attr} for {_NEIGHBOURS[node.attr]}", _setting("attr", _NEIGHBOURS[node.attr])
        case ast.Dict():
            for place in range(len(node.values) - 1):
                if None not in node.keys[place : place + 2] and _differ(node.values[place], node.values[place + 1]):
                    yield f"entries {place} and {place + 1} exchanged", _swapping(place)


def _compared(node: ast.Compare) -> Iterator[tuple[str, Change]]:
    for place, op in enumerate(node.ops):
        instead = _COMPARISONS[type(op)]
        yield f"{_name(op)} for {_name(instead())}", _comparing(place, instead)


def _in_template(text: str) -> Iterator[tuple[str, Change]]:
    if " " not in text or len(text) > 400:
        return
    for found in _TEMPLATE.finditer(text):
        instead = _INSTEAD[found.group()]
        new = text[: found.start()] + instead + text[found.end() :]
        yield f"{found.group().strip()!r} for {instead!r} at {found.start()}", _setting("value", new)


def _name(node: ast.AST) -> str:
    return type(node).__name__


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, (ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict)) for side in (node.left, node.right)
    )


def _differ(one: ast.expr, other: ast.expr) -> bool:
    return ast.dump(one) != ast.dump(other)


def _setting(field: str, value: object) -> Change:
    return lambda node: setattr(node, field, value)


def _comparing(place: int, instead: type[ast.cmpop]) -> Change:
    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.Compare)
        node.ops[place] = instead()

    return change


def _swapping(place: int) -> Change:
    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.Dict)
        node.values[place], node.values[place + 1] = node.values[place + 1], node.values[place]

    return change


def _exchanging(node: ast.AST) -> None:
    assert isinstance(node, ast.IfExp)
    node.body, node.orelse = node.orelse, node.body


def _dropping(node: ast.AST) -> None:
    """`not x` becomes `x or False`, in place: a node cannot take itself away."""
    assert isinstance(node, ast.UnaryOp)
    operand = copy.deepcopy(node.operand)
    if isinstance(node.op, ast.Not):
        node.operand = ast.UnaryOp(op=ast.Not(), operand=operand)
    else:
        node.operand = ast.UnaryOp(op=ast.Invert(), operand=operand)
