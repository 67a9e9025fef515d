"""Over how many steps something came, each answering the one before without waiting for anything. Pure.

Two scenarios that answer each other would go on for ever, as fast as mail goes: through messages, through actions,
through facts told to a company and back. So every effect counts, its receipt says so, and beyond a limit nobody is told
and nobody enters. Who waits begins anew, and so does what a person does, the calendar brings or a colleague asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nurture.model import EffectKind

if TYPE_CHECKING:
    from nurture.model import Touchpoint

HOPS: Final = "hops"
"""The property of a fact that says how many."""
MOST_HOPS: Final = 20
"""So many are carried out; then it is a circle, which comes to rest."""
_OF_A_MESSAGE: Final = 4
"""So many hops is a message: a person reads it, and more than five in one breath are too many."""


def hops_of(fact: Touchpoint) -> int:
    """How many a fact says."""
    hops = fact.properties.get(HOPS)
    return hops if isinstance(hops, int) else 0


def hops_after(before: int, kind: EffectKind) -> int:
    """How many an effect of a kind has, when what asks for it has so many."""
    return before + (_OF_A_MESSAGE if kind in (EffectKind.MESSAGE, EffectKind.NOTICE) else 1)
