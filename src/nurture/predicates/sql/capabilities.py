"""What the SQL reading can express, from the tables that it works by. May import this room.

Documentation is made from it. What a layout does not say is refused besides, whatever stands here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from nurture.predicates.dates import Anniversary
from nurture.predicates.operators import OPERATORS
from nurture.predicates.rows import IN_ROWS
from nurture.predicates.sql import comparisons, compiling, quantifiers
from nurture.predicates.standing import Grade
from nurture.predicates.touches import Quantifier

if TYPE_CHECKING:
    from nurture.predicates.tree import Predicate

_ON_CONDITION: Mapping[type[Predicate], str] = {
    Anniversary: "of dates only: the local day of an instant would have to be worked out row by row"
}


def _capabilities() -> Iterator[tuple[str, bool | str]]:
    for node in (*compiling.READERS, Grade):  # a grade is a band of scores by the time it is read
        yield node.__name__, compiling.REFUSED.get(node, _ON_CONDITION.get(node, True))
    for name in OPERATORS:
        known = name in comparisons.TESTS
        yield f"Compare.{name}", known or comparisons.REFUSED[name]
    for owner, known_there in IN_ROWS.items():
        yield f"Field.{owner}", known_there
    for quantifier in Quantifier:
        yield f"Touched.{quantifier}", quantifier in quantifiers.QUANTIFIERS


CAPABILITIES: Mapping[str, bool | str] = MappingProxyType(dict(sorted(_capabilities())))
"""By node, `Compare.<operator>`, `Field.<owner>` and `Touched.<quantifier>`: True, or why not, or when only."""
