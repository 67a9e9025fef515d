"""Writes a clause about facts as a loop that leaves early, newest fact first. May import the tree.

Facts of one kind stand in one list ordered by `(at, id)`. So the n-th newest tells at once whether n
facts can lie in the window, before anything is looked at more closely.

What a run began with is read of the sight where the loop stands inline; a test of one fact is given it besides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, cast

from nurture.model import EMPTY
from nurture.predicates.answering.leaf import shifted
from nurture.predicates.answering.source import Source
from nurture.predicates.comparisons import value_test
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import Field, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from nurture.model import Touchpoint, Value
    from nurture.predicates.tree import Predicate


class FactTest(Protocol):
    """A question about one fact, and about what the run at hand began with, if there is one."""

    def __call__(self, fact: Touchpoint, /, entry: Mapping[str, Value] = EMPTY) -> bool:
        """The answer."""
        ...


_AT = attrgetter("at")
_FEW = 4  # so many newest facts are looked at without a loop


def visible(facts: Sequence[Touchpoint], now: datetime) -> Sequence[Touchpoint]:
    """The facts that had happened by `now`, of a list ordered by `at`."""
    return facts[: bisect_right(facts, now, key=_AT)]


def write_touched(node: Touched, source: Source, yes: str, no: str) -> None:
    """Write statements that return `yes` when the clause holds of `s` at `now`, and `no` otherwise."""
    if node.quantifier is Quantifier.LAST:
        _write_last(node, source, yes, no)
        return
    op, n = node.op, int(node.n)
    if op in ("lt", "le", "ne"):
        op, yes, no = {"lt": "ge", "le": "gt", "ne": "eq"}[op], no, yes
    if op == "eq" and n == 0:
        op, n, yes, no = "ge", 1, no, yes
    if op == "gt":
        op, n = "ge", n + 1
    if op == "eq":
        _write_exactly(node, n, source, yes, no)
    elif n == 0:
        source.line(f"return {yes}")
    else:
        _write_at_least(node, n, source, yes, no)


def _write_at_least(node: Touched, n: int, source: Source, yes: str, no: str) -> None:
    line = source.line
    skips = skip_tests(node, source)
    if node.kind is not None:
        _write_list(node, n, source, no)
        if node.window is not None:
            _write_since(node.window, source)
            with source.block(f"if facts[-{n}].at <= since:"):
                line(f"return {no}")
        if not skips:
            line(f"return {yes}")
            return
        if n <= _FEW and skips == ["fact.suspect"]:
            suspect = " or ".join(f"facts[-{place}].suspect" for place in range(1, n + 1))
            with source.block(f"if not ({suspect}):"):
                line(f"return {yes}")
    elif node.window is not None:
        _write_since(node.window, source)
    line("count = 0")
    with _Each(node, source, skips):
        line("count += 1")
        with source.block(f"if count == {n}:"):
            line(f"return {yes}")
    line(f"return {no}")


def _write_exactly(node: Touched, n: int, source: Source, yes: str, no: str) -> None:
    line = source.line
    if node.kind is not None:
        _write_list(node, n, source, no)
    if node.window is not None:
        _write_since(node.window, source)
    line("count = 0")
    with _Each(node, source, skip_tests(node, source)):
        line("count += 1")
        with source.block(f"if count > {n}:"):
            line(f"return {no}")
    line(f"return {yes} if count == {n} else {no}")


def _write_last(node: Touched, source: Source, yes: str, no: str) -> None:
    line = source.line
    assert node.single_where is not None  # noqa: S101  # the node checks it
    condition = fact_test(node.single_where, source)
    if node.kind is not None:
        _write_list(node, 1, source, no)
    else:
        line("newest = None")
    if node.window is not None:
        _write_since(node.window, source)
    with _Each(node, source, skip_tests(node, source)):
        if node.kind is not None:
            line(f"return {yes} if {condition} else {no}")
        else:
            with source.block("if newest is None or (fact.at, fact.id) > (newest.at, newest.id):"):
                line("newest = fact")
            line("break")
    if node.kind is None:
        with source.block("if newest is None:"):
            line(f"return {no}")
        line("fact = newest")
        line(f"return {yes} if {condition} else {no}")
    else:
        line(f"return {no}")


def _write_list(node: Touched, n: int, source: Source, no: str) -> None:
    """Write what leaves in `facts` the visible ones of the kind, and returns `no` when they are fewer than n."""
    few = "not facts" if n == 1 else f"facts is None or len(facts) < {n}"
    source.line(f"facts = s.touches.get({source.bind(node.kind)})")
    with source.block(f"if {few}:"):
        source.line(f"return {no}")
    with source.block("if facts[-1].at > now:"):
        source.line(f"facts = {source.bind(visible)}(facts, now)")
        with source.block(f"if len(facts) < {n}:"):
            source.line(f"return {no}")


def _write_since(window: timedelta, source: Source) -> None:
    """Write what leaves in `since` where the window begins."""
    memo = source.bind(_Since(window))
    source.line(f"m = {memo}.last")
    with source.block("if m[0] is not now:"):
        source.line(f"m = {memo}.at(now)")
    source.line("since = m[1]")


class _Since:
    """Where a window begins, remembered for the last `now` that was asked: batches are asked about one moment."""

    __slots__ = ("_window", "last")

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self.last: tuple[datetime | None, datetime | None] = (None, None)

    def at(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """The moment and where its window begins; one tuple, so threads may share it."""
        since = shifted(now.astimezone(UTC), -self._window) or datetime.min.replace(tzinfo=UTC)
        self.last = made = (now, since)
        return made


class _Each:
    """Writes the loop over the selected facts, newest first within a kind; the body comes inside `with`."""

    def __init__(self, node: Touched, source: Source, skips: list[str]) -> None:
        self._blocks = [source.block("for fact in reversed(facts):")]
        if node.kind is None:
            self._blocks.insert(0, source.block("for facts in s.touches.values():"))
        self._node, self._source, self._skips = node, source, skips

    def __enter__(self) -> None:
        for block in self._blocks:
            block.__enter__()
        if self._node.kind is None:
            self._skip("fact.at > now", "continue")
        if self._node.window is not None:
            self._skip("fact.at <= since", "break")
        if self._skips:
            self._skip(" or ".join(self._skips), "continue")

    def __exit__(self, *error: object) -> None:
        for block in reversed(self._blocks):
            block.__exit__(None, None, None)

    def _skip(self, test: str, how: str) -> None:
        with self._source.block(f"if {test}:"):
            self._source.line(how)


def skip_tests(node: Touched, source: Source, entry: str = "s.entry") -> list[str]:
    """Expressions, each true of a fact that the clause does not select; kind and window aside."""
    tests = [] if node.suspect else ["fact.suspect"]
    if node.seen_origin is not None:
        tests.append(f"fact.origin is not {source.bind(node.seen_origin)}")
    if node.channel is not None:
        tests.append(f"fact.channel != {source.bind(node.channel)}")
    if node.campaign is not None:
        tests.append(f"fact.campaign != {source.bind(node.campaign)}")
    if node.having is not None:
        tests.append(f"not {fact_test(node.having, source, entry)}")
    return tests


def fact_test(node: Predicate, source: Source, entry: str = "s.entry") -> str:
    """An expression for a condition on the properties of `fact`; `entry` is where the values of the entry are."""

    def reads(field: Field) -> str:
        of = entry if field.owner is Owner.ENTRY else "fact.properties"
        return f"{of}.get({source.bind(field.name)})"

    return value_test(node, reads, source)


def compile_condition(condition: Predicate | None) -> FactTest:
    """Whether a fact's properties satisfy a condition; None is satisfied by all."""
    source = Source()
    test = "True" if condition is None else fact_test(condition, source, "entry")
    return compiled_test(test, source)


def compile_selects(node: Touched) -> FactTest:
    """Whether the clause selects a fact of its kind, the window aside."""
    source = Source()
    tests = skip_tests(node, source, "entry")
    return compiled_test(f"not ({' or '.join(tests)})" if tests else "True", source)


def compiled_test(test: str, source: Source) -> FactTest:
    """The function of an expression about `fact` and `entry`."""
    with source.function(f"def answer(fact, entry={source.bind(EMPTY)}):"):
        source.line(f"return {test}")
    return cast("FactTest", source.compiled("answer"))
