"""A virtual process: its handle on the store and its senders, each operation a point at which something may happen.

Being killed is like SIGKILL: from that point on every operation of the process does nothing, and its connections
to SQLite are closed behind its back, so no clean-up of ours can help; the database rolls back, as it would.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from sqlite3 import Connection

from nurture.errors import StorageError
from nurture.model import Changes, SubjectId
from nurture.ports import Accepted, Capability, Deferred, Envelope, Receipt, Rejected, Storage, Unknown
from tests.faults.auditing import Auditor
from tests.faults.faults import Fates
from tests.faults.other_side import OtherSide
from tests.faults.schedule import Killed, Lock, Scheduler
from tests.faults.verdicts import require

MOST_POINTS = 150_000
"""A world has some twenty thousand; one that passes so many spins."""


class Process:
    """One incarnation of a process.

    Args:
        name: Its name with the number of the incarnation.
        scheduler: Whose turn it is.
        fates: What goes wrong.
        lease: A frozen process stands still for longer than this.
    """

    def __init__(self, name: str, scheduler: Scheduler, fates: Fates, lease: timedelta) -> None:
        self.name = name
        self.scheduler = scheduler
        self.fates = fates
        self.is_dead = False
        self.connections: list[Connection] = []
        self.when_over: list[Callable[[], None]] = []
        self._lease = lease

    def point(self, place: str, *faults: str, alone: bool = False) -> None:
        """Something may happen here: another process goes on, or one of the faults.

        Args:
            place: In words.
            faults: Of `kill`, `error`, `lost`, `freeze`.
            alone: Whether nobody else may run here.
        """
        self.check()
        self.scheduler.pass_point(place)
        require(self.scheduler.points < MOST_POINTS, "9, 12", "it goes on without end")
        fault = self.fates.draw(*faults) if faults else None
        if fault == "kill":
            self.die(place)
        if fault in ("error", "lost"):
            raise StorageError(f"{fault} at {place}")
        if not alone:
            if fault == "freeze":
                self.sleep(self._lease * self.fates.dice.uniform(1.0, 4.0))
            elif self.fates.dice.random() < self.fates.rates.switch:
                self.scheduler.give_way()
        self.check()

    def sleep(self, length: timedelta) -> None:
        """Stand still, while others go on."""
        self.check()
        self.scheduler.sleep(length)
        self.check()

    def check(self) -> None:
        """Refuse to run on after death.

        Raises:
            Killed: It is dead.
        """
        if self.is_dead or self.scheduler.over:
            raise Killed(self.name)

    def end(self) -> None:
        """Give back what the operating system would take back, once nothing of it runs any more."""
        for connection in self.connections:
            connection.close()
        while self.when_over:
            self.when_over.pop()()

    def die(self, place: str) -> None:
        """Be killed here."""
        self.is_dead = True
        for connection in self.connections:
            connection.close()
        raise Killed(f"{self.name} at {place}")


class FaultyStorage:
    """A process's handle on the store.

    Args:
        inner: The store itself.
        process: Whose.
        lock: Held while a unit is open, when others may read meanwhile; None when nobody runs while a block is open.
        auditor: Told of what was committed.
    """

    def __init__(self, inner: Storage, process: Process, lock: Lock | None, auditor: Auditor) -> None:
        self.inner = inner
        self._process = process
        self._lock = lock
        self._auditor = auditor
        self._instant: datetime | None = None

    @property
    def tenant(self) -> str:
        return self.inner.tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.inner.capabilities

    def now(self) -> datetime:
        self._process.check()
        self._instant = now = self.inner.now()
        return now

    @contextmanager
    def view(self) -> Iterator[object]:
        process, alone = self._process, self._lock is None
        process.point("view", "kill", "error", "freeze")
        with self.inner.view() as view:
            yield Operations(view, process, alone=alone)
        process.point("viewed", alone=False)

    @contextmanager
    def begin(self) -> Iterator[object]:
        process, alone = self._process, self._lock is None
        process.point("before begin", "kill", "error", "freeze")
        if self._lock is not None:
            self._lock.acquire()
        try:
            process.check()
            with self.inner.begin() as unit:
                operations = Writing(unit, process, alone=alone)
                yield operations
                process.point("before commit", "kill", "error", alone=alone)
            self._auditor.committed(self.tenant, process.name, operations.written, operations.instant or self._instant)
        finally:
            if self._lock is not None:
                self._lock.release()
        process.point("after commit", "kill", "lost", "freeze")

    def close(self) -> None:
        self.inner.close()


class Operations:
    """A view whose operations are points."""

    def __init__(self, inner: object, process: Process, *, alone: bool) -> None:
        self._inner, self._process, self._alone = inner, process, alone

    def __getattr__(self, name: str) -> object:
        found = getattr(self._inner, name)

        def operation(*args: object, **given: object) -> object:
            self._process.point(name, "kill", "error", alone=self._alone)
            return found(*args, **given)

        return operation if callable(found) else found


class Writing(Operations):
    """A unit whose operations are points, and that keeps what was put."""

    def __init__(self, inner: object, process: Process, *, alone: bool) -> None:
        super().__init__(inner, process, alone=alone)
        self.written: list[tuple[SubjectId, Changes]] = []
        self.instant: datetime | None = None

    def now(self) -> datetime:
        self._process.check()
        self.instant = now = self._inner.now()  # type: ignore[attr-defined]
        return now  # type: ignore[no-any-return]

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        self._process.point("before put", "kill", "error", alone=self._alone)
        conflicts: frozenset[SubjectId] = self._inner.put(groups)  # type: ignore[attr-defined]
        self._process.fates.counts["conflicts"] += len(conflicts)
        self.written += [(subject, changes) for subject, changes in groups.items() if subject not in conflicts]
        self._process.point("after put", "kill", "error", alone=self._alone)
        return conflicts


class FaultySender:
    """A process's sender, and its actions: all lead to the same other side."""

    def __init__(self, world: OtherSide, process: Process, auditor: Auditor, tenant: str) -> None:
        self._world, self._process, self._auditor, self._tenant = world, process, auditor, tenant

    @property
    def dedup_window(self) -> timedelta:
        return self._world.window

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        return tuple([self._hand_over(one.key, one.message_id, one.recipient) for one in envelopes])

    def act(self, key: str, _subject: SubjectId, _params: Mapping[str, object], /) -> Receipt:
        return self._hand_over(key, "", "")

    def close(self) -> None:
        """Nothing is held."""

    def _hand_over(self, key: str, message_id: str, address: str) -> Receipt:
        process, fates = self._process, self._process.fates
        process.point("before send", "kill", "freeze")
        self._auditor.effects.handed_over(self._tenant, key, message_id, address)
        if fates.happens("slow"):
            process.sleep(timedelta(seconds=fates.dice.uniform(20, 120)))
        answer = fates.draw("unsure", "vanished", "deferred", "rejected", "raised")
        if answer in (None, "unsure"):
            self._world.take(self._tenant, key, is_message=bool(address))
        process.point("after send", "kill", "freeze")
        if answer == "raised":
            raise OSError("the connection broke")
        if answer in ("unsure", "vanished"):
            return Unknown("lost")
        if answer == "deferred":
            return Deferred("greylisted", retry_after=fates.dice.choice([None, timedelta(minutes=7)]))
        if answer == "rejected":
            return Rejected("no_such_mailbox", permanent_address=bool(address) and fates.dice.random() < 0.5)
        return Accepted()
