"""The promises of `nurture.ports.AsyncSender`: those of a sender, on an event loop. Imports the ports and pytest.

A sender of your own is tested by a class that inherits `AsyncSenderContract` and gives an `async_world`:

    class TestPostcards(AsyncSenderContract):
        @pytest.fixture
        def async_world(self, tmp_path):
            return PostcardWorld(tmp_path)
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Coroutine, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

from nurture.ports import Accepted, AsyncSender, Envelope, Receipt
from nurture.testing.sender_contract import PATIENCE_SECONDS, Fault, SenderContract

if TYPE_CHECKING:
    from datetime import timedelta

R = TypeVar("R")


class AsyncSenderWorld(Protocol):
    """The far side of an asynchronous sender, as a test sees it."""

    def sender(self) -> AsyncSender:
        """A new sender towards this world, as another process would make it; called on the loop."""
        ...

    def received(self) -> Sequence[str]:
        """The keys of what the world took over, in order, repeats included."""
        ...

    def arrange(self, fault: Fault) -> bool:
        """Let this happen to the next envelope that reaches the world; False when it cannot happen here."""
        ...


class AsyncSenderContract(SenderContract):
    """Every test of `SenderContract`, on one event loop for each test; and what is asked of such senders besides."""

    @pytest.fixture
    def async_world(self) -> AsyncSenderWorld:
        """The world that the sender under test talks to; a subclass gives it."""
        raise NotImplementedError("give a fixture `async_world` that returns an AsyncSenderWorld")

    @pytest.fixture
    def world(self, async_world: AsyncSenderWorld) -> Iterator[LoopedWorld]:
        """The same world, for tests that know of no loop."""
        with looping() as loop:
            yield LoopedWorld(async_world, loop)

    def test_calls_wait_side_by_side(self, world: LoopedWorld) -> None:
        """One loop may have several calls under way; each gets its own receipts."""
        receipts = world.send_at_once([self.make_envelope(number)] for number in range(3))
        assert [[type(receipt) for receipt in one] for one in receipts] == [[Accepted]] * 3
        assert sorted(world.received()) == sorted([self.make_envelope(number).key for number in range(3)])


@contextmanager
def looping() -> Generator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread meanwhile."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield loop
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(PATIENCE_SECONDS)


class LoopedWorld:
    """A world whose senders are used from threads, and work on a loop."""

    def __init__(self, world: AsyncSenderWorld, loop: asyncio.AbstractEventLoop) -> None:
        self._world = world
        self._loop = loop

    def sender(self) -> _LoopedSender:
        """A new sender towards this world."""
        return _LoopedSender(self._on_loop(self._made()), self._loop)

    def received(self) -> Sequence[str]:
        """The keys of what the world took over."""
        return self._world.received()

    def arrange(self, fault: Fault) -> bool:
        """Let this happen to the next envelope."""
        return self._world.arrange(fault)

    def send_at_once(self, calls: Iterator[Sequence[Envelope]]) -> Sequence[tuple[Receipt, ...]]:
        """Several calls of one sender, all under way at the same time."""
        return self._on_loop(self._sent_at_once(list(calls)))

    async def _sent_at_once(self, calls: Sequence[Sequence[Envelope]]) -> Sequence[tuple[Receipt, ...]]:
        sender = self._world.sender()
        try:
            return await asyncio.gather(*[sender.send(envelopes) for envelopes in calls])
        finally:
            await sender.close()

    async def _made(self) -> AsyncSender:
        return self._world.sender()

    def _on_loop(self, work: Coroutine[Any, Any, R]) -> R:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)


class _LoopedSender:
    def __init__(self, sender: AsyncSender, loop: asyncio.AbstractEventLoop) -> None:
        self._sender = sender
        self._loop = loop

    @property
    def dedup_window(self) -> timedelta:
        return self._sender.dedup_window

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        return asyncio.run_coroutine_threadsafe(self._sender.send(envelopes), self._loop).result(PATIENCE_SECONDS)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._sender.close(), self._loop).result(PATIENCE_SECONDS)
