"""Which program is active, and bringing standings from one program to the next.

The active program's fingerprint is stored; a worker with another one refuses to decide. Activation is a
moment: a standing advances to it under the program that held before, then rolls over, changing only
what differs. Standings roll when they are due, and `activate` sweeps the rest by cursor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from nurture.decisions import EVERYTHING, Decision, advance, roll_over
from nurture.errors import ConflictError, DefinitionError, NotFoundError, ProgramMismatchError
from nurture.model import (
    Account,
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
from nurture.program import Program
from nurture.program.check import dropped_names
from nurture.program.codec import scenario_from_definition
from nurture.program.program import canonical
from nurture.runtime.host import Host
from nurture.runtime.quarantine import failed, is_away, put_aside
from nurture.runtime.results import Decided

if TYPE_CHECKING:
    from nurture.model.records import Record
    from nurture.ports import View

ATTEMPTS = 5
ACTIVATION = "program"
PROGRAM_SUBJECT = SubjectId("program")
MICROSECOND = timedelta(microseconds=1)

Commit = Callable[[Host, Mapping[SubjectId, Decision]], Decided]


@attrs.frozen(slots=True)
class Legs:
    """The way from any earlier program to the active one."""

    history: tuple[Activated, ...]

    @property
    def active(self) -> str:
        """Fingerprint of the active program."""
        return self.history[-1].program

    @property
    def is_second(self) -> bool:
        """Whether there was another program before."""
        return len(self.history) > 1

    def began_before(self, dossier: Dossier) -> bool:
        """Whether a subject that was never decided has something to decide from before the last activation."""
        return any(one.due_at <= self.history[-1].at for one in dossier.inbox)

    def around(self, instant: datetime) -> tuple[Activated, Activated]:
        """The activation that held at an instant (the first one, for what came before it), and the next one."""
        index = max((at for at, one in enumerate(self.history[:-1]) if one.at < instant), default=0)
        return self.history[index], self.history[index + 1]

    def is_behind(self, program: str) -> bool:
        """Whether a standing under this program has an activation before it."""
        return program != self.active

    def after(self, program: str) -> tuple[Activated, ...]:
        """The activations that a standing under this program has not seen."""
        indexes = [index for index, one in enumerate(self.history) if one.program == program]
        return self.history[indexes[-1] + 1 :] if indexes else self.history[-1:]


def legs_of(host: Host, view: View, program: Program | None = None) -> Legs:
    """The activations so far; the first use of a store activates the program at hand.

    Read in a unit, they stay as they are until it ends.

    Args:
        host: The parts.
        view: Where to read.
        program: The one that must be active; None means the host's own of this instant.

    Raises:
        ProgramMismatchError: Another program is active.
    """
    found = view.get(Activation, [ACTIVATION]).get(ACTIVATION)
    if found is None:
        raise ProgramMismatchError("no program is active in this store yet: crm.activate() makes this one active")
    if found.history[-1].program != (program or host.program).fingerprint:
        raise ProgramMismatchError(
            "this worker's program is not the active one; activate it with crm.activate(), or start the worker with "
            f"the active program (active {found.history[-1].program}, here {host.program.fingerprint})"
        )
    return Legs(found.history)


def activate_first(host: Host) -> None:
    """Activate the program at hand if the store has none; another active program is left alone."""
    with host.storage.view() as view:
        if view.get(Activation, [ACTIVATION]):
            return
    _write_activation(host, host.program, only_first=True)


def activate(host: Host, program: Program) -> None:
    """Make a program the active one, from now on; standings follow as they become due, or by `sweep`."""
    _write_activation(host, program, only_first=False)
    host.program = program


def refuse_dropped_names(host: Host, program: Program) -> None:
    """Refuse a program that drops what running enrollments on older versions still need.

    Raises:
        DefinitionError: It does; every name is listed with the scenario that needs it.
    """
    current = {program.version_of(one) for one in program.scenarios}
    running: set[str] = set()
    standing_in: Counter[str] = Counter()
    after = ""
    while True:
        with host.storage.view() as view:
            page = view.page(Standing, after, 500)
        running |= {run.version for one in page for run in one.enrollments if run.is_active}
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


def _write_activation(host: Host, program: Program, *, only_first: bool) -> None:
    definitions = _definitions(program)
    for _ in range(5):
        with host.storage.view() as view:
            known = view.get(Activation, [ACTIVATION]).get(ACTIVATION)
        with host.storage.begin() as unit:
            if known is not None and (only_first or known.history[-1].program == program.fingerprint):
                return
            entry = Activated(program.fingerprint, unit.now())
            if known is None:
                record = Activation(id=ACTIVATION, history=(entry,))
            else:
                record = attrs.evolve(known, version=known.version + 1, history=(*known.history, entry), rolled_to="")
            conflicts = unit.put({PROGRAM_SUBJECT: Changes(records=(record, *definitions))})
        if not conflicts:
            return
    raise ConflictError("the activation is being written by others all the time; try again")


def _definitions(program: Program) -> tuple[Record, ...]:
    whole = Definition(id=program.fingerprint, what="program", body=canonical(program.to_json()))
    parts = [
        Definition(id=program.version_of(one), what="scenario", body=program.definition_of(one))
        for one in program.scenarios
    ]
    return (whole, *parts)


def catch_up(host: Host, legs: Legs, subject: SubjectId, commit: Commit) -> Decided:
    """Bring one standing, leg by leg, to the active program; each leg is a commit of its own."""
    done = Decided()
    while True:
        with host.storage.view() as view:
            standing = view.get(Standing, [subject]).get(subject)
            if standing is not None and (standing.dead is not None or not legs.is_behind(standing.program)):
                return done
            dossier = _whole_dossier(host, view, subject, standing)
            if dossier is None or (standing is None and not (legs.is_second and legs.began_before(dossier))):
                return done
            if standing is None:
                held, leg = legs.around(min(one.due_at for one in dossier.inbox))
                old = _program(host, view, held.program)
            else:
                leg = legs.after(standing.program)[0]
                old = _program(host, view, standing.program)
            new = _program(host, view, leg.program)
        now = host.storage.now()
        if standing is not None and standing.failures and standing.due_at is not None and now < standing.due_at:
            return done  # it failed, and is tried again later
        try:
            decision = _leg(old, new, dossier, leg.at)
        except Exception as error:
            return done + commit(host, {subject: failed(host, old, dossier, now, error)})
        step = commit(host, {subject: decision})
        done += step
        if step.conflicts:
            return done


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
            old = _program(host, view, standing.program)
            dossier = _whole_dossier(host, view, subject, attrs.evolve(standing, dead=None, failures=0))
        if dossier is None:
            return False
        missing = without - {one.fact.id for one in dossier.inbox}
        if missing:
            raise NotFoundError(f"no such fact waits for a decision about {subject}: {min(missing)}")
        if legs.is_behind(standing.program):
            made = roll_over(old, host.program, dossier, legs.history[-1].at)
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


def _leg(old: Program, new: Program, dossier: Dossier, at: datetime) -> Decision:
    """One step towards the new program: what is due by its activation under the old one, then the roll-over."""
    decision = advance(old, dossier, at + MICROSECOND)
    return roll_over(old, new, dossier, at) if decision.standing is None else decision


def _whole_dossier(host: Host, view: View, subject: SubjectId, standing: Standing | None) -> Dossier | None:
    record: Lead | Account | None
    record = (
        view.get(Account, [subject]).get(subject) if is_account(subject) else view.get(Lead, [subject]).get(subject)
    )
    if record is None:
        return None
    known = view.about({subject: standing.advanced_to if standing else None}, EVERYTHING)[subject]
    versions = sorted({one.version for one in standing.enrollments if one.is_active}) if standing else []
    return Dossier(
        tenant=host.tenant,
        subject=record,
        standing=standing,
        facts=known.facts,
        inbox=known.inbox,
        effects=known.effects,
        definitions=view.get(Definition, versions),
    )


def _program(host: Host, view: View, fingerprint: str) -> Program:
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


def _swept(host: Host, legs: Legs, subject: SubjectId, commit: Commit) -> int:
    """Bring one standing to the active program; one that cannot be read is put aside, and stops nobody else."""
    try:
        catch_up(host, legs, subject, commit)
    except Exception as error:
        if is_away(error):
            raise
        put_aside(host, subject, error)
        return 0
    return 1


def sweep(host: Host, commit: Commit, batch: int = 500) -> int:
    """Roll every standing over to the active program, by cursor; the answer is how many were behind."""
    rolled = 0
    after = ""
    with host.storage.view() as view:
        activation = view.get(Activation, [ACTIVATION]).get(ACTIVATION)
        if activation is None or activation.rolled_to is None:
            return 0
        after = activation.rolled_to
        legs = legs_of(host, view)
    while True:
        with host.storage.view() as view:
            page = view.page(Standing, after, batch)
        for standing in page:
            if standing.dead is None and legs.is_behind(standing.program):
                rolled += _swept(host, legs, standing.subject, commit)
        after = page[-1].id if page else after
        finished = len(page) < batch
        with host.storage.view() as view:
            known = view.get(Activation, [ACTIVATION])[ACTIVATION]
        with host.storage.begin() as unit:
            if known.history != legs.history:
                return rolled  # a newer activation took over
            moved = attrs.evolve(known, version=known.version + 1, rolled_to=None if finished else after)
            unit.put({PROGRAM_SUBJECT: Changes(records=(moved,))})
        if finished:
            return rolled
