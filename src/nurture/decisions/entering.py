"""Who enters a scenario, and with what: the facts that enroll, requests, and the rules of entry. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.decisions.arriving import BECAUSE
from nurture.decisions.hops import MOST_HOPS
from nurture.decisions.leaving import leave
from nurture.decisions.migrating import migrate
from nurture.decisions.past import past_run, past_runs
from nurture.decisions.requested import plan_requested
from nurture.decisions.run import Run
from nurture.decisions.walking import walk
from nurture.model import (
    EMPTY,
    Enrollment,
    EnrollmentState,
    Fact,
    FrozenMapping,
    Origin,
    Touchpoint,
    Value,
    enrollment_id,
)
from nurture.program import Reentry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nurture.decisions.compiling import CompiledScenario
    from nurture.decisions.work import Work

CAMPAIGN = "campaign."
"""What stands before the fields of the campaign in the entry values."""

_BY_TIME = frozenset({"date", "schedule"})
"""Because of what somebody may enter whom no fact brought."""


def let_in(work: Work, fact: Touchpoint) -> None:
    """Enroll into every scenario that a fact begins."""
    for trigger in work.plan.triggers_of(fact.kind):
        if trigger.matches(fact):
            enroll(work, trigger.scenario, fact, _run_key(trigger.scenario, fact))


def _run_key(compiled: CompiledScenario, fact: Touchpoint) -> str:
    key = compiled.scenario.key
    value = None if key is None else fact.properties.get(key)
    return "" if value is None else str(value)


def serve_requests(work: Work) -> None:
    """Enroll, withdraw and send as it was asked for, by hand or by a step of another scenario."""
    for request in work.requests:
        name = str(request.properties.get("scenario", ""))
        key = str(request.properties.get("key", ""))
        if request.kind == Fact.ENROLLMENT_REQUESTED:
            compiled = work.plan.current.get(name)
            by_hand = request.origin is not Origin.ENGINE
            refusal = "unknown_scenario" if compiled is None else enroll(work, compiled, request, key, by_hand=by_hand)
            if refusal is not None and BECAUSE not in request.properties:  # nobody waits for that answer
                saw: dict[str, Value] = {"scenario": name, "reason": refusal, "request": request.id}
                work.emit(Fact.ENROLLMENT_REFUSED, name, saw, cause=request.id)
        elif request.kind == Fact.WITHDRAWAL_REQUESTED:
            reason = str(request.properties.get("reason", "")) or "by request"
            for run in work.active_runs():
                if run.scenario == name and (not key or run.run_key == key):
                    leave(work, run, EnrollmentState.WITHDRAWN, reason)
        elif request.kind == Fact.MIGRATION_REQUESTED:
            migrate(work, request)
        elif request.kind == Fact.MESSAGE_REQUESTED:
            plan_requested(work, request)
    work.requests = []


def enroll(
    work: Work, compiled: CompiledScenario, cause: Touchpoint, run_key: str, *, by_hand: bool = False
) -> str | None:
    """Begin a run, if the scenario's rules allow it; the answer is the reason of a refusal, or None."""
    scenario = compiled.scenario
    entry = _entry_values(work, compiled, cause)
    refusal = _entry_refusal(work, compiled, run_key, entry, cause, by_hand=by_hand)
    if refusal is not None:
        work.note("enrolled", scenario.name, f"refused: {refusal}")
        return refusal
    for one in work.active_runs():
        if _is_of(one, scenario.name, run_key):
            leave(work, one, EnrollmentState.RESTARTED, "restarted")
        elif scenario.group and one in _rivals(work, compiled):
            leave(work, one, EnrollmentState.WITHDRAWN, f"displaced by {scenario.name}")
    identity = enrollment_id(work.tenant, work.subject_id, scenario.name, run_key, cause.id)
    line = work.plan.line(scenario.name, run_key)
    before = past_run(work.past, *line)
    numbers = [one.number for one in work.runs if work.plan.line_of(one) == line]
    number = 1 + max([*numbers, before.number if before is not None else 0])
    hops = _hops_to(work, cause)
    run = Run(identity, scenario.name, compiled.version, run_key, cause.id, work.moment, entry, number, hops)
    work.runs.append(run)
    saw: dict[str, Value] = {"scenario": scenario.name, "enrollment": identity, "version": compiled.version}
    if run_key:
        saw["key"] = run_key
    if by_hand:
        saw["request"] = cause.id
    work.emit(Fact.ENROLLMENT_STARTED, identity, saw, cause=cause.id)
    work.note("enrolled", scenario.name, "started", "", {"cause": cause.kind, **({"key": run_key} if run_key else {})})
    for name, ending, _ in compiled.endings:
        if ending.question is not None:
            work.dirty.add(f"{name}:{identity}")
    walk(work, run, compiled, compiled.flow.start)
    return None


