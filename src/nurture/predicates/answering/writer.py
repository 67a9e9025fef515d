"""Writes a predicate as Python functions. May import the tree and `nurture.model`.

Every body ends in `return`. Cheap tests come before dear ones, since `&` and `|` do not care about
order; a clause about facts becomes a loop (see `answering.loops`), inline where it comes last.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ldexp
from typing import TYPE_CHECKING, TypeAlias

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model.decay import Scale, grid, value_at
from nurture.predicates.answering.leaves import leaf_of
from nurture.predicates.answering.loops import write_touched
from nurture.predicates.comparisons import compare_test, order_test, quantum
from nurture.predicates.lower import lowered
from nurture.predicates.names import Names, depth_of
from nurture.predicates.standing import InSegment, InStage, Score, TimeInStage
from nurture.predicates.touches import Touched
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Field, Not, Owner, Predicate

if TYPE_CHECKING:
    from nurture.predicates.answering.source import Source

Faded: TypeAlias = tuple[datetime | None, int, float]
_SYMBOLS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_DEEPEST = 64  # Python's own parser gives up at about 90 brackets
_READS = {Owner.LEAD: "s.lead.get({})", Owner.ACCOUNT: "s.account.get({})", Owner.ENTRY: "s.entry.get({})"}


class Writer:
    """Writes functions of `(s, now)`, a sight and an instant."""

    def __init__(self, names: Names, source: Source) -> None:
        self._names = names
        self._source = source
        self._segments: dict[str, str] = {}
        self._path: list[str] = []

    def function(self, predicate: Predicate, prefix: str) -> str:
        """Write a function that answers the predicate; give its name."""
        if (depth := depth_of(predicate)) > _DEEPEST:
            raise DefinitionError(f"a predicate is nested {depth} deep; at most {_DEEPEST} can be compiled")
        name = self._source.fresh(prefix)
        with self._source.function(f"def {name}(s, now):"):
            self._body(lowered(predicate, self._names), "True", "False")
        return name

    # -- statements -------------------------------------------------------------------------------

    def _body(self, node: Predicate, yes: str, no: str) -> None:
        """Write statements that return `yes` or `no`."""
        if isinstance(node, Not):
            self._body(node.part, no, yes)
        elif isinstance(node, All) and node.parts:
            self._row(node.parts, yes, no, leave_when=False)
        elif isinstance(node, AnyOf) and node.parts:
            self._row(node.parts, yes, no, leave_when=True)
        elif isinstance(node, Touched) and self._leaf(node) is None:
            write_touched(node, self._source, yes, no)
        else:
            test = self._test(node)
            self._source.line(f"return {yes} if {test} else {no}")

    def _row(self, parts: tuple[Predicate, ...], yes: str, no: str, *, leave_when: bool) -> None:
        """Write parts joined by `|` (leave when one is true) or by `&` (leave when one is false)."""
        ordered = sorted(parts, key=_cost)
        out = yes if leave_when else no
        for part in ordered[:-1]:
            test = self._test(part)
            with self._source.block(f"if {test}:" if leave_when else f"if not ({test}):"):
                self._source.line(f"return {out}")
        self._body(ordered[-1], yes, no)

    def _test(self, node: Predicate) -> str:
        """An expression for the node, after the statements it needs."""
        if isinstance(node, Score):
            return order_test(self._read(node.model), node.op, quantum(node.value), self._source)
        if isinstance(node, Not) and isinstance(node.part, Score):
            return f"not ({self._test(node.part)})"
        return self._expression(node)

    def _read(self, model: str) -> str:
        """Write what reads a score; give the name of its value."""
        scale = self._names.scales.get(model)
        if scale is None:
            raise UnknownNameError("score model", model, self._names.scales)
        write_score(model, scale, self._source)
        return "y"

    # -- expressions ------------------------------------------------------------------------------

    def _expression(self, node: Predicate) -> str:
        if isinstance(node, Compare):
            return compare_test(node, self._field, self._source)
        if isinstance(node, (All, AnyOf)):
            return joined(node, self._expression)
        if isinstance(node, Not):
            return f"(not {self._expression(node.part)})"
        if isinstance(node, InSegment):
            return f"{self._segment(node.name)}(s, now)"
        leaf = self._leaf(node)
        if leaf is not None:
            return leaf
        if isinstance(node, (Touched, Score)):
            return f"{self._helper(node)}(s, now)"
        return self._expression_about_stage(node)

    def _field(self, field: Field) -> str:
        """The expression that reads a field."""
        read = _READS.get(field.owner)
        if read is None:
            raise DefinitionError(f"{field} is asked outside q.touches(...).where(...)")
        return read.format(self._source.bind(field.name))

    def _expression_about_stage(self, node: Predicate) -> str:
        if isinstance(node, InStage):
            return f"s.stage in {self._source.bind(node.names)}"
        if isinstance(node, TimeInStage):
            length = f"now - s.stage_since {_SYMBOLS[node.op]} {self._source.bind(node.length)}"
            return f"(s.stage_since is not None and {length})"
        if isinstance(node, Everyone):
            return "True"
        raise DefinitionError(f"expected a node of a predicate, found {type(node).__name__}")

    def _leaf(self, node: Predicate) -> str | None:
        """The call of a leaf that answers by a function of its own."""
        leaf = leaf_of(node, self._names)
        return None if leaf is None else f"{self._source.bind(leaf.holds)}(s, now)"

    def _helper(self, node: Touched | Score) -> str:
        name = self._source.fresh("f")
        with self._source.function(f"def {name}(s, now):"):
            self._body(node, "True", "False")
        return name

    def _segment(self, name: str) -> str:
        """Write the segment's own function, once however often it is named."""
        if name in self._path:
            circle = " → ".join([*self._path[self._path.index(name) :], name])
            raise DefinitionError(f"segments go in a circle: {circle}")
        if name not in self._segments:
            meaning = self._names.segments.get(name)
            if meaning is None:
                raise UnknownNameError("segment", name, self._names.segments)
            self._path.append(name)
            self._segments[name] = self.function(meaning, "s")
            self._path.pop()
        return self._segments[name]


