"""Deciding: load the subjects that are due in batches, advance each, commit what was decided.

Loading and deciding happen outside the write lock; the commit compares versions and looks at the inbox
again. A conflict drops that subject, not the batch; it is still due. Accounts are decided before leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from nurture.runtime.host import Host, log, with_inbox
from nurture.runtime.results import Decided

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import Unit, View


def decide_due(host: Host, limit: int) -> Decided:
    """Decide subjects that are due, at most `limit`; accounts first."""
    with host.storage.view() as view:
        due = view.due(host.storage.now(), limit)
    accounts = [subject for subject in due if is_account(subject)]
    return decide_these(host, accounts or due)


def decide_these(host: Host, subjects: Sequence[SubjectId]) -> Decided:
    """Decide these subjects, all of one kind."""
    if not subjects:
        return Decided()
    with host.storage.view() as view:
        legs = legs_of(host, view)
        standings = view.get(Standing, subjects)
        behind = [one for one in subjects if _is_behind(legs, standings.get(one))]
        plan = plan_of(host.program, SubjectKind.ACCOUNT if is_account(subjects[0]) else SubjectKind.LEAD)
        ready = [one for one in subjects if one not in set(behind)] if behind else subjects
        dossiers = load(host, view, ready, standings, plan)
        now = host.storage.now()  # after the snapshot: whatever it shows was received before
    done = Decided()
    for subject in behind:
        done += catch_up(host, legs, subject, commit)
    decisions = {one.subject.id: (one, _advanced(host, one, now)) for one in dossiers}
    return done + commit(host, {subject: made for subject, made in decisions.items() if made[1].standing is not None})


def _is_behind(legs: Legs, standing: Standing | None) -> bool:
    return legs.is_behind(standing.program if standing else None)


def _advanced(host: Host, dossier: Dossier, now: datetime) -> Decision:
    """Advance one subject; what fails for good is put aside, so that it stops nobody else."""
    try:
        return advance(host.program, dossier, now)
    except Exception as error:
        log.exception("deciding failed", extra={"nurture_subject": dossier.subject.id})
        old = dossier.standing
        broken = (
            attrs.evolve(old, version=old.version + 1)
            if old
            else Standing(subject=dossier.subject.id, program=host.program.fingerprint)
        )
        return Decision(standing=attrs.evolve(broken, dead=f"failed: {type(error).__name__}", due_at=None))


def load(
    host: Host, view: View, subjects: Iterable[SubjectId], standings: Mapping[str, Standing], plan: Plan
) -> list[Dossier]:
    """The dossiers of these subjects, all from one snapshot; a subject without a record is left out."""
    wanted = list(subjects)
    projections: Mapping[str, Lead | Account]
    projections = view.get(Account, wanted) if plan.subject is SubjectKind.ACCOUNT else view.get(Lead, wanted)
    definitions = _missing_definitions(view, standings, plan)
    reach = plan.reach
    if definitions:
        older = [plan.scenario(version, definitions) for version in definitions]
        reach = plan.reach_with(one for one in older if one is not None)
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


def _missing_definitions(view: View, standings: Mapping[str, Standing], plan: Plan) -> FrozenMapping[Definition]:
    """The pinned versions that run somewhere here and that the active program does not hold itself."""
    missing = {
        enrollment.version
        for standing in standings.values()
        for enrollment in standing.enrollments
        if enrollment.is_active and plan.scenario(enrollment.version, {}) is None
    }
    return FrozenMapping(view.get(Definition, sorted(missing))) if missing else FrozenMapping()


def commit(host: Host, decisions: Mapping[SubjectId, tuple[Dossier, Decision]]) -> Decided:
    """Write what was decided, each subject whole or not at all."""
    if not decisions:
        return Decided()
    told: dict[SubjectId, tuple[Touchpoint, ...]] = {}
    with host.storage.begin() as unit:
        groups: dict[SubjectId, Changes] = {}
        for subject, (_, decision) in decisions.items():
            groups[subject], told[subject] = _changes(host, unit, decision)
        conflicts = unit.put(groups)
    for subject, (_, decision) in decisions.items():
        if subject not in conflicts:
            host.tell((*decision.facts, *told[subject]))
    moments = sum(decision.moments for subject, (_, decision) in decisions.items() if subject not in conflicts)
    return Decided(len(decisions) - len(conflicts), moments, len(conflicts))


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
