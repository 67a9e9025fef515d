"""The size and the kind of a world, drawn from its seed; and what came of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import attrs

from nurture.storage.clock import ClockLimit
from tests.faults.faults import Rates

START = datetime(2026, 3, 27, tzinfo=UTC)
LEASE = timedelta(seconds=55)
POLL = timedelta(seconds=5)
TENANTS = ("north", "south")
LIMIT_BACK, LIMIT_AHEAD = timedelta(hours=1), timedelta(days=31)
LIMIT = ClockLimit(back=LIMIT_BACK, ahead=LIMIT_AHEAD)
YEARS = timedelta(days=3650)


@attrs.frozen(slots=True, kw_only=True)
class Plan:
    """The size and the kind of a world.

    Attributes:
        store: `memory` or `sqlite`.
        workers: Workers a tenant.
        hosts: Host processes a tenant.
        leads: Leads a tenant.
        days: How long the storm lasts.
        deduplicates: Whether the other side knows keys again.
        activates: Whether programs change in the middle.
        jumps: By how much the machine's clock may be set, either way.
        limited: Whether the store believes the clock only so far; an operator mends or accepts it after a while.
        rates: How likely each fault is.
    """

    store: str = "memory"
    workers: int = 3
    hosts: int = 2
    leads: int = 3
    days: float = 4
    deduplicates: bool = True
    activates: bool = True
    jumps: tuple[timedelta, ...] = (timedelta(seconds=1), timedelta(hours=1), timedelta(days=1))
    limited: bool = False
    rates: Rates = attrs.field(factory=Rates)


def plan_for(seed: int, **given: object) -> Plan:
    """A world of this seed; what is given is not drawn."""
    dice = Random(f"plan {seed}")
    drawn = Plan(
        store="sqlite" if dice.random() < 0.3 else "memory",
        workers=dice.randint(1, 4),
        hosts=dice.randint(1, 2),
        leads=dice.randint(2, 4),
        days=dice.uniform(2, 5),
        deduplicates=dice.random() < 0.5,
        activates=dice.random() < 0.5,
        jumps=Plan().jumps if dice.random() < 0.5 else (),
        rates=Rates(switch=dice.choice([0.1, 0.5, 0.9]), kill=dice.choice([0, 0.002, 0.006])),
    )
    return attrs.evolve(drawn, **given)


@attrs.frozen(slots=True, kw_only=True)
class Report:
    """What came of a world that passed the audit."""

    seed: int
    plan: Plan
    trace: str
    points: int
    faults: Counter[str]
    checks: Counter[str]