def joined(node: All | AnyOf, each: Callable[[Predicate], str]) -> str:
    """The parts joined by `and` or `or`, cheap ones first."""
    word, none = (" and ", "True") if isinstance(node, All) else (" or ", "False")
    return f"({word.join(each(part) for part in sorted(node.parts, key=_cost))})" if node.parts else none


def _cost(node: Predicate) -> int:
    if isinstance(node, (All, AnyOf, Not)):
        return max((_cost(part) for part in node.children()), default=0)
    return 4 if isinstance(node, Touched) else 3 if isinstance(node, InSegment) else 2 if isinstance(node, Score) else 1


def write_score(model: str, scale: Scale, source: Source) -> None:
    """Write statements that leave in `y` what `value_at` gives for the model, bit for bit.

    A state without capped rules is read here; the powers of two that depend on `now` alone are kept
    from call to call, since whole batches are asked about the same moment.
    """
    line, bind = source.line, source.bind
    line(f"x = s.scores.get({bind(model)})")
    with source.block("if x is None or x.kept:"):
        line(f"y = {bind(value_at)}(x, {bind(scale)}, now)")
    with source.block("else:"):
        line("y = x.partials")
        if scale.half_life is None:
            line("y = (y[0] if y else 0.0) + x.constant")
        else:
            memo = bind(_Fading(scale.half_life))
            line(f"m = {memo}.last")
            with source.block("if m[0] is not now:"):
                line(f"m = {memo}.at(now)")
            with source.block("try:"):  # which costs nothing until it is needed
                line(f"y = ({bind(ldexp)}(y[0] * m[2], x.landmark - m[1]) if y else 0.0) + x.constant")
            with source.block("except OverflowError:"):
                line(f"y = {bind(value_at)}(x, {bind(scale)}, now)")
        for limit, sign in ((scale.floor, "<"), (scale.ceiling, ">")):
            if limit is not None:
                with source.block(f"if y {sign} {bind(limit)}:"):
                    line(f"y = {bind(limit)}")


class _Fading:
    """What reading a fading score needs of `now`, remembered for the last `now` that was asked."""

    __slots__ = ("_half_life", "last")

    def __init__(self, half_life: timedelta) -> None:
        self._half_life = half_life
        self.last: Faded = (None, 0, 1.0)

    def at(self, now: datetime) -> Faded:
        """The whole half-lives at `now`, and the factor for what is left; one tuple, so threads may share it."""
        whole, fraction = grid(now, self._half_life)
        self.last = made = (now, whole, 2.0**-fraction)
        return made
