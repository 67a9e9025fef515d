"""Between synchronous code and a loop: what is waited for, by whom, and what runs meanwhile."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from nurture.runtime.bridging import Stop, bridged, is_async
from tests.unit.runtime.loops import play, turns_of_the_loop


def test_a_call_is_given_what_it_was_given() -> None:
    def act(one: int, /, *more: int, name: str) -> tuple[int, tuple[int, ...], str]:
        return one, more, name

    assert play(lambda: bridged(act, 1, 2, 3, name="n")) == (1, (2, 3), "n")


def test_an_error_comes_through() -> None:
    def fail() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        play(lambda: bridged(fail))


def test_waiting_for_a_stop_lets_the_loop_turn() -> None:
    async def scene() -> bool:
        stop = Stop()
        waiting = asyncio.create_task(bridged(stop.wait, 60))
        await turns_of_the_loop(3)
        assert not waiting.done()
        stop.set()
        return await waiting

    assert play(scene) is True


def test_waiting_ends_when_the_time_is_up() -> None:
    async def scene() -> bool:
        return await bridged(Stop().wait, 0.01)

    assert play(scene) is False


def test_a_stop_that_is_set_is_not_waited_for() -> None:
    async def scene() -> bool:
        stop = Stop()
        stop.set()
        return await bridged(stop.wait)

    assert play(scene) is True


def test_a_stop_wakes_a_loop_that_sleeps() -> None:
    async def scene() -> bool:
        stop = Stop()
        threading.Timer(0.05, stop.set).start()
        return await bridged(stop.wait)

    assert play(scene)


def test_a_stop_is_set_from_another_thread_for_tasks_and_threads() -> None:
    async def scene() -> list[bool]:
        stop = Stop()
        waiting = [bridged(stop.wait), bridged(stop.wait), asyncio.to_thread(stop.wait, 60)]
        all_of_them = asyncio.gather(*waiting)
        await turns_of_the_loop(3)
        threading.Thread(target=stop.set).start()
        return list(await all_of_them)

    assert play(scene) == [True] * 3


def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    async def scene() -> None:
        stop = Stop()
        waiting = asyncio.create_task(bridged(stop.wait))
        await turns_of_the_loop(2)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        stop.set()
        assert await bridged(stop.wait)

    play(scene)


def test_looking_whether_to_end_lets_others_run() -> None:
    """Work that never waits for anything, as on a store in memory, is no reason to hold up the loop."""

    async def scene() -> bool:
        stop = Stop()

        def work() -> bool:
            return any(stop.is_set() for _ in range(10_000))

        working = asyncio.create_task(bridged(work))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not working.done()
        stop.set()
        return await working

    assert play(scene)


async def coroutine() -> None: ...


def plain() -> None: ...


class AsyncCalled:
    async def __call__(self) -> None: ...


@pytest.mark.parametrize("one", [coroutine, partial(coroutine), AsyncCalled(), AsyncCalled().__call__])
def test_what_gives_a_coroutine_is_known(one: object) -> None:
    assert is_async(one)


@pytest.mark.parametrize("one", [plain, partial(plain), int, object(), None])
def test_what_gives_none_is_known(one: object) -> None:
    assert not is_async(one)
