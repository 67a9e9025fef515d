"""Deciding: load the subjects that are due in batches, advance each, commit what was decided.

Loading and deciding happen outside the write lock; the commit compares versions and looks at the inbox
again. A conflict drops that subject, not the batch; it is still due. Accounts are decided before leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import attrs

from nurture.decisions import Decision, Plan, advance, plan_of, tell_some
from nurture.model import (
    Account,
    AccountId,
    Changes,
    Definition,
    Dossier,
    FrozenMapping,
    Lead,
    Standing,
    SubjectId,
    SubjectKind,
    Touchpoint,
    is_account,
)
from nurture.runtime.activating import Legs, catch_up, legs_of
from nurture.runtime.host import Host, with_inbox
from nurture.runtime.quarantine import guarded, is_waiting
from nurture.runtime.results import Decided

if TYPE_CHECKING:
    from nurture.ports import Unit, View


def decide_due(host: Host, limit: int) -> Decided:
    """Decide subjects that are due, at most `limit`; accounts first."""
    with host.storage.view() as view:
        now = host.storage.now()
        due = [one for one in view.due(now, limit + len(host.failing)) if not is_waiting(host, one, now)][:limit]
        if not due:
            return Decided()
        accounts = [subject for subject in due if is_account(subject)]
        batch = _load(host, view, accounts or due)
    done = _decide(host, batch)
    more = bool(accounts) or bool(batch.behind) or len(due) >= limit or done.conflicts > 0
    return attrs.evolve(done, more=True) if more else done


def decide_these(host: Host, subjects: Sequence[SubjectId]) -> Decided:
    """Decide these subjects, all of one kind."""
    with host.storage.view() as view:
        batch = _load(host, view, subjects)
    return _decide(host, batch)


@attrs.frozen(slots=True, eq=False)
class _Batch:
    """Subjects from one snapshot: those ready to be decided, and those that are behind the active program."""

    dossiers: list[Dossier]
    behind: list[SubjectId]
    legs: Legs
    now: datetime


def _load(host: Host, view: View, subjects: Sequence[SubjectId]) -> _Batch:
    legs = legs_of(host, view)
    standings = view.get(Standing, subjects)
    behind = [one for one in subjects if one in standings and legs.is_behind(standings[one].program)]
    plan = plan_of(host.program, SubjectKind.ACCOUNT if is_account(subjects[0]) else SubjectKind.LEAD)
    left = frozenset(behind)
    ready = [one for one in subjects if one not in left]
    dossiers = load(host, view, ready, standings, plan)
    return _Batch(dossiers, behind, legs, host.storage.now())  # the clock is read after the snapshot


def _decide(host: Host, batch: _Batch) -> Decided:
    done = Decided()
    for subject in batch.behind:
        done += catch_up(host, batch.legs, subject, commit)
    decisions: dict[SubjectId, Decision] = {}
    for dossier in batch.dossiers:
        decision = guarded(host, host.program, dossier, batch.now, partial(advance, host.program, dossier, batch.now))
        if decision.standing is not None:
            decisions[dossier.subject.id] = decision
    return done + commit(host, decisions)


def load(
    host: Host, view: View, subjects: Iterable[SubjectId], standings: Mapping[str, Standing], plan: Plan
) -> list[Dossier]:
    """The dossiers of these subjects, all from one snapshot; a subject without a record is left out."""
    wanted = list(subjects)
    projections: Mapping[str, Lead | Account]
    projections = view.get(Account, wanted) if plan.subject is SubjectKind.ACCOUNT else view.get(Lead, wanted)
    versions = _older_versions(standings, plan)
    definitions = FrozenMapping(view.get(Definition, sorted(versions))) if versions else FrozenMapping[Definition]()
    reach = plan.reach_with(versions, definitions)
    since: dict[SubjectId, datetime | None] = {
        one: standings[one].advanced_to if one in standings else None for one in wanted if one in projections
    }
    known = view.about(since, reach)
    return [
        Dossier(
            tenant=host.tenant,
            subject=projections[one],
            standing=standings.get(one),
            facts=known[one].facts,
            inbox=known[one].inbox,
            effects=known[one].effects,
            definitions=definitions,
        )
        for one in since
    ]


def _older_versions(standings: Mapping[str, Standing], plan: Plan) -> set[str]:
    """The pinned versions that run somewhere here and that the active program does not hold itself."""
    return {
        enrollment.version
        for standing in standings.values()
        for enrollment in standing.enrollments
        if enrollment.is_active and enrollment.version not in plan.versions
    }


def commit(host: Host, decisions: Mapping[SubjectId, Decision]) -> Decided:
    """Write what was decided, each subject whole or not at all."""
    if not decisions:
        return Decided()
    told: dict[SubjectId, tuple[Touchpoint, ...]] = {}
    with host.storage.begin() as unit:
        groups: dict[SubjectId, Changes] = {}
        for subject, decision in decisions.items():
            groups[subject], told[subject] = _changes(host, unit, decision)
        conflicts = unit.put(groups)
    for subject, decision in decisions.items():
        if subject not in conflicts:
            host.tell((*decision.facts, *told[subject]))
    more = any(decision.more for decision in decisions.values())
    moments = sum(decision.moments for subject, decision in decisions.items() if subject not in conflicts)
    return Decided(len(decisions) - len(conflicts), moments, len(conflicts), more)


def _changes(host: Host, unit: Unit, decision: Decision) -> tuple[Changes, tuple[Touchpoint, ...]]:
    standing = decision.standing
    if standing is None:
        return Changes(), ()
    told: tuple[Touchpoint, ...] = ()
    if standing.telling is not None:
        account = AccountId(standing.subject)
        members = unit.members_of([account]).get(account, frozenset())
        standing, told = tell_some(host.tenant, standing, members, unit.now())
    changed = (decision.subject,) if decision.subject is not None else ()
    return Changes(
        records=(standing, *changed, *decision.facts, *decision.effects, *decision.records, *with_inbox(told)),
        folded=decision.folded,
        quiet_until=standing.advanced_to,
    ), told


def dossier_of(host: Host, view: View, subject: SubjectId) -> Dossier | None:
    """The dossier of one subject, from this snapshot."""
    plan = plan_of(host.program, SubjectKind.ACCOUNT if is_account(subject) else SubjectKind.LEAD)
    found = load(host, view, [subject], view.get(Standing, [subject]), plan)
    return found[0] if found else None
