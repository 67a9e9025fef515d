"""The worker: tick until nothing is due, sleep until something is, stop cleanly when asked to."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nurture.runtime.deciding import decide_due
from nurture.runtime.delivering import deliver_due
from nurture.runtime.host import Host, log, report
from nurture.runtime.results import Decided, Delivered, Ticked

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from types import FrameType

SHORTEST = 0.002
"""Never poll faster than this, in seconds: a store that is polled hard starves its writers."""
PATIENCE = 5
"""So many rounds in which others were faster, and nothing else happened, end a tick; the next one goes on."""


def tick(host: Host, limit: int, stop: threading.Event | None = None) -> Ticked:
    """Decide and deliver until nothing is due; between batches it looks whether to end before that."""
    decided, delivered = Decided(), Delivered()
    vain = 0
    while vain < PATIENCE:
        settled = decide_due(host, limit)
        decided += settled
        if stop is not None and stop.is_set():
            break
        if settled.more:
            vain = 0 if settled.subjects else vain + 1
            continue
        sent = deliver_due(host, limit, stop)
        delivered += sent
        if (stop is not None and stop.is_set()) or (not sent.moved and not sent.conflicts):
            break
        vain = 0 if sent.moved or settled.subjects else vain + 1
    return Ticked(decided, delivered)


def run(host: Host, tick: Callable[[], object], poll: timedelta) -> None:
    """Tick until `host.stop` is set; a tick that failed is logged and tried again after the poll interval.

    SIGTERM and SIGINT set it when this runs in the main thread; the batch at hand is finished first.
    """
    with _signals(host.stop):
        try:
            while not host.stop.is_set():
                try:
                    tick()
                    pause = _pause(host, poll)
                except Exception as error:
                    report("a tick failed; trying again after the poll interval", error)
                    pause = poll.total_seconds()
                host.stop.wait(pause)
        finally:
            host.stop.clear()


def _pause(host: Host, poll: timedelta) -> float:
    """How long to sleep, in seconds: until the next due instant, at most the poll interval."""
    with host.storage.view() as view:
        due: datetime | None = view.next_due_at()
    longest = poll.total_seconds()
    if due is None or (host.failing and due < host.storage.now()):
        return longest  # a subject whose deciding failed stays due, but waits
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
