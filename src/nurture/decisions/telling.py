"""An account tells its leads the values that some predicate about leads reads. Pure.

A lead never reads its account's record or standing: it is told, by a fact, and only when a value that
matters has changed. Telling many leads goes by cursor, in units of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from nurture.decisions.folding import AFTER
from nurture.decisions.plan import plan_of
from nurture.model import (
    Account,
    Fact,
    FrozenMapping,
    LeadId,
    Origin,
    Standing,
    SubjectKind,
    Telling,
    Touchpoint,
    Value,
    account_values,
    digest,
    fact_id,
)
from nurture.model.ids import FactId

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions.work import Work
    from nurture.program import Program

LEADS_AT_ONCE = 500


def answers_of(program: Program, account: Account) -> dict[str, Value]:
    """The values of an account that some predicate about leads reads."""
    fields = plan_of(program, SubjectKind.LEAD).told_fields
    values = account_values(account)
    return {name: values[name] for name in sorted(fields) if name in values}


def tell_if_changed(work: Work) -> None:
    """Begin to tell the leads of an account, if what they were told may no longer be so.

    A value that moved there and back counts as moved: a lead that joined in between was told the middle.
    """
    if not isinstance(work.subject, Account):
        return
    fields = work.plan.told_fields
    answers = {name: work.values[name] for name in sorted(fields) if name in work.values}
    if answers == work.account and not work.answers_moved:
        return
    work.account = answers
    identity = digest("fact", work.tenant, work.subject_id, "told", work.moment.isoformat())
    work.telling = Telling(fact=FactId(identity), values=FrozenMapping(answers))


def told(tenant: str, lead: LeadId, values: Mapping[str, Value], now: datetime, cause: str) -> Touchpoint:
    """The fact by which a lead learns its account's values."""
    return Touchpoint(
        id=fact_id(tenant, lead, f"{Fact.ACCOUNT_TOLD}:{cause}"),
        subject=lead,
        kind=Fact.ACCOUNT_TOLD,
        at=now,
        received_at=now,
        origin=Origin.ENGINE,
        properties=FrozenMapping({f"{AFTER}{name}": value for name, value in values.items()}),
    )


def tell_some(
    tenant: str, standing: Standing, members: Iterable[LeadId], now: datetime, limit: int = LEADS_AT_ONCE
) -> tuple[Standing, tuple[Touchpoint, ...]]:
    """Tell the next leads of an account; the standing remembers how far it came, until all were told."""
    telling = standing.telling
    if telling is None:
        return standing, ()
    waiting = sorted(lead for lead in members if lead > telling.after)
    chosen = waiting[:limit]
    facts = tuple(told(tenant, lead, telling.values, now, telling.fact) for lead in chosen)
    if len(waiting) > limit:
        return attrs.evolve(standing, telling=attrs.evolve(telling, after=chosen[-1])), facts
    left = min(standing.agenda.values()) if standing.agenda else None
    return attrs.evolve(standing, telling=None, due_at=left), facts
