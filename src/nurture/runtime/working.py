"""The worker's loop: tick, sleep until something is due, stop cleanly when asked to."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nurture.runtime.host import Host, log

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from types import FrameType

SHORTEST = 0.002
"""Never poll faster than this, in seconds: a store that is polled hard starves its writers."""


def run(host: Host, tick: Callable[[], object], poll: timedelta, stop: threading.Event) -> None:
    """Tick until `stop` is set; a tick that failed is logged and tried again after the poll interval.

    SIGTERM and SIGINT set `stop` when this runs in the main thread; the tick at hand is finished first.
    """
    with _signals(stop):
        while not stop.is_set():
            try:
                tick()
            except Exception:
                log.exception("a tick failed; trying again after the poll interval")
                stop.wait(poll.total_seconds())
                continue
            stop.wait(_pause(host, poll))


def _pause(host: Host, poll: timedelta) -> float:
    """How long to sleep, in seconds: until the next due instant, at most the poll interval."""
    with host.storage.view() as view:
        due: datetime | None = view.next_due_at()
    longest = poll.total_seconds()
    if due is None:
        return longest
    return min(longest, max(SHORTEST, (due - host.storage.now()).total_seconds()))


@contextmanager
def _signals(stop: threading.Event) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        log.info("stopping", extra={"nurture_signal": number})
        stop.set()

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
