"""Asking a predicate of many subjects at an instant, whoever finds them: the same answers as `match`, page by page.

What is asked here need not be declared, so no standing holds the answer: a clause about the account is asked of
the account itself, and a clause about people of each of them. May import the ports and what lies below them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import attrs

from nurture.model import (
    Account,
    AccountId,
    Dossier,
    Lead,
    LeadId,
    Sight,
    Standing,
    SubjectId,
    SubjectKind,
    sight_of,
)
from nurture.predicates import InSegment, Names, OfAccount, People, Predicate, Reach, compile_match, reach_of

if TYPE_CHECKING:
    from nurture.model import Value
    from nurture.ports import View
    from nurture.program import Program

Records = Mapping[SubjectId, Lead | Account]


class Sights(Protocol):
    """Where sights of subjects come from: as they are known now, or as they were known then."""

    @property
    def now(self) -> datetime:
        """The instant that is asked about."""
        ...

    @property
    def recounts(self) -> bool:
        """Whether scores are counted anew, so that what their rules ask must be seen, too."""
        ...

    def of(self, view: View, records: Records, reach: Reach) -> dict[SubjectId, Sight]:
        """What is seen of these subjects, as far as the reach asks; who was not there is left out.

        Of its account, a lead sees what it was told; whoever asks shows it the account itself, and then completes it.
        """
        ...

    def complete(self, sights: Mapping[SubjectId, Sight], reach: Reach) -> None:
        """Add to the sights what hangs on accounts and people."""
        ...


@attrs.frozen(slots=True)
class Present:
    """Subjects as they are known now: facts also of the inbox, scores and stages as they were decided.

    Attributes:
        tenant: Whose data it is.
        now: The instant that is asked about.
    """

    tenant: str
    now: datetime
    recounts = False

    def of(self, view: View, records: Records, reach: Reach) -> dict[SubjectId, Sight]:
        """What is seen of these subjects."""
        if not records:
            return {}
        standings = view.get(Standing, list(records))
        known = view.about(dict.fromkeys(records, self.now), reach)
        return {
            one: sight_of(
                Dossier(
                    tenant=self.tenant,
                    subject=record,
                    standing=standings.get(one),
                    facts=known[one].facts,
                    inbox=known[one].inbox,
                )
            )
            for one, record in records.items()
        }

    def complete(self, sights: Mapping[SubjectId, Sight], reach: Reach) -> None:
        """Nothing is missing: scores are kept."""


def fetched(view: View, kind: SubjectKind, ids: list[SubjectId]) -> Records:
    """The leads or accounts with these ids, in that order; absent ones are left out."""
    if kind is SubjectKind.ACCOUNT:
        accounts = view.get(Account, ids)
        return {one: accounts[one] for one in ids if one in accounts}
    leads = view.get(Lead, ids)
    return {one: leads[one] for one in ids if one in leads}


class Inquiry:
    """One predicate, asked of as many subjects as one likes.

    Args:
        program: Whose names it uses.
        kind: Whether it is about leads or accounts.
        predicate: The question; checked.
        sights: Where sights come from.
        more: What must be seen besides, such as the field by which subjects are listed.
    """

    def __init__(
        self, program: Program, kind: SubjectKind, predicate: Predicate, sights: Sights, more: Reach | None = None
    ) -> None:
        names = program.names(kind)
        self._program, self._kind, self._sights = program, kind, sights
        self._holds = compile_match(predicate, names)
        self._reach = _whole(reach_of(predicate, names) | (more or Reach.nothing()), names, sights)
        asked = [predicate, *(_rules(program, kind, self._reach.scores) if sights.recounts else ())]
        of_lead = kind is SubjectKind.LEAD
        self._accounts = _Accounts(program, _of_accounts(asked, names) if of_lead else {}, sights)
        self._people = {} if of_lead else _of_people(asked, names)

    def yes(self, view: View, records: Records) -> dict[SubjectId, Sight]:
        """Those of the subjects of whom the predicate holds, with what was seen of each, in the same order."""
        sights = self.seen(view, records)
        now = self._sights.now
        return {one: sight for one, sight in sights.items() if self._holds(sight, now)}

    def seen(self, view: View, records: Records) -> dict[SubjectId, Sight]:
        """What the predicate sees of these subjects."""
        sights = self._sights.of(view, records, self._reach)
        if self._kind is SubjectKind.ACCOUNT:
            self._count_people(view, sights)
        elif self._reach.account_fields:
            self._accounts.shown(view, sights)
        self._sights.complete(sights, self._reach)
        return sights

    def _count_people(self, view: View, sights: Mapping[SubjectId, Sight]) -> None:
        if not self._people:
            return
        members = view.members_of([AccountId(one) for one in sights])
        everybody: list[SubjectId] = sorted({lead for some in members.values() for lead in some})
        leads = fetched(view, SubjectKind.LEAD, everybody)
        for told_as, where in self._people.items():
            said = Inquiry(self._program, SubjectKind.LEAD, where, self._sights).yes(view, leads)
            for account, sight in sights.items():
                mine: frozenset[LeadId] = members.get(AccountId(account), frozenset())
                sight.people = {**sight.people, told_as: frozenset(one for one in mine if one in said)}


class _Accounts:
    """What leads are shown of their accounts: the values, and the answers to the questions about it."""

    def __init__(self, program: Program, parts: Mapping[str, Predicate], sights: Sights) -> None:
        self._sights = sights
        self._inquiries = {
            told_as: Inquiry(program, SubjectKind.ACCOUNT, part, sights) for told_as, part in parts.items()
        }
        self._known: dict[str, Mapping[str, Value]] = {}

    def shown(self, view: View, sights: Mapping[SubjectId, Sight]) -> None:
        """Show each lead its account."""
        wanted = {one: _account_of(sight) for one, sight in sights.items()}
        new = sorted({SubjectId(name) for name in wanted.values() if name is not None and name not in self._known})
        if new:
            self._look(view, new)
        for one, sight in sights.items():
            name = wanted[one]
            sight.account = {} if name is None else self._known[name]

    def _look(self, view: View, ids: list[SubjectId]) -> None:
        records = fetched(view, SubjectKind.ACCOUNT, ids)
        values = {one: dict(sight.account) for one, sight in self._sights.of(view, records, Reach.nothing()).items()}
        for told_as, inquiry in self._inquiries.items():
            for one in inquiry.yes(view, records):
                values[one][told_as] = True
        self._known |= {one: values.get(one, {}) for one in ids}


def _whole(reach: Reach, names: Names, sights: Sights) -> Reach:
    """The reach, with what the rules of its scores look at where these are counted anew."""
    for name in reach.scores if sights.recounts else ():
        reach = reach | names.score_reach.get(name, Reach.nothing())
    return reach


def _account_of(sight: Sight) -> str | None:
    account = sight.lead.get("account")
    return account if isinstance(account, str) else None


def _rules(program: Program, kind: SubjectKind, scores: frozenset[str]) -> Iterator[Predicate]:
    """What the rules of these scores ask."""
    for model in program.scores:
        if model.subject is kind and model.name in scores:
            yield from (rule.when for rule in model.rules)


def _of_accounts(asked: Iterable[Predicate], names: Names) -> dict[str, Predicate]:
    """The questions about the account that predicates about leads hold, by the name of the answer."""
    found: dict[str, Predicate] = {}
    rest, seen = list(asked), set[str]()
    while rest:
        node = rest.pop()
        if isinstance(node, People):
            node = OfAccount(node)
        if isinstance(node, OfAccount):
            found[node.told_as] = node.part
        else:
            rest += _below(node, names, seen)
    return found


def _of_people(asked: Iterable[Predicate], names: Names) -> dict[str, Predicate]:
    """The questions about people that predicates about accounts hold, by the name of the answer."""
    found: dict[str, Predicate] = {}
    rest, seen = list(asked), set[str]()
    while rest:
        node = rest.pop()
        if isinstance(node, People):
            found[node.told_as] = node.where
        else:
            rest += _below(node, names, seen)
    return found


def _below(node: Predicate, names: Names, seen: set[str]) -> list[Predicate]:
    """The parts of a node; of a segment, its predicate, once."""
    if not isinstance(node, InSegment):
        return list(node.children())
    if node.name in seen:
        return []
    seen.add(node.name)
    return [names.segments[node.name]]
