"""The reading of a predicate that explains: each clause, its answer, what it saw, when it flips. May import the tree.

Slow on purpose (every clause is asked by itself) and meant for one subject at a time. The answer of each clause
that joins no others is `match`'s own; each is asked once, and so is each segment, however often it is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from nurture.model import SubjectKind, Value
from nurture.predicates.dates import Held
from nurture.predicates.describe import describe
from nurture.predicates.explaining.saw import against, is_personal, saw
from nurture.predicates.explaining.seen import seen
from nurture.predicates.flip import compile_flip, joint_flip
from nurture.predicates.match import compile_match
from nurture.predicates.people import OfAccount
from nurture.predicates.standing import InSegment
from nurture.predicates.tree import All, AnyOf, Everyone, Not, Predicate

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
        saw: What it looked at: the value of a field; a count, sum or other amount; an age in years; a score, a
            grade, a stage; seconds since or until, or for which something has lasted or held; what was said of
            consent, or `expired`; the states of runs; the place in percent of a bucket; how many people; whether
            the account said yes; of a trend the count now and the one before; of a first or last fact, and of
            what begins a sequence, the instant. None when there was nothing, and for `&`, `|`, `~`, segments.
        against: Of a comparison of two fields, the value of the other one, as it is.
        personal: Whether `saw` may be personal data: a field's value, or what tells it; never put it into a log.
        flip_at: When its answer can change by itself; None for never.
        parts: The clauses inside it; of a segment, the one clause that is its predicate. What is asked of each
            fact, of each person, or by a lead of its account is answered elsewhere, and is none of them. A segment
            that is named again is not taken apart again, unless the answer rests on it only there.
    """

    node: Predicate
    answer: bool
    decides: bool
    saw: Value = None
    against: Value = None
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
        """The clauses that have no clause inside, in order; a segment that was taken apart before is left out."""
        if not self.parts and not isinstance(self.node, InSegment):
            yield self
        for part in self.parts:
            yield from part.leaves()

    def seen(self, lang: str = "en") -> str:
        """What it saw, in words; empty for a clause that looks at nothing itself. May be personal, as `saw` is."""
        if self.parts or isinstance(self.node, (All, AnyOf, Everyone, InSegment)):
            return ""
        return seen(self.node, self.saw, self.against, lang)

    def _repr_html_(self) -> str:
        from nurture.predicates.display import clause_html

        return clause_html(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": f"{self.sentence} → {'yes' if self.answer else 'no'}", "text/html": self._repr_html_()}


def examine(predicate: Predicate, sight: Sight, now: datetime, names: Names) -> Clause:
    """Take the predicate apart, and say of each clause what it answers, and why.

    Args:
        predicate: The question.
        sight: What is seen of the subject.
        now: The moment asked about.
        names: What the names in the predicate mean.

    Returns:
        The clause tree; its root has the answer of the whole.

    Raises:
        DefinitionError: It names an unknown segment or score, or segments go in a circle.
    """
    compile_match(predicate, names)  # refuses what cannot be asked
    return _Examiner(sight, now, names).clause(predicate, decides=True)


class _Examiner:
    """Remembers by identity what each node answered: nodes live as long as the predicate and the names."""

    def __init__(self, sight: Sight, now: datetime, names: Names) -> None:
        self._sight = sight
        self._now = now
        self._names = names
        self._answers: dict[int, bool] = {}
        self._flips: dict[int, datetime | None] = {}
        self._told: set[tuple[str, bool]] = set()

    def clause(self, node: Predicate, *, decides: bool) -> Clause:
        answer = self._answer(node)
        inside = () if self._is_told(node, decides=decides) else self._inside(node)
        return Clause(
            node=node,
            answer=answer,
            decides=decides,
            saw=saw(node, self._sight, self._now, self._names),
            against=against(node, self._sight),
            personal=is_personal(node),
            flip_at=self._flip(node),
            parts=tuple(self.clause(part, decides=decides and self._rests_on(node, answer, part)) for part in inside),
        )

    def _is_told(self, node: Predicate, *, decides: bool) -> bool:
        """Whether it is a segment that was taken apart before, with as much resting on it."""
        if not isinstance(node, InSegment):
            return False
        known = (node.name, decides) in self._told
        self._told.add((node.name, decides))
        return known

    def _rests_on(self, node: Predicate, answer: bool, part: Predicate) -> bool:
        return not isinstance(node, (All, AnyOf)) or self._answer(part) is answer

    def _answer(self, node: Predicate) -> bool:
        key = id(node)
        if key not in self._answers:
            self._answers[key] = self._asked(node)
        return self._answers[key]

    def _asked(self, node: Predicate) -> bool:
        if isinstance(node, Held):
            return compile_match(node, self._names)(self._sight, self._now)
        inside = [self._answer(part) for part in self._inside(node)]
        if isinstance(node, All):
            return all(inside)
        if isinstance(node, AnyOf):
            return any(inside)
        if inside:
            return inside[0] is not isinstance(node, Not)
        return compile_match(node, self._names)(self._sight, self._now)

    def _flip(self, node: Predicate) -> datetime | None:
        key = id(node)
        if key not in self._flips:
            self._flips[key] = self._turns(node)
        return self._flips[key]

    def _turns(self, node: Predicate) -> datetime | None:
        inside = () if isinstance(node, Held) else self._inside(node)
        if isinstance(node, (All, AnyOf)):
            rests = isinstance(node, AnyOf)
            holding = [part for part in inside if self._answer(part) is rests]
            return joint_flip([self._flip(part) for part in holding or inside], resting=bool(holding))
        return self._flip(inside[0]) if inside else compile_flip(node, self._names)(self._sight, self._now)

    def _inside(self, node: Predicate) -> tuple[Predicate, ...]:
        if isinstance(node, InSegment):
            return (self._names.segments[node.name],)
        if isinstance(node, OfAccount) and self._names.subject is not SubjectKind.ACCOUNT:
            return ()
        return node.children() if isinstance(node, (All, AnyOf, Not, Held, OfAccount)) else ()
