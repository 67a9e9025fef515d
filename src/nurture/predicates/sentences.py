"""What the sentences of both languages share: numbers, lists that are not too long, and a few questions.

May import the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
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

_LEAST_IN_FULL: Final = 1e-7
_MOST_IN_FULL: Final = 1e21


def number(value: float) -> str:
    """A number in full: never rounded, and with an exponent only where there would be very many zeros.

    Example:
        >>> number(1e6), number(0.1), number(0.00001), number(1234567890123456789), number(1e300)
        ('1000000', '0.1', '0.00001', '1234567890123456789', '1e+300')
    """
    if isinstance(value, int):
        return str(value)
    if value and not _LEAST_IN_FULL <= abs(value) < _MOST_IN_FULL:
        return repr(value)
    return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"


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


def apart(node: Predicate, say: Say, brackets: str) -> str:
    """What a node says, where something else follows it: in brackets if it needs them."""
    return brackets.format(say(node)) if is_joined(node) else say(node)


def asks_for_none(node: Touched | People) -> bool:
    """Whether it asks that there is none."""
    return (node.op, node.n) in (("eq", 0), ("le", 0), ("lt", 1))
