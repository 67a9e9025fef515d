"""What makes a message wait: a dispute, an open inquiry, a deal under way. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nurture.decisions.plan import plan_of
from nurture.model import Lead, Purpose, SubjectKind
from nurture.model.dossier import sight_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from nurture.model import Dossier, Effect
    from nurture.model.dossier import Sight
    from nurture.program import Program

HOLD = "hold_"
"""How the reason of a message begins that waits for a hold to end."""
RECHECK = timedelta(hours=1)
"""A message that is held is looked at again after so long, since a new fact may end the hold at any time."""


def is_holding(program: Program, purpose: Purpose, scenario: str = "", topic: str = "") -> bool:
    """Whether any hold of the policy can make such a message wait; the arguments are those of `Hold.stops`."""
    return any(one.stops(purpose, scenario, topic) for one in program.policy.holds)


def hold_on(
    program: Program, dossier: Dossier, purpose: Purpose, now: datetime, *, scenario: str = "", topic: str = ""
) -> tuple[str, datetime] | None:
    """The first hold that makes a message wait, and when to look again.

    That is when time alone can end it, but an hour from now at the latest.

    Args:
        program: Its contact policy declares the holds.
        dossier: Of the lead, with the facts that `Plan.claim_reach` asks for.
        purpose: Of the message.
        now: The instant of the claim.
        scenario: Which asks for the message.
        topic: Of the message.
    """
    if not isinstance(dossier.subject, Lead) or not is_holding(program, purpose, scenario, topic):
        return None
    return _held(program, sight_of(dossier), (purpose, scenario, topic), now)


def held(
    program: Program, sight: Sight, effect: Effect, now: datetime, but: Collection[str] = ()
) -> tuple[str, datetime] | None:
    """As `hold_on`, where the message and the sight are at hand.

    Args:
        program: Its contact policy declares the holds.
        sight: Of the lead.
        effect: The message.
        now: The instant asked about; not before the claim.
        but: Holds that are not asked.
    """
    return _held(program, sight, (effect.purpose, effect.scenario, effect.topic), now, but)


def _held(
    program: Program, sight: Sight, about: tuple[Purpose, str, str], now: datetime, but: Collection[str] = ()
) -> tuple[str, datetime] | None:
    for hold, question in plan_of(program, SubjectKind.LEAD).holds:
        if hold.stops(*about) and hold.name not in but and question.holds(sight, now):
            flips_at = question.flips(sight, now)
            until = now + RECHECK
            return hold.name, until if flips_at is None else min(flips_at, until)
    return None
