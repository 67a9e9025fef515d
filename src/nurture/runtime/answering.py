"""What an account has to say to a lead that joins it: in the same unit, and as of that instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.decisions import advance, answers_of
from nurture.model import Account, Standing, Value
from nurture.predicates import Reach
from nurture.runtime.deciding import load, plan_for
from nurture.runtime.host import Host, report

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import Unit


def present_answers(host: Host, unit: Unit, account: Account, now: datetime) -> dict[str, Value]:
    """The values and answers of an account, as some predicate about leads reads them.

    An account that is due is decided here up to this instant, without writing: when it is decided in earnest,
    it comes to the same answers, and tells them to all of its leads if they moved.
    """
    standing = unit.get(Standing, [account.id]).get(account.id)
    plan = plan_for(host, unit, account.id, standing)
    if plan.answers and _is_due(host, unit, account, standing, now):
        standings: dict[str, Standing] = {} if standing is None else {account.id: standing}
        try:
            dossier = load(host, unit, [account.id], standings, plan)[0]
            standing = advance(host.program, dossier, now).standing or standing
        except Exception as error:  # it is put aside when its turn comes; the lead is not to blame
            report("an account cannot be decided", error, nurture_subject=account.id, nurture_tenant=host.tenant)
    return answers_of(host.program, account, standing)


def _is_due(host: Host, unit: Unit, account: Account, standing: Standing | None, now: datetime) -> bool:
    """Whether the account can be decided further under the program at hand."""
    if standing is None:
        return True
    if standing.dead is not None or standing.failures or standing.program != host.program.fingerprint:
        return False
    if standing.due_at is not None and standing.due_at < now:
        return True
    return bool(unit.about({account.id: None}, Reach.nothing())[account.id].inbox)
