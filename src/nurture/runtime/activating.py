"""Which program is active, and bringing standings from one program to the next.

The active program's fingerprint is stored; a worker with another one refuses to decide. Activation is a
moment: a standing advances to it under the program that held before, then rolls over, changing only
what differs. Standings roll when they are due, and `sweeping` brings on the rest by cursor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from nurture.decisions import Decision, advance, asks_across, roll_over, switch_over
from nurture.errors import ConflictError, DefinitionError, NotFoundError
from nurture.model import (
    Activated,
    Activation,
    Changes,
    Definition,
    Dossier,
    Lead,
    Standing,
    SubjectId,
    is_account,
)
from nurture.model.ids import shown
from nurture.program.check_scenarios import dropped_names
from nurture.program.codec import scenario_from_definition
from nurture.program.program import Program, canonical
from nurture.runtime.counting import Way, prepared
from nurture.runtime.gathering import definitions_of, program_of, whole_dossiers
from nurture.runtime.host import Host
from nurture.runtime.legs import ACTIVATION, MICROSECOND, PROGRAM_SUBJECT, Legs, legs_of, next_at
from nurture.runtime.quarantine import failed
from nurture.runtime.results import Decided

if TYPE_CHECKING:
    from nurture.model.records import Record
    from nurture.ports import View

ATTEMPTS = 5


def require_program(given: object) -> None:
    """Refuse what is no program; None stands for the one that the host has.

    Raises:
        DefinitionError: It is something else.
    """
    if given is not None and not isinstance(given, Program):
        raise DefinitionError(f"program: expected a Program, found {type(given).__name__}")


Commit = Callable[[Host, Mapping[SubjectId, Decision]], Decided]


def activate_first(host: Host) -> None:
    """Activate the program at hand if the store has none; another active program is left alone."""
    with host.storage.view() as view:
        if view.get(Activation, [ACTIVATION]):
            return
    _write_activation(host, host.program, None)


def activate(host: Host, program: Program, in_use: InUse | None = None, *, enrolls: bool = False) -> None:
    """Make a program the active one, from now on; standings follow as they become due, or by `sweep`.

    Args:
        host: The parts.
        program: The program.
        in_use: What `refuse_dropped_names` found; None means that it is asked here.
        enrolls: Whether those who come into a segment or a stage by it are enrolled.
    """
    _write_activation(host, program, in_use or refuse_dropped_names(host, program), enrolls=enrolls)
    host.program = program


@attrs.frozen(slots=True)
class InUse:
    """What standings still need.

    Attributes:
        versions: Versions of scenarios on which enrollments run.
        programs: Programs under which standings were decided that may be decided further.
    """

    versions: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()


def refuse_dropped_names(host: Host, program: Program) -> InUse:
    """Refuse a program that drops what running enrollments on older versions still need.

    Raises:
        DefinitionError: It does; every name is listed with the scenario that needs it.
    """
    current = {program.version_of(one) for one in program.scenarios}
    running: set[str] = set()
    programs: set[str] = set()
    standing_in: Counter[str] = Counter()
    after = ""
    while True:
        with host.storage.view() as view:
            page = view.page(Standing, after, 500)
        running |= {run.version for one in page for run in one.enrollments if run.is_active}
        programs |= {one.program for one in page if one.dead is None}
        standing_in.update(one.stage for one in page if one.stage is not None)
        if len(page) < 500:
            break
        after = page[-1].id
    with host.storage.view() as view:
        definitions = view.get(Definition, sorted(running - current))
    stages = program.lifecycle.names if program.lifecycle else ()
    problems = [
        f"lifecycle.stages: {count} subjects stand in stage {stage!r}, which this program does not declare"
        for stage, count in sorted(standing_in.items())
        if stage not in stages
    ]
    for definition in definitions.values():
        problems += dropped_names(program, scenario_from_definition(definition.body))
    if problems:
        raise DefinitionError(sorted(set(problems)))
    return InUse(frozenset(running), frozenset(programs))


def _write_activation(host: Host, program: Program, in_use: InUse | None, *, enrolls: bool = False) -> None:
    """Activate a program; without knowing what is in use, only where none was active before."""
    definitions = _definitions(program)
    for _ in range(ATTEMPTS):
        with host.storage.view() as view:
            known = view.get(Activation, [ACTIVATION]).get(ACTIVATION)
            if known is not None and (in_use is None or known.history[-1].program == program.fingerprint):
                return
            older = _older(host, view, known.history[-1], program, in_use) if known and in_use else ()
        with host.storage.begin() as unit:
            if known is None:
                record = Activation(id=ACTIVATION, history=(Activated(program.fingerprint, unit.now(), enrolls),))
            else:
                last = known.history[-1]  # what is switched stays so, also where the program drops it: runs may go on
                entry = Activated(program.fingerprint, next_at(last, unit.now()), enrolls, older, last.switches)
                record = attrs.evolve(known, version=known.version + 1, history=(*known.history, entry), rolled_to="")
            conflicts = unit.put({PROGRAM_SUBJECT: Changes(records=(record, *definitions))})
        if not conflicts:
            return
    raise ConflictError("the activation is being written by others all the time; try again")


def _older(host: Host, view: View, last: Activated, program: Program, in_use: InUse) -> tuple[str, ...]:
    """The versions that the program does not hold, that may still run, and that ask something of another subject.

    Until this activation stands, runs may begin on what the last one holds; and a standing that has not followed
    it may begin one on what came before.
    """
    before = program_of(host, view, last.program)
    versions = {*in_use.versions, *(before.version_of(one) for one in before.scenarios)}
    if not in_use.programs <= {last.program} or view.due(last.at, 1):
        versions |= set(last.older)
    versions -= {program.version_of(one) for one in program.scenarios}
    definitions = view.get(Definition, sorted(versions))
    return tuple(
        version
        for version, definition in sorted(definitions.items())
        if asks_across(program, scenario_from_definition(definition.body))
    )


def _definitions(program: Program) -> tuple[Record, ...]:
    whole = Definition(id=program.fingerprint, what="program", body=canonical(program.to_json()))
    parts = [
        Definition(id=program.version_of(one), what="scenario", body=program.definition_of(one))
        for one in program.scenarios
    ]
    return (whole, *parts)


def catch_up(host: Host, legs: Legs, subject: SubjectId, commit: Commit) -> Decided:
    """Bring one standing, after its account's, leg by leg to the active program; each leg is a commit of its own."""
    done = Decided()
    account = _account_behind(host, legs, subject)
    if account is not None:
        done += catch_up(host, legs, account, commit)
    while True:
        with host.storage.view() as view:
            standing = view.get(Standing, [subject]).get(subject)
            is_new = standing is None or standing.advanced_to is None
            if standing is not None and (standing.dead is not None or not (is_new or legs.is_behind(standing))):
                return done
            dossier = _whole_dossier(host, view, subject, standing)
            if dossier is None or (is_new and not (legs.is_second and legs.began_before(dossier))):
                return done
            if standing is None or is_new:
                held, leg = legs.around(min(one.due_at for one in dossier.inbox))
                older = definitions_of(host, view, held.older)
                dossier = attrs.evolve(dossier, older=older, switches=held.switches)
                old = program_of(host, view, held.program)
            else:
                leg = legs.after(standing)[0]
                old = program_of(host, view, standing.program)
            way = way_of(host, view, old, leg)
        now = host.storage.now()
        if standing is not None and standing.failures and standing.due_at is not None and now < standing.due_at:
            return done  # it failed, and is tried again later
        try:
            decision = step_of(host, dossier, way)
        except Exception as error:
            return done + commit(host, {subject: failed(host, old, dossier, now, error)})
        step = commit(host, {subject: decision})
        done += step
        if step.conflicts:
            return done


