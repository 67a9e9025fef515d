"""Who of us looks after a lead or an account, and where mail for them goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nurture.errors import DefinitionError, shown_key
from nurture.mail.owner import Owner

if TYPE_CHECKING:
    from nurture.model import Account, Lead
    from nurture.runtime.host import Host


def owner_book(given: Mapping[str, str | Owner] | None) -> Mapping[str, Owner]:
    """The owners by their ids; an address alone is an owner without a name.

    Raises:
        DefinitionError: Some cannot be written to; all of them at once, by their ids.
    """
    book: dict[str, Owner] = {}
    problems: list[str] = []
    for identity, one in (given or {}).items():
        try:
            book[identity] = one if isinstance(one, Owner) else Owner("", one)
        except DefinitionError as error:
            problems += [f"owners[{shown_key(identity)}]: {problem}" for problem in error.problems]
    if problems:
        raise DefinitionError(problems)
    return book


def owner_of(host: Host, lead: Lead | None, account: Account | None) -> Owner | None:
    """The lead's owner, else the account's; None when nobody is, or nobody knows how to write to them."""
    identity = _owner_id(lead, account)
    if not identity:
        return None
    known = host.owners.get(identity)
    if known is not None or "@" not in identity:
        return known
    try:
        return Owner("", identity)
    except DefinitionError:
        return None


def owner_address(host: Host, lead: Lead | None, account: Account | None) -> str | None:
    """Where a notice for the owner goes: its address as the host gave it, or its id when that is one."""
    identity = _owner_id(lead, account)
    known = host.owners.get(identity) if identity else None
    if known is not None:
        return known.address
    return identity if identity and "@" in identity else None


def _owner_id(lead: Lead | None, account: Account | None) -> str | None:
    return (lead.owner if lead else None) or (account.owner if account else None)
