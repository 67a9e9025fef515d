"""How operators switch scenarios and move runs: `pause`, `resume`, `stop`, `reopen`, `migrate`.

May import the runtime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.cli.answer import Answer, Exit, UsageError
from nurture.errors import near_misses

if TYPE_CHECKING:
    import argparse

    from nurture.cli.wiring import Target
    from nurture.runtime import Nurture


def pause(target: Target, arguments: argparse.Namespace) -> Answer:
    """Let a scenario stand still."""
    crm = _knowing(target.app("pause"), arguments.scenario)
    return _told(crm, arguments.scenario, crm.pause(arguments.scenario))


def resume(target: Target, arguments: argparse.Namespace) -> Answer:
    """End the pause of a scenario."""
    crm = _knowing(target.app("resume"), arguments.scenario)
    return _told(crm, arguments.scenario, crm.resume(arguments.scenario))


def stop(target: Target, arguments: argparse.Namespace) -> Answer:
    """Let nobody enter a scenario any more, with the fate that was given for those inside."""
    crm = _knowing(target.app("stop"), arguments.scenario)
    return _told(crm, arguments.scenario, crm.stop_scenario(arguments.scenario, arguments.fate))


def reopen(target: Target, arguments: argparse.Namespace) -> Answer:
    """Let a scenario be as the program says again."""
    crm = _knowing(target.app("reopen"), arguments.scenario)
    return _told(crm, arguments.scenario, crm.reopen(arguments.scenario))


def migrate(target: Target, arguments: argparse.Namespace) -> Answer:
    """Move runs on older versions to the active one, or show what that would do."""
    crm = _knowing(target.app("migrate"), arguments.scenario)
    pairs = [one.partition("=") for one in arguments.map]
    if any(not old or not sign for old, sign, _ in pairs):
        raise UsageError("--map: expected OLD=NEW, such as 2=3; OLD= lets runs there leave")
    mapping = {old: new or None for old, _, new in pairs} or None
    done = crm.migrate(arguments.scenario, mapping, preview=not arguments.write, strict=arguments.strict)
    runs = [
        {
            "subject": one.subject,
            "enrollment": one.enrollment,
            "step": one.step,
            "fate": one.fate.value,
            "to_step": one.to_step,
            "reason": one.reason,
        }
        for one in done.runs
    ]
    document = {"scenario": done.scenario, "version": done.version, "done": done.is_done, **done.counts, "runs": runs}
    lines = [f"{reason}: {number} runs stay" for reason, number in done.reasons.items()]
    is_whole = done.is_done and not done.reasons if arguments.write else True
    return Answer(document, [*lines, str(done)], Exit.FINE if is_whole else Exit.ATTENTION)


def _knowing(crm: Nurture, scenario: str) -> Nurture:
    """The host's object, if its program has the scenario. What was typed is not repeated: it may be anything.

    Raises:
        UsageError: It has not; the near misses are listed.
    """
    known = sorted({*(one.name for one in crm.program.scenarios), *crm.switches()})
    if scenario not in known:
        near = near_misses(scenario, known) or known
        raise UsageError(f"no such scenario; expected one such as {', '.join(map(repr, near[:5]))}")
    return crm


def _told(crm: Nurture, scenario: str, followed: int) -> Answer:
    """How it is switched now. A name that was typed is told only here, where the program is known to have it."""
    switch = crm.switches().get(scenario)
    word = "open" if switch is None else switch.value
    return Answer(
        {"scenario": scenario, "switch": word, "subjects": followed},
        [f"{scenario} is {word}", f"{followed} subjects were brought to that"],
    )
