"""What the sentences of both languages share: numbers, lists that are not too long, and a few questions.

May import the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nurture.calendar.codec import clock_text
from nurture.predicates.tree import All, AnyOf, Predicate

if TYPE_CHECKING:
    from datetime import date, datetime

    from nurture.predicates.people import People
    from nurture.predicates.touches import Touched

Say: TypeAlias = Callable[[Predicate], str]
"""Says a node that stands inside another one."""
Sentences: TypeAlias = Mapping[type[Predicate], Callable[[Any, Say], str]]
"""What says a node, by its type."""

MOST_SAID: Final = 20
"""The most values of a list that a sentence names."""


def number(value: float) -> str:
    """A number as people write it: no digits that are only noise, and no exponent where it can be helped.

    Example:
        >>> number(1e6), number(0.1 + 0.2), number(40)
        ('1000000', '0.3', '40')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.15g}"


def instant(value: datetime, day: Callable[[date], str]) -> str:
    """An instant with its day said by `day`."""
    return f"{day(value.date())} {clock_text(value.time())} UTC"


def listed(items: Sequence[str], between: str, more: str) -> str:
    """Items in a row; of very many only the first, and how many there are more."""
    said = between.join(items[:MOST_SAID]) or "–"
    return said if len(items) <= MOST_SAID else said + more.format(n=len(items) - MOST_SAID)


def is_joined(node: Predicate) -> bool:
    """Whether it needs brackets around it, where it stands beside others."""
    return isinstance(node, (All, AnyOf)) and len(node.parts) > 1


def asks_for_none(node: Touched | People) -> bool:
    """Whether it asks that there is none."""
    return (node.op, node.n) in (("eq", 0), ("le", 0), ("lt", 1))
