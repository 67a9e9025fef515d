"""What can go wrong at an operation of a store, a plan of it, and a sweep over all operations. Imports the doubles.

Operations are counted from 1, across every `FaultStorage` that shares a plan.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

import attrs

from nurture.errors import StorageError
from nurture.testing.doubles import Crash, Lost, ProcessCrash


class StorageCrash(ProcessCrash):
    """The process died at an operation of its store."""


@attrs.frozen(slots=True)
class Meanwhile:
    """Something else happens right before the operation, which then goes on as if nothing had been.

    Attributes:
        do: What happens: the clock moves on, another worker acts, a thread waits for another.
    """

    do: Callable[[], object]


StorageFault: TypeAlias = Crash | Lost | Meanwhile | StorageError
"""What goes wrong at one operation of a store.

- `Crash(delivered=False)`, `Crash(delivered=True)`: the process dies before or after it; nothing runs on.
- `Lost(delivered=True)`: it is done, and the answer is lost; a unit that commits so is committed.
- `Lost(delivered=False)`, or a `StorageError` of your own: it fails and is not done.
- `Meanwhile(do)`: a delay, or what others do in it.
"""

CRASHES: Final[tuple[StorageFault, ...]] = (Crash(delivered=False), Crash(delivered=True))
"""The process dies before an operation, and after it."""
FAILURES: Final[tuple[StorageFault, ...]] = (Lost(delivered=False), Lost(delivered=True))
"""An operation fails, and an operation that was done seems to have failed."""


class Plan:
    """At which operations what goes wrong; and what was done so far.

    Args:
        faults: By number of the operation, or a function of number and name that answers None for "nothing".

    Attributes:
        operations: The names of all operations so far, in order.
        fired: Those at which something went wrong, as `name` and number.
    """

    def __init__(self, faults: Mapping[int, StorageFault] | Callable[[int, str], StorageFault | None] = {}) -> None:  # noqa: B006 - never changed
        self.operations: list[str] = []
        self.fired: list[tuple[str, int]] = []
        self._faults = faults
        self._lock = threading.Lock()

    def next(self, name: str) -> tuple[int, StorageFault | None]:
        """Count an operation; its number, and what goes wrong at it."""
        with self._lock:
            self.operations.append(name)
            number = len(self.operations)
            fault = self._faults(number, name) if callable(self._faults) else self._faults.get(number)
            if fault is not None:
                self.fired.append((name, number))
            return number, fault


def sweep(
    scenario: Callable[[Plan], None],
    *,
    faults: Iterable[StorageFault] = (*CRASHES, *FAILURES),
    first: int = 1,
    limit: int = 10_000,
) -> int:
    """Run a scenario with each fault at each operation, one at a time, until it runs to its end undisturbed.

    Args:
        scenario: Makes a world of its own, with a `FaultStorage` of the given plan; works, starts again after a
            `StorageCrash`, and asserts what must hold in the end, whatever went wrong.
        faults: What goes wrong.
        first: The operation to begin with; to look at one failure again.
        limit: Give up after so many operations.

    Returns:
        How many runs there were.

    Raises:
        ValueError: The scenario did no operation with the plan, so it tested nothing; or it never came to an end.

    What the scenario raises is raised on, with a note that names the fault and the operation.

    Example:
        >>> from nurture.storage import MemoryStorage
        >>> from nurture.testing import FaultStorage
        >>> def asks_twice(plan):
        ...     store = FaultStorage(MemoryStorage(), plan)
        ...     for _ in range(2):
        ...         try:
        ...             store.now()
        ...         except (StorageCrash, StorageError):
        ...             store = FaultStorage(store.inner, plan)
        >>> sweep(asks_twice)
        12
    """
    runs = 0
    for fault in faults:
        for number in range(first, first + limit):
            runs += 1
            plan = Plan({number: fault})
            try:
                scenario(plan)
            except BaseException as error:
                recent = " ".join(plan.operations[max(0, number - 8) : number])
                error.add_note(f"sweep: {fault!r} at operation {number}, the last of: {recent}")
                raise
            if not plan.operations:
                raise ValueError("the scenario made no FaultStorage with the plan it was given, so nothing was tested")
            if not plan.fired:
                break
        else:
            raise ValueError(f"the scenario did not come to an end within {limit} operations")
    return runs
