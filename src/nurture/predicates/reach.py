"""The reading of a predicate that says what it looks at. May import the tree and `nurture.model`.

It bounds what a store must load, and it says what can affect the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from nurture.errors import UnknownNameError
from nurture.model import FrozenMapping, frozen
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import Compare, InSegment, InStage, Owner, Predicate, Score, TimeInStage

if TYPE_CHECKING:
    from nurture.predicates.names import Names

_NO_TIME = timedelta(0)


def _frozen(kinds: Mapping[str, Need]) -> FrozenMapping[Need]:
    return frozen(kinds)


@attrs.frozen(slots=True)
class Need:
    """Which facts of a kind suffice for the answer.

    Attributes:
        window: How far back, by the fact's `at`; None means that there is no bound.
        newest: How many of the newest by `(at, id)`; None means that there is no bound. Zero means that
            none needs to be loaded: a new fact can change the answer, but old ones are in a score already.
    """

    window: timedelta | None = None
    newest: int | None = None

    def __or__(self, other: Need) -> Need:
        return Need(_wider(self.window, other.window), _more(self.newest, other.newest))

    @classmethod
    def nothing(cls) -> Need:
        """That no old fact is needed."""
        return cls(_NO_TIME, 0)


def _wider(left: timedelta | None, right: timedelta | None) -> timedelta | None:
    return None if left is None or right is None else max(left, right)


def _more(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else max(left, right)


@attrs.frozen(slots=True, kw_only=True)
class Reach:
    """What a predicate looks at, by name; two reaches are united with `|`.

    Attributes:
        kinds: Facts of these kinds, and how many of each.
        any_kind: Facts of whatever kind, and how many of each kind; None when it asks about no such facts.
        lead_fields: Values of the lead.
        account_fields: Values of the account.
        stage: Whether it looks at the stage, or at how long it has lasted.
        scores: Score models.
    """

    kinds: Mapping[str, Need] = attrs.field(factory=FrozenMapping[Need], converter=_frozen)
    any_kind: Need | None = None
    lead_fields: frozenset[str] = frozenset()
    account_fields: frozenset[str] = frozenset()
    stage: bool = False
    scores: frozenset[str] = frozenset()

    @classmethod
    def nothing(cls) -> Reach:
        """The reach of a predicate that looks at nothing."""
        return _NOTHING

    def __or__(self, other: Reach) -> Reach:
        if self is other or other == _NOTHING:
            return self
        kinds = dict(self.kinds)
        for kind, need in other.kinds.items():
            kinds[kind] = kinds[kind] | need if kind in kinds else need
        any_kind = self.any_kind
        if other.any_kind is not None:
            any_kind = other.any_kind if any_kind is None else any_kind | other.any_kind
        return Reach(
            kinds=kinds,
            any_kind=any_kind,
            lead_fields=self.lead_fields | other.lead_fields,
            account_fields=self.account_fields | other.account_fields,
            stage=self.stage or other.stage,
            scores=self.scores | other.scores,
        )

    def touches_kind(self, kind: str) -> bool:
        """Whether a new fact of this kind can change the answer."""
        return self.any_kind is not None or kind in self.kinds

    def need(self, kind: str) -> Need | None:
        """Which facts of this kind must be loaded; None when none must."""
        named = self.kinds.get(kind)
        both = [need for need in (named, self.any_kind) if need is not None]
        found = both[0] | both[1] if len(both) == 2 else both[0] if both else None
        return None if found is None or found.newest == 0 else found

    def unloaded(self) -> Reach:
        """The same names, but with no old fact needed: what a score that is kept looks at."""
        return attrs.evolve(
            self,
            kinds={kind: Need.nothing() for kind in self.kinds},
            any_kind=None if self.any_kind is None else Need.nothing(),
        )


_NOTHING = Reach()


def reach_of(predicate: Predicate, names: Names) -> Reach:
    """What the predicate looks at, with segments followed and scores expanded.

    Args:
        predicate: The question.
        names: What the names in it mean.

    Returns:
        The union over all clauses. Facts that only feed a score have a `Need` with `newest == 0`:
        the score is kept in the standing, so old facts are not read again.

    Raises:
        UnknownNameError: It names a segment that is not declared.
    """
    found = Reach()
    rest: list[Predicate] = [predicate]
    seen: set[str] = set()
    while rest:
        node = rest.pop()
        if isinstance(node, InSegment):
            if node.name in seen:
                continue
            seen.add(node.name)
            if node.name not in names.segments:
                raise UnknownNameError("segment", node.name, names.segments)
            rest.append(names.segments[node.name])
        elif isinstance(node, Touched):
            found |= _of_touched(node)
        else:
            found |= _of_leaf(node, names)
            rest.extend(node.children())
    return found


def _of_leaf(node: Predicate, names: Names) -> Reach:
    if isinstance(node, Compare):
        if node.field.owner is Owner.LEAD:
            return Reach(lead_fields=frozenset({node.field.name}))
        if node.field.owner is Owner.ACCOUNT:
            return Reach(account_fields=frozenset({node.field.name}))
    if isinstance(node, (InStage, TimeInStage)):
        return Reach(stage=True)
    if isinstance(node, Score):
        fed_by = names.score_reach.get(node.model, _NOTHING)
        return Reach(scores=frozenset({node.model})) | fed_by.unloaded()
    return _NOTHING


def _of_touched(node: Touched) -> Reach:
    need = Need(node.window, _newest(node))
    return Reach(any_kind=need) if node.kind is None else Reach(kinds={node.kind: need})


def _newest(node: Touched) -> int | None:
    """How many of the newest facts decide; None when a condition may skip some of them."""
    filters = (node.having, node.seen_origin, node.channel, node.campaign)
    if not node.suspect or any(one is not None for one in filters):
        return None
    if node.quantifier is Quantifier.LAST:
        return 1
    return node.n if node.op in ("ge", "lt") and node.n > 0 else node.n + 1
