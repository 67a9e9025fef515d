"""What is due next, among many that wait: a heap that forgets lazily. Imports the standard library only."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_SLACK = 64


class Agenda:
    """When each of many things is due; finding the due ones costs by how many are due, not by how many wait.

    Entries that were put off stay in the heap until they come up or until they are the majority.
    """

    __slots__ = ("_due", "_heap")

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def __len__(self) -> int:
        return len(self._due)

    def set(self, name: str, due_at: datetime | None) -> None:
        """Say when something is due; None means that it is not."""
        if due_at is None:
            self._due.pop(name, None)
        elif self._due.get(name) != due_at:
            self._due[name] = due_at
            heappush(self._heap, (due_at, name))
        if len(self._heap) > 2 * len(self._due) + _SLACK:
            self._heap = [(at, one) for one, at in self._due.items()]
            heapify(self._heap)

    def first(self) -> datetime | None:
        """When the first is due; None when nothing waits."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def before(self, now: datetime, limit: int) -> list[str]:
        """The first `limit` things that are due before `now`, in order."""
        self._drop_stale()
        heap = self._heap
        if not heap or heap[0][0] >= now or limit < 1:
            return []
        if limit == 1:
            return [heap[0][1]]
        found: dict[str, None] = {}
        front = [(heap[0], 0)]
        while front and len(found) < limit:
            (due_at, name), place = heappop(front)
            if due_at >= now:
                break
            if self._due.get(name) == due_at:
                found[name] = None
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(heap):
                    heappush(front, (heap[child], child))
        return list(found)

    def _drop_stale(self) -> None:
        heap, due = self._heap, self._due
        while heap and due.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
