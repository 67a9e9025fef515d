"""The store on paper of one lead whose scenarios are switched by hand; turns are followed as the runtime does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random

import attrs

from nurture import Lead, Program
from nurture.decisions import switch_over
from nurture.model import Dossier, Effect, FrozenMapping, Switch
from tests.property.ledger import Ledger
from tests.strategies import HORIZON, MICROSECOND, random_ticks

Turn = tuple[datetime, Mapping[str, Switch]]
"""From when on, and every scenario that is switched from then on."""


class SwitchedLedger(Ledger):
    """One lead under one program, and the turns of its switches that are still to come."""

    def __init__(self, program: Program, turns: Sequence[Turn], lead: Lead | None = None) -> None:
        super().__init__(program, lead)
        self.turns = list(turns)
        self.switches: Mapping[str, Switch] = FrozenMapping()

    def tick(self, now: datetime) -> tuple[Effect, ...]:
        """Decide everything before `now`, turn by turn."""
        planned: tuple[Effect, ...] = ()
        while self.turns and self.turns[0][0] < now:
            at, switches = self.turns.pop(0)
            planned += super().tick(at + MICROSECOND)
            self.switches = FrozenMapping(switches)
            if self.standing is not None and self.standing.dead is None:
                decision = switch_over(self.program, self._dossier(), at, self.switches)
                self._keep(decision)
                planned += decision.effects
        return planned + super().tick(now)

    def next_due(self) -> datetime | None:
        """When something is to be decided next, or a switch is turned."""
        due = [one for one in (super().next_due(), *(at for at, _ in self.turns[:1])) if one is not None]
        return min(due, default=None)

    def _dossier(self) -> Dossier:
        return attrs.evolve(super()._dossier(), switches=self.switches)


def random_turns(dice: Random, names: Sequence[str]) -> list[Turn]:
    """Scenarios are paused, resumed, closed, stopped and opened again, now and then at the instants of other things."""
    turns: list[Turn] = []
    switches: dict[str, Switch] = {}
    for at in sorted(random_ticks(dice))[: dice.randint(1, 8)]:
        name = dice.choice(names)
        switch = dice.choice([Switch.PAUSED, Switch.PAUSED, Switch.CLOSED, Switch.STOPPED, None, None, None])
        if switch is None:
            switches.pop(name, None)
        else:
            switches[name] = switch
        if not turns or at > turns[-1][0]:
            turns.append((min(at, HORIZON), dict(switches)))
    return turns
