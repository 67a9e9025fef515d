"""The hardened Jinja environment: what a template may say is an explicit list. Imports filters and the budget.

Jinja's immutable sandbox stops access to internals but not bombs (`'a'.ljust(10**8)`, doubling with
`{% set %}`, loops that print nothing). So the syntax tree is checked against a list of node types before
it is compiled: no calls, no macros, no includes, no blocks, no dictionaries, literals as subscripts only.
What is left is bounded: joined text and products in size, loops and work on text by a budget for each mail.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from nurture.mail._budget import budget_in, paid, pay_for
from nurture.mail.filters import FILTERS, TESTS, TemplateRefusedError, concatenated

MOST_NODES: Final = 5_000
"""A template's syntax tree has at most so many nodes."""

_BIGGEST: Final = 2**63
_BINARY = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod)
_ALLOWED: Final = frozenset(
    {
        *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem),
        *(nodes.Slice, nodes.Filter, nodes.Test, nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not),
        *(nodes.Compare, nodes.Operand, nodes.Concat, nodes.For, nodes.Assign, nodes.Neg, nodes.Pos, nodes.Keyword),
        *(nodes.List, nodes.Tuple, *_BINARY),
    }
)
_HINTS: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Call: "nothing can be called; use a filter, such as {{ lead|honorific }}",
    nodes.Dict: "there are no dictionaries",
    nodes.Pow: "there are no powers",
}
_LOOP: Final = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"})
_CALENDAR: Final = frozenset({"year", "month", "day", "hour", "minute"})
_ATTRIBUTES: Final[Mapping[type, frozenset[str]]] = {LoopContext: _LOOP, date: _CALENDAR, datetime: _CALENDAR}
_BUILTIN_GETATTR: Final[Callable[..., object]] = getattr


