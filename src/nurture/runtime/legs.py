"""The way that standings go: every activation so far, and every switch of a scenario, oldest first.

Whoever decides or claims reads it, and looks again in the unit that writes: nothing is decided by what held before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from nurture.errors import ProgramMismatchError
from nurture.model import Activated, Activation, SubjectId

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nurture.model import Dossier, Standing, Switch
    from nurture.ports import View
    from nurture.program.program import Program
    from nurture.runtime.host import Host

ACTIVATION = "program"
PROGRAM_SUBJECT = SubjectId("program")
MICROSECOND: Final = timedelta(microseconds=1)


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

    def is_behind(self, standing: Standing) -> bool:
        """Whether a standing has an activation before it; one that was never decided, since that failed, has none."""
        if standing.advanced_to is None:
            return False
        last = self.history[-1]
        if standing.program != last.program or standing.older != last.older or standing.switches != last.switches:
            return True
        turned_at = self.turned_at
        return turned_at is not None and standing.advanced_to < turned_at

    @property
    def turned_at(self) -> datetime | None:
        """When a scenario was switched last under the active program; None when none was."""
        last, before = self.history[-1], self.history[-2:-1]
        return last.at if before and before[0].program == last.program else None

    @property
    def switches(self) -> Mapping[str, Switch]:
        """The scenarios that are switched by hand."""
        return self.history[-1].switches

    def after(self, standing: Standing) -> tuple[Activated, ...]:
        """The activations that a standing has not seen; one that has seen all of them needs the last alone.

        Of the activations of its program, those that only switched scenarios are told apart by when they were.
        """
        newest = max((index for index, one in enumerate(self.history) if one.program == standing.program), default=None)
        if newest is None:
            return self.history[-1:]
        seen, reached = newest, standing.advanced_to
        while seen and self.history[seen - 1].program == standing.program:
            if reached is not None and self.history[seen].at <= reached:
                break
            seen -= 1
        return self.history[seen + 1 :] or self.history[-1:]


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


def next_at(last: Activated, now: datetime) -> datetime:
    """When an activation holds from: now, but never together with the one before it, so that they can be told apart."""
    return max(now, last.at + MICROSECOND)
