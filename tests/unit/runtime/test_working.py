"""How a worker rests: it wakes with its store, but never asks in a circle for what is in other hands."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from nurture.ports import Capability
from nurture.runtime.queue import Queue
from nurture.runtime.results import Decided, Ticked
from nurture.runtime.working import SHORTEST, STOP_WITHIN, keep_on
from tests.stores import T0

if TYPE_CHECKING:
    from collections.abc import Iterator

MOVED, NOTHING = Ticked(decided=Decided(subjects=1)), Ticked()
POLL = timedelta(seconds=5)


class Stop(threading.Event):
    """Notes how long somebody would have slept, and wakes at once."""

    def __init__(self, rests: list[tuple[str, float]]) -> None:
        super().__init__()
        self.rests = rests

    def wait(self, timeout: float | None = None) -> bool:
        self.rests.append(("rest", timeout or 0.0))
        return self.is_set()


class Store:
    """A store that says when something is due; its waiting ends at once, as it does when something is due already."""

    def __init__(self, due: datetime | None, rests: list[tuple[str, float]], *, wakes: bool) -> None:
        self.due = due
        self.rests = rests
        self.capabilities = frozenset({Capability.NOTIFY} if wakes else ())

    def now(self) -> datetime:
        return T0

    @contextmanager
    def view(self) -> Iterator[Store]:
        yield self

    def next_due_at(self) -> datetime | None:
        return self.due

    def wait(self, seconds: float) -> bool:
        self.rests.append(("store", seconds))
        return True


class Host:
    """As much of a host as a worker that rests looks at."""

    def __init__(self, storage: Store) -> None:
        self.storage = storage
        self.unreadable: dict[str, datetime] = {}
        self.held: dict[str, datetime] = {}
        self.queue = Queue()


def rests(due: datetime | None, *ticked: Ticked, wakes: bool = True, **left_alone: dict[str, datetime]) -> list[Any]:
    """Where a worker slept after each of these ticks, and for how long."""
    found: list[tuple[str, float]] = []
    host, stop, coming = Host(Store(due, found, wakes=wakes)), Stop(found), list(ticked)
    host.unreadable |= left_alone.get("unreadable", {})
    host.held |= left_alone.get("held", {})

    def tick() -> Ticked:
        one = coming.pop(0)
        if not coming:
            stop.set()
        return one

    keep_on(cast("Any", host), tick, POLL, stop)
    return found


PAST, COMING = T0 - timedelta(seconds=1), T0 + timedelta(seconds=0.1)


@pytest.mark.parametrize(
    ("due", "ticked", "expected"),
    [
        (None, (NOTHING, NOTHING), [("store", STOP_WITHIN)]),
        (COMING, (NOTHING, NOTHING), [("store", 0.1)]),
        (PAST, (MOVED, NOTHING), [("store", SHORTEST)]),  # it may have come while the worker looked: at once again
        (PAST, (NOTHING, NOTHING), [("store", SHORTEST), ("rest", STOP_WITHIN)]),
        (PAST, (NOTHING, MOVED, NOTHING), [("store", SHORTEST), ("store", SHORTEST), ("rest", STOP_WITHIN)]),
        (PAST, (NOTHING, NOTHING, NOTHING), [("store", SHORTEST), *[("rest", STOP_WITHIN)] * 2]),
    ],
)
def test_what_stays_due_is_not_asked_for_without_a_rest(
    due: datetime | None, ticked: tuple[Ticked, ...], expected: list[tuple[str, float]]
) -> None:
    # the last rest is not slept in a store: the worker should end
    assert rests(due, *ticked)[: len(expected)] == expected


@pytest.mark.parametrize("which", ["unreadable", "held"])
def test_who_is_left_alone_for_a_moment_is_a_reason_to_rest_at_once(which: str) -> None:
    again_at = T0 + timedelta(seconds=0.2)
    assert rests(PAST, NOTHING, NOTHING, **cast("Any", {which: {"lead_1": again_at}}))[0] == ("rest", STOP_WITHIN)


def test_effects_that_were_left_alone_long_enough_are_forgotten() -> None:
    assert rests(PAST, NOTHING, NOTHING, held={"lead_1": T0})[0] == ("store", SHORTEST)


def test_a_store_that_does_not_wake_is_polled() -> None:
    assert rests(COMING, NOTHING, NOTHING, wakes=False)[0] == ("rest", 0.1)
    assert rests(None, NOTHING, NOTHING, wakes=False)[0] == ("rest", POLL.total_seconds())
