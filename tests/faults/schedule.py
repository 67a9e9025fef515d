"""One thread, one virtual clock, many virtual tasks: who runs next, and for how long, is drawn from a seed.

A task is a greenlet. It gives way at the points that the wrappers of store and sender mark. Nothing here knows
what the tasks do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from random import Random

import attrs
from greenlet import getcurrent, greenlet

LONGEST_STEP = 3_000
"""So many microseconds may pass between two points."""


class Killed(BaseException):
    """The process is gone; no code of it runs on. Nothing that catches ordinary errors catches this."""


@attrs.define(eq=False, slots=True)
class Task:
    """Something that runs beside others, and sleeps until an instant or until a lock is free."""

    name: str
    run: greenlet
    wakes_at: datetime
    waits_for: Lock | None = None


class Lock:
    """What only one task may hold; the others wait in no particular order, as with SQLite's write lock."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.holder: Task | None = None

    def acquire(self) -> None:
        """Wait until it is free, and take it."""
        task = self._scheduler.current
        while self.holder is not None:
            task.waits_for = self
            self._scheduler.give_way()
        task.waits_for = None
        self.holder = task

    def release(self) -> None:
        """Give it back."""
        self.holder = None


class Scheduler:
    """Runs tasks by turns until all of them ended.

    Args:
        dice: Draws whose turn it is and how long things take.
        start: The first instant.

    Attributes:
        now: The true instant; it never goes back.
        offset: By how much the machine's clock is wrong.
        points: How many points were passed.
    """

    def __init__(self, dice: Random, start: datetime) -> None:
        self.dice = dice
        self.now = start
        self.offset = timedelta(0)
        self.points = 0
        self.over = False
        self._tasks: list[Task] = []
        self._current: Task | None = None
        self._hub = getcurrent()
        self._trace = blake2b(digest_size=8)

    def clock(self) -> datetime:
        """What the machine's clock shows."""
        return self.now + self.offset

    @property
    def current(self) -> Task:
        """The task that runs."""
        assert self._current is not None, "no task is running"
        return self._current

    @property
    def names(self) -> tuple[str, ...]:
        """Who has not ended."""
        return tuple(one.name for one in self._tasks)

    @property
    def trace(self) -> str:
        """A digest of every point that was passed, by whom and when: equal seeds give equal traces."""
        return self._trace.hexdigest()

    def spawn(self, name: str, work: Callable[[], None], after: timedelta = timedelta(0)) -> Task:
        """One more task."""
        task = Task(name, greenlet(work, self._hub), self.now + after)
        self._tasks.append(task)
        return task

    def pass_point(self, place: str) -> None:
        """Count a point; a little time passes."""
        self.points += 1
        self.now += timedelta(microseconds=self.dice.randrange(1, LONGEST_STEP))
        self._trace.update(f"{self.current.name}:{place}:{self.now.timestamp()};".encode())

    def give_way(self) -> None:
        """Let somebody else run."""
        self._hub.switch()
        if self.over:
            raise Killed("the simulation is over")

    def sleep(self, length: timedelta) -> None:
        """Let others run until so much time has passed."""
        self.current.wakes_at = self.now + max(timedelta(0), length)
        self.give_way()

    def wake(self, name: str) -> None:
        """Let the sleeping tasks whose names begin so go on soon."""
        for task in self._tasks:
            if task.name.startswith(name) and task is not self._current:
                soon = self.now + timedelta(microseconds=self.dice.randrange(1, 50_000))
                task.wakes_at = min(task.wakes_at, soon)

    def run(self) -> None:
        """Run until every task ended; an error of one of them ends it at once."""
        try:
            while self._tasks:
                self._turn()
        finally:
            self.over = True
            for task in self._tasks:
                if not task.run.dead and task.run:
                    self._current = task
                    _end(task)

    def _turn(self) -> None:
        ready = [one for one in self._tasks if one.wakes_at <= self.now and not _is_blocked(one)]
        if not ready:
            coming = [one.wakes_at for one in self._tasks if not _is_blocked(one)]
            assert coming, f"everybody waits for a lock: {[one.name for one in self._tasks]}"
            self.now = max(self.now, min(coming))
            return
        self._current = task = ready[self.dice.randrange(len(ready))]
        task.run.switch()
        if task.run.dead:
            self._tasks.remove(task)


def _is_blocked(task: Task) -> bool:
    return task.waits_for is not None and task.waits_for.holder is not None


def _end(task: Task) -> None:
    """Unwind a task that is not needed any more; whatever its clean-up raises concerns nobody."""
    try:
        task.run.throw(Killed)
    except BaseException:
        return
