"""Between the synchronous code of this library and an event loop: what waits there lets other tasks run.

The code runs in greenlets (SQLAlchemy's `greenlet_spawn`, as its asynchronous engines do), so that it may wait for
a coroutine in the middle. May import asyncio, SQLAlchemy, the ports and what lies below them.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, ParamSpec, TypeAlias, TypeVar, cast

from nurture.ports import Action, AsyncAction, AsyncSender, Envelope, Receipt, Sender
from nurture.runtime.parts import is_async

try:
    from sqlalchemy.util.concurrency import await_only, greenlet_spawn, in_greenlet

    import_module("greenlet")  # SQLAlchemy itself would look for it at the first use only
except ModuleNotFoundError as missing:
    message = 'AsyncNurture needs SQLAlchemy and greenlet: pip install "nurture-crm[async]"'
    raise ImportError(message, name=missing.name) from missing

if TYPE_CHECKING:
    from datetime import timedelta

    from nurture.model import SubjectId

AnySender: TypeAlias = Sender | AsyncSender
AnyAction: TypeAlias = Action | AsyncAction
P = ParamSpec("P")
R = TypeVar("R")


async def bridged(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Call synchronous code from a task. What it waits for through a bridge, the task waits for."""
    return await greenlet_spawn(lambda: function(*args, **kwargs))


class Stop(threading.Event):
    """An event for which also tasks can wait. May be set from any thread, and by a signal's handler.

    Work looks at it between two batches, and holds nothing then: a good moment to let other tasks run.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def is_set(self) -> bool:
        """Whether it is set; in a greenlet, other tasks run before the answer."""
        if in_greenlet():
            await_only(asyncio.sleep(0))
        return super().is_set()

    def set(self) -> None:
        """Set it, and wake who waits."""
        super().set()
        for woken, loop in list(self._waiting.items()):
            loop.call_soon_threadsafe(woken.set)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or so many seconds; whether it is set. In a task, the others run meanwhile."""
        if not in_greenlet():
            return super().wait(timeout)
        await_only(self._wait(timeout))
        return self.is_set()

    async def _wait(self, timeout: float | None) -> None:
        woken = asyncio.Event()
        self._waiting[woken] = asyncio.get_running_loop()
        try:
            if self.is_set():  # looked at after saying that somebody waits
                return
            async with asyncio.timeout(timeout):
                await woken.wait()
        except TimeoutError:
            pass
        finally:
            del self._waiting[woken]


class BridgedSender:
    """A sender of the host's, as synchronous code calls it in a greenlet; one that would block runs in a thread."""

    def __init__(self, sender: AnySender) -> None:
        self._sender = sender

    @property
    def dedup_window(self) -> timedelta:
        """The sender's own."""
        return self._sender.dedup_window

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Let it send, while other tasks run."""
        return await_only(_asked(self._sender.send, envelopes))

    def close(self) -> None:
        """Let it close."""
        await_only(_asked(self._sender.close))


class BridgedAction:
    """An action of the host's, as synchronous code calls it in a greenlet; one that would block runs in a thread."""

    def __init__(self, action: AnyAction) -> None:
        self._action = action

    def __call__(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt | None:
        """Let it act, while other tasks run."""
        return await_only(_asked(self._action, key, subject, params))


async def _asked(function: Callable[P, R | Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs) -> R:
    answer = function(*args, **kwargs) if is_async(function) else await asyncio.to_thread(function, *args, **kwargs)
    return await cast("Awaitable[R]", answer) if inspect.isawaitable(answer) else answer
