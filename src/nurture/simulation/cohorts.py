"""People by the hundred thousand in little memory: each cohort by itself, looked at, and let go of.

Only what concerns one person, or one company, can be simulated so: a cohort does not see the others. May import the
runtime and what lies below it.
"""

from __future__ import annotations

import gc
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Required, TypedDict, TypeVar, Unpack

import attrs

from nurture.errors import DefinitionError
from nurture.model import Account, Lead
from nurture.program import Broadcast, CapScope
from nurture.simulation.progress import PARTS, Progress
from nurture.simulation.run import Simulation, simulate
from nurture.simulation.stage import Turn, sent_of

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from nurture.mail.files import AttachmentSource
    from nurture.mail.owner import Owner
    from nurture.mail.site import Site
    from nurture.ports import Action, Sender
    from nurture.program import ContactPolicy, Program
    from nurture.simulation.people import Arrival, Behaves

T = TypeVar("T")

_ALONE: Final = (CapScope.LEAD, CapScope.ACCOUNT)
_PAGE: Final = 1000


class SimulationOptions(TypedDict, total=False):
    """What every cohort is given: see the arguments of the same name of `simulate`."""

    until: Required[datetime]
    start: datetime | None
    broadcasts: Iterable[Broadcast]
    switches: Iterable[Turn]
    behavior: Behaves | None
    every: timedelta | None
    senders: Mapping[str, Sender] | None
    site: Site | None
    actions: Mapping[str, Action] | None
    owners: Mapping[str, str | Owner] | None
    attachments: Mapping[str, AttachmentSource] | None
    render: bool


@attrs.frozen(slots=True, kw_only=True)
class Tally:
    """What a simulation counted; the tallies of cohorts can be added.

    Attributes:
        leads: How many people arrived.
        moments: How many moments were decided.
        ticks: How often the clock was moved on.
        kinds: How many facts there were of each kind.
    """

    leads: int = 0
    moments: int = 0
    ticks: int = 0
    kinds: Mapping[str, int] = attrs.field(factory=dict[str, int])

    @classmethod
    def of(cls, simulation: Simulation) -> Tally:
        """What this simulation counted."""
        return cls(
            leads=len(simulation.leads), moments=simulation.moments, ticks=simulation.ticks, kinds=simulation.kinds
        )

    @property
    def sent(self) -> int:
        """How many messages the other side took over."""
        return sent_of(self.kinds)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            leads=self.leads + other.leads,
            moments=self.moments + other.moments,
            ticks=self.ticks + other.ticks,
            kinds=dict(sorted((Counter(self.kinds) + Counter(other.kinds)).items())),
        )


def simulate_cohorts(
    program: Program,
    cohorts: Collection[Iterable[Arrival | Lead]],
    each: Callable[[Simulation], T],
    *,
    seed: int = 0,
    progress: Callable[[Progress], object] | None = None,
    **given: Unpack[SimulationOptions],
) -> Iterator[T]:
    """Simulate one cohort after the other, each in memory, and give what `each` makes of it.

    One cohort is kept at a time, and of those before it the hashes of their ids, so that nobody is simulated twice.
    The same seed and the same cohorts give the same traces; people cut into other cohorts meet other chance.
    People who concern each other belong into one cohort: those of one company, and whoever acts on whom.

    Args:
        program: What should follow from facts.
        cohorts: The arrivals of each cohort; each is read when its turn comes, as `simulate` reads arrivals.
        each: Takes what it wants to know out of a simulation, which is gone afterwards; `Tally.of` counts.
        seed: Each cohort draws its own from it.
        progress: Is told how far all of them have come together, about a thousand times at most.
        **given: What `simulate` takes.

    Raises:
        DefinitionError: The program limits what all people get together, a broadcast names its people, or a person or
            a company is in two cohorts. Such a program is simulated at once, with `storage` in a database.

    Example:
        >>> from datetime import UTC, datetime, timedelta
        >>> from nurture import Arrival, Program
        >>> from nurture.simulation import Tally
        >>> begin = datetime(2026, 4, 1, tzinfo=UTC)
        >>> cohorts = [[Arrival(at=begin, lead={"email": f"{one}@example.com"})] for one in "abc"]
        >>> sum(simulate_cohorts(Program(), cohorts, Tally.of, until=begin + timedelta(days=1)), Tally()).leads
        3
    """
    options = given.copy()
    options["broadcasts"] = broadcasts = tuple(given.get("broadcasts", ()))
    options["switches"] = tuple(given.get("switches", ()))
    shared = [*_shared(program.policy), *_naming(broadcasts)]
    if shared:
        raise DefinitionError(
            f"{', '.join(shared)}: concerns people of all cohorts together, but a cohort does not see the others; "
            "use simulate, with storage= in a database where memory is short"
        )
    teller = None if progress is None else _Teller(progress, len(cohorts))
    return _simulated(program, cohorts, each, seed, teller, options)