def _is_of(run: Run | Enrollment, scenario: str, run_key: str) -> bool:
    return run.scenario == scenario and run.run_key == run_key


def _entry_values(work: Work, compiled: CompiledScenario, cause: Touchpoint) -> Mapping[str, Value]:
    """What the scenario may ask about the fact that begins a run; of its campaign, the fields as they are now."""
    if not compiled.entry:
        return EMPTY
    found: dict[str, Value] = {name: cause.properties[name] for name in compiled.entry if name in cause.properties}
    campaign = work.plan.program.campaign(cause.campaign) if cause.campaign is not None else None
    if campaign is not None:
        for name in compiled.entry:
            field = name.removeprefix(CAMPAIGN)
            value = getattr(campaign, field, None) if name.startswith(CAMPAIGN) else None
            if value not in (None, ""):
                found[name] = value
    return FrozenMapping(found)


def _entry_refusal(
    work: Work,
    compiled: CompiledScenario,
    run_key: str,
    entry: Mapping[str, Value],
    cause: Touchpoint,
    *,
    by_hand: bool,
) -> str | None:
    scenario = compiled.scenario
    shut = _shut(work, scenario.name, cause)
    if shut is not None:
        return shut
    runs = [one for one in work.runs if _is_of(one, scenario.name, run_key)]
    if any(one.is_active for one in runs) and scenario.reentry is not Reentry.RESTART:
        return "already_active"
    ended = [one.ended_at for one in runs if one.ended_at is not None]
    before = past_run(work.past, scenario.name, run_key)
    if before is not None:
        ended.append(before.ended_at)
    if ended and scenario.reentry is Reentry.NEVER:
        return "ran_before"
    if scenario.max_runs is not None and _runs_so_far(work, scenario.name) >= scenario.max_runs:
        return "max_runs"
    if ended and scenario.reentry_after is not None and max(ended) + scenario.reentry_after > work.moment:
        return "too_soon"
    if compiled.only_if is not None and not by_hand:
        work.sight.entry = entry
        if not compiled.only_if.holds(work.sight, work.moment):
            return "only_if"
    if scenario.group and any(_priority(work, one) >= scenario.priority for one in _rivals(work, compiled)):
        return "excluded"
    return None


def _shut(work: Work, scenario: str, cause: Touchpoint) -> str | None:
    """Why nobody may enter now: it is switched, or so many steps answered one another that it is a circle."""
    switch = work.switches.get(scenario)
    if switch is not None:
        return switch.value
    return "too_many_hops" if _hops_to(work, cause) > MOST_HOPS else None


def _hops_to(work: Work, cause: Touchpoint) -> int:
    """Over how many steps that answered one another somebody comes in."""
    answers = cause.origin is Origin.ENGINE and cause.properties.get(BECAUSE) not in _BY_TIME
    return work.hops if answers else 0


def _runs_so_far(work: Work, scenario: str) -> int:
    """How many runs there were: the newest of each line knows how many came before it."""
    newest: dict[tuple[str, str], int] = {}
    for one in work.runs:
        if one.scenario == scenario:
            line = work.plan.line_of(one)
            newest[line] = max(one.number, newest.get(line, 0))
    for key, before in past_runs(work.past, scenario):
        line = work.plan.line(scenario, key)
        newest[line] = max(before.number, newest.get(line, 0))
    return sum(newest.values())


def _rivals(work: Work, compiled: CompiledScenario) -> list[Run]:
    """The active runs of other scenarios of the same group."""
    mine = compiled.scenario
    others = ((one, work.compiled(one)) for one in work.active_runs() if one.scenario != mine.name)
    return [one for one, other in others if other is not None and other.scenario.group == mine.group]


def _priority(work: Work, run: Run) -> int:
    compiled = work.compiled(run)
    return 0 if compiled is None else compiled.scenario.priority


def renew(run: Run, compiled: CompiledScenario, fresh: list[Touchpoint]) -> bool:
    """Let facts renew what the run knows about its entry; whether one did."""
    matches = compiled.moved_by
    if matches is None:
        return False
    key = compiled.scenario.key
    before = run.entry
    for fact in fresh:
        if (
            not matches(fact, before)
            or fact.id == run.cause
            or (key is not None and _run_key(compiled, fact) != run.run_key)
        ):
            continue
        said = {**fact.properties, **{f"{CAMPAIGN}{name}": value for name, value in fact.properties.items()}}
        run.entry = FrozenMapping({**run.entry, **{name: said[name] for name in compiled.entry if name in said}})
    if run.entry == before:
        return False
    run.touch()
    return True
