"""A medium, an event or a seminar that brings leads. Imports what declarations are made of."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import attrs

from nurture.steps.declaration import Declaration


@attrs.frozen(slots=True, kw_only=True)
class Campaign(Declaration):
    """What touchpoints and leads refer to when asked where they came from.

    Attributes:
        name: Names it in touchpoints and leads.
        medium: `seminar`, `fair`, `web_form`, `paid_search`, …
        title: For people to read.
        starts_at: When it begins.
        ends_at: When it ends.
        place: Where it takes place, for people to read.
        url: Its page, or where one joins online.
        capacity: How many may take part.
        planned_cost: In the host's currency.
        actual_cost: Likewise, once known.
    """

    stands_in: ClassVar[str] = "campaigns"

    name: str
    medium: str = ""
    title: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str = ""
    url: str = ""
    capacity: int | None = None
    planned_cost: float | None = None
    actual_cost: float | None = None
