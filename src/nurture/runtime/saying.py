"""Leads tell their accounts what these ask about their people: by a fact, as often as it takes until it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nurture.decisions import say
from nurture.model import Changes, Standing, SubjectId, is_account
from nurture.runtime.host import Host, with_inbox

if TYPE_CHECKING:
    from nurture.model import Touchpoint


def has_to_say(standing: Standing | None) -> bool:
    """Whether this is the standing of a lead that has not said all to its account."""
    if standing is None or standing.telling is None or is_account(standing.subject):
        return False
    return not standing.failures and standing.dead is None


def say_to_accounts(host: Host, leads: Iterable[SubjectId]) -> int:
    """Let leads tell their accounts, in a unit of its own: it may wait for who has an account, decisions do not.

    A lead whose word does not stand is still due, and says it again.

    Returns:
        How many words stand.
    """
    with host.storage.begin() as unit:
        standings = unit.get(Standing, list(leads))
        now = unit.now()
        words = {lead: say(host.tenant, one, now) for lead, one in standings.items() if has_to_say(one)}
        accounts = unit.existing({fact.subject for _, facts in words.values() for fact in facts})
        groups: dict[SubjectId, Changes] = {}
        heard: dict[SubjectId, list[Touchpoint]] = {}
        for standing, facts in words.values():
            heard[standing.subject] = [fact for fact in facts if fact.subject in accounts]
            groups[standing.subject] = Changes(records=(standing, *with_inbox(heard[standing.subject])))
        conflicts = unit.put(groups) if groups else frozenset[SubjectId]()
    said = [fact for lead, facts in heard.items() if lead not in conflicts for fact in facts]
    host.tell(said)
    return len(said)
