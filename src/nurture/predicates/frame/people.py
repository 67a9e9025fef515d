"""From a person to the company, and from a company to its people: questions to the other frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from nurture.model import SubjectKind
from nurture.predicates.frame.reader import ACCOUNT, KEY, Members, Reader
from nurture.predicates.frame.touches import counted

if TYPE_CHECKING:
    from nurture.predicates.frame.truth import Truth
    from nurture.predicates.people import OfAccount, People


def of_account(node: OfAccount, reader: Reader) -> Truth | Members:
    """Whether the lead's account satisfies a predicate about accounts."""
    from nurture.predicates.frame.compiling import chosen_rows

    accounts = reader.about(SubjectKind.ACCOUNT)
    keys = chosen_rows(node.part, accounts).select(KEY).filter(~nw.col(KEY).is_null())
    return Members(keys, once=False, of="account")


def people(node: People, reader: Reader) -> Truth | Members:
    """How many of the account's leads satisfy a predicate."""
    from nurture.predicates.frame.compiling import chosen_rows

    leads = reader.about(SubjectKind.LEAD)
    leads.needs_account = True
    keys = chosen_rows(node.where, leads).filter(~nw.col(ACCOUNT).is_null())
    return counted(keys.select(nw.col(ACCOUNT).alias(KEY)), node.op, node.n)
