"""In which order subjects are listed: by a field or by a score. May import the tree, names and `nurture.model`.

`q.score(model).desc()` and `q.lead.created_at.asc()` make one. Whoever has no value comes last, either way; equal
values go by id. Texts are ordered by code point, in every store, and numbers are equal when their millionths are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from nurture.errors import DefinitionError, unknown_name
from nurture.model.decay import value_at
from nurture.predicates.comparisons import quantum
from nurture.predicates.literals import type_of
from nurture.predicates.operators import FieldType
from nurture.predicates.reach import Reach
from nurture.predicates.tree import Field, Owner

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Scalar, Sight
    from nurture.predicates.names import Names


@attrs.frozen(slots=True)
class Order:
    """By what subjects are listed.

    Attributes:
        by: A field of the lead or the account; or a score, by the name of its model.
        descending: Whether the largest comes first.
    """

    by: Field | str
    descending: bool = False

    def __attrs_post_init__(self) -> None:
        if isinstance(self.by, Field) and self.by.owner in (Owner.PROP, Owner.ENTRY):
            many = "facts" if self.by.owner is Owner.PROP else "runs"
            raise DefinitionError(f"order_by: {self.by} is a property of a fact, and a subject has many {many}")

    def problems(self, names: Names) -> list[str]:
        """What is wrong with it, one sentence each."""
        if not isinstance(self.by, Field):
            return [] if self.by in names.scales else [unknown_name("score model", self.by, sorted(names.scales))]
        declared = names.fields_of(self.by.owner)
        if self.by.name not in declared:
            return [unknown_name(f"{self.by.owner} field", self.by.name, sorted(declared), where="order_by")]
        if declared[self.by.name] is FieldType.TEXTS:
            return [f"order_by: {self.by} holds many values, which have no order"]
        return []

    @property
    def reach(self) -> Reach:
        """What must be known to tell the place of a subject."""
        if not isinstance(self.by, Field):
            return Reach(scores=frozenset({self.by}))
        name = frozenset({self.by.name})
        return Reach(account_fields=name) if self.by.owner is Owner.ACCOUNT else Reach(lead_fields=name)

    def value(self, sight: Sight, now: datetime, names: Names) -> Scalar | None:
        """The value by which a subject is listed at `now`; None when there is none.

        A value of another type than the declared one counts as missing, since it cannot be compared with the others.
        """
        if not isinstance(self.by, Field):
            return value_at(sight.scores.get(self.by), names.scales[self.by], now)
        value = (sight.account if self.by.owner is Owner.ACCOUNT else sight.lead).get(self.by.name)
        if value is None or isinstance(value, tuple):
            return None
        declared, found = names.fields_of(self.by.owner).get(self.by.name), type_of(value)
        if declared is FieldType.NUMBER and found is FieldType.INTEGER:
            return float(cast("int", value))  # it was declared to be whole when it was written
        return value if declared is found else None

    def rank(self, value: Scalar) -> Scalar:
        """By what a value is compared with others of its kind: numbers by their millionths, as in predicates."""
        return quantum(value) if isinstance(value, float) else value
