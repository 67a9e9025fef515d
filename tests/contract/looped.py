"""A store on an asynchronous driver, for tests that know of no event loop.

One loop runs in a thread of its own. Each thread of a test has a task there, with a greenlet in which everything
is done that this thread asks for. So the store serves many tasks of one loop, while the test's threads just wait.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, cast

from sqlalchemy.util import await_only, greenlet_spawn

from nurture.ports import Capability, TakingUnit, Unit, View
from nurture.storage import SqlStorage

T = TypeVar("T")
PATIENCE = 120.0


class Loop:
    """An event loop in a thread, until `close`."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        self._here = threading.local()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, act: Callable[[], T]) -> T:
        """Do it in the greenlet of this thread."""
        if not hasattr(self._here, "desk"):
            self._here.desk = _Desk(self._loop)
        return cast("_Desk", self._here.desk).do(act)

    def close(self) -> None:
        """Cancel what still waits, and end the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._runner.close()


class _Desk:
    """A task of the loop, and the greenlet in it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._wanted: asyncio.Queue[tuple[Callable[[], Any], Future[Any]]] = asyncio.Queue()
        self._task = asyncio.run_coroutine_threadsafe(greenlet_spawn(self._serve), loop)

    def do(self, act: Callable[[], T]) -> T:
        answer: Future[T] = Future()
        self._loop.call_soon_threadsafe(self._wanted.put_nowait, (act, answer))
        return answer.result(PATIENCE)

    def _serve(self) -> None:
        while True:
            act, answer = await_only(self._wanted.get())
            try:
                answer.set_result(act())
            except Exception as error:
                answer.set_exception(error)


class LoopedStorage:
    """The store, each call of it done on the loop."""

    def __init__(self, loop: Loop, storage: SqlStorage) -> None:
        self._loop = loop
        self._storage = storage

    @property
    def tenant(self) -> str:
        return self._storage.tenant

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._storage.capabilities

    def now(self) -> datetime:
        return self._loop.do(self._storage.now)

    def view(self) -> AbstractContextManager[View]:
        return self._open(self._storage.view)

    def begin(self) -> AbstractContextManager[Unit]:
        return self._open(self._storage.begin)

    def wait(self, seconds: float, /) -> bool:
        return self._loop.do(partial(self._storage.wait, seconds))

    def close(self) -> None:
        self._loop.do(self._storage.close)

    @contextmanager
    def _open(self, make: Callable[[], AbstractContextManager[View]]) -> Iterator[TakingUnit]:
        opened = make()
        inner = self._loop.do(opened.__enter__)
        try:
            yield cast("TakingUnit", _Looped(self._loop, inner))
        except BaseException as error:
            if not self._loop.do(partial(opened.__exit__, type(error), error, error.__traceback__)):
                raise
        else:
            self._loop.do(partial(opened.__exit__, None, None, None))


class _Looped:
    """A view or a unit, each method of it done on the loop."""

    def __init__(self, loop: Loop, inner: View) -> None:
        self._loop = loop
        self._inner = inner

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self._inner, name)
        return lambda *args, **kwargs: self._loop.do(lambda: method(*args, **kwargs))
