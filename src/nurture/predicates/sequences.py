"""The clause about order: one fact and then another, or none, within a time. May import the tree and touches."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import attrs

from nurture.errors import DefinitionError
from nurture.predicates.literals import require_length
from nurture.predicates.touches import Touched
from nurture.predicates.tree import Predicate


@attrs.frozen(slots=True, cache_hash=True)
class Followed(Predicate):
    """Whether some fact of one clause was followed by one of another within a time; or was not.

    A fact `b` follows `a` when `a.at < b.at <= a.at + within`. "Was not followed" is known of an `a` once
    the time is over: at `a.at + within`, when no fact of that time follows it.

    Attributes:
        first: Which facts begin; a window of it bounds when they happened.
        then: Which facts follow; it has no window of its own.
        within: How much later at most.
        absent: Whether it asks for one that was *not* followed.
    """

    first: Touched
    then: Touched
    within: timedelta
    absent: bool = False

    def __attrs_post_init__(self) -> None:
        for name, given in (("first", cast("object", self.first)), ("then", cast("object", self.then))):
            if not isinstance(given, Touched) or not given.asks_for_one:
                raise DefinitionError(f"{name}: expected q.touches(...) without a count, 'first', 'last' or amounts")
            if given.per is not None or given.period is not None:
                raise DefinitionError(f"{name}: a sequence takes no .newest_per(...) and no .during(...)")
        if self.then.window is not None or self.then.older is not None:
            raise DefinitionError("then: takes no window of its own; 'within' bounds it")
        require_length(self.within, "then")
        if not isinstance(cast("object", self.absent), bool):
            raise DefinitionError("then: absent is true or false")

    def children(self) -> tuple[Predicate, ...]:
        """The two clauses."""
        return (self.first, self.then)
