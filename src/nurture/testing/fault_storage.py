"""A store that goes wrong at the operations you name. Imports the ports.

Every call is one operation, with a name: `now`, `view`, `begin`, each question of a view, `put`, `erase`, `commit`,
`take_due`, `take_claimable`, `find`, `tally`, `best`, `wait`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from nurture.errors import StorageError
from nurture.testing.doubles import Crash, Lost
from nurture.testing.faults import Meanwhile, Plan, StorageCrash

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import (
        AccountId,
        Changes,
        DecisionRecord,
        Effect,
        EffectState,
        LeadId,
        Standing,
        SubjectId,
        Touchpoint,
    )
    from nurture.ports import (
        Backlog,
        Capability,
        FindingView,
        Found,
        Known,
        Place,
        R,
        Search,
        Storage,
        TakingUnit,
        Unit,
        View,
        Waking,
    )
    from nurture.predicates import Order, Reach

T = TypeVar("T")


class FaultStorage:
    """Any store, going wrong as planned.

    Once it crashed, the process that used this handle counts as dead: every later operation on it raises
    `StorageCrash`, too, and an open unit is left without a commit. The next life needs a new handle; give it the same
    plan to go on counting. What is no operation of the port is handed on as it is, uncounted.

    Args:
        inner: The store.
        plan: What goes wrong, and when.

    Example:
        >>> from nurture.storage import MemoryStorage
        >>> store = FaultStorage(MemoryStorage(), Plan({2: Lost(delivered=False)}))
        >>> before = store.now()
        >>> store.now()
        Traceback (most recent call last):
        ...
        nurture.errors.StorageError: the fault that was planned for operation 2, now
        >>> store.plan.operations
        ['now', 'now']
    """

    def __init__(self, inner: Storage, plan: Plan | None = None) -> None:
        self.inner = inner
        self.plan = Plan() if plan is None else plan
        self.dead = False

    def __getattr__(self, name: str) -> object:
        if name in ("inner", "plan", "dead"):  # asked for before `__init__` ran, as `copy` does
            raise AttributeError(name)
        return getattr(self.inner, name)

    @property
    def tenant(self) -> str:
        """The store's."""
        return self.inner.tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The store's; its units and its waiting go wrong as planned, too."""
        return self.inner.capabilities

    def now(self) -> datetime:
        """The present instant."""
        return self.perform("now", self.inner.now)

    @contextmanager
    def view(self) -> Generator[FaultView]:
        """A snapshot to read from."""
        opened = self.perform("view", self.inner.view)
        with opened as view:
            yield FaultView(view, self)

    @contextmanager
    def begin(self) -> Generator[FaultUnit]:
        """A unit of work; `commit` is an operation of its own, at the end of the block."""
        opened = self.perform("begin", self.inner.begin)
        after: Callable[[], object] | None = None
        with opened as unit:
            yield FaultUnit(unit, self)
            after = self._before("commit")
        after()

    def wait(self, seconds: float, /) -> bool:
        """Sleep until something new may be due, where the store can."""
        return self.perform("wait", lambda: cast("Waking", self.inner).wait(seconds))

    def close(self) -> None:
        """Give back what the store holds; no operation, for a dead process closes nothing."""
        if not self.dead:
            self.inner.close()

    def perform(self, name: str, do: Callable[[], T]) -> T:
        """Do an operation, unless the plan says otherwise."""
        after = self._before(name)
        done = do()
        after()
        return done

    def _before(self, name: str) -> Callable[[], object]:
        """Count an operation and let go wrong what goes wrong before it; the answer does so after it."""
        if self.dead:
            raise StorageCrash(f"the process is dead: {name}")
        number, fault = self.plan.next(name)
        problem = f"the fault that was planned for operation {number}, {name}"
        if isinstance(fault, StorageError):
            raise fault
        if isinstance(fault, Meanwhile):
            fault.do()
        if isinstance(fault, (Crash, Lost)):
            if fault.delivered:
                return lambda: self._go_wrong(fault, problem)
            self._go_wrong(fault, problem)
        return _nothing

    def _go_wrong(self, fault: Crash | Lost, problem: str) -> None:
        if isinstance(fault, Crash):
            self.dead = True
            raise StorageCrash(problem)
        raise StorageError(problem)


def _nothing() -> None:
    """Nothing goes wrong after the operation."""


