"""All that is known about subjects that roll over: their whole dossiers, and the programs and versions that hold.

May import the decisions, the ports and what lies below them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, cast

import attrs

from nurture.decisions import EVERYTHING, answers_of, plan_of, take_word, value_before
from nurture.errors import NotFoundError
from nurture.model import (
    Account,
    Definition,
    Dossier,
    Fact,
    FrozenMapping,
    Lead,
    Standing,
    SubjectId,
    SubjectKind,
    Value,
    is_account,
)
from nurture.predicates import Reach
from nurture.program import Program

if TYPE_CHECKING:
    from nurture.ports import View
    from nurture.runtime.host import Host


def whole_dossiers(host: Host, view: View, standings: Mapping[SubjectId, Standing | None]) -> dict[SubjectId, Dossier]:
    """The dossiers of these subjects with all of their facts; a subject without a record is left out."""
    accounts = view.get(Account, [one for one in standings if is_account(one)])
    leads = view.get(Lead, [one for one in standings if not is_account(one)])
    records: dict[SubjectId, Lead | Account] = {
        one: found for one in standings if (found := accounts.get(one) or leads.get(one)) is not None
    }
    known = view.about(
        {one: standing.advanced_to if (standing := standings[one]) else None for one in records}, EVERYTHING
    )
    firms: dict[SubjectId, str] = {
        one.id: str(value_before(known[one.id].inbox, "account", one.account) or "") for one in leads.values()
    }
    told = _told_by_accounts(host, view, set(firms.values()))
    versions = {one: _active_versions(standings[one]) for one in records}
    definitions = view.get(Definition, sorted({name for some in versions.values() for name in some}))
    return {
        one: Dossier(
            tenant=host.tenant,
            subject=record,
            standing=(standing := standings[one]),
            facts=known[one].facts,
            inbox=known[one].inbox,
            effects=known[one].effects,
            definitions={name: definitions[name] for name in sorted(versions[one]) if name in definitions},
            older=definitions_of(host, view, standing.older if standing else ()),
            told=told[firms[one]].values if firms.get(one) in told else None,
            people=told[firms[one]].people if firms.get(one) in told else FrozenMapping[frozenset[str]](),
        )
        for one, record in records.items()
    }


@attrs.frozen(slots=True)
class _Told:
    """What an account has to say, and which of its people it counts once it has heard what waits for it."""

    values: Mapping[str, Value]
    people: Mapping[str, frozenset[str]]


def _told_by_accounts(host: Host, view: View, firms: Iterable[str]) -> dict[str, _Told]:
    """What these accounts have to say under the host's program; of those that have come to it."""
    wanted = sorted(firm for firm in firms if firm)
    if not wanted:
        return {}
    accounts, standings = view.get(Account, wanted), view.get(Standing, wanted)
    known = view.about(dict.fromkeys(one.id for one in accounts.values()), Reach.nothing())
    found: dict[str, _Told] = {}
    for name, account in accounts.items():
        standing = standings.get(name)
        if standing is not None and standing.program == host.program.fingerprint:
            older = definitions_of(host, view, standing.older)
            asked = plan_of(host.program, SubjectKind.ACCOUNT, older).asked.of_people.keys()
            people = dict(standing.people)
            words = [one for one in known[account.id].inbox if one.fact.kind == Fact.LEAD_TOLD]
            for one in sorted(words, key=lambda one: (one.due_at, one.fact.at, one.fact.id)):
                take_word(people, one.fact, asked)
            found[name] = _Told(answers_of(host.program, account, standing), people)
    return found


def _active_versions(standing: Standing | None) -> frozenset[str]:
    return frozenset(one.version for one in standing.enrollments if one.is_active) if standing else frozenset()


def program_of(host: Host, view: View, fingerprint: str) -> Program:
    """The program with this fingerprint: the host's own, or one that was active before."""
    if fingerprint == host.program.fingerprint:
        return host.program
    found = host.program.memo.get(f"program:{fingerprint}")
    if isinstance(found, Program):
        return found
    definition = view.get(Definition, [fingerprint]).get(fingerprint)
    if definition is None:
        raise NotFoundError(f"the definition of program {fingerprint} is not in the store")
    program = Program.from_json(definition.body)
    program.memo["fingerprint"] = fingerprint  # as it was decided under, with the time-zone database of then
    host.program.memo[f"program:{fingerprint}"] = program
    return program


def definitions_of(host: Host, view: View, versions: Collection[str]) -> Mapping[str, Definition]:
    """These versions of scenarios, read once: they never change."""
    if not versions:
        return FrozenMapping[Definition]()
    memo = host.program.memo
    unread = [version for version in versions if f"definition:{version}" not in memo]
    if unread:
        found = view.get(Definition, unread)
        missing = [version for version in unread if version not in found]
        if missing:
            raise NotFoundError(f"a version of a scenario is not in the store: {missing[0]}")
        memo.update({f"definition:{version}": definition for version, definition in found.items()})
    return FrozenMapping({version: cast("Definition", memo[f"definition:{version}"]) for version in versions})
