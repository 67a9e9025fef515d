"""Moving a run to the active version of its scenario by a mapping of steps, if that repeats no send. Pure.

A run that comes to a step of the same kind goes on there as if it had stood there all the time: it keeps its arrival,
so waits count from when they began, and it keeps the effect, the task or the approval that it waits for. At a step of
another kind it arrives now.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import attrs

from nurture.decisions.leaving import leave
from nurture.decisions.scene import stop_of
from nurture.decisions.walking import resume, walk
from nurture.model import Enrollment, EnrollmentState, Fact, Visit
from nurture.steps import Acting, Flow

if TYPE_CHECKING:
    from nurture.decisions.compiling import CompiledScenario
    from nurture.decisions.run import Run
    from nurture.decisions.work import Work
    from nurture.model import Touchpoint, Value

MIGRATED: Final = "migrated"
"""The edge by which a run leaves the step of the older version; also why it left, where no step takes its place."""
_ASKED: Final = frozenset({"action", "message", "notice"})
OUT: Final = ""
"""Stands in a request for no step: the run is to leave."""


class MigrationFate(StrEnum):
    """What a migration does to one run."""

    MOVES = "moves"
    LEAVES = "leaves"
    REFUSED = "refused"


@attrs.frozen(slots=True)
class Outlook:
    """What a migration will do to one run: the step to which it comes, or why it is refused."""

    fate: MigrationFate
    step: str = ""
    reason: str = ""


def outlook_of(run: Run | Enrollment, old: Flow, new: Flow, mapping: Mapping[str, str | None]) -> Outlook:
    """What becomes of a run that is to move from one version to another.

    Args:
        run: An active run on the older version.
        old: The flow of that version.
        new: The flow of the version to which it goes.
        mapping: For each step of the older version the one of the newer that takes its place; None lets it leave.
    """
    here = run.step
    if here is None or here not in mapping or here not in old.nodes:
        return Outlook(MigrationFate.REFUSED, reason="no_mapping")
    to = mapping[here]
    if to is None:
        return Outlook(MigrationFate.LEAVES)
    if to not in new.nodes:
        return Outlook(MigrationFate.REFUSED, reason="no_such_step")
    if _repeats(run, old, new, mapping, to):
        return Outlook(MigrationFate.REFUSED, to, "repeats_a_send")
    return Outlook(MigrationFate.MOVES, to)


def _repeats(run: Run | Enrollment, old: Flow, new: Flow, mapping: Mapping[str, str | None], to: str) -> bool:
    """Whether what it asked for already lies ahead again, without having been ahead on the older version as well.

    What it asked for counts, whatever became of it.
    """
    passed = asked_by(run, old)
    if not passed:
        return False
    here = run.path[-1].step
    has_asked = _has_asked(run)
    left = _ahead(old, here, itself=not has_asked)
    meant_anyway = {(mapping.get(step), one) for step in left for one in asks_of(old, step)}
    goes_on = has_asked and type(old.nodes[here].step) is type(new.nodes[to].step)
    ahead = _ahead(new, to, itself=not goes_on)
    return any(one in passed and (step, one) not in meant_anyway for step in ahead for one in asks_of(new, step))


def _has_asked(run: Run | Enrollment) -> bool:
    """Whether the present stop has asked for something already."""
    return run.effect is not None or run.turns > 0


def asked_by(run: Run | Enrollment, old: Flow) -> set[str]:
    """What a run has asked for so far, on its version and on older ones."""
    stops = run.path[run.moved :] if _has_asked(run) else run.path[run.moved : -1]
    return {*run.asked, *(one for visit in stops for one in asks_of(old, visit.step))}


def asks_of(flow: Flow, address: str) -> set[str]:
    """What the step at an address may ask to be done in the world, in words that tell one thing from another."""
    node = flow.nodes.get(address)
    if node is None or not isinstance(node.step, Acting):
        return set()
    return {f"{what}:{name}" for what, name in node.step.mentions() if what in _ASKED} or {node.step.kind}


def _ahead(flow: Flow, start: str, *, itself: bool) -> set[str]:
    """The steps to which a run can still come from a step; a jump back counts."""
    found: set[str] = set()
    waiting = [start] if itself else [way for way in flow.nodes[start].ways.values() if way is not None]
    while waiting:
        address = waiting.pop()
        if address not in found:
            found.add(address)
            waiting += [way for way in flow.nodes[address].ways.values() if way is not None]
    return found


def mapping_in(request: Touchpoint) -> dict[str, str | None]:
    """The mapping that a request holds."""
    steps, to = (request.properties.get(name) for name in ("steps", "to_steps"))
    if not isinstance(steps, tuple) or not isinstance(to, tuple):
        return {}
    return {str(one): None if other == OUT else str(other) for one, other in zip(steps, to, strict=False)}


def migrate(work: Work, request: Touchpoint) -> None:
    """Move the runs of a scenario that are on the version which a request names to the active version."""
    name, version = (str(request.properties.get(one, "")) for one in ("scenario", "version"))
    compiled = work.plan.current.get(name)
    for run in work.active_runs():
        if run.scenario != name or run.version != version or (compiled is not None and compiled.version == version):
            continue
        before = work.compiled(run)
        if compiled is None or before is None or compiled.version != request.properties.get("to"):
            outlook = Outlook(MigrationFate.REFUSED, reason="another_version")
        else:
            outlook = outlook_of(run, before.flow, compiled.flow, mapping_in(request))
        if outlook.fate is MigrationFate.MOVES and compiled is not None and before is not None:
            _move(work, run, before, compiled, outlook.step)
        elif outlook.fate is MigrationFate.LEAVES:
            leave(work, run, EnrollmentState.WITHDRAWN, MIGRATED)
        else:
            told: dict[str, Value] = {"scenario": name, "enrollment": run.id, "reason": outlook.reason}
            work.emit(Fact.MIGRATION_REFUSED, run.id, {**told, "request": request.id}, cause=request.id)
            work.note("migrated", name, f"refused: {outlook.reason}")


def _move(work: Work, run: Run, before: CompiledScenario, compiled: CompiledScenario, to: str) -> None:
    here = run.path[-1]
    told: dict[str, Value] = {
        "scenario": run.scenario,
        "enrollment": run.id,
        "from": run.version,
        "version": compiled.version,
        "step": here.step,
        "to_step": to,
    }
    work.emit(Fact.ENROLLMENT_MIGRATED, run.id, told, cause=run.id)
    work.note("migrated", run.scenario, f"{here.step} → {to}")
    run.touch()
    stays = type(before.flow.nodes[here.step].step) is type(compiled.flow.nodes[to].step) and not run.held
    stop = stop_of(work.tenant, run)
    run.asked = tuple(sorted(asked_by(run, before.flow)))
    run.path = (*run.path[:-1], Visit(here.step, here.at, MIGRATED))
    run.moved = len(run.path)
    run.version = compiled.version
    _watch_endings(work, run, before, compiled)
    if not stays and run.effect is None:
        run.held, run.since = False, None
        walk(work, run, compiled, to)
        return
    run.path = (*run.path, Visit(to, here.at))
    run.stop = stop
    if run.effect is None:
        resume(work, run, compiled, [], moved=True)


def _watch_endings(work: Work, run: Run, before: CompiledScenario, compiled: CompiledScenario) -> None:
    """Ask the goals and exits of the other version from now on."""
    for name, ending, _ in before.endings:
        if ending.question is not None:
            work.agenda.pop(f"{name}:{run.id}", None)
    for name, ending, _ in compiled.endings:
        if ending.question is not None:
            work.dirty.add(f"{name}:{run.id}")
