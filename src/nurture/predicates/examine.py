"""The reading of a predicate that explains: each clause, its answer, what it saw, when it flips. May import the tree.

Slow on purpose (every clause is asked by itself) and meant for one subject at a time. Each answer is
`match`'s own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from nurture.model import Value
from nurture.model.decay import value_at
from nurture.predicates._loops import compile_selects
from nurture.predicates.describe import describe
from nurture.predicates.flip import compile_flip
from nurture.predicates.match import compile_match
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import All, AnyOf, Compare, InSegment, InStage, Owner, Predicate, Score, TimeInStage

if TYPE_CHECKING:
    from nurture.model import Sight
    from nurture.predicates.names import Names


@attrs.frozen(slots=True, kw_only=True)
class Clause:
    """One clause of a predicate, as it answers of one subject at one moment.

    Attributes:
        node: The clause itself.
        answer: Whether it holds.
        decides: Whether the answer of the whole rests on it: of a false `&` its false parts, of a true one
            all; of a true `|` its true parts, of a false one all.
        saw: What it looked at: a count, a score, a stage, seconds in the stage, a field's value, or for
            `last` the instant of the newest fact; None when there was nothing, and for `&`, `|`, `~`.
        personal: Whether `saw` may be personal data (the value of a field); never put such into a log.
        flip_at: When its answer can change by itself; None for never.
        parts: The clauses inside it; of a segment, the one clause that is its predicate.
    """

    node: Predicate
    answer: bool
    decides: bool
    saw: Value = None
    personal: bool = False
    flip_at: datetime | None = None
    parts: tuple[Clause, ...] = ()

    @property
    def sentence(self) -> str:
        """The clause in English."""
        return describe(self.node)

    def said(self, lang: str) -> str:
        """The clause in a language: `en` or `ja`."""
        return describe(self.node, lang)

    def leaves(self) -> Iterable[Clause]:
        """The clauses that have no clause inside, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def examine(predicate: Predicate, sight: Sight, now: datetime, names: Names) -> Clause:
    """Take the predicate apart, and say of each clause what it answers, and why.

    Args:
        predicate: The question.
        sight: What is seen of the subject.
        now: The moment asked about.
        names: What the names in the predicate mean.

    Returns:
        The clause tree; its root has the answer of the whole.
    """
    return _Examiner(sight, now, names).clause(predicate, decides=True)


class _Examiner:
    def __init__(self, sight: Sight, now: datetime, names: Names) -> None:
        self._sight = sight
        self._now = now
        self._names = names

    def clause(self, node: Predicate, *, decides: bool) -> Clause:
        answer = self._answer(node)
        inside = self._inside(node)
        return Clause(
            node=node,
            answer=answer,
            decides=decides,
            saw=self._saw(node),
            personal=isinstance(node, Compare) and node.field.owner is not Owner.PROP,
            flip_at=compile_flip(node, self._names)(self._sight, self._now),
            parts=tuple(self.clause(part, decides=decides and self._rests_on(node, answer, part)) for part in inside),
        )

    def _rests_on(self, node: Predicate, answer: bool, part: Predicate) -> bool:
        return not isinstance(node, (All, AnyOf)) or self._answer(part) is answer

    def _answer(self, node: Predicate) -> bool:
        return compile_match(node, self._names)(self._sight, self._now)

    def _inside(self, node: Predicate) -> tuple[Predicate, ...]:
        if isinstance(node, InSegment):
            return (self._names.segments[node.name],)
        return () if isinstance(node, Touched) else node.children()

    def _saw(self, node: Predicate) -> Value:
        sight = self._sight
        if isinstance(node, Compare):
            return (sight.lead if node.field.owner is Owner.LEAD else sight.account).get(node.field.name)
        if isinstance(node, Score):
            return value_at(sight.scores.get(node.model), self._names.scales[node.model], self._now)
        if isinstance(node, InStage):
            return sight.stage
        if isinstance(node, TimeInStage):
            return None if sight.stage_since is None else (self._now - sight.stage_since).total_seconds()
        return self._saw_of_facts(node) if isinstance(node, Touched) else None

    def _saw_of_facts(self, node: Touched) -> Value:
        touches = self._sight.touches
        lists = touches.values() if node.kind is None else [touches.get(node.kind, [])]
        selects = compile_selects(node)
        chosen = [
            fact.at
            for facts in lists
            for fact in facts
            if fact.at <= self._now and (node.window is None or fact.at > self._now - node.window) and selects(fact)
        ]
        return len(chosen) if node.quantifier is Quantifier.COUNT else max(chosen, default=None)
