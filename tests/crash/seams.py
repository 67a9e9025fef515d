"""A store that lets a test in at its seams: where other threads and processes may come in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, TypeVar

from nurture.model import Activation, Changes, Standing, SubjectId, Touchpoint
from nurture.ports import Capability, JoinedStorage, Known, R, Storage, Unit, View
from nurture.predicates import Reach

T = TypeVar("T")
PATIENCE_SECONDS = 20.0
"""After so long what has not come to an end counts as stuck; no test waits for it otherwise."""


class Aside(Generic[T]):
    """A call in a thread of its own, begun at once."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._answers: list[T] = []
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def ends(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait for its end, so long at most; whether it came."""
        self._thread.join(seconds)
        return not self.is_alive

    def answer(self) -> T:
        """What it returned, or raised."""
        assert self.ends(), "stuck"
        if self.error is not None:
            raise self.error
        return self._answers[0]

    def _run(self) -> None:
        try:
            self._answers.append(self._call())
        except BaseException as error:
            self.error = error


def until(what: str, is_so: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"stuck: {what}"
        time.sleep(0.005)


Groups = Mapping[SubjectId, Changes]


class Seams:
    """A store that calls the test at its seams, at each once, when the test has put a call there.

    Attributes:
        before_view: Before a view is opened.
        after_load: After a view has closed in which somebody looked up what is known of subjects.
        before_put: Before a unit writes groups that `wants` says are the ones.
        after_put: After a unit wrote such groups; it is open still.
        wants: Which groups.
        units: How many units were begun.
        naps: Of each sleep in the store, whether it was woken.
    """

    def __init__(self, inner: Storage) -> None:
        self.inner = inner
        self.before_view: Callable[[], object] | None = None
        self.after_load: Callable[[], object] | None = None
        self.before_put: Callable[[], object] | None = None
        self.after_put: Callable[[], object] | None = None
        self.wants: Callable[[Groups], bool] = bool
        self.units = 0
        self.naps: list[bool] = []

    @property
    def tenant(self) -> str:
        return self.inner.tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.inner.capabilities

    def now(self) -> datetime:
        return self.inner.now()

    @contextmanager
    def view(self) -> Generator[View]:
        call, self.before_view = self.before_view, None
        if call is not None:
            call()
        with self.inner.view() as view:
            watched = _View(view)
            yield watched  # type: ignore[misc]  # it hands on whatever it does not have
        if watched.has_loaded and self.after_load is not None:
            call, self.after_load = self.after_load, None
            call()

    @contextmanager
    def begin(self) -> Generator[Unit]:
        self.units += 1
        with self.inner.begin() as unit:
            yield _Unit(unit, self)  # type: ignore[misc]  # likewise

    def joined(self, connection: object) -> JoinedStorage:
        return self.inner.joined(connection)  # type: ignore[attr-defined, no-any-return]

    def wait(self, seconds: float) -> bool:
        self.naps.append(self.inner.wait(seconds))  # type: ignore[attr-defined]
        return self.naps[-1]

    def close(self) -> None:
        self.inner.close()


class _View:
    def __init__(self, inner: View) -> None:
        self._inner = inner
        self.has_loaded = False

    def about(self, since: Mapping[SubjectId, datetime | None], reach: Reach) -> Mapping[SubjectId, Known]:
        self.has_loaded = True
        return self._inner.about(since, reach)

    def get(self, kind: type[R], ids: Collection[str]) -> Mapping[str, R]:
        return self._inner.get(kind, ids)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class _Unit:
    def __init__(self, inner: Unit, seams: Seams) -> None:
        self._inner = inner
        self._seams = seams

    def put(self, groups: Groups) -> frozenset[SubjectId]:
        seams = self._seams
        is_it = seams.wants(groups)
        if is_it and seams.before_put is not None:
            call, seams.before_put = seams.before_put, None
            self._inner.now()  # the unit has its instant, as if others had come a moment later
            call()
        conflicts = self._inner.put(groups)
        if is_it and seams.after_put is not None:
            call, seams.after_put = seams.after_put, None
            call()
        return conflicts

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def has_fact(kind: str) -> Callable[[Groups], bool]:
    """Whether a fact of this kind is among what is written."""
    return lambda groups: any(isinstance(one, Touchpoint) and one.kind == kind for one in _records(groups))


def has_standing(groups: Groups) -> bool:
    """Whether something decided is written."""
    return any(isinstance(one, Standing) for one in _records(groups))


def has_activation(groups: Groups) -> bool:
    """Whether an activation is written."""
    return any(isinstance(one, Activation) for one in _records(groups))


def _records(groups: Groups) -> list[object]:
    return [one for changes in groups.values() for one in changes.records]