def _simulated(
    program: Program,
    cohorts: Collection[Iterable[Arrival | Lead]],
    each: Callable[[Simulation], T],
    seed: int,
    teller: _Teller | None,
    options: SimulationOptions,
) -> Iterator[T]:
    met = array("Q")  # sorted; a set would take eight times as much
    for index, arrivals in enumerate(cohorts):
        one = blake2b(f"{seed}:{index}".encode(), digest_size=8)
        # Nothing here keeps the simulation: while the next one runs, this one must be gone.
        yield _looked_at(
            simulate(program, arrivals, seed=int.from_bytes(one.digest()), progress=teller, **options), index, met, each
        )
        if teller is not None:
            teller.go_on()
        gc.collect()  # what is left of it may hang together in cycles, which are looked for rarely meanwhile


def _looked_at(simulation: Simulation, index: int, met: array[int], each: Callable[[Simulation], T]) -> T:
    for identity in _everybody(simulation):
        key = int.from_bytes(blake2b(identity.encode(), digest_size=8).digest())
        place = bisect_left(met, key)
        if place < len(met) and met[place] == key:
            raise DefinitionError(f"cohorts[{index}]: {identity} was in an earlier cohort, too; each belongs into one")
        met.insert(place, key)
    found = each(simulation)
    simulation.crm.close()
    return found


def _everybody(simulation: Simulation) -> Iterator[str]:
    yield from simulation.leads
    after = ""
    with simulation.storage.view() as view:
        while accounts := view.page(Account, after, _PAGE):
            yield from (one.id for one in accounts)
            after = accounts[-1].id


def _shared(policy: ContactPolicy) -> Iterator[str]:
    """The rules of a policy that count people together."""
    for index, cap in enumerate(policy.caps):
        if cap.scope not in _ALONE:
            yield f"policy.caps[{index}]"
    yield from (f"policy.rates[{index}]" for index in range(len(policy.rates)))
    yield from (f"policy.warm_ups[{index}]" for index in range(len(policy.warm_ups)))


def _naming(broadcasts: tuple[Broadcast, ...]) -> Iterator[str]:
    """The broadcasts that name their people: most of them are in other cohorts."""
    for index, one in enumerate(broadcasts):
        if isinstance(one.to, tuple):
            yield f"broadcasts[{index}].to"


class _Teller:
    """Adds what each cohort tells to what the ones before it told."""

    def __init__(self, progress: Callable[[Progress], object], cohorts: int) -> None:
        self._progress = progress
        self._cohorts = cohorts
        self._done = 0
        self._told = 0.0
        self._moments = self._sent = 0
        self._last: Progress | None = None

    def __call__(self, one: Progress, /) -> None:
        """Tell, unless too little has happened since."""
        self._last = one
        share = (self._done + one.share) / self._cohorts
        if share < 1.0 and share - self._told < 1 / PARTS:
            return
        self._told = share
        moments, sent = self._moments + one.moments, self._sent + one.sent
        self._progress(Progress(now=one.now, share=share, moments=moments, sent=sent))

    def go_on(self) -> None:
        """A cohort has ended, and the next one begins."""
        self._done += 1
        if self._last is not None:
            self._moments += self._last.moments
            self._sent += self._last.sent
