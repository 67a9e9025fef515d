"""Deciding: load the subjects that are due in batches, advance each, commit what was decided.

Loading and deciding happen outside the write lock; the commit compares versions and looks at the inbox
again. A conflict drops that subject, not the batch; it is still due. Accounts are decided before leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from heapq import nsmallest
from typing import TYPE_CHECKING, cast

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
from nurture.ports import Capability
from nurture.program import Program
from nurture.runtime.activating import catch_up
from nurture.runtime.gathering import definitions_of
from nurture.runtime.host import Host, with_inbox
from nurture.runtime.legs import Legs, legs_of
from nurture.runtime.quarantine import failed, halved, is_waiting, leave_for_now, put_aside, take_up
from nurture.runtime.results import Decided
from nurture.runtime.saying import has_to_say, say_to_accounts

if TYPE_CHECKING:
    from nurture.ports import TakingUnit, Unit, View


def decide_due(host: Host, limit: int) -> Decided:
    """Decide subjects that are due, at most `limit`; accounts first."""
    if Capability.SKIP_LOCKED in host.storage.capabilities:
        return _decide_taken(host, limit)
    chosen: Sequence[SubjectId] = ()
    try:
        with host.storage.view() as view:
            chosen, more = _chosen(host, view.due(host.storage.now(), _window(host, limit)), limit)
            if not chosen:
                return Decided()
            batch = _load(host, view, chosen)
        done = _decide(host, batch)
    except Exception as error:
        if not chosen:
            raise
        done, more = _apart(host, chosen, error), True
    _notice(host, done)
    return _with_more(done, more or done.conflicts > 0)


def _decide_taken(host: Host, limit: int) -> Decided:
    """The same on a store whose units take work: what this one took is nobody else's until it ends."""
    chosen: Sequence[SubjectId] = ()
    try:
        with host.storage.begin() as unit:
            due = cast("TakingUnit", unit).take_due(host.storage.now(), limit + len(host.unreadable))
            chosen, more = _chosen(host, due, limit)
            if not chosen:
                return Decided()
            with host.storage.view() as view:
                batch = _load(host, view, chosen)
            written = _write(host, unit, _advanced(host, batch), batch.legs)
        done = _after(host, written)
        leave_for_now(host, written.conflicts, batch.now)
    except Exception as error:
        if not chosen:
            raise
        return _with_more(_apart(host, chosen, error), True)
    for subject in batch.behind:
        done += catch_up(host, batch.legs, subject, commit)
    return _with_more(done, more or done.conflicts > 0)


def decide_these(host: Host, subjects: Sequence[SubjectId]) -> Decided:
    """Decide these subjects, all of one kind."""
    with host.storage.view() as view:
        batch = _load(host, view, subjects)
    return _decide(host, batch)


def _chosen(host: Host, due: Sequence[SubjectId], limit: int) -> tuple[list[SubjectId], bool]:
    """Which of the due ones to decide now, all of one kind; and whether there are surely more."""
    if host.unreadable:
        now = host.storage.now()
        due = [one for one in due if not is_waiting(host, one, now)]
    accounts = [subject for subject in due if is_account(subject)]
    found = accounts or list(due)
    if len(found) > limit and host.crowd:
        found = nsmallest(limit, found, key=partial(_place, host.salt))
    return found[:limit], bool(accounts) or len(due) >= limit


def _window(host: Host, limit: int) -> int:
    """Among how many due subjects to choose: more than wanted when others are at work on the same store."""
    return (limit << min(host.crowd, 3)) + len(host.unreadable)


def _place(salt: bytes, subject: str) -> bytes:
    return blake2b(subject.encode(), digest_size=8, salt=salt).digest()


def _notice(host: Host, done: Decided) -> None:
    """Look wider when others were faster, and narrower again when nobody was."""
    if done.conflicts:
        host.crowd = min(host.crowd + 1, 8)
    elif host.crowd:
        host.crowd -= 1


def _with_more(done: Decided, more: bool) -> Decided:
    return attrs.evolve(done, more=True) if more and not done.more else done


def _apart(host: Host, subjects: Sequence[SubjectId], error: Exception) -> Decided:
    """Decide subjects of which at least one makes the batch fail, and put that one aside."""

    def alone(subject: SubjectId, why: Exception) -> Decided:
        put_aside(host, subject, why)
        return Decided(1)

    return halved(subjects, partial(decide_these, host), alone, error)


@attrs.frozen(slots=True, eq=False)
class _Batch:
    """Subjects from one snapshot: those ready to be decided, and those that are behind the active program."""

    dossiers: list[Dossier]
    behind: list[SubjectId]
    legs: Legs
    now: datetime
    program: Program


def _load(host: Host, view: View, subjects: Sequence[SubjectId]) -> _Batch:
    program = host.program  # `activate` may replace it in the middle
    legs = legs_of(host, view, program)
    standings = view.get(Standing, subjects)
    behind = [one for one in subjects if one in standings and legs.is_behind(standings[one])]
    older = definitions_of(host, view, legs.history[-1].older)
    plan = plan_of(program, SubjectKind.ACCOUNT if is_account(subjects[0]) else SubjectKind.LEAD, older)
    left = frozenset(behind)
    ready = [one for one in subjects if one not in left] if left else subjects
    dossiers = load(host, view, ready, standings, plan)
    if legs.switches:
        dossiers = [attrs.evolve(one, switches=legs.switches) if one.is_new else one for one in dossiers]
    if legs.is_second:
        late = [one.subject.id for one in dossiers if one.is_new and legs.began_before(one)]
        behind += late
        dossiers = [one for one in dossiers if one.subject.id not in late] if late else dossiers
    return _Batch(dossiers, behind, legs, host.storage.now(), program)  # the clock is read after the snapshot


