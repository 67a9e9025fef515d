"""A worker that dies, or loses an answer, at the Nth operation; and the world it leaves behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from nurture.errors import StorageError
from nurture.model import Changes, SubjectId
from nurture.ports import Accepted, Capability, Envelope, Receipt, Storage, Unit, View


class Crash(BaseException):
    """The process died; nothing of it runs on."""


class Fuse:
    """Counts the operations of a worker, and blows at those it was told to.

    Args:
        points: The numbers of the operations at which it blows, counted from 1.
        lost: Raise an ordinary error there, as when the answer is lost, instead of dying.
    """

    def __init__(self, points: Collection[int] = (), *, lost: bool = False) -> None:
        self.points = set(points)
        self.lost = lost
        self.count = 0
        self.blown: list[str] = []

    def burn(self, place: str) -> None:
        """One more operation."""
        self.count += 1
        if self.count in self.points:
            self.blown.append(place)
            raise StorageError(f"lost at {place}") if self.lost else Crash(place)


class FusedStorage:
    """A store whose worker may die around every view, unit, put and commit."""

    def __init__(self, inner: Storage, fuse: Fuse) -> None:
        self.inner, self.fuse = inner, fuse

    @property
    def tenant(self) -> str:
        return self.inner.tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.inner.capabilities

    def now(self) -> datetime:
        return self.inner.now()

    @contextmanager
    def view(self) -> Iterator[View]:
        self.fuse.burn("view")
        with self.inner.view() as view:
            yield view

    @contextmanager
    def begin(self) -> Iterator[Unit]:
        self.fuse.burn("before begin")
        with self.inner.begin() as unit:
            yield FusedUnit(unit, self.fuse)  # type: ignore[misc]
            self.fuse.burn("before commit")
        self.fuse.burn("after commit")

    def close(self) -> None:
        self.inner.close()


class FusedUnit:
    """A unit whose worker may die before and after each put."""

    def __init__(self, inner: Unit, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        self._fuse.burn("before put")
        found = self._inner.put(groups)
        self._fuse.burn("after put")
        return found


class World:
    """What the other side got, over all crashes; it knows keys again if it deduplicates."""

    def __init__(self, *, deduplicates: bool) -> None:
        self.window = timedelta.max if deduplicates else timedelta(0)
        self.carried_out: Counter[str] = Counter()
        self.message_ids: dict[str, set[str]] = {}

    def take(self, key: str) -> None:
        """Something is handed over."""
        if not (self.window and self.carried_out[key]):
            self.carried_out[key] += 1


class FusedSender:
    """A sender whose worker may die before and after each envelope."""

    def __init__(self, world: World, fuse: Fuse) -> None:
        self.world, self.fuse = world, fuse

    @property
    def dedup_window(self) -> timedelta:
        return self.world.window

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        for one in envelopes:
            self.fuse.burn("before send")
            self.world.take(one.key)
            self.world.message_ids.setdefault(one.key, set()).add(one.message_id)
            self.fuse.burn("after send")
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing is held."""

    def act(self, key: str, _subject: SubjectId, _params: Mapping[str, object], /) -> Receipt:
        """The host's own action, which fails in the same places."""
        self.fuse.burn("before send")
        self.world.take(key)
        self.fuse.burn("after send")
        return Accepted()
