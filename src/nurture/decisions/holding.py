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

    from nurture.model import Dossier
    from nurture.model.dossier import Sight
    from nurture.program import Program

HOLD = "hold_"
"""How the reason of a message begins that waits for a hold to end."""
RECHECK = timedelta(hours=1)
"""A message that is held is looked at again after so long, since a new fact may end the hold at any time."""


def is_holding(program: Program, purpose: Purpose) -> bool:
    """Whether any hold of the policy can make messages of this purpose wait."""
    return any(purpose in one.purposes for one in program.policy.holds)


def hold_on(program: Program, dossier: Dossier, purpose: Purpose, now: datetime) -> tuple[str, datetime] | None:
    """The first hold that makes a message wait, and when to look again.

    That is when time alone can end it, but an hour from now at the latest.

    Args:
        program: Its contact policy declares the holds.
        dossier: Of the lead, with the facts that `Plan.claim_reach` asks for.
        purpose: Of the message.
        now: The instant of the claim.
    """
    if not isinstance(dossier.subject, Lead) or not is_holding(program, purpose):
        return None
    return held(program, sight_of(dossier), purpose, now)


def held(
    program: Program, sight: Sight, purpose: Purpose, now: datetime, but: Collection[str] = ()
) -> tuple[str, datetime] | None:
    """As `hold_on`, where the sight is at hand.

    Args:
        program: Its contact policy declares the holds.
        sight: Of the lead.
        purpose: Of the message.
        now: The instant asked about; not before the claim.
        but: Holds that are not asked.
    """
    for hold, question in plan_of(program, SubjectKind.LEAD).holds:
        if purpose in hold.purposes and hold.name not in but and question.holds(sight, now):
            flips_at = question.flips(sight, now)
            until = now + RECHECK
            return hold.name, until if flips_at is None else min(flips_at, until)
    return None
