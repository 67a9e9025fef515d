"""The same runtime on a virtual clock. Time jumps from one instant at which something is due to the next.

Nothing here decides anything of its own. May import the runtime and what lies below it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final

import attrs

from nurture.errors import DefinitionError
from nurture.model import Lead, LeadId, clean_instant
from nurture.ports import Action, Sender, Storage
from nurture.program import Broadcast
from nurture.runtime import Nurture
from nurture.simulation.arriving import in_order
from nurture.simulation.clock import VirtualClock
from nurture.simulation.people import Arrival, Behaves, Behavior
from nurture.simulation.progress import PARTS, SHORTEST, Progress
from nurture.simulation.props import NullSender, example_site, memory, succeed
from nurture.simulation.stage import Stage, Turn, sent_of

if TYPE_CHECKING:
    from nurture.mail.files import AttachmentSource
    from nurture.mail.owner import Owner
    from nurture.mail.site import Site
    from nurture.program import Program

MICROSECOND: Final = timedelta(microseconds=1)
TICK_AT_ONCE: Final = 1000


@attrs.frozen(slots=True, kw_only=True)
class Simulation:
    """What came of it; `crm` answers every question about it.

    Attributes:
        crm: The runtime as it stands at the end.
        storage: Its store.
        until: The instant at which it stopped.
        moments: How many moments were decided.
        ticks: How often the clock was moved on.
        kinds: How many facts there were of each kind.
        trace: Digest of every fact in order; equal seeds give equal traces.
        leads: The ids of the people who arrived, in order.
    """

    crm: Nurture
    storage: Storage
    until: datetime
    moments: int
    ticks: int
    kinds: Mapping[str, int]
    trace: str
    leads: tuple[LeadId, ...]

    @property
    def sent(self) -> int:
        """How many messages the other side took over."""
        return sent_of(self.kinds)


def simulate(
    program: Program,
    arrivals: Iterable[Arrival | Lead],
    *,
    until: datetime,
    start: datetime | None = None,
    broadcasts: Iterable[Broadcast] = (),
    switches: Iterable[Turn] = (),
    behavior: Behaves | None = None,
    seed: int = 0,
    every: timedelta | None = timedelta(minutes=1),
    storage: Callable[[VirtualClock], Storage] | None = None,
    senders: Mapping[str, Sender] | None = None,
    site: Site | None = None,
    actions: Mapping[str, Action] | None = None,
    owners: Mapping[str, str | Owner] | None = None,
    attachments: Mapping[str, AttachmentSource] | None = None,
    render: bool = True,
    progress: Callable[[Progress], object] | None = None,
) -> Simulation:
    """Run a program on a virtual clock.

    Args:
        program: What should follow from facts.
        arrivals: The people who arrive; a `Lead` arrives when it was created, as it is. A list may be in any order. An
            iterator is read as its people come, so that they need not all be there at once, and must be in order.
        until: When to stop.
        start: When to begin; None means the first arrival.
        broadcasts: Given at the beginning, and approved; those that are frozen or name their people are given when
            their instant comes, since nobody is there at the beginning.
        switches: Scenarios that are paused, resumed and stopped by hand.
        behavior: What people do; None is a plain model of openers and clickers. What it raises ends the run.
        seed: The same seed gives the same trace.
        every: How often the worker looks; minutes in which nothing is due are jumped over. None jumps from
            one due instant to exactly the next. What is decided does not depend on it, only how late it is sent.
        storage: Makes the store from the virtual clock; None is a store in memory.
        senders: By channel; None accepts every message on every channel that the program uses.
        site: Base URL, secret and identity; None is an example.
        actions: The host's actions; those that the program declares and that are not given, succeed.
        owners: Who looks after leads: `Owner`s or addresses, by their ids.
        attachments: Files that messages name.
        render: Whether bodies are rendered; without, only the decisions are simulated.
        progress: Is told how far it has come, once in an hour of virtual time or in a thousandth of the whole,
            whichever is longer, and at the end. The trace does not depend on it. What it raises ends the run.
    """
    until = clean_instant(until, "until")
    if every is not None and every <= timedelta(0):
        raise DefinitionError("every: expected a positive time, or None for every due instant")
    people = in_order(arrivals)
    first = next(people, None)
    begin = clean_instant(start, "start") if start is not None else first.at if first is not None else until
    clock = VirtualClock(begin)
    stage = Stage(clock, people if first is None else chain((first,), people), behavior or Behavior(), seed)
    for index, each in enumerate(broadcasts):
        _require_broadcast(index, each)
        stage.plan(max(each.at or begin, begin) if each.is_frozen else begin, each)
    for turn in switches:
        stage.plan(max(clean_instant(turn.at, "switches.at"), begin), turn)
    crm = Nurture(
        program,
        (storage or memory)(clock),
        senders=senders if senders is not None else {one.channel: NullSender() for one in program.messages},
        site=site or example_site(),
        actions={name: succeed for name in program.actions} | dict(actions or {}),
        owners=owners,
        attachments=attachments,
        observers=(stage.observe,),
        render=render,
        new_key=stage.new_key,
    )
    with _rarely_collecting():
        moments, ticks = _play(crm, stage, until, every, progress)
    return Simulation(
        crm=crm,
        storage=crm.storage,
        until=until,
        moments=moments,
        ticks=ticks,
        kinds=dict(sorted(stage.kinds.items())),
        trace=stage.digest.hexdigest(),
        leads=tuple(stage.order),
    )


@contextmanager
def _rarely_collecting() -> Generator[None]:
    """Let Python look for reference cycles rarely: a simulation makes millions of records and no cycle."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _require_broadcast(index: int, given: object) -> None:
    if not isinstance(given, Broadcast):
        raise DefinitionError(f"broadcasts[{index}]: expected a Broadcast, found {type(given).__name__}")


def _play(
    crm: Nurture,
    stage: Stage,
    until: datetime,
    every: timedelta | None,
    progress: Callable[[Progress], object] | None,
) -> tuple[int, int]:
    clock, begin = stage.clock, stage.begin
    span = until - begin
    pause = max(SHORTEST, span / PARTS)
    tell_at = begin + pause
    moments = ticks = 0
    while (following := _next_instant(crm, stage, every)) is not None and following <= until:
        clock.move_to(following)
        stage.act(crm, until)
        stage.check()
        moments += crm.tick(TICK_AT_ONCE).decided.moments
        stage.check()
        ticks += 1
        if progress is not None and tell_at <= clock.now < until:
            tell_at = clock.now + pause
            progress(Progress(now=clock.now, share=(clock.now - begin) / span, moments=moments, sent=stage.sent))
    clock.move_to(until)
    if progress is not None:
        progress(Progress(now=until, share=1.0, moments=moments, sent=stage.sent))
    return moments, ticks


def _next_instant(crm: Nurture, stage: Stage, every: timedelta | None) -> datetime | None:
    with crm.storage.view() as view:
        due = view.next_due_at()
    upcoming = [instant for instant in (due, stage.queue[0][0] if stage.queue else None) if instant is not None]
    if not upcoming:
        return None
    following = max(min(upcoming) + MICROSECOND, stage.clock.now)
    if every is None:
        return following
    steps = -((stage.begin - following) // every)
    return stage.begin + steps * every
