"""The worker: tick until nothing is due, sleep until something is, stop cleanly when asked to."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

from nurture.ports import Capability
from nurture.runtime.host import Host, log, report
from nurture.runtime.probing import decide, deliver, spanned
from nurture.runtime.quarantine import forget_held
from nurture.runtime.results import Decided, Delivered, Ticked

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from types import FrameType

    from nurture.ports import Waking

SHORTEST = 0.002
"""Never poll faster than this, in seconds: a store that is polled hard starves its writers."""
STOP_WITHIN = 0.25
"""A worker that sleeps in its store notices so soon, in seconds, that it should end."""
PATIENCE = 5
"""So many rounds in which others were faster, and nothing else happened, end a tick; the next one goes on."""


def tick(host: Host, limit: int, stop: threading.Event | None = None) -> Ticked:
    """Decide and deliver until nothing is due; between batches it looks whether to end before that."""
    return spanned(host, partial(_tick, host, limit, stop))


def _tick(host: Host, limit: int, stop: threading.Event | None) -> Ticked:
    decided, delivered = Decided(), Delivered()
    vain = 0
    while vain < PATIENCE:
        settled = decide(host, limit)
        decided += settled
        if stop is not None and stop.is_set():
            break
        # after each batch, not after all: the first mails need not wait for the last subject
        sent = deliver(host, limit, stop)
        delivered += sent
        if (stop is not None and stop.is_set()) or not (settled.more or sent.moved or sent.conflicts):
            break
        vain = 0 if sent.moved or settled.subjects else vain + 1
    return Ticked(decided, delivered)


def run(host: Host, tick: Callable[[], Ticked], poll: timedelta) -> Ticked:
    """Tick until `host.stop` is set; a tick that failed is logged and tried again after the poll interval.

    SIGTERM and SIGINT set it when this runs in the main thread; the batch at hand is finished first.
    """
    with _stoppable(host.stop):
        return keep_on(host, tick, poll, host.stop)


def keep_on(host: Host, tick: Callable[[], Ticked], poll: timedelta, stop: threading.Event) -> Ticked:
    """Tick until `stop` is set, whoever sets it."""
    done = Ticked()
    was_overdue = False
    while not stop.is_set():
        try:
            ticked = tick()
            done += ticked
            was_overdue = _rest(host, poll, stop, in_vain=was_overdue and not ticked.moved)
        except Exception as error:
            report("a tick failed; trying again after the poll interval", error)
            stop.wait(poll.total_seconds())
    return done


def drain(host: Host, tick: Callable[[], Ticked]) -> Ticked:
    """Tick until nothing moves any more, or until `host.stop` is set; a failure is the caller's."""
    with _stoppable(host.stop):
        return finish(tick, host.stop)


def finish(tick: Callable[[], Ticked], stop: threading.Event) -> Ticked:
    """Tick until nothing moves any more, or until `stop` is set, whoever sets it."""
    done = Ticked()
    while not stop.is_set():
        ticked = tick()
        done += ticked
        if not ticked.moved:
            break
    return done


def _rest(host: Host, poll: timedelta, stop: threading.Event, *, in_vain: bool) -> bool:
    """Sleep until the next due instant, at most the poll interval; whether something was due already.

    What stays due though a tick was made for it cannot be read, or is in other hands, such as a transaction of the
    host's. A store that wakes would never let us sleep then, so we do not ask it.
    """
    with host.storage.view() as view:
        due: datetime | None = view.next_due_at()
    now, longest = host.storage.now(), poll.total_seconds()
    forget_held(host, now)
    ahead = longest if due is None else (due - now).total_seconds()
    if ahead <= 0 and (in_vain or host.unreadable or host.held):
        stop.wait(min(longest, STOP_WITHIN))
    else:
        _sleep(host, min(longest, max(SHORTEST, ahead)), stop)
    return ahead <= 0


def _sleep(host: Host, seconds: float, stop: threading.Event) -> None:
    """Sleep so long; less when the worker should end, or when the store says that something is due."""
    if Capability.NOTIFY not in host.storage.capabilities:
        stop.wait(seconds)
        return
    left = seconds
    while left > 0 and not stop.is_set():
        if cast("Waking", host.storage).wait(min(left, STOP_WITHIN)):
            return
        left -= STOP_WITHIN


@contextmanager
def _stoppable(stop: threading.Event) -> Generator[None]:
    """By SIGTERM and SIGINT, too; for one run."""
    with _signals(stop):
        try:
            yield
        finally:
            stop.clear()


@contextmanager
def _signals(stop: threading.Event) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        log.info("stopping", extra={"nurture_signal": number})
        # in a thread of its own: the signal may have come while this one holds the event's lock
        threading.Thread(target=stop.set, name="nurture-stop", daemon=True).start()

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
