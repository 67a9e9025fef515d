"""The clauses that lead from a person to the company, and from a company to its people. May import the tree.

A clause about the account is answered in the account's own standing, and the lead is told the answer.
A clause about people is answered in each lead's standing, and the account is told who they are.
"""

from __future__ import annotations

import attrs

from nurture.errors import DefinitionError
from nurture.model import digest
from nurture.predicates.literals import require_order
from nurture.predicates.terms import AmountTerm, Term
from nurture.predicates.tree import (
    All,
    AnyOf,
    Everyone,
    Not,
    Predicate,
    entry_names,
    require_predicate,
    walk,
)

MAX_PEOPLE = 1_000_000
"""The largest number that a count of people is compared with."""


@attrs.frozen(slots=True, cache_hash=True)
class OfAccount(Predicate):
    """Whether the lead's account satisfies a predicate about accounts; false without an account.

    Asked about an account, it asks that account itself. So one inside another, such as `q.held` of the account's
    values, says nothing more, and only what it asks is kept.

    Attributes:
        part: About the account: its fields, facts, scores, stage, segments, people.
    """

    part: Predicate

    def __attrs_post_init__(self) -> None:
        require_predicate(self.part, "account.matches")
        _require_no_entry(self.part, "account.matches")
        if any(isinstance(node, OfAccount) for node in walk(self.part)):
            object.__setattr__(self, "part", _of_itself(self.part))

    def children(self) -> tuple[Predicate, ...]:
        """The predicate about the account."""
        return (self.part,)

    @property
    def told_as(self) -> str:
        """The name under which an account tells its leads the answer."""
        return f"?{_digest(self.part)}"


def _of_itself(part: Predicate) -> Predicate:
    """What is asked of the account, where it is asked about nothing else; below other nodes none can stand."""
    if isinstance(part, OfAccount):
        return part.part
    if isinstance(part, (All, AnyOf)):
        return type(part)(tuple(_of_itself(one) for one in part.parts))
    return Not(_of_itself(part.part)) if isinstance(part, Not) else part


@attrs.frozen(slots=True, cache_hash=True)
class People(Predicate):
    """How many of the account's leads satisfy a predicate about leads, compared with a number.

    Asked about a lead, it asks the lead's account.

    Attributes:
        where: About each lead.
        op: One of `eq ne lt le gt ge`.
        n: What the number is compared with.
    """

    where: Predicate
    op: str = "ge"
    n: int = 1

    def __attrs_post_init__(self) -> None:
        require_predicate(self.where, "account.leads.where")
        _require_no_entry(self.where, "account.leads.where")
        require_order(self.op, "account.leads.count()")
        n: object = self.n
        if n.__class__ is not int or not 0 <= self.n <= MAX_PEOPLE:
            raise DefinitionError(f"account.leads.count(): expected a whole number from 0 to {MAX_PEOPLE}")
        for node in walk(self.where):
            if isinstance(node, (OfAccount, People)):
                raise DefinitionError("account.leads.where: asks about each lead alone, not about its account again")

    def children(self) -> tuple[Predicate, ...]:
        """The predicate about each lead."""
        return (self.where,)

    @property
    def told_as(self) -> str:
        """The name under which leads tell their account the answer."""
        return f"?{_digest(self.where)}"


def _require_no_entry(part: Predicate, where: str) -> None:
    """Refuse what only one run can answer: an answer is told once, and every run reads the same.

    Raises:
        DefinitionError: It looks at what a run began with.
    """
    for name in sorted(entry_names(part)):
        raise DefinitionError(f"{where}: q.entry.{name} is known to one run only, and others are asked here")


def _digest(predicate: Predicate) -> str:
    from nurture.predicates.codec import dumps

    return digest("asked", dumps(predicate))[-20:]


class PeopleTerm(Term):
    """The leads of the account, all or some; count them to get a predicate."""

    __slots__ = ("_where",)

    def __init__(self, where: Predicate) -> None:
        self._where = where

    def where(self, condition: Predicate) -> PeopleTerm:
        """Only leads that satisfy this; several conditions add up."""
        require_predicate(condition, "account.leads.where")
        return PeopleTerm(condition if isinstance(self._where, Everyone) else self._where & condition)

    def count(self) -> AmountTerm:
        """How many there are, to be compared with a number."""
        where = self._where
        return AmountTerm(lambda op, n: People(where, op, n))  # type: ignore[arg-type]  # the node refuses what is not whole
