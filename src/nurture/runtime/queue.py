"""How many messages this process has put off lately for each limit that leads share, so that the next wait behind them.

Without it all that wait for a limit would come back when its next slot is free, and all but one be put off again.
It is a memory of this process, and a short one: what it has forgotten is put off to an earlier slot and looked at
again there, and what was cancelled meanwhile keeps nobody waiting for long. Imports nothing of ours.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, TypeAlias

import attrs

Keys: TypeAlias = tuple[str, ...]
"""The ids of the allowances in which a limit is kept."""
PAUSE: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=1)


@attrs.define(slots=True)
class Queue:
    """Those who wait, counted while a backlog is worked off: until a pause, and for a minute at most.

    Attributes:
        began_at: Since when it counts; None when nobody waits.
        last_at: When it was added to.
        counts: How many of each priority, for each limit.
        lock: Held while any of them is looked at: a host's threads share it.
    """

    began_at: datetime | None = None
    last_at: datetime | None = None
    counts: dict[Keys, Counter[int]] = attrs.field(factory=dict[Keys, Counter[int]])
    lock: Lock = attrs.field(factory=Lock, repr=False, eq=False)

    def ahead(self, limit: Keys, priority: int, now: datetime) -> int:
        """How many wait already that are as important, or more."""
        with self.lock:
            if self.began_at is None or self.last_at is None:
                return 0
            if now - self.last_at > PAUSE or now - self.began_at > LONGEST or now < self.began_at:
                self.began_at, self.last_at = None, None
                self.counts = {}
            waiting = self.counts.get(limit)
            return 0 if waiting is None else sum([number for one, number in waiting.items() if one >= priority])

    def add(self, limit: Keys, priority: int, now: datetime) -> None:
        """One more waits."""
        with self.lock:
            self.began_at = self.began_at or now
            self.last_at = now
            self.counts.setdefault(limit, Counter())[priority] += 1
