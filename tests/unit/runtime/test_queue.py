"""Who was put off lately is counted by limit and priority, for a while, from whichever thread."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from nurture.runtime.queue import LONGEST, PAUSE, Queue
from tests.stores import T0

RATE, CAP = ("rate",), ("cap",)
TINY = timedelta(microseconds=1)


def test_those_count_who_are_as_important_or_more() -> None:
    queue = Queue()
    for priority in (0, 0, 5, 9):
        queue.add(RATE, priority, T0)
    assert [queue.ahead(RATE, priority, T0) for priority in (0, 5, 6, 10)] == [4, 2, 1, 0]
    assert queue.ahead(CAP, 0, T0) == 0


def test_a_pause_forgets_them() -> None:
    queue = Queue()
    queue.add(RATE, 0, T0)
    assert queue.ahead(RATE, 0, T0 + PAUSE) == 1
    assert queue.ahead(RATE, 0, T0 + PAUSE + TINY) == 0
    queue.add(RATE, 0, T0 + PAUSE + TINY)
    assert queue.ahead(RATE, 0, T0 + PAUSE + TINY) == 1


def test_a_backlog_without_end_is_forgotten_after_a_while() -> None:
    queue, at = Queue(), T0
    while at <= T0 + LONGEST:
        queue.add(RATE, 0, at)
        at += PAUSE
    assert queue.ahead(RATE, 0, T0 + LONGEST) > 1
    assert queue.ahead(RATE, 0, T0 + LONGEST + TINY) == 0


def test_a_clock_that_was_set_back_forgets_them() -> None:
    queue = Queue()
    queue.add(RATE, 0, T0)
    assert queue.ahead(RATE, 0, T0 - TINY) == 0


@pytest.fixture
def _hasty() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_hasty")
def test_threads_may_use_it_side_by_side() -> None:
    queue = Queue()

    def work(thread: int) -> None:
        for number in range(20_000):
            at = T0 + (number % 3) * PAUSE
            queue.add(RATE, number % 50 + thread, at)
            assert queue.ahead(RATE, 0, at) >= 0

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
