"""Telling a probe, and the log, what was done; without a probe it costs next to nothing.

Called around what the runtime does, so that deciding and delivering themselves know of no probe.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from logging import DEBUG
from typing import TYPE_CHECKING

import attrs

from nurture.runtime.deciding import decide_due
from nurture.runtime.delivering import deliver_due
from nurture.runtime.host import Host, log, report
from nurture.runtime.recording import record_facts
from nurture.runtime.results import Decided, Delivered, NewFact, Ticked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from nurture.model import FactId
    from nurture.runtime.probe import Probe


def decide(host: Host, limit: int) -> Decided:
    """Decide subjects that are due, and tell how many."""
    with _span(host.probe, "decide"):
        done = decide_due(host, limit)
    if done.subjects or done.conflicts:
        _told(host, "decided", {"subjects": done.subjects, "moments": done.moments, "conflicts": done.conflicts})
    return done


def deliver(host: Host, limit: int, stop: Event | None = None) -> Delivered:
    """Carry out effects that are due, and tell how many, by outcome."""
    with _span(host.probe, "deliver"):
        done = deliver_due(host, limit, stop)
    if done.moved or done.conflicts:
        _told(host, "delivered", attrs.asdict(done), label="outcome", name="effects")
    return done


def record(host: Host, facts: Sequence[NewFact]) -> tuple[FactId, ...]:
    """Write touchpoints down, and tell how many were new."""
    if host.probe is None:
        return record_facts(host, facts)[0]
    with _span(host.probe, "record"):
        done, fresh = record_facts(host, facts)
    _told(host, "recorded", {"facts": fresh})
    return done


def spanned(host: Host, work: Callable[[], Ticked]) -> Ticked:
    """A tick within a span of its own; one in which nothing is due leaves none."""
    if host.probe is None:
        return work()
    with host.storage.view() as view:
        due = view.next_due_at()
    if due is None or due >= host.storage.now():
        return Ticked()
    with _span(host.probe, "tick"):
        return work()


def _told(host: Host, word: str, numbers: Mapping[str, int], *, name: str = "", label: str = "") -> None:
    if log.isEnabledFor(DEBUG):
        log.debug(word, extra={f"nurture_{key}": number for key, number in numbers.items()})
    probe = host.probe
    if probe is None:
        return
    try:
        for key, number in numbers.items():
            if number:
                probe.count(name or key, number, **({label: key} if label else {}))
    except Exception as error:
        report("a probe failed", error)


@contextmanager
def _span(probe: Probe | None, name: str) -> Generator[None]:
    """A span of the probe: it sees an error within, and its own errors are seen by nobody but the log."""
    if probe is None:
        yield
        return
    leave = _entered(probe, name)
    try:
        yield
    except BaseException as error:
        leave(error)
        raise
    leave(None)


def _entered(probe: Probe, name: str) -> Callable[[BaseException | None], None]:
    """Enter a span; the answer leaves it."""
    try:
        span = probe.span(name)
        span.__enter__()
    except Exception as error:
        report("a probe failed", error)
        return lambda _failure: None

    def leave(failure: BaseException | None) -> None:
        try:
            span.__exit__(type(failure) if failure else None, failure, failure.__traceback__ if failure else None)
        except Exception as error:
            report("a probe failed", error)

    return leave
