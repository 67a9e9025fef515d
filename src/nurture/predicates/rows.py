"""What the readings over the rows of many subjects decline alike: values that lie in no row. May import the tree.

What a run began with is known to that run alone. SQL and frames ask about all subjects at once, so they refuse it, and
whoever asks inside a run asks `match`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from nurture.errors import NotCompilableError
from nurture.predicates.tree import Field, Owner

IN_ROWS: Final[Mapping[Owner, bool | str]] = MappingProxyType(
    {
        Owner.LEAD: True,
        Owner.ACCOUNT: True,
        Owner.ENTRY: "what a run began with is known to that run, and lies in no row",
        Owner.PROP: True,
    }
)
"""Whose values can be read there: True, or why not."""


def require_in_rows(reading: str, fields: Iterable[Field]) -> None:
    """Refuse a value that lies in no row.

    Raises:
        NotCompilableError: There is one; it is named.
    """
    for field in fields:
        reason = IN_ROWS[field.owner]
        if isinstance(reason, str):
            raise NotCompilableError(reading, f"q.{field}", reason)
