"""A leaf that answers by functions of its own, and the search for when it turns. Imports nothing of ours.

It stands apart from the table `answering.leaves`, so that the modules which make such leaves need not import the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

if TYPE_CHECKING:
    from nurture.model import Sight

Holds: TypeAlias = "Callable[[Sight, datetime], bool]"
Flips: TypeAlias = "Callable[[Sight, datetime], datetime | None]"

TICK: Final = timedelta(microseconds=1)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


@attrs.frozen(slots=True, eq=False)
class Leaf:
    """What a leaf answers, and when time alone can change that.

    Attributes:
        holds: The answer, of a sight at an instant.
        flips: An instant after the one asked about until which the answer stays, or None for ever; None in
            place of the function when time cannot change it.
    """

    holds: Holds
    flips: Flips | None = None


def shifted(instant: datetime, length: timedelta) -> datetime | None:
    """The instant plus the length, which may be negative; None when that is beyond what a datetime holds."""
    if length >= timedelta(0):
        return None if instant > _LAST - length else instant + length
    return None if instant < _FIRST - length else instant + length


def first_turn(holds: Holds, sight: Sight, now: datetime, candidates: Iterable[datetime | None]) -> datetime | None:
    """The first of the instants after now at which the answer differs from the one now.

    It is exact when the answer can change at these instants only, and each of them counts: None and what lies
    in the past are left out here.
    """
    coming = sorted({instant for instant in candidates if instant is not None and instant > now})
    if not coming:
        return None
    before = holds(sight, now)
    return next((instant for instant in coming if holds(sight, instant) is not before), None)