class FaultView:
    """A view of a `FaultStorage`: each question is an operation."""

    def __init__(self, inner: View, storage: FaultStorage) -> None:
        self._inner, self._do = inner, storage.perform

    def get(self, kind: type[R], ids: Collection[str], /) -> Mapping[str, R]:
        """The records of this kind with these ids, by id."""
        return self._do("get", lambda: self._inner.get(kind, ids))

    def existing(self, subjects: Collection[SubjectId], /) -> frozenset[SubjectId]:
        """Those of the subjects that exist."""
        return self._do("existing", lambda: self._inner.existing(subjects))

    def due(self, now: datetime, limit: int, /) -> tuple[SubjectId, ...]:
        """The subjects about which something may be decided before `now`."""
        return self._do("due", lambda: self._inner.due(now, limit))

    def claimable(self, now: datetime, limit: int, /) -> tuple[Effect, ...]:
        """The effects that delivery must look at before `now`."""
        return self._do("claimable", lambda: self._inner.claimable(now, limit))

    def about(self, since: Mapping[SubjectId, datetime | None], reach: Reach, /) -> Mapping[SubjectId, Known]:
        """What is known of these subjects."""
        return self._do("about", lambda: self._inner.about(since, reach))

    def history(
        self, subject: SubjectId, /, *, before: datetime | None = None, before_id: str = "", limit: int = 1000
    ) -> tuple[Touchpoint, ...]:
        """The subject's facts, newest first."""
        inner = self._inner
        return self._do("history", lambda: inner.history(subject, before=before, before_id=before_id, limit=limit))

    def effects_of(self, subject: SubjectId, /) -> tuple[Effect, ...]:
        """Every effect of the subject, newest planned first."""
        return self._do("effects_of", lambda: self._inner.effects_of(subject))

    def decisions_of(self, subject: SubjectId, /, *, limit: int = 100) -> tuple[DecisionRecord, ...]:
        """What was decided about the subject, newest first."""
        return self._do("decisions_of", lambda: self._inner.decisions_of(subject, limit=limit))

    def members_of(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, frozenset[LeadId]]:
        """The leads that belong to these accounts."""
        return self._do("members_of", lambda: self._inner.members_of(accounts))

    def page(self, kind: type[R], after: str, limit: int, /) -> tuple[R, ...]:
        """The next records of a kind by id."""
        return self._do("page", lambda: self._inner.page(kind, after, limit))

    def next_due_at(self) -> datetime | None:
        """The earliest instant at which something becomes due or claimable."""
        return self._do("next_due_at", self._inner.next_due_at)

    def backlog(self, now: datetime, upto: int, /) -> Backlog:
        """How much waits as of `now`."""
        return self._do("backlog", lambda: self._inner.backlog(now, upto))

    def effects_in(self, state: EffectState, after: str, limit: int, /) -> tuple[Effect, ...]:
        """The next effects in this state by id."""
        return self._do("effects_in", lambda: self._inner.effects_in(state, after, limit))

    def troubled(self, after: str, limit: int, /) -> tuple[Standing, ...]:
        """The next dead or failing standings by subject."""
        return self._do("troubled", lambda: self._inner.troubled(after, limit))

    def count(self, kind: type[R], after: str, /) -> int:
        """How many records of a kind follow an id."""
        return self._do("count", lambda: self._inner.count(kind, after))

    def find(self, search: Search, after: str, limit: int, /) -> Found:
        """The next subjects that are looked for."""
        return self._do("find", lambda: cast("FindingView", self._inner).find(search, after, limit))

    def tally(self, search: Search, /) -> int | None:
        """How many are looked for."""
        return self._do("tally", lambda: cast("FindingView", self._inner).tally(search))

    def best(self, search: Search, order: Order, after: Place | None, limit: int, /) -> tuple[SubjectId, ...] | None:
        """The first of those that are looked for, in this order."""
        return self._do("best", lambda: cast("FindingView", self._inner).best(search, order, after, limit))


class FaultUnit(FaultView):
    """A unit of a `FaultStorage`; it takes work where the store's units can."""

    def __init__(self, inner: Unit, storage: FaultStorage) -> None:
        super().__init__(inner, storage)
        self._unit = inner

    def now(self) -> datetime:
        """The instant of this unit."""
        return self._do("now", self._unit.now)

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        """Write the groups; the answer names those that conflicted."""
        return self._do("put", lambda: self._unit.put(groups))

    def erase(self, subject: SubjectId, /) -> None:
        """Remove every record of the subject."""
        self._do("erase", lambda: self._unit.erase(subject))

    def take_due(self, now: datetime, limit: int, /) -> tuple[SubjectId, ...]:
        """Due subjects that nobody else has taken."""
        return self._do("take_due", lambda: cast("TakingUnit", self._unit).take_due(now, limit))

    def take_claimable(self, now: datetime, limit: int, /) -> tuple[Effect, ...]:
        """Claimable effects of subjects that nobody else has taken."""
        return self._do("take_claimable", lambda: cast("TakingUnit", self._unit).take_claimable(now, limit))


if TYPE_CHECKING:
    _fits: type[Storage] = FaultStorage
    _takes: type[TakingUnit] = FaultUnit
    _finds: type[FindingView] = FaultView
    _wakes: type[Waking] = FaultStorage
