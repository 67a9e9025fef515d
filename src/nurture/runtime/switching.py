"""Switching scenarios by hand: pausing, resuming, stopping, opening again. May import `sweeping` and what lies below.

A switch is written down in one unit: from then on the gate lets nothing of a paused or stopped scenario out, whoever
sends. Standings follow as they become due, and the rest by cursor, as they follow a new program.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import attrs

from nurture.errors import ConflictError, UnknownNameError
from nurture.model import Activation, Changes, FrozenMapping, Switch, clean_choice
from nurture.runtime.activating import ATTEMPTS
from nurture.runtime.legs import ACTIVATION, PROGRAM_SUBJECT, legs_of, next_at
from nurture.runtime.sweeping import sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nurture.runtime.activating import Commit
    from nurture.runtime.host import Host
    from nurture.runtime.sweeping import Progress


class Fate(StrEnum):
    """What becomes of the runs of a scenario that is stopped.

    `finish`: they go on to their end. `withdraw`: they end now. `hold`: they stand still until it is resumed.
    """

    FINISH = "finish"
    WITHDRAW = "withdraw"
    HOLD = "hold"


_SWITCH: Final = {Fate.FINISH: Switch.CLOSED, Fate.WITHDRAW: Switch.STOPPED, Fate.HOLD: Switch.PAUSED}


def pause(host: Host, scenario: str, commit: Commit, progress: Progress | None = None) -> int:
    """Let a scenario stand still; the answer is how many standings were brought to that."""
    return _turn(host, scenario, Switch.PAUSED, commit, progress)


def stop(host: Host, scenario: str, fate: Fate | str, commit: Commit, progress: Progress | None = None) -> int:
    """Let nobody enter a scenario any more, with this fate for those inside."""
    chosen = clean_choice(Fate, fate, "fate")
    return _turn(host, scenario, _SWITCH[chosen], commit, progress)


def reopen(host: Host, scenario: str, commit: Commit, progress: Progress | None = None) -> int:
    """Take every switch of a scenario back."""
    return _turn(host, scenario, None, commit, progress)


def resume(host: Host, scenario: str, commit: Commit, progress: Progress | None = None) -> int:
    """End the pause of a scenario: it is switched again as it was before. One that is not paused stays as it is."""
    _require_known(host, scenario)
    with host.storage.view() as view:
        history = legs_of(host, view).history
    words = [leg.switches.get(scenario) for leg in history]
    if words[-1] is not Switch.PAUSED:
        return sweep(host, commit, progress)
    before = next((word for word in reversed(words) if word is not Switch.PAUSED), None)
    return _turn(host, scenario, before, commit, progress)


def switches_of(host: Host) -> Mapping[str, Switch]:
    """The scenarios that are switched by hand, by name."""
    with host.storage.view() as view:
        return legs_of(host, view).switches


def _turn(host: Host, scenario: str, switch: Switch | None, commit: Commit, progress: Progress | None) -> int:
    _require_known(host, scenario)
    write_switch(host, scenario, switch)
    return sweep(host, commit, progress)  # also when nothing changed: a sweep that was interrupted goes on


def _require_known(host: Host, scenario: str) -> None:
    """Refuse a name that the program does not have.

    Raises:
        UnknownNameError: It is one; the near misses are listed.
    """
    known = {one.name for one in host.program.scenarios}
    if scenario not in known:
        known |= set(switches_of(host))  # one that the program has dropped may still run, and be switched
    if scenario not in known:
        raise UnknownNameError("scenario", scenario, known)


def write_switch(host: Host, scenario: str, switch: Switch | None) -> bool:
    """Switch a scenario from now on; None takes the switch back. Whether that changes anything.

    Raises:
        ProgramMismatchError: Another program is active.
        ConflictError: Others write the activation all the time.
    """
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            legs = legs_of(host, unit)
            last = legs.history[-1]
            if last.switches.get(scenario) is switch:
                return False
            kept = {name: one for name, one in last.switches.items() if name != scenario}
            switches = FrozenMapping(kept if switch is None else {**kept, scenario: switch})
            known = unit.get(Activation, [ACTIVATION])[ACTIVATION]
            turn = attrs.evolve(last, at=next_at(last, unit.now()), enrolls=False, switches=switches)
            record = attrs.evolve(known, version=known.version + 1, history=(*known.history, turn), rolled_to="")
            conflicts = unit.put({PROGRAM_SUBJECT: Changes(records=(record,))})
        if not conflicts:
            return True
    raise ConflictError("the activation is being written by others all the time; try again")
