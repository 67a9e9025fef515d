"""Walking through a scenario: coming to a step, asking it, staying there or going on. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from nurture.decisions.leaving import leave
from nurture.decisions.orders import obey, planned
from nurture.decisions.scene import EnrollmentScene
from nurture.model import EnrollmentState, Touchpoint, Visit
from nurture.model.standing import NOTHING
from nurture.steps import NEXT, Go, Move, Stay

if TYPE_CHECKING:
    from nurture.decisions.compiling import CompiledScenario
    from nurture.decisions.run import Run
    from nurture.decisions.work import Work


def resume(work: Work, run: Run, compiled: CompiledScenario, fresh: list[Touchpoint], *, moved: bool = False) -> None:
    """Ask the present step of a run again, if its time has come, its effect was settled, or it listens to facts.

    Args:
        work: The workbench.
        run: Which run.
        compiled: Its scenario.
        fresh: The facts that this round has not seen before.
        moved: Whether one of them renewed what the run knows about its entry.
    """
    node = compiled.flow.nodes.get(run.path[-1].step if run.path else "")
    if node is None:
        return
    receipt = work.receipts.get(run.effect) if run.effect is not None else None
    time_has_come = work.is_step_due(run.watch)
    if receipt is None and not time_has_come and not moved and not (fresh and node.step.listens):
        return
    if receipt is None and work.is_paused(run.scenario):
        work.schedule(run.watch, None)  # it is asked when the scenario is resumed
        return
    if run.held:
        _go_on(work, run, compiled)
        return
    if receipt is not None:
        claimed_at = receipt.properties.get("claimed_at")
        run.touch()
        run.effect = None
        run.since = claimed_at if isinstance(claimed_at, datetime) else work.moment
        work.hops = max(work.hops, run.hops)
    elif run.effect is not None:
        return  # the effect has not settled; time alone moves nothing here
    elif run.hops != work.hops:
        run.touch()
        run.hops = work.hops  # time, or another fact, moves it on: whoever told it before is not the cause any more
    work.located = None
    _carry_out(work, run, compiled, node.step.resume(EnrollmentScene(work, run, compiled, receipt)))


def walk(work: Work, run: Run, compiled: CompiledScenario, address: str | None) -> None:
    """Arrive at a step; steps that do not stay lead on to the next within the same moment."""
    move = _arrived(work, run, compiled, address)
    if move is not None:
        _carry_out(work, run, compiled, move)


def _carry_out(work: Work, run: Run, compiled: CompiledScenario, move: Move | None) -> None:
    while move is not None:
        if isinstance(move, Go):
            _leave_step(work, run, compiled, move)
            if not run.is_active:
                return
            move = _arrived(work, run, compiled, compiled.flow.nodes[run.path[-1].step].ways[move.edge])
        elif isinstance(move, Stay):
            _stay(work, run, move)
            return
        else:
            leave(work, run, move.state, move.reason)
            return


def _arrived(work: Work, run: Run, compiled: CompiledScenario, address: str | None) -> Move | None:
    """Come to a step and ask it; there is nothing to ask after the last one."""
    if address is None:
        leave(work, run, EnrollmentState.COMPLETED, "end")
        return None
    run.was = None
    run.path = (*run.path, Visit(address, work.moment))
    run.stop = ""
    run.until = None
    run.turns = 0
    work.agenda.pop(run.watch, None)
    work.located = None
    if work.is_paused(run.scenario):
        run.held = True
        return None
    return compiled.flow.nodes[address].step.arrive(EnrollmentScene(work, run, compiled, None))


def _go_on(work: Work, run: Run, compiled: CompiledScenario) -> None:
    """Ask the step to which a run came while its scenario was paused; it came in time, and goes on late."""
    run.touch()
    run.held = False
    visit = run.path[-1]
    move = compiled.flow.nodes[visit.step].step.arrive(EnrollmentScene(work, run, compiled, None))
    if isinstance(move, Go) and move.due is None:
        run.late += work.moment - visit.at
    _carry_out(work, run, compiled, move)


def _stay(work: Work, run: Run, move: Stay) -> None:
    if run.until != move.until:
        run.touch()
        run.until = move.until
        if work.located is not None and move.until is not None:  # a civil time: say whose wall clock it was read on
            work.note("step", run.scenario, f"{run.path[-1].step} waits", "", work.located.saw())
    if move.effect is not None:
        effect = planned(work, run, move.effect)
        work.effects[effect.id] = effect
        work.note("effect", effect.name, "planned", "", {"key": effect.id, "step": effect.step})
        run.touch()
        run.effect = effect.id
        run.turns += 1
    for order in move.orders:
        obey(work, run, order)
    work.schedule(run.watch, move.until)


def _leave_step(work: Work, run: Run, compiled: CompiledScenario, move: Go) -> None:
    """Leave the present step by an edge, after what it orders was done."""
    visit = run.path[-1]
    run.touch()
    due = move.due or run.until
    if due is not None:  # it waited; what comes next is as late as this is
        run.late = max(work.moment - due, NOTHING)
    elif run.turns:  # it was held up until its effect was settled
        run.late += work.moment - visit.at
    answer = move.saw.get("fact")
    if answer is not None:
        work.answered.add((run.id, str(answer)))  # so that it does not answer the next step in this moment as well
    run.path = (*run.path[:-1], Visit(visit.step, visit.at, move.edge))
    if move.edge != NEXT or move.saw:
        work.note("step", run.scenario, f"{visit.step} → {move.edge}", compiled.sentence(visit.step), move.saw)
    for order in move.orders:
        obey(work, run, order)
    if compiled.flow.nodes[visit.step].step.listens:
        run.since = None
