"""Which broadcasts were stopped: asked at each claim, so that nothing goes that was decided too late to be cancelled.

May import the ports and what lies below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.model import Effect, EffectState, is_broadcast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nurture.ports import View

_NONE: frozenset[str] = frozenset()


def stopped_broadcasts(view: View, effects: Iterable[Effect]) -> frozenset[str]:
    """Of the broadcasts that asked for some of these messages, those that were stopped; it reads nothing for others."""
    asked = {one.enrollment for one in effects if one.is_message and is_broadcast(one.enrollment)}
    if not asked:
        return _NONE
    found = view.get(Effect, sorted(asked))
    return frozenset([one.id for one in found.values() if one.state is EffectState.CANCELLED])