def _account_behind(host: Host, legs: Legs, subject: SubjectId) -> SubjectId | None:
    """The lead's account, if it is well and has not come to the active program; it answers what the lead asks."""
    if is_account(subject):
        return None
    with host.storage.view() as view:
        lead = view.get(Lead, [subject]).get(subject)
        account = lead.account if lead is not None else None
        standing = view.get(Standing, [account]).get(account) if account is not None else None
    if standing is None or standing.failures or standing.dead is not None:
        return None
    return account if legs.is_behind(standing) else None


def revive(host: Host, subject: SubjectId, without: frozenset[str] = frozenset()) -> bool:
    """Let a dead or failing subject be decided again now; one that is behind goes straight to the active program.

    Raises:
        NotFoundError: A fact to be left out does not wait.
        ConflictError: Others write the subject all the time.
    """
    for _ in range(ATTEMPTS):
        with host.storage.view() as view:
            legs = legs_of(host, view)
            standing = view.get(Standing, [subject]).get(subject)
            if standing is None or (standing.dead is None and not standing.failures):
                return False
            old = program_of(host, view, standing.program)
            dossier = _whole_dossier(host, view, subject, attrs.evolve(standing, dead=None, failures=0))
            way = way_of(host, view, old, legs.history[-1])
        if dossier is None:
            return False
        missing = without - {one.fact.id for one in dossier.inbox}
        if missing:
            raise NotFoundError(f"no such fact waits for a decision about {subject}: {shown(min(missing), 'fact_…')}")
        if legs.is_behind(standing):
            made = _rolled(host, dossier, way)
        else:
            now = host.storage.now()
            revived = attrs.evolve(standing, version=standing.version + 1, dead=None, failures=0, due_at=now)
            made = Decision(standing=revived)
        if made.standing is None:
            return False
        # facts that waited all the time stay in the inbox and are decided next, so nothing is asked of it here
        records: tuple[Record, ...] = (made.standing, *made.facts, *made.effects, *made.records)
        with host.storage.begin() as unit:
            conflicts = unit.put({subject: Changes(records=records, folded=tuple(sorted(without)))})
        if not conflicts:
            host.unreadable.pop(subject, None)
            return True
    raise ConflictError(f"{subject} is being written by others all the time; try again")


def way_of(host: Host, view: View, old: Program, leg: Activated) -> Way:
    """The way from a program to the one of a leg."""
    older = definitions_of(host, view, leg.older)
    return Way(old=old, new=program_of(host, view, leg.program), leg=leg, older=older)


def step_of(host: Host, dossier: Dossier, way: Way) -> Decision:
    """One step towards the new program: what is due by its activation under the old one, then the roll-over."""
    decision = advance(way.old, dossier, way.leg.at + MICROSECOND)
    return _rolled(host, dossier, way) if decision.standing is None else decision


def _rolled(host: Host, dossier: Dossier, way: Way) -> Decision:
    leg, standing = way.leg, dossier.standing
    if standing is not None and standing.program == leg.program and standing.older == leg.older:
        return switch_over(way.new, dossier, leg.at, leg.switches)
    ready = prepared(host, dossier, way)
    return roll_over(way.old, way.new, ready, leg.at, enrolls=leg.enrolls, switches=leg.switches)


def _whole_dossier(host: Host, view: View, subject: SubjectId, standing: Standing | None) -> Dossier | None:
    return whole_dossiers(host, view, {subject: standing}).get(subject)