def _decide(host: Host, batch: _Batch) -> Decided:
    done = Decided()
    for subject in batch.behind:
        done += catch_up(host, batch.legs, subject, commit)
    return done + commit(host, _advanced(host, batch), batch.legs)


def _advanced(host: Host, batch: _Batch) -> dict[SubjectId, Decision]:
    """What follows for each subject of the batch; one that cannot be decided is no other's trouble."""
    program, now = batch.program, batch.now
    decisions: dict[SubjectId, Decision] = {}
    for dossier in batch.dossiers:
        try:
            decision = advance(program, dossier, now)
        except Exception as error:
            decision = failed(host, program, dossier, now, error)
        if decision.standing is not None:
            decisions[dossier.subject.id] = decision
    return decisions


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
            older=plan.older,
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


def commit(host: Host, decisions: Mapping[SubjectId, Decision], legs: Legs | None = None) -> Decided:
    """Write what was decided, each subject whole or not at all."""
    if not decisions:
        return Decided()
    with host.storage.begin() as unit:
        written = _write(host, unit, decisions, legs)
    return _after(host, written)


@attrs.frozen(slots=True, eq=False)
class _Written:
    """What a unit wrote: the decisions, what accounts told their leads, and the subjects that conflicted."""

    decisions: Mapping[SubjectId, Decision]
    told: Mapping[SubjectId, tuple[Touchpoint, ...]]
    conflicts: frozenset[SubjectId]


def _write(host: Host, unit: Unit, decisions: Mapping[SubjectId, Decision], legs: Legs | None = None) -> _Written:
    if not decisions:
        return _Written({}, {}, frozenset())
    active = legs_of(host, unit)  # nothing is decided under a program that has been replaced meanwhile
    if legs is not None and active != legs:  # it was, by this very object
        return _Written(decisions, {}, frozenset(decisions))
    told: dict[SubjectId, tuple[Touchpoint, ...]] = {}
    groups: dict[SubjectId, Changes] = {}
    for subject, decision in decisions.items():
        groups[subject], facts = _changes(host, unit, decision)
        if facts:
            told[subject] = facts
    return _Written(decisions, told, unit.put(groups))


def _after(host: Host, written: _Written) -> Decided:
    """What follows a commit: observers are told, leads tell their accounts, and what was done is counted."""
    done = _told(host, written)
    talking = [
        subject
        for subject, decision in written.decisions.items()
        if subject not in written.conflicts and has_to_say(decision.standing)
    ]
    return _with_more(done, True) if talking and say_to_accounts(host, talking) else done


def _told(host: Host, written: _Written) -> Decided:
    """Tell the observers what was committed, and count it."""
    decisions, conflicts = written.decisions, written.conflicts
    moments, more = 0, False
    if host.held:
        take_up(host, decisions.keys() - conflicts)
    for subject, decision in decisions.items():
        more = more or decision.more
        if conflicts and subject in conflicts:
            continue
        moments += decision.moments
        if host.observers:
            host.tell((*decision.facts, *written.told.get(subject, ())))
    return Decided(len(decisions) - len(conflicts), moments, len(conflicts), more)


def _changes(host: Host, unit: Unit, decision: Decision) -> tuple[Changes, tuple[Touchpoint, ...]]:
    standing = decision.standing
    if standing is None:
        return Changes(), ()
    told: tuple[Touchpoint, ...] = ()
    if _has_to_tell(standing):
        account = AccountId(standing.subject)
        members = unit.members_of([account]).get(account, frozenset())
        standing, told = tell_some(host.tenant, standing, members, unit.now())
    changed = (decision.subject,) if decision.subject is not None else ()
    return Changes(
        records=(standing, *changed, *decision.facts, *decision.effects, *decision.records, *with_inbox(told)),
        folded=decision.folded,
        quiet_until=standing.advanced_to,
    ), told


def _has_to_tell(standing: Standing) -> bool:
    has_telling = standing.telling is not None and is_account(standing.subject)
    return has_telling and not standing.failures and standing.dead is None


def dossier_of(host: Host, view: View, subject: SubjectId) -> Dossier | None:
    """The dossier of one subject, from this snapshot."""
    standings = view.get(Standing, [subject])
    found = load(host, view, [subject], standings, plan_for(host, view, subject, standings.get(subject)))
    return found[0] if found else None


def plan_for(host: Host, view: View, subject: SubjectId, standing: Standing | None) -> Plan:
    """The plan by which one subject is decided: it answers what it answered when it was decided last."""
    older = definitions_of(host, view, standing.older if standing is not None else ())
    return plan_of(host.program, SubjectKind.ACCOUNT if is_account(subject) else SubjectKind.LEAD, older)
