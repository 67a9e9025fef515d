"""Over how many steps something came, each answering the one before without waiting for anything. Pure.

Two scenarios that answer each other would go on for ever, as fast as mail goes: through messages, through actions,
through facts told to a company and back. So every effect counts, its receipt says so, a subject remembers it for a
breath, and beyond a limit nobody is told and nobody enters. Who waits longer than a breath begins anew, and so does
what a person does, the calendar brings or a colleague asks for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from nurture.model import EffectKind

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Echo, Effect, Touchpoint

HOPS: Final = "hops"
"""The property of a fact that says how many."""
MOST_HOPS: Final = 20
"""So many are carried out; then it is a circle, which comes to rest."""
BREATH: Final = timedelta(minutes=1)
"""What follows sooner than that has not waited."""
HELD_UP: Final = timedelta(hours=1)
"""An effect that is carried out so long after it was asked for has waited, as for a cap or for the morning."""
_OF_A_MESSAGE: Final = 4
"""So many hops is a message: a person reads it, and more than five in one breath are too many."""


def hops_of(fact: Touchpoint) -> int:
    """How many a fact says."""
    hops = fact.properties.get(HOPS)
    return hops if isinstance(hops, int) else 0


def hops_left(echo: Echo | None, moment: datetime) -> int:
    """How many a subject still remembers at a moment."""
    return echo.hops if echo is not None and moment - echo.at < BREATH else 0


def hops_after(before: int, kind: EffectKind) -> int:
    """How many an effect of a kind has, when what asks for it has so many."""
    return before + (_OF_A_MESSAGE if kind in (EffectKind.MESSAGE, EffectKind.NOTICE) else 1)


def hops_settled(effect: Effect, now: datetime) -> int:
    """How many the receipt of an effect says."""
    if effect.hops and now - effect.planned_at >= HELD_UP:
        return hops_after(0, effect.kind)
    return effect.hops
