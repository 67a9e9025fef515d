"""What can go wrong, how often, and a count of what did. Drawn from a seed, so that it goes wrong again alike."""

from __future__ import annotations

from collections import Counter
from random import Random

import attrs


@attrs.frozen(slots=True, kw_only=True)
class Rates:
    """How likely each fault is, at each point at which it can happen.

    Attributes:
        kill: The process dies.
        error: The store refuses an operation; nothing of it happened.
        lost: The store commits, and the answer is lost.
        freeze: The process stands still for longer than a lease.
        switch: Another process goes on first.
        unsure: The other side takes a message, and its answer is lost.
        vanished: The message gets lost, and nobody knows it.
        deferred: The other side says: not now.
        rejected: The other side says: never.
        raised: The sender raises.
        slow: The other side takes longer than a lease.
        jump: The machine's clock is set, at each thing that a host does.
    """

    kill: float = 0.004
    error: float = 0.004
    lost: float = 0.01
    freeze: float = 0.003
    switch: float = 0.5
    unsure: float = 0.05
    vanished: float = 0.03
    deferred: float = 0.08
    rejected: float = 0.06
    raised: float = 0.03
    slow: float = 0.04
    jump: float = 0.04


CALM = Rates(kill=0, error=0, lost=0, freeze=0, unsure=0, vanished=0, deferred=0, rejected=0, raised=0, slow=0, jump=0)
"""Others still run in between, and nothing goes wrong."""


class Fates:
    """Draws what happens next."""

    def __init__(self, dice: Random, rates: Rates) -> None:
        self.dice = dice
        self.rates = rates
        self.counts: Counter[str] = Counter()

    def happens(self, fault: str) -> bool:
        """Whether this fault happens now."""
        rate: float = getattr(self.rates, fault)
        if rate <= 0 or self.dice.random() >= rate:
            return False
        self.counts[fault] += 1
        return True

    def draw(self, *faults: str) -> str | None:
        """The first of these faults that happens now; None when none does."""
        for fault in faults:
            if self.happens(fault):
                return fault
        return None
