"""Putting aside what cannot be decided, so that one bad subject stops nobody else.

A failure may pass (memory was short), so a subject is tried again a few times, later each time; only then
is its standing marked dead, with the reason and, where one is to blame, the fact. The count is kept in the
standing, so every worker sees it, and it is committed by itself. An operator revives what is dead, usually with a
mended program. Where a whole batch fails, it is halved until the culprit is alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

import attrs

from nurture.decisions import Decision, advance
from nurture.errors import NotFoundError, ProgramMismatchError, RecordRefusedError, StorageError
from nurture.model import Changes, Dossier, Standing, SubjectId
from nurture.runtime.host import Host, report

if TYPE_CHECKING:
    from nurture.program import Program

PATIENCE = 3
"""So many failures mean that a subject cannot be decided."""
FIRST_PAUSE = timedelta(minutes=1)
HELD = timedelta(milliseconds=250)
"""A subject that somebody else holds, such as a host's open transaction, waits so long and stops nobody else."""


class Countable(Protocol):
    """What was done, as a number that can be added to others."""

    def __add__(self: C, other: C, /) -> C:
        """Both together."""
        ...


C = TypeVar("C", bound=Countable)
T = TypeVar("T")


def halved(
    items: Sequence[T], work: Callable[[Sequence[T]], C], alone: Callable[[T, Exception], C], error: Exception
) -> C:
    """Do the work on each half of a batch that failed, and so on, until what fails is alone.

    Args:
        items: The batch, on which the work has failed.
        work: What to do with some of them; it may fail.
        alone: What to do with one on which the work failed.
        error: How it failed.

    Raises:
        StorageError: The store is away; none of the items is to blame.
    """
    if is_away(error):
        raise error
    if len(items) == 1:
        return alone(items[0], error)
    middle = len(items) // 2
    first, second = (_tried(half, work, alone) for half in (items[:middle], items[middle:]))
    return first + second


def _tried(items: Sequence[T], work: Callable[[Sequence[T]], C], alone: Callable[[T, Exception], C]) -> C:
    try:
        return work(items)
    except Exception as error:
        return halved(items, work, alone, error)


def is_away(error: Exception) -> bool:
    """Whether the store itself or this worker's program is wrong, so that no item of a batch is to blame."""
    own_fault = isinstance(error, (RecordRefusedError, NotFoundError))
    return isinstance(error, (StorageError, ProgramMismatchError)) and not own_fault


def failed(host: Host, program: Program, dossier: Dossier, now: datetime, error: Exception) -> Decision:
    """What is decided about a subject whose deciding raised: to try again later, or that it is dead."""
    subject = dossier.subject.id
    report("deciding failed", error, nurture_subject=subject, nurture_tenant=host.tenant)
    old = dossier.standing or Standing(subject=subject, version=0, program=program.fingerprint)
    standing = _worse(old, now, error)
    if standing.dead is not None and (culprit := _culprit(program, dossier, now)) is not None:
        standing = attrs.evolve(standing, dead=f"{standing.dead} at {culprit}")
    return Decision(standing=standing)


def _worse(old: Standing, now: datetime, error: Exception) -> Standing:
    failures = old.failures + 1
    if failures < PATIENCE:
        later = now + FIRST_PAUSE * 2 ** (failures - 1)
        return attrs.evolve(old, version=old.version + 1, failures=failures, due_at=later)
    reason = f"failed: {type(error).__name__}"
    return attrs.evolve(old, version=old.version + 1, failures=failures, due_at=None, dead=reason)


def _culprit(program: Program, dossier: Dossier, now: datetime) -> str | None:
    """The waiting fact without which, and without the later ones, the subject can be decided; None if none is."""
    inbox = sorted(dossier.inbox, key=lambda one: (one.due_at, one.fact.at, one.fact.id))

    def fails(count: int) -> bool:
        try:
            advance(program, attrs.evolve(dossier, inbox=tuple(inbox[:count])), now)
        except Exception:
            return True
        return False

    if not inbox or fails(0):
        return None
    count = bisect_left(range(1, len(inbox) + 1), True, key=fails) + 1
    return inbox[count - 1].fact.id if count <= len(inbox) else None


def put_aside(host: Host, subject: SubjectId, error: Exception) -> None:
    """Mark a subject that cannot be loaded or written; it is tried again later, or dead.

    If not even its standing can be read or written, this process leaves it alone for a while.
    """
    report("a subject is put aside", error, nurture_subject=subject, nurture_tenant=host.tenant)
    now = host.storage.now()
    try:
        with host.storage.begin() as unit:
            old = unit.get(Standing, [subject]).get(subject)
            if old is None:
                old = Standing(subject=subject, version=0, program=host.program.fingerprint)
            unit.put({subject: Changes(records=(_worse(old, now, error),))})
    except Exception as again:
        if is_away(again):
            raise
        host.unreadable[subject] = now + FIRST_PAUSE


def leave_for_now(host: Host, subjects: Iterable[SubjectId], now: datetime) -> None:
    """Leave subjects alone for a moment, because somebody else holds them."""
    host.unreadable.update((one, now + HELD) for one in subjects)


def leave_effects_for_now(host: Host, subjects: Iterable[SubjectId], now: datetime) -> None:
    """Leave the effects of subjects alone for a moment, or until this process has decided the subject."""
    host.held.update((one, now + HELD) for one in subjects)


def take_up(host: Host, subjects: Iterable[SubjectId]) -> None:
    """Look at the effects of subjects again that were decided just now."""
    for one in subjects:
        host.held.pop(one, None)


def forget_held(host: Host, now: datetime) -> None:
    """Forget whose effects were left alone long enough."""
    for one, again_at in list(host.held.items()):
        if again_at <= now:
            host.held.pop(one, None)


def is_waiting(host: Host, subject: str, now: datetime) -> bool:
    """Whether this process could not read or write a subject lately, and leaves it alone."""
    return _waits(host.unreadable, subject, now)


def is_held(host: Host, subject: str, now: datetime) -> bool:
    """Whether it leaves the effects of a subject alone for a moment."""
    return _waits(host.held, subject, now) or is_waiting(host, subject, now)


def _waits(left_alone: dict[str, datetime], subject: str, now: datetime) -> bool:
    again_at = left_alone.get(subject)
    if again_at is not None and again_at <= now:
        left_alone.pop(subject, None)
        return False
    return again_at is not None
