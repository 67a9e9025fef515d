"""Who will say yes to the new questions of a program about an account's people, before these have rolled over.

An account rolls over before its leads, since it answers what they ask. What it asks about them itself is therefore
found out first: each lead is rolled over in thought, and nothing of that is written. Otherwise the account would count
nobody until its leads have spoken, and leave segments only to come back. May import `gathering` and the decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from nurture.decisions import answers_of, plan_of, roll_over
from nurture.model import Account, AccountId, Activated, Definition, LeadId, Standing, SubjectKind
from nurture.program import Program
from nurture.runtime.gathering import program_of, whole_dossiers
from nurture.runtime.host import report

if TYPE_CHECKING:
    from nurture.model import Dossier, Value
    from nurture.runtime.host import Host

AT_ONCE = 200
"""So many leads are looked at in one go."""


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Way:
    """The way of a standing from one program to the next.

    Attributes:
        old: The program under which it was decided.
        new: The one that holds from then on.
        leg: The activation of that one.
        older: Versions of earlier scenarios that are answered beside it.
    """

    old: Program
    new: Program
    leg: Activated
    older: Mapping[str, Definition]


def prepared(host: Host, dossier: Dossier, way: Way) -> Dossier:
    """The dossier with all that its roll-over needs to know about an account's people."""
    before = plan_of(way.old, SubjectKind.LEAD, dossier.older).asked
    after = plan_of(way.new, SubjectKind.LEAD, way.older).asked
    names = sorted(after.of_people.keys() - before.of_people.keys())
    nobody: frozenset[str] = frozenset()
    people: Mapping[str, frozenset[str]] = {}
    if names and isinstance(dossier.subject, Account):
        people = _counted(host, dossier, dossier.subject, way, names)
    elif names and dossier.told is not None:
        people = {name: dossier.people.get(name, nobody) for name in names}
    return attrs.evolve(dossier, older=way.older, people=people)


def _counted(
    host: Host, dossier: Dossier, account: Account, way: Way, names: list[str]
) -> Mapping[str, frozenset[str]]:
    """Who says yes. What leads answer may rest on what the account answers, and that on what leads answer: in turns."""
    told = answers_of(way.new, account, dossier.standing)
    people: Mapping[str, frozenset[str]] = {}
    for _ in range(1 + len(names)):  # nothing goes in a circle, so each turn settles at least one question more
        found: dict[str, set[str]] = {name: set() for name in names}
        for lead, yes in _answers(host, account, way, told):
            for name in found.keys() & set(yes):
                found[name].add(lead)
        people = {name: frozenset(leads) for name, leads in found.items()}
        if not _asks_back(way):
            break
        ready = attrs.evolve(dossier, older=way.older, people=people)
        rolled = roll_over(way.old, way.new, ready, way.leg.at, enrolls=way.leg.enrolls).standing
        before, told = told, answers_of(way.new, account, rolled)
        if told == before:
            break
    return people


def _asks_back(way: Way) -> bool:
    """Whether what leads tell their account rests on anything that the account tells them."""
    plan = plan_of(way.new, SubjectKind.LEAD, way.older)
    return any(question.reach.account_fields for _, question in plan.answers.values())


def _answers(
    host: Host, account: Account, way: Way, told: Mapping[str, Value]
) -> Iterator[tuple[LeadId, Iterable[str]]]:
    """For each lead of the account, to what it says yes once it has followed."""
    with host.storage.view() as view:
        members = sorted(view.members_of([account.id]).get(account.id, frozenset[LeadId]()))
    for first in range(0, len(members), AT_ONCE):
        some = members[first : first + AT_ONCE]
        with host.storage.view() as view:
            standings = view.get(Standing, some)
            dossiers = whole_dossiers(host, view, {one: standings[one] for one in some if one in standings})
            olds = {one: program_of(host, view, standings[one].program) for one in dossiers if one in standings}
        for one in some:
            if one in dossiers:
                thought = attrs.evolve(dossiers[one], told=told, older=way.older, people={})
                yield one, _yes_of(thought, account.id, olds[one], way)


def _yes_of(dossier: Dossier, account: AccountId, old: Program, way: Way) -> Iterable[str]:
    """To what one lead says yes; one that cannot be decided says nothing, nor one that has to leave another account."""
    standing = dossier.standing
    if standing is None or (standing.said is not None and standing.said.account != account):
        return ()
    has_followed = standing.program == way.new.fingerprint and standing.older == tuple(sorted(way.older))
    if not has_followed and (standing.advanced_to is None or standing.advanced_to <= way.leg.at):
        try:
            standing = roll_over(old, way.new, dossier, way.leg.at, enrolls=way.leg.enrolls).standing or standing
        except Exception as error:  # it fails again when its turn comes, where it is put aside
            report("a lead cannot be rolled over", error, nurture_subject=dossier.subject.id)
            return ()
    if standing.telling is not None:
        answers = standing.telling.values
        return [name for name, value in answers.items() if value is True] if answers.get("account") == account else ()
    return standing.said.yes if standing.said is not None else ()
