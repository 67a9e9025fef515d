"""How the clauses between a person and the company read as SQL. May import SQLAlchemy.

The account's row, or the rows of its people, are looked at themselves: nobody has to be told anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, select

from nurture.predicates.sql.asking import also
from nurture.predicates.sql.quantifiers import compare_number
from nurture.predicates.sql.speech import ONE

if TYPE_CHECKING:
    from nurture.predicates.people import OfAccount, People
    from nurture.predicates.sql.asking import Asking
    from nurture.predicates.sql.speech import Bool


def of_account(asking: Asking, node: OfAccount) -> Bool:
    """Whether the lead's account satisfies a predicate.

    Where other conditions decide first, the account of each lead that is left is asked; else all accounts are, once.
    """
    layout = asking.layout
    if layout.account is None or layout.account_id is None:
        raise asking.needed(None, "the account")
    account = layout.account()
    inner = asking.about(account, filtered=asking.filtered).lowered(node.part)
    if asking.form == "join" or (asking.form == "auto" and not asking.filtered):
        found = select(account.id).select_from(account.source).where(also(account), inner)
        return and_(layout.account_id.is_not(None), layout.account_id.in_(found.correlate_except(account.source)))
    found = select(ONE).select_from(account.source)
    found = found.where(account.id == layout.account_id, also(account), inner)
    return exists(found.correlate_except(account.source))


def people(asking: Asking, node: People) -> Bool:
    """How many of the account's leads satisfy a predicate."""
    if asking.layout.people is None:
        raise asking.needed(None, "the account's leads")
    make = asking.layout.people

    def at_least(n: int) -> Bool:
        leads = make()
        if leads.account_id is None:
            raise asking.needed(None, "the account of a lead")
        inner = asking.about(leads, filtered=True).lowered(node.where)
        found = select(ONE).select_from(leads.source)
        found = found.where(leads.account_id == asking.layout.id, also(leads), inner).correlate_except(leads.source)
        return exists(found.limit(1).offset(n - 1) if n > 1 else found)

    return compare_number(node.op, node.n, at_least)