class HardenedEnvironment(ImmutableSandboxedEnvironment):
    """A Jinja environment for templates from people who are not fully trusted, and data from nobody in particular.

    Args:
        html: Whether what is put in is escaped.
    """

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, *, html: bool) -> None:
        super().__init__(
            autoescape=html,
            undefined=StrictUndefined,
            finalize=_printable,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=0,
            auto_reload=False,
        )
        self.globals.clear()
        self.filters = {**_PAID, _FILTER_LOOP: _loop, _FILTER_CONCAT: _joined}
        self.tests = dict(TESTS)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _harden(super()._parse(source, name, filename))

    def getattr(self, obj: object, attribute: str) -> object:
        """What `obj.attribute` means: the entry of a mapping, or a plain property of a loop or a date."""
        if isinstance(obj, dict):
            try:
                return cast("dict[str, object]", obj)[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        if isinstance(obj, Undefined):
            str(obj)  # raises: it is strict
        if attribute in _ATTRIBUTES.get(obj.__class__, ()):
            return _BUILTIN_GETATTR(obj, attribute)
        return self.unsafe_undefined(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """What `obj[argument]` means: the entry of a mapping, a list or a text, and never an attribute."""
        if isinstance(obj, (dict, tuple, list, str, Undefined)):
            try:
                return cast("Any", obj)[argument]
            except (LookupError, TypeError):
                pass
        return self.undefined(obj=obj, name=argument if isinstance(argument, str) else repr(argument))

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Nothing but what `getattr` lists; a second line should a path there be overlooked."""
        return attr in _ATTRIBUTES.get(obj.__class__, ())

    def is_safe_callable(self, obj: object) -> bool:
        """Nothing: templates call nothing."""
        return False

    def wrap_str_format(self, value: object) -> None:
        """`str.format` has no sandboxed form here: it is refused like any other method."""

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Do arithmetic within bounds: numbers of at most 64 bits, text only added."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            pay_for(context, left, right)
            return concatenated((left, right))
        for side in (left, right):
            if isinstance(side, Undefined):
                str(side)
            if not isinstance(side, (int, float)):
                raise TemplateRefusedError(
                    f"{operator} is for numbers" + (" or for two texts" if operator == "+" else "")
                )
        if operator not in _ARITHMETIC:
            raise TemplateRefusedError(f"{operator} is not allowed")
        result = _ARITHMETIC[operator](left, right)
        if isinstance(result, int) and not -_BIGGEST <= result < _BIGGEST:
            raise TemplateRefusedError(f"{operator} gave too big a number")
        return result


_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], object]]] = {
    "+": operator.add,
    "*": operator.mul,
    "%": operator.mod,
}
_TEXT_WORK: Final = frozenset("capitalize e escape join lower title trim truncate upper urlencode".split())
_PAID: Final = {name: paid(work) if name in _TEXT_WORK else work for name, work in FILTERS.items()}
_FILTER_LOOP: Final = " loop"
_FILTER_CONCAT: Final = " concat"
_joined: Final = paid(concatenated)


def _printable(value: object) -> object:
    """What may be printed: text, numbers, dates. `Dear None` and the insides of a list never are."""
    if isinstance(value, (str, int, float, date, Undefined)):
        return value
    if value is None:
        raise TemplateRefusedError("it prints an empty value; write {{ … or '…' }}")
    raise TemplateRefusedError("it prints something that is not text, a number or a date")


@pass_context
def _loop(context: Context, items: object, weight: int) -> tuple[object, ...]:
    """The items of a `for`, paid for in advance; `weight` is the number of nodes in its body."""
    if isinstance(items, Undefined):
        str(items)
    if not isinstance(items, (tuple, list)):
        raise TemplateRefusedError("for walks over lists only")
    walked = tuple(cast("tuple[object, ...]", items))
    budget_in(context).spend(weight * len(walked))
    return walked


def _harden(tree: nodes.Template) -> nodes.Template:
    """The tree with its loops and joined texts made to pay, if it says nothing that is not allowed."""
    for count, (node, parent) in enumerate(_walk(tree)):
        if count >= MOST_NODES:
            raise TemplateSyntaxError(f"a template has at most {MOST_NODES} parts", getattr(node, "lineno", 1) or 1)
        problem = _problem(node, parent)
        if problem:
            raise TemplateSyntaxError(problem, node.lineno or 1)
    return cast("nodes.Template", _Bounding().visit(tree))


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, nodes.Node]]:
    """Every node with its parent; without recursion, for trees can be deep."""
    waiting = [(tree, tree)]
    while waiting:
        node, parent = waiting.pop()
        yield node, parent
        waiting.extend((child, node) for child in node.iter_child_nodes())


def _problem(node: nodes.Node, parent: nodes.Node) -> str:
    """What is wrong with a node, or `""`."""
    kind = type(node)
    if kind not in _ALLOWED:
        return _HINTS.get(kind, f"{kind.__name__.lower()} is not allowed in a template")
    checks = _CHECKS.get(kind)
    return checks(node, parent) if checks else ""


def _check_list(node: nodes.Node, parent: nodes.Node) -> str:
    allowed = isinstance(parent, nodes.Operand) or (isinstance(parent, nodes.For) and parent.iter is node)
    return "" if allowed else "a list may stand only behind `in`"


def _check_for(node: nodes.Node, parent: nodes.Node) -> str:
    loop = cast("nodes.For", node)
    if loop.recursive:
        return "a loop cannot be recursive"
    return "" if isinstance(loop.target, nodes.Name) else "a loop has one variable"


def _check_assign(node: nodes.Node, parent: nodes.Node) -> str:
    return "" if isinstance(cast("nodes.Assign", node).target, nodes.Name) else "set names one variable"


def _check_getitem(node: nodes.Node, parent: nodes.Node) -> str:
    argument = cast("nodes.Getitem", node).arg
    parts = argument.iter_child_nodes() if isinstance(argument, nodes.Slice) else (argument,)
    return "" if all(_is_literal(part) for part in parts) else "a subscript is a literal, such as [0] or ['name']"


def _is_literal(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) or (isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const))


def _check_name(node: nodes.Node, parent: nodes.Node) -> str:
    name = cast("nodes.Name", node).name
    return f"{name} is not allowed in a template" if name in ("self", "caller", "varargs", "kwargs") else ""


def _check_spread(node: nodes.Node, parent: nodes.Node) -> str:
    given = cast("nodes.Filter | nodes.Test", node)
    return "arguments are given one by one" if given.dyn_args or given.dyn_kwargs else ""


_CHECKS: Final[Mapping[type[nodes.Node], Callable[[nodes.Node, nodes.Node], str]]] = {
    nodes.List: _check_list,
    nodes.Tuple: _check_list,
    nodes.For: _check_for,
    nodes.Assign: _check_assign,
    nodes.Getitem: _check_getitem,
    nodes.Name: _check_name,
    nodes.Filter: _check_spread,
    nodes.Test: _check_spread,
}


class _Bounding(NodeTransformer):
    """Puts what counts and bounds into the tree, as filters that no template can name."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        weight = 1 + sum(1 for _ in node.find_all(nodes.Node))
        self.generic_visit(node)
        node.iter = _filter(_FILTER_LOOP, cast("nodes.Expr", node.iter), [nodes.Const(weight, lineno=node.lineno)])
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:
        self.generic_visit(node)
        return _filter(_FILTER_CONCAT, nodes.List(node.nodes, lineno=node.lineno), [])


def _filter(name: str, node: nodes.Expr, arguments: list[nodes.Expr]) -> nodes.Filter:
    made = nodes.Filter(node, name, arguments, [], None, None, lineno=node.lineno)
    if node.environment is not None:
        made.set_environment(node.environment)
    return made
